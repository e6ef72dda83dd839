#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/fail.h"
#include "net/saslprep.h"

static const struct prep_case {
	const char *name, *in, *out; /* NULL: refused */
} cases[] = {
	{"RFC 4013: soft hyphen", "I\xc2\xadX", "IX"},
	{"RFC 4013: no change", "user", "user"},
	{"RFC 4013: case kept", "USER", "USER"},
	{"RFC 4013: feminine ordinal", "\xc2\xaa", "a"},
	{"RFC 4013: roman nine", "\xe2\x85\xa8", "IX"},
	{"RFC 4013: a control", "\a", NULL},
	{"RFC 4013: bidirectional",
		"\xd8\xa7"
		"1",
		NULL},
	{"nothing", "", ""},
	{"only what vanishes", "\xc2\xad\xe2\x80\x8d", ""},
	{"a space beyond ASCII",
		"a\xc2\xa0"
		"b\xe3\x80\x80"
		"c",
		"a b c"},
	{"e and acute made one", "e\xcc\x81", "\xc3\xa9"},
	{"arabic alone", "\xd8\xa7\xd8\xa8", "\xd8\xa7\xd8\xa8"},
	{"arabic with a digit inside",
		"\xd8\xa7"
		"1\xd8\xa8",
		"\xd8\xa7"
		"1\xd8\xa8"},
	{"arabic with a letter inside",
		"\xd8\xa7"
		"a\xd8\xa8",
		NULL},
	{"a letter, then hebrew", "a\xd7\x90", NULL},
	{"DEL", "a\x7f", NULL},
	{"C1", "a\xc2\x85", NULL},
	{"private use", "\xee\x80\x80", NULL},
	{"private plane", "\xf3\xb0\x80\x80", NULL},
	{"not a character", "\xef\xbf\xbf", NULL},
	{"not a character of another plane", "\xf0\x9f\xbf\xbe", NULL},
	{"replacement character", "\xef\xbf\xbd", NULL},
	{"right-to-left mark", "a\xe2\x80\x8f", NULL},
	{"not UTF-8", "a\xff", NULL},
	{"a surrogate", "\xed\xa0\x80", NULL},
	{"the most that one can become", "\xef\xb7\xba",
		"\xd8\xb5\xd9\x84\xd9\x89 \xd8\xa7\xd9\x84\xd9\x84\xd9\x87 "
		"\xd8\xb9\xd9\x84\xd9\x8a\xd9\x87 \xd9\x88\xd8\xb3\xd9\x84\xd9\x85"},
	{"after Unicode 3.2", "\xf0\x9f\x8c\xba", "\xf0\x9f\x8c\xba"},
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct prep_case *c = &cases[i];
		struct view in = view_of(c->in);
		struct fail f = {0};
		struct str out;
		int ret;

		str_init(&out, in.len * NET_SASLPREP_GROWTH);
		ret = net_saslprep(in, "the password", &out, &f);
		if (ret != (c->out == NULL ? -1 : 0) ||
			(c->out != NULL && !view_is(str_view(&out), c->out)))
			fail_msg("%s: %d %s", c->name, ret, out.p);
		assert_int_equal(f.kind, ret == 0 ? FAIL_NONE : FAIL_PERM);
		str_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
