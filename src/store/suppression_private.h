#ifndef STORE_SUPPRESSION_PRIVATE_H
#define STORE_SUPPRESSION_PRIVATE_H
#include "store/store_private.h"
#include "store/suppression.h"

/* What is kept of a suppressed address: HMAC-SHA-256 with the token key of this database. */
void store_suppression_hash(const struct store *s, struct view key, unsigned char out[DIGEST_SIZE]);
/* What put it there; 0: nothing that is known. */
struct store_suppression_cause {
	struct view reason;
	int64_t campaign, returned, now;
};
/* Inside a transaction, with the event. 1 it was not there, 0 it was, -1. */
int store_suppression_put(struct store *s, struct view key,
	const struct store_suppression_cause *cause, struct fail *f);
/* 1 it was there, 0, -1. `why` is for the event. */
int store_suppression_drop(
	struct store *s, struct view key, struct view why, int64_t now, struct fail *f);
/* 1 it is on the list, 0, -1. */
int store_suppression_has(struct store *s, const unsigned char hash[DIGEST_SIZE], struct fail *f);
#endif
