#ifndef SEND_ENGINE_PRIVATE_H
#define SEND_ENGINE_PRIVATE_H
#include "base/fail.h"
#include "send/clerk.h"
#include "send/engine.h"
#include "send/gate.h"
#include "send/letter.h"
#include "send/manners.h"
#include "send/transport.h"
#include "send/turn.h"

/* engine_private - between engine.c (the loop, beginning and end), turns.c (what goes into
 * the commits), flight.c (messages: composing, handing over, and what becomes of them),
 * routes.c (the relays: opened, failing, left alone), streams.c (whose turn it is) and outlook.c (what is told, and whether it is time).
 * The store belongs to the clerk while a turn runs: engine_end_turn() before it is asked. */

enum { STREAM_TEXT_SIZE = 200 };

/* One of the relays that a campaign goes through: its own, or one of its group. */
struct route {
	const struct settings_relay *relay;
	unsigned weight;		  /* 0: in reserve */
	struct send_transport *transport; /* NULL: it cannot be used now */
	struct send_quota *quota;	  /* NULL: the relay has none */
	size_t quota_most;		  /* that may ever go at once */
	size_t batch_max;		  /* recipients per message */
	bool plain;			  /* it does not offer SMTPUTF8 */
	struct send_gate gate;
	int64_t quota_at;	/* monotonic */
	int64_t connections_at; /* monotonic: when there may be one for us; 0: there is */
	size_t connections;	/* that it may have, as far as other senders leave some */
	int64_t took;	/* how long it took to have all but the end of a message; 0: no news */
	size_t flying;	/* messages */
	size_t turn_of; /* the stream of its own that may send next, or one before it */
	int64_t done, accepted; /* recipients, by this run: decided, and so of them */
	bool accepted_any;
	unsigned refused_in_a_row;
	bool shut; /* it is not its hour, and that was seen to */
	/* Its share of the messages: recipients by weight, and when it last took some. */
	double had;
	int64_t had_at;	    /* monotonic */
	int64_t full_since; /* monotonic: it has work and takes none of it; 0: it does */
	bool stuck;	    /* for a while, and others do what it had in hand */
	/* The breaker: it is left alone, each time longer, until it accepts something again. */
	bool failing;  /* in vain last time, and nothing accepted since */
	bool dead;     /* not to be used any more by this run */
	unsigned slow; /* answers in a row that put us off, and none that was good */
	unsigned closures;
	int64_t until; /* monotonic: left alone until then */
	int64_t since; /* wall clock: failing */
	struct fail why;
};

/* The recipients of one destination (send/destination.h), through one relay. A slow provider
 * holds up its own stream and no other. */
struct stream {
	size_t route;
	int64_t destination;
	struct view name; /* empty: everybody who is with none of the others */
	struct send_quota *quota;
	size_t quota_most;	  /* that may ever go at once */
	int64_t quota_at;	  /* monotonic */
	struct turn_queue queue;  /* claimed, not yet in a message */
	struct turn_queue coming; /* claimed ahead: next in line when the queue is used up */
	size_t claim;		  /* recipients that are claimed at once */
	int64_t claimed_at;	  /* monotonic */
	size_t flying;		  /* messages */
	bool exhausted;		  /* the last claim found nobody */
	bool backs;		  /* somebody went back to pending since the turn began */
	struct manners manners;
	bool answered;	 /* latency says something */
	int64_t latency; /* of an answer to a whole message: a moving average, ms */
	bool slow;	 /* much slower than the fastest */
	/* The last "slow down": what is told of it. */
	int slow_code;
	int64_t slow_since; /* wall clock: of the first of them in a row */
	char slow_text[STREAM_TEXT_SIZE];
};

/* A message whose mark is committed but perhaps not on disk. */
struct marked {
	uint64_t message;
	int64_t good_until; /* monotonic: an older mark may have been taken over by others */
};
/* The wait for the disk, in a thread of its own. */
struct disk {
	struct clerk *clerk; /* NULL: nobody waits for the disk, or every turn does in place */
	struct store_sender *sender;
	int error;	    /* errno of the last wait */
	bool behind;	    /* a turn has ended since the wait began */
	struct vec marked;  /* struct marked: of turns since then */
	struct vec waiting; /* struct marked: what this wait is for */
};

