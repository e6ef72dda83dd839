#include "base/i18n.h"
#include "base/suggest.h"
#include "settings/events.h"

/* The file is followed against the schema: what is not in it is passed over, so
 * the recursion is as deep as the schema. */

/* Where in the schema the reader stands. */
enum { SCHEMA_PATH_MAX = 64 };
struct spot {
	char schema[SCHEMA_PATH_MAX]; /* "relays.*"; "" at the top */
	size_t entry;
};
/* What a key of the mapping that is being read led to. */
struct seen {
	struct spot spot;
	unsigned line;
};

static int read_node(struct settings_events *r, const struct spot *spot);

_Static_assert(SETTINGS_ITEMS_MAX == 1000, "the text below says so");

/* Lists of plain texts. */
static int read_list(struct settings_events *r, const struct settings_row *row, size_t entry)
{
	struct settings_place place = settings_events_place(r);
	struct vec texts;
	bool bad = false;
	int ret;

	vec_init(&texts, sizeof(struct settings_text));
	while ((ret = settings_events_next(r)) == 0 && r->event.type != YAML_SEQUENCE_END_EVENT) {
		struct settings_text text = settings_events_text(r);

		if (r->event.type != YAML_SCALAR_EVENT || texts.len == SETTINGS_ITEMS_MAX) {
			if (!bad)
				settings_refuse(r->l, row, entry, settings_events_place(r),
					texts.len == SETTINGS_ITEMS_MAX
						? _("a list of more than 1000 items")
						: settings_events_kind(r));
			bad = true;
			if ((ret = settings_events_skip(r)) < 0)
				break;
			continue;
		}
		text.text = arena_dup(&r->l->state->arena, text.text);
		*(struct settings_text *)vec_push(&texts) = text;
	}
	if (ret == 0 && !bad)
		settings_accept_list(r->l, row, entry, place, &texts);
	vec_free(&texts);
	return ret;
}

static int read_leaf(struct settings_events *r, const struct settings_row *row, size_t entry)
{
	struct settings_text text = settings_events_text(r);
	bool list = settings_type_is_list(row->type);

	if (r->event.type == YAML_ALIAS_EVENT)
		return 0;
	if (r->event.type == YAML_SCALAR_EVENT && (!list || settings_is_null(&text))) {
		settings_accept(r->l, row, entry, &text);
		return 0;
	}
	if (r->event.type == YAML_SEQUENCE_START_EVENT && list)
		return read_list(r, row, entry);
	settings_refuse(r->l, row, entry, settings_events_place(r), settings_events_kind(r));
	return settings_events_skip(r);
}

/* "relays.local" for a spot: the schema's path with the name of the entry. */
static void spot_name(const struct settings_state *state, const struct spot *spot, struct str *out)
{
	const struct settings_entry *e =
		state != NULL ? settings_entry_at(state, spot->entry) : NULL;

	for (const char *c = spot->schema; *c != '\0'; c++) {
		if (*c == '*')
			(void)str_addz(out, e != NULL ? e->name : "NAME");
		else if (*c == '[' && e != NULL)
			(void)str_addf(out, ".%s", e->name);
		else if (*c != '[' && *c != ']')
			(void)str_addc(out, *c);
	}
}

/* "relays: {NAME: {type: smtp}}": the first row beneath, as one would write it. */
static void section_example(const char *schema, struct str *out)
{
	size_t count, open = 0;
	const struct settings_row *row = settings_schema(&count);
	struct view rest, part;

	while (!view_starts(view_of(row->path), view_of(schema)))
		row++;
	for (rest = view_of(row->path); view_split(&rest, '.', &part);) {
		bool list = view_ends(part, VIEW("[]"));

		if (list)
			part.len -= 2;
		(void)str_addf(out, "%.*s: ", view_is(part, "*") ? 4 : (int)part.len,
			view_is(part, "*") ? "NAME" : part.p);
		if (rest.len > 0) {
			(void)str_addz(out, list ? "[{" : "{");
			open++;
		}
	}
	(void)str_addz(out, row->example);
	for (; open > 0; open--)
		(void)str_addc(out, '}');
	if (row->scope == SETTINGS_IN_DKIM)
		(void)str_addc(out, ']');
}

