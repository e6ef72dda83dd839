#ifndef STORE_SUPPRESSION_H
#define STORE_SUPPRESSION_H
#include "base/view.h"
struct store;
struct fail;

/* suppression - addresses that are never mailed again, on any list. What is
 * kept is a hash of the normalised address (HMAC with this database's key), so
 * that it outlives the erasure of a contact. */
int store_suppress_add(
	struct store *s, struct view key, struct view reason, int64_t now, struct fail *f);
/* Takes it off, and what counted against it before counts no more. */
int store_suppress_remove(
	struct store *s, struct view key, int64_t now, struct fail *f); /* 1, 0, -1 */
int store_suppressed(struct store *s, struct view key, struct fail *f); /* 1, 0, -1 */
struct store_suppression {
	struct view address; /* empty when no contact has it any more */
	struct view reason;  /* by hand: any text; else a word of BOUNCES.md section 2 */
	int64_t at;
	int64_t campaign, returned; /* which caused it (store/returned.h); 0: none */
};
typedef int (*store_suppression_fn)(void *ctx, const struct store_suppression *one);
int store_suppress_each(struct store *s, store_suppression_fn fn, void *ctx, struct fail *f);
#endif
