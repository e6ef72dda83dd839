/* facteur bounce fetch: reads mailboxes, and does what follows from what lies there. */
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"
#include "cmd/alarm.h"
#include "cmd/cmd.h"
#include "cmd/keys.h"
#include "cmd/names.h"
#include "cmd/question.h"
#include "cmd/stop.h"
#include "cmd/verdict.h"
#include "fetch/fetch.h"
#include "returns/drain.h"
#include "returns/take.h"
#include "settings/settings.h"

/* Without keys nothing that comes back can be trusted: it is all shown and does nothing. */
static int read_keys(const struct app *app, struct token_keys *keys, struct fail *f)
{
	int there = keys_read(app, keys, f);

	if (there == 0)
		out_warn(_("There are no keys (%s), so nothing that comes back can be tied to a "
			   "message of ours: it is shown, and does nothing."),
			app->settings->token_keys);
	return there < 0 ? -1 : 0;
}

static void progress(void *ctx, size_t done, size_t total)
{
	(void)ctx;
	if (total > 0)
		out_progress(_("%zu of %zu read"), done, total);
	else
		out_progress(_("%zu read"), done);
}

static void note(void *ctx, struct view words)
{
	out_warn(_("%s: %.*s"), (const char *)ctx, VIEW_ARG(words));
}

static void tell_json(const char *name, const struct returns_drained *d)
{
	json_t *kinds = json_object();

	for (int kind = 0; kind < BOUNCE_KINDS; kind++)
		if (d->kind[kind] > 0)
			(void)json_object_set_new(kinds, bounce_kind_name((enum bounce_kind)kind),
				json_integer((json_int_t)d->kind[kind]));
	out_json_line(json_pack("{s:i, s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "schema", 1,
		"mailbox", name, "read", (json_int_t)d->read, "again", (json_int_t)d->again,
		"kinds", kinds, "tied", (json_int_t)d->tied, "proposed", (json_int_t)d->proposed,
		"suppressed", (json_int_t)d->suppressed, "unsubscribed",
		(json_int_t)d->unsubscribed, "paused",
		d->paused != 0 ? json_integer(d->paused) : json_null()));
}

static int say_alarm(void *ctx, const struct store_alarm *alarm)
{
	(void)ctx;
	if (alarm->paused)
		alarm_print(alarm, out_warn);
	return 0;
}

static void tell_words(const char *name, const struct returns_drained *d)
{
	out_say(_n("%s: %zu message read.", "%s: %zu messages read.", d->read), name, d->read);
	/* What is no report comes last. */
	for (int i = 1; i <= BOUNCE_KINDS; i++) {
		enum bounce_kind kind = (enum bounce_kind)(i % BOUNCE_KINDS);

		if (d->kind[kind] > 0)
			out_say("  %6zu  %s", d->kind[kind], verdict_kind_words(kind));
	}
	if (d->suppressed > 0)
		out_say(_n("%zu address is never mailed again: facteur suppress list says why.",
				"%zu addresses are never mailed again: facteur suppress list says "
				"why.",
				d->suppressed),
			d->suppressed);
	if (d->unsubscribed > 0)
		out_say(_n("%zu member was taken off a list, as he or she wished.",
				"%zu members were taken off a list, as they wished.",
				d->unsubscribed),
			d->unsubscribed);
	if (d->proposed > 0)
		out_say(_n("%zu waits for your decision: facteur bounce review",
				"%zu wait for your decision: facteur bounce review", d->proposed),
			d->proposed);
}

static int tell(struct app *app, const char *name, const struct returns_drained *d, struct fail *f)
{
	out_progress_end();
	if (app->json)
		tell_json(name, d);
	else
		tell_words(name, d);
	if (d->paused == 0)
		return 0;
	out_warn(_("Campaign %lld was paused."), (long long)d->paused);
	return store_alarm_each(app->store, d->paused, say_alarm, NULL, f);
}

