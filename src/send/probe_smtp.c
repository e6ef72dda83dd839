#include <stdlib.h>
#include <time.h>
#include "base/i18n.h"
#include "base/time.h"
#include "mail/token.h"
#include "net/loop.h"
#include "send/frozen.h"
#include "send/probe_private.h"
#include "send/tokens.h"

enum {
	PROBE_ROUNDS = 6, /* MAIL and RSET by turns: even, so that RSET is the last */
	PROBE_QUIT_MS = 2000,
};

/* One connection that is being tried. */
struct dial {
	struct send_transport *transport;
	struct net_loop *loop;
	struct smtp_client *client;
};

static void dial_free(struct dial *d)
{
	smtp_client_free(&d->client);
	if (d->transport != NULL)
		d->transport->ops->free(d->transport);
	net_loop_free(&d->loop);
	*d = (struct dial){0};
}

/* Turns until that event, CLOSED or the end of our patience comes; ev is the last one. */
static bool drive(
	struct dial *d, enum smtp_event_kind until, int patience_ms, struct smtp_event *ev)
{
	int64_t end = time_monotonic() + patience_ms;
	struct fail f;

	for (;;) {
		int64_t now = time_monotonic(), next;

		while (smtp_client_event(d->client, ev))
			if (ev->kind == until || ev->kind == SMTP_EVENT_CLOSED)
				return ev->kind == until;
		smtp_client_flush(d->client);
		next = smtp_client_deadline(d->client);
		if (now >= end)
			smtp_client_drop(d->client, view_of(_("no answer in time")));
		else if (net_loop_run(d->loop,
				 (int)((next < end ? next : end) - now > 0
						 ? (next < end ? next : end) - now
						 : 0),
				 &f) < 0)
			smtp_client_drop(d->client, view_of(f.text));
	}
}

static void part(struct dial *d)
{
	struct smtp_event ev;

	if (d->client != NULL && smtp_client_open(d->client)) {
		smtp_client_quit(d->client);
		(void)drive(d, SMTP_EVENT_CLOSED, PROBE_QUIT_MS, &ev);
	}
	dial_free(d);
}

static int open_transport(struct probe *p, struct dial *d, struct fail *f)
{
	static const struct send_smtp_options o = {
		.tries = SEND_TRIES, .secret_ms = SEND_SECRET_MS};

	if (d->transport != NULL)
		return 0;
	d->loop = net_loop_new(f);
	if (d->loop != NULL && send_smtp_open(&p->relay, d->loop, &o, &d->transport, f) == 0)
		return 0;
	dial_free(d);
	return -1;
}

/* 1: open; 0: it came to nothing, *ev says why; -1: f. */
static int dial_to(struct probe *p, struct dial *d, struct smtp_event *ev, struct fail *f)
{
	if (open_transport(p, d, f) < 0)
		return -1;
	d->client = send_smtp_dial(d->transport, &p->facts->peer, f);
	if (d->client == NULL)
		return -1;
	return drive(d, SMTP_EVENT_OPEN, 2 * PROBE_PATIENCE_MS, ev);
}

/* --- is it the other way round? --------------------------------------------- */

/* tls: implicit on a port that begins in clear text: it speaks where TLS was awaited. */
static bool begins_in_clear(struct probe *p, enum net_trouble trouble)
{
	char line[PROBE_LINE_MAX];

	return p->relay.tls == SETTINGS_TLS_IMPLICIT && !p->facts->peer.seen &&
	       (trouble == NET_TROUBLE_TLS || trouble == NET_TROUBLE_NETWORK ||
		       trouble == NET_TROUBLE_TIMEOUT) &&
	       probe_hear(p, line, sizeof line) > 0 && probe_greeting_code(line) == NULL;
}

bool probe_speaks_tls(struct probe *p)
{
	struct probe other = *p;
	struct send_probe_facts facts = {0};
	struct dial d = {0};
	struct smtp_event ev;
	struct fail f;
	bool yes;

	other.facts = &facts;
	other.relay.tls = SETTINGS_TLS_IMPLICIT;
	other.relay.username = NULL;
	other.relay.password = (struct settings_secret){0};
	other.relay.token_command = NULL;
	yes = dial_to(&other, &d, &ev, &f) >= 0 && facts.peer.seen;
	part(&d);
	return yes;
}

/* --- the steps ------------------------------------------------------------ */

static void tell_encryption(struct probe *p)
{
	const struct net_peer *peer = &p->facts->peer;
	int64_t days = (peer->not_after - time_now()) / TIME_DAY;

	if (p->relay.tls == SETTINGS_TLS_NONE)
		probe_ok(p, PROBE_ENCRYPTION, "%s", _("none, as tls: none says"));
	else
		probe_ok(p, PROBE_ENCRYPTION,
			_("%s (%s); the certificate is for %s, issued by %s, and good for %lld "
			  "more days"),
			peer->version, peer->cipher,
			peer->names[0] != '\0' ? peer->names : peer->subject, peer->issuer,
			(long long)days);
}

