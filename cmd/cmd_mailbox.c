/* facteur mailbox: list, test. */
#include <stdlib.h>
#include "cmd/names.h"
#include "cmd/steps.h"
#include "fetch/probe.h"
#include "settings/settings.h"

static const char *const protocols[] = {[SETTINGS_PROTOCOL_IMAP] = "imap",
	[SETTINGS_PROTOCOL_POP3] = "pop3",
	[SETTINGS_PROTOCOL_MAILDIR] = "maildir",
	[SETTINGS_PROTOCOL_MBOX] = "mbox"};
static const char *const tls_names[] = {[SETTINGS_TLS_STARTTLS] = "starttls",
	[SETTINGS_TLS_IMPLICIT] = "implicit",
	[SETTINGS_TLS_NONE] = "none"};

static bool on_server(const struct settings_mailbox *m)
{
	return m->protocol == SETTINGS_PROTOCOL_IMAP || m->protocol == SETTINGS_PROTOCOL_POP3;
}

/* --- list ------------------------------------------------------------------ */

static void mailboxes_json(const struct settings *s)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < s->mailbox_count; i++) {
		const struct settings_mailbox *m = &s->mailboxes[i];

		(void)json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s?, s:s, s:i, s:s, s:s?, s:s?}", "name",
				      m->name, "protocol", protocols[m->protocol], "preset",
				      m->preset, "place", on_server(m) ? m->host : m->path, "port",
				      on_server(m) ? (int)m->port : 0, "tls",
				      on_server(m) ? tls_names[m->tls] : "", "username",
				      m->username, "folder", m->folder));
	}
	out_json(json_pack("{s:i, s:o}", "schema", 1, "mailboxes", rows));
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const struct settings *s = app->settings;
	struct out_table *t;

	(void)argc;
	(void)argv;
	(void)f;
	if (app->json) {
		mailboxes_json(s);
		return 0;
	}
	if (s->mailbox_count == 0) {
		out_say("%s", _("There is no mailbox in the configuration: what comes back is not "
				"read. docs/configuration.md says how to write one."));
		return 0;
	}
	t = out_table_new(4);
	out_cellz(t, _("Mailbox"));
	out_cellz(t, _("Kind"));
	out_cellz(t, _("Where"));
	out_cellz(t, _("Folder"));
	for (size_t i = 0; i < s->mailbox_count; i++) {
		const struct settings_mailbox *m = &s->mailboxes[i];

		out_cellz(t, m->name);
		out_cellz(t, protocols[m->protocol]);
		out_cellz(t, on_server(m) ? m->host : m->path);
		out_cellz(t, m->protocol == SETTINGS_PROTOCOL_IMAP ? m->folder : "");
	}
	out_table_print(&t);
	return 0;
}

const struct cmd cmd_mailbox_list = {
	.noun = "mailbox",
	.verb = "list",
	.args = "",
	.summary = N_("show the mailboxes: the ways back"),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = list_run,
};

/* --- test ------------------------------------------------------------------ */

static void tell(void *ctx, const struct fetch_probe_step *step)
{
	static const enum step_result results[] = {[FETCH_PROBE_OK] = STEP_OK,
		[FETCH_PROBE_WARNING] = STEP_WARNING,
		[FETCH_PROBE_FAILED] = STEP_FAILED};

	steps_tell(ctx, &(struct step){.name = step->name,
				.title = step->title,
				.result = results[step->result],
				.code = step->code,
				.text = step->text,
				.advice = step->advice});
}

static void announce(const struct settings_mailbox *m)
{
	if (on_server(m))
		out_say(_("Trying mailbox %s: %s, port %u, tls: %s. Nothing in it changes."),
			m->name, m->host, m->port, tls_names[m->tls]);
	else
		out_say(_("Trying mailbox %s: %s. Nothing in it changes."), m->name, m->path);
}

static json_t *folders_json(const struct vec *folders)
{
	json_t *out = json_array();

	for (size_t i = 0; i < folders->len; i++)
		(void)json_array_append_new(out, json_string(*(char **)vec_at(folders, i)));
	return out;
}

/* What was found out goes into `rows` where JSON is wanted. As fetch_probe_run(). */
static int test_one(
	const struct app *app, const struct settings_mailbox *m, json_t *rows, struct fail *f)
{
	json_t *steps = rows != NULL ? json_array() : NULL;
	const struct fetch_probe probe = {
		.settings = app->settings, .box = m, .tell = tell, .ctx = steps};
	struct fetch_probe_facts facts;
	int got;

	if (rows == NULL)
		announce(m);
	fetch_probe_facts_init(&facts);
	got = fetch_probe_run(&probe, &facts, f);
	if (rows != NULL)
		(void)json_array_append_new(rows,
			json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "mailbox", m->name,
				"ready", got == 0, "steps", steps, "addresses",
				steps_addresses(&facts.addresses), "tls", steps_peer(&facts.peer),
				"login",
				facts.login[0] != '\0' ? json_string(facts.login) : json_null(),
				"folders", folders_json(&facts.folders), "messages",
				facts.counted ? json_integer((json_int_t)facts.messages)
					      : json_null()));
	else if (got == 0)
		out_say(_("Mailbox %s is ready."), m->name);
	fetch_probe_facts_free(&facts);
	return got;
}

/* All of them, or the one that is named: how many failed, or -1. */
static int test_each(
	const struct app *app, const struct settings_mailbox *one, json_t *rows, struct fail *f)
{
	const struct settings *s = app->settings;
	int failed = 0, got = 0;

	if (one != NULL)
		return test_one(app, one, rows, f);
	for (size_t i = 0; got >= 0 && i < s->mailbox_count; i++) {
		if (rows == NULL && i > 0)
			out_line("%s", "");
		got = test_one(app, &s->mailboxes[i], rows, f);
		failed += got > 0;
	}
	return got < 0 ? -1 : failed;
}

static int test_run(struct app *app, int argc, char **argv, struct fail *f)
{
	json_t *rows = app->json ? json_array() : NULL;
	const struct settings_mailbox *one = NULL;
	int got = 0;

	if (argc > 0)
		got = names_mailbox(app, argv[0], &one, f);
	else if (app->settings->mailbox_count == 0)
		got = fail_set(f, FAIL_CONF, "%s",
			_("there is no mailbox in the configuration; docs/configuration.md says "
			  "how to write one"));
	if (got == 0)
		got = test_each(app, one, rows, f);
	if (rows != NULL && got >= 0)
		out_json(json_pack(
			"{s:i, s:b, s:o}", "schema", 1, "ready", got == 0, "mailboxes", rows));
	else
		json_decref(rows);
	if (got > 0)
		return fail_set(f, FAIL_PERM,
			_n("%d mailbox cannot be read yet: put right what failed above, then try "
			   "again",
				"%d mailboxes cannot be read yet: put right what failed above, "
				"then try "
				"again",
				got),
			got);
	return got;
}

const struct cmd cmd_mailbox_test = {
	.noun = "mailbox",
	.verb = "test",
	.args = "[NAME]",
	.max_args = 1,
	.summary = N_("try mailboxes step by step"),
	.more = N_("Each step is explained, and where one fails, what to do about it.\n"
		   "No message is read, none is marked, none is moved."),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = test_run,
};
