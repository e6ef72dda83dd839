#ifndef BASE_VIEW_H
#define BASE_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* view - bytes that belong to somebody else: pointer and length, no NUL needed.
 * Valid as long as those bytes are. The empty view may have p == NULL. */
struct view {
	const char *p;
	size_t len;
};

#define VIEW(literal) ((struct view){"" literal, sizeof(literal) - 1})
/* For printf: "%.*s" with VIEW_ARG(v). The caller bounds the length. */
#define VIEW_ARG(v) ((int)(v).len), ((v).len > 0 ? (v).p : "")

/* The small ones are on the way of every byte of every message: they stand here
 * so that they cost what they do and not what a call does. */
static inline struct view view_make(const char *p, size_t len)
{
	return (struct view){p, len};
}
/* NULL gives the empty view. */
static inline struct view view_of(const char *text)
{
	return view_make(text, text == NULL ? 0 : strlen(text));
}
/* Clipped to v. */
static inline struct view view_sub(struct view v, size_t from, size_t len)
{
	if (from > v.len)
		from = v.len;
	if (len > v.len - from)
		len = v.len - from;
	return view_make(from == 0 ? v.p : v.p + from, len);
}
/* The rest from there on. */
static inline struct view view_from(struct view v, size_t from)
{
	return view_sub(v, from, v.len);
}
/* Takes the first n bytes off *in. */
static inline struct view view_take(struct view *in, size_t n)
{
	struct view head = view_sub(*in, 0, n);

	*in = view_from(*in, n);
	return head;
}
struct view view_trim(struct view v); /* without SP, TAB, CR, LF at both ends */

static inline bool view_eq(struct view a, struct view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}
static inline bool view_is(struct view a, const char *text)
{
	return view_eq(a, view_of(text));
}
bool view_eq_nocase(struct view a, struct view b); /* ASCII letters only */
static inline bool view_starts(struct view v, struct view head)
{
	return v.len >= head.len && (head.len == 0 || memcmp(v.p, head.p, head.len) == 0);
}
bool view_starts_nocase(struct view v, struct view head);
bool view_ends(struct view v, struct view tail);
int view_cmp(struct view a, struct view b); /* bytewise, as memcmp then length */

/* Where it first stands, or -1. */
ptrdiff_t view_chr(struct view v, char c);
ptrdiff_t view_find(struct view v, struct view needle);
ptrdiff_t view_find_nocase(struct view v, struct view needle);

/* Takes the text before the first `sep` off *in (or all of it when there is no
 * sep). Returns false when *in was NULL-ended already: loop with
 * while (view_split(&rest, ',', &part)). A text of n seps gives n + 1 parts. */
bool view_split(struct view *in, char sep, struct view *part);
/* The same for lines: ends at LF, CRLF or a lone CR, which are not part of it. */
bool view_line(struct view *in, struct view *line);

/* A whole view of decimal digits, no sign, no space. Returns false on anything
 * else or past max; *out untouched then. */
bool view_u64(struct view v, uint64_t max, uint64_t *out);

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}
static inline bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_is_alnum(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c);
}
/* SP TAB CR LF */
static inline bool ascii_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
/* 0-31 and 127 */
static inline bool ascii_is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}
int ascii_hex(char c); /* 0-15, or -1 */
#endif
