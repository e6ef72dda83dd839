#ifndef SEND_TURN_H
#define SEND_TURN_H
#include "base/arena.h"
#include "base/fail.h"
#include "base/vec.h"
#include "store/delivery.h"
struct send_quota;

/* turn - what one commit does, as a value: the engine fills it in, the clerk's thread runs
 * it, the engine reads what came of it. While it runs nothing of it, nor of the store and
 * the quota, is the engine's. */
struct decided {
	int64_t contact;
	struct store_result result; /* texts in the arena beside */
	size_t stream;
	bool marked;   /* it had asked for the durable mark */
	int64_t heard; /* ms since boot */
};
struct turn_mark {
	uint64_t message;
	size_t stream;
	size_t count; /* of its contacts, who follow those of the mark before */
	bool lost;    /* back: one of them is no longer ours, so nobody has the mark */
};
/* Claimed recipients, in order, and how far they have been used up. */
struct turn_queue {
	struct vec deliveries; /* struct store_delivery */
	struct arena arena;    /* their texts */
	size_t next;
	int64_t open_at; /* monotonic: when their quotas let them be completed */
};
void turn_queue_init(struct turn_queue *q);
void turn_queue_free(struct turn_queue *q);
static inline size_t turn_queue_left(const struct turn_queue *q)
{
	return q->deliveries.len - q->next;
}

/* One stream's part in a turn: the recipients of one destination, through one relay. */
struct turn_claim {
	int64_t destination;
	size_t route;
	struct send_quota *quota; /* of this destination alone; NULL: none */
	bool wanted;		  /* somebody new, */
	size_t most;		  /* so many at most */
	bool empty;		  /* nobody is in hand now */
	bool plain;		  /* none whose address needs SMTPUTF8 */
	/* What came of it. */
	struct turn_queue claimed;
	bool exhausted;	  /* the claim, or a look when there was no room for one, found nobody */
	bool told;	  /* exhausted says something */
	int64_t quota_at; /* monotonic: when a claim may find room again */
};

/* One relay's part: what it bears, and how long it takes. */
struct turn_route {
	struct view relay;
	int64_t way;		  /* as store/way.h counts it; 0: it is the only one */
	bool used;		  /* and the store knows */
	struct send_quota *quota; /* NULL: it has none */
	size_t batch_max;	  /* recipients per message */
	bool wants;		  /* somebody new will be wanted later on */
	/* How many connections it bears, and how many we have; 0: no limit. */
	size_t connections_most, connections_used;
	bool connections_wanted;
	int64_t took; /* ms from handing a message over until it was ready; 0: as before */
	/* What came of it. */
	int64_t quota_at;   /* as that of a claim, for all */
	size_t connections; /* how many we may have from now on; it stays when the rest is cleared */
};

struct turn {
	struct store_sender *sender;
	int64_t campaign, now;
	struct vec results; /* struct decided */
	struct arena results_arena;
	struct vec marks;    /* struct turn_mark */
	struct vec contacts; /* int64_t */
	struct vec claims;   /* struct turn_claim: one for each stream */
	struct vec routes;   /* struct turn_route: one for each relay */
	/* What came of it. */
	bool taken_over; /* what was claimed before this turn is not ours any more */
	bool woken;	 /* deferred ones became pending, of whatever stream */
	/* Monotonic: marks that were not used by then are not to be used. A process that was
	 * stopped, or could not run, may have been taken for dead meanwhile. */
	int64_t good_until;
	int ret; /* -1: nothing of it happened, for this reason: */
	struct fail f;
};
void turn_init(struct turn *t);
void turn_free(struct turn *t);
/* One more stream; before the first turn. */
void turn_add_stream(struct turn *t, int64_t destination, size_t route, struct send_quota *quota);
/* Without what came of it and what was done; the claimed ones stay. */
void turn_clear(struct turn *t);
/* `turn` is a struct turn. */
void turn_run(void *turn);
#endif
