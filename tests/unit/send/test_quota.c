#include "send/quota.h"
#include <poll.h>
#include "base/time.h"
#include "settings/settings.h"
#include "../store/store_test.h"

enum { LIMIT = 500, END_OF_DATA = 90000 };

struct one {
	struct store_sender *sender;
	struct send_quota *q;
};

static struct one come(struct fixture *t, uint64_t count, uint64_t window)
{
	struct settings_window w = {count, window};
	const struct settings_relay r = {.name = (char *)(uintptr_t) "relay",
		.rate = {&w, 1},
		.timeouts = {.end_of_data = END_OF_DATA}};
	struct one o;

	OK(send_quota_open(t->s, &r, &o.q, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &o.sender, &t->f));
	return o;
}

static void go(struct fixture *t, struct one *o)
{
	send_quota_free(&o->q);
	OK(store_sender_close(&o->sender, TEST_NOW, &t->f));
}

/* A turn that claims up to n of what it may; what it might have. */
static size_t turn(struct fixture *t, struct one *o, size_t message, size_t n, bool wants)
{
	size_t most;

	OK(store_turn_begin(o->sender, t->campaign, TEST_NOW, &t->f));
	OK(send_quota_look(o->q, o->sender, message, LIMIT, &most, &t->f));
	OK(send_quota_claimed(o->q, o->sender, n < most ? n : most, wants, &t->f));
	OK(store_turn_end(o->sender, &t->f));
	send_quota_kept(o->q);
	return most;
}

static void without_quotas_all_may_go(void **state)
{
	const struct settings_relay r = {.name = (char *)(uintptr_t) "relay"};
	const struct store_result done = {.state = DELIVERY_ACCEPTED};
	struct fixture *t = fixture_new();
	struct send_quota *q;
	size_t most;

	(void)state;
	OK(send_quota_open(t->s, &r, &q, &t->f));
	assert_null(q);
	assert_true(send_quota_most(q) == SIZE_MAX);
	assert_int_equal(send_quota_at(q), 0);
	assert_int_equal(send_quota_open_at(q), 0);
	send_quota_took(q, 5);
	send_quota_marked(q, 5);
	send_quota_known(q, true, 5, &done);
	OK(send_quota_look(q, NULL, 1, LIMIT, &most, &t->f));
	assert_int_equal(most, LIMIT);
	OK(send_quota_claimed(q, NULL, 5, true, &t->f));
	send_quota_kept(q);
	send_quota_free(&q);
	fixture_free(t);
}

static void those_who_want_share(void **state)
{
	struct fixture *t = fixture_new();
	struct one a, b;
	int64_t before;

	(void)state;
	fixture_campaign(t, 1);
	a = come(t, 10, TIME_HOUR);
	b = come(t, 10, TIME_HOUR);
	assert_int_equal(send_quota_most(a.q), 10);
	assert_int_equal(turn(t, &a, 1, 0, true), 10);
	assert_int_equal(turn(t, &b, 1, 0, true), 5);
	before = time_monotonic();
	assert_int_equal(turn(t, &a, 1, LIMIT, true), 5);
	/* The other one may go first now. */
	assert_true(send_quota_at(a.q) >= before + 5);
	assert_int_equal(turn(t, &b, 1, 0, true), 3);
	assert_true(send_quota_at(b.q) <= time_monotonic());
	assert_int_equal(turn(t, &b, 1, LIMIT, false), 3);
	/* Who wants no more is no rival. */
	assert_int_equal(turn(t, &a, 1, 0, true), 2);
	go(t, &b);
	/* What it held and never sent is free again. */
	assert_int_equal(turn(t, &a, 1, LIMIT, true), 5);
	assert_int_equal(turn(t, &a, 1, LIMIT, true), 0);
	go(t, &a);
	fixture_free(t);
}

static const struct worth_case {
	const char *what;
	uint64_t count;
	size_t message, first, next;
} worths[] = {
	{"one by one", 4, 1, 3, 1},
	{"a message that is not whole waits", 4, 2, 3, 0},
	{"but for the rest of the quota", 5, 3, 3, 2},
	{"a message is no larger than the quota", 4, 50, 0, 4},
	{"nor has it to be, where it would leave much", 120, 50, 100, 20},
	{"at a high rate a few at a time", 256, 1, 255, 0},
	{"at a high rate two are enough", 256, 1, 254, 2},
	{"a small rest is no reason for a small message", 301, 50, 300, 0},
};

static void a_claim_is_worth_a_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof worths / sizeof *worths; i++) {
		const struct worth_case *c = &worths[i];
		struct fixture *t = fixture_new();
		struct one a;
		size_t next;

		fixture_campaign(t, 1);
		a = come(t, c->count, TIME_HOUR);
		assert_int_equal(turn(t, &a, c->message, c->first, true), c->count);
		next = turn(t, &a, c->message, 0, true);
		if (next != c->next)
			fail_msg("%s: %zu", c->what, next);
		go(t, &a);
		fixture_free(t);
	}
}

