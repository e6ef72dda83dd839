#ifndef TEST_SETTINGS_SUPPORT_H
#define TEST_SETTINGS_SUPPORT_H
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "settings/settings.h"

/* One load of a text, and what came of it. */
struct loaded {
	struct settings *s;
	struct settings_report report;
	struct fail f;
	struct str words; /* the report as it is printed */
	int ret;
};

static inline void load_with(
	struct loaded *l, const struct settings_sources *sources, struct view text)
{
	*l = (struct loaded){0};
	str_init(&l->words, 1 << 18);
	settings_report_init(&l->report);
	l->ret = settings_load_text(sources, "facteur.yaml", text, &l->s, &l->report, &l->f);
	(void)settings_report_write(&l->report, &l->words);
	assert_int_equal(l->ret<0, l->report.errors> 0);
	assert_int_equal(l->ret < 0, l->s == NULL);
	if (l->ret < 0)
		assert_int_equal(l->f.kind, FAIL_CONF);
}

static inline void load_text(struct loaded *l, const char *text)
{
	const struct settings_sources none = {0};

	load_with(l, &none, view_of(text));
}

static inline void unload(struct loaded *l)
{
	settings_free(&l->s);
	settings_report_free(&l->report);
	str_free(&l->words);
}

/* True when the written settings hold that line: "  port: 25". */
static inline bool shows(const struct settings *s, bool with_origin, const char *line)
{
	struct str out, whole;
	bool found;

	str_init(&out, 1 << 20);
	str_init(&whole, 4096);
	(void)settings_write(s, with_origin, &out);
	(void)str_addf(&whole, "%s\n", line);
	found = view_find(str_view(&out), str_view(&whole)) >= 0;
	str_free(&whole);
	str_free(&out);
	return found;
}
#endif
