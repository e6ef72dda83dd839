#include "returns/drain.h"
#include "base/digest.h"
#include "base/time.h"
#include "fetch/fetch.h"
#include "returns/returns_private.h"

enum { DRAIN_BATCH = 200, DRAIN_BATCH_MS = 1000 };

struct drain {
	struct returns *r;
	const struct settings_mailbox *box;
	const struct returns_drain_options *o;
	struct returns_drained *out;
	struct fetch *fetch;
	struct arena a;			/* of the verdict at hand */
	size_t in_batch;		/* messages that wait for the commit */
	bool half_taken;		/* one failed while it was taken into account */
	int64_t batch_since;		/* wall clock */
	struct returns_drained waiting; /* what they will count */
};

/* --- what becomes of a message in its mailbox ---------------------------- */

static const char *folder_of(const struct settings_mailbox *box, enum bounce_kind kind)
{
	const struct settings_move *move = &box->move;

	switch (kind) {
	case BOUNCE_FAILED:
	case BOUNCE_DELAYED:
	case BOUNCE_DELIVERED:
	case BOUNCE_RELAYED:
	case BOUNCE_EXPANDED:
		return move->bounce;
	case BOUNCE_COMPLAINT:
		return move->complaint;
	case BOUNCE_AUTO_REPLY:
		return move->auto_reply;
	case BOUNCE_CHALLENGE:
		return move->challenge;
	case BOUNCE_RECEIPT:
		return move->receipt;
	case BOUNCE_UNSUBSCRIBE:
		return move->unsubscribe;
	default:
		return move->other;
	}
}

static enum fetch_fate fate_of(const struct settings_mailbox *box, enum bounce_kind kind)
{
	if (folder_of(box, kind) != NULL)
		return FETCH_MOVE;
	return box->mark_seen && kind != BOUNCE_OTHER ? FETCH_SEEN : FETCH_LEAVE;
}

/* One that was read but perhaps not moved any more is given once more. */
static int known(void *ctx, const struct fetch_id *id, struct fail *f)
{
	const struct drain *d = ctx;
	const struct returns_origin origin = {
		.place = view_of(d->box->name), .space = id->space, .name = id->name};
	enum bounce_kind kind = BOUNCE_OTHER;
	int had;

	arena_reset(&d->r->a);
	had = returns_known(d->r, &origin, &kind, f);

	return had > 0 ? fate_of(d->box, kind) == FETCH_LEAVE : had;
}

/* --- the commits --------------------------------------------------------- */

static void count(struct returns_drained *to, const struct returns_drained *from)
{
	to->read += from->read;
	to->again += from->again;
	for (int kind = 0; kind < BOUNCE_KINDS; kind++)
		to->kind[kind] += from->kind[kind];
	to->tied += from->tied;
	to->proposed += from->proposed;
	to->suppressed += from->suppressed;
	to->unsubscribed += from->unsubscribed;
	to->asks += from->asks;
}

static void count_one(struct returns_drained *to, const struct returns_outcome *one)
{
	if (one->known) {
		to->again++;
		return;
	}
	to->read++;
	to->kind[one->kind]++;
	to->tied += one->valid;
	to->proposed += one->proposed;
	to->suppressed += one->suppressed;
	to->unsubscribed += one->unsubscribed;
	to->asks += one->asks;
}

/* How far the mailbox was read, in the transaction of what was read. */
static int commit(struct drain *d, int ret, struct fail *f)
{
	struct view cursor = fetch_cursor(d->fetch);
	int64_t paused = 0;

	if (!d->r->open)
		return ret;
	if (ret >= 0 && cursor.len > 0)
		ret = store_mailbox_set(d->r->store, view_of(d->box->name), cursor, d->o->now(), f);
	ret = returns_end(d->r, ret, &paused, f);
	if (ret >= 0) {
		count(d->out, &d->waiting);
		d->out->paused = paused != 0 ? paused : d->out->paused;
		if (d->o->progress != NULL)
			d->o->progress(
				d->o->ctx, d->out->read + d->out->again, fetch_total(d->fetch));
	}
	d->waiting = (struct returns_drained){0};
	d->in_batch = 0;
	return ret;
}

static int take(
	struct drain *d, const struct fetch_message *m, enum bounce_kind *kind, struct fail *f)
{
	const struct returns_origin origin = {.source = RETURNS_MAIL,
		.place = view_of(d->box->name),
		.space = m->id.space,
		.name = m->id.name,
		.raw = m->bytes,
		.now = d->o->now()};
	struct returns_outcome one;
	struct bounce_verdict v;

