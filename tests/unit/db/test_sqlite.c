#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/str.h"
#include "db/db.h"

struct fixture {
	char dir[64], path[96];
	struct db *db;
	struct fail f;
};

#define OK(call)                                                                                   \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			fail_msg("%s: %s", #call, t->f.text);                                      \
	} while (0)

static void make_dir(struct fixture *t)
{
	memset(t, 0, sizeof *t);
	(void)snprintf(t->dir, sizeof t->dir, "/tmp/fct-db-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	(void)snprintf(t->path, sizeof t->path, "%s/t.db", t->dir);
}

static void drop_dir(struct fixture *t)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};

	db_close(&t->db);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[2048];

		(void)snprintf(name, sizeof name, "%s%s", t->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(t->dir), 0);
}

static int mode_of(const char *path, const char *end)
{
	char name[2048];
	struct stat st;

	(void)snprintf(name, sizeof name, "%s%s", path, end);
	return stat(name, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void private_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 022, 077, 0777};

	(void)state;
	for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
		struct fixture fix, *t = &fix;
		mode_t old;

		make_dir(t);
		old = umask(masks[i]);
		OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
		OK(db_exec(t->db, "CREATE TABLE a (b INTEGER)", &t->f));
		(void)umask(old);
		assert_int_equal(mode_of(t->path, ""), 0600);
		assert_int_equal(mode_of(t->path, "-wal"), 0600);
		assert_int_equal(mode_of(t->path, "-shm"), 0600);
		drop_dir(t);
	}
}

