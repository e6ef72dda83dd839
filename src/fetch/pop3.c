#include "fetch/pop3.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "settings/settings.h"

enum { PART_WAIT_MS = 2000, COMMAND_MAX = 8192 };

void pop3_init(struct pop3 *pop3, const struct settings_mailbox *box)
{
	pop3->box = box;
	str_init(&pop3->line, POP3_LINE_MAX);
	str_init_secret(&pop3->said, COMMAND_MAX);
	(void)str_room(&pop3->said, COMMAND_MAX / 2); /* growing would leave copies behind */
}

void pop3_free(struct pop3 *pop3)
{
	struct fail ignored;

	if (pop3->open) {
		pop3->link.patience_ms = PART_WAIT_MS;
		if (pop3_say(pop3, &ignored, "QUIT") == 0)
			(void)pop3_answer(pop3, &ignored);
	}
	fetch_link_close(&pop3->link);
	str_free(&pop3->line);
	str_free(&pop3->said);
}

int pop3_say(struct pop3 *pop3, struct fail *f, const char *fmt, ...)
{
	va_list ap;

	str_clear(&pop3->said);
	va_start(ap, fmt);
	(void)str_addfv(&pop3->said, fmt, ap);
	va_end(ap);
	(void)str_addz(&pop3->said, "\r\n");
	if (!str_ok(&pop3->said))
		return fail_set(f, FAIL_CONF, "%s", _("a command for the server is too long"));
	if (fetch_link_write(&pop3->link, str_view(&pop3->said), f) == 0)
		return 0;
	pop3->open = false;
	return -1;
}

int pop3_hear(struct pop3 *pop3, struct fail *f)
{
	int got;

	str_clear(&pop3->line);
	while ((got = pop3_line_take(&pop3->line, &pop3->link.have, f)) == 0)
		if (fetch_link_read(&pop3->link, f) < 0)
			break;
	if (got > 0)
		return 0;
	pop3->open = false;
	return -1;
}

int pop3_answer(struct pop3 *pop3, struct fail *f)
{
	if (pop3_hear(pop3, f) < 0)
		return -1;
	if (view_starts_nocase(str_view(&pop3->line), VIEW("+OK")))
		return 1;
	if (view_starts_nocase(str_view(&pop3->line), VIEW("-ERR")))
		return 0;
	pop3->open = false;
	return fail_set(f, FAIL_TEMP,
		_("the server sent a line that makes no sense: it may not be a mail server, or "
		  "it is out of order"));
}

int pop3_text_line(struct pop3 *pop3, struct view *line, struct fail *f)
{
	if (pop3_hear(pop3, f) < 0)
		return -1;
	*line = str_view(&pop3->line);
	if (view_is(*line, "."))
		return 0;
	if (view_starts(*line, VIEW(".")))
		*line = view_from(*line, 1);
	return 1;
}

/* CAPA (RFC 2449): what is not said is not there; USER is, where there is no CAPA. */
static int learn(struct pop3 *pop3, struct fail *f)
{
	struct view line;
	int got;

	if (pop3_say(pop3, f, "CAPA") < 0)
		return -1;
	got = pop3_answer(pop3, f);
	pop3->can_user = pop3->can_uidl = got == 0;
	if (got <= 0)
		return got;
	while ((got = pop3_text_line(pop3, &line, f)) > 0) {
		struct view word, rest = line;

		(void)view_split(&rest, ' ', &word);
		if (view_eq_nocase(word, VIEW("USER")))
			pop3->can_user = true;
		else if (view_eq_nocase(word, VIEW("UIDL")))
			pop3->can_uidl = true;
		else if (view_eq_nocase(word, VIEW("PIPELINING")))
			pop3->can_pipeline = true;
		else if (view_eq_nocase(word, VIEW("SASL")))
			pop3->sasl = net_sasl_read(rest);
	}
	return got;
}

int pop3_connect(struct pop3 *pop3, struct net_peer *peer, struct fail *f)
{
	if (fetch_link_open(&pop3->link, pop3->box, NET_POP3, peer, &pop3->trouble, f) < 0)
		return -1;
	pop3->open = true;
	return learn(pop3, f);
}

