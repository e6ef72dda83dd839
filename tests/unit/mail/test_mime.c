#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "mail/date.h"
#include "mail/decode.h"
#include "mail/mime.h"
#include "mail/wire.h"

#define X10 "xxxxxxxxxx"
#define X76 X10 X10 X10 X10 X10 X10 X10 "xxxxxx"

static const struct choice {
	const char *text;
	enum mime_encoding want;
} choices[] = {
	{"", MIME_7BIT},
	{"hello", MIME_7BIT},
	{"hello\nworld\n", MIME_7BIT},
	{"hello\r\nworld\r\n", MIME_7BIT},
	{"a\tb\n", MIME_7BIT},
	{"\n\n\n", MIME_7BIT},
	{"..\n", MIME_7BIT},
	{".a\n", MIME_7BIT},
	{"From: a\n", MIME_7BIT},
	{" From me\n", MIME_7BIT},
	{X76 "\n", MIME_7BIT},
	{X76 "x\n", MIME_QP},
	{"a \n", MIME_QP},
	{"a\t\n", MIME_QP},
	{"a ", MIME_QP},
	{"-- \nAna\n", MIME_QP},
	{".\n", MIME_QP},
	{"a\n.", MIME_QP},
	{"a\n.\nb", MIME_QP},
	{"From me\n", MIME_QP},
	{"a\nFrom me\n", MIME_QP},
	{"a\rb", MIME_QP},
	{"a\r\rb\n", MIME_QP},
	{"a\x01", MIME_QP},
	{"a\x7f", MIME_QP},
	{"Un café à la crème, s'il vous plaît, et une tarte.\n", MIME_QP},
	{"éàüñøßçœîÿéàüñøßçœîÿéàüñøßçœîÿéàüñøßçœîÿ", MIME_BASE64},
	{"日本語の本文、とても長い本文", MIME_BASE64},
	{"مرحبا بالعالم، كيف حالك اليوم؟", MIME_BASE64},
};

static void chooses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (mime_choose(view_of(choices[i].text)) != choices[i].want)
			fail_msg("%s: %d", choices[i].text,
				(int)mime_choose(view_of(choices[i].text)));
}

static const struct body {
	const char *text, *want; /* as it comes back */
} bodies[] = {
	{"", ""},
	{"a", "a\r\n"},
	{"a\n", "a\r\n"},
	{"a\r\n", "a\r\n"},
	{"a\n\n", "a\r\n\r\n"},
	{"\n", "\r\n"},
	{"a\rb", "a\rb\r\n"},
	{"a\r", "a\r\r\n"},
	{"a \n b\t\n", "a \r\n b\t\r\n"},
	{".\n..\nFrom me\n", ".\r\n..\r\nFrom me\r\n"},
	{"é\n", "é\r\n"},
	{"日本語の本文\nとても長い本文\n", "日本語の本文\r\nとても長い本文\r\n"},
	{X76 X76 X76 "\n", X76 X76 X76 "\r\n"},
	{"--=_boundary--\n", "--=_boundary--\r\n"},
	{"a\x0b"
	 "b\x0c"
	 "c\xc2\x85"
	 "d\u2028e\n",
		"a\x0b"
		"b\x0c"
		"c\xc2\x85"
		"d\u2028e\r\n"},
};

static void come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct view header, body, encoding = {NULL, 0};
		struct decode_field field;
		struct str out, back;
		struct fail f = {0};

		str_init(&out, 1 << 16);
		str_init(&back, 1 << 16);
		assert_int_equal(mime_text(&out, "plain", view_of(bodies[i].text), NULL, &f), 0);
		decode_split(str_view(&out), &header, &body);
		while (decode_field(&header, &field) > 0)
			if (view_is(field.name, "Content-Transfer-Encoding"))
				encoding = view_trim(field.value);
		assert_int_equal(decode_body(&back, encoding, body, &f), 0);
		if (strcmp(back.p, bodies[i].want) != 0)
			fail_msg("%s: came back as %s from %s", bodies[i].text, back.p, out.p);
		str_free(&out);
		str_free(&back);
	}
}

/* A boundary is the same for the same seed, and never in a text: here the
 * texts hold the first ones that it would have been. */
static void boundaries(void **state)
{
	char first[MIME_BOUNDARY_SIZE], again[MIME_BOUNDARY_SIZE], second[MIME_BOUNDARY_SIZE];
	struct view texts[2];

	(void)state;
	mime_boundary(VIEW("seed"), 0, NULL, 0, first);
	mime_boundary(VIEW("seed"), 0, NULL, 0, again);
	assert_string_equal(first, again);
	assert_int_equal(strlen(first), 26);
	mime_boundary(VIEW("seed"), 1, NULL, 0, again);
	assert_string_not_equal(first, again);
	mime_boundary(VIEW("sead"), 0, NULL, 0, again);
	assert_string_not_equal(first, again);
	texts[0] = view_of(first);
	mime_boundary(VIEW("seed"), 0, texts, 1, second);
	assert_string_not_equal(first, second);
	texts[1] = view_of(second);
	mime_boundary(VIEW("seed"), 0, texts, 2, again);
	assert_string_not_equal(again, first);
	assert_string_not_equal(again, second);
}

