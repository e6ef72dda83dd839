/* The ways to log in: the examples of their RFCs, and servers that play foul. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/fail.h"
#include "net/sasl.h"
#include "net/scram.h"

#define SHA1_NONCE   "fyko+d2lbbFgONRv9qkxdawL"
#define SHA1_ASKS    "r=" SHA1_NONCE "3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
#define SHA1_PROOF   "c=biws,r=" SHA1_NONCE "3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
#define SHA1_SIGN    "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
#define SHA256_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SHA256_ASKS                                                                                \
	"r=" SHA256_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define SHA256_PROOF                                                                               \
	"c=biws,r=" SHA256_NONCE                                                                   \
	"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define SHA256_SIGN "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
#define TOKEN	    "vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg=="

enum { TURNS_MAX = 4 };

/* A login: challenges and the responses wanted, NULL where the client refuses; the
 * first turn of a mechanism in which the client speaks first has an empty challenge. */
static const struct sasl_case {
	const char *name;
	enum net_sasl_kind kind;
	const char *user, *secret, *nonce;
	const char *turns[TURNS_MAX][2];
	bool may_succeed; /* after the last */
} cases[] = {
	{"PLAIN, RFC 4616", NET_SASL_PLAIN, "tim", "tanstaaftanstaaf", "",
		{{"", "\\0tim\\0tanstaaftanstaaf"}}, true},
	{"PLAIN, one challenge too many", NET_SASL_PLAIN, "tim", "pw", "",
		{{"", "\\0tim\\0pw"}, {"more", NULL}}, false},
	{"PLAIN, a control in the password", NET_SASL_PLAIN, "tim", "p\nw", "", {{"", NULL}},
		false},
	{"PLAIN, a control in the name", NET_SASL_PLAIN, "t\x01m", "pw", "", {{"", NULL}}, false},
	{"LOGIN", NET_SASL_LOGIN, "tim", "pw", "", {{"Username:", "tim"}, {"Password:", "pw"}},
		true},
	{"LOGIN, a yes after the name", NET_SASL_LOGIN, "tim", "pw", "", {{"x", "tim"}}, false},
	{"LOGIN, a third question", NET_SASL_LOGIN, "tim", "pw", "",
		{{"x", "tim"}, {"y", "pw"}, {"PIN?", NULL}}, false},
	/* Its "@" written as an octet, for the address is nobody's of ours. */
	{"CRAM-MD5, RFC 2195", NET_SASL_CRAM_MD5, "tim", "tanstaaftanstaaf", "",
		{{"<1896.697170952\x40"
		  "postoffice.reston.mci.net>",
			"tim b913a602c7eda7a495b4e6e7334d3890"}},
		true},
	{"CRAM-MD5, an empty challenge", NET_SASL_CRAM_MD5, "tim", "tanstaaftanstaaf", "",
		{{"", "tim ba0016591d612662348b20bcd7f4439a"}}, true},
	{"CRAM-MD5, twice", NET_SASL_CRAM_MD5, "tim", "tanstaaftanstaaf", "",
		{{"", "tim ba0016591d612662348b20bcd7f4439a"}, {"", NULL}}, false},
	{"OAUTHBEARER, RFC 7628", NET_SASL_OAUTHBEARER, "user@example.com", TOKEN, "",
		{{"", "n,a=user@example.com,\x01host=server.example.com\x01port=587\x01"
		      "auth=Bearer " TOKEN "\x01\x01"}},
		true},
	{"OAUTHBEARER, a name with comma and equals", NET_SASL_OAUTHBEARER, "a,b=c", TOKEN, "",
		{{"", "n,a=a=2Cb=3Dc,\x01host=server.example.com\x01port=587\x01"
		      "auth=Bearer " TOKEN "\x01\x01"}},
		true},
	{"OAUTHBEARER, refused", NET_SASL_OAUTHBEARER, "u", TOKEN, "",
		{{"", "n,a=u,\x01host=server.example.com\x01port=587\x01"
		      "auth=Bearer " TOKEN "\x01\x01"},
			{"{\"status\":\"invalid_token\",\"scope\":\"x\"}", "\x01"}},
		false},
	{"XOAUTH2", NET_SASL_XOAUTH2, "someuser@example.com", "ya29." TOKEN, "",
		{{"", "user=someuser@example.com\x01"
		      "auth=Bearer ya29." TOKEN "\x01\x01"}},
		true},
	{"XOAUTH2, refused", NET_SASL_XOAUTH2, "u", "t0k3n", "",
		{{"", "user=u\x01"
		      "auth=Bearer t0k3n\x01\x01"},
			{"{\"status\":\"401\"}", ""}},
		false},
	{"XOAUTH2, refused twice", NET_SASL_XOAUTH2, "u", "t0k3n", "",
		{{"", "user=u\x01"
		      "auth=Bearer t0k3n\x01\x01"},
			{"not JSON", ""}, {"more", NULL}},
		false},
	{"SCRAM-SHA-1, RFC 5802", NET_SASL_SCRAM_SHA_1, "user", "pencil", SHA1_NONCE,
		{{"", "n,,n=user,r=" SHA1_NONCE}, {SHA1_ASKS, SHA1_PROOF}, {SHA1_SIGN, ""}}, true},
	{"SCRAM-SHA-256, RFC 7677", NET_SASL_SCRAM_SHA_256, "user", "pencil", SHA256_NONCE,
		{{"", "n,,n=user,r=" SHA256_NONCE}, {SHA256_ASKS, SHA256_PROOF}, {SHA256_SIGN, ""}},
		true},
	{"SCRAM, names and passwords beyond ASCII", NET_SASL_SCRAM_SHA_256, "a=b,é",
		"p\xc2\xad\xc3\xa0\xc2\xa0\xe2\x85\xa8ß", "abc",
		{{"", "n,,n=a=3Db=2Cé,r=abc"},
			{"r=abcDEF,s=c2FsdA==,i=5000",
				"c=biws,r=abcDEF,p=ogcfy1wJciWq7YnhHuR+I6RNJhHZIV5N9xLivx4E/pU="},
			{"v=04/SFRg5DlCwFhEmzqQGmKrgbotU51EQHvHJ7NL5eWE=", ""}},
		true},
	{"SCRAM, a password that may not be", NET_SASL_SCRAM_SHA_256, "user", "p\xc2\x85", "abc",
		{{"", "n,,n=user,r=abc"}, {"r=abcDEF,s=c2FsdA==,i=5000", NULL}}, false},
	{"SCRAM, a name that is not UTF-8", NET_SASL_SCRAM_SHA_256, "us\xff", "pencil", "abc",
		{{"", NULL}}, false},
	{"SCRAM, an extension after the rounds", NET_SASL_SCRAM_SHA_1, "user", "pencil", "abc",
		{{"", "n,,n=user,r=abc"}, {"r=abcD,s=c2FsdA==,i=4096,x=y",
						  "c=biws,r=abcD,p=gHKMJpXkaFrUO+KvBEqLWcqhUK8="}},
		false},
};

