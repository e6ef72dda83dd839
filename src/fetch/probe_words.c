#include <assert.h>
#include "base/i18n.h"
#include "base/utf8.h"
#include "fetch/probe_private.h"

static const struct {
	const char *name, *title;
} titles[] = {
	[PROBE_NAME] = {"name", N_("Name")},
	[PROBE_CONNECTION] = {"connection", N_("Connection")},
	[PROBE_GREETING] = {"greeting", N_("Greeting")},
	[PROBE_ENCRYPTION] = {"encryption", N_("Encryption")},
	[PROBE_LOGIN] = {"login", N_("Login")},
	[PROBE_FOLDER] = {"folder", N_("Folder")},
	[PROBE_MESSAGES] = {"messages", N_("Messages")},
	[PROBE_MOVING] = {"moving", N_("Moving")},
	[PROBE_ADDRESSES] = {"addresses", N_("Addresses")},
};

/* {host}, {port}, {folder}, {provider} are of the mailbox, {starttls} and {implicit} the usual
 * ports of its protocol; {detail} is of the moment: mostly what the server said. */
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
		N_("check the port ({implicit} with tls: implicit, {starttls} with tls: starttls); "
		   "if it is right, the server is down: try again later")},
	{"timeout",
		N_("no answer on port {port} ({detail}): most likely a firewall on the way "
		   "swallows the connection"),
		N_("ask whoever looks after your network whether port {port} may be used; the "
		   "usual ones are {implicit} and {starttls}")},
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
		N_("write tls: implicit, or take port: {starttls} with tls: starttls")},
	{"mode-starttls",
		N_("port {port} begins in clear text, but tls: implicit wants encryption from the "
		   "first moment on"),
		N_("write tls: starttls, or take port: {implicit} with tls: implicit")},
	{"not-mailbox", N_("what answers there is no server for reading mail; it said: {detail}"),
		N_("check host and port; 587 and 465 are for sending mail, 993 (IMAP) and 995 "
		   "(POP3) for reading it")},
	{"is-pop3", N_("what answers there speaks POP3, not IMAP; it said: {detail}"),
		N_("write protocol: pop3, or take port: 993 for IMAP")},
	{"is-imap", N_("what answers there speaks IMAP, not POP3; it said: {detail}"),
		N_("write protocol: imap, or take port: 995 for POP3")},
	{"busy",
		N_("the server will not talk to this computer now: it has too much to do, or too "
		   "many connections from here; it said: {detail}"),
		N_("close other programs that read this mailbox, wait ten minutes and try again")},
	{"no-starttls", N_("the server offers no encryption on port {port}"),
		N_("take port: {implicit} with tls: implicit; no password is sent in clear text. "
		   "If "
		   "it offered encryption before, somebody on the way may be listening in: ask "
		   "your provider")},
	{"injected",
		N_("somebody on the way put in words of his own before the encryption had begun; "
		   "no password was sent"),
		N_("try from another network, or take port: {implicit} with tls: implicit; if it "
		   "stays, tell your provider")},
	{"tls-old",
		N_("the server and facteur have no safe kind of encryption in common: TLS 1.2 "
		   "or newer is needed ({detail})"),
		N_("the software of this server is too old to be safe: ask its administrator to "
		   "renew it")},
	{"tls-failed", N_("no encrypted connection came about ({detail})"),
		N_("check that port and tls go together ({starttls} starttls, {implicit} "
		   "implicit); a virus scanner or firewall that looks into connections may also "
		   "be in the way")},
	{"cert-expired", N_("the certificate of the server has expired, {detail}"),
		N_("check the date and the clock of this computer; if they are right, tell the "
		   "administrator of the server, who has to renew it. Nothing is read until then")},
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
		N_("ask its administrator for another way in: a mailbox cannot be given one here")},
	{"broken", N_("the connection broke off"),
		N_("try again in a few minutes; if it happens each time, a firewall or virus "
		   "scanner may be in the way")},
	{"later", N_("the server did not answer in time"),
		N_("check that protocol and port go together (993 for imap, 995 for pop3); if they "
		   "do, the server has too much to do: try again in a few minutes")},
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
		   "token_command takes a program that brings a token. Or have what comes back "
		   "sent to a mailbox at another provider")},
	{"login-token", N_("the server did not accept the access token; it said: {detail}"),
		N_("permit the access anew with the program of token_command, and check the user "
		   "name")},
	{"login-local-part",
		N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("for {provider} the user name is what stands before the @ of the address; check "
		   "it and the password")},
	{"login-enable", N_("{provider} refused the user name or the password; it said: {detail}"),
		N_("at {provider} reading by a program (IMAP, POP3) must first be switched on, on "
		   "the pages of the account; check user name and password too")},
	{"login-later", N_("the server cannot check passwords at the moment; it said: {detail}"),
		N_("wait ten minutes, then try again; nothing is wrong with your settings")},
	{"login-none", N_("the server offers no way to log in that can be used here"),
		N_("check the port ({implicit} is the usual one) and the setting auth")},
	{"no-folder", N_("there is no folder {folder} in this mailbox"),
		N_("write as folder one of these: {detail}")},
	{"folder-refused", N_("the server does not open the folder {folder}; it said: {detail}"),
		N_("try again in ten minutes; if it stays, send your provider what it said")},
	{"cannot-move",
		N_("this server cannot move messages safely: those that were read stay where they "
		   "are, marked as read"),
		N_("nothing has to be done")},
	{"pop3-moves",
		N_("by POP3 nothing can be moved: there are no folders; what was read is known by "
		   "its number and stays"),
		N_("take protocol: imap, if your provider has it")},
	{"subaddress",
		N_("whether mail to {detail} arrives here cannot be seen from outside, and "
		   "failures "
		   "come back to such addresses"),
		N_("send a message to {detail} from another mailbox and look whether it comes")},
	{"no-bounce-address",
		N_("identity.bounce_address is not set: failures come back without a token, and do "
		   "nothing by themselves"),
		N_("write as identity.bounce_address the address whose mail arrives in this "
		   "mailbox")},
	{"no-maildir", N_("the mailbox cannot be read: {detail}"),
		N_("check the path in facteur.yaml, and that you may read there")},
	{"no-mbox", N_("the file cannot be read: {detail}"),
		N_("check the path in facteur.yaml, and that you may read there")},
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

