#ifndef BASE_QP_H
#define BASE_QP_H
#include "base/str.h"

/* qp - quoted-printable, RFC 2045 section 6.7, for text. */

/* Adds the encoding of `in`. Line ends LF or CRLF in the input become CRLF; a
 * lone CR is encoded. Lines are at most 76 characters; blanks at a line's end,
 * "From " at its start and a lone "." are encoded, so that no mbox and no SMTP
 * server has a reason to touch the text. A UTF-8 character is not cut by a
 * soft break. Returns 0, or -1 when out is full. */
int qp_encode(struct str *out, struct view in);
/* Adds the decoded bytes, tolerant as RFC 2045 advises: a malformed "=" stays
 * as it is, blanks at a line's end go. Returns 0, or -1 when out is full. */
int qp_decode(struct str *out, struct view in);
#endif
