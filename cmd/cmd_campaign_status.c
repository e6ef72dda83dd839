/* facteur campaign status: how a campaign goes, seen from another terminal. */
#include "base/time.h"
#include "cmd/names.h"
#include "cmd/progress.h"
#include "cmd/sending.h"
#include "cmd/when.h"
#include "report/report.h"
#include "send/forecast.h"
#include "settings/settings.h"
#include "store/watch.h"

enum { STATUS_MINUTE_MS = 60000, STATUS_SENDERS_MAX = 64, STATUS_UNIT_SIZE = 32 };

/* All that is told of one campaign, from the database and the configuration. */
struct status {
	struct store_campaign c;
	int64_t now, opens, due, eta; /* 0: now, none, not known */
	int64_t minute;		      /* recipients of the last minute */
	double per_second;
	struct send_forecast forecast; /* count 0: its relay is no longer configured */
	struct store_watch_sender senders[STATUS_SENDERS_MAX];
	size_t sender_count;
	struct arena *arena;
};

static void note_sender(void *ctx, const struct store_watch_sender *sender)
{
	struct status *st = ctx;

	if (st->sender_count == STATUS_SENDERS_MAX)
		return;
	st->senders[st->sender_count] = *sender;
	st->senders[st->sender_count++].machine = arena_dup(st->arena, sender->machine);
}

/* The speed is that of the last minute, or of the part of it in which something went. */
static int read_speed(struct app *app, struct status *st, struct fail *f)
{
	struct store_watch_use use;
	int64_t ms;

	if (store_watch_campaign(app->store, st->c.id, st->now - STATUS_MINUTE_MS, &use, f) < 0)
		return -1;
	ms = use.first != 0 && st->now - use.first > TIME_SECOND ? st->now - use.first
								 : TIME_SECOND;
	st->minute = use.n;
	st->per_second = (double)use.n * TIME_SECOND / (double)ms;
	return 0;
}

/* The speed is that of all relays together. */
static void work_out_end(struct status *st, int64_t left)
{
	struct send_forecast *fc = &st->forecast;
	bool quotas = false;

	for (size_t i = 0; i < fc->count; i++) {
		quotas = quotas || fc->paces[i].count > 0;
		if (st->per_second > 0)
			fc->paces[i].each_ms = TIME_SECOND / st->per_second * (double)fc->count;
	}
	if (left > 0 && st->sender_count > 0 && (st->per_second > 0 || quotas))
		st->eta = send_forecast_finish(fc, left);
	st->eta = st->eta != INT64_MAX ? st->eta : 0;
}

/* Quotas and hours tell it when nobody sends at this moment: how long it will take at least. */
static int read_forecast(struct app *app, struct status *st, struct fail *f)
{
	const struct settings_relay *relay =
		settings_relay_find(app->settings, arena_dupz(&app->arena, st->c.relay));
	struct send_frozen frozen;

	if (relay == NULL)
		return 0; /* no longer configured */
	if (send_frozen_read(st->c.frozen, &app->arena, &frozen, f) < 0 ||
		send_forecast_open(
			&st->forecast, app->store, app->settings, relay, frozen.at, st->now, f) < 0)
		return -1;
	if (send_crowd_look(&st->forecast.crowd, app->store, st->c.id, st->now, f) < 0) {
		send_forecast_close(&st->forecast);
		return -1;
	}
	st->opens = st->forecast.opens > st->now ? st->forecast.opens : 0;
	work_out_end(st, report_pending(st->c.count));
	return 0;
}

static bool is_over(const struct store_campaign *c)
{
	return c->state == CAMPAIGN_DONE || c->state == CAMPAIGN_CANCELLED;
}

static int read_status(struct app *app, int64_t id, struct status *st, struct fail *f)
{
	*st = (struct status){.now = time_now(), .arena = &app->arena};
	if (store_campaign_get(app->store, id, &app->arena, &st->c, f) < 0)
		return -1;
	if (is_over(&st->c))
		return 0;
	if (store_watch_senders(app->store, id, st->now, note_sender, st, f) < 0 ||
		store_next_due(app->store, id, &st->due, f) < 0 || read_speed(app, st, f) < 0)
		return -1;
	return read_forecast(app, st, f);
}

/* --- in words ------------------------------------------------------------ */

