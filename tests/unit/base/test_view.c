#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/str.h"

static const struct view nothing = {NULL, 0};

static void test_sub(void **state)
{
	static const struct sub_case {
		const char *name;
		size_t from, len;
		const char *want;
	} cases[] = {
		{"all", 0, 5, "hello"},
		{"a middle", 1, 3, "ell"},
		{"nothing of it", 2, 0, ""},
		{"longer than it is", 3, 99, "lo"},
		{"from its end", 5, 1, ""},
		{"from past its end", 6, 1, ""},
		{"both at their greatest", SIZE_MAX, SIZE_MAX, ""},
		{"the greatest length", 1, SIZE_MAX, "ello"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct view got = view_sub(VIEW("hello"), cases[i].from, cases[i].len);

		if (!view_is(got, cases[i].want))
			fail_msg("%s: \"%.*s\"", cases[i].name, VIEW_ARG(got));
	}
	assert_null(view_sub(nothing, 3, 3).p);
	assert_int_equal(view_sub(nothing, 3, 3).len, 0);
	assert_int_equal(view_from(nothing, 1).len, 0);
	assert_null(view_of(NULL).p);
	assert_int_equal(view_of(NULL).len, 0);
}

static void test_trim(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{" ", ""},
		{" \t\r\n ", ""},
		{"a", "a"},
		{"\r\n a b \t", "a b"},
		{"\va\f", "\va\f"},
		{"\xC2\xA0", "\xC2\xA0"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_true(view_is(view_trim(view_of(cases[i][0])), cases[i][1]));
	assert_int_equal(view_trim(nothing).len, 0);
}

/* How each pair compares: bytes, letters of any case, beginning, end. */
static void test_compare(void **state)
{
	static const struct compare_case {
		const char *a, *b;
		bool eq, nocase, starts, starts_nocase, ends;
		int order;
	} cases[] = {
		{"", "", true, true, true, true, true, 0},
		{"a", "", false, false, true, true, true, 1},
		{"", "a", false, false, false, false, false, -1},
		{"abc", "abc", true, true, true, true, true, 0},
		{"abc", "ABC", false, true, false, true, false, 1},
		{"abc", "AB", false, false, false, true, false, 1},
		{"abc", "bc", false, false, false, false, true, -1},
		{"abc", "abcd", false, false, false, false, false, -1},
		{"[", "{", false, false, false, false, false, -1},
		{"\xC3\xA9", "\xC3\x89", false, false, false, false, false, 1},
		{"\xFF", "a", false, false, false, false, false, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct compare_case *c = &cases[i];
		struct view a = view_of(c->a), b = view_of(c->b);
		int order = view_cmp(a, b);

		if (view_eq(a, b) != c->eq || view_eq_nocase(a, b) != c->nocase ||
			view_starts(a, b) != c->starts ||
			view_starts_nocase(a, b) != c->starts_nocase ||
			view_ends(a, b) != c->ends || (order > 0) - (order < 0) != c->order)
			fail_msg("\"%s\" and \"%s\"", c->a, c->b);
	}
	assert_true(view_eq(nothing, VIEW("")));
	assert_true(view_is(nothing, ""));
	assert_true(view_is(nothing, NULL));
	assert_true(view_eq_nocase(nothing, nothing));
	assert_true(view_starts(nothing, nothing));
	assert_true(view_starts(VIEW("a"), nothing));
	assert_true(view_ends(VIEW("a"), nothing));
	assert_true(view_ends(nothing, nothing));
	assert_int_equal(view_cmp(nothing, nothing), 0);
	assert_true(view_cmp(nothing, VIEW("a")) < 0);
	assert_true(view_eq(view_make("a\0b", 3), view_make("a\0b", 3)));
	assert_false(view_eq(view_make("a\0b", 3), view_make("a\0c", 3)));
}

static void test_find(void **state)
{
	static const struct find_case {
		const char *in, *needle;
		int at, at_nocase;
	} cases[] = {
		{"", "", 0, 0},
		{"a", "", 0, 0},
		{"", "a", -1, -1},
		{"a", "ab", -1, -1},
		{"ab", "ab", 0, 0},
		{"aab", "ab", 1, 1},
		{"abab", "bab", 1, 1},
		{"Received: BY mx", "by", -1, 10},
		{"aaaaaaab", "aab", 5, 5},
		{"abc", "cd", -1, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct view in = view_of(cases[i].in), needle = view_of(cases[i].needle);

		if (view_find(in, needle) != cases[i].at ||
			view_find_nocase(in, needle) != cases[i].at_nocase)
			fail_msg("\"%s\" in \"%s\"", cases[i].needle, cases[i].in);
	}
	assert_int_equal(view_find(nothing, nothing), 0);
	assert_int_equal(view_find(nothing, VIEW("a")), -1);
	assert_int_equal(view_find_nocase(VIEW("a"), nothing), 0);
	assert_int_equal(view_chr(nothing, 'a'), -1);
	assert_int_equal(view_chr(VIEW("abca"), 'a'), 0);
	assert_int_equal(view_chr(VIEW("abca"), 'c'), 2);
	assert_int_equal(view_chr(view_make("a\0", 2), '\0'), 1);
	assert_int_equal(view_chr(VIEW("a"), '\0'), -1);
}

/* The pieces are written with '|' after each. */
static void check_cut(bool (*cut)(struct view *, struct view *), const char *in, const char *want)
{
	struct view rest = view_of(in), piece;
	struct str got;

	str_init(&got, 256);
	while (cut(&rest, &piece)) {
		assert_int_equal(str_addv(&got, piece), 0);
		assert_int_equal(str_addc(&got, '|'), 0);
	}
	if (strcmp(got.p, want) != 0)
		fail_msg("\"%s\": \"%s\", not \"%s\"", in, got.p, want);
	assert_false(cut(&rest, &piece));
	str_free(&got);
}

static bool at_comma(struct view *in, struct view *part)
{
	return view_split(in, ',', part);
}

static void test_split(void **state)
{
	static const char *const cases[][2] = {
		{"", "|"},
		{"a", "a|"},
		{"a,b", "a|b|"},
		{"a,", "a||"},
		{",a", "|a|"},
		{",,", "|||"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_cut(at_comma, cases[i][0], cases[i][1]);
	check_cut(at_comma, NULL, "");
}

static void test_line(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"a", "a|"},
		{"a\n", "a|"},
		{"a\r\n", "a|"},
		{"a\r", "a|"},
		{"a\nb", "a|b|"},
		{"a\r\nb\rc\nd", "a|b|c|d|"},
		{"\n", "|"},
		{"\r\n", "|"},
		{"\n\r", "||"},
		{"\r\r\n", "||"},
		{"a\n\nb", "a||b|"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		check_cut(view_line, cases[i][0], cases[i][1]);
	check_cut(view_line, NULL, "");
}

static void test_u64(void **state)
{
	static const struct u64_case {
		const char *in;
		uint64_t max;
		bool ok;
		uint64_t want;
	} cases[] = {
		{"0", 0, true, 0},
		{"1", 0, false, 0},
		{"000", 0, true, 0},
		{"65535", 65535, true, 65535},
		{"65536", 65535, false, 0},
		{"0065535", 65535, true, 65535},
		{"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
		{"18446744073709551616", UINT64_MAX, false, 0},
		{"99999999999999999999999", UINT64_MAX, false, 0},
		{"5", 4, false, 0},
		{"9", 10, true, 9},
		{"10", 10, true, 10},
		{"11", 10, false, 0},
		{"", 9, false, 0},
		{"+1", 9, false, 0},
		{"-1", 9, false, 0},
		{" 1", 9, false, 0},
		{"1 ", 9, false, 0},
		{"1a", 99, false, 0},
		{"\xD9\xA1", 9, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct u64_case *c = &cases[i];
		uint64_t got = 4242;
		bool ok = view_u64(view_of(c->in), c->max, &got);

		if (ok != c->ok || got != (ok ? c->want : 4242))
			fail_msg("\"%s\": %d, %llu", c->in, ok, (unsigned long long)got);
	}
	assert_false(view_u64(nothing, 9, &(uint64_t){0}));
}

/* Every byte against ranges written another way. */
static void test_ascii(void **state)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	(void)state;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		const char *digit = i > 0 ? strchr(hex, i) : NULL;
		ptrdiff_t value = digit == NULL ? -1 : digit - hex;
		bool upper = i >= 0x41 && i <= 0x5A, lower = i >= 0x61 && i <= 0x7A;

		assert_int_equal(ascii_lower(c), upper ? (char)(i + 32) : c);
		assert_int_equal(ascii_is_alpha(c), upper || lower);
		assert_int_equal(ascii_is_digit(c), i >= 0x30 && i <= 0x39);
		assert_int_equal(ascii_is_alnum(c), ascii_is_alpha(c) || ascii_is_digit(c));
		assert_int_equal(ascii_is_space(c), i == 32 || i == 9 || i == 10 || i == 13);
		assert_int_equal(ascii_is_control(c), i < 32 || i == 127);
		assert_int_equal(ascii_hex(c), value > 15 ? value - 6 : value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sub),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_u64),
		cmocka_unit_test(test_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
