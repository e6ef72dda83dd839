/* facteur relay test. */
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "cmd/steps.h"
#include "send/probe.h"
#include "settings/settings.h"

static void tell(void *ctx, const struct send_probe_step *step)
{
	static const enum step_result results[] = {[SEND_PROBE_OK] = STEP_OK,
		[SEND_PROBE_WARNING] = STEP_WARNING,
		[SEND_PROBE_FAILED] = STEP_FAILED};

	steps_tell(ctx, &(struct step){.name = step->name,
				.title = step->title,
				.result = results[step->result],
				.code = step->code,
				.text = step->text,
				.advice = step->advice});
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *caps_json(const struct send_probe_facts *facts)
{
	const struct smtp_caps *c = &facts->caps;

	if (!facts->spoke)
		return json_null();
	return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:I, s:I, s:I}", "pipelining",
		c->pipelining, "chunking", c->chunking, "8bitmime", c->eightbitmime, "smtputf8",
		c->smtputf8, "dsn", c->dsn, "enhanced_status_codes", c->enhanced, "size",
		(json_int_t)c->size_max, "recipients_max", (json_int_t)c->rcpt_max, "messages_max",
		(json_int_t)c->mail_max);
}

static json_t *logins_json(const struct send_probe_facts *facts)
{
	json_t *offered = json_array();

	for (unsigned kind = 0; kind < NET_SASL_KINDS; kind++)
		if ((facts->caps.auth & NET_SASL_BIT(kind)) != 0)
			(void)json_array_append_new(offered, json_string(net_sasl_name(kind)));
	return json_pack("{s:o, s:o}", "offered", offered, "used",
		facts->login[0] != '\0' ? json_string(facts->login) : json_null());
}

static json_t *speed_json(const struct send_probe_facts *facts)
{
	const struct send_probe_speed *s = &facts->speed;

	if (s->connections == 0)
		return json_null();
	return json_pack("{s:f, s:f, s:i, s:f, s:f}", "round_trip_ms",
		(double)facts->round_trip_us / 1000, "round_trips_per_message", s->round_trips,
		"max_connections", (int)s->connections, "messages_per_hour", s->all * 3600,
		"quota_per_hour", s->quota * 3600);
}

/* --- the command ---------------------------------------------------------- */

static int find_relay(const struct settings *s, const char *name, const struct settings_relay **out,
	struct fail *f)
{
	struct suggest near;

	*out = settings_relay_find(s, name);
	if (*out != NULL)
		return 0;
	suggest_start(&near, view_of(name));
	for (size_t i = 0; i < s->relay_count; i++)
		(void)suggest_offer(&near, view_of(s->relays[i].name));
	if (near.best.len > 0)
		return fail_set(f, FAIL_CONF,
			_("there is no relay %s in the configuration; did you mean %.*s?"), name,
			VIEW_ARG(near.best));
	return fail_set(f, FAIL_CONF,
		_("there is no relay %s in the configuration; facteur relay list shows them"),
		name);
}

static void announce(const struct settings_relay *r)
{
	static const char *const tls[] = {
		[SETTINGS_TLS_STARTTLS] = "starttls",
		[SETTINGS_TLS_IMPLICIT] = "implicit",
		[SETTINGS_TLS_NONE] = "none",
	};

	if (r->type == SETTINGS_RELAY_SMTP)
		out_say(_("Trying relay %s: %s, port %u, tls: %s. Nothing is mailed."), r->name,
			r->host, r->port, tls[r->tls]);
	else
		out_say(_("Trying relay %s, a folder: %s."), r->name, r->path);
}

static int verdict(const struct settings_relay *r, int failed, struct fail *f)
{
	if (failed > 0)
		return fail_set(f, FAIL_PERM,
			_("relay %s cannot be used yet: put right what failed above, then try "
			  "again"),
			r->name);
	out_say(_("Relay %s is ready."), r->name);
	return 0;
}

/* Through *doc what was found out, where JSON is wanted. How many steps failed, or -1. */
static int test_one(
	const struct app *app, const struct settings_relay *relay, json_t **doc, struct fail *f)
{
	json_t *steps = app->json ? json_array() : NULL;
	const struct send_probe probe = {
		.settings = app->settings, .relay = relay, .tell = tell, .ctx = steps};
	struct send_probe_facts facts;
	int got;

	if (!app->json)
		announce(relay);
	send_probe_facts_init(&facts);
	got = send_probe_run(&probe, &facts, f);
	if (app->json)
		*doc = json_pack("{s:i, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
			"relay", relay->name, "ready", got == 0, "steps", steps, "addresses",
			steps_addresses(&facts.addresses), "tls", steps_peer(&facts.peer),
			"abilities", caps_json(&facts), "login", logins_json(&facts), "speed",
			speed_json(&facts));
	send_probe_facts_free(&facts);
	return got;
}

/* Each of its relays; the group is ready when all of them are. */
static int test_group(
	const struct app *app, const struct settings_relay *group, json_t **doc, struct fail *f)
{
	json_t *relays = json_array();
	int failed = 0, got = 0;

	for (size_t i = 0; got >= 0 && i < group->through.count; i++) {
		json_t *one = NULL;

		if (!app->json && i > 0)
			out_line("%s", "");
		got = test_one(app, settings_relay_way(app->settings, group, i, NULL), &one, f);
		failed += got > 0 ? got : 0;
		if (one != NULL)
			(void)json_array_append_new(relays, one);
	}
	*doc = json_pack("{s:i, s:s, s:b, s:o}", "schema", 1, "relay", group->name, "ready",
		got >= 0 && failed == 0, "relays", relays);
	return got < 0 ? -1 : failed;
}

static int test_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const struct settings_relay *relay;
	json_t *doc = NULL;
	int got;

	(void)argc;
	if (find_relay(app->settings, argv[0], &relay, f) < 0)
		return -1;
	got = relay->type == SETTINGS_RELAY_GROUP ? test_group(app, relay, &doc, f)
						  : test_one(app, relay, &doc, f);
	if (app->json)
		out_json(doc);
	else
		json_decref(doc);
	return got < 0 ? -1 : verdict(relay, got, f);
}

const struct cmd cmd_relay_test = {
	.noun = "relay",
	.verb = "test",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("try a relay step by step; nothing is mailed"),
	.more = N_("Each step is explained, and where one fails, what to do about it.\n"
		   "The sender is shown to the server and taken back at once (MAIL, RSET)."),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = test_run,
};
