#ifndef CMD_WHEN_H
#define CMD_WHEN_H
#include "base/view.h"
struct fail;

/* when - moments and spans as people type them, and as they are told to them. Local is
 * the time zone of this process. */

/* "2026-12-01 09:00" local, or with Z or an offset; "09:00", "9h30": the next one;
 * "tomorrow 09:00", "demain 9h"; "monday 9:00", "lundi 9h": the next one; "+2h".
 * FAIL_USAGE when it is none of these, in the past, or more than a year ahead. */
int when_parse(const char *text, int64_t now, int64_t *out, struct fail *f);
/* "5d", "36h", "90min", of at most 30 days. FAIL_USAGE. */
int when_span(const char *text, int64_t *ms, struct fail *f);

enum { WHEN_SIZE = 64 };
/* "12 minutes", "3 hours", "5 days": the nearest. */
const char *when_lasts(int64_t ms, char out[WHEN_SIZE]);
/* "14:05" where that is today, else "2026-12-01 14:05". */
const char *when_at(int64_t at, int64_t now, char out[WHEN_SIZE]);
#endif
