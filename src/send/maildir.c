/* A relay that mails nobody: a Maildir. A message is written to tmp/ and synced
 * (READY), then renamed into new/ and the folder synced (commit). Its name
 * comes from campaign and message, so what became of it can be seen afterwards. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "send/transport.h"
#include "settings/settings.h"

enum { MAILDIR_ROOM = 256, MAILDIR_PATH_MAX = 4096, MAILDIR_INSTANCE = 12 };

enum step { STEP_READY, STEP_COMMITTED, STEP_ABANDONED, STEP_FAILED };
struct item {
	uint64_t id;
	enum step step;
	bool told; /* READY was given out */
};
struct maildir {
	struct send_transport base;
	char *path;
	char instance[MAILDIR_INSTANCE + 1];
	int64_t campaign;
	struct vec items; /* struct item */
	struct fail broken;
	bool unsynced; /* new/ has names that are not on disk for sure */
};

static struct maildir *of(struct send_transport *t)
{
	return (struct maildir *)t;
}

static const char *name_of(
	const struct maildir *m, uint64_t id, const char *folder, struct str *out)
{
	str_clear(out);
	(void)str_addf(out, "%s/%s/%lld.%llu.%s.facteur", m->path, folder, (long long)m->campaign,
		(unsigned long long)id, m->instance);
	return out->p;
}

static size_t room(struct send_transport *t, bool slow)
{
	struct maildir *m = of(t);

	(void)slow; /* one folder is as fast for all */
	return m->broken.kind != FAIL_NONE ? 0 : MAILDIR_ROOM - m->items.len;
}

static size_t rcpt_max(const struct send_transport *t)
{
	(void)t;
	return 0;
}

/* A Maildir holds lines that end in LF. */
static int write_lf(int fd, struct view data)
{
	struct str text;
	int ret;

	str_init(&text, data.len);
	for (size_t i = 0; i < data.len; i++)
		if (data.p[i] != '\r')
			(void)str_addc(&text, data.p[i]);
	ret = file_write_all(fd, str_view(&text));
	str_free(&text);
	return ret;
}

