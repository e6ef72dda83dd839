#include "bounce/read_private.h"

/* RFC 5322 section 3.3, as leniently as people write it: "Thu, 29 Apr 2015 23:34:45 +0900 (JST)",
 * without the day of the week, with two digits for the year, with a named zone (taken as UTC). */
struct when {
	int64_t day, month, year, hour, minute, second, offset;
};

static struct view word(struct view *in)
{
	size_t n = 0;

	while (in->len > 0 && (ascii_is_space(in->p[0]) || in->p[0] == ',' || in->p[0] == ':'))
		*in = view_from(*in, 1);
	while (n < in->len && !ascii_is_space(in->p[n]) && in->p[n] != ',' && in->p[n] != ':')
		n++;
	return view_take(in, n);
}

static bool number_of(struct view v, uint64_t max, int64_t *out)
{
	uint64_t n;

	if (!view_u64(v, max, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static bool month_of(struct view v, int64_t *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int64_t i = 0; i < 12; i++)
		if (v.len >= 3 && view_eq_nocase(view_sub(v, 0, 3), view_make(names + 3 * i, 3))) {
			*out = i + 1;
			return true;
		}
	return false;
}

/* "+0900" in minutes; anything else is UTC. */
static int64_t offset_of(struct view v)
{
	int64_t n;

	if (v.len != 5 || (v.p[0] != '+' && v.p[0] != '-') || !number_of(view_from(v, 1), 2400, &n))
		return 0;
	n = n / 100 * 60 + n % 100;
	return v.p[0] == '-' ? -n : n;
}

static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

int64_t when_read(struct view text)
{
	enum { MINUTE = 60, HOUR = 3600, DAY = 86400, MS = 1000, CENTURY_TURN = 50 };
	struct when w = {0};
	struct view first = word(&text), zone;

	if (!number_of(first, 31, &w.day) && !number_of(word(&text), 31, &w.day))
		return 0;
	if (!month_of(word(&text), &w.month) || !number_of(word(&text), 9999, &w.year) ||
		!number_of(word(&text), 23, &w.hour) || !number_of(word(&text), 59, &w.minute))
		return 0;
	zone = word(&text);
	if (number_of(zone, 60, &w.second))
		zone = word(&text);
	w.offset = offset_of(zone);
	if (w.year < 100)
		w.year += w.year < CENTURY_TURN ? 2000 : 1900;
	return (days_since_1970(w.year, w.month, w.day) * DAY + w.hour * HOUR + w.minute * MINUTE +
		       w.second - w.offset * MINUTE) *
	       MS;
}
