#include "base/i18n.h"
#include "base/suggest.h"
#include "settings/settings_private.h"

static const char *name_of(const struct settings_loader *l, size_t entry)
{
	return settings_entry_at(l->state, entry)->name;
}

void settings_known_relays(const struct settings_loader *l, struct view written, struct str *out)
{
	struct suggest s;

	suggest_start(&s, written);
	for (size_t at = 0; settings_entry_next(l->state, SETTINGS_IN_RELAY, &at); at++) {
		(void)str_addf(out, "%s%s", out->len > 0 ? ", " : "", name_of(l, at));
		(void)suggest_offer(&s, view_of(name_of(l, at)));
	}
	if (s.best.len > 0)
		(void)str_addf(out, _("; did you mean %.*s?"), VIEW_ARG(s.best));
}

static struct view relay_of(const struct settings_item *share)
{
	return view_make(share->text, (size_t)share->per);
}

static void unknown(struct settings_loader *l, size_t entry, const struct settings_value *through,
	struct view relay)
{
	struct str known;

	str_init(&known, SETTINGS_TEXT_MAX);
	settings_known_relays(l, relay, &known);
	settings_problem(l, SETTINGS_ERROR, through->place,
		_("relays.%s goes through \"%.*s\", which is not among the relays: %s"),
		name_of(l, entry), VIEW_ARG(relay), known.p);
	str_free(&known);
}

static bool stands_before(const struct settings_value *through, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (view_eq(relay_of(&through->items[k]), relay_of(&through->items[i])))
			return true;
	return false;
}

/* Relays that mail people: a folder beside them would keep letters that somebody waits for. */
static void check_share(
	struct settings_loader *l, size_t entry, const struct settings_value *through, size_t i)
{
	struct view relay = relay_of(&through->items[i]);
	size_t other = settings_entry_find(l->state, SETTINGS_IN_RELAY, relay);

	if (other == SETTINGS_NO_ENTRY)
		unknown(l, entry, through, relay);
	else if (settings_number_of(l->state, "relays.*.type", other, SETTINGS_RELAY_SMTP) !=
		 SETTINGS_RELAY_SMTP)
		settings_problem(l, SETTINGS_ERROR, through->place,
			_("relays.%s goes through %.*s, which is not of type smtp: a group is made "
			  "of "
			  "relays that send themselves"),
			name_of(l, entry), VIEW_ARG(relay));
	else if (stands_before(through, i))
		settings_problem(l, SETTINGS_ERROR, through->place,
			_("relays.%s goes through %.*s twice; a number behind its name gives it "
			  "more "
			  "of the messages"),
			name_of(l, entry), VIEW_ARG(relay));
}

static bool any_weight(const struct settings_value *through)
{
	for (size_t i = 0; i < through->count; i++)
		if (through->items[i].number > 0)
			return true;
	return false;
}

static void check_through(
	struct settings_loader *l, size_t entry, const struct settings_value *through)
{
	if (through == NULL) {
		settings_problem(l, SETTINGS_ERROR, settings_entry_at(l->state, entry)->place,
			_("%s.%s needs %s (%s)"), "relays", name_of(l, entry), "through",
			_("the relays that share its messages"));
		return;
	}
	if (through->count > SETTINGS_SHARES_MAX)
		settings_problem(l, SETTINGS_ERROR, through->place,
			_("relays.%s goes through %zu relays; %d are the most"), name_of(l, entry),
			through->count, SETTINGS_SHARES_MAX);
	for (size_t i = 0; i < through->count; i++)
		check_share(l, entry, through, i);
	if (!through->bad && !any_weight(through))
		settings_problem(l, SETTINGS_ERROR, through->place,
			_("relays.%s has nobody to send through: at least one of its relays must "
			  "not "
			  "be in reserve"),
			name_of(l, entry));
}

/* What it says of itself beside: limits and logins are those of its relays. */
static void check_rest(struct settings_loader *l, size_t entry)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	for (size_t i = 0; i < count; i++) {
		const struct settings_value *v = settings_value_find(l->state, &rows[i], entry);

		if (rows[i].scope != SETTINGS_IN_RELAY || v == NULL || v->null ||
			strcmp(rows[i].path, "relays.*.type") == 0 ||
			strcmp(rows[i].path, "relays.*.through") == 0)
			continue;
		settings_problem(l, SETTINGS_ERROR, v->place,
			_("relays.%s is a group, and has no %s of its own: say it of the relays "
			  "that "
			  "it goes through"),
			name_of(l, entry), rows[i].path + strlen("relays.*."));
	}
}

void settings_check_group(struct settings_loader *l, size_t entry)
{
	const struct settings_value *through =
		settings_value_of(l->state, "relays.*.through", entry);

	if (settings_number_of(l->state, "relays.*.type", entry, SETTINGS_RELAY_SMTP) ==
		SETTINGS_RELAY_GROUP) {
		check_through(l, entry, through);
		check_rest(l, entry);
	} else if (through != NULL) {
		settings_problem(l, SETTINGS_ERROR, through->place,
			_("relays.%s goes through other relays, so its type must be group"),
			name_of(l, entry));
	}
}
