#include "returns/event_json.h"
#include <stdio.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "returns/event.h"

enum {
	EXACT_DIGITS = 18, /* every number of so many fits jansson's 64 bits */
	KEY_MAX = 256,
	NUMBER_TEXT_MAX = 32,
};

/* --- before jansson reads it ---------------------------------------------- */

static bool in_number(char c)
{
	return ascii_is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* RFC 8259 section 6. What is none is left for jansson to refuse. */
static bool is_number(struct view v)
{
	size_t i = v.len > 0 && v.p[0] == '-' ? 1 : 0, from = i;

	while (i < v.len && ascii_is_digit(v.p[i]))
		i++;
	if (i == from || (i - from > 1 && v.p[from] == '0'))
		return false;
	if (i < v.len && v.p[i] == '.') {
		for (from = ++i; i < v.len && ascii_is_digit(v.p[i]);)
			i++;
		if (i == from)
			return false;
	}
	if (i < v.len && (v.p[i] == 'e' || v.p[i] == 'E')) {
		i++;
		if (i < v.len && (v.p[i] == '+' || v.p[i] == '-'))
			i++;
		for (from = i; i < v.len && ascii_is_digit(v.p[i]);)
			i++;
		if (i == from)
			return false;
	}
	return i == v.len;
}

static bool is_exact(struct view v)
{
	if (v.len > EXACT_DIGITS)
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (!ascii_is_digit(v.p[i]))
			return false;
	return true;
}

struct mending {
	struct str out;
	struct vec grown; /* of size_t: where in out a byte was added */
	size_t values;
	size_t comma; /* where in out the last comma is, if nothing but blanks follows; else SIZE_MAX */
};

static void add_quote(struct mending *m)
{
	*(size_t *)vec_push(&m->grown) = m->out.len;
	(void)str_addc(&m->out, '"');
}

static void mend_number(struct mending *m, struct view *in)
{
	struct view number = *in;
	size_t len = 0;

	while (len < in->len && in_number(in->p[len]))
		len++;
	number.len = len;
	if (is_number(number) && !is_exact(number)) {
		add_quote(m);
		(void)str_addv(&m->out, number);
		add_quote(m);
	} else {
		(void)str_addv(&m->out, number);
	}
	*in = view_from(*in, len);
}

/* From its opening quote to its closing one, byte for byte as long as it was. */
static void mend_text(struct mending *m, struct view *in)
{
	bool escaped = false;

	(void)str_addc(&m->out, '"');
	*in = view_from(*in, 1);
	while (in->len > 0) {
		struct view before = *in;
		char c = in->p[0];
		uint32_t cp;

		if (utf8_next(in, &cp) <= 0) {
			(void)str_addc(&m->out, '?');
			*in = view_from(*in, 1);
			escaped = false;
			continue;
		}
		if ((unsigned char)c < ' ')
			(void)str_addc(&m->out, ' ');
		else
			(void)str_add(&m->out, before.p, before.len - in->len);
		if (c == '"' && !escaped)
			return;
		escaped = c == '\\' && !escaped;
	}
}

static void mend(struct mending *m, struct view in)
{
	m->comma = SIZE_MAX;
	while (in.len > 0) {
		char c = in.p[0];

		if ((c == '}' || c == ']') && m->comma != SIZE_MAX)
			m->out.p[m->comma] = ' ';
		if (c == ',')
			m->comma = m->out.len;
		else if (!ascii_is_space(c))
			m->comma = SIZE_MAX;
		m->values += c == ',' || c == '{' || c == '[';
		if (c == '"') {
			mend_text(m, &in);
		} else if (c == '-' || ascii_is_digit(c)) {
			mend_number(m, &in);
		} else {
			(void)str_addc(&m->out, c);
			in = view_from(in, 1);
		}
	}
}

/* Where the byte of what was mended stood in the file. */
static struct event_spot place(
	const struct mending *m, struct view json, struct event_spot at, size_t offset)
{
	size_t grown = 0;

	while (grown < m->grown.len && *(const size_t *)vec_at(&m->grown, grown) < offset)
		grown++;
	json = view_sub(json, 0, offset - grown);
	for (size_t i = 0; i < json.len; i++) {
		if (json.p[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if (((unsigned char)json.p[i] & 0xC0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

json_t *event_json_load(struct view json, struct event_spot at, struct fail *f)
{
	struct mending m = {.values = 0};
	json_error_t error;
	json_t *got = NULL;

	/* At most two quotes for each byte of a number that has three at least. */
	str_init(&m.out, 2 * json.len + 2);
	vec_init(&m.grown, sizeof(size_t));
	mend(&m, json);
	if (m.values > EVENT_VALUES_MAX) {
		(void)fail_set(f, FAIL_DATA, _("%llu:%llu: it holds more than %d values"),
			(unsigned long long)at.line, (unsigned long long)at.column,
			EVENT_VALUES_MAX);
	} else {
		got = json_loadb(
			m.out.p, m.out.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
		if (got == NULL) {
			at = place(
				&m, json, at, error.position > 0 ? (size_t)error.position - 1 : 0);
			(void)fail_set(f, FAIL_DATA, _("%llu:%llu: this is no JSON: %s"),
				(unsigned long long)at.line, (unsigned long long)at.column,
				error.text);
		}
	}
	vec_free(&m.grown);
	str_free(&m.out);
	return got;
}

/* --- fields by a path ------------------------------------------------------ */

static const json_t *by_name(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const json_t *is = json_object_get(item, "name");

		if (json_is_string(is) &&
			view_eq_nocase(view_make(json_string_value(is), json_string_length(is)),
				view_of(name)))
			return json_object_get(item, "value");
	}
	return NULL;
}

/* One path, which the caller has cut out. */
static const json_t *follow(const json_t *from, struct view path)
{
	struct view key;

	while (from != NULL && view_split(&path, '.', &key)) {
		ptrdiff_t hash = view_chr(key, '#');
		char name[KEY_MAX];

		if (key.len >= sizeof name)
			return NULL;
		memcpy(name, key.p, key.len);
		name[key.len] = '\0';
		if (hash >= 0)
			name[hash] = '\0';
		from = json_object_get(from, name);
		if (hash >= 0)
			from = by_name(from, name + hash + 1);
	}
	return json_is_null(from) ? NULL : from;
}

const json_t *event_json_at(const json_t *from, const char *paths)
{
	struct view rest = view_of(paths), path;

	while (paths != NULL && view_split(&rest, '|', &path)) {
		const json_t *got = follow(from, path);

		if (got != NULL)
			return got;
	}
	return NULL;
}

bool event_json_has(const json_t *from, const char *paths)
{
	struct view rest = view_of(paths), group, path;

	while (view_split(&rest, '|', &group)) {
		bool all = true;

		while (view_split(&group, '&', &path))
			all = all && follow(from, path) != NULL;
		if (all)
			return true;
	}
	return false;
}

struct view event_json_as_text(const json_t *value, struct arena *a)
{
	char number[NUMBER_TEXT_MAX];

	if (json_is_string(value))
		return view_trim(arena_dup(
			a, view_make(json_string_value(value), json_string_length(value))));
	if (json_is_boolean(value))
		return json_is_true(value) ? VIEW("true") : VIEW("false");
	if (!json_is_integer(value))
		return view_make(NULL, 0);
	(void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
	return arena_dup(a, view_of(number));
}

/* The first alternative that has a text which is not empty. */
struct view event_json_text(const json_t *from, const char *paths, struct arena *a)
{
	struct view rest = view_of(paths), path, text = view_make(NULL, 0);

	while (paths != NULL && text.len == 0 && view_split(&rest, '|', &path)) {
		const json_t *got = follow(from, path);

		if (json_is_array(got))
			got = json_array_get(got, 0);
		text = event_json_as_text(got, a);
	}
	return text;
}
