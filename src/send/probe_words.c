#include <assert.h>
#include "base/i18n.h"
#include "base/utf8.h"
#include "send/probe_private.h"

static const struct {
	const char *name, *title;
} titles[] = {
	[PROBE_NAME] = {"name", N_("Name")},
	[PROBE_CONNECTION] = {"connection", N_("Connection")},
	[PROBE_GREETING] = {"greeting", N_("Greeting")},
	[PROBE_ENCRYPTION] = {"encryption", N_("Encryption")},
	[PROBE_ABILITIES] = {"abilities", N_("Abilities")},
	[PROBE_LOGIN] = {"login", N_("Login")},
	[PROBE_SENDER] = {"sender", N_("Sender")},
	[PROBE_LIMITS] = {"limits", N_("Limits")},
	[PROBE_SPEED] = {"speed", N_("Speed")},
	[PROBE_FOLDER] = {"folder", N_("Folder")},
};

/* {host}, {port}, {user}, {provider} are of the relay, {detail} of the moment: mostly what
 * the server said. Settings are named as they are written in facteur.yaml. */
static const struct words {
	const char *code, *what, *advice;
} all_words[] = {
	{"name-unknown", N_("there is no server of the name {host}"),
		N_("check the host in facteur.yaml letter by letter; the help pages of your "
		   "provider give the exact name")},
	{"name-service",
		N_("this computer could not look up {host}: its name service (DNS) does not "
		   "answer"),
		N_("check that this computer is connected to the Internet, for example by opening "
		   "a web page; if that works, try again in a few minutes")},
	{"refused", N_("the server is there, but nobody answers on port {port} ({detail})"),
		N_("check the port (587 with tls: starttls, 465 with tls: implicit); if it is "
		   "right, the server is down: try again later")},
	{"timeout",
		N_("no answer on port {port} ({detail}): most likely a firewall on the way "
		   "swallows the connection"),
		N_("ask whoever looks after your network whether port {port} may be used, or try "
		   "another port of your provider (587, 465, 2525)")},
	{"timeout-25",
		N_("no answer on port 25 ({detail}): nearly every Internet provider blocks "
		   "this port for its customers"),
		N_("use port: 587 with tls: starttls, or port: 465 with tls: implicit; port 25 is "
		   "for servers among themselves")},
	{"unreachable", N_("there is no way from this computer to the server ({detail})"),
		N_("check that this computer is connected to the Internet; a VPN or a firewall "
		   "may also be in the way")},
	{"closed", N_("the server takes the connection and ends it at once, without a word"),
		N_("it may not like the address of this computer, or have too much to do: try "
		   "again in ten minutes, then ask your provider")},
	{"silent", N_("the server takes the connection, but says nothing"),
		N_("check host and port in facteur.yaml; if they are right, the server has too "
		   "much to do: try again later")},
	{"mode-implicit",
		N_("port {port} wants encryption from the first moment on, but the setting tls "
		   "asks for a beginning in clear text"),
		N_("write tls: implicit, or take port: 587 with tls: starttls")},
	{"mode-starttls",
		N_("port {port} begins in clear text, but tls: implicit wants encryption from the "
		   "first moment on"),
		N_("write tls: starttls, or take port: 465 with tls: implicit")},
	{"not-smtp", N_("what answers there is no server for sending mail; it said: {detail}"),
		N_("check host and port; 993 and 995 are for reading mail, 587 and 465 for "
		   "sending it")},
	{"blocked", N_("the server will not talk to this computer; it said: {detail}"),
		N_("the Internet address of this computer is probably on a block list, as those of "
		   "homes are: send through the server of your own provider or through a relay "
		   "made for bulk (facteur relay presets); if this is the one, send them what it "
		   "said")},
	{"busy",
		N_("the server has too much to do, or too many connections from here; it said: "
		   "{detail}"),
		N_("close other programs that send mail, wait ten minutes and try again; with a "
		   "lower max_connections it happens less often")},
	{"hello-refused",
		N_("the server does not like how this computer introduced itself; it "
		   "said: {detail}"),
		N_("write as ehlo_name the full name of this computer, or ask your provider "
		   "which name it wants")},
	{"no-starttls", N_("the server offers no encryption on port {port}"),
		N_("take port: 465 with tls: implicit; nothing is sent in clear text. If it "
		   "offered encryption before, somebody on the way may be listening in: ask your "
		   "provider")},
	{"starttls-later", N_("the server cannot start the encryption at the moment"),
		N_("wait ten minutes, then try again; nothing is sent in clear text")},
	{"injected",
		N_("somebody on the way put in words of his own before the encryption had begun; "
		   "nothing was sent"),
		N_("try from another network, or take port: 465 with tls: implicit; if it stays, "
		   "tell your provider")},
	{"tls-old",
		N_("the server and facteur have no safe kind of encryption in common: TLS 1.2 "
		   "or newer is needed ({detail})"),
		N_("the software of this server is too old to be safe: ask its administrator to "
		   "renew it, or take another relay")},
	{"tls-failed", N_("no encrypted connection came about ({detail})"),
		N_("check that port and tls go together (587 starttls, 465 implicit); a virus "
		   "scanner or firewall that looks into connections may also be in the way")},
	{"cert-expired", N_("the certificate of the server has expired, {detail}"),
		N_("check the date and the clock of this computer; if they are right, tell the "
		   "administrator of the server, who has to renew it. Nothing is sent until then")},
	{"cert-early", N_("the certificate of the server is not valid yet: {detail}"),
		N_("the clock of this computer is probably wrong: set date and time")},
	{"cert-self",
		N_("the server vouches for itself: its certificate is signed by nobody else "
		   "({detail})"),
		N_("if it is a server of your own, give its certificate as ca_file; if not, do "
		   "not go on: somebody may pass himself off as your provider")},
	{"cert-unknown",
		N_("the certificate of the server was issued by somebody whom this "
		   "computer does not trust: {detail}"),
		N_("if it is the server of your own organisation, give its authority's "
		   "certificate as ca_file; if a virus scanner looks into connections, have it "
		   "leave mail alone; else do not go on")},
	{"cert-name",
		N_("the server shows the certificate of another name: it is for {detail}, "
		   "not for {host}"),
		N_("write the host exactly as your provider gives it; it is often one of the names "
		   "in the certificate")},
	{"client-cert", N_("the server wants a certificate from this computer"),
		N_("give the one you got from its administrator as client_cert, and its key as "
		   "client_key")},
	{"broken", N_("the connection broke off"),
		N_("try again in a few minutes; if it happens each time, a firewall or virus "
		   "scanner may be in the way")},
	{"later", N_("the server stopped answering"),
		N_("it has too much to do: try again in a few minutes")},
	{"proxy", N_("the proxy did not make the connection"),
		N_("check the proxy in facteur.yaml, and ask whoever looks after it whether it "
		   "allows {host} and port {port}")},
	{"login-refused", N_("the server refused the user name or the password; it said: {detail}"),
		N_("check the user name and the password with your provider. It was tried once "
		   "only, so that the account is not locked")},
	{"login-app-password",
		N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("{provider} wants an app password, not the one you type in a browser: make one "
		   "in the security settings of the account (two-step verification must be on) and "
		   "put it where the password is now")},
	{"login-oauth", N_("{provider} refused the login; it said: {detail}"),
		N_("{provider} accepts no passwords from programs any more, only OAuth 2: "
		   "token_command takes a program that brings a token. A relay made for bulk is "
		   "the simpler way "
		   "(facteur relay presets)")},
	{"login-token", N_("the server did not accept the access token; it said: {detail}"),
		N_("permit the access anew with the program of token_command, and check the user "
		   "name")},
	{"login-local-part",
		N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("for {provider} the user name is what stands before the @ of the address; check "
		   "it and the password")},
	{"login-enable", N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("at {provider} sending by a program must first be switched on, on the pages of "
		   "the account; check user name (what stands before the @) and password too")},
	{"login-key", N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("{provider} wants keys that are made on its pages, not the name and password "
		   "with which you visit them; look for SMTP there")},
	{"login-later", N_("the server cannot check passwords at the moment; it said: {detail}"),
		N_("wait ten minutes, then try again; nothing is wrong with your settings")},
	{"login-none", N_("the server offers no way to log in that can be used here"),
		N_("check the port (25 is often without login; 587 or 465 are right) and the "
		   "setting auth; a relay that wants no login needs no username")},
	{"login-missing", N_("the server wants a login first; it said: {detail}"),
		N_("add username and password_file to this relay")},
	{"sender-refused", N_("the server does not accept the sender {detail}"),
		N_("confirm this address or its domain on your provider's pages, or write another "
		   "one as identity.from (or identity.bounce_address, where that is set)")},
	{"sender-token", N_("the server does not accept the sender {detail}"),
		N_("confirm this address or its domain on your provider's pages; if the server "
		   "accepts the address without the token in it, write verp: false for this "
		   "relay")},
	{"relay-denied", N_("the server does not pass on mail for this sender; it said: {detail}"),
		N_("log in (username and password_file), or use the server of the provider "
		   "whose address you send from")},
	{"sender-later", N_("the server does not want the sender at the moment; it said: {detail}"),
		N_("wait ten minutes and try again; if it stays so, your quota at this provider "
		   "may be used up")},
	{"no-sender", N_("nobody is the sender yet: identity.from is not set"),
		N_("write identity.from in facteur.yaml")},
	{"size-small", N_("the server takes no messages of more than {detail}"),
		N_("leave out attachments and large pictures")},
	{"personal", N_("this is the mailbox of a person at {provider}: {detail}"),
		N_("for more people take a relay made for it: facteur relay presets shows some")},
	{"folder-parent", N_("the folder cannot be made: {detail}"),
		N_("check the path in facteur.yaml, and that you may write there")},
	{"folder-write", N_("nothing can be written into the folder: {detail}"),
		N_("give yourself the right to write there, or choose another folder (path)")},
};

