/* facteur config: show, check; audit verify. */
#include "cmd/cmd.h"
#include "mail/mailbox.h"
#include "report/report.h"
#include "settings/settings.h"
#include "store/event.h"

enum { CONFIG_TEXT_MAX = 1 << 20 };

static bool origin;

static const struct opt show_opts[] = {
	{OPT_FLAG, 'o', "origin", &origin, NULL, N_("say where each value comes from")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct str text;
	int ret;

	(void)argc;
	(void)argv;
	str_init(&text, CONFIG_TEXT_MAX);
	ret = app->json ? settings_write_json(app->settings, origin, &text)
			: settings_write(app->settings, origin, &text);
	if (ret < 0)
		(void)fail_set(f, FAIL_CONF, "%s", _("the configuration is too long to show"));
	else
		out_text(str_view(&text));
	str_free(&text);
	return ret;
}

const struct cmd cmd_config_show = {
	.noun = "config",
	.verb = "show",
	.args = "",
	.summary = N_("show the settings in force, passwords hidden"),
	.needs = CMD_SETTINGS,
	.reads = true,
	.opts = show_opts,
	.run = show_run,
};

static int check_mailbox(struct app *app, const char *key, const char *value, struct fail *f)
{
	struct mailbox mailbox;

	if (value == NULL ||
		mailbox_parse(view_of(value), ADDR_MEMBER, &app->arena, &mailbox, f) == 0)
		return 0;
	f->kind = FAIL_CONF;
	return fail_wrap(f, "%s \"%s\"", key, value);
}

/* What is understood but not acted on: silence would be a promise. */
static void tell_unused(const struct settings *s)
{
	if (s->dkim_count > 0)
		out_say("%s", _("dkim is set, but this version does not sign yet: let the relay do "
				"it."));
}

static int check_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const struct settings_identity *id = &app->settings->identity;

	(void)argc;
	(void)argv;
	if (check_mailbox(app, "identity.from", id->from, f) < 0 ||
		check_mailbox(app, "identity.reply_to", id->reply_to, f) < 0 ||
		check_mailbox(app, "identity.bounce_address", id->bounce_address, f) < 0 ||
		check_mailbox(app, "identity.unsubscribe_address", id->unsubscribe_address, f) < 0)
		return -1;
	tell_unused(app->settings);
	if (id->from == NULL)
		out_say("%s", _("identity.from is not set yet: nothing can be sent without it."));
	if (app->settings->file != NULL)
		out_say(_("The configuration is in order: %s"), app->settings->file);
	else
		out_say("%s", _("There is no facteur.yaml here, so the defaults hold. facteur init "
				"makes one."));
	return 0;
}

const struct cmd cmd_config_check = {
	.noun = "config",
	.verb = "check",
	.args = "",
	.summary = N_("check the settings and tell every mistake"),
	.needs = CMD_SETTINGS,
	.run = check_run,
};

/* --- audit verify -------------------------------------------------------- */

static int verify_run(struct app *app, int argc, char **argv, struct fail *f)
{
	int64_t count = 0, bad = 0;
	int holds = store_event_verify(app->store, &count, &bad, f);

	(void)argc;
	(void)argv;
	if (holds < 0)
		return -1;
	if (app->json)
		out_json(json_pack("{s:i, s:b, s:I, s:o}", "schema", 1, "holds", holds, "events",
			(json_int_t)count, "broken_at",
			holds ? json_null() : json_integer((json_int_t)bad)));
	if (!holds)
		return fail_set(f, FAIL_DATA,
			_("the log of events was changed: event %lld does not follow from the ones "
			  "before it"),
			(long long)bad);
	out_say(_("The log of %lld events is whole: none was changed, and none is missing before "
		  "the last."),
		(long long)count);
	return 0;
}

const struct cmd cmd_audit_verify = {
	.noun = "audit",
	.verb = "verify",
	.args = "",
	.summary = N_("check that nobody has changed the log of events"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = verify_run,
};
