#ifndef SEND_WARMUP_H
#define SEND_WARMUP_H
#include <stdbool.h>
#include <stdint.h>
struct settings_warmup;
struct settings_window;

/* warmup - a new account is given its quota in steps, or mailbox providers take it for
 * a spammer's: `start` at first, twice as much after every `double_every`. The days count
 * from the relay's first use (store_relay_first_use()). */
#define WARMUP_DOUBLE_MS INT64_C(172800000) /* two days, where nothing is said */
enum { WARMUP_COUNT_MAX = 10000000 };	    /* past it there is nothing left to warm up */

/* The window that holds at `now`, besides the configured ones. first_use 0, or later than
 * now: it was never used. False: no warm-up is configured, or it is over. */
bool send_warmup_window(const struct settings_warmup *w, int64_t first_use, int64_t now,
	struct settings_window *out);
/* When that window changes next; INT64_MAX: not any more. */
int64_t send_warmup_next(const struct settings_warmup *w, int64_t first_use, int64_t now);
#endif
