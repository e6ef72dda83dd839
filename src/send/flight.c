/* The messages of a running engine: composed, handed over, and what became of them. */
#include "base/digest.h"
#include "base/i18n.h"
#include "base/time.h"
#include "mail/addr.h"
#include "send/engine_private.h"
#include "send/reason.h"
#include "settings/settings.h"

enum {
	FLIGHT_FIRST_MAX = 3,		     /* the same before anything was accepted */
	FLIGHT_REFUSED_MAX = 25,	     /* messages in a row refused: it is us, not them */
	FLIGHT_BACKOFF_MS = 5 * TIME_MINUTE, /* first retry; greylisting asks for minutes */
	FLIGHT_BACKOFF_MAX_MS = 4 * TIME_HOUR,
};

static bool needs_utf8(struct view address)
{
	for (size_t i = 0; i < address.len; i++)
		if ((unsigned char)address.p[i] > 127)
			return true;
	return false;
}

static size_t stream_number(const struct engine *e, const struct stream *s)
{
	return (size_t)(s - (const struct stream *)(const void *)e->streams.p);
}

/* --- results ------------------------------------------------------------- */

/* Doubled each time, with a quarter of jitter so that they do not all come back
 * in the same second. */
static int64_t back_off(int64_t attempt)
{
	int64_t ms = FLIGHT_BACKOFF_MS;
	unsigned char random;

	for (int64_t i = 1; i < attempt && ms < FLIGHT_BACKOFF_MAX_MS; i++)
		ms *= 2;
	if (ms > FLIGHT_BACKOFF_MAX_MS)
		ms = FLIGHT_BACKOFF_MAX_MS;
	digest_random(&random, sizeof random);
	return ms + ms / 4 * random / 255;
}

static void decide(
	struct engine *e, size_t stream, struct send_rcpt *who, const struct store_result *result)
{
	struct route *r = engine_route(e, engine_stream(e, stream)->route);
	struct decided *d;

	if (who->decided)
		return;
	who->decided = true;
	d = vec_push(&e->results);
	d->contact = who->contact;
	d->stream = stream;
	d->marked = who->marked;
	d->heard = time_since_boot();
	d->result = *result;
	if (who->marked) {
		d->result.attempt = who->attempt;
		d->result.batch = who->batch;
	}
	d->result.status = arena_dup(&e->results_arena, result->status);
	d->result.reason = arena_dup(&e->results_arena, result->reason);
	d->result.text = arena_dup(&e->results_arena, result->text);
	if (d->result.state == DELIVERY_DEFERRED) {
		d->result.due = time_now() + back_off(who->attempt);
		if (d->result.due > e->deadline) {
			d->result.state = DELIVERY_REFUSED;
			d->result.reason = VIEW("expired");
			d->result.due = 0;
		}
	}
	e->decided[d->result.state]++;
	if (d->result.state == DELIVERY_PENDING) {
		engine_note_back(e, engine_stream(e, stream)->destination);
		return;
	}
	e->done++;
	r->done++;
	r->accepted += d->result.state == DELIVERY_ACCEPTED;
}

static ptrdiff_t place_of(const struct vec *all, uint64_t id)
{
	for (size_t i = 0; i < all->len; i++)
		if ((*(struct send_message **)vec_at(all, i))->id == id)
			return (ptrdiff_t)i;
	return -1;
}

static struct send_message *message_at(const struct vec *all, ptrdiff_t at)
{
	return at < 0 ? NULL : *(struct send_message **)vec_at(all, (size_t)at);
}

/* Their order does not matter. */
static void forget(struct vec *all, ptrdiff_t at)
{
	if (at < 0)
		return;
	*(struct send_message **)vec_at(all, (size_t)at) =
		*(struct send_message **)vec_at(all, all->len - 1);
	vec_pop(all);
}

struct send_message *engine_find(struct engine *e, uint64_t id)
{
	return message_at(&e->flying, place_of(&e->flying, id));
}

/* Refused in this message, to be tried in another. Not before this one is over: a
 * message is known by its first recipient, and nobody is in two at a time. */
static void put_back(struct send_rcpt *r)
{
	r->back = !r->decided;
	r->decided = true;
}

static void release_back(struct engine *e, struct send_message *m)
{
	static const struct store_result again = {.state = DELIVERY_PENDING};

	for (size_t i = 0; i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		r->decided = r->decided && !r->back;
		if (r->back)
			decide(e, m->stream, r, &again);
	}
}

