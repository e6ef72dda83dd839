/* Logging in by IMAP: AUTHENTICATE with what the server offers, else LOGIN. */
#include "base/fail.h"
#include "base/i18n.h"
#include "fetch/imap.h"
#include "settings/settings.h"

static int say(void *ctx, struct view line, struct fail *f)
{
	struct imap *imap = ctx;

	return fetch_link_write(&imap->link, line, f);
}

static int hear(void *ctx, enum fetch_answer *answer, struct view *text, struct fail *f)
{
	struct imap *imap = ctx;
	struct imap_response r;
	int ok;

	for (;;) {
		if (imap_hear(imap, &r, f) < 0)
			return -1;
		if (r.kind == IMAP_CONTINUE) {
			*answer = FETCH_CONTINUE;
			*text = r.words;
			return 0;
		}
		if (imap_is_end(imap, &r, &ok)) {
			*answer = ok					  ? FETCH_YES
				  : fetch_login_is_later(r.code, r.words) ? FETCH_LATER
									  : FETCH_NO;
			*text = r.words;
			return 0;
		}
	}
}

/* A string as a literal: whatever is in it, nothing has to be quoted. */
static int say_literal(struct imap *imap, struct view text, struct fail *f)
{
	enum fetch_answer answer;
	struct view words;

	if (hear(imap, &answer, &words, f) < 0)
		return -1;
	if (answer != FETCH_CONTINUE)
		return 0; /* a no, and its words are kept */
	return fetch_link_write(&imap->link, text, f) < 0 ? -1 : 1;
}

/* RFC 3501 section 6.2.3. */
static int log_in_plainly(struct imap *imap, struct fetch_login *l, struct fail *f)
{
	struct str line;
	int got, ok = 0;

	str_init(&line, NET_SASL_NAME_MAX * 2);
	if (imap_say(imap, f, "LOGIN {%zu}", l->as.username.len) < 0)
		return -1;
	(void)str_addv(&line, l->as.username);
	(void)str_addf(&line, " {%zu}\r\n", l->as.secret.len);
	got = say_literal(imap, str_view(&line), f);
	str_free(&line);
	if (got > 0)
		got = say_literal(imap, l->as.secret, f);
	if (got > 0)
		got = fetch_link_write(&imap->link, VIEW("\r\n"), f) < 0 ? -1 : 1;
	if (got > 0)
		ok = imap_end(imap, f);
	if (got < 0 || ok < 0)
		return -1;
	if (ok == 1)
		return 0;
	return fetch_login_refused(l,
		fetch_login_is_later(str_view(&imap->code), str_view(&imap->words)),
		str_view(&imap->words), f);
}

static int log_in(struct imap *imap, struct fetch_login *l, const char **kind, struct fail *f)
{
	const struct fetch_talk talk = {.ctx = imap, .say = say, .hear = hear};
	char command[32];

	if (fetch_login_begin(l, imap->box, f) < 0 ||
		fetch_login_pick(l, imap->sasl, (imap->abilities & IMAP_NO_LOGIN) == 0, f) < 0)
		return -1;
	*kind = "LOGIN";
	if (l->kind == NET_SASL_KINDS)
		return log_in_plainly(imap, l, f);
	*kind = net_sasl_name(l->kind);
	(void)snprintf(command, sizeof command, "F%u AUTHENTICATE", ++imap->tag);
	return fetch_login_sasl(l, &talk, command, (imap->abilities & IMAP_CAN_SASL_IR) != 0, f);
}

int imap_login(struct imap *imap, const char **kind, struct fail *f)
{
	struct fetch_login l;
	int ret;

	imap->capable = false;
	ret = log_in(imap, &l, kind, f);
	imap->trouble = l.trouble;
	memcpy(imap->refusal, l.said, sizeof l.said);
	fetch_login_end(&l);
	/* Most servers can more, once they know whom they speak to. */
	if (ret == 0 && !imap->capable && imap_command(imap, f, "CAPABILITY") < 0)
		return -1;
	return ret;
}