/* A section was expected; what is at hand is reported and passed over. */
static int refuse_section(struct settings_events *r, const struct spot *spot)
{
	struct str name, example;

	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	str_init(&example, SETTINGS_PATH_TEXT_MAX);
	spot_name(r->l->state, spot, &name);
	section_example(spot->schema, &example);
	settings_problem(r->l, SETTINGS_ERROR, settings_events_place(r),
		_("%s must have settings beneath it, as in %s, but here is %s"),
		name.len > 0 ? name.p : _("a configuration"), example.p, settings_events_kind(r));
	str_free(&example);
	str_free(&name);
	return settings_events_skip(r);
}

/* The key of a row right beneath a section, or an empty view. */
static struct view key_beneath(const char *schema, const struct settings_row *row)
{
	struct view path = view_of(row->path), section = view_of(schema);
	size_t from = section.len > 0 ? section.len + 1 : 0, len = 0;

	if (!view_starts(path, section) || (section.len > 0 && path.p[section.len] != '.'))
		return view_make(NULL, 0);
	while (from + len < path.len && path.p[from + len] != '.' && path.p[from + len] != '[')
		len++;
	return view_sub(path, from, len);
}

/* Adds "; did you mean port?", or where a setting of that name belongs. */
static void suggest_key(const struct spot *spot, struct view key, struct str *out)
{
	struct suggest s;
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	suggest_start(&s, key);
	for (size_t i = 0; i < count; i++)
		(void)suggest_offer(&s, key_beneath(spot->schema, &rows[i]));
	if (s.best.len > 0) {
		(void)str_addf(out, _("; did you mean %.*s?"), VIEW_ARG(s.best));
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *dot = strrchr(rows[i].path, '.');
		struct spot elsewhere = {.entry = SETTINGS_NO_ENTRY};

		if (dot == NULL || !view_is(key, dot + 1))
			continue;
		(void)snprintf(elsewhere.schema, sizeof elsewhere.schema, "%s", rows[i].path);
		(void)str_addz(out, _("; it is known as "));
		spot_name(NULL, &elsewhere, out);
		return;
	}
}

static void unknown_key(
	struct settings_events *r, const struct spot *spot, const struct settings_text *key)
{
	struct str name, shown, hint;

	if (!settings_report_has_room(r->l->report, SETTINGS_ERROR)) {
		settings_problem(r->l, SETTINGS_ERROR, key->place, "-");
		return;
	}
	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	str_init(&shown, SETTINGS_PATH_TEXT_MAX);
	str_init(&hint, SETTINGS_PATH_TEXT_MAX);
	spot_name(r->l->state, spot, &name);
	settings_quote_word(key->text, &shown);
	suggest_key(spot, key->text, &hint);
	if (name.len > 0)
		settings_problem(r->l, SETTINGS_ERROR, key->place,
			_("%s is not a known setting of %s%s"), shown.p, name.p, hint.p);
	else
		settings_problem(r->l, SETTINGS_ERROR, key->place, _("%s is not a known setting%s"),
			shown.p, hint.p);
	str_free(&hint);
	str_free(&shown);
	str_free(&name);
}

/* Of a section with named entries: "relays.*". */
static enum settings_scope scope_of(const char *schema)
{
	enum settings_scope scope = SETTINGS_IN_RELAY;

	while (scope < SETTINGS_IN_DKIM && strcmp(schema, settings_scope_path(scope)) != 0)
		scope++;
	return scope;
}

/* The entry of that name, made when it is new; SETTINGS_NO_ENTRY when it may
 * not be. */
static size_t named_entry(
	struct settings_events *r, const char *schema, const struct settings_text *key)
{
	enum settings_scope scope = scope_of(schema);
	size_t entry = settings_entry_find(r->l->state, scope, key->text);
	struct str shown;

