#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "fetch/maildir.h"

static void seen_is_put_in_order(void **state)
{
	static const char *const cases[][2] = {
		{"1.a.test", "1.a.test:2,S"},
		{"1.a.test:2,", "1.a.test:2,S"},
		{"1.a.test:2,S", "1.a.test:2,S"},
		{"1.a.test:2,RS", "1.a.test:2,RS"},
		{"1.a.test:2,R", "1.a.test:2,RS"},
		{"1.a.test:2,T", "1.a.test:2,ST"},
		{"1.a.test:2,DFRTab", "1.a.test:2,DFRSTab"},
		{"1.a.test:1,x", "1.a.test:2,S"},
		{"", ":2,S"},
	};
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str_clear(&out);
		assert_int_equal(maildir_with_seen(&out, view_of(cases[i][0])), 0);
		assert_string_equal(out.p, cases[i][1]);
	}
	str_free(&out);
}

static void folders_stay_inside(void **state)
{
	static const char *const cases[][2] = {
		{"Bounces", ".Bounces"},
		{"Facteur/Bounces", ".Facteur.Bounces"},
		{"\u00c9t\u00e9/a & b", ".&AMk-t&AOk-.a &- b"},
		{"..", NULL},
		{"../up", NULL},
		{"a/../b", NULL},
		{"a.b", NULL},
		{"a//b", NULL},
		{"/a", NULL},
		{"a/", NULL},
		{"", NULL},
		{"a\nb", NULL},
		{"\xff", NULL},
	};
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int got;

		str_clear(&out);
		got = maildir_folder(&out, cases[i][0]);
		if (got != (cases[i][1] != NULL ? 0 : -1) ||
			(got == 0 && strcmp(out.p, cases[i][1]) != 0))
			fail_msg("\"%s\": %d \"%s\"", cases[i][0], got, out.p);
	}
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seen_is_put_in_order),
		cmocka_unit_test(folders_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
