#include "db/db_sqlite.h"
#include <limits.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"

enum {
	DB_SQLITE_LENGTH_MAX = 32 << 20, /* bytes of one text or row; also against hostile files */
	DB_SQLITE_PATH_MAX = PATH_MAX,
	DB_SQLITE_PAUSE_NS = 5000000,
};

static struct db_sqlite *own(const struct db *db)
{
	return (struct db_sqlite *)(uintptr_t)db;
}

int db_sqlite_run(struct db_sqlite *d, const char *sql, struct fail *f)
{
	int rc = sqlite3_exec(d->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : db_sqlite_fail(d, rc, f);
}

/* The number in the first column of the first row. */
static int number(struct db_sqlite *d, const char *sql, int64_t *out, struct fail *f)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(d->handle, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	if (rc == SQLITE_ROW)
		return 0;
	return db_sqlite_fail(d, rc == SQLITE_DONE ? SQLITE_CORRUPT : rc, f);
}

/* The file may come from anybody: nothing in it may run code, and a schema
 * that was tampered with may do no more than fail (sqlite.org/security.html). */
static void distrust(struct db_sqlite *d)
{
	static const struct {
		int option, value;
	} configs[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_ENABLE_QPSG, 1}, /* plans do not depend on bound values */
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
	};

	for (size_t i = 0; i < sizeof configs / sizeof *configs; i++)
		(void)sqlite3_db_config(
			d->handle, configs[i].option, configs[i].value, (int *)NULL);
	(void)sqlite3_limit(d->handle, SQLITE_LIMIT_LENGTH, DB_SQLITE_LENGTH_MAX);
	(void)sqlite3_limit(d->handle, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(d->handle, SQLITE_LIMIT_VARIABLE_NUMBER, DB_SQLITE_PARAMS);
}

/* Ours, or empty and ours to take; nothing is written to anybody else's. */
static int claim(struct db_sqlite *d, enum db_flags flags, struct fail *f)
{
	int64_t application = 0, objects = 0, version = 0;

	if (number(d, "PRAGMA application_id", &application, f) < 0)
		return -1;
	if (application == DB_SQLITE_APPLICATION)
		return 0;
	if (number(d, "SELECT count(*) FROM sqlite_schema", &objects, f) < 0 ||
		number(d, "PRAGMA user_version", &version, f) < 0)
		return -1;
	if (application != 0 || objects != 0 || version != 0)
		return fail_set(f, FAIL_STORE,
			_("the database %s belongs to another program; nothing was changed: check "
			  "\"database\" in the configuration"),
			d->path);
	if ((flags & DB_CREATE) == 0)
		return fail_set(f, FAIL_STORE,
			_("the database %s is empty: make a new one with \"facteur init\", or "
			  "check \"database\" in the configuration"),
			d->path);
	return db_sqlite_run(
		d, "PRAGMA application_id = 1178817618", f); /* DB_SQLITE_APPLICATION */
}

static int setup(struct db_sqlite *d, enum db_flags flags, struct fail *f)
{
	sqlite3_extended_result_codes(d->handle, 1);
	distrust(d);
	(void)sqlite3_busy_timeout(d->handle, d->busy_ms);
	if (db_sqlite_run(d, "PRAGMA cell_size_check = ON;" DB_SQLITE_CACHE, f) < 0 ||
		claim(d, flags, f) < 0)
		return -1;
	if ((flags & DB_READONLY) != 0)
		return 0;
	return db_sqlite_run(d,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		"PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
		"PRAGMA journal_size_limit = 67108864",
		f);
}

/* Two that make or close the file at once can be in each other's way where
 * SQLite does not wait by itself (the change to WAL among them): try again. */
static int setup_patiently(struct db_sqlite *d, enum db_flags flags, struct fail *f)
{
	static const struct timespec pause = {0, DB_SQLITE_PAUSE_NS};
	int64_t until = time_monotonic() + d->busy_ms;
	int ret;

	while ((ret = setup(d, flags, f)) < 0 && f->kind == FAIL_TEMP && time_monotonic() < until)
		(void)nanosleep(&pause, NULL);
	return ret;
}

static void sqlite_close(struct db *db)
{
	struct db_sqlite *d = own(db);

	db_sqlite_close_log(d);
	(void)sqlite3_finalize(d->begin);
	(void)sqlite3_finalize(d->commit);
	(void)sqlite3_close_v2(d->handle);
	free(d->path);
	free(d);
}

static int sqlite_open(const char *path, enum db_flags flags, struct db **out, struct fail *f)
{
	int mode = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	struct db_sqlite *d = mem_alloc(sizeof *d);
	struct str real;
	int ret = -1, rc;

	*d = (struct db_sqlite){.db.driver = &db_sqlite_driver,
		.path = mem_dupz(path),
		.busy_ms = DB_BUSY_MS,
		.log = -1};
	str_init(&real, DB_SQLITE_PATH_MAX);
	/* Counting its own memory costs SQLite a lock each time; refused once it has begun. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (db_sqlite_file(path, flags, &real, f) < 0)
		goto out;
	mode |= (flags & DB_READONLY) != 0 ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	rc = sqlite3_open_v2(real.p, &d->handle, mode, db_sqlite_vfs());
	ret = rc == SQLITE_OK ? setup_patiently(d, flags, f) : db_sqlite_fail(d, rc, f);
out:
	str_free(&real);
	if (ret < 0)
		sqlite_close(&d->db);
	else
		*out = &d->db;
	return ret;
}

static void sqlite_busy(struct db *db, int ms)
{
	own(db)->busy_ms = ms;
	(void)sqlite3_busy_timeout(own(db)->handle, ms);
}

static int sqlite_set_references(struct db *db, bool checked, struct fail *f)
{
	struct db_sqlite *d = own(db);
	int rc = sqlite3_db_config(
		d->handle, SQLITE_DBCONFIG_ENABLE_FKEY, (int)checked, (int *)NULL);

	return rc == SQLITE_OK ? 0 : db_sqlite_fail(d, rc, f);
}

static bool sqlite_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(own(db)->handle) == 0;
}

static int sqlite_exec(struct db *db, const char *sql, struct fail *f)
{
	return db_sqlite_run(own(db), sql, f);
}

/* A statement without parameters and rows that is run again and again. */
static int run_kept(struct db_sqlite *d, sqlite3_stmt **kept, const char *sql, struct fail *f)
{
	int rc = *kept != NULL ? SQLITE_OK
			       : sqlite3_prepare_v3(
					 d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);

	if (rc == SQLITE_OK) {
		(void)sqlite3_step(*kept);
		rc = sqlite3_reset(*kept);
	}
	return rc == SQLITE_OK ? 0 : db_sqlite_fail(d, rc, f);
}

static int sqlite_begin(struct db *db, bool write, struct fail *f)
{
	struct db_sqlite *d = own(db);

	return write ? run_kept(d, &d->begin, "BEGIN IMMEDIATE", f) : db_sqlite_run(d, "BEGIN", f);
}

static void sqlite_rollback(struct db *db)
{
	/* A transaction that ended by itself is none to roll back; one that is left open for
	 * want of memory would swallow the next. */
	if ((sqlite3_exec(own(db)->handle, "ROLLBACK", NULL, NULL, NULL) & 0xff) == SQLITE_NOMEM)
		mem_out();
}

/* SQLite rolls back by itself after some errors (disk full, I/O): then COMMIT
 * must not look like success because a later statement committed by itself. */
static int sqlite_commit(struct db *db, struct fail *f)
{
	struct db_sqlite *d = own(db);

	if (!sqlite_in_transaction(db))
		return fail_set(f, FAIL_BUG,
			_("this is a fault in facteur, please report it: a commit outside a "
			  "transaction"));
	if (run_kept(d, &d->commit, "COMMIT", f) == 0)
		return 0;
	db_rollback(db);
	return -1;
}

static int sqlite_version(struct db *db, int64_t *version, struct fail *f)
{
	return number(own(db), "PRAGMA user_version", version, f);
}

static int sqlite_set_version(struct db *db, int64_t version, struct fail *f)
{
	char sql[64]; /* a pragma takes no parameters */

	(void)snprintf(sql, sizeof sql, "PRAGMA user_version = %d", (int)version);
	return db_sqlite_run(own(db), sql, f);
}

static int64_t sqlite_changes(struct db *db)
{
	return sqlite3_changes64(own(db)->handle);
}

const struct db_driver db_sqlite_driver = {
	.dialect = {"INTEGER", "BLOB", "STRICT", "STRICT, WITHOUT ROWID"},
	.open = sqlite_open,
	.close = sqlite_close,
	.busy = sqlite_busy,
	.set_reach = db_sqlite_set_reach,
	.set_references = sqlite_set_references,
	.sync = db_sqlite_sync,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.in_transaction = sqlite_in_transaction,
	.exec = sqlite_exec,
	.version = sqlite_version,
	.set_version = sqlite_set_version,
	.changes = sqlite_changes,
	.prepare = db_sqlite_prepare,
	.finalize = db_sqlite_finalize,
	.bind_int = db_sqlite_bind_int,
	.bind_text = db_sqlite_bind_text,
	.bind_blob = db_sqlite_bind_blob,
	.bind_null = db_sqlite_bind_null,
	.step = db_sqlite_step,
	.reset = db_sqlite_reset,
	.get_int = db_sqlite_int,
	.get_text = db_sqlite_text,
	.get_blob = db_sqlite_blob,
	.is_null = db_sqlite_is_null,
};
