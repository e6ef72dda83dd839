#ifndef FETCH_POP3_REPLY_H
#define FETCH_POP3_REPLY_H
#include "base/str.h"
struct fail;

/* pop3_reply - what a POP3 server says (RFC 1939), without any I/O: bytes in, in whatever
 * pieces; lines and texts of several lines out. */
enum { POP3_LINE_MAX = 4096 };

/* Takes one line off *in, without its end. 1: it stands in `line`, which is to be cleared
 * before the next; 0: more is needed; -1: too long to be one (FAIL_TEMP). */
int pop3_line_take(struct str *line, struct view *in, struct fail *f);

/* A text ends with a line of a single dot; a dot that begins a line of it is doubled. Lines
 * end in CRLF and in nothing else, as whoever doubled the dots saw them. */
enum pop3_text_at { POP3_BEGIN, POP3_TEXT, POP3_CR, POP3_DOT, POP3_DOT_CR };
struct pop3_text {
	enum pop3_text_at at; /* zero: it begins */
	bool cut;	      /* `out` was full: the rest was dropped */
};
/* Adds what of the text is in *in to `out`, and takes it off. 1: the text is over; 0: more. */
int pop3_text_take(struct pop3_text *t, struct view *in, struct str *out);

/* "3 whqtswO00WBw418f9t5JxYwZ", a line of UIDL: false where it is none. */
bool pop3_uidl(struct view line, uint32_t *number, struct view *id);
#endif
