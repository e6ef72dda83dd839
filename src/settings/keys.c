#include "settings/keys.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/time.h"
#include "settings/secret.h"

enum { KEYS_FILE_MAX = 16384, KEYS_PATH_MAX = 4096, KEYS_HEX_SIZE = 2 * SETTINGS_KEY_SIZE };

static const char heading[] =
	"# The keys by which facteur recognises what comes back to its messages. Whoever has them\n"
	"# can make believe that a member's address failed: show them to nobody. Keep a copy, and\n"
	"# not in the same place as the copies of the database. To make a new one, and keep "
	"these:\n"
	"# facteur key rotate\n";

/* All that a file holds. */
struct ring {
	unsigned char key[SETTINGS_KEYS_MAX][SETTINGS_KEY_SIZE];
	int64_t since[SETTINGS_KEYS_MAX];
	size_t count;
};

void settings_key_fingerprint(
	const unsigned char key[SETTINGS_KEY_SIZE], char out[SETTINGS_FINGERPRINT_SIZE])
{
	static const char label[] = "facteur key fingerprint";
	enum { OCTETS = (SETTINGS_FINGERPRINT_SIZE - 1) / 2 };
	char text[sizeof label - 1 + SETTINGS_KEY_SIZE];
	unsigned char hash[DIGEST_SIZE];
	struct str hex;

	memcpy(text, label, sizeof label - 1);
	memcpy(text + sizeof label - 1, key, SETTINGS_KEY_SIZE);
	digest_sha256(view_make(text, sizeof text), hash);
	digest_wipe(text, sizeof text);
	str_init(&hex, SETTINGS_FINGERPRINT_SIZE - 1);
	(void)digest_hex(&hex, hash, OCTETS);
	memcpy(out, hex.p, SETTINGS_FINGERPRINT_SIZE);
	str_free(&hex);
}

/* --- reading ------------------------------------------------------------- */

