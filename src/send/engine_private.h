#ifndef SEND_ENGINE_PRIVATE_H
#define SEND_ENGINE_PRIVATE_H
#include "base/fail.h"
#include "send/engine.h"
#include "send/letter.h"
#include "send/transport.h"

/* engine_private - between engine.c (the loop, beginning and end), turn.c (the commits) and flight.c
 * (messages: composing, handing over, and what becomes of them). */
#define SEND_DEADLINE_MS INT64_C(432000000) /* five days: RFC 5321 section 4.5.4.1 */

struct send_quota;

struct decided {
	int64_t contact;
	struct store_result result; /* texts in results_arena */
};
struct ready {
	struct send_message *message;
	bool marked; /* the mark of this turn is for it */
};

struct engine {
	struct store *store;
	const struct settings *settings;
	const struct settings_relay *relay;
	const struct send_engine_options *options;
	int64_t campaign;
	enum send_mode mode;
	bool real; /* it was prepared, and confirmed, for a relay that mails people */
	struct store_sender *sender;
	struct send_letter *letter;
	struct send_transport *transport;
	struct send_quota *quota; /* NULL: the relay has none */
	struct view redirect;	  /* gets everything instead, for rehearsals; empty: nobody */
	size_t batch_max;	  /* recipients per message */
	struct vec queue;	  /* struct store_delivery: claimed, not yet in a message */
	size_t next;		  /* first of the queue that is not in a message */
	struct vec flying;	  /* struct send_message * */
	struct vec ready;	  /* struct ready */
	struct vec results;	  /* struct decided */
	struct arena arena;	  /* for the whole run */
	struct arena queue_arena; /* texts of the queue */
	struct arena results_arena, look_arena;
	bool exhausted; /* the last claim found nobody */
	bool draining;	/* nothing new is begun */
	bool stopped;	/* from outside */
	struct fail fatal;
	bool accepted_any;
	unsigned refused_in_a_row;
	int64_t started, deadline;    /* wall clock */
	int64_t look_at, progress_at; /* monotonic */
	int64_t beat_at; /* monotonic: when the next turn is due, with or without news */
	int64_t stop_at; /* monotonic: a stop was asked for, and this is when patience ends */
	int64_t done;
};

/* One turn, claiming more when asked to. -1: nothing of it is on disk, and what was
 * ready has been abandoned (P4). */
int engine_turn(struct engine *e, bool claim, struct fail *f);
int engine_turn_if_needed(struct engine *e, struct fail *f);
/* Those with their mark are completed when it is durable; the others abandoned. */
void engine_release_ready(struct engine *e, bool durable);
bool engine_queue_empty(const struct engine *e);
/* Composes and hands over as many messages as relay and quotas take now. */
int engine_submit(struct engine *e, struct fail *f);
/* Takes note of all that the relay has said. */
int engine_take_events(struct engine *e, struct fail *f);
#endif
