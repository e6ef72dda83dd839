#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "send/manners.h"

static void starts_free(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 0);
	assert_true(manners_allow(&m, 1000000, 0));
	assert_false(manners_is_slow(&m));
	manners_init(&m, 3);
	assert_true(manners_allow(&m, 2, 0));
	assert_false(manners_allow(&m, 3, 0));
	assert_false(manners_is_slow(&m));
}

/* Half at each "slow down", one more after as many good answers as may be on the way. */
static void halves_and_recovers(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 0);
	assert_false(manners_slow(&m, 20, 0, 0));
	assert_int_equal(m.limit, 10);
	assert_true(manners_is_slow(&m));
	assert_false(manners_slow(&m, 11, 0, 0)); /* what was on its way counts as the limit */
	assert_int_equal(m.limit, 5);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(m.limit, 5);
		manners_good(&m);
	}
	assert_int_equal(m.limit, 6);
	for (int i = 0; i < 6; i++)
		manners_good(&m);
	assert_int_equal(m.limit, 7);
	manners_init(&m, 4);
	assert_false(manners_slow(&m, 4, 0, 0));
	for (int i = 0; i < 1000; i++)
		manners_good(&m);
	assert_int_equal(m.limit, 4); /* never past what the configuration allows */
	assert_false(manners_is_slow(&m));
}

static void is_left_alone(void **state)
{
	struct manners m;
	int64_t now = 1000, wait = MANNERS_CLOSE_MS;

	(void)state;
	manners_init(&m, 0);
	for (int i = 1; i < MANNERS_CLOSE_AFTER; i++)
		assert_false(manners_slow(&m, 8, now, 0));
	assert_true(manners_slow(&m, 8, now, 0));
	for (int i = 0; i < 10; i++) {
		assert_false(manners_allow(&m, 0, now + wait - 1));
		assert_int_equal(manners_next(&m, now), now + wait);
		/* What was on its way when the door closed changes nothing. */
		assert_false(manners_slow(&m, 3, now + 1, 0));
		assert_int_equal(manners_next(&m, now), now + wait);
		now += wait;
		assert_true(manners_allow(&m, 0, now));
		assert_false(manners_allow(&m, 1, now)); /* one to try */
		assert_int_equal(manners_next(&m, now), now);
		assert_true(manners_slow(&m, 1, now, 0));
		wait = wait * 2 < MANNERS_CLOSE_MAX_MS ? wait * 2 : MANNERS_CLOSE_MAX_MS;
	}
	manners_good(&m);
	assert_true(manners_allow(&m, 0, now));
	assert_false(manners_slow(&m, 1, now, 0)); /* counted anew */
}

static void jitters(void **state)
{
	struct manners m;

	(void)state;
	for (int random = 0; random < 256; random++) {
		manners_init(&m, 0);
		for (int i = 0; i < MANNERS_CLOSE_AFTER; i++)
			(void)manners_slow(&m, 1, 0, (unsigned char)random);
		assert_in_range(m.until, MANNERS_CLOSE_MS, MANNERS_CLOSE_MS + MANNERS_CLOSE_MS / 4);
		assert_true(random < 255 || m.until == MANNERS_CLOSE_MS + MANNERS_CLOSE_MS / 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_free),
		cmocka_unit_test(halves_and_recovers),
		cmocka_unit_test(is_left_alone),
		cmocka_unit_test(jitters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
