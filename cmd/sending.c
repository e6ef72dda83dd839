#include "cmd/sending.h"
#include <unistd.h>
#include "base/time.h"
#include "cmd/copy.h"
#include "cmd/progress.h"
#include "cmd/stop.h"
#include "cmd/when.h"
#include "report/report.h"
#include "returns/take.h"
#include "send/forecast.h"
#include "send/guard.h"
#include "settings/settings.h"

#define SENDING_LATE_MS ((int64_t)TIME_DAY)
enum { SENDING_ANSWER_MAX = 64, SENDING_KILOBYTE = 1000, SENDING_DOMAINS_MAX = 4096 };

struct sending_opts sending = {.mode = "auto", .progress = "auto"};

/* --- the plan ------------------------------------------------------------ */

static void checking(void *ctx, int64_t checked)
{
	(void)ctx;
	out_progress(_("Checking every member: %lld so far"), (long long)checked);
}

static int read_times(struct send_request *r, struct fail *f)
{
	if (sending.at != NULL && when_parse(sending.at, r->now, &r->at, f) < 0)
		return fail_wrap(f, "--at");
	if (sending.deadline != NULL && when_span(sending.deadline, &r->deadline, f) < 0)
		return fail_wrap(f, "--deadline");
	return 0;
}

int sending_plan(struct app *app, struct send_request *r, struct send_plan *p, struct fail *f)
{
	if (sending.to == NULL || sending.template == NULL)
		return fail_set(
			f, FAIL_USAGE, "%s", _("say to whom and what: --to LIST --template NAME"));
	*r = (struct send_request){
		.name = sending.name,
		.list = sending.to,
		.template = sending.template,
		.relay = sending.relay,
		.mode = sending.mode,
		.limit = sending.limit.given ? (int64_t)sending.limit.n : 0,
		.force_relay = sending.force_relay,
		.notify_success = sending.notify_success,
		.now = app->now,
		.progress = strcmp(sending.progress, "none") == 0 ? NULL : checking,
	};
	if (sending.limit.given && sending.limit.n == 0)
		return fail_set(f, FAIL_USAGE, "%s", _("--limit 0 would send to nobody"));
	if (read_times(r, f) < 0)
		return -1;
	stop_catch_ask();
	return send_plan_make(app->store, app->settings, r, &app->arena, p, f);
}

/* Settings that change who gets it: not to be forgotten, neither on nor off. */
static void show_guards(const struct settings_safety *safety)
{
	struct str domains;

	str_init(&domains, SENDING_DOMAINS_MAX);
	for (size_t i = 0; i < safety->only_domains.count; i++)
		(void)str_addf(&domains, "%s%s", i > 0 ? ", " : "", safety->only_domains.items[i]);
	if (domains.len > 0)
		out_say(_("             only those at %s (safety.only_domains)"), domains.p);
	str_free(&domains);
	if (safety->redirect_all_to != NULL)
		out_say(_("             but all of it goes to %s instead (safety.redirect_all_to)"),
			safety->redirect_all_to);
}

static void show_messages(const struct send_plan *p)
{
	long long kilobytes = ((long long)p->bytes + SENDING_KILOBYTE - 1) / SENDING_KILOBYTE;

	if (p->frozen.mode == SEND_BCC)
		out_say(_n("Messages:    %lld of about %lld kB, to %u people at most",
				"Messages:    %lld of about %lld kB, each to %u people at most",
				p->messages),
			(long long)p->messages, kilobytes, send_plan_batch(p));
	else
		out_say(_("Messages:    %lld of about %lld kB"), (long long)p->messages, kilobytes);
}

static void show_notice(
	const struct app *app, const struct send_plan *p, const struct settings_relay *relay)
{
	struct str words;

	str_init(&words, FAIL_TEXT_MAX);
	send_guard_notice(app->settings, relay, p->recipients, p->frozen.forced, &words);
	if (words.len > 0)
		out_say("             %s", words.p);
	str_free(&words);
}

static void show_hours(const struct settings_relay *relay)
{
	if (relay->send_between != NULL)
		out_say(_("Hours:       %s"), relay->send_between);
}

/* One of several. */
static void show_way(const struct app *app, const struct send_plan *p, size_t i, unsigned weights)
{
	unsigned weight;
	const struct settings_relay *way = settings_relay_way(app->settings, p->relay, i, &weight);
	const char *hours = way->send_between != NULL ? way->send_between : "";
	const char *comma = way->send_between != NULL ? ", " : "";

	if (weight == 0)
		out_say(_("             %s in reserve, while all others fail%s%s"), way->name,
			comma, hours);
	else
		out_say(_n("             %s with %u part of %u%s%s",
				"             %s with %u parts of %u%s%s", weight),
			way->name, weight, weights, comma, hours);
	show_notice(app, p, way);
}

