#include <unistd.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

/* What one sender left of one campaign. */
struct left {
	struct store *s;
	int64_t sender, campaign, now;
	enum campaign_state state;
	bool give_back_only; /* committed ones stay as they are */
	bool may_wake;	     /* its sender is silent, and not known to be dead */
	store_settle_fn settle;
	void *ctx;
	int64_t delta[DELIVERY_STATES];
	struct store_recovered n;
};

struct held {
	struct store_delivery d;
	enum delivery_state state;
};

static int read_held(struct left *l, struct arena *a, struct vec *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(l->s, Q_HELD_BY_SENDER,
		STORE_ARGS(store_int(l->sender), store_int(l->campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct held *h = vec_push(out);

		h->state = (enum delivery_state)db_int(stmt, 1);
		h->d = (struct store_delivery){
			.contact = db_int(stmt, 0),
			.attempt = db_int(stmt, 2),
			.batch = db_int(stmt, 3),
			.address = arena_dup(a, db_text(stmt, 4)),
			.name = arena_dup(a, db_text(stmt, 5)),
			.fields = arena_dup(a, db_text(stmt, 6)),
		};
	}
	return step;
}

static int write_one(
	struct left *l, const struct held *h, const struct store_result *r, struct fail *f)
{
	struct store_result result = *r;
	const struct store_outcome o = {.campaign = l->campaign,
		.contact = h->d.contact,
		.sender = l->sender,
		.from = h->state,
		.attempts = h->d.attempt,
		.batch = h->d.batch,
		.now = l->now,
		.result = &result};

	if (l->state == CAMPAIGN_CANCELLED && r->state == DELIVERY_PENDING)
		result.state = DELIVERY_CANCELLED;
	return store_outcome_write(l->s, &o, l->delta, f);
}

/* A committed one never becomes pending by itself: only `settle` may know
 * better than that it is in doubt (P3), and of nobody who may yet complete it. */
static int settle_one(struct left *l, const struct held *h, struct fail *f)
{
	enum delivery_state to = l->settle != NULL ? l->settle(l->ctx, &h->d) : DELIVERY_UNCERTAIN;
	struct store_result r = {.reason = VIEW("interrupted"),
		.text = VIEW("the sender stopped before the reply was recorded")};

	if (to != DELIVERY_UNCERTAIN && to != DELIVERY_ACCEPTED && to != DELIVERY_PENDING)
		return fail_set(f, FAIL_BUG,
			_("this is a fault in facteur, please report it: an interrupted message "
			  "was settled as %s"),
			delivery_state_name(to));
	if (l->may_wake && to == DELIVERY_PENDING)
		to = DELIVERY_UNCERTAIN;
	l->n.committed++;
	l->n.uncertain += to == DELIVERY_UNCERTAIN;
	r.state = to;
	return write_one(l, h, &r, f);
}

static int release_all(struct left *l, const struct vec *all, struct fail *f)
{
	static const struct store_result back = {.state = DELIVERY_PENDING};

	for (size_t i = 0; i < all->len; i++) {
		const struct held *h = vec_at(all, i);

		if (h->state == DELIVERY_CLAIMED) {
			l->n.claimed++;
			if (write_one(l, h, &back, f) < 0)
				return -1;
		} else if (!l->give_back_only && settle_one(l, h, f) < 0) {
			return -1;
		}
	}
	return store_campaign_count(l->s, l->campaign, l->delta, f);
}

static int release(struct left *l, struct fail *f)
{
	struct arena a;
	struct vec all;
	int64_t list;
	int ret = -1;

	arena_init(&a);
	vec_init(&all, sizeof(struct held));
	memset(l->delta, 0, sizeof l->delta);
	if (store_campaign_find(l->s, l->campaign, &l->state, &list, f) == 0 &&
		read_held(l, &a, &all, f) == 0)
		ret = release_all(l, &all, f);
	vec_free(&all);
	arena_free(&a);
	return ret;
}

/* Campaigns of which a sender holds something, from `after` up: 1, 0 no more, -1. */
static int next_held(struct store *s, int64_t sender, int64_t *after, struct fail *f)
{
	return store_number(
		s, Q_SENDER_HOLDS, STORE_ARGS(store_int(sender), store_int(*after)), after, f);
}

/* The row goes when nothing refers to it; else it says that nobody lives there. */
static int forget(struct store *s, int64_t sender, struct fail *f)
{
	int64_t campaign = 0;
	int holds = next_held(s, sender, &campaign, f);

	if (holds < 0)
		return -1;
	return store_do(
		s, holds > 0 ? Q_SENDER_GONE : Q_SENDER_DELETE, STORE_ARGS(store_int(sender)), f);
}

static int close_sender(struct store_sender *sender, int64_t now, struct fail *f)
{
	struct left l = {.s = sender->s, .sender = sender->id, .now = now, .give_back_only = true};
	int more;

	while ((more = next_held(l.s, l.sender, &l.campaign, f)) > 0) {
		if (release(&l, f) < 0)
			return -1;
	}
	return more < 0 ? -1 : forget(l.s, l.sender, f);
}

int store_sender_close(struct store_sender **sender, int64_t now, struct fail *f)
{
	struct store_sender *t = *sender;
	int ret;

	if (t == NULL)
		return 0;
	store_turn_abort(t);
	ret = STORE_BEGIN(t->s, f);
	if (ret == 0)
		ret = store_end(t->s, close_sender(t, now, f), f);
	store_sender_witness(t, now);
	if (t->witness >= 0)
		(void)close(t->witness);
	vec_free(&t->marks);
	free(t);
	*sender = NULL;
	return ret;
}

struct other {
	int64_t id, campaign;
	enum sender_life life;
};

static void copy_text(char out[SENDER_TEXT_SIZE], struct view text)
{
	size_t len = text.len < SENDER_TEXT_SIZE - 1 ? text.len : SENDER_TEXT_SIZE - 1;

	memset(out, 0, SENDER_TEXT_SIZE);
	if (len > 0)
		memcpy(out, text.p, len);
}

/* Columns from `at` on: machine, boot, space, pid, born, campaign, beat, gone. A process
 * that is gone from its row may still be there, and learn it with its next heartbeat. */
enum sender_life store_sender_row_life(
	struct db_stmt *stmt, int at, const struct sender_id *self, int64_t now)
{
	struct sender_id id = {.pid = db_int(stmt, at + 3), .born = db_int(stmt, at + 4)};
	enum sender_life life;

	if (db_is_null(stmt, at))
		return SENDER_DEAD;
	copy_text(id.machine, db_text(stmt, at));
	copy_text(id.boot, db_text(stmt, at + 1));
	copy_text(id.space, db_text(stmt, at + 2));
	life = sender_life(&id, db_int(stmt, at + 6), self, "/proc", now);
	return life == SENDER_ALIVE && db_int(stmt, at + 7) != 0 ? SENDER_SILENT : life;
}

/* All rows but that of `me` (0: all), seen by the process `self`. */
static int read_others(struct store *s, int64_t me, const struct sender_id *self, int64_t now,
	struct vec *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_SENDER_EACH, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct other *o;

		if (db_int(stmt, 0) == me)
			continue;
		o = vec_push(out);
		o->id = db_int(stmt, 0);
		o->campaign = db_int(stmt, 6);
		o->life = store_sender_row_life(stmt, 1, self, now);
	}
	return step;
}

static int recover_all(struct left *l, const struct vec *others, struct fail *f)
{
	for (size_t i = 0; i < others->len; i++) {
		const struct other *o = vec_at(others, i);

		l->n.living += o->life == SENDER_ALIVE && o->campaign == l->campaign;
		if (o->life == SENDER_ALIVE)
			continue;
		l->sender = o->id;
		l->may_wake = o->life == SENDER_SILENT;
		if (release(l, f) < 0 || forget(l->s, o->id, f) < 0)
			return -1;
	}
	return 0;
}

int store_recover(struct store_sender *sender, int64_t campaign, store_settle_fn settle, void *ctx,
	int64_t now, struct store_recovered *out, struct fail *f)
{
	struct left l = {
		.s = sender->s, .campaign = campaign, .now = now, .settle = settle, .ctx = ctx};
	struct vec others;
	int ret = -1;

	if (STORE_BEGIN(l.s, f) < 0)
		return -1;
	vec_init(&others, sizeof(struct other));
	if (read_others(l.s, sender->id, &sender->self, now, &others, f) == 0 &&
		recover_all(&l, &others, f) == 0)
		ret = store_sender_beat(sender, campaign, now, f);
	vec_free(&others);
	ret = store_end(l.s, ret < 0 ? -1 : 0, f);
	if (ret == 0)
		*out = l.n;
	return ret;
}

int store_senders_living(struct store *s, int64_t campaign, int64_t now, int *n, struct fail *f)
{
	struct sender_id self;
	struct vec others;
	int ret;

	*n = 0;
	sender_self("/proc", &self);
	vec_init(&others, sizeof(struct other));
	ret = read_others(s, 0, &self, now, &others, f);
	for (size_t i = 0; i < others.len; i++) {
		const struct other *o = vec_at(&others, i);

		*n += o->life == SENDER_ALIVE && o->campaign == campaign;
	}
	vec_free(&others);
	return ret;
}

/* Those in doubt are sent again, on purpose: they may get it twice. */
static int retry(struct store *s, int64_t campaign, int64_t now, int64_t *n, struct fail *f)
{
	const struct store_batch_event b = {.kind = "delivery.retried",
		.campaign = campaign,
		.now = now,
		.reason = VIEW("uncertain")};
	int64_t delta[DELIVERY_STATES] = {0};
	struct db_stmt *stmt =
		store_ask(s, Q_UNCERTAIN_RETRY, STORE_ARGS(store_int(campaign), store_int(now)), f);
	struct vec ids;
	int step = -1;

	vec_init(&ids, sizeof(int64_t));
	while (stmt != NULL && (step = db_step(stmt, f)) > 0)
		*(int64_t *)vec_push(&ids) = db_int(stmt, 0);
	*n = (int64_t)ids.len;
	delta[DELIVERY_UNCERTAIN] = -*n;
	delta[DELIVERY_PENDING] = *n;
	if (step == 0 && (store_tell_contacts(s, &b, &ids, f) < 0 ||
				 store_campaign_count(s, campaign, delta, f) < 0))
		step = -1;
	vec_free(&ids);
	return step;
}

static int reopen(struct store *s, int64_t campaign, int64_t now, int64_t *n, struct fail *f)
{
	static const int64_t none[DELIVERY_STATES];
	enum campaign_state state;
	int64_t list;

	if (store_campaign_find(s, campaign, &state, &list, f) < 0)
		return -1;
	if (state == CAMPAIGN_CANCELLED)
		return fail_set(f, FAIL_GUARD,
			_("this campaign was cancelled: to send again, make a new campaign"));
	if (retry(s, campaign, now, n, f) < 0)
		return -1;
	if (state != CAMPAIGN_DONE || *n == 0)
		return 0;
	return store_campaign_move(s, campaign, state, CAMPAIGN_PAUSED, none, now, f);
}

int store_retry_uncertain(
	struct store *s, int64_t campaign, int64_t now, int64_t *n, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, reopen(s, campaign, now, n, f), f);
}
