#ifndef SEND_TRANSPORT_H
#define SEND_TRANSPORT_H
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/delivery.h"
struct fail;
struct net_loop;
struct net_peer;
struct settings_relay;
struct smtp_client;

/* transport - the way from the engine to a relay, the same whether it is a
 * Maildir or SMTP. The engine hands over whole messages, hears of each one
 * that is READY (everything but its end has left), makes the durable mark, and
 * says commit. Then comes what became of it. */

struct send_rcpt {
	int64_t contact, attempt;
	struct view key;     /* as compared, for promise P1's scan */
	struct view address; /* the member's, wire form */
	struct view name, fields;
	bool marked;   /* the durable mark is on disk */
	int64_t batch; /* of that mark */
	bool decided;  /* its result is known */
	bool back;     /* decided: pending again, once this message is over */
};
struct send_message {
	uint64_t id; /* the first recipient's contact: unique in the campaign while in flight */
	struct arena arena;
	const char *token_field; /* that the relay gives back with its events; or NULL */
	bool plain;		 /* the relay wants no token in MAIL FROM */
	bool notify_success;	 /* a report is asked for when it was delivered, too */
	struct view from;	 /* MAIL FROM, wire form */
	struct vec rcpts;	 /* struct send_rcpt */
	size_t stream;		 /* the engine's */
	bool slow;		 /* its provider takes its time: kept apart from the others */
	struct view *envelope;	 /* RCPT TO of each; in the arena */
	size_t envelope_len;	 /* rcpts.len, or 1 when all is redirected */
	struct str data;	 /* wire form */
	bool utf8;		 /* needs SMTPUTF8 */
	struct view envid; /* what a report of delivery calls it: its Message-ID up to the @ */
	/* Monotonic: when its quotas let it be completed; when it was handed over, 0 where
	 * that tells nothing of how long the relay takes. */
	int64_t open_at, began;
};
struct send_message *send_message_new(void);
void send_message_free(struct send_message **m);

enum send_event_kind {
	SEND_RCPT,  /* recipient `rcpt` got its own result */
	SEND_READY, /* the message wants the mark for its undecided recipients */
	SEND_DONE,  /* result holds for all undecided recipients; the message may be freed */
};
struct send_event {
	enum send_event_kind kind;
	uint64_t id;
	size_t rcpt;		    /* index in the envelope */
	struct store_result result; /* texts valid until the next event */
	bool too_many;		    /* RCPT: no refusal, it goes into another message */
	int64_t took;		    /* DONE: ms that the relay needed for this one alone */
	/* DONE: it says nothing about the recipients: the relay will have none of our
	 * messages (sender refused, too big). Stop, with why. */
	bool fatal;
	/* DONE, refused: perhaps for the server does not offer SMTPUTF8. */
	bool no_utf8;
	/* DONE, deferred: it was no recipient, but our sender that was put off. */
	bool put_off;
};

struct send_transport;
struct send_transport_ops {
	/* How many more messages it takes now; slow ones go where no others are, and never
	 * everywhere. */
	size_t (*room)(struct send_transport *t, bool slow);
	/* How many connections it has, and the most it may have from now on: those it has too
	 * many end in peace. NULL: it has none. */
	size_t (*used)(const struct send_transport *t);
	void (*limit)(struct send_transport *t, size_t n);
	/* The most recipients per message it is known to take; 0: no limit. */
	size_t (*rcpt_max)(const struct send_transport *t);
	/* Borrowed until its DONE. */
	void (*submit)(struct send_transport *t, const struct send_message *m);
	void (*commit)(struct send_transport *t, uint64_t id);
	void (*abandon)(struct send_transport *t, uint64_t id);
	/* The next event; false: none at the moment. */
	bool (*event)(struct send_transport *t, struct send_event *ev);
	/* Does what is due (connections are made, what waits is written) and brings *until
	 * (monotonic) forward to when it wants to be called again. SEND_LATER: it cannot be used
	 * now, but may be tried again, by another transport; -1: it can not (f, both times).
	 * Messages in flight had their DONE by then. */
	int (*tend)(struct send_transport *t, int64_t *until, struct fail *f);
	/* No more messages; true once everything is over. */
	bool (*finish)(struct send_transport *t);
	/* Ends everything now: each message in flight gets its DONE, pending or uncertain. */
	void (*drop)(struct send_transport *t);
	/* What a dead sender left committed: can this relay tell what became of it? */
	enum delivery_state (*settle)(void *t, const struct store_delivery *d);
	void (*free)(struct send_transport *t);
	/* It never waits while it has messages: what waits for the disk may do so in place. */
	bool in_place;
};
enum { SEND_LATER = 1 };
struct send_transport {
	const struct send_transport_ops *ops;
};

/* `campaign` and `instance` give messages in a Maildir their names. */
int send_maildir_open(const struct settings_relay *relay, int64_t campaign, struct view instance,
	struct send_transport **out, struct fail *f);
/* How long a command that prints password or token may take: before anything is sent a person
 * may have to type; later everything waits for it, heartbeat included, and that must stay far
 * within the lease of the sender (SENDER_LEASE_MS). */
enum { SEND_TRIES = 5, SEND_SECRET_MS = 120000, SEND_SECRET_AGAIN_MS = 20000 };
struct send_smtp_options {
	unsigned tries; /* connections in a row that come to nothing, until it cannot be used */
	int secret_ms;
	bool careful; /* an answer was lost before: less at a time, for a while */
};
/* On that loop, which must outlive it. */
int send_smtp_open(const struct settings_relay *relay, struct net_loop *loop,
	const struct send_smtp_options *o, struct send_transport **out, struct fail *f);
/* One connection of an SMTP transport that sends nothing, as its lanes make
 * theirs: for a probe. Free it before the transport. NULL with f set. */
struct smtp_client *send_smtp_dial(struct send_transport *t, struct net_peer *peer, struct fail *f);
#endif