struct engine {
	struct store *store;
	const struct settings *settings;
	const struct settings_relay *relay; /* that the campaign names: perhaps a group */
	const struct send_engine_options *options;
	int64_t campaign;
	enum send_mode mode;
	bool real;	     /* it was prepared, and confirmed, for a relay that mails people */
	bool forced;	     /* --force-relay */
	bool notify_success; /* as the campaign froze it */
	bool lost_answers;   /* an earlier run of this campaign did not hear what became of some */
	struct store_sender *sender;
	struct send_letter *letter;
	struct token_maker *tokens; /* NULL: it has none */
	struct net_loop *loop;
	struct vec routes;    /* struct route */
	struct view redirect; /* gets everything instead, for rehearsals; empty: nobody */
	struct disk disk;
	struct clerk *clerk; /* runs the turns; NULL: they are run in place */
	struct turn turn;    /* the one that runs, or what the last one left of room */
	struct vec streams;  /* struct stream, as the claims of the turn: route by route */
	struct vec flying;   /* struct send_message * */
	struct vec ready;    /* struct send_message *: want their mark */
	int64_t ready_at;    /* monotonic: since when the first of them does */
	struct vec results;  /* struct decided */
	struct arena arena;  /* for the whole run */
	struct arena results_arena, look_arena;
	bool afresh;   /* what is in flight was taken over by others */
	bool draining; /* nothing new is begun */
	bool stopped;  /* from outside */
	struct fail fatal;
	int64_t started, deadline;    /* wall clock */
	int64_t look_at, progress_at; /* monotonic */
	int64_t beat_at;    /* monotonic: when the next turn is due, with or without news */
	int64_t pending_at; /* monotonic: when to look again for somebody to claim */
	int64_t stop_at;    /* monotonic: a stop was asked for, and this is when patience ends */
	int64_t done;
	int64_t next_try; /* wall clock: of what waits when the run ends; 0: nothing does */
	int64_t campaign_at, campaign_deadline; /* as it froze them */
	int64_t due_at; /* wall clock: waiting for those who asked for later; 0: not */
	int64_t decided[DELIVERY_STATES]; /* by this run */
	sig_atomic_t asked;		  /* requests that were answered */
};

/* A turn when there is reason for one: marks and recipients that are wanted, results that
 * have waited. Without a clerk it ends here too: -1 as engine_take_turn(). */
int engine_turn_if_needed(struct engine *e, struct fail *f);
/* The results that wait, to their end. */
int engine_record(struct engine *e, struct fail *f);
/* When the next turn is due by the clock alone (monotonic): a quota lets somebody be claimed,
 * or completed. INT64_MAX: something else comes first. */
int64_t engine_turn_at(const struct engine *e);
bool engine_in_turn(const struct engine *e);
/* If the turn is over what it did is taken note of; messages whose mark is on disk by now are
 * completed. -1: the turn did not happen, or is not on disk, and what was ready or marked has
 * been abandoned (P4). */
int engine_take_turn(struct engine *e, struct fail *f);
int engine_end_turn(struct engine *e, struct fail *f); /* the same, waiting for it */
/* Nothing that wants its mark, or waits for the disk, will be completed. */
void engine_abandon_ready(struct engine *e);
/* It will not be completed; NULL: it is not in flight any more. */
void engine_abandon(struct engine *e, const struct send_message *m);

/* disk.c: the thread; what was committed is on its way to the disk; whether some of it has
 * arrived, and messages may be completed (-1: it failed, all is abandoned). */
int disk_open(struct engine *e, struct fail *f);
void disk_close(struct engine *e);
void disk_note(struct engine *e, const struct marked *m);
void disk_begin(struct engine *e);
int disk_take(struct engine *e, struct fail *f);
void disk_abandon(struct engine *e);

/* routes.c. Opens the relays, or one of them anew; that one may be used is looked at first. -1
 * where none can be used. */
int engine_open_routes(struct engine *e, const struct store_campaign *c, struct fail *f);
void engine_free_routes(struct engine *e);
struct route *engine_route(const struct engine *e, size_t i);
struct route *engine_route_of(const struct engine *e, const struct send_message *m);
/* Looks after the relays, then sleeps until there is news or timeout_ms passed. -1: there is
 * no relay left (f); messages in flight had their DONE. */
