#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <jansson.h>
#include "base/view.h"
#include "send/fields.h"

static const struct fields_case {
	const char *json;
	bool flat; /* read where it stands */
} cases[] = {
	{"{\"a\":\"1\"}", true},
	{"{\"a\":\"1\",\"b\":\"two words\",\"c\":\"\"}", true},
	{"{\"prénom\":\"Noël\",\"a\":\"é\"}", true},
	{"{\"a\":\"first\",\"a\":\"last\"}", true},
	{"{\"\":\"no name\",\"a\":\"{}[]:,\"}", true},
	{"{\"a\":\"\177\"}", true},
	{"{}", false},
	{"{ \"a\": \"1\" }", false},
	{"{\"a\":\"1\"} ", false},
	{"{\"a\":\"say \\\"hi\\\"\"}", false},
	{"{\"a\":\"\\u00e9\",\"b\":\"\\\\\"}", false},
	{"{\"a\":1,\"b\":\"2\"}", false},
	{"{\"a\":null,\"b\":true,\"c\":[\"x\"],\"d\":{\"a\":\"deep\"}}", false},
	{"{\"a\":\"1\",}", false},
	{"{\"a\":\"1\"", false},
	{"{\"a\":\"1\"}}", false},
	{"{\"a\"}", false},
	{"{\"a\":\"1", false},
	{"{\"a\":", false},
	{"{\"a", false},
	{"{\"a\":\"tab\there\"}", false},
	{"{\"a\":\"line\nend\"}", false},
	{"{\"a\":\"\xff\"}", false},
	{"{\"a\":\"\xc3\"}", false},
	{"{\"a\":\"\xed\xa0\x80\"}", false},
	{"[\"a\",\"1\"]", false},
	{"\"a\"", false},
	{"{", false},
	{"", false},
};
static const char *const names[] = {"a", "b", "c", "d", "prénom", "none", ""};

/* Whatever way it is read, it says what jansson says. */
static void compare(const char *json, const char *name)
{
	json_t *tree = json_loads(json, 0, NULL), *want = json_object_get(tree, name);
	struct send_fields f;
	struct view value;
	bool found;

	send_fields_read(&f, view_of(json));
	found = send_fields_find(&f, view_of(name), &value);
	if (found != json_is_string(want))
		fail_msg("%s: %s %sfound", json, name, found ? "" : "not ");
	if (found && !view_is(value, json_string_value(want)))
		fail_msg("%s: %s is %.*s", json, name, VIEW_ARG(value));
	send_fields_free(&f);
	json_decref(tree);
}

static void as_jansson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			compare(cases[i].json, names[k]);
}

static void where_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct send_fields f;

		send_fields_read(&f, view_of(cases[i].json));
		if ((f.count > 0) != cases[i].flat || (f.count > 0 && f.tree != NULL))
			fail_msg("%s: %zu", cases[i].json, f.count);
		send_fields_free(&f);
	}
}

/* More than there is room for are all found. */
static void many(void **state)
{
	(void)state;
	for (int n = SEND_FIELDS_FLAT - 1; n <= SEND_FIELDS_FLAT + 1; n++) {
		json_t *tree = json_object();
		char name[16], *json;

		for (int i = 0; i < n; i++) {
			(void)snprintf(name, sizeof name, "f%d", i);
			(void)json_object_set_new(tree, name, json_string(name));
		}
		json = json_dumps(tree, JSON_COMPACT);
		for (int i = 0; i <= n; i++) {
			(void)snprintf(name, sizeof name, "f%d", i);
			compare(json, name);
		}
		free(json);
		json_decref(tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_jansson),
		cmocka_unit_test(where_it_stands),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
