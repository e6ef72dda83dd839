#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "compose/check.h"

/* ana is who gets the message, the asso is public, bob, zoé and smith are others. */
static enum compose_whose whose(void *ctx, struct view key)
{
	static const char *const others[] = {"bob@example.org", "zoé@example.org",
		"smith@example.org", "eve@xn--mnchen-3ya.example", "\"b b\"@example.org",
		"o'neil@example.org"};
	static const char *const own[] = {
		"ana@example.org", "john.smith@example.org", "contact@asso.example"};

	if (ctx != NULL)
		++*(int *)ctx;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (view_is(key, others[i]))
			return COMPOSE_OTHER;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (view_is(key, own[i]))
			return COMPOSE_OWN;
	return COMPOSE_NOBODY;
}

static const struct row {
	const char *text;
	bool leaks;
} rows[] = {
	{"", false},
	{"@", false},
	{"@@@@@@@@", false},
	{"hello", false},
	{"a @ b", false},
	{"ana@example.org", false},
	{"Write to contact@asso.example, or ana@example.org.", false},
	{"somebody@example.net", false},
	{"john.smith@example.org", false}, /* not smith@ */
	{"bob@example.net", false},
	{"bobby@example.org", false},
	{"abob@example.org", false},
	{"bob @example.org", false},
	{"bob@example", false},
	{"Bob, at example.org", false},

	{"bob@example.org", true},
	{"BOB@EXAMPLE.ORG", true},
	{"bob@Example.org.", true},
	{"bob@example.org,", true},
	{"(bob@example.org)", true},
	{"<bob@example.org>", true},
	{"\"bob@example.org\"", true},
	{"'bob@example.org'", true},
	{"*bob@example.org*", true},
	{"_bob@example.org_", true},
	{"**bob@example.org**", true},
	{"`bob@example.org`", true},
	{"mailto:bob@example.org", true},
	{"<a href=\"mailto:bob@example.org?subject=x\">x</a>", true},
	{"https://example.org/?to=bob@example.org&x=1", true},
	{"https://example.org/bob@example.org", true},
	{"x=bob@example.org", true},
	{"{bob@example.org}", true},
	{"«bob@example.org»", true},
	{"« bob@example.org »", true},
	{"“bob@example.org”", true},
	{"bob@example.org…", true},
	{"bob@example.org.Été", true},
	{"bob@example.org-", true},
	{"bob@example.org's", true},
	{"ana@example.org,bob@example.org", true},
	{"ana@example.org;bob@example.org", true},
	{"ana@example.org\r\nbob@example.org", true},
	{"contact@asso.example bob@example.org", true},
	{"john.smith@example.org smith@example.org", true},
	{"\"b b\"@example.org", true},
	{"x \"bob\"@example.org", true},
	{"\"\\b\\o\\b\"@example.org", true},
	{"o'neil@example.org", true},
	{"zoé@example.org", true},
	{"ZOÉ@example.org", true},
	{"zoe\u0301@example.org", true},
	{"eve@münchen.example", true},
	{"eve@xn--mnchen-3ya.example", true},
	{"eve@MÜNCHEN.example.", true},
	{"bob%40example.org", true},
	{"bob%40example%2Eorg", true},
	{"%62ob%40example.org", true},
	{"https://example.org/u?e=bob%40example.org&t=1", true},
	{"bob&#64;example.org", true},
	{"bob&#064;example.org", true},
	{"bob&#x40;example.org", true},
	{"bob&#X40;example.org", true},
	{"bob&#64example.org", true},
	{"bob&commat;example&period;org", true},
	{"&#98;&#111;&#98;@example.org", true},
	{"bob&#64;example&#46;org", true},
	{"bob&#37;40example.org", true},
	{"zo%C3%A9%40example.org", true},
	{"bob%2540example.org", false}, /* twice: a person reads no address there */
	{"bob&amp;#64;example.org", false},
	{"&#1114112;@example.org", false},
	{"&#xD800;@example.org", false},
	{"&#;@&#x;%%4%zz@", false},
};

