#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "import/import.h"
#include "store/list.h"
#include "store/store.h"

static char dir[] = "/tmp/facteur-test-XXXXXX";
static char input[64], rejects[64];

static int make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(input, sizeof input, "%s/in.csv", dir);
	(void)snprintf(rejects, sizeof rejects, "%s/in.rejects.csv", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	(void)unlink(input);
	(void)unlink(rejects);
	return rmdir(dir);
}

static void write_input(struct view bytes)
{
	struct fail f;

	(void)unlink(input);
	(void)unlink(rejects);
	assert_int_equal(file_write_new(input, bytes, &f), 0);
}

/* Takes rows as text: "key|address|name|fields\n". */
static int take(void *ctx, const struct store_import_row *row, struct fail *f)
{
	(void)f;
	return str_addf(ctx, "%.*s|%.*s|%.*s|%.*s\n", VIEW_ARG(row->key), VIEW_ARG(row->address),
		VIEW_ARG(row->name), VIEW_ARG(row->fields));
}

static int done(void *ctx, struct import_result *out, struct fail *f)
{
	(void)ctx;
	(void)f;
	out->added = out->read - out->rejected;
	return 0;
}

/* `want` is the rows, `refused` a part of the rejects file; with ! in front
 * `want` is a part of the error, which is FAIL_DATA. */
static const struct import_case {
	const char *name, *in, *want, *refused;
} cases[] = {
	{"plain", "email;nom\nana@example.org;Ana\n", "ana@example.org|ana@example.org|Ana|{}\n",
		NULL},
	{"key and address", "email\nAna@EXAMPLE.org\n", "ana@example.org|Ana@EXAMPLE.org||{}\n",
		NULL},
	{"given and family", "email,prénom,nom\na@example.org,Ana,Ruiz\n",
		"a@example.org|a@example.org|Ana "
		"Ruiz|{\"family_name\":\"Ruiz\",\"given_name\":\"Ana\"}\n",
		NULL},
	{"only a given name", "email,prénom,nom\na@example.org,Ana,\n",
		"a@example.org|a@example.org|Ana|{\"given_name\":\"Ana\"}\n", NULL},
	{"variables by key", "email,Ville,Code postal\na@example.org,Lyon,69003\n",
		"a@example.org|a@example.org||{\"code_postal\":\"69003\",\"ville\":\"Lyon\"}\n",
		NULL},
	{"empty ones are left out", "email,a,b,c\na@example.org,,x,\n",
		"a@example.org|a@example.org||{\"b\":\"x\"}\n", NULL},
	{"JSON escapes", "email;x\na@example.org;\"say \"\"hi\"\" \\o/\"\n",
		"a@example.org|a@example.org||{\"x\":\"say \\\"hi\\\" \\\\o/\"}\n", NULL},
	{"blanks go", "email;nom\n  a@example.org\t;  Ana \n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"no-break spaces go",
		"email;nom\n\xC2\xA0"
		"a@example.org\xC2\xA0;Ana\n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"line ends become a space", "email;note\na@example.org;\"one\r\n two\tthree\"\n",
		"a@example.org|a@example.org||{\"note\":\"one two three\"}\n", NULL},
	{"full form", "email\nAna Ruiz <a@example.org>\n",
		"a@example.org|a@example.org|Ana Ruiz|{}\n", NULL},
	{"full form in quotes", "email;x\n\"\"\"Ruiz, Ana\"\" <a@example.org>\";1\n",
		"a@example.org|a@example.org|Ruiz, Ana|{\"x\":\"1\"}\n", NULL},
	{"the column's name wins", "email;nom\nX <a@example.org>;Ana\n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"guarded formula", "email;tel\na@example.org;'+687 12 34 56\n",
		"a@example.org|a@example.org||{\"tel\":\"+687 12 34 56\"}\n", NULL},
	{"no heading", "a@example.org;Ana\nb@example.org;Bo\n",
		"a@example.org|a@example.org|Ana|{}\nb@example.org|b@example.org|Bo|{}\n", NULL},
	{"empty fields at the end", "email;nom\na@example.org;Ana;;\n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"short by columns without heading", "email;nom;;\na@example.org;Ana\n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"blank rows", "email;nom\n\n;\n ; \na@example.org;Ana\n",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"headings only", "email;nom\n", "", NULL},
	{"no line end at the end", "email;nom\na@example.org;Ana",
		"a@example.org|a@example.org|Ana|{}\n", NULL},
	{"accents", "email;nom\na@example.org;Zoé d’Été\n",
		"a@example.org|a@example.org|Zoé d’Été|{}\n", NULL},
	{"no address", "email;nom\n;Ana\n", "", "2;no address;;Ana\r\n"},
	{"bad address", "email;nom\nana;Ana\n", "", "2;there is no @"},
	{"not public", "email;nom\nana@local;Ana\n", "", "2;"},
	{"header injection", "email\n\"a@example.org\nBcc: b@example.org\"\n", "", "2,"},
	{"too many fields", "email;nom\na@example.org;Ana;x\n", "", "2;3 fields instead of 2;"},
	{"too few fields", "email;nom\na@example.org\nb@example.org;Bo\n",
		"b@example.org|b@example.org|Bo|{}\n", "2;1 fields instead of 2;a@example.org\r\n"},
	{"stray text", "email;nom\n\"a@example.org\"x;Ana\n", "", "2;text after a closing quote"},
	{"escape", "email;nom\na@example.org;\x1b[31mAna\n", "", "\xEF\xBF\xBD[31mAna"},
	{"direction", "email;nom\na@example.org;\u202eanA\n", "", "U+202E"},
	{"C1", "email;nom\na@example.org;\xC2\x85\n", "", "U+0085"},
	{"rejected line numbers", "email;nom\n\"a@example.org\";\"A\nB\"\nbad;C\n",
		"a@example.org|a@example.org|A B|{}\n", "4;there is no @"},
	{"reject of a formula", "email;nom\nbad;=cmd()\n", "", ";bad;'=cmd()\r\n"},
	{"rejects have headings", "email;nom\nbad;C\n", "", "line;reason;email;nom\r\n2;"},
	{"empty file", "", "!it is empty", NULL},
	{"only line ends", "\n\n", "!it holds no rows", NULL},
	{"no address column", "a;b\n1;2\n", "!no column holds e-mail addresses", NULL},
	{"open quote", "email;nom\na@example.org;\"Ana\n", "!opened on line 2 is never closed",
		NULL},
	{"cut off in a row", "email;nom;ville\na@example.org;Ana;X\nb@exam", "!seems to be cut off",
		NULL},
	{"mixed encodings", "email;nom\na@example.org;Zo\xC3\xA9\nb@example.org;No\xEBl\n",
		"!line 3, column 17: the file mixes two encodings", NULL},
	{"cut off in a character", "email;nom\na@example.org;Zo\xC3\xA9\nb@example.org;No\xC3",
		"!ends in the middle of a character", NULL},
	{"workbook", "PK\x03\x04....", "!it is a spreadsheet", NULL},
};