static void write_file(const char *path, const void *p, size_t len)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(p, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static void refuses_in_words(void **state)
{
	static const struct {
		const char *path;
		enum fail_kind kind;
		const char *words;
	} cases[] = {
		{"postgresql://db.example.org/facteur", FAIL_CONF, "SQLite only"},
		{"", FAIL_CONF, "empty"},
		{"missing.db", FAIL_NOINPUT, "facteur init"},
		{"nowhere/t.db", FAIL_NOINPUT, "folder"},
		{"folder", FAIL_STORE, "is a folder"},
		{"folder/", FAIL_STORE, "is a folder"},
		{"link.db", FAIL_STORE, "symbolic link"},
		{"text.db", FAIL_STORE, "not a database of facteur"},
		{"empty.db", FAIL_STORE, "is empty"},
		{"pipe", FAIL_STORE, "not an ordinary file"},
	};
	struct fixture fix, *t = &fix;
	char cwd[512];

	(void)state;
	make_dir(t);
	assert_non_null(getcwd(cwd, sizeof cwd));
	assert_int_equal(chdir(t->dir), 0);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("text.db", "link.db"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	write_file("text.db", "this is a letter to grandmother, and a long one at that\n", 57);
	write_file("empty.db", "", 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(db_open(cases[i].path, 0, &t->db, &t->f), -1);
		if (t->f.kind != cases[i].kind || strstr(t->f.text, cases[i].words) == NULL)
			fail_msg("%s: %d %s", cases[i].path, (int)t->f.kind, t->f.text);
	}
	assert_int_equal(db_open("empty.db", DB_CREATE, &t->db, &t->f), 0);
	db_close(&t->db);
	(void)unlink("pipe");
	(void)unlink("text.db");
	(void)unlink("empty.db");
	(void)unlink("link.db");
	(void)rmdir("folder");
	assert_int_equal(chdir(cwd), 0);
	drop_dir(t);
}

/* A file of SQLite's format that is not ours stays as it is, to the byte. */
static void leaves_others_alone(void **state)
{
	struct fixture fix, *t = &fix;
	struct stat before, after;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db,
		"CREATE TABLE a (b INTEGER); PRAGMA application_id = 42;"
		"PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE",
		&t->f));
	db_close(&t->db);
	assert_int_equal(stat(t->path, &before), 0);
	assert_int_equal(db_open(t->path, DB_CREATE, &t->db, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_STORE);
	assert_non_null(strstr(t->f.text, "another program"));
	assert_int_equal(stat(t->path, &after), 0);
	assert_int_equal(before.st_mtime, after.st_mtime);
	assert_int_equal(before.st_size, after.st_size);
	drop_dir(t);
}

/* $2 before $1: by name, not by order. */
static void binds_by_name(void **state)
{
	static const char *const sql = "SELECT $2, $1, $3, length($4), $4 IS NULL, $1";
	struct fixture fix, *t = &fix;
	struct db_stmt *q;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_prepare(t->db, sql, &q, &t->f));
	for (int round = 0; round < 2; round++) {
		db_bind_int(q, 1, INT64_MIN);
		db_bind_text(q, 2, VIEW("zwei"));
		db_bind_blob(q, 3, view_make("\0\1", 2));
		db_bind_text(q, 4, view_make(NULL, 0));
		assert_int_equal(db_step(q, &t->f), 1);
		assert_true(view_is(db_text(q, 0), "zwei"));
		assert_true(db_int(q, 1) == INT64_MIN);
		assert_true(view_eq(db_blob(q, 2), view_make("\0\1", 2)));
		assert_true(db_is_null(q, 3));
		assert_null(db_text(q, 3).p);
		assert_int_equal(db_int(q, 4), 1);
		assert_true(db_int(q, 5) == INT64_MIN);
		assert_int_equal(db_step(q, &t->f), 0);
	}
	assert_int_equal(db_step(q, &t->f), 1); /* all NULL again */
	assert_true(db_is_null(q, 0) && db_is_null(q, 1));
	db_reset(q);
	db_finalize(&q);
	assert_null(q);
	assert_int_equal(db_prepare(t->db, "SELECT nothing FROM nowhere", &q, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_STORE);
	drop_dir(t);
}

static int64_t count(struct fixture *t)
{
	struct db_stmt *q;
	int64_t n;

	OK(db_prepare(t->db, "SELECT count(*) FROM a", &q, &t->f));
	assert_int_equal(db_step(q, &t->f), 1);
	n = db_int(q, 0);
	db_finalize(&q);
	return n;
}

static void transactions(void **state)
{
	struct fixture fix, *t = &fix;
	int64_t version;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b INTEGER)", &t->f));
	OK(DB_BEGIN(t->db, &t->f));
	assert_true(db_in_transaction(t->db));
	assert_int_equal(DB_BEGIN(t->db, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_BUG);
	assert_non_null(strstr(t->f.text, "test_sqlite.c"));
	OK(db_exec(t->db, "INSERT INTO a VALUES (1)", &t->f));
	db_rollback(t->db);
	db_rollback(t->db);
	assert_int_equal(count(t), 0);
	assert_int_equal(db_commit(t->db, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_BUG);
	OK(DB_BEGIN(t->db, &t->f));
	OK(db_exec(t->db, "INSERT INTO a VALUES (1), (2)", &t->f));
	assert_int_equal(db_changes(t->db), 2);
	OK(db_set_version(t->db, 7, &t->f));
	OK(db_commit(t->db, &t->f));
	OK(db_version(t->db, &version, &t->f));
	assert_int_equal(version, 7);
	OK(DB_BEGIN(t->db, &t->f));
	OK(db_exec(t->db, "DELETE FROM a", &t->f));
	db_close(&t->db); /* what was not committed did not happen */
	OK(db_open(t->path, DB_READONLY, &t->db, &t->f));
	assert_int_equal(count(t), 2);
	assert_int_equal(db_exec(t->db, "DELETE FROM a", &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_STORE);
	assert_non_null(strstr(t->f.text, "only be read"));
	drop_dir(t);
}

static void waits_for_a_writer_then_says_so(void **state)
{
	struct fixture fix, *t = &fix;
	struct db *other;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b INTEGER)", &t->f));
	OK(db_open(t->path, 0, &other, &t->f));
	db_set_busy(other, 50);
	OK(DB_BEGIN(t->db, &t->f));
	assert_int_equal(DB_BEGIN(other, &t->f), -1);
	assert_int_equal(t->f.kind, FAIL_TEMP);
	assert_non_null(strstr(t->f.text, "another program is writing"));
	assert_false(db_in_transaction(other));
	db_rollback(t->db);
	OK(DB_BEGIN(other, &t->f));
	db_close(&other);
	drop_dir(t);
}

static void one_of_two_makers_waits(void **state)
{
	struct fixture fix, *t = &fix;

	(void)state;
	for (int round = 0; round < 20; round++) {
		pid_t child;
		int status;

		make_dir(t);
		child = fork();
		if (child == 0) {
			int ret = db_open(t->path, DB_CREATE, &t->db, &t->f);

			_exit(ret == 0 ? 0 : 1);
		}
		OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		drop_dir(t);
	}
}

static int fill(struct fixture *t, int rows)
{
	struct db_stmt *q;
	char text[4000];
	int ret = 0;

	memset(text, 'x', sizeof text);
	if (DB_BEGIN(t->db, &t->f) < 0)
		return -1;
	OK(db_prepare(t->db, "INSERT INTO a VALUES ($1)", &q, &t->f));
	for (int i = 0; i < rows && ret == 0; i++) {
		db_bind_text(q, 1, view_make(text, sizeof text));
		ret = db_step(q, &t->f);
	}
	db_finalize(&q);
	if (ret == 0)
		return db_commit(t->db, &t->f);
	db_rollback(t->db);
	return -1;
}

/* Commits that only reach the log are there for everybody, and synced on request; the log may
 * be closed while others have the database open. */
static void reaches_the_log(void **state)
{
	struct fixture fixture, *t = &fixture;
	struct db *other;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b INTEGER) STRICT", &t->f));
	assert_int_equal(db_sync(t->db), 0); /* nothing is open yet: every commit is on disk */
	OK(db_set_reach(t->db, DB_COMMIT_LOG, &t->f));
	for (int i = 0; i < 3; i++) {
		OK(DB_BEGIN(t->db, &t->f));
		OK(db_exec(t->db, "INSERT INTO a VALUES (1)", &t->f));
		OK(db_commit(t->db, &t->f));
		assert_int_equal(db_sync(t->db), 0);
	}
	OK(db_open(t->path, DB_READONLY, &other, &t->f));
	OK(db_set_reach(t->db, DB_COMMIT_DISK, &t->f));
	OK(db_set_reach(t->db, DB_COMMIT_LOG, &t->f));
	db_close(&t->db);
	t->db = other;
	assert_int_equal(count(t), 3);
	drop_dir(t);
}

/* What is gathered for one write: as much as fits, more than that, and much more; others see
 * each commit whole, and it is there after a process that never closed the database. */
static void gathers_commits(void **state)
{
	static const int rows[] = {1, 20, 31, 32, 33, 40, 300};
	struct fixture fix, *t = &fix;
	struct db *writer, *other;
	int all = 0;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b TEXT)", &t->f));
	OK(db_open(t->path, 0, &other, &t->f));
	writer = t->db;
	OK(db_set_reach(t->db, DB_COMMIT_LOG, &t->f));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		t->db = writer;
		OK(fill(t, rows[i]));
		all += rows[i];
		t->db = other;
		assert_int_equal(count(t), all);
		OK(fill(t, 1)); /* of its own, whole pages after ours */
		assert_int_equal(count(t), ++all);
	}
	db_close(&other);
	t->db = writer;
	OK(db_exec(t->db, "PRAGMA wal_checkpoint(TRUNCATE)", &t->f));
	OK(fill(t, 50));
	assert_int_equal(count(t), all + 50);
	drop_dir(t);
}

