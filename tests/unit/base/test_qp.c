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

/* A line whose last character just fits, or does not, whole characters both. */
static void breaks(void **state)
{
	static const struct break_case {
		const char *name;
		size_t lead; /* how many x stand before */
		const char *tail, *want;
	} rows[] = {
		{"ends at 76", 70, "\xC3\xA9", "=C3=A9"},
		{"would end at 77", 71, "\xC3\xA9", "=\r\n=C3=A9"},
		{"ends at 75, more follows", 69, "\xC3\xA9y", "=C3=A9y"},
		{"ends at 76, more follows", 70, "\xC3\xA9y", "=\r\n=C3=A9y"},
		{"ends at 76, then a line end", 70, "\xC3\xA9\ny", "=C3=A9\r\ny"},
		{"four bytes end at 76", 64, "\xF0\x9F\x8E\x89", "=F0=9F=8E=89"},
		{"four bytes would end at 77", 65, "\xF0\x9F\x8E\x89", "=\r\n=F0=9F=8E=89"},
		{"a blank that may not be last ends at 76", 73, " ", "=20"},
		{"and at 77", 74, " ", "=\r\n=20"},
		{"a dot brought to the front alone", 75, "y.", "=\r\ny."},
		{"a last dot at 77", 76, ".", NULL},
		{"From brought to the front", 75, "From me", "=\r\n=46rom me"},
	};
	struct str in, out, want;

	(void)state;
	str_init(&in, 200);
	str_init(&out, 400);
	str_init(&want, 400);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		str_clear(&in);
		str_clear(&out);
		str_clear(&want);
		while (in.len < rows[i].lead)
			(void)str_addc(&in, 'x');
		if (rows[i].want == NULL)
			(void)str_addf(&want, "%.75s=\r\nx.", in.p);
		else
			(void)str_addf(&want, "%s%s", in.p, rows[i].want);
		(void)str_addz(&in, rows[i].tail);
		assert_int_equal(qp_encode(&out, str_view(&in)), 0);
		if (strcmp(out.p, want.p) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, out.p);
	}
	str_free(&in);
	str_free(&out);
	str_free(&want);
}

static void decodes(void **state)
{
	static const struct qp_case rows[] = {
		{"empty", "", ""},
		{"both cases of digits", "=c3=A9", "\xC3\xA9"},
		{"soft breaks", "a=\r\nb=\nc", "abc"},
		{"a soft break with blanks", "a= \t\r\nb", "ab"},
		{"no digits", "a=zz", "a=zz"},
		{"one digit", "a=4", "a=4"},
		{"one digit, then a letter", "a=4g", "a=4g"},
		{"at the end", "a=", "a="},
		{"before a lone CR", "a=\rb", "a=\rb"},
		{"twice", "a==41", "a=A"},
		{"bytes of eight bits stay", "\xE9", "\xE9"},
		/* RFC 2045 section 6.7 rule 3: a relay put them there. */
		{"blanks at the end of a line", "a \t\r\nb \nc\t", "a\r\nb\nc"},
		{"blanks within a line", "a \tb", "a \tb"},
		{"a blank that is meant", "a =20\r\n", "a  \r\n"},
		{"a blank before a soft break", "a =\r\nb", "a b"},
		{"a blank before a lone CR", "a \rb", "a \rb"},
	};
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		str_clear(&out);
		assert_int_equal(qp_decode(&out, view_of(rows[i].in)), 0);
		if (strcmp(out.p, rows[i].want) != 0)
			fail_msg("%s: got \"%s\"", rows[i].name, out.p);
	}
	str_free(&out);
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(encodes), cmocka_unit_test(breaks),
		cmocka_unit_test(decodes), cmocka_unit_test(comes_back)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
