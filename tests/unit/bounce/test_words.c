#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "bounce/read_private.h"

static const struct fold_case {
	const char *name, *in, *out;
} folds[] = {
	{"case and blanks", " User \t\r\n Unknown ", "user unknown "},
	{"accents", "Quota d\xC3\xA9pass\xC3\xA9, BO\xC3\x8ETE", "quota depasse, boite"},
	{"curly quotes", "doesn\xE2\x80\x99t \xE2\x80\x9Cit\xE2\x80\x9D", "doesn't \"it\""},
	{"no-break space", "non\xC2\xA0remis", "non remis"},
	{"Cyrillic", "\xD0\x9D\xD0\xB5 \xD0\xA0", "\xD0\xBD\xD0\xB5 \xD1\x80"},
	{"an address", "to <Ana.B+x@Mx.example.org>: no", "to <@>: no"},
	{"an address at the end of a sentence", "ana@example.org. It", "@. it"},
	{"codes between lines", "550-5.1.1 no such 550-5.1.1 user 550 5.1.1 here",
		"no such user here"},
	{"a code alone", "552 Her mailbox", "her mailbox"},
	{"qmail's status stays", "here. (#5.1.1)", "here. (#5.1.1)"},
	{"a number is no code", "10485760 octets", "10485760 octets"},
	{"broken UTF-8 stays", "\xC3(", "\xC3("},
	{"nothing", "", ""},
};

static void folding(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++) {
		struct view got = words_fold(view_of(folds[i].in), &a);

		if (!view_is(got, folds[i].out))
			fail_msg("%s: \"%.*s\"", folds[i].name, VIEW_ARG(got));
	}
	arena_free(&a);
}

/* The octets as they were: over a line end, and behind an address that shrank. */
static void sources(void **state)
{
	struct match_text m;
	struct arena a;
	const struct bounce_row *row;
	struct view words;

	(void)state;
	arena_init(&a);
	match_read(&m, VIEW("host said: 550 <ana@example.org>: Mailbox\r\n   FULL today"), &a);
	row = match_first(&m, TABLE_MAILBOX);
	assert_non_null(row);
	words = match_words(&m, TABLE_MAILBOX, row);
	assert_true(view_is(words, "Mailbox\r\n   FULL"));
	arena_free(&a);
}

static const struct diagnosis_case {
	const char *name, *in;
	int code;
	const char *status;
} diagnoses[] = {
	{"plain", "550 5.1.1 no", 550, "5.1.1"},
	{"after words", "host mx [192.0.2.1]: 450 4.2.2 full", 450, "4.2.2"},
	{"qmail", "Remote host said: 553 sorry (#5.7.1)", 553, "5.7.1"},
	{"SES", "5.1.0 - Unknown address error 550-'5.2.2 full'", 550, "5.2.2"},
	{"the code with a status says more", "421 wait\n550 5.1.1 no", 550, "5.1.1"},
	{"no code", "the host was not there (5.4.4)", 0, "5.4.4"},
	{"an address is no status", "from 5.1.1.7 and 10.5.1.1", 0, ""},
	{"the end of a sentence", "It is 5.2.1.", 0, "5.2.1"},
	{"a size is no code", "size 5500 of 10550", 0, ""},
	{"Yahoo", "550: 5.2.2 <ana@example.org>", 550, "5.2.2"},
	{"in brackets", "[SMTP Error Code 550]", 550, ""},
	{"a date is none", "Thu, 04 May 2005", 0, ""},
	{"nothing", "", 0, ""},
};

static void diagnosing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof diagnoses / sizeof *diagnoses; i++) {
		struct diagnosis d;

		diagnosis_read(view_of(diagnoses[i].in), &d);
		if (d.code != diagnoses[i].code || !view_is(d.status, diagnoses[i].status))
			fail_msg("%s: %d %.*s", diagnoses[i].name, d.code, VIEW_ARG(d.status));
	}
}

static const struct address_case {
	const char *in, *out;
} addresses[] = {
	{"<ana@example.org>:", "ana@example.org"},
	{"mailto:ana@example.org", "ana@example.org"},
	{"to 'ana@example.org'.", "ana@example.org"},
	{"at @ and ana@example.org, ben@example.org", "ana@example.org"},
	{"ana@", ""},
	{"@example.org", ""},
	{"none", ""},
};

static void finding_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct view got = address_first(view_of(addresses[i].in));

		if (!view_is(got, addresses[i].out))
			fail_msg("%s: %.*s", addresses[i].in, VIEW_ARG(got));
	}
}

static const struct date_case {
	const char *in;
	int64_t at; /* seconds */
} dates[] = {
	{"Thu, 01 Jan 1970 00:00:01 +0000", 1},
	{"Thu, 26 Nov 2026 23:20:39 +1100", 1795695639},
	{"26 Nov 2026 12:20 GMT", 1795695600},
	{"Wed, 30 Jun 10 10:38:06 -0700", 1277919486},
	{"Sat, 29 Feb 2020 12:00:00 +0000 (UTC)", 1582977600},
	{"yesterday", 0},
	{"32 Nov 2026 12:20:39 +0000", 0},
	{"", 0},
};

static void reading_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
		if (when_read(view_of(dates[i].in)) != dates[i].at * 1000)
			fail_msg("%s: %lld", dates[i].in,
				(long long)when_read(view_of(dates[i].in)) / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(folding), cmocka_unit_test(sources),
		cmocka_unit_test(diagnosing), cmocka_unit_test(finding_addresses),
		cmocka_unit_test(reading_dates)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
