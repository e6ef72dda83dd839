#include "send/quota.h"
#include "../store/store_test.h"
#include "base/time.h"
#include "settings/settings.h"

enum { DOUBLES_MS = 300, PATIENCE_MS = 10000 };

/* How many a turn may claim now; they are then in hand. */
static size_t claimed(struct fixture *t, struct store_sender *sender, struct send_quota *q)
{
	size_t n;

	OK(store_turn_begin(sender, t->campaign, time_now(), &t->f));
	OK(send_quota_look(q, sender, 1, 1000, &n, &t->f));
	OK(send_quota_claimed(q, sender, n, true, &t->f));
	OK(store_turn_end(sender, &t->f));
	send_quota_kept(q);
	return n;
}

/* The next step of a warm-up comes while a run goes on: it may last for days. */
static void warms_up_while_it_runs(void **state)
{
	struct fixture *t = fixture_new();
	char name[] = "away";
	struct settings_window rate = {1000, TIME_DAY};
	const struct settings_relay relay = {
		.name = name, .rate = {&rate, 1}, .warmup = {{5, TIME_DAY}, DOUBLES_MS}};
	struct store_sender *sender;
	struct send_quota *q;
	int64_t began = time_monotonic();
	size_t n, more = 0;

	(void)state;
	fixture_campaign(t, 1);
	OK(send_quota_open(t->s, &relay, &q, &t->f));
	OK(store_sender_open(t->s, time_now(), &sender, &t->f));
	assert_int_equal(send_quota_most(q), 5);
	n = claimed(t, sender, q);
	if (time_monotonic() - began < DOUBLES_MS)
		assert_int_equal(n, 5);
	assert_true(n % 5 == 0 && n >= 5);
	while (more == 0 && time_monotonic() - began < PATIENCE_MS)
		more = claimed(t, sender, q);
	/* Twice as many, or four times, of which the first are in hand. */
	assert_true(more >= n && (n + more) % 5 == 0);
	send_quota_free(&q);
	OK(store_sender_close(&sender, time_now(), &t->f));
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warms_up_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
