#ifndef BASE_VIEW_H
#define BASE_VIEW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* view - bytes that belong to somebody else: pointer and length, no NUL needed.
 * Valid as long as those bytes are. The empty view may have p == NULL. */
struct view {
	const char *p;
	size_t len;
};

#define VIEW(literal) ((struct view){"" literal, sizeof(literal) - 1})
/* For printf: "%.*s" with VIEW_ARG(v). The caller bounds the length. */
#define VIEW_ARG(v) ((int)(v).len), ((v).len > 0 ? (v).p : "")

struct view view_of(const char *text); /* NULL gives the empty view */
struct view view_make(const char *p, size_t len);
struct view view_sub(struct view v, size_t from, size_t len); /* clipped to v */
struct view view_from(struct view v, size_t from);	      /* the rest from there on */
struct view view_trim(struct view v); /* without SP, TAB, CR, LF at both ends */

bool view_eq(struct view a, struct view b);
bool view_is(struct view a, const char *text);
bool view_eq_nocase(struct view a, struct view b); /* ASCII letters only */
bool view_starts(struct view v, struct view head);
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

char ascii_lower(char c);
bool ascii_is_alpha(char c);
bool ascii_is_digit(char c);
bool ascii_is_alnum(char c);
bool ascii_is_space(char c);   /* SP TAB CR LF */
bool ascii_is_control(char c); /* 0-31 and 127 */
int ascii_hex(char c);	       /* 0-15, or -1 */
#endif
