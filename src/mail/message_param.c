#include "mail/message_private.h"
#include "base/utf8.h"

/* The parameters of a field (RFC 2045 5.1), and those that were cut in sections or carry a charset
 * (RFC 2231). What follows a missing ";" or stands in half a pair of quotes is read too. */

enum { SECTIONS_MAX = 100 };

struct param {
	struct view name, value; /* the name with its "*0*" */
	bool quoted;
};
struct sections {
	struct view value[SECTIONS_MAX]; /* p is NULL: not there */
	bool coded[SECTIONS_MAX];
	size_t count;
};

static bool is_space(char c)
{
	return ascii_is_space(c) || c == '\0';
}

/* A comment at the start of v (RFC 5322 3.2.2): its length. */
static size_t comment(struct view v)
{
	size_t depth = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\\')
			i++;
		else if (v.p[i] == '(')
			depth++;
		else if (v.p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return v.len;
}

static void skip_between(struct view *rest)
{
	while (rest->len > 0) {
		if (rest->p[0] == '(')
			*rest = view_from(*rest, comment(*rest));
		else if (is_space(rest->p[0]) || rest->p[0] == ';')
			*rest = view_from(*rest, 1);
		else
			return;
	}
}

static void skip_blanks(struct view *rest)
{
	while (rest->len > 0 && is_space(rest->p[0]))
		*rest = view_from(*rest, 1);
}

/* Takes a quoted string, whose first quote is off already; without an end it goes on to it. */
static struct view take_quoted(struct view *rest)
{
	struct view all = *rest, text;
	size_t i = 0;

	while (i < all.len && all.p[i] != '"')
		i += all.p[i] == '\\' ? 2 : 1;
	text = view_sub(all, 0, i);
	*rest = view_from(all, i < all.len ? i + 1 : all.len);
	return text;
}

/* Takes a token, which need not be one: blanks belong to it unless another parameter or a
 * comment follows them. */
static struct view take_token(struct view *rest)
{
	struct view all = *rest;
	size_t i = 0, end;

	while (i < all.len && !is_space(all.p[i]) && all.p[i] != ';')
		i++;
	end = i;
	while (i < all.len && all.p[i] != ';' && all.p[i] != '=' && all.p[i] != '(')
		i++;
	if (i == all.len || all.p[i] == ';')
		end = i;
	*rest = view_from(all, end);
	return view_trim(view_sub(all, 0, end));
}

static bool next_param(struct view *rest, struct param *out)
{
	size_t n = 0;

	skip_between(rest);
	if (rest->len == 0)
		return false;
	while (n < rest->len && !is_space(rest->p[n]) && rest->p[n] != '=' && rest->p[n] != ';')
		n++;
	out->name = view_take(rest, n);
	out->value = view_make("", 0);
	out->quoted = false;
	skip_blanks(rest);
	if (rest->len == 0 || rest->p[0] != '=')
		return true;
	*rest = view_from(*rest, 1);
	skip_blanks(rest);
	out->quoted = rest->len > 0 && rest->p[0] == '"';
	if (out->quoted)
		*rest = view_from(*rest, 1);
	out->value = out->quoted ? take_quoted(rest) : take_token(rest);
	return true;
}

/* Without folds and the backslashes that quote a quote or a backslash; others are part of a
 * file's name. */
static struct view unquote(struct arena *a, const struct param *p)
{
	struct view v = p->value;
	char *out;
	size_t n = 0;

	if (view_chr(v, '\\') < 0 && view_chr(v, '\n') < 0 && view_chr(v, '\r') < 0)
		return v;
	out = arena_alloc(a, v.len + 1);
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\r' || v.p[i] == '\n')
			continue;
		if (p->quoted && v.p[i] == '\\' && i + 1 < v.len &&
			(v.p[i + 1] == '"' || v.p[i + 1] == '\\'))
			i++;
		out[n++] = v.p[i];
	}
	return view_make(out, n);
}

/* "*", "*3" or "*3*" after the name. False: something else. */
static bool read_section(struct view mark, size_t *section, bool *coded)
{
	uint64_t n = 0;

	if (mark.len == 0 || mark.p[0] != '*')
		return false;
	mark = view_from(mark, 1);
	*coded = mark.len == 0 || mark.p[mark.len - 1] == '*';
	if (mark.len > 0 && *coded)
		mark.len--;
	if (mark.len > 0 && !view_u64(mark, SECTIONS_MAX - 1, &n))
		return false;
	*section = n;
	return true;
}

