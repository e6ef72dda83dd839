#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H
#include "base/str.h"

/* reply - what an SMTP server answers (RFC 5321 section 4.2), read from bytes
 * that come in pieces of any size. Strict where leniency would let two replies
 * be taken for one: three digits from 2 to 5 first, then SP, "-" or the end of
 * the line, the same code on every line. A lone LF ends a line too, for servers
 * exist that write one. */
enum {
	SMTP_REPLY_LINE_MAX = 2048,  /* octets of a line, its end included */
	SMTP_REPLY_LINES_MAX = 1000, /* lines of one reply */
	SMTP_REPLY_TEXT_MAX = 8192,  /* of the text that is kept; more is read and dropped */
};

/* RFC 3463: class.subject.detail; klass is 0 where there was none, or where it
 * contradicted the code. */
struct smtp_status {
	unsigned short klass, subject, detail;
};

struct smtp_reply {
	int code; /* 200-599; 0 where no server said it but we did */
	struct smtp_status status;
	/* Without codes and statuses, the lines separated by LF; UTF-8
	 * without controls, whatever the server sent. */
	struct view text;
};

struct smtp_reply_parser {
	struct str line, text;
	struct smtp_reply reply;
	unsigned lines;
	bool whole; /* the reply was handed out; the next byte starts another */
};

void smtp_reply_init(struct smtp_reply_parser *p);
void smtp_reply_free(struct smtp_reply_parser *p);
/* Takes bytes off *in up to the end of one reply. 1: p->reply is whole, its text
 * valid until the next call; 0: all was taken and more must come; -1: this is no
 * SMTP reply, and nothing after it can be trusted. */
int smtp_reply_read(struct smtp_reply_parser *p, struct view *in);
/* Reads "x.y.z" and the space after it off the head of *text where its class is
 * that of the code; all zero and *text untouched where it is not there. */
struct smtp_status smtp_status_take(struct view *text, int code);
#endif
