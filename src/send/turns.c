/* The engine's side of its turns: what became known since the last one, and every durable
 * mark that is wanted, go into one commit; when it is on disk the bytes leave that waited
 * for it. */
#include "base/time.h"
#include "send/engine_private.h"

enum {
	ENGINE_RESULTS_MAX = 1000,   /* results that wait for a commit when no mark does */
	ENGINE_CONNECTIONS_MS = 250, /* others have them all: how often to look again */
	ENGINE_BEAT_MS = 20000,	     /* a turn at least so often: other senders see that we live */
	ENGINE_CROWD = 16,	     /* so many in flight: a turn may wait for company, */
	ENGINE_COMPANY_MS = 2,	     /* so long */
	ENGINE_LOW = 200,	     /* of a stream in hand below which the next are claimed */
};

/* Asks for the mark of whoever is undecided in the message. */
static void ask_mark(struct engine *e, struct send_message *m)
{
	struct turn_mark *mark = vec_push(&e->turn.marks);

	*mark = (struct turn_mark){.message = m->id, .stream = m->stream};
	for (size_t i = 0; i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		if (r->decided)
			continue;
		r->marked = true;
		r->batch = (int64_t)m->id;
		mark->count++;
		*(int64_t *)vec_push(&e->turn.contacts) = r->contact;
	}
}

static struct turn_claim *claim_of(const struct engine *e, size_t stream)
{
	return vec_at(&e->turn.claims, stream);
}

/* Somebody new is taken in hand when a whole message of them may go; where there are no
 * quotas, before the last one is used up. */
static int64_t claim_at(const struct engine *e, const struct stream *s)
{
	const struct route *r = engine_route(e, s->route);
	size_t early = s->claim / 2 < ENGINE_LOW ? s->claim / 2 : ENGINE_LOW;
	size_t low = r->quota == NULL && s->quota == NULL ? early : 0;
	int64_t at = r->quota_at > s->quota_at ? r->quota_at : s->quota_at;

	if (r->dead || r->transport == NULL || r->shut || r->stuck || route_rests(e, r))
		return INT64_MAX;
	if (e->draining || s->exhausted || turn_queue_left(&s->coming) > 0 || stream_left(s) > low)
		return INT64_MAX;
	if (e->afresh && e->flying.len > 0)
		return INT64_MAX;
	at = r->connections_at > at ? r->connections_at : at;
	at = r->until > at ? r->until : at;
	return at > s->manners.until ? at : s->manners.until;
}

/* The first of those that are ready whose quota lets it be completed. */
static int64_t mark_at(const struct engine *e)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < e->ready.len; i++) {
		const struct send_message *m = *(struct send_message **)vec_at(&e->ready, i);

		at = m->open_at < at ? m->open_at : at;
	}
	return at;
}

/* How long a turn that has something to do can wait, and take in what comes meanwhile
 * (monotonic; 0: not at all). The marks of one that ends while the disk is busy would wait for
 * it to come back; and where much is in flight a larger turn costs less for each message. But
 * once half of all that is in flight has nothing else to wait for it is time. */
static int64_t can_wait(const struct engine *e)
{
	if (e->disk.clerk == NULL || e->ready.len >= e->flying.len / 2)
		return 0;
	if (clerk_busy(e->disk.clerk))
		return INT64_MAX;
	if (e->ready.len == 0 || e->flying.len < ENGINE_CROWD || engine_queue_left(e) == 0)
		return 0;
	return e->ready_at + ENGINE_COMPANY_MS;
}

int64_t engine_turn_at(const struct engine *e)
{
	int64_t at = mark_at(e), waits = can_wait(e);

	if (engine_in_turn(e))
		return INT64_MAX;
	if (waits > time_monotonic())
		return waits;
	for (size_t i = 0; i < e->streams.len; i++) {
		int64_t claim = claim_at(e, engine_stream(e, i));

		at = claim < at ? claim : at;
	}
	return at;
}

/* No less than a whole message. */
static size_t claim_most(const struct engine *e, const struct stream *s)
{
	size_t message = engine_route(e, s->route)->batch_max;

	return s->claim > message ? s->claim : message;
}

static bool ask_claims(struct engine *e, int64_t now)
{
	bool any = false;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct route *r = engine_route(e, engine_stream(e, i)->route);
		struct turn_claim *c = claim_of(e, i);

		c->wanted = now >= claim_at(e, engine_stream(e, i));
		c->plain = r->plain && engine_has_utf8(e, r, true);
		c->most = claim_most(e, engine_stream(e, i));
		any = any || c->wanted;
	}
	return any;
}

/* Those that their quota lets go only a little later wait for another turn. */
static void ask_marks(struct engine *e)
{
	int64_t now = time_monotonic();
	size_t early = 0;

	for (size_t i = 0; i < e->ready.len; i++) {
		struct send_message *m = *(struct send_message **)vec_at(&e->ready, i);

		if (m->open_at > now)
			*(struct send_message **)vec_at(&e->ready, early++) = m;
		else
			ask_mark(e, m);
	}
	e->ready.len = early;
	e->ready_at = now;
}

static void fill_route(const struct engine *e, struct route *r, struct turn_route *t)
{
	/* What it does not need, quotas and connections, is for those who do. */
	bool closed = r->transport == NULL || route_is_closed(r) || route_rests(e, r);

	t->took = r->took;
	r->took = 0;
	t->wants = !e->draining && !closed && !engine_exhausted(e);
	t->connections_wanted = (t->wants || engine_queue_left(e) > 0 || r->flying > 0) && !closed;
	t->connections_used = 0;
	if (r->transport != NULL && r->transport->ops->used != NULL)
		t->connections_used = r->transport->ops->used(r->transport);
	t->batch_max = r->batch_max;
}

