#include <assert.h>
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "smtp/command.h"
#include "smtp/smtp_private.h"

/* Whether every line of the envelope can be written. */
static int submit_check_envelope(const struct smtp_message *m, struct fail *f)
{
	if (smtp_command_check_path(m->from, m->utf8, f) != 0 ||
		smtp_command_check_envid(m->envid, f) != 0)
		return -1;
	for (size_t i = 0; i < m->rcpt_count; i++) {
		if (m->rcpts[i].len == 0)
			return fail_set(f, FAIL_DATA, _("a recipient without an address"));
		if (smtp_command_check_path(m->rcpts[i], m->utf8, f) != 0)
			return -1;
	}
	return 0;
}

/* One error before anything is sent, instead of one for each message (RFC 1870). */
static int submit_check_size(const struct smtp_session *s, size_t octets, struct fail *f)
{
	if (s->caps.size_max > 0 && octets > s->caps.size_max)
		return fail_set(f, FAIL_DATA,
			_("the message has %zu octets, and this server takes %llu at most"), octets,
			(unsigned long long)s->caps.size_max);
	if (s->params.size_max > 0 && octets > s->params.size_max)
		return fail_set(f, FAIL_DATA,
			_("the message has %zu octets, and max_message_size of this relay allows "
			  "%llu at most"),
			octets, (unsigned long long)s->params.size_max);
	return 0;
}

/* The last CRLF of DATA belongs to the end of the data, which waits for the mark;
 * BDAT counts its octets and knows no dots. */
static void submit_content(const struct smtp_session *s, struct smtp_txn *t, size_t to_stuff)
{
	struct view data = t->m.data;

	t->chunked = session_chunks(s);
	t->large = t->chunked && data.len > SMTP_CHUNK_WHOLE_MAX;
	if (!t->chunked)
		data = view_sub(data, 0, data.len < 2 ? 0 : data.len - 2);
	smtp_wire_start(&t->wire, data, t->chunked ? 0 : to_stuff);
	if (t->chunked && !t->large)
		t->state = TXN_READY;
	t->ahead = s->params.marks_ahead && !t->chunked && session_pipelines(s) && txn_at_end(t);
}

/* Whether this server can take the message: -1 with f and *outcome set. */
static int submit_check(const struct smtp_session *s, struct smtp_txn *t,
	enum smtp_outcome *outcome, struct fail *f)
{
	const struct smtp_caps *caps = &s->caps;
	const struct smtp_message *m = &t->m;
	struct smtp_wire_facts facts = {0};

	*outcome = SMTP_UNSENDABLE;
	if (smtp_wire_check(m->data, &facts, f) != 0 || submit_check_envelope(m, f) != 0)
		return -1;
	t->eightbit = m->eightbit || facts.eightbit;
	if (m->utf8 && !caps->smtputf8)
		return fail_set(f, FAIL_DATA,
			_("the message needs SMTPUTF8 (an address or a header beyond ASCII), which "
			  "this server does not offer"));
	if (t->eightbit && !caps->eightbitmime)
		return fail_set(f, FAIL_DATA,
			_("the message needs 8BITMIME, which this server does not offer"));
	*outcome = SMTP_TOO_BIG;
	if (submit_check_size(s, m->data.len, f) != 0)
		return -1;
	submit_content(s, t, facts.to_stuff);
	return 0;
}

static void txn_restart(struct smtp_txn *t, const struct smtp_message *m)
{
	struct str words = t->words;
	unsigned char *verdicts = t->verdicts;
	size_t room = t->verdict_room;

	if (room < m->rcpt_count) {
		room = m->rcpt_count;
		verdicts = mem_grow(verdicts, room);
	}
	memset(verdicts, SMTP_RCPT_NONE, m->rcpt_count);
	*t = (struct smtp_txn){.m = *m,
		.words = words,
		.verdicts = verdicts,
		.verdict_room = room,
		.wrote = STEP_MAIL,
		.read = STEP_MAIL};
}

void smtp_session_submit(struct smtp_session *s, const struct smtp_message *m)
{
	struct smtp_txn *t;
	enum smtp_outcome outcome;
	struct fail f;

	assert(smtp_session_room(s) > 0);
	assert(m->rcpt_count > 0 && session_find(s, m->id) == NULL);
	s->count++;
	t = session_txn(s, s->count - 1);
	txn_restart(t, m);
	if (submit_check(s, t, &outcome, &f) != 0)
		txn_finish(t, outcome, (struct smtp_reply){.text = view_of(f.text)});
}

void smtp_session_commit(struct smtp_session *s, uint64_t id)
{
	struct smtp_txn *t = session_find(s, id);

	if (t == NULL || !t->ready_told)
		return;
	if (t->state == TXN_READY)
		t->state = TXN_MARKED;
	else if (t->state == TXN_ENVELOPE)
		t->marked = true;
}

void smtp_session_abandon(struct smtp_session *s, uint64_t id)
{
	struct smtp_txn *t = session_find(s, id);
	const char *words = _("the message was given up before its end");

	/* A lone dot completes nothing, and the server waits for it. */
	if (t == NULL || t->state == TXN_DONE || t->state == TXN_DOT || t->ended)
		return;
	t->abandoned = true;
	if (txn_in_content(t)) {
		session_close_words(s, SMTP_CLOSED_ABANDONED, words);
	} else if (!txn_in_flight(t)) {
		s->need_rset = s->need_rset || t->mail_ok;
		txn_finish(t, SMTP_UNSENT, (struct smtp_reply){.text = view_of(words)});
	}
}
