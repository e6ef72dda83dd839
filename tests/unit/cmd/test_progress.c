#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/time.h"
#include "base/utf8.h"
#include "cmd/progress.h"
#include "send/gate.h"
#include "settings/settings.h"

/* 2026-11-26T09:00Z; the tests run in UTC. */
#define NOW INT64_C(1795683600000)

static struct send_progress at(int64_t total, int64_t accepted, int64_t deferred, int64_t refused)
{
	struct send_progress p = {.campaign = {.id = 7, .total = total, .state = CAMPAIGN_SENDING}};

	p.campaign.count[DELIVERY_ACCEPTED] = accepted;
	p.campaign.count[DELIVERY_DEFERRED] = deferred;
	p.campaign.count[DELIVERY_REFUSED] = refused;
	p.campaign.count[DELIVERY_PENDING] = total - accepted - deferred - refused;
	p.done = accepted + deferred + refused;
	return p;
}

static void says(const struct progress_facts *facts, size_t width, const char *want)
{
	struct str out;

	str_init(&out, 4096);
	progress_words(facts, NOW, width, &out);
	if (strcmp(out.p, want) != 0)
		fail_msg("\"%s\" and not \"%s\"", out.p, want);
	str_free(&out);
}

static void test_words(void **state)
{
	struct send_progress p = at(5000, 400, 3, 2);
	struct progress_facts facts = {&p, 9.8, NOW + 12 * TIME_MINUTE};

	(void)state;
	says(&facts, SIZE_MAX,
		"405 of 5000 (8 %), 9.8/s, ends at 09:12, in 12 minutes, 3 deferred, 2 refused");
	p.quota_at = NOW + 30 * TIME_MINUTE;
	says(&facts, SIZE_MAX,
		"405 of 5000 (8 %), the quota lets more go at 09:30, 9.8/s, ends at 09:12, in 12 "
		"minutes, 3 deferred, 2 refused");
	/* A quota by the second is no news. */
	p.quota_at = NOW + 300;
	facts.eta = NOW + 20 * TIME_SECOND;
	says(&facts, SIZE_MAX,
		"405 of 5000 (8 %), 9.8/s, ends within a minute, 3 deferred, 2 refused");
	facts.eta = 0;
	facts.per_second = 0;
	p.due_at = NOW + TIME_HOUR;
	says(&facts, SIZE_MAX, "405 of 5000 (8 %), tries again at 10:00, 3 deferred, 2 refused");
	p.opens_at = NOW + 23 * INT64_C(3600000);
	says(&facts, SIZE_MAX,
		"405 of 5000 (8 %), waits until 2026-11-27 08:00, when it may send, 3 deferred, 2 "
		"refused");
	p.stopping = true;
	p.flying = 1;
	says(&facts, SIZE_MAX,
		"405 of 5000 (8 %), stopping: 1 message is finished first, 3 deferred, 2 refused");
}

static void test_hints(void **state)
{
	struct send_progress p = at(100, 40, 0, 0);
	struct progress_facts facts = {&p, 0.25, 0};

	(void)state;
	p.hints[0] = (struct send_hint){VIEW("orange.fr"), VIEW("too many connections"), 421, NOW};
	p.hints[1] = (struct send_hint){VIEW("example.net"), VIEW(""), 0, NOW};
	p.hint_count = 2;
	says(&facts, SIZE_MAX,
		"40 of 100 (40 %), 15/min, orange.fr slows down: 421, example.net slows down");
	says(&facts, 60, "40 of 100 (40 %), 15/min, orange.fr slows down: 421");
}

/* What matters less goes first, and no line is ever wider; but for the very count. */
static void test_widths(void **state)
{
	struct send_progress p = at(5000, 400, 3, 2);
	struct progress_facts facts = {&p, 9.8, NOW + 12 * TIME_MINUTE};
	struct str out;

	(void)state;
	says(&facts, 60, "405 of 5000 (8 %), 9.8/s, ends at 09:12, in 12 minutes");
	says(&facts, 40, "405 of 5000 (8 %), 9.8/s, 3 deferred");
	says(&facts, 5, "405 of 5000 (8 %)");
	str_init(&out, 4096);
	for (size_t width = 18; width < 100; width++) {
		str_clear(&out);
		progress_words(&facts, NOW, width, &out);
		assert_true(utf8_width(str_view(&out)) <= width);
	}
	str_free(&out);
}

