#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/mem.h"
#include "import/csv.h"

/* `want` shows every field in [ ], line ends in it as \r \n, and a / after each
 * record; ? marks a stray one, and the number in front is the line it begins
 * on. What begins with ! is a part of the error. */
static const struct csv_case {
	const char *name, *in, *want;
	char delimiter;
} cases[] = {
	{"nothing", "", "", ','},
	{"one field", "a", "1[a]/", ','},
	{"one field, LF", "a\n", "1[a]/", ','},
	{"one field, CRLF", "a\r\n", "1[a]/", ','},
	{"one field, CR", "a\r", "1[a]/", ','},
	{"two fields", "a,b", "1[a][b]/", ','},
	{"two records LF", "a,b\nc,d\n", "1[a][b]/2[c][d]/", ','},
	{"two records CRLF", "a,b\r\nc,d\r\n", "1[a][b]/2[c][d]/", ','},
	{"two records CR", "a,b\rc,d\r", "1[a][b]/2[c][d]/", ','},
	{"mixed ends", "a\rb\nc\r\nd", "1[a]/2[b]/3[c]/4[d]/", ','},
	{"no end on the last", "a,b\nc,d", "1[a][b]/2[c][d]/", ','},
	{"semicolon", "a;b,c\n", "1[a][b,c]/", ';'},
	{"tab", "a\tb;c\n", "1[a][b;c]/", '\t'},
	{"bar", "a|b\n", "1[a][b]/", '|'},
	{"empty first", ",b\n", "1[][b]/", ','},
	{"empty last", "a,\n", "1[a][]/", ','},
	{"empty last at the end", "a,", "1[a][]/", ','},
	{"only a delimiter", ",", "1[][]/", ','},
	{"only delimiters", ",,,\n", "1[][][][]/", ','},
	{"empty in the middle", "a,,c\n", "1[a][][c]/", ','},
	{"blank lines between", "a\n\n\nb\n", "1[a]/4[b]/", ','},
	{"blank CRLF lines", "a\r\n\r\nb\r\n", "1[a]/3[b]/", ','},
	{"blank CR lines", "a\r\rb\r", "1[a]/3[b]/", ','},
	{"blank lines first", "\n\r\n\ra\n", "4[a]/", ','},
	{"only line ends", "\n\r\n\r", "", ','},
	{"a space is a field", " \n", "1[ ]/", ','},
	{"spaces stay", " a , b \n", "1[ a ][ b ]/", ','},
	{"quoted", "\"a\"\n", "1[a]/", ','},
	{"quoted at the end", "\"a\"", "1[a]/", ','},
	{"quoted empty", "\"\"\n", "1[]/", ','},
	{"quoted empty at the end", "\"\"", "1[]/", ','},
	{"quoted empties", "\"\",\"\"\n", "1[][]/", ','},
	{"quoted delimiter", "\"a,b\",c\n", "1[a,b][c]/", ','},
	{"quoted LF", "\"a\nb\",c\n", "1[a\\nb][c]/", ','},
	{"quoted CRLF", "\"a\r\nb\"\r\nc\r\n", "1[a\\r\\nb]/3[c]/", ','},
	{"quoted CR", "\"a\rb\"\rc", "1[a\\rb]/3[c]/", ','},
	{"quoted blank lines", "\"\n\n\"\nb\n", "1[\\n\\n]/4[b]/", ','},
	{"quoted CR CR LF", "\"\r\r\n\"\nb", "1[\\r\\r\\n]/4[b]/", ','},
	{"quoted LF CR", "\"\n\r\"\nb", "1[\\n\\r]/4[b]/", ','},
	{"CR then quoted LF", "a\r\"\n\"\nb", "1[a]/2[\\n]/4[b]/", ','},
	{"CR delimiter LF", "a\r,\nb", "1[a]/2[][]/3[b]/", ','},
	{"CR in quotes, LF after", "\"a\r\"\nb", "1[a\\r]/3[b]/", ','},
	{"CR after quotes", "\"a\"\r\"b\"\r\n", "1[a]/2[b]/", ','},
	{"doubled quote", "\"a\"\"b\"\n", "1[a\"b]/", ','},
	{"doubled quote alone", "\"\"\"\"\n", "1[\"]/", ','},
	{"two doubled quotes", "\"\"\"\"\"\"\n", "1[\"\"]/", ','},
	{"doubled first", "\"\"\"a\"\n", "1[\"a]/", ','},
	{"doubled last", "\"a\"\"\"\n", "1[a\"]/", ','},
	{"doubled before delimiter", "\"a\"\",\",b\n", "1[a\",][b]/", ','},
	{"doubled at the end", "\"a\"\"\"", "1[a\"]/", ','},
	{"quotes in the last field", "a,\"b\"\n", "1[a][b]/", ','},
	{"quotes, then empty", "\"a\",\n", "1[a][]/", ','},
	{"empty, then quotes", ",\"a\"\n", "1[][a]/", ','},
	{"quote within", "a\"b\n", "1[a\"b]/", ','},
	{"quote last", "a\"\n", "1[a\"]/", ','},
	{"quotes within", "a\"b,c\"d\n", "1[a\"b][c\"d]/", ','},
	{"space before a quote", " \"a,b\"\n", "1[ \"a][b\"]/", ','},
	{"inches", "5\" nail,x\n", "1[5\" nail][x]/", ','},
	{"stray text", "\"a\"b,c\n", "1?[ab][c]/", ','},
	{"stray space", "\"a\" ,c\n", "1?[a ][c]/", ','},
	{"stray then quote", "\"a\"b\"c\n", "1?[ab\"c]/", ','},
	{"stray in the second", "x,\"a\"b\ny\n", "1?[x][ab]/2[y]/", ','},
	{"stray is forgotten", "\"a\"b\n\"c\"\n", "1?[ab]/2[c]/", ','},
	{"UTF-8", "Zoé,\"Noël; Ève\"\n", "1[Zoé][Noël; Ève]/", ','},
	{"emoji", "😀;\"😀\"\n", "1[😀][😀]/", ';'},
	{"apostrophes are text", "'a,b'\n", "1['a][b']/", ','},
	{"backslash is text", "\"a\\\",b\n", "1[a\\][b]/", ','},
	{"backslash n is text", "a\\nb\n", "1[a\\nb]/", ','},
	{"vertical tab is text", "a\vb\n", "1[a\vb]/", ','},
	{"other delimiter is text", "a;b\tc|d\n", "1[a;b\tc|d]/", ','},
	{"hash is text", "#a\n", "1[#a]/", ','},
	{"equals is text", "=1+1\n", "1[=1+1]/", ','},
	{"LF CR is two ends", "a\n\rb\n", "1[a]/3[b]/", ','},
	{"CR CR LF", "a\r\r\nb", "1[a]/3[b]/", ','},
	{"ragged", "a,b\nc\nd,e,f\n", "1[a][b]/2[c]/3[d][e][f]/", ','},
	{"blank after quoted end", "\"a\"\n\n\"b\"\n\n", "1[a]/3[b]/", ','},
	{"a line of quotes", "\"\"\n\"\"\n", "1[]/2[]/", ','},
	{"RFC 4180 2.5", "\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx",
		"1[aaa][bbb][ccc]/2[zzz][yyy][xxx]/", ','},
	{"RFC 4180 2.6", "\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx",
		"1[aaa][b\\r\\nbb][ccc]/3[zzz][yyy][xxx]/", ','},
	{"RFC 4180 2.7", "\"aaa\",\"b\"\"bb\",\"ccc\"", "1[aaa][b\"bb][ccc]/", ','},
	{"never closed", "a\n\"b\nc\n", "!opened on line 2 is never closed", ','},
	{"never closed, one byte", "\"", "!opened on line 1 is never closed", ','},
	{"never closed, second field", "a,\"b", "!opened on line 1", ','},
	{"never closed after doubled", "\"a\"\"", "!never closed", ','},
	{"opened late in a record", "\"a\n\",\"b\n", "!opened on line 2", ','},
};