static void decide_all(struct engine *e, struct send_message *m, const struct store_result *result)
{
	for (size_t i = 0; i < m->rcpts.len; i++)
		decide(e, m->stream, vec_at(&m->rcpts, i), result);
}

static void give_up(struct engine *e, struct route *r, const struct send_event *ev)
{
	struct fail why;

	(void)fail_set(&why, FAIL_PERM, _("relay %s will not take this campaign: %s%.*s"),
		r->relay->name, ev->result.reply_code != 0 ? "" : _("before sending: "),
		VIEW_ARG(ev->result.text));
	engine_give_up(e, r, &why);
}

/* A refusal that says nothing about the recipient: our login, sender, address or
 * content. */
static bool is_ours(const struct store_result *r)
{
	return r->state == DELIVERY_REFUSED && !send_reason_is_address(r->reason);
}

/* Nobody's address is at fault when the relay refuses us: stop before the whole
 * list is marked so. While nothing was accepted a refused one goes back, to be
 * tried again once the relay has shown that it takes our mail; a few such in a row
 * stop the campaign, as does a long row later. Returns true when the result is not
 * the recipient's. */
static bool blame_us(struct engine *e, struct route *r, const struct send_event *ev)
{
	if (ev->result.state == DELIVERY_ACCEPTED) {
		r->accepted_any = true;
		r->refused_in_a_row = 0;
	}
	if (!is_ours(&ev->result))
		return false;
	r->refused_in_a_row++;
	if (r->refused_in_a_row >= (r->accepted_any ? FLIGHT_REFUSED_MAX : FLIGHT_FIRST_MAX))
		give_up(e, r, ev);
	return !r->accepted_any;
}

/* What the answer says about the provider's patience, and about the relay's where it was to a
 * whole message. */
static void mind(
	struct engine *e, const struct send_message *m, const struct store_result *r, bool whole)
{
	bool slow = r->state == DELIVERY_DEFERRED && send_reason_is_slow(r);
	struct stream *s = engine_stream(e, m->stream);
	struct route *route = engine_route(e, s->route);
	unsigned char random;

	if (r->state == DELIVERY_ACCEPTED) {
		manners_good(&s->manners);
		engine_note_good(e, route);
	}
	if (slow)
		engine_note_slow(s, r);
	if ((slow || (whole && r->state == DELIVERY_DEFERRED)) && !stream_is_closed(e, s))
		engine_note_busy(e, route, r);
	if (!slow)
		return;
	digest_random(&random, sizeof random);
	if (manners_slow(&s->manners, s->flying, time_monotonic(), random))
		engine_give_back(e, s);
}

static void on_rcpt(struct engine *e, struct send_message *m, const struct send_event *ev)
{
	struct route *r = engine_route_of(e, m);
	struct store_result result = ev->result;

	/* Too many at the very first: a smaller message will not help, time may. */
	if (ev->too_many && ev->rcpt == 0)
		result.state = DELIVERY_DEFERRED;
	mind(e, m, &result, false);
	if (blame_us(e, r, ev))
		result = (struct store_result){.state = DELIVERY_PENDING};
	for (size_t i = 0; i < m->rcpts.len; i++) {
		/* Redirected: one for all. */
		if (m->envelope_len == m->rcpts.len && i != ev->rcpt)
			continue;
		if (result.state == DELIVERY_PENDING)
			put_back(vec_at(&m->rcpts, i));
		else
			decide(e, m->stream, vec_at(&m->rcpts, i), &result);
	}
	if (ev->too_many && ev->rcpt > 0 && ev->rcpt < r->batch_max)
		r->batch_max = ev->rcpt;
}

static void on_done(struct engine *e, struct send_message *m, const struct send_event *ev)
{
	struct route *r = engine_route_of(e, m);
	struct store_result result = ev->result;

	if (ev->fatal)
		give_up(e, r, ev);
	else if (blame_us(e, r, ev))
		result = (struct store_result){.state = DELIVERY_PENDING};
	mind(e, m, &ev->result, true);
	/* The members have nothing to do with it, and another one takes them at once. */
	if (ev->no_utf8 && m->utf8 && !needs_utf8(e->redirect))
		engine_note_plain(e, r, &result);
	if (ev->put_off && engine_has_other(e, r))
		result = (struct store_result){.state = DELIVERY_PENDING};
	if (ev->result.reply_code != 0 && ev->result.state == DELIVERY_ACCEPTED)
		engine_note_latency(e, engine_stream(e, m->stream), ev->took);
	decide_all(e, m, &result);
	release_back(e, m);
	forget(&e->ready, place_of(&e->ready, m->id));
	forget(&e->flying, place_of(&e->flying, m->id));
	engine_stream(e, m->stream)->flying--;
	r->flying--;
	send_message_free(&m);
}

