#ifndef RETURNS_RETURNS_PRIVATE_H
#define RETURNS_RETURNS_PRIVATE_H
#include "base/arena.h"
#include "base/fail.h"
#include "base/vec.h"
#include "mail/token.h"
#include "returns/policy.h"
#include "returns/question.h"
#include "returns/take.h"
#include "settings/settings.h"
#include "store/later.h"
#include "store/returned.h"
#include "store/strike.h"

/* What the files of this module share. */
enum { RETURNS_REPLIES_OF_ONE = 1 };		   /* questions to one address in a day */
#define RETURNS_LATEST_MS (60 * (int64_t)86400000) /* after it was sent: later it does not act */

struct returns {
	struct store *store;
	const struct settings *settings;
	const struct token_keys *keys;
	struct view rehearsal; /* key of safety.redirect_all_to; empty: none */
	struct arena own;      /* as long as this */
	struct arena a;	       /* of the message at hand */
	struct view *rcpt_key; /* of its recipients, once asked for: see tie.c; in `a` */
	bool open;	       /* in a batch */
	int64_t now;	       /* when it began */
	struct vec heard;      /* struct returns_heard: of the batch at hand */
	struct vec questions;  /* struct returns_question; texts in `own` */
	size_t asked_before;   /* of them, those of earlier batches */
};
/* A campaign whose numbers changed: its alarms are looked at before the commit. */
struct returns_heard {
	int64_t campaign;
	struct view detail; /* returns_detail() of what was said */
};

/* tie.c: whose message it is. */
enum returns_tie {
	TIE_NOTHING,  /* nobody's that is known */
	TIE_PROPOSED, /* somebody's, by the address or by a Message-ID's token */
	TIE_ACTS,     /* by a token, or by the relay's word */
};
struct returns_tied {
	enum returns_tie how;
	/* By a token that many have seen (one message to many), or that is another recipient's than
	 * the report names: what it says is recorded, and nobody loses anything unseen. */
	bool unsure;
	struct store_sent sent; /* unset for TIE_NOTHING */
};
/* The token that counts, if any: 1, 0. */
bool returns_token(const struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, enum token_purpose purpose, int64_t *campaign,
	int64_t *contact);
/* Recipient i of the verdict (recipient_count: somebody whom it does not name). */
int returns_tie(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, const struct returns_outcome *who, size_t i,
	struct returns_tied *out, struct fail *f);
/* The key of an address as it came from outside, in the arena; empty when it is none. */
struct view returns_key(struct returns *r, struct view address);

/* Whether the contact has another address since it was sent, so that what is said of the old one
 * costs the new one nothing: 1, 0, -1. */
int returns_gave_up(struct returns *r, const struct store_sent *sent, struct fail *f);

/* effect.c: what it does, in words for the record. */
enum bounce_kind returns_rcpt_kind(const struct bounce_verdict *v, size_t i);
struct returns_case {
	const struct store_sent *sent;
	enum bounce_kind kind; /* of this recipient */
	enum bounce_complaint complaint;
	enum bounce_reason reason;
	enum bounce_permanence permanence;
	struct view status, text;
	int64_t returned, now;
	bool unsure; /* as in returns_tied */
};
struct returns_done {
	const char *did; /* "suppressed", "counted", "held", "unsubscribed", "bounced", ... or "" */
	bool review;	 /* somebody has to look */
};
int returns_effect(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f);
/* The part of a failure that concerns the address. */
int returns_punish(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f);

/* question.c: whether a program wrote it, or a list handed it on, by its header alone. */
bool returns_is_automatic(struct view raw);
/* Somebody without a token asks to leave. 1: a question will be sent, 0, -1. */
int returns_ask(struct returns *r, const struct store_sent *sent, struct view author,
	const struct returns_origin *origin, int64_t number, struct fail *f);

/* alarm.c: remembers such a campaign; looks at all of them and forgets them. */
void returns_hear(struct returns *r, int64_t campaign, struct view text);
int returns_alarm(struct returns *r, int64_t now, int64_t *paused, struct fail *f);

/* A cause for an alarm (store/later.h). What nobody can vouch for is kept apart: it is told, and
 * pauses nothing. */
int returns_cause(struct returns *r, const struct returns_case *c, struct fail *f);

/* record.c: a verdict as it is stored. */
struct view returns_why(struct returns *r, const struct bounce_evidence *why);
void returns_record(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct store_returned *out);
void returns_record_rcpt(
	struct returns *r, const struct bounce_recipient *rcpt, struct store_returned_rcpt *out);
#endif
