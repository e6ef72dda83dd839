/* facteur send, facteur campaign: create, list, show, send, pause, resume, cancel, retry. */
#include "base/time.h"
#include "cmd/copy.h"
#include "cmd/names.h"
#include "cmd/sending.h"
#include "report/report.h"
#include "send/guard.h"
#include "store/delivery.h"

static bool uncertain;

#define PLAN_OPTS                                                                                  \
	{OPT_TEXT, 't', "to", &sending.to, "LIST", N_("the list to write to")},                    \
		{OPT_TEXT, 'm', "template", &sending.template, "NAME", N_("what to send")},        \
		{OPT_TEXT, 'r', "relay", &sending.relay, "NAME",                                   \
			N_("the way out; default_relay when not given")},                          \
		{OPT_CHOICE, 0, "mode", &sending.mode, "auto|individual|bcc",                      \
			N_("one message each, or one for many in blind copy")},                    \
		{OPT_TEXT, 0, "name", &sending.name, "TEXT", N_("a name for the campaign")},       \
		{OPT_TEXT, 0, "at", &sending.at, "TIME",                                           \
			N_("not before then: \"2026-12-01 09:00\", \"tomorrow 9:00\", \"+2h\"")},  \
		{OPT_TEXT, 0, "deadline", &sending.deadline, "TIME",                               \
			N_("how long to try again, such as 36h or 5d")},                           \
		{OPT_FLAG, 0, "notify-success", &sending.notify_success, NULL,                     \
			N_("ask for a report of each delivery too, where the relay knows how")},   \
	{                                                                                          \
		OPT_UINT, 'n', "limit", &sending.limit, "N", N_("stop after N people")             \
	}
#define RUN_OPTS                                                                                   \
	{OPT_FLAG, 'y', "yes", &sending.yes, NULL, N_("do not ask; needs --expect-count")},        \
		{OPT_UINT, 0, "expect-count", &sending.expect_count, "N",                          \
			N_("send only if it is to exactly N people")},                             \
		{OPT_FLAG, 0, "wait", &sending.wait, NULL,                                         \
			N_("stay until it may send, and until those who asked for later are "      \
			   "tried again")},                                                        \
		{OPT_FLAG, 0, "restored", &sending.restored, NULL,                                 \
			N_("the database is an old copy, and that is known")},                     \
	{                                                                                          \
		OPT_CHOICE, 0, "progress", &sending.progress, "auto|bar|plain|json|none",          \
			N_("how to show the way it goes")                                          \
	}
#define FORCE_OPT                                                                                  \
	{                                                                                          \
		OPT_FLAG, 0, "force-relay", &sending.force_relay, NULL,                            \
			N_("many people through a personal mailbox, all the same")                 \
	}
#define END_OPTS                                                                                   \
	{                                                                                          \
		OPT_END, 0, NULL, NULL, NULL, NULL                                                 \
	}

static const struct opt send_opts[] = {PLAN_OPTS, FORCE_OPT, RUN_OPTS,
	{OPT_FLAG, 0, "dry-run", &sending.dry_run, NULL, N_("check everything, send nothing")},
	END_OPTS};
static const struct opt create_opts[] = {PLAN_OPTS, FORCE_OPT, END_OPTS};
static const struct opt run_opts[] = {FORCE_OPT, RUN_OPTS,
	{OPT_FLAG, 0, "late", &sending.late, NULL,
		N_("send even if its time was more than a day ago")},
	END_OPTS};

static int send_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct send_request r;
	struct send_plan p;
	int64_t id;

	(void)argc;
	(void)argv;
	if (sending_plan(app, &r, &p, f) < 0)
		return -1;
	sending_show_plan(app, &p);
	if (sending.dry_run) {
		out_say("%s", _("Nothing was sent: this was a dry run."));
		return 0;
	}
	if (send_plan_allowed(&p, app->settings, f) < 0 ||
		(p.real && copy_check(app, false, sending.restored, f) < 0) ||
		sending_confirm(p.recipients, f) < 0 ||
		send_plan_create(app->store, &p, &r, &id, f) < 0)
		return -1;
	return sending_run(app, id, f);
}

const struct cmd cmd_send = {
	.noun = "send",
	.args = "",
	.summary = N_("send a template to a list, now"),
	.more = N_("Example:\n  facteur send --to members --template newsletter --dry-run"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = send_opts,
	.run = send_run,
};

static int create_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct send_request r;
	struct send_plan p;
	int64_t id;

	(void)argc;
	(void)argv;
	if (sending_plan(app, &r, &p, f) < 0)
		return -1;
	sending_show_plan(app, &p);
	if (send_guard_bulk(app->settings, p.relay, p.recipients, sending.force_relay, f) < 0 ||
		send_plan_create(app->store, &p, &r, &id, f) < 0)
		return -1;
	if (app->json)
		out_json_line(json_pack("{s:i, s:I, s:I}", "schema", 1, "campaign", (json_int_t)id,
			"recipients", (json_int_t)p.recipients));
	else
		out_say(_("Campaign %lld is prepared. To send it: facteur campaign send %lld"),
			(long long)id, (long long)id);
	return 0;
}