	if (entry != SETTINGS_NO_ENTRY)
		return entry;
	str_init(&shown, SETTINGS_PATH_TEXT_MAX);
	settings_quote_word(key->text, &shown);
	if (!settings_name_ok(key->text))
		settings_problem(r->l, SETTINGS_ERROR, key->place,
			_("%s cannot be a name; take up to %d letters, digits, - and _"), shown.p,
			SETTINGS_NAME_MAX);
	else if (settings_entry_count(r->l->state, scope) == SETTINGS_ENTRIES_MAX)
		settings_problem(r->l, SETTINGS_ERROR, key->place,
			_("%s is one too many; at most %d can be configured"), shown.p,
			SETTINGS_ENTRIES_MAX);
	else
		entry = settings_entry_add(r->l->state, scope, key->text, key->place);
	str_free(&shown);
	return entry;
}

/* parent + middle + key; false when no path of the schema is that long. */
static bool path_to(struct spot *to, const struct spot *from, const char *middle, struct view key)
{
	int len = snprintf(to->schema, sizeof to->schema, "%s%s%.*s", from->schema, middle,
		key.len < SCHEMA_PATH_MAX ? (int)key.len : SCHEMA_PATH_MAX,
		key.len > 0 ? key.p : "");

	to->entry = from->entry;
	return len > 0 && (size_t)len < sizeof to->schema;
}

/* Steps from a section to what the key names. False: it was refused. */
static bool step(struct settings_events *r, const struct spot *spot,
	const struct settings_text *key, struct spot *to)
{
	bool top = spot->schema[0] == '\0';

	if (!top && path_to(to, spot, ".*", view_make(NULL, 0)) &&
		settings_schema_is_section(view_of(to->schema))) {
		to->entry = named_entry(r, to->schema, key);
		return to->entry != SETTINGS_NO_ENTRY;
	}
	/* A key is a word; "relays.x" or "*" would walk the schema's own paths. */
	if (settings_name_ok(key->text) && path_to(to, spot, top ? "" : ".", key->text) &&
		(settings_schema_find(view_of(to->schema)) != NULL ||
			settings_schema_is_section(view_of(to->schema))))
		return true;
	unknown_key(r, spot, key);
	return false;
}

/* True when the mapping has that key for the first time. */
static bool first_time(struct settings_events *r, struct vec *seen, const struct spot *to,
	const struct settings_text *key)
{
	struct seen *now;

	for (size_t i = 0; i < seen->len; i++) {
		const struct seen *s = vec_at(seen, i);

		if (s->spot.entry == to->entry && strcmp(s->spot.schema, to->schema) == 0) {
			settings_problem(r->l, SETTINGS_ERROR, key->place,
				_("%.*s is here twice; it stands in line %u already"),
				VIEW_ARG(key->text), s->line);
			return false;
		}
	}
	now = vec_push(seen);
	*now = (struct seen){.spot = *to, .line = key->place.line};
	return true;
}

/* One key and what belongs to it. */
static int read_pair(struct settings_events *r, const struct spot *spot, struct vec *seen)
{
	struct settings_text key = settings_events_text(r);
	struct spot to;
	bool known;

	if (r->event.type != YAML_SCALAR_EVENT) {
		settings_problem(r->l, SETTINGS_ERROR, key.place,
			_("the name of a setting was expected here, but here is %s"),
			settings_events_kind(r));
		known = false;
	} else {
		known = step(r, spot, &key, &to) && first_time(r, seen, &to, &key);
	}
	if (settings_events_skip(r) < 0 || settings_events_next(r) < 0)
		return -1;
	return known ? read_node(r, &to) : settings_events_skip(r);
}

static int read_mapping(struct settings_events *r, const struct spot *spot)
{
	struct vec seen;
	int ret;

	vec_init(&seen, sizeof(struct seen));
	while ((ret = settings_events_next(r)) == 0 && r->event.type != YAML_MAPPING_END_EVENT)
		if ((ret = read_pair(r, spot, &seen)) < 0)
			break;
	vec_free(&seen);
	return ret;
}

