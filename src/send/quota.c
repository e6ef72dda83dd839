#include "send/quota.h"
#include "base/fail.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "send/warmup.h"
#include "settings/settings.h"
#include "store/delivery.h"
#include "store/quota.h"
#include "store/watch.h"

enum {
	/* How long after we gave up hearing of it a relay may still take a message. */
	QUOTA_DOUBT_MS = 60000,
	/* Long enough for anything; it can be added to a moment. */
	QUOTA_AGES_MS = 86400000,
	/* How often to look whether others gave something back. */
	QUOTA_LOOK_MS = 250,
	/* Claimed so much before the slot is free, at most; of the shortest window a quarter. */
	QUOTA_LEAD_MAX_MS = 1000,
	QUOTA_LEAD_PART = 4,
	QUOTA_LEAD_SLOW = 8, /* a sample counts for an eighth */
	/* How long the one that claimed last lets others go first. */
	QUOTA_COURTESY_MS = 5,
	/* A claim of less than this part of the smallest window waits for company: slots that
	 * come free one by one at a high rate must not cost a commit each. */
	QUOTA_SIP = 128,
	QUOTA_SCOPE_MAX = 200,
};

struct send_quota {
	struct store_quota *shared;
	struct quota_moment now;
	int64_t looked; /* monotonic: that moment, or a little later */
	int64_t most;
	int64_t lead, lead_max; /* from handing over to ready */
	int64_t at;		/* monotonic: when the next claim may be tried */
	int64_t open_at;	/* monotonic: when those claimed now may be marked */
	int64_t message;
	struct settings_warmup warmup;
	int64_t first_use; /* of the relay: its warm-up counts from then */
	int64_t warms_at;  /* wall clock: that limit has another count then; INT64_MAX: never */
	size_t warm_limit;
};

/* What the warm-up allows at that moment. Over, it allows all. */
static uint64_t warm_count(const struct send_quota *q, int64_t now)
{
	struct settings_window w;

	return send_warmup_window(&q->warmup, q->first_use, now, &w) ? w.count : INT64_MAX;
}

