#include "store_test.h"

static enum store_added add(
	struct fixture *t, const char *key, const char *name, const char *fields)
{
	const struct store_subscriber who = {.key = view_of(key),
		.address = view_of(key),
		.name = view_of(name),
		.fields = view_of(fields),
		.source = VIEW("by hand")};
	enum store_added added;

	OK(store_subscriber_add(t->s, t->list, &who, TEST_NOW, &added, &t->f));
	return added;
}

static struct store_subscriber get(struct fixture *t, const char *key)
{
	struct store_subscriber who;
	int found = store_subscriber_get(t->s, t->list, view_of(key), &t->a, &who, &t->f);

	if (found != 1)
		fail_msg("%s: %d", key, found);
	return who;
}

/* Each row is added after the one before, to one and the same contact. */
static const struct merge_case {
	const char *what, *name, *fields;
	enum store_added want;
	const char *want_name, *want_fields;
} merges[] = {
	{"new", "Ana", "{\"city\":\"Lyon\"}", STORE_ADDED, "Ana", "{\"city\":\"Lyon\"}"},
	{"the same", "Ana", "{\"city\":\"Lyon\"}", STORE_DUPLICATE, "Ana", "{\"city\":\"Lyon\"}"},
	{"nothing", "", "", STORE_DUPLICATE, "Ana", "{\"city\":\"Lyon\"}"},
	{"empty object", "", "{}", STORE_DUPLICATE, "Ana", "{\"city\":\"Lyon\"}"},
	{"empty value", "", "{\"city\":\"\"}", STORE_DUPLICATE, "Ana", "{\"city\":\"Lyon\"}"},
	{"another name", "Anna", "", STORE_UPDATED, "Anna", "{\"city\":\"Lyon\"}"},
	{"another value", "", "{\"city\":\"Brest\"}", STORE_UPDATED, "Anna",
		"{\"city\":\"Brest\"}"},
	{"one more field", "", "{\"age\":\"7\"}", STORE_UPDATED, "Anna",
		"{\"city\":\"Brest\",\"age\":\"7\"}"},
	{"written otherwise", "", "{ \"age\" : \"\\u0037\" }", STORE_DUPLICATE, "Anna",
		"{\"city\":\"Brest\",\"age\":\"7\"}"},
	{"a new empty one", "", "{\"tel\":\"\"}", STORE_UPDATED, "Anna",
		"{\"city\":\"Brest\",\"age\":\"7\",\"tel\":\"\"}"},
};

static void merges_what_is_new(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	fixture_list(t);
	for (size_t i = 0; i < sizeof merges / sizeof *merges; i++) {
		const struct merge_case *c = &merges[i];
		enum store_added got = add(t, "a@x.example", c->name, c->fields);
		struct store_subscriber who = get(t, "a@x.example");

		if (got != c->want || !view_is(who.name, c->want_name) ||
			!view_is(who.fields, c->want_fields))
			fail_msg("%s: %d \"%.*s\" %.*s", c->what, (int)got, VIEW_ARG(who.name),
				VIEW_ARG(who.fields));
	}
	fixture_sound(t);
	fixture_free(t);
}

