#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H
#include "base/view.h"
#include "smtp/caps.h"
#include "smtp/reply.h"
struct fail;

/* session - the SMTP dialogue as a pure state machine: bytes in, bytes and
 * events out, the time handed in. It opens no socket and reads no clock.
 *
 * A turn, with any number of sessions:
 *	1. smtp_session_at(s, now); smtp_session_feed(s, bytes that came);
 *	   while (smtp_session_event(s, &ev)) note it, smtp_session_submit() more
 *	   while smtp_session_wants(s).
 *	2. For every SMTP_EVENT_READY of the turn: make the marks durable in ONE
 *	   commit, then smtp_session_commit(); or smtp_session_abandon() where that
 *	   failed.
 *	3. Write smtp_session_output(), tell smtp_session_written().
 * Submitting message k+1 before committing k puts the end of k and the envelope
 * of k+1 into one write (RFC 2920 section 3.1 permits it once 354 has come).
 *
 * The promise (P3, P4): the bytes that complete message k, CRLF "." CRLF, are
 * not put out before smtp_session_commit(k).
 *
 * For each message that was submitted there come, in this order:
 *	SMTP_EVENT_RCPT	  for each recipient that got a verdict of its own
 *	SMTP_EVENT_READY  at most once
 *	SMTP_EVENT_DONE	  exactly once: what became of the recipients that were
 *			  accepted, or that had no verdict of their own
 * and SMTP_EVENT_CLOSED exactly once as the very last of the session, when every
 * message had its DONE. */

enum smtp_pipeline {		/* how much may be in flight where PIPELINING is offered */
	SMTP_PIPELINE_NORMAL,	/* the end of k with the envelope of k+1 */
	SMTP_PIPELINE_CAREFUL,	/* one message at a time, its envelope in one write */
	SMTP_PIPELINE_LOCKSTEP, /* one command at a time, whatever is offered */
};

struct smtp_timeouts { /* ms; 0 takes what RFC 5321 section 4.5.3.2 asks for */
	int64_t greeting, ehlo, mail, rcpt, data_start, data_block, data_end;
	int64_t quit; /* 0: five seconds, nothing depends on it */
};

struct smtp_session_params {
	struct view helo; /* name for EHLO; copied */
	bool greeting;	  /* wait for 220 first: the driver has a bare socket */
	enum smtp_pipeline pipeline;
	struct smtp_timeouts timeouts;
};

struct smtp_message {
	uint64_t id;		  /* not one that is in flight */
	struct view from;	  /* wire form without brackets, "" for <> */
	const struct view *rcpts; /* at least one */
	size_t rcpt_count;
	struct view data;  /* lines ending in CRLF, not stuffed */
	bool utf8;	   /* needs SMTPUTF8 (RFC 6531) */
	bool eightbit;	   /* needs 8BITMIME (RFC 6152); bytes above 127 say so too */
	struct view envid; /* DSN, written where offered; empty for none */
	unsigned notify;   /* enum smtp_notify, written where DSN is offered */
};

enum smtp_verdict {	      /* on one recipient */
	SMTP_RCPT_NONE,	      /* none of its own */
	SMTP_RCPT_ACCEPTED,   /* 2xx: DONE says what became of the message */
	SMTP_RCPT_DEFERRED,   /* 4xx */
	SMTP_RCPT_REFUSED,    /* 5xx */
	SMTP_RCPT_NEXT_BATCH, /* too many recipients in one message: no failure, put it in another */
};

enum smtp_outcome {	   /* of a message */
	SMTP_ACCEPTED,	   /* 2xx after the end of the data */
	SMTP_DEFERRED,	   /* 4xx to MAIL, DATA or the end of the data */
	SMTP_REFUSED,	   /* 5xx there */
	SMTP_NO_RECIPIENT, /* none was accepted; all had their verdict */
	SMTP_UNSENDABLE, /* not here: SMTPUTF8 or 8BITMIME missing, or not fit for the wire; reply.text says */
	SMTP_TOO_BIG,	/* longer than the server's SIZE; not a byte was sent */
	SMTP_UNSENT,	/* not completed, and certainly so: may be sent again */
	SMTP_UNCERTAIN, /* completed by us, no answer: never send again unasked */
};

