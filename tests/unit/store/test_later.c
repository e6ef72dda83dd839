#include "base/time.h"
#include "store/later.h"
#include "store/returned.h"
#include "store/strike.h"
#include "store_test.h"

enum { MEMBERS = 6 };

/* Contact n is in state n - 1 of these. */
static const enum delivery_state states[MEMBERS] = {DELIVERY_ACCEPTED, DELIVERY_UNCERTAIN,
	DELIVERY_COMMITTED, DELIVERY_REFUSED, DELIVERY_DEFERRED, DELIVERY_PENDING};

static struct store_sender *half_sent(struct fixture *t)
{
	struct store_sender *sender;
	struct vec got;

	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	vec_init(&got, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(sender, 0, MEMBERS, &t->a, &got, &t->f));
	for (int64_t contact = 1; contact <= MEMBERS; contact++) {
		const struct store_result r = {.state = states[contact - 1],
			.due = states[contact - 1] == DELIVERY_DEFERRED ? TEST_NOW + 1 : 0};

		assert_int_equal(store_turn_mark(sender, contact, contact, &t->f), 0);
		if (r.state != DELIVERY_COMMITTED)
			assert_int_equal(store_turn_result(sender, contact, &r, &t->f), 0);
	}
	OK(store_turn_end(sender, &t->f));
	vec_free(&got);
	return sender;
}

static int hear(struct fixture *t, int64_t contact, enum store_later later)
{
	const struct store_later_news news = {.later = later,
		.reason = VIEW("user-unknown"),
		.status = VIEW("5.1.1"),
		.text = VIEW("gone\r\n\x80"),
		.returned = 1,
		.now = TEST_NOW};
	struct store_sent sent;
	int ret;

	assert_int_equal(store_sent_get(t->s, t->campaign, contact, &t->a, &sent, &t->f), 1);
	OK(store_batch_begin(t->s, &t->f));
	ret = store_later_set(t->s, &sent, &news, &t->f);
	return store_batch_end(t->s, ret, &t->f);
}

static void only_what_left(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	struct store_campaign c;

	(void)state;
	for (int64_t contact = 1; contact <= MEMBERS; contact++)
		assert_int_equal(hear(t, contact, LATER_BOUNCED), contact <= 3);
	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	assert_int_equal(c.later[LATER_BOUNCED], 3);
	/* Who was in doubt had it; who is under way still is. */
	assert_int_equal(c.count[DELIVERY_ACCEPTED], 2);
	assert_int_equal(c.count[DELIVERY_UNCERTAIN], 0);
	assert_int_equal(c.count[DELIVERY_COMMITTED], 1);
	fixture_sound(t);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

static void sums_are_asserted(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);

	(void)state;
	OK(db_exec(t->s->db, "UPDATE campaign SET delivered = 6", &t->f));
	FAILS(hear(t, 1, LATER_BOUNCED), FAIL_BUG, "were heard of later");
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM later"), 0);
	FAILS(store_campaign_audit(t->s, t->campaign, &t->f), FAIL_BUG, "in state delivered");
	OK(db_exec(t->s->db, "UPDATE campaign SET delivered = 0", &t->f));
	assert_int_equal(hear(t, 1, LATER_BOUNCED), 1);
	OK(db_exec(t->s->db, "DELETE FROM later", &t->f));
	FAILS(store_campaign_audit(t->s, t->campaign, &t->f), FAIL_BUG, "in state bounced");
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

static int keep_tally(void *ctx, const struct store_later_tally *tally)
{
	*(struct store_later_tally *)ctx = *tally;
	return 0;
}

static void texts_are_cleaned(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	const struct store_returned_id id = {VIEW("box"), VIEW("s"), VIEW("1")};
	const unsigned char hash[DIGEST_SIZE] = {1};
	struct store_returned row = {.place = VIEW("box"),
				      .kind = VIEW("failed"),
				      .subject = VIEW("a\x1b[31m\xff"),
				      .raw = VIEW("as\0it is")},
			      got;
	struct store_later_tally tally = {0};
	struct vec rcpts;

	(void)state;
	assert_int_equal(hear(t, 1, LATER_BOUNCED), 1);
	OK(store_later_each(t->s, t->campaign, keep_tally, &tally, &t->f));
	assert_int_equal(tally.count, 1);
	vec_init(&rcpts, sizeof(struct store_returned_rcpt));
	OK(store_batch_begin(t->s, &t->f));
	assert_int_equal(store_returned_enter(t->s, &id, hash, &row.id, &t->f), 1);
	OK(store_returned_add(t->s, &row, hash, &t->f));
	OK(store_batch_end(t->s, 0, &t->f));
	OK(store_returned_get(t->s, row.id, &t->a, &got, &rcpts, &t->f));
	assert_true(view_is(got.subject, "a\xEF\xBF\xBD[31m\xEF\xBF\xBD"));
	assert_true(view_eq(got.raw, row.raw));
	FAILS(store_returned_get(t->s, 99, &t->a, &got, &rcpts, &t->f), FAIL_NOINPUT, "number 99");
	vec_free(&rcpts);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

static void sum_weight(void *ctx, const struct store_strike *strike)
{
	*(int64_t *)ctx += strike->weight;
}

static void strikes_count_once(void **state)
{
	struct fixture *t = fixture_new();
	const struct store_strike strike = {VIEW("network"), TEST_NOW, 50};
	int64_t sum = 0;

	(void)state;
	fixture_campaign(t, 2);
	OK(store_batch_begin(t->s, &t->f));
	assert_int_equal(store_strike_add(t->s, 1, 1, VIEW("d1.example"), &strike, &t->f), 1);
	assert_int_equal(store_strike_add(t->s, 1, 1, VIEW("d1.example"), &strike, &t->f), 0);
	assert_int_equal(store_strike_add(t->s, 2, 1, VIEW("d1.example"), &strike, &t->f), 1);
	OK(store_strike_each(t->s, 1, sum_weight, &sum, &t->f));
	assert_int_equal(sum, 100);
	OK(store_batch_end(t->s, 0, &t->f));
	/* What is taken off the suppressed counts no more, and is not counted again. */
	OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("x"), TEST_NOW, &t->f));
	assert_int_equal(store_suppress_remove(t->s, VIEW("m1@d1.example"), TEST_NOW, &t->f), 1);
	sum = 0;
	OK(store_strike_each(t->s, 1, sum_weight, &sum, &t->f));
	assert_int_equal(sum, 0);
	OK(store_batch_begin(t->s, &t->f));
	assert_int_equal(store_strike_add(t->s, 1, 1, VIEW("d1.example"), &strike, &t->f), 0);
	OK(store_batch_end(t->s, 0, &t->f));
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_left),
		cmocka_unit_test(sums_are_asserted),
		cmocka_unit_test(texts_are_cleaned),
		cmocka_unit_test(strikes_count_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