/* mixed > related > text, as attachments and images will have it. */
static void nests(void **state)
{
	struct view rest, part, header, body;
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, 4096);
	assert_int_equal(mime_multipart(&out, "mixed", "o", &f), 0);
	mime_part(&out, "o");
	assert_int_equal(mime_multipart(&out, "related", "i", &f), 0);
	mime_part(&out, "i");
	assert_int_equal(mime_text(&out, "html", VIEW("a"), NULL, &f), 0);
	mime_end(&out, "i");
	mime_part(&out, "o");
	assert_int_equal(mime_text(&out, "plain", VIEW("b"), NULL, &f), 0);
	mime_end(&out, "o");
	assert_string_equal(out.p,
		"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
		"Content-Type: multipart/related; boundary=i\r\n\r\n--i\r\n"
		"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
		"a\r\n\r\n--i--\r\n\r\n--o\r\n"
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
		"b\r\n\r\n--o--\r\n");
	decode_split(str_view(&out), &header, &rest);
	assert_int_equal(decode_part(&rest, VIEW("o"), &part), 1);
	assert_true(view_starts(part, VIEW("Content-Type: multipart/related")));
	assert_true(view_ends(part, VIEW("--i--\r\n")));
	assert_int_equal(decode_part(&rest, VIEW("o"), &part), 1);
	decode_split(part, &header, &body);
	assert_true(view_is(body, "b\r\n"));
	assert_int_equal(decode_part(&rest, VIEW("o"), &part), 0);
	str_free(&out);
}

static void too_small(void **state)
{
	struct fail f = {0};
	struct str out;

	(void)state;
	for (size_t max = 0; max < 90; max += 10) {
		str_init(&out, max);
		assert_int_equal(
			mime_text(&out, "plain", VIEW("é, and more than there is room"), NULL, &f),
			-1);
		str_free(&out);
	}
}

/* Texts in which lines come, go and change: a memo never changes a byte. */
static void remembers(void **state)
{
	static const char *const lines[] = {"Hello Ana,", "", "From here", ".", "a = b",
		X76 X76 "=", "Un caf\xc3\xa9 \xc3\xa0 la cr\xc3\xa8me", "tail ",
		"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "a\rb", "\xc3",
		"plain text and more of it"};
	struct mime_memo *memo = mime_memo_new();
	uint32_t seed = 7;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		struct str text, with, without;
		struct fail f = {0}, g = {0};

		str_init(&text, 4096);
		str_init(&with, 16384);
		str_init(&without, 16384);
		for (size_t i = 0; i < 6; i++) {
			seed = seed * 1664525 + 1013904223;
			(void)str_addz(&text,
				lines[(seed >> 16) % 4 != 0
						? i + (size_t)n % 2
						: (seed >> 8) % (sizeof lines / sizeof *lines)]);
			if (i < 5 || n % 5 != 0)
				(void)str_addz(&text, n % 7 == 0 ? "\r\n" : "\n");
		}
		assert_int_equal(mime_text(&with, "plain", str_view(&text), memo, &f),
			mime_text(&without, "plain", str_view(&text), NULL, &g));
		assert_string_equal(f.text, g.text);
		if (!view_eq(str_view(&with), str_view(&without)))
			fail_msg("text %d:\n%s\n-- with a memo:\n%s\n-- without:\n%s", n, text.p,
				with.p, without.p);
		str_free(&text);
		str_free(&with);
		str_free(&without);
	}
	mime_memo_free(&memo);
}

static const struct moment {
	int64_t at;
	int offset;
	const char *want; /* NULL: refused */
} moments[] = {
	{0, 0, "Thu, 01 Jan 1970 00:00:00 +0000"},
	{999, 0, "Thu, 01 Jan 1970 00:00:00 +0000"},
	{-1, 0, "Wed, 31 Dec 1969 23:59:59 +0000"},
	{INT64_C(1772353800000), 0, "Sun, 01 Mar 2026 08:30:00 +0000"},
	{INT64_C(1772353800000), 660, "Sun, 01 Mar 2026 19:30:00 +1100"},
	{INT64_C(1772353800000), -570, "Sat, 28 Feb 2026 23:00:00 -0930"},
	{INT64_C(1772353800000), 345, "Sun, 01 Mar 2026 14:15:00 +0545"},
	{INT64_C(1709164800000), 0, "Thu, 29 Feb 2024 00:00:00 +0000"},
	{INT64_C(951782400000), 0, "Tue, 29 Feb 2000 00:00:00 +0000"},
	{INT64_C(4107542400000), 0, "Mon, 01 Mar 2100 00:00:00 +0000"},
	{INT64_C(253402300799999), 0, "Fri, 31 Dec 9999 23:59:59 +0000"},
	{INT64_C(-2208988800000), 0, "Mon, 01 Jan 1900 00:00:00 +0000"},
	{0, 1439, "Thu, 01 Jan 1970 23:59:00 +2359"},
	{INT64_C(253402300799999), 1, NULL},
	{INT64_C(-2208988800000), -1, NULL},
	{INT64_C(253402300800000), 0, NULL},
	{INT64_MAX, 0, NULL},
	{INT64_MIN, 0, NULL},
	{0, 1440, NULL},
	{0, -1440, NULL},
	{0, INT32_MIN, NULL},
};

