#include "store_test.h"

static void creates_and_reads(void **state)
{
	struct fixture *t = fixture_new();
	struct store_list l;

	(void)state;
	fixture_list(t);
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	assert_true(view_is(l.title, "Members"));
	assert_int_equal(l.created, TEST_NOW);
	assert_int_equal(l.subscribed, 0);
	fixture_members(t, 5);
	OK(store_subscriber_remove(t->s, t->list, VIEW("m2@d2.example"), TEST_NOW, &t->f));
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	assert_int_equal(l.subscribed, 4);
	assert_int_equal(l.unsubscribed, 0);
	OK(store_list_edit(
		t->s, l.id, VIEW("Membres élus"), VIEW("l@example.org"), TEST_NOW, &t->f));
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	assert_true(view_is(l.title, "Membres élus"));
	assert_true(view_is(l.address, "l@example.org"));
	fixture_sound(t);
	fixture_free(t);
}

static const struct name_case {
	const char *name;
	bool good;
} names[] = {
	{"a", true},
	{"0", true},
	{"asso-2026.fr_x", true},
	{"", false},
	{"-a", false},
	{".a", false},
	{"A", false},
	{"a b", false},
	{"a\n", false},
	{"a/b", false},
	{"é", false},
	{"0123456789012345678901234567890123456789012345678901234567890123", true},
	{"01234567890123456789012345678901234567890123456789012345678901234", false},
};

static void checks_names(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int ret = store_list_create(
			t->s, view_of(names[i].name), VIEW(""), VIEW(""), TEST_NOW, &t->f);

		if ((ret == 0) != names[i].good)
			fail_msg("\"%s\": %d %s", names[i].name, ret, t->f.text);
	}
	FAILS(store_list_create(t->s, VIEW("b"), VIEW("x\r\nBcc: y"), VIEW(""), 1, &t->f),
		FAIL_DATA, "control character");
	FAILS(store_list_create(t->s, VIEW("b"), VIEW("\xff"), VIEW(""), 1, &t->f), FAIL_DATA,
		"UTF-8");
	FAILS(store_list_create(t->s, VIEW("a"), VIEW(""), VIEW(""), 1, &t->f), FAIL_DATA,
		"there is a list \"a\" already");
	fixture_sound(t);
	fixture_free(t);
}

static void says_what_there_is(void **state)
{
	struct fixture *t = fixture_new();
	struct store_list l;

	(void)state;
	FAILS(store_list_get(t->s, VIEW("x"), &t->a, &l, &t->f), FAIL_NOINPUT, "list create");
	fixture_list(t);
	FAILS(store_list_get(t->s, VIEW("member"), &t->a, &l, &t->f), FAIL_NOINPUT,
		"did you mean \"members\"?");
	FAILS(store_list_get(t->s, VIEW("\x1b[31m"), &t->a, &l, &t->f), FAIL_NOINPUT,
		"the lists are: members");
	assert_null(strchr(t->f.text, '\x1b'));
	fixture_free(t);
}

static int count_lists(void *ctx, const struct store_list *l)
{
	int *n = ctx;

	assert_true(l->name.len > 0);
	return ++*n == 2;
}

static void walks_and_stops(void **state)
{
	struct fixture *t = fixture_new();
	int n = 0;

	(void)state;
	for (const char *name = "abc"; *name != '\0'; name++)
		OK(store_list_create(
			t->s, view_make(name, 1), VIEW(""), VIEW(""), TEST_NOW, &t->f));
	OK(store_list_each(t->s, count_lists, &n, &t->f));
	assert_int_equal(n, 2);
	fixture_free(t);
}

static void deletes_when_free(void **state)
{
	struct fixture *t = fixture_new();
	struct store_list l;
	struct store_subscriber who;

	(void)state;
	fixture_campaign(t, 3);
	FAILS(store_list_delete(t->s, t->list, TEST_NOW, &t->f), FAIL_GUARD, "campaign cancel 1");
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_CANCELLED, TEST_NOW, &t->f));
	OK(store_list_delete(t->s, t->list, TEST_NOW, &t->f));
	FAILS(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f), FAIL_NOINPUT, "no list");
	FAILS(store_list_delete(t->s, t->list, TEST_NOW, &t->f), FAIL_NOINPUT, "deleted");
	assert_int_equal(
		store_subscriber_get(t->s, 0, VIEW("m1@d1.example"), &t->a, &who, &t->f), 1);
	fixture_sound(t);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(creates_and_reads),
		cmocka_unit_test(checks_names),
		cmocka_unit_test(says_what_there_is),
		cmocka_unit_test(walks_and_stops),
		cmocka_unit_test(deletes_when_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
