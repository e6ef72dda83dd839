/* A turn of the engine: everything that became known since the last one, and every
 * durable mark that is wanted, in one commit; then the bytes that waited for it. */
#include "base/time.h"
#include "send/engine_private.h"
#include "send/quota.h"

enum {
	ENGINE_CLAIM = 500,	   /* recipients taken in hand at once */
	ENGINE_RESULTS_MAX = 1000, /* results that wait for a commit when no mark does */
	ENGINE_BEAT_MS = 20000,	   /* a turn at least so often: other senders see that we live */
};

static int write_results(struct engine *e, struct fail *f)
{
	for (size_t i = 0; i < e->results.len; i++) {
		const struct decided *d = vec_at(&e->results, i);

		/* STORE_LOST: another sender has taken it over and will decide. */
		if (store_turn_result(e->sender, d->contact, &d->result, f) < 0)
			return -1;
	}
	return 0;
}

/* Marks whoever of the message is undecided. *lost when one is no longer ours:
 * then the message must not be completed, and the others go back. */
static int mark_message(struct engine *e, struct send_message *m, bool *lost, struct fail *f)
{
	const struct store_result back = {.state = DELIVERY_PENDING};

	*lost = false;
	for (size_t i = 0; i < m->rcpts.len && !*lost; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);
		int ret =
			r->decided ? 0 : store_turn_mark(e->sender, r->contact, (int64_t)m->id, f);

		if (ret < 0)
			return -1;
		*lost = ret == STORE_LOST;
		r->marked = !r->decided && ret == 0;
	}
	for (size_t i = 0; *lost && i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		/* Those behind the lost one too: they have no mark yet, and no other way back. */
		if (!r->decided && store_turn_result(e->sender, r->contact, &back, f) < 0)
			return -1;
		if (!r->decided)
			send_quota_known(e->quota, false, &back);
		r->marked = false;
		r->decided = true;
	}
	return 0;
}

/* A message is completed for those who have the mark; with none there is nobody
 * it would be for. */
static size_t marks(const struct send_message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->rcpts.len; i++)
		n += ((const struct send_rcpt *)vec_at(&m->rcpts, i))->marked;
	return n;
}

static int mark_ready(struct engine *e, struct fail *f)
{
	for (size_t i = 0; i < e->ready.len; i++) {
		struct ready *r = vec_at(&e->ready, i);
		size_t n;
		bool lost;

		if (mark_message(e, r->message, &lost, f) < 0)
			return -1;
		n = marks(r->message);
		r->marked = n > 0;
		send_quota_marked(e->quota, n);
	}
	return 0;
}

/* Whole messages, so that no claim ends in a small one; and no more than the quota
 * lets go now, for who is claimed is out of reach of an unsubscription. */
static int claim(struct engine *e, size_t most, struct fail *f)
{
	size_t messages = most / e->batch_max;

	arena_reset(&e->queue_arena);
	vec_clear(&e->queue);
	e->next = 0;
	if (store_turn_claim(e->sender, messages > 0 ? messages * e->batch_max : most,
		    &e->queue_arena, &e->queue, f) < 0)
		return -1;
	e->exhausted = e->queue.len == 0;
	return 0;
}

/* Nobody can be claimed now: worth waiting only when there is somebody. */
static int any_left(struct engine *e, struct fail *f)
{
	int waiting = store_turn_waiting(e->sender, f);

	e->exhausted = waiting == 0;
	return waiting < 0 ? -1 : 0;
}

static int turn_body(struct engine *e, bool wanted, struct fail *f)
{
	size_t most;
	int ret = 0;

	if (write_results(e, f) < 0 || mark_ready(e, f) < 0 ||
		send_quota_look(e->quota, e->sender, e->batch_max, ENGINE_CLAIM, &most, f) < 0)
		return -1;
	if (wanted && most > 0)
		ret = claim(e, most, f);
	else if (most == 0 && engine_queue_empty(e) && !e->exhausted)
		ret = any_left(e, f);
	if (ret < 0)
		return -1;
	return send_quota_claimed(e->quota, e->sender, wanted && most > 0 ? e->queue.len : 0,
		!e->draining && !e->exhausted, f);
}

void engine_release_ready(struct engine *e, bool durable)
{
	for (size_t i = 0; i < e->ready.len; i++) {
		const struct ready *r = vec_at(&e->ready, i);

		if (durable && r->marked)
			e->transport->ops->commit(e->transport, r->message->id);
		else
			e->transport->ops->abandon(e->transport, r->message->id);
	}
	vec_clear(&e->ready);
}

int engine_turn(struct engine *e, bool claims, struct fail *f)
{
	if (store_turn_begin(e->sender, e->campaign, time_now(), f) < 0 ||
		turn_body(e, claims, f) < 0 || store_turn_end(e->sender, f) < 0) {
		/* No durable mark, no end of data (P4). */
		store_turn_abort(e->sender);
		engine_release_ready(e, false);
		return -1;
	}
	engine_release_ready(e, true);
	vec_clear(&e->results);
	arena_reset(&e->results_arena);
	e->beat_at = time_monotonic() + ENGINE_BEAT_MS;
	send_quota_kept(e->quota);
	return 0;
}

bool engine_queue_empty(const struct engine *e)
{
	return e->next >= e->queue.len;
}

/* Somebody new is taken in hand when a whole message of them may go. */
static bool may_claim(const struct engine *e)
{
	return !e->draining && !e->exhausted && engine_queue_empty(e) &&
	       time_monotonic() >= send_quota_at(e->quota);
}

/* One commit serves all marks of a turn; results alone wait for company. */
int engine_turn_if_needed(struct engine *e, struct fail *f)
{
	bool claims = may_claim(e);
	bool idle = e->results.len > 0 && e->flying.len == 0;
	bool beat = time_monotonic() > e->beat_at;

	if (e->ready.len == 0 && e->results.len < ENGINE_RESULTS_MAX && !claims && !idle && !beat)
		return 0;
	return engine_turn(e, claims, f);
}
