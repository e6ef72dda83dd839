#ifndef DB_DB_SQLITE_H
#define DB_DB_SQLITE_H
#include <sqlite3.h>
#include "base/str.h"
#include "db/db_private.h"

/* db_sqlite - the parts of the SQLite driver among themselves: the file
 * (db_sqlite_file.c), the connection (db_sqlite.c), statements
 * (db_sqlite_stmt.c), the log (db_sqlite_log.c, db_sqlite_sync.c) and what errors mean
 * (db_sqlite_fail.c). */
enum {
	DB_SQLITE_APPLICATION = 0x46435452, /* "FCTR": tells our files from those of others */
	DB_SQLITE_PARAMS = 32,		    /* the most $n of one statement */
};

/* 8 MiB of pages: enough for importing, and any long run stays below 32. */
#define DB_SQLITE_CACHE "PRAGMA cache_size = -8192"

struct db_sqlite {
	struct db db;
	sqlite3 *handle;
	char *path; /* as the user wrote it, for errors */
	int busy_ms;
	int log; /* the write-ahead log, open to be synced; -1: not yet */
	/* Made once: a turn of sending has few statements besides. */
	sqlite3_stmt *begin, *commit;
};

/* Whether a file is there that SQLite may open; made, empty and 0600, when
 * flags has DB_CREATE. Adds to `real` its path without symbolic links in the folders, for
 * SQLITE_OPEN_NOFOLLOW refuses those too. Never opens an existing file: closing
 * it again would drop the locks that another connection of this process has. */
int db_sqlite_file(const char *path, enum db_flags flags, struct str *real, struct fail *f);

/* Text without parameters and rows. */
int db_sqlite_run(struct db_sqlite *d, const char *sql, struct fail *f);

/* The VFS in which a log can gather what belongs to one commit (db_sqlite_log.c); NULL: there
 * is none. Whether this connection's does: only where nothing is spilled. */
const char *db_sqlite_vfs(void);
void db_sqlite_gather(struct db_sqlite *d, bool gather);

/* db_set_reach() and db_sync(): db_sqlite_sync.c. */
int db_sqlite_set_reach(struct db *db, enum db_reach reach, struct fail *f);
int db_sqlite_sync(struct db *db);
void db_sqlite_close_log(struct db_sqlite *d);

/* Sets f from a result code of SQLite; returns -1. */
int db_sqlite_fail(const struct db_sqlite *db, int rc, struct fail *f);

int db_sqlite_prepare(struct db *db, const char *sql, struct db_stmt **out, struct fail *f);
void db_sqlite_finalize(struct db_stmt *stmt);
void db_sqlite_bind_int(struct db_stmt *stmt, int n, int64_t value);
void db_sqlite_bind_text(struct db_stmt *stmt, int n, struct view value);
void db_sqlite_bind_blob(struct db_stmt *stmt, int n, struct view value);
void db_sqlite_bind_null(struct db_stmt *stmt, int n);
int db_sqlite_step(struct db_stmt *stmt, struct fail *f);
void db_sqlite_reset(struct db_stmt *stmt);
int64_t db_sqlite_int(struct db_stmt *stmt, int column);
struct view db_sqlite_text(struct db_stmt *stmt, int column);
struct view db_sqlite_blob(struct db_stmt *stmt, int column);
bool db_sqlite_is_null(struct db_stmt *stmt, int column);
#endif