/* What counts: whoever the relay answered, and at once; in doubt, later. */
static const struct known_case {
	const char *what;
	struct store_result result;
	bool marked;
	int64_t used, later;
} knowns[] = {
	{"accepted", {.state = DELIVERY_ACCEPTED, .reply_code = 250}, true, 1, 0},
	{"accepted into a folder", {.state = DELIVERY_ACCEPTED}, true, 1, 0},
	{"refused", {.state = DELIVERY_REFUSED, .reply_code = 550}, false, 1, 0},
	{"deferred", {.state = DELIVERY_DEFERRED, .reply_code = 451}, true, 1, 0},
	{"never left", {.state = DELIVERY_PENDING}, true, 0, 0},
	{"could not be composed", {.state = DELIVERY_REFUSED}, false, 0, 0},
	{"skipped", {.state = DELIVERY_SKIPPED}, false, 0, 0},
	{"in doubt", {.state = DELIVERY_UNCERTAIN}, true, 1, 60000},
};

static void what_counts_as_used(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof knowns / sizeof *knowns; i++) {
		const struct known_case *c = &knowns[i];
		struct fixture *t = fixture_new();
		int64_t now, used;
		struct one a;

		fixture_campaign(t, 1);
		a = come(t, 5, TIME_MINUTE);
		assert_int_equal(turn(t, &a, 1, 1, true), 5);
		send_quota_marked(a.q, c->marked);
		send_quota_known(a.q, c->marked, time_since_boot(), &c->result);
		assert_int_equal(turn(t, &a, 1, 0, true), 5 - c->used);
		assert_int_equal(fixture_number(t, "SELECT held + sent FROM quota_hold"), 0);
		used = fixture_number(t, "SELECT coalesce(sum(n), 0) FROM quota_use");
		now = time_now();
		if (used != c->used)
			fail_msg("%s: %d", c->what, (int)used);
		/* The clock of a new database began as the wall clock; buckets are 235 ms. */
		if (used > 0)
			assert_in_range(
				fixture_number(t, "SELECT bucket * 235 FROM quota_use") + 1000,
				now + c->later, now + c->later + 1500);
		go(t, &a);
		fixture_free(t);
	}
}

/* It takes the relay 40 ms to have all but the end: so much earlier it is claimed, but not
 * completed. */
static void a_claim_comes_before_its_slot(void **state)
{
	const struct store_result done = {.state = DELIVERY_ACCEPTED, .reply_code = 250};
	struct fixture *t = fixture_new();
	struct one a;
	int64_t heard;

	(void)state;
	fixture_campaign(t, 1);
	a = come(t, 1, TIME_SECOND);
	send_quota_took(a.q, 40);
	assert_int_equal(turn(t, &a, 1, 1, true), 1);
	assert_int_equal(send_quota_open_at(a.q), 0);
	send_quota_marked(a.q, 1);
	heard = time_monotonic();
	send_quota_known(a.q, true, time_since_boot(), &done);
	assert_int_equal(turn(t, &a, 1, 1, true), 0);
	assert_in_range(send_quota_at(a.q) - heard, 940, 999);
	while (time_monotonic() < send_quota_at(a.q))
		(void)poll(NULL, 0, 1);
	assert_int_equal(turn(t, &a, 1, 1, true), 1);
	assert_true(send_quota_open_at(a.q) - heard > 1000);
	/* It is no more than a quarter of the window, whatever the relay does. */
	for (int i = 0; i < 100; i++)
		send_quota_took(a.q, 60000);
	send_quota_marked(a.q, 1);
	heard = time_monotonic();
	send_quota_known(a.q, true, time_since_boot(), &done);
	assert_int_equal(turn(t, &a, 1, 1, true), 0);
	assert_in_range(send_quota_at(a.q) - heard, 740, 950);
	go(t, &a);
	fixture_free(t);
}

/* One of them knows that its relay takes long, and could claim earlier than the other; but
 * it claimed last. */
static void the_quick_one_does_not_take_all(void **state)
{
	const struct store_result done = {.state = DELIVERY_ACCEPTED, .reply_code = 250};
	struct fixture *t = fixture_new();
	struct one a, b;

	(void)state;
	fixture_campaign(t, 1);
	a = come(t, 1, TIME_MINUTE);
	b = come(t, 1, TIME_MINUTE);
	send_quota_took(a.q, 500);
	assert_int_equal(turn(t, &b, 1, 0, true), 1);
	assert_int_equal(turn(t, &a, 1, 1, true), 1);
	send_quota_known(a.q, false, time_since_boot(), &done);
	assert_int_equal(turn(t, &a, 1, 0, true), 0);
	assert_int_equal(turn(t, &b, 1, 0, true), 0);
	assert_true(send_quota_at(a.q) > send_quota_at(b.q));
	go(t, &b);
	assert_int_equal(turn(t, &a, 1, 0, true), 0);
	assert_in_range(send_quota_at(a.q) - time_monotonic(), 59000, 59900);
	go(t, &a);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_quotas_all_may_go),
		cmocka_unit_test(those_who_want_share),
		cmocka_unit_test(a_claim_is_worth_a_turn),
		cmocka_unit_test(what_counts_as_used),
		cmocka_unit_test(a_claim_comes_before_its_slot),
		cmocka_unit_test(the_quick_one_does_not_take_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
