#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>
#include "base/base64.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "smtp/command.h"
#include "smtp/smtp_private.h"

enum { /* RFC 4954 */
	CODE_CHALLENGE = 334,
	CODE_WELCOME = 235,
	CODE_SHUTDOWN = 421,
	CODE_TRANSITION = 432, /* log in once in another way: a person has to say so */
	CODE_NO_SUCH_KIND = 504,
	AUTH_SAID_MAX = 320, /* octets of a server's words that we repeat */
	AUTH_ECHO_MIN = 8,   /* octets of our own line that are too many to be chance */
};

void session_auth_init(struct smtp_session *s)
{
	struct session_auth *a = &s->auth;

	a->login = s->params.login;
	net_blot_init(&a->blot, a->login.secret);
	str_init(&a->response, SMTP_AUTH_LINE_MAX);
	str_init(&a->line, SMTP_AUTH_LINE_MAX);
	str_init(&a->words, SMTP_WORDS_MAX);
}

static void wipe(struct str *text)
{
	if (text->cap > 0)
		OPENSSL_cleanse(text->p, text->cap);
	str_clear(text);
}

/* Nothing of what we sent stays behind, neither here nor in the buffer it went through. */
static void auth_wipe(struct smtp_session *s)
{
	wipe(&s->auth.response);
	wipe(&s->auth.line);
	OPENSSL_cleanse(s->out, s->auth.written);
	s->auth.written = 0;
}

/* The login is over: from here on the caller's texts are not looked at any more. */
static void auth_end(struct smtp_session *s)
{
	auth_wipe(s);
	net_sasl_free(&s->auth.sasl);
	str_free(&s->auth.response);
	str_free(&s->auth.line);
	s->auth.login = (struct net_login){0};
}

void session_auth_free(struct smtp_session *s)
{
	auth_end(s);
	net_blot_free(&s->auth.blot);
	str_free(&s->auth.words);
}

static void line_begin(struct session_auth *a)
{
	str_clear(&a->line);
	(void)str_room(&a->line, SMTP_AUTH_LINE_MAX); /* growing would leave copies behind */
	a->due = true;
}

static void line_end(struct session_auth *a)
{
	(void)str_addz(&a->line, "\r\n");
	assert(str_ok(&a->line));
}

static void line_response(struct session_auth *a)
{
	line_begin(a);
	(void)str_addv(&a->line, str_view(&a->response));
	line_end(a);
}

/* The next response, in base64: 0, or -1 with a->fail set. */
static int auth_step(struct session_auth *a, struct view challenge)
{
	struct str raw;
	int ret;

	str_init(&raw, NET_SASL_RESPONSE_MAX);
	(void)str_room(&raw, NET_SASL_RESPONSE_MAX);
	str_clear(&a->response);
	(void)str_room(&a->response, SMTP_AUTH_LINE_MAX);
	ret = net_sasl_step(a->sasl, challenge, &raw, &a->fail);
	if (ret == 0)
		ret = base64_encode(&a->response, str_view(&raw), 0);
	wipe(&raw);
	str_free(&raw);
	return ret;
}

/* "host:port: " in front, as with everything that goes wrong with a connection. */
static void auth_place(struct session_auth *a, enum net_trouble trouble)
{
	a->trouble = trouble;
	if (a->login.host != NULL)
		(void)fail_wrap(&a->fail, "%s:%u", a->login.host, (unsigned)a->login.port);
}

/* The server's own words on one line: they often name the remedy. */
static void auth_add_said(struct session_auth *a, const struct smtp_reply *r)
{
	struct view status = a->sasl == NULL ? VIEW("") : net_sasl_status(a->sasl);
	struct fail whole;
	struct str said;

	str_init(&said, SMTP_WORDS_MAX);
	(void)str_addf(&said, "%d ", r->code);
	if (r->status.klass != 0)
		(void)str_addf(&said, "%hu.%hu.%hu ", r->status.klass, r->status.subject,
			r->status.detail);
	(void)str_addv(&said, view_sub(r->text, 0, utf8_floor(r->text, AUTH_SAID_MAX)));
	if (status.len > 0)
		(void)str_addf(&said, "; %.*s", VIEW_ARG(status));
	for (char *c = said.p; c < said.p + said.len; c++)
		*c = ascii_is_space(*c) ? ' ' : *c;
	(void)fail_set(&whole, a->fail.kind, _("%s (the server's answer to %s: %s)"), a->fail.text,
		net_sasl_name(a->kind), said.p);
	a->fail = whole;
	str_free(&said);
}

