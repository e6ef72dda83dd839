#include "store/delivery_private.h"
#include "store_test.h"

static void freezes_what_it_sends(void **state)
{
	struct fixture *t = fixture_new();
	struct store_campaign c;

	(void)state;
	fixture_campaign(t, 5);
	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	assert_true(view_is(c.name, "note v1, members"));
	assert_true(view_is(c.list_name, "members"));
	assert_true(view_is(c.template_name, "note"));
	assert_int_equal(c.template_version, 1);
	assert_int_equal(c.state, CAMPAIGN_PREPARED);
	assert_int_equal(c.total, 5);
	assert_int_equal(c.count[DELIVERY_PENDING], 5);
	assert_int_equal(fixture_add(t, "late@d1.example"), STORE_ADDED);
	fixture_sound(t); /* who comes later is not part of it */
	FAILS(store_campaign_get(t->s, 99, &t->a, &c, &t->f), FAIL_NOINPUT, "no campaign 99");
	fixture_free(t);
}

static int count_skipped(void *ctx, const struct store_event *e)
{
	int *n = ctx;

	if (view_is(e->kind, "delivery.skipped")) {
		assert_true(view_find(e->data, VIEW("[[1,2],4]")) > 0);
		++*n;
	}
	return 0;
}

static void skips_the_suppressed(void **state)
{
	struct fixture *t = fixture_new();
	struct store_campaign c;
	int told = 0;

	(void)state;
	OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("bounce"), 1, &t->f));
	OK(store_suppress_add(t->s, VIEW("m2@d2.example"), VIEW("bounce"), 1, &t->f));
	OK(store_suppress_add(t->s, VIEW("m4@d1.example"), VIEW("bounce"), 1, &t->f));
	fixture_campaign(t, 5);
	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	assert_int_equal(c.total, 5);
	assert_int_equal(c.count[DELIVERY_SKIPPED], 3);
	OK(store_event_each(t->s, t->campaign, count_skipped, &told, &t->f));
	assert_int_equal(told, 1);
	fixture_sound(t);
	fixture_free(t);
}

static void refuses(void **state)
{
	struct fixture *t = fixture_new();
	struct store_campaign_new n = {.relay = VIEW("r"), .mode = VIEW("bcc"), .now = TEST_NOW};
	int64_t id;

	(void)state;
	fixture_campaign(t, 2);
	n.list = t->list;
	n.template_id = 99;
	FAILS(store_campaign_create(t->s, &n, &id, &t->f), FAIL_NOINPUT, "template");
	n.template_id = t->template_id;
	n.list = 99;
	FAILS(store_campaign_create(t->s, &n, &id, &t->f), FAIL_NOINPUT, "list");
	n.list = t->list;
	n.name = VIEW("a\nb");
	FAILS(store_campaign_create(t->s, &n, &id, &t->f), FAIL_DATA, "control character");
	n.name = VIEW("mine");
	n.limit = 1;
	OK(store_campaign_create(t->s, &n, &id, &t->f));
	assert_int_equal(id, 2); /* a refused one leaves nothing, not even a number */
	OK(store_list_create(t->s, VIEW("empty"), VIEW(""), VIEW(""), 1, &t->f));
	n.list = 2;
	FAILS(store_campaign_create(t->s, &n, &id, &t->f), FAIL_NOINPUT, "no members");
	fixture_sound(t);
	fixture_free(t);
}

/* Rows from, columns to: prepared, sending, paused, done, cancelled. */
static const char *const campaign_table[] = {".S..C", "..PDC", ".S..C", ".....", "....."};

/* Every pair through the store: brings a new campaign to `from`, then asks for `to`. */
static void every_pair(void **state)
{
	static const enum campaign_state way[][3] = {
		[CAMPAIGN_PREPARED] = {0},
		[CAMPAIGN_SENDING] = {CAMPAIGN_SENDING},
		[CAMPAIGN_PAUSED] = {CAMPAIGN_SENDING, CAMPAIGN_PAUSED},
		[CAMPAIGN_DONE] = {CAMPAIGN_SENDING, CAMPAIGN_DONE},
		[CAMPAIGN_CANCELLED] = {CAMPAIGN_CANCELLED},
	};

	(void)state;
	for (int i = 0; i < 25; i++) {
		enum campaign_state from = (enum campaign_state)(i / 5), now;
		enum campaign_state to = (enum campaign_state)(i % 5);
		bool may = from == to || campaign_table[from][to] != '.';
		struct fixture *t = fixture_new();
		int ret;

		OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("x"), 1, &t->f));
		fixture_campaign(t, 1); /* nobody is pending, so that it may be done */
		for (int step = 0; step < 3 && way[from][step] != 0; step++)
			OK(store_campaign_set_state(
				t->s, t->campaign, way[from][step], TEST_NOW, &t->f));
		ret = store_campaign_set_state(t->s, t->campaign, to, TEST_NOW, &t->f);
		if (ret != (may ? 0 : -1) || (!may && t->f.kind != FAIL_GUARD))
			fail_msg("%s -> %s: %d %s", campaign_state_name(from),
				campaign_state_name(to), ret, t->f.text);
		OK(store_campaign_state(t->s, t->campaign, &now, &t->f));
		assert_int_equal(now, may ? to : from);
		fixture_sound(t);
		fixture_free(t);
	}
}

static void not_done_while_somebody_waits(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	fixture_campaign(t, 3);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	FAILS(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_DONE, TEST_NOW, &t->f),
		FAIL_GUARD, "3 of its recipients still wait");
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(freezes_what_it_sends),
		cmocka_unit_test(skips_the_suppressed),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_pair),
		cmocka_unit_test(not_done_while_somebody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
