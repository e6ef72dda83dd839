#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/utf8.h"
#include "fetch/utf7.h"

static const struct utf7_case {
	const char *text, *encoded;
} both_ways[] = {
	{"INBOX", "INBOX"},
	{"", ""},
	{"A & B", "A &- B"},
	{"&&", "&-&-"},
	{"~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e",
		"~peter/mail/&U,BTFw-/&ZeVnLIqe-"}, /* RFC 3501 */
	{"\u00e9t\u00e9", "&AOk-t&AOk-"},
	{"\u00e9\u00e9", "&AOkA6Q-"},
	{"Entw\u00fcrfe", "Entw&APw-rfe"},
	{"\U0001f4ec", "&2D3c7A-"},
	{"a\U0001f4ec\u00e9b", "a&2D3c7ADp-b"},
};
static const struct {
	const char *name, *in, *out;
} broken[] = {
	/* shown as they stand */
	{"no end", "a&AOk", "a&AOk"},
	{"not base64", "a&A*k-", "a&A*k-"},
	{"bits that are left over", "&AOl-", "&AOl-"},
	{"half of a pair", "&2D0-", "&2D0-"},
	{"the second half alone", "&3Ow-", "&3Ow-"},
	{"ASCII in base64", "&AGE-", "&AGE-"},
	{"a control in base64", "&AAo-", "&AAo-"},
	{"UTF-8 as it is", "\u00e9", "\u00e9"},
	{"not UTF-8", "\xff", "\ufffd"},
};

static void names_go_both_ways(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof both_ways / sizeof *both_ways; i++) {
		str_clear(&out);
		assert_int_equal(utf7_encode(&out, view_of(both_ways[i].text)), 0);
		assert_string_equal(out.p, both_ways[i].encoded);
		str_clear(&out);
		assert_int_equal(utf7_decode(&out, view_of(both_ways[i].encoded)), 0);
		assert_string_equal(out.p, both_ways[i].text);
	}
	str_free(&out);
}

static void what_is_broken_is_shown(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		str_clear(&out);
		assert_int_equal(utf7_decode(&out, view_of(broken[i].in)), 0);
		if (strcmp(out.p, broken[i].out) != 0)
			fail_msg("%s: got %s", broken[i].name, out.p);
	}
	str_free(&out);
}

static void controls_are_no_name(void **state)
{
	static const char *const bad[] = {"a\nb", "a\rb", "\x7f", "a\tb", "\xff", "\u202e"};
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		str_clear(&out);
		assert_int_equal(utf7_encode(&out, view_of(bad[i])), -1);
	}
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(what_is_broken_is_shown),
		cmocka_unit_test(controls_are_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
