#ifndef STORE_STRIKE_H
#define STORE_STRIKE_H
#include "base/arena.h"
#include "base/vec.h"
struct fail;
struct store;

/* strike - what came back counts against an address, and what that leads to: suppressed,
 * unsubscribed, taken back. One campaign and reason counts once, however often it is told.
 * All of it is called in a batch (store/returned.h) or in a turn. */
struct store_strike {
	struct view reason;
	int64_t at;
	int64_t weight; /* hundredths; 0: forgiven */
};
/* 1 it counts, 0 it was counted before, -1. */
int store_strike_add(struct store *s, int64_t campaign, int64_t contact, struct view domain,
	const struct store_strike *strike, struct fail *f);
typedef void (*store_strike_fn)(void *ctx, const struct store_strike *strike);
int store_strike_each(
	struct store *s, int64_t contact, store_strike_fn fn, void *ctx, struct fail *f);
/* Whom it counts against at one domain since then: contacts (int64_t) are pushed, each once, and
 * one more than `most` at most. */
struct store_strike_where {
	struct view reason, domain;
	int64_t since;
	size_t most;
};
int store_strike_domain(struct store *s, const struct store_strike_where *where,
	struct vec *contacts, struct fail *f);

struct store_member_cause {
	struct view reason;
	int64_t campaign, returned, now;
};
/* The key of the address that a contact has now, in the arena: 1, 0 there is none, -1. */
int store_member_key(
	struct store *s, int64_t contact, struct arena *a, struct view *key, struct fail *f);
/* Never mailed again. 1, 0: was so before, or is forgotten; -1. */
int store_member_suppress(
	struct store *s, int64_t contact, const struct store_member_cause *cause, struct fail *f);
/* Takes that back where `reason` is what it was suppressed for. 1, 0, -1. */
int store_member_forgive(
	struct store *s, int64_t contact, struct view reason, int64_t now, struct fail *f);
/* Off the list for good, as the member wished. 1, 0: was not on it, -1. */
int store_member_unsubscribe(struct store *s, int64_t list, int64_t contact,
	const struct store_member_cause *cause, struct fail *f);
/* The contact whose address that is: 1, 0, -1. */
int store_member_find(struct store *s, struct view key, int64_t *contact, struct fail *f);
/* A new address for a contact, which starts anew: nothing counts against it. FAIL_GUARD when
 * another contact has it. */
struct store_member_address {
	struct view key, address, domain;
};
int store_member_move(struct store *s, int64_t contact, const struct store_member_address *to,
	int64_t returned, int64_t now, struct fail *f);

/* Questions that were sent to an address: how many to that one, and in all, since then. */
int store_answer_count(struct store *s, struct view key, int64_t since, int64_t *to_it,
	int64_t *all, struct fail *f);
int store_answer_add(
	struct store *s, struct view key, int64_t returned, int64_t now, struct fail *f);
#endif