static void run_case(const struct import_case *c)
{
	struct import_options o = {.path = input};
	struct import_taker to = {take, done, NULL};
	struct import_result r;
	struct fail f = {0};
	struct str rows, refused;
	int ret;

	str_init(&rows, 65536);
	str_init(&refused, 65536);
	to.ctx = &rows;
	write_input(view_of(c->in));
	ret = import_rows(&o, &to, &r, &f);
	if (c->want[0] == '!') {
		if (ret == 0 || strstr(f.text, c->want + 1) == NULL || f.kind != FAIL_DATA)
			fail_msg("%s: %s", c->name, f.text);
		assert_false(file_exists(rejects));
	} else {
		if (ret < 0)
			fail_msg("%s: %s", c->name, f.text);
		if (strcmp(rows.p, c->want) != 0)
			fail_msg("%s: got %s", c->name, rows.p);
		assert_int_equal(r.read, r.added + r.rejected);
		assert_int_equal(r.unended, c->in[strlen(c->in) - 1] != '\n');
		assert_int_equal(file_exists(rejects), c->refused != NULL);
		assert_int_equal(r.rejects_path != NULL, c->refused != NULL);
		if (c->refused != NULL) {
			assert_int_equal(file_read(r.rejects_path, &refused, &f), 0);
			if (strstr(refused.p, c->refused) == NULL)
				fail_msg("%s: got %s", c->name, refused.p);
		}
		import_result_free(&r);
	}
	str_free(&rows);
	str_free(&refused);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		run_case(&cases[i]);
}

static void expect_failure(const char *path, enum fail_kind kind, const char *text)
{
	struct import_options o = {.path = path};
	struct import_taker to = {take, done, NULL};
	struct import_result r;
	struct fail f = {0};

	assert_int_equal(import_rows(&o, &to, &r, &f), -1);
	if (f.kind != kind || strstr(f.text, text) == NULL)
		fail_msg("%s", f.text);
	assert_non_null(strstr(f.text, path));
}

static void test_no_file(void **state)
{
	(void)state;
	expect_failure("/nonexistent/x.csv", FAIL_NOINPUT, "cannot be opened");
	expect_failure(dir, FAIL_NOINPUT, "it is a folder, not a file");
}

