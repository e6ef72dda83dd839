#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/time.h"
#include "base/zone.h"
#include "base/zone_private.h"

static struct zone *opened(const char *name)
{
	struct zone *z = NULL;
	struct fail f;

	if (zone_open(ZONE_FOLDER, view_of(name), &z, &f) < 0)
		fail_msg("%s: %s", name, f.text);
	return z;
}

static int64_t at(const char *text)
{
	int64_t moment = 0;

	if (!time_parse(view_of(text), &moment))
		fail_msg("%s: no moment", text);
	return moment;
}

static void test_offsets(void **state)
{
	static const struct {
		const char *zone, *at;
		int minutes;
	} cases[] = {
		{"UTC", "2026-07-01T00:00:00Z", 0},
		{"Pacific/Noumea", "2026-01-01T00:00:00Z", 11 * 60},
		{"Pacific/Noumea", "2099-07-01T00:00:00Z", 11 * 60},
		{"Europe/Paris", "2026-03-29T00:59:59Z", 60},
		{"Europe/Paris", "2026-03-29T01:00:00Z", 120},
		{"Europe/Paris", "2026-10-25T00:59:59Z", 120},
		{"Europe/Paris", "2026-10-25T01:00:00Z", 60},
		/* Past the table, by the rule alone. */
		{"Europe/Paris", "2126-03-31T00:59:59Z", 60},
		{"Europe/Paris", "2126-03-31T01:00:00Z", 120},
		/* Summer over new year; half an hour of it. */
		{"Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660},
		{"Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630},
		{"America/Argentina/Ushuaia", "2026-07-01T00:00:00Z", -180},
		{"Etc/GMT-14", "2026-07-01T00:00:00Z", 14 * 60},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct zone *z = opened(cases[i].zone);

		if (zone_offset(z, at(cases[i].at)) != cases[i].minutes * 60)
			fail_msg("%s at %s: %d", cases[i].zone, cases[i].at,
				zone_offset(z, at(cases[i].at)));
		zone_free(&z);
	}
}

static void test_next(void **state)
{
	struct zone *z = opened("Europe/Paris");

	(void)state;
	assert_int_equal(zone_next(z, at("2026-01-01T00:00:00Z")), at("2026-03-29T01:00:00Z"));
	assert_int_equal(zone_next(z, at("2026-03-29T00:59:59Z")), at("2026-03-29T01:00:00Z"));
	assert_int_equal(zone_next(z, at("2026-03-29T01:00:00Z")), at("2026-10-25T01:00:00Z"));
	assert_int_equal(zone_next(z, at("2126-04-01T00:00:00Z")), at("2126-10-27T01:00:00Z"));
	/* Moments that no calendar needs. */
	assert_int_equal(zone_next(z, INT64_MAX), INT64_MAX);
	(void)zone_next(z, INT64_MIN);
	(void)zone_offset(z, INT64_MAX);
	zone_free(&z);
	z = opened("UTC");
	assert_int_equal(zone_next(z, 0), INT64_MAX);
	zone_free(&z);
}

static void test_names(void **state)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{"Europe/Pariss", "did you mean Europe/Paris?"},
		{"europe/paris", "did you mean Europe/Paris?"},
		{"Noumea", "did you mean Pacific/Noumea?"},
		{"paris", "did you mean Europe/Paris?"},
		{"Nowhere/Atall", "such as Europe/Paris"},
		{"", "such as Europe/Paris"},
		{"../../etc/passwd", "such as Europe/Paris"},
		{"Europe/../../../etc/passwd", "such as Europe/Paris"},
		{"/etc/passwd", "such as Europe/Paris"},
		{"Europe", "no time zone \"Europe\""},
	};
	struct zone *z = NULL;
	struct fail f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(zone_open(ZONE_FOLDER, view_of(cases[i].name), &z, &f), -1);
		assert_int_equal(f.kind, FAIL_NOINPUT);
		if (view_find(view_of(f.text), view_of(cases[i].says)) < 0)
			fail_msg("%s: %s", cases[i].name, f.text);
	}
	/* A machine without the database still has UTC. */
	assert_int_equal(zone_open("/nowhere", VIEW("Europe/Paris"), &z, &f), -1);
	assert_int_equal(zone_open("/nowhere", VIEW("UTC"), &z, &f), 0);
	zone_free(&z);
	assert_int_equal(zone_open(ZONE_FOLDER, VIEW("zone.tab"), &z, &f), -1);
}

