/* The engine's side of its turns: what became known since the last one, and every durable
 * mark that is wanted, go into one commit; when it is on disk the bytes leave that waited
 * for it. */
#include "base/time.h"
#include "send/engine_private.h"
#include "send/quota.h"

enum {
	ENGINE_RESULTS_MAX = 1000, /* results that wait for a commit when no mark does */
	ENGINE_BEAT_MS = 20000,	   /* a turn at least so often: other senders see that we live */
	ENGINE_LOW = 200,	   /* recipients in hand below which the next are claimed */
};

/* Asks for the mark of whoever is undecided in the message. */
static void ask_mark(struct engine *e, struct send_message *m)
{
	struct turn_mark *mark = vec_push(&e->turn.marks);

	*mark = (struct turn_mark){.message = m->id};
	for (size_t i = 0; i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		if (r->decided)
			continue;
		r->marked = true;
		mark->count++;
		*(int64_t *)vec_push(&e->turn.contacts) = r->contact;
	}
}

static void fill(struct engine *e, bool claims)
{
	struct turn *t = &e->turn;
	struct vec results = t->results;
	struct arena arena = t->results_arena;

	t->now = time_now();
	t->results = e->results;
	t->results_arena = e->results_arena;
	e->results = results;
	e->results_arena = arena;
	for (size_t i = 0; i < e->ready.len; i++)
		ask_mark(e, *(struct send_message **)vec_at(&e->ready, i));
	vec_clear(&e->ready);
	t->claims = claims;
	t->wants = !e->draining && !e->exhausted;
	t->empty = engine_queue_left(e) == 0;
	t->batch_max = e->batch_max;
	e->backs = false;
}

/* The others of a message that lost one were given back by the turn. */
static void let_go(struct engine *e, struct send_message *m)
{
	for (size_t i = 0; i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		r->marked = false;
		r->decided = true;
	}
	e->transport->ops->abandon(e->transport, m->id);
}

/* A message that nobody is left for goes the same way: what is not asked for is not sent. */
static void release(struct engine *e)
{
	for (size_t i = 0; i < e->turn.marks.len; i++) {
		const struct turn_mark *mark = vec_at(&e->turn.marks, i);
		struct send_message *m = engine_find(e, mark->message);

		if (m == NULL)
			continue; /* its connection has ended meanwhile */
		if (mark->lost || mark->count == 0)
			let_go(e, m);
		else
			e->transport->ops->commit(e->transport, m->id);
	}
}

/* No durable mark, no end of data (P4). */
static void abandon_marks(struct engine *e)
{
	for (size_t i = 0; i < e->turn.marks.len; i++)
		e->transport->ops->abandon(
			e->transport, ((struct turn_mark *)vec_at(&e->turn.marks, i))->message);
}

void engine_abandon_ready(struct engine *e)
{
	for (size_t i = 0; i < e->ready.len; i++)
		e->transport->ops->abandon(
			e->transport, (*(struct send_message **)vec_at(&e->ready, i))->id);
	vec_clear(&e->ready);
}

static void take_claimed(struct engine *e)
{
	struct turn_queue used = e->coming;

	e->coming = e->turn.claimed;
	e->turn.claimed = used;
}

/* The turn is over: what waited for it goes on. */
static int take(struct engine *e, struct fail *f)
{
	struct turn *t = &e->turn;

	if (t->ret < 0) {
		abandon_marks(e);
		engine_abandon_ready(e);
		*f = t->f;
		turn_clear(t);
		return -1;
	}
	release(e);
	if (t->claims && turn_queue_left(&t->claimed) > 0)
		take_claimed(e);
	/* Whoever went back meanwhile can be claimed again. */
	if (t->told && !(t->exhausted && e->backs))
		e->exhausted = t->exhausted;
	e->quota_at = t->quota_at;
	e->beat_at = time_monotonic() + ENGINE_BEAT_MS;
	turn_clear(t);
	return 0;
}

int engine_turn(struct engine *e, bool claims, struct fail *f)
{
	fill(e, claims);
	if (e->clerk != NULL) {
		clerk_begin(e->clerk);
		return 0;
	}
	turn_run(&e->turn);
	return take(e, f);
}

bool engine_in_turn(const struct engine *e)
{
	return e->clerk != NULL && clerk_busy(e->clerk);
}

int engine_take_turn(struct engine *e, struct fail *f)
{
	return e->clerk != NULL && clerk_over(e->clerk) ? take(e, f) : 0;
}

int engine_end_turn(struct engine *e, struct fail *f)
{
	if (!engine_in_turn(e))
		return 0;
	clerk_wait(e->clerk);
	return take(e, f);
}

size_t engine_queue_left(const struct engine *e)
{
	return turn_queue_left(&e->queue) + turn_queue_left(&e->coming);
}

/* Somebody new is taken in hand when a whole message of them may go; where there are no
 * quotas, before the last one is used up. */
static bool may_claim(const struct engine *e)
{
	size_t low = e->quota == NULL ? ENGINE_LOW : 0;

	return !e->draining && !e->exhausted && turn_queue_left(&e->coming) == 0 &&
	       engine_queue_left(e) <= low && time_monotonic() >= e->quota_at;
}

/* One commit serves all marks of a turn; results alone wait for company. While one turn
 * runs the next one gathers. */
int engine_turn_if_needed(struct engine *e, struct fail *f)
{
	bool claims = may_claim(e);
	bool idle = e->results.len > 0 && e->flying.len == 0;
	bool beat = time_monotonic() > e->beat_at;

	if (engine_in_turn(e) || (e->ready.len == 0 && e->results.len < ENGINE_RESULTS_MAX &&
					 !claims && !idle && !beat))
		return 0;
	return engine_turn(e, claims, f);
}