static void scans(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fail f = {0};
		int ret = compose_scan(view_of(rows[i].text), whose, NULL, &f);

		if ((ret < 0) != rows[i].leaks)
			fail_msg("%s: %s", rows[i].text, ret < 0 ? f.text : "let through");
		if (ret < 0)
			assert_int_equal(f.kind, FAIL_GUARD);
	}
}

/* The longest way to write and the last to be tried, from either end. */
static void far_readings(void **state)
{
	static const char *const texts[] = {
		"https://example.org/u?campaign=12&list=3&lang=fr&x=y&e=bob@example.org",
		"a=b=c=d=e=f=g=h=i=j=k=l=m=n=o=p=q=r=s=t=u=v=bob@example.org",
		"bob@example.org.a.b.c.d.e.f",
		"bob@example.orgÀ.À.À",
	};
	struct fail f = {0};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (compose_scan(view_of(texts[i]), whose, NULL, &f) == 0)
			fail_msg("%s: let through", texts[i]);
}

/* However hostile the text, the number of questions stays within reason. */
static void bounded(void **state)
{
	struct str text;
	struct fail f = {0};
	int asked = 0;

	(void)state;
	str_init(&text, 1 << 20);
	for (int i = 0; i < 2000; i++)
		(void)str_addz(&text, "=a=a=a=a=a=a=a=a@b.c.d.e.f.g.h.example ");
	assert_int_equal(compose_scan(str_view(&text), whose, &asked, &f), 0);
	assert_true(asked < 2000 * 8 * 9);
	str_free(&text);
}

#define HEAD                                                                                       \
	"From: contact@asso.example\r\nTo: ana@example.org\r\nDate: x\r\nMessage-ID: <a@b>\r\n"    \
	"MIME-Version: 1.0\r\n"
#define PLAIN "Content-Type: text/plain\r\n\r\n"
#define MULTI "Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n"

