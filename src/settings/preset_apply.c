#include "base/i18n.h"
#include "settings/presets_private.h"

/* A preset fills in what the user left out, as if it stood in a file between the
 * defaults and his. */
const struct settings_presets *settings_presets_of(struct settings_state *state)
{
	if (state->presets == NULL)
		state->presets = settings_presets_new();
	return state->presets;
}

const struct settings_preset *settings_preset_named(
	struct settings_state *state, const char *path, size_t entry)
{
	const struct settings_value *v = settings_value_of(state, path, entry);

	if (v == NULL || v->count == 0)
		return NULL;
	return settings_presets_find(settings_presets_of(state), view_of(v->items[0].text));
}

static struct settings_place place_of(
	struct settings_loader *l, const struct settings_preset *preset)
{
	struct settings_source *source = arena_alloc(&l->state->arena, sizeof *source);

	source->name = settings_concat(l->state, VIEW("preset "), view_of(preset->name), VIEW(""));
	source->folder = l->state->fallback.folder;
	source->rank = SETTINGS_BY_PRESET;
	return (struct settings_place){.source = source};
}

static void put_fact(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const struct settings_preset_fact *fact)
{
	struct vec texts;

	vec_init(&texts, sizeof(struct settings_text));
	for (size_t i = 0; i < fact->values.count; i++)
		*(struct settings_text *)vec_push(&texts) = (struct settings_text){
			.text = view_of(fact->values.items[i]), .place = place};
	if (fact->list)
		settings_accept_list(l, row, entry, place, &texts);
	else
		settings_accept(l, row, entry, vec_at(&texts, 0));
	vec_free(&texts);
}

/* Port and encryption belong together: who chose another of one does not want the
 * preset's other. */
static bool fits(struct settings_loader *l, const char *scope, size_t entry,
	const struct settings_preset_facts *facts)
{
	static const char *const pair[] = {"port", "tls"};
	struct str path;
	bool same = true;

	str_init(&path, SETTINGS_PATH_TEXT_MAX);
	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
		const char *theirs = settings_preset_fact(facts, pair[i]);
		const struct settings_value *v;

		str_clear(&path);
		(void)str_addf(&path, "%s.%s", scope, pair[i]);
		v = settings_value_of(l->state, path.p, entry);
		if (v != NULL && v->count > 0 && theirs != NULL)
			same = same && view_eq_nocase(view_of(v->items[0].text), view_of(theirs));
	}
	str_free(&path);
	return same;
}

static void put_facts(struct settings_loader *l, const char *scope, size_t entry,
	const struct settings_preset *preset, const struct settings_preset_facts *facts)
{
	struct settings_place place = place_of(l, preset);
	bool both = fits(l, scope, entry, facts);
	struct str path;

	str_init(&path, SETTINGS_PATH_TEXT_MAX);
	for (size_t i = 0; i < facts->count; i++) {
		const struct settings_preset_fact *fact = &facts->items[i];
		bool of_pair = strcmp(fact->key, "port") == 0 || strcmp(fact->key, "tls") == 0;

		str_clear(&path);
		(void)str_addf(&path, "%s.%s", scope, fact->key);
		if ((both || !of_pair) && settings_value_of(l->state, path.p, entry) == NULL)
			put_fact(l, settings_schema_find(str_view(&path)), entry, place, fact);
	}
	str_free(&path);
}

void settings_preset_relay(struct settings_loader *l, size_t entry)
{
	const struct settings_preset *preset =
		settings_preset_named(l->state, "relays.*.preset", entry);

	if (preset != NULL && preset->status != SETTINGS_PRESET_DEAD)
		put_facts(l, "relays.*", entry, preset, &preset->relay);
}

void settings_preset_mailbox(struct settings_loader *l, size_t entry, bool pop3)
{
	const struct settings_preset *preset =
		settings_preset_named(l->state, "mailboxes.*.preset", entry);

	if (preset != NULL && preset->status != SETTINGS_PRESET_DEAD)
		put_facts(l, "mailboxes.*", entry, preset, pop3 ? &preset->pop3 : &preset->imap);
}

static void unknown(struct settings_loader *l, const struct settings_value *v)
{
	struct view near =
		settings_presets_near(settings_presets_of(l->state), view_of(v->items[0].text));
	struct str hint;

	str_init(&hint, SETTINGS_PATH_TEXT_MAX);
	if (near.len > 0)
		(void)str_addf(&hint, _("; did you mean %.*s?"), VIEW_ARG(near));
	settings_problem(l, SETTINGS_ERROR, v->place,
		_("there is no preset \"%s\"%s (facteur relay presets lists them; for any other "
		  "provider write host: and port:)"),
		v->items[0].text, hint.p);
	str_free(&hint);
}

static void unusable(struct settings_loader *l, struct settings_place place,
	const struct settings_preset *preset)
{
	if (preset->status == SETTINGS_PRESET_DEAD)
		settings_problem(l, SETTINGS_ERROR, place,
			_("%s has closed: its addresses work no longer. Take another provider "
			  "(facteur relay presets lists them)"),
			preset->title);
	else
		settings_problem(l, SETTINGS_ERROR, place,
			_("no server for this is known at %s; ask them for its name and write it "
			  "as host:"),
			preset->title);
}

void settings_preset_check(
	struct settings_loader *l, const char *path, const char *host_path, size_t entry)
{
	const struct settings_value *v = settings_value_of(l->state, path, entry);
	const struct settings_value *host = NULL;
	const struct settings_preset *preset = settings_preset_named(l->state, path, entry);

	if (v == NULL || v->count == 0)
		return;
	if (preset == NULL) {
		unknown(l, v);
		return;
	}
	if (host_path == NULL)
		return;
	host = settings_value_of(l->state, host_path, entry);
	if (host == NULL)
		unusable(l, v->place, preset);
	else if (host->place.source->rank == SETTINGS_BY_PRESET &&
		 preset->status >= SETTINGS_PRESET_UNVERIFIED)
		settings_problem(l, SETTINGS_WARNING, v->place,
			_("what is known of %s is old or was never tried; ask them whether the "
			  "server %s is right"),
			preset->title, host->count > 0 ? host->items[0].text : "");
}
