#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/mem.h"
#include "fetch/fetch.h"
#include "fetch/window.h"

static void all_in_windows(void **state)
{
	static const struct {
		uint32_t exists, first, asks;
	} cases[] = {{0, 1, 0}, {1, 1, 1}, {5000, 1, 1}, {5001, 1, 2}, {100000, 1, 20},
		{100000, 100000, 1}, {100000, 100001, 0}, {UINT32_MAX - 1, UINT32_MAX - 3, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fetch_window w;
		uint32_t from, to, asks = 0, next = cases[i].first;

		fetch_window_init(&w, cases[i].exists, cases[i].first);
		while (asks <= cases[i].asks && fetch_window_ask(&w, &from, &to)) {
			assert_int_equal(from, next);
			assert_true(
				to >= from && to - from < FETCH_WINDOW && to <= cases[i].exists);
			assert_int_equal(fetch_window_listed(&w, to - from + 1), 1);
			next = to + 1;
			asks++;
		}
		assert_int_equal(asks, cases[i].asks);
	}
}

static void a_short_window_is_asked_for_again(void **state)
{
	struct fetch_window w;
	uint32_t from, to, last = FETCH_WINDOW + 1;
	int got = 0;
	unsigned tries = 0;

	(void)state;
	fetch_window_init(&w, 10000, 1);
	for (; got == 0; tries++) {
		assert_true(fetch_window_ask(&w, &from, &to));
		assert_int_equal(from, 1);
		assert_true(to < last);
		last = to;
		got = fetch_window_listed(&w, to - from);
	}
	assert_int_equal(got, -1);
	assert_int_equal(tries, FETCH_WINDOW_TRIES);
	/* Once one is whole, all is as before. */
	fetch_window_init(&w, 10000, 1);
	(void)fetch_window_ask(&w, &from, &to);
	assert_int_equal(fetch_window_listed(&w, 3), 0);
	(void)fetch_window_ask(&w, &from, &to);
	assert_int_equal(fetch_window_listed(&w, to - from + 1), 1);
	(void)fetch_window_ask(&w, &from, &to);
	assert_int_equal(to - from + 1, FETCH_WINDOW);
}

/* A folder that others delete from at any moment: every message that stays is listed once, in
 * the order in which they lie there. */
static void messages_vanish_at_any_moment(void **state)
{
	enum { MESSAGES = 30000, ROUNDS = 20 };
	uint32_t *folder = mem_alloc(MESSAGES * sizeof *folder);
	unsigned char *listed = mem_alloc(MESSAGES);
	uint64_t random = 7;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct fetch_window w;
		uint32_t from, to, count = MESSAGES;

		memset(listed, 0, MESSAGES);
		for (uint32_t i = 0; i < MESSAGES; i++)
			folder[i] = i;
		fetch_window_init(&w, count, 1);
		while (fetch_window_ask(&w, &from, &to)) {
			assert_true(to <= count);
			for (uint32_t n = from; n <= to; n++)
				assert_int_equal(listed[folder[n - 1]]++, 0);
			assert_int_equal(fetch_window_listed(&w, to - from + 1), 1);
			for (int i = 0; i < 300 && count > 0; i++) {
				uint32_t gone;

				random = random * 6364136223846793005u + 1442695040888963407u;
				gone = (uint32_t)(random >> 33) % count + 1;
				memmove(folder + gone - 1, folder + gone,
					(count - gone) * sizeof *folder);
				count--;
				fetch_window_expunged(&w, gone);
			}
		}
		for (uint32_t n = 0; n < count; n++)
			assert_int_equal(listed[folder[n]], 1);
	}
	free(folder);
	free(listed);
}

static void one_vanishes_while_a_window_is_read(void **state)
{
	struct fetch_window w;
	uint32_t from, to;

	(void)state;
	fetch_window_init(&w, 12000, 1);
	(void)fetch_window_ask(&w, &from, &to);
	fetch_window_expunged(&w, 17);	  /* in it */
	fetch_window_expunged(&w, 11000); /* behind it */
	fetch_window_expunged(&w, 12001); /* came later */
	fetch_window_expunged(&w, 0);
	assert_int_equal(fetch_window_listed(&w, FETCH_WINDOW - 1), 1);
	(void)fetch_window_ask(&w, &from, &to);
	assert_int_equal(from, FETCH_WINDOW);
	assert_int_equal(w.last, 11998);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_windows),
		cmocka_unit_test(a_short_window_is_asked_for_again),
		cmocka_unit_test(messages_vanish_at_any_moment),
		cmocka_unit_test(one_vanishes_while_a_window_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
