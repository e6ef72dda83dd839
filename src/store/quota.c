#include "store/quota.h"
#include <assert.h>
#include "base/mem.h"
#include "store/delivery_private.h"

/* What a sender's row says. */
struct hold {
	int64_t held, sent; /* of those held, how many have the durable mark */
	int64_t claimed;    /* when it last got some, by the quota clock */
	bool wants;
};
struct note {
	int64_t at, n;
};

struct store_quota {
	struct str scope;
	struct store_quota_limit *limits;
	size_t limit_count;
	int64_t doubt;
	struct vec windows; /* struct quota_window: ours, and those that others keep */
	struct quota_clock clock;
	int64_t now;	  /* of the last look */
	struct vec notes; /* struct note: use that is not in the database yet */
	size_t notes_written;
	struct hold mine, row; /* what is so; what the database says */
	int64_t others;	       /* what they hold */
	int64_t rivals, longest;
};

enum { QUOTA_SCOPE_MAX = 512 };

/* --- in memory ----------------------------------------------------------- */

static void free_windows(struct store_quota *q)
{
	for (size_t i = 0; i < q->windows.len; i++)
		quota_window_free(vec_at(&q->windows, i));
	vec_clear(&q->windows);
}

void store_quota_free(struct store_quota **quota)
{
	struct store_quota *q = *quota;

	if (q == NULL)
		return;
	free_windows(q);
	vec_free(&q->windows);
	vec_free(&q->notes);
	str_free(&q->scope);
	free(q->limits);
	free(q);
	*quota = NULL;
}

static struct store_quota *new_quota(const struct store_quota_params *p)
{
	struct store_quota *q = mem_alloc(sizeof *q);

	str_init(&q->scope, QUOTA_SCOPE_MAX);
	(void)str_addv(&q->scope, p->scope);
	q->limits = mem_dup(p->limits, p->count * sizeof *q->limits);
	q->limit_count = p->count;
	q->doubt = p->doubt;
	vec_init(&q->windows, sizeof(struct quota_window));
	vec_init(&q->notes, sizeof(struct note));
	return q;
}

/* The least where a length is written twice. */
static int64_t limit_of(const struct store_quota *q, int64_t length)
{
	int64_t count = INT64_MAX;

	for (size_t i = 0; i < q->limit_count; i++)
		if ((int64_t)q->limits[i].window_ms == length &&
			(int64_t)q->limits[i].count < count)
			count = (int64_t)q->limits[i].count;
	return count;
}

void store_quota_set_count(struct store_quota *q, size_t limit, uint64_t count)
{
	assert(limit < q->limit_count);
	q->limits[limit].count = count;
}

static void note(struct store_quota *q, int64_t at, int64_t n)
{
	struct note *last = q->notes.len > 0 ? vec_at(&q->notes, q->notes.len - 1) : NULL;

	if (last == NULL || last->at != at) {
		last = vec_push(&q->notes);
		last->at = at;
	}
	last->n += n;
}

void store_quota_sent(struct store_quota *q, int64_t n)
{
	q->mine.sent += n;
	assert(q->mine.sent <= q->mine.held);
}

/* A turn that failed may have left us with fewer marks than were asked for. */
void store_quota_given_back(struct store_quota *q, int64_t n, bool sent)
{
	struct hold *h = &q->mine;

	assert(n <= h->held);
	h->held -= n;
	if (sent)
		h->sent = n < h->sent ? h->sent - n : 0;
	if (h->sent > h->held)
		h->sent = h->held;
}

static int64_t clock_at(const struct store_quota *q, const struct quota_moment *m)
{
	struct quota_clock c = q->clock;
	int64_t now;

	(void)quota_clock_read(&c, m, &now);
	return now;
}

void store_quota_used(struct store_quota *q, int64_t n, bool sent, const struct quota_moment *m)
{
	store_quota_given_back(q, n, sent);
	note(q, clock_at(q, m), n);
}

