#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H
#include "base/view.h"
#include "net/conn.h"
#include "smtp/caps.h"
#include "smtp/command.h"
#include "smtp/reply.h"
#include "net/sasl.h"
struct fail;

/* session - the SMTP dialogue as a pure state machine: bytes in, bytes and
 * events out, the time handed in. It opens no socket and reads no clock.
 *
 * A turn, with any number of sessions:
 *	1. smtp_session_at(s, now); smtp_session_feed(s, bytes that came);
 *	   while (smtp_session_event(s, &ev)) note it, smtp_session_submit() more
 *	   while smtp_session_room(s) > 0.
 *	2. For every SMTP_EVENT_READY of the turn: make the marks durable in ONE
 *	   commit, then smtp_session_commit(); or smtp_session_abandon() where that
 *	   failed.
 *	3. Write smtp_session_output(), tell smtp_session_written().
 *
 * What travels together depends on what the server offers:
 *	PIPELINING and CHUNKING	a window of whole messages by BDAT (RFC 3030), each
 *			with its envelope, none waiting for an answer. Before
 *			smtp_session_commit(k) nothing of k leaves, so READY comes
 *			right after submit and one durable commit serves the window.
 *			One that is longer than the buffer waits for the answers
 *			to its envelope and is streamed; READY when the rest fits.
 *	PIPELINING	MAIL, RCPT, DATA in one write; where k+1 was submitted before k
 *			is committed, the end of k and the envelope of k+1 go in one
 *			too (RFC 2920 section 3.1 permits it once 354 has come). READY
 *			after 354, when all but what fits the buffer has left; or,
 *			with marks_ahead, right after submit.
 *	neither, or SMTP_PIPELINE_CAREFUL	one command, one reply, by DATA.
 *
 * The promise (P3, P4): the bytes that complete message k, the CRLF "." CRLF of
 * DATA or the last octet of BDAT, are not put out before smtp_session_commit(k).
 *
 * For each message that was submitted there come:
 *	SMTP_EVENT_READY  at most once
 *	SMTP_EVENT_RCPT	  for each recipient that got a verdict of its own: before READY
 *			  by DATA, perhaps after it by BDAT and with marks_ahead
 *	SMTP_EVENT_DONE	  exactly once, last: what became of the recipients that were
 *			  accepted, or that had no verdict of their own
 * DONE comes in the order of the messages, and SMTP_EVENT_CLOSED exactly once as the
 * very last of the session, when every message had its DONE.
 *
 * The connection ended before the answer: a message is UNCERTAIN when its last octet
 * was put out, else UNSENT. An answer that was read is final. 421 to the end of a
 * message defers it, and is no verdict anywhere else; the rest of a window is waited
 * for then, and where the server closes without another word, as it said it would,
 * nothing more was taken: UNSENT. */

enum {
	SMTP_WINDOW_USUAL = 8,
	SMTP_WINDOW_MAX = 100,
};

enum smtp_pipeline {	       /* how much may be in flight */
	SMTP_PIPELINE_NORMAL,  /* what the server offers */
	SMTP_PIPELINE_CAREFUL, /* one command, one reply, by DATA, whatever is offered */
};

struct smtp_timeouts { /* ms; 0 takes what RFC 5321 section 4.5.3.2 asks for */
	int64_t greeting, ehlo, mail, rcpt, data_start, data_block, data_end;
	int64_t auth; /* 0: two minutes for each step; servers delay a no on purpose */
	int64_t quit; /* 0: five seconds, nothing depends on it */
};

struct smtp_session_params {
	struct view helo; /* name for EHLO; copied */
	bool greeting;	  /* wait for 220 first: the driver has a bare socket */
	bool hello_said;  /* the driver said EHLO, and feeds its answer first */
	enum smtp_pipeline pipeline;
	/* Messages in flight at most, where the server offers CHUNKING and PIPELINING;
	 * without CHUNKING two at most. 0: SMTP_WINDOW_USUAL. */
	unsigned window;
	/* By DATA with PIPELINING, READY comes right after submit too, and not after 354: the
	 * durable commit is then over by the time that 354 comes, which is worth a third of the
	 * speed where many connections share it. Up to four messages are taken then. The
	 * price: when the program dies, one of which no octet has left may be in doubt. */
	bool marks_ahead;
	uint64_t size_max; /* octets of a message, whatever the server says; 0: no limit */
	struct smtp_timeouts timeouts;
	/* Its texts are borrowed until OPEN or CLOSED was told; what is made of the secret
	 * is wiped then, but for what blots it out of the server's replies. */
	struct net_login login;
};