static int fetch_stdin(struct app *app, struct returns *r, struct fail *f)
{
	struct returns_drained d;
	struct view bytes, line;
	struct str text;
	int ret;

	str_init(&text, FETCH_MESSAGE_MAX);
	ret = file_read("-", &text, f);
	bytes = str_view(&text);
	/* As a mail server may hand it over, with the line of an mbox before it. */
	if (view_starts(bytes, VIEW("From ")))
		(void)view_line(&bytes, &line);
	if (ret == 0 && view_trim(bytes).len == 0)
		ret = fail_set(f, FAIL_DATA, "%s", _("no message came from standard input"));
	if (ret == 0)
		ret = returns_drain_one(r, bytes, app->now, &d, f);
	if (ret == 0)
		ret = tell(app, "-", &d, f);
	str_free(&text);
	return ret;
}

static int fetch_box(
	struct app *app, struct returns *r, const struct settings_mailbox *box, struct fail *f)
{
	const struct returns_drain_options o = {
		.now = time_now,
		.stop = &stop_signals,
		.progress = progress,
		.note = note,
		.ctx = box->name,
	};
	struct returns_drained d;
	struct fail late;
	int ret = returns_drain(r, box, &o, &d, f);

	if ((ret == 0 || d.read > 0) && tell(app, box->name, &d, ret < 0 ? &late : f) < 0)
		ret = -1;
	return ret < 0 ? fail_wrap(f, _("mailbox %s"), box->name) : 0;
}

/* All are tried, whatever becomes of one; the first failure is told at the end. */
static int fetch_each(struct app *app, struct returns *r, int argc, char **argv, struct fail *f)
{
	const struct settings *s = app->settings;
	size_t n = argc > 0 ? (size_t)argc : s->mailbox_count;
	int ret = 0;

	for (size_t i = 0; i < n && stop_signals == 0; i++) {
		const struct settings_mailbox *box =
			argc > 0 ? settings_mailbox_find(s, argv[i]) : &s->mailboxes[i];
		struct fail one;

		if (fetch_box(app, r, box, &one) == 0)
			continue;
		if (ret < 0)
			out_warn("%s", one.text);
		else
			*f = one;
		ret = -1;
	}
	return ret;
}

static int check_names(const struct app *app, int argc, char **argv, struct fail *f)
{
	const struct settings *s = app->settings;
	const struct settings_mailbox *box;

	if (argc == 1 && strcmp(argv[0], "-") == 0)
		return 0;
	if (s->mailbox_count == 0)
		return fail_set(f, FAIL_CONF, "%s",
			_("no mailbox is configured: say in facteur.yaml where the failures come "
			  "back to (mailboxes), or give one message on standard input with \"-\""));
	for (int i = 0; i < argc; i++)
		if (names_mailbox(app, argv[i], &box, f) < 0)
			return -1;
	return 0;
}

static int fetch_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct token_keys keys;
	struct returns *r = NULL;
	int ret = -1;

	if (check_names(app, argc, argv, f) < 0 || read_keys(app, &keys, f) < 0 ||
		returns_new(app->store, app->settings, &keys, &r, f) < 0)
		goto out;
	stop_catch_once();
	if (argc == 1 && strcmp(argv[0], "-") == 0)
		ret = fetch_stdin(app, r, f);
	else
		ret = fetch_each(app, r, argc, argv, f);
	question_send_all(app, r, &keys);
	if (ret == 0 && stop_signals != 0) {
		out_say("%s", _("Stopped. What was read is kept; facteur bounce fetch goes on."));
		app->exit_code = CMD_EXIT_RESUMABLE;
	}
out:
	returns_free(&r);
	digest_wipe(&keys, sizeof keys);
	return ret;
}

const struct cmd cmd_bounce_fetch = {
	.noun = "bounce",
	.verb = "fetch",
	.args = "[MAILBOX]...",
	.max_args = -1,
	.summary = N_("read what came back, and do what follows from it"),
	.more = N_("All mailboxes of the configuration, or those named; - reads one message from\n"
		   "standard input, as an alias of a mail server: |facteur bounce fetch -"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.delivers = true,
	.run = fetch_run,
};
