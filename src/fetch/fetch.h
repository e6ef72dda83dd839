#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H
#include "base/str.h"
struct fail;
struct settings_mailbox;

/* fetch - the messages of a mailbox, one after the other: IMAP and POP3 (over net/conn.h),
 * Maildir, mbox, a file, standard input.
 *
 * Nothing is deleted, ever. The caller takes a message into account, makes that durable, and
 * only then says what shall become of it in the mailbox (fetch_settle); dying between leads to
 * the same message again, which its identity tells. One message is in memory at a time. */
struct fetch;

/* Who a message is within its mailbox; the same as long as it lies there. */
struct fetch_id {
	/* What the numbers are valid within: "imap:<UIDVALIDITY>", "pop3", "maildir", "mbox", "file"; when it
	 * changes all are new to us, and only their content tells which were had before. */
	struct view space;
	struct view name; /* the UID, the UIDL, the file's unique name, hash and count in an mbox */
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
/* What lies at a path: a Maildir, a folder of files that are a message each, an mbox, one
 * message; "-" is standard input. FAIL_NOINPUT where nothing does. */
int fetch_open_path(const char *path, struct fetch **out, struct fail *f);
/* Does what was settled as far as that is still possible, and parts. */
void fetch_close(struct fetch **fetch);

/* Whether the caller has had it already: asked before a message is loaded where its name is
 * known by then, else before it is given. 1: it is passed over, and done with; 0; -1. One that
 * was taken but whose settling may have been cut off lies behind the cursor that was stored
 * with it: to say 0 for it gives it once more, to be settled again. */
typedef int (*fetch_known_fn)(void *ctx, const struct fetch_id *id, struct fail *f);
void fetch_known(struct fetch *fetch, fetch_known_fn fn, void *ctx);

/* Called each FETCH_WAIT_MS while fetch_next() waits for a server, for whatever the caller holds
 * open meanwhile. -1 with f: that cannot be, and nothing more comes. */
enum { FETCH_WAIT_MS = 250 };
typedef int (*fetch_waits_fn)(void *ctx, struct fail *f);
void fetch_waits(struct fetch *fetch, fetch_waits_fn fn, void *ctx);

/* 1: there it is; 0: no more, and all that was settled is done; -1: f says why (FAIL_TEMP: try
 * again later), and nothing more comes. A message that was not settled when the next one is
 * asked for stays as it is, and so does the cursor. */
int fetch_next(struct fetch *fetch, struct fetch_message *out, struct fail *f);

/* What becomes of the message that fetch_next() gave last. */
enum fetch_fate {
	FETCH_LEAVE, /* as it was, unseen if it was unseen */
	FETCH_SEEN,
	FETCH_MOVE, /* to `folder`, made where it is missing; a mailbox without folders: as LEAVE */
};
/* By IMAP it is done with some others later on, at the latest by fetch_next() or
 * fetch_close(). "/" in `folder` makes folders within folders. What the mailbox does not let us
 * do is no failure: fetch_note() tells it. */
int fetch_settle(struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f);
/* What could not be done, in words; empty: nothing. */
struct view fetch_note(const struct fetch *fetch);

/* How far all is settled and done; empty where a source has none. Valid until the next call;
 * store it in the transaction of what was taken into account, and once more at the end. */
struct view fetch_cursor(const struct fetch *fetch);
/* How many there are to read, for progress; 0: unknown. */
size_t fetch_total(const struct fetch *fetch);
#endif