static void show_ways(const struct app *app, const struct send_plan *p)
{
	unsigned weights = 0, weight;

	for (size_t i = 0; i < settings_relay_ways(p->relay); i++) {
		(void)settings_relay_way(app->settings, p->relay, i, &weight);
		weights += weight;
	}
	for (size_t i = 0; i < settings_relay_ways(p->relay); i++)
		show_way(app, p, i, weights);
}

static void show_relay(const struct app *app, const struct send_plan *p)
{
	if (p->real)
		out_say(_("Relay:       %s, which mails real people"), p->relay->name);
	else
		out_say(_("Relay:       %s, a folder (%s): nobody is mailed"), p->relay->name,
			p->relay->path);
	if (p->relay->type == SETTINGS_RELAY_GROUP) {
		show_ways(app, p);
		return;
	}
	show_notice(app, p, p->relay);
	show_hours(p->relay);
}

static bool warms_up(const struct app *app, const struct send_plan *p)
{
	for (size_t i = 0; i < settings_relay_ways(p->relay); i++)
		if (settings_relay_way(app->settings, p->relay, i, NULL)->warmup.start.count > 0)
			return true;
	return false;
}

static void show_times(const struct app *app, const struct send_plan *p)
{
	char at[WHEN_SIZE], lasts[WHEN_SIZE];

	if (p->begins > app->now)
		out_say(_("Begins:      %s, in %s"), when_at(p->begins, app->now, at),
			when_lasts(p->begins - app->now, lasts));
	if (warms_up(app, p) && p->duration > 0)
		out_say("%s", _("Quota:       the relay is new and warms up (relays.*.warmup)"));
	if (p->duration == INT64_MAX)
		out_say("%s", _("Time:        years, with these quotas"));
	else if (p->duration >= TIME_MINUTE)
		out_say(_("Time:        at least %s, for the relay's quotas"),
			when_lasts(p->duration, lasts));
	if (p->duration > p->frozen.deadline)
		out_say(_("             whoever asks for later is not tried again after %s "
			  "(deadline)"),
			when_lasts(p->frozen.deadline, lasts));
}

static void show_plan_words(const struct app *app, const struct send_plan *p)
{
	out_say(_("Template:    %.*s, version %lld"), VIEW_ARG(p->template.name),
		(long long)p->template.version);
	out_say(_("Subject:     %.*s"), VIEW_ARG(p->subject));
	out_say(_("From:        %.*s"), VIEW_ARG(p->frozen.from));
	out_say(_n("To:          %lld member of the list %.*s",
			"To:          %lld members of the list %.*s; none of them sees another",
			p->recipients),
		(long long)p->recipients, VIEW_ARG(p->list.name));
	if (p->suppressed > 0)
		out_say(_n("Left out:    %lld member who is never mailed (facteur suppress list)",
				"Left out:    %lld members who are never mailed (facteur suppress "
				"list)",
				p->suppressed),
			(long long)p->suppressed);
	show_guards(&app->settings->safety);
	if (p->frozen.mode == SEND_BCC)
		out_say("%s", _("Mode:        bcc: one message for many, in blind copy"));
	else
		out_say("%s", _("Mode:        individual: a message for each"));
	if (p->why.len > 0)
		out_say(_("             because %.*s"), VIEW_ARG(p->why));
	show_messages(p);
	show_relay(app, p);
	show_times(app, p);
}

static json_t *moment(int64_t at)
{
	char iso[TIME_ISO_SIZE];

	if (at == 0)
		return json_null();
	time_iso(at, iso);
	return json_string(iso);
}

void sending_show_plan(const struct app *app, const struct send_plan *p)
{
	if (!app->json) {
		show_plan_words(app, p);
		return;
	}
	if (!sending.dry_run)
		return;
	out_json_line(json_pack(
		"{s:i, s:o, s:o, s:I, s:o, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:o, s:o}", "schema",
		1, "list", report_text_json(p->list.name), "template",
		report_text_json(p->template.name), "template_version",
		(json_int_t)p->template.version, "subject", report_text_json(p->subject), "mode",
		send_mode_name(p->frozen.mode), "relay", p->relay->name, "recipients",
		(json_int_t)p->recipients, "suppressed", (json_int_t)p->suppressed, "messages",
		(json_int_t)p->messages, "bytes", (json_int_t)p->bytes, "real", p->real, "begins",
		moment(p->begins), "lasts_ms",
		p->duration != INT64_MAX ? json_integer(p->duration) : json_null()));
}

/* --- the question -------------------------------------------------------- */

static int ask(int64_t recipients, struct fail *f)
{
	char answer[SENDING_ANSWER_MAX];
	uint64_t n;

	out_warn(_("To send, type the number of people (%lld) and press Enter; anything else "
		   "stops."),
		(long long)recipients);
	if (fgets(answer, sizeof answer, stdin) != NULL &&
		view_u64(view_trim(view_of(answer)), INT64_MAX, &n) && (int64_t)n == recipients)
		return 0;
	return fail_set(f, FAIL_GUARD, "%s", _("nothing was sent, as you wished"));
}