static int take_event(struct engine *e, const struct send_event *ev, struct fail *f)
{
	struct send_message *m = engine_find(e, ev->id);

	if (m == NULL)
		return fail_set(f, FAIL_BUG, _("message %llu is not in flight"),
			(unsigned long long)ev->id);
	switch (ev->kind) {
	case SEND_RCPT:
		on_rcpt(e, m, ev);
		break;
	case SEND_READY:
		if (m->began != 0)
			engine_route_of(e, m)->took = time_monotonic() - m->began;
		if (e->ready.len == 0)
			e->ready_at = time_monotonic();
		*(struct send_message **)vec_push(&e->ready) = m;
		break;
	case SEND_DONE:
		on_done(e, m, ev);
		break;
	}
	return 0;
}

int engine_take_events(struct engine *e, struct fail *f)
{
	struct send_event ev;

	for (size_t i = 0; i < e->routes.len; i++) {
		struct send_transport *t = engine_route(e, i)->transport;

		while (t != NULL && t->ops->event(t, &ev))
			if (take_event(e, &ev, f) < 0)
				return -1;
	}
	return 0;
}

void engine_abandon(struct engine *e, const struct send_message *m)
{
	struct send_transport *t = m != NULL ? engine_route_of(e, m)->transport : NULL;

	if (t != NULL)
		t->ops->abandon(t, m->id);
}

/* --- composing ----------------------------------------------------------- */

static int is_recipient(void *ctx, struct view key, struct fail *f)
{
	struct engine *e = ctx;

	if (engine_end_turn(e, f) < 0)
		return -1;
	return store_is_recipient(e->store, e->campaign, key, f);
}

static bool domain_allowed(const struct settings_safety *safety, struct view address)
{
	ptrdiff_t at = -1;

	for (size_t i = 0; i < address.len; i++)
		if (address.p[i] == '@')
			at = (ptrdiff_t)i;
	for (size_t i = 0; i < safety->only_domains.count; i++)
		if (view_eq_nocase(view_from(address, (size_t)(at + 1)),
			    view_of(safety->only_domains.items[i])))
			return true;
	return safety->only_domains.count == 0;
}

static struct send_rcpt *add_rcpt(struct send_message *m, const struct store_delivery *d)
{
	struct send_rcpt *r = vec_push(&m->rcpts);

	r->contact = d->contact;
	r->attempt = d->attempt;
	r->address = arena_dup(&m->arena, d->address);
	r->name = arena_dup(&m->arena, d->name);
	r->fields = arena_dup(&m->arena, d->fields);
	return r;
}

/* Decided before it was in a message. */
static void decide_unsent(struct engine *e, size_t stream, const struct store_delivery *d,
	const struct store_result *result)
{
	struct send_rcpt r = {.contact = d->contact, .attempt = d->attempt};

	decide(e, stream, &r, result);
}

/* Who is at the head of the queue, or NULL. */
static const struct store_delivery *head_of(struct stream *s)
{
	struct turn_queue used = s->queue;

	if (turn_queue_left(&s->queue) == 0) {
		s->queue = s->coming;
		s->coming = used;
	}
	if (turn_queue_left(&s->queue) == 0)
		return NULL;
	return vec_at(&s->queue.deliveries, s->queue.next);
}

static struct send_message *gather(struct engine *e, struct stream *s, size_t most)
{
	static const struct store_result outside = {.state = DELIVERY_SKIPPED,
		.reason = {"only-domains", 12},
		.text = {"not in safety.only_domains", 26}};
	struct send_message *m = send_message_new();
	const struct store_delivery *d;

