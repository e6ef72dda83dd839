#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/view.h"
#include "send/destination.h"
#include "settings/settings.h"
#include "store/campaign.h"

struct made {
	struct settings *settings;
	struct arena a;
	struct vec all;
};

static void make(struct made *m, const char *yaml)
{
	static const struct settings_sources none = {.system_path = ""};
	struct settings_report report;
	struct fail f = {0};

	settings_report_init(&report);
	if (settings_load_text(&none, "test", view_of(yaml), &m->settings, &report, &f) < 0)
		fail_msg("%s", f.text);
	settings_report_free(&report);
	arena_init(&m->a);
	vec_init(&m->all, sizeof(struct store_destination));
	send_destinations(m->settings, &m->a, &m->all);
}

static void unmake(struct made *m)
{
	settings_free(&m->settings);
	arena_free(&m->a);
	vec_free(&m->all);
}

/* The name of the group of a domain; "" for none. */
static struct view group(const struct made *m, const char *domain)
{
	struct view found = VIEW("");

	for (size_t i = 0; i < m->all.len; i++) {
		const struct store_destination *d = vec_at(&m->all, i);

		if (!view_is(d->domain, domain))
			continue;
		assert_int_equal(found.len, 0); /* each domain once */
		found = d->name;
	}
	return found;
}

static void knows(void **state)
{
	static const struct {
		const char *domain, *group;
	} rows[] = {
		{"orange.fr", "orange"},
		{"wanadoo.fr", "orange"},
		{"sfr.fr", "sfr"},
		{"neuf.fr", "sfr"},
		{"free.fr", "free"},
		{"laposte.net", "laposte"},
		{"gmail.com", "gmail"},
		{"hotmail.fr", "microsoft"},
		{"yahoo.fr", "yahoo"},
		{"example.org", ""},
	};
	struct made m;

	(void)state;
	make(&m, "{}\n");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!view_is(group(&m, rows[i].domain), rows[i].group))
			fail_msg("%s", rows[i].domain);
	unmake(&m);
}

static void is_configured(void **state)
{
	struct made m;

	(void)state;
	make(&m, "destinations:\n  mine: {domains: [A.example, wanadoo.fr]}\n"
		 "  sfr: {rate: [5/s]}\n  free: {domains: [free.fr]}\n");
	assert_true(view_is(group(&m, "a.example"), "mine"));
	assert_true(view_is(group(&m, "wanadoo.fr"), "mine")); /* taken out of orange */
	assert_true(view_is(group(&m, "orange.fr"), "orange"));
	assert_true(view_is(group(&m, "neuf.fr"), "sfr")); /* limits alone: the known domains */
	assert_true(view_is(group(&m, "free.fr"), "free"));
	assert_true(view_is(group(&m, "aliceadsl.fr"), "")); /* its own list replaces ours */
	unmake(&m);
}

static void is_bounded(void **state)
{
	struct str yaml;
	struct made m;

	(void)state;
	str_init(&yaml, 1 << 16);
	(void)str_addz(&yaml, "destinations:\n");
	for (int i = 0; i < SEND_DESTINATIONS_MAX + 20; i++)
		(void)str_addf(&yaml, "  d%d: {domains: [d%d.example]}\n", i, i);
	make(&m, yaml.p);
	for (size_t i = 0; i < m.all.len; i++)
		assert_in_range(((struct store_destination *)vec_at(&m.all, i))->number, 1,
			SEND_DESTINATIONS_MAX);
	unmake(&m);
	str_free(&yaml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows),
		cmocka_unit_test(is_configured),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
