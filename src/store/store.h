#ifndef STORE_STORE_H
#define STORE_STORE_H
#include "base/view.h"
struct fail;

/* store - everything that facteur remembers, and all the SQL text (sql.c).
 * A call that writes either does all of its work in one transaction with the
 * events that tell of it, or nothing. Every moment is handed in as `now`
 * (base/time.h). Texts in results are borrowed from the arena that the caller
 * brings, unless said otherwise. */
struct store;

enum store_access { STORE_READ, STORE_WRITE, STORE_CREATE };

/* Opens, migrates (each migration in its own transaction; STORE_READ of an
 * older database is refused with the advice to run any writing command), and
 * refuses a newer database in words (FAIL_STORE). SQLite: WAL, synchronous
 * FULL, foreign keys, 0600 for database, -wal and -shm whatever the umask, and no
 * following of symbolic links. */
int store_open(const char *path, enum store_access access, struct store **out, struct fail *f);
void store_close(struct store **s);

/* Everything read between these two is of one moment, whatever others write
 * meanwhile: for a report whose parts must add up. Nothing can be written. */
int store_read_begin(struct store *s, struct fail *f);
void store_read_end(struct store *s);

/* Made once with the database and never changed: 16 random bytes in hex, part
 * of every Message-ID, so that two copies of facteur never make the same one. */
struct view store_instance(const struct store *s);
/* A random key of this database for tokens in addresses (32 bytes). */
struct view store_token_key(const struct store *s);
#endif