enum smtp_closed {	       /* why a session ended */
	SMTP_CLOSED_QUIT,      /* we said goodbye */
	SMTP_CLOSED_CONNECT,   /* never came to be: the driver's ev.fail says why */
	SMTP_CLOSED_REFUSED,   /* greeting, EHLO or RSET was answered with a no */
	SMTP_CLOSED_SHUTDOWN,  /* 421: the server closes; come back later */
	SMTP_CLOSED_LOST,      /* the connection ended */
	SMTP_CLOSED_TIMEOUT,   /* no answer in time */
	SMTP_CLOSED_PROTOCOL,  /* what came was not SMTP, or answered nothing */
	SMTP_CLOSED_ABANDONED, /* smtp_session_abandon after 354: no other way out */
};

enum smtp_phase {	  /* where a message stands, for reports */
	SMTP_AT_WAIT,	  /* nothing of it was written */
	SMTP_AT_ENVELOPE, /* MAIL, RCPT, DATA */
	SMTP_AT_DATA,	  /* 354 has come; content, not its end */
	SMTP_AT_END,	  /* the end was written, the answer has not come */
	SMTP_AT_DONE,
};

enum smtp_event_kind {
	SMTP_EVENT_OPEN,   /* capabilities are known: caps; messages may be submitted */
	SMTP_EVENT_RCPT,   /* id, rcpt, verdict, reply */
	SMTP_EVENT_READY,  /* id, verdicts: wants its mark, then commit or abandon */
	SMTP_EVENT_DONE,   /* id, outcome, phase it had reached, verdicts, reply */
	SMTP_EVENT_CLOSED, /* closed, reply (code 421 or 0 with words of ours) */
};

struct smtp_event {
	enum smtp_event_kind kind;
	uint64_t id;
	size_t rcpt; /* index into the message's rcpts */
	enum smtp_verdict verdict;
	enum smtp_outcome outcome;
	enum smtp_phase phase;
	enum smtp_closed closed;
	struct smtp_reply reply;       /* code 0 where no server said it */
	const unsigned char *verdicts; /* enum smtp_verdict of each recipient */
	size_t verdict_count;
	const struct smtp_caps *caps;
	const struct fail *fail; /* SMTP_CLOSED_CONNECT: in words, else NULL */
};

struct smtp_session;

/* NULL with f set (FAIL_CONF) when helo cannot be written. */
struct smtp_session *smtp_session_new(
	const struct smtp_session_params *params, int64_t now, struct fail *f);
void smtp_session_free(struct smtp_session **s);

/* It is now (monotonic ms): say so before feeding and before writing. */
void smtp_session_at(struct smtp_session *s, int64_t now);
/* Ends the session where the deadline has passed; call it when everything that
 * came was fed. */
void smtp_session_expire(struct smtp_session *s);
/* When the server must have answered, or taken bytes; INT64_MAX while nothing is
 * awaited of it. */
int64_t smtp_session_deadline(const struct smtp_session *s);

/* Bytes from the server. They are borrowed until smtp_session_event has returned
 * false; feed again only then. */
void smtp_session_feed(struct smtp_session *s, struct view in);
/* The connection has ended, in words (copied). Feed what was read before first,
 * and take its events. */
void smtp_session_lost(struct smtp_session *s, struct view why);

/* The next event; false: no more at the moment. Views and pointers in it are valid
 * until the next call of this function. */
bool smtp_session_event(struct smtp_session *s, struct smtp_event *ev);
/* Some event is there without new bytes: do not wait for the socket. */
bool smtp_session_pending(const struct smtp_session *s);

/* Whether another message may be submitted now. */
bool smtp_session_wants(const struct smtp_session *s);
/* The struct is copied; what it points at is borrowed until DONE of its id was
 * taken. A message that cannot go to this server gets its DONE at once. */
void smtp_session_submit(struct smtp_session *s, const struct smtp_message *m);
/* After READY: the mark is on disk, complete the message. No effect when the
 * connection ended meanwhile: its DONE (UNSENT) is waiting or was taken. */
void smtp_session_commit(struct smtp_session *s, uint64_t id);
/* Do not complete it: it becomes UNSENT. Before DATA the session goes on (RSET);
 * after 354 the connection has to be dropped. */
void smtp_session_abandon(struct smtp_session *s, uint64_t id);
/* No more messages; QUIT when those in flight are done. */
void smtp_session_quit(struct smtp_session *s);

/* What to write now; empty: nothing. The bytes count as sent from this call on,
 * so call it only to send them. Until they are all written the same pointer and
 * at least the same length come back, as TLS wants it after "would block". */
struct view smtp_session_output(struct smtp_session *s);
void smtp_session_written(struct smtp_session *s, size_t n);

bool smtp_session_closed(const struct smtp_session *s); /* drop the connection */
const struct smtp_caps *smtp_session_caps(const struct smtp_session *s);
#endif
