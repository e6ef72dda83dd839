#include "fetch/fetch.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/i18n.h"
#include "fetch/fetch_private.h"
#include "settings/settings.h"

enum { READ_PIECE = 1 << 16 };

void fetch_init(struct fetch *fetch, const struct fetch_ops *ops)
{
	*fetch = (struct fetch){.ops = ops};
	str_init(&fetch->cursor, FETCH_CURSOR_MAX);
	str_init(&fetch->note, FETCH_NOTE_MAX);
}

void fetch_done(struct fetch *fetch)
{
	str_free(&fetch->cursor);
	str_free(&fetch->note);
}

int fetch_open(
	const struct settings_mailbox *box, struct view cursor, struct fetch **out, struct fail *f)
{
	switch (box->protocol) {
	case SETTINGS_PROTOCOL_IMAP:
		return fetch_imap_open(box, cursor, out, f);
	case SETTINGS_PROTOCOL_POP3:
		return fetch_pop3_open(box, out, f);
	case SETTINGS_PROTOCOL_MAILDIR:
		return fetch_maildir_open(box->path, out, f);
	default:
		return fetch_mbox_open(box->path, out, f);
	}
}

/* new/ and cur/ make a Maildir. */
static bool is_maildir(const char *path)
{
	struct str sub;
	struct stat st;
	bool yes = true;

	str_init(&sub, FILENAME_MAX);
	for (int i = 0; i < 2; i++) {
		str_clear(&sub);
		(void)file_join(&sub, path, i == 0 ? "new" : "cur");
		yes = yes && str_ok(&sub) && stat(sub.p, &st) == 0 && S_ISDIR(st.st_mode);
	}
	str_free(&sub);
	return yes;
}

int fetch_open_path(const char *path, struct fetch **out, struct fail *f)
{
	struct stat st;
	int fd;

	if (strcmp(path, "-") == 0) {
		fd = dup(STDIN_FILENO);
		if (fd < 0)
			return fail_set(f, FAIL_NOINPUT, _("standard input: %s"), strerror(errno));
		return fetch_stream_open(fd, path, out, f);
	}
	if (stat(path, &st) != 0)
		return fail_set(f, FAIL_NOINPUT, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return is_maildir(path) ? fetch_maildir_open(path, out, f)
					: fetch_folder_open(path, out, f);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_set(f, FAIL_NOINPUT, "%s: %s", path, strerror(errno));
	return fetch_stream_open(fd, path, out, f);
}

void fetch_close(struct fetch **fetch)
{
	struct fetch *dead = *fetch;

	*fetch = NULL;
	if (dead != NULL)
		dead->ops->close(dead);
}

void fetch_known(struct fetch *fetch, fetch_known_fn fn, void *ctx)
{
	fetch->known = fn;
	fetch->known_ctx = ctx;
}

void fetch_waits(struct fetch *fetch, fetch_waits_fn fn, void *ctx)
{
	fetch->waits = fn;
	fetch->waits_ctx = ctx;
}

int fetch_tell_wait(struct fetch *fetch, struct fail *f)
{
	return fetch != NULL && fetch->waits != NULL ? fetch->waits(fetch->waits_ctx, f) : 0;
}

int fetch_next(struct fetch *fetch, struct fetch_message *out, struct fail *f)
{
	int got = fetch->ops->next(fetch, out, f);

	fetch->given = got > 0;
	return got;
}

int fetch_settle(struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f)
{
	if (!fetch->given)
		return 0;
	fetch->given = false;
	return fetch->ops->settle(fetch, fate, folder, f);
}

int fetch_settle_nothing(
	struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f)
{
	(void)fetch;
	(void)fate;
	(void)folder;
	(void)f;
	return 0;
}

struct view fetch_cursor(const struct fetch *fetch)
{
	return str_view(&fetch->cursor);
}

size_t fetch_total(const struct fetch *fetch)
{
	return fetch->total;
}

struct view fetch_note(const struct fetch *fetch)
{
	return str_view(&fetch->note);
}

void fetch_note_set(struct fetch *fetch, const char *fmt, ...)
{
	va_list ap;

	if (fetch->note.len > 0)
		return;
	va_start(ap, fmt);
	(void)str_addfv(&fetch->note, fmt, ap);
	va_end(ap);
}

int fetch_ask_known(struct fetch *fetch, struct view space, struct view name, struct fail *f)
{
	const struct fetch_id id = {.space = space, .name = name};

	return fetch->known == NULL ? 0 : fetch->known(fetch->known_ctx, &id, f);
}

int fetch_open_regular(int folder, const char *name)
{
	/* A pipe is not waited for, and a link may lead anywhere. */
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int fetch_read_fd(int fd, struct str *out, bool *cut)
{
	*cut = false;
	for (;;) {
		size_t room = out->max - out->len < READ_PIECE ? out->max - out->len : READ_PIECE;
		char spare;
		ssize_t n = room > 0 ? read(fd, str_room(out, room), room) : read(fd, &spare, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (room == 0) {
			*cut = true;
			return 0;
		}
		str_added(out, (size_t)n);
	}
}
