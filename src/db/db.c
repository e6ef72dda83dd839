#include "db/db_private.h"
#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"

int db_open(const char *path, enum db_flags flags, struct db **out, struct fail *f)
{
	struct view address = view_of(path);

	if (view_starts(address, VIEW("postgresql://")) ||
		view_starts(address, VIEW("postgres://")))
		return fail_set(f, FAIL_CONF,
			_("this build of facteur knows SQLite only, not PostgreSQL: give the path "
			  "of a file as \"database\""));
	if (address.len == 0)
		return fail_set(f, FAIL_CONF,
			_("the path of the database is empty: set \"database\" in the "
			  "configuration"));
	return db_sqlite_driver.open(path, flags, out, f);
}

void db_close(struct db **db)
{
	if (*db == NULL)
		return;
	db_rollback(*db);
	(*db)->driver->close(*db);
	*db = NULL;
}

void db_set_busy(struct db *db, int ms)
{
	db->driver->busy(db, ms);
}

int db_set_reach(struct db *db, enum db_reach reach, struct fail *f)
{
	assert(!db_in_transaction(db));
	return db->driver->set_reach(db, reach, f);
}

int db_set_references(struct db *db, bool checked, struct fail *f)
{
	assert(!db_in_transaction(db));
	return db->driver->set_references(db, checked, f);
}

int db_sync(struct db *db)
{
	return db->driver->sync(db);
}

const struct db_dialect *db_dialect(const struct db *db)
{
	return &db->driver->dialect;
}

static int begin(struct db *db, const char *file, int line, bool write, struct fail *f)
{
	if (db_in_transaction(db))
		return fail_set(f, FAIL_BUG,
			_("this is a fault in facteur, please report it: the transaction of %s:%d "
			  "begins inside that of %s:%d"),
			file, line, db->begun_file, db->begun_line);
	if (db->driver->begin(db, write, f) < 0)
		return -1;
	db->begun_file = file;
	db->begun_line = line;
	return 0;
}

int db_begin(struct db *db, const char *file, int line, struct fail *f)
{
	return begin(db, file, line, true, f);
}

int db_begin_read(struct db *db, struct fail *f)
{
	return begin(db, "a reader", 0, false, f);
}

int db_commit(struct db *db, struct fail *f)
{
	return db->driver->commit(db, f);
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db))
		db->driver->rollback(db);
}

bool db_in_transaction(const struct db *db)
{
	return db->driver->in_transaction(db);
}

int db_exec(struct db *db, const char *sql, struct fail *f)
{
	return db->driver->exec(db, sql, f);
}

int db_version(struct db *db, int64_t *version, struct fail *f)
{
	return db->driver->version(db, version, f);
}

int db_set_version(struct db *db, int64_t version, struct fail *f)
{
	assert(db_in_transaction(db));
	return db->driver->set_version(db, version, f);
}

int64_t db_changes(struct db *db)
{
	return db->driver->changes(db);
}

int db_prepare(struct db *db, const char *sql, struct db_stmt **out, struct fail *f)
{
	return db->driver->prepare(db, sql, out, f);
}

void db_finalize(struct db_stmt **stmt)
{
	if (*stmt == NULL)
		return;
	(*stmt)->db->driver->finalize(*stmt);
	*stmt = NULL;
}

void db_bind_int(struct db_stmt *stmt, int n, int64_t value)
{
	stmt->db->driver->bind_int(stmt, n, value);
}

void db_bind_text(struct db_stmt *stmt, int n, struct view value)
{
	stmt->db->driver->bind_text(stmt, n, value);
}

void db_bind_blob(struct db_stmt *stmt, int n, struct view value)
{
	stmt->db->driver->bind_blob(stmt, n, value);
}

void db_bind_null(struct db_stmt *stmt, int n)
{
	stmt->db->driver->bind_null(stmt, n);
}

int db_step(struct db_stmt *stmt, struct fail *f)
{
	return stmt->db->driver->step(stmt, f);
}

void db_reset(struct db_stmt *stmt)
{
	stmt->db->driver->reset(stmt);
}

int64_t db_int(struct db_stmt *stmt, int column)
{
	return stmt->db->driver->get_int(stmt, column);
}

struct view db_text(struct db_stmt *stmt, int column)
{
	return stmt->db->driver->get_text(stmt, column);
}

struct view db_blob(struct db_stmt *stmt, int column)
{
	return stmt->db->driver->get_blob(stmt, column);
}

bool db_is_null(struct db_stmt *stmt, int column)
{
	return stmt->db->driver->is_null(stmt, column);
}
