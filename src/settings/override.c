#include "base/i18n.h"
#include "base/utf8.h"
#include "base/suggest.h"
#include "settings/settings_private.h"

#define ENV_PREFIX "FACTEUR_"

/* Variables that are no settings. */
static const char *const other_variables[] = {"FACTEUR_CONFIG", NULL};

const char *settings_getenv(const struct settings_sources *sources, const char *name)
{
	size_t len = strlen(name);

	if (sources->environment == NULL)
		return NULL;
	for (const char *const *v = sources->environment; *v != NULL; v++)
		if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
			return (*v)[len + 1] != '\0' ? *v + len + 1 : NULL;
	return NULL;
}

static struct settings_source *new_source(
	struct settings_loader *l, struct view head, struct view name, enum settings_rank rank)
{
	struct settings_source *source = arena_alloc(&l->state->arena, sizeof *source);

	source->name = settings_concat(l->state, head, name, VIEW(""));
	source->folder = l->sources->start_folder;
	source->rank = rank;
	return source;
}

static void accept_text(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_source *source, struct view value)
{
	struct settings_text text = {.text = value, .place = {.source = source}};

	if (settings_type_is_list(row->type) && !settings_is_null(&text))
		settings_read_yaml_list(l, row, entry, source, value);
	else
		settings_accept(l, row, entry, &text);
}

/* Offers all names a setting can have now, in either spelling. The best one is
 * added to out as "; did you mean ...?". */
static void suggest_name(
	const struct settings_loader *l, struct view word, bool variable, struct str *out)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);
	struct suggest s;
	struct str name, best;

	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	str_init(&best, SETTINGS_PATH_TEXT_MAX);
	suggest_start(&s, word);
	for (size_t i = 0; i < count; i++) {
		bool root = rows[i].scope == SETTINGS_IN_ROOT;

		for (size_t at = 0; root || settings_entry_next(l->state, rows[i].scope, &at);
			at++) {
			const char *entry = root ? "" : settings_entry_at(l->state, at)->name;
			size_t before = s.distance;

			str_clear(&name);
			(void)(variable ? settings_env_name : settings_dotted)(
				&rows[i], entry, &name);
			(void)suggest_offer(&s, str_view(&name));
			if (s.distance < before) {
				str_clear(&best);
				(void)str_addv(&best, str_view(&name));
			}
			if (root)
				break;
		}
	}
	if (best.len > 0)
		(void)str_addf(out, _("; did you mean %s?"), best.p);
	str_free(&best);
	str_free(&name);
}

/* The row and entry that a variable names. An entry that exists already wins
 * over a new one; of new ones the longest key, so that RELAYS_A_PASSWORD_FILE is
 * the password_file of a. */
struct target {
	const struct settings_row *row;
	size_t entry;
	struct view name; /* of the entry, in the variable's letters */
	size_t key_len;
};

static void match_existing(const struct settings_loader *l, const struct settings_row *row,
	struct view variable, struct target *t)
{
	bool root = row->scope == SETTINGS_IN_ROOT;
	struct str name;

	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	for (size_t at = 0; root || settings_entry_next(l->state, row->scope, &at); at++) {
		str_clear(&name);
		(void)settings_env_name(
			row, root ? "" : settings_entry_at(l->state, at)->name, &name);
		if (view_eq(str_view(&name), variable))
			*t = (struct target){.row = row, .entry = root ? SETTINGS_NO_ENTRY : at};
		if (root)
			break;
	}
	str_free(&name);
}

static void match_new(const struct settings_row *row, struct view variable, struct target *t)
{
	struct str form;
	struct view whole, head, tail;
	ptrdiff_t gap;

	if (row->scope == SETTINGS_IN_ROOT || row->scope == SETTINGS_IN_DKIM)
		return;
	str_init(&form, SETTINGS_PATH_TEXT_MAX);
	(void)settings_env_name(row, "*", &form);
	whole = str_view(&form);
	gap = view_chr(whole, '*');
	head = view_sub(whole, 0, (size_t)gap);
	tail = view_from(whole, (size_t)gap + 1);
	if (view_starts(variable, head) && view_ends(variable, tail) &&
		variable.len > head.len + tail.len && tail.len > t->key_len)
		*t = (struct target){.row = row,
			.entry = SETTINGS_NO_ENTRY,
			.name = view_sub(variable, head.len, variable.len - head.len - tail.len),
			.key_len = tail.len};
	str_free(&form);
}

static bool find_target(const struct settings_loader *l, struct view variable, struct target *t)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	*t = (struct target){0};
	for (size_t i = 0; i < count && t->row == NULL; i++)
		match_existing(l, &rows[i], variable, t);
	for (size_t i = 0; i < count && (t->row == NULL || t->key_len > 0); i++)
		match_new(&rows[i], variable, t);
	return t->row != NULL;
}

