#ifndef TESTS_TMPL_HELP_H
#define TESTS_TMPL_HELP_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "base/fail.h"
#include "tmpl/tmpl.h"

/* Values for a lookup: "name=value" items up to NULL. */
static inline bool help_lookup(void *ctx, struct view name, struct view *value)
{
	for (const char *const *item = ctx; *item != NULL; item++) {
		struct view v = view_of(*item);
		ptrdiff_t eq = view_chr(v, '=');

		if (view_eq(view_sub(v, 0, (size_t)eq), name)) {
			*value = view_from(v, (size_t)eq + 1);
			return true;
		}
	}
	return false;
}

static inline void help_expect(const char *test, const char *got, const char *want)
{
	if (strcmp(got, want) != 0)
		fail_msg("%s:\n got: %s\nwant: %s", test, got, want);
}

static inline void help_expect_in(const char *test, const char *got, const char *want)
{
	if (strstr(got, want) == NULL)
		fail_msg("%s:\n got: %s\nwant inside: %s", test, got, want);
}

static inline struct tmpl *help_compile(const char *test, const char *source)
{
	struct tmpl *t = NULL;
	struct fail f = {0};

	if (tmpl_compile(view_of(source), "t", &t, &f) < 0)
		fail_msg("%s: %s", test, f.text);
	return t;
}
#endif
