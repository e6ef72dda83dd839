/* The streams of a running engine, for each of its relays: one for each destination that the
 * campaign knows, and one for everybody else. */
#include "base/time.h"
#include "send/destination.h"
#include "send/engine_private.h"
#include "send/quota.h"
#include "settings/settings.h"
#include "store/campaign.h"

enum {
	STREAM_CLAIM_MAX = 500, /* recipients taken in hand at once */
	STREAM_CLAIM_FIRST = 4,
	STREAM_CLAIM_SHORT_MS = 250, /* how long they should last where relays share */
	STREAM_CLAIM_LONG_MS = 1000,
	STREAM_PATIENCE_MS = 1000, /* with a relay that is full, for its share's sake */
	STREAM_MEMORY = 4,	   /* answers that the average latency is about */
	STREAM_SLOW_MS = 50,	   /* nobody who answers faster than that is slow, */
	STREAM_SLOW_TIMES = 4,	   /* or not so many times slower than the fastest */
};

struct stream *engine_stream(const struct engine *e, size_t i)
{
	return vec_at(&e->streams, i);
}

static struct stream *add_stream(struct engine *e, size_t route, int64_t number, struct view name)
{
	const struct settings_destination *d =
		settings_destination_find(e->settings, name.len > 0 ? name.p : "");
	struct stream *s = vec_push(&e->streams);

	s->route = route;
	s->destination = number;
	s->name = name;
	s->quota_most = SIZE_MAX;
	s->claim = STREAM_CLAIM_MAX;
	if (e->routes.len > 1)
		s->claim = STREAM_CLAIM_FIRST;
	turn_queue_init(&s->queue);
	turn_queue_init(&s->coming);
	manners_init(&s->manners, d != NULL ? d->max_messages : 0);
	return s;
}

struct group {
	int64_t number;
	struct view name;
};
struct opening {
	struct arena *arena;
	struct vec groups; /* struct group */
};

static int on_destination(void *ctx, int64_t number, struct view name)
{
	struct opening *o = ctx;
	struct group *g = vec_push(&o->groups);

	g->number = number;
	g->name = view_of(arena_dupz(o->arena, name));
	return o->groups.len <= SEND_DESTINATIONS_MAX ? 0 : 1;
}

/* Limits are those of the configuration now; who is in which group was frozen. */
static int open_quota(struct engine *e, struct stream *s, struct fail *f)
{
	const struct settings_destination *d =
		settings_destination_find(e->settings, s->name.len > 0 ? s->name.p : "");

	if (d == NULL || d->rate.count == 0)
		return 0;
	if (send_quota_open_part(e->store, engine_route(e, s->route)->relay, s->name, &d->rate,
		    &s->quota, f) < 0)
		return -1;
	s->quota_most = send_quota_most(s->quota);
	return 0;
}

static int open_stream(struct engine *e, size_t route, const struct group *g, struct fail *f)
{
	struct stream *s = add_stream(e, route, g->number, g->name);

	if (open_quota(e, s, f) < 0)
		return -1;
	turn_add_stream(&e->turn, g->number, route, s->quota);
	return 0;
}

int engine_open_streams(struct engine *e, struct fail *f)
{
	static const struct group others;
	struct opening o = {.arena = &e->arena};
	int ret;

	vec_init(&o.groups, sizeof(struct group));
	*(struct group *)vec_push(&o.groups) = others;
	ret = store_campaign_destinations(e->store, e->campaign, on_destination, &o, f);
	for (size_t route = 0; route < e->routes.len; route++)
		for (size_t i = 0; ret == 0 && i < o.groups.len; i++)
			ret = open_stream(e, route, vec_at(&o.groups, i), f);
	vec_free(&o.groups);
	return ret;
}

void engine_free_streams(struct engine *e)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);

		send_quota_free(&s->quota);
		turn_queue_free(&s->queue);
		turn_queue_free(&s->coming);
	}
	vec_free(&e->streams);
}

size_t stream_left(const struct stream *s)
{
	return turn_queue_left(&s->queue) + turn_queue_left(&s->coming);
}

size_t engine_queue_left(const struct engine *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->streams.len; i++)
		n += stream_left(engine_stream(e, i));
	return n;
}

bool stream_is_closed(const struct engine *e, const struct stream *s)
{
	return s->manners.until > time_monotonic() || route_is_closed(engine_route(e, s->route));
}

/* Nobody is left for it, or its relay is not needed. */
static bool is_idle(const struct engine *e, const struct stream *s)
{
	return s->exhausted || route_rests(e, engine_route(e, s->route));
}

/* Nobody is waited for there. */
static bool is_done(const struct engine *e, const struct stream *s)
{
	return is_idle(e, s) || engine_route(e, s->route)->stuck;
}

bool engine_exhausted(const struct engine *e)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (!is_done(e, s) && !stream_is_closed(e, s))
			return false;
	}
	return true;
}

/* What one of several relays has in hand the others cannot send: as much as it is done with in
 * a moment, and no more. */
void engine_note_claim(const struct engine *e, struct stream *s)
{
	int64_t now = time_monotonic(), lasted = now - s->claimed_at;

	s->claimed_at = now;
	if (e->routes.len == 1)
		return;
	if (lasted < STREAM_CLAIM_SHORT_MS && s->claim < STREAM_CLAIM_MAX)
		s->claim *= 2;
	else if (lasted > STREAM_CLAIM_LONG_MS && s->claim > 1)
		s->claim /= 2;
}

