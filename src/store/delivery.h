#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H
#include "base/vec.h"
#include "store/campaign.h"

/* delivery - the way of each recipient of a campaign through its states, for
 * the sending engine. The engine works in turns: everything that became known
 * in one turn of its loop (claims, durable marks, results) goes to disk in one
 * commit, and only then do the bytes leave that depend on it.
 *
 * A sender is a running process. Its row tells whether it still lives: machine,
 * boot, process id and start time, and a heartbeat. A claim belongs to its sender; a mark or
 * a result for a claim that is no longer ours is refused (store_turn returns
 * STORE_LOST), for then another sender took it over or the campaign was
 * cancelled: do not send it. A sender that waits makes an empty turn at least every 30 s, so
 * that its heartbeat stays fresh for senders in other containers (SENDER_LEASE_MS, sender.h). */
enum { STORE_LOST = 1 };

struct store_sender;
int store_sender_open(struct store *s, int64_t now, struct store_sender **out, struct fail *f);
/* Gives claims back (claimed -> pending) and forgets the row. What is committed
 * without a result stays so, for the next store_recover(). Frees, also on failure. */
int store_sender_close(struct store_sender **sender, int64_t now, struct fail *f);

struct store_delivery {
	int64_t contact;
	struct view address, name, fields;
	int64_t attempt; /* 1 for the first */
	int64_t batch;	 /* of a committed one: as given to store_turn_commit_mark */
};

/* A turn. Between begin and end the database is locked for writing: keep it
 * short. When a call fails (-1), store_turn_abort(): nothing of the turn happened.
 * Begin returns STORE_LOST when this sender was silent for longer than its lease and others
 * have taken over all it held; the turn has begun all the same, for a sender that holds nothing. */
int store_turn_begin(struct store_sender *sender, int64_t campaign, int64_t now, struct fail *f);
/* Deferred ones that are due become pending; then up to `limit` pending ones of one
 * destination (0: of no group), by contact id, become claimed and are pushed to `out`
 * (struct store_delivery, texts in the arena; name and fields as they are now). One that was
 * suppressed, unsubscribed or removed since becomes skipped instead. Nobody while the
 * campaign is not SENDING; else an empty answer means that nobody there is pending or due. */
int store_turn_claim(struct store_sender *sender, int64_t destination, size_t limit,
	struct arena *a, struct vec *out, struct fail *f);
/* The same, of those whose addresses are ASCII, for a relay without SMTPUTF8. */
int store_turn_claim_plain(struct store_sender *sender, int64_t destination, size_t limit,
	struct arena *a, struct vec *out, struct fail *f);
/* Whether somebody there is pending, or anybody is due: 1, 0, -1. */
int store_turn_waiting(struct store_sender *sender, int64_t destination, struct fail *f);
/* How many deferred ones, of whatever destination, this turn has made pending. */
int64_t store_turn_woken(const struct store_sender *sender);
/* claimed -> committed. `batch` tells which message it is part of. 0, STORE_LOST, -1. */
int store_turn_mark(struct store_sender *sender, int64_t contact, int64_t batch, struct fail *f);
/* claimed -> pending (the attempt does not count), deferred, refused or skipped;
 * committed -> those, accepted or uncertain. Accepted or uncertain without the
 * durable mark is FAIL_BUG. In a cancelled campaign pending and deferred
 * become cancelled. Texts are cleaned and cut. 0, STORE_LOST, -1. */
struct store_result {
	enum delivery_state state;
	int reply_code;	    /* 0: no reply */
	struct view status; /* "5.1.1" or empty */
	struct view reason; /* a word of BOUNCES.md section 2, or of ours; empty: none */
	struct view text;   /* what the relay said, or why */
	int64_t due;	    /* of a deferred one */
	/* What its sender knows of one that it has marked, so that it need not be read first:
	 * the attempt it was claimed for, and the batch of its mark. 0: nothing. Where it is
	 * not so it is read after all. */
	int64_t attempt, batch;
};
int store_turn_result(
	struct store_sender *sender, int64_t contact, const struct store_result *r, struct fail *f);