static bool read_hex(struct view text, unsigned char out[SETTINGS_KEY_SIZE])
{
	if (text.len != KEYS_HEX_SIZE)
		return false;
	for (size_t i = 0; i < SETTINGS_KEY_SIZE; i++) {
		int high = ascii_hex(text.p[2 * i]), low = ascii_hex(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "2026-11-26T22:18:39.000Z HEX" */
static bool read_key(struct view line, struct ring *r)
{
	struct view since, rest = line;

	if (!view_split(&rest, ' ', &since) || r->count == SETTINGS_KEYS_MAX)
		return false;
	if (!time_parse(since, &r->since[r->count]) || !read_hex(view_trim(rest), r->key[r->count]))
		return false;
	r->count++;
	return true;
}

static int read_lines(const char *path, struct view text, struct ring *r, struct fail *f)
{
	struct view line;

	r->count = 0;
	for (int n = 1; view_line(&text, &line); n++) {
		line = view_trim(line);
		if (line.len > 0 && line.p[0] != '#' && !read_key(line, r))
			return fail_set(f, FAIL_CONF,
				_("%s, line %d: this is no key, or one more than %d; put back the "
				  "file as facteur made it"),
				path, n, SETTINGS_KEYS_MAX);
	}
	if (r->count == 0)
		return fail_set(f, FAIL_CONF,
			_("there is no key in %s; put back the file as facteur made it"), path);
	return 0;
}

static int read_text(int fd, const char *path, struct str *text, struct fail *f)
{
	ssize_t got = 1;

	(void)str_room(text, KEYS_FILE_MAX);
	while (text->len < KEYS_FILE_MAX && got != 0) {
		got = read(fd, text->p + text->len, KEYS_FILE_MAX - text->len);
		if (got < 0 && errno != EINTR)
			return fail_set(f, FAIL_CONF, _("the file of keys %s cannot be read: %s"),
				path, strerror(errno));
		if (got > 0)
			str_added(text, (size_t)got);
	}
	return 0;
}

static int read_ring(int fd, const char *path, struct ring *r, struct fail *f)
{
	struct stat st;
	struct str text;
	int ret;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail_set(f, FAIL_CONF, _("the file of keys %s is not a file"), path);
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return fail_set(f, FAIL_CONF,
			_("the file of keys %s can be used by others; run \"chmod 600 %s\""), path,
			path);
	str_init_secret(&text, KEYS_FILE_MAX);
	ret = read_text(fd, path, &text, f);
	if (ret == 0)
		ret = read_lines(path, str_view(&text), r, f);
	settings_secret_wipe(&text);
	return ret;
}

static int open_file(const char *path, int how, struct fail *f)
{
	/* O_NONBLOCK: a named pipe must not keep us waiting. */
	int fd = open(path, how | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		(void)fail_set(f, FAIL_CONF, _("the file of keys %s cannot be opened: %s"), path,
			strerror(errno));
	return fd;
}

int settings_keys_read(const char *path, unsigned char (*key)[SETTINGS_KEY_SIZE], int64_t *since,
	size_t *count, struct fail *f)
{
	int fd = open_file(path, O_RDONLY, f), ret;
	struct ring r;

	if (fd < 0)
		return -1;
	ret = read_ring(fd, path, &r, f);
	(void)close(fd);
	if (ret == 0) {
		memcpy(key, r.key, r.count * sizeof *r.key);
		if (since != NULL)
			memcpy(since, r.since, r.count * sizeof *r.since);
		*count = r.count;
	}
	digest_wipe(&r, sizeof r);
	return ret;
}

/* --- writing ------------------------------------------------------------- */

static void write_ring(const struct ring *r, struct str *out)
{
	char since[TIME_ISO_SIZE];

	(void)str_room(out, KEYS_FILE_MAX);
	(void)str_addz(out, heading);
	for (size_t i = 0; i < r->count; i++) {
		time_iso(r->since[i], since);
		(void)str_addz(out, since);
		(void)str_addc(out, ' ');
		(void)digest_hex(out, r->key[i], SETTINGS_KEY_SIZE);
		(void)str_addc(out, '\n');
	}
}

static void folder_of(const char *path, struct str *out)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		(void)str_addc(out, '.');
	else
		(void)str_add(out, path, slash == path ? 1 : (size_t)(slash - path));
}

static int sync_folder(const char *path, struct fail *f)
{
	struct str folder;
	int ret;

	str_init(&folder, KEYS_PATH_MAX);
	folder_of(path, &folder);
	ret = file_sync_dir(folder.p, f);
	str_free(&folder);
	return ret;
}

/* A synced file of 0600 beside `path`, under a name of its own. */
static int write_beside(const char *path, const struct ring *r, struct str *name, struct fail *f)
{
	struct str text;
	int fd, broken = 0;

	(void)str_addf(name, "%s.XXXXXX", path);
	fd = str_ok(name) ? mkstemp(name->p) : -1;
	if (fd < 0)
		return fail_set(f, FAIL_CREATE, _("the file of keys %s cannot be made: %s"), path,
			strerror(str_ok(name) ? errno : ENAMETOOLONG));
	str_init_secret(&text, KEYS_FILE_MAX);
	write_ring(r, &text);
	if (file_write_all(fd, str_view(&text)) < 0 || fsync(fd) < 0)
		broken = errno;
	settings_secret_wipe(&text);
	if (close(fd) < 0 && broken == 0)
		broken = errno;
	if (broken == 0)
		return 0;
	(void)unlink(name->p);
	return fail_set(f, FAIL_STORE, _("the file of keys %s cannot be written: %s"), path,
		strerror(broken));
}

static void add_new(struct ring *r, int64_t now)
{
	if (r->count == SETTINGS_KEYS_MAX)
		r->count--;
	memmove(r->key[1], r->key[0], r->count * sizeof *r->key);
	memmove(&r->since[1], &r->since[0], r->count * sizeof *r->since);
	digest_random(r->key[0], SETTINGS_KEY_SIZE);
	r->since[0] = now;
	r->count++;
}

/* Of two that do this at once, one gives the file its name. */
int settings_keys_make(const char *path, int64_t now, struct fail *f)
{
	struct ring r = {.count = 0};
	struct str name;
	int ret;

	if (file_exists(path))
		return 0;
	str_init(&name, KEYS_PATH_MAX);
	add_new(&r, now);
	ret = write_beside(path, &r, &name, f);
	digest_wipe(&r, sizeof r);
	if (ret == 0) {
		if (link(name.p, path) == 0)
			ret = 1;
		else if (errno != EEXIST)
			ret = fail_set(f, FAIL_CREATE, _("the file of keys %s cannot be made: %s"),
				path, strerror(errno));
		(void)unlink(name.p);
	}
	str_free(&name);
	return ret < 0 || sync_folder(path, f) < 0 ? -1 : ret;
}

/* The file that has this name when it is locked: whoever held the lock before us may have given
 * the name to another. */
static int open_locked(const char *path, struct fail *f)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat ours, named;
	int fd, got;

	for (;;) {
		fd = open_file(path, O_RDWR, f);
		if (fd < 0)
			return -1;
		while ((got = fcntl(fd, F_SETLKW, &whole)) < 0 && errno == EINTR)
			;
		if (got < 0 || fstat(fd, &ours) < 0) {
			(void)fail_set(f, FAIL_STORE, _("the file of keys %s cannot be locked: %s"),
				path, strerror(errno));
			(void)close(fd);
			return -1;
		}
		if (stat(path, &named) == 0 && named.st_ino == ours.st_ino &&
			named.st_dev == ours.st_dev)
			return fd;
		(void)close(fd);
	}
}

static int replace(const char *path, const struct ring *r, struct fail *f)
{
	struct str name;
	int ret;

	str_init(&name, KEYS_PATH_MAX);
	ret = write_beside(path, r, &name, f);
	if (ret == 0 && rename(name.p, path) < 0) {
		ret = fail_set(f, FAIL_STORE, _("the file of keys %s cannot be written: %s"), path,
			strerror(errno));
		(void)unlink(name.p);
	}
	str_free(&name);
	return ret < 0 ? -1 : sync_folder(path, f);
}

int settings_keys_rotate(const char *path, int64_t now, bool *dropped, struct fail *f)
{
	int fd = open_locked(path, f), ret;
	struct ring r;

	if (fd < 0)
		return -1;
	ret = read_ring(fd, path, &r, f);
	if (ret == 0) {
		if (dropped != NULL)
			*dropped = r.count == SETTINGS_KEYS_MAX;
		add_new(&r, now);
		ret = replace(path, &r, f);
	}
	digest_wipe(&r, sizeof r);
	(void)close(fd);
	return ret;
}