void engine_note_back(struct engine *e, int64_t destination)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);

		if (s->destination == destination) {
			s->exhausted = false;
			s->backs = true;
		}
	}
}

int64_t engine_next_opening(const struct engine *e)
{
	int64_t next = 0;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);
		const struct route *r = engine_route(e, s->route);
		int64_t until = r->until > s->manners.until ? r->until : s->manners.until;

		if (!is_done(e, s) && !r->dead && stream_is_closed(e, s) &&
			(next == 0 || until < next))
			next = until;
	}
	return next;
}

int64_t engine_next_chance(const struct engine *e)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);
		const struct route *r = engine_route(e, s->route);
		int64_t at = r->quota_at > s->quota_at ? r->quota_at : s->quota_at;

		if (is_done(e, s) || r->dead)
			continue;
		at = manners_next(&s->manners, at > r->until ? at : r->until);
		next = at < next ? at : next;
	}
	return next;
}

static bool may_send(const struct stream *s, int64_t now)
{
	return stream_left(s) > 0 && manners_allow(&s->manners, s->flying, now);
}

/* --- whose turn it is ----------------------------------------------------- */

/* While others have something to send too, none fills more than half of the relay: what a
 * slow one has on the way must leave room for the fast ones. */
static size_t share(const struct engine *e, const struct stream *s, size_t room, int64_t now)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *other = engine_stream(e, i);

		if (other != s && other->route == s->route && may_send(other, now))
			return (engine_route(e, s->route)->flying + room + 1) / 2;
	}
	return SIZE_MAX;
}

static struct stream *next_of(struct engine *e, size_t route)
{
	struct route *r = engine_route(e, route);
	struct send_transport *t = r->transport;
	size_t room, slow_room;
	int64_t now = time_monotonic();

	if (t == NULL || route_is_closed(r))
		return NULL;
	room = t->ops->room(t, false);
	slow_room = t->ops->room(t, true);
	for (size_t i = 0; i < e->streams.len && room + slow_room > 0; i++) {
		struct stream *s = engine_stream(e, (r->turn_of + i) % e->streams.len);

		if (s->route != route || !may_send(s, now) || (s->slow ? slow_room : room) == 0 ||
			s->flying >= share(e, s, room, now))
			continue;
		r->turn_of = (r->turn_of + i + 1) % e->streams.len;
		return s;
	}
	return NULL;
}

bool engine_has_work(const struct engine *e, size_t route, int64_t now)
{
	const struct route *r = engine_route(e, route);

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (s->route != route)
			continue;
		if (may_send(s, now))
			return true;
		if (stream_left(s) == 0 && !is_idle(e, s) && now >= s->quota_at &&
			now >= r->quota_at && now >= s->manners.until)
			return true;
	}
	return false;
}

/* Of those that have work, the one that has had least of its share and is not before `after`. */
static struct route *least_served(const struct engine *e, const struct route *after, int64_t now)
{
	struct route *least = NULL;

	for (size_t i = 0; i < e->routes.len; i++) {
		struct route *r = engine_route(e, i);

		if (route_is_closed(r) || r->transport == NULL || r->shut ||
			!engine_has_work(e, i, now) ||
			(after != NULL &&
				(r->had < after->had || (r->had == after->had && r <= after))))
			continue;
		if (least == NULL || r->had < least->had)
			least = r;
	}
	return least;
}

/* Relays share by weight as long as each has work and takes it; one that has taken nothing for
 * a second is not waited for. */
struct stream *engine_next_stream(struct engine *e)
{
	int64_t now = time_monotonic();
	struct stream *s;

	if (e->routes.len == 1)
		return next_of(e, 0);
	for (struct route *r = NULL; (r = least_served(e, r, now)) != NULL;) {
		s = next_of(e, (size_t)(r - engine_route(e, 0)));
		if (s != NULL || now - r->had_at < STREAM_PATIENCE_MS)
			return s;
	}
	return NULL;
}

int64_t engine_next_patience(const struct engine *e, int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; e->routes.len > 1 && i < e->routes.len; i++) {
		int64_t at = engine_route(e, i)->had_at + STREAM_PATIENCE_MS;

		if (at > now && at < next)
			next = at;
	}
	return next;
}

/* What a relay has missed while it could not take its share is not made up for. */
void engine_note_share(struct engine *e, struct route *r, size_t recipients)
{
	for (size_t i = 0; i < e->routes.len; i++) {
		struct route *other = engine_route(e, i);

		if (other->had < r->had)
			other->had = r->had;
	}
	r->had += (double)recipients / (r->weight > 0 ? r->weight : 1);
	r->had_at = time_monotonic();
}

/* --- who is slow ---------------------------------------------------------- */

static int64_t best_latency(const struct engine *e, size_t route)
{
	int64_t best = INT64_MAX;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (s->route == route && s->answered && s->latency < best)
			best = s->latency;
	}
	return best;
}

void engine_note_latency(struct engine *e, struct stream *s, int64_t ms)
{
	int64_t best;

	s->latency = s->answered ? s->latency + (ms - s->latency) / STREAM_MEMORY : ms;
	s->answered = true;
	best = best_latency(e, s->route);
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *other = engine_stream(e, i);

		if (other->route != s->route)
			continue;
		other->slow = other->answered && other->latency > STREAM_SLOW_MS &&
			      other->latency / STREAM_SLOW_TIMES > best;
	}
}
