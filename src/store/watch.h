#ifndef STORE_WATCH_H
#define STORE_WATCH_H
#include <stdbool.h>
#include "base/view.h"
struct fail;
struct store;

/* watch - what somebody who looks on from another terminal wants to know while others
 * send: who they are, and how fast it goes. Read from the events, newest first, so that it
 * costs what happened since and not what there is. */
struct store_watch_sender {
	int64_t pid;
	struct view machine;
	bool here;     /* on this machine: pid is a process of ours */
	int64_t since; /* when that process began; 0: not known */
	int64_t beat;  /* its last sign of life */
};
typedef void (*store_watch_fn)(void *ctx, const struct store_watch_sender *sender);
/* Each living sender of the campaign. */
int store_watch_senders(struct store *s, int64_t campaign, int64_t now, store_watch_fn fn,
	void *ctx, struct fail *f);

struct store_watch_use {
	int64_t n;     /* recipients whose attempt had an outcome */
	int64_t first; /* the first of them; 0: none */
};
/* After `since`, of this campaign; or of all that go through this relay. */
int store_watch_campaign(struct store *s, int64_t campaign, int64_t since,
	struct store_watch_use *out, struct fail *f);
int store_watch_relay(struct store *s, struct view relay, int64_t since,
	struct store_watch_use *out, struct fail *f);
/* When the first campaign that reached anybody through this relay began; 0: none has. */
int store_relay_first_use(struct store *s, struct view relay, int64_t *at, struct fail *f);
#endif