static void dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		char text[DATE_SIZE];
		struct fail f = {0};
		int ret = date_format(moments[i].at, moments[i].offset, text, &f);

		assert_int_equal(ret, moments[i].want == NULL ? -1 : 0);
		if (ret == 0)
			assert_string_equal(text, moments[i].want);
	}
}

static void wire(void **state)
{
	static const struct {
		const char *text;
		unsigned flags;
		const char *why;
	} rows[] = {
		{"a\r\n", 0, NULL},
		{"\r\n", 0, NULL},
		{"a\r\n.\r\n..\r\n", 0, NULL},
		{"\xc3\xa9\r\n", WIRE_8BIT, NULL},
		{"\xc3\xa9\r\n", 0, "past 127 at byte 0"},
		{"", 0, "no line end"},
		{"a", 0, "no line end"},
		{"a\r", 0, "CR without LF at byte 1"},
		{"a\n", 0, "LF without CR at byte 1"},
		{"a\r\r\n", 0, "CR without LF"},
		{"a\n\r\n", 0, "LF without CR"},
		{"a\r\n\n", 0, "LF without CR at byte 3"},
		{"a\r\nb", 0, "no line end"},
		{"\r", 0, "CR without LF"},
	};
	char line[1002];
	struct fail f = {0};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int ret = wire_check(view_of(rows[i].text), rows[i].flags, &f);

		assert_int_equal(ret, rows[i].why == NULL ? 0 : -1);
		if (ret < 0 && strstr(f.text, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, f.text);
	}
	assert_int_equal(wire_check(VIEW("a\0b\r\n"), 0, &f), -1);
	memset(line, 'x', sizeof line);
	memcpy(line + 998, "\r\n", 2);
	assert_int_equal(wire_check(view_make(line, 1000), 0, &f), 0);
	memcpy(line + 998, "x\r\n", 3);
	assert_int_equal(wire_check(view_make(line, 1001), 0, &f), -1);
	assert_int_equal(f.kind, FAIL_BUG);
}

/* What wire_check() has to say, octet by octet. */
static bool fit(struct view m, unsigned flags)
{
	size_t line = 0;

	for (size_t i = 0; i < m.len; i++) {
		bool lf = m.p[i] == '\n';

		if (m.p[i] == '\0' || ((m.p[i] & 0x80) != 0 && (flags & WIRE_8BIT) == 0) ||
			lf != (i > 0 && m.p[i - 1] == '\r'))
			return false;
		line = lf ? 0 : line + 1;
		if (line > WIRE_LINE_MAX + 1) /* its CR is one of them */
			return false;
	}
	return m.len > 0 && m.p[m.len - 1] == '\n';
}

/* The quick look misses nothing, wherever it stands: one octet of a good message changed,
 * with lines and messages of lengths around those of its blocks. */
static void wire_anywhere(void **state)
{
	static const size_t lines[] = {1, 2, 16, 76, 479, 480, 481, 959, 960, 998, 999};
	static const char bad[] = {'\r', '\n', '\0', '.', (char)0x80, 'x'};
	char text[2100];
	struct wire_look look;
	struct fail f;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		size_t len = 0;

		while (len + lines[i] + 2 <= sizeof text) {
			memset(text + len, 'a', lines[i]);
			memcpy(text + len + lines[i], "\r\n", 2);
			len += lines[i] + 2;
		}
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof bad; k++) {
				struct view m = view_make(text, len);
				char kept = text[at];

				text[at] = bad[k];
				for (unsigned flags = 0; flags <= WIRE_8BIT; flags++)
					if ((wire_check(m, flags, &f) == 0) != fit(m, flags))
						fail_msg("line %zu, byte %zu, case %zu", lines[i],
							at, k);
				if (wire_is_clean(m, &look) &&
					(!fit(m, WIRE_8BIT) ||
						look.eightbit != ((bad[k] & 0x80) != 0) ||
						look.dots !=
							(bad[k] == '.' &&
								(at == 0 || text[at - 1] == '\n'))))
					fail_msg("line %zu, byte %zu, case %zu: look", lines[i], at,
						k);
				text[at] = kept;
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses),
		cmocka_unit_test(come_back),
		cmocka_unit_test(boundaries),
		cmocka_unit_test(nests),
		cmocka_unit_test(too_small),
		cmocka_unit_test(remembers),
		cmocka_unit_test(dates),
		cmocka_unit_test(wire),
		cmocka_unit_test(wire_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
