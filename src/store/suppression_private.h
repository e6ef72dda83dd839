#ifndef STORE_SUPPRESSION_PRIVATE_H
#define STORE_SUPPRESSION_PRIVATE_H
#include "store/store_private.h"
#include "store/suppression.h"

/* What is kept of a suppressed address: HMAC-SHA-256 with the token key of this database. */
void store_suppression_hash(const struct store *s, struct view key, unsigned char out[DIGEST_SIZE]);
/* 1 it is on the list, 0, -1. */
int store_suppression_has(struct store *s, const unsigned char hash[DIGEST_SIZE], struct fail *f);
#endif
