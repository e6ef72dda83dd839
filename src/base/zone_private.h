#ifndef BASE_ZONE_PRIVATE_H
#define BASE_ZONE_PRIVATE_H
#include "base/view.h"

/* zone_private - the rule at the end of a time zone file, for all years after its table:
 * "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ, with the hours of RFC 8536 section 3.3.1).
 * Everything here is in seconds. */
enum zone_day_kind {
	ZONE_DAY_JULIAN, /* Jn: 1-365, 29 February never counted */
	ZONE_DAY_ZERO,	 /* n: 0-365 */
	ZONE_DAY_MONTH,	 /* Mm.w.d: day d (0 Sunday) of week w (5: the last) of month m */
};
struct zone_day {
	enum zone_day_kind kind;
	int day, week, month;
	int time; /* of the clock before the change; may be negative, or past a day */
};
struct zone_rule {
	int standard, summer; /* seconds east of UTC */
	bool changes;	      /* else it is standard all year */
	struct zone_day start, end;
};
/* The whole of v. False when it is no such rule; *out is then unspecified. */
bool zone_rule_parse(struct view v, struct zone_rule *out);
int zone_rule_offset(const struct zone_rule *r, int64_t second);
/* The first change after that second; INT64_MAX: none. */
int64_t zone_rule_next(const struct zone_rule *r, int64_t second);
#endif