/* --- logging in ----------------------------------------------------------- */

static int say(void *ctx, struct view line, struct fail *f)
{
	struct pop3 *pop3 = ctx;

	return fetch_link_write(&pop3->link, line, f);
}

static bool is_later(struct view text)
{
	struct view code = view_sub(text, 1, text.len);

	return fetch_login_is_later(view_starts(text, VIEW("[")) ? code : VIEW(""), text);
}

static int hear(void *ctx, enum fetch_answer *answer, struct view *text, struct fail *f)
{
	struct pop3 *pop3 = ctx;
	struct view line;

	if (pop3_hear(pop3, f) < 0)
		return -1;
	line = str_view(&pop3->line);
	if (view_starts_nocase(line, VIEW("+OK"))) {
		*answer = FETCH_YES;
		*text = view_trim(view_from(line, 3));
	} else if (view_starts(line, VIEW("+"))) {
		*answer = FETCH_CONTINUE;
		*text = view_trim(view_from(line, 1));
	} else {
		*text = view_trim(view_from(line, view_starts_nocase(line, VIEW("-ERR")) ? 4 : 0));
		*answer = is_later(*text) ? FETCH_LATER : FETCH_NO;
	}
	return 0;
}

static bool has_control(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (ascii_is_control(v.p[i]))
			return true;
	return false;
}

/* USER and PASS (RFC 1939 section 7), which have no way to quote anything. */
static int log_in_plainly(struct pop3 *pop3, struct fetch_login *l, struct fail *f)
{
	enum fetch_answer answer;
	struct view text;

	if (has_control(l->as.username) || has_control(l->as.secret))
		return fail_set(f, FAIL_CONF, "%s",
			_("the user name, password or token holds a control character"));
	if (pop3_say(pop3, f, "USER %.*s", VIEW_ARG(l->as.username)) < 0 ||
		hear(pop3, &answer, &text, f) < 0)
		return -1;
	if (answer == FETCH_YES) {
		int said = pop3_say(pop3, f, "PASS %.*s", VIEW_ARG(l->as.secret));

		settings_secret_wipe(&pop3->said);
		if (said < 0 || hear(pop3, &answer, &text, f) < 0)
			return -1;
	}
	if (answer == FETCH_YES)
		return 0;
	return fetch_login_refused(l, answer == FETCH_LATER, text, f);
}

static int log_in(struct pop3 *pop3, struct fetch_login *l, const char **kind, struct fail *f)
{
	const struct fetch_talk talk = {.ctx = pop3, .say = say, .hear = hear};

	if (fetch_login_begin(l, pop3->box, f) < 0 ||
		fetch_login_pick(l, pop3->sasl, pop3->can_user, f) < 0)
		return -1;
	*kind = "USER";
	if (l->kind == NET_SASL_KINDS)
		return log_in_plainly(pop3, l, f);
	*kind = net_sasl_name(l->kind);
	/* A first response behind the command may make a line longer than POP3 allows. */
	return fetch_login_sasl(l, &talk, "AUTH", false, f);
}

int pop3_login(struct pop3 *pop3, const char **kind, struct fail *f)
{
	struct fetch_login l;
	int ret = log_in(pop3, &l, kind, f);

	pop3->trouble = l.trouble;
	memcpy(pop3->refusal, l.said, sizeof l.said);
	fetch_login_end(&l);
	return ret;
}

int pop3_count(struct pop3 *pop3, uint32_t *count, struct fail *f)
{
	struct view rest, word;
	uint64_t n;
	int got = pop3_say(pop3, f, "STAT") < 0 ? -1 : pop3_answer(pop3, f);

	if (got < 0)
		return -1;
	rest = view_from(str_view(&pop3->line), 4);
	if (got == 0 || !view_split(&rest, ' ', &word) || !view_u64(word, UINT32_MAX, &n))
		return fail_set(f, FAIL_TEMP, "%s",
			_("the server does not say how many messages there are. Try again in a "
			  "few minutes"));
	*count = (uint32_t)n;
	return 0;
}