int sending_confirm(int64_t recipients, struct fail *f)
{
	if (sending.yes != sending.expect_count.given)
		return fail_set(f, FAIL_USAGE,
			_("--yes and --expect-count belong together: --yes --expect-count %lld"),
			(long long)recipients);
	if (sending.yes && (int64_t)sending.expect_count.n == recipients)
		return 0;
	if (sending.yes)
		return fail_set(f, FAIL_GUARD,
			_("you expect %llu people, but it would be %lld; nothing was sent. Look at "
			  "the "
			  "list, then give the right number"),
			sending.expect_count.n, (long long)recipients);
	if (isatty(STDIN_FILENO))
		return ask(recipients, f);
	return fail_set(f, FAIL_GUARD,
		_("nobody is there to confirm, so nothing was sent; to send without a question, "
		  "add "
		  "--yes --expect-count %lld"),
		(long long)recipients);
}

static int64_t reached(const struct store_campaign *c)
{
	return c->count[DELIVERY_ACCEPTED] + c->count[DELIVERY_DEFERRED] +
	       c->count[DELIVERY_REFUSED] + c->count[DELIVERY_UNCERTAIN] +
	       c->count[DELIVERY_COMMITTED];
}

int sending_confirm_late(const struct app *app, const struct store_campaign *c, struct fail *f)
{
	struct send_frozen frozen;
	char at[OUT_WHEN_SIZE], lasts[WHEN_SIZE];
	struct arena a;
	int ret;

	arena_init(&a);
	ret = send_frozen_read(c->frozen, &a, &frozen, f);
	arena_free(&a);
	if (ret < 0 || frozen.at == 0 || app->now - frozen.at <= SENDING_LATE_MS ||
		reached(c) > 0 || sending.late)
		return ret;
	out_warn(
		_("Campaign %lld was to begin on %s, %s ago, and has not. Was it sent from another "
		  "copy of this database?"),
		(long long)c->id, out_when(frozen.at, at), when_lasts(app->now - frozen.at, lasts));
	if (isatty(STDIN_FILENO))
		return ask(report_pending(c->count), f);
	return fail_set(f, FAIL_GUARD, "%s",
		_("nobody is there to confirm, so nothing was sent; to send it all the same, add "
		  "--late, or cancel it"));
}

int sending_check_copy(struct app *app, const struct store_campaign *c, struct fail *f)
{
	struct send_frozen frozen;

	if (send_frozen_read(c->frozen, &app->arena, &frozen, f) < 0)
		return -1;
	return frozen.real ? copy_check(app, c->started != 0, sending.restored, f) : 0;
}

int sending_opens(struct app *app, const struct store_campaign *c, int64_t *opens, struct fail *f)
{
	const char *name = arena_dupz(&app->arena, c->relay);
	const struct settings_relay *relay = settings_relay_find(app->settings, name);
	static const struct settings_relay unknown;
	struct send_frozen frozen;
	struct send_forecast fc;

	if (send_frozen_read(c->frozen, &app->arena, &frozen, f) < 0 ||
		send_forecast_open(&fc, app->store, app->settings, relay != NULL ? relay : &unknown,
			frozen.at, app->now, f) < 0)
		return -1;
	*opens = fc.opens > app->now ? fc.opens : 0;
	send_forecast_close(&fc);
	return 0;
}

/* --- the run ------------------------------------------------------------- */

static void summary_json(const struct send_outcome *o)
{
	const struct store_campaign *c = &o->campaign;
	json_t *doc = json_pack("{s:i, s:I, s:s, s:o, s:o, s:o}", "schema", 1, "campaign",
		(json_int_t)c->id, "state", campaign_state_name(c->state), "opens",
		moment(o->opens_at), "next_due", moment(o->next_due), "relays",
		progress_ways_json(o->ways, o->way_count));
	json_t *totals = report_totals_json(c);

	(void)json_object_update(doc, totals);
	json_decref(totals);
	out_json_line(doc);
}

static void tell_recovered(const struct store_recovered *r)
{
	if (r->claimed + r->committed == 0)
		return;
	out_say(_("An earlier run was cut off: %lld recipients were taken up again."),
		(long long)(r->claimed + r->committed - r->uncertain));
	if (r->uncertain > 0)
		out_say(_("For %lld the message was complete but the relay's answer never came: "
			  "they "
			  "are uncertain, and not sent again unless you ask."),
			(long long)r->uncertain);
}

