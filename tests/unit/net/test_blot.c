#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/base64.h"
#include "net/blot.h"

#define SECRET "S3cret-canary"

static void expect(struct view secret, struct view text, const char *want)
{
	struct net_blot blot;
	struct str out;

	net_blot_init(&blot, secret);
	str_init(&out, 4096);
	assert_int_equal(net_blot_out(&blot, text, &out), 0);
	assert_string_equal(out.p, want);
	assert_int_equal(net_blot_finds(&blot, text), strstr(want, NET_BLOT_MARK) != NULL);
	str_free(&out);
	net_blot_free(&blot);
}

static void test_plain(void **state)
{
	(void)state;
	expect(VIEW(SECRET), VIEW("Authentication failed"), "Authentication failed");
	expect(VIEW(SECRET), VIEW("bad password \"" SECRET "\""), "bad password \"********\"");
	expect(VIEW(SECRET), VIEW(SECRET SECRET " x " SECRET), "**************** x ********");
	expect(VIEW("two words"), VIEW("not two words!"), "not ********!");
	expect(VIEW(""), VIEW("anything"), "anything");
	/* So short that hiding it would say more than it hides. */
	expect(VIEW("a"), VIEW("anything at all"), "anything at all");
}

static void test_url(void **state)
{
	(void)state;
	expect(VIEW("a b/c+d%é"), VIEW("pw=a%20b%2Fc%2Bd%25%C3%A9&x=1"), "pw=********&x=1");
	expect(VIEW("a b/c+d%é"), VIEW("pw=a+b%2fc%2bd%25%c3%a9"), "pw=********");
	expect(VIEW("a b/c+d%é"), VIEW("pw=a%20b/c+d%é."), "pw=********.");
	expect(VIEW("a b/c+d%é"), VIEW("%61%20%62%2Fc+d%25%C3%A9"), "********");
	expect(VIEW("a b/c+d%é"), VIEW("a%20b%2Fc%2Bd%25%C3%"), "a%20b%2Fc%2Bd%25%C3%");
	expect(VIEW("100%25"), VIEW("100%2525 and 100%25"), "********25 and ********");
	/* The other alphabet: "a?b>c" is "YT9iPmM" in both, "~~~?>>" differs. */
	expect(VIEW("~~~?>>"), VIEW("fn5+Pz4+ fn5-Pz4-"), "******** ********");
}

/* Wherever it stands in what was encoded, and whatever its length, not three of its
 * octets in a row can be read back. */
static void test_base64(void **state)
{
	static const char *const befores[] = {
		"", "a", "ab", "abc", "\1user\1", "ana@lists.example"};
	static const char *const afters[] = {"", "z", "yz", "xyz", "\1\1"};

	(void)state;
	for (size_t len = NET_BLOT_SECRET_MIN; len < sizeof SECRET; len++) {
		struct view secret = view_make(SECRET, len);
		struct net_blot blot;

		net_blot_init(&blot, secret);
		for (size_t i = 0; i < sizeof befores / sizeof *befores * 5; i++) {
			struct str raw, text, out;

			str_init(&raw, 256);
			str_init(&text, 512);
			str_init(&out, 512);
			(void)str_addz(&raw, befores[i / 5]);
			(void)str_addv(&raw, secret);
			(void)str_addz(&raw, afters[i % 5]);
			(void)base64_encode(&text, str_view(&raw), 0);
			assert_true(net_blot_finds(&blot, str_view(&text)));
			(void)net_blot_out(&blot, str_view(&text), &out);
			assert_non_null(strstr(out.p, NET_BLOT_MARK));
			assert_false(net_blot_finds(&blot, str_view(&out)));
			str_free(&raw);
			str_free(&text);
			str_free(&out);
		}
		net_blot_free(&blot);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_url),
		cmocka_unit_test(test_base64)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
