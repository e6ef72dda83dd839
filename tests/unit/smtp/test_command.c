#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "base/fail.h"
#include "smtp/command.h"

enum { ROOM = 4096 };

/* As the session does it: checked first, then put. */
static int add_mail(
	struct str *out, struct view from, const struct smtp_mail_params *p, struct fail *f)
{
	char line[SMTP_COMMAND_MAX];

	if (smtp_command_check_path(from, p->utf8, f) != 0 ||
		smtp_command_check_envid(p->envid, f) != 0)
		return -1;
	return str_add(out, line, smtp_command_put_mail(line, from, p));
}

static int add_rcpt(struct str *out, struct view to, unsigned notify, bool utf8, struct fail *f)
{
	const struct smtp_rcpt_params p = {.notify = notify};

	char line[SMTP_COMMAND_MAX];

	if (smtp_command_check_path(to, utf8, f) != 0)
		return -1;
	return str_add(out, line, smtp_command_put_rcpt(line, to, &p));
}

static const struct path_case {
	const char *name;
	struct view path;
	bool utf8, good;
} paths[] = {
	{"plain", VIEW("ana@example.org"), false, true},
	{"null sender", VIEW(""), false, true},
	{"quoted space", VIEW("\"a b\"@example.org"), false, true},
	{"quoted bracket", VIEW("\"a>b\"@example.org"), false, true},
	{"quoted quote", VIEW("\"a\\\"> b\"@example.org"), false, true},
	{"address literal", VIEW("ana@[IPv6:2001:db8::1]"), false, true},
	{"UTF-8 with leave", VIEW("\xc3\xa9@example.org"), true, true},
	{"UTF-8 without", VIEW("\xc3\xa9@example.org"), false, false},
	{"bad UTF-8", VIEW("\xe9@example.org"), true, false},
	{"CR", VIEW("ana@example.org\rRSET"), false, false},
	{"LF", VIEW("ana@example.org\nRSET"), false, false},
	{"CRLF command", VIEW("ana@example.org>\r\nRCPT TO:<zoe@example.org"), false, false},
	{"NUL", VIEW("ana@example.org\0"), false, false},
	{"TAB", VIEW("ana\t@example.org"), false, false},
	{"DEL", VIEW("ana\x7f@example.org"), false, false},
	{"CR in quotes", VIEW("\"a\r\n\"@example.org"), false, false},
	{"space", VIEW("ana @example.org"), false, false},
	{"a parameter", VIEW("ana@example.org> NOTIFY=NEVER"), false, false},
	{"open bracket", VIEW("<ana@example.org"), false, false},
	{"open quote", VIEW("\"ana@example.org"), false, false},
	{"quote ended by a backslash", VIEW("\"ana\\"), false, false},
	{"backslash outside quotes", VIEW("a\\\"na@example.org"), false, false},
};

static void test_paths(void **state)
{
	const struct smtp_mail_params none = {0}, utf8 = {.utf8 = true};
	struct str out;
	struct fail f;

	(void)state;
	str_init(&out, ROOM);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const struct path_case *c = &paths[i];
		int want = c->good ? 0 : -1;

		print_message("%s\n", c->name);
		str_clear(&out);
		assert_int_equal(add_mail(&out, c->path, c->utf8 ? &utf8 : &none, &f), want);
		assert_int_equal(out.len > 0, c->good);
		str_clear(&out);
		if (c->path.len > 0)
			assert_int_equal(add_rcpt(&out, c->path, 0, c->utf8, &f), want);
		assert_int_equal(out.len > 0, c->good && c->path.len > 0);
	}
	str_free(&out);
}

/* Every octet in every argument: none makes a second line. */
static void test_no_octet_escapes(void **state)
{
	(void)state;
	for (int octet = 0; octet < 256; octet++) {
		const struct smtp_mail_params p = {.envid = VIEW("x")};
		struct smtp_mail_params own = p;
		char text[] = "a?b";
		struct view v = view_make(text, 3);
		struct str out;
		struct fail f;

		text[1] = (char)octet;
		own.envid = v;
		str_init(&out, ROOM);
		(void)add_mail(&out, v, &p, &f);
		(void)add_rcpt(&out, v, 0, false, &f);
		(void)smtp_command_hello(&out, VIEW("EHLO"), v, &f);
		(void)smtp_command_word(&out, v, &f);
		assert_int_equal(add_mail(&out, VIEW("a"), &own, &f), 0);
		for (size_t i = 0; i < out.len; i++) {
			assert_true((unsigned char)out.p[i] < 0x7f);
			if (out.p[i] == '\r')
				assert_int_equal(out.p[i + 1], '\n');
			else if (out.p[i] == '\n')
				assert_int_equal(out.p[i - 1], '\r');
			else
				assert_true(out.p[i] >= ' ');
		}
		str_free(&out);
	}
}

