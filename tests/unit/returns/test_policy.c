#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/time.h"
#include "bounce/reason.h"
#include "returns/alarm.h"
#include "returns/policy.h"
#include "settings/settings.h"
#include "store/strike.h"

#define NOW ((int64_t)1800000000000)

/* Strikes against one address, as "reason days-ago weight", the newest last. */
static const struct policy_row {
	const char *name, *action, *reason;
	bool permanent, transient;
	struct {
		const char *reason;
		int days, weight;
	} past[6];
	enum policy_outcome want;
} rows[] = {
	{"unknown user", "suppress", "user-unknown", true, false, {{"user-unknown", 0, 100}},
		POLICY_SUPPRESS},
	{"unknown user, perhaps only now", "suppress", "user-unknown", false, true,
		{{"user-unknown", 0, 100}}, POLICY_COUNTED},
	{"nothing configured", "none", "spam", true, false, {{NULL, 0, 0}}, POLICY_NOTHING},
	{"somebody has to look", "hold", "user-unknown", true, false, {{NULL, 0, 0}}, POLICY_HELD},
	{"disabled once", "suppress at 2 within 30d", "mailbox-disabled", true, false,
		{{"mailbox-disabled", 0, 100}}, POLICY_COUNTED},
	{"disabled twice", "suppress at 2 within 30d", "mailbox-disabled", true, false,
		{{"mailbox-disabled", 29, 100}, {"mailbox-disabled", 0, 100}}, POLICY_SUPPRESS},
	{"disabled twice, far apart", "suppress at 2 within 30d", "mailbox-disabled", true, false,
		{{"mailbox-disabled", 31, 100}, {"mailbox-disabled", 0, 100}}, POLICY_COUNTED},
	{"the first was forgiven", "suppress at 2 within 30d", "mailbox-disabled", true, false,
		{{"mailbox-disabled", 3, 0}, {"mailbox-disabled", 0, 100}}, POLICY_COUNTED},
	{"another reason does not add", "suppress at 2 within 30d", "mailbox-disabled", true, false,
		{{"recipient-refused", 3, 100}, {"mailbox-disabled", 0, 100}}, POLICY_COUNTED},
	{"refused three times", "suppress at 3 within 60d", "recipient-refused", true, false,
		{{"recipient-refused", 59, 100}, {"recipient-refused", 30, 100},
			{"recipient-refused", 0, 100}},
		POLICY_SUPPRESS},
	{"refused twice", "suppress at 3 within 60d", "recipient-refused", true, false,
		{{"recipient-refused", 30, 100}, {"recipient-refused", 0, 100}}, POLICY_COUNTED},
	{"full for the first time", "suppress after 30d", "mailbox-full", true, false,
		{{"mailbox-full", 0, 100}}, POLICY_COUNTED},
	{"full again the next week", "suppress after 30d", "mailbox-full", true, false,
		{{"mailbox-full", 7, 100}, {"mailbox-full", 0, 100}}, POLICY_COUNTED},
	{"full again after a month", "suppress after 30d", "mailbox-full", true, false,
		{{"mailbox-full", 30, 100}, {"mailbox-full", 0, 100}}, POLICY_SUPPRESS},
	{"full again, but it may pass", "suppress after 30d", "mailbox-full", false, true,
		{{"mailbox-full", 40, 100}, {"mailbox-full", 0, 100}}, POLICY_COUNTED},
	{"full years ago", "suppress after 30d", "mailbox-full", true, false,
		{{"mailbox-full", 500, 100}, {"mailbox-full", 0, 100}}, POLICY_COUNTED},
	{"halves", "count 0.5", "network", false, true,
		{{"network", 3, 50}, {"expired", 2, 50}, {"network", 0, 50}}, POLICY_COUNTED},
	{"too much of everything", "count 0.5", "network", false, true,
		{{"mailbox-full", 80, 100}, {"mailbox-disabled", 70, 200},
			{"recipient-refused", 60, 100}, {"expired", 20, 50}, {"network", 0, 50}},
		POLICY_SUPPRESS},
	{"but it was long ago", "count 0.5", "network", false, true,
		{{"mailbox-full", 91, 100}, {"mailbox-disabled", 95, 200},
			{"recipient-refused", 92, 100}, {"expired", 20, 50}, {"network", 0, 50}},
		POLICY_COUNTED},
};

static void outcomes(void **state)
{
	struct settings_action score;

	(void)state;
	assert_true(settings_action_parse(VIEW("suppress at 5 within 90d"), &score));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct policy_row *row = &rows[i];
		struct settings_action action;
		struct policy_case c = {.action = &action,
			.score = &score,
			.reason = view_of(row->reason),
			.permanent = row->permanent,
			.transient = row->transient,
			.now = NOW};

		assert_true(settings_action_parse(view_of(row->action), &action));
		for (size_t k = 0; k < 6 && row->past[k].reason != NULL; k++) {
			const struct store_strike strike = {view_of(row->past[k].reason),
				NOW - row->past[k].days * (int64_t)TIME_DAY, row->past[k].weight};

			policy_past(&c, &strike);
		}
		if (policy_decide(&c) != row->want)
			fail_msg("%s: %d", row->name, (int)policy_decide(&c));
	}
}