static const struct message {
	const char *what, *text, *why; /* why: NULL when it may leave */
} messages[] = {
	{"plain", HEAD "Subject: x\r\n" PLAIN "hello\r\n", NULL},
	{"empty body", HEAD "Subject: x\r\n" PLAIN, NULL},
	{"multipart",
		HEAD "Subject: x\r\n" MULTI "--b\r\n" PLAIN "a\r\n--b\r\n" PLAIN "b\r\n--b--\r\n",
		NULL},
	{"leak in the body", HEAD "Subject: x\r\n" PLAIN "bob@example.org\r\n", "bob@example.org"},
	{"leak in base64",
		HEAD "Subject: x\r\nContent-Transfer-Encoding: base64\r\n" PLAIN
		     "Ym9iQGV4YW1wbGUub3JnCg==\r\n",
		"bob@example.org"},
	{"leak in quoted-printable",
		HEAD "Subject: x\r\nContent-Transfer-Encoding: quoted-printable\r\n" PLAIN
		     "bo=\r\nb=40example.org\r\n",
		"bob@example.org"},
	{"leak in the second part",
		HEAD "Subject: x\r\n" MULTI "--b\r\n" PLAIN "a\r\n--b\r\n" PLAIN
		     "<bob@example.org>\r\n--b--\r\n",
		"bob@example.org"},
	{"leak in a nested part",
		HEAD "Subject: x\r\n" MULTI
		     "--b\r\nContent-Type: multipart/related; boundary=c\r\n\r\n--c\r\n" PLAIN
		     "bob@example.org\r\n--c--\r\n\r\n--b--\r\n",
		"bob@example.org"},
	{"leak in a part's header",
		HEAD "Subject: x\r\n" MULTI "--b\r\nContent-Description: bob@example.org\r\n" PLAIN
		     "a\r\n--b--\r\n",
		"bob@example.org"},
	{"leak in the subject", HEAD "Subject: bob@example.org\r\n" PLAIN, "bob@example.org"},
	{"leak in an encoded subject",
		HEAD "Subject: =?UTF-8?Q?bob=40example?= =?UTF-8?B?Lm9yZw==?=\r\n" PLAIN,
		"bob@example.org"},
	{"leak in a folded field", HEAD "Subject: x\r\nX-A: a\r\n bob@example.org\r\n" PLAIN,
		"bob@example.org"},
	{"bcc", HEAD "Subject: x\r\nBcc: x@example.net\r\n" PLAIN, "Bcc"},
	{"bcc in capitals", HEAD "Subject: x\r\nBCC: x@example.net\r\n" PLAIN, "Bcc"},
	{"cc", HEAD "Subject: x\r\nCc: x@example.net\r\n" PLAIN, "Cc"},
	{"resent", HEAD "Subject: x\r\nResent-To: x@example.net\r\n" PLAIN, "Resent-To"},
	{"two To", HEAD "Subject: x\r\nTo: x@example.net\r\n" PLAIN, "To: "},
	{"no Subject", HEAD PLAIN, "Subject"},
	{"no field", HEAD "Subject: x\r\nnonsense\r\n" PLAIN, "no field"},
	{"blank in a name", HEAD "Subject: x\r\nBcc : x@example.net\r\n" PLAIN, "no field"},
	{"bare LF", HEAD "Subject: x\r\n" PLAIN "a\nb\r\n", "LF"},
	{"bare CR", HEAD "Subject: x\r\n" PLAIN "a\rb\r\n", "CR"},
	{"8 bit", HEAD "Subject: x\r\n" PLAIN "\xc3\xa9\r\n", "127"},
	{"no line end", HEAD "Subject: x\r\n" PLAIN "a", "no line end"},
	{"broken base64",
		HEAD "Subject: x\r\nContent-Transfer-Encoding: base64\r\n" PLAIN "!!!!\r\n",
		"cannot be decoded"},
	{"unknown encoding",
		HEAD "Subject: x\r\nContent-Transfer-Encoding: x-uuencode\r\n" PLAIN "a\r\n",
		"transfer encoding"},
	{"no boundary", HEAD "Subject: x\r\nContent-Type: multipart/mixed\r\n\r\na\r\n",
		"without end"},
	{"no closing boundary", HEAD "Subject: x\r\n" MULTI "--b\r\n" PLAIN "a\r\n", "never ends"},
};

static void checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		const struct message *m = &messages[i];
		struct fail f = {0};
		int ret = compose_check(view_of(m->text), false, NULL, whose, NULL, &f);

		if ((ret == 0) != (m->why == NULL))
			fail_msg("%s: %s", m->what, ret < 0 ? f.text : "let through");
		if (ret < 0 && strstr(f.text, m->why) == NULL)
			fail_msg("%s: says \"%s\"", m->what, f.text);
	}
}

