#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "base/view.h"

/* arena - memory for one unit of work (a message, a row, a request): everything
 * taken from it dies together in arena_reset() or arena_free(). Never NULL. */
struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first */
};

void arena_init(struct arena *a);
void arena_reset(struct arena *a); /* keeps one block for the next unit */
void arena_free(struct arena *a);
void *arena_alloc(struct arena *a, size_t size);  /* zeroed, aligned for any type */
char *arena_dupz(struct arena *a, struct view v); /* copy with a NUL after it */
struct view arena_dup(struct arena *a, struct view v);
#endif
