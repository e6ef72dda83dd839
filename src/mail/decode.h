#ifndef MAIL_DECODE_H
#define MAIL_DECODE_H
#include "base/str.h"
struct fail;

/* decode - reading back what a message of ours says: the last check before
 * sending looks at what the recipient's reader will show, not at what we meant
 * to write. It knows what our writers write (UTF-8 only); the reader of
 * foreign mail is another matter. */

/* Cuts at the first empty line, which belongs to neither. */
void decode_split(struct view message, struct view *header, struct view *body);

struct decode_field {
	struct view name, value; /* value still folded and encoded, without its last CRLF */
};
/* Takes a field off *header. 1: there it is; 0: no more; -1: a line that is no
 * field (*header untouched). */
int decode_field(struct view *header, struct decode_field *out);

/* Adds the value unfolded, without the blanks at its ends, its RFC 2047 words
 * in UTF-8 or US-ASCII decoded; other words stay as they are. Returns 0, or -1
 * when out is full. */
int decode_text(struct str *out, struct view value);

/* The value of a parameter (Content-Type's boundary) that is a token or a
 * quoted string without escapes; the empty view when there is none. */
struct view decode_param(struct view value, const char *name);

/* Adds a body with its Content-Transfer-Encoding undone. Returns 0, or -1 with
 * f: an unknown encoding, broken base64, or out is full. */
int decode_body(struct str *out, struct view encoding, struct view body, struct fail *f);

/* The parts of a multipart body, one by one; *rest begins as the whole body.
 * 1: there it is; 0: the closing boundary came; -1: it never comes. */
int decode_part(struct view *rest, struct view boundary, struct view *part);
#endif
