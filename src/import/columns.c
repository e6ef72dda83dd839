#include "import/columns.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "import/title.h"
#include "tmpl/tmpl.h"

enum {
	TITLE_SHOWN_MAX = 60,	/* characters of a heading in a message */
	TITLES_SHOWN_MAX = 400, /* bytes of all headings in a message */
	LIKELY_OF_TEN = 5,	/* half of the values look like addresses */
};

bool columns_like_address(struct view value)
{
	ptrdiff_t open, at;

	value = view_trim(value);
	open = view_chr(value, '<');
	if (open >= 0 && value.p[value.len - 1] == '>')
		value = view_sub(value, (size_t)open + 1, value.len - (size_t)open - 2);
	at = view_chr(value, '@');
	if (at <= 0)
		return false;
	value = view_from(value, (size_t)at + 1);
	return view_chr(value, '@') < 0 && view_chr(value, ' ') < 0 && view_chr(value, '.') > 0 &&
	       value.p[value.len - 1] != '.';
}

/* Do the values of that column look like addresses? */
static bool column_likely(const struct csv_record *rows, size_t n_rows, size_t column)
{
	size_t filled = 0, like = 0;

	for (size_t i = 0; i < n_rows; i++) {
		if (column >= rows[i].n || view_trim(rows[i].fields[column]).len == 0)
			continue;
		filled++;
		like += columns_like_address(rows[i].fields[column]);
	}
	return filled > 0 && like * 10 >= filled * LIKELY_OF_TEN;
}

static bool column_filled(const struct csv_record *rows, size_t n_rows, size_t column)
{
	for (size_t i = 0; i < n_rows; i++)
		if (column < rows[i].n && view_trim(rows[i].fields[column]).len > 0)
			return true;
	return n_rows == 0;
}

/* A heading as it may be shown: no controls, one line, not too long. */
static struct view show(struct arena *a, struct view title)
{
	struct str clean;
	struct view shown;

	str_init(&clean, CSV_RECORD_MAX);
	title = view_trim(title);
	(void)utf8_clean(&clean, view_sub(title, 0, utf8_floor(title, TITLE_SHOWN_MAX)));
	for (size_t i = 0; i < clean.len; i++)
		if (ascii_is_space(clean.p[i]))
			clean.p[i] = ' ';
	shown = arena_dup(a, str_view(&clean));
	str_free(&clean);
	return shown;
}

/* All headings, for a message that says none fits. */
static const char *show_all(struct columns *c)
{
	struct str all;
	const char *text;

	str_init(&all, TITLES_SHOWN_MAX);
	for (size_t i = 0; i < c->n && str_ok(&all); i++)
		(void)str_addf(&all, "%s%.*s", i > 0 ? ", " : "", VIEW_ARG(c->items[i].title));
	text = arena_dupz(&c->memory, str_view(&all));
	str_free(&all);
	return text;
}

static int *place_of(struct columns *c, enum column_role role)
{
	switch (role) {
	case COLUMN_ADDRESS:
		return &c->address;
	case COLUMN_NAME:
		return &c->name;
	case COLUMN_GIVEN:
		return &c->given;
	case COLUMN_FAMILY:
		return &c->family;
	case COLUMN_VARIABLE:
	case COLUMN_SKIP:
		break;
	}
	return NULL;
}

static const struct target {
	const char *name;
	enum column_role role;
} targets[] = {
	{"email", COLUMN_ADDRESS},
	{"name", COLUMN_NAME},
	{"given_name", COLUMN_GIVEN},
	{"family_name", COLUMN_FAMILY},
	{"-", COLUMN_SKIP},
};

static const char *target_of(enum column_role role)
{
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (targets[i].role == role)
			return targets[i].name;
	return "";
}

static void settle(struct columns *c, size_t i, enum column_role role)
{
	int *place = place_of(c, role);

	c->items[i].role = role;
	c->items[i].key = view_of(target_of(role));
	if (place != NULL)
		*place = (int)i;
}

