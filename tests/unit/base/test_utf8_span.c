#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/utf8.h"

/* Every byte at every place of a text around the eight bytes looked at at once. */
static void test_every_byte(void **state)
{
	char text[19];

	(void)state;
	for (size_t at = 0; at < sizeof text; at++) {
		for (int byte = 0; byte < 256; byte++) {
			size_t ascii = byte < 0x80 ? sizeof text : at;
			size_t printable = byte >= 0x20 && byte < 0x7F ? sizeof text : at;

			memset(text, at % 2 == 0 ? ' ' : '~', sizeof text);
			text[at] = (char)byte;
			assert_int_equal(utf8_ascii(view_make(text, sizeof text)), ascii);
			assert_int_equal(utf8_printable(view_make(text, sizeof text)), printable);
		}
	}
	assert_int_equal(utf8_ascii(view_make(NULL, 0)), 0);
	assert_int_equal(utf8_printable(view_make(NULL, 0)), 0);
}

static void test_valid(void **state)
{
	static const struct valid_case {
		const char *text;
		size_t bad_at; /* the length when it is valid */
	} cases[] = {
		{"", 0},
		{"plain text, longer than eight", 29},
		{"Zo\xC3\xA9 and more of it", 19},
		{"0123456789\xC3", 10},
		{"0123456789\xE9t\xE9", 10},
		{"\xC0\x80", 0},
		{"01234567\xED\xA0\x80", 8},
		{"01234567\xF4\x90\x80\x80", 8},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len = strlen(cases[i].text), bad_at = len;
		bool valid = utf8_valid(view_of(cases[i].text), &bad_at);

		assert_int_equal(bad_at, cases[i].bad_at);
		assert_int_equal(valid, cases[i].bad_at == len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
