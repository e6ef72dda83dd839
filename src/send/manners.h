#ifndef SEND_MANNERS_H
#define SEND_MANNERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* manners - how much one provider of mailboxes (or one relay) gets at a time, by how it
 * answers: half of it at every "slow down", one more after as many good answers as it has
 * on the way (additive increase, multiplicative decrease, as RFC 5681 does it for a line). Where
 * nothing but that comes it is left alone for a while, which doubles each time, and then tried
 * with one message. The caller brings the time (ms that do not go back) and the random byte. */
struct manners {
	size_t most;	   /* on the way at once; what the configuration allows */
	size_t limit;	   /* now; most while there was no reason for less */
	size_t good;	   /* answers since the limit grew */
	unsigned bad;	   /* "slow down" in a row */
	unsigned closures; /* times left alone since the last good answer */
	int64_t until;	   /* left alone until then; 0: not */
};

enum {
	MANNERS_CLOSE_AFTER = 5,	/* "slow down" in a row until it is left alone */
	MANNERS_CLOSE_MS = 60000,	/* for so long the first time */
	MANNERS_CLOSE_MAX_MS = 3600000, /* and at most */
};

/* `most` 0: no limit. */
void manners_init(struct manners *m, size_t most);
/* Whether one more may go while `flying` are on the way. */
bool manners_allow(const struct manners *m, size_t flying, int64_t now);
/* When it is worth asking again; `now` unless it is left alone. */
int64_t manners_next(const struct manners *m, int64_t now);
void manners_good(struct manners *m);
/* "Slow down", while so many were on the way, this one included. True when it is left
 * alone from now on. */
bool manners_slow(struct manners *m, size_t flying, int64_t now, unsigned char random);
/* How long to leave alone whoever is left alone for the nth time in a row, from 1. */
int64_t manners_closure(unsigned n, unsigned char random);
/* It has been slowed down and is not back to what the configuration allows. */
bool manners_is_slow(const struct manners *m);
#endif
