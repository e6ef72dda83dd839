#include "base/mem.h"
#include "settings/settings_private.h"

/* Every enum of the schema is stored through an unsigned of the same size. */
_Static_assert(sizeof(enum settings_tls) == sizeof(unsigned), "an enum is an unsigned");

static char **texts(struct settings_state *state, const struct settings_value *v)
{
	char **items = arena_alloc(&state->arena, (v->count + 1) * sizeof *items);

	for (size_t i = 0; i < v->count; i++)
		items[i] = v->items[i].text;
	return items;
}

static struct settings_rate windows(struct settings_state *state, const struct settings_value *v)
{
	struct settings_rate rate = {.count = v->count};

	rate.items = arena_alloc(&state->arena, (v->count + 1) * sizeof *rate.items);
	for (size_t i = 0; i < v->count; i++)
		rate.items[i] = (struct settings_window){
			.count = v->items[i].number, .window_ms = v->items[i].per};
	return rate;
}

static struct settings_shares shares(struct settings_state *state, const struct settings_value *v)
{
	struct settings_shares all = {.count = v->count};

	all.items = arena_alloc(&state->arena, (v->count + 1) * sizeof *all.items);
	for (size_t i = 0; i < v->count; i++)
		all.items[i] = (struct settings_share){
			.relay = arena_dupz(&state->arena,
				view_make(v->items[i].text, (size_t)v->items[i].per)),
			.weight = (unsigned)v->items[i].number};
	return all;
}

static void assign(struct settings_state *state, const struct settings_value *v, void *field)
{
	switch (v->row->type) {
	case SETTINGS_TEXT:
	case SETTINGS_NAME:
	case SETTINGS_ADDRESS:
	case SETTINGS_DOMAIN:
	case SETTINGS_HOST:
	case SETTINGS_IP:
	case SETTINGS_PROXY:
	case SETTINGS_URL:
	case SETTINGS_FIELD:
	case SETTINGS_PATH:
	case SETTINGS_HOURS:
		*(char **)field = v->items[0].text;
		break;
	case SETTINGS_BOOL:
		*(bool *)field = v->items[0].number != 0;
		break;
	case SETTINGS_COUNT:
	case SETTINGS_DURATION:
	case SETTINGS_PERIOD:
	case SETTINGS_CHOICE:
	case SETTINGS_PIPELINE:
	case SETTINGS_PERCENT:
		*(unsigned *)field = (unsigned)v->items[0].number;
		break;
	case SETTINGS_SIZE:
		*(uint64_t *)field = v->items[0].number;
		break;
	case SETTINGS_DOMAINS:
		*(struct settings_list *)field =
			(struct settings_list){.items = texts(state, v), .count = v->count};
		break;
	case SETTINGS_RATE:
		*(struct settings_rate *)field = windows(state, v);
		break;
	case SETTINGS_WINDOW:
		*(struct settings_window *)field = (struct settings_window){
			.count = v->items[0].number, .window_ms = v->items[0].per};
		break;
	case SETTINGS_SHARES:
		*(struct settings_shares *)field = shares(state, v);
		break;
	case SETTINGS_ACTION:
		(void)settings_action_parse(view_make(v->items[0].text, v->items[0].len), field);
		break;
	case SETTINGS_COMMAND:
		*(char ***)field = texts(state, v);
		break;
	}
}

/* The struct that an entry becomes, by its place among the living. */
static char *base_of(struct settings *s, const struct settings_value *v)
{
	size_t index = 0;

	if (v->row->scope == SETTINGS_IN_ROOT)
		return (char *)s;
	for (size_t at = 0; settings_entry_next(s->state, v->row->scope, &at); at++, index++)
		if (at == v->entry)
			break;
	switch (v->row->scope) {
	case SETTINGS_IN_RELAY:
		return (char *)&s->relays[index];
	case SETTINGS_IN_MAILBOX:
		return (char *)&s->mailboxes[index];
	case SETTINGS_IN_DESTINATION:
		return (char *)&s->destinations[index];
	default:
		return (char *)&s->dkim[index];
	}
}

static void make_entries(struct settings *s)
{
	struct settings_state *state = s->state;
	size_t at, i;

	s->relay_count = settings_entry_count(state, SETTINGS_IN_RELAY);
	s->mailbox_count = settings_entry_count(state, SETTINGS_IN_MAILBOX);
	s->destination_count = settings_entry_count(state, SETTINGS_IN_DESTINATION);
	s->destinations =
		arena_alloc(&state->arena, (s->destination_count + 1) * sizeof *s->destinations);
	s->dkim_count = settings_entry_count(state, SETTINGS_IN_DKIM);
	s->relays = arena_alloc(&state->arena, (s->relay_count + 1) * sizeof *s->relays);
	s->mailboxes = arena_alloc(&state->arena, (s->mailbox_count + 1) * sizeof *s->mailboxes);
	s->dkim = arena_alloc(&state->arena, (s->dkim_count + 1) * sizeof *s->dkim);
	for (at = i = 0; settings_entry_next(state, SETTINGS_IN_RELAY, &at); at++)
		s->relays[i++].name = settings_entry_at(state, at)->name;
	for (at = i = 0; settings_entry_next(state, SETTINGS_IN_MAILBOX, &at); at++)
		s->mailboxes[i++].name = settings_entry_at(state, at)->name;
	for (at = i = 0; settings_entry_next(state, SETTINGS_IN_DESTINATION, &at); at++)
		s->destinations[i++].name = settings_entry_at(state, at)->name;
}

static bool lives(const struct settings_state *state, const struct settings_value *v)
{
	const struct settings_entry *e = settings_entry_at(state, v->entry);

	return !v->null && (e == NULL || !e->gone) &&
	       (v->count > 0 || settings_type_is_list(v->row->type));
}

struct settings *settings_build(struct settings_state *state, const char *file, const char *folder)
{
	struct settings *s = mem_alloc(sizeof *s);

	s->state = state;
	s->folder = settings_concat(state, view_of(folder), VIEW(""), VIEW(""));
	if (file != NULL)
		s->file = settings_concat(state, view_of(file), VIEW(""), VIEW(""));
	make_entries(s);
	for (size_t i = 0; i < state->values.len; i++) {
		const struct settings_value *v = vec_at(&state->values, i);

		if (lives(state, v))
			assign(state, v, base_of(s, v) + v->row->offset);
	}
	return s;
}
