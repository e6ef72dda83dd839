#ifndef SEND_ENGINE_H
#define SEND_ENGINE_H
#include <signal.h>
#include "store/delivery.h"
struct settings;
struct settings_relay;
struct send_gate;
struct fail;
struct store;

/* engine - sends a campaign: claims recipients, composes, hands messages to the
 * relay, makes the durable mark before the end of each one's data (P3, P4) and
 * records what the relay said, all in turns of one commit each. */
enum { SEND_HINTS_MAX = 8 };
/* A group of destinations that slows us down. Borrowed until the callback returns. */
struct send_hint {
	struct view group; /* "orange.fr" */
	struct view text;  /* what it says */
	int code;	   /* its reply code; 0: it does not answer */
	int64_t since;
};
/* One of the relays that a campaign goes through. */
struct send_way {
	const struct settings_relay *relay;
	const struct send_gate *gate; /* progress only */
	bool reserve;
	int64_t done, accepted; /* recipients, by this run: decided, and so of them */
	int64_t quota_at;	/* wall clock: when its quotas let the next one go; 0: now */
	bool failing;		/* not used: until then, or not any more by this run */
	int64_t since, until;	/* wall clock; until 0: not any more */
	struct view why;
};
struct send_progress {
	struct store_campaign campaign; /* texts unset; counts as of the last turn */
	int64_t started;		/* when this run began */
	int64_t done; /* recipients decided by this run: the next three, and others */
	int64_t accepted, deferred, refused;
	size_t flying; /* messages that the relay has, or is being given */
	/* What is waited for; 0: not that. All wall clock. */
	int64_t quota_at;	     /* the quotas let the next one go */
	int64_t opens_at;	     /* the campaign's time comes, or the sending hours begin */
	int64_t due_at;		     /* the first of those who asked for later is tried again */
	bool stopping;		     /* what is in flight is finished, and nothing new begun */
	bool asked;		     /* somebody wants to see it now (options->ask) */
	const struct send_way *ways; /* borrowed until the callback returns */
	size_t way_count;
	struct send_hint hints[SEND_HINTS_MAX];
	size_t hint_count;
};
struct send_engine_options {
	/* Counts signals: 1 finish what is in flight, 2 stop at once. */
	const volatile sig_atomic_t *stop;
	/* Counts requests to show the progress at once; may be NULL. */
	const volatile sig_atomic_t *ask;
	void (*progress)(void *ctx, const struct send_progress *p);
	void *ctx;
	bool force_relay; /* see guard.h; also kept with the campaign when it was made so */
	/* Hears of refusals (store/delivery.h), in the thread that runs the turns; NULL: nobody. */
	const struct store_turn_watch *watch;
	/* Stay until the deferred ones are due, as long as the campaign's deadline, and until
	 * its time comes or the sending hours begin. */
	bool wait;
};
struct send_outcome {
	struct store_campaign campaign;	  /* at the end; texts in the arena given */
	struct store_recovered recovered; /* what earlier senders had left */
	struct send_way *ways;		  /* in the arena given */
	size_t way_count;
	int64_t next_due; /* of deferred ones; 0: none */
	int64_t opens_at; /* it ended for it may not send before then; 0: not so */
	bool stopped;	  /* by a signal, or paused or cancelled from elsewhere */
};

/* Runs until every recipient is decided, or something stops it. 0: see *out.
 * -1: the relay or the database cannot go on (f); what was recorded stands and
 * the campaign is paused, to be resumed. */
int send_engine_run(struct store *s, const struct settings *settings, int64_t campaign,
	const struct send_engine_options *o, struct arena *a, struct send_outcome *out,
	struct fail *f);
#endif