static void test_rejects_file(void **state)
{
	char second[64];
	struct import_options o = {.path = input};
	struct import_taker to = {take, done, NULL};
	struct import_result r;
	struct fail f = {0};
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	(void)snprintf(second, sizeof second, "%s/in.rejects-2.csv", dir);
	write_input(VIEW("email\nbad\n"));
	assert_int_equal(import_rows(&o, &to, &r, &f), 0);
	assert_string_equal(r.rejects_path, rejects);
	assert_int_equal(stat(rejects, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	import_result_free(&r);
	assert_int_equal(import_rows(&o, &to, &r, &f), 0);
	assert_string_equal(r.rejects_path, second);
	import_result_free(&r);
	assert_int_equal(unlink(second), 0);
	o.rejects_path = rejects; /* is there already */
	assert_int_equal(import_rows(&o, &to, &r, &f), -1);
	assert_int_equal(f.kind, FAIL_CREATE);
	(void)umask(mask);
}

static void test_delimiter(void **state)
{
	static const char bad[] = "\"\r\n\x7F\xE9";
	struct import_options o = {.path = input};
	struct import_taker to = {take, done, NULL};
	struct import_result r;
	struct fail f = {0};
	struct str rows;

	(void)state;
	write_input(VIEW("email#nom\na@example.org#A,B;C\n"));
	for (size_t i = 0; i + 1 < sizeof bad; i++) {
		o.delimiter = bad[i];
		assert_int_equal(import_rows(&o, &to, &r, &f), -1);
		assert_int_equal(f.kind, FAIL_USAGE);
	}
	o.delimiter = '#';
	str_init(&rows, 1024);
	to.ctx = &rows;
	assert_int_equal(import_rows(&o, &to, &r, &f), 0);
	assert_string_equal(rows.p, "a@example.org|a@example.org|A,B;C|{}\n");
	import_result_free(&r);
	str_free(&rows);
}

/* A list of 100 MB in one line, without having it in memory. */
static void test_long_line(void **state)
{
	enum { MIB = 1 << 20, COUNT = 100 };
	char *block = malloc(MIB);
	FILE *out;

	(void)state;
	assert_non_null(block);
	write_input(VIEW("email;nom\n"));
	memset(block, 'x', MIB);
	out = fopen(input, "ab");
	assert_non_null(out);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(fwrite(block, MIB, 1, out), 1);
	assert_int_equal(fclose(out), 0);
	free(block);
	expect_failure(input, FAIL_DATA, "line 2 is longer than 1048576 bytes");
}

static void test_store(void **state)
{
	char path[64];
	struct import_options o = {.path = input};
	struct store_import_options to = {.source = VIEW("in.csv"), .now = 1};
	struct import_result r;
	struct store_list list;
	struct store *s;
	struct arena a;
	struct fail f = {0};

	(void)state;
	arena_init(&a);
	(void)snprintf(path, sizeof path, "%s/x.db", dir);
	assert_int_equal(store_open(path, STORE_CREATE, &s, &f), 0);
	assert_int_equal(store_list_create(s, VIEW("l"), VIEW(""), VIEW(""), 1, &f), 0);
	assert_int_equal(store_list_get(s, VIEW("l"), &a, &list, &f), 0);
	to.list = list.id;
	write_input(
		VIEW("email;nom\nb@example.org;Bo\nA@example.org;Ana\na@EXAMPLE.org;X\nbad;Y\n"));
	assert_int_equal(import_csv(s, &to, &o, &r, &f), 0);
	assert_int_equal(r.read, 4);
	assert_int_equal(r.added, 2);
	assert_int_equal(r.duplicate, 1);
	assert_int_equal(r.rejected, 1);
	import_result_free(&r);
	/* Known ones, before, between and behind new ones. */
	write_input(VIEW("email;nom\na@example.org;Ana\nab@example.org;N\nb@example.org;Bob\n"
			 "c@example.org;N\n0@example.org;N\n"));
	assert_int_equal(import_csv(s, &to, &o, &r, &f), 0);
	assert_int_equal(r.added, 3);
	assert_int_equal(r.updated, 1);
	assert_int_equal(r.duplicate, 1);
	import_result_free(&r);
	/* What breaks late leaves nothing behind. */
	write_input(VIEW("email;nom\nd@example.org;D\ne@example.org;\"E\n"));
	assert_int_equal(import_csv(s, &to, &o, &r, &f), -1);
	assert_int_equal(store_list_get(s, VIEW("l"), &a, &list, &f), 0);
	assert_int_equal(list.subscribed, 5);
	store_close(&s);
	arena_free(&a);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_rejects_file),
		cmocka_unit_test(test_delimiter),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_store),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
