#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "send/rate.h"

static const struct rate_window none[1];

static void without_windows_there_is_no_limit(void **state)
{
	struct rate *r = rate_new(none, 0);

	(void)state;
	for (int64_t i = 0; i < 1000; i++) {
		assert_int_equal(rate_next(r, 5, 1000), 5);
		rate_take(r, 5, 1000);
	}
	rate_free(&r);
	assert_null(r);
}

static void the_next_one_waits_for_the_window(void **state)
{
	static const struct rate_window w[] = {{3, 1000}};
	struct rate *r = rate_new(w, 1);

	(void)state;
	assert_int_equal(rate_most(r), 3);
	rate_take(r, 100, 2);
	assert_int_equal(rate_next(r, 200, 1), 200);
	rate_take(r, 200, 1);
	assert_int_equal(rate_next(r, 300, 1), 1100);
	assert_int_equal(rate_next(r, 300, 3), 1200);
	assert_int_equal(rate_room(r, 300), 0);
	assert_int_equal(rate_room(r, 1099), 0);
	assert_int_equal(rate_room(r, 1100), 2);
	assert_int_equal(rate_room(r, 1200), 3);
	assert_int_equal(rate_next(r, 1100, 2), 1100);
	assert_int_equal(rate_next(r, 5000, 3), 5000);
	rate_free(&r);
}

/* The whole history against every sliding window: nothing more than its count,
 * and no slot left unused when somebody always waits. */
static void no_window_is_ever_exceeded(void **state)
{
	static const struct rate_window w[] = {{5, 1000}, {20, 10000}, {60, 60000}};
	enum { TAKES = 2000 };
	struct rate *r = rate_new(w, 3);
	int64_t at[TAKES], now = 0;
	unsigned seed = 7;
	int n = 0;

	(void)state;
	while (n < TAKES) {
		uint64_t batch;

		seed = seed * 1103515245 + 12345;
		batch = 1 + (seed >> 16) % 5;
		now += (seed >> 20) % 50;
		now = rate_next(r, now, batch);
		assert_true(rate_room(r, now) >= batch);
		rate_take(r, now, batch);
		for (; batch > 0 && n < TAKES; batch--)
			at[n++] = now;
	}
	for (size_t k = 0; k < 3; k++)
		for (int i = (int)w[k].count; i < TAKES; i++)
			assert_true(at[i] - at[i - (int)w[k].count] >= (int64_t)w[k].window_ms);
	/* 60 a minute is the tightest: 2,000 takes cannot last much longer than that asks. */
	assert_true(at[TAKES - 1] <= (int64_t)TAKES * 1000 * 11 / 10);
	rate_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_windows_there_is_no_limit),
		cmocka_unit_test(the_next_one_waits_for_the_window),
		cmocka_unit_test(no_window_is_ever_exceeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
