/* A turn of the engine: everything that became known since the last one, and every
 * durable mark that is wanted, in one commit; then the bytes that waited for it. */
#include "base/time.h"
#include "send/engine_private.h"

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
		r->marked = false;
		r->decided = true;
	}
	return 0;
}

/* A message is completed for those who have the mark; with none there is nobody
 * it would be for. */
static bool has_mark(const struct send_message *m)
{
	for (size_t i = 0; i < m->rcpts.len; i++)
		if (((const struct send_rcpt *)vec_at(&m->rcpts, i))->marked)
			return true;
	return false;
}

/* Whole messages, so that no claim ends in a small one; and no more than the quota
 * lets go now, for who is claimed is out of reach of an unsubscription. */
static size_t claim_size(const struct engine *e)
{
	uint64_t room = rate_room(e->rate, time_monotonic());
	size_t most = room < ENGINE_CLAIM ? (size_t)room : ENGINE_CLAIM;
	size_t messages = most / e->batch_max;

	return messages > 0 ? messages * e->batch_max : most;
}

static int turn_body(struct engine *e, bool claim, struct fail *f)
{
	if (write_results(e, f) < 0)
		return -1;
	for (size_t i = 0; i < e->ready.len; i++) {
		struct ready *r = vec_at(&e->ready, i);
		bool lost;

		if (mark_message(e, r->message, &lost, f) < 0)
			return -1;
		r->marked = !lost && has_mark(r->message);
	}
	if (!claim)
		return 0;
	arena_reset(&e->queue_arena);
	vec_clear(&e->queue);
	e->next = 0;
	return store_turn_claim(e->sender, claim_size(e), &e->queue_arena, &e->queue, f);
}

static void abandon_all(struct engine *e, struct vec *all)
{
	for (size_t i = 0; i < all->len; i++)
		e->transport->ops->abandon(
			e->transport, ((struct ready *)vec_at(all, i))->message->id);
	vec_clear(all);
}

void engine_abandon_ready(struct engine *e)
{
	abandon_all(e, &e->ready);
	abandon_all(e, &e->marked);
}

static void complete_marked(struct engine *e)
{
	for (size_t i = 0; i < e->marked.len; i++)
		e->transport->ops->commit(
			e->transport, ((struct ready *)vec_at(&e->marked, i))->message->id);
	vec_clear(&e->marked);
}

/* The turn has ended: whoever has the mark waits for the disk, the others are abandoned. */
static void sort_ready(struct engine *e)
{
	for (size_t i = 0; i < e->ready.len; i++) {
		const struct ready *r = vec_at(&e->ready, i);

		if (r->marked)
			*(struct ready *)vec_push(&e->marked) = *r;
		else
			e->transport->ops->abandon(e->transport, r->message->id);
	}
	vec_clear(&e->ready);
	if (e->syncer == NULL)
		complete_marked(e);
	else if (e->marked.len > 0)
		syncer_begin(e->syncer);
}

int engine_take_synced(struct engine *e, struct fail *f)
{
	int over = e->syncer != NULL && syncer_busy(e->syncer) ? syncer_take(e->syncer, f) : 0;

	if (over > 0)
		complete_marked(e);
	else if (over < 0)
		engine_abandon_ready(e);
	return over < 0 ? -1 : 0;
}

int engine_turn(struct engine *e, bool claim, struct fail *f)
{
	if (store_turn_begin(e->sender, e->campaign, time_now(), f) < 0 ||
		turn_body(e, claim, f) < 0 || store_turn_end(e->sender, f) < 0) {
		/* No durable mark, no end of data (P4). */
		store_turn_abort(e->sender);
		engine_abandon_ready(e);
		return -1;
	}
	sort_ready(e);
	vec_clear(&e->results);
	arena_reset(&e->results_arena);
	e->beat_at = time_monotonic() + ENGINE_BEAT_MS;
	if (claim)
		e->exhausted = e->queue.len == 0;
	return 0;
}

bool engine_queue_empty(const struct engine *e)
{
	return e->next >= e->queue.len;
}

/* Somebody new is taken in hand when a whole message of them may go. */
static bool may_claim(struct engine *e)
{
	int64_t now = time_monotonic();
	uint64_t most = rate_most(e->rate);

	if (e->draining || e->exhausted || !engine_queue_empty(e))
		return false;
	e->quota_at = rate_next(e->rate, now, e->batch_max < most ? e->batch_max : most);
	return e->quota_at <= now;
}

/* One commit serves all marks of a turn; results alone wait for company. While the disk is
 * busy with one turn the next one gathers. */
int engine_turn_if_needed(struct engine *e, struct fail *f)
{
	bool claim = may_claim(e);
	bool idle = e->results.len > 0 && e->flying.len == 0;
	bool beat = time_monotonic() > e->beat_at;

	if (e->syncer != NULL && syncer_busy(e->syncer))
		return 0;
	if (e->ready.len == 0 && e->results.len < ENGINE_RESULTS_MAX && !claim && !idle && !beat)
		return 0;
	return engine_turn(e, claim, f);
}