struct source {
	struct view rest;
	size_t step;
};

static int read_step(void *arg, struct view *chunk, struct fail *f)
{
	struct source *s = arg;

	(void)f;
	*chunk = view_sub(s->rest, 0, s->step);
	s->rest = view_from(s->rest, s->step);
	return chunk->len > 0;
}

static void show(struct str *out, const struct csv_record *row)
{
	(void)str_addf(out, "%llu%s", (unsigned long long)row->line, row->stray ? "?" : "");
	for (size_t i = 0; i < row->n; i++) {
		(void)str_addc(out, '[');
		for (size_t k = 0; k < row->fields[i].len; k++) {
			char c = row->fields[i].p[k];

			if (c == '\r' || c == '\n')
				(void)str_addz(out, c == '\r' ? "\\r" : "\\n");
			else
				(void)str_addc(out, c);
		}
		(void)str_addc(out, ']');
	}
	(void)str_addc(out, '/');
}

static void read_all(struct view in, size_t step, char delimiter, struct str *out)
{
	struct source s = {in, step};
	struct csv_reader *r = csv_reader_new(read_step, &s, delimiter);
	struct csv_record row;
	struct fail f = {0};
	uint64_t number = 0;
	int got;

	str_clear(out);
	while ((got = csv_reader_next(r, &row, &f)) > 0) {
		assert_int_equal(row.number, ++number);
		show(out, &row);
	}
	if (got < 0) {
		assert_int_equal(f.kind, FAIL_DATA);
		str_clear(out);
		(void)str_addf(out, "!%s", f.text);
	}
	csv_reader_free(&r);
}

