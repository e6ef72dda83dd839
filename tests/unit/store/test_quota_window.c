#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "store/quota_window.h"

static uint64_t seed;

static int64_t chance(int64_t most)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((seed >> 33) % (uint64_t)(most + 1));
}

static void counts_every_use_for_a_whole_window(void **state)
{
	struct quota_window w;

	(void)state;
	quota_window_init(&w, 3, 1000); /* buckets of 4 ms */
	quota_window_add(&w, quota_window_bucket(&w, 101), 2);
	assert_int_equal(quota_window_room(&w, 200, 0), 1);
	assert_int_equal(quota_window_room(&w, 200, 1), 0);
	assert_int_equal(quota_window_room(&w, 1103, 0), 1);
	assert_int_equal(quota_window_room(&w, 1104, 0), 3);
	assert_int_equal(quota_window_next(&w, 200, 0, 1), 200);
	assert_int_equal(quota_window_next(&w, 200, 0, 2), 1104);
	assert_int_equal(quota_window_next(&w, 200, 2, 2), INT64_MAX);
	assert_int_equal(quota_window_next(&w, 5000, 0, 3), 5000);
	assert_int_equal(quota_window_next(&w, 5000, 0, 4), INT64_MAX);
	assert_int_equal(quota_window_left(&w, 1103), quota_window_bucket(&w, 101) - 1);
	assert_int_equal(quota_window_left(&w, 1104), quota_window_bucket(&w, 101));
	quota_window_free(&w);
}

static void without_a_count_it_only_remembers(void **state)
{
	struct quota_window w;

	(void)state;
	quota_window_init(&w, INT64_MAX, 1000);
	quota_window_add(&w, 1, 1000000);
	assert_true(quota_window_room(&w, 5, 10) > INT64_C(1) << 62);
	assert_int_equal(quota_window_next(&w, 5, 10, 500), 5);
	quota_window_free(&w);
}

/* The same question asked of every single use: it counts until a whole window after a
 * moment that is at most one bucket later than it was. */
struct history {
	int64_t at[4096];
	size_t n;
};

static int64_t within(const struct history *h, int64_t since)
{
	int64_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->at[i] > since;
	return n;
}

static void agrees_with_a_list_of_all_uses(void **state)
{
	static const int64_t lengths[] = {1000, 1001, 10000, 60000, 3600000, 86400000, 7};

	(void)state;
	for (seed = 1; seed <= 300; seed++) {
		int64_t length = lengths[seed % 7], count = 1 + chance(40);
		int64_t now = 1700000000000 + chance(length), size = (length + 255) / 256;
		struct quota_window w;
		struct history h = {.n = 0};

		quota_window_init(&w, count, length);
		for (int i = 0; i < 200; i++) {
			int64_t room, next, n = 1 + chance(count - 1);

			now += chance(length / 8 + 1);
			room = quota_window_room(&w, now, 0);
			/* Never one more than all uses of the window leave... */
			assert_true(room <= count - within(&h, now - length) ||
				    (room == 0 && within(&h, now - length) > count));
			/* ... and none is missing longer than one bucket. */
			assert_true(within(&h, now - length - size) >= count ||
				    room >= count - within(&h, now - length - size));
			next = quota_window_next(&w, now, 0, n);
			assert_true(next >= now && quota_window_room(&w, next, 0) >= n);
			assert_true(next == now || quota_window_room(&w, next - 1, 0) < n);
			for (int64_t k = chance(room); k > 0 && h.n < 4096; k--) {
				/* Now and then one that is in doubt: used a while from now. */
				int64_t at = now + (chance(9) == 0 ? chance(length) : 0);

				h.at[h.n++] = at;
				quota_window_add(&w, quota_window_bucket(&w, at), 1);
			}
		}
		quota_window_free(&w);
	}
}

/* Several processes, each handed slots that it uses some time later: of all moments
 * of acceptance no window holds more than the count, whatever the delays. */
struct slot {
	int64_t accepted, known;
};

static int by_moment(const void *a, const void *b)
{
	int64_t x = ((const struct slot *)a)->accepted, y = ((const struct slot *)b)->accepted;

	return (x > y) - (x < y);
}

static void no_sliding_window_is_exceeded(void **state)
{
	enum { SLOTS = 3000, UNDER_WAY = 64 };

	(void)state;
	for (seed = 1; seed <= 40; seed++) {
		int64_t count = 1 + chance(20), length = 500 + chance(5000), now = 1000, held = 0;
		struct slot all[SLOTS], way[UNDER_WAY];
		struct quota_window w;
		size_t n = 0;

		quota_window_init(&w, count, length);
		while (n < SLOTS) {
			for (int64_t i = 0; i < held; i++) {
				if (way[i].known > now)
					continue;
				quota_window_add(&w, quota_window_bucket(&w, way[i].known), 1);
				way[i--] = way[--held];
			}
			for (int64_t k = quota_window_room(&w, now, held);
				k > 0 && n < SLOTS && held < UNDER_WAY; k--) {
				struct slot s = {.accepted = now + chance(length / 3)};

				s.known = s.accepted + chance(length / 3);
				way[held++] = s;
				all[n++] = s;
			}
			now += 1 + chance(20);
		}
		qsort(all, SLOTS, sizeof *all, by_moment);
		for (int64_t i = count; i < SLOTS; i++)
			assert_true(all[i].accepted - all[i - count].accepted > length);
		quota_window_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_every_use_for_a_whole_window),
		cmocka_unit_test(without_a_count_it_only_remembers),
		cmocka_unit_test(agrees_with_a_list_of_all_uses),
		cmocka_unit_test(no_sliding_window_is_exceeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
