#ifndef STORE_DELIVERY_PRIVATE_H
#define STORE_DELIVERY_PRIVATE_H
#include "store/delivery.h"
#include "store/sender.h"
#include "store/store_private.h"

/* What campaigns, turns and recovery share. */

/* True when one step leads from one state to the other (state.c has the table). */
bool delivery_may(enum delivery_state from, enum delivery_state to);
bool campaign_may(enum campaign_state from, enum campaign_state to);

/* Adds to the running counts and asserts that they add up to the total:
 * FAIL_BUG where they do not, and the caller rolls back. */
int store_campaign_count(
	struct store *s, int64_t campaign, const int64_t delta[DELIVERY_STATES], struct fail *f);
/* State and list of a campaign; FAIL_NOINPUT when there is none. */
int store_campaign_find(struct store *s, int64_t campaign, enum campaign_state *state,
	int64_t *list, struct fail *f);

/* The new state and the event that tells of it; `delta` is what the step did to
 * the recipients. Whether the step is allowed is the caller's to ask. */
int store_campaign_move(struct store *s, int64_t id, enum campaign_state from,
	enum campaign_state to, const int64_t delta[DELIVERY_STATES], int64_t now, struct fail *f);

enum {
	SENDER_BEAT_MS = 5000,	/* how often a heartbeat is written, at most */
	STORE_IDS_CHUNK = 5000, /* contacts in one event */
	STORE_REASON_MAX = 64,	/* bytes */
	STORE_STATUS_MAX = 16,
};

struct store_mark {
	int64_t contact, batch;
	struct view relay;
};
struct store_sender {
	struct store *s;
	int64_t id;
	struct sender_id self;
	int64_t beat, beat_campaign; /* what the row says */
	int witness;		     /* witness.h's file; -1: none is kept */
	/* The turn. */
	bool in_turn, beats;
	int64_t campaign, list, now;
	enum campaign_state state;
	int64_t delta[DELIVERY_STATES], woken;
	int64_t way; /* what happens now goes through it (store/way.h) */
	struct view relay;
	struct vec marks; /* struct store_mark */
	struct store_turn_watch watch;
	bool refused; /* somebody was, in this turn */
};

/* Events about many contacts at once, in chunks: {"sender":,"reason":,"contacts":[...]}. */
struct store_batch_event {
	const char *kind;
	int64_t campaign, sender, now;
	struct view reason;
};
int store_tell_contacts(
	struct store *s, const struct store_batch_event *b, const struct vec *ids, struct fail *f);

/* One recipient's way from a state that a sender held to the next: row, event, delta. */
struct store_outcome {
	int64_t campaign, contact, sender;
	enum delivery_state from;
	int64_t attempts, batch;
	bool presumed; /* a mark that may be otherwise: then STORE_LOST, and nothing is written */
	int64_t now;
	int64_t way; /* store/way.h; 0: not to be told */
	struct view relay;
	const struct store_result *result;
};
int store_outcome_write(struct store *s, const struct store_outcome *o,
	int64_t delta[DELIVERY_STATES], struct fail *f);

/* What came from outside, as it is kept: cleaned, and cut at a character; in `room`, which is
 * the caller's to free, or where it was. */
struct view store_keep(struct str *room, struct view text, size_t max);

/* Rows of what, state and count, for a report. */
int store_tally(struct store *s, enum store_query q, int64_t campaign, store_tally_fn fn, void *ctx,
	struct fail *f);

/* What a row of the sender table (all NULL: none) tells of its process. */
enum sender_life store_sender_row_life(
	struct db_stmt *stmt, int at, const struct sender_id *self, int64_t now);

/* What it is about is on disk by then: writes witness.h's file, where one is kept. */
void store_sender_witness(struct store_sender *sender, int64_t now);

/* Writes that the sender lives and works for this campaign. STORE_LOST as in store_turn_begin(). */
int store_sender_beat(struct store_sender *sender, int64_t campaign, int64_t now, struct fail *f);
#endif