static void test_rules(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{"UTC0", true},
		{"<+11>-11", true},
		{"<-0930>9:30", true},
		{"CET-1CEST,M3.5.0,M10.5.0/3", true},
		{"IST-1GMT0,M10.5.0,M3.5.0/1", true},
		{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true},
		{"XXX3EDT4,0/0,J365/23", true},
		{"AAA-1BBB,J60/167:59:59,365/-167", true},
		{"", false},
		{"CE-1", false},
		{"CET", false},
		{"CET-25", false},
		{"CET-1:60", false},
		{"CET-1CEST", false},
		{"CET-1CEST,M3.5.0", false},
		{"CET-1CEST,M3.5.0,M10.5.0/3x", false},
		{"CET-1CEST,M0.5.0,M10.5.0", false},
		{"CET-1CEST,M13.5.0,M10.5.0", false},
		{"CET-1CEST,M3.6.0,M10.5.0", false},
		{"CET-1CEST,M3.0.0,M10.5.0", false},
		{"CET-1CEST,M3.5.7,M10.5.0", false},
		{"CET-1CEST,J0,M10.5.0", false},
		{"CET-1CEST,366,M10.5.0", false},
		{"CET-1CEST,M3.5.0/168,M10.5.0", false},
		{"<+11-11", false},
		{"<+1>-11", false},
	};
	struct zone_rule r;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (zone_rule_parse(view_of(cases[i].text), &r) != cases[i].good)
			fail_msg("\"%s\"", cases[i].text);
	/* RFC 8536 section 3.3.1: this is summer all year. */
	assert_true(zone_rule_parse(VIEW("XXX3EDT4,0/0,J365/23"), &r));
	for (int day = 0; day < 800; day++)
		assert_int_equal(zone_rule_offset(&r, day * INT64_C(86400)), -4 * 3600);
}

/* A file cut anywhere, or with any one byte changed, is read or refused. */
static void test_damage(void **state)
{
	struct str bytes;
	struct fail f;
	struct zone *z;

	(void)state;
	str_init(&bytes, ZONE_FILE_MAX);
	assert_int_equal(file_read(ZONE_FOLDER "/Europe/Paris", &bytes, &f), 0);
	for (size_t i = 0; i < bytes.len; i++) {
		char kept = bytes.p[i];

		if (zone_parse(view_make(bytes.p, i), &z, &f) == 0)
			fail_msg("read with %zu of %zu bytes", i, bytes.len);
		assert_int_equal(f.kind, FAIL_DATA);
		bytes.p[i] = (char)(kept ^ 0x41);
		if (zone_parse(str_view(&bytes), &z, &f) == 0) {
			(void)zone_offset(z, 0);
			zone_free(&z);
		}
		bytes.p[i] = kept;
	}
	str_free(&bytes);
}

/* Against somebody else's reading of the same files. */
static void test_python(void **state)
{
	char line[256], name[ZONE_NAME_MAX + 1] = "";
	FILE *in = popen("/usr/bin/python3 " TEST_ROOT "/tests/unit/base/zones.py", "r");
	struct zone *z = NULL;
	size_t lines = 0, zones = 0;

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof line, in) != NULL) {
		struct view rest = view_trim(view_of(line)), zone;
		long long second, offset;

		assert_true(view_split(&rest, '\t', &zone));
		assert_int_equal(sscanf(rest.p, "%lld\t%lld", &second, &offset), 2);
		if (!view_is(zone, name)) {
			(void)snprintf(name, sizeof name, "%.*s", VIEW_ARG(zone));
			zone_free(&z);
			z = opened(name);
			zones++;
		}
		if (zone_offset(z, second * 1000) != offset)
			fail_msg("%s at second %lld: %d and not %lld", name, second,
				zone_offset(z, second * 1000), offset);
		if (zone_next(z, second * 1000) != INT64_MAX)
			assert_int_equal(zone_offset(z, zone_next(z, second * 1000) - 1), offset);
		lines++;
	}
	zone_free(&z);
	assert_int_equal(pclose(in), 0);
	assert_true(zones > 400);
	assert_true(lines > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offsets),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_python),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
