#include "cmd/when.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"

enum { WHEN_WEEK = 7, WHEN_DAYS_MAX = 366 };
#define WHEN_SPAN_MAX (30 * (int64_t)TIME_DAY)

/* --- spans --------------------------------------------------------------- */

static bool read_span(struct view v, int64_t max, int64_t *ms)
{
	static const struct {
		const char *name;
		int64_t worth;
	} units[] = {{"s", TIME_SECOND}, {"m", TIME_MINUTE}, {"min", TIME_MINUTE}, {"h", TIME_HOUR},
		{"d", TIME_DAY}, {"j", TIME_DAY}};
	size_t digits = 0;
	uint64_t n;

	while (digits < v.len && ascii_is_digit(v.p[digits]))
		digits++;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (!view_eq_nocase(view_trim(view_from(v, digits)), view_of(units[i].name)) ||
			!view_u64(view_sub(v, 0, digits), (uint64_t)(max / units[i].worth), &n) ||
			n == 0)
			continue;
		*ms = (int64_t)n * units[i].worth;
		return true;
	}
	return false;
}

int when_span(const char *text, int64_t *ms, struct fail *f)
{
	if (read_span(view_trim(view_of(text)), WHEN_SPAN_MAX, ms))
		return 0;
	return fail_set(f, FAIL_USAGE,
		_("\"%s\" is no time from 1s to 30d; write a number and its unit: 36h, 5d"), text);
}

/* --- moments ------------------------------------------------------------- */

/* "9:00", "09:00", "9h", "9h30": minutes of the day. */
static bool read_clock(struct view v, int64_t *minutes)
{
	ptrdiff_t at = view_chr(v, ':');
	uint64_t hours, rest = 0;
	bool colon = at >= 0;

	if (!colon)
		at = view_chr(v, 'h');
	if (at < 1 || at > 2 || !view_u64(view_sub(v, 0, (size_t)at), 23, &hours))
		return false;
	v = view_from(v, (size_t)at + 1);
	if ((colon || v.len > 0) && (v.len != 2 || !view_u64(v, 59, &rest)))
		return false;
	*minutes = (int64_t)(hours * 60 + rest);
	return true;
}

/* How many days ahead a word means; -1 when it is none. */
static int days_ahead(struct view word, int today)
{
	static const char *const days[WHEN_WEEK][4] = {{"sunday", "sun", "dimanche", "dim"},
		{"monday", "mon", "lundi", "lun"}, {"tuesday", "tue", "mardi", "mar"},
		{"wednesday", "wed", "mercredi", "mer"}, {"thursday", "thu", "jeudi", "jeu"},
		{"friday", "fri", "vendredi", "ven"}, {"saturday", "sat", "samedi", "sam"}};
	static const char *const others[][3] = {
		{"today", "aujourd'hui", "aujourd\u2019hui"}, {"tomorrow", "demain", NULL}};

	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 3; k++)
			if (view_eq_nocase(word, view_of(others[i][k])))
				return i;
	for (int day = 0; day < WHEN_WEEK; day++)
		for (int k = 0; k < 4; k++)
			if (view_eq_nocase(word, view_of(days[day][k])))
				return (day - today + WHEN_WEEK) % WHEN_WEEK;
	return -1;
}

/* That minute of the local day which is so many after today's. */
static int64_t on_day(int64_t now, int ahead, int64_t minutes)
{
	int64_t local = now + (int64_t)time_zone_offset(now) * TIME_MINUTE;
	struct time_civil c;
	char text[32];
	int64_t at = 0;

	time_civil(local + ahead * (int64_t)TIME_DAY, &c);
	(void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day,
		(int)(minutes / 60), (int)(minutes % 60));
	(void)time_parse(view_of(text), &at);
	return at;
}

static struct view last_word(struct view v, struct view *before)
{
	size_t at = v.len;