void store_quota_doubtful(struct store_quota *q, int64_t n, bool sent, const struct quota_moment *m)
{
	store_quota_given_back(q, n, sent);
	note(q, clock_at(q, m) + q->doubt, n);
}

int64_t store_quota_held(const struct store_quota *q)
{
	return q->others + q->mine.held;
}

int64_t store_quota_room(const struct store_quota *q, int64_t ahead)
{
	int64_t room = INT64_MAX;

	for (size_t i = 0; i < q->windows.len; i++) {
		const struct quota_window *w = vec_at(&q->windows, i);
		int64_t here = quota_window_room(w, q->now + ahead, store_quota_held(q));

		room = w->count < INT64_MAX && here < room ? here : room;
	}
	return room;
}

int64_t store_quota_wait(const struct store_quota *q, int64_t n)
{
	int64_t at = q->now;

	for (size_t i = 0; i < q->windows.len; i++) {
		int64_t next =
			quota_window_next(vec_at(&q->windows, i), q->now, store_quota_held(q), n);

		at = next > at ? next : at;
	}
	return at == INT64_MAX ? at : at - q->now;
}

int64_t store_quota_rivals(const struct store_quota *q, bool *first)
{
	*first = q->rivals > 0 && q->longest < q->mine.claimed;
	return q->rivals;
}

void store_quota_hold(struct store_quota *q, int64_t n)
{
	q->mine.held += n;
	if (n > 0)
		q->mine.claimed = q->now;
}

/* --- in the database ----------------------------------------------------- */

static struct store_arg scope_of(const struct store_quota *q)
{
	return store_text(str_view(&q->scope));
}

static int read_clock(struct store *s, struct store_quota *q, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_QUOTA_CLOCK, NULL, f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	struct quota_clock *c = &q->clock;
	struct view boot;

	if (step <= 0)
		return step;
	boot = view_sub(db_text(stmt, 0), 0, sizeof c->at.boot - 1);
	*c = (struct quota_clock){.at = {.since_boot = db_int(stmt, 1), .wall = db_int(stmt, 2)},
		.ms = db_int(stmt, 3),
		.lost = db_int(stmt, 4) != 0};
	if (boot.len > 0)
		memcpy(c->at.boot, boot.p, boot.len);
	db_reset(stmt);
	return 0;
}

/* What time it is, written down where it must be. */
static int tell_time(
	struct store *s, struct store_quota *q, const struct quota_moment *m, struct fail *f)
{
	const struct quota_clock *c = &q->clock;

	if (read_clock(s, q, f) < 0)
		return -1;
	if (!quota_clock_read(&q->clock, m, &q->now))
		return 0;
	return store_do(s, Q_QUOTA_CLOCK_SET,
		STORE_ARGS(store_text(view_of(c->at.boot)), store_int(c->at.since_boot),
			store_int(c->at.wall), store_int(c->ms), store_int(c->lost)),
		f);
}

static int add(struct store *s, const struct store_quota *q, const struct quota_window *w,
	int64_t bucket, int64_t n, struct fail *f)
{
	return store_do(s, Q_QUOTA_ADD,
		STORE_ARGS(scope_of(q), store_int(w->length), store_int(bucket), store_int(n)), f);
}

/* Lengths that any sender keeps, for this scope: 1 when there are some. */
static int read_lengths(struct store *s, struct store_quota *q, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_QUOTA_LENGTHS, STORE_ARGS(scope_of(q)), f);
	int step = -1;

	free_windows(q);
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		int64_t length = db_int(stmt, 0);

		quota_window_init(vec_push(&q->windows), limit_of(q, length), length);
	}
	return step < 0 ? -1 : q->windows.len > 0;
}

/* Both come in the order of lengths. */
static int read_use(struct store *s, struct store_quota *q, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_QUOTA_USE, STORE_ARGS(scope_of(q)), f);
	size_t at = 0;
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct quota_window *w;

		while (at < q->windows.len &&
			((struct quota_window *)vec_at(&q->windows, at))->length < db_int(stmt, 0))
			at++;
		if (at == q->windows.len)
			continue;
		w = vec_at(&q->windows, at);
		if (w->length == db_int(stmt, 0))
			quota_window_add(w, db_int(stmt, 1), db_int(stmt, 2));
	}
	return step;
}

