/* Durable marks on their way to the disk. A turn only appends to the database's log; one
 * wait for the disk serves all turns that ended before it began, and the next turn gathers, or
 * runs, meanwhile. Results are brought to disk the same way, though nothing waits for them. */
#include <string.h>
#include "base/i18n.h"
#include "base/time.h"
#include "send/engine_private.h"

static void work(void *ctx)
{
	struct disk *d = ctx;

	d->error = store_sender_sync(d->sender);
}

int disk_open(struct engine *e, struct fail *f)
{
	const struct clerk_task task = {work, engine_wake, &e->disk, e->loop};

	e->disk.sender = e->sender;
	vec_init(&e->disk.marked, sizeof(struct marked));
	vec_init(&e->disk.waiting, sizeof(struct marked));
	return clerk_new(&task, &e->disk.clerk, f);
}

void disk_close(struct engine *e)
{
	clerk_free(&e->disk.clerk);
	vec_free(&e->disk.marked);
	vec_free(&e->disk.waiting);
}

static void complete(struct engine *e, const struct marked *m)
{
	const struct send_message *message = engine_find(e, m->message);
	struct send_transport *t;

	/* Its connection may have ended meanwhile. */
	if (message == NULL)
		return;
	t = engine_route_of(e, message)->transport;
	if (time_monotonic() > m->good_until)
		t->ops->abandon(t, m->message);
	else
		t->ops->commit(t, m->message);
}

void disk_note(struct engine *e, const struct marked *m)
{
	if (e->disk.clerk == NULL)
		complete(e, m);
	else
		*(struct marked *)vec_push(&e->disk.marked) = *m;
}

void disk_begin(struct engine *e)
{
	struct disk *d = &e->disk;
	struct vec waited = d->waiting;

	if (d->clerk == NULL || clerk_busy(d->clerk) || !d->behind)
		return;
	d->waiting = d->marked;
	d->marked = waited;
	vec_clear(&d->marked);
	d->behind = false;
	clerk_begin(d->clerk);
}

static void abandon_all(struct engine *e, struct vec *all)
{
	for (size_t i = 0; i < all->len; i++) {
		const struct marked *m = vec_at(all, i);

		engine_abandon(e, engine_find(e, m->message));
	}
	vec_clear(all);
}

void disk_abandon(struct engine *e)
{
	abandon_all(e, &e->disk.waiting);
	abandon_all(e, &e->disk.marked);
}

int disk_take(struct engine *e, struct fail *f)
{
	struct disk *d = &e->disk;

	if (d->clerk == NULL || !clerk_over(d->clerk))
		return 0;
	if (d->error != 0) {
		engine_abandon_ready(e);
		return fail_set(f, FAIL_STORE,
			_("what was noted could not be brought to disk (%s), so the messages that "
			  "waited for it were not sent; make room or look at the disk, then "
			  "resume"),
			strerror(d->error));
	}
	for (size_t i = 0; i < d->waiting.len; i++)
		complete(e, vec_at(&d->waiting, i));
	vec_clear(&d->waiting);
	disk_begin(e);
	return 0;
}
