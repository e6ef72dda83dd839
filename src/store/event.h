#ifndef STORE_EVENT_H
#define STORE_EVENT_H
#include "base/view.h"
struct store;
struct fail;

/* event - what happened, append-only, in the transaction of what it tells of.
 * Events are chained: hash = SHA-256 over the hash before it and every column
 * of its own (event_private.h has the exact bytes), so that one that is
 * changed, left out or moved shows. */
struct store_event {
	int64_t id;
	int64_t at;
	struct view kind;	   /* "list.import", "campaign.created", "delivery.accepted", ... */
	int64_t campaign, contact; /* 0: none */
	struct view data;	   /* a JSON object, or empty */
};
/* Newest last; a callback that returns non-zero stops. campaign 0: all. */
typedef int (*store_event_fn)(void *ctx, const struct store_event *e);
int store_event_each(
	struct store *s, int64_t campaign, store_event_fn fn, void *ctx, struct fail *f);
/* Walks the whole chain. 1 it holds (*count events); 0 it is broken at *bad; -1 failed. */
int store_event_verify(struct store *s, int64_t *count, int64_t *bad, struct fail *f);
#endif
