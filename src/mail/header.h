#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H
#include "base/str.h"
struct fail;
struct mailbox;

/* header - the one place where header fields are written. Nothing else in the
 * program writes "Name: value".
 *
 * Each function adds one whole field, CRLF at its end, folded near 78 columns
 * and never past 998 (RFC 5322 2.1.1), pure ASCII but for an address that
 * needs SMTPUTF8. CR, LF, NUL, TAB, every other control character, the
 * bidirectional overrides and invalid UTF-8 are refused with words, never
 * passed on and never silently dropped: no value can begin a second field.
 *
 * All return 0, or -1 with f (FAIL_DATA) set and out as it was before. Field
 * and parameter names come from our own source; a bad one is our bug. */
enum {
	HEADER_FOLD = 78,
	HEADER_LINE_MAX = 998,
	HEADER_TEXT_MAX = 16384, /* octets of one text, name or parameter */
	HEADER_URI_MAX = 900,	 /* a URI cannot be folded */
	HEADER_MSGID_MAX = 250,
	HEADER_NAME_MAX = 60, /* of a field name */
};

/* Free text (Subject, Comments). Comes back byte for byte from any reader of
 * RFC 2047: what is not plain ASCII words with single blanks between, what is
 * too long to fold, and what looks like an encoded word is encoded. */
int header_text(struct str *out, const char *name, struct view text, struct fail *f);

/* Printable ASCII that is a token of its RFC, written as it is ("1.0",
 * "bulk", "undisclosed-recipients:;"), words with one blank between them. */
int header_token(struct str *out, const char *name, struct view value, struct fail *f);

/* One mailbox: From, To, Reply-To. The name may be empty. With `utf8` an
 * address with a UTF-8 local part may stand (RFC 6532); without, it is refused. */
int header_mailbox(
	struct str *out, const char *name, const struct mailbox *m, bool utf8, struct fail *f);

/* <id> for Message-ID; the id is without angle brackets. */
int header_msgid(struct str *out, const char *name, struct view id, struct fail *f);

/* RFC 5322 date; `at` in ms since 1970 UTC, shown in a zone `offset` minutes east. */
int header_date(struct str *out, const char *name, int64_t at, int offset, struct fail *f);

/* <uri>, <uri>: the List-* fields of RFC 2369. */
int header_uris(
	struct str *out, const char *name, const struct view *uris, size_t n, struct fail *f);

/* List-Id of RFC 2919: label may be empty, id is dot-separated. */
int header_list_id(struct str *out, struct view label, struct view id, struct fail *f);

/* A value with parameters (RFC 2045 5.1, RFC 2231): Content-Type and its kin.
 * A parameter that is not short ASCII is written as name*=UTF-8''… in as many
 * sections as it needs. It gets no plain twin beside it: readers disagree
 * which of the two counts, and strict ones call it a defect. Older readers are
 * served by a name= on Content-Type made with header_fallback(). */
struct header_param {
	const char *name;
	struct view value;
};
int header_params(struct str *out, const char *name, struct view value,
	const struct header_param *params, size_t n, struct fail *f);

/* Adds a short ASCII stand-in for a file name: anything else becomes "_", the
 * extension is kept. Returns 0, or -1 when out is full. */
int header_fallback(struct str *out, struct view filename);
#endif