static void say_senders(const struct status *st)
{
	char since[WHEN_SIZE], beat[WHEN_SIZE];

	for (size_t i = 0; i < st->sender_count; i++) {
		const struct store_watch_sender *s = &st->senders[i];

		when_at(s->since, st->now, since);
		when_at(s->beat, st->now, beat);
		if (s->here && s->since != 0)
			out_line(_("Sender:    process %lld, since %s"), (long long)s->pid, since);
		else
			out_line(_("Sender:    process %lld on machine %.*s, last heard of at %s"),
				(long long)s->pid, VIEW_ARG(s->machine), beat);
	}
	if (st->sender_count == 0 && st->c.state == CAMPAIGN_SENDING)
		out_line(_("Sender:    none is alive; facteur campaign resume %lld goes on"),
			(long long)st->c.id);
}

static const char *unit(int64_t window_ms, char out[STATUS_UNIT_SIZE])
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {{TIME_SECOND, "s"}, {TIME_MINUTE, "min"}, {TIME_HOUR, "h"}, {TIME_DAY, "d"}};

	(void)snprintf(out, STATUS_UNIT_SIZE, "%llds", (long long)(window_ms / TIME_SECOND));
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (units[i].ms == window_ms)
			(void)snprintf(out, STATUS_UNIT_SIZE, "%s", units[i].name);
	return out;
}

static void say_windows(const struct status *st, const struct pace *pace)
{
	char per[STATUS_UNIT_SIZE], at[WHEN_SIZE];

	for (size_t i = 0; i < pace->count; i++) {
		const struct pace_window *w = &pace->windows[i];
		bool warms = pace->warms && i + 1 == pace->count;

		if (w->room == 0)
			out_line(_("Quota:     %llu/%s%s, all used until %s"),
				(unsigned long long)w->count, unit(w->window_ms, per),
				warms ? _(" (warm-up)") : "", when_at(w->frees_at, st->now, at));
		else
			out_line(_("Quota:     %llu/%s%s, %llu used"), (unsigned long long)w->count,
				unit(w->window_ms, per), warms ? _(" (warm-up)") : "",
				(unsigned long long)(w->count - w->room));
	}
}

static void say_quotas(const struct status *st)
{
	for (size_t i = 0; i < st->forecast.count; i++) {
		const struct pace *pace = &st->forecast.paces[i];

		if (st->forecast.count > 1)
			out_line(_("Relay:     %s"), pace->relay->name);
		say_windows(st, pace);
	}
}

static void say_waiting(const struct status *st)
{
	char at[WHEN_SIZE];

	if (st->opens > 0)
		out_line(_("Waits:     until %s, when it may send"),
			when_at(st->opens, st->now, at));
	if (st->due > 0)
		out_line(_("Deferred:  %lld, tried again from %s on"),
			(long long)st->c.count[DELIVERY_DEFERRED], when_at(st->due, st->now, at));
}

