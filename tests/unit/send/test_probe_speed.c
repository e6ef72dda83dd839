#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "send/probe.h"
#include "settings/settings.h"

static const struct speed_case {
	const char *name;
	int64_t us;
	bool pipelining, chunking;
	unsigned pipeline;
	struct settings_window windows[2];
	size_t window_count;
	unsigned connections_max;
	double trips, all; /* messages a second */
	unsigned connections;
} cases[] = {
	{"20 ms, no quota: enough for 50 a second", 20000, true, false, 8, {{0}}, 0, 10, 1, 50, 1},
	{"100 ms, no quota", 100000, true, false, 8, {{0}}, 0, 10, 1, 50, 5},
	{"100 ms without PIPELINING", 100000, false, false, 8, {{0}}, 0, 10, 4, 25, 10},
	{"100 ms, pipeline: careful", 100000, true, true, 0, {{0}}, 0, 10, 4, 25, 10},
	{"100 ms with CHUNKING: eight at once", 100000, true, true, 8, {{0}}, 0, 10, 0.125, 80, 1},
	{"a window of two", 100000, true, true, 2, {{0}}, 0, 10, 0.5, 60, 3},
	{"CHUNKING without PIPELINING", 100000, false, true, 8, {{0}}, 0, 10, 4, 25, 10},
	{"a provider that takes three", 100000, true, false, 8, {{0}}, 0, 3, 1, 30, 3},
	{"200 an hour", 100000, true, false, 8, {{200, 3600000}}, 1, 10, 1, 200.0 / 3600, 1},
	{"the tightest window counts", 50000, true, false, 8, {{100, 1000}, {36000, 3600000}}, 2,
		10, 1, 10, 1},
	{"a quota worth more connections", 50000, true, false, 8, {{100, 1000}}, 1, 10, 1, 100, 5},
	{"the loopback: other things are the limit", 10, true, false, 8, {{0}}, 0, 10, 1, 1000, 1},
	{"a clock that stood still", 0, true, false, 8, {{0}}, 0, 10, 1, 1000, 1},
};

static bool near(double a, double b)
{
	return a > b * 0.999 && a < b * 1.001;
}

static void speeds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct speed_case *c = &cases[i];
		struct settings_window windows[2] = {c->windows[0], c->windows[1]};
		const struct settings_relay relay = {
			.rate = {.items = windows, .count = c->window_count},
			.pipeline = c->pipeline};
		const struct smtp_caps caps = {
			.pipelining = c->pipelining, .chunking = c->chunking};
		struct send_probe_speed s;

		send_probe_speed_make(&relay, &caps, c->us, c->connections_max, &s);
		if (!near(s.round_trips, c->trips) || !near(s.all, c->all) ||
			s.connections != c->connections)
			fail_msg("%s: %f trips, %f a second on %u connections", c->name,
				s.round_trips, s.all, s.connections);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(speeds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
