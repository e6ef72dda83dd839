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
	.auth = 2 * TIME_MINUTE,
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
	timeout_default(&t->auth, rfc_timeouts.auth);
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
	s->window = params->window == 0 ? SMTP_WINDOW_USUAL : params->window;
	if (s->window > SMTP_WINDOW_MAX)
		s->window = SMTP_WINDOW_MAX;
	s->slots = s->window + 1;
	s->txn = mem_alloc(s->slots * sizeof *s->txn);
	for (size_t i = 0; i < s->slots; i++)
		str_init(&s->txn[i].words, SMTP_WORDS_MAX);
	s->out = mem_alloc(SMTP_OUT_SIZE);
	s->params = *params;
	timeouts_fill(&s->params.timeouts);
	session_auth_init(s);
	s->now = s->mark_at = now;
	s->state = params->greeting ? SESSION_GREETING : SESSION_EHLO;
	s->hello_due = !params->greeting && !params->hello_said;
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
	for (size_t i = 0; i < dead->slots; i++) {
		str_free(&dead->txn[i].words);
		free(dead->txn[i].verdicts);
	}
	session_auth_free(dead);
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
	i += s->head;
	return &s->txn[i < s->slots ? i : i - s->slots];
}

struct smtp_txn *session_awaited(const struct smtp_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct smtp_txn *t = session_txn(s, i);

		/* Each is written whole before the next: this one, or none. */
		if (t->state != TXN_DONE)
			return txn_in_flight(t) ? t : NULL;
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
	return s->caps.pipelining && s->params.pipeline != SMTP_PIPELINE_CAREFUL;
}

bool session_chunks(const struct smtp_session *s)
{
	return s->caps.chunking && session_pipelines(s);
}

bool txn_is_lost(const struct smtp_txn *t)
{
	bool all_answered = t->read >= txn_step_data(t);

	return t->mail_refused || t->abandoned || (all_answered && t->accepted == 0);
}

void smtp_session_at(struct smtp_session *s, int64_t now)
{
	s->now = now;
}

/* How long it may take with the answer to what was written of this message. */
static int64_t txn_patience(const struct smtp_timeouts *t, const struct smtp_txn *awaited)
{
	if (awaited->read < STEP_RCPT)
		return t->mail;
	if (awaited->read < txn_step_data(awaited))
		return t->rcpt;
	return awaited->read < txn_step_end(awaited) ? t->data_start : t->data_end;
}

/* How long the server may take with what it has to do now; 0: nothing to do. */
static int64_t session_patience(const struct smtp_session *s)
{
	enum { FAREWELL = TIME_MINUTE }; /* it said that it closes, and may yet say more */
	const struct smtp_timeouts *t = &s->params.timeouts;
	const struct smtp_txn *awaited = session_awaited(s);
	int64_t patience;

	switch (s->state) {
	case SESSION_GREETING:
		return t->greeting;
	case SESSION_EHLO:
	case SESSION_HELO:
		return t->ehlo;
	case SESSION_AUTH:
		return t->auth;
	case SESSION_QUIT:
		return t->quit;
	case SESSION_CLOSED:
		return 0;
	case SESSION_OPEN:
		break;
	}
	/* In the middle of the content there is nothing to answer yet. */
	if (awaited == NULL || (awaited->read == txn_step_end(awaited) && !awaited->ended))
		return s->out_head < s->out_tail ? t->data_block : 0;
	patience = txn_patience(t, awaited);
	return s->winding && patience > FAREWELL ? FAREWELL : patience;
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

void smtp_session_drop(struct smtp_session *s, struct view why)
{
	s->talkative = true; /* who knows what it would have said */
	smtp_session_lost(s, why);
}

/* The next to be told of, or NULL. None goes ahead of one that is still being
 * streamed: a mark that has to wait for the line only makes doubt. */
static struct smtp_txn *session_ready(const struct smtp_session *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct smtp_txn *t = session_txn(s, i);

		if (t->state == TXN_READY && !t->ready_told)
			return txn_at_end(t) ? t : NULL;
		if (t->ahead && t->state == TXN_ENVELOPE && !t->ready_told && !txn_is_lost(t))
			return t;
		if (t->large && t->state != TXN_DONE && !t->ended)
			return NULL;
	}
	return NULL;
}

static bool session_tell_ready(struct smtp_session *s, struct smtp_event *ev)
{
	struct smtp_txn *t = session_ready(s);

	if (t == NULL)
		return false;
	t->ready_told = true;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_READY,
		.id = t->m.id,
		.phase = txn_phase(t),
		.verdicts = t->verdicts,
		.verdict_count = t->m.rcpt_count};
	return true;
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
	s->head = s->head + 1 < s->slots ? s->head + 1 : 0;
	s->count--;
	return true;
}

static bool session_tell_closed(struct smtp_session *s, struct smtp_event *ev)
{
	if (s->state != SESSION_CLOSED || s->closed_told)
		return false;
	assert(s->count == 0);
	s->closed_told = true;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_CLOSED,
		.closed = s->closed,
		.reply = s->closed_reply,
		.fail = s->auth.fail.kind != FAIL_NONE ? &s->auth.fail : NULL};
	return true;
}

static bool session_tell(struct smtp_session *s, struct smtp_event *ev)
{
	return session_tell_done(s, ev) || session_tell_ready(s, ev) || session_tell_closed(s, ev);
}

bool smtp_session_event(struct smtp_session *s, struct smtp_event *ev)
{
	for (;;) {
		struct smtp_reply reply;
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
		reply = s->parser.reply;
		session_auth_blot(s, &reply);
		if (session_reply(s, &reply, ev))
			return true;
	}
}

bool smtp_session_pending(const struct smtp_session *s)
{
	if (s->in.len > 0 || (s->state == SESSION_CLOSED && !s->closed_told))
		return true;
	return s->count > 0 && (session_txn(s, 0)->state == TXN_DONE || session_ready(s) != NULL);
}

static size_t session_overlap(const struct smtp_session *s)
{
	size_t most = s->params.marks_ahead ? SMTP_AHEAD : SMTP_OVERLAP;

	return s->window < most ? s->window : most;
}

size_t smtp_session_room(const struct smtp_session *s)
{
	size_t most = 1;

	if (s->state != SESSION_OPEN || s->quitting || s->winding)
		return 0;
	if (session_chunks(s))
		most = s->window;
	else if (session_pipelines(s))
		most = session_overlap(s);
	return most > s->count ? most - s->count : 0;
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