static void say(const struct status *st)
{
	const int64_t *n = st->c.count;
	char rate[PROGRESS_RATE_SIZE], at[WHEN_SIZE], lasts[WHEN_SIZE];

	out_line(_("Campaign:  %lld, %.*s"), (long long)st->c.id, VIEW_ARG(st->c.name));
	out_line(_("State:     %s"), _(campaign_state_name(st->c.state)));
	out_line(
		_("Done:      %lld of %lld: %lld accepted, %lld refused, %lld uncertain, %lld left "
		  "out"),
		(long long)(st->c.total - report_pending(n) - n[DELIVERY_DEFERRED]),
		(long long)st->c.total, (long long)n[DELIVERY_ACCEPTED],
		(long long)n[DELIVERY_REFUSED], (long long)n[DELIVERY_UNCERTAIN],
		(long long)(n[DELIVERY_SKIPPED] + n[DELIVERY_CANCELLED]));
	if (st->c.later[LATER_BOUNCED] + st->c.later[LATER_COMPLAINED] > 0)
		out_line(_("Came back: %lld, complaints: %lld (facteur report %lld)"),
			(long long)st->c.later[LATER_BOUNCED],
			(long long)st->c.later[LATER_COMPLAINED], (long long)st->c.id);
	if (is_over(&st->c))
		return;
	if (st->minute > 0)
		out_line(_("Speed:     %s; %lld in the last minute"),
			progress_rate(st->per_second, rate), (long long)st->minute);
	if (st->eta > st->now)
		out_line(_("Ends:      at about %s, in %s"), when_at(st->eta, st->now, at),
			when_lasts(st->eta - st->now, lasts));
	say_waiting(st);
	say_senders(st);
	say_quotas(st);
	if (st->sender_count == 0 && st->c.state == CAMPAIGN_PAUSED)
		out_line(_("To go on:  facteur campaign resume %lld"), (long long)st->c.id);
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

static json_t *senders_json(const struct status *st)
{
	json_t *all = json_array();

	for (size_t i = 0; i < st->sender_count; i++) {
		const struct store_watch_sender *s = &st->senders[i];

		(void)json_array_append_new(
			all, json_pack("{s:I, s:o, s:b, s:o, s:o}", "pid", (json_int_t)s->pid,
				     "machine", report_text_json(s->machine), "here", s->here,
				     "since", moment(s->since), "heartbeat", moment(s->beat)));
	}
	return all;
}

static void add_windows(json_t *all, const struct pace *pace)
{
	for (size_t i = 0; i < pace->count; i++) {
		const struct pace_window *w = &pace->windows[i];

		(void)json_array_append_new(all,
			json_pack("{s:s, s:I, s:I, s:I, s:b, s:o}", "relay", pace->relay->name,
				"count", (json_int_t)w->count, "window_ms",
				(json_int_t)w->window_ms, "used", (json_int_t)(w->count - w->room),
				"warmup", pace->warms && i + 1 == pace->count, "frees",
				moment(w->frees_at)));
	}
}

static json_t *quotas_json(const struct status *st)
{
	json_t *all = json_array();

	for (size_t i = 0; i < st->forecast.count; i++)
		add_windows(all, &st->forecast.paces[i]);
	return all;
}

static json_t *status_json(const struct status *st)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "campaign",
		report_campaign_json(&st->c), "totals", report_totals_json(&st->c), "per_minute",
		(json_int_t)st->minute, "eta", moment(st->eta), "opens", moment(st->opens),
		"next_due", moment(st->due), "senders", senders_json(st), "quotas",
		quotas_json(st));
}

/* --- the command --------------------------------------------------------- */

struct choice {
	struct vec ids;
	int64_t last;
};

static int choose(void *ctx, const struct store_campaign *c)
{
	struct choice *choice = ctx;

	choice->last = c->id;
	if (!is_over(c))
		*(int64_t *)vec_push(&choice->ids) = c->id;
	return 0;
}

/* The one that is named; else all that are not over; else the last there was. */
static int find(struct app *app, int argc, char **argv, struct choice *choice, struct fail *f)
{
	int64_t id;

	vec_init(&choice->ids, sizeof(int64_t));
	choice->last = 0;
	if (argc > 0) {
		if (names_campaign(argv[0], &id, f) < 0)
			return -1;
		*(int64_t *)vec_push(&choice->ids) = id;
		return 0;
	}
	if (store_campaign_each(app->store, choose, choice, f) < 0)
		return -1;
	if (choice->ids.len == 0 && choice->last != 0)
		*(int64_t *)vec_push(&choice->ids) = choice->last;
	return 0;
}

static int status_run(struct app *app, int argc, char **argv, struct fail *f)
{
	json_t *all = json_array(), *doc;
	struct choice choice;
	struct status st;
	int ret = find(app, argc, argv, &choice, f);

	for (size_t i = 0; ret == 0 && i < choice.ids.len; i++) {
		ret = read_status(app, *(int64_t *)vec_at(&choice.ids, i), &st, f);
		if (ret < 0)
			break;
		if (app->json) {
			(void)json_array_append_new(all, status_json(&st));
			continue;
		}
		if (i > 0)
			out_line("%s", "");
		say(&st);
	}
	if (ret == 0 && choice.ids.len == 0 && !app->json)
		out_say("%s", _("Nothing was sent yet. To send: facteur send -h"));
	if (ret == 0 && app->json) {
		doc = json_pack("{s:i, s:O}", "schema", 1, "campaigns", all);
		out_json(doc);
	}
	json_decref(all);
	vec_free(&choice.ids);
	return ret;
}

const struct cmd cmd_campaign_status = {
	.noun = "campaign",
	.verb = "status",
	.args = "[NUMBER]",
	.max_args = 1,
	.summary = N_("how one goes: speed, end, who sends it"),
	.more = N_("Without a number: all that are not over."),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = status_run,
};
