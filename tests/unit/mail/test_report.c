#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "mail/report.h"

#define DSN "Content-Type: message/delivery-status\n\n"

/* Each group as its fields' names and values, groups between bars. */
static void dump(struct message *m, const struct report *r, struct str *out)
{
	for (size_t i = 0; i < r->group_count; i++) {
		(void)str_addz(out, i > 0 ? " |" : "");
		for (size_t k = 0; k < r->groups[i].count; k++) {
			struct view value = message_decode(m, r->groups[i].fields[k].value);

			(void)str_addf(out, "%s%.*s=%.*s", out->len > 0 ? " " : "",
				VIEW_ARG(r->groups[i].fields[k].name), VIEW_ARG(value));
		}
	}
}

#define FINAL(x)    "Final-Recipient: " x "\n"
#define ORIGINAL(x) "Original-Recipient: " x "\n"
#define ACTION	    "Action: failed\n"
#define STATUS	    "Status: 5.0.0\n"

static const struct group_case {
	const char *name, *in, *want;
} groups[] = {
	{"regular", DSN "Reporting-MTA: m\n\n" FINAL("a") ACTION "\n" FINAL("b") ACTION,
		"Reporting-MTA=m | Final-Recipient=a Action=failed | Final-Recipient=b "
		"Action=failed"},
	{"nothing", DSN, ""},
	{"no group of the message", DSN FINAL("a"), " | Final-Recipient=a"},
	{"no empty lines", DSN "Reporting-MTA: m\n" FINAL("a") ACTION FINAL("b") ACTION,
		"Reporting-MTA=m | Final-Recipient=a Action=failed | Final-Recipient=b "
		"Action=failed"},
	{"empty lines within",
		DSN "Reporting-MTA: m\n\n\nArrival-Date: d\n\n" FINAL("a") "\n" ACTION
									   "\n\n" STATUS,
		"Reporting-MTA=m Arrival-Date=d | Final-Recipient=a Action=failed Status=5.0.0"},
	{"empty lines of blanks", DSN "Reporting-MTA: m\n \t\n" FINAL("a") " \n" ACTION,
		"Reporting-MTA=m | Final-Recipient=a Action=failed"},
	{"original first", DSN ORIGINAL("a") FINAL("a") ACTION ORIGINAL("b") FINAL("b") ACTION,
		" | Original-Recipient=a Final-Recipient=a Action=failed"
		" | Original-Recipient=b Final-Recipient=b Action=failed"},
	{"original of the second only", DSN FINAL("a") ACTION "\n" ORIGINAL("b") FINAL("b") ACTION,
		" | Final-Recipient=a Action=failed | Original-Recipient=b Final-Recipient=b "
		"Action=failed"},
	{"the same without an empty line", DSN FINAL("a") ACTION ORIGINAL("b") FINAL("b") ACTION,
		" | Final-Recipient=a Action=failed | Original-Recipient=b Final-Recipient=b "
		"Action=failed"},
	{"original last", DSN FINAL("a") ACTION ORIGINAL("a"),
		" | Final-Recipient=a Action=failed Original-Recipient=a"},
	{"recipient after its status", DSN "Reporting-MTA: m\n\n" ACTION "\n" FINAL("a") STATUS,
		"Reporting-MTA=m | Action=failed Final-Recipient=a Status=5.0.0"},
	{"recipient missing once", DSN ACTION STATUS "\n" FINAL("b") ACTION,
		" | Action=failed Status=5.0.0 | Final-Recipient=b Action=failed"},
	{"X-fields only", DSN "X-Queue: q\nX-Sender: s\n", "X-Queue=q X-Sender=s"},
	{"X-field first", DSN "Reporting-MTA: m\n\nX-Note: n\n" FINAL("a"),
		"Reporting-MTA=m | X-Note=n Final-Recipient=a"},
	{"X-field apart", DSN "Reporting-MTA: m\n\nX-Note: n\n\n" FINAL("a"),
		"Reporting-MTA=m X-Note=n | Final-Recipient=a"},
	{"X-fields after", DSN FINAL("a") ACTION "\nX-Note: n\n",
		" | Final-Recipient=a Action=failed X-Note=n"},
	{"folded", DSN FINAL("a") "Diagnostic-Code: smtp; 550 no\n such\r\n\tuser\n" ACTION,
		" | Final-Recipient=a Diagnostic-Code=smtp; 550 no such\tuser Action=failed"},
	{"line that is no field", DSN FINAL("a") "what is this\n" ACTION,
		" | Final-Recipient=a Action=failed"},
	{"all indented", DSN "  Reporting-MTA: m\n\n  Final-Recipient: a\n",
		"Reporting-MTA=m | Final-Recipient=a"},
	{"base64",
		"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
		"RmluYWwtUmVjaXBpZW50OiBhCkFjdGlvbjogZmFpbGVkCg==\n",
		" | Final-Recipient=a Action=failed"},
	{"CR", "Content-Type: message/delivery-status\r\rReporting-MTA: m\r\rFinal-Recipient: a\r",
		"Reporting-MTA=m | Final-Recipient=a"},
	{"UTF-8", "Content-Type: message/global-delivery-status\n\n" FINAL("é"),
		" | Final-Recipient=é"},
	{"encoded word", DSN FINAL("a") "Diagnostic-Code: smtp; =?utf-8?q?caf=C3=A9?=\n",
		" | Final-Recipient=a Diagnostic-Code=smtp; café"},
	{"feedback",
		"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n\nReported-URI: "
		"a\nReported-URI: b\n",
		"Feedback-Type=abuse Reported-URI=a Reported-URI=b"},
	{"disposition",
		"Content-Type: message/disposition-notification\n\n" ORIGINAL("a")
			FINAL("a") "Disposition: d\n",
		"Original-Recipient=a Final-Recipient=a Disposition=d"},
	{"text read as one", "Subject: x\n\n" FINAL("a") ACTION,
		" | Final-Recipient=a Action=failed"},
};