/* The entry by name, made when it is new and may be; false: refused. */
static bool entry_for(struct settings_loader *l, const struct settings_row *row, struct view name,
	struct settings_place place, size_t *entry)
{
	bool dkim = row->scope == SETTINGS_IN_DKIM;
	size_t count = settings_entry_count(l->state, row->scope);
	uint64_t number;

	*entry = settings_entry_find(l->state, row->scope, name);
	if (*entry != SETTINGS_NO_ENTRY)
		return true;
	if (!settings_name_ok(name) || count == SETTINGS_ENTRIES_MAX ||
		(dkim && (!view_u64(name, count, &number) || number != count))) {
		settings_problem(l, SETTINGS_ERROR, place,
			dkim ? _("dkim keys are counted from 0, and this one is not there")
			     : _("no relay, mailbox or destination can have this name"));
		return false;
	}
	*entry = settings_entry_add(l->state, row->scope, name, place);
	return true;
}

static void unknown_variable(
	struct settings_loader *l, const struct settings_source *source, struct view variable)
{
	struct str hint;

	str_init(&hint, SETTINGS_PATH_TEXT_MAX);
	if (settings_report_has_room(l->report, SETTINGS_WARNING))
		suggest_name(l, variable, true, &hint);
	settings_problem(l, SETTINGS_WARNING, (struct settings_place){.source = source},
		_("this environment variable means nothing to facteur%s"), hint.p);
	str_free(&hint);
}

static char *lower(struct settings_state *state, struct view name)
{
	char *text = arena_dupz(&state->arena, name);

	for (char *c = text; *c != '\0'; c++)
		*c = ascii_lower(*c);
	return text;
}

static void read_variable(struct settings_loader *l, struct view variable, struct view value)
{
	const struct settings_source *source =
		new_source(l, VIEW(""), variable, SETTINGS_BY_ENVIRONMENT);
	struct settings_place place = {.source = source};
	struct target t;

	if (!find_target(l, variable, &t)) {
		unknown_variable(l, source, variable);
		return;
	}
	if (t.name.len > 0 &&
		!entry_for(l, t.row, view_of(lower(l->state, t.name)), place, &t.entry))
		return;
	accept_text(l, t.row, t.entry, source, value);
	if (settings_is_secret(t.row, value))
		settings_env_forget(l->sources->environment, value);
}

static bool is_other(struct view variable)
{
	for (const char *const *v = other_variables; *v != NULL; v++)
		if (view_is(variable, *v))
			return true;
	return false;
}

void settings_read_environment(struct settings_loader *l)
{
	if (l->sources->environment == NULL)
		return;
	for (const char *const *v = l->sources->environment; *v != NULL; v++) {
		struct view text = view_of(*v), name;

		if (!view_starts(text, VIEW(ENV_PREFIX)) || !view_split(&text, '=', &name))
			continue;
		/* An empty variable counts as one that is not there. */
		if (text.len > 0 && !is_other(name))
			read_variable(l, name, text);
	}
}

static void unknown_override(
	struct settings_loader *l, const struct settings_source *source, struct view path)
{
	struct str hint;

	str_init(&hint, SETTINGS_PATH_TEXT_MAX);
	suggest_name(l, path, false, &hint);
	settings_problem(l, SETTINGS_ERROR, (struct settings_place){.source = source},
		_("this is not a known setting%s"), hint.p);
	str_free(&hint);
}

static void read_override(struct settings_loader *l, struct view text)
{
	const struct settings_row *row;
	struct settings_source *source;
	struct view path, name;
	struct str shown;
	size_t entry = SETTINGS_NO_ENTRY;
	bool whole = view_chr(text, '=') > 0;

	str_init(&shown, SETTINGS_PATH_TEXT_MAX);
	(void)view_split(&text, '=', &path);
	if (whole)
		(void)utf8_clean(&shown, view_sub(path, 0, SETTINGS_NAME_MAX));
	source = new_source(
		l, whole ? VIEW("--set ") : VIEW("--set"), str_view(&shown), SETTINGS_BY_OVERRIDE);
	str_free(&shown);
	if (!whole)
		settings_problem(l, SETTINGS_ERROR, (struct settings_place){.source = source},
			_("a setting and its value are needed, as in --set safety.live=true"));
	else if (!settings_dotted_parse(path, &row, &name))
		unknown_override(l, source, path);
	else if (name.len == 0 ||
		 entry_for(l, row, name, (struct settings_place){.source = source}, &entry))
		accept_text(l, row, entry, source, text);
}

void settings_read_overrides(struct settings_loader *l)
{
	for (size_t i = 0; i < l->sources->override_count; i++)
		read_override(l, view_of(l->sources->overrides[i]));
}
