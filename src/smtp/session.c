#include "smtp/session.h"
#include <assert.h>
#include <stdlib.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "smtp/command.h"
#include "smtp/smtp_private.h"

/* RFC 5321 section 4.5.3.2. */
static const struct smtp_timeouts rfc_timeouts = {
	.greeting = 5 * TIME_MINUTE,
	.ehlo = 5 * TIME_MINUTE,
	.mail = 5 * TIME_MINUTE,
	.rcpt = 5 * TIME_MINUTE,
	.data_start = 2 * TIME_MINUTE,
	.data_block = 3 * TIME_MINUTE,
	.data_end = 10 * TIME_MINUTE,
	.quit = 5 * TIME_SECOND,
};

static void timeout_default(int64_t *value, int64_t rfc)
{
	if (*value <= 0)
		*value = rfc;
}

static void timeouts_fill(struct smtp_timeouts *t)
{
	timeout_default(&t->greeting, rfc_timeouts.greeting);
	timeout_default(&t->ehlo, rfc_timeouts.ehlo);
	timeout_default(&t->mail, rfc_timeouts.mail);
	timeout_default(&t->rcpt, rfc_timeouts.rcpt);
	timeout_default(&t->data_start, rfc_timeouts.data_start);
	timeout_default(&t->data_block, rfc_timeouts.data_block);
	timeout_default(&t->data_end, rfc_timeouts.data_end);
	timeout_default(&t->quit, rfc_timeouts.quit);
}

struct smtp_session *smtp_session_new(
	const struct smtp_session_params *params, int64_t now, struct fail *f)
{
	struct smtp_session *s = mem_alloc(sizeof *s);

	str_init(&s->helo, SMTP_COMMAND_MAX);
	str_init(&s->command, SMTP_COMMAND_MAX);
	str_init(&s->closed_words, SMTP_WORDS_MAX);
	smtp_reply_init(&s->parser);
	s->txn = mem_alloc(SMTP_TXN_SLOTS * sizeof *s->txn);
	for (size_t i = 0; i < SMTP_TXN_SLOTS; i++)
		str_init(&s->txn[i].words, SMTP_WORDS_MAX);
	s->out = mem_alloc(SMTP_OUT_SIZE);
	s->params = *params;
	timeouts_fill(&s->params.timeouts);
	s->now = s->mark_at = now;
	s->state = params->greeting ? SESSION_GREETING : SESSION_EHLO;
	s->hello_due = !params->greeting;
	if (smtp_command_hello(&s->command, VIEW("EHLO"), params->helo, f) != 0 ||
		str_addv(&s->helo, params->helo) != 0)
		smtp_session_free(&s);
	return s;
}

void smtp_session_free(struct smtp_session **s)
{
	struct smtp_session *dead = *s;

	if (dead == NULL)
		return;
	*s = NULL;
	for (size_t i = 0; i < SMTP_TXN_SLOTS; i++) {
		str_free(&dead->txn[i].words);
		free(dead->txn[i].verdicts);
	}
	smtp_reply_free(&dead->parser);
	str_free(&dead->helo);
	str_free(&dead->command);
	str_free(&dead->closed_words);
	free(dead->txn);
	free(dead->out);
	free(dead);
}

struct smtp_txn *session_txn(const struct smtp_session *s, size_t i)
{
	assert(i < s->count);
	return &s->txn[(s->head + i) % SMTP_TXN_SLOTS];
}

struct smtp_txn *session_awaited(const struct smtp_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct smtp_txn *t = session_txn(s, i);

		if (txn_in_flight(t))
			return t;
	}
	return NULL;
}

struct smtp_txn *session_find(const struct smtp_session *s, uint64_t id)
{
	for (size_t i = 0; i < s->count; i++) {
		if (session_txn(s, i)->m.id == id)
			return session_txn(s, i);
	}
	return NULL;
}

bool session_pipelines(const struct smtp_session *s)
{
	return s->caps.pipelining && s->params.pipeline != SMTP_PIPELINE_LOCKSTEP;
}

bool txn_is_lost(const struct smtp_txn *t)
{
	bool all_answered = t->read >= txn_step_data(t);

	return t->mail_refused || t->abandoned || (all_answered && t->accepted == 0);
}

enum smtp_phase txn_phase(const struct smtp_txn *t)
{
	if (t->wrote > txn_step_end(t))
		return SMTP_AT_END;
	if (t->state != TXN_ENVELOPE)
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
static void txn_cut(struct smtp_txn *t, struct smtp_reply reply)
{
	if (t->state == TXN_DOT || (t->mail_refused && !t->abandoned))
		txn_finish_kept(t, t->outcome);
	else
		txn_finish(t, txn_phase(t) == SMTP_AT_END ? SMTP_UNCERTAIN : SMTP_UNSENT, reply);
}

void session_close(struct smtp_session *s, enum smtp_closed why, struct smtp_reply reply)
{
	if (s->state == SESSION_CLOSED)
		return;
	s->state = SESSION_CLOSED;
	s->closed = why;
	s->closed_reply = reply_keep(&s->closed_words, reply);
	s->in = view_make(NULL, 0);
	s->out_head = s->out_tail = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (session_txn(s, i)->state != TXN_DONE)
			txn_cut(session_txn(s, i), s->closed_reply);
	}
}

void session_close_words(struct smtp_session *s, enum smtp_closed why, const char *words)
{
	session_close(s, why, (struct smtp_reply){.text = view_of(words)});
}

