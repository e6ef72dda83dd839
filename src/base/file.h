#ifndef BASE_FILE_H
#define BASE_FILE_H
#include "base/str.h"
struct fail;

/* file - files and folders that hold people's addresses: made 0600 and 0700,
 * never wider, whatever the umask. Errors name the path. */
enum { FILE_MODE = 0600, FILE_DIR_MODE = 0700 };

/* Adds the whole of a regular file (or of stdin for "-") to out; FAIL_NOINPUT
 * when it is missing or a folder, FAIL_DATA when it is longer than out may be. */
int file_read(const char *path, struct str *out, struct fail *f);
/* A new file with these bytes, synced to disk; FAIL_CREATE when it exists. */
int file_write_new(const char *path, struct view bytes, struct fail *f);
/* Makes one folder; an existing folder is fine. */
int file_make_dir(const char *path, struct fail *f);
/* A new file of 0600 without a name in TMPDIR (/tmp), which is gone when it is
 * closed, and which no program we start inherits: addresses leave no traces.
 * The descriptor, or -1 (FAIL_CREATE). */
int file_temp(struct fail *f);
/* Syncs a folder, so that names made or moved in it survive a power cut. */
int file_sync_dir(const char *path, struct fail *f);
/* All of the bytes, through EINTR and short writes. 0, or -1 with errno. */
int file_write_all(int fd, struct view bytes);
/* Adds "dir/name" or name alone where it is absolute or dir is empty. */
int file_join(struct str *out, const char *dir, const char *name);
bool file_exists(const char *path);
#endif
