/* A Maildir (new/ and cur/), and a folder whose files are a message each. Whoever can write
 * there may have put anything in: names are told apart and never trusted, links are not
 * followed, pipes and devices not opened. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "fetch/fetch_private.h"
#include "fetch/maildir.h"
#include "fetch/utf7.h"

enum { NAME_LENGTH_MAX = 255, PATH_LENGTH_MAX = 4096 };

struct maildir_file {
	char *name;
	bool fresh; /* in new/ */
};
struct maildir {
	struct fetch fetch;
	struct str path;
	bool flat;	      /* a folder of files: nothing is ever renamed in it */
	int root, fresh, cur; /* its descriptors; flat: all the same */
	struct vec files;     /* by name */
	size_t at;
	struct maildir_file given;
	struct str body, name;
};

/* --- names ---------------------------------------------------------------- */

struct view maildir_unique(struct view file)
{
	ptrdiff_t colon = view_chr(file, ':');

	return colon < 0 ? file : view_sub(file, 0, (size_t)colon);
}

/* "7f3a:2,RS" and S: the same with S among its flags, in their order. */
int maildir_with_seen(struct str *out, struct view file)
{
	struct view unique = maildir_unique(file), flags = view_from(file, unique.len);
	bool put = false;

	(void)str_addv(out, unique);
	(void)str_addz(out, ":2,");
	flags = view_starts(flags, VIEW(":2,")) ? view_from(flags, 3) : VIEW("");
	for (size_t i = 0; i < flags.len; i++) {
		if (!put && flags.p[i] >= 'S') {
			put = true;
			if (flags.p[i] != 'S')
				(void)str_addc(out, 'S');
		}
		(void)str_addc(out, flags.p[i]);
	}
	return put ? (str_ok(out) ? 0 : -1) : str_addc(out, 'S');
}

/* Maildir++: ".Facteur.Bounces" beside new/ and cur/, each part as IMAP writes it. */
int maildir_folder(struct str *out, const char *folder)
{
	struct view rest = view_of(folder), part;

	while (view_split(&rest, '/', &part)) {
		if (part.len == 0 || view_chr(part, '.') >= 0)
			return -1;
		(void)str_addc(out, '.');
		if (utf7_encode(out, part) < 0)
			return -1;
	}
	return out->len > 1 && out->len <= NAME_LENGTH_MAX && str_ok(out) ? 0 : -1;
}

/* Its unique name, where that can be written anywhere; else a hash of it. */
static void add_identity(struct str *out, struct view file)
{
	struct view unique = maildir_unique(file);
	unsigned char hash[DIGEST_SIZE];

	str_clear(out);
	if (utf8_printable(unique) == unique.len && unique.len > 0) {
		(void)str_addv(out, unique);
		return;
	}
	digest_sha256(unique, hash);
	(void)str_addz(out, "sha256:");
	(void)digest_hex(out, hash, sizeof hash);
}