static size_t undo_percent(struct view in, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.p[i] == '%' && i + 2 < in.len + 0 && ascii_hex(in.p[i + 1]) >= 0 &&
			ascii_hex(in.p[i + 2]) >= 0) {
			out[n++] = (char)(ascii_hex(in.p[i + 1]) << 4 | ascii_hex(in.p[i + 2]));
			i += 2;
		} else {
			out[n++] = in.p[i];
		}
	}
	return n;
}

static struct view join(struct message *m, struct sections *s)
{
	struct view charset = view_make(NULL, 0), first = s->value[0];
	size_t room = 1, n = 0;
	char *out;

	if (s->coded[0] && view_chr(first, '\'') >= 0) {
		struct view language;

		(void)view_split(&first, '\'', &charset);
		if (view_chr(first, '\'') >= 0)
			(void)view_split(&first, '\'', &language);
		s->value[0] = first;
	}
	for (size_t i = 0; i < SECTIONS_MAX && s->value[i].p != NULL; i++)
		room += s->value[i].len;
	out = arena_alloc(m->arena, room);
	for (size_t i = 0; i < SECTIONS_MAX && s->value[i].p != NULL; i++) {
		if (s->coded[i]) {
			n += undo_percent(s->value[i], out + n);
		} else {
			memcpy(out + n, s->value[i].p, s->value[i].len);
			n += s->value[i].len;
		}
	}
	return message_utf8(m, view_make(out, n), charset);
}

struct view message_param_raw(struct message *m, struct view value, const char *name)
{
	struct view want = view_of(name), plain = view_make("", 0), rest = value;
	struct sections *s = NULL;
	struct param p;

	while (next_param(&rest, &p)) {
		size_t section;
		bool coded;

		if (!view_starts_nocase(p.name, want))
			continue;
		if (p.name.len == want.len) {
			if (plain.len == 0)
				plain = unquote(m->arena, &p);
			continue;
		}
		if (!read_section(view_from(p.name, want.len), &section, &coded))
			continue;
		if (s == NULL)
			s = arena_alloc(m->arena, sizeof *s);
		if (s->value[section].p != NULL)
			continue;
		s->value[section] = unquote(m->arena, &p);
		s->coded[section] = coded;
	}
	return s != NULL && s->value[0].p != NULL ? join(m, s) : plain;
}

struct view message_param(
	struct message *m, const struct message_part *part, const char *field, const char *name)
{
	const struct message_field *f = message_field(part, field, 0);

	if (f == NULL)
		return view_make("", 0);
	return message_decode(m, message_param_raw(m, f->value, name));
}

static bool is_token(char c)
{
	return c > ' ' && c <= '~' && view_chr(VIEW("()<>@,;:\\\"/[]?="), c) < 0;
}

static size_t token(struct view v)
{
	size_t n = 0;

	while (n < v.len && is_token(v.p[n]))
		n++;
	return n;
}

struct view message_type_of(struct arena *a, struct view value)
{
	struct view type = value;
	size_t major, minor;
	char *lower;

	while (type.len > 0 && (is_space(type.p[0]) || type.p[0] == '"' || type.p[0] == '('))
		type = view_from(type, type.p[0] == '(' ? comment(type) : 1);
	major = token(type);
	if (major == 0 || major == type.len || type.p[major] != '/') {
		type.len = major;
		return view_eq_nocase(type, VIEW("multipart")) ? VIEW("multipart/mixed")
							       : view_make(NULL, 0);
	}
	minor = token(view_from(type, major + 1));
	if (minor == 0)
		return view_make(NULL, 0);
	type.len = major + 1 + minor;
	for (size_t i = 0; i < type.len; i++)
		if (type.p[i] >= 'A' && type.p[i] <= 'Z') {
			lower = arena_dupz(a, type);
			for (i = 0; i < type.len; i++)
				lower[i] = ascii_lower(lower[i]);
			return view_make(lower, type.len);
		}
	return type;
}
