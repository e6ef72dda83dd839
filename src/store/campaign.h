#ifndef STORE_CAMPAIGN_H
#define STORE_CAMPAIGN_H
#include "base/arena.h"
struct store;
struct fail;

/* campaign - one sending of one template version to the members that one list
 * had when it was prepared. Template, recipients and `frozen` (a JSON object
 * that the send module writes and reads: identity, mode, relay) never change
 * after that. */
enum campaign_state {
	CAMPAIGN_PREPARED = 0,
	CAMPAIGN_SENDING = 1,
	CAMPAIGN_PAUSED = 2, /* by somebody, by a signal, or waiting for deferred ones */
	CAMPAIGN_DONE = 3,
	CAMPAIGN_CANCELLED = 4,
};
const char *campaign_state_name(enum campaign_state state); /* "prepared", ... */

/* The state of one recipient (DESIGN.md section 4, RFC 5321 words). */
enum delivery_state {
	DELIVERY_PENDING = 0,
	DELIVERY_CLAIMED = 1,	/* a sender has it in hand; nothing has left */
	DELIVERY_COMMITTED = 2, /* the durable mark: the end of the data may have left */
	DELIVERY_ACCEPTED = 3,	/* the relay took responsibility: 2yz to the end of data */
	DELIVERY_DEFERRED = 4,	/* 4yz: again when due */
	DELIVERY_REFUSED = 5,	/* 5yz, or cannot be sent at all */
	DELIVERY_UNCERTAIN = 6, /* committed, and the reply never came */
	DELIVERY_SKIPPED = 7,	/* suppressed, unsubscribed or expired before it was sent */
	DELIVERY_CANCELLED = 8,
	DELIVERY_STATES
};
const char *delivery_state_name(enum delivery_state state);

/* What came back about somebody whose message was accepted; a greater one is never replaced by
 * a smaller (store/later.h). */
enum store_later {
	LATER_NOTHING = 0,
	LATER_DELIVERED = 1,
	LATER_BOUNCED = 2,
	LATER_COMPLAINED = 3,
	LATER_STATES
};
const char *store_later_name(enum store_later later); /* "delivered", ...; "" for nothing */

struct store_campaign {
	int64_t id;
	struct view name;
	enum campaign_state state;
	int64_t list, template_id;
	struct view list_name, template_name;
	int64_t template_version;
	struct view relay, mode;
	struct view frozen;
	/* 0: not yet. It has started with the run that first reached somebody, or with the
	 * latest while none has. */
	int64_t created, started, finished;
	int64_t total;
	int64_t count[DELIVERY_STATES]; /* their sum is total: asserted at every commit */
	/* Beside them, of those that were accepted; [LATER_NOTHING] is unused. */
	int64_t later[LATER_STATES];
};

/* A domain and the provider it is with. */
struct store_destination {
	struct view
		domain;	  /* as in a key (mail/addr.h): lower case, A-labels or U-labels as there */
	int64_t number;	  /* of the provider: from 1 */
	struct view name; /* its */
};
struct store_campaign_new {
	struct view name; /* empty: made from list and template */
	int64_t list, template_id;
	struct view relay, mode, frozen;
	int64_t limit;	/* at most so many recipients; 0: all */
	int64_t expect; /* exactly so many that are not suppressed; 0: as many as there are */
	int64_t now;
	/* For interleaving and limits; everybody else has destination 0. Each domain once. */
	const struct store_destination *destinations;
	size_t destination_count;
};
/* The providers of a campaign, by number. */
typedef int (*store_destination_fn)(void *ctx, int64_t number, struct view name);
int store_campaign_destinations(
	struct store *s, int64_t id, store_destination_fn fn, void *ctx, struct fail *f);
/* The same with how many are pending there in the place of the number; where nobody is left
 * fn may not be called. */
int store_campaign_crowd(
	struct store *s, int64_t id, store_destination_fn fn, void *ctx, struct fail *f);
/* Makes the campaign and one delivery for every subscribed member of the list
 * (SKIPPED with reason "suppressed" for those that are), in one transaction.
 * FAIL_NOINPUT for a list without members, FAIL_GUARD when they are not as many as expected. */
int store_campaign_create(
	struct store *s, const struct store_campaign_new *n, int64_t *id, struct fail *f);
/* FAIL_NOINPUT when there is no such campaign. */
int store_campaign_get(
	struct store *s, int64_t id, struct arena *a, struct store_campaign *out, struct fail *f);
typedef int (*store_campaign_fn)(void *ctx, const struct store_campaign *c);
int store_campaign_each(
	struct store *s, store_campaign_fn fn, void *ctx, struct fail *f); /* oldest first */
/* Cheap: for the engine, every turn. */
int store_campaign_state(struct store *s, int64_t id, enum campaign_state *out, struct fail *f);
/* Allowed: prepared|paused -> sending, sending -> paused|done, prepared|sending|paused
 * -> cancelled (its pending, claimed and deferred recipients become cancelled too: all that has
 * not left). The same state again is fine; done while somebody still waits, and
 * all else, is FAIL_GUARD saying what the state is and what can be done. */
int store_campaign_set_state(
	struct store *s, int64_t id, enum campaign_state to, int64_t now, struct fail *f);
/* Counts the deliveries themselves and what came back about them, not the running counts.
 * FAIL_BUG when they differ. */
int store_campaign_audit(struct store *s, int64_t id, struct fail *f);
#endif
