#include "store_test.h"

static int collect(void *ctx, const struct store_suppression *one)
{
	struct str *out = ctx;

	(void)str_addf(out, "<%.*s %.*s>", VIEW_ARG(one->address), VIEW_ARG(one->reason));
	return 0;
}

static void outlives_the_contact(void **state)
{
	struct fixture *t = fixture_new();
	struct store_subscriber who;
	struct str seen;

	(void)state;
	str_init(&seen, 1000);
	fixture_list(t);
	fixture_members(t, 2);
	OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("complaint"), 5, &t->f));
	OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("other"), 6, &t->f));
	OK(store_suppress_add(t->s, VIEW("stranger@x.example"), VIEW("manual"), 7, &t->f));
	assert_int_equal(store_suppressed(t->s, VIEW("m1@d1.example"), &t->f), 1);
	assert_int_equal(store_suppressed(t->s, VIEW("m2@d2.example"), &t->f), 0);
	OK(store_suppress_each(t->s, collect, &seen, &t->f));
	assert_string_equal(seen.p, "<m1@d1.example complaint>< manual>");
	assert_int_equal(
		store_subscriber_get(t->s, t->list, VIEW("m1@d1.example"), &t->a, &who, &t->f), 1);
	assert_true(who.suppressed);
	/* A contact made later finds what is kept of its address. */
	assert_int_equal(fixture_add(t, "stranger@x.example"), STORE_ADDED);
	OK(store_subscriber_get(t->s, t->list, VIEW("stranger@x.example"), &t->a, &who, &t->f));
	assert_true(who.suppressed);
	assert_int_equal(store_suppress_remove(t->s, VIEW("m1@d1.example"), 8, &t->f), 1);
	assert_int_equal(store_suppress_remove(t->s, VIEW("m1@d1.example"), 8, &t->f), 0);
	OK(store_subscriber_get(t->s, t->list, VIEW("m1@d1.example"), &t->a, &who, &t->f));
	assert_false(who.suppressed);
	str_free(&seen);
	fixture_sound(t);
	fixture_free(t);
}

static int no_address(void *ctx, const struct store_event *e)
{
	(void)ctx;
	assert_true(view_find(e->data, VIEW("stranger")) < 0);
	return 0;
}

/* Of an address that no contact has, nothing readable is kept. */
static void keeps_no_address(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	OK(store_suppress_add(t->s, VIEW("stranger@x.example"), VIEW("manual"), 7, &t->f));
	OK(store_event_each(t->s, 0, no_address, NULL, &t->f));
	FAILS(store_suppress_add(t->s, VIEW("a@x"), VIEW("a\nb"), 7, &t->f), FAIL_DATA, "control");
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outlives_the_contact),
		cmocka_unit_test(keeps_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
