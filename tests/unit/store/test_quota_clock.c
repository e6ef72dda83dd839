#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <poll.h>
#include "base/time.h"
#include "store/quota_clock.h"

#define YEAR (INT64_C(365) * TIME_DAY)
#define WALL INT64_C(1700000000000)

/* Each step: which boot, its time since boot, the wall clock; and how far the clock of
 * the quotas must have gone since the step before. */
static const struct clock_case {
	const char *what, *boot;
	int64_t since_boot, wall, gone;
} cases[] = {
	{"a new database begins with the wall clock", "a", 5000, WALL, WALL},
	{"it goes with the time since boot", "a", 6000, WALL + 1000, 1000},
	{"the wall clock goes back an hour", "a", 6100, WALL - TIME_HOUR, 100},
	{"and ten years forward", "a", 6300, WALL + 10 * YEAR, 200},
	{"and back again", "a", 7000, WALL + 2000, 700},
	{"a suspend is time as well", "a", 7000 + TIME_DAY, WALL + TIME_DAY, TIME_DAY},
	{"another boot while the wall clock was right: not past the furthest it has shown", "b", 10,
		WALL + TIME_DAY + TIME_HOUR, 0},
	{"within the new boot", "b", 510, WALL + TIME_DAY + TIME_HOUR + 500, 500},
};

static void set_boot(struct quota_moment *m, const char *boot)
{
	(void)snprintf(m->boot, sizeof m->boot, "%s", boot);
}

static void it_goes_as_time_does(void **state)
{
	struct quota_clock c = {0};
	int64_t before = 0, now;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct clock_case *k = &cases[i];
		struct quota_moment m = {.since_boot = k->since_boot, .wall = k->wall};

		set_boot(&m, k->boot);
		(void)quota_clock_read(&c, &m, &now);
		if (now - before != k->gone)
			fail_msg("%s: it went %lld ms", k->what, (long long)(now - before));
		before = now;
	}
}

/* A process that has noted nothing anew reads the same as one that has. */
static void all_read_the_same(void **state)
{
	struct quota_clock kept = {0}, other;
	struct quota_moment m = {.since_boot = 1000, .wall = WALL};
	int64_t a, b;

	(void)state;
	set_boot(&m, "a");
	assert_true(quota_clock_read(&kept, &m, &a));
	other = kept;
	for (int i = 0; i < 1000; i++) {
		m.since_boot += 37;
		m.wall += i % 7 == 0 ? -TIME_HOUR : i % 11 == 0 ? 2 * YEAR : 37;
		(void)quota_clock_read(&kept, &m, &a);
		(void)quota_clock_read(&other, &m, &b);
		assert_int_equal(a, b);
		if (i % 10 == 0)
			other = kept;
	}
}

static void over_a_boot_it_asks_the_wall_clock(void **state)
{
	struct quota_clock c = {0};
	struct quota_moment m = {.since_boot = TIME_DAY, .wall = WALL};
	int64_t before, now;

	(void)state;
	set_boot(&m, "a");
	assert_true(quota_clock_read(&c, &m, &before));
	set_boot(&m, "b");
	m.since_boot = 3;
	m.wall = WALL + TIME_HOUR;
	assert_true(quota_clock_read(&c, &m, &now));
	assert_int_equal(now - before, TIME_HOUR);
	/* A dead battery: the clock has gone back to 1970, and no time has passed. */
	set_boot(&m, "c");
	m.wall = 5000;
	assert_true(quota_clock_read(&c, &m, &before));
	assert_int_equal(before, now);
	m.since_boot += 700;
	m.wall = WALL + 2 * TIME_HOUR; /* somebody has set it */
	assert_true(quota_clock_read(&c, &m, &now));
	assert_int_equal(now - before, 700);
	/* The next boot goes by the right time, not by 1970. */
	set_boot(&m, "d");
	m.since_boot = 1;
	m.wall += TIME_MINUTE;
	before = now;
	assert_true(quota_clock_read(&c, &m, &now));
	assert_int_equal(now - before, TIME_MINUTE);
	/* A boot that never saw the right time cannot tell the next one how long ago it was. */
	set_boot(&m, "e");
	m.wall = 5000;
	(void)quota_clock_read(&c, &m, &before);
	set_boot(&m, "f");
	m.wall = WALL + TIME_DAY;
	(void)quota_clock_read(&c, &m, &now);
	assert_int_equal(now, before);
	set_boot(&m, "g");
	m.wall += TIME_MINUTE;
	(void)quota_clock_read(&c, &m, &now);
	assert_int_equal(now - before, TIME_MINUTE);
}

static void it_is_noted_only_where_it_must_be(void **state)
{
	struct quota_clock c = {0};
	struct quota_moment m = {.since_boot = 1000, .wall = WALL};
	int64_t now;

	(void)state;
	set_boot(&m, "a");
	assert_true(quota_clock_read(&c, &m, &now));
	m.since_boot += QUOTA_CLOCK_NOTE_MS - 1;
	m.wall += QUOTA_CLOCK_NOTE_MS - 1 + QUOTA_CLOCK_SLACK_MS;
	assert_false(quota_clock_read(&c, &m, &now));
	m.wall -= TIME_DAY;
	assert_false(quota_clock_read(&c, &m, &now));
	m.wall += TIME_DAY + 1;
	assert_true(quota_clock_read(&c, &m, &now));
	m.since_boot += QUOTA_CLOCK_NOTE_MS;
	assert_true(quota_clock_read(&c, &m, &now));
}

static void the_machine_tells(void **state)
{
	struct quota_moment a, b;

	(void)state;
	quota_moment_read("/proc", &a);
	assert_true(strlen(a.boot) > 30);
	assert_true(a.since_boot > 0 && a.wall > WALL);
	b = a;
	assert_int_equal(poll(NULL, 0, 3), 0);
	quota_moment_refresh(&b);
	assert_string_equal(a.boot, b.boot);
	assert_true(b.since_boot - a.since_boot >= 2);
	quota_moment_read("/nonexistent", &b);
	assert_string_not_equal(a.boot, b.boot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_as_time_does),
		cmocka_unit_test(all_read_the_same),
		cmocka_unit_test(over_a_boot_it_asks_the_wall_clock),
		cmocka_unit_test(it_is_noted_only_where_it_must_be),
		cmocka_unit_test(the_machine_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