static const struct bad_case {
	const char *what;
	struct view key, name, fields;
	const char *words;
} bads[] = {
	{"no address", {"", 0}, {"", 0}, {"", 0}, "address is empty"},
	{"line end in the address", {"a@x\r\nBcc: b", 11}, {"", 0}, {"", 0}, "control"},
	{"NUL in the address", {"a\0b", 3}, {"", 0}, {"", 0}, "control"},
	{"line end in the name", {"a@x", 3}, {"A\nB", 3}, {"", 0}, "control"},
	{"right-to-left override", {"a@x", 3}, {"A\xe2\x80\xae", 4}, {"", 0}, "control"},
	{"bad UTF-8", {"a@x", 3}, {"\xc3", 1}, {"", 0}, "UTF-8"},
	{"fields not JSON", {"a@x", 3}, {"", 0}, {"x", 1}, "JSON"},
	{"an array", {"a@x", 3}, {"", 0}, {"[\"a\"]", 5}, "JSON"},
	{"a number", {"a@x", 3}, {"", 0}, {"{\"a\":1}", 7}, "JSON"},
	{"a nested object", {"a@x", 3}, {"", 0}, {"{\"a\":{}}", 8}, "JSON"},
	{"cut off", {"a@x", 3}, {"", 0}, {"{\"a\":\"b", 7}, "JSON"},
	{"two objects", {"a@x", 3}, {"", 0}, {"{}{}", 4}, "JSON"},
	{"bad escape", {"a@x", 3}, {"", 0}, {"{\"a\":\"\\x\"}", 10}, "JSON"},
	{"cut escape", {"a@x", 3}, {"", 0}, {"{\"a\":\"\\u00\"}", 12}, "JSON"},
	{"raw line end", {"a@x", 3}, {"", 0}, {"{\"a\":\"\n\"}", 9}, "JSON"},
	{"comma at the end", {"a@x", 3}, {"", 0}, {"{\"a\":\"b\",}", 10}, "JSON"},
};

static void refuses_bad_rows(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	fixture_list(t);
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		const struct bad_case *c = &bads[i];
		const struct store_subscriber who = {
			.key = c->key, .address = c->key, .name = c->name, .fields = c->fields};
		enum store_added added;

		if (store_subscriber_add(t->s, t->list, &who, 1, &added, &t->f) != -1 ||
			t->f.kind != FAIL_DATA || strstr(t->f.text, c->words) == NULL)
			fail_msg("%s: %s", c->what, t->f.text);
	}
	fixture_sound(t);
	fixture_free(t);
}

static int collect(void *ctx, const struct store_subscriber *who, struct fail *f)
{
	struct str *out = ctx;

	(void)f;
	(void)str_addf(out, "%s%.*s", out->len > 0 ? " " : "", VIEW_ARG(who->key));
	return 0;
}

static int stop_badly(void *ctx, const struct store_subscriber *who, struct fail *f)
{
	(void)who;
	++*(int *)ctx;
	return fail_set(f, FAIL_DATA, "enough");
}

static void comes_and_goes(void **state)
{
	struct fixture *t = fixture_new();
	struct store_subscriber who;
	struct str seen;
	int n = 0;

	(void)state;
	str_init(&seen, 1000);
	fixture_list(t);
	fixture_members(t, 3);
	OK(store_subscriber_remove(t->s, t->list, VIEW("m2@d2.example"), 5, &t->f));
	assert_int_equal(
		store_subscriber_remove(t->s, t->list, VIEW("m2@d2.example"), 5, &t->f), 0);
	assert_int_equal(store_subscriber_remove(t->s, t->list, VIEW("x@y"), 5, &t->f), 0);
	assert_int_equal(get(t, "m2@d2.example").state, STORE_REMOVED);
	OK(store_subscriber_each(t->s, t->list, collect, &seen, &t->f));
	assert_string_equal(seen.p, "m1@d1.example m3@d0.example");
	FAILS(store_subscriber_each(t->s, t->list, stop_badly, &n, &t->f), FAIL_DATA, "enough");
	assert_int_equal(n, 1);
	assert_int_equal(add(t, "m2@d2.example", "", ""), STORE_ADDED); /* again */
	OK(db_exec(t->s->db, "UPDATE subscription SET state = 1 WHERE contact_id = 3", &t->f));
	assert_int_equal(add(t, "m3@d0.example", "New", ""), STORE_KEPT_OUT);
	assert_true(view_is(get(t, "m3@d0.example").name, "Ana"));
	assert_int_equal(store_subscriber_get(t->s, t->list, VIEW("x@y"), &t->a, &who, &t->f), 0);
	assert_int_equal(
		store_subscriber_get(t->s, 0, VIEW("m1@d1.example"), &t->a, &who, &t->f), 1);
	assert_int_equal(who.contact, 1);
	str_free(&seen);
	fixture_sound(t);
	fixture_free(t);
}

