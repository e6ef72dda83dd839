#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "base/fail.h"
#include "base/view.h"
#include "smtp/wire.h"

static const struct wire_case {
	const char *name;
	struct view in;
	bool good;
} cases[] = {
	{"nothing", VIEW(""), true},
	{"an empty line", VIEW("\r\n"), true},
	{"lines", VIEW("a\r\n\r\n.\r\n"), true},
	{"no end", VIEW("a"), false},
	{"end in CR", VIEW("a\r"), false},
	{"end in LF", VIEW("a\n"), false},
	{"lone LF inside", VIEW("a\nb\r\n"), false},
	{"lone CR inside", VIEW("a\rb\r\n"), false},
	{"CR CR LF", VIEW("a\r\r\n"), false},
	{"NUL", VIEW("a\0\r\n"), false},
	{"smuggled dot, LF", VIEW("a\n.\r\n"), false},
	{"smuggled dot, CR", VIEW("a\r.\r\n"), false},
};

static void test_check(void **state)
{
	struct smtp_wire_facts facts;
	struct fail f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(smtp_wire_check(cases[i].in, &facts, &f), cases[i].good ? 0 : -1);
	}
	assert_int_equal(smtp_wire_check(VIEW(".\r\na.\r\n..\r\n"), &facts, &f), 0);
	assert_int_equal(facts.to_stuff, 2);
	assert_false(facts.eightbit);
	for (size_t at = 0; at < 20; at++) {
		char text[23];

		memset(text, 'a', sizeof text);
		memcpy(text + 21, "\r\n", 2);
		text[at] = '\x80';
		assert_int_equal(smtp_wire_check(view_make(text, sizeof text), &facts, &f), 0);
		assert_true(facts.eightbit);
	}
}

static void test_line_length(void **state)
{
	char text[SMTP_WIRE_LINE_MAX + 3];
	struct smtp_wire_facts facts;
	struct fail f;

	(void)state;
	memset(text, 'x', sizeof text);
	memcpy(text + SMTP_WIRE_LINE_MAX, "\r\n", 2);
	assert_int_equal(smtp_wire_check(view_make(text, SMTP_WIRE_LINE_MAX + 2), &facts, &f), 0);
	memcpy(text + SMTP_WIRE_LINE_MAX, "x\r\n", 3);
	assert_int_equal(smtp_wire_check(view_make(text, SMTP_WIRE_LINE_MAX + 3), &facts, &f), -1);
}

/* The same question, asked octet by octet. */
static bool plainly_good(struct view v, bool *eightbit, size_t *to_stuff)
{
	size_t line = 0;

	*eightbit = false;
	*to_stuff = 0;
	for (size_t i = 0; i < v.len; i++, line++) {
		*eightbit = *eightbit || (v.p[i] & 0x80) != 0;
		*to_stuff += v.p[i] == '.' && line == 0;
		if (v.p[i] == '\0' || (v.p[i] == '\r' && (i + 1 == v.len || v.p[i + 1] != '\n')))
			return false;
		if (v.p[i] != '\n')
			continue;
		if (i == 0 || v.p[i - 1] != '\r' || line - 1 > SMTP_WIRE_LINE_MAX)
			return false;
		line = SIZE_MAX;
	}
	return v.len == 0 || v.p[v.len - 1] == '\n';
}

static void agree(struct view v)
{
	struct smtp_wire_facts facts;
	struct fail f;
	bool eightbit;
	size_t to_stuff;
	bool good = plainly_good(v, &eightbit, &to_stuff);

	assert_int_equal(smtp_wire_check(v, &facts, &f), good ? 0 : -1);
	if (!good)
		return;
	assert_int_equal(facts.eightbit, eightbit);
	assert_int_equal(facts.to_stuff, to_stuff);
}

/* Good text with any one octet in any place, in pieces of any length. */
static void test_quick_look_is_exact(void **state)
{
	static const char octets[] = {'\0', '\r', '\n', '.', 'a', '\x80', '\xff', '\x0b'};
	char text[150], changed[sizeof text];

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t at = 2; at < sizeof text; at += 2 + at % 17)
		memcpy(text + at - 2, "\r\n", 2);
	for (size_t len = 0; len <= sizeof text; len++) {
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof octets; k++) {
				memcpy(changed, text, sizeof text);
				memcpy(changed + len - (len < 2 ? 0 : 2), "\r\n", len < 2 ? 0 : 2);
				changed[at] = octets[k];
				agree(view_make(changed, len));
			}
		}
	}
}

/* Lines of every length about the limit, wherever they stand. */
static void test_quick_look_at_lengths(void **state)
{
	enum { ROOM = 4000, ODD = 37 };
	static char text[ROOM];

	(void)state;
	for (size_t from = 0; from < 600; from += ODD) {
		for (size_t len = SMTP_WIRE_LINE_MAX - 20; len < SMTP_WIRE_LINE_MAX + 20; len++) {
			memset(text, 'x', sizeof text);
			for (size_t at = 100; at < ROOM; at += 100)
				memcpy(text + at - 2, "\r\n", 2);
			memset(text + from, 'x', len + 2);
			if (from >= 2)
				memcpy(text + from - 2, "\r\n", 2);
			memcpy(text + from + len, "\r\n", 2);
			agree(view_make(text, ROOM));
		}
	}
}

/* In pieces of every size: the same bytes. */
static void test_pieces(void **state)
{
	struct view data = VIEW(".\r\n..\r\na.b\r\n\r\n.c\r\n.");
	const char *want = "..\r\n...\r\na.b\r\n\r\n..c\r\n..";

	(void)state;
	for (size_t room = 2; room < 40; room++) {
		struct smtp_wire w;
		char out[64];
		size_t n = 0;

		smtp_wire_start(&w, data, 4);
		while (w.rest.len > 0) {
			size_t got = smtp_wire_copy(&w, out + n, room);

			assert_true(got > 0 && got <= room);
			n += got;
		}
		assert_true(view_is(view_make(out, n), want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_line_length),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_quick_look_is_exact),
		cmocka_unit_test(test_quick_look_at_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
