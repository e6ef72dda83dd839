#ifndef DB_DB_H
#define DB_DB_H
#include "base/view.h"
struct fail;

/* db - one connection to a database, through a table of driver functions
 * (struct db_driver, db_private.h): SQLite now, PostgreSQL later. SQL text does
 * not live here: src/store has it all. Statements write their parameters $1,
 * $2, ...; both databases understand that. A connection belongs to one
 * thread. Every error names the database file and what to do:
 * FAIL_TEMP when another program holds it, else FAIL_STORE. */
struct db;
struct db_stmt;

enum db_flags {
	DB_CREATE = 1 << 0, /* make it, 0600, where it is missing; else FAIL_NOINPUT */
	DB_READONLY = 1 << 1,
};
enum { DB_BUSY_MS = 30000 }; /* how long to wait for another writer */

int db_open(const char *path, enum db_flags flags, struct db **out, struct fail *f);
void db_close(struct db **db); /* rolls back what was not committed */
void db_set_busy(struct db *db, int ms);

/* The words in which the databases differ when tables are made: types, and
 * what stands behind the closing parenthesis of an ordinary table and of one
 * that is kept in the order of its primary key. */
struct db_dialect {
	const char *integer; /* 64 bits */
	const char *bytes;
	const char *table, *ordered_table;
};
const struct db_dialect *db_dialect(const struct db *db);

/* How far a commit reaches. DB_COMMIT_DISK: it survives a power cut when db_commit()
 * returns. DB_COMMIT_LOG: a dying process, and a power cut some time later. Not inside a
 * transaction. */
enum db_reach { DB_COMMIT_DISK, DB_COMMIT_LOG };
int db_set_reach(struct db *db, enum db_reach reach, struct fail *f);
/* Whether references between tables are checked with each row that is written, as they are
 * from the start. Not inside a transaction. */
int db_set_references(struct db *db, bool checked, struct fail *f);
/* Waits until all that was committed before the call is on disk; after DB_COMMIT_LOG was
 * asked for. The one call that another thread may make while the connection's own goes on,
 * one at a time. 0, or an errno: then nothing is known about those commits. */
int db_sync(struct db *db);

/* A writer's transaction (SQLite: BEGIN IMMEDIATE). Nesting is our own bug
 * (FAIL_BUG, naming both places). When db_commit fails the transaction has been rolled back. */
#define DB_BEGIN(db, f) db_begin((db), __FILE__, __LINE__, (f))
int db_begin(struct db *db, const char *file, int line, struct fail *f);
/* A reader's: everything read until db_rollback() is of one moment, and no
 * writer waits. Only temporary tables may be written to, and kept by db_commit(). */
int db_begin_read(struct db *db, struct fail *f);
int db_commit(struct db *db, struct fail *f);
void db_rollback(struct db *db); /* nothing to roll back is fine */
bool db_in_transaction(const struct db *db);

/* Text without parameters and rows, several statements allowed: migrations. */
int db_exec(struct db *db, const char *sql, struct fail *f);
int db_version(struct db *db, int64_t *version, struct fail *f);
int db_set_version(struct db *db, int64_t version, struct fail *f); /* inside a transaction */

/* Prepared once by the caller, who keeps it and db_finalize()s it before db_close(). */
int db_prepare(struct db *db, const char *sql, struct db_stmt **out, struct fail *f);
void db_finalize(struct db_stmt **stmt);
/* Parameter n is $n. Bound bytes are not copied: keep them alive until
 * db_step() has returned 0 or -1, or db_reset(). All parameters are NULL again
 * after that. A view with p == NULL binds NULL. */
void db_bind_int(struct db_stmt *stmt, int n, int64_t value);
void db_bind_text(struct db_stmt *stmt, int n, struct view value);
void db_bind_blob(struct db_stmt *stmt, int n, struct view value);
void db_bind_null(struct db_stmt *stmt, int n);
/* 1 a row, 0 no more, -1 failed. After 0 or -1 the statement is reset, ready to
 * be bound and stepped again; db_reset() does it earlier. */
int db_step(struct db_stmt *stmt, struct fail *f);
void db_reset(struct db_stmt *stmt);
/* Columns of the current row, from 0; views are valid until the next step or reset. */
int64_t db_int(struct db_stmt *stmt, int column);
struct view db_text(struct db_stmt *stmt, int column); /* NULL gives p == NULL */
struct view db_blob(struct db_stmt *stmt, int column);
bool db_is_null(struct db_stmt *stmt, int column);
int64_t db_changes(struct db *db); /* rows that the last writing statement touched */
#endif
