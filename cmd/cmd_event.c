/* facteur event: import, pull. */
#include <time.h>
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"
#include "cmd/alarm.h"
#include "cmd/cmd.h"
#include "cmd/keys.h"
#include "cmd/stop.h"
#include "report/report.h"
#include "returns/event_pull.h"
#include "returns/take.h"
#include "settings/preset.h"

enum { EXIT_DATA = 65, SHOWN_MAX = 20 };

static const char *import_relay, *import_format = "auto", *import_rejects;
static const char *pull_since;

/* What both have in common. */
struct session {
	struct token_keys keys;
	struct event_taker taker;
	uint64_t shown; /* refused events that were told one by one */
};

/* Without keys nothing that comes back can prove that it is ours, but it can be recorded. */
static int begin(struct app *app, struct session *s, const char *relay, struct fail *f)
{
	*s = (struct session){.taker = {.relay = relay, .now = app->now}};
	if (keys_read(app, &s->keys, f) < 0)
		return -1;
	return returns_new(app->store, app->settings, &s->keys, &s->taker.returns, f);
}

static void end(struct session *s)
{
	returns_free(&s->taker.returns);
	digest_wipe(&s->keys, sizeof s->keys);
}

/* The first ones; the file of rejects has all of them. */
static void refused(void *ctx, const char *path, const char *why)
{
	struct session *s = ctx;

	if (s->shown++ < SHOWN_MAX)
		out_warn("%s:%s", path, why);
	else if (s->shown == SHOWN_MAX + 1)
		out_warn("%s", _("… and more; only these are shown"));
}

static void say_counts(const struct event_counts *n, uint64_t ignored, uint64_t rejected)
{
	out_say(_n("%llu event taken into account, %llu had before, %llu without news, %llu not "
		   "understood.",
			"%llu events taken into account, %llu had before, %llu without news, %llu "
			"not understood.",
			n->taken),
		(unsigned long long)n->taken, (unsigned long long)n->known,
		(unsigned long long)ignored, (unsigned long long)rejected);
	if (n->taken > 0)
		out_say(_("Failed: %llu, delayed: %llu, delivered: %llu, complaints: %llu, "
			  "unsubscribed: %llu."),
			(unsigned long long)n->failed, (unsigned long long)n->delayed,
			(unsigned long long)n->delivered, (unsigned long long)n->complaints,
			(unsigned long long)n->unsubscribes);
	if (n->suppressed > 0)
		out_say(_n("%zu address is never mailed again: facteur suppress list says why.",
				"%zu addresses are never mailed again: facteur suppress list says "
				"why.",
				n->suppressed),
			(size_t)n->suppressed);
	if (n->unsubscribed > 0)
		out_say(_n("%zu member was taken off a list, as he or she wished.",
				"%zu members were taken off a list, as they wished.",
				n->unsubscribed),
			(size_t)n->unsubscribed);
	if (n->proposed > 0)
		out_say(_n("%zu waits for your decision: facteur bounce review",
				"%zu wait for your decision: facteur bounce review", n->proposed),
			(size_t)n->proposed);
}

static int say_alarm(void *ctx, const struct store_alarm *alarm)
{
	(void)ctx;
	if (alarm->paused)
		alarm_print(alarm, out_warn);
	return 0;
}

/* A campaign that was paused is told whatever else is not. */
static int say_paused(struct app *app, const struct event_counts *n, struct fail *f)
{
	if (n->paused == 0)
		return 0;
	out_warn(_("Campaign %lld was paused."), (long long)n->paused);
	return store_alarm_each(app->store, n->paused, say_alarm, NULL, f);
}

static json_t *counts_json(const struct event_counts *n, uint64_t ignored, uint64_t rejected)
{
	return json_pack(
		"{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
		"schema", 1, "taken", (json_int_t)n->taken, "known", (json_int_t)n->known,
		"ignored", (json_int_t)ignored, "rejected", (json_int_t)rejected, "failed",
		(json_int_t)n->failed, "delayed", (json_int_t)n->delayed, "delivered",
		(json_int_t)n->delivered, "complaints", (json_int_t)n->complaints, "unsubscribes",
		(json_int_t)n->unsubscribes, "ours", (json_int_t)n->ours, "suppressed",
		(json_int_t)n->suppressed, "unsubscribed", (json_int_t)n->unsubscribed, "proposed",
		(json_int_t)n->proposed, "paused",
		n->paused != 0 ? json_integer(n->paused) : json_null());
}

