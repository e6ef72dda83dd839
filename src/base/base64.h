#ifndef BASE_BASE64_H
#define BASE_BASE64_H
#include "base/str.h"

/* base64 - RFC 4648 section 4. */

/* Adds the encoding of `in`. line > 0 (a multiple of 4) breaks with CRLF after
 * that many characters and ends with one; 0 writes one line without end.
 * Returns 0, or -1 when out is full. */
int base64_encode(struct str *out, struct view in, size_t line);
/* Adds the decoded bytes. White space is passed over; padding must be right and
 * nothing may follow it. Returns 0, or -1: malformed, or out is full. */
int base64_decode(struct str *out, struct view in);
#endif