/* Writes the events and the counts, asserts that they add up to the total, and
 * commits: on return everything said in this turn survives the death of the process,
 * and a power cut as well unless store_sender_hurry() was called. */
int store_turn_end(struct store_sender *sender, struct fail *f);
void store_turn_abort(struct store_sender *sender);
/* Somebody who wants to know, inside the turn, of each recipient that is refused, and then once
 * of the end of such a turn, when its counts are written: what they do is of the same commit. A
 * -1 fails the turn. */
struct store_refused {
	int64_t campaign, contact;
	bool permanent;
	struct view reason, status, text;
	int64_t now;
};
struct store_turn_watch {
	int (*refused)(void *ctx, const struct store_refused *no, struct fail *f);
	int (*ended)(void *ctx, struct fail *f);
	void *ctx;
};
/* Copied; without it nobody is told. */
void store_sender_watch(struct store_sender *sender, const struct store_turn_watch *watch);
/* From now on turns do not wait for the disk (true), or do again (false): what they did
 * survives the death of the process, and a power cut once store_sender_sync(), called
 * after them, has returned 0. That one may be called from another thread while this one
 * goes on, one at a time; an errno means that the marks of those turns are not durable, and
 * nothing that waits for them may be completed (P4). */
int store_sender_hurry(struct store_sender *sender, bool hurry, struct fail *f);
int store_sender_sync(struct store_sender *sender);
/* From now on a file beside the database tells how far it had come (witness.h), first of
 * all now: before messages leave that reach people. After store_sender_hurry(true). Where the
 * file cannot be written nothing happens. */
void store_sender_keep_witness(struct store_sender *sender, int64_t now);

/* Takes back what dead senders left of this campaign, each batch as `settle` says
 * for committed ones (DELIVERY_ACCEPTED, _PENDING or _UNCERTAIN; NULL: uncertain).
 * Claimed ones become pending. Its own transaction. *living tells how many other
 * senders of this campaign are alive. */
typedef enum delivery_state (*store_settle_fn)(void *ctx, const struct store_delivery *d);
struct store_recovered {
	int64_t claimed, committed, uncertain;
	int living;
};
int store_recover(struct store_sender *sender, int64_t campaign, store_settle_fn settle, void *ctx,
	int64_t now, struct store_recovered *out, struct fail *f);
/* How many senders of this campaign are alive at this moment. */
int store_senders_living(struct store *s, int64_t campaign, int64_t now, int *n, struct fail *f);
/* uncertain -> pending, on purpose: they may get it twice. How many through *n.
 * A campaign that was done is paused then; one that was cancelled is FAIL_GUARD. */
int store_retry_uncertain(
	struct store *s, int64_t campaign, int64_t now, int64_t *n, struct fail *f);
/* When the earliest deferred one is due; 0 when there is none. */
int store_next_due(struct store *s, int64_t campaign, int64_t *due, struct fail *f);

/* For reports. */
struct store_recipient {
	int64_t contact;
	struct view address, name;
	enum delivery_state state;
	int64_t attempts, updated, due;
	int reply_code;
	struct view status, reason, text;
	struct view relay;	/* it went through; empty where the campaign has but one */
	enum store_later later; /* what came back, and why and when */
	struct view later_reason, later_status, later_text;
	int64_t later_at;
};
typedef int (*store_recipient_fn)(void *ctx, const struct store_recipient *r, struct fail *f);
int store_recipient_each(
	struct store *s, int64_t campaign, store_recipient_fn fn, void *ctx, struct fail *f);
/* By reason (for deferred, refused, uncertain, skipped and cancelled), biggest first; or a row
 * per domain and state, the rows of one domain together. */
struct store_tally {
	struct view what; /* reason or domain */
	enum delivery_state state;
	struct view status; /* by reason only: one example */
	struct view text;   /* by reason only: one example */
	int64_t count;
};
typedef int (*store_tally_fn)(void *ctx, const struct store_tally *t);
int store_tally_reasons(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f);
int store_tally_domains(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f);
/* 1 when `key` is a recipient of this campaign, 0, -1 (promise P1's scan). */
int store_is_recipient(struct store *s, int64_t campaign, struct view key, struct fail *f);
#endif