static int write_tmp(struct maildir *m, const struct send_message *message)
{
	struct str path;
	int fd, ret = 0;

	str_init(&path, MAILDIR_PATH_MAX);
	fd = open(name_of(m, message->id, "tmp", &path),
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0 || write_lf(fd, str_view(&message->data)) < 0 || fsync(fd) < 0)
		ret = fail_set(&m->broken, FAIL_STORE, _("%s cannot be written: %s"), path.p,
			strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	str_free(&path);
	return ret;
}

static void submit(struct send_transport *t, const struct send_message *message)
{
	struct maildir *m = of(t);
	struct item *item = vec_push(&m->items);

	item->id = message->id;
	item->step = write_tmp(m, message) < 0 ? STEP_FAILED : STEP_READY;
}

static struct item *find(struct maildir *m, uint64_t id)
{
	for (size_t i = 0; i < m->items.len; i++) {
		struct item *item = vec_at(&m->items, i);

		if (item->id == id)
			return item;
	}
	return NULL;
}

static void commit(struct send_transport *t, uint64_t id)
{
	struct maildir *m = of(t);
	struct item *item = find(m, id);
	struct str from, to;

	str_init(&from, MAILDIR_PATH_MAX);
	str_init(&to, MAILDIR_PATH_MAX);
	item->step = STEP_COMMITTED;
	m->unsynced = true;
	if (rename(name_of(m, id, "tmp", &from), name_of(m, id, "new", &to)) < 0) {
		item->step = STEP_FAILED;
		(void)fail_set(&m->broken, FAIL_STORE, _("%s cannot be moved to new/: %s"), from.p,
			strerror(errno));
	}
	str_free(&from);
	str_free(&to);
}

static void abandon(struct send_transport *t, uint64_t id)
{
	struct maildir *m = of(t);
	struct str path;

	str_init(&path, MAILDIR_PATH_MAX);
	find(m, id)->step = STEP_ABANDONED;
	(void)unlink(name_of(m, id, "tmp", &path));
	str_free(&path);
}

/* One sync of new/ serves all that were renamed since the last one. */
static void sync_new(struct maildir *m)
{
	struct str path;

	if (!m->unsynced)
		return;
	str_init(&path, MAILDIR_PATH_MAX);
	(void)file_join(&path, m->path, "new");
	if (file_sync_dir(path.p, &m->broken) == 0)
		m->unsynced = false;
	str_free(&path);
}

static void finished(struct maildir *m, size_t i, struct send_event *ev)
{
	const struct item *item = vec_at(&m->items, i);

	*ev = (struct send_event){.kind = SEND_DONE, .id = item->id};
	switch (item->step) {
	case STEP_COMMITTED:
		/* A rename that may not be on disk is neither sent nor unsent. */
		ev->result.state = m->unsynced ? DELIVERY_UNCERTAIN : DELIVERY_ACCEPTED;
		ev->result.text = m->unsynced ? view_of(m->broken.text) : VIEW("in new/");
		break;
	case STEP_FAILED:
	case STEP_ABANDONED:
	case STEP_READY:
		ev->result.state = DELIVERY_PENDING;
		break;
	}
	*(struct item *)vec_at(&m->items, i) = *(struct item *)vec_at(&m->items, m->items.len - 1);
	vec_pop(&m->items);
}

static bool event(struct send_transport *t, struct send_event *ev)
{
	struct maildir *m = of(t);

	sync_new(m);
	for (size_t i = 0; i < m->items.len; i++) {
		struct item *item = vec_at(&m->items, i);

		if (item->step != STEP_READY) {
			finished(m, i, ev);
			return true;
		}
		if (!item->told) {
			item->told = true;
			*ev = (struct send_event){.kind = SEND_READY, .id = item->id};
			return true;
		}
	}
	return false;
}

static int tend(struct send_transport *t, int64_t *until, struct fail *f)
{
	struct maildir *m = of(t);

	/* With nothing in hand there is only a quota, or somebody else, to wait for. */
	if (m->items.len > 0)
		*until = 0;
	if (m->broken.kind == FAIL_NONE || m->items.len > 0)
		return 0;
	*f = m->broken;
	return -1;
}

static bool finish(struct send_transport *t)
{
	return of(t)->items.len == 0;
}

static void drop(struct send_transport *t)
{
	struct maildir *m = of(t);

	for (size_t i = 0; i < m->items.len; i++) {
		const struct item *item = vec_at(&m->items, i);

		if (item->step == STEP_READY)
			abandon(t, item->id);
	}
}

static bool is_in(const struct maildir *m, uint64_t id, const char *folder)
{
	struct str path;
	bool there;

	str_init(&path, MAILDIR_PATH_MAX);
	there = file_exists(name_of(m, id, folder, &path));
	str_free(&path);
	return there;
}

/* In cur/ a mail reader has added flags to the name (":2,S"). */
static bool was_read(const struct maildir *m, uint64_t id)
{
	struct str path;
	struct view name;
	struct dirent *entry;
	bool there = false;
	DIR *dir;

	str_init(&path, MAILDIR_PATH_MAX);
	(void)file_join(&path, m->path, "cur");
	dir = opendir(path.p);
	(void)name_of(m, id, "cur", &path);
	name = view_from(str_view(&path), strlen(m->path) + strlen("/cur/"));
	while (dir != NULL && !there && (entry = readdir(dir)) != NULL)
		there = view_starts(view_of(entry->d_name), name);
	if (dir != NULL)
		(void)closedir(dir);
	str_free(&path);
	return there;
}

static enum delivery_state settle(void *t, const struct store_delivery *d)
{
	const struct maildir *m = t;
	uint64_t id = (uint64_t)d->batch;

	if (is_in(m, id, "new") || was_read(m, id))
		return DELIVERY_ACCEPTED;
	/* Still in tmp/: it was never renamed. Nowhere: somebody may have read and
	 * deleted it. */
	return is_in(m, id, "tmp") ? DELIVERY_PENDING : DELIVERY_UNCERTAIN;
}

static void maildir_free(struct send_transport *t)
{
	struct maildir *m = of(t);

	vec_free(&m->items);
	free(m->path);
	free(m);
}

static const struct send_transport_ops maildir_ops = {
	.room = room,
	.rcpt_max = rcpt_max,
	.submit = submit,
	.commit = commit,
	.abandon = abandon,
	.event = event,
	.tend = tend,
	.finish = finish,
	.drop = drop,
	.settle = settle,
	.free = maildir_free,
	.in_place = true,
};

static int make_folders(const char *path, struct fail *f)
{
	static const char *const folders[] = {"tmp", "new", "cur"};
	struct str sub;
	int ret = file_make_dir(path, f);

	str_init(&sub, MAILDIR_PATH_MAX);
	for (size_t i = 0; ret == 0 && i < sizeof folders / sizeof *folders; i++) {
		str_clear(&sub);
		(void)file_join(&sub, path, folders[i]);
		ret = file_make_dir(sub.p, f);
	}
	str_free(&sub);
	return ret;
}

int send_maildir_open(const struct settings_relay *relay, int64_t campaign, struct view instance,
	struct send_transport **out, struct fail *f)
{
	struct maildir *m;

	if (make_folders(relay->path, f) < 0)
		return fail_wrap(f, _("relay %s"), relay->name);
	m = mem_alloc(sizeof *m);
	m->base.ops = &maildir_ops;
	m->path = mem_dupz(relay->path);
	m->campaign = campaign;
	instance = view_sub(instance, 0, MAILDIR_INSTANCE);
	memcpy(m->instance, instance.p, instance.len);
	vec_init(&m->items, sizeof(struct item));
	*out = &m->base;
	return 0;
}
