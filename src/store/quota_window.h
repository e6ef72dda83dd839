#ifndef STORE_QUOTA_WINDOW_H
#define STORE_QUOTA_WINDOW_H
#include <stdint.h>
#include "base/vec.h"

/* quota_window - one limit: at most `count` in ANY window of `length` ms, so that a burst
 * at the seam of two windows is no loophole. What was used is remembered in buckets of
 * about a 256th of the window, and all of a bucket counts as used at its end: never too
 * little, and half a percent of the window too long. So it takes the same small room
 * whatever the count. Moments are those of quota_clock. */
enum { QUOTA_BUCKETS = 256 };

struct quota_use {
	int64_t bucket, n;
};
struct quota_window {
	int64_t count; /* INT64_MAX: only remembered */
	int64_t length;
	struct vec use; /* struct quota_use, in the order of their buckets */
};
void quota_window_init(struct quota_window *w, int64_t count, int64_t length);
void quota_window_free(struct quota_window *w);

/* In which bucket that moment is. */
int64_t quota_window_bucket(const struct quota_window *w, int64_t at);
/* The last bucket that has left the window. */
int64_t quota_window_left(const struct quota_window *w, int64_t now);
void quota_window_add(struct quota_window *w, int64_t bucket, int64_t n);
/* How many more may be used now, when `held` are under way: they may be used at
 * any moment from now on. */
int64_t quota_window_room(const struct quota_window *w, int64_t now, int64_t held);
/* When n more may be used, now or later; INT64_MAX: not before some of those held
 * have come to their end. */
int64_t quota_window_next(const struct quota_window *w, int64_t now, int64_t held, int64_t n);
#endif
