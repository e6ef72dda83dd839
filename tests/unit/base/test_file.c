#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"

/* A folder of its own for each test, and what was made there. */
struct place {
	char dir[32];
	struct str path;
	struct fail f;
};

static int make_place(void **state)
{
	struct place *t = test_calloc(1, sizeof *t);

	(void)snprintf(t->dir, sizeof t->dir, "/tmp/fct-file-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	str_init(&t->path, 4096);
	*state = t;
	return 0;
}

static const char *in(struct place *t, const char *name)
{
	str_clear(&t->path);
	assert_int_equal(file_join(&t->path, t->dir, name), 0);
	return t->path.p;
}

static int free_place(void **state)
{
	static const char *const names[] = {"new", "link", "target", "big"};
	struct place *t = *state;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlink(in(t, names[i]));
	(void)rmdir(in(t, "folder"));
	assert_int_equal(rmdir(t->dir), 0);
	str_free(&t->path);
	test_free(t);
	return 0;
}

static unsigned mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Who reads of the failure learns the path. */
static void failed(const struct place *t, int ret, enum fail_kind kind)
{
	assert_int_equal(ret, -1);
	assert_int_equal(t->f.kind, kind);
	assert_non_null(strstr(t->f.text, t->dir));
}

static void test_modes(void **state)
{
	static const mode_t masks[] = {0, 022, 077};
	struct place *t = *state;

	for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
		mode_t old = umask(masks[i]);

		assert_int_equal(file_write_new(in(t, "new"), VIEW("ana@example.org\n"), &t->f), 0);
		assert_int_equal(mode_of(t->path.p), 0600);
		assert_int_equal(unlink(t->path.p), 0);
		assert_int_equal(file_make_dir(in(t, "folder"), &t->f), 0);
		assert_int_equal(mode_of(t->path.p), 0700);
		assert_int_equal(file_make_dir(t->path.p, &t->f), 0);
		assert_int_equal(rmdir(t->path.p), 0);
		(void)umask(old);
	}
}

static void test_write_new(void **state)
{
	struct place *t = *state;
	char target[64];
	struct str back;

	str_init(&back, 100);
	assert_int_equal(file_write_new(in(t, "new"), view_make("a\0b", 3), &t->f), 0);
	assert_int_equal(file_read(t->path.p, &back, &t->f), 0);
	assert_int_equal(back.len, 3);
	assert_memory_equal(back.p, "a\0b", 3);
	failed(t, file_write_new(t->path.p, VIEW("other"), &t->f), FAIL_CREATE);
	str_clear(&back);
	assert_int_equal(file_read(t->path.p, &back, &t->f), 0);
	assert_int_equal(back.len, 3);

	(void)snprintf(target, sizeof target, "%s/target", t->dir);
	assert_int_equal(symlink(target, in(t, "link")), 0);
	failed(t, file_write_new(t->path.p, VIEW("x"), &t->f), FAIL_CREATE);
	assert_false(file_exists(target));
	failed(t, file_write_new(in(t, "no/new"), VIEW("x"), &t->f), FAIL_CREATE);
	failed(t, file_write_new(t->dir, VIEW("x"), &t->f), FAIL_CREATE);
	str_free(&back);
}

static void test_read(void **state)
{
	struct place *t = *state;
	struct str out;

	str_init(&out, 10);
	failed(t, file_read(in(t, "missing"), &out, &t->f), FAIL_NOINPUT);
	failed(t, file_read(t->dir, &out, &t->f), FAIL_NOINPUT);
	assert_int_equal(out.len, 0);
	assert_int_equal(file_write_new(in(t, "new"), VIEW(""), &t->f), 0);
	assert_int_equal(file_read(t->path.p, &out, &t->f), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(str_addz(&out, "> "), 0);
	assert_int_equal(file_write_new(in(t, "target"), VIEW("12345678"), &t->f), 0);
	assert_int_equal(file_read(t->path.p, &out, &t->f), 0);
	assert_string_equal(out.p, "> 12345678");
	str_free(&out);
}

/* Sizes on both sides of the limit and of one read. */
static void test_limit(void **state)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
	struct place *t = *state;
	struct str bytes, out;

	str_init(&bytes, 1 << 20);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		str_clear(&bytes);
		memset(str_room(&bytes, sizes[i]), 'x', sizes[i]);
		str_added(&bytes, sizes[i]);
		assert_int_equal(file_write_new(in(t, "big"), str_view(&bytes), &t->f), 0);
		str_init(&out, sizes[i]);
		assert_int_equal(file_read(t->path.p, &out, &t->f), 0);
		assert_true(view_eq(str_view(&out), str_view(&bytes)));
		str_free(&out);
		if (sizes[i] > 0) {
			str_init(&out, sizes[i] - 1);
			failed(t, file_read(t->path.p, &out, &t->f), FAIL_DATA);
			str_free(&out);
		}
		assert_int_equal(unlink(t->path.p), 0);
	}
	str_free(&bytes);
}

