#ifndef DB_DB_PRIVATE_H
#define DB_DB_PRIVATE_H
#include "db/db.h"

/* What a driver brings. The first member of its own connection and statement
 * is a struct db and a struct db_stmt; db.c forwards every call of db.h here
 * after the checks that all drivers share. */
struct db_driver {
	struct db_dialect dialect;
	int (*open)(const char *path, enum db_flags flags, struct db **out, struct fail *f);
	void (*close)(struct db *db);
	void (*busy)(struct db *db, int ms);
	int (*set_reach)(struct db *db, enum db_reach reach, struct fail *f);
	int (*set_references)(struct db *db, bool checked, struct fail *f);
	int (*sync)(struct db *db);
	int (*begin)(struct db *db, bool write, struct fail *f);
	int (*commit)(struct db *db, struct fail *f); /* rolled back when it fails */
	void (*rollback)(struct db *db);
	bool (*in_transaction)(const struct db *db);
	int (*exec)(struct db *db, const char *sql, struct fail *f);
	int (*version)(struct db *db, int64_t *version, struct fail *f);
	int (*set_version)(struct db *db, int64_t version, struct fail *f);
	int64_t (*changes)(struct db *db);
	int (*prepare)(struct db *db, const char *sql, struct db_stmt **out, struct fail *f);
	void (*finalize)(struct db_stmt *stmt);
	void (*bind_int)(struct db_stmt *stmt, int n, int64_t value);
	void (*bind_text)(struct db_stmt *stmt, int n, struct view value);
	void (*bind_blob)(struct db_stmt *stmt, int n, struct view value);
	void (*bind_null)(struct db_stmt *stmt, int n);
	int (*step)(struct db_stmt *stmt, struct fail *f);
	void (*reset)(struct db_stmt *stmt);
	int64_t (*get_int)(struct db_stmt *stmt, int column);
	struct view (*get_text)(struct db_stmt *stmt, int column);
	struct view (*get_blob)(struct db_stmt *stmt, int column);
	bool (*is_null)(struct db_stmt *stmt, int column);
};

struct db {
	const struct db_driver *driver;
	const char *begun_file; /* who opened the transaction, for the report of a nested one */
	int begun_line;
};

struct db_stmt {
	struct db *db;
};

extern const struct db_driver db_sqlite_driver;
#endif
