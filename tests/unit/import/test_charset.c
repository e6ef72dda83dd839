#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "import/charset.h"

#define BYTES(literal)                                                                             \
	{                                                                                          \
		"" literal, sizeof literal - 1                                                     \
	}

static const struct charset_case {
	const char *name;
	struct view in;
	enum charset kind;
	enum charset_problem problem; /* of either pass */
	const char *want;	      /* the text, or the place as line:column */
} cases[] = {
	{"nothing", BYTES(""), CHARSET_UTF8, CHARSET_FINE, ""},
	{"ASCII", BYTES("a@example.org\n"), CHARSET_UTF8, CHARSET_FINE, "a@example.org\n"},
	{"UTF-8", BYTES("Zo\xC3\xA9"), CHARSET_UTF8, CHARSET_FINE, "Zoé"},
	{"UTF-8, 3 and 4 bytes", BYTES("\xE2\x82\xAC\xF0\x9F\x98\x80"), CHARSET_UTF8, CHARSET_FINE,
		"€😀"},
	{"mark", BYTES("\xEF\xBB\xBFZo\xC3\xA9"), CHARSET_UTF8_BOM, CHARSET_FINE, "Zoé"},
	{"only a mark", BYTES("\xEF\xBB\xBF"), CHARSET_UTF8_BOM, CHARSET_FINE, ""},
	{"a mark later stays", BYTES("a\xEF\xBB\xBF"), CHARSET_UTF8, CHARSET_FINE, "a\xEF\xBB\xBF"},
	{"mark, then not UTF-8", BYTES("\xEF\xBB\xBFZo\xE9\n"), CHARSET_UTF8_BOM, CHARSET_INVALID,
		"1:3"},
	{"mark, then cut", BYTES("\xEF\xBB\xBFZo\xC3"), CHARSET_UTF8_BOM, CHARSET_CUT, "1:3"},
	{"UTF-16LE", BYTES("\xFF\xFEZ\0o\0\xE9\0"), CHARSET_UTF16LE, CHARSET_FINE, "Zoé"},
	{"UTF-16BE", BYTES("\xFE\xFF\0Z\0o\0\xE9"), CHARSET_UTF16BE, CHARSET_FINE, "Zoé"},
	{"UTF-16LE without mark", BYTES("Z\0o\0\xE9\0"), CHARSET_UTF16LE, CHARSET_FINE, "Zoé"},
	{"UTF-16BE without mark", BYTES("\0Z\0o\0\xE9"), CHARSET_UTF16BE, CHARSET_FINE, "Zoé"},
	{"UTF-16LE pair", BYTES("\xFF\xFE\x3D\xD8\x00\xDE"), CHARSET_UTF16LE, CHARSET_FINE, "😀"},
	{"UTF-16BE pair", BYTES("\xFE\xFF\xD8\x3D\xDE\x00"), CHARSET_UTF16BE, CHARSET_FINE, "😀"},
	{"high alone", BYTES("\xFF\xFE\x3D\xD8\x41\0"), CHARSET_UTF16LE, CHARSET_SURROGATE, "1:1"},
	{"low alone", BYTES("\xFF\xFE\n\0\x41\0\x00\xDE"), CHARSET_UTF16LE, CHARSET_SURROGATE,
		"2:2"},
	{"high at the end", BYTES("\xFF\xFE\x3D\xD8"), CHARSET_UTF16LE, CHARSET_CUT, "1:1"},
	{"odd number of bytes", BYTES("\xFF\xFE\x41\0\x42"), CHARSET_UTF16LE, CHARSET_CUT, "1:2"},
	{"UTF-32LE", BYTES("\xFF\xFE\0\0a\0\0\0"), CHARSET_UTF16LE, CHARSET_UTF32, "1:1"},
	{"UTF-32BE", BYTES("\0\0\xFE\xFF\0\0\0a"), CHARSET_UTF8, CHARSET_UTF32, "1:1"},
	{"windows-1252", BYTES("Zo\xE9\n"), CHARSET_WINDOWS_1252, CHARSET_FINE, "Zoé\n"},
	{"windows-1252 at the end", BYTES("Zo\xE9"), CHARSET_WINDOWS_1252, CHARSET_FINE, "Zoé"},
	{"its 80 to 9F", BYTES("\x80\x85\x8C\x91\x92\x9C\x9F \xE9"), CHARSET_WINDOWS_1252,
		CHARSET_FINE, "€…Œ‘’œŸ é"},
	{"its A0 to FF", BYTES("\xA0\xAB\xBB\xC0\xDF\xFF "), CHARSET_WINDOWS_1252, CHARSET_FINE,
		"\xC2\xA0«»Àßÿ "},
	{"undefined 81", BYTES("ab\n\xE9 \x81\n"), CHARSET_WINDOWS_1252, CHARSET_UNDEFINED, "2:3"},
	{"undefined 8D", BYTES("\x8D "), CHARSET_WINDOWS_1252, CHARSET_UNDEFINED, "1:1"},
	{"undefined 8F", BYTES("\x8F "), CHARSET_WINDOWS_1252, CHARSET_UNDEFINED, "1:1"},
	{"undefined 90", BYTES("\x90 "), CHARSET_WINDOWS_1252, CHARSET_UNDEFINED, "1:1"},
	{"undefined 9D", BYTES("\r\n\r\n \x9D "), CHARSET_WINDOWS_1252, CHARSET_UNDEFINED, "3:2"},
	{"UTF-8 by accident", BYTES("\xABMARCH\xC9\xBB \xE9\n"), CHARSET_WINDOWS_1252, CHARSET_FINE,
		"«MARCHÉ» é\n"},
	{"mixed, UTF-8 first", BYTES("Zo\xC3\xA9\nNo\xEBl\n"), CHARSET_WINDOWS_1252, CHARSET_MIXED,
		"2:3"},
	{"mixed, UTF-8 last", BYTES("No\xEBl\nZo\xC3\xA9\n"), CHARSET_WINDOWS_1252, CHARSET_MIXED,
		"2:3"},
	{"mixed, euro", BYTES("\xE2\x82\xAC,\n,\xE9,\n"), CHARSET_WINDOWS_1252, CHARSET_MIXED,
		"2:2"},
	{"cut UTF-8", BYTES("Zo\xC3\xA9\nNo\xC3"), CHARSET_UTF8, CHARSET_CUT, "2:3"},
	{"cut UTF-8, 3 of 4", BYTES("\xC3\xA9\xF0\x9F\x98"), CHARSET_UTF8, CHARSET_CUT, "1:2"},
	{"overlong", BYTES("\xC0\x80 \n"), CHARSET_WINDOWS_1252, CHARSET_FINE, "À€ \n"},
	{"surrogate in UTF-8", BYTES("\xC3\xA9 \xED\xA0\x80"), CHARSET_WINDOWS_1252, CHARSET_MIXED,
		"1:3"},
};