	while (at > 0 && v.p[at - 1] != ' ')
		at--;
	*before = view_trim(view_sub(v, 0, at));
	return view_from(v, at);
}

/* "tomorrow 09:00", "lundi 9h", "9:00": false when it is none of them. */
static bool read_day_and_clock(struct view v, int64_t now, int64_t *out)
{
	struct view before, word = last_word(v, &before);
	struct time_civil c;
	int64_t minutes;
	int ahead = 0;

	time_civil(now + (int64_t)time_zone_offset(now) * TIME_MINUTE, &c);
	if (before.len > 0)
		ahead = days_ahead(before, c.weekday);
	if (ahead < 0 || !read_clock(word, &minutes))
		return false;
	*out = on_day(now, ahead, minutes);
	/* What has passed today comes again: the clock tomorrow, the day of the week in a week. */
	if (*out <= now && before.len == 0)
		*out = on_day(now, 1, minutes);
	else if (*out <= now && ahead == 0 && days_ahead(before, (c.weekday + 1) % WHEN_WEEK) != 0)
		*out = on_day(now, WHEN_WEEK, minutes);
	return true;
}

static bool read_moment(struct view v, int64_t now, int64_t *out)
{
	int64_t ms;

	if (view_starts(v, VIEW("+"))) {
		if (!read_span(view_from(v, 1), WHEN_DAYS_MAX * (int64_t)TIME_DAY, &ms))
			return false;
		*out = now + ms;
		return true;
	}
	return (view_chr(v, ':') >= 0 && time_parse(v, out)) || read_day_and_clock(v, now, out);
}

int when_parse(const char *text, int64_t now, int64_t *out, struct fail *f)
{
	char at[WHEN_SIZE];
	int64_t read;

	if (!read_moment(view_trim(view_of(text)), now, &read))
		return fail_set(f, FAIL_USAGE,
			_("\"%s\" is no moment; write one as in \"2026-12-01 09:00\", \"tomorrow "
			  "09:00\", \"monday 09:00\", \"09:00\" or \"+2h\""),
			text);
	if (read <= now)
		return fail_set(f, FAIL_USAGE, _("\"%s\" is %s, which is past"), text,
			when_at(read, now, at));
	if (read > now + WHEN_DAYS_MAX * (int64_t)TIME_DAY)
		return fail_set(
			f, FAIL_USAGE, _("\"%s\" is more than a year ahead; is that meant?"), text);
	*out = read;
	return 0;
}

/* --- told ---------------------------------------------------------------- */

const char *when_lasts(int64_t ms, char out[WHEN_SIZE])
{
	long long minutes = (ms + TIME_MINUTE / 2) / TIME_MINUTE;
	long long hours = (ms + TIME_HOUR / 2) / TIME_HOUR, days = (ms + TIME_DAY / 2) / TIME_DAY;

	if (ms < TIME_MINUTE)
		(void)snprintf(out, WHEN_SIZE, "%s", _("less than a minute"));
	else if (minutes < 120)
		(void)snprintf(out, WHEN_SIZE, _n("%lld minute", "%lld minutes", minutes), minutes);
	else if (hours < 48)
		(void)snprintf(out, WHEN_SIZE, _n("%lld hour", "%lld hours", hours), hours);
	else
		(void)snprintf(out, WHEN_SIZE, _n("%lld day", "%lld days", days), days);
	return out;
}

const char *when_at(int64_t at, int64_t now, char out[WHEN_SIZE])
{
	struct time_civil c, today;

	time_civil(at + (int64_t)time_zone_offset(at) * TIME_MINUTE, &c);
	time_civil(now + (int64_t)time_zone_offset(now) * TIME_MINUTE, &today);
	if (c.year == today.year && c.month == today.month && c.day == today.day)
		(void)snprintf(out, WHEN_SIZE, "%02d:%02d", c.hour, c.minute);
	else
		(void)snprintf(out, WHEN_SIZE, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day,
			c.hour, c.minute);
	return out;
}
