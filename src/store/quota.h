#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H
#include "base/view.h"
#include "store/quota_clock.h"
#include "store/quota_window.h"
struct fail;
struct store;
struct store_sender;

/* quota - how much of a relay's quotas has been used, in the database: shared by all
 * senders and campaigns, exact for every sliding window. The proof it stands on: a
 * recipient is held before its message can leave, and counts as used from the moment
 * its outcome is known; the relay accepted it somewhere between the two. So when n more
 * are to be held and none of them leaves before a moment T, for every window that ends
 * at T: all that are held + those used within it + n <= count.
 *
 * Where the outcome never comes (the connection was cut, the sender died) the relay may
 * still accept what it has: such a one counts as used `doubt` ms after that. What
 * provably was not accepted is given back without a trace.
 *
 * A scope is what the limits are for: a relay's name, or a part of it.
 *
 * In a turn (store/delivery.h), after its results and marks:
 *	store_quota_look(); n = store_quota_room(); claim; store_quota_hold();
 *	store_quota_write(); and once the turn is on disk store_quota_written().
 * When the turn fails, nothing of it happened, and what was noted stays noted. */
struct store_quota;
struct store_quota_limit {
	uint64_t count, window_ms;
};
struct store_quota_params {
	struct view scope;
	/* What was sent through this relay before one of the windows was known is looked up
	 * among the deliveries; empty: it is not. */
	struct view relay;
	const struct store_quota_limit *limits;
	size_t count;
	int64_t doubt;
};

/* *out is NULL when nothing limits this scope and nobody else limits it: no need to ask.
 * Its own transaction. */
int store_quota_open(struct store *s, const struct store_quota_params *params,
	const struct quota_moment *m, struct store_quota **out, struct fail *f);
void store_quota_free(struct store_quota **q);
/* The limit of that place in params has another count from the next look on. */
void store_quota_set_count(struct store_quota *q, size_t limit, uint64_t count);

/* What became of those held, as it becomes known; n of them, `sent` whether they had the
 * durable mark. */
void store_quota_sent(struct store_quota *q, int64_t n); /* now they have it */
void store_quota_used(struct store_quota *q, int64_t n, bool sent, const struct quota_moment *m);
void store_quota_doubtful(
	struct store_quota *q, int64_t n, bool sent, const struct quota_moment *m);
void store_quota_given_back(struct store_quota *q, int64_t n, bool sent);

/* Writes what was noted, reads what others did, and takes the holds of dead senders for
 * used. */
int store_quota_look(struct store_sender *sender, struct store_quota *q,
	const struct quota_moment *m, struct fail *f);
/* As of that look: how many more may be held of which none leaves before `ahead` ms from
 * it, INT64_MAX without a limit; and in how many ms n may leave (0: now; INT64_MAX: when
 * others have finished). */
int64_t store_quota_room(const struct store_quota *q, int64_t ahead);
int64_t store_quota_wait(const struct store_quota *q, int64_t n);
/* Of the other senders: how many want more, whether one of them has waited longer than
 * this one, and how many recipients anybody holds, this one included. */
int64_t store_quota_rivals(const struct store_quota *q, bool *first);
int64_t store_quota_held(const struct store_quota *q);
/* n more are held. */
void store_quota_hold(struct store_quota *q, int64_t n);
/* What this sender held under its old number is for others to bury (store_turn_begin() said
 * STORE_LOST): it is held under the new one until it is known what became of it. */
void store_quota_lost(struct store_quota *q);
/* `wants`: this sender would claim more if it could. */
int store_quota_write(
	struct store_sender *sender, struct store_quota *q, bool wants, struct fail *f);
void store_quota_written(struct store_quota *q);
#endif