/* --- listing -------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	return strcmp(
		((const struct maildir_file *)a)->name, ((const struct maildir_file *)b)->name);
}

static int list(struct maildir *m, int folder, bool fresh, struct fail *f)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	int error;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return fail_set(f, FAIL_NOINPUT, "%s: %s", m->path.p, strerror(errno));
	}
	while (errno = 0, (e = readdir(dir)) != NULL) {
		struct maildir_file *file;

		if (e->d_name[0] == '.')
			continue;
		file = vec_push(&m->files);
		*file = (struct maildir_file){.name = mem_dupz(e->d_name), .fresh = fresh};
	}
	error = errno;
	(void)closedir(dir);
	return error == 0 ? 0 : fail_set(f, FAIL_TEMP, "%s: %s", m->path.p, strerror(error));
}

/* A mail reader has renamed it since: where is it now? */
static bool find_again(struct maildir *m, struct maildir_file *file)
{
	struct view unique = maildir_unique(view_of(file->name));
	int fd = m->flat ? -1 : openat(m->cur, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	bool found = false;

	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (!found && (e = readdir(dir)) != NULL) {
		if (!view_eq(maildir_unique(view_of(e->d_name)), unique))
			continue;
		free(file->name);
		file->name = mem_dupz(e->d_name);
		file->fresh = false;
		found = true;
	}
	(void)closedir(dir);
	return found;
}

/* --- one after the other -------------------------------------------------- */

static int folder_of(const struct maildir *m, const struct maildir_file *file)
{
	return file->fresh ? m->fresh : m->cur;
}

/* 1: read; 0: it is gone, or no regular file; -1. */
static int load(struct maildir *m, struct maildir_file *file, bool *cut, struct fail *f)
{
	int fd = fetch_open_regular(folder_of(m, file), file->name);
	int got;

	if (fd < 0 && errno == ENOENT && find_again(m, file))
		fd = fetch_open_regular(folder_of(m, file), file->name);
	if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != EINVAL && errno != ENXIO)
		return fail_set(f, FAIL_TEMP, "%s/%s: %s", m->path.p, file->name, strerror(errno));
	if (fd < 0)
		return 0;
	str_clear(&m->body);
	got = fetch_read_fd(fd, &m->body, cut);
	if (got < 0)
		(void)fail_set(f, FAIL_TEMP, "%s/%s: %s", m->path.p, file->name, strerror(errno));
	(void)close(fd);
	return got < 0 ? -1 : 1;
}

static int maildir_next(struct fetch *fetch, struct fetch_message *out, struct fail *f)
{
	struct maildir *m = (struct maildir *)fetch;
	struct view space = m->flat ? VIEW("file") : VIEW("maildir");

	while (m->at < m->files.len) {
		struct maildir_file *file = vec_at(&m->files, m->at++);
		int got;

		*out = (struct fetch_message){0};
		add_identity(&m->name, view_of(file->name));
		got = fetch_ask_known(fetch, space, str_view(&m->name), f);
		if (got == 0) {
			got = load(m, file, &out->cut, f);
			if (got > 0) {
				out->id = (struct fetch_id){
					.space = space, .name = str_view(&m->name)};
				out->bytes = str_view(&m->body);
				m->given = *file;
			}
			if (got != 0)
				return got;
		} else if (got < 0) {
			return -1;
		}
	}
	return 0;
}

/* --- settling ------------------------------------------------------------- */

static int make_in(int folder, const char *name)
{
	if (mkdirat(folder, name, FILE_DIR_MODE) == 0 || errno == EEXIST)
		return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return -1;
}

/* The folder with its tmp/, new/ and cur/: the descriptor of its cur/, or -1 with errno. */
static int make_folder(const struct maildir *m, const char *name)
{
	static const char *const parts[] = {"tmp", "new", "cur"};
	int folder = make_in(m->root, name), fd = -1;

	for (size_t i = 0; folder >= 0 && i < sizeof parts / sizeof *parts; i++) {
		if (fd >= 0)
			(void)close(fd);
		fd = make_in(folder, parts[i]);
		if (fd < 0)
			break;
	}
	if (folder >= 0) {
		/* By this Maildir++ tells a folder from a mailbox. */
		int mark = openat(folder, "maildirfolder",
			O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);

		if (mark >= 0)
			(void)close(mark);
		(void)close(folder);
	}
	return fd;
}

static int rename_to(struct maildir *m, int folder, const char *name)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		!(folder == m->cur && !m->given.fresh && strcmp(name, m->given.name) == 0)) {
		errno = EEXIST;
		return -1;
	}
	return renameat(folder_of(m, &m->given), m->given.name, folder, name) == 0 &&
			       fsync(folder) == 0
		       ? 0
		       : -1;
}

