#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H
#include "base/str.h"
struct fail;
struct settings_mailbox;

/* fetch - the messages of a mailbox, one after the other: IMAP and POP3 (libcurl), Maildir,
 * mbox, a file, standard input.
 *
 * Nothing is deleted, ever. The caller takes a message into account, makes that durable, and
 * only then says what shall become of it in the mailbox; dying between leads to the same
 * message again, which its identity tells. */
struct fetch;

/* Who a message is within its mailbox; the same as long as it lies there. */
struct fetch_id {
	/* What the numbers are valid within: "imap:<UIDVALIDITY>", "pop3", "maildir", "mbox"; when it
	 * changes all are new to us, and only their content tells which were had before. */
	struct view space;
	struct view name; /* the UID, the UIDL, the file's unique name, place and hash in an mbox */
};
struct fetch_message {
	struct fetch_id id;
	struct view bytes;     /* of the message; valid until the next call */
	bool cut;	       /* larger than FETCH_MESSAGE_MAX: the rest was left out */
	struct view from_line; /* of an mbox, or empty */
};
enum { FETCH_MESSAGE_MAX = 32 << 20, FETCH_WINDOW = 5000 };

/* The cursor is what fetch_cursor() gave when the mailbox was read last, or empty. It spares
 * reading all again; it is never trusted further than that. */
int fetch_open(
	const struct settings_mailbox *box, struct view cursor, struct fetch **out, struct fail *f);
void fetch_close(struct fetch **fetch);

/* Whether the caller has had it already: asked before a message is loaded. 1, 0, -1. */
typedef int (*fetch_known_fn)(void *ctx, const struct fetch_id *id, struct fail *f);
void fetch_known(struct fetch *fetch, fetch_known_fn fn, void *ctx);

/* 1: there it is; 0: no more; -1: f says why (FAIL_TEMP: try again later). */
int fetch_next(struct fetch *fetch, struct fetch_message *out, struct fail *f);

/* What becomes of the message that fetch_next() gave last. */
enum fetch_fate {
	FETCH_LEAVE, /* as it was, unseen if it was unseen */
	FETCH_SEEN,
	FETCH_MOVE, /* to `folder`, made where it is missing; a mailbox without folders: as LEAVE */
};
int fetch_settle(struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f);

/* Valid until the next call; store it in the transaction of what was taken into account. */
struct view fetch_cursor(const struct fetch *fetch);
/* How many there are to read, for progress; 0: unknown. */
size_t fetch_total(const struct fetch *fetch);
#endif
