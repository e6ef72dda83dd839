/* What a running engine tells of itself, and whether it is time to send. */
#include "base/time.h"
#include "base/utf8.h"
#include "send/engine_private.h"

enum { OUTLOOK_MS = 500 }; /* how often progress is told */

/* A moment of the monotonic clock in that of the wall; 0 when it is past. */
static int64_t wall(int64_t monotonic)
{
	int64_t now = time_monotonic();

	return monotonic > now ? time_now() + (monotonic - now) : 0;
}

bool engine_is_open(const struct engine *e, int64_t *opens)
{
	bool shut = false;
	int64_t at;

	*opens = INT64_MAX;
	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *r = engine_route(e, i);

		if (r->dead || route_rests(e, r))
			continue;
		/* It is not for the hour that nothing goes to one that is left alone. */
		if (route_is_closed(r)) {
			at = send_gate_opens(&r->gate, wall(r->until));
		} else if (route_is_open(r, &at)) {
			return true;
		} else {
			shut = true;
		}
		*opens = at < *opens ? at : *opens;
	}
	return !shut;
}

static void mind_hours(struct engine *e, size_t route, bool shut)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);

		if (s->route != route)
			continue;
		if (shut)
			engine_give_back(e, s);
		s->exhausted = shut;
	}
}

void engine_mind_hours(struct engine *e)
{
	for (size_t i = 0; i < e->routes.len; i++) {
		struct route *r = engine_route(e, i);
		int64_t opens;
		bool shut = !route_is_open(r, &opens);

		if (shut || r->shut)
			mind_hours(e, i, shut);
		r->shut = shut;
	}
}

void engine_note_slow(struct stream *s, const struct store_result *r)
{
	if (!manners_is_slow(&s->manners))
		s->slow_since = time_now();
	s->slow_code = r->reply_code;
	(void)snprintf(s->slow_text, sizeof s->slow_text, "%.*s",
		(int)utf8_floor(r->text, sizeof s->slow_text - 1),
		r->text.len > 0 ? r->text.p : "");
}

/* Those that were slowed down, as many as are told. */
static void fill_hints(const struct engine *e, struct send_progress *p)
{
	for (size_t i = 0; i < e->streams.len && p->hint_count < SEND_HINTS_MAX; i++) {
		const struct stream *s = engine_stream(e, i);

		if (!manners_is_slow(&s->manners))
			continue;
		p->hints[p->hint_count++] = (struct send_hint){.group = s->name,
			.text = view_of(s->slow_text),
			.code = s->slow_code,
			.since = s->slow_since};
	}
}

/* When the first of them may send again (monotonic), as far as quotas go. */
static int64_t next_quota(const struct engine *e)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->routes.len; i++)
		if (!route_is_closed(engine_route(e, i)) && engine_route(e, i)->quota_at < next)
			next = engine_route(e, i)->quota_at;
	return next < INT64_MAX ? next : 0;
}

/* At this moment, perhaps. */
static int64_t tried_at(const struct route *r)
{
	int64_t at = wall(r->until);

	return at != 0 ? at : time_now();
}

struct send_way *engine_ways(const struct engine *e, struct arena *a)
{
	struct send_way *ways = arena_alloc(a, (e->routes.len + 1) * sizeof *ways);

	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *r = engine_route(e, i);
		bool fails = r->failing || r->dead || r->stuck;

		ways[i] = (struct send_way){.relay = r->relay,
			.gate = &r->gate,
			.reserve = r->weight == 0,
			.done = r->done,
			.accepted = r->accepted,
			.quota_at = wall(r->quota_at),
			.failing = fails,
			.since = r->since,
			.until = r->dead ? 0
				 : fails ? tried_at(r)
					 : 0,
			.why = fails ? arena_dup(a, view_of(r->why.text)) : view_of("")};
	}
	return ways;
}

static void fill(struct engine *e, struct send_progress *p)
{
	p->started = e->started;
	p->done = e->done;
	p->accepted = e->decided[DELIVERY_ACCEPTED];
	p->deferred = e->decided[DELIVERY_DEFERRED];
	p->refused = e->decided[DELIVERY_REFUSED];
	p->flying = e->flying.len;
	p->quota_at = wall(next_quota(e));
	if (engine_is_open(e, &p->opens_at))
		p->opens_at = 0;
	p->due_at = e->due_at;
	p->stopping = e->stop_at != 0;
	fill_hints(e, p);
}

int engine_report(struct engine *e, struct fail *f)
{
	const struct send_engine_options *o = e->options;
	struct send_progress p = {.asked = o->ask != NULL && *o->ask != e->asked};

	if (o->progress == NULL || engine_in_turn(e) ||
		(time_monotonic() < e->progress_at && !p.asked))
		return 0;
	e->asked = o->ask != NULL ? *o->ask : 0;
	e->progress_at = time_monotonic() + OUTLOOK_MS;
	arena_reset(&e->look_arena);
	if (store_campaign_get(e->store, e->campaign, &e->look_arena, &p.campaign, f) < 0)
		return -1;
	fill(e, &p);
	p.ways = engine_ways(e, &e->look_arena);
	p.way_count = e->routes.len;
	o->progress(o->ctx, &p);
	return 0;
}
