#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/digest.h"

static const char *hex_of(struct str *s, const unsigned char hash[DIGEST_SIZE])
{
	str_clear(s);
	assert_int_equal(digest_hex(s, hash, DIGEST_SIZE), 0);
	return s->p;
}

/* FIPS 180-2 appendix B, and the empty text. */
static void test_sha256(void **state)
{
	static const char *const cases[][2] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	unsigned char hash[DIGEST_SIZE];
	struct str s;

	(void)state;
	str_init(&s, 2 * DIGEST_SIZE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		digest_sha256(view_of(cases[i][0]), hash);
		assert_string_equal(hex_of(&s, hash), cases[i][1]);
	}
	digest_sha256(view_make(NULL, 0), hash);
	assert_string_equal(hex_of(&s, hash), cases[0][1]);
	str_free(&s);
}

/* RFC 4231 sections 4.2 to 4.8, without 4.6 (a cut hash). */
static void test_hmac(void **state)
{
	static const char more[] = "This is a test using a larger than block-size key and a larger "
				   "than block-size data. The key needs to be hashed before being "
				   "used by the HMAC algorithm.";
	static const struct hmac_case {
		int key_byte; /* repeated key_len times; -1: key */
		size_t key_len;
		const char *key, *in, *want;
	} cases[] = {
		{0x0b, 20, NULL, "Hi There",
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{-1, 4, "Jefe", "what do ya want for nothing?",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{0xaa, 20, NULL,
			"\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
			"\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
			"\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{-1, 25,
			"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11"
			"\x12\x13\x14\x15\x16\x17\x18\x19",
			"\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
			"\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd"
			"\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd\xcd",
			"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
		{0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{0xaa, 131, NULL, more,
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
		{-1, 0, NULL, "",
			"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	};
	unsigned char hash[DIGEST_SIZE];
	struct str s;

	(void)state;
	str_init(&s, 2 * DIGEST_SIZE);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct hmac_case *c = &cases[i];
		char filled[131];

		memset(filled, c->key_byte, sizeof filled);
		digest_hmac(view_make(c->key_byte < 0 ? c->key : filled, c->key_len),
			view_of(c->in), hash);
		if (strcmp(hex_of(&s, hash), c->want) != 0)
			fail_msg("row %zu: %s", i, s.p);
	}
	digest_hmac(view_make(NULL, 0), view_make(NULL, 0), hash);
	assert_string_equal(hex_of(&s, hash), cases[6].want);
	str_free(&s);
}

/* The same bytes cut at other places are other pieces. */
static void test_pieces(void **state)
{
	static const struct piece_case {
		const char *a, *b;
	} cases[] = {{"", "abc"}, {"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"abc", NULL}};
	enum { CASES = sizeof cases / sizeof cases[0] };
	unsigned char hash[CASES + 1][DIGEST_SIZE], again[DIGEST_SIZE];
	struct digest *d = digest_new();

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		digest_piece(d, view_of(cases[i].a));
		if (cases[i].b != NULL)
			digest_piece(d, view_of(cases[i].b));
		digest_end(d, hash[i]);
	}
	digest_end(d, hash[CASES]); /* no piece at all */
	for (size_t i = 0; i <= CASES; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(digest_same(hash[i], hash[k], DIGEST_SIZE));
	digest_piece(d, VIEW("a"));
	digest_piece(d, VIEW("bc"));
	digest_end(d, again);
	assert_true(digest_same(hash[1], again, DIGEST_SIZE));
	digest_piece(d, view_make(NULL, 0));
	digest_end(d, hash[0]);
	digest_piece(d, VIEW(""));
	digest_end(d, again);
	assert_true(digest_same(hash[0], again, DIGEST_SIZE));
	digest_free(&d);
	assert_null(d);
	digest_free(&d);
}

/* A piece is its length in eight bytes, big end first, and then its bytes; a
 * number is eight bytes. Written on disk in the chain of events: never to change. */
static void test_layout(void **state)
{
	static const char bytes[] = "\0\0\0\0\0\0\0\3abc\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE";
	unsigned char want[DIGEST_SIZE], got[DIGEST_SIZE];
	struct digest *d = digest_new();

	(void)state;
	digest_piece(d, VIEW("abc"));
	digest_number(d, -2);
	digest_end(d, got);
	digest_sha256(view_make(bytes, sizeof bytes - 1), want);
	assert_memory_equal(got, want, DIGEST_SIZE);
	digest_free(&d);
}

/* RFC 4648 section 10, in lower case and without padding. */
static void test_spellings(void **state)
{
	static const char *const cases[][3] = {
		{"", "", ""},
		{"f", "66", "my"},
		{"fo", "666f", "mzxq"},
		{"foo", "666f6f", "mzxw6"},
		{"foob", "666f6f62", "mzxw6yq"},
		{"fooba", "666f6f6261", "mzxw6ytb"},
		{"foobar", "666f6f626172", "mzxw6ytboi"},
		{"\xFF\x01\xA0", "ff01a0", "74a2a"},
	};
	struct str s;

	(void)state;
	str_init(&s, 100);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t len = strlen(cases[i][0]);

		str_clear(&s);
		assert_int_equal(digest_hex(&s, cases[i][0], len), 0);
		assert_string_equal(s.p, cases[i][1]);
		str_clear(&s);
		assert_int_equal(digest_base32(&s, cases[i][0], len), 0);
		assert_string_equal(s.p, cases[i][2]);
	}
	str_free(&s);
	str_init(&s, 3);
	assert_int_equal(digest_hex(&s, "ab", 2), -1);
	str_clear(&s);
	assert_int_equal(digest_base32(&s, "ab", 2), -1);
	str_free(&s);
}

/* The key prepared once gives what it gives each time, whatever came before. */
static void test_mac(void **state)
{
	static const char *const texts[] = {"what do ya want for nothing?", "", "a",
		"more than one block: 0123456789012345678901234567890123456789012345678901234567",
		"what do ya want for nothing?"};
	struct digest_mac *m = digest_mac_new("Jefe", 4);
	unsigned char hash[DIGEST_SIZE], want[DIGEST_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		digest_hmac(VIEW("Jefe"), view_of(texts[i]), want);
		digest_mac(m, view_of(texts[i]), hash);
		assert_memory_equal(hash, want, DIGEST_SIZE);
	}
	digest_mac_free(&m);
	assert_null(m);
	digest_mac_free(&m);
}

static void test_wipe(void **state)
{
	unsigned char zero[8] = {0}, bytes[8] = "secret";

	(void)state;
	digest_wipe(bytes, sizeof bytes);
	assert_memory_equal(bytes, zero, sizeof bytes);
}

static void test_random(void **state)
{
	unsigned char a[32] = {0}, b[32] = {0}, zero[32] = {0};

	(void)state;
	digest_random(a, sizeof a);
	digest_random(b, sizeof b);
	assert_false(digest_same(a, b, sizeof a));
	assert_false(digest_same(a, zero, sizeof a));
	assert_true(digest_same(a, b, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