/* dkim: a list of groups of settings. It replaces the list of a lower source. */
static int read_entries(struct settings_events *r, const struct spot *list)
{
	struct settings_state *state = r->l->state;
	int ret;

	settings_entries_drop(state, SETTINGS_IN_DKIM);
	while ((ret = settings_events_next(r)) == 0 && r->event.type != YAML_SEQUENCE_END_EVENT) {
		size_t count = settings_entry_count(state, SETTINGS_IN_DKIM);
		struct settings_text item = settings_events_text(r);
		struct spot spot = *list;
		char name[24];

		if (r->event.type != YAML_MAPPING_START_EVENT) {
			ret = refuse_section(r, &spot);
		} else if (count == SETTINGS_ENTRIES_MAX) {
			settings_problem(r->l, SETTINGS_ERROR, item.place,
				_("one too many; at most %d can be configured"),
				SETTINGS_ENTRIES_MAX);
			ret = settings_events_skip(r);
		} else {
			(void)snprintf(name, sizeof name, "%zu", count);
			spot.entry = settings_entry_add(
				state, SETTINGS_IN_DKIM, view_of(name), item.place);
			ret = read_mapping(r, &spot);
		}
		if (ret < 0)
			break;
	}
	return ret;
}

/* The node whose first event is at hand, to its last event. */
static int read_node(struct settings_events *r, const struct spot *spot)
{
	const struct settings_row *row = settings_schema_find(view_of(spot->schema));
	struct settings_text text = settings_events_text(r);
	struct spot list;

	if (row != NULL)
		return read_leaf(r, row, spot->entry);
	if (r->event.type == YAML_ALIAS_EVENT ||
		(r->event.type == YAML_SCALAR_EVENT && settings_is_null(&text)))
		return 0;
	if (path_to(&list, spot, "[]", view_make(NULL, 0)) &&
		settings_schema_is_section(view_of(list.schema)))
		return r->event.type == YAML_SEQUENCE_START_EVENT ? read_entries(r, &list)
								  : refuse_section(r, &list);
	return r->event.type == YAML_MAPPING_START_EVENT ? read_mapping(r, spot)
							 : refuse_section(r, spot);
}

void settings_read_yaml(
	struct settings_loader *l, const struct settings_source *source, struct view text)
{
	struct settings_events r;

	if (settings_events_open(&r, l, source, text) < 0 || settings_events_next(&r) < 0 ||
		r.event.type != YAML_DOCUMENT_START_EVENT)
		goto out; /* an empty file says nothing, which is fine */
	if (settings_events_next(&r) < 0 ||
		read_node(&r, &(struct spot){.entry = SETTINGS_NO_ENTRY}) < 0 ||
		settings_events_next(&r) < 0 || settings_events_next(&r) < 0)
		goto out;
	if (r.event.type != YAML_STREAM_END_EVENT)
		settings_problem(l, SETTINGS_ERROR, settings_events_place(&r),
			_("a second document begins here (---); put everything into one"));
out:
	settings_events_close(&r);
}

void settings_read_yaml_list(struct settings_loader *l, const struct settings_row *row,
	size_t entry, const struct settings_source *source, struct view text)
{
	bool bare = !view_starts(text, VIEW("["));
	const char *list = settings_concat(
		l->state, bare ? VIEW("[") : VIEW(""), text, bare ? VIEW("]") : VIEW(""));
	struct settings_events r;

	if (settings_events_open(&r, l, source, view_of(list)) == 0 &&
		settings_events_next(&r) == 0 && settings_events_next(&r) == 0 &&
		read_leaf(&r, row, entry) == 0 && settings_events_next(&r) == 0 &&
		settings_events_next(&r) == 0 && r.event.type != YAML_STREAM_END_EVENT)
		settings_refuse(l, row, entry, settings_events_place(&r), _("something else"));
	settings_events_close(&r);
}