	if (!d->r->open) {
		if (returns_begin(d->r, origin.now, f) < 0)
			return -1;
		d->batch_since = origin.now;
	}
	arena_reset(&d->a);
	bounce_read(m->bytes, &d->a, &v);
	d->half_taken = true;
	if (returns_take(d->r, &v, &origin, &one, f) < 0)
		return -1;
	d->half_taken = false;
	*kind = one.known ? v.kind : one.kind;
	count_one(&d->waiting, &one);
	d->in_batch++;
	return 0;
}

static bool is_due(const struct drain *d)
{
	int64_t open = d->o->now() - d->batch_since;

	return d->in_batch >= DRAIN_BATCH || open >= DRAIN_BATCH_MS || open < 0;
}

/* Nobody else writes while a batch is open: a server that is slow, or wants it so, does not keep
 * it open. */
static int waits(void *ctx, struct fail *f)
{
	struct drain *d = ctx;

	return d->r->open && is_due(d) ? commit(d, 0, f) : 0;
}

/* What stays as it was is settled before its commit: nothing is done to it, and the cursor
 * moves on only in the database. Whatever is moved waits until it is durable. */
static int settle(struct drain *d, enum bounce_kind kind, struct fail *f)
{
	enum fetch_fate fate = fate_of(d->box, kind);

	if (fate != FETCH_LEAVE && commit(d, 0, f) < 0)
		return -1;
	if (fetch_settle(d->fetch, fate, folder_of(d->box, kind), f) < 0)
		return -1;
	return is_due(d) ? commit(d, 0, f) : 0;
}

static int read_all(struct drain *d, struct fail *f)
{
	struct fetch_message m;
	int step = 0;

	while ((d->o->stop == NULL || *d->o->stop == 0) &&
		(step = fetch_next(d->fetch, &m, f)) > 0) {
		enum bounce_kind kind = BOUNCE_OTHER;

		if (take(d, &m, &kind, f) < 0 || settle(d, kind, f) < 0)
			return -1;
	}
	return step < 0 ? -1 : 0;
}

/* What was read before the mailbox failed is committed all the same. */
static int run(struct drain *d, struct fail *f)
{
	int ret = read_all(d, f);
	struct fail late = {.kind = FAIL_NONE};

	if (d->half_taken) { /* nothing of this batch may stay */
		(void)commit(d, -1, &late);
		return -1;
	}
	if (!d->r->open && returns_begin(d->r, d->o->now(), &late) < 0)
		return ret < 0 ? -1 : fail_set(f, late.kind, "%s", late.text);
	if (commit(d, 0, &late) < 0 && ret == 0)
		return fail_set(f, late.kind, "%s", late.text);
	return ret;
}

int returns_drain(struct returns *r, const struct settings_mailbox *box,
	const struct returns_drain_options *o, struct returns_drained *out, struct fail *f)
{
	struct drain d = {.r = r, .box = box, .o = o, .out = out};
	struct view reached;
	int ret = -1;

	*out = (struct returns_drained){0};
	arena_init(&d.a);
	if (store_mailbox_reached(r->store, view_of(box->name), &d.a, &reached, f) < 0 ||
		fetch_open(box, reached, &d.fetch, f) < 0)
		goto out;
	fetch_known(d.fetch, known, &d);
	fetch_waits(d.fetch, waits, &d);
	ret = run(&d, f);
	if (o->note != NULL && fetch_note(d.fetch).len > 0)
		o->note(o->ctx, fetch_note(d.fetch));
out:
	fetch_close(&d.fetch);
	arena_free(&d.a);
	return ret;
}

int returns_drain_one(struct returns *r, struct view bytes, int64_t now,
	struct returns_drained *out, struct fail *f)
{
	struct returns_origin origin = {
		.place = VIEW("stdin"), .space = VIEW("hash"), .raw = bytes, .now = now};
	unsigned char hash[DIGEST_SIZE];
	struct returns_outcome one;
	struct bounce_verdict v;
	struct arena a;
	struct str name;
	int ret;

	*out = (struct returns_drained){0};
	arena_init(&a);
	str_init(&name, 2 * DIGEST_SIZE);
	digest_sha256(bytes, hash);
	(void)digest_hex(&name, hash, sizeof hash);
	origin.name = str_view(&name);
	bounce_read(bytes, &a, &v);
	ret = returns_take(r, &v, &origin, &one, f);
	if (ret == 0) {
		count_one(out, &one);
		out->paused = one.paused;
	}
	str_free(&name);
	arena_free(&a);
	return ret;
}
