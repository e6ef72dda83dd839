#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <unistd.h>
#include "base/time.h"

static void zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static int64_t parsed(const char *text)
{
	int64_t at = 0;

	if (!time_parse(view_of(text), &at))
		fail_msg("%s: not read", text);
	return at;
}

static void test_iso(void **state)
{
	static const struct iso_case {
		int64_t at;
		const char *want;
	} cases[] = {
		{0, "1970-01-01T00:00:00.000Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{1772357400000, "2026-03-01T09:30:00.000Z"},
		{951782400123, "2000-02-29T00:00:00.123Z"},
		{4107542399999, "2100-02-28T23:59:59.999Z"},
		{4107542400000, "2100-03-01T00:00:00.000Z"},
		{-62135596800000, "0001-01-01T00:00:00.000Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
		{-62167219200000, "0000-01-01T00:00:00.000Z"},
		/* Past what four digits can say: the nearest they can. */
		{253402300800000, "9999-12-31T23:59:59.999Z"},
		{-62167219200001, "0000-01-01T00:00:00.000Z"},
		{INT64_MAX, "9999-12-31T23:59:59.999Z"},
		{INT64_MIN, "0000-01-01T00:00:00.000Z"},
	};
	char iso[TIME_ISO_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		time_iso(cases[i].at, iso);
		assert_string_equal(iso, cases[i].want);
	}
}

/* Moments no calendar needs, but a damaged database may hold. */
static void test_far(void **state)
{
	struct time_civil c;

	(void)state;
	time_civil(INT64_MAX, &c);
	assert_int_equal(c.ms, 807);
	time_civil(INT64_MIN, &c);
	assert_int_equal(c.ms, 192);
	assert_in_range(c.month, 1, 12);
	assert_in_range(c.weekday, 0, 6);
	assert_in_range(time_zone_offset(INT64_MAX) + 24 * 60, 0, 48 * 60);
	assert_in_range(time_zone_offset(INT64_MIN) + 24 * 60, 0, 48 * 60);
}

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Day by day over 9,999 years, counted the way children do. */
static void test_every_day(void **state)
{
	static const int days_in[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct time_civil c, want = {.year = 1, .month = 1, .day = 1, .weekday = 1};
	int64_t day = -719162;

	(void)state;
	for (; want.year <= 9999; day++) {
		int64_t at = day * TIME_DAY + day % 2 * (TIME_DAY - 1) * (day < 0 ? -1 : 1);

		time_civil(at, &c);
		if (c.year != want.year || c.month != want.month || c.day != want.day ||
			c.weekday != want.weekday || time_of_civil(&c) != at)
			fail_msg("%04d-%02d-%02d: %04d-%02d-%02d", want.year, want.month, want.day,
				c.year, c.month, c.day);
		want.weekday = (want.weekday + 1) % 7;
		if (++want.day <= days_in[want.month - 1] + (want.month == 2 && leap(want.year)))
			continue;
		want.day = 1;
		if (++want.month > 12) {
			want.month = 1;
			want.year++;
		}
	}
	assert_int_equal(day * TIME_DAY, 253402300800000);
}

static void test_parse(void **state)
{
	static const struct parse_case {
		const char *in, *want; /* NULL: refused */
	} cases[] = {
		{"2026-03-01", "2026-03-01T00:00:00.000Z"},
		{"2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z"},
		{"2026-03-01t09:30:00z", "2026-03-01T09:30:00.000Z"},
		{"2026-03-01 09:30", "2026-03-01T09:30:00.000Z"},
		{"2026-03-01 09:30Z", "2026-03-01T09:30:00.000Z"},
		{"2026-03-01T09:30:05.5Z", "2026-03-01T09:30:05.500Z"},
		{"2026-03-01T09:30:05.123456789Z", "2026-03-01T09:30:05.123Z"},
		{"2026-03-01T09:30:00+11:00", "2026-02-28T22:30:00.000Z"},
		{"2026-03-01T09:30:00-03:30", "2026-03-01T13:00:00.000Z"},
		{"2026-03-01T09:30:00-00:00", "2026-03-01T09:30:00.000Z"},
		{"2024-02-29", "2024-02-29T00:00:00.000Z"},
		{"2000-02-29", "2000-02-29T00:00:00.000Z"},
		{"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
		{"2026-02-29", NULL},
		{"1900-02-29", NULL},
		{"2026-04-31", NULL},
		{"2026-00-01", NULL},
		{"2026-13-01", NULL},
		{"2026-01-00", NULL},
		{"2026-01-32", NULL},
		{"2026-03-01T24:00:00Z", NULL},
		{"2026-03-01T09:60:00Z", NULL},
		{"2026-03-01T09:30:60Z", NULL},
		{"2026-03-01T09:30:00.Z", NULL},
		{"2026-03-01T09:30:00,5Z", NULL},
		{"2026-03-01T09:30.5Z", NULL},
		{"2026-03-01T09Z", NULL},
		{"2026-03-01T", NULL},
		{"2026-03-01TZ", NULL},
		{"2026-03-01Z", NULL},
		{"2026-03-01+02:00", NULL},
		{"2026-03-01-02:00", NULL},
		{"2026-03-01T09:30:00+24:00", NULL},
		{"2026-03-01T09:30:00+02:60", NULL},
		{"2026-03-01T09:30:00+0200", NULL},
		{"2026-03-01T09:30:00+02", NULL},
		{"2026-03-01T09:30:00+2:00", NULL},
		{"2026-03-01T09:30:00+02:00Z", NULL},
		{"2026-03-01T09:30:00 Z", NULL},
		{"2026-03-01T09:30:00ZZ", NULL},
		{"2026-03-01  09:30", NULL},
		{" 2026-03-01", NULL},
		{"2026-03-01 ", NULL},
		{"2026-3-1", NULL},
		{"20260301", NULL},
		{"+026-03-01", NULL},
		{"-2026-03-01", NULL},
		{"12026-03-01", NULL},
		{"2026-03", NULL},
		{"2026", NULL},
		{"01/03/2026", NULL},
		{"", NULL},
	};

	(void)state;
	zone("UTC");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t at = 4242;
		bool ok = time_parse(view_of(cases[i].in), &at);
		char iso[TIME_ISO_SIZE];

		if (ok != (cases[i].want != NULL) || (!ok && at != 4242))
			fail_msg("\"%s\": %d", cases[i].in, ok);
		time_iso(at, iso);
		if (ok)
			assert_string_equal(iso, cases[i].want);
	}
	assert_false(time_parse(view_make(NULL, 0), &(int64_t){0}));
	assert_false(time_parse(view_make("2026-03-01\0", 11), &(int64_t){0}));
}

struct local_case {
	const char *zone, *local, *utc;
	int offset;
};

static void check_local(const struct local_case *c)
{
	int64_t at;

	zone(c->zone);
	at = parsed(c->local);
	if (at != parsed(c->utc) || time_zone_offset(at) != c->offset)
		fail_msg("%s %s: off by %lld s, offset %d", c->zone, c->local,
			(long long)(at - parsed(c->utc)) / TIME_SECOND, time_zone_offset(at));
}

#define PARIS	 "CET-1CEST,M3.5.0,M10.5.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"

/* Zones written as rules, which need no database: both sides of each change. */
static void test_rules(void **state)
{
	static const struct local_case cases[] = {
		{PARIS, "2026-01-15 12:00", "2026-01-15T11:00Z", 60},
		{PARIS, "2026-07-15 12:00", "2026-07-15T10:00Z", 120},
		{PARIS, "2026-03-29 00:30", "2026-03-28T23:30Z", 60},
		{PARIS, "2026-03-29 01:59:59.999", "2026-03-29T00:59:59.999Z", 60},
		{PARIS, "2026-03-29 03:00", "2026-03-29T01:00Z", 120},
		{PARIS, "2026-10-25 01:59", "2026-10-24T23:59Z", 120},
		{PARIS, "2026-10-25 03:00", "2026-10-25T02:00Z", 60},
		/* Skipped and doubled hours: one of the two moments they may mean. */
		{PARIS, "2026-03-29 02:30", "2026-03-29T01:30Z", 120},
		{PARIS, "2026-10-25 02:30", "2026-10-25T01:30Z", 60},
		{"<+11>-11", "2026-03-01", "2026-02-28T13:00Z", 660},
		{NEW_YORK, "2026-03-08 01:59", "2026-03-08T06:59Z", -300},
		{NEW_YORK, "2026-03-08 03:00", "2026-03-08T07:00Z", -240},
		{NEW_YORK, "2026-11-01 00:59", "2026-11-01T04:59Z", -240},
		{NEW_YORK, "2026-11-01 02:00", "2026-11-01T07:00Z", -300},
		{"NST3:30", "2026-01-15 12:00", "2026-01-15T15:30Z", -210},
		{"<+0545>-5:45", "2026-01-15 12:00", "2026-01-15T06:15Z", 345},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_local(&cases[i]);
}

static void test_names(void **state)
{
	static const struct local_case cases[] = {
		{"Europe/Paris", "2026-03-29 03:00", "2026-03-29T01:00Z", 120},
		{"Europe/Paris", "2026-10-25 03:00", "2026-10-25T02:00Z", 60},
		{"Europe/Paris", "1960-06-01", "1960-05-31T23:00Z", 60},
		{"Pacific/Noumea", "2026-03-01", "2026-02-28T13:00Z", 660},
		{"Pacific/Noumea", "2026-09-01 09:30", "2026-08-31T22:30Z", 660},
	};

	(void)state;
	if (access("/usr/share/zoneinfo/Pacific/Noumea", R_OK) != 0)
		skip(); /* no tzdata here */
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_local(&cases[i]);
}

static void test_clocks(void **state)
{
	int64_t before = time_monotonic();

	(void)state;
	assert_true(time_now() > parsed("2025-01-01T00:00Z"));
	assert_true(time_monotonic() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iso),
		cmocka_unit_test(test_far),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
