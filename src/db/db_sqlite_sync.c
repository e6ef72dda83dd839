/* Commits that reach the disk later, and the wait for it.
 *
 * In WAL mode with synchronous = NORMAL a commit appends its frames to the log and
 * goes on; SQLite syncs the log itself before each checkpoint, and its header when it begins
 * anew. The frames carry checksums, each built on those before, and after a power cut the log
 * is read up to the first that does not hold. So once the log file is synced every commit in
 * it stands, just as with synchronous = FULL, which does the same fdatasync() inside of each
 * COMMIT.
 *
 * The log may be opened and closed freely: the locks that closing a file would drop
 * (POSIX advisory locks) are those of the database and of its -shm. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "db/db_sqlite.h"

/* The name of the log, which may be new, must survive as well. */
static int sync_folder(const char *log, struct fail *f)
{
	const char *slash = strrchr(log, '/');
	char folder[PATH_MAX];

	if (slash == NULL)
		return file_sync_dir(".", f);
	(void)snprintf(folder, sizeof folder, "%.*s", slash > log ? (int)(slash - log) : 1, log);
	return file_sync_dir(folder, f);
}

static int open_log(struct db_sqlite *d, struct fail *f)
{
	const char *path = sqlite3_filename_wal(sqlite3_db_filename(d->handle, "main"));

	if (d->log >= 0)
		return 0;
	d->log = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (d->log < 0)
		return fail_set(f, FAIL_STORE, _("cannot open %s: %s"), path, strerror(errno));
	return sync_folder(path, f);
}

/* Small commits in quick succession. Nothing of them is written before its time, so that the
 * log may gather them; and they touch few pages again and again, which a small cache keeps
 * where the processor finds them: a tenth of the time that sending takes. */
int db_sqlite_set_reach(struct db *db, enum db_reach reach, struct fail *f)
{
	struct db_sqlite *d = (struct db_sqlite *)db;

	if (reach == DB_COMMIT_DISK) {
		db_sqlite_gather(d, false);
		return db_sqlite_run(d,
			"PRAGMA synchronous = FULL; PRAGMA cache_spill = ON;" DB_SQLITE_CACHE, f);
	}
	if (open_log(d, f) < 0 || db_sqlite_run(d,
					  "PRAGMA synchronous = NORMAL; PRAGMA cache_spill = OFF;"
					  "PRAGMA cache_size = -2048",
					  f) < 0)
		return -1;
	db_sqlite_gather(d, true);
	return 0;
}

int db_sqlite_sync(struct db *db)
{
	const struct db_sqlite *d = (const struct db_sqlite *)db;

	return d->log < 0 || fdatasync(d->log) == 0 ? 0 : errno;
}

void db_sqlite_close_log(struct db_sqlite *d)
{
	if (d->log >= 0)
		(void)close(d->log);
	d->log = -1;
}