/* --- import -------------------------------------------------------------- */

static const struct opt import_opts[] = {
	{OPT_TEXT, 'r', "relay", &import_relay, "NAME",
		N_("the relay whose events these are, when it is not the only one of its "
		   "provider")},
	{OPT_CHOICE, 'f', "format", &import_format,
		"auto|mailjet|brevo|sendgrid|postmark|ses|mailgun", N_("whose form they have")},
	{OPT_TEXT, 0, "rejects", &import_rejects, "FILE",
		N_("where to write the events that were not understood")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static void import_progress(void *ctx, uint64_t done, uint64_t size)
{
	(void)ctx;
	if (size > 0)
		out_progress(
			_("%llu %% of the file read"), (unsigned long long)(done * 100 / size));
}

/* The relay of that provider, where there is one only: an event that was pulled and one that was
 * imported are then the same. */
static const char *relay_of(const struct settings *s, enum event_format format)
{
	const char *name = NULL;

	for (size_t i = 0; i < s->relay_count; i++) {
		const struct settings_preset *p = settings_relay_provider(s, &s->relays[i]);

		if (p == NULL || !view_starts(view_of(p->name), view_of(event_format_name(format))))
			continue;
		if (name != NULL)
			return NULL;
		name = s->relays[i].name;
	}
	return name;
}

/* Events are told apart as they are read: each finds its relay. */
struct import {
	struct session session;
	const char *relays[EVENT_FORMATS];
};

static int take(void *ctx, const struct event *e, struct fail *f)
{
	struct import *i = ctx;

	i->session.taker.relay = import_relay != NULL ? import_relay : i->relays[e->format];
	return event_take(&i->session.taker, e, f);
}

static int settle(void *ctx, int ret, struct fail *f)
{
	struct import *i = ctx;

	return event_settle(&i->session.taker, ret, f);
}

static int import_files(
	struct event_import *o, int argc, char **argv, json_t *rejects, struct fail *f)
{
	for (int n = 0; n < argc; n++) {
		char *path = NULL;
		int ret = event_import_file(o, argv[n], &path, f);

		out_progress_end();
		if (path != NULL) {
			out_warn(_("What was not understood is in %s"), path);
			(void)json_array_append_new(rejects, report_text_json(view_of(path)));
		}
		free(path);
		if (ret < 0)
			return -1;
	}
	return 0;
}

static int import_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct import i = {.relays = {NULL}};
	struct event_import o = {
		.take = take,
		.settle = settle,
		.take_ctx = &i,
		.refused = refused,
		.progress = import_progress,
		.ctx = &i.session,
		.rejects_path = import_rejects,
	};
	json_t *rejects = json_array(), *doc;
	int ret = -1;

	(void)event_format_of_name(view_of(import_format), &o.format);
	if (import_relay != NULL && settings_relay_find(app->settings, import_relay) == NULL) {
		(void)fail_set(f, FAIL_USAGE,
			_("there is no relay \"%s\"; facteur relay list shows them"), import_relay);
		goto out;
	}
	if (import_rejects != NULL && argc > 1) {
		(void)fail_set(f, FAIL_USAGE, "%s",
			_("--rejects names one file: give it one file of events to go with"));
		goto out;
	}
	if (begin(app, &i.session, NULL, f) < 0)
		goto out;
	for (int k = 0; k < EVENT_FORMATS; k++)
		i.relays[k] = relay_of(app->settings, (enum event_format)k);
	ret = import_files(&o, argc, argv, rejects, f);
	if (app->json && ret == 0) {
		doc = counts_json(&i.session.taker.counts, o.ignored, o.rejected);
		(void)json_object_set(doc, "rejects_files", rejects);
		out_json_line(doc);
	} else {
		say_counts(&i.session.taker.counts, o.ignored, o.rejected);
	}
	if (o.rejected > 0)
		app->exit_code = EXIT_DATA;
	if (ret == 0)
		ret = say_paused(app, &i.session.taker.counts, f);
	end(&i.session);
out:
	json_decref(rejects);
	return ret;
}

const struct cmd cmd_event_import = {
	.noun = "event",
	.verb = "import",
	.args = "FILE...",
	.min_args = 1,
	.max_args = -1,
	.summary = N_("read what a relay tells of the messages"),
	.more = N_("For relays that keep the bounces to themselves: Mailjet, Brevo, SendGrid,\n"
		   "Postmark, Amazon SES, Mailgun. The file holds JSON as their webhooks send it\n"
		   "or their API answers: one event, one a line, or lists of them; - reads it\n"
		   "from another program. docs/events.md tells where to get it.\n\n"
		   "Importing the same again changes nothing. What is not understood goes to\n"
		   "FILE.rejects, and the exit code is 65.\n\nExample:\n"
		   "  facteur event import mailjet-events.json"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = import_opts,
	.run = import_run,
};

/* --- pull ---------------------------------------------------------------- */

static const struct opt pull_opts[] = {
	{OPT_TEXT, 0, "since", &pull_since, "DATE",
		N_("ask for the messages sent since then, not for those since the last time")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static int wait_for(void *ctx, int64_t ms, struct fail *f)
{
	const int64_t until = time_monotonic() + ms;

	(void)ctx;
	for (int64_t left = ms; left > 0 && stop_signals == 0; left = until - time_monotonic()) {
		const struct timespec t = {.tv_sec = (time_t)(left / TIME_SECOND),
			.tv_nsec = (long)(left % TIME_SECOND) * 1000000};

		(void)nanosleep(&t, NULL);
	}
	return stop_signals == 0
		       ? 0
		       : fail_set(f, FAIL_TEMP, "%s",
				 _("stopped; what was read is kept, and the next time goes on"));
}

static void pull_progress(void *ctx, uint64_t messages)
{
	(void)ctx;
	out_progress(_("%llu messages read"), (unsigned long long)messages);
}

static int pull_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct session s;
	struct event_pull p = {
		.store = app->store,
		.settings = app->settings,
		.relay = settings_relay_find(app->settings, argv[0]),
		.take = event_take,
		.settle = event_settle,
		.take_ctx = &s.taker,
		.wait = wait_for,
		.refused = refused,
		.progress = pull_progress,
		.ctx = &s,
		.now = app->now,
	};
	int ret;

	(void)argc;
	if (p.relay == NULL)
		return fail_set(f, FAIL_USAGE,
			_("there is no relay \"%s\"; facteur relay list shows them"), argv[0]);
	if (pull_since != NULL &&
		(!time_parse(view_of(pull_since), &p.since) || p.since <= 0 || p.since > app->now))
		return fail_set(f, FAIL_USAGE,
			_("--since \"%s\" is no moment of the past; write one like 2026-11-01"),
			pull_since);
	stop_catch();
	if (begin(app, &s, p.relay->name, f) < 0)
		return -1;
	ret = event_pull_run(&p, f);
	out_progress_end();
	if (app->json && ret == 0)
		out_json_line(counts_json(&s.taker.counts, p.ignored, p.rejected));
	else
		say_counts(&s.taker.counts, p.ignored, p.rejected);
	if (p.rejected > 0)
		app->exit_code = EXIT_DATA;
	if (ret == 0)
		ret = say_paused(app, &s.taker.counts, f);
	end(&s);
	return ret;
}

const struct cmd cmd_event_pull = {
	.noun = "event",
	.verb = "pull",
	.args = "RELAY",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("ask a provider what became of the messages"),
	.more = N_("Mailjet can be asked; the login is that of the relay. Each time goes on where\n"
		   "the last one ended, and six days before it, for failures may be told late;\n"
		   "what was had before changes nothing. For cron: once an hour is enough.\n\n"
		   "Example:\n"
		   "  facteur event pull mailjet"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = pull_opts,
	.run = pull_run,
};
