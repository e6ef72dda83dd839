#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/vec.h"

struct item {
	int number;
	char text[9];
};

static void test_push_at_pop(void **state)
{
	enum { MANY = 1000 };
	static const struct item zero;
	struct vec v;

	(void)state;
	vec_init(&v, sizeof(struct item));
	for (int i = 0; i < MANY; i++) {
		struct item *last = vec_push(&v);

		assert_memory_equal(last, &zero, sizeof zero);
		last->number = i;
		last->text[8] = 'z';
		assert_int_equal(v.len, i + 1);
		assert_ptr_equal(vec_at(&v, (size_t)i), last);
	}
	for (int i = 0; i < MANY; i++)
		assert_int_equal(((struct item *)vec_at(&v, (size_t)i))->number, i);
	vec_pop(&v);
	assert_int_equal(v.len, MANY - 1);
	assert_memory_equal(vec_push(&v), &zero, sizeof zero);
	vec_free(&v);
}

/* Memory that was used before comes zeroed again. */
static void test_clear(void **state)
{
	struct vec v;
	size_t cap;

	(void)state;
	vec_init(&v, 3);
	for (int i = 0; i < 20; i++)
		memset(vec_push(&v), 0xAA, 3);
	cap = v.cap;
	vec_clear(&v);
	assert_int_equal(v.len, 0);
	for (int i = 0; i < 20; i++)
		assert_memory_equal(vec_push(&v), "\0\0\0", 3);
	assert_int_equal(v.cap, cap);
	vec_free(&v);
	assert_int_equal(v.len, 0);
	assert_int_equal(v.item, 3);
	assert_non_null(vec_push(&v));
	vec_free(&v);
	vec_free(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push_at_pop),
		cmocka_unit_test(test_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
