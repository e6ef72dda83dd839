#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/fail.h"
#include "fetch/pop3_reply.h"

static const struct text_case {
	const char *name, *in, *want, *rest; /* want NULL: it does not end */
} texts[] = {
	{"one line", "hello\r\n.\r\n", "hello\r\n", ""},
	{"nothing", ".\r\n+OK", "", "+OK"},
	{"doubled dots", "..\r\n..a\r\n.\r\n", ".\r\n.a\r\n", ""},
	{"a dot in the middle", "a.\r\n.\r\n", "a.\r\n", ""},
	{"LF ends no line", "a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", ""},
	{"CR ends no line", "a\r.\rb\r\n.\r\n", "a\r.\rb\r\n", ""},
	{"CR CR LF", "a\r\r\n.\r\n", "a\r\r\n", ""},
	{"a dot, CR, and more", ".\ra\r\n.\r\n", "\ra\r\n", ""},
	{"no end", "a\r\n.\r", NULL, ""},
	{"no end either", "a\r\n.", NULL, ""},
};

static void texts_end_with_a_dot(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		for (size_t piece = 1; piece < 20; piece++) {
			struct view in = view_of(texts[i].in), part = {0};
			struct pop3_text t = {0};
			int got = 0;

			str_clear(&out);
			while (got == 0 && in.len > 0) {
				part = view_take(&in, piece);
				got = pop3_text_take(&t, &part, &out);
			}
			if (got != (texts[i].want != NULL) ||
				(got && strcmp(out.p, texts[i].want) != 0) ||
				(got && part.len + in.len != strlen(texts[i].rest)))
				fail_msg("%s, pieces of %zu: %d \"%s\"", texts[i].name, piece, got,
					out.p);
			assert_false(t.cut);
		}
	str_free(&out);
}

static void a_long_text_is_cut(void **state)
{
	struct view in = VIEW("0123456789\r\n.\r\n");
	struct pop3_text t = {0};
	struct str out;

	(void)state;
	str_init(&out, 4);
	assert_int_equal(pop3_text_take(&t, &in, &out), 1);
	assert_true(t.cut);
	assert_string_equal(out.p, "0123");
	str_free(&out);
}

static void unique_ids(void **state)
{
	static const struct {
		const char *line, *id;
		uint32_t number;
	} cases[] = {{"1 abc", "abc", 1}, {"4294967295 x", "x", UINT32_MAX}, {"0 x", NULL, 0},
		{"1 ", NULL, 0}, {"1", NULL, 0}, {"x y", NULL, 0}, {"1 a b", NULL, 0},
		{"1 a\x01", NULL, 0}, {"1 \xc3\xa9", NULL, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view id;
		uint32_t number;
		bool good = pop3_uidl(view_of(cases[i].line), &number, &id);

		if (good != (cases[i].id != NULL))
			fail_msg("%s", cases[i].line);
		if (good) {
			assert_true(view_is(id, cases[i].id));
			assert_int_equal(number, cases[i].number);
		}
	}
}

static void lines_have_a_limit(void **state)
{
	char rubbish[POP3_LINE_MAX + 2] = {0};
	struct view in = view_make(rubbish, sizeof rubbish);
	struct str line;
	struct fail f;

	(void)state;
	memset(rubbish, 'x', sizeof rubbish);
	str_init(&line, POP3_LINE_MAX);
	assert_int_equal(pop3_line_take(&line, &in, &f), -1);
	assert_int_equal(f.kind, FAIL_TEMP);
	str_clear(&line);
	in = VIEW("+OK\r\nrest");
	assert_int_equal(pop3_line_take(&line, &in, &f), 1);
	assert_string_equal(line.p, "+OK");
	assert_true(view_is(in, "rest"));
	str_free(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_end_with_a_dot),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(unique_ids),
		cmocka_unit_test(lines_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
