#ifndef SEND_ENGINE_H
#define SEND_ENGINE_H
#include <signal.h>
#include "store/delivery.h"
struct settings;
struct fail;
struct store;

/* engine - sends a campaign: claims recipients, composes, hands messages to the
 * relay, makes the durable mark before the end of each one's data (P3, P4) and
 * records what the relay said, all in turns of one commit each. */
struct send_progress {
	struct store_campaign campaign; /* texts unset; counts as of the last turn */
	int64_t started;		/* when this run began */
	int64_t done;			/* recipients decided by this run */
};
struct send_engine_options {
	/* Counts signals: 1 finish what is in flight, 2 stop at once. */
	const volatile sig_atomic_t *stop;
	void (*progress)(void *ctx, const struct send_progress *p);
	void *ctx;
	bool force_relay; /* see guard.h; also kept with the campaign when it was made so */
	bool wait; /* stay until the deferred ones are due, as long as the campaign's deadline */
};
struct send_outcome {
	struct store_campaign campaign;	  /* at the end; texts in the arena given */
	struct store_recovered recovered; /* what earlier senders had left */
	int64_t next_due;		  /* of deferred ones; 0: none */
	bool stopped;			  /* by a signal, or paused or cancelled from elsewhere */
};

/* Runs until every recipient is decided, or something stops it. 0: see *out.
 * -1: the relay or the database cannot go on (f); what was recorded stands and
 * the campaign is paused, to be resumed. */
int send_engine_run(struct store *s, const struct settings *settings, int64_t campaign,
	const struct send_engine_options *o, struct arena *a, struct send_outcome *out,
	struct fail *f);
#endif