/* Gives up a login that is under way (RFC 4954 section 4), for the reason in a->fail. */
static void auth_cancel(struct session_auth *a)
{
	auth_place(a, NET_TROUBLE_LOGIN);
	a->cancelled = true;
	line_begin(a);
	(void)str_addc(&a->line, '*');
	line_end(a);
}

static void auth_over(struct smtp_session *s, enum smtp_closed why, const struct smtp_reply *r)
{
	session_close(s, why, *r);
	auth_end(s);
}

static void auth_close(struct smtp_session *s, enum net_trouble trouble, const struct smtp_reply *r)
{
	auth_place(&s->auth, trouble);
	auth_over(s, SMTP_CLOSED_LOGIN, r);
}

/* Nothing that is offered can be used. */
static void auth_none(struct smtp_session *s, const struct smtp_reply *r)
{
	struct session_auth *a = &s->auth;

	if ((a->login.kinds & s->caps.auth) == 0)
		(void)fail_set(&a->fail, FAIL_PERM,
			_("the server offers no kind of login that can be used here. Check port "
			  "and tls:, and auth: if it is set"));
	else
		(void)fail_set(&a->fail, FAIL_PERM,
			_("the server takes no kind of login that hides the password, and the "
			  "connection is not encrypted: use tls: starttls or tls: implicit"));
	if (r->code >= 400)
		auth_add_said(a, r);
	auth_close(s, NET_TROUBLE_NO_AUTH, r);
}

/* AUTH, with the first response behind it where the client has the first word and the
 * line stays within what a command may have (RFC 4954 section 4, RFC 5321 section
 * 4.5.3.1.4): that saves a round trip. */
static void auth_command(struct session_auth *a)
{
	enum { SPACE_AND_END = 3 };
	bool first = net_sasl_speaks_first(a->sasl);

	line_begin(a);
	(void)str_addz(&a->line, "AUTH ");
	(void)str_addz(&a->line, net_sasl_name(a->kind));
	a->kept = first && a->line.len + SPACE_AND_END + a->response.len > SMTP_COMMAND_MAX;
	if (first && !a->kept) {
		(void)str_addc(&a->line, ' ');
		(void)str_addz(&a->line, a->response.len > 0 ? a->response.p : "=");
	}
	line_end(a);
}

static void auth_try_next(struct smtp_session *s, const struct smtp_reply *r)
{
	struct session_auth *a = &s->auth;
	enum net_sasl_kind kind = net_sasl_pick(a->left, a->login.secure);

	if (kind == NET_SASL_KINDS) {
		auth_none(s, r);
		return;
	}
	a->kind = kind;
	a->left &= ~NET_SASL_BIT(kind);
	net_sasl_free(&a->sasl);
	a->sasl = net_sasl_new(kind, &a->login);
	if (net_sasl_speaks_first(a->sasl) && auth_step(a, view_make(NULL, 0)) != 0)
		auth_close(s, NET_TROUBLE_LOGIN, r);
	else
		auth_command(a);
}

bool session_auth_begin(struct smtp_session *s)
{
	const struct smtp_reply none = {0};

	if (s->auth.login.kinds == 0)
		return false;
	s->state = SESSION_AUTH;
	s->auth.left = s->auth.login.kinds & s->caps.auth;
	auth_try_next(s, &none);
	return true;
}

bool session_auth_write(struct smtp_session *s)
{
	struct session_auth *a = &s->auth;

	if (!a->due)
		return false;
	a->due = false;
	assert(a->line.len <= SMTP_OUT_SIZE - s->out_tail);
	memcpy(s->out + s->out_tail, a->line.p, a->line.len);
	s->out_tail += a->line.len;
	if (s->out_tail > a->written)
		a->written = s->out_tail;
	return true;
}

/* Without white space, which base64_decode() would pass over: 0 or -1. */
static int challenge_decode(struct view text, struct str *out)
{
	for (size_t i = 0; i < text.len; i++)
		if (ascii_is_space(text.p[i]))
			return -1;
	return base64_decode(out, text);
}

/* `text` is the reply as it came: only here may it have anything in it. */
static void auth_challenge(struct session_auth *a, struct view text)
{
	struct str challenge;
	int ret;

	str_init(&challenge, SMTP_REPLY_TEXT_MAX);
	ret = challenge_decode(text, &challenge);
	/* The words with which LOGIN asks are anybody's: some servers forget the base64. */
	if (ret != 0 && a->kind != NET_SASL_LOGIN)
		(void)fail_set(
			&a->fail, FAIL_PERM, _("the server's part of the login is not base64"));
	else
		ret = auth_step(a, str_view(&challenge));
	str_free(&challenge);
	if (ret != 0)
		auth_cancel(a);
	else
		line_response(a);
}

