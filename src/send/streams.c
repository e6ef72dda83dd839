/* The streams of a running engine: one for each destination that the campaign knows, and
 * one for everybody else. */
#include "base/time.h"
#include "send/destination.h"
#include "send/engine_private.h"
#include "send/quota.h"
#include "settings/settings.h"
#include "store/campaign.h"

enum {
	STREAM_NAME_SIZE = 80,
	STREAM_MEMORY = 4,     /* answers that the average latency is about */
	STREAM_SLOW_MS = 50,   /* nobody who answers faster than that is slow, */
	STREAM_SLOW_TIMES = 4, /* or not so many times slower than the fastest */
};

struct stream *engine_stream(const struct engine *e, size_t i)
{
	return vec_at(&e->streams, i);
}

static void add_stream(struct engine *e, struct view name, size_t most)
{
	struct stream *s = vec_push(&e->streams);

	s->name = arena_dup(&e->arena, name);
	s->quota_most = SIZE_MAX;
	turn_queue_init(&s->queue);
	turn_queue_init(&s->coming);
	manners_init(&s->manners, most);
}

struct opening {
	struct engine *e;
	struct vec numbers; /* int64_t: of the streams */
};

static int on_destination(void *ctx, int64_t number, struct view name)
{
	struct opening *o = ctx;
	char text[STREAM_NAME_SIZE];
	const struct settings_destination *d;

	(void)snprintf(text, sizeof text, "%.*s", VIEW_ARG(name));
	d = settings_destination_find(o->e->settings, text);
	add_stream(o->e, name, d != NULL ? d->max_messages : 0);
	*(int64_t *)vec_push(&o->numbers) = number;
	return o->e->streams.len <= SEND_DESTINATIONS_MAX ? 0 : 1;
}

/* Limits are those of the configuration now; who is in which group was frozen. */
static int open_quota(struct engine *e, struct stream *s, struct fail *f)
{
	const struct settings_destination *d =
		settings_destination_find(e->settings, s->name.len > 0 ? s->name.p : "");

	if (d == NULL || d->rate.count == 0)
		return 0;
	if (send_quota_open_part(e->store, e->relay, s->name, &d->rate, &s->quota, f) < 0)
		return -1;
	s->quota_most = send_quota_most(s->quota);
	return 0;
}

int engine_open_streams(struct engine *e, struct fail *f)
{
	struct opening o = {.e = e};
	int ret;

	vec_init(&o.numbers, sizeof(int64_t));
	add_stream(e, VIEW(""), 0);
	*(int64_t *)vec_push(&o.numbers) = 0;
	ret = store_campaign_destinations(e->store, e->campaign, on_destination, &o, f);
	for (size_t i = 0; ret == 0 && i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);

		ret = open_quota(e, s, f);
		turn_add_stream(&e->turn, *(int64_t *)vec_at(&o.numbers, i), s->quota);
	}
	vec_free(&o.numbers);
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

bool stream_is_closed(const struct stream *s)
{
	return s->manners.until > time_monotonic();
}

bool engine_exhausted(const struct engine *e)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (!s->exhausted && !stream_is_closed(s))
			return false;
	}
	return true;
}

int64_t engine_next_opening(const struct engine *e)
{
	int64_t next = 0;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (!s->exhausted && stream_is_closed(s) && (next == 0 || s->manners.until < next))
			next = s->manners.until;
	}
	return next;
}

int64_t engine_next_chance(const struct engine *e)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);
		int64_t at = e->quota_at > s->quota_at ? e->quota_at : s->quota_at;

		if (s->exhausted)
			continue;
		at = manners_next(&s->manners, at);
		next = at < next ? at : next;
	}
	return next;
}

static bool may_send(const struct stream *s, int64_t now)
{
	return stream_left(s) > 0 && manners_allow(&s->manners, s->flying, now);
}

/* While others have something to send too, none fills more than half of the relay: what a
 * slow one has on the way must leave room for the fast ones. */
static size_t share(const struct engine *e, const struct stream *s, size_t room, int64_t now)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *other = engine_stream(e, i);

		if (other != s && may_send(other, now))
			return (e->flying.len + room + 1) / 2;
	}
	return SIZE_MAX;
}

struct stream *engine_next_stream(struct engine *e)
{
	const struct send_transport_ops *ops = e->transport->ops;
	size_t room = ops->room(e->transport, false), slow_room = ops->room(e->transport, true);
	int64_t now = time_monotonic();

	for (size_t i = 0; i < e->streams.len && room + slow_room > 0; i++) {
		struct stream *s = engine_stream(e, (e->turn_of + i) % e->streams.len);

		if (!may_send(s, now) || (s->slow ? slow_room : room) == 0 ||
			s->flying >= share(e, s, room, now))
			continue;
		e->turn_of = (e->turn_of + i + 1) % e->streams.len;
		return s;
	}
	return NULL;
}

static int64_t best_latency(const struct engine *e)
{
	int64_t best = INT64_MAX;

	for (size_t i = 0; i < e->streams.len; i++) {
		const struct stream *s = engine_stream(e, i);

		if (s->answered && s->latency < best)
			best = s->latency;
	}
	return best;
}

void engine_note_latency(struct engine *e, struct stream *s, int64_t ms)
{
	int64_t best;

	s->latency = s->answered ? s->latency + (ms - s->latency) / STREAM_MEMORY : ms;
	s->answered = true;
	best = best_latency(e);
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *other = engine_stream(e, i);

		other->slow = other->answered && other->latency > STREAM_SLOW_MS &&
			      other->latency / STREAM_SLOW_TIMES > best;
	}
}
