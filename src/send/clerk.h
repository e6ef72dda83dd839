#ifndef SEND_CLERK_H
#define SEND_CLERK_H
#include <stdbool.h>
struct fail;

/* clerk - a thread that does one piece of work at a time for its owner, who goes on
 * meanwhile. What the work touches is the clerk's from clerk_begin() until clerk_over()
 * or clerk_wait() has said that it is done, and the owner's otherwise: no other lock. */
struct clerk;
struct clerk_task {
	void (*work)(void *ctx);
	void (*woken)(void *ctx); /* called in the thread after each work; may be NULL */
	void *ctx, *woken_ctx;
};

/* FAIL_TEMP when there can be no thread. */
int clerk_new(const struct clerk_task *task, struct clerk **out, struct fail *f);
void clerk_free(struct clerk **c); /* waits for the work that is being done */

void clerk_begin(struct clerk *c); /* not while it is busy */
/* From begin until over or wait. */
bool clerk_busy(const struct clerk *c);
bool clerk_over(struct clerk *c); /* true once: the work is done */
void clerk_wait(struct clerk *c); /* until it is done; nothing when it is not busy */
#endif