static void test_table(void **state)
{
	static const size_t steps[] = {1, 2, 3, 5, 4096};
	struct str got;

	(void)state;
	str_init(&got, 65536);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct csv_case *c = &cases[i];

		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
			bool right;

			read_all(view_of(c->in), steps[k], c->delimiter, &got);
			right = c->want[0] == '!' ? strstr(got.p, c->want + 1) != NULL
						  : strcmp(got.p, c->want) == 0;
			if (!right)
				fail_msg("%s (by %zu): got %s, want %s", c->name, steps[k], got.p,
					c->want);
		}
	}
	str_free(&got);
}

static void test_zero_byte(void **state)
{
	static const struct view in[] = {
		{"a\nb\0c\n", 6}, {"a\n\"b\0c\"\n", 8}, {"a\n\0\n", 4}, {"a\n\"b\"\0\n", 7}};
	struct str got;

	(void)state;
	str_init(&got, 65536);
	for (size_t i = 0; i < sizeof in / sizeof in[0]; i++) {
		read_all(in[i], 1, ',', &got);
		assert_non_null(strstr(got.p, "!line 2 holds a zero byte"));
	}
	str_free(&got);
}

struct endless {
	const char *first, *then;
	size_t left;
};

static int read_endless(void *arg, struct view *chunk, struct fail *f)
{
	struct endless *e = arg;

	(void)f;
	if (e->first != NULL) {
		*chunk = view_of(e->first);
		e->first = NULL;
		return 1;
	}
	*chunk = view_of(e->then);
	return e->left-- > 0;
}

