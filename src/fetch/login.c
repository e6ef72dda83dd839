#include "fetch/login.h"
#include "base/base64.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "settings/settings.h"

enum {
	LINE_MAX_SASL = 2 * NET_SASL_RESPONSE_MAX,
	SAID_LOOKED = 4096 /* that are searched for the secret first */
};

static unsigned kinds_of(const struct settings_mailbox *box)
{
	static const enum net_sasl_kind map[] = {
		[SETTINGS_AUTH_PLAIN] = NET_SASL_PLAIN,
		[SETTINGS_AUTH_LOGIN] = NET_SASL_LOGIN,
		[SETTINGS_AUTH_CRAM_MD5] = NET_SASL_CRAM_MD5,
		[SETTINGS_AUTH_SCRAM_SHA_1] = NET_SASL_SCRAM_SHA_1,
		[SETTINGS_AUTH_SCRAM_SHA_256] = NET_SASL_SCRAM_SHA_256,
		[SETTINGS_AUTH_XOAUTH2] = NET_SASL_XOAUTH2,
		[SETTINGS_AUTH_OAUTHBEARER] = NET_SASL_OAUTHBEARER,
	};

	if (box->auth == SETTINGS_AUTH_AUTO || box->auth == SETTINGS_AUTH_NONE)
		return box->token_command != NULL ? NET_SASL_TOKEN : NET_SASL_PASSWORD;
	return NET_SASL_BIT(map[box->auth]);
}

int fetch_login_begin(struct fetch_login *l, const struct settings_mailbox *box, struct fail *f)
{
	const struct settings_secret token = {.command = box->token_command};
	int ret;

	*l = (struct fetch_login){.kind = NET_SASL_KINDS};
	str_init_secret(&l->secret, SETTINGS_SECRET_MAX);
	net_blot_init(&l->blot, VIEW(""));
	if (box->username == NULL)
		return fail_set(f, FAIL_CONF,
			_("mailbox %s has no username: add username and password_file"), box->name);
	ret = settings_secret_read(token.command != NULL ? &token : &box->password, &l->secret, f);
	if (ret != 0)
		return token.command != NULL ? fail_wrap(f, "token_command") : -1;
	net_blot_free(&l->blot);
	net_blot_init(&l->blot, str_view(&l->secret));
	l->as = (struct net_login){.kinds = kinds_of(box),
		.username = view_of(box->username),
		.secret = str_view(&l->secret),
		.secure = true, /* tls: none stands only where the configuration allows it */
		.host = box->host,
		.port = (uint16_t)box->port};
	return 0;
}

void fetch_login_end(struct fetch_login *l)
{
	net_blot_free(&l->blot);
	settings_secret_wipe(&l->secret);
	l->as = (struct net_login){0};
}

int fetch_login_pick(struct fetch_login *l, unsigned offered, bool own, struct fail *f)
{
	const unsigned alike = NET_SASL_BIT(NET_SASL_PLAIN) | NET_SASL_BIT(NET_SASL_LOGIN);

	l->kind = net_sasl_pick(offered & l->as.kinds, l->as.secure);
	if (l->kind < NET_SASL_KINDS || (own && (l->as.kinds & alike) != 0))
		return 0;
	l->trouble = NET_TROUBLE_NO_AUTH;
	return fail_set(f, FAIL_PERM,
		_("%s:%u: the server offers no kind of login that can be used here. Check port and "
		  "tls:, and auth: if it is set"),
		l->as.host, (unsigned)l->as.port);
}

static const char *refused_words(const struct fetch_login *l)
{
	if (l->kind == NET_SASL_OAUTHBEARER || l->kind == NET_SASL_XOAUTH2)
		return _("the server refused the user name or the access token. No second attempt "
			 "is made, so that the account is not locked; check what token_command "
			 "prints, and with your provider what the token may be used for");
	return _("the server refused the user name or the password. No second attempt is made, so "
		 "that the account is not locked; check both with your provider");
}

int fetch_login_refused(struct fetch_login *l, bool later, struct view words, struct fail *f)
{
	struct str said, clean;
	struct view shown;

	str_init(&said, (size_t)4 * SAID_LOOKED);
	str_init(&clean, (size_t)12 * SAID_LOOKED);
	(void)net_blot_out(&l->blot, view_sub(words, 0, SAID_LOOKED), &said);
	(void)utf8_clean(&clean, str_view(&said));
	shown = view_sub(str_view(&clean), 0, utf8_floor(str_view(&clean), FETCH_SAID_MAX));
	(void)snprintf(l->said, sizeof l->said, "%.*s", VIEW_ARG(shown));
	l->trouble = later ? NET_TROUBLE_LOGIN_LATER : NET_TROUBLE_LOGIN;
	str_free(&clean);
	str_free(&said);
	return fail_set(f, later ? FAIL_TEMP : FAIL_PERM, _("%s:%u: %s (the server's answer: %s)"),
		l->as.host, (unsigned)l->as.port,
		later ? _("the server cannot check passwords at the moment. Try again in a few "
			  "minutes")
		      : refused_words(l),
		l->said);
}

