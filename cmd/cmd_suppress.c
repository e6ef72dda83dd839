/* facteur suppress: add, remove, list. */
#include "base/time.h"
#include "cmd/names.h"
#include "cmd/reason.h"
#include "report/report.h"
#include "store/suppression.h"

static const char *reason = "by hand";

static const struct opt add_opts[] = {
	{OPT_TEXT, 0, "reason", &reason, "TEXT", N_("why, for the record")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static int add_run(struct app *app, int argc, char **argv, struct fail *f)
{
	if (names_check_addresses(app, argc, argv, f) < 0)
		return -1;
	for (int i = 0; i < argc; i++) {
		struct view wire, key;

		if (names_address(app, argv[i], &wire, &key, NULL, f) < 0 ||
			store_suppress_add(app->store, key, view_of(reason), app->now, f) < 0)
			return -1;
		out_say(_("%s will never be mailed, on any list."), argv[i]);
	}
	return 0;
}

const struct cmd cmd_suppress_add = {
	.noun = "suppress",
	.verb = "add",
	.args = "ADDRESS...",
	.min_args = 1,
	.max_args = -1,
	.summary = N_("never mail these again, on any list"),
	.needs = CMD_STORE_WRITE,
	.opts = add_opts,
	.run = add_run,
};

static int remove_run(struct app *app, int argc, char **argv, struct fail *f)
{
	if (names_check_addresses(app, argc, argv, f) < 0)
		return -1;
	for (int i = 0; i < argc; i++) {
		struct view wire, key;
		int removed;

		if (names_address(app, argv[i], &wire, &key, NULL, f) < 0)
			return -1;
		removed = store_suppress_remove(app->store, key, app->now, f);
		if (removed < 0)
			return -1;
		if (removed > 0)
			out_say(_("%s can be mailed again."), argv[i]);
		else
			out_say(_("%s was not among those who are never mailed."), argv[i]);
	}
	return 0;
}

const struct cmd cmd_suppress_remove = {
	.noun = "suppress",
	.verb = "remove",
	.args = "ADDRESS...",
	.min_args = 1,
	.max_args = -1,
	.summary = N_("mail these again"),
	.needs = CMD_STORE_WRITE,
	.run = remove_run,
};

static json_t *number(int64_t n)
{
	return n != 0 ? json_integer(n) : json_null();
}

static int line_json(void *ctx, const struct store_suppression *one)
{
	char at[TIME_ISO_SIZE];

	*(bool *)ctx = true;
	time_iso(one->at, at);
	out_json_line(json_pack("{s:i, s:o, s:o, s:s, s:o, s:o}", "schema", 1, "address",
		one->address.len > 0 ? report_text_json(one->address) : json_null(), "reason",
		report_text_json(one->reason), "at", at, "campaign", number(one->campaign),
		"returned", number(one->returned)));
	return 0;
}

static struct view shown(const struct store_suppression *one)
{
	return one->address.len > 0 ? one->address : view_of(_("(forgotten)"));
}

static int line_text(void *ctx, const struct store_suppression *one)
{
	char at[OUT_WHEN_SIZE];

	*(bool *)ctx = true;
	if (one->campaign == 0)
		out_line("%s\t%.*s\t%.*s", out_when(one->at, at), VIEW_ARG(shown(one)),
			VIEW_ARG(one->reason));
	else if (one->returned == 0)
		out_line(_("%s\t%.*s\t%.*s (refused in campaign %lld)"), out_when(one->at, at),
			VIEW_ARG(shown(one)), VIEW_ARG(reason_words(one->reason)),
			(long long)one->campaign);
	else
		out_line(_("%s\t%.*s\t%.*s (campaign %lld, facteur bounce show %lld)"),
			out_when(one->at, at), VIEW_ARG(shown(one)),
			VIEW_ARG(reason_words(one->reason)), (long long)one->campaign,
			(long long)one->returned);
	return 0;
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	bool some = false;
	int ret = store_suppress_each(app->store, app->json ? line_json : line_text, &some, f);

	(void)argc;
	(void)argv;
	if (ret == 0 && !some)
		out_say("%s", _("Everybody may be mailed: nobody is on this list."));
	return ret;
}

const struct cmd cmd_suppress_list = {
	.noun = "suppress",
	.verb = "list",
	.args = "",
	.summary = N_("show who is never mailed, since when and why"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = list_run,
};
