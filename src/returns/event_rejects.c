#include "returns/event_rejects.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/str.h"

enum {
	REJECTS_BUFFER = 65536,
	REJECTS_NAMES_MAX = 1000, /* free names tried */
};

struct event_rejects {
	char *path; /* given, or found */
	char *input;
	bool given;
	int fd;
	struct str buffer;
};

struct event_rejects *event_rejects_new(const char *path, const char *input)
{
	struct event_rejects *r = mem_alloc(sizeof *r);

	r->path = mem_dupz(path);
	r->given = path != NULL;
	r->input = mem_dupz(strcmp(input, "-") == 0 ? "events" : input);
	r->fd = -1;
	str_init(&r->buffer, SIZE_MAX / 2);
	return r;
}

static int try_open(struct event_rejects *r)
{
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	return r->fd;
}

static int open_free_name(struct event_rejects *r)
{
	for (int n = 1; n <= REJECTS_NAMES_MAX; n++) {
		struct str name;

		str_init(&name, FILENAME_MAX);
		(void)str_addf(&name, "%s.rejects", r->input);
		if (n > 1)
			(void)str_addf(&name, "-%d", n);
		free(r->path);
		r->path = str_take(&name);
		if (try_open(r) >= 0 || errno != EEXIST)
			break;
	}
	return r->fd;
}

static int start(struct event_rejects *r, struct fail *f)
{
	if ((r->given ? try_open(r) : open_free_name(r)) >= 0)
		return 0;
	return fail_set(f, FAIL_CREATE,
		_("the file for the refused events, %s, cannot be made: %s. Choose another place "
		  "with --rejects FILE"),
		r->path, strerror(errno));
}

static int flush(struct event_rejects *r, struct fail *f)
{
	if (file_write_all(r->fd, str_view(&r->buffer)) < 0)
		return fail_set(
			f, FAIL_STORE, _("%s cannot be written: %s"), r->path, strerror(errno));
	str_clear(&r->buffer);
	return 0;
}

int event_rejects_add(
	struct event_rejects *r, const char *why, struct view bytes, bool more, struct fail *f)
{
	if (r->fd < 0 && start(r, f) < 0)
		return -1;
	if (why[0] != '\0')
		(void)str_addf(&r->buffer, "# %s\n", why);
	(void)str_addv(&r->buffer, bytes);
	if (!more)
		(void)str_addc(&r->buffer, '\n');
	return r->buffer.len >= REJECTS_BUFFER ? flush(r, f) : 0;
}

int event_rejects_finish(struct event_rejects *r, char **path, struct fail *f)
{
	*path = NULL;
	if (r->fd < 0)
		return 0;
	if (flush(r, f) < 0)
		return -1;
	if (fsync(r->fd) < 0)
		return fail_set(
			f, FAIL_STORE, _("%s cannot be written: %s"), r->path, strerror(errno));
	*path = mem_dupz(r->path);
	return 0;
}

void event_rejects_free(struct event_rejects **r)
{
	if (*r == NULL)
		return;
	if ((*r)->fd >= 0)
		(void)close((*r)->fd);
	str_free(&(*r)->buffer);
	free((*r)->path);
	free((*r)->input);
	free(*r);
	*r = NULL;
}