/* The column a map names, or -1 with f set. */
static int map_column(
	struct columns *c, const struct csv_record *head, struct view from, struct fail *f)
{
	uint64_t number;

	for (size_t i = 0; c->header && i < c->n; i++)
		if (title_same(head->fields[i], from))
			return (int)i;
	if (view_u64(from, c->n, &number) && number >= 1)
		return (int)number - 1;
	return fail_set(f, FAIL_USAGE,
		_("there is no column \"%.*s\". The columns are: %s. A number from 1 to %zu "
		  "is possible too"),
		(int)(from.len < TITLE_SHOWN_MAX ? from.len : TITLE_SHOWN_MAX),
		from.len > 0 ? from.p : "", show_all(c), c->n);
}

/* Does a template read that name as what it says, and as nothing else? */
static bool is_free(struct view key)
{
	struct str name;
	bool same;

	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		if (view_is(key, targets[i].name))
			return false;
	str_init(&name, TMPL_NAME_MAX);
	same = tmpl_name(&name, key) == 0 && view_eq(str_view(&name), key) &&
	       !tmpl_name_is_common(key) && !view_is(key, "unsubscribe_url");
	str_free(&name);
	return same;
}

/* Column i becomes `to`, which templates may spell in other ways: "courriel" is email. */
static int map_target(struct columns *c, size_t i, struct view to, struct fail *f)
{
	struct str spelled;
	struct view key;

	str_init(&spelled, TMPL_NAME_MAX);
	if (!view_is(to, "-") && (tmpl_name(&spelled, to) < 0 || !title_is_key(str_view(&spelled))))
		(void)str_clear(&spelled);
	key = view_is(to, "-") ? to : arena_dup(&c->memory, str_view(&spelled));
	str_free(&spelled);
	if (key.len == 0)
		return fail_set(f, FAIL_USAGE,
			_("a variable is written with the letters a to z, digits and _, a letter "
			  "first, "
			  "at most %d of them"),
			TITLE_KEY_MAX);
	for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
		int *place = place_of(c, targets[t].role);

		if (!view_is(key, targets[t].name))
			continue;
		if (place != NULL && *place != COLUMNS_NONE)
			return fail_set(
				f, FAIL_USAGE, _("%s is given to two columns"), targets[t].name);
		settle(c, i, targets[t].role);
		return 0;
	}
	if (!is_free(key))
		return fail_set(f, FAIL_USAGE,
			_("templates know \"%.*s\" already, and it is not a contact's: choose "
			  "another "
			  "name"),
			VIEW_ARG(key));
	c->items[i].key = key;
	return 0;
}

static int map_one(
	struct columns *c, const struct csv_record *head, const char *map, struct fail *f)
{
	struct view from = view_of(map), to;
	ptrdiff_t at = (ptrdiff_t)from.len - 1;
	int i;

	while (at >= 0 && from.p[at] != '=') /* a heading may hold =, a key may not */
		at--;
	if (at < 0)
		return fail_set(f, FAIL_USAGE,
			_("write COLUMN=VARIABLE, for example --map \"Code postal=zip\""));
	to = view_trim(view_from(from, (size_t)at + 1));
	from = view_trim(view_sub(from, 0, (size_t)at));
	i = map_column(c, head, from, f);
	if (i < 0)
		return -1;
	if (c->items[i].told)
		return fail_set(f, FAIL_USAGE, _("column %d (\"%.*s\") has its --map already"),
			i + 1, VIEW_ARG(c->items[i].title));
	c->items[i].told = true;
	return map_target(c, (size_t)i, to, f);
}

/* The address where a heading (of `wanted`) says so; when two say so, the one
 * whose values look like it. -1 with f set when that does not decide. */
static int find_address(struct columns *c, const struct csv_record *rows, size_t n_rows,
	enum title_role wanted, struct fail *f)
{
	const struct csv_record *values = rows + (c->header ? 1 : 0);
	size_t n_values = n_rows - (c->header ? 1 : 0);
	size_t found[2] = {0}, likely[2] = {0}, n_found = 0, n_likely = 0;

