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
	if (smtp_command_check_path(m->from, m->utf8, f) != 0)
		return -1;
	for (size_t i = 0; i < m->rcpt_count; i++) {
		if (smtp_command_check_path(m->rcpts[i], m->utf8, f) != 0)
			return -1;
	}
	return 0;
}

/* Whether this server can take the message: -1 with f and *outcome set. */
static int submit_check(const struct smtp_caps *caps, struct smtp_txn *t,
	enum smtp_outcome *outcome, struct fail *f)
{
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
	if (caps->size_max > 0 && m->data.len > caps->size_max) {
		*outcome = SMTP_TOO_BIG;
		return fail_set(f, FAIL_DATA,
			_("the message has %zu octets, and this server takes %llu at most"),
			m->data.len, (unsigned long long)caps->size_max);
	}
	/* The last CRLF belongs to the end of the data, which waits for the mark. */
	smtp_wire_start(&t->wire, view_sub(m->data, 0, m->data.len < 2 ? 0 : m->data.len - 2),
		facts.to_stuff);
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

	assert(smtp_session_wants(s));
	assert(m->rcpt_count > 0 && session_find(s, m->id) == NULL);
	s->count++;
	t = session_txn(s, s->count - 1);
	txn_restart(t, m);
	if (submit_check(&s->caps, t, &outcome, &f) != 0)
		txn_finish(t, outcome, (struct smtp_reply){.text = view_of(f.text)});
}

void smtp_session_commit(struct smtp_session *s, uint64_t id)
{
	struct smtp_txn *t = session_find(s, id);

	if (t != NULL && t->state == TXN_READY)
		t->state = TXN_MARKED;
}

void smtp_session_abandon(struct smtp_session *s, uint64_t id)
{
	struct smtp_txn *t = session_find(s, id);
	const char *words = _("the message was given up before its end");

	if (t == NULL || t->state == TXN_DONE || txn_phase(t) == SMTP_AT_END)
		return;
	t->abandoned = true;
	if (t->state == TXN_READY || t->state == TXN_MARKED) {
		session_close_words(s, SMTP_CLOSED_ABANDONED, words);
	} else if (!txn_in_flight(t)) {
		s->need_rset = s->need_rset || t->mail_ok;
		txn_finish(t, SMTP_UNSENT, (struct smtp_reply){.text = view_of(words)});
	}
}
