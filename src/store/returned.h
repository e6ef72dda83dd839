#ifndef STORE_RETURNED_H
#define STORE_RETURNED_H
#include "base/arena.h"
#include "base/digest.h"
#include "base/vec.h"
struct fail;
struct store;

/* returned - what came back, as it was read: a row for each message or event, and one for
 * each recipient that it speaks of. Names of kinds and reasons are those of bounce/; what it
 * did to members and campaigns is in later.h and strike.h. Texts are cleaned and cut here. */

/* Many messages in one commit: what is said to be "in a batch" is called between these two.
 * store_batch_end() commits when ret >= 0 and returns ret; else nothing of it happened. */
int store_batch_begin(struct store *s, struct fail *f);
int store_batch_end(struct store *s, int ret, struct fail *f);

/* How far a mailbox was read (fetch_cursor()); empty when it never was. In a batch to set. */
int store_mailbox_reached(
	struct store *s, struct view name, struct arena *a, struct view *out, struct fail *f);
int store_mailbox_set(
	struct store *s, struct view name, struct view reached, int64_t now, struct fail *f);

/* Who a message is: the place it came from (a mailbox, a relay), and its name there, which
 * is valid within a space. */
struct store_returned_id {
	struct view place, space, name;
};
enum store_review { REVIEW_NONE = 0, REVIEW_OPEN = 1, REVIEW_ACCEPTED = 2, REVIEW_DISMISSED = 3 };
struct store_returned {
	int64_t id;
	struct view place;
	int64_t at;   /* when it was read */
	int64_t date; /* its own; 0: none */
	struct view kind, type, writer, author, subject, message_id, envelope_id, moved_to;
	/* type: of a complaint or an automatic reply */
	struct view why;	   /* the evidence for the kind (returns/record.h) */
	int64_t campaign, contact; /* whose message it tells of; 0: not known */
	bool valid;		   /* a token of ours says so */
	struct view raw;	   /* the message, where it was kept */
};
struct store_returned_rcpt {
	int64_t returned, n; /* from 1 */
	struct view address, action, status, reason, permanence, remote_mta, diagnostic, moved_to;
	int reply_code;
	struct view address_why, reason_why;
	int64_t campaign, contact; /* the delivery it was tied to, or that is proposed; 0 */
	struct view did;	   /* "suppressed", "counted", ...; empty: nothing */
	enum store_review review;
	struct view member; /* reading only: the address of `contact`; empty when there is none */
	struct view kind;   /* the same: of the whole message */
	bool valid;	    /* the same: a token of ours stands in it */
};
enum { RETURNED_RAW_MAX = 64 << 10 };

/* 1 it was had before, by its name there, and was of that kind (in the arena); 0; -1. */
int store_returned_known(struct store *s, const struct store_returned_id *id, struct arena *a,
	struct view *kind, struct fail *f);
/* In a batch. Gives it a number: 1, or 0 when the same bytes were had from there before under
 * another name (out->id is theirs, and the name is remembered), -1. */
int store_returned_enter(struct store *s, const struct store_returned_id *id,
	const unsigned char hash[DIGEST_SIZE], int64_t *number, struct fail *f);
/* In a batch, under a number that store_returned_enter() gave. */
int store_returned_add(struct store *s, const struct store_returned *r,
	const unsigned char hash[DIGEST_SIZE], struct fail *f);
int store_returned_rcpt_add(struct store *s, const struct store_returned_rcpt *r, struct fail *f);
/* In a batch: the end of a review, with its event. */
int store_returned_judge(struct store *s, const struct store_returned_rcpt *r,
	enum store_review review, struct view did, int64_t now, struct fail *f);

/* Texts in the arena, its recipients (struct store_returned_rcpt) pushed to `rcpts`.
 * FAIL_NOINPUT when there is none of that number. */
int store_returned_get(struct store *s, int64_t id, struct arena *a, struct store_returned *out,
	struct vec *rcpts, struct fail *f);
/* Newest first, at most so many; stops at non-zero. */
typedef int (*store_returned_fn)(void *ctx, const struct store_returned *r);
int store_returned_each(
	struct store *s, int64_t most, store_returned_fn fn, void *ctx, struct fail *f);
/* What waits for somebody's judgement, oldest first. */
typedef int (*store_returned_rcpt_fn)(void *ctx, const struct store_returned_rcpt *r);
int store_returned_open(struct store *s, store_returned_rcpt_fn fn, void *ctx, struct fail *f);
#endif