/* "; AUTH PLAIN, LOGIN (ways to log in)". */
static void add_kinds(unsigned kinds, struct str *out)
{
	const char *between = out->len > 0 ? "; AUTH " : "AUTH ";

	for (unsigned kind = 0; kind < NET_SASL_KINDS; kind++) {
		if ((kinds & NET_SASL_BIT(kind)) == 0)
			continue;
		(void)str_addf(out, "%s%s", between, net_sasl_name(kind));
		between = ", ";
	}
	if (kinds != 0)
		(void)str_addf(out, " (%s)", _("ways to log in, the safest first"));
}

/* The way that was taken: of those offered and wanted, as the session picks it. */
static const char *kind_used(const struct probe *p)
{
	static const unsigned wanted[] = {
		[SETTINGS_AUTH_AUTO] = NET_SASL_PASSWORD,
		[SETTINGS_AUTH_PLAIN] = NET_SASL_BIT(NET_SASL_PLAIN),
		[SETTINGS_AUTH_LOGIN] = NET_SASL_BIT(NET_SASL_LOGIN),
		[SETTINGS_AUTH_CRAM_MD5] = NET_SASL_BIT(NET_SASL_CRAM_MD5),
		[SETTINGS_AUTH_SCRAM_SHA_1] = NET_SASL_BIT(NET_SASL_SCRAM_SHA_1),
		[SETTINGS_AUTH_SCRAM_SHA_256] = NET_SASL_BIT(NET_SASL_SCRAM_SHA_256),
		[SETTINGS_AUTH_XOAUTH2] = NET_SASL_BIT(NET_SASL_XOAUTH2),
		[SETTINGS_AUTH_OAUTHBEARER] = NET_SASL_BIT(NET_SASL_OAUTHBEARER),
	};
	unsigned kinds = p->relay.token_command != NULL && p->relay.auth == SETTINGS_AUTH_AUTO
				 ? NET_SASL_TOKEN
				 : wanted[p->relay.auth];
	enum net_sasl_kind kind = net_sasl_pick(p->facts->caps.auth & kinds, true);

	return kind < NET_SASL_KINDS ? net_sasl_name(kind) : "?";
}

static void tell_abilities(struct probe *p)
{
	const struct smtp_caps *c = &p->facts->caps;
	const struct {
		bool there;
		const char *name, *means;
	} all[] = {
		{c->pipelining, "PIPELINING", N_("several commands at once, which is faster")},
		{c->chunking, "CHUNKING", N_("messages one after the other without a pause")},
		{c->size, "SIZE", N_("says how large a message may be")},
		{c->eightbitmime, "8BITMIME", N_("accents travel as they are")},
		{c->smtputf8, "SMTPUTF8", N_("addresses with accents can be written to")},
		{c->dsn, "DSN", N_("reports on delivery can be asked for")},
		{c->enhanced, "ENHANCEDSTATUSCODES", N_("says exactly why it refuses something")},
	};
	struct str text;

	str_init(&text, PROBE_TEXT_MAX);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].there)
			(void)str_addf(&text, "%s%s (%s)", text.len > 0 ? "; " : "", all[i].name,
				_(all[i].means));
	add_kinds(c->auth, &text);
	if (text.len == 0)
		(void)str_addz(&text, _("none beyond the plainest; it works, slowly"));
	if (!c->smtputf8)
		(void)str_addz(&text, _("; not SMTPUTF8: members whose address has accents before "
					"the @ cannot be written to"));
	probe_ok(p, PROBE_ABILITIES, "%s", text.p);
	str_free(&text);
}

/* Without logging in: the server shows what it is. 1: go on; 0: told; -1: f. */
static int look(struct probe *p, struct dial *d, struct fail *f)
{
	struct settings_relay with = p->relay;
	struct smtp_event ev;
	struct str detail;
	int got;

	p->relay.username = NULL;
	p->relay.auth = SETTINGS_AUTH_NONE;
	p->relay.password = (struct settings_secret){0};
	p->relay.token_command = NULL;
	got = dial_to(p, d, &ev, f);
	if (got > 0) {
		p->facts->caps = *smtp_client_caps(d->client);
		p->facts->spoke = true;
		tell_encryption(p);
		tell_abilities(p);
	} else if (got == 0) {
		enum net_trouble trouble = smtp_client_trouble(d->client);
		const char *code;

		str_init(&detail, PROBE_TEXT_MAX);
		code = probe_code(p, trouble, &ev, &detail);
		if (trouble == NET_TROUBLE_CONF)
			got = fail_set(
				f, FAIL_CONF, "%s", ev.fail != NULL ? ev.fail->text : detail.p);
		else
			probe_failed(p, PROBE_ENCRYPTION,
				begins_in_clear(p, trouble) ? "mode-starttls" : code,
				str_view(&detail));
		str_free(&detail);
	}
	p->relay = with;
	return got;
}

