#ifndef STORE_LATER_H
#define STORE_LATER_H
#include "store/campaign.h"
struct fail;
struct store;

/* later - what came back about a message that was sent: beside the state of its delivery, for
 * `accepted` stays what the relay said. Counted in the campaign's row as deliveries are, in the
 * same transaction. All of it is called in a batch (store/returned.h), or in a turn, but for
 * what reads alone. */
struct store_sent {
	int64_t campaign, contact, list;
	struct view address, domain; /* of the delivery; in the arena */
	enum delivery_state state;
	bool sent;  /* its end may have left, at one time or another */
	int64_t at; /* when its state changed last */
	enum store_later later;
};
/* 1; 0: they are no recipient of it; -1. */
int store_sent_get(struct store *s, int64_t campaign, int64_t contact, struct arena *a,
	struct store_sent *out, struct fail *f);
int store_sent_by_key(struct store *s, int64_t campaign, struct view key, struct arena *a,
	struct store_sent *out, struct fail *f);
/* The newest that was sent to that address in that time. */
int store_sent_last(struct store *s, struct view key, int64_t since, int64_t until, struct arena *a,
	struct store_sent *out, struct fail *f);

struct store_later_news {
	enum store_later later;
	struct view reason, status, text;
	int64_t returned, now;
};
/* Writes it with its event and the count, where the delivery was accepted or is under way, or
 * in doubt (then it becomes accepted) and nothing as great was known. 1 it was news, 0, -1. */
int store_later_set(struct store *s, const struct store_sent *sent,
	const struct store_later_news *news, struct fail *f);

/* How many of a campaign had what, and why; delivered ones first, then the more frequent. */
struct store_later_tally {
	enum store_later later;
	struct view reason;
	struct view status, text; /* one example */
	int64_t count;
};
typedef int (*store_later_fn)(void *ctx, const struct store_later_tally *t);
int store_later_each(
	struct store *s, int64_t campaign, store_later_fn fn, void *ctx, struct fail *f);

/* How many had which reason: refused or bounced, for alarms. */
int store_cause_add(
	struct store *s, int64_t campaign, struct view reason, int64_t n, struct fail *f);
/* All of a campaign, or some of it, went to one address that was none of its recipients'
 * (safety.redirect_all_to): kept with the reasons, under a name that is none of theirs. Not in a
 * batch to set. */
int store_rehearsed_set(struct store *s, int64_t campaign, struct fail *f);
int store_rehearsed(struct store *s, int64_t campaign, struct fail *f); /* 1, 0, -1 */
typedef int (*store_cause_fn)(void *ctx, struct view reason, int64_t n);
int store_cause_each(
	struct store *s, int64_t campaign, store_cause_fn fn, void *ctx, struct fail *f);

/* Something about a campaign that somebody should know: a cause ("hard-bounces",
 * "complaints", "blocked", or a reason of the sender's), once each. */
struct store_alarm {
	struct view cause;
	int64_t at;	    /* the first time, or when the campaign was paused */
	int64_t n, total;   /* so many of so many */
	struct view detail; /* what the cause comes down to: "SPF", the name of a block list */
	bool paused;	    /* the campaign was paused for it */
};
/* Raises it, or brings its numbers up to date. With `pause` a campaign that is sending is
 * paused, once for each cause: who resumes it has decided. *paused: it was now. The event is
 * written the first time, and when it pauses. */
int store_alarm_raise(struct store *s, int64_t campaign, const struct store_alarm *alarm,
	bool pause, bool *paused, struct fail *f);
typedef int (*store_alarm_fn)(void *ctx, const struct store_alarm *alarm);
int store_alarm_each(
	struct store *s, int64_t campaign, store_alarm_fn fn, void *ctx, struct fail *f);
#endif