/* Those of one bucket together: a long window is one row. */
static int write_notes_of(struct store *s, struct store_quota *q, struct quota_window *w,
	const struct vec *notes, struct fail *f)
{
	for (size_t i = 0, next; i < notes->len; i = next) {
		int64_t bucket = 0, n = 0;

		for (next = i; next < notes->len; next++) {
			const struct note *one = vec_at(notes, next);
			int64_t here = quota_window_bucket(w, one->at);

			if (next > i && here != bucket)
				break;
			bucket = here;
			n += one->n;
		}
		quota_window_add(w, bucket, n);
		if (add(s, q, w, bucket, n, f) < 0)
			return -1;
	}
	return 0;
}

static int write_notes(
	struct store *s, struct store_quota *q, const struct vec *notes, struct fail *f)
{
	for (size_t i = 0; notes->len > 0 && i < q->windows.len; i++) {
		struct quota_window *w = vec_at(&q->windows, i);

		if (write_notes_of(s, q, w, notes, f) < 0 ||
			store_do(s, Q_QUOTA_DROP,
				STORE_ARGS(scope_of(q), store_int(w->length),
					store_int(quota_window_left(w, q->now))),
				f) < 0)
			return -1;
	}
	return 0;
}

/* A row of the holds: what a living sender has in hand; of a dead one, its number in
 * `dead` and what is in doubt in `notes`. */
static void read_hold(struct store_sender *t, struct store_quota *q, struct db_stmt *stmt,
	struct vec *dead, struct vec *notes)
{
	enum { ID, HELD, SENT, CLAIMED, WANTS, DOUBT, SENDER };
	enum sender_life life;
	int64_t doubt = db_int(stmt, DOUBT);
	struct note *left;

	if (db_int(stmt, ID) == t->id)
		return;
	life = store_sender_row_life(stmt, SENDER, &t->self, t->now);
	if (life == SENDER_ALIVE) {
		q->others += db_int(stmt, HELD);
		if (db_int(stmt, WANTS) == 0)
			return;
		if (q->rivals == 0 || db_int(stmt, CLAIMED) < q->longest)
			q->longest = db_int(stmt, CLAIMED);
		q->rivals++;
		return;
	}
	*(int64_t *)vec_push(dead) = db_int(stmt, ID);
	left = vec_push(notes);
	/* One that is only silent may wake and complete what has the mark, for a while. */
	if (life == SENDER_SILENT && doubt < SENDER_LEASE_MS / 2)
		doubt = SENDER_LEASE_MS / 2;
	*left = (struct note){q->now + doubt, db_int(stmt, SENT)};
}

/* One that was only silent learns of it with its next turn, before it sends more. */
static int bury(struct store *s, struct store_quota *q, const struct vec *dead,
	const struct vec *notes, struct fail *f)
{
	for (size_t i = 0; i < dead->len; i++) {
		struct store_arg id = store_int(*(int64_t *)vec_at(dead, i));

		if (store_do(s, Q_QUOTA_HOLD_DELETE, STORE_ARGS(scope_of(q), id), f) < 0 ||
			store_do(s, Q_SENDER_GONE, STORE_ARGS(id), f) < 0)
			return -1;
	}
	return write_notes(s, q, notes, f);
}

static int read_holds(struct store_sender *t, struct store_quota *q, struct fail *f)
{
	struct db_stmt *stmt = store_ask(t->s, Q_QUOTA_HOLDS, STORE_ARGS(scope_of(q)), f);
	struct vec dead, notes;
	int step = -1;

	vec_init(&dead, sizeof(int64_t));
	vec_init(&notes, sizeof(struct note));
	q->others = q->rivals = q->longest = 0;
	while (stmt != NULL && (step = db_step(stmt, f)) > 0)
		read_hold(t, q, stmt, &dead, &notes);
	if (step == 0)
		step = bury(t->s, q, &dead, &notes, f);
	vec_free(&dead);
	vec_free(&notes);
	return step;
}

