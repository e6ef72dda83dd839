#include "base/view.h"

int ascii_hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct view view_trim(struct view v)
{
	while (v.len > 0 && ascii_is_space(v.p[0]))
		v = view_from(v, 1);
	while (v.len > 0 && ascii_is_space(v.p[v.len - 1]))
		v.len--;
	return v;
}

bool view_eq_nocase(struct view a, struct view b)
{
	return a.len == b.len && view_starts_nocase(a, b);
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

/* From one place where its first byte stands to the next. */
ptrdiff_t view_find(struct view v, struct view needle)
{
	size_t at = 0;

	if (needle.len == 0)
		return 0;
	while (v.len - at >= needle.len) {
		const char *first = memchr(v.p + at, needle.p[0], v.len - at - needle.len + 1);

		if (first == NULL)
			return -1;
		if (memcmp(first, needle.p, needle.len) == 0)
			return first - v.p;
		at = (size_t)(first - v.p) + 1;
	}
	return -1;
}

ptrdiff_t view_find_nocase(struct view v, struct view needle)
{
	for (size_t i = 0; needle.len <= v.len && i <= v.len - needle.len; i++)
		if (view_starts_nocase(view_from(v, i), needle))
			return (ptrdiff_t)i;
	return -1;
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

/* Where the first LF or CR stands, or the length. In windows: a text that has only one of them
 * is not searched to its end for the other, line after line. */
static size_t line_end(struct view v)
{
	enum { WINDOW = 256 };

	for (size_t at = 0; at < v.len; at += WINDOW) {
		struct view window = view_sub(v, at, WINDOW);
		const char *lf = memchr(window.p, '\n', window.len);
		size_t span = lf != NULL ? (size_t)(lf - window.p) : window.len;
		const char *cr = memchr(window.p, '\r', span);

		if (cr != NULL || lf != NULL)
			return (size_t)((cr != NULL ? cr : lf) - v.p);
	}
	return v.len;
}

bool view_line(struct view *in, struct view *line)
{
	size_t end;

	if (in->len == 0)
		return false;
	end = line_end(*in);
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