struct smtp_message {
	uint64_t id;		  /* not one that is in flight */
	struct view from;	  /* wire form without brackets, "" for <> */
	const struct view *rcpts; /* at least one */
	size_t rcpt_count;
	struct view data; /* lines ending in CRLF, not stuffed */
	bool utf8;	  /* needs SMTPUTF8 (RFC 6531) */
	bool eightbit;	  /* needs 8BITMIME (RFC 6152); bytes above 127 say so too */
	/* DSN (RFC 3461), written where it is offered: */
	struct view envid; /* plain text of at most 100 octets as xtext; empty for none */
	unsigned notify;   /* enum smtp_notify */
	enum smtp_ret ret; /* what a report is to quote; written with envid or notify */
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
	SMTP_DEFERRED,	   /* 4xx to MAIL, DATA, BDAT or the end of the data */
	SMTP_REFUSED,	   /* 5xx there */
	SMTP_NO_RECIPIENT, /* none was accepted; all had their verdict */
	SMTP_UNSENDABLE, /* not here: SMTPUTF8 or 8BITMIME missing, or not fit for the wire; reply.text says */
	SMTP_TOO_BIG,	/* longer than the server's SIZE or size_max; not a byte was sent */
	SMTP_UNSENT,	/* not completed, and certainly so: may be sent again */
	SMTP_UNCERTAIN, /* completed by us, no answer: never send again unasked */
};

enum smtp_closed {	       /* why a session ended */
	SMTP_CLOSED_QUIT,      /* we said goodbye */
	SMTP_CLOSED_CONNECT,   /* never came to be: the driver's ev.fail says why */
	SMTP_CLOSED_REFUSED,   /* greeting, EHLO, RSET or half a message was answered with a no */
	SMTP_CLOSED_SHUTDOWN,  /* 421: the server closes; come back later */
	SMTP_CLOSED_LOST,      /* the connection ended */
	SMTP_CLOSED_TIMEOUT,   /* no answer in time */
	SMTP_CLOSED_PROTOCOL,  /* what came was not SMTP, or answered nothing */
	SMTP_CLOSED_ABANDONED, /* smtp_session_abandon in the content: no other way out */
	SMTP_CLOSED_LOGIN,     /* the login came to nothing: ev.fail says why */
};

enum smtp_phase {	  /* where a message stands, for reports */
	SMTP_AT_WAIT,	  /* nothing of it was written */
	SMTP_AT_ENVELOPE, /* MAIL, RCPT, DATA */
	SMTP_AT_DATA,	  /* 354 has come, or BDAT was written; content, not its end */
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
	/* CLOSED: in words for the user, where there are more than in the reply; else NULL. A
	 * login that was refused is FAIL_PERM: no other may be tried with that secret. */
	const struct fail *fail;
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
/* We end it, with no news from the server. */
void smtp_session_drop(struct smtp_session *s, struct view why);

/* The next event; false: no more at the moment. Views and pointers in it are valid
 * until the next call of this function. */
bool smtp_session_event(struct smtp_session *s, struct smtp_event *ev);
/* Some event is there without new bytes: do not wait for the socket. Submitting
 * and smtp_session_output() too make events. */
bool smtp_session_pending(const struct smtp_session *s);

/* How many more messages may be submitted now. */
size_t smtp_session_room(const struct smtp_session *s);
/* The struct is copied; what it points at is borrowed until DONE of its id was
 * taken. A message that cannot go to this server gets its DONE at once. */
void smtp_session_submit(struct smtp_session *s, const struct smtp_message *m);
/* After READY: the mark is on disk, complete the message. No effect when the
 * connection ended meanwhile: its DONE (UNSENT) is waiting or was taken. */
void smtp_session_commit(struct smtp_session *s, uint64_t id);
/* Do not complete it: it becomes UNSENT. Before its content the session goes on
 * (RSET); after 354, or in the middle of BDAT, the connection has to be dropped. No
 * effect when its last octet was put out. */
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
/* LOGIN, LOGIN_LATER, NO_AUTH: how the login failed; else NONE. */
enum net_trouble smtp_session_trouble(const struct smtp_session *s);
#endif