static void fill(struct engine *e)
{
	struct turn *t = &e->turn;
	struct vec results = t->results;
	struct arena arena = t->results_arena;

	e->afresh = e->afresh && e->flying.len > 0;
	t->now = time_now();
	t->results = e->results;
	t->results_arena = e->results_arena;
	e->results = results;
	e->results_arena = arena;
	ask_marks(e);
	for (size_t i = 0; i < e->routes.len; i++)
		fill_route(e, engine_route(e, i), vec_at(&t->routes, i));
	for (size_t i = 0; i < e->streams.len; i++) {
		claim_of(e, i)->empty = stream_left(engine_stream(e, i)) == 0;
		engine_stream(e, i)->backs = false;
	}
}

/* The others of a message that lost one were given back by the turn. */
static void let_go(struct engine *e, struct send_message *m)
{
	for (size_t i = 0; i < m->rcpts.len; i++) {
		struct send_rcpt *r = vec_at(&m->rcpts, i);

		r->marked = false;
		r->decided = true;
	}
	engine_abandon(e, m);
}

/* A message that nobody is left for goes the same way: what is not asked for is not sent. */
static void release(struct engine *e)
{
	for (size_t i = 0; i < e->turn.marks.len; i++) {
		const struct turn_mark *mark = vec_at(&e->turn.marks, i);
		const struct marked m = {mark->message, e->turn.good_until};
		struct send_message *message = engine_find(e, mark->message);

		if (message == NULL)
			continue; /* its connection has ended meanwhile */
		if (mark->lost || mark->count == 0)
			let_go(e, message);
		else
			disk_note(e, &m);
	}
	e->disk.behind = true;
	disk_begin(e);
}

/* No durable mark, no end of data (P4). */
static void abandon_marks(struct engine *e)
{
	for (size_t i = 0; i < e->turn.marks.len; i++)
		engine_abandon(e,
			engine_find(e, ((struct turn_mark *)vec_at(&e->turn.marks, i))->message));
}

void engine_abandon_ready(struct engine *e)
{
	for (size_t i = 0; i < e->ready.len; i++)
		engine_abandon(e, *(struct send_message **)vec_at(&e->ready, i));
	vec_clear(&e->ready);
}

/* Others have taken over all we held. Nobody new is claimed while anything of it is in
 * flight: whoever came to us again would be in two messages at a time. */
static void start_afresh(struct engine *e)
{
	e->afresh = true;
	for (size_t i = 0; i < e->streams.len; i++)
		engine_give_back(e, engine_stream(e, i));
	engine_abandon_ready(e);
	for (size_t i = 0; i < e->flying.len; i++)
		engine_abandon(e, *(struct send_message **)vec_at(&e->flying, i));
}

static void take_claims(struct engine *e)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);
		struct turn_claim *c = claim_of(e, i);
		const struct route *r = engine_route(e, s->route);

		if (c->wanted && turn_queue_left(&c->claimed) > 0) {
			struct turn_queue used = s->coming;

			s->coming = c->claimed;
			c->claimed = used;
			engine_note_claim(e, s);
		}
		/* Whoever went back meanwhile can be claimed again. */
		if (c->told && !(c->exhausted && s->backs))
			s->exhausted = c->exhausted;
		if (e->turn.woken)
			s->exhausted = false;
		s->quota_at = c->quota_at;
		/* That may have changed while the turn claimed for it. */
		if (stream_is_closed(e, s) || r->stuck || route_rests(e, r))
			engine_give_back(e, s);
	}
}

static void take_route(struct route *r, const struct turn_route *t)
{
	r->quota_at = t->quota_at;
	if (t->connections_most == 0)
		return;
	r->connections = t->connections;
	route_limit(r);
	r->connections_at = t->connections > 0 ? 0 : time_monotonic() + ENGINE_CONNECTIONS_MS;
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
	if (t->taken_over)
		start_afresh(e);
	take_claims(e);
	for (size_t i = 0; i < e->routes.len; i++)
		take_route(engine_route(e, i), vec_at(&t->routes, i));
	e->beat_at = time_monotonic() + ENGINE_BEAT_MS;
	turn_clear(t);
	return 0;
}

static int begin(struct engine *e, struct fail *f)
{
	fill(e);
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
	if (e->clerk != NULL && clerk_over(e->clerk) && take(e, f) < 0)
		return -1;
	return disk_take(e, f);
}

int engine_end_turn(struct engine *e, struct fail *f)
{
	if (!engine_in_turn(e))
		return 0;
	clerk_wait(e->clerk);
	return take(e, f);
}

int engine_record(struct engine *e, struct fail *f)
{
	if (e->results.len == 0)
		return 0;
	return begin(e, f) < 0 ? -1 : engine_end_turn(e, f);
}

/* One commit serves all marks of a turn; results alone wait for company. While one turn
 * runs the next one gathers. */
int engine_turn_if_needed(struct engine *e, struct fail *f)
{
	int64_t now = time_monotonic();
	bool idle = e->results.len > 0 && e->flying.len == 0;
	bool beat = now > e->beat_at;

	if (engine_in_turn(e) || can_wait(e) > now)
		return 0;
	engine_mind_hours(e);
	if (!ask_claims(e, now) && now < mark_at(e) && e->results.len < ENGINE_RESULTS_MAX &&
		!idle && !beat)
		return 0;
	return begin(e, f);
}
