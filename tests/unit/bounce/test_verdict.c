#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/file.h"
#include "bounce/verdict.h"

enum { FILE_MAX = 1 << 20, SHORT_MAX = 2000 };

/* Each message of tests/data/bounces, with what it says. */
static const struct verdict_case {
	const char *file;
	enum bounce_kind kind;
	struct {
		const char *address, *status;
		enum bounce_reason reason;
		int code;
	} to[2];
} cases[] = {
	{"postfix.eml", BOUNCE_FAILED,
		{{"ana+news@example.org", "5.0.0", REASON_USER_UNKNOWN, 550},
			{"ben@example.org", "5.2.2", REASON_MAILBOX_FULL, 552}}},
	{"exim.eml", BOUNCE_FAILED,
		{{"ana@example.org", "5.0.0", REASON_USER_UNKNOWN, 550},
			{"ben@example.com", "5.0.0", REASON_DOMAIN_UNKNOWN, 0}}},
	{"qmail.eml", BOUNCE_FAILED, {{"ana@example.org", "5.7.1", REASON_IP_BLOCKED, 554}}},
	{"sendmail5.eml", BOUNCE_FAILED,
		{{"ana@example.org", "5.0.0", REASON_USER_UNKNOWN, 550},
			{"ben@example.com", "5.0.0", REASON_DOMAIN_UNKNOWN, 554}}},
	{"delay.eml", BOUNCE_DELAYED, {{"ana@example.org", "4.2.2", REASON_MAILBOX_FULL, 450}}},
	{"delay-greeting.eml", BOUNCE_DELAYED,
		{{"ana@example.org", "4.7.1", REASON_IP_BLOCKED, 554}}},
	{"relayed.eml", BOUNCE_RELAYED, {{"ana@example.org", "2.0.0", REASON_DELIVERED, 250}}},
	{"sieve-refuse.eml", BOUNCE_FAILED,
		{{"ana@example.org", "5.0.0", REASON_RECIPIENT_REFUSED, 0}}},
	{"exchange-html.eml", BOUNCE_FAILED,
		{{"ana@example.org", "5.0.0", REASON_USER_UNKNOWN, 0}}},
	{"feedback.eml", BOUNCE_COMPLAINT, {{"ana@example.org", "", REASON_COMPLAINT, 0}}},
	{"sieve-reject.eml", BOUNCE_FAILED, {{"ana@example.org", "5.0.0", REASON_MAILBOX_FULL, 0}}},
	{"success.eml", BOUNCE_RELAYED, {{"ana@example.org", "2.0.0", REASON_DELIVERED, 0}}},
	{"vacation.eml", BOUNCE_AUTO_REPLY, {{0}}},
	{"moved.eml", BOUNCE_AUTO_REPLY, {{0}}},
	{"challenge.eml", BOUNCE_CHALLENGE, {{0}}},
	{"receipt.eml", BOUNCE_RECEIPT, {{"ana@example.org", "", REASON_UNKNOWN, 0}}},
	{"unsubscribe.eml", BOUNCE_UNSUBSCRIBE, {{0}}},
	{"person.eml", BOUNCE_OTHER, {{0}}},
};

static void load(const char *file, struct str *out)
{
	char path[SHORT_MAX];
	struct fail f;

	str_init(out, FILE_MAX);
	(void)snprintf(path, sizeof path, "%s/bounces/%s", TEST_DATA, file);
	if (file_read(path, out, &f) < 0)
		fail_msg("%s", f.text);
}

static void check(const struct verdict_case *c, struct view message, const char *how)
{
	struct bounce_verdict v;
	struct arena a;
	size_t want = 0;

	arena_init(&a);
	bounce_read(message, &a, &v);
	if (v.kind != c->kind)
		fail_msg("%s (%s): kind %s", c->file, how, bounce_kind_name(v.kind));
	while (want < 2 && c->to[want].address != NULL)
		want++;
	if (v.recipient_count != want)
		fail_msg("%s (%s): %zu recipients", c->file, how, v.recipient_count);
	for (size_t i = 0; i < want; i++) {
		const struct bounce_recipient *to = &v.recipients[i];

		if (!view_is(to->address, c->to[i].address) || to->reason != c->to[i].reason ||
			!view_is(to->status, c->to[i].status) || to->reply_code != c->to[i].code)
			fail_msg("%s (%s): %.*s %s %.*s %d", c->file, how, VIEW_ARG(to->address),
				bounce_reason_name(to->reason), VIEW_ARG(to->status),
				to->reply_code);
	}
	arena_free(&a);
}

static void verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str message;

		load(cases[i].file, &message);
		check(&cases[i], str_view(&message), "as it is");
		str_free(&message);
	}
}

/* CRLF and CR end lines as LF does. */
static void line_ends(void **state)
{
	static const char *const ends[] = {"\r\n", "\r"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t e = 0; e < 2; e++) {
			struct str message, changed;
			struct view rest, line;

			load(cases[i].file, &message);
			str_init(&changed, FILE_MAX);
			rest = str_view(&message);
			while (rest.len > 0 && view_line(&rest, &line)) {
				(void)str_addv(&changed, line);
				(void)str_addz(&changed, ends[e]);
			}
			check(&cases[i], str_view(&changed), e == 0 ? "CRLF" : "CR");
			str_free(&message);
			str_free(&changed);
		}
}

