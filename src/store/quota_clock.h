#ifndef STORE_QUOTA_CLOCK_H
#define STORE_QUOTA_CLOCK_H
#include <stdbool.h>
#include <stdint.h>

/* quota_clock - the clock of the quotas, in ms, the same for every process that uses a
 * database. Within one boot of the machine it goes exactly as time does, whatever is done to the wall clock: it counts the time since boot, suspends
 * included. Over a boot there is only the wall clock to ask; one that has gone back tells
 * nothing, and then no time has passed: quotas wait longer, and never break. */
enum {
	QUOTA_BOOT_SIZE = 144,
	QUOTA_CLOCK_SLACK_MS = 10,   /* between two readings of two clocks */
	QUOTA_CLOCK_NOTE_MS = 10000, /* noted anew when so much has passed */
};

/* This moment, as the machine tells it. */
struct quota_moment {
	char boot[QUOTA_BOOT_SIZE]; /* which boot, and whose count of time since then */
	int64_t since_boot, wall;
};
/* Reads them; `proc` is "/proc" but in tests. */
void quota_moment_read(const char *proc, struct quota_moment *out);
/* The same boot a little later. */
void quota_moment_refresh(struct quota_moment *m);

/* A moment that was noted, and what the clock said then. All zero: never. */
struct quota_clock {
	struct quota_moment at; /* its wall clock: the furthest that was ever seen */
	int64_t ms;
	bool lost; /* this boot has not seen the wall clock get so far */
};
/* What the clock says at m. True: *c has been noted anew, and should be kept. */
bool quota_clock_read(struct quota_clock *c, const struct quota_moment *m, int64_t *ms);
#endif
