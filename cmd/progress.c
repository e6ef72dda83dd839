#include "cmd/progress.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cmd/out.h"
#include "cmd/when.h"
#include "report/report.h"
#include "settings/settings.h"
#include "store/watch.h"

enum {
	PROGRESS_PLAIN_MS = 30000,
	PROGRESS_JSON_MS = 1000,
	PROGRESS_SAMPLE_MS = 1000,
	PROGRESS_MINUTE_MS = 60000,
	PROGRESS_LEAST_MS = 2000, /* less is too short to tell a speed */
	PROGRESS_LINE_MAX = 4096,
};

/* --- in words ------------------------------------------------------------ */

const char *progress_rate(double per_second, char out[PROGRESS_RATE_SIZE])
{
	double per_minute = per_second * 60, per_hour = per_minute * 60;

	if (per_second >= 1)
		(void)snprintf(out, PROGRESS_RATE_SIZE, _("%.*f/s"), per_second < 10, per_second);
	else if (per_minute >= 1)
		(void)snprintf(out, PROGRESS_RATE_SIZE, _("%.*f/min"), per_minute < 10, per_minute);
	else
		(void)snprintf(out, PROGRESS_RATE_SIZE, _("%.*f/h"), per_hour < 10, per_hour);
	return out;
}

/* Adds a part when there is room for it; the first one always. */
static void part(struct str *out, size_t width, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void part(struct str *out, size_t width, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	str_init(&text, PROGRESS_LINE_MAX);
	if (out->len > 0)
		(void)str_addz(&text, ", ");
	va_start(ap, fmt);
	(void)str_addfv(&text, fmt, ap);
	va_end(ap);
	if (out->len == 0 || utf8_width(str_view(out)) + utf8_width(str_view(&text)) <= width)
		(void)str_addv(out, str_view(&text));
	str_free(&text);
}

static void part_waiting(struct str *out, size_t width, const struct send_progress *p, int64_t now)
{
	char at[WHEN_SIZE];

	if (p->stopping)
		part(out, width,
			_n("stopping: %lld message is finished first",
				"stopping: %lld messages are finished first", p->flying),
			(long long)p->flying);
	else if (p->opens_at > now)
		part(out, width, _("waits until %s, when it may send"),
			when_at(p->opens_at, now, at));
	else if (p->due_at > now)
		part(out, width, _("tries again at %s"), when_at(p->due_at, now, at));
	else if (p->quota_at > now + TIME_MINUTE)
		part(out, width, _("the quota lets more go at %s"), when_at(p->quota_at, now, at));
}

static void part_hint(struct str *out, size_t width, const struct send_hint *h)
{
	if (h->code != 0)
		part(out, width, _("%.*s slows down: %d"), VIEW_ARG(h->group), h->code);
	else
		part(out, width, _("%.*s slows down"), VIEW_ARG(h->group));
}

static void part_way(struct str *out, size_t width, const struct send_way *way, int64_t now)
{
	char at[WHEN_SIZE];

	if (!way->failing)
		return;
	if (way->until > now)
		part(out, width, _("relay %s fails, tried again at %s"), way->relay->name,
			when_at(way->until, now, at));
	else if (way->until == 0)
		part(out, width, _("relay %s is not used any more"), way->relay->name);
}

void progress_words(const struct progress_facts *facts, int64_t now, size_t width, struct str *out)
{
	const struct send_progress *p = facts->p;
	const int64_t *n = p->campaign.count, total = p->campaign.total;
	int64_t sent = total - report_pending(n);
	char rate[PROGRESS_RATE_SIZE], at[WHEN_SIZE], lasts[WHEN_SIZE];

	part(out, width, _("%lld of %lld (%d %%)"), (long long)sent, (long long)total,
		total > 0 ? (int)(sent * 100 / total) : 100);
	part_waiting(out, width, p, now);
	if (facts->per_second > 0)
		part(out, width, "%s", progress_rate(facts->per_second, rate));
	if (facts->eta > now && facts->eta < now + TIME_MINUTE)
		part(out, width, "%s", _("ends within a minute"));
	else if (facts->eta > now)
		part(out, width, _("ends at %s, in %s"), when_at(facts->eta, now, at),
			when_lasts(facts->eta - now, lasts));
	if (n[DELIVERY_DEFERRED] > 0)
		part(out, width, _("%lld deferred"), (long long)n[DELIVERY_DEFERRED]);
	if (n[DELIVERY_REFUSED] > 0)
		part(out, width, _("%lld refused"), (long long)n[DELIVERY_REFUSED]);
	if (n[DELIVERY_UNCERTAIN] > 0)
		part(out, width, _("%lld uncertain"), (long long)n[DELIVERY_UNCERTAIN]);
	for (size_t i = 0; i < p->way_count; i++)
		part_way(out, width, &p->ways[i], now);
	for (size_t i = 0; i < p->hint_count; i++)
		part_hint(out, width, &p->hints[i]);
}

/* --- as JSON ------------------------------------------------------------- */

static json_t *moment(int64_t at)
{
	char iso[TIME_ISO_SIZE];

	if (at == 0)
		return json_null();
	time_iso(at, iso);
	return json_string(iso);
}

static const char *waits_for(const struct send_progress *p, int64_t now, int64_t *until)
{
	*until = 0;
	if (p->stopping)
		return "stopping";
	if (p->opens_at > now)
		return *until = p->opens_at, "hours";
	if (p->due_at > now)
		return *until = p->due_at, "deferred";
	if (p->quota_at > now)
		return *until = p->quota_at, "quota";
	return NULL;
}

static json_t *hints_json(const struct send_progress *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->hint_count; i++)
		(void)json_array_append_new(
			all, json_pack("{s:o, s:o, s:o, s:o}", "group",
				     report_text_json(p->hints[i].group), "code",
				     p->hints[i].code != 0 ? json_integer(p->hints[i].code)
							   : json_null(),
				     "text", report_text_json(p->hints[i].text), "since",
				     moment(p->hints[i].since)));
	return all;
}

