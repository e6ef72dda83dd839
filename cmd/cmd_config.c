/* facteur config: show, check; relay list; audit verify. */
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

static int check_relays(const struct settings *s, struct fail *f)
{
	for (size_t i = 0; i < s->relay_count; i++) {
		const struct settings_relay *r = &s->relays[i];

		if (r->type == SETTINGS_RELAY_SMTP && r->host == NULL)
			return fail_set(f, FAIL_CONF,
				_("relay %s: this version does not know the preset \"%s\"; write "
				  "host: and port: instead"),
				r->name, r->preset != NULL ? r->preset : "");
	}
	return 0;
}

/* What is understood but not acted on: silence would be a promise. */
static void tell_unused(const struct settings *s)
{
	if (s->dkim_count > 0)
		out_say("%s", _("dkim is set, but this version does not sign yet: let the relay do "
				"it."));
	if (s->mailbox_count > 0)
		out_say("%s", _("mailboxes are set, but this version does not read them yet."));
}

static int check_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const struct settings_identity *id = &app->settings->identity;

	(void)argc;
	(void)argv;
	if (check_mailbox(app, "identity.from", id->from, f) < 0 ||
		check_mailbox(app, "identity.reply_to", id->reply_to, f) < 0 ||
		check_mailbox(app, "identity.bounce_address", id->bounce_address, f) < 0 ||
		check_mailbox(app, "identity.unsubscribe_address", id->unsubscribe_address, f) <
			0 ||
		check_relays(app->settings, f) < 0)
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

/* --- relay list ---------------------------------------------------------- */

static const char *tls_name(const struct settings_relay *r)
{
	static const char *const names[] = {
		[SETTINGS_TLS_STARTTLS] = "starttls",
		[SETTINGS_TLS_IMPLICIT] = "implicit",
		[SETTINGS_TLS_NONE] = "none",
	};

	return r->type == SETTINGS_RELAY_SMTP ? names[r->tls] : "";
}

static bool is_default(const struct app *app, const struct settings_relay *r)
{
	return app->settings->default_relay != NULL &&
	       strcmp(app->settings->default_relay, r->name) == 0;
}

static const char *place_of(const struct settings_relay *r)
{
	const char *place = r->type == SETTINGS_RELAY_MAILDIR ? r->path : r->host;

	return place != NULL ? place : "";
}

static void relays_json(const struct app *app)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < app->settings->relay_count; i++) {
		const struct settings_relay *r = &app->settings->relays[i];

		(void)json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s, s:i, s:s, s:b}", "name", r->name, "type",
				      r->type == SETTINGS_RELAY_MAILDIR ? "maildir" : "smtp",
				      "place", place_of(r), "port", (int)r->port, "tls",
				      tls_name(r), "default", is_default(app, r)));
	}
	out_json(json_pack("{s:i, s:o}", "schema", 1, "relays", rows));
}

static int relay_list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct out_table *t;

	(void)argc;
	(void)argv;
	(void)f;
	if (app->json) {
		relays_json(app);
		return 0;
	}
	t = out_table_new(4);
	out_cellz(t, _("Relay"));
	out_cellz(t, _("Kind"));
	out_cellz(t, _("Where"));
	out_cellz(t, _("Default"));
	for (size_t i = 0; i < app->settings->relay_count; i++) {
		const struct settings_relay *r = &app->settings->relays[i];

		out_cellz(t, r->name);
		out_cellz(
			t, r->type == SETTINGS_RELAY_MAILDIR ? _("folder, mails nobody") : "smtp");
		out_cellz(t, place_of(r));
		out_cellz(t, is_default(app, r) ? _("yes") : "");
	}
	out_table_print(&t);
	return 0;
}

const struct cmd cmd_relay_list = {
	.noun = "relay",
	.verb = "list",
	.args = "",
	.summary = N_("show the relays: the ways out"),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = relay_list_run,
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
