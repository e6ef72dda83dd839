#include "send/turn.h"
#include "base/time.h"
#include "send/quota.h"
#include "store/connections.h"
#include "store/sender.h"
#include "store/way.h"

enum { TURN_CLAIM = 500 }; /* recipients taken in hand at once, for each relay */

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
	vec_init(&t->claims, sizeof(struct turn_claim));
	vec_init(&t->routes, sizeof(struct turn_route));
}

void turn_free(struct turn *t)
{
	vec_free(&t->results);
	arena_free(&t->results_arena);
	vec_free(&t->marks);
	vec_free(&t->contacts);
	for (size_t i = 0; i < t->claims.len; i++)
		turn_queue_free(&((struct turn_claim *)vec_at(&t->claims, i))->claimed);
	vec_free(&t->claims);
	vec_free(&t->routes);
}

static struct turn_route *route_at(const struct turn *t, size_t route)
{
	return vec_at(&t->routes, route);
}

void turn_clear(struct turn *t)
{
	vec_clear(&t->results);
	arena_reset(&t->results_arena);
	vec_clear(&t->marks);
	vec_clear(&t->contacts);
	for (size_t i = 0; i < t->claims.len; i++) {
		struct turn_claim *c = vec_at(&t->claims, i);

		c->wanted = c->told = c->exhausted = false;
	}
	for (size_t i = 0; i < t->routes.len; i++)
		route_at(t, i)->took = 0;
	t->woken = t->taken_over = false;
	t->ret = 0;
}

void turn_add_stream(struct turn *t, int64_t destination, size_t route, struct send_quota *quota)
{
	struct turn_claim *c = vec_push(&t->claims);

	c->destination = destination;
	c->route = route;
	c->quota = quota;
	turn_queue_init(&c->claimed);
}

static struct turn_claim *claim_at(const struct turn *t, size_t stream)
{
	return vec_at(&t->claims, stream);
}

static struct turn_route *route_of(const struct turn *t, size_t stream)
{
	return route_at(t, claim_at(t, stream)->route);
}

/* What follows is told of as that relay's, where there are several. */
static void name_route(const struct turn *t, size_t stream)
{
	const struct turn_route *r = route_of(t, stream);

	store_turn_through(t->sender, r->way, r->way != 0 ? r->relay : VIEW(""));
}

/* From its first answer on it has been used. */
static int note_use(struct turn *t, struct turn_route *r, const struct store_result *result)
{
	if (r->way == 0 || r->used || result->reply_code == 0)
		return 0;
	r->used = true;
	return store_turn_way_used(t->sender, r->way, &t->f);
}

/* STORE_LOST: another sender has taken it over and will decide, slots and all; or the
 * campaign was cancelled, and this sender is about to end. */
static int write_result(struct turn *t, const struct decided *d)
{
	int ret;

	name_route(t, d->stream);
	ret = store_turn_result(t->sender, d->contact, &d->result, &t->f);
	if (ret == 0) {
		send_quota_known(route_of(t, d->stream)->quota, d->marked, d->heard, &d->result);
		send_quota_known(claim_at(t, d->stream)->quota, d->marked, d->heard, &d->result);
		ret = note_use(t, route_of(t, d->stream), &d->result);
	}
	return ret < 0 ? -1 : 0;
}

static int write_results(struct turn *t)
{
	for (size_t i = 0; i < t->results.len; i++)
		if (write_result(t, vec_at(&t->results, i)) < 0)
			return -1;
	return 0;
}

/* One of them is no longer ours: the message must not be completed. Those who were
 * marked before that was found out go back too. */
static int give_back(struct turn *t, const int64_t *contacts, size_t n)
{
	static const struct store_result back = {.state = DELIVERY_PENDING};

	for (size_t i = 0; i < n; i++)
		if (store_turn_result(t->sender, contacts[i], &back, &t->f) < 0)
			return -1;
	return 0;
}

