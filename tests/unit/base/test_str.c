#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <openssl/crypto.h>
#include "base/str.h"

/* What every buffer promises at any moment. */
static void sound(const struct str *s)
{
	assert_non_null(s->p);
	assert_true(s->len <= s->max);
	assert_int_equal(s->p[s->len], '\0');
	assert_true(s->cap == 0 || s->len < s->cap);
}

static void test_empty(void **state)
{
	struct str s;
	char *taken;

	(void)state;
	str_init(&s, 10);
	sound(&s);
	assert_true(str_ok(&s));
	assert_int_equal(str_view(&s).len, 0);
	str_cut(&s, 0);
	str_cut(&s, 5);
	str_clear(&s);
	str_free(&s);
	assert_int_equal(str_add(&s, NULL, 0), 0);
	assert_int_equal(str_addv(&s, view_make(NULL, 0)), 0);
	assert_int_equal(str_addz(&s, ""), 0);
	assert_int_equal(str_addf(&s, "%s", ""), 0);
	sound(&s);
	assert_int_equal(s.len, 0);
	str_free(&s);
	taken = str_take(&s);
	assert_string_equal(taken, "");
	free(taken);
}

/* Text of every length around the limit, added whole and by characters. */
static void test_limit(void **state)
{
	enum { MAX = 200 };
	char text[MAX + 2];
	struct str whole, single;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t len = 0; len <= MAX + 1; len++) {
		int want = len <= MAX ? 0 : -1;

		str_init(&whole, MAX);
		str_init(&single, MAX);
		assert_int_equal(str_add(&whole, text, len), want);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(str_addc(&single, 'x'), i < MAX ? 0 : -1);
		sound(&whole);
		sound(&single);
		assert_int_equal(whole.len, want == 0 ? len : 0);
		assert_int_equal(single.len, len <= MAX ? len : MAX);
		assert_int_equal(str_ok(&whole), want == 0);
		str_free(&whole);
		str_free(&single);
	}
}

static void test_no_room_at_all(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 0);
	assert_int_equal(str_addz(&s, ""), 0);
	assert_int_equal(str_addc(&s, 'a'), -1);
	sound(&s);
	str_free(&s);
	assert_true(str_ok(&s));
	assert_null(str_room(&s, SIZE_MAX));
	str_free(&s);
	str_init(&s, SIZE_MAX);
	assert_null(str_room(&s, SIZE_MAX));
	assert_null(str_room(&s, SIZE_MAX - 1));
	str_free(&s);
}

/* One add that failed refuses all that follow, so that the end can be asked. */
static void test_failure_sticks(void **state)
{
	struct str s;
	char *taken;

	(void)state;
	str_init(&s, 4);
	assert_int_equal(str_addz(&s, "abc"), 0);
	assert_int_equal(str_addz(&s, "de"), -1);
	assert_string_equal(s.p, "abc");
	assert_int_equal(str_addc(&s, 'd'), -1);
	assert_int_equal(str_add(&s, "", 0), -1);
	assert_int_equal(str_addf(&s, "%d", 1), -1);
	assert_null(str_room(&s, 0));
	str_cut(&s, 0);
	assert_int_equal(str_addc(&s, 'd'), -1);
	assert_false(str_ok(&s));
	str_clear(&s);
	assert_true(str_ok(&s));
	assert_int_equal(str_addz(&s, "abcd"), 0);
	assert_int_equal(str_addc(&s, 'e'), -1);
	taken = str_take(&s);
	assert_string_equal(taken, "abcd");
	free(taken);
	assert_true(str_ok(&s));
	assert_int_equal(str_addc(&s, 'e'), 0);
	str_free(&s);
}

static void test_cut(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 100);
	assert_int_equal(str_addz(&s, "hello"), 0);
	str_cut(&s, 99);
	assert_string_equal(s.p, "hello");
	str_cut(&s, 5);
	assert_string_equal(s.p, "hello");
	str_cut(&s, 2);
	assert_string_equal(s.p, "he");
	assert_true(view_is(str_view(&s), "he"));
	assert_int_equal(str_add(&s, "\0x", 2), 0);
	assert_int_equal(s.len, 4);
	sound(&s);
	str_free(&s);
}

static void test_room(void **state)
{
	struct str s;
	char *room;

	(void)state;
	str_init(&s, 1000);
	for (size_t total = 0; total < 1000; total += 100) {
		room = str_room(&s, 100);
		assert_non_null(room);
		memset(room, 'r', 100);
		str_added(&s, 40);
		sound(&s);
		str_added(&s, 60);
		sound(&s);
	}
	assert_non_null(str_room(&s, 0));
	assert_null(str_room(&s, 1));
	assert_int_equal(s.len, 1000);
	str_free(&s);
}

static void test_format(void **state)
{
	static const struct format_case {
		size_t max;
		int number;
		const char *want; /* NULL: it does not fit */
	} cases[] = {
		{8, 0, "n=0;"},
		{8, -123, "n=-123;"},
		{8, 12345, "n=12345;"},
		{7, 12345, NULL},
		{3, 0, NULL},
		{0, 0, NULL},
	};
	struct str s;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *want = cases[i].want;

		str_init(&s, cases[i].max);
		assert_int_equal(str_addf(&s, "n=%d;", cases[i].number), want != NULL ? 0 : -1);
		assert_string_equal(s.p, want != NULL ? want : "");
		assert_int_equal(str_ok(&s), want != NULL);
		sound(&s);
		str_free(&s);
	}
	str_init(&s, 5000);
	assert_int_equal(str_addf(&s, "%*s|%.*s", 4000, "right", VIEW_ARG(VIEW("view"))), 0);
	assert_int_equal(s.len, 4005);
	assert_string_equal(s.p + 3995, "right|view");
	str_free(&s);
}

static void test_secret(void **state)
{
	struct str s;
	const char *before;

	(void)state;
	str_init_secret(&s, 100000);
	sound(&s);
	assert_int_equal(str_addz(&s, "hush"), 0);
	assert_true(CRYPTO_secure_allocated(s.p));
	before = s.p;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(str_addz(&s, " and more of it"), 0);
	sound(&s);
	assert_int_equal(s.len, 4 + 100 * 15);
	assert_memory_equal(s.p, "hush and more", 13);
	assert_true(CRYPTO_secure_allocated(s.p) && s.p != before);
	/* What was given up while it grew is empty: the next to have that place sees zeros. */
	assert_int_not_equal(memcmp(before, "hush", 4), 0);
	str_free(&s);
	sound(&s);
	assert_int_equal(str_addz(&s, "again"), 0);
	assert_true(CRYPTO_secure_allocated(s.p));
	str_free(&s);
}

/* That memory has an end; what does not fit there is kept all the same. */
static void test_secrets_without_end(void **state)
{
	enum { COUNT = 10, EACH = 40000 };
	struct str s[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		str_init_secret(&s[i], EACH);
		memset(str_room(&s[i], EACH), 'x', EACH);
		str_added(&s[i], EACH);
		sound(&s[i]);
	}
	assert_false(CRYPTO_secure_allocated(s[COUNT - 1].p));
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(s[i].len, EACH);
		str_free(&s[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_no_room_at_all),
		cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_secrets_without_end),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