void smtp_session_at(struct smtp_session *s, int64_t now)
{
	s->now = now;
}

/* How long the server may take with what it has to do now; 0: nothing to do. */
static int64_t session_patience(const struct smtp_session *s)
{
	const struct smtp_timeouts *t = &s->params.timeouts;
	const struct smtp_txn *awaited = session_awaited(s);

	switch (s->state) {
	case SESSION_GREETING:
		return t->greeting;
	case SESSION_EHLO:
	case SESSION_HELO:
		return t->ehlo;
	case SESSION_QUIT:
		return t->quit;
	case SESSION_CLOSED:
		return 0;
	case SESSION_OPEN:
		break;
	}
	if (awaited == NULL)
		return s->out_head < s->out_tail ? t->data_block : 0;
	if (awaited->read < STEP_RCPT)
		return t->mail;
	if (awaited->read < txn_step_data(awaited))
		return t->rcpt;
	return awaited->read == txn_step_data(awaited) ? t->data_start : t->data_end;
}

int64_t smtp_session_deadline(const struct smtp_session *s)
{
	int64_t patience = session_patience(s);

	return patience == 0 ? INT64_MAX : s->mark_at + patience;
}

void smtp_session_expire(struct smtp_session *s)
{
	if (s->now >= smtp_session_deadline(s))
		session_close_words(s,
			s->state == SESSION_QUIT ? SMTP_CLOSED_QUIT : SMTP_CLOSED_TIMEOUT,
			_("the server did not answer in time"));
}

void smtp_session_feed(struct smtp_session *s, struct view in)
{
	assert(s->in.len == 0);
	if (s->state != SESSION_CLOSED)
		s->in = in;
}

void smtp_session_lost(struct smtp_session *s, struct view why)
{
	session_close(s, s->state == SESSION_QUIT ? SMTP_CLOSED_QUIT : SMTP_CLOSED_LOST,
		(struct smtp_reply){.text = why});
}

static bool session_tell_ready(struct smtp_session *s, struct smtp_event *ev)
{
	for (size_t i = 0; i < s->count; i++) {
		struct smtp_txn *t = session_txn(s, i);

		if (t->state != TXN_READY || t->ready_told)
			continue;
		t->ready_told = true;
		*ev = (struct smtp_event){.kind = SMTP_EVENT_READY,
			.id = t->m.id,
			.phase = SMTP_AT_DATA,
			.verdicts = t->verdicts,
			.verdict_count = t->m.rcpt_count};
		return true;
	}
	return false;
}

static bool session_tell_done(struct smtp_session *s, struct smtp_event *ev)
{
	struct smtp_txn *t;

	if (s->count == 0)
		return false;
	t = session_txn(s, 0);
	if (t->state != TXN_DONE)
		return false;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_DONE,
		.id = t->m.id,
		.outcome = t->outcome,
		.phase = t->phase,
		.reply = t->reply,
		.verdicts = t->verdicts,
		.verdict_count = t->m.rcpt_count};
	s->head = (s->head + 1) % SMTP_TXN_SLOTS;
	s->count--;
	return true;
}

static bool session_tell_closed(struct smtp_session *s, struct smtp_event *ev)
{
	if (s->state != SESSION_CLOSED || s->closed_told)
		return false;
	assert(s->count == 0);
	s->closed_told = true;
	*ev = (struct smtp_event){
		.kind = SMTP_EVENT_CLOSED, .closed = s->closed, .reply = s->closed_reply};
	return true;
}

static bool session_tell(struct smtp_session *s, struct smtp_event *ev)
{
	return session_tell_done(s, ev) || session_tell_ready(s, ev) || session_tell_closed(s, ev);
}

bool smtp_session_event(struct smtp_session *s, struct smtp_event *ev)
{
	for (;;) {
		int got;

		if (session_tell(s, ev))
			return true;
		if (s->state == SESSION_CLOSED)
			return false;
		got = smtp_reply_read(&s->parser, &s->in);
		if (got == 0)
			return false;
		if (got < 0) {
			session_close_words(
				s, SMTP_CLOSED_PROTOCOL, _("the server's answer is not SMTP"));
			continue;
		}
		s->mark_at = s->now;
		if (session_reply(s, &s->parser.reply, ev))
			return true;
	}
}

bool smtp_session_pending(const struct smtp_session *s)
{
	if (s->in.len > 0 || (s->state == SESSION_CLOSED && !s->closed_told))
		return true;
	for (size_t i = 0; i < s->count; i++) {
		const struct smtp_txn *t = session_txn(s, i);

		if ((i == 0 && t->state == TXN_DONE) || (t->state == TXN_READY && !t->ready_told))
			return true;
	}
	return false;
}

bool smtp_session_wants(const struct smtp_session *s)
{
	bool overlap = session_pipelines(s) && s->params.pipeline == SMTP_PIPELINE_NORMAL;

	return s->state == SESSION_OPEN && !s->quitting &&
	       s->count < (overlap ? SMTP_IN_FLIGHT_MAX : 1);
}

void smtp_session_quit(struct smtp_session *s)
{
	s->quitting = true;
}

bool smtp_session_closed(const struct smtp_session *s)
{
	return s->state == SESSION_CLOSED;
}

const struct smtp_caps *smtp_session_caps(const struct smtp_session *s)
{
	return &s->caps;
}