static void test_stdin(void **state)
{
	struct place *t = *state;
	int keep = dup(STDIN_FILENO), dir;
	struct str out;

	str_init(&out, 100);
	assert_int_equal(file_write_new(in(t, "new"), VIEW("from stdin"), &t->f), 0);
	(void)close(STDIN_FILENO);
	assert_int_equal(open(t->path.p, O_RDONLY), STDIN_FILENO);
	assert_int_equal(file_read("-", &out, &t->f), 0);
	assert_string_equal(out.p, "from stdin");

	dir = open(t->dir, O_RDONLY);
	assert_int_equal(dup2(dir, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(file_read("-", &out, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_NOINPUT);
	(void)close(dir);
	if (keep >= 0) {
		assert_int_equal(dup2(keep, STDIN_FILENO), STDIN_FILENO);
		(void)close(keep);
	}
	str_free(&out);
}

static void test_make_dir(void **state)
{
	struct place *t = *state;

	failed(t, file_make_dir(in(t, "no/folder"), &t->f), FAIL_CREATE);
	assert_int_equal(file_write_new(in(t, "new"), VIEW(""), &t->f), 0);
	failed(t, file_make_dir(t->path.p, &t->f), FAIL_CREATE);
	failed(t, file_sync_dir(t->path.p, &t->f), FAIL_STORE);
	failed(t, file_sync_dir(in(t, "missing"), &t->f), FAIL_STORE);
	assert_int_equal(file_sync_dir(t->dir, &t->f), 0);
}

static void test_temp(void **state)
{
	struct place *t = *state;
	mode_t old = umask(0);
	struct stat st;
	char back[4];
	int fd;

	assert_int_equal(setenv("TMPDIR", t->dir, 1), 0);
	fd = file_temp(&t->f);
	(void)umask(old);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(file_write_all(fd, VIEW("abcd")), 0);
	assert_int_equal(pread(fd, back, 4, 0), 4);
	assert_memory_equal(back, "abcd", 4);
	assert_int_equal(close(fd), 0);
	assert_int_equal(file_write_all(fd, VIEW("abcd")), -1);
	assert_int_equal(errno, EBADF);

	assert_int_equal(setenv("TMPDIR", in(t, "missing"), 1), 0);
	failed(t, file_temp(&t->f), FAIL_CREATE);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	fd = file_temp(&t->f);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

/* A folder whose name is longer than any path is said to be just that. */
static void test_temp_too_long(void **state)
{
	struct place *t = *state;
	char name[FILENAME_MAX + 1];

	memset(name, 'x', sizeof name - 1);
	name[0] = '/';
	name[sizeof name - 1] = '\0';
	assert_int_equal(setenv("TMPDIR", name, 1), 0);
	errno = 0;
	assert_int_equal(file_temp(&t->f), -1);
	assert_int_equal(t->f.kind, FAIL_CREATE);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void test_join(void **state)
{
	static const struct join_case {
		const char *dir, *name, *want;
	} cases[] = {
		{"dir", "name", "dir/name"},
		{"dir/", "name", "dir/name"},
		{"/", "name", "/name"},
		{"", "name", "name"},
		{NULL, "name", "name"},
		{"dir", "/name", "/name"},
		{"dir", "", "dir/"},
		{"dir", "../name", "dir/../name"},
	};
	struct str out;

	(void)state;
	str_init(&out, 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		str_clear(&out);
		assert_int_equal(file_join(&out, cases[i].dir, cases[i].name), 0);
		assert_string_equal(out.p, cases[i].want);
	}
	assert_int_equal(file_join(&out, "a folder", "with a long name"), -1);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_modes, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_write_new, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_read, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_limit, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_stdin, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_make_dir, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_temp, make_place, free_place),
		cmocka_unit_test_setup_teardown(test_temp_too_long, make_place, free_place),
		cmocka_unit_test(test_join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
