#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "mail/addr.h"
#include "mail/domain.h"

#define X8  "xxxxxxxx"
#define X16 X8 X8
#define X62 X16 X16 X16 X8 "xxxxxx"
#define X63 X62 "x"
#define X64 X16 X16 X16 X16
enum { RFC = ADDR_ALLOW_UTF8, ASCII = 0, LIST = ADDR_MEMBER };

/* Good addresses, their key and their wire form (NULL: as given). */
static const struct good {
	const char *in;
	unsigned flags;
	const char *key, *wire;
} good[] = {
#include "addr_good.inc"
};

/* Bad ones, and what the message must say about them. */
static const struct bad {
	const char *in;
	unsigned flags;
	const char *why;
} bad[] = {
#include "addr_bad.inc"
};

static void accepts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		const struct good *g = &good[i];
		struct str key, wire;
		struct addr a;
		struct fail f = {0};
		bool utf8;

		str_init(&key, ADDR_KEY_MAX);
		str_init(&wire, ADDR_WIRE_MAX);
		if (addr_parse(view_of(g->in), g->flags, &a, &f) < 0)
			fail_msg("%s: %s", g->in, f.text);
		assert_int_equal(a.local.len + 1 + a.domain.len, strlen(g->in));
		assert_int_equal(addr_key(&a, &key, &f), 0);
		assert_int_equal(addr_wire(&a, &wire, &utf8, &f), 0);
		if (strcmp(key.p, g->key) != 0)
			fail_msg("%s: key %s, not %s", g->in, key.p, g->key);
		if (strcmp(wire.p, g->wire != NULL ? g->wire : g->in) != 0)
			fail_msg("%s: wire %s", g->in, wire.p);
		for (size_t k = 0; k < a.local.len; k++)
			if ((a.local.p[k] & 0x80) != 0)
				break;
			else if (k + 1 == a.local.len)
				assert_false(utf8);
		str_free(&key);
		str_free(&wire);
	}
}

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const struct bad *b = &bad[i];
		struct addr a = {{"untouched", 9}, {NULL, 0}};
		struct fail f = {0};

		if (addr_parse(view_of(b->in), b->flags, &a, &f) == 0)
			fail_msg("%s: let through", b->in);
		assert_int_equal(f.kind, FAIL_DATA);
		if (strstr(f.text, b->why) == NULL)
			fail_msg("%s: says \"%s\", not \"%s\"", b->in, f.text, b->why);
		assert_true(view_is(a.local, "untouched"));
	}
}

/* Every byte in every place of a plain address: only those of the grammar pass.
 */
static void every_byte(void **state)
{
	static const char plain[] = "ab@cd.test";
	enum { AT = 2, DOT = 5, LEN = sizeof plain - 1 };

	(void)state;
	for (size_t at = 0; at < LEN; at++)
		for (int c = 0; c < 256; c++) {
			bool inner = at > DOT + 1 && at < LEN - 1;
			char in[LEN];
			struct addr a;
			struct fail f = {0};
			bool fine = ascii_is_alnum((char)c);

			/* A dot may stand in many places, and these have rows of their own. */
			if (at == DOT || c == '.' || c == '@')
				continue;
			memcpy(in, plain, LEN);
			in[at] = (char)c;
			if (at == AT)
				fine = false;
			else if (at < AT)
				fine = fine || (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c));
			else
				fine = fine || (inner && c == '-');
			if ((addr_parse(view_make(in, LEN), LIST, &a, &f) == 0) != fine)
				fail_msg("byte %d at %zu: %s", c, at, f.text);
		}
}

static void null_sender(void **state)
{
	struct addr a;
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, ADDR_KEY_MAX);
	assert_int_equal(addr_parse(VIEW(""), ADDR_ALLOW_EMPTY, &a, &f), 0);
	assert_int_equal(addr_key(&a, &out, &f), 0);
	assert_int_equal(addr_wire(&a, &out, NULL, &f), 0);
	assert_int_equal(out.len, 0);
	str_free(&out);
}

static void full_buffer(void **state)
{
	struct fail f = {0};
	struct str out;

	(void)state;
	for (size_t max = 0; max < 15; max++) {
		str_init(&out, max);
		assert_int_equal(addr_normalise(VIEW("ana@example.org"), LIST, &out, &f), -1);
		assert_int_equal(f.kind, FAIL_DATA);
		str_free(&out);
	}
}

static void displays(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"xn--mnchen-3ya.example", "münchen.example"},
		{"example.org", "example.org"},
		{"xn--\x01.example", "xn--\x01.example"},
		{"XN--MNCHEN-3YA.example", "münchen.example"},
		{"xn--zz--.example", "xn--zz--.example"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out;

		str_init(&out, 1024);
		assert_int_equal(domain_display(view_of(rows[i].in), &out), 0);
		assert_string_equal(out.p, rows[i].want);
		str_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(null_sender),
		cmocka_unit_test(full_buffer),
		cmocka_unit_test(displays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
