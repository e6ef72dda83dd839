#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/time.h"
#include "base/vec.h"
#include "send/gate.h"
#include "send/pace.h"
#include "send/warmup.h"
#include "settings/settings.h"

#define HOUR INT64_C(3600000)
#define DAY  INT64_C(86400000)
/* 2026-11-26T09:00Z, a Thursday. */
#define NOW INT64_C(1795683600000)

struct known {
	const char *name;
	struct settings_window rate[3];
	size_t rates;
	struct settings_warmup warmup;
	const char *hours;
	int64_t each_ms;
	struct {
		size_t n;
		int64_t ago;
	} used; /* n of them, that long ago, all at once */
	int64_t left;
};
static const struct known cases[] = {
	{"a speed and nothing else", .each_ms = 50, .left = 1000},
	{"a rate slower than the speed", {{10, 1000}}, 1, .each_ms = 5, .left = 1000},
	{"a rate faster than the speed", {{100, 1000}}, 1, .each_ms = 50, .left = 1000},
	{"bursts of an hour", {{200, HOUR}}, 1, .each_ms = 100, .left = 950},
	{"the last of a burst", {{200, HOUR}}, 1, .each_ms = 100, .left = 200},
	{"one more than a burst", {{200, HOUR}}, 1, .each_ms = 100, .left = 201},
	{"three windows", {{10, 1000}, {200, HOUR}, {1500, DAY}}, 3, .each_ms = 20, .left = 4000},
	{"an hour half used", {{200, HOUR}}, 1, .each_ms = 100, .used = {120, 20 * 60000},
		.left = 500},
	{"an hour used up", {{200, HOUR}}, 1, .each_ms = 100, .used = {200, 59 * 60000},
		.left = 150},
	{"a day used up", {{10, 1000}, {500, DAY}}, 2, .each_ms = 10, .used = {500, 2 * HOUR},
		.left = 700},
	{"by day only", .hours = "08:00-20:00 UTC", .each_ms = 60000, .left = 2000},
	{"by day only, with quotas", {{200, HOUR}, {3000, DAY}}, 2, .hours = "08:00-20:00 UTC",
		.each_ms = 100, .left = 4000},
	{"by day only, a few an hour", {{100, HOUR}}, 1, .hours = "08:00-20:00 UTC", .each_ms = 100,
		.left = 3000},
	{"at night", {{100, HOUR}}, 1, .hours = "mon-fri 22:00-02:00 UTC", .each_ms = 100,
		.left = 1000},
	{"a warm-up", .warmup = {{200, TIME_DAY}, 2 * TIME_DAY}, .each_ms = 100, .left = 5000},
	{"a warm-up with a quota", {{1000, DAY}}, 1, {{200, TIME_DAY}, 2 * TIME_DAY},
		.each_ms = 100, .left = 6000},
	{"a warm-up by day only", .warmup = {{200, TIME_DAY}, 2 * TIME_DAY},
		.hours = "08:00-20:00 UTC", .each_ms = 1000, .left = 5000},
};

/* --- the slow way: one by one, each as early as every sliding window lets it ------ */

/* The earliest moment from `at` on at which one more fits into that window. */
static int64_t fits(const struct vec *gone, const struct settings_window *w, int64_t at)
{
	const int64_t *all = (const int64_t *)(const void *)gone->p;
	int64_t free_at;

	if (gone->len < w->count)
		return at;
	free_at = all[gone->len - w->count] + (int64_t)w->window_ms;
	return free_at > at ? free_at : at;
}

static int64_t one_by_one(const struct known *k, const struct send_gate *gate)
{
	struct settings_window warm;
	struct vec gone;
	int64_t at = NOW, before;

	vec_init(&gone, sizeof(int64_t));
	for (size_t i = 0; i < k->used.n; i++)
		*(int64_t *)vec_push(&gone) = NOW - k->used.ago;
	for (int64_t i = 0; i < k->left; i++) {
		do {
			before = at;
			at = send_gate_opens(gate, at);
			for (size_t w = 0; w < k->rates; w++)
				at = fits(&gone, &k->rate[w], at);
			if (send_warmup_window(&k->warmup, NOW, at, &warm) &&
				fits(&gone, &warm, at) > at) {
				int64_t next = send_warmup_next(&k->warmup, NOW, at);

				at = fits(&gone, &warm, at);
				at = at < next ? at : next;
			}
		} while (at != before);
		*(int64_t *)vec_push(&gone) = at;
		at += k->each_ms;
	}
	vec_free(&gone);
	return at;
}

static void test_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct known *k = &cases[i];
		struct settings_window rate[3] = {k->rate[0], k->rate[1], k->rate[2]};
		struct settings_relay relay = {.name = NULL,
			.rate = {rate, k->rates},
			.warmup = k->warmup,
			.send_between = (char *)(uintptr_t)k->hours};
		struct send_gate gate;
		struct pace p;
		struct fail f;
		int64_t want, got;

		assert_int_equal(send_gate_open(&gate, &relay, 0, &f), 0);
		pace_init(&p, &relay, NOW, &gate, NOW);
		p.each_ms = (double)k->each_ms;
		for (size_t w = 0; w < k->rates && k->used.n > 0; w++)
			if ((int64_t)rate[w].window_ms > k->used.ago)
				pace_used(&p, w, k->used.n, NOW - k->used.ago);
		want = one_by_one(k, &gate) - NOW;
		got = pace_finish(&p, NOW, k->left) - NOW;
		/* A twentieth off, or a minute, and nobody is misled. */
		if (llabs((long long)(got - want)) > want / 20 + 60000)
			fail_msg("%s: %lld s and not %lld", k->name, (long long)got / 1000,
				(long long)want / 1000);
		send_gate_close(&gate);
	}
}

static void test_edges(void **state)
{
	struct settings_relay relay = {.name = NULL};
	struct settings_window rate = {5, 1000};
	struct send_gate gate = {.at = NOW + DAY};
	struct pace p;

	(void)state;
	pace_init(&p, &relay, 0, NULL, NOW);
	assert_int_equal(pace_finish(&p, NOW, 1000), NOW);
	assert_int_equal(pace_finish(&p, NOW, 0), NOW);
	/* Not before its time. */
	pace_init(&p, &relay, 0, &gate, NOW);
	assert_int_equal(pace_finish(&p, NOW, 1), NOW + DAY);
	/* A relay that was never used warms up from now on. */
	relay.warmup = (struct settings_warmup){{10, TIME_DAY}, TIME_DAY};
	pace_init(&p, &relay, 0, NULL, NOW);
	assert_int_equal(pace_finish(&p, NOW, 25) - NOW, DAY);
	assert_int_equal(pace_finish(&p, NOW, 65) - NOW, 2 * DAY);
	relay.warmup = (struct settings_warmup){{0, 0}, 0};
	/* Longer than anybody waits. */
	relay.rate = (struct settings_rate){&rate, 1};
	pace_init(&p, &relay, 0, NULL, NOW);
	assert_int_equal(pace_finish(&p, NOW, INT64_C(5000000001)) - NOW, INT64_C(1000000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
