#include "base/view.h"

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}

bool ascii_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool ascii_is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}

int ascii_hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct view view_make(const char *p, size_t len)
{
	return (struct view){p, len};
}

struct view view_of(const char *text)
{
	return view_make(text, text == NULL ? 0 : strlen(text));
}

struct view view_sub(struct view v, size_t from, size_t len)
{
	if (from > v.len)
		from = v.len;
	if (len > v.len - from)
		len = v.len - from;
	return view_make(from == 0 ? v.p : v.p + from, len);
}

struct view view_from(struct view v, size_t from)
{
	return view_sub(v, from, v.len);
}

struct view view_trim(struct view v)
{
	while (v.len > 0 && ascii_is_space(v.p[0]))
		v = view_from(v, 1);
	while (v.len > 0 && ascii_is_space(v.p[v.len - 1]))
		v.len--;
	return v;
}

bool view_eq(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool view_is(struct view a, const char *text)
{
	return view_eq(a, view_of(text));
}

bool view_eq_nocase(struct view a, struct view b)
{
	return a.len == b.len && view_starts_nocase(a, b);
}

bool view_starts(struct view v, struct view head)
{
	return v.len >= head.len && view_eq(view_sub(v, 0, head.len), head);
}

bool view_starts_nocase(struct view v, struct view head)
{
	if (v.len < head.len)
		return false;
	for (size_t i = 0; i < head.len; i++)
		if (ascii_lower(v.p[i]) != ascii_lower(head.p[i]))
			return false;
	return true;
}

bool view_ends(struct view v, struct view tail)
{
	return v.len >= tail.len && view_eq(view_from(v, v.len - tail.len), tail);
}

int view_cmp(struct view a, struct view b)
{
	size_t both = a.len < b.len ? a.len : b.len;
	int order = both > 0 ? memcmp(a.p, b.p, both) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

ptrdiff_t view_chr(struct view v, char c)
{
	const char *at = v.len > 0 ? memchr(v.p, c, v.len) : NULL;

	return at == NULL ? -1 : at - v.p;
}

static ptrdiff_t find(struct view v, struct view needle, bool (*starts)(struct view, struct view))
{
	for (size_t i = 0; needle.len <= v.len && i <= v.len - needle.len; i++)
		if (starts(view_from(v, i), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t view_find(struct view v, struct view needle)
{
	return find(v, needle, view_starts);
}

ptrdiff_t view_find_nocase(struct view v, struct view needle)
{
	return find(v, needle, view_starts_nocase);
}

bool view_split(struct view *in, char sep, struct view *part)
{
	ptrdiff_t at;

	if (in->p == NULL)
		return false;
	at = view_chr(*in, sep);
	if (at < 0) {
		*part = *in;
		*in = view_make(NULL, 0);
		return true;
	}
	*part = view_sub(*in, 0, (size_t)at);
	*in = view_from(*in, (size_t)at + 1);
	return true;
}

bool view_line(struct view *in, struct view *line)
{
	size_t end = 0;

	if (in->len == 0)
		return false;
	while (end < in->len && in->p[end] != '\n' && in->p[end] != '\r')
		end++;
	*line = view_sub(*in, 0, end);
	if (end + 1 < in->len && in->p[end] == '\r' && in->p[end + 1] == '\n')
		end++;
	*in = view_from(*in, end + 1);
	return true;
}

bool view_u64(struct view v, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (v.len == 0)
		return false;
	for (size_t i = 0; i < v.len; i++) {
		uint64_t digit;

		if (!ascii_is_digit(v.p[i]))
			return false;
		digit = (uint64_t)(v.p[i] - '0');
		if (digit > max || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}