bool fetch_login_is_later(struct view code, struct view words)
{
	/* RFC 5530, RFC 3206; the words are Dovecot's and Courier's. */
	static const char *const codes[] = {"UNAVAILABLE", "INUSE", "IN-USE", "SYS/TEMP", "LIMIT"};
	static const char *const phrases[] = {"temporar", "try again later", "too many"};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (view_starts_nocase(code, view_of(codes[i])))
			return true;
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (view_find_nocase(words, view_of(phrases[i])) >= 0)
			return true;
	return false;
}

/* The next response in base64, as a line or behind the command. */
static int add_response(
	struct net_sasl *sasl, struct view challenge, bool first, struct str *line, struct fail *f)
{
	struct str raw;
	int ret;

	str_init_secret(&raw, NET_SASL_RESPONSE_MAX);
	(void)str_room(&raw, NET_SASL_RESPONSE_MAX);
	ret = net_sasl_step(sasl, challenge, &raw, f);
	if (ret == 0 && first)
		(void)str_addz(line, raw.len > 0 ? " " : " =");
	if (ret == 0)
		ret = base64_encode(line, str_view(&raw), 0);
	(void)str_addz(line, "\r\n");
	str_free(&raw);
	return ret;
}

static int answer_challenge(struct net_sasl *sasl, enum net_sasl_kind kind, struct view text,
	struct str *line, struct fail *f)
{
	struct str challenge;
	int ret;

	str_init(&challenge, NET_SASL_RESPONSE_MAX);
	ret = base64_decode(&challenge, text);
	/* The words with which LOGIN asks are anybody's: some servers forget the base64. */
	if (ret != 0 && kind != NET_SASL_LOGIN)
		(void)fail_set(f, FAIL_PERM, _("the server's part of the login is not base64"));
	else
		ret = add_response(sasl, str_view(&challenge), false, line, f);
	str_free(&challenge);
	return ret;
}

static void say_command(const struct fetch_login *l, const char *command, struct str *line)
{
	(void)str_addz(line, command);
	(void)str_addc(line, ' ');
	(void)str_addz(line, net_sasl_name(l->kind));
}

/* Gives up (RFC 3501 section 6.2.2, RFC 5034 section 4); f says already why. */
static void cancel(const struct fetch_talk *talk)
{
	enum fetch_answer answer;
	struct view text;
	struct fail ignored;

	if (talk->say(talk->ctx, VIEW("*\r\n"), &ignored) == 0)
		(void)talk->hear(talk->ctx, &answer, &text, &ignored);
}

/* What follows the command: challenges, then a yes or a no. */
static int dialogue(struct fetch_login *l, struct net_sasl *sasl, const struct fetch_talk *talk,
	bool first_sent, struct str *line, struct fail *f)
{
	enum fetch_answer answer;
	struct view text;

	for (;;) {
		str_clear(line);
		if (talk->hear(talk->ctx, &answer, &text, f) < 0)
			return -1;
		if (answer == FETCH_NO || answer == FETCH_LATER)
			return fetch_login_refused(l, answer == FETCH_LATER, text, f);
		if (answer == FETCH_YES)
			break;
		l->trouble = NET_TROUBLE_LOGIN;
		/* What a server says to a command without more is of no interest. */
		if ((!first_sent && net_sasl_speaks_first(sasl)
				    ? add_response(sasl, VIEW(""), false, line, f)
				    : answer_challenge(sasl, l->kind, text, line, f)) != 0) {
			cancel(talk);
			return fail_wrap(f, "%s:%u", l->as.host, (unsigned)l->as.port);
		}
		first_sent = true;
		if (talk->say(talk->ctx, str_view(line), f) < 0)
			return -1;
	}
	if (net_sasl_may_succeed(sasl))
		return 0;
	l->trouble = NET_TROUBLE_LOGIN;
	return fail_set(f, FAIL_PERM,
		_("%s:%u: the server let us in before the login was over: it may not be the one "
		  "that it should be"),
		l->as.host, (unsigned)l->as.port);
}

int fetch_login_sasl(struct fetch_login *l, const struct fetch_talk *talk, const char *command,
	bool initial, struct fail *f)
{
	struct net_sasl *sasl = net_sasl_new(l->kind, &l->as);
	bool first = initial && net_sasl_speaks_first(sasl);
	struct str line;
	int ret = 0;

	l->trouble = NET_TROUBLE_NONE;
	str_init_secret(&line, LINE_MAX_SASL);
	(void)str_room(&line, LINE_MAX_SASL); /* growing would leave copies behind */
	say_command(l, command, &line);
	if (first)
		ret = add_response(sasl, VIEW(""), true, &line, f);
	else
		(void)str_addz(&line, "\r\n");
	if (ret == 0)
		ret = talk->say(talk->ctx, str_view(&line), f);
	if (ret == 0)
		ret = dialogue(l, sasl, talk, first, &line, f);
	str_free(&line);
	net_sasl_free(&sasl);
	return ret;
}
