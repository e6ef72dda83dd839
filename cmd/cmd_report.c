/* facteur report: what became of a campaign. */
#include "base/time.h"
#include "base/utf8.h"
#include "cmd/alarm.h"
#include "cmd/names.h"
#include "cmd/reason.h"
#include "report/report.h"

enum {
	REPORT_ROWS_MAX = 20,	  /* domains shown; the rest in one line */
	REPORT_EXAMPLE_MAX = 100, /* bytes of what a server said; JSON has all of it */
};

static const char *format = "text";
static bool recipients;

static const struct opt report_opts[] = {
	{OPT_CHOICE, 'f', "format", &format, "text|json", N_("a table, or JSON as with --json")},
	{OPT_FLAG, 0, "recipients", &recipients, NULL,
		N_("one line for each recipient (with --json: NDJSON)")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static void print_head(const struct store_campaign *c)
{
	char at[OUT_WHEN_SIZE];

	out_line(_("Campaign %lld: %.*s (%s)"), (long long)c->id, VIEW_ARG(c->name),
		_(campaign_state_name(c->state)));
	out_line(_("Template %.*s version %lld, list %.*s, relay %.*s, mode %.*s"),
		VIEW_ARG(c->template_name), (long long)c->template_version, VIEW_ARG(c->list_name),
		VIEW_ARG(c->relay), VIEW_ARG(c->mode));
	if (c->started != 0) {
		out_line(_("Begun    %s"), out_when(c->started, at));
	}
	if (c->finished != 0) {
		out_line(_("Finished %s"), out_when(c->finished, at));
	}
	out_line("%s", "");
}

static void total_row(struct out_table *t, const char *what, int64_t n, bool always)
{
	if (n == 0 && !always)
		return;
	out_cellz(t, what);
	out_cell_n(t, n);
}

static void print_totals(const struct store_campaign *c)
{
	struct out_table *t = out_table_new(2);
	const int64_t *n = c->count;

	total_row(t, _("Accepted by the relay"), n[DELIVERY_ACCEPTED], true);
	total_row(t, _("  of them reported as delivered"), c->later[LATER_DELIVERED], false);
	total_row(t, _("  of them came back"), c->later[LATER_BOUNCED], false);
	total_row(t, _("  of them complained"), c->later[LATER_COMPLAINED], false);
	total_row(t, _("Refused"), n[DELIVERY_REFUSED], true);
	total_row(t, _("Uncertain"), n[DELIVERY_UNCERTAIN], true);
	total_row(t, _("Deferred, to be tried again"), n[DELIVERY_DEFERRED], false);
	total_row(t, _("Left out"), n[DELIVERY_SKIPPED], false);
	total_row(t, _("Cancelled"), n[DELIVERY_CANCELLED], false);
	total_row(t, _("Not sent yet"), report_pending(n), false);
	total_row(t, _("Recipients in all"), c->total, true);
	out_table_print(&t);
}

static void example(struct out_table *t, struct view text)
{
	struct str cut;

	str_init(&cut, REPORT_EXAMPLE_MAX * 2);
	(void)str_addv(&cut, view_sub(text, 0, utf8_floor(text, REPORT_EXAMPLE_MAX)));
	if (cut.len < text.len)
		(void)str_addz(&cut, "…");
	out_cell(t, str_view(&cut));
	str_free(&cut);
}

static void print_reasons(const struct report *r)
{
	struct out_table *t;

	if (r->reasons.len == 0)
		return;
	out_line("%s", "");
	t = out_table_new(4);
	out_cellz(t, _("Reason"));
	out_cellz(t, _("State"));
	out_cellz(t, _("People"));
	out_cellz(t, _("For example"));
	for (size_t i = 0; i < r->reasons.len; i++) {
		const struct store_tally *row = vec_at(&r->reasons, i);

		out_cell(t, reason_words(row->what));
		out_cellz(t, _(delivery_state_name(row->state)));
		out_cell_n(t, row->count);
		example(t, row->text);
	}
	out_table_print(&t);
}

/* Why they came back. */
static void print_later(const struct report *r)
{
	struct out_table *t;

	if (r->later.len == 0)
		return;
	out_line("%s", "");
	t = out_table_new(4);
	out_cellz(t, _("What came back"));
	out_cellz(t, _("Reason"));
	out_cellz(t, _("People"));
	out_cellz(t, _("For example"));
	for (size_t i = 0; i < r->later.len; i++) {
		const struct store_later_tally *row = vec_at(&r->later, i);

		out_cellz(t, _(store_later_name(row->later)));
		out_cell(t, reason_words(row->reason));
		out_cell_n(t, row->count);
		example(t, row->text);
	}
	out_table_print(&t);
}

static void print_alarms(const struct report *r)
{
	for (size_t i = 0; i < r->alarms.len; i++) {
		out_line("%s", "");
		alarm_print(vec_at(&r->alarms, i), out_line);
	}
}

static void part_row(struct out_table *t, struct view name, const struct report_part *p)
{
	out_cell(t, name);
	out_cell_n(t, p->total);
	out_cell_n(t, p->count[DELIVERY_ACCEPTED]);
	out_cell_n(t, p->count[DELIVERY_DEFERRED]);
	out_cell_n(t, p->count[DELIVERY_REFUSED]);
	out_cell_n(t, p->count[DELIVERY_UNCERTAIN]);
	out_cell_n(t, p->count[DELIVERY_SKIPPED] + p->count[DELIVERY_CANCELLED]);
	out_cell_n(t, report_pending(p->count));
}

static void print_parts(const char *what, const struct vec *parts)
{
	static const char *const heads[] = {N_("People"), N_("Accepted"), N_("Deferred"),
		N_("Refused"), N_("Uncertain"), N_("Left out"), N_("To do")};
	enum { HEADS = sizeof heads / sizeof *heads };
	struct out_table *t;
	struct report_part rest = {0}, *p;

	if (parts->len == 0)
		return;
	t = out_table_new(HEADS + 1);
	out_line("%s", "");
	out_cellz(t, what);
	for (size_t i = 0; i < HEADS; i++)
		out_cellz(t, _(heads[i]));
	for (size_t i = 0; i < parts->len; i++) {
		p = vec_at(parts, i);
		if (i < REPORT_ROWS_MAX) {
			part_row(t, p->name, p);
			continue;
		}
		for (size_t state = 0; state < DELIVERY_STATES; state++)
			rest.count[state] += p->count[state];
		rest.total += p->total;
	}
	if (rest.total > 0)
		part_row(t, view_of(_("all others")), &rest);
	out_table_print(&t);
}

static int recipient_json(void *ctx, const struct store_recipient *r, struct fail *f)
{
	(void)ctx;
	(void)f;
	out_json_line(report_recipient_json(r));
	return 0;
}

static int recipient_line(void *ctx, const struct store_recipient *r, struct fail *f)
{
	(void)ctx;
	(void)f;
	if (r->later == LATER_NOTHING)
		out_line("%s\t%.*s\t%.*s\t%.*s", delivery_state_name(r->state),
			VIEW_ARG(r->address), VIEW_ARG(r->reason), VIEW_ARG(r->text));
	else
		out_line("%s\t%.*s\t%.*s\t%.*s", store_later_name(r->later), VIEW_ARG(r->address),
			VIEW_ARG(r->later_reason), VIEW_ARG(r->later_text));
	return 0;
}

static int report_run(struct app *app, int argc, char **argv, struct fail *f)
{
	bool json = app->json || strcmp(format, "json") == 0;
	struct report r;
	int64_t id;

	(void)argc;
	if (names_campaign(argv[0], &id, f) < 0 ||
		report_load(app->store, id, &app->arena, &r, f) < 0)
		return -1;
	if (recipients) {
		report_free(&r);
		return store_recipient_each(
			app->store, id, json ? recipient_json : recipient_line, NULL, f);
	}
	if (json) {
		out_json(report_json(&r));
	} else {
		print_head(&r.campaign);
		print_totals(&r.campaign);
		print_reasons(&r);
		print_later(&r);
		print_alarms(&r);
		print_parts(_("Relay"), &r.relays);
		print_parts(_("Domain"), &r.domains);
	}
	report_free(&r);
	return 0;
}

const struct cmd cmd_report = {
	.noun = "report",
	.args = "NUMBER",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("what became of a campaign"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.opts = report_opts,
	.run = report_run,
};
