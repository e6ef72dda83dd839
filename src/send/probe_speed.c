#include "base/i18n.h"
#include "base/time.h"
#include "send/probe_private.h"

enum {
	PROBE_STEPS = 4, /* MAIL, RCPT, DATA and the message, each with its reply */
	PROBE_SMALL = 1000000,
	PROBE_SECONDS_HOUR = 3600,
	PROBE_KILOBYTE = 1024,
	PROBE_FASTEST = 1000, /* messages a second: past that other things are the limit */
};

/* Messages a second: the tightest window counts. */
static double quota_of(const struct settings_relay *relay)
{
	double least = 0;

	for (size_t i = 0; i < relay->rate.count; i++) {
		const struct settings_window *w = &relay->rate.items[i];
		double rate = (double)w->count * TIME_SECOND / (double)w->window_ms;

		if (least == 0 || rate < least)
			least = rate;
	}
	return least;
}

/* How the session writes (smtp/session.h): a window of whole messages, or the end of
 * one with the envelope of the next, or one command after the other. */
static double trips_of(const struct settings_relay *relay, const struct smtp_caps *caps)
{
	if (!caps->pipelining || relay->pipeline == SETTINGS_PIPELINE_CAREFUL)
		return PROBE_STEPS;
	return caps->chunking ? 1.0 / relay->pipeline : 1;
}

void send_probe_speed_make(const struct settings_relay *relay, const struct smtp_caps *caps,
	int64_t round_trip_us, unsigned connections_max, struct send_probe_speed *out)
{
	double goal;

	*out = (struct send_probe_speed){
		.round_trips = trips_of(relay, caps), .quota = quota_of(relay), .connections = 1};
	out->one = 1e6 / ((double)(round_trip_us > 0 ? round_trip_us : 1) * out->round_trips);
	if (out->one > PROBE_FASTEST)
		out->one = PROBE_FASTEST;
	goal = out->quota > 0 ? out->quota : PROBE_GOAL;
	while (out->connections < connections_max && out->one * out->connections < goal)
		out->connections++;
	out->all = out->one * out->connections;
	if (out->quota > 0 && out->all > out->quota)
		out->all = out->quota;
}

static unsigned connections_max(const struct probe *p)
{
	const char *theirs = p->provider != NULL
				     ? settings_preset_fact(&p->provider->relay, "max_connections")
				     : NULL;
	uint64_t n;

	if (theirs != NULL && view_u64(view_of(theirs), PROBE_CONNECTIONS_MAX, &n) && n > 0)
		return (unsigned)n;
	return PROBE_CONNECTIONS_MAX;
}

static void add_quotas(const struct settings_relay *relay, struct str *out)
{
	if (relay->rate.count == 0) {
		(void)str_addz(out, _("no quota is set (rate)"));
		return;
	}
	(void)str_addz(out, _("your quotas:"));
	for (size_t i = 0; i < relay->rate.count; i++) {
		const struct settings_window *w = &relay->rate.items[i];
		const char *unit = w->window_ms == TIME_SECOND	 ? _("a second")
				   : w->window_ms == TIME_MINUTE ? _("a minute")
				   : w->window_ms == TIME_HOUR	 ? _("an hour")
								 : _("a day");

		(void)str_addf(
			out, "%s %llu %s", i > 0 ? "," : "", (unsigned long long)w->count, unit);
	}
}

void probe_limits(struct probe *p)
{
	const struct smtp_caps *caps = &p->facts->caps;
	const struct settings_relay *relay = p->p->relay;
	struct str text;

	str_init(&text, PROBE_TEXT_MAX);
	if (caps->size_max > 0)
		(void)str_addf(&text, _("messages of at most %llu kB; "),
			(unsigned long long)caps->size_max / PROBE_KILOBYTE);
	if (caps->rcpt_max > 0)
		(void)str_addf(&text, _("at most %llu recipients in one message; "),
			(unsigned long long)caps->rcpt_max);
	if (caps->mail_max > 0)
		(void)str_addf(&text, _("at most %llu messages on one connection; "),
			(unsigned long long)caps->mail_max);
	add_quotas(relay, &text);
	probe_ok(p, PROBE_LIMITS, "%s", text.p);
	str_clear(&text);
	(void)str_addf(&text, "%llu kB", (unsigned long long)caps->size_max / PROBE_KILOBYTE);
	if (caps->size_max > 0 && caps->size_max < PROBE_SMALL)
		probe_warn(p, PROBE_LIMITS, "size-small", str_view(&text));
	str_clear(&text);
	(void)str_addf(&text,
		_("facteur writes to %u people at most through it "
		  "(safety.bulk_threshold)"),
		p->p->settings->safety.bulk_threshold);
	if (p->provider != NULL && p->provider->kind == SETTINGS_PRESET_PERSONAL)
		probe_warn(p, PROBE_LIMITS, "personal", str_view(&text));
	str_free(&text);
}

/* Whole numbers with no more digits than are meant: 54,500 rather than 54,545. */
static double rounded(double n)
{
	double step = 1;

	while (n / step >= 1000)
		step *= 10;
	return (double)(int64_t)(n / step + 0.5) * step;
}

static const char *trips_words(double round_trips)
{
	if (round_trips > 1)
		return _("each message needs that four times (MAIL, RCPT, DATA and the message "
			 "itself)");
	return round_trips < 1 ? _("several messages share one such trip")
			       : _("each message needs that once");
}

void probe_speed(struct probe *p)
{
	struct send_probe_speed *s = &p->facts->speed;
	const struct settings_relay *relay = p->p->relay;
	struct str text;

	if (p->facts->round_trip_us == 0)
		return;
	send_probe_speed_make(
		relay, &p->facts->caps, p->facts->round_trip_us, connections_max(p), s);
	str_init(&text, PROBE_TEXT_MAX);
	(void)str_addf(&text,
		_("to the server and back takes %.1f ms, and %s: one connection "
		  "carries about %.0f messages an hour. "),
		(double)p->facts->round_trip_us / TIME_SECOND, trips_words(s->round_trips),
		rounded(s->one * PROBE_SECONDS_HOUR));
	if (s->quota > 0)
		(void)str_addf(&text, _("Your quotas allow %.0f an hour. "),
			rounded(s->quota * PROBE_SECONDS_HOUR));
	(void)str_addf(&text, _("Best is max_connections: %u"), s->connections);
	if (relay->max_connections != s->connections)
		(void)str_addf(&text, _(" (it is %u now)"), relay->max_connections);
	(void)str_addf(&text, _(", which makes about %.0f messages an hour"),
		rounded(s->all * PROBE_SECONDS_HOUR));
	probe_ok(p, PROBE_SPEED, "%s", text.p);
	str_free(&text);
}
