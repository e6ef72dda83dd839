#include <unistd.h>
#include "base/time.h"
#include "store/watch.h"
#include "store_test.h"

/* n of the pending ones are tried at that moment, and end as `state` says. */
static void outcomes(struct fixture *t, struct store_sender *sender, size_t n, int64_t now,
	enum delivery_state state)
{
	const struct store_result r = {.state = state, .due = now + 60000};
	struct vec out;

	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, now, &t->f));
	OK(store_turn_claim(sender, 0, n, &t->a, &out, &t->f));
	assert_int_equal(out.len, n);
	for (size_t i = 0; i < n; i++) {
		const struct store_delivery *d = vec_at(&out, i);

		OK(store_turn_mark(sender, d->contact, 1, &t->f));
		OK(store_turn_result(sender, d->contact, &r, &t->f));
	}
	OK(store_turn_end(sender, &t->f));
	vec_free(&out);
}

static struct store_sender *start(struct fixture *t, int64_t now)
{
	struct store_sender *sender;

	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, now, &t->f));
	OK(store_sender_open(t->s, now, &sender, &t->f));
	return sender;
}

static void tells_how_fast(void **state)
{
	struct fixture *t = fixture_new();
	struct store_watch_use use;
	struct store_sender *sender;
	int64_t now = TEST_NOW;

	(void)state;
	fixture_campaign(t, 10);
	sender = start(t, now);
	OK(store_watch_campaign(t->s, t->campaign, 0, &use, &t->f));
	assert_int_equal(use.n, 0);
	assert_int_equal(use.first, 0);
	outcomes(t, sender, 3, now, DELIVERY_ACCEPTED);
	outcomes(t, sender, 2, now + 1000, DELIVERY_REFUSED);
	outcomes(t, sender, 1, now + 2000, DELIVERY_DEFERRED);
	outcomes(t, sender, 1, now + 2000, DELIVERY_PENDING);
	OK(store_watch_campaign(t->s, t->campaign, now - 1, &use, &t->f));
	assert_int_equal(use.n, 6);
	assert_int_equal(use.first, now);
	OK(store_watch_campaign(t->s, t->campaign, now, &use, &t->f));
	assert_int_equal(use.n, 3);
	assert_int_equal(use.first, now + 1000);
	OK(store_watch_relay(t->s, VIEW("outbox"), now - 1, &use, &t->f));
	assert_int_equal(use.n, 6);
	assert_int_equal(use.first, now);
	OK(store_watch_relay(t->s, VIEW("other"), 0, &use, &t->f));
	assert_int_equal(use.n, 0);
	OK(store_sender_close(&sender, now, &t->f));
	fixture_free(t);
}

static void tells_the_first_use(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	int64_t at = 1;

	(void)state;
	fixture_campaign(t, 3);
	OK(store_relay_first_use(t->s, VIEW("outbox"), &at, &t->f));
	assert_int_equal(at, 0);
	sender = start(t, TEST_NOW);
	/* A relay that nobody could log in to has not been used. */
	OK(store_relay_first_use(t->s, VIEW("outbox"), &at, &t->f));
	assert_int_equal(at, 0);
	outcomes(t, sender, 1, TEST_NOW + 5000, DELIVERY_ACCEPTED);
	OK(store_relay_first_use(t->s, VIEW("outbox"), &at, &t->f));
	assert_int_equal(at, TEST_NOW);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

struct seen {
	int n;
	struct store_watch_sender last;
};

static void see(void *ctx, const struct store_watch_sender *sender)
{
	struct seen *seen = ctx;

	seen->n++;
	seen->last = *sender;
}

static void tells_who_sends(void **state)
{
	struct fixture *t = fixture_new();
	struct seen seen = {0};
	struct store_sender *sender;
	int64_t now = time_now();

	(void)state;
	fixture_campaign(t, 3);
	sender = start(t, now);
	/* Open, but at no campaign yet. */
	OK(store_watch_senders(t->s, t->campaign, now, see, &seen, &t->f));
	assert_int_equal(seen.n, 0);
	OK(store_turn_begin(sender, t->campaign, now, &t->f));
	OK(store_turn_end(sender, &t->f));
	OK(store_watch_senders(t->s, t->campaign, now, see, &seen, &t->f));
	assert_int_equal(seen.n, 1);
	assert_int_equal(seen.last.pid, getpid());
	assert_true(seen.last.here);
	assert_int_equal(seen.last.beat, now);
	/* This process is a few minutes old at most. */
	assert_true(seen.last.since <= time_now() && seen.last.since > now - 600000);
	OK(store_watch_senders(t->s, t->campaign + 1, now, see, &seen, &t->f));
	assert_int_equal(seen.n, 1);
	OK(store_sender_close(&sender, now, &t->f));
	OK(store_watch_senders(t->s, t->campaign, now, see, &seen, &t->f));
	assert_int_equal(seen.n, 1);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_how_fast),
		cmocka_unit_test(tells_the_first_use),
		cmocka_unit_test(tells_who_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