static void test_lines(void **state)
{
	const struct smtp_mail_params all = {.size_given = true,
		.size = 1234,
		.body_8bit = true,
		.utf8 = true,
		.ret_given = true,
		.envid = VIEW("a=1+\xc3\xa9")};
	struct str out;
	struct fail f;

	(void)state;
	str_init(&out, ROOM);
	assert_int_equal(smtp_command_hello(&out, VIEW("EHLO"), VIEW("[192.0.2.1]"), &f), 0);
	assert_int_equal(add_mail(&out, VIEW("a@b.example"), &all, &f), 0);
	assert_int_equal(add_rcpt(&out, VIEW("c@d.example"),
				 SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY, false, &f),
		0);
	assert_int_equal(add_rcpt(&out, VIEW("c@d.example"), SMTP_NOTIFY_NEVER, false, &f), 0);
	assert_int_equal(smtp_command_word(&out, VIEW("DATA"), &f), 0);
	assert_string_equal(out.p,
		"EHLO [192.0.2.1]\r\n"
		"MAIL FROM:<a@b.example> SIZE=1234 BODY=8BITMIME SMTPUTF8 RET=HDRS "
		"ENVID=a+3D1+2B+C3+A9\r\n"
		"RCPT TO:<c@d.example> NOTIFY=FAILURE,DELAY\r\n"
		"RCPT TO:<c@d.example> NOTIFY=NEVER\r\n"
		"DATA\r\n");
	str_free(&out);
}

/* The longest of all fits a command line. */
static void test_longest(void **state)
{
	char text[SMTP_PATH_MAX - 2], line[SMTP_COMMAND_MAX];
	struct smtp_mail_params p = {.size_given = true,
		.size = UINT64_MAX,
		.body_8bit = true,
		.utf8 = true,
		.ret_given = true,
		.ret = SMTP_RET_FULL};
	const struct smtp_rcpt_params rcpt = {
		.notify = ~(unsigned)SMTP_NOTIFY_NEVER, .orcpt = true};
	size_t n;
	struct fail f;

	(void)state;
	memset(text, 'x', sizeof text);
	p.envid = view_make(text, SMTP_ENVID_MAX);
	assert_int_equal(smtp_command_check_envid(p.envid, &f), 0);
	n = smtp_command_put_mail(line, view_make(text, sizeof text), &p);
	assert_true(n < SMTP_COMMAND_MAX);
	assert_true(view_ends(view_make(line, n), VIEW("xxx\r\n")));
	assert_true(view_find(view_make(line, n),
			    VIEW("> SIZE=18446744073709551615 BODY=8BITMIME SMTPUTF8 RET=FULL "
				 "ENVID=x")) > 0);
	n = smtp_command_put_rcpt(line, view_make(text, sizeof text), &rcpt);
	assert_true(n < SMTP_COMMAND_MAX);
	assert_true(view_ends(view_make(line, n), VIEW("> NOTIFY=SUCCESS,FAILURE,DELAY\r\n")));
}

static const struct orcpt_case {
	const char *name, *to, *line;
} orcpts[] = {
	{"plain", "ana@x.example", "RCPT TO:<ana@x.example> ORCPT=rfc822;ana@x.example\r\n"},
	{"what xtext escapes", "a+b=c@x.example",
		"RCPT TO:<a+b=c@x.example> ORCPT=rfc822;a+2Bb+3Dc@x.example\r\n"},
	{"quoted", "\"a b\"@x.example",
		"RCPT TO:<\"a b\"@x.example> ORCPT=rfc822;\"a+20b\"@x.example\r\n"},
	{"a backslash is nothing to xtext", "\"a\\\"\"@x.example",
		"RCPT TO:<\"a\\\"\"@x.example> ORCPT=rfc822;\"a\\\"\"@x.example\r\n"},
	{"UTF-8", "\xc3\xa9lan@x.example",
		"RCPT TO:<\xc3\xa9lan@x.example> ORCPT=utf-8;\xc3\xa9lan@x.example\r\n"},
	{"UTF-8, and what that form escapes", "\"\xc3\xa9 \\\"\"+=@x.example",
		"RCPT TO:<\"\xc3\xa9 \\\"\"+=@x.example> "
		"ORCPT=utf-8;\"\xc3\xa9\\x{20}\\x{5C}\"\"\\x{2B}\\x{3D}@x.example\r\n"},
};

