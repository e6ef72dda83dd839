#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/time.h"
#include "send/warmup.h"
#include "settings/settings.h"

#define DAY INT64_C(86400000)

static void test_window(void **state)
{
	static const struct settings_warmup w = {{200, TIME_DAY}, 2 * TIME_DAY};
	static const int64_t first = 1000 * DAY;
	static const struct {
		int64_t now;
		uint64_t count; /* 0: over */
		int64_t next;
	} cases[] = {
		{first, 200, first + 2 * DAY},
		{first + 2 * DAY - 1, 200, first + 2 * DAY},
		{first + 2 * DAY, 400, first + 4 * DAY},
		{first + 9 * DAY, 3200, first + 10 * DAY},
		{first + 30 * DAY, 6553600, first + 32 * DAY},
		{first + 32 * DAY, 0, INT64_MAX},
		{first + 90000 * DAY, 0, INT64_MAX},
		/* A clock that went back: it begins again, and not further on. */
		{first - 5 * DAY, 200, first - 3 * DAY},
	};
	struct settings_window out;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool warms = send_warmup_window(&w, first, cases[i].now, &out);

		if (warms != (cases[i].count > 0) || (warms && out.count != cases[i].count) ||
			send_warmup_next(&w, first, cases[i].now) != cases[i].next)
			fail_msg("day %lld: %llu", (long long)((cases[i].now - first) / DAY),
				(unsigned long long)out.count);
	}
	assert_int_equal(out.window_ms, TIME_DAY);
}

static void test_edges(void **state)
{
	struct settings_warmup w = {{0, 0}, 0};
	struct settings_window out;

	(void)state;
	assert_false(send_warmup_window(&w, 5, 5, &out));
	assert_int_equal(send_warmup_next(&w, 5, 5), INT64_MAX);
	w.start = (struct settings_window){50, TIME_HOUR};
	/* Never used: the first step, from now on. */
	assert_true(send_warmup_window(&w, 0, 7 * DAY, &out));
	assert_int_equal(out.count, 50);
	assert_int_equal(send_warmup_next(&w, 0, 7 * DAY), 9 * DAY);
	/* Two days where nothing is said. */
	assert_true(send_warmup_window(&w, DAY, 3 * DAY, &out));
	assert_int_equal(out.count, 100);
	assert_int_equal(out.window_ms, TIME_HOUR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