static void auth_continue(struct smtp_session *s)
{
	struct session_auth *a = &s->auth;
	bool kept = a->kept;

	/* What the server says to an AUTH without more is of no interest. */
	a->kept = false;
	if (kept)
		line_response(a);
	else
		auth_challenge(a, s->parser.reply.text);
}

static const char *refused_words(const struct session_auth *a)
{
	if (a->kind == NET_SASL_OAUTHBEARER || a->kind == NET_SASL_XOAUTH2)
		return _("the server refused the user name or the access token. No second attempt "
			 "is made, so that the account is not locked; check what token_command "
			 "prints, and with your provider what the token may be used for");
	if (!net_sasl_is_bare(a->kind))
		return _("the server refused the user name or the password. No second attempt is "
			 "made, so that the account is not locked; check both with your provider. "
			 "If they are right, the server may keep the password in a form that is of "
			 "no use for this kind of login: then say auth: plain");
	return _("the server refused the user name or the password. No second attempt is made, so "
		 "that the account is not locked; check both with your provider");
}

static void auth_refused(struct smtp_session *s, const struct smtp_reply *r)
{
	struct session_auth *a = &s->auth;
	bool later = r->code / 100 == 4 && r->code != CODE_TRANSITION;

	if (later)
		(void)fail_set(&a->fail, FAIL_TEMP,
			_("the server cannot check passwords at the moment. Try again in a few "
			  "minutes"));
	else
		(void)fail_set(&a->fail, FAIL_PERM, "%s", refused_words(a));
	auth_add_said(a, r);
	auth_close(s, later ? NET_TROUBLE_LOGIN_LATER : NET_TROUBLE_LOGIN, r);
}

static bool auth_welcome(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev)
{
	struct session_auth *a = &s->auth;

	if (a->kept || !net_sasl_may_succeed(a->sasl)) {
		(void)fail_set(&a->fail, FAIL_PERM,
			_("the server let us in before the login was over: it may not be the one "
			  "that it should be"));
		auth_close(s, NET_TROUBLE_LOGIN, r);
		return false;
	}
	auth_end(s);
	s->state = SESSION_OPEN;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_OPEN, .caps = &s->caps};
	return true;
}

bool session_auth_reply(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev)
{
	struct session_auth *a = &s->auth;
	/* Else it answers what was not asked, or not yet in full. */
	bool asked = !a->due && s->out_head == s->out_tail;

	if (r->code == CODE_SHUTDOWN)
		auth_over(s, SMTP_CLOSED_SHUTDOWN, r);
	else if (asked && a->cancelled)
		auth_over(s, SMTP_CLOSED_LOGIN, r);
	else if (asked && r->code == CODE_CHALLENGE)
		auth_continue(s);
	else if (asked && r->code == CODE_WELCOME)
		return auth_welcome(s, r, ev);
	else if (asked && r->code == CODE_NO_SUCH_KIND)
		auth_try_next(s, r);
	else if (asked && r->code >= 400)
		auth_refused(s, r);
	else
		auth_over(s, SMTP_CLOSED_PROTOCOL, r);
	return false;
}

static bool is_base64(char c)
{
	return ascii_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* Strikes out what is a piece of the line that we just sent. True: there was some. */
static bool strike_echo(const struct session_auth *a, struct str *text)
{
	bool struck = false;

	for (size_t at = 0, end; at < text->len; at = end + 1) {
		for (end = at; end < text->len && is_base64(text->p[end]); end++)
			;
		if (end - at < AUTH_ECHO_MIN ||
			view_find(str_view(&a->response), view_make(text->p + at, end - at)) < 0)
			continue;
		memset(text->p + at, '*', end - at);
		struck = true;
	}
	return struck;
}

void session_auth_blot(struct smtp_session *s, struct smtp_reply *r)
{
	struct session_auth *a = &s->auth;
	bool finds = net_blot_finds(&a->blot, r->text);

	if (!finds && a->response.len == 0)
		return;
	str_clear(&a->words);
	(void)net_blot_out(&a->blot, r->text, &a->words);
	if (strike_echo(a, &a->words) || finds)
		r->text = str_view(&a->words);
}

enum net_trouble smtp_session_trouble(const struct smtp_session *s)
{
	return s->auth.trouble;
}
