#ifndef MAIL_MIME_H
#define MAIL_MIME_H
#include "base/str.h"
struct fail;

/* mime - the parts of a body, RFC 2045 and 2046. A multipart is written as
 *
 *	mime_multipart(out, "alternative", b, f);	the last header field
 *	mime_part(out, b);  mime_text(out, "plain", text, f);
 *	mime_part(out, b);  mime_text(out, "html", html, f);
 *	mime_end(out, b);
 *
 * and nests: a part may be another multipart (related for cid: images, mixed
 * for attachments) with a boundary of its own. All add to out; those that can
 * fail return 0, or -1 with f set, a full out included. */

enum mime_encoding { MIME_7BIT, MIME_QP, MIME_BASE64 };

/* 7bit when nothing on the way has a reason to touch the text (lines of at
 * most 76 ASCII letters, no blanks at their ends, no "From ", no lone dot, no
 * controls but TAB), else quoted-printable or base64, whichever is shorter. */
enum mime_encoding mime_choose(struct view text);

/* What a writer of many texts that are much alike remembers of the one before: how its
 * lines came out. One for each part of a message. */
struct mime_memo;
struct mime_memo *mime_memo_new(void);
void mime_memo_free(struct mime_memo **m);

/* A text part in UTF-8: Content-Type, Content-Transfer-Encoding, blank line,
 * body. LF and CRLF are both line ends; a text that is not empty gets one at
 * its end where it has none. The memo, which may be NULL, changes nothing but the time
 * it takes. FAIL_DATA for text that is not UTF-8 or has a NUL. */
int mime_text(struct str *out, const char *subtype, struct view text, struct mime_memo *memo,
	struct fail *f);

enum { MIME_BOUNDARY_SIZE = 40 };
/* A boundary that stands in none of the n texts: the same seed and level give
 * the same one, another level (outer, inner multipart) another. It begins with
 * "=_", which neither quoted-printable nor base64 can produce. */
void mime_boundary(struct view seed, unsigned level, const struct view *texts, size_t n,
	char out[MIME_BOUNDARY_SIZE]);

bool mime_holds(struct view text, const char *boundary);

int mime_multipart(struct str *out, const char *subtype, const char *boundary, struct fail *f);
void mime_part(struct str *out, const char *boundary);
void mime_end(struct str *out, const char *boundary);
#endif