static void add_value(const struct probe *p, struct view name, struct view detail, struct str *out)
{
	bool imap = p->box->protocol == SETTINGS_PROTOCOL_IMAP;

	if (view_is(name, "host"))
		(void)str_addz(out, p->box->host);
	else if (view_is(name, "port"))
		(void)str_addf(out, "%u", p->box->port);
	else if (view_is(name, "folder"))
		(void)str_addz(out, p->box->folder);
	else if (view_is(name, "starttls"))
		(void)str_addz(out, imap ? "143" : "110");
	else if (view_is(name, "implicit"))
		(void)str_addz(out, imap ? "993" : "995");
	else if (view_is(name, "provider"))
		(void)str_addz(out, p->provider != NULL ? p->provider->title : p->box->host);
	else
		(void)str_addv(out, detail);
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
		add_value(p, view_sub(name, 0, (size_t)close), detail, out);
	}
	(void)str_addv(out, rest);
}

/* A server's words go into both texts, whatever it says. */
static void tell(struct probe *p, enum probe_at at, enum fetch_probe_result result,
	const char *code, const char *text, const char *advice)
{
	struct fetch_probe_step step = {.name = titles[at].name,
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
	p->failed = p->failed || result == FETCH_PROBE_FAILED;
	p->p->tell(p->p->ctx, &step);
	str_free(&more);
	str_free(&clean);
}

static void tell_words(struct probe *p, enum probe_at at, enum fetch_probe_result result,
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

void fetch_probe_failed(struct probe *p, enum probe_at at, const char *code, struct view detail)
{
	tell_words(p, at, FETCH_PROBE_FAILED, code, detail);
}

void fetch_probe_warn(struct probe *p, enum probe_at at, const char *code, struct view detail)
{
	tell_words(p, at, FETCH_PROBE_WARNING, code, detail);
}

void fetch_probe_ok(struct probe *p, enum probe_at at, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	str_init(&text, PROBE_TEXT_MAX);
	va_start(ap, fmt);
	(void)str_addfv(&text, fmt, ap);
	va_end(ap);
	tell(p, at, FETCH_PROBE_OK, "", text.p, "");
	str_free(&text);
}
