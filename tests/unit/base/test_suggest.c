#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/suggest.h"

static const struct distance_case {
	const char *a, *b;
	size_t want;
} distances[] = {
	{"", "", 0},
	{"a", "", 1},
	{"", "abc", 3},
	{"port", "port", 0},
	{"prot", "port", 1},
	{"pot", "port", 1},
	{"poort", "port", 1},
	{"pork", "port", 1},
	{"PORT", "port", 0},
	{"default-relay", "default_relay", 0},
	{"ca", "abc", 3}, /* optimal string alignment: no edit within a swap */
	{"kitten", "sitting", 3},
	{"saturday", "sunday", 3},
};

static void measured(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
		const struct distance_case *c = &distances[i];
		size_t one = suggest_distance(view_of(c->a), view_of(c->b));
		size_t other = suggest_distance(view_of(c->b), view_of(c->a));

		if (one != c->want || other != c->want)
			fail_msg("%s, %s: %zu and %zu", c->a, c->b, one, other);
	}
}

static const struct suggest_case {
	const char *word, *want; /* want "": none is near enough */
} suggestions[] = {
	{"starttls", "starttls"},
	{"startls", "starttls"},
	{"STARTTLS", "starttls"},
	{"nnoe", "none"},
	{"implicite", "implicit"},
	{"implcti", "implicit"},
	{"nine", "none"},
	{"xy", ""},
	{"n", ""},
	{"", ""},
	{"something else", ""},
};

static void suggested(void **state)
{
	static const char *const names[] = {"starttls", "implicit", "none"};

	(void)state;
	for (size_t i = 0; i < sizeof suggestions / sizeof *suggestions; i++) {
		struct suggest s;

		suggest_start(&s, view_of(suggestions[i].word));
		for (size_t n = 0; n < sizeof names / sizeof *names; n++)
			suggest_offer(&s, view_of(names[n]));
		if (!view_is(s.best, suggestions[i].want))
			fail_msg("%s: got %.*s", suggestions[i].word, VIEW_ARG(s.best));
	}
}

static void long_words_are_left_alone(void **state)
{
	char word[SUGGEST_WORD_MAX + 2];
	struct suggest s;

	(void)state;
	memset(word, 'a', sizeof word);
	suggest_start(&s, view_make(word, SUGGEST_WORD_MAX + 1));
	suggest_offer(&s, view_make(word, SUGGEST_WORD_MAX));
	assert_int_equal(s.best.len, 0);
	suggest_start(&s, view_make(word, SUGGEST_WORD_MAX));
	suggest_offer(&s, view_make(word, SUGGEST_WORD_MAX - 1));
	assert_int_equal(s.best.len, SUGGEST_WORD_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(measured), cmocka_unit_test(suggested),
		cmocka_unit_test(long_words_are_left_alone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