static void row(struct fixture *t, struct store_import *i, const char *key, const char *name)
{
	const struct store_import_row r = {view_of(key), view_of(key), view_of(name), VIEW("{}")};

	OK(store_import_row(i, &r, &t->f));
}

static struct store_import *begin(struct fixture *t)
{
	const struct store_import_options o = {
		.list = t->list, .source = VIEW("liste.csv"), .now = TEST_NOW};
	struct store_import *i;

	OK(store_import_begin(t->s, &o, &i, &t->f));
	return i;
}

static int find_import(void *ctx, const struct store_event *e)
{
	if (view_is(e->kind, "list.import"))
		(void)snprintf(ctx, 200, "%.*s", VIEW_ARG(e->data));
	return 0;
}

static void imports_all_or_nothing(void **state)
{
	struct fixture *t = fixture_new();
	struct store_import *i;
	struct store_import_counts n;
	struct store_list l;
	char told[200] = "";

	(void)state;
	OK(store_suppress_add(t->s, VIEW("z@x.example"), VIEW("bounce"), 1, &t->f));
	fixture_list(t);
	fixture_members(t, 3);
	OK(db_exec(t->s->db, "UPDATE subscription SET state = 1 WHERE contact_id = 3", &t->f));
	i = begin(t);
	row(t, i, "z@x.example", "First");
	row(t, i, "a@x.example", "");
	row(t, i, "z@x.example", "Second");
	row(t, i, "m1@d1.example", "Marie");
	row(t, i, "m2@d2.example", "");
	row(t, i, "m3@d0.example", "Kept out");
	row(t, i, "z@x.example", "Third");
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	assert_int_equal(l.subscribed, 2); /* nothing yet */
	OK(store_import_finish(&i, &n, &t->f));
	assert_null(i);
	assert_int_equal(n.added, 2);
	assert_int_equal(n.updated, 1);
	assert_int_equal(n.duplicate, 4);
	assert_int_equal(n.kept_out, 1);
	assert_true(view_is(get(t, "z@x.example").name, "First"));
	assert_true(get(t, "z@x.example").suppressed);
	assert_true(view_is(get(t, "z@x.example").source, "liste.csv"));
	assert_true(view_is(get(t, "m1@d1.example").name, "Marie"));
	OK(store_event_each(t->s, 0, find_import, told, &t->f));
	assert_string_equal(told, "{\"list\":1,\"source\":\"liste.csv\",\"rows\":7,\"added\":2,"
				  "\"updated\":1,\"duplicate\":4,\"kept_out\":1}");
	i = begin(t);
	row(t, i, "nobody@x.example", "");
	store_import_abort(&i);
	store_import_abort(&i);
	i = begin(t);
	OK(store_import_finish(&i, &n, &t->f));
	assert_int_equal(n.added + n.updated + n.duplicate, 0);
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	assert_int_equal(l.subscribed, 4);
	fixture_sound(t);
	fixture_free(t);
}

/* An import into a list that is gone ends in words, with nothing of it kept. */
static void import_fails_whole(void **state)
{
	struct fixture *t = fixture_new();
	struct store_import *i;
	struct store_import_counts n;
	struct store_subscriber who;

	(void)state;
	fixture_list(t);
	i = begin(t);
	row(t, i, "a@x.example", "");
	OK(store_list_delete(t->s, t->list, TEST_NOW, &t->f));
	assert_int_equal(store_import_finish(&i, &n, &t->f), -1);
	assert_null(i);
	assert_int_equal(store_subscriber_get(t->s, 0, VIEW("a@x.example"), &t->a, &who, &t->f), 0);
	fixture_sound(t);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_what_is_new),
		cmocka_unit_test(refuses_bad_rows),
		cmocka_unit_test(comes_and_goes),
		cmocka_unit_test(imports_all_or_nothing),
		cmocka_unit_test(import_fails_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