int engine_tend(struct engine *e, int timeout_ms, struct fail *f);
/* Ends that sleep; from any thread. `ctx` is the engine's loop. */
void engine_wake(void *ctx);
/* As many connections as it may have; one to find out whether it works again. */
void route_limit(struct route *r);
/* It is left alone, or given up for this run. When that is over it may still have to be opened. */
bool route_is_closed(const struct route *r);
/* In reserve, and not needed. */
bool route_rests(const struct engine *e, const struct route *r);
/* This relay will have none of our messages: nothing more is given to it. */
void engine_give_up(struct engine *e, struct route *r, const struct fail *why);
/* A relay that takes nothing for a while, but has not failed either: what it has in hand is given
 * back to those that do, and nobody is claimed for it, or waited for, until it has room again. */
void engine_mind_stuck(struct engine *e);
/* There is another one that may be used at this moment. */
bool engine_has_other(const struct engine *e, const struct route *r);
/* There is another one for addresses that are not ASCII, as far as is known: now, or at all. */
bool engine_has_utf8(const struct engine *e, const struct route *r, bool now);
/* This one is none: that was no recipient's fault while there is another. */
void engine_note_plain(const struct engine *e, struct route *r, struct store_result *result);
/* What an answer says about the relay: good, or "not now" from one whose door was open. */
void engine_note_good(struct engine *e, struct route *r);
void engine_note_busy(struct engine *e, struct route *r, const struct store_result *result);
/* Whether any can be used, now or, for whoever waits, later; if not, why (f). */
bool engine_has_route(const struct engine *e, bool later, struct fail *f);
bool route_is_open(const struct route *r, int64_t *opens); /* by its hours and the campaign's */

int engine_open_streams(struct engine *e, struct fail *f);
void engine_free_streams(struct engine *e);
struct stream *engine_stream(const struct engine *e, size_t i);
/* That relay has somebody to send to, or may claim somebody. */
bool engine_has_work(const struct engine *e, size_t route, int64_t now);
size_t stream_left(const struct stream *s); /* claimed, not yet in a message */
size_t engine_queue_left(const struct engine *e);
bool engine_exhausted(const struct engine *e); /* nobody can be claimed now */
/* When a provider that is left alone may be tried again (monotonic); 0: none is. */
int64_t engine_next_opening(const struct engine *e);
/* When a stream that has somebody, or could claim somebody, may go on; INT64_MAX. */
int64_t engine_next_chance(const struct engine *e);
/* The stream that sends the next message: the relays by their shares, then turn by turn among
 * those that may and the relay has room for; NULL. */
struct stream *engine_next_stream(struct engine *e);
/* Then: so many went through that relay. */
void engine_note_share(struct engine *e, struct route *r, size_t recipients);
/* When a relay that is waited for is waited for no more (monotonic); INT64_MAX. */
int64_t engine_next_patience(const struct engine *e, int64_t now);
/* One of its messages was answered after so many ms. */
void engine_note_latency(struct engine *e, struct stream *s, int64_t ms);
/* Somebody was claimed for it. */
void engine_note_claim(const struct engine *e, struct stream *s);
/* Somebody of that destination went back to pending: they may be claimed again, for any relay. */
void engine_note_back(struct engine *e, int64_t destination);
struct send_message *engine_find(struct engine *e, uint64_t id); /* in flight, or NULL */
/* Claimed ones of a stream that are in no message become pending again: while they cannot
 * be sent, for their provider is left alone or it is not the hour, they can as well be
 * somebody else's, or unsubscribe. */
void engine_give_back(struct engine *e, struct stream *s);
/* Its provider, or its relay, is left alone now. */
bool stream_is_closed(const struct engine *e, const struct stream *s);

/* May anything be sent at this moment (gate.h)? When not, *opens is when. */
bool engine_is_open(const struct engine *e, int64_t *opens);
/* Where a relay may not, what is in hand for it is given back, and nobody is claimed for it
 * until it may. */
void engine_mind_hours(struct engine *e);
/* This answer slowed its stream down. */
void engine_note_slow(struct stream *s, const struct store_result *r);
/* What became of the relays, as told; texts in the arena. */
struct send_way *engine_ways(const struct engine *e, struct arena *a);
/* Calls back with what goes on, now and then, or at once when it was asked for. */
int engine_report(struct engine *e, struct fail *f);
/* Composes and hands over as many messages as relay and quotas take now. */
int engine_submit(struct engine *e, struct fail *f);
/* Takes note of all that the relay has said. */
int engine_take_events(struct engine *e, struct fail *f);
#endif