static void test_limits(void **state)
{
	static const struct limit_case {
		struct endless source;
		const char *want;
	} limits[] = {
		{{"a,b\n", "0123456789", 10000000}, "line 2 is longer than 1048576 bytes"},
		{{"a,b\nx,\"", "0123456\n89", 10000000},
			"the quote opened on line 2 is not closed"},
		{{"a\n", ",", 2000}, "line 2 has more than 1000 fields"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct endless e = limits[i].source;
		struct csv_reader *r = csv_reader_new(read_endless, &e, ',');
		struct csv_record row;
		struct fail f = {0};

		assert_int_equal(csv_reader_next(r, &row, &f), 1);
		assert_int_equal(csv_reader_next(r, &row, &f), -1);
		assert_int_equal(f.kind, FAIL_DATA);
		if (strstr(f.text, limits[i].want) == NULL)
			fail_msg("got %s, want %s", f.text, limits[i].want);
		csv_reader_free(&r);
		assert_null(r);
	}
}

static void test_largest(void **state)
{
	struct str in, got;

	(void)state;
	str_init(&in, 2 * CSV_RECORD_MAX);
	str_init(&got, 2 * CSV_RECORD_MAX);
	for (size_t i = 0; i < CSV_RECORD_MAX; i++)
		(void)str_addc(&in, 'x');
	read_all(str_view(&in), 4096, ',', &got);
	assert_int_equal(got.p[0], '1');
	str_clear(&in);
	for (size_t i = 1; i < CSV_FIELDS_MAX; i++)
		(void)str_addc(&in, ',');
	read_all(str_view(&in), 4096, ',', &got);
	assert_int_equal(got.len, 2 * CSV_FIELDS_MAX + 2);
	str_free(&in);
	str_free(&got);
}

static void test_ended(void **state)
{
	struct source s = {VIEW("a\nb"), 10};
	struct csv_reader *r = csv_reader_new(read_step, &s, ',');
	struct csv_record row;
	struct fail f;

	(void)state;
	assert_int_equal(csv_reader_next(r, &row, &f), 1);
	assert_true(row.ended);
	assert_int_equal(csv_reader_next(r, &row, &f), 1);
	assert_false(row.ended);
	assert_int_equal(csv_reader_next(r, &row, &f), 0);
	assert_int_equal(csv_reader_next(r, &row, &f), 0);
	csv_reader_free(&r);
	csv_reader_free(&r);
}

static void test_put(void **state)
{
	static const struct put_case {
		const char *in, *want;
	} puts_[] = {
		{"", ""},
		{"a", "a"},
		{"a,b", "\"a,b\""},
		{"a;b", "a;b"},
		{"a\"b", "\"a\"\"b\""},
		{"a\nb", "\"a\nb\""},
		{"a\rb", "\"a\rb\""},
		{"=1+1", "'=1+1"},
		{"+687 12", "'+687 12"},
		{"-1", "'-1"},
		{"@x", "'@x"},
		{"\tx", "'\tx"},
		{"=a,\"b\"", "\"'=a,\"\"b\"\"\""},
		{"'", "'"},
		{"'a", "'a"},
	};
	struct str out, back;

	(void)state;
	str_init(&out, 1024);
	str_init(&back, 1024);
	for (size_t i = 0; i < sizeof puts_ / sizeof puts_[0]; i++) {
		struct source s;
		struct csv_reader *r;
		struct csv_record row;
		struct fail f;

		str_clear(&out);
		assert_int_equal(csv_put(&out, view_of(puts_[i].in), ','), 0);
		assert_string_equal(out.p, puts_[i].want);
		if (out.len == 0)
			continue;
		s = (struct source){str_view(&out), 3};
		r = csv_reader_new(read_step, &s, ',');
		assert_int_equal(csv_reader_next(r, &row, &f), 1);
		assert_true(view_is(csv_unguard(row.fields[0]), puts_[i].in));
		csv_reader_free(&r);
	}
	str_free(&out);
	str_free(&back);
}

/* For tests/e2e/import: what is read from each file, in a form that Python
 * compares with its own csv module. */
static int dump(const char *delimiter, char **paths)
{
	struct str in;
	struct fail f;

	str_init(&in, 16 << 20);
	for (; *paths != NULL; paths++) {
		struct source s = {{NULL, 0}, 7};
		struct csv_reader *r;
		struct csv_record row;
		int got;

		str_clear(&in);
		if (file_read(*paths, &in, &f) < 0)
			return 1;
		s.rest = str_view(&in);
		r = csv_reader_new(read_step, &s, delimiter[0]);
		(void)printf("F\n");
		while ((got = csv_reader_next(r, &row, &f)) > 0) {
			(void)printf("R %zu\n", row.n);
			for (size_t i = 0; i < row.n; i++)
				(void)printf(
					"%zu\n%.*s\n", row.fields[i].len, VIEW_ARG(row.fields[i]));
		}
		if (got < 0)
			(void)printf("E\n");
		csv_reader_free(&r);
	}
	str_free(&in);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_zero_byte),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_put),
	};

	if (argc > 2)
		return dump(argv[1], argv + 2);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
