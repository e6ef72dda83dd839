#ifndef RETURNS_TAKE_H
#define RETURNS_TAKE_H
#include "bounce/verdict.h"
struct fail;
struct settings;
struct store;
struct token_keys;

/* take - what came back is taken into account, from whatever source, through this one door:
 * whose message it tells of (identity), what is recorded, and what is done (policy). All of one
 * message is one transaction; the same again changes nothing.
 *
 * Only a valid token and a delivery that it fits act. An event of a relay counts as much when
 * it names a message of ours and its recipient, for it comes from the relay's account.
 * Everything else is recorded and shown, and proposed where the address fits (bounce review). */
struct returns;
int returns_new(struct store *s, const struct settings *settings, const struct token_keys *keys,
	struct returns **out, struct fail *f);
void returns_free(struct returns **r);

enum returns_source { RETURNS_MAIL, RETURNS_EVENT };
struct returns_origin {
	enum returns_source source;
	struct view place;	 /* the name of the mailbox or relay */
	struct view space, name; /* who it is there: of fetch_id, or the event's own id */
	struct view cursor;	 /* of the mailbox, stored with it; empty: none */
	struct view raw;	 /* kept where it was not understood */
	int64_t now;
};
struct returns_outcome {
	bool known;		   /* it was had before: nothing was done */
	enum bounce_kind kind;	   /* what it turned out to be for us */
	bool valid;		   /* its token is */
	int64_t campaign, contact; /* 0: unknown */
	size_t recorded, proposed; /* recipients */
	size_t suppressed, unsubscribed;
	bool paused; /* it was one too many for its campaign */
};
int returns_take(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct returns_outcome *out, struct fail *f);
/* Whether it was had before, by its place, space and name: 1, 0, -1. */
int returns_known(struct returns *r, const struct returns_origin *origin, struct fail *f);
#endif
