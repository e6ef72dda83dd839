#include "db/db_sqlite.h"
#include <assert.h>
#include "base/mem.h"

struct stmt {
	struct db_stmt base;
	sqlite3_stmt *handle;
	int broken;			       /* the first bind that failed, told by step */
	unsigned char index[DB_SQLITE_PARAMS]; /* $n stands at index[n - 1]; 0: nowhere */
};

static struct stmt *own(struct db_stmt *stmt)
{
	return (struct stmt *)stmt;
}

/* SQLite numbers $1, $2 by their order in the text, not by their names. */
static void find_params(struct stmt *s)
{
	for (int n = 1; n <= DB_SQLITE_PARAMS; n++) {
		char name[8];
		int at;

		(void)snprintf(name, sizeof name, "$%d", n);
		at = sqlite3_bind_parameter_index(s->handle, name);
		assert(at >= 0 && at <= DB_SQLITE_PARAMS);
		s->index[n - 1] = (unsigned char)at;
	}
}

int db_sqlite_prepare(struct db *db, const char *sql, struct db_stmt **out, struct fail *f)
{
	const struct db_sqlite *d = (struct db_sqlite *)db;
	sqlite3_stmt *handle;
	struct stmt *s;
	int rc = sqlite3_prepare_v3(d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);

	if (rc != SQLITE_OK)
		return db_sqlite_fail(d, rc, f);
	assert(handle != NULL && sqlite3_bind_parameter_count(handle) <= DB_SQLITE_PARAMS);
	s = mem_alloc(sizeof *s);
	s->base.db = db;
	s->handle = handle;
	find_params(s);
	*out = &s->base;
	return 0;
}

void db_sqlite_finalize(struct db_stmt *stmt)
{
	(void)sqlite3_finalize(own(stmt)->handle);
	free(stmt);
}

static int at(const struct stmt *s, int n)
{
	assert(n >= 1 && n <= DB_SQLITE_PARAMS && s->index[n - 1] > 0);
	return s->index[n - 1];
}

static void note(struct stmt *s, int rc)
{
	if (rc != SQLITE_OK && s->broken == SQLITE_OK)
		s->broken = rc;
}

void db_sqlite_bind_int(struct db_stmt *stmt, int n, int64_t value)
{
	struct stmt *s = own(stmt);

	note(s, sqlite3_bind_int64(s->handle, at(s, n), value));
}

void db_sqlite_bind_text(struct db_stmt *stmt, int n, struct view value)
{
	struct stmt *s = own(stmt);

	note(s, sqlite3_bind_text64(
			s->handle, at(s, n), value.p, value.len, SQLITE_STATIC, SQLITE_UTF8));
}

void db_sqlite_bind_blob(struct db_stmt *stmt, int n, struct view value)
{
	struct stmt *s = own(stmt);

	note(s, sqlite3_bind_blob64(s->handle, at(s, n), value.p, value.len, SQLITE_STATIC));
}

void db_sqlite_bind_null(struct db_stmt *stmt, int n)
{
	struct stmt *s = own(stmt);

	note(s, sqlite3_bind_null(s->handle, at(s, n)));
}

int db_sqlite_step(struct db_stmt *stmt, struct fail *f)
{
	struct stmt *s = own(stmt);
	int rc = s->broken != SQLITE_OK ? s->broken : sqlite3_step(s->handle);
	int ret = 0;

	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		ret = db_sqlite_fail((struct db_sqlite *)stmt->db, rc, f);
	db_sqlite_reset(stmt);
	return ret;
}

void db_sqlite_reset(struct db_stmt *stmt)
{
	struct stmt *s = own(stmt);

	(void)sqlite3_reset(s->handle); /* repeats the error that step has told */
	(void)sqlite3_clear_bindings(s->handle);
	s->broken = SQLITE_OK;
}

int64_t db_sqlite_int(struct db_stmt *stmt, int column)
{
	return sqlite3_column_int64(own(stmt)->handle, column);
}

/* A column that is not NULL but cannot be handed out means that memory ran out. */
static struct view column(sqlite3_stmt *handle, int column, const void *p)
{
	if (sqlite3_column_type(handle, column) == SQLITE_NULL)
		return (struct view){NULL, 0};
	if (p == NULL && sqlite3_column_bytes(handle, column) > 0)
		mem_out();
	return view_make(p != NULL ? p : "", (size_t)sqlite3_column_bytes(handle, column));
}

struct view db_sqlite_text(struct db_stmt *stmt, int n)
{
	sqlite3_stmt *handle = own(stmt)->handle;
	const void *p = sqlite3_column_text(handle, n);

	if (p == NULL && sqlite3_errcode(sqlite3_db_handle(handle)) == SQLITE_NOMEM)
		mem_out();
	return p == NULL ? (struct view){NULL, 0} : column(handle, n, p);
}

struct view db_sqlite_blob(struct db_stmt *stmt, int n)
{
	sqlite3_stmt *handle = own(stmt)->handle;
	const void *p = sqlite3_column_blob(handle, n);

	return column(handle, n, p);
}

bool db_sqlite_is_null(struct db_stmt *stmt, int n)
{
	return sqlite3_column_type(own(stmt)->handle, n) == SQLITE_NULL;
}