/* Parts in parts without end cost no stack. */
static void deep(void **state)
{
	struct fail f = {0};
	struct str text;

	(void)state;
	str_init(&text, 1 << 22);
	(void)str_addz(&text, HEAD "Subject: x\r\n");
	for (int i = 0; i < 10000; i++)
		(void)str_addf(&text,
			"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
	assert_int_equal(compose_check(str_view(&text), false, NULL, whose, NULL, &f), -1);
	str_free(&text);
}

/* ctx: whose message it is; bob's is no longer another's then. */
static enum compose_whose belongs(void *ctx, struct view key)
{
	if (view_is(key, ctx))
		return COMPOSE_OWN;
	if (view_is(key, "contact@asso.example"))
		return COMPOSE_PUBLIC;
	return view_is(key, "ana@example.org") || view_is(key, "bob@example.org") ? COMPOSE_OTHER
										  : COMPOSE_NOBODY;
}

static int look(struct compose_memo *memo, const char *text, const char *owner)
{
	char ctx[32];
	struct fail f = {0};

	(void)snprintf(ctx, sizeof ctx, "%s", owner);
	return compose_check(view_of(text), false, memo, belongs, ctx, &f);
}

#define OPEN                                                                                       \
	"From: contact@asso.example\r\nTo: undisclosed-recipients:;\r\nDate: x\r\n"                \
	"Message-ID: <a@b>\r\nMIME-Version: 1.0\r\n"
#define QP "Content-Transfer-Encoding: quoted-printable\r\n"

/* What was good in one member's message is not therefore good in another's. */
static void remembers(void **state)
{
	static const char with_ana[] =
		OPEN "Subject: x\r\n" PLAIN "Hello\r\nana@example.org\r\ncontact@asso.example\r\n";
	static const char soft[] = OPEN "Subject: x\r\n" QP PLAIN "Hello an=\r\na@example.org\r\n";
	static const char halves[] =
		OPEN "Subject: x\r\n" QP PLAIN "Hello an=\r\n\r\na@example.org\r\n";
	static const char subject[] = OPEN "Subject: ana@example.org\r\n" PLAIN "Hello\r\n";
	static const char coded[] = OPEN "Subject: x\r\n" PLAIN "ana=40example.org\r\n";
	static const char decoded[] = OPEN "Subject: x\r\n" QP PLAIN "ana=40example.org\r\n";
	struct compose_memo *memo = compose_memo_new();

	(void)state;
	for (int again = 0; again < 3; again++) {
		assert_int_equal(look(memo, with_ana, "ana@example.org"), 0);
		assert_int_equal(look(memo, with_ana, "bob@example.org"), -1);
		assert_int_equal(look(memo, with_ana, "ana@example.org"), 0);
		assert_int_equal(look(memo, soft, "ana@example.org"), 0);
		assert_int_equal(look(memo, soft, "bob@example.org"), -1);
		assert_int_equal(look(memo, halves, "bob@example.org"), 0);
		assert_int_equal(look(memo, soft, "bob@example.org"), -1);
		assert_int_equal(look(memo, subject, "ana@example.org"), 0);
		assert_int_equal(look(memo, subject, "bob@example.org"), -1);
		/* The same bytes, read otherwise. */
		assert_int_equal(look(memo, coded, "bob@example.org"), 0);
		assert_int_equal(look(memo, decoded, "bob@example.org"), -1);
	}
	compose_memo_free(&memo);
}

/* Lines that come, go and change from one message to the next: the memo never changes
 * a verdict. */
static void remembers_like_none(void **state)
{
	static const char *const lines[] = {"Hello", "", "ana@example.org", "bob@example.org",
		"contact@asso.example", "bob=", "@example.org", "nobody@example.net",
		"ana=40=", "example.org", "b=6Fb@example.org", "="};
	struct compose_memo *memo = compose_memo_new();
	uint32_t seed = 1;

	(void)state;
	for (int n = 0; n < 20000; n++) {
		const char *owner = n % 3 == 0 ? "ana@example.org" : "bob@example.org";
		char text[1024] = OPEN "Subject: x\r\n" QP PLAIN;
		int with, without;

		for (int i = 0; i < 5; i++) {
			size_t len = strlen(text);

			seed = seed * 1664525 + 1013904223;
			/* Mostly what stood there before. */
			(void)snprintf(text + len, sizeof text - len, "%s\r\n",
				lines[(seed >> 16) % 4 != 0
						? (size_t)(i + n % 2)
						: (seed >> 8) % (sizeof lines / sizeof *lines)]);
		}
		with = look(memo, text, owner);
		without = look(NULL, text, owner);
		if (with != without)
			fail_msg("message %d for %s: %d with a memo, %d without:\n%s", n, owner,
				with, without, text);
	}
	compose_memo_free(&memo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scans),
		cmocka_unit_test(far_readings),
		cmocka_unit_test(bounded),
		cmocka_unit_test(checks),
		cmocka_unit_test(deep),
		cmocka_unit_test(remembers),
		cmocka_unit_test(remembers_like_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