/* What a hostile server says in the place of its first message, or its last: the client
 * gives up, and nothing it was told makes it believe a yes. */
static const struct foul_case {
	const char *name, *asks, *signs;
} foul[] = {
	{"an empty first message", "", NULL},
	{"not SCRAM", "hello", NULL},
	{"a mandatory extension", "m=x," SHA1_ASKS, NULL},
	{"another's nonce", "r=other3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"our own nonce back", "r=" SHA1_NONCE ",s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"half of our nonce", "r=fyko+d2lbbFg,s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"no nonce", "r=,s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"no salt", "r=" SHA1_NONCE "x,i=4096", NULL},
	{"an empty salt", "r=" SHA1_NONCE "x,s=,i=4096", NULL},
	{"a salt that is not base64", "r=" SHA1_NONCE "x,s=%%%%,i=4096", NULL},
	{"the order changed", "s=QSXCR+Q6sek8bf92,r=" SHA1_NONCE "x,i=4096", NULL},
	{"no rounds", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92", NULL},
	{"one round: cheap to guess from", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=1", NULL},
	{"4095 rounds", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=4095", NULL},
	{"too many rounds", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=600001", NULL},
	{"rounds for hours", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=4294967295", NULL},
	{"rounds past a number", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=99999999999999999999",
		NULL},
	{"negative rounds", "r=" SHA1_NONCE "x,s=QSXCR+Q6sek8bf92,i=-4096", NULL},
	{"a space in it", "r=" SHA1_NONCE "x y,s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"a control in it", "r=" SHA1_NONCE "x\x01,s=QSXCR+Q6sek8bf92,i=4096", NULL},
	{"another signature", SHA1_ASKS, "v=rmF9pqV8S7suAoZWja4dJRkFsKU="},
	{"a shorter signature", SHA1_ASKS, "v=rmF9pqV8S7suAoZWja4dJRkFsA=="},
	{"an empty signature", SHA1_ASKS, "v="},
	{"no signature", SHA1_ASKS, ""},
	{"the client's proof for a signature", SHA1_ASKS, "v=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="},
	{"a signature that is not base64", SHA1_ASKS, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ"},
	{"the first message again", SHA1_ASKS, SHA1_ASKS},
};

static struct view unescape_nul(const char *text, char buf[256])
{
	size_t n = 0;

	for (const char *c = text; *c != '\0'; c++) {
		if (c[0] == '\\' && c[1] == '0') {
			buf[n++] = '\0';
			c++;
		} else {
			buf[n++] = *c;
		}
	}
	return view_make(buf, n);
}

static struct net_login login_of(const char *user, const char *secret, const char *nonce)
{
	return (struct net_login){.username = view_of(user),
		.secret = view_of(secret),
		.host = "server.example.com",
		.port = 587,
		.nonce = view_of(nonce)};
}

static void turn(const struct sasl_case *c, struct net_sasl *s, size_t i)
{
	const char *want = c->turns[i][1];
	char buf[256];
	struct str out;
	struct fail f = {0};
	int ret;

	str_init(&out, NET_SASL_RESPONSE_MAX);
	ret = net_sasl_step(s, view_of(c->turns[i][0]), &out, &f);
	if (ret != (want == NULL ? -1 : 0))
		fail_msg("%s, turn %zu: %d %s", c->name, i, ret, f.text);
	if (want != NULL && !view_eq(str_view(&out), unescape_nul(want, buf)))
		fail_msg("%s, turn %zu: %s, wanted %s", c->name, i, out.p, want);
	if (want == NULL)
		assert_int_equal(f.kind, FAIL_PERM);
	str_free(&out);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sasl_case *c = &cases[i];
		struct net_login login = login_of(c->user, c->secret, c->nonce);
		struct net_sasl *s = net_sasl_new(c->kind, &login);

		assert_false(net_sasl_may_succeed(s));
		for (size_t t = 0; t < TURNS_MAX && c->turns[t][0] != NULL; t++)
			turn(c, s, t);
		if (net_sasl_may_succeed(s) != c->may_succeed)
			fail_msg("%s: whether it may succeed", c->name);
		net_sasl_free(&s);
		assert_null(s);
	}
}

static void test_foul(void **state)
{
	struct net_login login = login_of("user", "pencil", SHA1_NONCE);

	(void)state;
	for (size_t i = 0; i < sizeof foul / sizeof *foul; i++) {
		struct net_sasl *s = net_sasl_new(NET_SASL_SCRAM_SHA_1, &login);
		struct fail f = {0};
		struct str out;
		int ret;

		str_init(&out, NET_SASL_RESPONSE_MAX);
		assert_int_equal(net_sasl_step(s, VIEW(""), &out, &f), 0);
		ret = net_sasl_step(s, view_of(foul[i].asks), &out, &f);
		if (ret == 0 && foul[i].signs != NULL)
			ret = net_sasl_step(s, view_of(foul[i].signs), &out, &f);
		if (ret != -1 || net_sasl_may_succeed(s) || f.kind != FAIL_PERM)
			fail_msg("%s: %d %s", foul[i].name, ret, out.p);
		assert_null(strstr(f.text, "pencil"));
		net_sasl_free(&s);
		str_free(&out);
	}
}

/* "e=…" is a no that the reply code will repeat: nothing to be said to it. */
static void test_scram_error(void **state)
{
	struct net_login login = login_of("user", "pencil", SHA1_NONCE);
	struct net_sasl *s = net_sasl_new(NET_SASL_SCRAM_SHA_1, &login);
	struct str out;
	struct fail f;

	(void)state;
	str_init(&out, NET_SASL_RESPONSE_MAX);
	assert_int_equal(net_sasl_step(s, VIEW(""), &out, &f), 0);
	assert_int_equal(net_sasl_step(s, VIEW(SHA1_ASKS), &out, &f), 0);
	str_clear(&out);
	assert_int_equal(net_sasl_step(s, VIEW("e=invalid-proof"), &out, &f), 0);
	assert_int_equal(out.len, 0);
	assert_false(net_sasl_may_succeed(s));
	assert_int_equal(net_sasl_step(s, VIEW(SHA1_SIGN), &out, &f), -1);
	net_sasl_free(&s);
	str_free(&out);
}

/* Each login has a nonce of its own, of characters that SCRAM allows. */
static void test_nonce(void **state)
{
	struct net_login login = login_of("user", "pencil", "");
	struct str first[2];
	struct fail f;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct net_sasl *s = net_sasl_new(NET_SASL_SCRAM_SHA_256, &login);

		str_init(&first[i], NET_SASL_RESPONSE_MAX);
		assert_int_equal(net_sasl_step(s, VIEW(""), &first[i], &f), 0);
		assert_int_equal(first[i].len, sizeof "n,,n=user,r=" - 1 + NET_SCRAM_NONCE_SIZE);
		net_sasl_free(&s);
	}
	assert_string_not_equal(first[0].p, first[1].p);
	str_free(&first[0]);
	str_free(&first[1]);
}

static void test_status(void **state)
{
	static const struct {
		const char *challenge, *status;
	} says[] = {
		{"{\"status\":\"invalid_token\",\"scope\":\"x\"}", "invalid_token"},
		{"{\"schemes\":\"Bearer\",\"status\":\"401\"}", "401"},
		{"{\"status\":401}", ""},
		{"{\"status\":\"a\\u001b[31mb\"}", "a\xef\xbf\xbd[31mb"},
		{"{\"status\":", ""},
		{"[[[[", ""},
		{"", ""},
	};
	struct net_login login = login_of("u", "t0k3n", "");

	(void)state;
	for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
		struct net_sasl *s = net_sasl_new(NET_SASL_OAUTHBEARER, &login);
		struct str out;
		struct fail f;

		str_init(&out, NET_SASL_RESPONSE_MAX);
		assert_int_equal(net_sasl_step(s, VIEW(""), &out, &f), 0);
		assert_int_equal(net_sasl_step(s, view_of(says[i].challenge), &out, &f), 0);
		if (!view_is(net_sasl_status(s), says[i].status))
			fail_msg("%s: %.*s", says[i].challenge, VIEW_ARG(net_sasl_status(s)));
		net_sasl_free(&s);
		str_free(&out);
	}
}

static void test_pick(void **state)
{
	static const struct {
		const char *offered;
		unsigned may;
		bool secure;
		enum net_sasl_kind kind;
	} picks[] = {
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", NET_SASL_PASSWORD, true,
			NET_SASL_SCRAM_SHA_256},
		{"PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1", NET_SASL_PASSWORD, true, NET_SASL_SCRAM_SHA_1},
		{"PLAIN LOGIN cram-md5", NET_SASL_PASSWORD, true, NET_SASL_CRAM_MD5},
		{"LOGIN PLAIN XOAUTH2", NET_SASL_PASSWORD, true, NET_SASL_PLAIN},
		{"XOAUTH2 LOGIN", NET_SASL_PASSWORD, true, NET_SASL_LOGIN},
		{"XOAUTH2 PLAIN OAUTHBEARER", NET_SASL_TOKEN, true, NET_SASL_OAUTHBEARER},
		{"XOAUTH2 PLAIN", NET_SASL_TOKEN, true, NET_SASL_XOAUTH2},
		{"SCRAM-SHA-256 PLAIN", NET_SASL_BIT(NET_SASL_PLAIN), true, NET_SASL_PLAIN},
		{"GSSAPI NTLM EXTERNAL SCRAM-SHA-512 PLAINER", NET_SASL_PASSWORD, true,
			NET_SASL_KINDS},
		{"", NET_SASL_PASSWORD, true, NET_SASL_KINDS},
		/* In the clear only what does not show the secret. */
		{"PLAIN LOGIN CRAM-MD5", NET_SASL_PASSWORD, false, NET_SASL_CRAM_MD5},
		{"PLAIN LOGIN", NET_SASL_PASSWORD, false, NET_SASL_KINDS},
		{"XOAUTH2 OAUTHBEARER", NET_SASL_TOKEN, false, NET_SASL_KINDS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof picks / sizeof *picks; i++) {
		unsigned offered = net_sasl_read(view_of(picks[i].offered));

		if (net_sasl_pick(offered & picks[i].may, picks[i].secure) != picks[i].kind)
			fail_msg("%s", picks[i].offered);
	}
}

/* The longest that are taken fit a line; one octet more is refused, in words. */
static void test_limits(void **state)
{
	static char many[NET_SASL_NAME_MAX + 1];
	struct net_login login = login_of("", "", "");

	(void)state;
	memset(many, 'a', sizeof many);
	for (unsigned i = 0; i < NET_SASL_KINDS; i++) {
		for (size_t over = 0; over < 2; over++) {
			struct net_sasl *s;
			struct str out;
			struct fail f = {0};

			login.username = view_make(many, NET_SASL_NAME_MAX);
			login.secret = view_make(many, NET_SASL_NAME_MAX + over);
			s = net_sasl_new((enum net_sasl_kind)i, &login);
			str_init(&out, NET_SASL_RESPONSE_MAX);
			if (net_sasl_step(s, VIEW(""), &out, &f) != (over > 0 ? -1 : 0))
				fail_msg("%s: %s", net_sasl_name((enum net_sasl_kind)i), f.text);
			net_sasl_free(&s);
			str_free(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_foul),
		cmocka_unit_test(test_scram_error),
		cmocka_unit_test(test_nonce),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
