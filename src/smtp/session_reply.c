#include "base/i18n.h"
#include "smtp/smtp_private.h"

enum { /* RFC 5321 section 4.2.3 */
	CODE_READY = 220,
	CODE_START_DATA = 354,
	CODE_SHUTDOWN = 421,
	CODE_TOO_MANY = 452,
	CODE_BAD_SEQUENCE = 503,
	CODE_TOO_MANY_OLD = 552,
};

static bool code_is_yes(int code)
{
	return code / 100 == 2;
}

static bool code_is_no(int code)
{
	return code >= 400;
}

/* 503 speaks of the order of the commands, not of this message or recipient: it
 * must not condemn them. */
static bool code_is_final(int code)
{
	return code / 100 == 5 && code != CODE_BAD_SEQUENCE;
}

static enum smtp_outcome outcome_of(int code)
{
	if (code_is_yes(code))
		return SMTP_ACCEPTED;
	return code_is_final(code) ? SMTP_REFUSED : SMTP_DEFERRED;
}

/* RFC 5321 section 4.5.3.1.10 and RFC 3463 X.5.3. Without any accepted recipient
 * "too many" makes no sense, and a next batch would ask the same for ever. */
static bool reply_is_too_many(const struct smtp_reply *r, size_t accepted)
{
	if (accepted == 0 || !code_is_no(r->code))
		return false;
	if (r->status.klass != 0)
		return r->status.subject == 5 && r->status.detail == 3;
	return r->code == CODE_TOO_MANY || r->code == CODE_TOO_MANY_OLD;
}

static enum smtp_verdict verdict_of(const struct smtp_reply *r, size_t accepted)
{
	if (code_is_yes(r->code))
		return SMTP_RCPT_ACCEPTED;
	if (reply_is_too_many(r, accepted))
		return SMTP_RCPT_NEXT_BATCH;
	return code_is_final(r->code) ? SMTP_RCPT_REFUSED : SMTP_RCPT_DEFERRED;
}

static void protocol_error(struct smtp_session *s, const struct smtp_reply *r)
{
	session_close(s, SMTP_CLOSED_PROTOCOL, *r);
}

static bool reply_open(struct smtp_session *s, struct smtp_event *ev)
{
	s->state = SESSION_OPEN;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_OPEN, .caps = &s->caps};
	return true;
}

/* Dovecot's submission server (2.3.19) aborts when the next MAIL is there before its
 * answer to the end of the data has gone out: the message was handed on, and nobody
 * hears of it. Nobody but Dovecot offers BURL. */
static void reply_caps(struct smtp_session *s, const struct smtp_reply *r)
{
	smtp_caps_read(&s->caps, r->text);
	if (s->caps.burl)
		s->params.pipeline = SMTP_PIPELINE_CAREFUL;
}

static bool reply_hello(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev)
{
	if (s->hello_due) { /* it answers what was not asked */
		protocol_error(s, r);
		return false;
	}
	if (code_is_yes(r->code)) {
		if (s->state == SESSION_EHLO)
			reply_caps(s, r);
		return session_auth_begin(s) ? false : reply_open(s, ev);
	}
	if (s->state == SESSION_EHLO && r->code / 100 == 5) {
		s->state = SESSION_HELO; /* RFC 5321 section 3.2 */
		s->hello_due = true;
		return false;
	}
	session_close(s, SMTP_CLOSED_REFUSED, *r);
	return false;
}

static void reply_greeting(struct smtp_session *s, const struct smtp_reply *r)
{
	if (r->code != CODE_READY) {
		session_close(s, SMTP_CLOSED_REFUSED, *r);
		return;
	}
	s->state = SESSION_EHLO;
	s->hello_due = true;
}

/* The envelope came to nothing and every command of it was answered. */
static void txn_give_up(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	/* A refused MAIL with 503 hints at a transaction left open as well. */
	s->need_rset = s->need_rset || t->mail_ok || t->stray || t->reply.code == CODE_BAD_SEQUENCE;
	if (t->abandoned)
		txn_finish(t, SMTP_UNSENT, *r);
	else if (t->mail_refused)
		txn_finish_kept(t, t->outcome);
	else
		txn_finish(t, SMTP_NO_RECIPIENT, *r);
}

static void reply_rset(struct smtp_session *s, const struct smtp_reply *r)
{
	if (code_is_yes(r->code))
		s->need_rset = false; /* whatever was said before it */
	else
		session_wind_down(s, SMTP_CLOSED_REFUSED, *r);
}

static void reply_mail(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (code_is_yes(r->code)) {
		t->mail_ok = true;
	} else if (code_is_no(r->code)) {
		t->mail_refused = true;
		t->outcome = outcome_of(r->code);
		txn_keep_reply(t, *r);
	} else {
		protocol_error(s, r);
	}
}

static bool reply_rcpt(struct smtp_session *s, struct smtp_txn *t, size_t i,
	const struct smtp_reply *r, struct smtp_event *ev)
{
	enum smtp_verdict verdict = verdict_of(r, t->accepted);

	if (!code_is_yes(r->code) && !code_is_no(r->code)) {
		protocol_error(s, r);
		return false;
	}
	if (t->mail_refused) {
		t->stray = t->stray || code_is_yes(r->code);
		return false;
	}
	t->verdicts[i] = (unsigned char)verdict;
	t->accepted += verdict == SMTP_RCPT_ACCEPTED;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_RCPT,
		.id = t->m.id,
		.rcpt = i,
		.verdict = verdict,
		.phase = SMTP_AT_ENVELOPE,
		.reply = *r,
		.verdicts = t->verdicts,
		.verdict_count = t->m.rcpt_count};
	return true;
}

