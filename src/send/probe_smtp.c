#include <stdlib.h>
#include <time.h>
#include "base/i18n.h"
#include "base/time.h"
#include "net/loop.h"
#include "send/frozen.h"
#include "send/probe_private.h"

enum {
	PROBE_ROUNDS = 6, /* MAIL and RSET by turns: even, so that RSET is the last */
	PROBE_WANTS_LOGIN = 530,
	PROBE_SHUTDOWN = 421,
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

/* 1: open; 0: it came to nothing, *ev says why; -1: f. */
static int dial_to(struct probe *p, struct dial *d, struct smtp_event *ev, struct fail *f)
{
	if (d->transport == NULL && send_smtp_open(&p->relay, &d->transport, f) < 0)
		return -1;
	d->client = send_smtp_dial(d->transport, &p->facts->peer, &d->loop, f);
	if (d->client == NULL)
		return -1;
	return drive(d, SMTP_EVENT_OPEN, 2 * PROBE_PATIENCE_MS, ev);
}

/* --- what went wrong ------------------------------------------------------ */

/* "on 2026-11-20", in UTC. */
static void add_day(int64_t at, struct str *out)
{
	char text[TIME_ISO_SIZE];

	time_iso(at, text);
	(void)str_addf(out, _("on %.10s"), text);
}

static const char *certificate_dates(const struct net_peer *peer, struct str *detail)
{
	bool early = peer->seen && peer->not_before > time_now();

	if (peer->seen)
		add_day(early ? peer->not_before : peer->not_after, detail);
	if (early)
		return "cert-early";
	return "cert-expired";
}

/* What the server said, as far as the event knows it: net/trouble.c puts that first,
 * then "host:port: " and words of its own. */
static struct view words_of(const struct probe *p, const struct smtp_event *ev)
{
	struct view text = ev->fail != NULL ? view_of(ev->fail->text) : ev->reply.text;
	char ours[PROBE_LINE_MAX];
	ptrdiff_t at;

