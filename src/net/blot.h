#ifndef NET_BLOT_H
#define NET_BLOT_H
#include "base/str.h"

/* blot - a server may repeat what it was sent, and a secret must not reach a screen,
 * a log or the database (P7). Blots out the secret as it is, as URLs write it, and
 * inside of any base64, whatever stands before and after it there. */
enum {
	/* One so short that it is part of common words would only tell where it stands. */
	NET_BLOT_SECRET_MIN = 4,
	NET_BLOT_NEEDLES = 4, /* the secret itself, and base64 begun at each of three offsets */
};
#define NET_BLOT_MARK "********"

struct net_blot {
	struct str needles[NET_BLOT_NEEDLES];
};

void net_blot_init(struct net_blot *b, struct view secret); /* an empty one: blots nothing */
void net_blot_free(struct net_blot *b);			    /* wipes it; ready for another init */
/* Some of it stands in text. */
bool net_blot_finds(const struct net_blot *b, struct view text);
/* Adds text with each occurrence blotted out; -1 when out is full. */
int net_blot_out(const struct net_blot *b, struct view text, struct str *out);
#endif
