#include "mail/date.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"

enum { DATE_OFFSET_MAX = 24 * 60 - 1, DATE_YEAR_MIN = 1900, DATE_YEAR_MAX = 9999 };

/* Ends of what time_civil() is asked to cut into days. */
static const int64_t earliest = INT64_C(-2208988800000), latest = INT64_C(253402300799999);

int date_format(int64_t at, int offset, char out[DATE_SIZE], struct fail *f)
{
	/* Never translated: RFC 5322 has these words in English. */
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct time_civil c = {.year = 0};
	int minutes;

	if (offset >= -DATE_OFFSET_MAX && offset <= DATE_OFFSET_MAX && at >= earliest &&
		at <= latest)
		time_civil(at + (int64_t)offset * TIME_MINUTE, &c);
	if (c.year < DATE_YEAR_MIN || c.year > DATE_YEAR_MAX)
		return fail_set(f, FAIL_DATA, _("a date that a message cannot carry"));
	minutes = offset < 0 ? -offset : offset;
	(void)snprintf(out, DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d %c%02d%02d",
		days[c.weekday], c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second,
		offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return 0;
}
