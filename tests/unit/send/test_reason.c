#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "send/reason.h"
#include "store/delivery.h"

static const struct reason_case {
	const char *name;
	int code;
	struct smtp_status status;
	const char *text, *want;
	bool address; /* the address is at fault */
} cases[] = {
	{"no such user", 550, {5, 1, 1}, "unknown", "user-unknown", true},
	{"bad domain", 550, {5, 1, 2}, "", "domain-unknown", true},
	{"null MX", 556, {5, 1, 10}, "", "no-mail-here", true},
	{"mailbox full, later", 452, {4, 2, 2}, "", "mailbox-full", true},
	{"full, without status", 552, {0, 0, 0}, "", "mailbox-full", true},
	{"disabled", 550, {5, 2, 1}, "", "mailbox-disabled", true},
	{"plain 550", 550, {0, 0, 0}, "no", "recipient-refused", true},
	{"policy", 554, {5, 7, 1}, "", "policy", false},
	{"DMARC", 550, {5, 7, 26}, "", "auth-failure", false},
	{"no reverse name", 550, {5, 7, 25}, "", "missing-ptr", false},
	{"relaying", 554, {5, 7, 1}, "<a@b.test>: Relay access denied", "relay-denied", false},
	{"relaying, other words", 550, {5, 1, 1}, "relaying denied", "relay-denied", false},
	{"too big", 552, {5, 3, 4}, "", "message-too-big", false},
	{"system", 451, {4, 3, 2}, "", "system-error", false},
	{"unknown status falls back to the code", 550, {5, 9, 9}, "", "recipient-refused", true},
	{"in words alone", 550, {0, 0, 0}, "Mailbox is full", "mailbox-full", true},
	{"a block list, whatever the status", 550, {5, 1, 1}, "blocked using bl.example",
		"ip-blocked", false},
	{"nothing known", 599, {0, 0, 0}, "", "unclear", false},
};

static void reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct reason_case *c = &cases[i];
		struct view got = send_reason(c->code, c->status, VIEW("RCPT"), view_of(c->text));

		if (!view_is(got, c->want))
			fail_msg("%s: %.*s", c->name, VIEW_ARG(got));
		if (send_reason_is_address(got) != c->address)
			fail_msg("%s: whose fault?", c->name);
	}
}

static const struct slow_case {
	const char *name;
	struct store_result result;
	bool slow;
} slows[] = {
	{"421", {.reply_code = 421}, true},
	{"too many connections",
		{.reply_code = 451, .status = {"4.7.0", 5}, .text = {"Too many connections", 20}},
		true},
	{"rate, by the reason", {.reply_code = 450, .reason = {"rate-limited", 12}}, true},
	{"not accepting now", {.reply_code = 451, .status = {"4.3.2", 5}}, true},
	{"Gmail's status for it", {.reply_code = 421, .status = {"4.7.28", 6}}, true},
	{"greylisted",
		{.reply_code = 451,
			.status = {"4.7.1", 5},
			.text = {"Greylisted, try again later", 27}},
		false},
	{"mailbox full",
		{.reply_code = 452, .status = {"4.2.2", 5}, .reason = {"mailbox-full", 12}}, false},
	{"unknown at this time", {.reply_code = 450, .status = {"4.1.1", 5}}, false},
};

static void slow_downs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof slows / sizeof *slows; i++)
		if (send_reason_is_slow(&slows[i].result) != slows[i].slow)
			fail_msg("%s", slows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reasons), cmocka_unit_test(slow_downs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
