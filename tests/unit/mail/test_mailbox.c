#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/fail.h"
#include "mail/mailbox.h"

static const struct row {
	const char *in, *name, *local, *domain;
	const char *why; /* NULL when it is good */
} rows[] = {
	{"ana@example.org", "", "ana", "example.org", NULL},
	{"  ana@example.org \r\n", "", "ana", "example.org", NULL},
	{"<ana@example.org>", "", "ana", "example.org", NULL},
	{"Ana <ana@example.org>", "Ana", "ana", "example.org", NULL},
	{"Ana<ana@example.org>", "Ana", "ana", "example.org", NULL},
	{"Ana Ruiz <ana@example.org>", "Ana Ruiz", "ana", "example.org", NULL},
	{"\"Ruiz, Ana\" <ana@example.org>", "Ruiz, Ana", "ana", "example.org", NULL},
	{"\"a \\\"b\\\" \\\\\" <ana@example.org>", "a \"b\" \\", "ana", "example.org", NULL},
	{"\"a <b@c>\" <ana@example.org>", "a <b@c>", "ana", "example.org", NULL},
	{"Dr. \"A. B.\" Ruiz <ana@example.org>", "Dr. A. B. Ruiz", "ana", "example.org", NULL},
	{"J. Doe <ana@example.org>", "J. Doe", "ana", "example.org", NULL},
	{"Élise Nguyễn <élise@münchen.example>", "Élise Nguyễn", "élise", "münchen.example", NULL},
	{"L'Étoile & Cie <ana@example.org>", "L'Étoile & Cie", "ana", "example.org", NULL},
	{"שלום <ana@example.org>", "שלום", "ana", "example.org", NULL},
	{"ana@example.org (Ana Ruiz)", "Ana Ruiz", "ana", "example.org", NULL},
	{"ana@example.org (Ana, \\(x\\))", "Ana, (x)", "ana", "example.org", NULL},
	{"\"a@b\"@example.org", "", "\"a@b\"", "example.org", NULL},
	{"\"a<b\"@example.org", "", "\"a<b\"", "example.org", NULL},
	{"Ana <\"a>b\"@example.org>", "Ana", "\"a>b\"", "example.org", NULL},
	{"\"\" <ana@example.org>", "", "ana", "example.org", NULL},
	{"=?utf-8?q?Ana?= <ana@example.org>", "=?utf-8?q?Ana?=", "ana", "example.org", NULL},

	{"", NULL, NULL, NULL, "the address is empty"},
	{"   ", NULL, NULL, NULL, "the address is empty"},
	{"Ana", NULL, NULL, NULL, "no @"},
	{"Ana <>", NULL, NULL, NULL, "the address is empty"},
	{"Ana <ana>", NULL, NULL, NULL, "no @"},
	{"Ana <ana@example.org", NULL, NULL, NULL, "without a \">\""},
	{"Ana <ana@example.org> x", NULL, NULL, NULL, "something after"},
	{"Ana <<ana@example.org>>", NULL, NULL, NULL, "angle bracket"},
	{"Ana <ana@example.org> <b@example.org>", NULL, NULL, NULL, "angle bracket"},
	{"a@example.org, b@example.org", NULL, NULL, NULL, "more than one address"},
	{"a@example.org,b@example.org", NULL, NULL, NULL, "more than one address"},
	{"A <a@example.org>, B <b@example.org>", NULL, NULL, NULL, ""},
	{"A <a@example.org>, b@example.org", NULL, NULL, NULL, "more than one address"},
	{"Ruiz, Ana <ana@example.org>", NULL, NULL, NULL, "between quotation marks"},
	{"A; B <ana@example.org>", NULL, NULL, NULL, "more than one address"},
	{"Team: a@example.org, b@example.org;", NULL, NULL, NULL, "a group"},
	{"undisclosed-recipients:;", NULL, NULL, NULL, "a group"},
	{"Ana (work) <ana@example.org>", NULL, NULL, NULL, "put the name between"},
	{"Ana: x <ana@example.org>", NULL, NULL, NULL, "put the name between"},
	{"Ana @ x <ana@example.org>", NULL, NULL, NULL, "put the name between"},
	{"\"Ana <ana@example.org>", NULL, NULL, NULL, "quotation mark"},
	{"ana@example.org (a (b))", NULL, NULL, NULL, "parentheses within"},
	{"Ana\r\nBcc: x@example.org <ana@example.org>", NULL, NULL, NULL, "U+000D"},
	{"Ana\nRuiz <ana@example.org>", NULL, NULL, NULL, "U+000A"},
	{"Ana\tRuiz <ana@example.org>", NULL, NULL, NULL, "a tab"},
	{"Ana\x0b <ana@example.org>", NULL, NULL, NULL, "U+000B"},
	{"Ana\x7f <ana@example.org>", NULL, NULL, NULL, "U+007F"},
	{"Ana\u2028 <ana@example.org>", NULL, NULL, NULL, "U+2028"},
	{"Ana\u202e <ana@example.org>", NULL, NULL, NULL, "U+202E"},
	{"Ana\xff <ana@example.org>", NULL, NULL, NULL, "not UTF-8"},
	{"Ana <ana@localhost>", NULL, NULL, NULL, "no dot"},
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		struct mailbox m = {{NULL, 0}, {{NULL, 0}, {NULL, 0}}};
		struct fail f = {0};
		struct arena a;
		int ret;

		arena_init(&a);
		ret = mailbox_parse(view_of(r->in), ADDR_MEMBER, &a, &m, &f);
		if ((ret == 0) != (r->why == NULL))
			fail_msg("%s: %s", r->in, ret == 0 ? "let through" : f.text);
		if (ret < 0 && strstr(f.text, r->why) == NULL)
			fail_msg("%s: says \"%s\"", r->in, f.text);
		if (ret == 0 && !(view_is(m.name, r->name) && view_is(m.addr.local, r->local) &&
					view_is(m.addr.domain, r->domain)))
			fail_msg("%s: name \"%.*s\", %.*s at %.*s", r->in, VIEW_ARG(m.name),
				VIEW_ARG(m.addr.local), VIEW_ARG(m.addr.domain));
		arena_free(&a);
	}
}

static void bounded(void **state)
{
	char text[4096];
	struct mailbox m;
	struct fail f = {0};
	struct arena a;

	(void)state;
	arena_init(&a);
	memset(text, 'x', sizeof text);
	assert_int_equal(mailbox_parse(view_make(text, sizeof text), ADDR_MEMBER, &a, &m, &f), -1);
	assert_non_null(strstr(f.text, "4096 bytes"));
	memcpy(text + 520, "<a@b.example>", 13);
	assert_int_equal(mailbox_parse(view_make(text, 533), ADDR_MEMBER, &a, &m, &f), -1);
	assert_non_null(strstr(f.text, "520 bytes"));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(bounded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
