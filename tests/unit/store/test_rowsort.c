#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/str.h"
#include "store/rowsort.h"

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* Adds n rows with keys of which many are equal; the name is the row's number. */
static void add(struct rowsort *r, size_t n, size_t keys, size_t fields, uint64_t seed)
{
	struct str key, name, text;
	struct fail f = {0};

	str_init(&key, 64);
	str_init(&name, 64);
	str_init(&text, fields);
	for (size_t i = 0; i < fields; i++)
		(void)str_addc(&text, 'x');
	for (size_t i = 0; i < n; i++) {
		struct store_import_row row;

		str_clear(&key);
		str_clear(&name);
		(void)str_addf(&key, "%llx", (unsigned long long)(draw(&seed) % keys));
		(void)str_addf(&name, "%zu", i);
		row = (struct store_import_row){
			str_view(&key), str_view(&key), str_view(&name), str_view(&text)};
		assert_int_equal(rowsort_add(r, &row, &f), 0);
	}
	str_free(&key);
	str_free(&name);
	str_free(&text);
}

/* All come back, by key, and those of one key as they were added. */
static void check(struct rowsort *r, size_t n, size_t fields)
{
	struct store_import_row row;
	struct fail f = {0};
	struct str last;
	uint64_t last_number = 0;
	size_t seen = 0;
	int step;

	str_init(&last, 64);
	while ((step = rowsort_next(r, &row, &f)) > 0) {
		uint64_t number = 0;
		int order = view_cmp(str_view(&last), row.key);

		assert_true(view_u64(row.name, n, &number));
		assert_true(order < 0 || (order == 0 && (seen == 0 || last_number < number)));
		assert_true(view_eq(row.key, row.address));
		assert_int_equal(row.fields.len, fields);
		str_clear(&last);
		(void)str_addv(&last, row.key);
		last_number = number;
		seen++;
	}
	assert_int_equal(step, 0);
	assert_int_equal(rowsort_next(r, &row, &f), 0);
	assert_int_equal(seen, n);
	str_free(&last);
}

static void test_sizes(void **state)
{
	static const struct size_case {
		size_t n, keys, fields;
	} sizes[] = {
		{0, 1, 0}, {1, 1, 0}, {2, 1, 10}, {1000, 100, 50}, {1000, 1000000, 0}, {1000, 1, 3},
		{100000, 5000, 400},   /* three runs */
		{100000, 1, 400},      /* three runs of one key */
		{1000, 1 << 30, 70000} /* rows as long as they get */
	};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct rowsort *r = rowsort_new();

		add(r, sizes[i].n, sizes[i].keys, sizes[i].fields, i);
		check(r, sizes[i].n, sizes[i].fields);
		rowsort_free(&r);
		assert_null(r);
	}
}

static void test_too_long(void **state)
{
	struct rowsort *r = rowsort_new();
	struct str text;
	struct fail f = {0};
	struct store_import_row row = {VIEW("k"), VIEW("k"), VIEW(""), VIEW("")};

	(void)state;
	str_init(&text, ROWSORT_ROW_MAX);
	while (text.len < ROWSORT_ROW_MAX)
		(void)str_addc(&text, 'x');
	row.fields = str_view(&text);
	assert_int_equal(rowsort_add(r, &row, &f), -1);
	assert_int_equal(f.kind, FAIL_DATA);
	str_free(&text);
	rowsort_free(&r);
	rowsort_free(&r);
}

static void test_no_folder(void **state)
{
	struct rowsort *r = rowsort_new();
	struct store_import_row row = {VIEW("k"), VIEW("k"), VIEW(""), VIEW("")};
	struct str text;
	struct fail f = {0};
	int added = 0;

	(void)state;
	str_init(&text, 60000);
	while (text.len < 60000)
		(void)str_addc(&text, 'x');
	row.fields = str_view(&text);
	assert_int_equal(setenv("TMPDIR", "/nonexistent", 1), 0);
	for (size_t i = 0; added == 0 && i < ROWSORT_MEMORY / text.len + 1; i++)
		added = rowsort_add(r, &row, &f);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_int_equal(added, -1);
	assert_int_equal(f.kind, FAIL_CREATE);
	assert_non_null(strstr(f.text, "/nonexistent"));
	str_free(&text);
	rowsort_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
