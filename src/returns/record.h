#ifndef RETURNS_RECORD_H
#define RETURNS_RECORD_H
#include "base/arena.h"
#include "bounce/verdict.h"
#include "store/returned.h"

/* record - what was stored of a message, as the verdict that it was: for whoever shows both
 * alike. Tokens are not kept. Texts in the arena or where the record has them. */
void returns_verdict(const struct store_returned *r, const struct vec *rcpts, struct arena *a,
	struct bounce_verdict *out);
enum bounce_kind returns_kind(struct view name); /* BOUNCE_OTHER for what is none */
#endif