const struct cmd cmd_campaign_create = {
	.noun = "campaign",
	.verb = "create",
	.args = "",
	.summary = N_("prepare a campaign, to send it later"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = create_opts,
	.run = create_run,
};

static int append_json(void *ctx, const struct store_campaign *c)
{
	json_t *row = report_campaign_json(c);

	(void)json_object_set_new(row, "totals", report_totals_json(c));
	(void)json_array_append_new(ctx, row);
	return 0;
}

static int append_row(void *ctx, const struct store_campaign *c)
{
	struct out_table *t = ctx;

	out_cell_n(t, c->id);
	out_cell(t, c->name);
	out_cellz(t, _(campaign_state_name(c->state)));
	out_cell_n(t, c->total);
	out_cell_n(t, c->count[DELIVERY_ACCEPTED]);
	out_cell_n(t, c->count[DELIVERY_REFUSED]);
	out_cell_n(t, c->count[DELIVERY_UNCERTAIN]);
	out_cell_n(t, report_pending(c->count) + c->count[DELIVERY_DEFERRED]);
	return 0;
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	static const char *const heads[] = {N_("Number"), N_("Name"), N_("State"), N_("People"),
		N_("Accepted"), N_("Refused"), N_("Uncertain"), N_("To do")};
	enum { HEADS = sizeof heads / sizeof *heads };
	struct out_table *t;
	json_t *rows;
	int ret;

	(void)argc;
	(void)argv;
	if (app->json) {
		rows = json_array();
		ret = store_campaign_each(app->store, append_json, rows, f);
		out_json(rows);
		return ret;
	}
	t = out_table_new(HEADS);
	for (size_t i = 0; i < HEADS; i++)
		out_cellz(t, _(heads[i]));
	ret = store_campaign_each(app->store, append_row, t, f);
	if (ret == 0 && out_table_is_empty(t))
		out_say("%s", _("Nothing was sent yet. To send: facteur send -h"));
	out_table_print(&t);
	return ret;
}

const struct cmd cmd_campaign_list = {
	.noun = "campaign",
	.verb = "list",
	.args = "",
	.summary = N_("show all campaigns, oldest first"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = list_run,
};

static int get(struct app *app, const char *word, struct store_campaign *c, struct fail *f)
{
	int64_t id;

	if (names_campaign(word, &id, f) < 0)
		return -1;
	return store_campaign_get(app->store, id, &app->arena, c, f);
}

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_campaign c;
	struct send_frozen frozen;
	char at[OUT_WHEN_SIZE];
	json_t *doc;

	(void)argc;
	if (get(app, argv[0], &c, f) < 0)
		return -1;
	if (app->json) {
		doc = report_campaign_json(&c);
		(void)json_object_set_new(doc, "schema", json_integer(1));
		(void)json_object_set_new(doc, "totals", report_totals_json(&c));
		out_json(doc);
		return 0;
	}
	out_line(_("Campaign:  %lld, %.*s"), (long long)c.id, VIEW_ARG(c.name));
	out_line(_("State:     %s"), _(campaign_state_name(c.state)));
	out_line(_("Made:      %s"), out_when(c.created, at));
	if (send_frozen_read(c.frozen, &app->arena, &frozen, f) < 0)
		return -1;
	if (frozen.at > 0) {
		out_line(_("Begins:    not before %s"), out_when(frozen.at, at));
	}
	out_line(_("List:      %.*s, %lld people"), VIEW_ARG(c.list_name), (long long)c.total);
	out_line(_("Template:  %.*s, version %lld"), VIEW_ARG(c.template_name),
		(long long)c.template_version);
	out_line(_("Relay:     %.*s, mode %.*s"), VIEW_ARG(c.relay), VIEW_ARG(c.mode));
	out_line(_("So far:    %lld accepted, %lld refused, %lld uncertain, %lld to do"),
		(long long)c.count[DELIVERY_ACCEPTED], (long long)c.count[DELIVERY_REFUSED],
		(long long)c.count[DELIVERY_UNCERTAIN],
		(long long)report_pending(c.count) + c.count[DELIVERY_DEFERRED]);
	return 0;
}

const struct cmd cmd_campaign_show = {
	.noun = "campaign",
	.verb = "show",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("show one campaign"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = show_run,
};

static int start_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_campaign c;

	(void)argc;
	if (get(app, argv[0], &c, f) < 0)
		return -1;
	if (c.state == CAMPAIGN_DONE || c.state == CAMPAIGN_CANCELLED)
		return fail_set(f, FAIL_GUARD,
			_("campaign %lld is %s, so nothing was sent; to send again, make a new "
			  "one"),
			(long long)c.id, _(campaign_state_name(c.state)));
	if (c.state != CAMPAIGN_PREPARED)
		return fail_set(f, FAIL_GUARD,
			_("campaign %lld is %s already; facteur campaign resume %lld goes on with "
			  "it"),
			(long long)c.id, _(campaign_state_name(c.state)), (long long)c.id);
	if (sending_check_copy(app, &c, f) < 0 || sending_confirm_late(app, &c, f) < 0 ||
		sending_confirm(c.count[DELIVERY_PENDING], f) < 0)
		return -1;
	return sending_run(app, c.id, f);
}

const struct cmd cmd_campaign_send = {
	.noun = "campaign",
	.verb = "send",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("send a prepared campaign"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = run_opts,
	.run = start_run,
};

/* No question, for it was confirmed when it was sent first; but a number that is given
 * must be right. */
static int confirm_rest(const struct store_campaign *c, struct fail *f)
{
	if (!sending.yes && !sending.expect_count.given)
		return 0;
	return sending_confirm(report_pending(c->count) + c->count[DELIVERY_DEFERRED], f);
}

static int resume_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct send_outcome o = {0};
	struct store_campaign c;

	(void)argc;
	if (get(app, argv[0], &c, f) < 0)
		return -1;
	if (c.state == CAMPAIGN_PREPARED)
		return fail_set(f, FAIL_GUARD,
			_("campaign %lld was never begun; facteur campaign send %lld begins it"),
			(long long)c.id, (long long)c.id);
	if (c.state == CAMPAIGN_DONE) {
		out_say(_("Campaign %lld is done; there is nothing to resume."), (long long)c.id);
		o.campaign = c;
		sending_tell(app, &o);
		return 0;
	}
	if (sending_check_copy(app, &c, f) < 0 || sending_confirm_late(app, &c, f) < 0 ||
		confirm_rest(&c, f) < 0 || sending_opens(app, &c, &o.opens_at, f) < 0)
		return -1;
	/* Every run leaves its traces; one that cron begins too early need not. */
	if (o.opens_at > 0 && !sending.wait && c.state == CAMPAIGN_PAUSED) {
		o.campaign = c;
		sending_tell(app, &o);
		return 0;
	}
	return sending_run(app, c.id, f);
}

const struct cmd cmd_campaign_resume = {
	.noun = "campaign",
	.verb = "resume",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("go on with one that was paused or cut off"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = run_opts,
	.run = resume_run,
};

static int set_state(
	struct app *app, const char *word, enum campaign_state to, const char *said, struct fail *f)
{
	int64_t id;

	if (names_campaign(word, &id, f) < 0 ||
		store_campaign_set_state(app->store, id, to, app->now, f) < 0)
		return -1;
	out_say("%s", said);
	return 0;
}

static int pause_run(struct app *app, int argc, char **argv, struct fail *f)
{
	(void)argc;
	return set_state(app, argv[0], CAMPAIGN_PAUSED,
		_("Paused. What is in flight is finished; facteur campaign resume goes on."), f);
}

const struct cmd cmd_campaign_pause = {
	.noun = "campaign",
	.verb = "pause",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("stop a campaign, to go on later"),
	.needs = CMD_STORE_WRITE,
	.run = pause_run,
};

static int cancel_run(struct app *app, int argc, char **argv, struct fail *f)
{
	(void)argc;
	return set_state(app, argv[0], CAMPAIGN_CANCELLED,
		_("Cancelled. Whoever was not sent to yet will not be."), f);
}

const struct cmd cmd_campaign_cancel = {
	.noun = "campaign",
	.verb = "cancel",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("end one for good; what was sent stays sent"),
	.needs = CMD_STORE_WRITE,
	.run = cancel_run,
};

static int retry_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct send_outcome o = {0};
	struct store_campaign c;
	int64_t n;

	(void)argc;
	if (!uncertain)
		return fail_set(f, FAIL_USAGE, "%s",
			_("which ones? --uncertain takes those whose message may or may not have "
			  "arrived: some may get it twice"));
	if (get(app, argv[0], &c, f) < 0)
		return -1;
	if (c.count[DELIVERY_UNCERTAIN] == 0) {
		out_say(_("In campaign %lld nobody is uncertain; there is nothing to send again."),
			(long long)c.id);
		o.campaign = c;
		sending_tell(app, &o);
		return 0;
	}
	if (sending_check_copy(app, &c, f) < 0 ||
		sending_confirm(c.count[DELIVERY_UNCERTAIN], f) < 0 ||
		store_retry_uncertain(app->store, c.id, app->now, &n, f) < 0)
		return -1;
	out_say(_n("%lld uncertain recipient is tried again.",
			"%lld uncertain recipients are tried again.", n),
		(long long)n);
	return n > 0 ? sending_run(app, c.id, f) : 0;
}

static const struct opt retry_opts[] = {
	{OPT_FLAG, 0, "uncertain", &uncertain, NULL, N_("those whose answer never came")},
	FORCE_OPT, RUN_OPTS, END_OPTS};

const struct cmd cmd_campaign_retry = {
	.noun = "campaign",
	.verb = "retry",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("send again where the answer never came"),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = retry_opts,
	.run = retry_run,
};