/* As configured, and that of the warm-up last. */
static struct store_quota_limit *limits_of(
	const struct send_quota *q, const struct settings_rate *rate, int64_t now, size_t *count)
{
	struct store_quota_limit *l = mem_alloc((rate->count + 1) * sizeof *l);

	for (*count = 0; *count < rate->count; (*count)++)
		l[*count] = (struct store_quota_limit){
			rate->items[*count].count, rate->items[*count].window_ms};
	if (q->warms_at < INT64_MAX)
		l[(*count)++] =
			(struct store_quota_limit){warm_count(q, now), q->warmup.start.window_ms};
	return l;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* An account warms up as a whole, not for each destination. */
static int begin_warm_up(struct store *s, struct send_quota *q, const struct settings_relay *relay,
	int64_t now, struct fail *f)
{
	if (store_relay_first_use(s, view_of(relay->name), &q->first_use, f) < 0)
		return -1;
	if (q->first_use == 0)
		q->first_use = now;
	q->warmup = relay->warmup;
	q->warms_at = send_warmup_next(&q->warmup, q->first_use, now);
	return 0;
}

/* A run may last for days. */
static void warm_up(struct send_quota *q, int64_t now)
{
	if (now < q->warms_at)
		return;
	store_quota_set_count(q->shared, q->warm_limit, warm_count(q, now));
	q->warms_at = send_warmup_next(&q->warmup, q->first_use, now);
}

static int open_scope(struct store *s, struct view scope, const struct settings_relay *relay,
	const struct settings_rate *rate, struct send_quota **out, struct fail *f)
{
	struct store_quota_params params = {.scope = scope,
		.relay = view_of(rate == &relay->rate ? relay->name : NULL),
		.doubt = least(relay->timeouts.end_of_data, QUOTA_DOUBT_MS)};
	struct send_quota *q = mem_alloc(sizeof *q);
	struct store_quota_limit *limits;
	int64_t now = time_now();
	int ret = 0;

	q->warms_at = INT64_MAX;
	q->warm_limit = rate->count;
	if (rate == &relay->rate)
		ret = begin_warm_up(s, q, relay, now, f);
	params.limits = limits = limits_of(q, rate, now, &params.count);
	q->most = INT64_MAX;
	q->message = 1;
	q->lead_max = QUOTA_LEAD_MAX_MS;
	for (size_t i = 0; i < params.count; i++) {
		q->most = least(q->most, (int64_t)limits[i].count);
		q->lead_max = least(q->lead_max, (int64_t)limits[i].window_ms / QUOTA_LEAD_PART);
	}
	quota_moment_read("/proc", &q->now);
	if (ret == 0)
		ret = store_quota_open(s, &params, &q->now, &q->shared, f);
	free(limits);
	if (q->shared == NULL)
		send_quota_free(&q);
	*out = q;
	return ret;
}

int send_quota_open(struct store *s, const struct settings_relay *relay, struct send_quota **out,
	struct fail *f)
{
	return open_scope(s, view_of(relay->name), relay, &relay->rate, out, f);
}

int send_quota_open_part(struct store *s, const struct settings_relay *relay, struct view part,
	const struct settings_rate *rate, struct send_quota **out, struct fail *f)
{
	struct str scope;
	int ret;

	/* No name of a relay has a slash. */
	str_init(&scope, QUOTA_SCOPE_MAX);
	(void)str_addf(&scope, "%s/%.*s", relay->name, VIEW_ARG(part));
	ret = open_scope(s, str_view(&scope), relay, rate, out, f);
	str_free(&scope);
	return ret;
}

void send_quota_free(struct send_quota **quota)
{
	if (*quota == NULL)
		return;
	store_quota_free(&(*quota)->shared);
	free(*quota);
	*quota = NULL;
}

size_t send_quota_most(const struct send_quota *q)
{
	return q == NULL || q->most > (int64_t)(SIZE_MAX / 2) ? SIZE_MAX : (size_t)q->most;
}

int64_t send_quota_at(const struct send_quota *q)
{
	return q == NULL ? 0 : q->at;
}

int64_t send_quota_open_at(const struct send_quota *q)
{
	return q == NULL ? 0 : q->open_at;
}

void send_quota_took(struct send_quota *q, int64_t ms)
{
	if (q == NULL || ms == 0)
		return;
	q->lead = q->lead == 0 ? ms : q->lead + (ms - q->lead) / QUOTA_LEAD_SLOW;
	q->lead = least(q->lead, q->lead_max);
}

void send_quota_marked(struct send_quota *q, size_t n)
{
	if (q != NULL)
		store_quota_sent(q->shared, (int64_t)n);
}

/* What got an answer counts, a refusal too: a relay counts what it was asked. What ends
 * without one has not left, or is in doubt. */
void send_quota_known(
	struct send_quota *q, bool marked, int64_t heard, const struct store_result *r)
{
	if (q == NULL)
		return;
	q->now.since_boot = heard;
	if (r->state == DELIVERY_UNCERTAIN)
		store_quota_doubtful(q->shared, 1, marked, &q->now);
	else if (r->state == DELIVERY_ACCEPTED || r->reply_code != 0)
		store_quota_used(q->shared, 1, marked, &q->now);
	else
		store_quota_given_back(q->shared, 1, marked);
}

/* The least that a claim is worth a turn for: a whole message. Where whole ones would leave a
 * good part of the quota unused, what remains of it makes a smaller one. */
static int64_t worth(const struct send_quota *q)
{
	int64_t whole = least(q->message, q->most), rest = q->most % whole;
	int64_t sip = q->most / QUOTA_SIP;

	if (rest > sip)
		return rest;
	return whole > sip ? whole : sip;
}

/* Its share of the room there is in `wait` ms while others want some too, but no less than
 * is worth it. */
static int64_t share(const struct send_quota *q, int64_t wait)
{
	int64_t room = store_quota_room(q->shared, wait), rivals, part;
	bool first;

	if (room == INT64_MAX)
		return room;
	rivals = store_quota_rivals(q->shared, &first);
	part = (room + rivals) / (rivals + 1);
	return least(room, part > worth(q) ? part : worth(q));
}

int send_quota_look(struct send_quota *q, struct store_sender *sender, size_t message, size_t limit,
	size_t *n, struct fail *f)
{
	int64_t wait;

	*n = limit;
	if (q == NULL)
		return 0;
	q->message = (int64_t)message;
	warm_up(q, time_now());
	quota_moment_refresh(&q->now);
	q->looked = time_monotonic();
	if (store_quota_look(sender, q->shared, &q->now, f) < 0)
		return -1;
	wait = store_quota_wait(q->shared, worth(q));
	*n = wait > q->lead ? 0 : (size_t)least((int64_t)limit, share(q, wait));
	/* One more, for the two clocks may be cut to whole ms at different moments. */
	if (*n > 0)
		q->open_at = wait > 0 ? q->looked + wait + 1 : 0;
	return 0;
}

/* When to try again. Room that others may give back shows in no clock. Who claimed last
 * lets those go first who have waited longer: no sender is quick enough to take every slot. */
static void plan_next(struct send_quota *q)
{
	int64_t wait = store_quota_wait(q->shared, worth(q));
	bool first;

	if (store_quota_rivals(q->shared, &first) > 0 && first)
		wait = least(wait, QUOTA_AGES_MS) + QUOTA_COURTESY_MS;
	else
		wait = wait > q->lead ? wait - q->lead : 0;
	if (wait > QUOTA_LOOK_MS && store_quota_held(q->shared) > 0)
		wait = QUOTA_LOOK_MS;
	q->at = q->looked + least(wait, QUOTA_AGES_MS);
}

int send_quota_claimed(
	struct send_quota *q, struct store_sender *sender, size_t n, bool wants, struct fail *f)
{
	if (q == NULL)
		return 0;
	store_quota_hold(q->shared, (int64_t)n);
	plan_next(q);
	return store_quota_write(sender, q->shared, wants, f);
}

void send_quota_kept(struct send_quota *q)
{
	if (q != NULL)
		store_quota_written(q->shared);
}

void send_quota_lost(struct send_quota *q)
{
	if (q != NULL)
		store_quota_lost(q->shared);
}