json_t *progress_ways_json(const struct send_way *ways, size_t count)
{
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(all,
			json_pack("{s:s, s:b, s:I, s:b, s:o, s:o, s:o}", "relay",
				ways[i].relay->name, "reserve", ways[i].reserve, "accepted",
				(json_int_t)ways[i].accepted, "failing", ways[i].failing, "since",
				moment(ways[i].failing ? ways[i].since : 0), "until",
				moment(ways[i].failing ? ways[i].until : 0), "why",
				ways[i].failing ? report_text_json(ways[i].why) : json_null()));
	return all;
}

json_t *progress_json(const struct progress_facts *facts, int64_t now)
{
	const struct send_progress *p = facts->p;
	json_t *totals = report_totals_json(&p->campaign), *doc;
	int64_t until;
	const char *waits = waits_for(p, now, &until);

	doc = json_pack("{s:i, s:s, s:o, s:I, s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
		"type", "progress", "at", moment(now), "campaign", (json_int_t)p->campaign.id,
		"state", campaign_state_name(p->campaign.state), "flying", (json_int_t)p->flying,
		"per_minute", (json_int_t)(facts->per_second * 60 + 0.5), "eta", moment(facts->eta),
		"waiting", waits != NULL ? json_string(waits) : json_null(), "until", moment(until),
		"hints", hints_json(p), "relays", progress_ways_json(p->ways, p->way_count));
	(void)json_object_update(doc, totals);
	json_decref(totals);
	return doc;
}

/* --- learned while looking ------------------------------------------------ */

void progress_init(struct progress *g, enum progress_mode mode, struct store *s)
{
	*g = (struct progress){.mode = mode, .store = s};
}

void progress_mind(struct progress *g, const struct settings *s)
{
	send_crowd_init(&g->crowd, s, NULL);
}

enum progress_mode progress_mode(const char *name)
{
	static const char *const names[] = {"auto", "bar", "plain", "json", "none"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum progress_mode)i;
	return PROGRESS_AUTO;
}

/* How much of the quotas is used already. What cannot be read is not known: no more. */
static void begin_way(struct progress *g, const struct send_way *way, int64_t now)
{
	struct progress_way *w = &g->ways[g->way_count++];
	struct fail ignored;
	int64_t first_use = 0;

	if (g->store == NULL || store_relay_first_use(g->store, view_of(way->relay->name),
					&first_use, &ignored) < 0)
		first_use = 0;
	pace_init(&w->pace, way->relay, first_use, way->gate, now);
	if (g->store != NULL)
		(void)pace_read(&w->pace, g->store, now, &ignored);
}

static void begin(struct progress *g, const struct send_progress *p, int64_t now)
{
	g->begun = true;
	g->at = now;
	if (g->mode != PROGRESS_JSON)
		g->shown_at = now;
	for (size_t i = 0; i < p->way_count && i < SETTINGS_SHARES_MAX; i++)
		begin_way(g, &p->ways[i], now);
}

static void sample(struct progress *g, int64_t now, int64_t done)
{
	size_t newest = (g->next + PROGRESS_SAMPLES - 1) % PROGRESS_SAMPLES;

	if (g->count > 0 && now - g->samples[newest].at < PROGRESS_SAMPLE_MS)
		return;
	g->samples[g->next].at = now;
	g->samples[g->next].done = done;
	g->next = (g->next + 1) % PROGRESS_SAMPLES;
	if (g->count < PROGRESS_SAMPLES)
		g->count++;
}

/* Over the last minute, or what there is of it. */
static double rate(const struct progress *g, int64_t now, int64_t done)
{
	for (size_t i = 0; i < g->count; i++) {
		size_t at = (g->next + PROGRESS_SAMPLES - g->count + i) % PROGRESS_SAMPLES;
		int64_t ms = now - g->samples[at].at;

		if (ms < PROGRESS_LEAST_MS)
			break;
		if (ms <= PROGRESS_MINUTE_MS + PROGRESS_SAMPLE_MS)
			return (double)(done - g->samples[at].done) * TIME_SECOND / (double)ms;
	}
	return 0;
}

