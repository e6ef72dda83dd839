#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/base64.h"

/* RFC 4648 section 10. */
static const char *const vectors[][2] = {
	{"", ""},
	{"f", "Zg=="},
	{"fo", "Zm8="},
	{"foo", "Zm9v"},
	{"foob", "Zm9vYg=="},
	{"fooba", "Zm9vYmE="},
	{"foobar", "Zm9vYmFy"},
	{"\xFB\xFF\xBF", "+/+/"},
};

static void test_vectors(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		str_clear(&out);
		assert_int_equal(base64_encode(&out, view_of(vectors[i][0]), 0), 0);
		assert_string_equal(out.p, vectors[i][1]);
		str_clear(&out);
		assert_int_equal(base64_decode(&out, view_of(vectors[i][1])), 0);
		assert_string_equal(out.p, vectors[i][0]);
	}
	str_clear(&out);
	assert_int_equal(base64_encode(&out, view_make(NULL, 0), 76), 0);
	assert_int_equal(base64_decode(&out, view_make(NULL, 0)), 0);
	assert_int_equal(out.len, 0);
	str_free(&out);
}

static void test_lines(void **state)
{
	static const struct line_case {
		const char *in;
		size_t line;
		const char *want;
	} cases[] = {
		{"", 4, ""},
		{"f", 4, "Zg==\r\n"},
		{"foo", 4, "Zm9v\r\n"},
		{"foob", 4, "Zm9v\r\nYg==\r\n"},
		{"foobar", 8, "Zm9vYmFy\r\n"},
		{"foobar", 76, "Zm9vYmFy\r\n"},
		{"foobarf", 8, "Zm9vYmFy\r\nZg==\r\n"},
	};
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str_clear(&out);
		assert_int_equal(base64_encode(&out, view_of(cases[i].in), cases[i].line), 0);
		assert_string_equal(out.p, cases[i].want);
	}
	str_free(&out);
}

static void test_decode(void **state)
{
	static const struct decode_case {
		const char *in, *want; /* NULL: malformed */
	} cases[] = {
		{" Z m\t9\r\nv ", "foo"},
		{"Zg=\r\n=", "f"},
		{"Zg==\r\n", "f"},
		{"Zh==", "f"}, /* bits under the padding are not looked at */
		{"Z", NULL},
		{"Zg", NULL},
		{"Zg=", NULL},
		{"Zg===", NULL},
		{"Zm8", NULL},
		{"Zm8==", NULL},
		{"Zm9v=", NULL},
		{"=", NULL},
		{"====", NULL},
		{"Z===", NULL},
		{"Z=g=", NULL},
		{"Zg==Zg==", NULL},
		{"Zg=g", NULL},
		{"Zm9vZ", NULL},
		{"Zm-_", NULL},
		{"Zm9v!", NULL},
		{"Zm9\xC3\xA9", NULL},
		{"Zm\v9v", NULL},
	};
	struct str out;

	(void)state;
	str_init(&out, 100);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *want = cases[i].want;
		int ret;

		str_clear(&out);
		ret = base64_decode(&out, view_of(cases[i].in));
		if (ret != (want != NULL ? 0 : -1) || (want != NULL && strcmp(out.p, want) != 0))
			fail_msg("\"%s\": %d, \"%s\"", cases[i].in, ret, out.p);
	}
	str_clear(&out);
	assert_int_equal(base64_decode(&out, view_make("Zm9v\0", 5)), -1);
	str_free(&out);
}

/* All bytes, at every length, broken at every usual width. */
static void test_comes_back(void **state)
{
	static const size_t widths[] = {0, 4, 64, 72, 76};
	struct str out, back;
	char in[300];

	(void)state;
	str_init(&out, 4096);
	str_init(&back, 4096);
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (char)(i * 89);
	for (size_t len = 0; len <= sizeof in; len++) {
		for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
			struct view rest, line;

			str_clear(&out);
			str_clear(&back);
			assert_int_equal(base64_encode(&out, view_make(in, len), widths[w]), 0);
			rest = str_view(&out);
			while (widths[w] > 0 && view_line(&rest, &line))
				assert_in_range(line.len, 4, widths[w]);
			assert_int_equal(base64_decode(&back, str_view(&out)), 0);
			assert_int_equal(back.len, len);
			assert_memory_equal(back.p, in, len);
		}
	}
	str_free(&out);
	str_free(&back);
}

static void test_full(void **state)
{
	struct str out;

	(void)state;
	for (size_t max = 0; max <= 10; max++) {
		str_init(&out, max);
		assert_int_equal(base64_encode(&out, VIEW("foobar"), 8), max < 10 ? -1 : 0);
		str_free(&out);
		str_init(&out, max);
		assert_int_equal(base64_decode(&out, VIEW("Zm9vYmE=")), max < 5 ? -1 : 0);
		str_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
