#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/time.h"
#include "cmd/when.h"

/* Thursday, 2026-11-26 15:30 in Nouméa (UTC+11). */
static const char *const now_text = "2026-11-26T15:30:00+11:00";

static int64_t at(const char *text)
{
	int64_t moment = 0;

	if (!time_parse(view_of(text), &moment))
		fail_msg("%s: no moment", text);
	return moment;
}

static void zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

static void test_moments(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: refused */
	} cases[] = {
		{"2026-12-01 09:00", "2026-12-01T09:00:00+11:00"},
		{"2026-12-01T09:00:30Z", "2026-12-01T09:00:30Z"},
		{"2026-12-01 09:00+01:00", "2026-12-01T09:00:00+01:00"},
		{" 18:00 ", "2026-11-26T18:00:00+11:00"},
		{"15:30", "2026-11-27T15:30:00+11:00"},
		{"9:05", "2026-11-27T09:05:00+11:00"},
		{"9h", "2026-11-27T09:00:00+11:00"},
		{"9h30", "2026-11-27T09:30:00+11:00"},
		{"today 18:00", "2026-11-26T18:00:00+11:00"},
		{"tomorrow 09:00", "2026-11-27T09:00:00+11:00"},
		{"Demain 9h", "2026-11-27T09:00:00+11:00"},
		{"friday 9:00", "2026-11-27T09:00:00+11:00"},
		{"lundi 08:15", "2026-11-30T08:15:00+11:00"},
		{"thu 16:00", "2026-11-26T16:00:00+11:00"},
		{"jeudi 15h", "2026-12-03T15:00:00+11:00"},
		{"+2h", "2026-11-26T17:30:00+11:00"},
		{"+90min", "2026-11-26T17:00:00+11:00"},
		{"+3d", "2026-11-29T15:30:00+11:00"},
		{"+3 j", "2026-11-29T15:30:00+11:00"},
		{"", NULL},
		{"noon", NULL},
		{"2026-12-01", NULL},
		{"2026-02-30 09:00", NULL},
		{"2026-11-26 15:30", NULL},
		{"today 09:00", NULL},
		{"aujourd'hui 9h", NULL},
		{"tomorrow", NULL},
		{"someday 9:00", NULL},
		{"24:00", NULL},
		{"9:60", NULL},
		{"9:5", NULL},
		{"9", NULL},
		{"+0h", NULL},
		{"+h", NULL},
		{"+2", NULL},
		{"+2 weeks", NULL},
		{"+99999999999999999999h", NULL},
		{"2027-12-01 09:00", NULL},
	};
	struct fail f;

	(void)state;
	zone("Pacific/Noumea");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t got = 0;
		int ret = when_parse(cases[i].text, at(now_text), &got, &f);

		if ((ret == 0) != (cases[i].want != NULL) || (ret == 0 && got != at(cases[i].want)))
			fail_msg("\"%s\": %d, %lld", cases[i].text, ret, (long long)got);
		if (ret < 0)
			assert_int_equal(f.kind, FAIL_USAGE);
	}
}

/* The day after tomorrow's clock change has another offset. */
static void test_summer(void **state)
{
	int64_t got = 0;
	struct fail f;

	(void)state;
	zone("Europe/Paris");
	assert_int_equal(when_parse("demain 09:00", at("2026-03-28T12:00:00+01:00"), &got, &f), 0);
	assert_int_equal(got, at("2026-03-29T09:00:00+02:00"));
	assert_int_equal(when_parse("09:00", at("2026-10-24T12:00:00+02:00"), &got, &f), 0);
	assert_int_equal(got, at("2026-10-25T09:00:00+01:00"));
}

static void test_spans(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* 0: refused */
	} cases[] = {
		{"5d", 5 * INT64_C(86400000)},
		{"36h", 36 * INT64_C(3600000)},
		{"90 min", 90 * INT64_C(60000)},
		{"2J", 2 * INT64_C(86400000)},
		{"30d", 30 * INT64_C(86400000)},
		{"31d", 0},
		{"0d", 0},
		{"5", 0},
		{"d", 0},
		{"-5d", 0},
		{"5d12h", 0},
	};
	struct fail f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t got = 0;
		int ret = when_span(cases[i].text, &got, &f);

		if ((ret == 0) != (cases[i].want != 0) || (ret == 0 && got != cases[i].want))
			fail_msg("\"%s\": %d, %lld", cases[i].text, ret, (long long)got);
	}
}

static void test_told(void **state)
{
	char out[WHEN_SIZE];

	(void)state;
	zone("Pacific/Noumea");
	assert_string_equal(when_lasts(59999, out), "less than a minute");
	assert_string_equal(when_lasts(60000, out), "1 minute");
	assert_string_equal(when_lasts(89999, out), "1 minute");
	assert_string_equal(when_lasts(90000, out), "2 minutes");
	assert_string_equal(when_lasts(2 * INT64_C(3600000) - 1, out), "2 hours");
	assert_string_equal(when_lasts(119 * 60000, out), "119 minutes");
	assert_string_equal(when_lasts(2 * INT64_C(3600000), out), "2 hours");
	assert_string_equal(when_lasts(47 * INT64_C(3600000) + 1, out), "47 hours");
	assert_string_equal(when_lasts(48 * INT64_C(3600000) - 1, out), "2 days");
	assert_string_equal(when_lasts(5 * INT64_C(86400000) + 3600000, out), "5 days");
	assert_string_equal(when_at(at("2026-11-26T23:59:00+11:00"), at(now_text), out), "23:59");
	assert_string_equal(
		when_at(at("2026-11-27T00:00:00+11:00"), at(now_text), out), "2026-11-27 00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_summer),
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
