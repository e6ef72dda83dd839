#include <assert.h>
#include <string.h>
#include "base/fail.h"
#include "smtp/command.h"
#include "smtp/smtp_private.h"

/* What goes out is made as late as possible, piece by piece into one buffer of
 * fixed place and size: a TLS layer may ask for the same pointer again, and a
 * message of any size costs the same memory. */

#define DATA_END "\r\n.\r\n"

static size_t out_room(const struct smtp_session *s)
{
	return SMTP_OUT_SIZE - s->out_tail;
}

static void out_put(struct smtp_session *s, struct view v)
{
	assert(v.len <= out_room(s));
	memcpy(s->out + s->out_tail, v.p, v.len);
	s->out_tail += v.len;
}

/* A command of words of ours; ret is what its writer returned. */
static bool out_command(struct smtp_session *s, int ret)
{
	assert(ret == 0);
	(void)ret;
	out_put(s, str_view(&s->command));
	return true;
}

static bool write_word(struct smtp_session *s, struct view verb)
{
	struct fail f;

	str_clear(&s->command);
	return out_command(s, smtp_command_word(&s->command, verb, &f));
}

static bool write_hello(struct smtp_session *s)
{
	struct view verb = s->state == SESSION_HELO ? VIEW("HELO") : VIEW("EHLO");
	struct fail f;

	s->hello_due = false;
	str_clear(&s->command);
	return out_command(s, smtp_command_hello(&s->command, verb, str_view(&s->helo), &f));
}

static bool write_mail(struct smtp_session *s, const struct smtp_txn *t)
{
	struct smtp_mail_params p = {
		.size_given = s->caps.size,
		.size = t->m.data.len,
		/* RFC 6531 section 3.4 wants the BODY parameter with SMTPUTF8 too. */
		.body_8bit = t->eightbit,
		.utf8 = t->m.utf8,
	};

	if (s->caps.dsn) {
		p.envid = t->m.envid;
		p.ret_given = t->m.envid.len > 0 || t->m.notify != 0;
		p.ret = t->m.ret;
	}
	s->out_tail += smtp_command_put_mail(s->out + s->out_tail, t->m.from, &p);
	return true;
}

static bool write_rcpt(struct smtp_session *s, const struct smtp_txn *t, size_t i)
{
	const struct smtp_rcpt_params p = {
		.notify = s->caps.dsn ? t->m.notify : 0,
		/* Of the envelope, so that what is redirected for a rehearsal names no member. */
		.orcpt = s->caps.dsn,
	};

	s->out_tail += smtp_command_put_rcpt(s->out + s->out_tail, t->m.rcpts[i], &p);
	return true;
}

static bool write_text(struct smtp_session *s, struct view line)
{
	out_put(s, line);
	return true;
}

/* A transaction that was left open (Postfix answers "503 nested MAIL"), or may turn
 * out to be, must go before the next begins (RFC 5321 section 4.1.1.5). What came of
 * the others of a window is not known yet. */
static bool wants_rset(const struct smtp_session *s, const struct smtp_txn *t)
{
	return t->wrote == STEP_MAIL && !t->reset &&
	       (s->need_rset || (t->chunked && session_awaited(s) != NULL));
}

static bool write_envelope(struct smtp_session *s, struct smtp_txn *t)
{
	size_t step;

	if (txn_is_lost(t))
		return false;
	if (wants_rset(s, t)) {
		s->need_rset = false;
		t->reset = true;
		t->wrote = t->read = STEP_RSET;
	}
	step = t->wrote++;
	if (step == STEP_RSET)
		return write_text(s, VIEW("RSET\r\n"));
	if (step == STEP_MAIL)
		return write_mail(s, t);
	if (step < txn_step_data(t))
		return write_rcpt(s, t, step - STEP_RCPT);
	return write_text(s, VIEW("DATA\r\n"));
}

static bool write_body(struct smtp_session *s, struct smtp_txn *t)
{
	/* What fits the buffer waits for the mark, so that the content, its end and
	 * the next envelope go out in one write. */
	if (t->state == TXN_READY && txn_at_end(t))
		return false;
	s->out_tail += smtp_wire_copy(&t->wire, s->out + s->out_tail, out_room(s));
	return true;
}

