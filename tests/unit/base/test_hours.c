#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/hours.h"
#include "base/time.h"

static struct hours *made(const char *text)
{
	struct hours *h = NULL;
	struct fail f;

	if (hours_new(view_of(text), &h, &f) < 0)
		fail_msg("%s: %s", text, f.text);
	return h;
}

static int64_t at(const char *text)
{
	int64_t moment = 0;

	if (!time_parse(view_of(text), &moment))
		fail_msg("%s: no moment", text);
	return moment;
}

static void test_written(void **state)
{
	static const struct {
		const char *text;
		unsigned days; /* 0: refused */
		int opens, closes;
	} cases[] = {
		{"08:00-20:00 Pacific/Noumea", 0x7f, 480, 1200},
		{"  8:00-20:00   Pacific/Noumea ", 0x7f, 480, 1200},
		{"mon-fri 08:00-20:00 Europe/Paris", 0x3e, 480, 1200},
		{"LUN-Ven 08:00-20:00 Europe/Paris", 0x3e, 480, 1200},
		{"sat-mon 08:00-20:00 UTC", 0x43, 480, 1200},
		{"mer,dim,fri-sat 08:00-20:00 UTC", 0x69, 480, 1200},
		{"22:30-06:15 UTC", 0x7f, 1350, 375},
		{"00:00-24:00 UTC", 0x7f, 0, 1440},
		{"", 0, 0, 0},
		{"08:00-20:00", 0, 0, 0},
		{"08:00 Europe/Paris", 0, 0, 0},
		{"08:00-08:00 Europe/Paris", 0, 0, 0},
		{"24:00-08:00 Europe/Paris", 0, 0, 0},
		{"08:00-24:01 Europe/Paris", 0, 0, 0},
		{"08:00-00:00 Europe/Paris", 0, 0, 0},
		{"08:60-20:00 Europe/Paris", 0, 0, 0},
		{"8-20 Europe/Paris", 0, 0, 0},
		{"08:0-20:00 Europe/Paris", 0, 0, 0},
		{"mon-fry 08:00-20:00 Europe/Paris", 0, 0, 0},
		{"mon, 08:00-20:00 Europe/Paris", 0, 0, 0},
		{"mon-fri Europe/Paris", 0, 0, 0},
		{"08:00-20:00 Europe/Paris 3", 0, 0, 0},
	};
	struct hours_rule r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool good = hours_rule_parse(view_of(cases[i].text), &r);

		if (good != (cases[i].days != 0) ||
			(good && (r.days != cases[i].days || r.opens != cases[i].opens ||
					 r.closes != cases[i].closes)))
			fail_msg("\"%s\"", cases[i].text);
	}
}

static void test_refused(void **state)
{
	struct hours *h = NULL;
	struct fail f;

	(void)state;
	assert_int_equal(hours_new(VIEW("08:00-20:00"), &h, &f), -1);
	assert_int_equal(f.kind, FAIL_CONF);
	assert_int_equal(hours_new(VIEW("08:00-20:00 Pacific/Noumae"), &h, &f), -1);
	assert_int_equal(f.kind, FAIL_CONF);
	assert_non_null(strstr(f.text, "did you mean Pacific/Noumea?"));
	assert_null(h);
}

static void test_next(void **state)
{
	static const struct {
		const char *text, *now, *opens, *changes;
	} cases[] = {
		/* Nouméa is 11 hours ahead all year. */
		{"08:00-20:00 Pacific/Noumea", "2026-11-26T20:59:59Z", "2026-11-26T21:00:00Z",
			"2026-11-26T21:00:00Z"},
		{"08:00-20:00 Pacific/Noumea", "2026-11-26T21:00:00Z", "2026-11-26T21:00:00Z",
			"2026-11-27T09:00:00Z"},
		{"08:00-20:00 Pacific/Noumea", "2026-11-27T09:00:00Z", "2026-11-27T21:00:00Z",
			"2026-11-27T21:00:00Z"},
		/* From Friday evening to Monday morning, which is an hour earlier in UTC. */
		{"mon-fri 08:00-20:00 Europe/Paris", "2026-03-27T19:00:00Z", "2026-03-30T06:00:00Z",
			"2026-03-30T06:00:00Z"},
		/* The clock goes from 02:00 to 03:00: the hours begin then. */
		{"02:30-04:00 Europe/Paris", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z",
			"2026-03-29T01:00:00Z"},
		{"mon 09:00-10:00 UTC", "2026-11-23T09:30:00Z", "2026-11-23T09:30:00Z",
			"2026-11-23T10:00:00Z"},
		{"mon 09:00-10:00 UTC", "2026-11-23T10:00:00Z", "2026-11-30T09:00:00Z",
			"2026-11-30T09:00:00Z"},
	};
	struct hours *h;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		h = made(cases[i].text);
		if (hours_opens(h, at(cases[i].now)) != at(cases[i].opens) ||
			hours_change(h, at(cases[i].now)) != at(cases[i].changes))
			fail_msg("%s at %s", cases[i].text, cases[i].now);
		hours_free(&h);
	}
	h = made("00:00-24:00 Europe/Paris");
	assert_int_equal(hours_change(h, 0), INT64_MAX);
	hours_free(&h);
	assert_int_equal(hours_opens(NULL, 5), 5);
}

/* The minute-by-minute way is slow and has nothing to get wrong. */
static void test_python(void **state)
{
	char line[256], text[128] = "";
	FILE *in = popen("/usr/bin/python3 " TEST_ROOT "/tests/unit/base/hours.py", "r");
	struct hours *h = NULL;
	size_t lines = 0, flips = 0;
	long long before = 0;
	bool was = false;

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof line, in) != NULL) {
		struct view rest = view_trim(view_of(line)), rule;
		long long second;
		int open;

		assert_true(view_split(&rest, '\t', &rule));
		assert_int_equal(sscanf(rest.p, "%lld\t%d", &second, &open), 2);
		if (!view_is(rule, text)) {
			(void)snprintf(text, sizeof text, "%.*s", VIEW_ARG(rule));
			hours_free(&h);
			h = made(text);
			before = 0;
		}
		if (hours_open(h, second * 1000) != (open != 0))
			fail_msg("%s at second %lld", text, second);
		if (before == second - 900 && was != (open != 0)) {
			int64_t change = hours_change(h, before * 1000);

			flips++;
			if (change <= before * 1000 || change > second * 1000)
				fail_msg("%s changes after second %lld", text, before);
		}
		was = open != 0;
		before = second;
		lines++;
	}
	hours_free(&h);
	assert_int_equal(pclose(in), 0);
	assert_int_equal(lines, 10 * 8 * 9 * 24 * 4);
	assert_true(flips > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