/* The time that quotas and hours make us wait says nothing about how fast a relay is. */
static bool is_held(const struct send_progress *p, int64_t now)
{
	return p->flying == 0 && (p->quota_at > now || p->opens_at > now || p->due_at > now);
}

static void learn_way(struct progress *g, struct progress_way *w, const struct send_way *way,
	int64_t now, bool held)
{
	int64_t done = way->done - w->done;

	if (!held)
		w->busy_done += (double)done;
	pace_spend(&w->pace, now, done > 0 ? (uint64_t)done : 0);
	if (way->quota_at > now)
		pace_held(&w->pace, now, way->quota_at);
	w->pace.each_ms = w->busy_done > 0 ? g->busy_ms / w->busy_done : 0;
	w->done = way->done;
}

static void forget_half(struct progress *g)
{
	if (g->busy_ms <= PROGRESS_MINUTE_MS)
		return;
	g->busy_ms /= 2;
	for (size_t i = 0; i < g->way_count; i++)
		g->ways[i].busy_done /= 2;
}

/* Now and then, for it goes through all that are left. */
static void look_around(struct progress *g, const struct send_progress *p, int64_t now)
{
	struct fail ignored;

	if (g->store == NULL || (g->crowd_at != 0 && now - g->crowd_at < PROGRESS_MINUTE_MS))
		return;
	g->crowd_at = now;
	(void)send_crowd_look(&g->crowd, g->store, p->campaign.id, now, &ignored);
}

static void learn(struct progress *g, const struct send_progress *p, int64_t now)
{
	bool held;

	if (!g->begun)
		begin(g, p, now);
	look_around(g, p, now);
	held = is_held(p, now) || now <= g->at;
	if (!held)
		g->busy_ms += (double)(now - g->at);
	for (size_t i = 0; i < g->way_count; i++)
		learn_way(g, &g->ways[i], &p->ways[i], now, held);
	forget_half(g);
	g->at = now;
	sample(g, now, p->done);
}

/* Of the relays that are in use, together. */
static int64_t finish(
	const struct progress *g, const struct send_progress *p, int64_t now, int64_t left)
{
	struct pace used[SETTINGS_SHARES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < g->way_count; i++)
		/* Where the quotas are slower than anything else, no speed is ever learned. */
		if (!p->ways[i].failing &&
			(g->ways[i].pace.each_ms > 0 ||
				(g->ways[i].pace.count > 0 && p->ways[i].done > 0)))
			used[count++] = g->ways[i].pace;
	if (count == 0)
		return INT64_MAX;
	return send_crowd_finish(&g->crowd, now, pace_finish_all(used, count, now, left));
}

struct progress_facts progress_facts(
	const struct progress *g, const struct send_progress *p, int64_t now)
{
	struct progress_facts facts = {.p = p, .per_second = rate(g, now, p->done)};
	int64_t left = report_pending(p->campaign.count);

	if (left > 0)
		facts.eta = finish(g, p, now, left);
	if (facts.eta == INT64_MAX)
		facts.eta = 0;
	return facts;
}

/* --- shown ---------------------------------------------------------------- */

static void show_words(const struct progress_facts *facts, int64_t now, bool bar)
{
	struct str line;

	str_init(&line, PROGRESS_LINE_MAX);
	progress_words(facts, now, bar ? out_width() - 1 : SIZE_MAX, &line);
	if (bar)
		out_progress_line(str_view(&line));
	else
		out_say("%s", line.p);
	str_free(&line);
}

static void tell_stop(struct progress *g, const struct send_progress *p)
{
	if (!p->stopping || g->told_stop)
		return;
	g->told_stop = true;
	if (p->flying > 0)
		out_say(_n("Stopping: %lld message in flight is finished first. Once more, and it "
			   "stops at once.",
				"Stopping: %lld messages in flight are finished first. Once more, "
				"and it stops at once.",
				p->flying),
			(long long)p->flying);
}

void progress_look(struct progress *g, const struct send_progress *p, int64_t now)
{
	bool bar = g->mode == PROGRESS_BAR || (g->mode == PROGRESS_AUTO && out_progress_is_bar());
	int64_t every = g->mode == PROGRESS_JSON ? PROGRESS_JSON_MS : bar ? 0 : PROGRESS_PLAIN_MS;
	struct progress_facts facts;

	learn(g, p, now);
	tell_stop(g, p);
	if (g->mode == PROGRESS_NONE || (!p->asked && now - g->shown_at < every))
		return;
	g->shown_at = now;
	facts = progress_facts(g, p, now);
	if (g->mode == PROGRESS_JSON) {
		out_json_line(progress_json(&facts, now));
		(void)fflush(stdout);
		return;
	}
	if (p->asked)
		show_words(&facts, now, false);
	if (bar)
		show_words(&facts, now, true);
	else if (!p->asked)
		show_words(&facts, now, false);
}

void progress_show(void *ctx, const struct send_progress *p)
{
	progress_look(ctx, p, time_now());
}
