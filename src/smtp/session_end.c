#include "smtp/smtp_private.h"

/* How messages and sessions end, and what is certain then. */

enum smtp_phase txn_phase(const struct smtp_txn *t)
{
	if (t->ended)
		return SMTP_AT_END;
	if (txn_in_content(t))
		return SMTP_AT_DATA;
	return t->wrote > STEP_MAIL ? SMTP_AT_ENVELOPE : SMTP_AT_WAIT;
}

/* A copy of the reply whose text outlives the parser's. */
static struct smtp_reply reply_keep(struct str *words, struct smtp_reply reply)
{
	str_clear(words);
	(void)str_addv(words, reply.text);
	reply.text = str_view(words);
	return reply;
}

void txn_keep_reply(struct smtp_txn *t, struct smtp_reply reply)
{
	t->reply = reply_keep(&t->words, reply);
}

void txn_finish_kept(struct smtp_txn *t, enum smtp_outcome outcome)
{
	t->phase = txn_phase(t);
	t->state = TXN_DONE;
	t->outcome = outcome;
}

void txn_finish(struct smtp_txn *t, enum smtp_outcome outcome, struct smtp_reply reply)
{
	txn_keep_reply(t, reply);
	txn_finish_kept(t, outcome);
}

/* The connection has ended: what is certain about this message? Its end is out
 * and unanswered: nothing is. It was refused before: that. Else nobody has it. */
static void txn_cut(struct smtp_txn *t, bool unread, struct smtp_reply reply)
{
	bool in_doubt = t->ended && !unread;

	if (t->state == TXN_DOT || (t->mail_refused && !t->abandoned))
		txn_finish_kept(t, t->outcome);
	else if (in_doubt && txn_is_lost(t))
		txn_finish(t, SMTP_NO_RECIPIENT, reply);
	else
		txn_finish(t, in_doubt ? SMTP_UNCERTAIN : SMTP_UNSENT, reply);
}

/* RFC 5321 section 3.8: after its 421 the server closes. It has done so, and was
 * silent until then, so it has read nothing of what we had written ahead. */
static bool session_kept_its_word(const struct smtp_session *s, enum smtp_closed why)
{
	return s->winding && s->closed == SMTP_CLOSED_SHUTDOWN && !s->talkative &&
	       why == SMTP_CLOSED_LOST;
}

void session_close(struct smtp_session *s, enum smtp_closed why, struct smtp_reply reply)
{
	bool unread = session_kept_its_word(s, why);

	if (s->state == SESSION_CLOSED)
		return;
	s->state = SESSION_CLOSED;
	if (!s->winding) {
		s->closed = why;
		s->closed_reply = reply_keep(&s->closed_words, reply);
	}
	s->in = view_make(NULL, 0);
	s->out_head = s->out_tail = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (session_txn(s, i)->state != TXN_DONE)
			txn_cut(session_txn(s, i), unread, s->closed_reply);
	}
}

static bool session_awaits_verdict(const struct smtp_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct smtp_txn *t = session_txn(s, i);

		if (t->state != TXN_DONE && t->ended)
			return true;
	}
	return false;
}

void session_wind_down(struct smtp_session *s, enum smtp_closed why, struct smtp_reply reply)
{
	if (s->winding || s->state == SESSION_CLOSED)
		return;
	if (!session_awaits_verdict(s)) {
		session_close(s, why, reply);
		return;
	}
	s->winding = true;
	s->closed = why;
	s->closed_reply = reply_keep(&s->closed_words, reply);
}

void session_close_words(struct smtp_session *s, enum smtp_closed why, const char *words)
{
	session_close(s, why, (struct smtp_reply){.text = view_of(words)});
}