static const struct words *find(const char *code)
{
	size_t i = 0;

	while (strcmp(all_words[i].code, code) != 0) {
		i++;
		assert(i < sizeof all_words / sizeof *all_words);
	}
	return &all_words[i];
}

static struct view value_of(const struct probe *p, struct view name, struct view detail)
{
	if (view_is(name, "host"))
		return view_of(p->relay.host);
	if (view_is(name, "user"))
		return view_of(p->relay.username);
	if (view_is(name, "provider"))
		return view_of(p->provider != NULL ? p->provider->title : p->relay.host);
	return detail;
}

/* Adds a sentence with its {names} filled in. */
static void fill(const struct probe *p, const char *sentence, struct view detail, struct str *out)
{
	struct view rest = view_of(sentence);
	ptrdiff_t open, close;

	while ((open = view_chr(rest, '{')) >= 0) {
		struct view name = view_from(rest, (size_t)open + 1);

		close = view_chr(name, '}');
		if (close < 0)
			break;
		(void)str_addv(out, view_sub(rest, 0, (size_t)open));
		rest = view_from(name, (size_t)close + 1);
		name = view_sub(name, 0, (size_t)close);
		if (view_is(name, "port"))
			(void)str_addf(out, "%u", p->relay.port);
		else
			(void)str_addv(out, value_of(p, name, detail));
	}
	(void)str_addv(out, rest);
}