int store_quota_look(struct store_sender *sender, struct store_quota *q,
	const struct quota_moment *m, struct fail *f)
{
	assert(sender->in_turn);
	q->notes_written = q->notes.len;
	if (tell_time(sender->s, q, m, f) < 0 || read_lengths(sender->s, q, f) < 0 ||
		read_use(sender->s, q, f) < 0 || write_notes(sender->s, q, &q->notes, f) < 0)
		return -1;
	return read_holds(sender, q, f);
}

void store_quota_lost(struct store_quota *q)
{
	q->row = (struct hold){.held = -1};
}

int store_quota_write(
	struct store_sender *sender, struct store_quota *q, bool wants, struct fail *f)
{
	const struct hold *h = &q->mine;

	assert(sender->in_turn);
	q->mine.wants = wants;
	if (h->held == q->row.held && h->sent == q->row.sent && h->claimed == q->row.claimed &&
		h->wants == q->row.wants)
		return 0;
	return store_do(sender->s, Q_QUOTA_HOLD,
		STORE_ARGS(scope_of(q), store_int(sender->id), store_int(h->held),
			store_int(h->sent), store_int(h->claimed), store_int(h->wants),
			store_int(q->doubt)),
		f);
}

void store_quota_written(struct store_quota *q)
{
	size_t left = q->notes.len - q->notes_written;

	if (left > 0)
		memmove(q->notes.p, vec_at(&q->notes, q->notes_written), left * q->notes.item);
	q->notes.len = left;
	q->notes_written = 0;
	q->row = q->mine;
}

/* --- opening ------------------------------------------------------------- */

/* What went through the relay before anybody kept this window. The moments are those of
 * the wall clock; one of the future is of a clock that was wrong, and counts as now. */
static int seed(struct store *s, const struct store_quota *q, struct view relay,
	const struct quota_moment *m, int64_t length, struct fail *f)
{
	struct db_stmt *stmt = store_walk(
		s, Q_RELAY_USE, STORE_ARGS(store_text(relay), store_int(m->wall - length)), f);
	struct quota_window w;
	int step = -1;

	quota_window_init(&w, INT64_MAX, length);
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		int64_t ago = m->wall - db_int(stmt, 0);

		quota_window_add(&w, quota_window_bucket(&w, q->now - (ago > 0 ? ago : 0)), 1);
	}
	for (size_t i = 0; step == 0 && i < w.use.len; i++) {
		const struct quota_use *u = vec_at(&w.use, i);

		step = add(s, q, &w, u->bucket, u->n, f);
	}
	db_finalize(&stmt);
	quota_window_free(&w);
	return step;
}

static int keep(struct store *s, struct store_quota *q, struct view relay,
	const struct quota_moment *m, struct fail *f)
{
	if (tell_time(s, q, m, f) < 0)
		return -1;
	for (size_t i = 0; i < q->limit_count; i++) {
		int64_t length = (int64_t)q->limits[i].window_ms;

		if (store_do(s, Q_QUOTA_KEEP, STORE_ARGS(scope_of(q), store_int(length)), f) < 0)
			return -1;
		if (db_changes(s->db) > 0 && relay.len > 0 && seed(s, q, relay, m, length, f) < 0)
			return -1;
	}
	return 0;
}

int store_quota_open(struct store *s, const struct store_quota_params *params,
	const struct quota_moment *m, struct store_quota **out, struct fail *f)
{
	struct store_quota *q = new_quota(params);
	int kept = params->count > 0 ? 1 : read_lengths(s, q, f);

	if (kept > 0)
		kept = STORE_BEGIN(s, f) < 0 ? -1
					     : store_end(s, keep(s, q, params->relay, m, f), f);
	else if (kept == 0)
		store_quota_free(&q);
	if (kept < 0)
		store_quota_free(&q);
	*out = q;
	return kept < 0 ? -1 : 0;
}
