#include "send/turn.h"
#include "send/quota.h"

enum { TURN_CLAIM = 500 }; /* recipients taken in hand at once */

void turn_queue_init(struct turn_queue *q)
{
	vec_init(&q->deliveries, sizeof(struct store_delivery));
	arena_init(&q->arena);
	q->next = 0;
}

void turn_queue_free(struct turn_queue *q)
{
	vec_free(&q->deliveries);
	arena_free(&q->arena);
}

void turn_init(struct turn *t)
{
	*t = (struct turn){0};
	vec_init(&t->results, sizeof(struct decided));
	arena_init(&t->results_arena);
	vec_init(&t->marks, sizeof(struct turn_mark));
	vec_init(&t->contacts, sizeof(int64_t));
	turn_queue_init(&t->claimed);
}

void turn_free(struct turn *t)
{
	vec_free(&t->results);
	arena_free(&t->results_arena);
	vec_free(&t->marks);
	vec_free(&t->contacts);
	turn_queue_free(&t->claimed);
}

void turn_clear(struct turn *t)
{
	vec_clear(&t->results);
	arena_reset(&t->results_arena);
	vec_clear(&t->marks);
	vec_clear(&t->contacts);
	t->claims = t->wants = t->told = t->exhausted = false;
	t->ret = 0;
}

/* STORE_LOST: another sender has taken it over and will decide. */
static int write_result(struct turn *t, int64_t contact, const struct store_result *r, bool marked)
{
	int ret = store_turn_result(t->sender, contact, r, &t->f);

	if (ret == 0)
		send_quota_known(t->quota, marked, r);
	return ret < 0 ? -1 : 0;
}

static int write_results(struct turn *t)
{
	for (size_t i = 0; i < t->results.len; i++) {
		const struct decided *d = vec_at(&t->results, i);

		if (write_result(t, d->contact, &d->result, d->marked) < 0)
			return -1;
	}
	return 0;
}

/* One of them is no longer ours: the message must not be completed. Those who were
 * marked before that was found out go back too. */
static int give_back(struct turn *t, const int64_t *contacts, size_t n, size_t marked)
{
	static const struct store_result back = {.state = DELIVERY_PENDING};

	for (size_t i = 0; i < n; i++)
		if (write_result(t, contacts[i], &back, i < marked) < 0)
			return -1;
	return 0;
}

static int mark_message(struct turn *t, struct turn_mark *m, const int64_t *contacts)
{
	size_t done;
	int ret = 0;

	for (done = 0; ret == 0 && done < m->count; done += ret == 0)
		ret = store_turn_mark(t->sender, contacts[done], (int64_t)m->message, &t->f);
	if (ret < 0)
		return -1;
	send_quota_marked(t->quota, done);
	m->lost = ret == STORE_LOST;
	return m->lost ? give_back(t, contacts, m->count, done) : 0;
}

static int make_marks(struct turn *t)
{
	const int64_t *contacts = (const int64_t *)(const void *)t->contacts.p;

	for (size_t i = 0; i < t->marks.len; i++) {
		struct turn_mark *m = vec_at(&t->marks, i);

		if (mark_message(t, m, contacts) < 0)
			return -1;
		contacts += m->count;
	}
	return 0;
}

/* Whole messages, so that no claim ends in a small one; and no more than the quota
 * lets go now, for who is claimed is out of reach of an unsubscription. */
static int claim(struct turn *t, size_t most)
{
	size_t messages = most / t->batch_max;

	arena_reset(&t->claimed.arena);
	vec_clear(&t->claimed.deliveries);
	t->claimed.next = 0;
	if (store_turn_claim(t->sender, messages > 0 ? messages * t->batch_max : most,
		    &t->claimed.arena, &t->claimed.deliveries, &t->f) < 0)
		return -1;
	t->exhausted = t->claimed.deliveries.len == 0;
	t->told = true;
	return 0;
}

/* Nobody can be claimed now: worth waiting only when there is somebody. */
static int look_if_any(struct turn *t)
{
	int waiting = store_turn_waiting(t->sender, &t->f);

	t->exhausted = waiting == 0;
	t->told = true;
	return waiting < 0 ? -1 : 0;
}

static int body(struct turn *t)
{
	size_t most;
	bool claims;

	if (write_results(t) < 0 || make_marks(t) < 0 ||
		send_quota_look(t->quota, t->sender, t->batch_max, TURN_CLAIM, &most, &t->f) < 0)
		return -1;
	claims = t->claims && most > 0;
	if (claims && claim(t, most) < 0)
		return -1;
	if (!claims && most == 0 && t->empty && look_if_any(t) < 0)
		return -1;
	return send_quota_claimed(t->quota, t->sender, claims ? t->claimed.deliveries.len : 0,
		t->wants && !(t->told && t->exhausted), &t->f);
}

void turn_run(void *turn)
{
	struct turn *t = turn;

	if (store_turn_begin(t->sender, t->campaign, t->now, &t->f) < 0 || body(t) < 0 ||
		store_turn_end(t->sender, &t->f) < 0) {
		store_turn_abort(t->sender);
		t->ret = -1;
		return;
	}
	send_quota_kept(t->quota);
	t->quota_at = send_quota_at(t->quota);
}
