#ifndef FETCH_MBOX_H
#define FETCH_MBOX_H
#include "base/str.h"

/* mbox - many messages in one file (RFC 4155), cut apart as its bytes come, without any I/O.
 *
 * A message begins with a line "From somebody date" that stands at the very beginning or behind
 * an empty line; what a Content-Length says is not believed. A line of the message that begins
 * so was given a ">" by whoever wrote the file (mboxo), or one more (mboxrd): one is taken off.
 * Where the first line has a time in it, one without is text; else any "From " is a beginning. */
enum { MBOX_FROM_MAX = 512 };
enum mbox_blank { MBOX_NO_BLANK, MBOX_LF, MBOX_CRLF };
struct mbox {
	struct str from, body; /* of the message */
	uint64_t size;	       /* of all of it, cut or not */
	bool cut;	       /* longer than body may be: the rest was dropped */
	/* The inside. */
	struct str line;       /* the beginning of the line that is being read */
	struct str next;       /* From_ line of the message that comes */
	bool inside;	       /* that beginning was looked at: what follows is text */
	bool any, strict;      /* a From_ line was seen; a time is wanted in it */
	enum mbox_blank blank; /* an empty line that may belong to the From_ line behind it */
	bool whole;
};
void mbox_init(struct mbox *m, size_t body_max);
void mbox_free(struct mbox *m);
/* Takes bytes off *in. 1: a whole message stands in `from` and `body`, until the next call;
 * 0: more is needed. */
int mbox_take(struct mbox *m, struct view *in);
/* No more bytes come. 1: the last message stands there; 0: there is none. */
int mbox_end(struct mbox *m);
/* Whether a file that begins so is an mbox. */
bool mbox_begins(struct view bytes);
#endif