static void test_rates(void **state)
{
	static const struct {
		double per_second;
		const char *want;
	} cases[] = {
		{1234.4, "1234/s"},
		{10, "10/s"},
		{9.84, "9.8/s"},
		{1, "1.0/s"},
		{0.5, "30/min"},
		{1 / 60.0, "1.0/min"},
		{200 / 3600.0 / 10, "20/h"},
	};
	char out[PROGRESS_RATE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(progress_rate(cases[i].per_second, out), cases[i].want);
}

static int64_t number(json_t *doc, const char *key)
{
	json_t *n = json_object_get(doc, key);

	assert_true(json_is_integer(n));
	return json_integer_value(n);
}

static void test_json(void **state)
{
	struct send_progress p = at(5000, 400, 3, 2);
	struct progress_facts facts = {&p, 9.8, NOW + 12 * TIME_MINUTE};
	json_t *doc, *hint;

	(void)state;
	p.quota_at = NOW + 300;
	p.hints[0] = (struct send_hint){VIEW("orange.fr"), VIEW("bad \xff byte"), 421, NOW};
	p.hint_count = 1;
	doc = progress_json(&facts, NOW);
	assert_non_null(doc);
	assert_int_equal(number(doc, "schema"), 1);
	assert_int_equal(number(doc, "campaign"), 7);
	assert_int_equal(number(doc, "accepted"), 400);
	assert_int_equal(number(doc, "pending"), 4595);
	assert_int_equal(number(doc, "per_minute"), 588);
	assert_string_equal(json_string_value(json_object_get(doc, "type")), "progress");
	assert_string_equal(
		json_string_value(json_object_get(doc, "eta")), "2026-11-26T09:12:00.000Z");
	assert_string_equal(json_string_value(json_object_get(doc, "waiting")), "quota");
	assert_string_equal(
		json_string_value(json_object_get(doc, "until")), "2026-11-26T09:00:00.300Z");
	hint = json_array_get(json_object_get(doc, "hints"), 0);
	assert_int_equal(number(hint, "code"), 421);
	assert_string_equal(
		json_string_value(json_object_get(hint, "text")), "bad \xef\xbf\xbd byte");
	json_decref(doc);
	p.quota_at = 0;
	facts.eta = 0;
	doc = progress_json(&facts, NOW);
	assert_true(json_is_null(json_object_get(doc, "waiting")));
	assert_true(json_is_null(json_object_get(doc, "eta")));
	json_decref(doc);
}

/* A relay that takes five in a second, 300 an hour: five minutes of sending, and then
 * the line knows that it will take hours. */
static void test_learns(void **state)
{
	struct settings_window rate = {300, TIME_HOUR};
	const struct settings_relay relay = {.rate = {&rate, 1}};
	struct send_way way = {.relay = &relay};
	struct progress g;
	struct progress_facts facts;
	struct send_progress p = at(1000, 0, 0, 0);
	int64_t now = NOW, sent = 0;

	(void)state;
	progress_init(&g, PROGRESS_NONE, NULL);
	for (; now < NOW + 90 * TIME_SECOND; now += 500) {
		sent = (now - NOW) / 200 < 300 ? (now - NOW) / 200 : 300;
		p = at(1000, sent, 0, 0);
		way.done = sent;
		way.quota_at = sent < 300 ? 0 : NOW + TIME_HOUR;
		p.ways = &way;
		p.way_count = 1;
		p.flying = sent < 300 ? 2 : 0;
		p.quota_at = sent < 300 ? 0 : NOW + TIME_HOUR;
		progress_look(&g, &p, now);
		if (now != NOW + 30 * TIME_SECOND)
			continue;
		facts = progress_facts(&g, &p, now);
		assert_true(facts.per_second > 4.8 && facts.per_second < 5.2);
		/* 150 went; 1,000 take three hours and then some of the fourth's burst. */
		assert_true(llabs((long long)(facts.eta - (NOW + 3 * TIME_HOUR))) < 60000);
	}
	facts = progress_facts(&g, &p, now);
	/* Nothing goes now, and it is no slower for that. */
	assert_true(llabs((long long)(facts.eta - (NOW + 3 * TIME_HOUR))) < 60000);
	assert_true(facts.per_second < 4);
	now += 90 * TIME_SECOND;
	progress_look(&g, &p, now);
	facts = progress_facts(&g, &p, now);
	assert_true(facts.per_second < 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_widths),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_learns),
	};

	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