/* P3: only a mark or a lack of recipients leads here. Without content there is
 * no line to end: the 354 was followed by a line start (RFC 5321 section 4.1.1.4). */
static bool write_end(struct smtp_session *s, struct smtp_txn *t)
{
	bool content = t->state == TXN_MARKED && t->m.data.len > 0;

	assert(t->state == TXN_MARKED || t->state == TXN_DOT);
	t->wrote++;
	t->ended = true;
	return write_text(s, view_from(VIEW(DATA_END), content ? 0 : 2));
}

/* BDAT and all of its content, or nothing: what is written in part can only be
 * given up with the connection. */
static bool write_chunk(struct smtp_session *s, struct smtp_txn *t)
{
	if (txn_is_lost(t) || out_room(s) < SMTP_COMMAND_MAX + t->m.data.len)
		return false;
	assert(t->state == TXN_MARKED);
	s->out_tail += smtp_command_put_bdat(s->out + s->out_tail, t->m.data.len);
	out_put(s, t->m.data);
	t->wrote++;
	return t->ended = true;
}

/* One that is longer than the buffer. Its recipients are known to be accepted, so
 * that nothing is streamed for nobody. */
static bool write_large(struct smtp_session *s, struct smtp_txn *t)
{
	if (t->state != TXN_READY && t->state != TXN_MARKED)
		return false;
	if (t->wrote == txn_step_end(t)) {
		t->wrote++;
		s->out_tail += smtp_command_put_bdat(s->out + s->out_tail, t->m.data.len);
		return true;
	}
	if (!write_body(s, t))
		return false;
	t->ended = t->wire.rest.len == 0;
	assert(!t->ended || t->state == TXN_MARKED);
	return true;
}

static bool write_chunked(struct smtp_session *s, struct smtp_txn *t)
{
	if (!t->large && t->state == TXN_READY)
		return false; /* all of it waits for the mark */
	if (t->wrote < txn_step_data(t))
		return write_envelope(s, t);
	return t->large ? write_large(s, t) : write_chunk(s, t);
}

static bool write_txn(struct smtp_session *s, struct smtp_txn *t)
{
	if (t->chunked)
		return write_chunked(s, t);
	if (!session_pipelines(s) && txn_in_flight(t))
		return false;
	if (t->wrote < txn_step_end(t))
		return write_envelope(s, t);
	if (t->state == TXN_ENVELOPE || t->wrote > txn_step_end(t))
		return false;
	if (t->state == TXN_READY || (t->state == TXN_MARKED && t->wire.rest.len > 0))
		return write_body(s, t);
	return write_end(s, t);
}

static bool write_next(struct smtp_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct smtp_txn *t = session_txn(s, i);

		if (t->state == TXN_DONE)
			continue;
		/* After a lone dot nobody knows what the server made of it. */
		if (!t->ended || t->state == TXN_DOT || !session_pipelines(s))
			return write_txn(s, t);
	}
	if (!s->quitting || s->count > 0)
		return false;
	s->state = SESSION_QUIT;
	return write_word(s, VIEW("QUIT"));
}

static bool write_some(struct smtp_session *s)
{
	if (out_room(s) < SMTP_COMMAND_MAX)
		return false;
	if (s->state == SESSION_EHLO || s->state == SESSION_HELO)
		return s->hello_due && write_hello(s);
	if (s->state == SESSION_AUTH)
		return session_auth_write(s);
	return s->state == SESSION_OPEN && !s->winding && write_next(s);
}

struct view smtp_session_output(struct smtp_session *s)
{
	if (s->out_head == s->out_tail)
		s->out_head = s->out_tail = 0;
	while (write_some(s))
		s->mark_at = s->now;
	return view_make(s->out + s->out_head, s->out_tail - s->out_head);
}

void smtp_session_written(struct smtp_session *s, size_t n)
{
	/* A session that closed meanwhile has dropped its bytes. */
	if (n == 0 || s->state == SESSION_CLOSED)
		return;
	assert(n <= s->out_tail - s->out_head);
	s->out_head += n;
	s->mark_at = s->now;
}