	for (size_t i = 0; i < c->n; i++) {
		bool fits = !c->items[i].told &&
			    (wanted == TITLE_UNKNOWN || title_role(rows[0].fields[i]) == wanted);

		if (!fits)
			continue;
		if (n_found < 2)
			found[n_found] = i;
		n_found++;
		if (!column_likely(values, n_values, i))
			continue;
		if (n_likely < 2)
			likely[n_likely] = i;
		n_likely++;
	}
	if (n_likely == 1 || (n_found == 1 && wanted == TITLE_ADDRESS)) {
		settle(c, n_likely == 1 ? likely[0] : found[0], COLUMN_ADDRESS);
		return 0;
	}
	if (n_likely == 0 && (n_found == 0 || wanted != TITLE_ADDRESS))
		return 0;
	if (n_likely > 1)
		memcpy(found, likely, sizeof found);
	return fail_set(f, FAIL_DATA,
		_("columns %zu (\"%.*s\") and %zu (\"%.*s\") may both be the address: say which "
		  "with --map %zu=email"),
		found[0] + 1, VIEW_ARG(c->items[found[0]].title), found[1] + 1,
		VIEW_ARG(c->items[found[1]].title), found[0] + 1);
}

static int plan_address(
	struct columns *c, const struct csv_record *rows, size_t n_rows, struct fail *f)
{
	static const enum title_role order[] = {
		TITLE_ADDRESS, TITLE_MAYBE_ADDRESS, TITLE_UNKNOWN /* any, by its values */};

	for (size_t i = 0; i < sizeof order / sizeof order[0] && c->address == COLUMNS_NONE; i++) {
		if (!c->header && order[i] != TITLE_UNKNOWN)
			continue;
		if (find_address(c, rows, n_rows, order[i], f) < 0)
			return -1;
	}
	if (c->address != COLUMNS_NONE)
		return 0;
	return fail_set(f, FAIL_DATA,
		_("no column holds e-mail addresses. The columns are: %s. Say which it is with "
		  "--map COLUMN=email"),
		show_all(c));
}

static void plan_role(struct columns *c, const struct csv_record *head, enum title_role title,
	enum column_role role)
{
	for (size_t i = 0; i < c->n; i++)
		if (*place_of(c, role) == COLUMNS_NONE && !c->items[i].told &&
			c->items[i].role == COLUMN_VARIABLE && title_role(head->fields[i]) == title)
			settle(c, i, role);
}

static void plan_names(struct columns *c, const struct csv_record *head)
{
	if (!c->header) {
		size_t other = c->address == 0 ? 1 : 0;

		if (c->n == 2 && !c->items[other].told && c->name == COLUMNS_NONE)
			settle(c, other, COLUMN_NAME);
		return;
	}
	plan_role(c, head, TITLE_GIVEN, COLUMN_GIVEN);
	plan_role(c, head, TITLE_FAMILY, COLUMN_FAMILY);
	plan_role(c, head, TITLE_NAME, COLUMN_NAME);
	if (c->given != COLUMNS_NONE)
		plan_role(c, head, TITLE_NAME_OR_FAMILY, COLUMN_FAMILY);
	plan_role(c, head, TITLE_NAME_OR_FAMILY, COLUMN_NAME);
}

static void plan_key(struct columns *c, size_t i, struct view title)
{
	struct str key, guarded;

	str_init(&key, 2 * TITLE_KEY_MAX);
	str_init(&guarded, TITLE_KEY_MAX);
	if (c->header)
		title_key(title, &key);
	if (key.len == 0)
		(void)str_addf(&key, "column_%zu", i + 1);
	if (!is_free(str_view(&key))) {
		(void)str_addz(&guarded, "contact_");
		(void)str_addv(&guarded, view_sub(str_view(&key), 0, TITLE_KEY_MAX - guarded.len));
		c->items[i].key = arena_dup(&c->memory, str_view(&guarded));
	} else {
		c->items[i].key = arena_dup(&c->memory, str_view(&key));
	}
	str_free(&guarded);
	str_free(&key);
}