static void reads_groups(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
		struct arena a;
		struct message m;
		struct report r;
		struct str got;

		arena_init(&a);
		str_init(&got, 4096);
		message_read(view_of(groups[i].in), &a, &m);
		report_read(&m, m.root, &r);
		dump(&m, &r, &got);
		if (strcmp(got.p, groups[i].want) != 0)
			fail_msg("%s: '%s'", groups[i].name, got.p);
		str_free(&got);
		arena_free(&a);
	}
}

static const struct value_case {
	const char *name, *in, *type, *text, *address;
} values[] = {
	{"typed", "rfc822; ana@example.org", "rfc822", "ana@example.org", "ana@example.org"},
	{"without a blank", "RFC822;ana@example.org", "RFC822", "ana@example.org",
		"ana@example.org"},
	{"blanks", " rfc822 ;  ana@example.org ", "rfc822", "ana@example.org", "ana@example.org"},
	{"no type", "ana@example.org", "", "ana@example.org", "ana@example.org"},
	{"empty type", "; ana@example.org", "", "ana@example.org", "ana@example.org"},
	{"brackets", "rfc822; <ana@example.org>", "rfc822", "<ana@example.org>", "ana@example.org"},
	{"name", "rfc822; \"Ana\" <ana@example.org>", "rfc822", "\"Ana\" <ana@example.org>",
		"ana@example.org"},
	{"words", "rfc822; ana@example.org (Ana)", "rfc822", "ana@example.org (Ana)",
		"ana@example.org"},
	{"type twice", "rfc822;rfc822;ana@example.org", "rfc822", "rfc822;ana@example.org",
		"ana@example.org"},
	{"smtp:", "rfc822; SMTP:ana@example.org", "rfc822", "SMTP:ana@example.org",
		"ana@example.org"},
	{"xtext", "rfc822; ana+2Bx@example.org", "rfc822", "ana+2Bx@example.org",
		"ana+x@example.org"},
	{"tag", "rfc822; ana+2026@example.org", "rfc822", "ana+2026@example.org",
		"ana+2026@example.org"},
	{"tag beside xtext", "rfc822; a+2B+tag@example.org", "rfc822", "a+2B+tag@example.org",
		"a+2B+tag@example.org"},
	{"UTF-8", "utf-8; é@example.org", "utf-8", "é@example.org", "é@example.org"},
	{"UTF-8 in ASCII", "utf-8; \\x{E9}\\x{1F600}@example.org", "utf-8",
		"\\x{E9}\\x{1F600}@example.org", "é\U0001F600@example.org"},
	{"no character", "utf-8; \\x{D800}\\x{}\\x{110000}@example.org", "utf-8",
		"\\x{D800}\\x{}\\x{110000}@example.org", "\\x{D800}\\x{}\\x{110000}@example.org"},
	{"not UTF-8 by its type", "rfc822; \\x{E9}@example.org", "rfc822", "\\x{E9}@example.org",
		"\\x{E9}@example.org"},
	{"quoted", "rfc822; \"a b\"@example.org", "rfc822", "\"a b\"@example.org",
		"\"a b\"@example.org"},
	{"diagnosis", "smtp; 550 5.1.1 <a@example.org>; no", "smtp",
		"550 5.1.1 <a@example.org>; no", "a@example.org"},
	{"X.400", "X400; /S=ana/", "X400", "/S=ana/", "/S=ana/"},
	{"no type before a semicolon", "550 no such user; sorry", "", "550 no such user; sorry",
		"550 no such user; sorry"},
	{"nothing", "", "", "", ""},
};

static void reads_values(void **state)
{
	struct arena a;
	struct message m;

	(void)state;
	arena_init(&a);
	message_read(VIEW(""), &a, &m);
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		const struct value_case *c = &values[i];
		struct report_typed got = report_type(view_of(c->in));
		struct view address = report_address(&m, view_of(c->in));

		if (!view_is(got.type, c->type) || !view_is(got.text, c->text) ||
			!view_is(address, c->address))
			fail_msg("%s: '%.*s' '%.*s' '%.*s'", c->name, VIEW_ARG(got.type),
				VIEW_ARG(got.text), VIEW_ARG(address));
	}
	assert_true(view_is(report_xtext(&m, VIEW("a+20b+2B+3D+zz+4")), "a b+=+zz+4"));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_groups),
		cmocka_unit_test(reads_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
