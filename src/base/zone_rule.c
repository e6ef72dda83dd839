#include "base/time.h"
#include "base/zone_private.h"

enum {
	RULE_NAME_MIN = 3,
	RULE_HOURS_MAX = 24,	   /* of an offset */
	RULE_TIME_HOURS_MAX = 167, /* of a change: RFC 8536 section 3.3.1 */
	RULE_YEARS = 3,		   /* a change may lie in the year beside its own */
	RULE_TIME = 7200,	   /* when no time is given */
	HOUR = 3600,
	DAY = 86400
};

/* --- reading ------------------------------------------------------------- */

static bool take_char(struct view *v, char c)
{
	if (v->len == 0 || v->p[0] != c)
		return false;
	*v = view_from(*v, 1);
	return true;
}

static bool take_number(struct view *v, uint64_t max, int *out)
{
	size_t digits = 0;
	uint64_t n;

	while (digits < v->len && ascii_is_digit(v->p[digits]))
		digits++;
	if (!view_u64(view_sub(*v, 0, digits), max, &n))
		return false;
	*out = (int)n;
	*v = view_from(*v, digits);
	return true;
}

/* "CET", or "<+11>" where it is no word. */
static bool take_name(struct view *v)
{
	bool quoted = take_char(v, '<');
	size_t len = 0;

	while (len < v->len && (ascii_is_alpha(v->p[len]) ||
				       (quoted && (ascii_is_digit(v->p[len]) || v->p[len] == '+' ||
							  v->p[len] == '-'))))
		len++;
	*v = view_from(*v, len);
	return len >= RULE_NAME_MIN && (!quoted || take_char(v, '>'));
}

/* [+-]h[:mm[:ss]] */
static bool take_time(struct view *v, uint64_t hours_max, int *out)
{
	int sign = take_char(v, '-') ? -1 : 1, hours, minutes = 0, seconds = 0;

	if (sign > 0)
		(void)take_char(v, '+');
	if (!take_number(v, hours_max, &hours))
		return false;
	if (take_char(v, ':')) {
		if (!take_number(v, 59, &minutes))
			return false;
		if (take_char(v, ':') && !take_number(v, 59, &seconds))
			return false;
	}
	*out = sign * (hours * HOUR + minutes * 60 + seconds);
	return true;
}

static bool take_day(struct view *v, struct zone_day *d)
{
	if (take_char(v, 'M')) {
		d->kind = ZONE_DAY_MONTH;
		if (!take_number(v, 12, &d->month) || !take_char(v, '.') ||
			!take_number(v, 5, &d->week) || !take_char(v, '.') ||
			!take_number(v, 6, &d->day) || d->month == 0 || d->week == 0)
			return false;
	} else if (take_char(v, 'J')) {
		d->kind = ZONE_DAY_JULIAN;
		if (!take_number(v, 365, &d->day) || d->day == 0)
			return false;
	} else {
		d->kind = ZONE_DAY_ZERO;
		if (!take_number(v, 365, &d->day))
			return false;
	}
	d->time = RULE_TIME;
	return !take_char(v, '/') || take_time(v, RULE_TIME_HOURS_MAX, &d->time);
}

/* POSIX counts west of Greenwich; here it is east. */
bool zone_rule_parse(struct view v, struct zone_rule *out)
{
	int west;

	*out = (struct zone_rule){0};
	if (!take_name(&v) || !take_time(&v, RULE_HOURS_MAX, &west))
		return false;
	out->standard = -west;
	if (v.len == 0)
		return true;
	out->changes = true;
	out->summer = out->standard + HOUR;
	if (!take_name(&v))
		return false;
	if (v.len > 0 && v.p[0] != ',') {
		if (!take_time(&v, RULE_HOURS_MAX, &west))
			return false;
		out->summer = -west;
	}
	return take_char(&v, ',') && take_day(&v, &out->start) && take_char(&v, ',') &&
	       take_day(&v, &out->end) && v.len == 0;
}

/* --- telling ------------------------------------------------------------- */

static int64_t day_of(int year, int month, int day)
{
	const struct time_civil c = {.year = year, .month = month, .day = day};

	return time_of_civil(&c) / TIME_DAY;
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t month_rule(const struct zone_day *d, int year)
{
	int64_t first = day_of(year, d->month, 1), day;
	int64_t next = d->month == 12 ? day_of(year + 1, 1, 1) : day_of(year, d->month + 1, 1);
	int weekday = (int)((first + 4) % 7);

	if (weekday < 0)
		weekday += 7;
	day = first + (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
	return day >= next ? day - 7 : day;
}

/* The second of the clock that shows `offset` at which it is set in that year. */
static int64_t change(const struct zone_day *d, int year, int offset)
{
	int64_t day = day_of(year, 1, 1);

	if (d->kind == ZONE_DAY_MONTH)
		day = month_rule(d, year);
	else if (d->kind == ZONE_DAY_JULIAN)
		day += d->day - 1 + (leap(year) && d->day >= 60);
	else
		day += d->day;
	return day * DAY + d->time - offset;
}

static int year_of(const struct zone_rule *r, int64_t second)
{
	struct time_civil c;

	time_civil((second + r->standard) * TIME_SECOND, &c);
	return c.year;
}

/* Where a year's summer ends as the next one begins, it is summer all year. */
int zone_rule_offset(const struct zone_rule *r, int64_t second)
{
	int64_t latest = INT64_MIN;
	int offset = r->standard;

	for (int i = 0; r->changes && i < RULE_YEARS; i++) {
		int year = year_of(r, second) - 1 + i;
		int64_t end = change(&r->end, year, r->summer);
		int64_t start = change(&r->start, year, r->standard);

		if (end <= second && end > latest) {
			latest = end;
			offset = r->standard;
		}
		if (start <= second && start >= latest) {
			latest = start;
			offset = r->summer;
		}
	}
	return offset;
}

int64_t zone_rule_next(const struct zone_rule *r, int64_t second)
{
	int64_t next = INT64_MAX;

	for (int i = 0; r->changes && i < RULE_YEARS; i++) {
		int year = year_of(r, second) - 1 + i;
		int64_t at[] = {
			change(&r->start, year, r->standard), change(&r->end, year, r->summer)};

		for (int k = 0; k < 2; k++)
			if (at[k] > second && at[k] < next)
				next = at[k];
	}
	return next;
}
