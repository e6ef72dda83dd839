#ifndef BASE_TIME_H
#define BASE_TIME_H
#include "base/view.h"

/* time - moments are int64 milliseconds since 1970-01-01T00:00:00Z, in UTC.
 * Only the callers at the edge (cmd/, the drivers) read a clock; everything
 * else is handed the moment. */
enum {
	TIME_ISO_SIZE = 25,
	TIME_SECOND = 1000,
	TIME_MINUTE = 60000,
	TIME_HOUR = 3600000,
	TIME_DAY = 86400000
};

struct time_civil {
	int year, month, day; /* 1-12, 1-31 */
	int hour, minute, second, ms;
	int weekday; /* 0 is Sunday */
};

int64_t time_now(void);	       /* the wall clock */
int64_t time_monotonic(void);  /* for waits: never jumps, counts no suspend */
int64_t time_since_boot(void); /* never jumps either, and counts suspends */

void time_civil(int64_t at, struct time_civil *out); /* UTC, proleptic Gregorian */
int64_t time_of_civil(const struct time_civil *c);   /* weekday ignored */
/* Minutes east of UTC that the TZ of this process has at that moment. */
int time_zone_offset(int64_t at);

/* "2026-03-01T09:30:00.000Z" with its NUL. What lies before the year 0000 or
 * after 9999 is written as the first or last moment between them. */
void time_iso(int64_t at, char out[TIME_ISO_SIZE]);
/* RFC 3339: date alone, or date, T or space, time, optional fraction, and Z or
 * +hh:mm; the seconds may be left out. Without a zone it is the local time of
 * this process, and an hour that a clock change skips or doubles is one of the
 * two it may be. Returns false when it is none of these; *out untouched then. */
bool time_parse(struct view v, int64_t *out);
#endif