static void facts(void **state)
{
	struct str message;
	struct bounce_verdict v;
	struct arena a;

	(void)state;
	arena_init(&a);
	load("postfix.eml", &message);
	bounce_read(str_view(&message), &a, &v);
	assert_true(view_is(v.original.message_id, "one@example.net"));
	assert_true(view_is(v.original.subject, "Lettre d'\xC3\xA9t\xC3\xA9"));
	assert_true(view_is(v.original.envelope_id, "abc.def"));
	assert_true(view_is(v.recipients[0].remote_mta, "mx.example.org"));
	assert_string_equal(v.writer, "postfix.host");
	assert_int_equal(v.recipients[0].permanence, BOUNCE_PERMANENT);
	assert_int_equal(v.recipients[0].address_why.line, 27);
	assert_int_equal(v.recipients[0].reason_why.line, 31);
	str_free(&message);

	load("feedback.eml", &message);
	bounce_read(str_view(&message), &a, &v);
	assert_int_equal(v.complaint, COMPLAINT_ABUSE);
	assert_true(view_is(v.original.message_id, "four@example.net"));
	str_free(&message);

	load("moved.eml", &message);
	bounce_read(str_view(&message), &a, &v);
	assert_int_equal(v.auto_reply, AUTO_ADDRESS_CHANGE);
	assert_true(view_is(v.new_address, "ana@example.com"));
	str_free(&message);

	load("receipt.eml", &message);
	bounce_read(str_view(&message), &a, &v);
	assert_true(view_is(v.original.message_id, "six@example.net"));
	str_free(&message);
	arena_free(&a);
}

/* The tokens of a bounce, the surest place first, each once; what only looks a bit like one is none.
 */
static void tokens(void **state)
{
	static const char message[] =
		"From: MAILER-DAEMON@mx.example.org\r\n"
		"To: <returns+RQBBT3SYVDEFIKYNIN36@example.net>\r\n"
		"Delivered-To: rqbbt3syvdefikynin3@example.net\r\n"
		"Subject: failure notice\r\n\r\n"
		"Hi. This is the qmail-send program at mx.example.org.\r\n\r\n"
		"<ana@example.org>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
		"--- Below this line is a copy of the message.\r\n\r\n"
		"X-Facteur-Token: rqbbt3syvdefikynin36\r\n"
		"Message-ID: <rabbaaaaaaaaaaaaaaaa.0123456789abcdef@example.net>\r\n";
	struct bounce_verdict v;
	struct arena a;

	(void)state;
	arena_init(&a);
	bounce_read(view_of(message), &a, &v);
	assert_int_equal(v.kind, BOUNCE_FAILED);
	assert_int_equal(v.token_count, 2);
	assert_true(view_is(v.tokens[0], "RQBBT3SYVDEFIKYNIN36"));
	assert_true(view_is(v.tokens[1], "rabbaaaaaaaaaaaaaaaa"));
	arena_free(&a);
}

/* What was said: the paragraph that decided, not all that stands around it. */
static void said(void **state)
{
	static const struct said_case {
		const char *text, *said;
	} said_cases[] = {
		{"From: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n\n"
		 "Hi. This is the qmail-send program at mx.example.org.\n\n"
		 "<ana@example.org>:\n192.0.2.1 does not like recipient.\n"
		 "Remote host said: 550 5.1.1 User unknown\n\nWrite to us\nif you need help.\n",
			"550 5.1.1 User unknown"},
		{"From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered mail\n\n"
		 "ana@example.org\n\nWe are sorry.\n\nThe mailbox\nis full.\n\nWrite to us.\n",
			"The mailbox is full."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof said_cases / sizeof *said_cases; i++) {
		struct bounce_verdict v;
		struct arena a;

		arena_init(&a);
		bounce_read(view_of(said_cases[i].text), &a, &v);
		assert_int_equal(v.recipient_count, 1);
		if (!view_is(v.recipients[0].diagnostic, said_cases[i].said))
			fail_msg("%.*s", VIEW_ARG(v.recipients[0].diagnostic));
		arena_free(&a);
	}
}

/* What a person writes is no report, whatever words of one are in it. */
static const char *const written[] = {
	"From: ana@example.org\nSubject: Re: News\n\nYour message was not delivered to my aunt.\n",
	"From: ana@example.org\nSubject: my mailbox\n\nMailbox full again! 552 5.2.2 it says.\n",
	"From: ana@example.org\nSubject: question\n\nWhy was <ben@example.org>: user unknown?\n",
	"From: ana@example.org\nSubject: holidays\n\nI unsubscribe from work until May.\n",
	"\n\n\n",
	"",
};

static void no_report(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
		struct bounce_verdict v;
		struct arena a;

		arena_init(&a);
		bounce_read(view_of(written[i]), &a, &v);
		if (v.kind != BOUNCE_OTHER)
			fail_msg("%s: %s", written[i], bounce_kind_name(v.kind));
		arena_free(&a);
	}
}

static const char *const leaving[] = {
	"From: ana@example.org\nSubject: unsubscribe\n\n",
	"From: ana@example.org\nSubject: STOP\n\nplease\n",
	"From: ana@example.org\nSubject: Re: News\n\nUnsubscribe.\n",
	"From: ana@example.org\nSubject: =?utf-8?Q?D=C3=A9sinscription?=\n\n",
};

static void unsubscribes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof leaving / sizeof *leaving; i++) {
		struct bounce_verdict v;
		struct arena a;

		arena_init(&a);
		bounce_read(view_of(leaving[i]), &a, &v);
		if (v.kind != BOUNCE_UNSUBSCRIBE)
			fail_msg("%s: %s", leaving[i], bounce_kind_name(v.kind));
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts), cmocka_unit_test(line_ends),
		cmocka_unit_test(facts), cmocka_unit_test(tokens), cmocka_unit_test(said),
		cmocka_unit_test(no_report), cmocka_unit_test(unsubscribes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
