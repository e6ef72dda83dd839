#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/digest.h"
#include "mail/token.h"

static struct token_keys keys;
static const enum token_purpose purposes[] = {
	TOKEN_RETURN, TOKEN_UNSUBSCRIBE, TOKEN_CONFIRM, TOKEN_MESSAGE};
enum { PURPOSES = sizeof purposes / sizeof *purposes };

/* 0, 1, 2... as the first key; what follows is made of other bytes. */
static int prepare(void **state)
{
	(void)state;
	keys.count = 3;
	for (size_t k = 0; k < TOKEN_KEYS_MAX; k++)
		for (size_t i = 0; i < TOKEN_KEY_SIZE; i++)
			keys.key[k][i] = (unsigned char)(i + 37 * k);
	return 0;
}

static void write_one(
	struct str *out, enum token_purpose purpose, int64_t campaign, int64_t contact)
{
	const struct token t = {purpose, campaign, contact};

	str_clear(out);
	assert_int_equal(token_write(out, &keys, &t), 0);
}

/* What another program made of the same key: tokens of mail that is on its way stay good. */
static void test_form(void **state)
{
	static const struct token_case {
		struct token t;
		const char *want;
	} cases[] = {
		{{TOKEN_RETURN, 1, 1}, "rqbbt3syvdefikynin36"},
		{{TOKEN_RETURN, 12, 50000}, "rqm4tvavbvvo6hlpaiyhpj3"},
		{{TOKEN_RETURN, 7, 0}, "rqhahye6y6ogpdy2gtqi"},
		{{TOKEN_UNSUBSCRIBE, 12, 50000}, "uqm4tvaeg2nmt54qsjsdccm"},
		{{TOKEN_CONFIRM, 12, 50000}, "cqm4tvavugecv7kviipocqe"},
		{{TOKEN_RETURN, TOKEN_NUMBER_MAX, TOKEN_NUMBER_MAX},
			"rq777777777777p777777777777panaawuchgrxtmssk"},
	};
	struct str out;

	(void)state;
	str_init(&out, TOKEN_SIZE_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct token *t = &cases[i].t;

		write_one(&out, t->purpose, t->campaign, t->contact);
		assert_string_equal(out.p, cases[i].want);
		assert_int_equal(out.len, token_size(t->campaign, t->contact));
		assert_true(token_looks(str_view(&out)));
	}
	str_free(&out);
}

static void test_both_ways(void **state)
{
	static const int64_t numbers[] = {0, 1, 15, 16, 255, 256, 4095, 50000, INT64_C(10000000),
		INT64_C(1) << 31, (INT64_C(1) << 48) + 1, TOKEN_NUMBER_MAX - 1, TOKEN_NUMBER_MAX};
	enum { NUMBERS = sizeof numbers / sizeof *numbers };
	struct token got;
	struct str out;

	(void)state;
	str_init(&out, TOKEN_SIZE_MAX);
	for (size_t i = 0; i < NUMBERS * NUMBERS * PURPOSES; i++) {
		int64_t campaign = numbers[i % NUMBERS], contact = numbers[i / NUMBERS % NUMBERS];
		enum token_purpose purpose = purposes[i / NUMBERS / NUMBERS];

		write_one(&out, purpose, campaign, contact);
		for (size_t p = 0; p < PURPOSES; p++)
			assert_int_equal(token_read(str_view(&out), &keys, purposes[p], &got),
				purposes[p] == purpose);
		assert_int_equal(got.purpose, purpose);
		assert_true(got.campaign == campaign && got.contact == contact);
	}
	str_free(&out);
}

static void test_upper_case(void **state)
{
	struct token got;
	struct str out;

	(void)state;
	str_init(&out, TOKEN_SIZE_MAX);
	write_one(&out, TOKEN_RETURN, 12, 50000);
	for (size_t i = 0; i < out.len; i++)
		if (ascii_is_alpha(out.p[i]) && i % 3 != 0)
			out.p[i] = (char)(out.p[i] - 'a' + 'A');
	assert_int_equal(token_read(str_view(&out), &keys, TOKEN_RETURN, &got), 1);
	assert_int_equal(got.contact, 50000);
	str_free(&out);
}

/* Each other character at each place, and each cut. */
static void test_altered(void **state)
{
	static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789+-_.=@ \t";
	struct token got = {.contact = -1};
	struct str out;

	(void)state;
	str_init(&out, TOKEN_SIZE_MAX);
	write_one(&out, TOKEN_RETURN, 3, 1234);
	for (size_t i = 0; i < out.len; i++) {
		char was = out.p[i];

		for (const char *c = all; *c != '\0'; c++) {
			out.p[i] = *c;
			for (size_t p = 0; p < PURPOSES; p++)
				if (*c != was)
					assert_int_equal(token_read(str_view(&out), &keys,
								 purposes[p], &got),
						0);
		}
		out.p[i] = was;
		assert_int_equal(
			token_read(view_sub(str_view(&out), 0, i), &keys, TOKEN_RETURN, &got), 0);
		assert_int_equal(
			token_read(view_from(str_view(&out), i + 1), &keys, TOKEN_RETURN, &got), 0);
	}
	assert_int_equal(got.contact, -1);
	str_free(&out);
}