static int move(struct maildir *m, const char *folder)
{
	struct str name, file;
	int fd = -1, ret = -1;

	str_init(&name, PATH_LENGTH_MAX);
	str_init(&file, PATH_LENGTH_MAX);
	errno = EINVAL;
	if (maildir_folder(&name, folder) == 0)
		fd = make_folder(m, name.p);
	(void)str_addz(&file, m->given.name);
	if (view_chr(str_view(&file), ':') < 0)
		(void)str_addz(&file, ":2,");
	if (fd >= 0) {
		ret = rename_to(m, fd, file.p);
		(void)close(fd);
	}
	str_free(&file);
	str_free(&name);
	return ret;
}

static int mark_seen(struct maildir *m)
{
	struct str file;
	int ret;

	str_init(&file, PATH_LENGTH_MAX);
	ret = maildir_with_seen(&file, view_of(m->given.name));
	if (ret == 0 && (m->given.fresh || strcmp(file.p, m->given.name) != 0))
		ret = rename_to(m, m->cur, file.p);
	str_free(&file);
	return ret;
}

static int maildir_settle(
	struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f)
{
	struct maildir *m = (struct maildir *)fetch;
	int ret = 0;

	(void)f;
	if (m->flat || fate == FETCH_LEAVE)
		return 0;
	if (fate == FETCH_SEEN)
		ret = mark_seen(m);
	else if (folder != NULL)
		ret = move(m, folder);
	/* Gone since: whoever took it has settled it. */
	if (ret < 0 && errno != ENOENT)
		fetch_note_set(fetch, _("the messages of %s could not be moved or marked: %s"),
			m->path.p, strerror(errno));
	return 0;
}

/* --- opening -------------------------------------------------------------- */

static void shut(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

static void maildir_close(struct fetch *fetch)
{
	struct maildir *m = (struct maildir *)fetch;

	for (size_t i = 0; i < m->files.len; i++)
		free(((struct maildir_file *)vec_at(&m->files, i))->name);
	vec_free(&m->files);
	if (m->fresh != m->root)
		shut(m->fresh);
	if (m->cur != m->root)
		shut(m->cur);
	shut(m->root);
	str_free(&m->path);
	str_free(&m->body);
	str_free(&m->name);
	fetch_done(fetch);
	free(m);
}

static int open_folder(int root, const char *name)
{
	return openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_any(const char *path, bool flat, struct fetch **out, struct fail *f)
{
	static const struct fetch_ops ops = {
		.next = maildir_next, .settle = maildir_settle, .close = maildir_close};
	struct maildir *m = mem_alloc(sizeof *m);
	int ret = 0;

	fetch_init(&m->fetch, &ops);
	vec_init(&m->files, sizeof(struct maildir_file));
	str_init(&m->path, PATH_LENGTH_MAX);
	str_init(&m->body, FETCH_MESSAGE_MAX);
	str_init(&m->name, PATH_LENGTH_MAX);
	(void)str_addz(&m->path, path);
	m->flat = flat;
	m->root = m->fresh = m->cur = open_folder(AT_FDCWD, path);
	if (!flat && m->root >= 0) {
		m->fresh = open_folder(m->root, "new");
		m->cur = m->fresh >= 0 ? open_folder(m->root, "cur") : -1;
	}
	if (m->root < 0 || m->fresh < 0 || m->cur < 0)
		ret = fail_set(f, FAIL_NOINPUT,
			_("%s is no Maildir: it must be a folder with new and cur in it (%s)"),
			path, strerror(errno));
	if (ret == 0)
		ret = list(m, m->cur, false, f);
	if (ret == 0 && !flat)
		ret = list(m, m->fresh, true, f);
	if (ret != 0) {
		maildir_close(&m->fetch);
		return -1;
	}
	if (m->files.len > 1)
		qsort(m->files.p, m->files.len, sizeof(struct maildir_file), by_name);
	m->fetch.total = m->files.len;
	*out = &m->fetch;
	return 0;
}

int fetch_maildir_open(const char *path, struct fetch **out, struct fail *f)
{
	return open_any(path, false, out, f);
}

int fetch_folder_open(const char *path, struct fetch **out, struct fail *f)
{
	return open_any(path, true, out, f);
}
