#ifndef RETURNS_TAKE_H
#define RETURNS_TAKE_H
#include "bounce/verdict.h"
struct fail;
struct settings;
struct store;
struct store_refused;
struct store_turn_watch;
struct token_keys;

/* take - what came back is taken into account, from whatever source, through this one door:
 * whose message it tells of (tie.c), what is recorded, and what is done (policy.h). All of one
 * message is one transaction; the same again changes nothing.
 *
 * Only a valid token and a delivery that it fits act. An event of a relay counts as much when
 * it names a message of ours and its recipient, for it comes from the relay's account: the
 * token of a Message-ID (TOKEN_MESSAGE) is enough there. A token that many have seen, or that
 * comes with another recipient's address, is recorded and takes nobody off before somebody
 * agrees. Everything else is recorded and shown, and proposed where it fits (bounce review). */
struct returns;
/* The store, the settings and the keys must outlive it. Keys: NULL where there are none. */
int returns_new(struct store *s, const struct settings *settings, const struct token_keys *keys,
	struct returns **out, struct fail *f);
void returns_free(struct returns **r);

/* Several in one commit: returns_end() looks at the campaigns that were heard of, commits when
 * ret >= 0, and returns ret or -1; *paused (may be NULL): one of them that was paused, or 0.
 * Without these each returns_take() commits by itself. After a -1 in between end it with -1. */
int returns_begin(struct returns *r, int64_t now, struct fail *f);
int returns_end(struct returns *r, int ret, int64_t *paused, struct fail *f);

enum returns_source { RETURNS_MAIL, RETURNS_EVENT };
struct returns_origin {
	enum returns_source source;
	struct view place;	 /* the name of the mailbox or relay */
	struct view space, name; /* who it is there: of fetch_id, or the event's own id */
	struct view cursor;	 /* of the mailbox, stored with it; empty: none */
	struct view raw; /* the message: told apart by it, kept where it was not understood */
	int64_t now;
	/* Of an event that names the message by itself; 0: the tokens of the verdict tell. */
	int64_t campaign, contact;
};
struct returns_outcome {
	bool known;		   /* it was had before: nothing was done */
	int64_t number;		   /* that "bounce show" takes */
	enum bounce_kind kind;	   /* what it turned out to be for us */
	bool valid;		   /* its token is */
	int64_t campaign, contact; /* 0: unknown */
	size_t recorded, proposed; /* recipients */
	size_t suppressed, unsubscribed;
	bool asks; /* somebody without a token wants to leave a list, and is asked (question.h) */
	int64_t paused; /* it was one too many for this campaign; by itself only, not in a batch */
};
int returns_take(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct returns_outcome *out, struct fail *f);
/* Whether it was had before, by its place, space and name, and then (may be NULL) as what:
 * 1, 0, -1. */
int returns_known(struct returns *r, const struct returns_origin *origin, enum bounce_kind *kind,
	struct fail *f);

/* What is refused while it is sent goes the same way, in the turn that records it: given to
 * store_sender_watch(). */
void returns_watch(struct returns *r, struct store_turn_watch *out);

/* What somebody decided about message `number` (bounce review): do what is proposed, or
 * nothing. *n: how many of its recipients waited. */
int returns_accept(struct returns *r, int64_t number, int64_t now, size_t *n, struct fail *f);
int returns_dismiss(struct returns *r, int64_t number, int64_t now, size_t *n, struct fail *f);
#endif
