#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/utf8.h"

static void test_set_and_wrap(void **state)
{
	struct fail f;

	(void)state;
	assert_int_equal(fail_set(&f, FAIL_DATA, "no @ in %s", "ana"), -1);
	assert_int_equal(f.kind, FAIL_DATA);
	assert_string_equal(f.text, "no @ in ana");
	assert_int_equal(fail_wrap(&f, "line %d", 12), -1);
	assert_int_equal(fail_wrap(&f, "%s", "ana.csv"), -1);
	assert_int_equal(f.kind, FAIL_DATA);
	assert_string_equal(f.text, "ana.csv: line 12: no @ in ana");
	assert_int_equal(fail_set(&f, FAIL_TEMP, "%s", ""), -1);
	assert_int_equal(f.kind, FAIL_TEMP);
	assert_string_equal(f.text, "");
}

/* The text is whole where it fits; else it begins as the whole one does, ends
 * in "..." and no character is cut. */
static void check_text(const struct fail *f, const struct str *whole)
{
	size_t len = strlen(f->text);

	assert_true(len < FAIL_TEXT_MAX);
	if (whole->len < FAIL_TEXT_MAX) {
		assert_string_equal(f->text, whole->p);
		return;
	}
	assert_true(len >= FAIL_TEXT_MAX - 1 - 3);
	assert_true(utf8_valid(view_of(f->text), NULL));
	assert_string_equal(f->text + len - 3, "...");
	assert_memory_equal(f->text, whole->p, len - 3);
}

/* Characters of one to four bytes at every distance from the end of the room,
 * in the text itself, in what wraps it, and across both. */
static void test_cut(void **state)
{
	static const char *const units[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\x89"};
	static const size_t leads[] = {
		0, 1, 2, 3, 500, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 2000};
	struct str lead, tail, whole;
	struct fail f;

	(void)state;
	str_init(&lead, 1 << 16);
	str_init(&tail, 1 << 16);
	str_init(&whole, 1 << 16);
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
		for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
			str_clear(&lead);
			str_clear(&tail);
			str_clear(&whole);
			while (lead.len < leads[i])
				(void)str_addc(&lead, 'x');
			while (tail.len < FAIL_TEXT_MAX - 30)
				(void)str_addz(&tail, units[u]);
			(void)str_addf(&whole, "%s%s", lead.p, tail.p);
			(void)fail_set(&f, FAIL_DATA, "%s%s", lead.p, tail.p);
			check_text(&f, &whole);

			(void)fail_set(&f, FAIL_DATA, "%s", tail.p);
			(void)fail_wrap(&f, "%s", lead.p);
			str_clear(&whole);
			(void)str_addf(&whole, "%s: %s", lead.p, tail.p);
			check_text(&f, &whole);
		}
	}
	str_free(&lead);
	str_free(&tail);
	str_free(&whole);
}

/* What others wrote may stand in a text; the text stays one line of UTF-8. */
static void test_one_line(void **state)
{
	static const char *const cases[][2] = {
		{"550 no\r\nerror: all is well", "550 no  error: all is well"},
		{"a\tb\x1B[31mc\x7F", "a b [31mc "},
		{"caf\xE9 \xC3\xA9 \xE2\x82", "caf? \xC3\xA9 ??"},
		{"\n", " "},
	};
	struct fail f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)fail_set(&f, FAIL_PERM, "%s", cases[i][0]);
		assert_string_equal(f.text, cases[i][1]);
		(void)fail_set(&f, FAIL_PERM, "x");
		(void)fail_wrap(&f, "%s", cases[i][0]);
		assert_memory_equal(f.text, cases[i][1], strlen(cases[i][1]));
	}
}

static void test_exit_codes(void **state)
{
	static const struct code_case {
		enum fail_kind kind;
		int code;
	} cases[] = {
		{FAIL_NONE, 0},
		{FAIL_USAGE, 64},
		{FAIL_DATA, 65},
		{FAIL_NOINPUT, 66},
		{FAIL_PERM, 69},
		{FAIL_BUG, 70},
		{FAIL_CREATE, 73},
		{FAIL_STORE, 74},
		{FAIL_TEMP, 75},
		{FAIL_GUARD, 77},
		{FAIL_CONF, 78},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(fail_exit_code(cases[i].kind), cases[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_wrap),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
