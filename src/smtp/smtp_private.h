#ifndef SMTP_PRIVATE_H
#define SMTP_PRIVATE_H
#include "base/str.h"
#include "smtp/command.h"
#include "smtp/session.h"
#include "smtp/session_auth.h"
#include "smtp/wire.h"

/* The inside of a session, shared by session.c (life and events),
 * session_submit.c (messages), session_end.c (how messages and sessions end),
 * session_write.c (what goes out), session_reply.c (what comes in) and session_auth.c
 * (the login).
 *
 * Each message is a transaction: a row of steps, each one command and one reply.
 * `wrote` is the next step to write, `read` the next to be answered; what lies
 * between is in flight. The two counters of the transactions, oldest first, are
 * the queue that pairs replies with commands. What is written is written in the
 * order of the messages, each whole before the next begins. */
enum {
	SMTP_OVERLAP = 2, /* with DATA: the end of k, the envelope of k+1 */
	SMTP_AHEAD = 4,	  /* and with marks ahead two more, whose marks share a commit */
	SMTP_OUT_SIZE = 65536,
	/* Content up to here goes out in one piece behind its BDAT. */
	SMTP_CHUNK_WHOLE_MAX = SMTP_OUT_SIZE - SMTP_COMMAND_MAX,
	SMTP_WORDS_MAX = SMTP_REPLY_TEXT_MAX,
};

enum { /* steps; RCPT i is STEP_RCPT + i, then DATA and the end of the data, or BDAT */
	STEP_RSET = 0,
	STEP_MAIL = 1,
	STEP_RCPT = 2,
};

enum txn_state {
	TXN_ENVELOPE,
	TXN_READY,  /* nothing of the server is needed any more; waits for its mark */
	TXN_MARKED, /* may be completed */
	TXN_DOT,    /* 354 without any recipient: a lone dot, nothing else */
	TXN_DONE,   /* outcome is known; the event may still wait */
};

struct smtp_txn {
	struct smtp_message m;
	enum txn_state state;
	size_t wrote, read;
	bool chunked; /* by BDAT (RFC 3030), not DATA */
	bool large;   /* chunked, and longer than the buffer: streamed, after its envelope */
	bool reset;   /* its RSET was put out */
	bool ended;   /* its last octet was put out */
	bool ahead;   /* by DATA: READY need not wait for 354 */
	bool marked;  /* its mark came before its 354 */
	bool eightbit, mail_ok, mail_refused, stray, abandoned, ready_told;
	size_t accepted;
	unsigned char *verdicts;
	size_t verdict_room;
	struct smtp_wire wire;
	enum smtp_outcome outcome;
	enum smtp_phase phase;
	struct smtp_reply reply; /* its text stands in words */
	struct str words;
};

enum session_state {
	SESSION_GREETING,
	SESSION_EHLO,
	SESSION_HELO,
	SESSION_AUTH,
	SESSION_OPEN,
	SESSION_QUIT, /* QUIT was written */
	SESSION_CLOSED,
};

struct smtp_session {
	struct smtp_session_params params;
	struct str helo, command; /* command: one line being made */
	enum session_state state;
	bool hello_due; /* the EHLO or HELO of this state is not written yet */
	bool quitting, need_rset, closed_told;
	bool winding; /* nothing more is written: what is in flight may be answered, then the end */
	bool talkative;	      /* after its 421 the server has answered more */
	size_t window;	      /* messages in flight at most, by BDAT */
	int64_t now, mark_at; /* mark_at: last complete reply, or bytes put out or taken */
	struct smtp_caps caps;
	struct session_auth auth;
	/* A ring. One slot more than the window, so that the views of a DONE event
	 * outlive the submits that follow it. */
	struct smtp_txn *txn;
	size_t slots, head, count;
	struct view in;
	struct smtp_reply_parser parser;
	char *out; /* SMTP_OUT_SIZE; out_head to out_tail are to be written */
	size_t out_head, out_tail;
	enum smtp_closed closed;
	struct smtp_reply closed_reply; /* its text stands in closed_words */
	struct str closed_words;
};

static inline size_t txn_step_data(const struct smtp_txn *t)
{
	return STEP_RCPT + t->m.rcpt_count;
}
/* BDAT and its content are one step. */
static inline size_t txn_step_end(const struct smtp_txn *t)
{
	return txn_step_data(t) + !t->chunked;
}
/* Some command of it was written and has no reply yet. */
static inline bool txn_in_flight(const struct smtp_txn *t)
{
	return t->state != TXN_DONE && t->read < t->wrote;
}
/* The server takes everything for content now. */
static inline bool txn_in_content(const struct smtp_txn *t)
{
	if (t->chunked)
		return t->wrote > txn_step_end(t);
	return t->state == TXN_READY || t->state == TXN_MARKED || t->state == TXN_DOT;
}
/* What is left of the content fits the buffer: it waits for the mark. */
static inline bool txn_at_end(const struct smtp_txn *t)
{
	return t->wire.rest.len <= SMTP_OUT_SIZE;
}
/* No more of the envelope is worth writing. */
bool txn_is_lost(const struct smtp_txn *t);
enum smtp_phase txn_phase(const struct smtp_txn *t);
/* The i-th that is in flight or waits for its DONE, oldest first. */
struct smtp_txn *session_txn(const struct smtp_session *s, size_t i);
struct smtp_txn *session_find(const struct smtp_session *s, uint64_t id); /* or NULL */
/* The oldest with a command in flight, or NULL. */
struct smtp_txn *session_awaited(const struct smtp_session *s);

/* A copy of the reply that its DONE will show. */
void txn_keep_reply(struct smtp_txn *t, struct smtp_reply reply);
/* The outcome is known: DONE is due, with this reply or the one that was kept. */
void txn_finish(struct smtp_txn *t, enum smtp_outcome outcome, struct smtp_reply reply);
void txn_finish_kept(struct smtp_txn *t, enum smtp_outcome outcome);
/* Ends the session; every message without outcome gets one by its phase. */
void session_close(struct smtp_session *s, enum smtp_closed why, struct smtp_reply reply);
/* The same, but where whole messages were written and are not answered yet their
 * answers are waited for first. */
void session_wind_down(struct smtp_session *s, enum smtp_closed why, struct smtp_reply reply);
/* The same, in words of ours. */
void session_close_words(struct smtp_session *s, enum smtp_closed why, const char *words);
/* Two commands at once are allowed. */
bool session_pipelines(const struct smtp_session *s);
/* Messages go by BDAT, several at once. */
bool session_chunks(const struct smtp_session *s);

/* Treats one whole reply. True: *ev was filled. */
bool session_reply(struct smtp_session *s, const struct smtp_reply *r, struct smtp_event *ev);
#endif