/* 354: the server now takes everything for content. */
static void reply_start_data(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (t->abandoned) {
		session_close_words(
			s, SMTP_CLOSED_ABANDONED, _("the message was given up before its end"));
	} else if (t->stray) {
		/* MAIL refused, RCPT accepted: they went into some older transaction,
		 * and a dot would send those people an empty message. */
		protocol_error(s, r);
	} else if (t->accepted == 0) {
		if (!t->mail_refused) {
			t->outcome = SMTP_NO_RECIPIENT;
			txn_keep_reply(t, *r);
		}
		t->state = TXN_DOT; /* RFC 2920 section 3.1 */
	} else {
		t->state = t->marked ? TXN_MARKED : TXN_READY;
	}
}

static void reply_data(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (r->code == CODE_START_DATA) {
		reply_start_data(s, t, r);
	} else if (!code_is_no(r->code)) {
		protocol_error(s, r);
	} else if (t->accepted > 0 && !t->abandoned) {
		s->need_rset = true;
		txn_finish(t, outcome_of(r->code), *r);
	} else {
		txn_give_up(s, t, r);
	}
}

static void reply_end(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (t->state == TXN_DOT) {
		s->need_rset = true;
		txn_finish_kept(t, t->outcome);
	} else if (code_is_yes(r->code) || code_is_no(r->code)) {
		txn_finish(t, outcome_of(r->code), *r);
	} else {
		protocol_error(s, r);
	}
}

/* BDAT was refused before its content was out. What the server makes of the rest
 * nobody knows. */
static void reply_early(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (!code_is_no(r->code)) {
		protocol_error(s, r);
		return;
	}
	txn_finish(t, outcome_of(r->code), *r);
	session_close(s, SMTP_CLOSED_REFUSED, *r);
}

/* To BDAT and its content (RFC 3030 section 3). The content was out before the
 * envelope was answered. */
static void reply_chunk(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	bool yes = code_is_yes(r->code);

	s->need_rset = s->need_rset || !yes;
	if (!yes && !code_is_no(r->code)) {
		protocol_error(s, r);
	} else if (t->stray && yes) {
		/* MAIL was refused, and yet some recipients and the message were taken. */
		txn_finish(t, SMTP_UNCERTAIN, *r);
		protocol_error(s, r);
	} else if (t->mail_refused) {
		txn_finish_kept(t, t->outcome);
	} else if (t->accepted == 0) {
		txn_finish(t, SMTP_NO_RECIPIENT, *r);
	} else {
		txn_finish(t, outcome_of(r->code), *r);
	}
}

/* The envelope of one that is to be streamed was answered. */
static void txn_may_stream(struct smtp_txn *t)
{
	if (t->large && t->state == TXN_ENVELOPE && t->read == txn_step_data(t))
		t->state = TXN_READY;
}

static bool reply_txn(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r,
	struct smtp_event *ev)
{
	size_t step = t->read++;
	bool told = false;

	if (step == txn_step_end(t)) {
		if (!t->chunked)
			reply_end(s, t, r);
		else if (t->ended)
			reply_chunk(s, t, r);
		else
			reply_early(s, t, r);
		return false;
	}
	if (step == txn_step_data(t)) {
		reply_data(s, t, r);
		return false;
	}
	if (step == STEP_RSET)
		reply_rset(s, r);
	else if (step == STEP_MAIL)
		reply_mail(s, t, r);
	else
		told = reply_rcpt(s, t, step - STEP_RCPT, r, ev);
	if (t->state == TXN_DONE)
		return told;
	if (txn_is_lost(t) && !txn_in_flight(t))
		txn_give_up(s, t, r);
	else
		txn_may_stream(t);
	return told;
}

/* 421 comes in answer to anything or to nothing (RFC 5321 section 3.8). As the
 * answer to the end of a message it says that the message was not taken; to a command
 * of the envelope it is no verdict on anybody. Where whole messages were written ahead
 * it is the last answer we expect. */
static void reply_shutdown(struct smtp_session *s, struct smtp_txn *t, const struct smtp_reply *r)
{
	if (t != NULL && t->ended && t->state != TXN_DOT) {
		size_t step = t->read++;

		if (step == txn_step_end(t))
			t->chunked ? reply_chunk(s, t, r) : reply_end(s, t, r);
	}
	session_wind_down(s, SMTP_CLOSED_SHUTDOWN, *r);
}

static bool reply_any(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev)
{
	struct smtp_txn *t = session_awaited(s);

	if (s->state == SESSION_QUIT) {
		session_close(s, SMTP_CLOSED_QUIT, *r);
	} else if (s->state == SESSION_AUTH) {
		return session_auth_reply(s, r, ev);
	} else if (r->code == CODE_SHUTDOWN) {
		reply_shutdown(s, t, r);
	} else if (s->state == SESSION_GREETING) {
		reply_greeting(s, r);
	} else if (s->state == SESSION_EHLO || s->state == SESSION_HELO) {
		return reply_hello(s, r, ev);
	} else if (t == NULL) {
		protocol_error(s, r); /* nothing was asked */
	} else {
		return reply_txn(s, t, r, ev);
	}
	return false;
}

bool session_reply(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev)
{
	bool winding = s->winding, told;

	s->talkative = s->talkative || winding;
	told = reply_any(s, r, ev);
	if (winding && session_awaited(s) == NULL)
		session_close(s, s->closed, s->closed_reply);
	return told;
}
