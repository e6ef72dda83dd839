#ifndef BASE_UTF8_H
#define BASE_UTF8_H
#include "base/str.h"

/* utf8 - RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. */

/* Takes one character off *in. 1: there it is; 0: *in is empty; -1: no valid
 * character starts there (*in untouched). */
int utf8_next(struct view *in, uint32_t *cp);
/* How many bytes v begins with that are ASCII; that are printable ASCII (SP to
 * ~), which needs no other look. Eight at a time: most text is nothing else. */
size_t utf8_ascii(struct view v);
size_t utf8_printable(struct view v);
/* True when all of v is valid; else *bad_at (may be NULL) is the offset of the
 * first byte that is not. */
bool utf8_valid(struct view v, size_t *bad_at);
size_t utf8_put(uint32_t cp, char out[4]); /* bytes written, 1 to 4; cp must be valid */
size_t utf8_count(struct view v);	   /* characters; an invalid byte counts as one */
/* The greatest start of a character <= at; as above, an invalid byte is one. */
size_t utf8_floor(struct view v, size_t at);
/* Columns on a terminal: 0 for combining marks, 2 for wide characters. */
size_t utf8_width(struct view v);
/* C0, DEL, C1, line and paragraph separators, and the bidirectional controls
 * that can make a line read as what it is not. TAB and LF count too. */
bool utf8_is_control(uint32_t cp);
/* Adds v with what is invalid as U+FFFD and every control but TAB and LF as
 * U+FFFD too: safe on a terminal and in JSON. */
int utf8_clean(struct str *out, struct view v);
#endif