static enum charset_problem sniff(struct view in, size_t step, struct charset_sniff *s)
{
	struct view head = in;
	size_t end = 0;

	charset_sniff_init(s, head);
	if (s->settled)
		return charset_sniff_end(s, in);
	while (end < in.len) {
		struct view part;
		size_t from = (size_t)s->at;

		end = end + step < in.len ? end + step : in.len;
		part = view_sub(in, from, end - from);
		charset_sniff_feed(s, &part);
		assert_int_equal(in.p + end - part.len - in.p, s->at);
	}
	return charset_sniff_end(s, view_from(in, (size_t)s->at));
}

static enum charset_problem decode(
	struct view in, size_t step, struct charset_decoder *d, struct str *out)
{
	enum charset_problem problem = CHARSET_FINE;
	size_t end = 0;

	str_clear(out);
	while (problem == CHARSET_FINE && d->at < in.len) {
		size_t from = (size_t)d->at;
		struct view part;

		end = end + step < in.len ? end + step : in.len;
		part = view_sub(in, from, end - from);
		problem = charset_decode(d, &part, end == in.len, out);
	}
	return problem;
}

static void run_case(const struct charset_case *c, size_t step)
{
	struct charset_sniff s;
	struct charset_decoder d;
	struct charset_place place;
	enum charset_problem problem = sniff(c->in, step, &s);
	uint64_t at = s.at;
	char where[32];
	struct str text;

	str_init(&text, 1024);
	if (s.kind != c->kind)
		fail_msg("%s: kind %s", c->name, charset_name(s.kind));
	if (problem == CHARSET_FINE) {
		charset_decoder_init(&d, s.kind);
		problem = decode(c->in, step, &d, &text);
		at = d.at;
	}
	if (problem != c->problem)
		fail_msg("%s (by %zu): problem %d, not %d", c->name, step, problem, c->problem);
	if (problem == CHARSET_FINE) {
		assert_string_equal(text.p, c->want);
	} else {
		size_t skip = s.kind == CHARSET_UTF8_BOM ? 3 : 0;
		enum charset kind = problem == CHARSET_MIXED ? CHARSET_UTF8 : s.kind;
		struct fail f;

		charset_place_init(&place);
		if (problem != CHARSET_UTF32)
			charset_place_feed(&place, kind, view_sub(c->in, skip, (size_t)at - skip));
		(void)snprintf(where, sizeof where, "%d:%d", (int)place.line, (int)place.column);
		if (strcmp(where, c->want) != 0)
			fail_msg("%s: at %s, not %s", c->name, where, c->want);
		assert_int_equal(charset_fail(problem, &place, &f), -1);
		assert_int_equal(f.kind, FAIL_DATA);
		assert_non_null(strstr(f.text, "line "));
	}
	str_free(&text);
}

static void test_table(void **state)
{
	static const size_t steps[] = {1, 2, 3, 4096};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++)
			run_case(&cases[i], steps[k]);
}

/* Every code point except the surrogates goes through both forms of UTF-16. */
static void test_utf16_all(void **state)
{
	static const enum charset kinds[] = {CHARSET_UTF16LE, CHARSET_UTF16BE};

	(void)state;
	for (uint32_t cp = 1; cp <= 0x10FFFF; cp++) {
		unsigned units[2] = {cp, 0};
		size_t n = 1;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		if (cp >= 0x10000) {
			units[0] = 0xD800 + ((cp - 0x10000) >> 10);
			units[1] = 0xDC00 + ((cp - 0x10000) & 0x3FF);
			n = 2;
		}
		for (size_t k = 0; k < 2; k++) {
			char in[4];
			struct view left = {in, 2 * n};
			struct charset_decoder d = {.kind = kinds[k], .at = 2};
			struct str out;
			size_t len;

			for (size_t i = 0; i < n; i++) {
				in[2 * i + k] = (char)(units[i] & 0xFF);
				in[2 * i + 1 - k] = (char)(units[i] >> 8);
			}
			str_init(&out, 8);
			assert_int_equal(charset_decode(&d, &left, true, &out), CHARSET_FINE);
			len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
			assert_int_equal(out.len, len);
			str_free(&out);
		}
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(charset_name(CHARSET_UTF8), "UTF-8");
	assert_string_equal(charset_name(CHARSET_WINDOWS_1252), "windows-1252");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_utf16_all),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
