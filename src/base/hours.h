#ifndef BASE_HOURS_H
#define BASE_HOURS_H
#include "base/view.h"
struct fail;

/* hours - the hours in which something may happen, by the clock of a place:
 *	08:00-20:00 Pacific/Noumea
 *	mon-fri 08:00-12:30 Europe/Paris	(or lun-ven; or mon,wed,sat)
 *	22:00-06:00 UTC				(over midnight: the night after the day named)
 * They begin with their first minute and end before their last one. Where the clock is
 * set forward over the beginning they begin then; hours that it shows twice count twice. */
struct hours_rule {
	unsigned days;	   /* 1 << weekday, 0 is Sunday */
	int opens, closes; /* minutes of the day, 0-1439 and 1-1440 */
	struct view zone;  /* its name, not looked up */
};
/* The whole of text. False when it is not written so. */
bool hours_rule_parse(struct view text, struct hours_rule *out);

struct hours;
/* With the zone looked up. FAIL_CONF when it is not written so, or there is no such zone. */
int hours_new(struct view text, struct hours **out, struct fail *f);
void hours_free(struct hours **h);

bool hours_open(const struct hours *h, int64_t at);
/* The first moment after `at` at which hours_open() is another; INT64_MAX: never. */
int64_t hours_change(const struct hours *h, int64_t at);
/* `at` itself when it is open, else when it opens next. NULL is always open. */
int64_t hours_opens(const struct hours *h, int64_t at);
#endif
