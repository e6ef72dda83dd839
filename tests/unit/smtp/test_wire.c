#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"
#include "smtp/wire.h"

enum { STRING_MAX = 7, ROOM = 8192 };
static const char alphabet[] = {'\r', '\n', '.', 'a', '\0'};

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

/* What a server makes of content: lines up to a lone dot, one dot off each. */
static void unstuff(struct str *out, struct view in, size_t *rest)
{
	for (;;) {
		ptrdiff_t lf = view_find(in, VIEW("\r\n"));
		struct view line;

		assert_true(lf >= 0);
		line = view_sub(in, 0, (size_t)lf);
		in = view_from(in, (size_t)lf + 2);
		if (view_is(line, "."))
			break;
		if (view_starts(line, VIEW(".")))
			line = view_from(line, 1);
		(void)str_addv(out, line);
		(void)str_addz(out, "\r\n");
	}
	*rest = in.len;
}

static void says(struct smtp_session *s, const char *words)
{
	struct smtp_event ev;

	smtp_session_feed(s, view_of(words));
	while (smtp_session_event(s, &ev))
		;
}

static void take(struct smtp_session *s, struct str *out)
{
	struct view v;

	while ((v = smtp_session_output(s)).len > 0) {
		(void)str_addv(out, v);
		smtp_session_written(s, v.len);
	}
}

/* Through a whole session: the server sees one message, this very one, and no
 * lone CR, LF or NUL; or nothing at all. */
static bool send_string(struct view data)
{
	const struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	const struct view rcpt = VIEW("a@example.org");
	struct smtp_message m = {.id = 1, .rcpts = &rcpt, .rcpt_count = 1, .data = data};
	struct fail f;
	struct smtp_session *s = smtp_session_new(&params, 0, &f);
	struct str out, content;
	size_t rest, envelope;
	bool sent;

	str_init(&out, ROOM);
	str_init(&content, ROOM);
	take(s, &out);
	says(s, "250-mx\r\n250 PIPELINING\r\n");
	str_clear(&out);
	smtp_session_submit(s, &m);
	take(s, &out);
	envelope = out.len;
	sent = envelope > 0;
	if (sent) {
		says(s, "250 ok\r\n250 ok\r\n354 go\r\n");
		smtp_session_commit(s, 1);
		take(s, &out);
		unstuff(&content, view_from(str_view(&out), envelope), &rest);
		assert_int_equal(rest, 0);
		assert_true(view_eq(str_view(&content), data));
		for (size_t i = 0; i < out.len; i++) {
			assert_true(out.p[i] != '\0');
			assert_true(out.p[i] != '\r' || out.p[i + 1] == '\n');
			assert_true(out.p[i] != '\n' || out.p[i - 1] == '\r');
		}
	}
	str_free(&out);
	str_free(&content);
	smtp_session_free(&s);
	return sent;
}

/* All 97,655 strings of 1 to 7 octets over CR, LF, dot, a, NUL, and each again as
 * a line of its own. */
static void test_all_strings(void **state)
{
	size_t count = 0, sent = 0;

	(void)state;
	for (size_t len = 1; len <= STRING_MAX; len++) {
		size_t combinations = 1;

		for (size_t i = 0; i < len; i++)
			combinations *= sizeof alphabet;
		for (size_t n = 0; n < combinations; n++) {
			char text[STRING_MAX + 2];
			size_t rest = n;

			for (size_t i = 0; i < len; i++, rest /= sizeof alphabet)
				text[i] = alphabet[rest % sizeof alphabet];
			memcpy(text + len, "\r\n", 2);
			count++;
			sent += send_string(view_make(text, len));
			sent += send_string(view_make(text, len + 2));
		}
	}
	assert_int_equal(count, 97655);
	print_message("%zu strings, %zu were fit for the wire\n", count, sent);
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
		cmocka_unit_test(test_all_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
