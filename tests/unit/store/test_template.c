#include "store_test.h"

static int64_t add(struct fixture *t, const char *source)
{
	int64_t version;

	OK(store_template_add(t->s, VIEW("note"), view_of(source), TEST_NOW, &version, &t->f));
	return version;
}

static int count_templates(void *ctx, const struct store_template *one)
{
	assert_int_equal(one->source.len, 0);
	assert_true(view_is(one->name, "note"));
	*(int64_t *)ctx = one->version;
	return 0;
}

static void keeps_versions(void **state)
{
	struct fixture *t = fixture_new();
	struct store_template one, old;
	int64_t newest = 0;

	(void)state;
	assert_int_equal(add(t, "one"), 1);
	assert_int_equal(add(t, "one"), 1);
	assert_int_equal(add(t, "two"), 2);
	assert_int_equal(add(t, "one"), 3); /* back to it is a new version */
	OK(store_template_get(t->s, VIEW("note"), 0, &t->a, &one, &t->f));
	assert_int_equal(one.version, 3);
	OK(store_template_get(t->s, VIEW("note"), 2, &t->a, &one, &t->f));
	assert_true(view_is(one.source, "two"));
	OK(store_template_by_id(t->s, one.id, &t->a, &old, &t->f));
	assert_true(view_is(old.source, "two"));
	OK(store_template_each(t->s, count_templates, &newest, &t->f));
	assert_int_equal(newest, 3);
	FAILS(store_template_get(t->s, VIEW("note"), 9, &t->a, &one, &t->f), FAIL_NOINPUT,
		"in this version");
	FAILS(store_template_get(t->s, VIEW("nope"), 0, &t->a, &one, &t->f), FAIL_NOINPUT,
		"did you mean \"note\"?");
	FAILS(store_template_by_id(t->s, 99, &t->a, &one, &t->f), FAIL_NOINPUT, "99");
	fixture_sound(t);
	fixture_free(t);
}

static void hides(void **state)
{
	struct fixture *t = fixture_new();
	struct store_template one;
	int64_t seen = 0;

	(void)state;
	assert_int_equal(add(t, "one"), 1);
	assert_int_equal(store_template_remove(t->s, VIEW("note"), 1, &t->f), 1);
	assert_int_equal(store_template_remove(t->s, VIEW("note"), 1, &t->f), 0);
	FAILS(store_template_get(t->s, VIEW("note"), 0, &t->a, &one, &t->f), FAIL_NOINPUT,
		"template add");
	OK(store_template_each(t->s, count_templates, &seen, &t->f));
	assert_int_equal(seen, 0);
	OK(store_template_get(t->s, VIEW("note"), 1, &t->a, &one, &t->f)); /* what was sent */
	assert_int_equal(add(t, "one"), 1);				   /* back again */
	OK(store_template_get(t->s, VIEW("note"), 0, &t->a, &one, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void refuses(void **state)
{
	struct fixture *t = fixture_new();
	int64_t version;

	(void)state;
	FAILS(store_template_add(t->s, VIEW("A b"), VIEW("x"), 1, &version, &t->f), FAIL_DATA,
		"cannot be a name");
	FAILS(store_template_add(t->s, VIEW("a"), VIEW("\xff"), 1, &version, &t->f), FAIL_DATA,
		"UTF-8");
	FAILS(store_template_add(t->s, VIEW("a"), view_make("a\0b", 3), 1, &version, &t->f),
		FAIL_DATA, "UTF-8");
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_versions),
		cmocka_unit_test(hides),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
