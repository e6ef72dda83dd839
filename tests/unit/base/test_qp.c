#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/qp.h"

static const struct qp_case {
	const char *name, *in, *want;
} cases[] = {
	{"empty", "", ""},
	{"ascii", "hello", "hello"},
	{"accent", "é", "=C3=A9"},
	{"blank at the end of a line", "a \nb\t", "a=20\r\nb=09"},
	{"CRLF and LF are line ends", "a\r\nb\n", "a\r\nb\r\n"},
	{"a lone CR is data", "a\rb", "a=0Db"},
	{"From at the start", "From me\nFrom you", "=46rom me\r\n=46rom you"},
	{"a lone dot", ".\n.", "=2E\r\n=2E"},
	{"equals sign", "a=b", "a=3Db"},
	{"a line of 76 is whole",
		"1234567890123456789012345678901234567890123456789012345678901234567890123456",
		"1234567890123456789012345678901234567890123456789012345678901234567890123456"},
	{"one of 77 is cut at 75",
		"12345678901234567890123456789012345678901234567890123456789012345678901234567",
		"123456789012345678901234567890123456789012345678901234567890123456789012345="
		"\r\n67"},
};

static void encodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str out;

		str_init(&out, 4096);
		assert_int_equal(qp_encode(&out, view_of(cases[i].in)), 0);
		if (strcmp(out.p, cases[i].want) != 0)
			fail_msg("%s: got \"%s\"", cases[i].name, out.p);
		str_free(&out);
	}
}

/* Every text of LF lines comes back, no line is over 76, none is "." or begins
 * with "From ". The texts are short words over the bytes that matter. */
static void comes_back(void **state)
{
	static const char *const words[] = {
		"a", " ", "\t", "\n", "=", ".", "é", "🎉", "From ", "\xff", "\r"};
	enum { WORDS = sizeof words / sizeof *words };
	struct str in, out, back;
	unsigned seed = 1;

	(void)state;
	str_init(&in, 1 << 16);
	str_init(&out, 1 << 18);
	str_init(&back, 1 << 18);
	for (int round = 0; round < 20000; round++) {
		struct view rest, line;
		size_t len = 1 + (seed >> 8) % 120;

		str_clear(&in);
		str_clear(&out);
		str_clear(&back);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			str_addz(&in, words[(seed >> 16) % WORDS]);
		}
		assert_int_equal(qp_encode(&out, str_view(&in)), 0);
		rest = str_view(&out);
		while (view_line(&rest, &line)) {
			assert_true(line.len <= 76);
			assert_false(view_is(line, "."));
			assert_false(view_starts(line, VIEW("From ")));
			assert_false(line.len > 0 && ascii_is_space(line.p[line.len - 1]));
		}
		assert_int_equal(qp_decode(&back, str_view(&out)), 0);
		/* CRLF became LF's meaning: compare with CRLF everywhere. */
		str_clear(&out);
		for (size_t i = 0; i < in.len; i++) {
			if (in.p[i] == '\n' && !(i > 0 && in.p[i - 1] == '\r'))
				str_addc(&out, '\r');
			str_addc(&out, in.p[i]);
		}
		assert_string_equal(back.p, out.p);
	}
	str_free(&in);
	str_free(&out);
	str_free(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(encodes), cmocka_unit_test(comes_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