static const struct action_row {
	const char *text;
	bool good;
	struct settings_action want;
} actions[] = {
	{"none", true, {SETTINGS_ACT_NONE, 0, 0, 0, 0}},
	{"hold", true, {SETTINGS_ACT_HOLD, 0, 0, 0, 0}},
	{"Suppress", true, {SETTINGS_ACT_SUPPRESS, 100, 1, 0, 0}},
	{"suppress at 3", true, {SETTINGS_ACT_SUPPRESS, 100, 3, 0, 0}},
	{"suppress at 2 within 36h", true,
		{SETTINGS_ACT_SUPPRESS, 100, 2, 36 * (int64_t)TIME_HOUR, 0}},
	{"suppress  after  30d", true, {SETTINGS_ACT_SUPPRESS, 100, 1, 0, 30 * (int64_t)TIME_DAY}},
	{"count 0.5", true, {SETTINGS_ACT_COUNT, 50, 1, 0, 0}},
	{"count 2", true, {SETTINGS_ACT_COUNT, 200, 1, 0, 0}},
	{"count 0.25", true, {SETTINGS_ACT_COUNT, 25, 1, 0, 0}},
	{"", false, {0}},
	{"count", false, {0}},
	{"count x", false, {0}},
	{"count 0.555", false, {0}},
	{"count 1.", false, {0}},
	{"none at all", false, {0}},
	{"suppress at", false, {0}},
	{"suppress at 0", false, {0}},
	{"suppress at 2 within", false, {0}},
	{"suppress at 2 within 30", false, {0}},
	{"suppress at 2 within 30d please", false, {0}},
	{"suppress after", false, {0}},
	{"suppress after 9999d", false, {0}},
	{"suppress now", false, {0}},
};

static void reads_actions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		const struct action_row *row = &actions[i];
		struct settings_action got = {0};

		if (settings_action_parse(view_of(row->text), &got) != row->good)
			fail_msg("%s", row->text);
		if (got.act != row->want.act || got.weight != row->want.weight ||
			got.times != row->want.times || got.within != row->want.within ||
			got.after != row->want.after)
			fail_msg("%s: not what was meant", row->text);
	}
}

/* Shares in 1/100,000; 0 for what is refused. */
static const struct share_row {
	const char *text;
	unsigned want;
} shares[] = {
	{"0.3%", 300},
	{"0.1 %", 100},
	{"100%", 100000},
	{"12.345%", 12345},
	{"0.3", 0},
	{"101%", 0},
	{"-1%", 0},
	{"0.0001%", 0},
	{"%", 0},
	{".5%", 0},
};

static void reads_shares(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		const struct settings_sources none = {.system_path = ""};
		struct settings *s = NULL;
		struct settings_report report;
		struct fail f;
		char yaml[64];
		int ret;

		(void)snprintf(yaml, sizeof yaml, "bounces: {pause: {complaints: \"%s\"}}",
			shares[i].text);
		settings_report_init(&report);
		ret = settings_load_text(&none, "test", view_of(yaml), &s, &report, &f);
		if ((ret == 0) != (shares[i].want != 0) ||
			(ret == 0 && s->bounces.pause.complaints != shares[i].want))
			fail_msg("%s", shares[i].text);
		settings_report_free(&report);
		settings_free(&s);
	}
}

/* Every reason that there is has an action. */
static void reasons_have_actions(void **state)
{
	const struct settings_sources none = {.system_path = ""};
	struct settings_report report;
	struct settings *s;
	struct fail f;

	(void)state;
	settings_report_init(&report);
	assert_int_equal(settings_load_text(&none, "test", VIEW(""), &s, &report, &f), 0);
	for (int reason = 0; reason < REASON_COUNT; reason++) {
		const char *name = bounce_reason_name((enum bounce_reason)reason);
		bool has = settings_bounce_action(s, view_of(name)) != NULL;

		if (has == (reason == REASON_AUTO_REPLY || reason == REASON_DELIVERED))
			fail_msg("%s", name);
	}
	settings_report_free(&report);
	settings_free(&s);
}

static void names_what_is_spoken_of(void **state)
{
	static const char *const texts[][2] = {
		{"550 5.7.1 blocked using zen.spamhaus.org", "Spamhaus ZEN"},
		{"550-5.7.26 This mail is unauthenticated, DKIM and SPF failed", "DKIM"},
		{"550 5.7.1 rejected by DMARC policy of example.org", "DMARC"},
		{"550 5.7.25 no reverse DNS record", "PTR"},
		{"550 no such user", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!view_is(returns_detail(view_of(texts[i][0])), texts[i][1]))
			fail_msg("%s", texts[i][0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outcomes),
		cmocka_unit_test(reads_actions),
		cmocka_unit_test(reads_shares),
		cmocka_unit_test(reasons_have_actions),
		cmocka_unit_test(names_what_is_spoken_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
