#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/utf8.h"

/* Both sides of every border that RFC 3629 section 4 draws. */
static void test_borders(void **state)
{
	static const struct border_case {
		const char *name, *in;
		size_t len; /* of the character; 0: none starts here */
		uint32_t cp;
	} cases[] = {
		{"DEL, the last of one byte", "\x7F", 1, 0x7F},
		{"a continuation alone", "\x80", 0, 0},
		{"the last continuation alone", "\xBF", 0, 0},
		{"NUL in two bytes", "\xC0\x80", 0, 0},
		{"slash in two bytes", "\xC0\xAF", 0, 0},
		{"DEL in two bytes", "\xC1\xBF", 0, 0},
		{"the first of two bytes", "\xC2\x80", 2, 0x80},
		{"the last of two bytes", "\xDF\xBF", 2, 0x7FF},
		{"two bytes in three", "\xE0\x9F\xBF", 0, 0},
		{"the first of three bytes", "\xE0\xA0\x80", 3, 0x800},
		{"the last before the surrogates", "\xED\x9F\xBF", 3, 0xD7FF},
		{"the first surrogate", "\xED\xA0\x80", 0, 0},
		{"the last surrogate", "\xED\xBF\xBF", 0, 0},
		{"the first after the surrogates", "\xEE\x80\x80", 3, 0xE000},
		{"the last of three bytes", "\xEF\xBF\xBF", 3, 0xFFFF},
		{"three bytes in four", "\xF0\x8F\xBF\xBF", 0, 0},
		{"the first of four bytes", "\xF0\x90\x80\x80", 4, 0x10000},
		{"the last there is", "\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
		{"one more", "\xF4\x90\x80\x80", 0, 0},
		{"a first byte of 2^21", "\xF8\x88\x80\x80\x80", 0, 0},
		{"FE", "\xFE", 0, 0},
		{"FF", "\xFF", 0, 0},
		{"two bytes, the second missing", "\xC3", 0, 0},
		{"two bytes, the second wrong", "\xC3(", 0, 0},
		{"three bytes, the third missing", "\xE2\x82", 0, 0},
		{"three bytes, the third wrong", "\xE2\x82(", 0, 0},
		{"four bytes, the fourth missing", "\xF0\x9F\x8E", 0, 0},
		{"four bytes, the fourth wrong", "\xF0\x9F\x8E\xC0", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct view in = view_of(cases[i].in), rest = in;
		uint32_t cp = 0;
		int step = utf8_next(&rest, &cp);
		size_t bad_at = 99;

		if (step != (cases[i].len > 0 ? 1 : -1) || in.len - rest.len != cases[i].len ||
			cp != cases[i].cp)
			fail_msg("%s: %d, U+%04X", cases[i].name, step, (unsigned)cp);
		assert_int_equal(utf8_valid(in, &bad_at), cases[i].len == in.len);
		assert_int_equal(bad_at, cases[i].len == in.len ? 99 : 0);
	}
	assert_int_equal(utf8_next(&(struct view){NULL, 0}, &(uint32_t){0}), 0);
	assert_true(utf8_valid(view_make(NULL, 0), NULL));
}

/* Every character there is: written, read, valid, one; every surrogate is not. */
static void test_every_character(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		bool surrogate = cp >= 0xD800 && cp <= 0xDFFF;
		char bytes[4];
		struct view in = view_make(bytes, utf8_put(cp, bytes));
		struct view rest = in;
		uint32_t back = 0;

		if (utf8_next(&rest, &back) != (surrogate ? -1 : 1) ||
			(!surrogate && (back != cp || rest.len != 0 || utf8_count(in) != 1)))
			fail_msg("U+%04X", (unsigned)cp);
	}
}

static void test_count_and_width(void **state)
{
	static const struct width_case {
		const char *name, *in;
		size_t count, width;
	} cases[] = {
		{"empty", "", 0, 0},
		{"ASCII", "abc", 3, 3},
		{"an accent", "\xC3\xA9t\xC3\xA9", 3, 3},
		{"a combining accent", "e\xCC\x81", 2, 1},
		{"an emoji", "\xF0\x9F\x8E\x89", 1, 2},
		{"two ideographs", "\xE9\x83\xB5\xE4\xBB\xB6", 2, 4},
		{"full width letters", "\xEF\xBC\xA1", 1, 2},
		{"a zero width space",
			"a\xE2\x80\x8B"
			"b",
			3, 2},
		{"invalid bytes, one each", "\xFF\xC3(", 3, 3},
		{"controls have no width", "a\x1B\x07", 3, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct view in = view_of(cases[i].in);

		if (utf8_count(in) != cases[i].count || utf8_width(in) != cases[i].width)
			fail_msg("%s: %zu characters, %zu columns", cases[i].name, utf8_count(in),
				utf8_width(in));
	}
}

static void test_floor(void **state)
{
	static const struct floor_case {
		const char *in;
		size_t at, want;
	} cases[] = {
		{"", 0, 0},
		{"", 5, 0},
		{"abc", 0, 0},
		{"abc", 2, 2},
		{"abc", 3, 3},
		{"abc", 9, 3},
		{"a\xC3\xA9z", 1, 1},
		{"a\xC3\xA9z", 2, 1},
		{"a\xC3\xA9z", 3, 3},
		{"\xF0\x9F\x8E\x89", 3, 0},
		{"\xF0\x9F\x8E\x89", 1, 0},
		{"\xF0\x9F\x8E\x89", 4, 4},
		/* An invalid byte is a character: cutting there loses nothing else. */
		{"\x80\x80\x80\x80\x80\x80\x80\x80", 6, 6},
		{"a\x80\x80\x80\x80\x80", 4, 4},
		{"\xC3\xA9\x80\x80", 3, 3},
		{"\xFF\x80", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t got = utf8_floor(view_of(cases[i].in), cases[i].at);

		if (got != cases[i].want)
			fail_msg("row %zu: %zu, not %zu", i, got, cases[i].want);
	}
	assert_int_equal(utf8_floor(view_make(NULL, 0), 3), 0);
}

static void test_controls(void **state)
{
	static const struct {
		uint32_t first, last;
	} controls[] = {
		{0x00, 0x1F},
		{0x7F, 0x9F},
		{0x061C, 0x061C},
		{0x200E, 0x200F},
		{0x2028, 0x202E},
		{0x2066, 0x2069},
	};

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		bool control = false;

		for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++)
			control |= cp >= controls[i].first && cp <= controls[i].last;
		if (utf8_is_control(cp) != control)
			fail_msg("U+%04X", (unsigned)cp);
	}
}

#define BAD "\xEF\xBF\xBD"

static void test_clean(void **state)
{
	static const struct clean_case {
		const char *name, *in, *want;
	} cases[] = {
		{"plain", "abc \xC3\xA9 \xF0\x9F\x8E\x89", "abc \xC3\xA9 \xF0\x9F\x8E\x89"},
		{"TAB and LF stay", "a\tb\nc", "a\tb\nc"},
		{"CR", "a\rb", "a" BAD "b"},
		{"a terminal's escape", "\x1B[31m", BAD "[31m"},
		{"the C1 form of it", "\xC2\x9B[31m", BAD "[31m"},
		{"right to left override",
			"a\xE2\x80\xAE"
			"b",
			"a" BAD "b"},
		{"Latin 1", "caf\xE9", "caf" BAD},
		{"cut in a character", "\xE2\x82", BAD BAD},
		{"overlong", "\xC0\xAF", BAD BAD},
	};
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str_clear(&out);
		assert_int_equal(utf8_clean(&out, view_of(cases[i].in)), 0);
		if (strcmp(out.p, cases[i].want) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, out.p);
	}
	str_clear(&out);
	assert_int_equal(utf8_clean(&out, view_make("\0", 1)), 0);
	assert_string_equal(out.p, BAD);
	str_free(&out);
	str_init(&out, 5);
	assert_int_equal(utf8_clean(&out, VIEW("\xFF\xFF")), -1);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_count_and_width),
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
