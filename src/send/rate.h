#ifndef SEND_RATE_H
#define SEND_RATE_H
#include <stddef.h>
#include <stdint.h>

/* rate - a relay's quotas: at most `count` recipients in ANY window of
 * `window_ms`, for several windows at once. It keeps the moments of the latest
 * takes, so a burst at the seam of two windows is no loophole. The caller brings
 * the time, in ms of a clock that does not go back. */
struct rate_window {
	uint64_t count, window_ms;
};
enum { RATE_COUNT_MAX = 10000000 };

struct rate;
/* No windows: no limit. Counts past RATE_COUNT_MAX are cut to it. */
struct rate *rate_new(const struct rate_window *windows, size_t count);
void rate_free(struct rate **r);
/* The most that may ever go at once: the least count of all windows. */
uint64_t rate_most(const struct rate *r);
/* How many takes it can remember, and for how long: what to bring back after a restart. */
uint64_t rate_memory(const struct rate *r, int64_t *window_ms);
/* The earliest moment, at or after now, when n more may go. n <= rate_most(). */
int64_t rate_next(const struct rate *r, int64_t now, uint64_t n);
/* How many may go at this moment. */
uint64_t rate_room(const struct rate *r, int64_t now);
/* Moments must not go back from one take to the next. */
void rate_take(struct rate *r, int64_t now, uint64_t n);
#endif