static void killed_after_commits(void **state)
{
	struct fixture fix, *t = &fix;
	int status;
	pid_t child;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b TEXT)", &t->f));
	db_close(&t->db);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (db_open(t->path, 0, &t->db, &t->f) < 0 ||
			db_set_reach(t->db, DB_COMMIT_LOG, &t->f) < 0 || fill(t, 50) < 0 ||
			fill(t, 3) < 0 || DB_BEGIN(t->db, &t->f) < 0 ||
			db_exec(t->db, "INSERT INTO a VALUES ('never committed')", &t->f) < 0)
			_exit(1);
		(void)raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	OK(db_open(t->path, 0, &t->db, &t->f));
	assert_int_equal(count(t), 53);
	drop_dir(t);
}

static void references(void **state)
{
	struct fixture fix, *t = &fix;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db,
		"CREATE TABLE up (id INTEGER PRIMARY KEY);"
		"CREATE TABLE a (b INTEGER REFERENCES up (id))",
		&t->f));
	for (int i = 0; i < 3; i++) {
		bool checked = i != 1;

		OK(db_set_references(t->db, checked, &t->f));
		assert_int_equal(db_exec(t->db, "INSERT INTO a VALUES (7)", &t->f) < 0, checked);
	}
	assert_int_equal(count(t), 1);
	drop_dir(t);
}