/* Old keys are recognised; those of somebody else are not, though some have the same id. */
static void test_keys(void **state)
{
	struct token_keys one = {.count = 1};
	struct token got;
	struct str out;
	size_t taken = 0;

	(void)state;
	str_init(&out, TOKEN_SIZE_MAX);
	for (unsigned k = 0; k < 256; k++) {
		const struct token t = {TOKEN_RETURN, 5, 6};

		memset(one.key[0], (int)k, TOKEN_KEY_SIZE);
		if (k < 2)
			memcpy(one.key[0], keys.key[k + 1], TOKEN_KEY_SIZE);
		str_clear(&out);
		assert_int_equal(token_write(&out, &one, &t), 0);
		taken += (size_t)token_read(str_view(&out), &keys, TOKEN_RETURN, &got);
		assert_int_equal(token_read(str_view(&out), &one, TOKEN_RETURN, &got), 1);
	}
	assert_int_equal(taken, 2);
	one.count = 0;
	assert_int_equal(token_read(str_view(&out), &one, TOKEN_RETURN, &got), 0);
	str_free(&out);
}

static void test_looks(void **state)
{
	static const struct looks_case {
		const char *text, *why;
		bool looks;
	} cases[] = {
		{"rqbbt3syvdefikynin36", "a real one", true},
		{"RQBBT3SYVDEFIKYNIN36", "upper case", true},
		{"rabbaaaaaaaaaaaaaaaa", "of nobody", true},
		{"", "nothing", false},
		{"rqbbt3syvdefikynin3", "too short", false},
		{"rqbbt3syvdefikynin366", "the mac too long", false},
		{"xqbbt3syvdefikynin36", "no such purpose", false},
		{"rqqbbt3syvdefikynin36", "zero in front", false},
		{"rqbbt3syvdefikynin3=", "a sign", false},
		{"rqbbt3syvdefikynin38", "no digit of ours", false},
		{"rq7777777777777p777777777777panaawuchgrxtmssk", "a number too long", false},
		{"r7777777777777777777777", "a number without an end", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (token_looks(view_of(cases[i].text)) != cases[i].looks)
			fail_msg("%s: %s", cases[i].text, cases[i].why);
}

static void test_places(void **state)
{
	static const char token[] = "rqbbt3syvdefikynin36";
	static const struct place_case {
		const char *local, *id;
	} cases[] = {
		{"returns+rqbbt3syvdefikynin36", "rqbbt3syvdefikynin36.abcdefgh@asso.example"},
		{"returns-rqbbt3syvdefikynin36", "rqbbt3syvdefikynin36.abcdefgh"},
		{"re.tur-ns_rqbbt3syvdefikynin36", "rqbbt3syvdefikynin36@asso.example"},
		{"SRS0=ab=cd=asso.example=returns+rqbbt3syvdefikynin36", "rqbbt3syvdefikynin36"},
		{"rqbbt3syvdefikynin36", "rqbbt3syvdefikynin36."},
	};
	static const char *const without[] = {"", "returns", "rqbbt3syvdefikynin36+", ".", "@",
		"returns+abc", "returnsrqbbt3syvdefikynin36"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_true(view_is(token_in_local_part(view_of(cases[i].local)), token));
		assert_true(view_is(token_in_message_id(view_of(cases[i].id)), token));
	}
	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		assert_int_equal(token_in_local_part(view_of(without[i])).len, 0);
	assert_int_equal(token_in_message_id(VIEW("x.rqbbt3syvdefikynin36")).len, 0);
}

static void test_maker(void **state)
{
	struct token_maker *m = token_maker_new(keys.key[0]);
	struct token t = {TOKEN_RETURN, 9, 0};
	struct str one, other;

	(void)state;
	str_init(&one, TOKEN_SIZE_MAX);
	str_init(&other, TOKEN_SIZE_MAX);
	for (; t.contact < 100; t.contact++) {
		write_one(&one, t.purpose, t.campaign, t.contact);
		str_clear(&other);
		assert_int_equal(token_make(m, &other, &t), 0);
		assert_string_equal(one.p, other.p);
	}
	str_free(&one);
	str_free(&other);
	str_init(&other, TOKEN_SIZE_MAX / 4);
	assert_int_equal(token_make(m, &other, &t), -1);
	str_free(&other);
	token_maker_free(&m);
	assert_null(m);
	token_maker_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_upper_case),
		cmocka_unit_test(test_altered),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_maker),
	};

	return cmocka_run_group_tests(tests, prepare, NULL);
}