	if (ev->reply.code > 0 && ev->reply.text.len > 0)
		return ev->reply.text;
	(void)snprintf(ours, sizeof ours, ": %s:%u: ", p->relay.host, p->relay.port);
	at = view_find(text, view_of(ours));
	return at > 0 ? view_sub(text, 0, (size_t)at) : text;
}

static const char *code_of_tls(const struct net_peer *peer, struct str *detail)
{
	(void)str_addz(detail, peer->alert[0] != '\0' ? peer->alert : _("no answer"));
	return strcmp(peer->alert, "protocol version") == 0 ? "tls-old" : "tls-failed";
}

/* A no that only libcurl heard: its words begin with the code. Where we have heard a
 * good greeting before, it was to our own. */
static const char *code_of_greeting(
	const struct probe *p, const struct smtp_event *ev, struct str *detail)
{
	const char *code = ev->fail != NULL ? probe_greeting_code(ev->fail->text) : NULL;

	(void)str_addv(detail, words_of(p, ev));
	if (code != NULL && strcmp(code, "busy") == 0)
		return code;
	return p->relay.tls == SETTINGS_TLS_IMPLICIT ? "blocked" : "hello-refused";
}

static const char *code_of_closed(
	const struct probe *p, const struct smtp_event *ev, struct str *detail)
{
	(void)str_addv(detail, words_of(p, ev));
	switch (ev->closed) {
	case SMTP_CLOSED_SHUTDOWN:
		return "busy";
	case SMTP_CLOSED_REFUSED:
		return ev->reply.code / 100 == 4 ? "busy" : "hello-refused";
	case SMTP_CLOSED_TIMEOUT:
		return "later";
	default:
		return "broken";
	}
}

/* The words for a connection that came to nothing, and what goes into them. */
static const char *code_of(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail)
{
	const struct net_peer *peer = &p->facts->peer;

	switch (trouble) {
	case NET_TROUBLE_NONE:
		return code_of_closed(p, ev, detail);
	case NET_TROUBLE_NO_STARTTLS:
		return "no-starttls";
	case NET_TROUBLE_TLS:
		return code_of_tls(peer, detail);
	case NET_TROUBLE_CERT:
		(void)str_addz(detail, peer->issuer);
		return peer->self_signed ? "cert-self" : "cert-unknown";
	case NET_TROUBLE_CERT_DATE:
		return certificate_dates(peer, detail);
	case NET_TROUBLE_CERT_NAME:
		(void)str_addz(detail, peer->names[0] != '\0' ? peer->names : peer->subject);
		return "cert-name";
	case NET_TROUBLE_GREETING:
		return code_of_greeting(p, ev, detail);
	case NET_TROUBLE_TIMEOUT:
		return "later";
	case NET_TROUBLE_PROXY:
		return "proxy";
	default:
		(void)str_addv(detail, words_of(p, ev));
		return "broken";
	}
}

/* What might be wrong with a name and a password depends on whose they are. */
static const char *code_of_refusal(const struct settings_preset *provider)
{
	if (provider == NULL)
		return "login-refused";
	if (provider->login == SETTINGS_PRESET_OAUTH)
		return "login-oauth";
	if (provider->login == SETTINGS_PRESET_APP_PASSWORD)
		return "login-app-password";
	if (provider->login == SETTINGS_PRESET_KEY)
		return "login-key";
	if (provider->enable == SETTINGS_PRESET_SMTP)
		return "login-enable";
	if (provider->username == SETTINGS_PRESET_LOCAL_PART)
		return "login-local-part";
	return "login-refused";
}

static const char *code_of_login(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail)
{
	switch (trouble) {
	case NET_TROUBLE_LOGIN:
		(void)str_addv(detail, words_of(p, ev));
		return code_of_refusal(p->provider);
	case NET_TROUBLE_LOGIN_LATER:
		(void)str_addv(detail, words_of(p, ev));
		return "login-later";
	case NET_TROUBLE_NO_AUTH:
		return p->provider != NULL && p->provider->login == SETTINGS_PRESET_OAUTH
			       ? "login-oauth"
			       : "login-none";
	default:
		return code_of(p, trouble, ev, detail);
	}
}

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
		code = code_of(p, trouble, &ev, &detail);
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
		probe_ok(p, PROBE_LOGIN, _("the server accepts %s and the password"),
			p->relay.username);
		p->facts->caps = *smtp_client_caps(d->client);
	} else if (got == 0) {
		str_init(&detail, PROBE_TEXT_MAX);
		probe_failed(p, PROBE_LOGIN,
			code_of_login(p, smtp_client_trouble(d->client), &ev, &detail),
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

static const char *code_of_sender(const struct smtp_reply *r)
{
	if (r->code == PROBE_WANTS_LOGIN)
		return "login-missing";
	if (r->code == PROBE_SHUTDOWN)
		return "busy";
	if (r->code / 100 == 4)
		return "sender-later";
	if (r->code == 0)
		return "broken";
	return view_find_nocase(r->text, VIEW("relay")) >= 0 ? "relay-denied" : "sender-refused";
}

static void tell_refused(struct probe *p, const struct smtp_event *ev, struct view from)
{
	const struct smtp_reply *r = &ev->reply;
	const char *code = code_of_sender(r);
	struct str detail;

	str_init(&detail, PROBE_TEXT_MAX);
	if (strcmp(code, "sender-refused") == 0)
		(void)str_addf(&detail, _("%.*s; it said: %d %.*s"), VIEW_ARG(from), r->code,
			VIEW_ARG(r->text));
	else if (r->code > 0)
		(void)str_addf(&detail, "%d %.*s", r->code, VIEW_ARG(r->text));
	else
		(void)str_addv(&detail, words_of(p, ev));
	probe_failed(p, PROBE_SENDER, code, str_view(&detail));
	str_free(&detail);
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
		tell_refused(p, &ev, from);
		us[n++] = p->connect_us;
	}
	qsort(us, n, sizeof *us, by_size);
	p->facts->round_trip_us = us[n / 2] > 0 ? us[n / 2] : 1;
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
	else if (send_bare_address(&from, "identity.from", &a, &f) < 0)
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
	if (login && send_smtp_open(&p->relay, &with.transport, f) < 0)
		return -1;
	got = look(p, &without, f);
	if (got > 0 && login) {
		part(&without);
		got = log_in(p, &with, f);
	} else if (got > 0) {
		probe_ok(p, PROBE_LOGIN, "%s", _("none: no username: is set for this relay"));
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