/* The limit on a file's size and the limit on pages stand for a full disk and
 * a quota: an error in words, and nothing half. */
static void no_room_with(enum db_reach reach)
{
	struct rlimit old, low;
	struct fixture fix, *t = &fix;

	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b TEXT)", &t->f));
	OK(db_set_reach(t->db, reach, &t->f));
	OK(fill(t, 10));
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	low = (struct rlimit){256 << 10, old.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	assert_int_equal(fill(t, 1000), -1);
	assert_int_equal(t->f.kind, FAIL_STORE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(count(t), 10);
	OK(fill(t, 10));
	OK(db_exec(t->db, "PRAGMA max_page_count = 50", &t->f));
	assert_int_equal(fill(t, 1000), -1);
	assert_int_equal(t->f.kind, FAIL_STORE);
	assert_non_null(strstr(t->f.text, "the disk is full"));
	assert_false(db_in_transaction(t->db));
	assert_int_equal(count(t), 20);
	drop_dir(t);
}

static void no_room(void **state)
{
	(void)state;
	no_room_with(DB_COMMIT_DISK);
	no_room_with(DB_COMMIT_LOG);
}

/* Read everything of a file that may be damaged in any way. */
static void read_all(struct fixture *t)
{
	struct db_stmt *q;

	if (db_open(t->path, 0, &t->db, &t->f) < 0)
		return;
	if (db_prepare(t->db, "SELECT b, length(b) FROM a ORDER BY b", &q, &t->f) == 0) {
		while (db_step(q, &t->f) > 0)
			(void)db_text(q, 0);
		db_finalize(&q);
	}
	(void)db_exec(t->db, "UPDATE a SET b = b || 'y'", &t->f);
	db_close(&t->db);
}

static void survives_damage(void **state)
{
	struct fixture fix, *t = &fix;
	struct str whole;
	FILE *in;
	uint32_t seed = 7;
	int c, refused = 0;

	(void)state;
	make_dir(t);
	OK(db_open(t->path, DB_CREATE, &t->db, &t->f));
	OK(db_exec(t->db, "CREATE TABLE a (b TEXT); CREATE INDEX i ON a (b)", &t->f));
	OK(fill(t, 12));
	db_close(&t->db);
	str_init(&whole, 1 << 20);
	in = fopen(t->path, "rb");
	assert_non_null(in);
	while ((c = getc(in)) != EOF)
		(void)str_addc(&whole, (char)c);
	(void)fclose(in);
	for (int round = 0; round < 400; round++) {
		size_t len = whole.len, flips = round % 3 == 0 ? 0 : 1 + (size_t)round % 8;
		char *copy = test_malloc(whole.len);

		memcpy(copy, whole.p, whole.len);
		seed = seed * 1664525 + 1013904223;
		if (flips == 0)
			len = (seed >> 4) % whole.len;
		for (size_t i = 0; i < flips; i++) {
			seed = seed * 1664525 + 1013904223;
			/* Half of them where the format's own fields are. */
			copy[i % 2 == 0 ? (seed >> 8) % 1024 : (seed >> 8) % len] ^=
				(char)(1 << (seed >> 5) % 8);
		}
		write_file(t->path, copy, len);
		test_free(copy);
		t->f = (struct fail){0};
		read_all(t);
		refused += t->f.kind != FAIL_NONE;
		if (t->f.kind != FAIL_NONE && t->f.kind != FAIL_STORE && t->f.kind != FAIL_DATA)
			fail_msg("round %d: kind %d %s", round, (int)t->f.kind, t->f.text);
	}
	assert_true(refused > 100);
	str_free(&whole);
	drop_dir(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_whatever_the_umask),
		cmocka_unit_test(refuses_in_words),
		cmocka_unit_test(leaves_others_alone),
		cmocka_unit_test(binds_by_name),
		cmocka_unit_test(transactions),
		cmocka_unit_test(waits_for_a_writer_then_says_so),
		cmocka_unit_test(one_of_two_makers_waits),
		cmocka_unit_test(reaches_the_log),
		cmocka_unit_test(gathers_commits),
		cmocka_unit_test(killed_after_commits),
		cmocka_unit_test(references),
		cmocka_unit_test(no_room),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