	m->stream = stream_number(e, s);
	m->slow = s->slow;
	for (; m->rcpts.len < most && (d = head_of(s)) != NULL; s->queue.next++) {
		bool utf8 = needs_utf8(d->address);

		if (!domain_allowed(&e->settings->safety, d->address)) {
			decide_unsent(e, m->stream, d, &outside);
			continue;
		}
		/* One that needs SMTPUTF8 must not take the others down with it. */
		if (m->rcpts.len > 0 && utf8 != m->utf8)
			break;
		m->utf8 = utf8;
		if (s->queue.open_at > m->open_at)
			m->open_at = s->queue.open_at;
		(void)add_rcpt(m, d);
	}
	if (m->rcpts.len > 0)
		m->id = (uint64_t)((struct send_rcpt *)vec_at(&m->rcpts, 0))->contact;
	return m;
}

void engine_give_back(struct engine *e, struct stream *s)
{
	static const struct store_result back = {.state = DELIVERY_PENDING};
	const struct store_delivery *d;

	for (; (d = head_of(s)) != NULL; s->queue.next++)
		decide_unsent(e, stream_number(e, s), d, &back);
}

static void write_envelope(struct engine *e, struct send_message *m)
{
	const struct settings_relay *relay = engine_route_of(e, m)->relay;
	bool redirect = e->redirect.len > 0;

	m->plain = !relay->verp;
	m->token_field = relay->token_field;
	m->notify_success = e->notify_success || relay->notify_success;
	m->envelope = arena_alloc(&m->arena, m->rcpts.len * sizeof *m->envelope);
	m->envelope_len = redirect ? 1 : m->rcpts.len;
	for (size_t i = 0; i < m->envelope_len; i++)
		m->envelope[i] = ((struct send_rcpt *)vec_at(&m->rcpts, i))->address;
	if (redirect) {
		m->envelope[0] = e->redirect;
		m->utf8 = m->utf8 || needs_utf8(e->redirect);
	}
}

/* A letter that cannot be written for one member is that member's result; a
 * breach of promise P1 stops the campaign. */
static int compose(struct engine *e, struct send_message *m, struct fail *f)
{
	struct store_result no = {.state = DELIVERY_REFUSED, .reason = VIEW("template")};

	if (send_letter_write(e->letter, m, time_now(), is_recipient, e, f) == 0)
		return 0;
	if (f->kind != FAIL_DATA)
		return -1;
	no.text = view_of(f->text);
	decide_all(e, m, &no);
	return 1;
}

static size_t batch_now(const struct engine *e, const struct stream *s)
{
	const struct route *r = engine_route(e, s->route);
	size_t most = r->transport->ops->rcpt_max(r->transport);
	size_t quota = r->quota_most < s->quota_most ? r->quota_most : s->quota_most;

	if (most == 0 || r->batch_max < most)
		most = r->batch_max;
	return quota < most ? quota : most;
}

/* 1: handed over, or its recipients decided; 0: nobody left; -1. */
static int submit_one(struct engine *e, struct stream *s, struct fail *f)
{
	struct route *r = engine_route(e, s->route);
	struct send_message *m = gather(e, s, batch_now(e, s));
	int ret = 0;

	if (m->rcpts.len == 0) {
		send_message_free(&m);
		return 0;
	}
	write_envelope(e, m);
	ret = compose(e, m, f);
	if (ret != 0) {
		send_message_free(&m);
		return ret;
	}
	/* Behind another one it would tell how long that one takes; a folder is not far away. */
	if (e->clerk != NULL && r->flying == 0)
		m->began = time_monotonic();
	*(struct send_message **)vec_push(&e->flying) = m;
	s->flying++;
	r->flying++;
	engine_note_share(e, r, m->rcpts.len);
	r->transport->ops->submit(r->transport, m);
	return 1;
}

/* The clerk has nothing to do: what was made ready meanwhile need not wait until all that
 * the relay takes is composed. */
static int keep_turning(struct engine *e, struct fail *f)
{
	return engine_take_events(e, f) < 0 ? -1 : engine_turn_if_needed(e, f);
}

int engine_submit(struct engine *e, struct fail *f)
{
	int ret = 0;

	while (ret >= 0 && !e->draining && engine_queue_left(e) > 0) {
		struct stream *s;

		if (engine_take_turn(e, f) < 0)
			return -1;
		engine_mind_hours(e);
		s = engine_next_stream(e);
		if (s == NULL)
			return 0;
		ret = submit_one(e, s, f);
		if (ret >= 0 && !engine_in_turn(e))
			ret = keep_turning(e, f);
	}
	return ret < 0 ? -1 : 0;
}