void sending_tell_closed(int64_t campaign, int64_t opens)
{
	char at[OUT_WHEN_SIZE];

	out_say(_("It may not send before %s. Then: facteur campaign resume %lld; with --wait it "
		  "waits for that."),
		out_when(opens, at), (long long)campaign);
}

static bool any_works(const struct send_outcome *o)
{
	for (size_t i = 0; i < o->way_count; i++)
		if (!o->ways[i].failing)
			return true;
	return false;
}

/* Of a campaign with several relays: what each has done, and which was left alone. */
static void tell_ways(const struct send_outcome *o)
{
	for (size_t i = 0; o->way_count > 1 && i < o->way_count; i++) {
		const struct send_way *way = &o->ways[i];

		if (way->accepted > 0 || !way->reserve)
			out_say(_("Through %s: %lld accepted in this run."), way->relay->name,
				(long long)way->accepted);
		if (way->failing && any_works(o))
			out_warn(_("%.*s. It was left alone, and others took its part."),
				VIEW_ARG(way->why));
		else if (way->failing)
			out_warn("%.*s", VIEW_ARG(way->why));
	}
}

static void summary_words(const struct send_outcome *o)
{
	const struct store_campaign *c = &o->campaign;
	const int64_t *n = c->count;
	char due[OUT_WHEN_SIZE];

	out_say(_("Campaign %lld: %lld of %lld accepted."), (long long)c->id,
		(long long)n[DELIVERY_ACCEPTED], (long long)c->total);
	tell_ways(o);
	if (n[DELIVERY_REFUSED] > 0)
		out_say(_("%lld refused: facteur report %lld says why."),
			(long long)n[DELIVERY_REFUSED], (long long)c->id);
	if (n[DELIVERY_UNCERTAIN] > 0)
		out_say(_("%lld uncertain: facteur campaign retry %lld --uncertain sends to them "
			  "again, at the risk of twice."),
			(long long)n[DELIVERY_UNCERTAIN], (long long)c->id);
	if (n[DELIVERY_SKIPPED] > 0)
		out_say(_n("%lld was left out: never mailed, unsubscribed, or outside of "
			   "safety.only_domains.",
				"%lld were left out: never mailed, unsubscribed, or outside of "
				"safety.only_domains.",
				n[DELIVERY_SKIPPED]),
			(long long)n[DELIVERY_SKIPPED]);
	if (o->next_due > 0 && n[DELIVERY_DEFERRED] > 0)
		out_say(_("%lld asked to be tried later, from %s on."),
			(long long)n[DELIVERY_DEFERRED], out_when(o->next_due, due));
	if (c->state == CAMPAIGN_DONE)
		out_say(_("More about it: facteur report %lld"), (long long)c->id);
	if (o->opens_at > 0)
		sending_tell_closed(c->id, o->opens_at);
	else if (c->state == CAMPAIGN_PAUSED)
		out_say(_("To go on: facteur campaign resume %lld"), (long long)c->id);
	else if (c->state == CAMPAIGN_SENDING)
		out_say(_("Another sender goes on with it: facteur campaign status %lld"),
			(long long)c->id);
}

static int exit_code_of(const struct store_campaign *c)
{
	if (c->state == CAMPAIGN_PAUSED || c->state == CAMPAIGN_SENDING)
		return CMD_EXIT_RESUMABLE;
	return c->count[DELIVERY_REFUSED] + c->count[DELIVERY_UNCERTAIN] > 0 ? CMD_EXIT_PARTLY : 0;
}

void sending_tell(struct app *app, const struct send_outcome *o)
{
	tell_recovered(&o->recovered);
	if (app->json)
		summary_json(o);
	else
		summary_words(o);
	app->exit_code = exit_code_of(&o->campaign);
}

int sending_run(struct app *app, int64_t campaign, struct fail *f)
{
	struct progress progress;
	struct send_engine_options o = {
		.stop = &stop_signals,
		.ask = &stop_asked,
		.progress = progress_show,
		.ctx = &progress,
		.wait = sending.wait,
		.force_relay = sending.force_relay,
	};
	struct store_turn_watch watch;
	struct send_outcome outcome;
	struct returns *returns;
	int ret;

	if (returns_new(app->store, app->settings, NULL, &returns, f) < 0)
		return -1;
	returns_watch(returns, &watch);
	o.watch = &watch;
	progress_init(&progress, progress_mode(sending.progress), app->store);
	progress_mind(&progress, app->settings);
	if (progress.mode == PROGRESS_BAR)
		out_set_progress(OUT_PROGRESS_BAR);
	else if (progress.mode == PROGRESS_PLAIN)
		out_set_progress(OUT_PROGRESS_PLAIN);
	stop_catch();
	ret = send_engine_run(app->store, app->settings, campaign, &o, &app->arena, &outcome, f);
	out_progress_end();
	returns_free(&returns);
	if (outcome.campaign.id != 0)
		sending_tell(app, &outcome);
	return ret;
}
