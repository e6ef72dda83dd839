#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/i18n.h"

enum { FILE_READ_CHUNK = 65536 };

static int read_fd(int fd, const char *path, struct str *out, struct fail *f)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return fail_set(f, FAIL_NOINPUT, _("%s is a folder, not a file"), path);
	for (;;) {
		size_t left = out->max - out->len;
		size_t want = left < FILE_READ_CHUNK ? left : FILE_READ_CHUNK;
		char *room = want > 0 ? str_room(out, want) : NULL;
		char more;
		ssize_t got = read(fd, room != NULL ? room : &more, room != NULL ? want : 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_set(
				f, FAIL_STORE, _("%s cannot be read: %s"), path, strerror(errno));
		if (got == 0)
			return 0;
		if (room == NULL)
			return fail_set(f, FAIL_DATA,
				_("%s is longer than the %zu bytes allowed here"), path, out->max);
		str_added(out, (size_t)got);
	}
}

int file_read(const char *path, struct str *out, struct fail *f)
{
	int fd, ret;

	if (strcmp(path, "-") == 0)
		return read_fd(STDIN_FILENO, _("standard input"), out, f);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_set(
			f, FAIL_NOINPUT, _("%s cannot be opened: %s"), path, strerror(errno));
	ret = read_fd(fd, path, out, f);
	(void)close(fd);
	return ret;
}

int file_write_all(int fd, struct view bytes)
{
	while (bytes.len > 0) {
		ssize_t put = write(fd, bytes.p, bytes.len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		bytes = view_from(bytes, (size_t)put);
	}
	return 0;
}

int file_write_new(const char *path, struct view bytes, struct fail *f)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	int broken;

	if (fd < 0)
		return fail_set(f, FAIL_CREATE, _("%s cannot be made: %s"), path, strerror(errno));
	broken = file_write_all(fd, bytes) < 0 || fsync(fd) < 0 ? errno : 0;
	if (close(fd) < 0 && broken == 0)
		broken = errno;
	if (broken == 0)
		return 0;
	(void)unlink(path);
	return fail_set(f, FAIL_STORE, _("%s cannot be written: %s"), path, strerror(broken));
}

int file_make_dir(const char *path, struct fail *f)
{
	struct stat st;

	if (mkdir(path, FILE_DIR_MODE) == 0)
		return 0;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return fail_set(
		f, FAIL_CREATE, _("the folder %s cannot be made: %s"), path, strerror(errno));
}

int file_temp(struct fail *f)
{
	const char *dir = getenv("TMPDIR");
	struct str path;
	int fd = -1;

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	str_init(&path, FILENAME_MAX);
	(void)file_join(&path, dir, "facteur-XXXXXX");
	if (str_ok(&path))
		fd = mkstemp(path.p);
	else
		errno = ENAMETOOLONG;
	if (fd >= 0) {
		(void)unlink(path.p);
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* POSIX 2008 has no mkostemp */
	} else {
		(void)fail_set(f, FAIL_CREATE, _("no temporary file can be made in %s: %s"), dir,
			strerror(errno));
	}
	str_free(&path);
	return fd;
}

int file_sync_dir(const char *path, struct fail *f)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int broken = 0;

	if (fd < 0 || fsync(fd) < 0)
		broken = errno;
	if (fd >= 0)
		(void)close(fd);
	if (broken == 0)
		return 0;
	return fail_set(f, FAIL_STORE, _("the folder %s cannot be synced to disk: %s"), path,
		strerror(broken));
}

int file_join(struct str *out, const char *dir, const char *name)
{
	if (name[0] == '/' || dir == NULL || dir[0] == '\0')
		return str_addz(out, name);
	return str_addf(out, "%s%s%s", dir, dir[strlen(dir) - 1] == '/' ? "" : "/", name);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}