static int mark_message(struct turn *t, struct turn_mark *m, const int64_t *contacts)
{
	size_t done;
	int ret = 0;

	name_route(t, m->stream);
	for (done = 0; ret == 0 && done < m->count; done += ret == 0)
		ret = store_turn_mark(t->sender, contacts[done], (int64_t)m->message, &t->f);
	if (ret < 0)
		return -1;
	m->lost = ret == STORE_LOST;
	if (m->lost)
		return give_back(t, contacts, m->count);
	send_quota_marked(route_of(t, m->stream)->quota, m->count);
	send_quota_marked(claim_at(t, m->stream)->quota, m->count);
	return 0;
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

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Whole messages, so that no claim ends in a small one; and no more than the quotas
 * let go now, for who is claimed is out of reach of an unsubscription. */
static int claim(struct turn *t, struct turn_claim *c, size_t most)
{
	const struct turn_route *r = route_at(t, c->route);
	size_t messages = most / r->batch_max;

	arena_reset(&c->claimed.arena);
	vec_clear(&c->claimed.deliveries);
	c->claimed.next = 0;
	c->claimed.open_at = later(send_quota_open_at(r->quota), send_quota_open_at(c->quota));
	if ((c->plain ? store_turn_claim_plain : store_turn_claim)(t->sender, c->destination,
		    messages > 0 ? messages * r->batch_max : most, &c->claimed.arena,
		    &c->claimed.deliveries, &t->f) < 0)
		return -1;
	c->exhausted = c->claimed.deliveries.len == 0;
	c->told = true;
	return 0;
}

/* Nobody can be claimed now: worth waiting only when there is somebody. */
static int look_if_any(struct turn *t, struct turn_claim *c)
{
	int waiting = store_turn_waiting(t->sender, c->destination, &t->f);

	c->exhausted = waiting == 0;
	c->told = true;
	return waiting < 0 ? -1 : 0;
}

/* How many this stream claimed through *n, of `most` that the relay lets go. */
static int claim_stream(struct turn *t, struct turn_claim *c, size_t most, size_t *n)
{
	const struct turn_route *r = route_at(t, c->route);
	bool claims, limited = r->quota != NULL || c->quota != NULL;
	size_t own;

	*n = 0;
	most = c->most < most ? c->most : most;
	if (send_quota_look(c->quota, t->sender, r->batch_max, most, &own, &t->f) < 0)
		return -1;
	claims = c->wanted && own > 0;
	if (claims && claim(t, c, own) < 0)
		return -1;
	if (!claims && limited && own == 0 && c->empty && look_if_any(t, c) < 0)
		return -1;
	if (claims)
		*n = c->claimed.deliveries.len;
	if (send_quota_claimed(
		    c->quota, t->sender, *n, r->wants && !(c->told && c->exhausted), &t->f) < 0)
		return -1;
	return 0;
}

static size_t count_wanted(const struct turn *t, size_t route)
{
	size_t n = 0;

	for (size_t i = 0; i < t->claims.len; i++)
		n += claim_at(t, i)->route == route && claim_at(t, i)->wanted;
	return n;
}

/* An equal part of the room for each that wants some, but no less than a whole message. */
static size_t part_of(const struct turn_route *r, size_t most, size_t wanted)
{
	size_t part = wanted > 0 ? (most + wanted - 1) / wanted : 0;

	if (part < r->batch_max && wanted > 0)
		part = r->batch_max < most ? r->batch_max : most;
	return part;
}

/* What one leaves of its part is for the next. */
static int claim_all(struct turn *t, size_t route, size_t most, size_t *total)
{
	size_t wanted = count_wanted(t, route), n;

	*total = 0;
	for (size_t i = 0; i < t->claims.len; i++) {
		struct turn_claim *c = claim_at(t, i);

		if (c->route != route)
			continue;
		if (claim_stream(t, c, part_of(route_at(t, route), most, wanted), &n) < 0)
			return -1;
		wanted -= c->wanted;
		most -= n;
		*total += n;
	}
	return 0;
}

static bool all_exhausted(const struct turn *t, size_t route)
{
	for (size_t i = 0; i < t->claims.len; i++) {
		const struct turn_claim *c = claim_at(t, i);

		if (c->route == route && (!c->told || !c->exhausted))
			return false;
	}
	return true;
}

/* Who has no connection claims nobody: others have, and the slots are theirs. */
static int look_at_limits(struct turn *t, struct turn_route *r, size_t *most)
{
	const struct store_connections c = {.relay = r->relay,
		.most = r->connections_most,
		.told = r->connections,
		.used = r->connections_used,
		.wants = r->connections_wanted};

	if (send_quota_look(r->quota, t->sender, r->batch_max, TURN_CLAIM, most, &t->f) < 0)
		return -1;
	if (c.most == 0)
		return 0;
	if (store_turn_connections(t->sender, &c, &r->connections, &t->f) < 0)
		return -1;
	if (r->connections == 0)
		*most = 0;
	return 0;
}

static int take_in_hand(struct turn *t, size_t route)
{
	struct turn_route *r = route_at(t, route);
	size_t most, claimed;

	if (look_at_limits(t, r, &most) < 0 || claim_all(t, route, most, &claimed) < 0)
		return -1;
	return send_quota_claimed(
		r->quota, t->sender, claimed, r->wants && !all_exhausted(t, route), &t->f);
}

static int body(struct turn *t)
{
	if (write_results(t) < 0 || make_marks(t) < 0)
		return -1;
	for (size_t i = 0; i < t->routes.len; i++)
		if (take_in_hand(t, i) < 0)
			return -1;
	t->woken = store_turn_woken(t->sender) > 0;
	return 0;
}

static void tell_latency(struct turn *t)
{
	for (size_t i = 0; i < t->routes.len; i++)
		send_quota_took(route_at(t, i)->quota, route_at(t, i)->took);
	for (size_t i = 0; i < t->claims.len; i++)
		send_quota_took(claim_at(t, i)->quota, route_of(t, i)->took);
}

/* Others have taken over what this sender held, and nobody new is claimed now. */
static void lose_all(struct turn *t)
{
	t->taken_over = true;
	for (size_t i = 0; i < t->routes.len; i++)
		send_quota_lost(route_at(t, i)->quota);
	for (size_t i = 0; i < t->claims.len; i++) {
		claim_at(t, i)->wanted = false;
		send_quota_lost(claim_at(t, i)->quota);
	}
}

void turn_run(void *turn)
{
	struct turn *t = turn;
	int begun;

	tell_latency(t);
	begun = store_turn_begin(t->sender, t->campaign, t->now, &t->f);
	if (begun == STORE_LOST)
		lose_all(t);
	if (begun < 0 || body(t) < 0 || store_turn_end(t->sender, &t->f) < 0) {
		store_turn_abort(t->sender);
		t->ret = -1;
		return;
	}
	for (size_t i = 0; i < t->routes.len; i++) {
		struct turn_route *route = route_at(t, i);

		send_quota_kept(route->quota);
		route->quota_at = send_quota_at(route->quota);
	}
	t->good_until = time_monotonic() + SENDER_LEASE_MS / 2;
	for (size_t i = 0; i < t->claims.len; i++) {
		struct turn_claim *c = claim_at(t, i);

		send_quota_kept(c->quota);
		c->quota_at = send_quota_at(c->quota);
	}
}