static int plan_variables(struct columns *c, const struct csv_record *head, struct fail *f)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->items[i].role != COLUMN_VARIABLE)
			continue;
		if (!c->items[i].told)
			plan_key(c, i, head->fields[i]);
		for (size_t other = 0; other < c->n; other++) {
			if (other == i || c->items[other].role == COLUMN_SKIP ||
				!view_eq(c->items[i].key, c->items[other].key))
				continue;
			return fail_set(f, FAIL_DATA,
				_("columns %zu (\"%.*s\") and %zu (\"%.*s\") would both be "
				  "\"%.*s\": give "
				  "one another name with --map %zu=NAME, or leave it out with "
				  "--map %zu=-"),
				other + 1, VIEW_ARG(c->items[other].title), i + 1,
				VIEW_ARG(c->items[i].title), VIEW_ARG(c->items[i].key), i + 1,
				i + 1);
		}
	}
	return 0;
}

/* Our own file of rejected rows comes back without what we wrote in front. */
static void skip_reject_columns(struct columns *c, const struct csv_record *head)
{
	if (!c->header || c->n < 3 || !view_is(head->fields[0], "line") ||
		!view_is(head->fields[1], "reason"))
		return;
	for (size_t i = 0; i < 2; i++)
		if (!c->items[i].told)
			settle(c, i, COLUMN_SKIP);
}

static void begin(struct columns *c, const struct csv_record *first)
{
	*c = (struct columns){.n = first->n,
		.header = true,
		.address = COLUMNS_NONE,
		.name = COLUMNS_NONE,
		.given = COLUMNS_NONE,
		.family = COLUMNS_NONE};
	arena_init(&c->memory);
	c->items = arena_alloc(&c->memory, first->n * sizeof *c->items);
	for (size_t i = 0; i < first->n; i++) {
		if (columns_like_address(first->fields[i]))
			c->header = false;
		c->items[i].title = show(&c->memory, first->fields[i]);
	}
	for (size_t i = 0; !c->header && i < first->n; i++) {
		char *title = arena_alloc(&c->memory, TITLE_SHOWN_MAX);

		(void)snprintf(title, TITLE_SHOWN_MAX, _("column %zu"), i + 1);
		c->items[i].title = view_of(title);
	}
}

int columns_plan(struct columns *c, const struct csv_record *rows, size_t n_rows,
	const char *const *maps, size_t n_maps, struct fail *f)
{
	begin(c, &rows[0]);
	for (size_t i = 0; i < n_maps; i++)
		if (map_one(c, &rows[0], maps[i], f) < 0) {
			(void)fail_wrap(f, "--map %s", maps[i]);
			goto failed;
		}
	skip_reject_columns(c, &rows[0]);
	if (plan_address(c, rows, n_rows, f) < 0)
		goto failed;
	plan_names(c, &rows[0]);
	if (plan_variables(c, &rows[0], f) < 0)
		goto failed;
	for (size_t i = 0; i < c->n; i++)
		c->items[i].filled = column_filled(rows + c->header, n_rows - (size_t)c->header, i);
	return 0;
failed:
	columns_free(c);
	return -1;
}

void columns_free(struct columns *c)
{
	arena_free(&c->memory);
	c->items = NULL;
	c->n = 0;
}

int columns_describe(const struct columns *c, struct str *out)
{
	const char *between = "";
	size_t empty = 0;

	if (!c->header)
		(void)str_addz(out, _("no headings in the first line; "));
	for (size_t i = 0; i < c->n; i++) {
		const struct column *item = &c->items[i];

		if (item->role == COLUMN_VARIABLE && !item->told && !item->filled) {
			empty++;
			continue;
		}
		(void)str_addf(out, "%s%.*s = ", between, VIEW_ARG(item->title));
		if (item->role == COLUMN_SKIP)
			(void)str_addz(out, _("left out"));
		else
			(void)str_addv(out, item->key);
		between = ", ";
	}
	if (empty > 0)
		(void)str_addf(out, _(", and %zu columns that are empty in the first rows"), empty);
	return str_ok(out) ? 0 : -1;
}
