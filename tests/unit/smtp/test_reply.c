#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "smtp/caps.h"
#include "smtp/reply.h"

enum { NEEDS_MORE = 0, IS_NONSENSE = -1 };

static const struct reply_case {
	const char *name, *in;
	int code;	    /* or one of the two above */
	const char *status; /* "x.y.z", "" for none */
	const char *text;
} cases[] = {
	{"one line", "250 ok\r\n", 250, "", "ok"},
	{"code alone", "250\r\n", 250, "", ""},
	{"code and space", "250 \r\n", 250, "", ""},
	{"lone LF", "250 ok\n", 250, "", "ok"},
	{"two lines", "250-mx\r\n250 SIZE\r\n", 250, "", "mx\nSIZE"},
	{"an empty line inside", "250-\r\n250 ok\r\n", 250, "", "\nok"},
	{"status", "550 5.1.1 unknown\r\n", 550, "5.1.1", "unknown"},
	{"status alone", "250 2.0.0\r\n", 250, "2.0.0", ""},
	{"status on every line", "550-5.1.1 no\r\n550 5.1.1 such user\r\n", 550, "5.1.1",
		"no\nsuch user"},
	{"status of three digits", "421 4.301.999 x\r\n", 421, "4.301.999", "x"},
	{"status too long", "421 4.3011.9 x\r\n", 421, "", "4.3011.9 x"},
	{"status of another class", "550 4.1.1 hm\r\n", 550, "", "4.1.1 hm"},
	{"half a status", "550 5.1 hm\r\n", 550, "", "5.1 hm"},
	{"a version is no status", "220 2.0.0b ready\r\n", 220, "", "2.0.0b ready"},
	{"controls", "550 a\x1b[31m\x07z\r\n", 550, "", "a\xef\xbf\xbd[31m\xef\xbf\xbdz"},
	{"a lone CR inside", "250 a\rb\r\n", 250, "",
		"a\xef\xbf\xbd"
		"b"},
	{"UTF-8 stays", "550 caf\xc3\xa9\r\n", 550, "", "caf\xc3\xa9"},
	{"Latin-1 does not", "550 caf\xe9\r\n", 550, "", "caf\xef\xbf\xbd"},
	{"no end yet", "250 ok", NEEDS_MORE, "", ""},
	{"more to come", "250-ok\r\n", NEEDS_MORE, "", ""},
	{"two digits", "25 ok\r\n", IS_NONSENSE, "", ""},
	{"four digits", "2500 ok\r\n", IS_NONSENSE, "", ""},
	{"letters", "HTTP/1.1 200\r\n", IS_NONSENSE, "", ""},
	{"empty line", "\r\n", IS_NONSENSE, "", ""},
	{"1xx", "150 hm\r\n", IS_NONSENSE, "", ""},
	{"6xx", "650 hm\r\n", IS_NONSENSE, "", ""},
	{"underscore", "250_ok\r\n", IS_NONSENSE, "", ""},
	{"codes differ", "250-a\r\n251 b\r\n", IS_NONSENSE, "", ""},
	{"space before", " 250 a\r\n", IS_NONSENSE, "", ""},
};

static void check_reply(const struct reply_case *c, size_t step)
{
	struct smtp_reply_parser p;
	struct view in = view_of(c->in);
	int got = 0;

	smtp_reply_init(&p);
	for (size_t at = 0; at < in.len && got == 0; at += step) {
		struct view piece = view_sub(in, at, step);

		got = smtp_reply_read(&p, &piece);
	}
	if (c->code <= 0) {
		assert_int_equal(got, c->code);
	} else {
		char status[32] = "";
		struct smtp_status st = p.reply.status;

		assert_int_equal(got, 1);
		assert_int_equal(p.reply.code, c->code);
		assert_true(view_is(p.reply.text, c->text));
		if (st.klass != 0)
			(void)snprintf(
				status, sizeof status, "%u.%u.%u", st.klass, st.subject, st.detail);
		assert_string_equal(status, c->status);
	}
	smtp_reply_free(&p);
}

/* In pieces of every size: a boundary may fall anywhere. */
static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("%s\n", cases[i].name);
		for (size_t step = 1; step <= strlen(cases[i].in); step++)
			check_reply(&cases[i], step);
	}
}

static void test_one_after_the_other(void **state)
{
	struct view in = VIEW("250 a\r\n354 b\r\n42");
	struct smtp_reply_parser p;

	(void)state;
	smtp_reply_init(&p);
	assert_int_equal(smtp_reply_read(&p, &in), 1);
	assert_int_equal(p.reply.code, 250);
	assert_int_equal(smtp_reply_read(&p, &in), 1);
	assert_int_equal(p.reply.code, 354);
	assert_true(view_is(p.reply.text, "b"));
	assert_int_equal(smtp_reply_read(&p, &in), 0);
	assert_int_equal(in.len, 0);
	smtp_reply_free(&p);
}

/* A line of `len` octets with its end, or an endless one. */
static int read_line_of(size_t len)
{
	struct smtp_reply_parser p;
	char line[SMTP_REPLY_LINE_MAX + 1];
	struct view in;
	int got;

	assert_true(len <= sizeof line);
	memset(line, 'x', sizeof line);
	memcpy(line, "250 ", 4);
	memcpy(line + len - 2, "\r\n", 2);
	in = view_make(line, len);
	smtp_reply_init(&p);
	got = smtp_reply_read(&p, &in);
	smtp_reply_free(&p);
	return got;
}

static int read_lines(unsigned n, size_t *kept)
{
	struct smtp_reply_parser p;
	int got = 0;

	smtp_reply_init(&p);
	for (unsigned i = 0; i < n && got == 0; i++) {
		struct view in = i + 1 < n ? VIEW("250-some words\r\n") : VIEW("250 end\r\n");

		got = smtp_reply_read(&p, &in);
	}
	*kept = p.text.len;
	smtp_reply_free(&p);
	return got;
}

static void test_limits(void **state)
{
	size_t kept;

	(void)state;
	assert_int_equal(read_line_of(SMTP_REPLY_LINE_MAX), 1);
	assert_int_equal(read_line_of(SMTP_REPLY_LINE_MAX + 1), IS_NONSENSE);
	assert_int_equal(read_lines(SMTP_REPLY_LINES_MAX, &kept), 1);
	assert_true(kept <= SMTP_REPLY_TEXT_MAX);
	assert_int_equal(read_lines(SMTP_REPLY_LINES_MAX + 1, &kept), IS_NONSENSE);
}

static void test_caps(void **state)
{
	struct smtp_caps caps;

	(void)state;
	smtp_caps_read(&caps,
		VIEW("mx CHUNKING\nPipelining\nSIZE 99999999999999999999999\nLIMITS MAILMAX=x "
		     "rcptmax=7\nX8BITMIME\n\n8BITMIMEX\nDSN"));
	assert_true(caps.pipelining && caps.dsn && caps.size);
	assert_false(caps.chunking || caps.eightbitmime || caps.smtputf8);
	assert_int_equal(caps.size_max, 0);
	assert_int_equal(caps.rcpt_max, 7);
	assert_int_equal(caps.mail_max, 0);
	smtp_caps_read(&caps, VIEW(""));
	assert_false(caps.pipelining || caps.dsn || caps.size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
