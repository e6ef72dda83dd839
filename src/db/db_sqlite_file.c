#include "db/db_sqlite.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"

/* The folder of a path, yours to free(), and its last part. */
static char *cut_path(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *folder;
	size_t len;

	if (slash == NULL) {
		*name = path;
		return mem_dupz(".");
	}
	*name = slash + 1;
	len = slash > path ? (size_t)(slash - path) : 1;
	folder = mem_alloc(len + 1);
	memcpy(folder, path, len);
	return folder;
}

/* 0600 even under umask 0777; -wal and -shm take the mode of this file. The
 * name must survive a power cut, for what is committed in the file must. */
static int make(const char *path, const char *folder, struct fail *f)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	bool made;

	if (fd < 0 && errno == EEXIST)
		return 0; /* another facteur was quicker */
	if (fd < 0)
		return fail_set(f, FAIL_CREATE, _("the database %s cannot be made: %s"), path,
			strerror(errno));
	made = fchmod(fd, FILE_MODE) == 0 && fsync(fd) == 0;
	if (!made)
		(void)fail_set(f, FAIL_CREATE, _("the database %s cannot be made: %s"), path,
			strerror(errno));
	(void)close(fd);
	return made ? file_sync_dir(folder, f) : -1;
}

static int check(const char *path, const struct stat *st, enum db_flags flags, struct fail *f)
{
	int want = (flags & DB_READONLY) != 0 ? R_OK : R_OK | W_OK;

	if (S_ISLNK(st->st_mode))
		return fail_set(f, FAIL_STORE,
			_("the database %s is a symbolic link, which facteur does not follow: give "
			  "the path of the file itself"),
			path);
	if (S_ISDIR(st->st_mode))
		return fail_set(f, FAIL_STORE,
			_("the database %s is a folder: give the path of a file in it"), path);
	if (!S_ISREG(st->st_mode))
		return fail_set(f, FAIL_STORE,
			_("the database %s is not an ordinary file: give the path of one"), path);
	if (access(path, want) == 0)
		return 0;
	return fail_set(f, FAIL_STORE,
		_("the database %s cannot be opened: %s; run facteur as the user that owns the "
		  "file, or let that user give you permission"),
		path, strerror(errno));
}

int db_sqlite_file(const char *path, enum db_flags flags, struct str *real, struct fail *f)
{
	const char *name;
	char *folder = cut_path(path, &name), *real_folder = realpath(folder, NULL);
	struct stat st;
	int ret = -1;

	if (real_folder == NULL) {
		(void)fail_set(f, FAIL_NOINPUT,
			_("the folder of the database %s cannot be opened: %s"), path,
			strerror(errno));
		goto out;
	}
	if (*name == '\0') {
		(void)fail_set(f, FAIL_STORE,
			_("the database %s is a folder: give the path of a file in it"), path);
		goto out;
	}
	if (file_join(real, real_folder, name) < 0) {
		(void)fail_set(f, FAIL_STORE, _("the path of the database is too long"));
		goto out;
	}
	if (lstat(real->p, &st) == 0)
		ret = check(path, &st, flags, f);
	else if (errno != ENOENT)
		ret = fail_set(f, FAIL_STORE, _("the database %s cannot be opened: %s"), path,
			strerror(errno));
	else if ((flags & DB_CREATE) != 0)
		ret = make(real->p, real_folder, f);
	else
		ret = fail_set(f, FAIL_NOINPUT,
			_("there is no database %s: make one with \"facteur init\", or check "
			  "\"database\" in the configuration"),
			path);
out:
	free(real_folder);
	free(folder);
	return ret;
}
