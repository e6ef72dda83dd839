#include "support.h"
#include <stdlib.h>
#include <time.h>

/* Texts made to hurt: each gives an error (or nothing), soon. What counts is the work that it takes,
 * in time of the processor: how busy the machine is with others does not. */
enum { PATIENCE_S = 5, TEXT_MAX = 1 << 22 };

static const struct hostile_case {
	const char *name, *head, *again;
	size_t times;
	const char *tail, *words; /* words NULL: it may be right or wrong */
} cases[] = {
	{"flow lists in lists", "x: ", "[", 100000, "", "nested too deeply"},
	{"flow maps in maps", "x: ", "{a: ", 100000, "", "nested too deeply"},
	{"known, then lists in lists", "relays: {a: {rate: ", "[", 500, "", "nested too deeply"},
	{"dashes in dashes", "x: \n", "- ", 100000, "a\n", "nested too deeply"},
	{"keys in keys", "", "? ", 100000, "a\n", "nested too deeply"},
	{"a laugh", "a: &a [x, x]\n", "b: [*a, *a, *a, *a]\n", 1000, "", "more errors"},
	{"a long value", "database: ", "a", 100000, "\n", "more than 4096 bytes"},
	{"a long key", "", "a", 100000, ": b\n", "a colon is not expected"},
	{"a long key that is known at first", "database", "e", 500, ": b\n", "not a known setting"},
	{"a long relay name", "relays: {", "a", 65, ": {type: maildir, path: p}}\n",
		"cannot be a name"},
	{"many unknown keys", "", "k: 1\n", 200000, "", "and 199980 more errors"},
	{"a key many times", "", "database: a\n", 80000, "", "and 79979 more errors"},
	{"many items", "safety: {only_domains: [", "a.example,", 50000, "]}\n",
		"more than 1000 items"},
	{"many keys of DKIM", "dkim:\n", "- {}\n", 100000, "", "one too many"},
	{"many empty relays", "relays:\n", " a: {}\n", 100000, "", "more errors"},
	{"many documents", "", "---\n", 100000, "", "second document"},
	{"many anchors", "", "&a &a ", 100000, "", NULL},
	{"many comments", "", "#\n", 500000, "", NULL},
	{"many blanks", "", " ", 1000000, "", NULL},
	{"many quotes", "database: ", "\"", 100000, "", ""},
	{"many colons", "a", ": a", 100000, "\n", ""},
	{"many question marks", "", "?", 100000, "", NULL},
	{"many percent signs", "", "%", 100000, "", ""},
	{"a long directive", "%YAML ", "1", 100000, "\n---\n", ""},
	{"a long tag", "database: !<", "a", 100000, "> b\n", ""},
	{"a long block", "database: |\n", " a\n", 300000, "", "more than 4096 bytes"},
	{"escapes", "database: \"", "\\u202e", 600, "\"\n", "control character"},
	{"a surrogate", "database: \"", "\\ud800", 1, "\"\n", ""},
	{"past Unicode", "database: \"", "\\U7fffffff", 1, "\"\n", ""},
	{"a byte that is not UTF-8", "database: a\nx: ", "\xff", 1, "\n", ":2:4: the byte 0xff"},
	{"an overlong slash", "database: ", "\xc0\xaf", 1, "\n", ":1:11: the byte 0xc0"},
	{"half a character at the end", "database: ", "\xc3", 1, "", ":1:11: the byte 0xc3"},
	{"a surrogate in UTF-8", "", "\xed\xa0\x80", 1, "", ":1:1: the byte 0xed"},
	{"UTF-16", "\xff\xfe", "", 1, "", ":1:1: the byte 0xff"},
	{"an escape in a comment", "# ", "\x1b", 1, "[31m\n",
		":1:3: the invisible character U+001B"},
	{"a line turned around", "database: a # ", "\xe2\x80\xae", 1, "\n", ":1:15: the invisible"},
	{"a mark in the middle", "database: a", "\xef\xbb\xbf", 1, "\n", "U+FEFF"},
	{"DEL", "database: ", "\x7f", 1, "\n", "U+007F"},
};

/* SLOWER, as the test runner sets it: the factor of valgrind or a sanitizer. */
static clock_t patience(void)
{
	const char *slower = getenv("SLOWER");

	return (clock_t)PATIENCE_S * CLOCKS_PER_SEC *
	       (slower == NULL ? 1 : strtol(slower, NULL, 10));
}

static void withstood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct hostile_case *c = &cases[i];
		clock_t start = clock();
		struct loaded l;
		struct str yaml;

		str_init(&yaml, TEXT_MAX);
		(void)str_addz(&yaml, c->head);
		for (size_t n = 0; n < c->times; n++)
			(void)str_addz(&yaml, c->again);
		(void)str_addz(&yaml, c->tail);
		assert_true(str_ok(&yaml));
		load_text(&l, yaml.p);
		if (c->words != NULL && (l.ret == 0 || strstr(l.words.p, c->words) == NULL))
			fail_msg("%s: no \"%s\" in %s", c->name, c->words, l.words.p);
		if (clock() - start > patience())
			fail_msg("%s: took too long", c->name);
		for (size_t p = 0; p < l.words.len; p++)
			if (l.words.p[p] != '\n' && ascii_is_control(l.words.p[p]))
				fail_msg("%s: a control character in the report", c->name);
		str_free(&yaml);
		unload(&l);
	}
}

static void nul_bytes(void **state)
{
	static const char text[] = "database: a\nsaf\0ty: {}\n";
	const struct settings_sources none = {0};
	struct loaded l;

	(void)state;
	load_with(&l, &none, view_make(text, sizeof text - 1));
	assert_non_null(strstr(l.words.p, "facteur.yaml:2:4: the invisible character U+0000"));
	unload(&l);
}

/* A hundred relays are fine, one more is not. */
static void as_many_as_allowed(void **state)
{
	struct loaded l;
	struct str yaml;

	(void)state;
	str_init(&yaml, TEXT_MAX);
	(void)str_addz(&yaml, "relays:\n");
	for (int i = 0; i < 100; i++)
		(void)str_addf(&yaml, "  r%d: {type: maildir, path: p}\n", i);
	load_text(&l, yaml.p);
	assert_string_equal(l.words.p, "");
	assert_int_equal(l.s->relay_count, 100);
	unload(&l);
	(void)str_addz(&yaml, "  more: {type: maildir, path: p}\n");
	load_text(&l, yaml.p);
	assert_string_equal(l.words.p,
		"facteur.yaml:102:3: \"more\" is one too many; at most 100 can be configured\n");
	str_free(&yaml);
	unload(&l);
}

/* Every beginning of a right configuration is read without a crash. */
static void cut_anywhere(void **state)
{
	static const char text[] = "identity: {from: \"A <a@example.org>\"}\n"
				   "relays:\n  a: {type: smtp, host: localhost, rate: [1/s, 2/h]}\n"
				   "dkim:\n- {domain: example.org, selector: s, key_file: 'k'}\n"
				   "safety:\n  only_domains: [é.example]\n";
	const struct settings_sources none = {0};

	(void)state;
	for (size_t len = 0; len < sizeof text; len++) {
		struct loaded l;

		load_with(&l, &none, view_make(text, len));
		unload(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(withstood), cmocka_unit_test(nul_bytes),
		cmocka_unit_test(as_many_as_allowed), cmocka_unit_test(cut_anywhere)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