static int log_in(struct probe *p, struct dial *d, struct fail *f)
{
	struct smtp_event ev;
	struct str detail;
	int got = dial_to(p, d, &ev, f);

	if (got > 0) {
		p->facts->caps = *smtp_client_caps(d->client);
		(void)snprintf(p->facts->login, sizeof p->facts->login, "%s", kind_used(p));
		if (p->relay.token_command != NULL)
			probe_ok(p, PROBE_LOGIN, _("the server accepts %s and the token (by %s)"),
				p->relay.username, p->facts->login);
		else
			probe_ok(p, PROBE_LOGIN,
				_("the server accepts %s and the password (by %s)"),
				p->relay.username, p->facts->login);
	} else if (got == 0) {
		str_init(&detail, PROBE_TEXT_MAX);
		probe_failed(p, PROBE_LOGIN,
			probe_login_code(p, smtp_client_trouble(d->client), &ev, &detail),
			str_view(&detail));
		str_free(&detail);
	}
	return got;
}

/* MAIL and RSET by turns: a message that is abandoned when its first command is out.
 * *us is how long the answer took; the reply is that to the command. */
static bool ask(struct dial *d, uint64_t id, struct view from, int64_t *us, struct smtp_event *ev)
{
	const struct smtp_message m = {
		.id = id, .from = from, .rcpts = &from, .rcpt_count = 1, .data = VIEW("")};
	struct timespec began, ended;
	bool done;

	smtp_client_submit(d->client, &m);
	(void)clock_gettime(CLOCK_MONOTONIC, &began);
	smtp_client_flush(d->client);
	smtp_client_abandon(d->client, id);
	done = drive(d, SMTP_EVENT_DONE, PROBE_PATIENCE_MS, ev);
	(void)clock_gettime(CLOCK_MONOTONIC, &ended);
	*us = (int64_t)(ended.tv_sec - began.tv_sec) * 1000000 +
	      (ended.tv_nsec - began.tv_nsec) / 1000;
	return done;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The sender, then the speed. */
static void try_sender(struct probe *p, struct dial *d, struct view from)
{
	int64_t us[PROBE_ROUNDS];
	struct smtp_event ev;
	size_t n = 0;

	for (; n < PROBE_ROUNDS; n++) {
		bool done = ask(d, n + 1, from, &us[n], &ev);

		if (!done || ev.reply.code / 100 != 2)
			break;
		if (n == 0)
			probe_ok(p, PROBE_SENDER,
				_("%.*s may send; it was asked and taken back, nothing was mailed"),
				VIEW_ARG(from));
	}
	if (n == 0) {
		probe_sender_failed(p, &ev, from);
		us[n++] = p->connect_us;
	}
	qsort(us, n, sizeof *us, by_size);
	p->facts->round_trip_us = us[n / 2] > 0 ? us[n / 2] : 1;
}

/* As a message of a campaign would have it: some servers refuse what they do not know. */
static int add_token(const struct probe *p, struct arena *a, struct view *from, struct fail *f)
{
	static const unsigned char no_key[TOKEN_KEY_SIZE] = {0};
	const struct settings_identity *id = &p->p->settings->identity;
	const char separator = settings_separator_char(id->separator);
	const struct token t = {TOKEN_RETURN, 0, 0};
	struct token_maker *maker;
	struct str token;
	int ret;

	if (id->bounce_address == NULL || !id->verp || !p->relay.verp)
		return 0;
	str_init(&token, TOKEN_SIZE_MAX);
	maker = token_maker_new(no_key);
	(void)token_make(maker, &token, &t);
	token_maker_free(&maker);
	ret = send_return_address(*from, view_make(&separator, 1), str_view(&token), a, from, f);
	str_free(&token);
	return ret;
}

static void check_sender(struct probe *p, struct dial *d)
{
	const struct settings_identity *id = &p->p->settings->identity;
	struct view from = view_of(id->bounce_address != NULL ? id->bounce_address : id->from);
	struct arena a;
	struct fail f;

	arena_init(&a);
	p->facts->round_trip_us = p->connect_us;
	if (from.len == 0)
		probe_warn(p, PROBE_SENDER, "no-sender", VIEW(""));
	else if (send_bare_address(&from, "identity.from", &a, &f) < 0 ||
		 add_token(p, &a, &from, &f) < 0)
		probe_warn(p, PROBE_SENDER, "no-sender", view_of(f.text));
	else
		try_sender(p, d, from);
	arena_free(&a);
}

int probe_smtp(struct probe *p, struct fail *f)
{
	bool login = p->relay.username != NULL && p->relay.auth != SETTINGS_AUTH_NONE;
	struct dial with = {0}, without = {0};
	int got;

	/* The password first: a file that is not there is no matter of the server. */
	if (login && open_transport(p, &with, f) < 0)
		return -1;
	got = look(p, &without, f);
	if (got > 0 && login) {
		part(&without);
		got = log_in(p, &with, f);
	} else if (got > 0) {
		probe_ok(p, PROBE_LOGIN, "%s", _("none: this relay has no user name (username)"));
	}
	if (got > 0) {
		check_sender(p, login ? &with : &without);
		probe_limits(p);
		probe_speed(p);
	}
	part(&with);
	part(&without);
	return got < 0 ? -1 : 0;
}
