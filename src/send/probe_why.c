#include "base/i18n.h"
#include "base/time.h"
#include "mail/token.h"
#include "send/probe_private.h"

/* Why a connection, a login or a sender came to nothing: the code of the words that
 * tell it (probe_words.c), and the detail that goes into them. */
enum { PROBE_SHUTDOWN = 421, PROBE_WANTS_LOGIN = 530 };

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
const char *probe_code(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail)
{
	const struct net_peer *peer = &p->facts->peer;

	switch (trouble) {
	case NET_TROUBLE_NONE:
		return code_of_closed(p, ev, detail);
	case NET_TROUBLE_NO_STARTTLS:
		return "no-starttls";
	case NET_TROUBLE_STARTTLS_LATER:
		return "starttls-later";
	case NET_TROUBLE_INJECTED:
		return "injected";
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
	case NET_TROUBLE_CLIENT_CERT:
		return "client-cert";
	default:
		(void)str_addv(detail, words_of(p, ev));
		return "broken";
	}
}

/* What might be wrong with a name and a password depends on whose they are. */
static const char *code_of_refusal(const struct probe *p)
{
	const struct settings_preset *provider = p->provider;

	if (p->relay.token_command != NULL)
		return "login-token";
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

const char *probe_login_code(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail)
{
	switch (trouble) {
	case NET_TROUBLE_LOGIN:
		(void)str_addv(detail, words_of(p, ev));
		return code_of_refusal(p);
	case NET_TROUBLE_LOGIN_LATER:
		(void)str_addv(detail, words_of(p, ev));
		return "login-later";
	case NET_TROUBLE_NO_AUTH:
		return p->provider != NULL && p->provider->login == SETTINGS_PRESET_OAUTH &&
				       p->relay.token_command == NULL
			       ? "login-oauth"
			       : "login-none";
	default:
		return probe_code(p, trouble, ev, detail);
	}
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

static bool bears_token(struct view from)
{
	struct view local;

	return view_split(&from, '@', &local) && token_in_local_part(local).len > 0;
}

void probe_sender_failed(struct probe *p, const struct smtp_event *ev, struct view from)
{
	const struct smtp_reply *r = &ev->reply;
	const char *code = code_of_sender(r);
	struct str detail;

	str_init(&detail, PROBE_TEXT_MAX);
	if (strcmp(code, "sender-refused") == 0 && bears_token(from))
		code = "sender-token";
	if (strcmp(code, "sender-refused") == 0 || strcmp(code, "sender-token") == 0)
		(void)str_addf(&detail, _("%.*s; it said: %d %.*s"), VIEW_ARG(from), r->code,
			VIEW_ARG(r->text));
	else if (r->code > 0)
		(void)str_addf(&detail, "%d %.*s", r->code, VIEW_ARG(r->text));
	else
		(void)str_addv(&detail, words_of(p, ev));
	probe_failed(p, PROBE_SENDER, code, str_view(&detail));
	str_free(&detail);
}
