#include "base/i18n.h"
#include "base/utf8.h"
#include "base/suggest.h"
#include "settings/settings_private.h"

bool settings_is_null(const struct settings_text *text)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (text->text.len == 0)
		return true;
	if (text->quoted)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (view_is(text->text, words[i]))
			return true;
	return false;
}

static void name_value(const struct settings_loader *l, const struct settings_row *row,
	size_t entry, struct str *out)
{
	const struct settings_entry *e = settings_entry_at(l->state, entry);

	(void)settings_dotted(row, e != NULL ? e->name : "", out);
}

/* The last part of the row's path, as it is written in the file. */
static const char *key_of(const struct settings_row *row)
{
	const char *dot = strrchr(row->path, '.');

	return dot != NULL ? dot + 1 : row->path;
}

/* "; did you mean starttls?" for a choice that is nearly one. */
static void nearest_choice(const struct settings_row *row, struct view word, struct str *out)
{
	struct suggest s;

	if (row->names == NULL)
		return;
	suggest_start(&s, word);
	for (size_t i = 0; row->names[i] != NULL; i++)
		(void)suggest_offer(&s, view_of(row->names[i]));
	if (s.best.len > 0)
		(void)str_addf(out, _("; did you mean %.*s?"), VIEW_ARG(s.best));
}

static void refuse(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const char *found, struct view word)
{
	struct str name, wants, near;

	settings_value_put(l->state, row, entry, place)->bad = true;
	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	str_init(&wants, SETTINGS_PATH_TEXT_MAX);
	str_init(&near, SETTINGS_PATH_TEXT_MAX);
	name_value(l, row, entry, &name);
	settings_convert_wants(row, &wants);
	nearest_choice(row, word, &near);
	settings_problem(l, SETTINGS_ERROR, place,
		_("%s must be %s (example: %s: %s), but here is %s%s"), name.p, wants.p,
		key_of(row), row->example, found, near.p);
	str_free(&near);
	str_free(&wants);
	str_free(&name);
}

void settings_refuse(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const char *found)
{
	refuse(l, row, entry, place, found, view_make(NULL, 0));
}

static void refuse_text(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_text *text)
{
	struct str found;

	str_init(&found, SETTINGS_PATH_TEXT_MAX);
	if (settings_is_secret(row, text->text))
		(void)str_addz(&found, _("something else"));
	else
		(text->folded ? settings_quote_word : settings_quote)(text->text, &found);
	refuse(l, row, entry, text->place, found.p, text->text);
	str_free(&found);
}

_Static_assert(SETTINGS_VALUE_MAX == 4096, "the text below says so");

/* Why a text may not be a value whatever its type, or NULL. */
static const char *unfit(struct view text)
{
	uint32_t cp;
	int got;

	if (text.len > SETTINGS_VALUE_MAX)
		return _("a text of more than 4096 bytes");
	while ((got = utf8_next(&text, &cp)) == 1)
		if (utf8_is_control(cp))
			return _("a text with a line end or another control character");
	return got < 0 ? _("a text that is not UTF-8") : NULL;
}

static bool may_hold_secret(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_text *text)
{
	struct settings_place place = text->place;
	struct str name;
	bool exposed = place.source->rank == SETTINGS_BY_OVERRIDE;

	if (!settings_is_secret(row, text->text) || (!place.source->shared && !exposed))
		return true;
	settings_value_put(l->state, row, entry, place)->bad = true;
	str_init(&name, SETTINGS_PATH_TEXT_MAX);
	name_value(l, row, entry, &name);
	if (!row->secret)
		settings_problem(l, SETTINGS_ERROR, place,
			_("%s holds a password where others can read it; write it into a file "
			  "that is yours alone (\"chmod 600 FILE\"), or into the environment"),
			name.p);
	else if (exposed)
		settings_problem(l, SETTINGS_ERROR, place,
			_("%s may not be given on the command line, where every user of this "
			  "machine can read it; use password_file or password_command"),
			name.p);
	else
		settings_problem(l, SETTINGS_ERROR, place,
			_("%s stands in a file that others can read; run \"chmod 600 %s\", or use "
			  "password_file or password_command"),
			name.p, place.source->name);
	str_free(&name);
	return false;
}

/* A number or a switch in quotes is a text: YAML's own reading, kept. */
static bool wrongly_quoted(const struct settings_row *row, const struct settings_text *text)
{
	return text->quoted && (row->type == SETTINGS_COUNT || row->type == SETTINGS_BOOL);
}

/* Paths become relative to where facteur runs. */
static char *located(struct settings_state *state, struct settings_place place, struct view path)
{
	const char *folder = place.source->folder;
	bool bare = folder == NULL || folder[0] == '\0' || strcmp(folder, ".") == 0;

	if (view_starts(path, VIEW("~/")) && state->home != NULL)
		return settings_concat(state, view_of(state->home), VIEW("/"), view_from(path, 2));
	if (bare || view_starts(path, VIEW("/")))
		return settings_concat(state, path, VIEW(""), VIEW(""));
	return settings_concat(state, view_of(folder),
		view_ends(view_of(folder), VIEW("/")) ? VIEW("") : VIEW("/"), path);
}

static void keep(struct settings_state *state, const struct settings_row *row,
	const struct settings_text *text, struct settings_item *item)
{
	if (settings_is_secret(row, text->text))
		item->text = settings_secret_text(state, text->text);
	else if (row->type == SETTINGS_PATH)
		item->text = located(state, text->place, text->text);
	else
		item->text = arena_dupz(&state->arena, text->text);
	item->len = strlen(item->text);
}

/* Reads one text into item; false when it was refused. */
static bool accept_item(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_text *text, struct settings_item *item)
{
	const char *why = unfit(text->text);

	if (why != NULL)
		refuse(l, row, entry, text->place, why, view_make(NULL, 0));
	else if (wrongly_quoted(row, text) && settings_convert(row, text->text, item))
		refuse(l, row, entry, text->place, _("the same in quotes: leave the quotes out"),
			view_make(NULL, 0));
	else if (!settings_convert(row, text->text, item))
		refuse_text(l, row, entry, text);
	else {
		keep(l->state, row, text, item);
		return true;
	}
	return false;
}

void settings_accept(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_text *text)
{
	struct settings_item item = {0};
	struct settings_value *v;

	if (settings_is_null(text)) {
		settings_value_put(l->state, row, entry, text->place)->null = true;
		return;
	}
	if (!may_hold_secret(l, row, entry, text) || !accept_item(l, row, entry, text, &item))
		return;
	v = settings_value_put(l->state, row, entry, text->place);
	v->items = arena_alloc(&l->state->arena, sizeof item);
	v->items[0] = item;
	v->count = 1;
}

void settings_accept_list(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const struct vec *texts)
{
	struct settings_item *items =
		arena_alloc(&l->state->arena, (texts->len + 1) * sizeof *items);
	struct settings_value *v;

	if (texts->len == 0 && row->type == SETTINGS_COMMAND) {
		settings_refuse(l, row, entry, place, _("an empty list"));
		return;
	}
	for (size_t i = 0; i < texts->len; i++) {
		const struct settings_text *text = vec_at(texts, i);

		/* "" is an argument like another, where somebody wrote it. */
		bool argument = row->type == SETTINGS_COMMAND && text->quoted;

		if (!argument && settings_is_null(text)) {
			settings_refuse(l, row, entry, text->place, _("an empty item"));
			return;
		}
		if (!accept_item(l, row, entry, text, &items[i]))
			return;
	}
	v = settings_value_put(l->state, row, entry, place);
	v->items = items;
	v->count = texts->len;
}
