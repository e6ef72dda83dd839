/* The write-ahead log, written in one piece for each commit.
 *
 * SQLite writes a commit as frames, and each frame as a header of 24 bytes and a page: two
 * system calls, and a page of the system's cache touched three times. A file of this VFS keeps
 * the frames of a commit until the last, whose header says that it is (bytes 4 to 7: the size
 * of the database, else 0; sqlite.org/fileformat2.html section 4.1), and then writes all of them
 * in order. Nobody looks for a frame before SQLite has said in the -shm that the
 * commit is there, which it does after the last has been written.
 *
 * It gathers only while it is told to, by a connection that never writes frames of a transaction
 * that may yet be rolled back (PRAGMA cache_spill = OFF): they would be kept here while another
 * process writes its own in their place. All other files are those of the system's VFS. */
#include <assert.h>
#include <string.h>
#include "base/mem.h"
#include "db/db_sqlite.h"

enum {
	LOG_HEADER = 24,	/* bytes of the header of a frame */
	LOG_GATHERED = 1 << 17, /* bytes: more frames than most turns write */
};

struct log {
	sqlite3_file base;
	bool gathers;
	bool in_frame, last; /* a header has come, and its page has not; it is the commit's last */
	sqlite3_int64 at;    /* where the bytes belong that are kept */
	size_t len;
	char *bytes;
};

static struct log *own(sqlite3_file *file)
{
	return (struct log *)(void *)file;
}

/* The system's file stands behind ours, in the room that SQLite gives for both. */
static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)(own(file) + 1);
}

/* What could not be written is forgotten: SQLite rolls back. */
static int log_flush(sqlite3_file *file)
{
	struct log *log = own(file);
	size_t len = log->len;

	log->len = 0;
	log->in_frame = false;
	if (len == 0)
		return SQLITE_OK;
	return real(file)->pMethods->xWrite(real(file), log->bytes, (int)len, log->at);
}

static int log_close(sqlite3_file *file)
{
	int rc = real(file)->pMethods->xClose(real(file));

	free(own(file)->bytes);
	own(file)->bytes = NULL;
	return rc;
}

static int log_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	int rc = log_flush(file);

	return rc != SQLITE_OK ? rc : real(file)->pMethods->xRead(real(file), out, n, at);
}

/* Whether these bytes go on where those end that are kept. */
static bool log_follows(const struct log *log, size_t n, sqlite3_int64 at)
{
	return log->len + n <= LOG_GATHERED &&
	       (log->len == 0 || at == log->at + (sqlite3_int64)log->len);
}

static void log_keep(struct log *log, const void *p, size_t n, sqlite3_int64 at)
{
	if (log->len == 0)
		log->at = at;
	memcpy(log->bytes + log->len, p, n);
	log->len += n;
}

static int log_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
	static const char middle[4];
	struct log *log = own(file);
	bool page = log->in_frame, header = !page && n == LOG_HEADER;
	bool kept = log->gathers && (page || header) && (size_t)n <= LOG_GATHERED;
	int rc = kept && log_follows(log, (size_t)n, at) ? SQLITE_OK : log_flush(file);

	if (rc != SQLITE_OK)
		return rc;
	if (!kept)
		return real(file)->pMethods->xWrite(real(file), p, n, at);
	log_keep(log, p, (size_t)n, at);
	log->in_frame = header;
	if (header)
		log->last = memcmp((const char *)p + 4, middle, sizeof middle) != 0;
	return page && log->last ? log_flush(file) : SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int rc = log_flush(file);

	return rc != SQLITE_OK ? rc : real(file)->pMethods->xTruncate(real(file), size);
}

static int log_sync(sqlite3_file *file, int flags)
{
	int rc = log_flush(file);

	return rc != SQLITE_OK ? rc : real(file)->pMethods->xSync(real(file), flags);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int rc = log_flush(file);

	return rc != SQLITE_OK ? rc : real(file)->pMethods->xFileSize(real(file), size);
}

static int log_lock(sqlite3_file *file, int lock)
{
	return real(file)->pMethods->xLock(real(file), lock);
}

static int log_unlock(sqlite3_file *file, int lock)
{
	return real(file)->pMethods->xUnlock(real(file), lock);
}

static int log_is_locked(sqlite3_file *file, int *out)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int log_control(sqlite3_file *file, int what, void *arg)
{
	return real(file)->pMethods->xFileControl(real(file), what, arg);
}

static int log_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int log_device(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_is_locked,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_device,
};

static int vfs_open(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
	sqlite3_vfs *system = vfs->pAppData;
	int rc;

	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system->xOpen(system, name, file, flags, flags_out);
	*own(file) = (struct log){0};
	rc = system->xOpen(system, name, real(file), flags, flags_out);
	if (rc == SQLITE_OK)
		file->pMethods = &log_methods;
	return rc;
}

const char *db_sqlite_vfs(void)
{
	static const char name[] = "facteur";
	static sqlite3_vfs ours;
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	if (ours.zName != NULL || system == NULL)
		return ours.zName;
	ours = *system;
	ours.pNext = NULL;
	ours.zName = name;
	ours.pAppData = system;
	ours.szOsFile += (int)sizeof(struct log);
	ours.xOpen = vfs_open;
	return sqlite3_vfs_register(&ours, 0) == SQLITE_OK ? name : NULL;
}

void db_sqlite_gather(struct db_sqlite *d, bool gather)
{
	sqlite3_file *file = NULL;

	if (sqlite3_file_control(d->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) !=
			SQLITE_OK ||
		file == NULL || file->pMethods != &log_methods)
		return;
	assert(own(file)->len == 0);
	if (own(file)->bytes == NULL)
		own(file)->bytes = mem_alloc(LOG_GATHERED);
	own(file)->gathers = gather;
}