static void test_orcpt(void **state)
{
	const struct smtp_rcpt_params p = {.orcpt = true};
	char line[SMTP_COMMAND_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof orcpts / sizeof *orcpts; i++) {
		size_t n = smtp_command_put_rcpt(line, view_of(orcpts[i].to), &p);

		if (!view_is(view_make(line, n), orcpts[i].line))
			fail_msg("%s: %.*s", orcpts[i].name, (int)n, line);
	}
}

/* A line ends within 512 octets: where the original recipient does not fit it is left out. */
static void test_orcpt_that_does_not_fit(void **state)
{
	const struct smtp_rcpt_params p = {.orcpt = true, .notify = SMTP_NOTIFY_FAILURE};
	static const char signs[] = "x=";
	bool with = true;

	(void)state;
	for (size_t kind = 0; kind < 2; kind++) {
		size_t longest = 0;

		for (size_t len = 1; len <= SMTP_PATH_MAX - 2; len++) {
			char text[SMTP_PATH_MAX], line[SMTP_COMMAND_MAX + 1];
			size_t n;

			memset(text, signs[kind], sizeof text);
			line[SMTP_COMMAND_MAX] = 'c';
			n = smtp_command_put_rcpt(line, view_make(text, len), &p);
			assert_true(n <= SMTP_COMMAND_MAX && line[SMTP_COMMAND_MAX] == 'c');
			assert_true(view_ends(view_make(line, n), VIEW("\r\n")));
			with = view_find(view_make(line, n), VIEW(" ORCPT=")) > 0;
			if (with)
				assert_int_equal(longest++, len - 1);
		}
		assert_false(with);
		/* "RCPT TO:<" "> NOTIFY=FAILURE" " ORCPT=rfc822;" CRLF, and the address twice. */
		assert_int_equal(
			longest, (SMTP_COMMAND_MAX - 9 - 16 - 14 - 2) / (kind == 0 ? 2 : 4));
	}
}

static void test_bdat(void **state)
{
	static const struct {
		uint64_t octets;
		const char *line;
	} cases[] = {
		{0, "BDAT 0 LAST\r\n"},
		{9, "BDAT 9 LAST\r\n"},
		{10, "BDAT 10 LAST\r\n"},
		{2048, "BDAT 2048 LAST\r\n"},
		{UINT64_MAX, "BDAT 18446744073709551615 LAST\r\n"},
	};
	char line[SMTP_COMMAND_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = smtp_command_put_bdat(line, cases[i].octets);

		assert_true(view_is(view_make(line, n), cases[i].line));
	}
}

/* The quick look at an address and the close one agree, wherever an octet stands. */
static void test_every_octet_everywhere(void **state)
{
	enum { LONGEST = 20 };
	struct fail f;

	(void)state;
	for (int octet = 0; octet < 256; octet++) {
		bool bad = octet < 0x21 || octet > 0x7e || strchr("<>\\\"", octet) != NULL;

		for (size_t len = 1; len <= LONGEST; len++) {
			for (size_t at = 0; at < len; at++) {
				char text[LONGEST];

				memset(text, 'a', sizeof text);
				text[at] = (char)octet;
				assert_int_equal(
					smtp_command_check_path(view_make(text, len), false, &f),
					bad ? -1 : 0);
			}
		}
	}
}

static void test_lengths(void **state)
{
	char text[ROOM];
	struct smtp_mail_params p = {0};
	struct str out;
	struct fail f;

	(void)state;
	memset(text, 'x', sizeof text);
	str_init(&out, ROOM);
	assert_int_equal(add_rcpt(&out, view_make(text, SMTP_PATH_MAX - 2), 0, false, &f), 0);
	assert_int_equal(add_rcpt(&out, view_make(text, SMTP_PATH_MAX - 1), 0, false, &f), -1);
	p.envid = view_make(text, SMTP_ENVID_MAX);
	assert_int_equal(add_mail(&out, VIEW("a"), &p, &f), 0);
	p.envid = view_make(text, SMTP_ENVID_MAX + 1);
	assert_int_equal(add_mail(&out, VIEW("a"), &p, &f), -1);
	assert_int_equal(
		smtp_command_hello(&out, VIEW("EHLO"), view_make(text, SMTP_HOST_MAX), &f), 0);
	assert_int_equal(
		smtp_command_hello(&out, VIEW("EHLO"), view_make(text, SMTP_HOST_MAX + 1), &f), -1);
	assert_int_equal(f.kind, FAIL_CONF);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_no_octet_escapes),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_orcpt),
		cmocka_unit_test(test_orcpt_that_does_not_fit),
		cmocka_unit_test(test_bdat),
		cmocka_unit_test(test_every_octet_everywhere),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
