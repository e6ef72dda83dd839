/* facteur relay test. */
#include "base/suggest.h"
#include "base/time.h"
#include "base/utf8.h"
#include "cmd/cmd.h"
#include "net/reach.h"
#include "send/probe.h"
#include "settings/settings.h"

enum { TEST_WIDTH = 80, TEST_MARK = 9, TEST_TITLE = 12, TEST_INDENT = TEST_MARK + TEST_TITLE };

static const char *const results[] = {
	[SEND_PROBE_OK] = "ok", [SEND_PROBE_WARNING] = "warning", [SEND_PROBE_FAILED] = "failed"};
static const char *const marks[] = {[SEND_PROBE_OK] = N_("ok"),
	[SEND_PROBE_WARNING] = N_("notice"),
	[SEND_PROBE_FAILED] = N_("FAILED")};

struct telling {
	json_t *steps; /* NULL: in words, as they come */
};

static void pad(const char *text, size_t width, struct str *out)
{
	size_t have = utf8_width(view_of(text));

	(void)str_addz(out, text);
	for (; have < width; have++)
		(void)str_addc(out, ' ');
}

/* The words of a text behind `head`, in as many lines as they need. */
static void print_wrapped(const char *head, const char *text)
{
	struct view rest = view_of(text), word;
	size_t column = TEST_INDENT;
	struct str line;

	str_init(&line, FAIL_TEXT_MAX * 16);
	pad(head, TEST_INDENT, &line);
	while (view_split(&rest, ' ', &word)) {
		size_t width = utf8_width(word);

		if (column > TEST_INDENT && column + 1 + width > TEST_WIDTH) {
			out_line("%s", line.p);
			str_clear(&line);
			pad("", TEST_INDENT, &line);
			column = TEST_INDENT;
		} else if (column > TEST_INDENT) {
			(void)str_addc(&line, ' ');
			column++;
		}
		(void)str_addv(&line, word);
		column += width;
	}
	out_line("%s", line.p);
	str_free(&line);
}

static void tell_words(const struct send_probe_step *step)
{
	struct str head;

	str_init(&head, FAIL_TEXT_MAX);
	pad(_(marks[step->result]), TEST_MARK, &head);
	(void)str_addz(&head, step->title);
	print_wrapped(head.p, step->text);
	if (step->advice[0] != '\0') {
		str_clear(&head);
		(void)str_addf(&head, _("What to do: %s."), step->advice);
		print_wrapped("", head.p);
	}
	(void)fflush(stdout);
	str_free(&head);
}

static void tell(void *ctx, const struct send_probe_step *step)
{
	struct telling *t = ctx;

	if (t->steps == NULL)
		tell_words(step);
	else
		(void)json_array_append_new(
			t->steps, json_pack("{s:s, s:s, s:s, s:s, s:s}", "step", step->name,
					  "result", results[step->result], "code", step->code,
					  "text", step->text, "advice", step->advice));
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *peer_json(const struct net_peer *peer)
{
	char from[TIME_ISO_SIZE], to[TIME_ISO_SIZE];

	if (!peer->seen)
		return json_null();
	time_iso(peer->not_before, from);
	time_iso(peer->not_after, to);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I}", "version", peer->version,
		"cipher", peer->cipher, "subject", peer->subject, "issuer", peer->issuer, "names",
		peer->names, "not_before", from, "not_after", to, "self_signed", peer->self_signed,
		"days_left", (json_int_t)((peer->not_after - time_now()) / TIME_DAY));
}

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

static json_t *addresses_json(const struct send_probe_facts *facts)
{
	json_t *out = json_array();

	for (size_t i = 0; i < facts->addresses.len; i++)
		(void)json_array_append_new(out,
			json_string(
				((const struct net_address *)vec_at(&facts->addresses, i))->text));
	return out;
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
	struct telling telling = {.steps = app->json ? json_array() : NULL};
	const struct send_probe probe = {
		.settings = app->settings, .relay = relay, .tell = tell, .ctx = &telling};
	struct send_probe_facts facts;
	int got;

	if (!app->json)
		announce(relay);
	send_probe_facts_init(&facts);
	got = send_probe_run(&probe, &facts, f);
	if (app->json)
		*doc = json_pack("{s:i, s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1,
			"relay", relay->name, "ready", got == 0, "steps", telling.steps,
			"addresses", addresses_json(&facts), "tls", peer_json(&facts.peer),
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