/* A server's words go into both texts, whatever it says. */
static void tell(struct probe *p, enum probe_at at, enum send_probe_result result, const char *code,
	const char *text, const char *advice)
{
	struct send_probe_step step = {.name = titles[at].name,
		.title = _(titles[at].title),
		.result = result,
		.code = code};
	struct str clean, more;

	str_init(&clean, 4 * PROBE_TEXT_MAX);
	str_init(&more, 4 * PROBE_TEXT_MAX);
	(void)utf8_clean(&clean, view_of(text));
	(void)utf8_clean(&more, view_of(advice));
	step.text = clean.p;
	step.advice = more.p;
	p->failed = p->failed || result == SEND_PROBE_FAILED;
	p->p->tell(p->p->ctx, &step);
	str_free(&more);
	str_free(&clean);
}

static void tell_words(struct probe *p, enum probe_at at, enum send_probe_result result,
	const char *code, struct view detail)
{
	const struct words *w = find(code);
	struct str text, advice;

	str_init(&text, PROBE_TEXT_MAX);
	str_init(&advice, PROBE_TEXT_MAX);
	fill(p, _(w->what), detail.len > 0 ? detail : view_of(_("(nothing)")), &text);
	fill(p, _(w->advice), detail, &advice);
	tell(p, at, result, code, text.p, advice.p);
	str_free(&advice);
	str_free(&text);
}

void probe_failed(struct probe *p, enum probe_at at, const char *code, struct view detail)
{
	tell_words(p, at, SEND_PROBE_FAILED, code, detail);
}

void probe_warn(struct probe *p, enum probe_at at, const char *code, struct view detail)
{
	tell_words(p, at, SEND_PROBE_WARNING, code, detail);
}

void probe_ok(struct probe *p, enum probe_at at, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	str_init(&text, PROBE_TEXT_MAX);
	va_start(ap, fmt);
	(void)str_addfv(&text, fmt, ap);
	va_end(ap);
	tell(p, at, SEND_PROBE_OK, "", text.p, "");
	str_free(&text);
}
