#include "returns/event_import.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "returns/event_rejects.h"

/* One file on its way. */
struct job {
	struct event_import *o;
	const char *path;
	int fd;
	uint64_t size, done;
	struct event_scan scan;
	struct arena arena; /* of one object */
	struct event_list events;
	struct event_rejects *rejects;
	bool goes_on; /* the piece before was one of a refused object that goes on */
	char chunk[EVENT_CHUNK];
};

static int refuse(struct job *j, const struct event_piece *p, const char *why, struct fail *f)
{
	char line[FAIL_TEXT_MAX];

	(void)snprintf(line, sizeof line, "%s:%s", j->path, why);
	if (!j->goes_on) {
		j->o->rejected++;
		if (j->o->refused != NULL)
			j->o->refused(j->o->ctx, j->path, why);
	}
	if (event_rejects_add(j->rejects, j->goes_on ? "" : line, p->bytes, p->more, f) < 0)
		return -1;
	j->goes_on = p->more;
	return 0;
}

static int refuse_piece(struct job *j, const struct event_piece *p, struct fail *f)
{
	char why[FAIL_TEXT_MAX];

	(void)snprintf(why, sizeof why, "%llu:%llu: %s", (unsigned long long)p->wrong_at.line,
		(unsigned long long)p->wrong_at.column, _(p->wrong));
	return refuse(j, p, why, f);
}

static int take_piece(struct job *j, const struct event_piece *p, struct fail *f)
{
	struct fail why = {.kind = FAIL_NONE};
	int ret = 0;

	if (p->wrong != NULL)
		return refuse_piece(j, p, f);
	arena_reset(&j->arena);
	vec_clear(&j->events.events);
	if (event_read(p->bytes, p->at, j->o->format, &j->arena, &j->events, &why) < 0)
		ret = refuse(j, p, why.text, f);
	for (size_t i = 0; ret == 0 && i < j->events.events.len; i++)
		ret = j->o->take(
			j->o->take_ctx, *(struct event *const *)vec_at(&j->events.events, i), f);
	return ret;
}

/* 1: there is more; 0: that was the end. */
static int fill(struct job *j, struct view *in, struct fail *f)
{
	ssize_t got;

	do {
		got = read(j->fd, j->chunk, sizeof j->chunk);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return fail_set(
			f, FAIL_STORE, _("%s cannot be read: %s"), j->path, strerror(errno));
	*in = view_make(j->chunk, (size_t)got);
	j->done += (uint64_t)got;
	return got > 0;
}

static int run(struct job *j, struct fail *f)
{
	struct event_piece piece;
	struct view in;
	int more, ret = 0;

	do {
		more = fill(j, &in, f);
		if (more < 0)
			return -1;
		while (ret == 0 && event_scan_next(&j->scan, &in, more == 0, &piece) > 0)
			ret = take_piece(j, &piece, f);
		if (j->o->settle != NULL)
			ret = j->o->settle(j->o->take_ctx, ret, f);
		if (ret < 0)
			return -1;
		if (j->o->progress != NULL)
			j->o->progress(j->o->ctx, j->done, j->size);
	} while (more > 0);
	return 0;
}

static int open_file(struct job *j, struct fail *f)
{
	struct stat st;

	j->fd = strcmp(j->path, "-") == 0 ? STDIN_FILENO
					  : open(j->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (j->fd < 0 || fstat(j->fd, &st) < 0)
		return fail_set(
			f, FAIL_NOINPUT, _("%s cannot be opened: %s"), j->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail_set(f, FAIL_NOINPUT, _("%s is a folder, not a file"), j->path);
	j->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return 0;
}

int event_import_file(struct event_import *o, const char *path, char **rejects, struct fail *f)
{
	struct job j = {.o = o, .path = path, .fd = -1};
	struct fail late;
	int ret;

	*rejects = NULL;
	event_scan_init(&j.scan);
	event_list_init(&j.events);
	arena_init(&j.arena);
	j.rejects = event_rejects_new(o->rejects_path, path);
	ret = open_file(&j, f);
	if (ret == 0)
		ret = run(&j, f);
	/* What was refused before something failed is worth keeping too. */
	if (event_rejects_finish(j.rejects, rejects, ret == 0 ? f : &late) < 0)
		ret = -1;
	o->ignored += j.events.ignored;
	event_rejects_free(&j.rejects);
	arena_free(&j.arena);
	event_list_free(&j.events);
	event_scan_free(&j.scan);
	if (j.fd > STDIN_FILENO)
		(void)close(j.fd);
	return ret;
}
