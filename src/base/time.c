#include "base/time.h"

/* What four digits of a year can say: 0000-01-01 to the end of 9999-12-31. */
static const int64_t ISO_FIRST = INT64_C(-62167219200000), ISO_LAST = INT64_C(253402300799999);

static int64_t read_clock(clockid_t which)
{
	struct timespec ts = {0, 0};

	(void)clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * TIME_SECOND + ts.tv_nsec / 1000000;
}

int64_t time_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t time_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t time_since_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t floor_mod(int64_t a, int64_t b)
{
	return a % b + (a % b < 0 ? b : 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back. The year is
 * counted from March so that the leap day comes last. */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t in_era = y - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void date_of_days(int64_t days, struct time_civil *c)
{
	int64_t era, in_era, year, in_year, month;

	days += 719468;
	era = floor_div(days, 146097);
	in_era = days - era * 146097;
	year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	in_year = in_era - (365 * year + year / 4 - year / 100);
	month = (5 * in_year + 2) / 153;
	c->day = (int)(in_year - (153 * month + 2) / 5 + 1);
	c->month = (int)(month < 10 ? month + 3 : month - 9);
	c->year = (int)(year + era * 400 + (c->month <= 2));
}

void time_civil(int64_t at, struct time_civil *out)
{
	int64_t days = floor_div(at, TIME_DAY);
	int ms = (int)floor_mod(at, TIME_DAY);

	date_of_days(days, out);
	out->weekday = (int)floor_mod(days + 4, 7);
	out->hour = ms / TIME_HOUR;
	out->minute = ms / TIME_MINUTE % 60;
	out->second = ms / TIME_SECOND % 60;
	out->ms = ms % TIME_SECOND;
}

int64_t time_of_civil(const struct time_civil *c)
{
	return days_of_date(c->year, c->month, c->day) * TIME_DAY + (int64_t)c->hour * TIME_HOUR +
	       (int64_t)c->minute * TIME_MINUTE + (int64_t)c->second * TIME_SECOND + c->ms;
}

int time_zone_offset(int64_t at)
{
	time_t seconds = (time_t)floor_div(at, TIME_SECOND);
	struct tm tm;
	int64_t local;

	if (localtime_r(&seconds, &tm) == NULL)
		return 0;
	local = days_of_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday) *
			(TIME_DAY / TIME_SECOND) +
		tm.tm_hour * (int64_t)3600 + tm.tm_min * (int64_t)60 + tm.tm_sec;
	return (int)((local - seconds) / 60);
}

void time_iso(int64_t at, char out[TIME_ISO_SIZE])
{
	struct time_civil c;
	char wide[96];

	if (at < ISO_FIRST)
		at = ISO_FIRST;
	if (at > ISO_LAST)
		at = ISO_LAST;
	time_civil(at, &c);
	(void)snprintf(wide, sizeof wide, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month,
		c.day, c.hour, c.minute, c.second, c.ms);
	memcpy(out, wide, TIME_ISO_SIZE - 1);
	out[TIME_ISO_SIZE - 1] = '\0';
}

/* Takes `width` digits off v, then the character `after` unless it is NUL. */
static bool take(struct view *v, size_t width, char after, int *out)
{
	uint64_t n;

	if (!view_u64(view_sub(*v, 0, width), 9999, &n) || v->len < width)
		return false;
	*v = view_from(*v, width);
	*out = (int)n;
	if (after == '\0')
		return true;
	if (v->len == 0 || v->p[0] != after)
		return false;
	*v = view_from(*v, 1);
	return true;
}

static bool take_fraction(struct view *v, int *ms)
{
	int unit = 100;

	*ms = 0;
	if (v->len == 0 || v->p[0] != '.')
		return true;
	*v = view_from(*v, 1);
	if (v->len == 0 || !ascii_is_digit(v->p[0]))
		return false;
	while (v->len > 0 && ascii_is_digit(v->p[0])) {
		*ms += unit * (v->p[0] - '0');
		unit /= 10;
		*v = view_from(*v, 1);
	}
	return true;
}

static bool take_clock(struct view *v, struct time_civil *c)
{
	if (!take(v, 2, ':', &c->hour) || !take(v, 2, '\0', &c->minute))
		return false;
	if (v->len > 0 && v->p[0] == ':') {
		*v = view_from(*v, 1);
		if (!take(v, 2, '\0', &c->second) || !take_fraction(v, &c->ms))
			return false;
	}
	return c->hour < 24 && c->minute < 60 && c->second < 60;
}

/* A moment without a zone is local. Asked twice: the first guess may lie on the
 * other side of a clock change. */
static int64_t from_local(int64_t at)
{
	int64_t guess = at - (int64_t)time_zone_offset(at) * TIME_MINUTE;

	return at - (int64_t)time_zone_offset(guess) * TIME_MINUTE;
}

/* The whole of v: Z, or an offset that is taken off *at. */
static bool take_zone(struct view v, int64_t *at)
{
	int hours, minutes, sign = v.len > 0 && v.p[0] == '-' ? -1 : 1;

	if (view_is(v, "Z") || view_is(v, "z"))
		return true;
	if (!view_starts(v, VIEW("+")) && !view_starts(v, VIEW("-")))
		return false;
	v = view_from(v, 1);
	if (!take(&v, 2, ':', &hours) || !take(&v, 2, '\0', &minutes) || v.len > 0 || hours > 23 ||
		minutes > 59)
		return false;
	*at -= sign * (hours * (int64_t)TIME_HOUR + minutes * (int64_t)TIME_MINUTE);
	return true;
}

/* No 30 February: such a date comes back as another day. */
static bool date_exists(const struct time_civil *c)
{
	struct time_civil same;

	if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31)
		return false;
	time_civil(time_of_civil(c), &same);
	return same.day == c->day;
}

bool time_parse(struct view v, int64_t *out)
{
	struct time_civil c = {0};
	int64_t at;
	bool clock;

	if (!take(&v, 4, '-', &c.year) || !take(&v, 2, '-', &c.month) || !take(&v, 2, '\0', &c.day))
		return false;
	clock = v.len > 0 && (v.p[0] == 'T' || v.p[0] == 't' || v.p[0] == ' ');
	if (clock) {
		v = view_from(v, 1);
		if (!take_clock(&v, &c))
			return false;
	}
	if (!date_exists(&c))
		return false;
	at = time_of_civil(&c);
	if (v.len == 0)
		at = from_local(at);
	else if (!clock || !take_zone(v, &at))
		return false;
	*out = at;
	return true;
}
