#ifndef SMTP_BLOT_H
#define SMTP_BLOT_H
#include "base/str.h"

/* blot - a server may repeat what it was sent, and a secret must not reach a screen,
 * a log or the database (P7). Blots out the secret as it is, as URLs write it, and
 * inside of any base64, whatever stands before and after it there. */
enum {
	/* One so short that it is part of common words would only tell where it stands. */
	SMTP_BLOT_SECRET_MIN = 4,
	SMTP_BLOT_NEEDLES = 4, /* the secret itself, and base64 begun at each of three offsets */
};
#define SMTP_BLOT_MARK "********"

struct smtp_blot {
	struct str needles[SMTP_BLOT_NEEDLES];
};

void smtp_blot_init(struct smtp_blot *b, struct view secret); /* an empty one: blots nothing */
void smtp_blot_free(struct smtp_blot *b);		      /* wipes it; ready for another init */
/* Some of it stands in text. */
bool smtp_blot_finds(const struct smtp_blot *b, struct view text);
/* Adds text with each occurrence blotted out; -1 when out is full. */
int smtp_blot_out(const struct smtp_blot *b, struct view text, struct str *out);
#endif
