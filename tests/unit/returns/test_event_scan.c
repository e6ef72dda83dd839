#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "returns/event_scan.h"

/* "want": each piece in brackets with its place; one that is wrong begins with !line:column and
 * the first word of why. */
static const struct scan_case {
	const char *name, *in, *want;
} cases[] = {
	{"nothing", "", ""},
	{"blanks", " \r\n\t", ""},
	{"one", "{\"a\":1}", "1:1 <{\"a\":1}>"},
	{"a line each", "{\"a\":1}\n{\"b\":2}\n", "1:1 <{\"a\":1}>2:1 <{\"b\":2}>"},
	{"one after the other", "{\"a\":1}{\"b\":2}", "1:1 <{\"a\":1}>1:8 <{\"b\":2}>"},
	{"a list", "[{\"a\":1},{\"b\":2}]", "1:2 <{\"a\":1}>1:10 <{\"b\":2}>"},
	{"lists of lists", "[[{}],[],[{}]]\n[{}]", "1:3 <{}>1:11 <{}>2:2 <{}>"},
	{"a comma too many", "[{},]\n{},\n", "1:2 <{}>2:1 <{}>"},
	{"byte order mark", "\xEF\xBB\xBF{}", "1:1 <{}>"},
	{"a comment", "# {\n{}\n  # [\n", "2:1 <{}>"},
	{"columns are characters", "[ {\"é\":1}, {}]", "1:3 <{\"é\":1}>1:12 <{}>"},
	{"brackets in a text", "{\"a\":\"}]{[\\\"}\"}", "1:1 <{\"a\":\"}]{[\\\"}\"}>"},
	{"an escaped backslash", "{\"a\":\"\\\\\"}{}", "1:1 <{\"a\":\"\\\\\"}>1:11 <{}>"},
	{"cut off", "[{\"a\":1},{\"b\"", "1:2 <{\"a\":1}>!1:14 the 1:10 <{\"b\">!1:14 the 1:14 <>"},
	{"no end of the list", "[{}", "1:2 <{}>!1:4 the 1:4 <>"},
	{"no end of the object", "{\"a\":1\n{\"b\":2}", "!2:1 it 1:1 <{\"a\":1>2:1 <{\"b\":2}>"},
	{"no end in a list", "[{\"a\":{\"x\":1,{\"b\":2}]",
		"!1:14 it 1:2 <{\"a\":{\"x\":1,>1:14 <{\"b\":2}>"},
	{"a text without end", "{\"a\":\"x}\n{\"b\":2}", "!1:9 a 1:1 <{\"a\":\"x}>2:1 <{\"b\":2}>"},
	{"the same, indented", "[\n  {\n    \"a\": \"x,\n    \"b\": {\n    }\n  },\n  {}\n]",
		"!3:13 a 2:3 <{\n    \"a\": \"x,\n    \"b\": {\n    }\n  },>7:3 <{}>"},
	{"the same at the end", "[{\"a\":\"x}\n]\n{}", "!1:10 a 1:2 <{\"a\":\"x}>3:1 <{}>"},
	{"the wrong bracket", "{\"a\":[1}{}", "!1:8 a 1:1 <{\"a\":[1}>1:9 <{}>"},
	{"a bracket too many", "{\"a\":1]}{}", "!1:7 a 1:1 <{\"a\":1]}>1:9 <{}>"},
	{"stray brackets", "}{}]\n{}", "!1:1 this 1:1 <}>1:2 <{}>!1:4 this 1:4 <]>2:1 <{}>"},
	{"words", "Error: no\n{}", "!1:1 this 1:1 <Error: no>2:1 <{}>"},
	{"words before an object", "data: {}\n", "!1:1 this 1:1 <data:>1:7 <{}>"},
	{"a text among objects", "[\"x\",{}]", "!1:2 this 1:2 <\"x\",>1:6 <{}>"},
	{"the first mistake is told", "{]\n\"a\n", "!1:2 a 1:1 <{]\n\"a>"},
};

static void add(struct str *got, const struct event_piece *p)
{
	if (p->wrong != NULL)
		(void)str_addf(got, "!%llu:%llu %.*s ", (unsigned long long)p->wrong_at.line,
			(unsigned long long)p->wrong_at.column, (int)strcspn(p->wrong, " "),
			p->wrong);
	(void)str_addf(got, "%llu:%llu <%.*s>", (unsigned long long)p->at.line,
		(unsigned long long)p->at.column, VIEW_ARG(p->bytes));
}

/* In chunks of that many bytes: they must not matter. */
static void scan(const char *text, size_t chunk, struct str *got)
{
	struct view rest = view_of(text), in;
	struct event_scan s;
	struct event_piece p;

	event_scan_init(&s);
	while (rest.len > 0) {
		in = view_take(&rest, chunk);
		while (event_scan_next(&s, &in, false, &p) > 0)
			add(got, &p);
		assert_int_equal(in.len, 0);
	}
	in = view_make(NULL, 0);
	while (event_scan_next(&s, &in, true, &p) > 0)
		add(got, &p);
	event_scan_free(&s);
}

static void each_case(void **state)
{
	static const size_t chunks[] = {1, 2, 7, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++) {
			struct str got;

			str_init(&got, 4096);
			scan(cases[i].in, chunks[k], &got);
			if (strcmp(got.p, cases[i].want) != 0)
				fail_msg("%s, by %zu: wanted %s, got %s", cases[i].name, chunks[k],
					cases[i].want, got.p);
			str_free(&got);
		}
	}
}

static size_t count(const struct str *text, size_t *wrong)
{
	struct view in = str_view(text);
	struct event_scan s;
	struct event_piece p;
	size_t n = 0;

	*wrong = 0;
	event_scan_init(&s);
	while (event_scan_next(&s, &in, true, &p) > 0) {
		n += p.bytes.len;
		*wrong += p.wrong != NULL;
		if (p.more)
			assert_int_equal(p.bytes.len, EVENT_SIZE_MAX);
	}
	event_scan_free(&s);
	return n;
}

/* The limits: as much as allowed is fine, one more is told, and the next object is read. */
static void limits(void **state)
{
	struct str text;
	size_t wrong;

	(void)state;
	str_init(&text, 4 * EVENT_SIZE_MAX);
	for (size_t depth = EVENT_DEPTH_MAX; depth <= EVENT_DEPTH_MAX + 1; depth++) {
		str_clear(&text);
		for (size_t i = 0; i < depth; i++)
			(void)str_addz(&text, "{\"a\":");
		(void)str_addz(&text, "1");
		for (size_t i = 0; i < depth; i++)
			(void)str_addz(&text, "}");
		(void)str_addz(&text, "{}");
		assert_int_equal(count(&text, &wrong), text.len);
		assert_int_equal(wrong, depth > EVENT_DEPTH_MAX);
	}
	for (size_t size = EVENT_SIZE_MAX; size <= 2 * EVENT_SIZE_MAX + 1;
		size += EVENT_SIZE_MAX + 1) {
		str_clear(&text);
		(void)str_addz(&text, "{\"a\":\"");
		while (text.len + 2 < size)
			(void)str_addc(&text, 'x');
		(void)str_addz(&text, "\"}");
		assert_int_equal(text.len, size);
		(void)str_addz(&text, "{}");
		assert_int_equal(count(&text, &wrong), text.len);
		assert_int_equal(wrong, size > EVENT_SIZE_MAX ? 3 : 0);
	}
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
