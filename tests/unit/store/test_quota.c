#include "store/quota.h"
#include "base/time.h"
#include "store/sender.h"
#include "store_test.h"

#define WALL INT64_C(1700000000000)
enum { DOUBT = 2000 };

static struct quota_moment moment(int64_t ms)
{
	return (struct quota_moment){
		.boot = "this boot", .since_boot = 1000000 + ms, .wall = WALL + ms};
}

static struct store_quota *open_limits(
	struct fixture *t, const struct store_quota_limit *limits, size_t count, int64_t at)
{
	const struct store_quota_params p = {.scope = VIEW("outbox"),
		.relay = VIEW("outbox"),
		.limits = limits,
		.count = count,
		.doubt = DOUBT};
	const struct quota_moment m = moment(at);
	struct store_quota *q;

	OK(store_quota_open(t->s, &p, &m, &q, &t->f));
	return q;
}

static struct store_sender *new_sender(struct fixture *t)
{
	struct store_sender *sender;

	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	return sender;
}

/* A turn at that moment that holds up to n more; how many it got. */
static int64_t turn(struct fixture *t, struct store_sender *sender, struct store_quota *q,
	int64_t at, int64_t n)
{
	const struct quota_moment m = moment(at);
	int64_t room;

	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_quota_look(sender, q, &m, &t->f));
	room = store_quota_room(q, 0);
	n = room < n ? room : n;
	store_quota_hold(q, n);
	OK(store_quota_write(sender, q, true, &t->f));
	OK(store_turn_end(sender, &t->f));
	store_quota_written(q);
	return n;
}

static void used(struct store_quota *q, int64_t at, int64_t n)
{
	const struct quota_moment m = moment(at);

	store_quota_sent(q, n);
	store_quota_used(q, n, true, &m);
}

static const struct store_quota_limit five[] = {{5, 1000}};

static void no_limit_costs_nothing(void **state)
{
	struct fixture *t = fixture_new();
	struct store_quota *q;

	(void)state;
	q = open_limits(t, NULL, 0, 0);
	assert_null(q);
	store_quota_free(&q);
	fixture_free(t);
}

static void two_senders_share(void **state)
{
	struct fixture *t = fixture_new();
	struct store_quota *a, *b;
	struct store_sender *one, *two;
	bool first;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	two = new_sender(t);
	a = open_limits(t, five, 1, 0);
	b = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, a, 10, 3), 3);
	assert_int_equal(turn(t, two, b, 20, 9), 2);
	/* What is under way takes its place for as long as it takes. */
	assert_int_equal(turn(t, two, b, 90000, 9), 0);
	assert_int_equal(store_quota_held(b), 5);
	assert_int_equal(store_quota_wait(b, 1), INT64_MAX);
	assert_int_equal(store_quota_rivals(b, &first), 1);
	assert_true(first);
	/* Known, but not yet written: still under way for the others. */
	used(a, 90001, 3);
	assert_int_equal(turn(t, two, b, 91500, 9), 0);
	assert_int_equal(turn(t, one, a, 91600, 9), 3);
	assert_false(store_quota_rivals(a, &first) == 1 && !first);
	used(a, 91700, 3);
	assert_int_equal(turn(t, one, a, 91800, 9), 0);
	assert_int_equal(turn(t, two, b, 92000, 9), 0);
	assert_in_range(store_quota_wait(b, 1), 700, 704);
	assert_int_equal(store_quota_wait(b, 4), INT64_MAX);
	assert_int_equal(turn(t, two, b, 92704, 9), 3);
	/* Given back: free at once. */
	store_quota_given_back(b, 5, false);
	assert_int_equal(turn(t, two, b, 92705, 0), 0);
	assert_int_equal(turn(t, one, a, 92706, 9), 5);
	store_quota_free(&a);
	store_quota_free(&b);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	OK(store_sender_close(&two, TEST_NOW, &t->f));
	fixture_free(t);
}

/* Of an account that warms up. */
static void a_count_may_change(void **state)
{
	struct fixture *t = fixture_new();
	struct store_quota *q;
	struct store_sender *one;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	q = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, q, 10, 9), 5);
	store_quota_set_count(q, 0, 7);
	assert_int_equal(turn(t, one, q, 20, 9), 2);
	used(q, 30, 7);
	store_quota_set_count(q, 0, INT64_MAX);
	assert_int_equal(turn(t, one, q, 40, 100), 100);
	store_quota_given_back(q, 100, false);
	store_quota_free(&q);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_free(t);
}

/* It died with five in hand, of which two might have left. */
static void a_dead_sender_leaves_its_doubts(void **state)
{
	struct fixture *t = fixture_new();
	struct store_quota *a, *b;
	struct store_sender *one, *two;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	two = new_sender(t);
	a = open_limits(t, five, 1, 0);
	b = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, a, 0, 5), 5);
	store_quota_sent(a, 2);
	assert_int_equal(turn(t, one, a, 50, 0), 0);
	assert_int_equal(turn(t, two, b, 5000, 5), 0);
	store_quota_free(&a);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	assert_int_equal(turn(t, two, b, 6000, 5), 3);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM quota_hold"), 1);
	assert_int_equal(turn(t, two, b, 6000 + DOUBT + 999, 5), 0);
	assert_in_range(store_quota_wait(b, 1), 1, 5);
	assert_int_equal(turn(t, two, b, 6000 + DOUBT + 1004, 5), 2);
	store_quota_free(&b);
	OK(store_sender_close(&two, TEST_NOW, &t->f));
	fixture_free(t);
}

/* A heartbeat of long ago, for the clock was set: what it held is free, for it learns of it
 * before it can use it; what has the mark it may complete when it wakes. */
static void a_silent_sender_is_told(void **state)
{
	struct fixture *t = fixture_new();
	struct store_quota *a, *b;
	struct store_sender *one, *two;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	two = new_sender(t);
	a = open_limits(t, five, 1, 0);
	b = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, a, 0, 3), 3);
	store_quota_sent(a, 1);
	assert_int_equal(turn(t, one, a, 10, 0), 0);
	OK(db_exec(t->s->db, "UPDATE sender SET machine = 'other', beat = -1000000000", &t->f));
	assert_int_equal(turn(t, two, b, 5000, 5), 4);
	store_quota_given_back(b, 4, false);
	assert_int_equal(turn(t, two, b, 5000 + SENDER_LEASE_MS / 2, 0), 0);
	assert_int_equal(store_quota_room(b, 0), 4);
	assert_int_equal(turn(t, two, b, 6004 + SENDER_LEASE_MS / 2, 0), 0);
	assert_int_equal(store_quota_room(b, 0), 5);
	/* It has beaten a moment ago, and asks for nothing but a turn. */
	assert_int_equal(store_turn_begin(one, t->campaign, TEST_NOW, &t->f), STORE_LOST);
	store_turn_abort(one);
	store_quota_free(&a);
	store_quota_free(&b);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	OK(store_sender_close(&two, TEST_NOW, &t->f));
	fixture_free(t);
}

static void a_doubt_counts_later(void **state)
{
	struct fixture *t = fixture_new();
	const struct quota_moment m = moment(100);
	struct store_sender *one;
	struct store_quota *a;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	a = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, a, 0, 5), 5);
	store_quota_sent(a, 1);
	store_quota_doubtful(a, 1, true, &m);
	store_quota_used(a, 4, false, &m);
	assert_int_equal(turn(t, one, a, 1200, 5), 4);
	store_quota_given_back(a, 4, false);
	assert_int_equal(turn(t, one, a, 100 + DOUBT + 1000, 5), 4);
	store_quota_given_back(a, 4, false);
	assert_int_equal(turn(t, one, a, 100 + DOUBT + 1004, 5), 5);
	store_quota_free(&a);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_free(t);
}

/* A turn that fails leaves everything noted for the next one. */
static void a_turn_that_fails_forgets_nothing(void **state)
{
	struct fixture *t = fixture_new();
	const struct quota_moment m = moment(200);
	struct store_sender *one;
	struct store_quota *a;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	a = open_limits(t, five, 1, 0);
	assert_int_equal(turn(t, one, a, 0, 5), 5);
	used(a, 100, 5);
	OK(store_turn_begin(one, t->campaign, TEST_NOW, &t->f));
	OK(store_quota_look(one, a, &m, &t->f));
	OK(store_quota_write(one, a, true, &t->f));
	store_turn_abort(one);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM quota_use"), 0);
	assert_int_equal(turn(t, one, a, 300, 5), 0);
	assert_int_equal(fixture_number(t, "SELECT sum(n) FROM quota_use"), 5);
	assert_int_equal(turn(t, one, a, 1099, 5), 0);
	assert_int_equal(turn(t, one, a, 1104, 5), 5);
	store_quota_free(&a);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_free(t);
}

/* A window that is new in the configuration knows what went before; one that only
 * another sender was told of is kept by all. */
static void a_new_window_knows_the_past(void **state)
{
	static const struct store_quota_limit hour[] = {{4, TIME_HOUR}};
	struct fixture *t = fixture_new();
	struct store_quota *a, *b, *none;
	struct store_sender *one;

	(void)state;
	fixture_campaign(t, 3);
	OK(db_exec(t->s->db,
		"UPDATE delivery SET state = 3, updated = 1699999999000 WHERE contact_id < 3;"
		"UPDATE delivery SET state = 5, updated = 1600000000000 WHERE contact_id = 3",
		&t->f));
	a = open_limits(t, five, 1, 500);
	b = open_limits(t, hour, 1, 500);
	none = open_limits(t, NULL, 0, 500);
	assert_non_null(none);
	one = new_sender(t);
	assert_int_equal(turn(t, one, a, 600, 5), 5);
	used(a, 600, 5);
	assert_int_equal(turn(t, one, a, 650, 5), 0);
	assert_int_equal(turn(t, one, none, 700, 50), 50);
	assert_int_equal(turn(t, one, b, 5000, 5), 0);
	assert_int_equal(
		fixture_number(t, "SELECT sum(n) FROM quota_use WHERE length = 3600000"), 7);
	/* Seen for the second time, it is not counted again. */
	store_quota_free(&b);
	b = open_limits(t, hour, 1, 6000);
	assert_int_equal(
		fixture_number(t, "SELECT sum(n) FROM quota_use WHERE length = 3600000"), 7);
	store_quota_free(&a);
	store_quota_free(&b);
	store_quota_free(&none);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_free(t);
}

static void what_has_left_is_dropped(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *one;
	struct store_quota *a;

	(void)state;
	fixture_campaign(t, 1);
	one = new_sender(t);
	a = open_limits(t, five, 1, 0);
	for (int64_t at = 0; at < 200000; at += 50) {
		int64_t n = turn(t, one, a, at, 5);

		if (n > 0)
			used(a, at + 7, n);
	}
	assert_in_range(fixture_number(t, "SELECT count(*) FROM quota_use"), 1, QUOTA_BUCKETS + 1);
	store_quota_free(&a);
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_free(t);
}

/* --- all of it at random ------------------------------------------------- */

/* Three senders over one database: each holds, uses, gives back, loses its connection,
 * dies and comes back as it likes; the machine's clock is set this way and that, and
 * the machine is started anew. The relay's own list of what it accepted, and when in
 * truth, is judged afterwards. */
enum { SENDERS = 3, STEPS = 6000, ACCEPTS = 200000 };
struct world {
	struct fixture *t;
	uint64_t seed;
	int64_t truth;		   /* ms, as the relay's clock has it */
	int64_t wall_off, boot_at; /* the machine's wrong wall clock; when it booted */
	int boots;
	struct process {
		struct store_sender *sender;
		struct store_quota *q;
		int64_t held, sent; /* sent: accepted somewhen between then and now */
		int64_t sent_at;
	} p[SENDERS];
	int64_t *accepted;
	size_t n;
};

static int64_t chance(struct world *w, int64_t most)
{
	w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((w->seed >> 33) % (uint64_t)(most + 1));
}

static struct quota_moment now_in(const struct world *w)
{
	struct quota_moment m = {
		.since_boot = w->truth - w->boot_at, .wall = WALL + w->truth + w->wall_off};

	(void)snprintf(m.boot, sizeof m.boot, "boot %d", w->boots);
	return m;
}

static const struct store_quota_limit tight[] = {{5, 1000}, {20, 7000}, {60, TIME_MINUTE}};

static void come(struct world *w, struct process *p)
{
	const struct store_quota_params params = {
		.scope = VIEW("relay"), .limits = tight, .count = 3, .doubt = DOUBT};
	const struct quota_moment m = now_in(w);
	struct fixture *t = w->t;

	*p = (struct process){0};
	OK(store_quota_open(t->s, &params, &m, &p->q, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &p->sender, &t->f));
}

static void accept_between(struct world *w, int64_t from, int64_t to, int64_t n)
{
	for (; n > 0 && w->n < ACCEPTS; n--)
		w->accepted[w->n++] = from + (to > from ? chance(w, to - from) : 0);
}

/* What was out may still be accepted for a while after the end. */
static void die(struct world *w, struct process *p)
{
	struct fixture *t = w->t;

	accept_between(w, p->sent_at, w->truth + DOUBT, p->sent);
	store_quota_free(&p->q);
	OK(store_sender_close(&p->sender, TEST_NOW, &t->f));
}

static void reboot(struct world *w)
{
	for (int i = 0; i < SENDERS; i++)
		die(w, &w->p[i]);
	w->truth += DOUBT + chance(w, 20000);
	w->boots++;
	w->boot_at = w->truth - chance(w, 5000);
	/* The battery is good, or it is dead and the clock has gone back. */
	w->wall_off = chance(w, 1) == 0 ? 0 : -10 * TIME_HOUR - w->truth;
	for (int i = 0; i < SENDERS; i++)
		come(w, &w->p[i]);
}

static void finish(struct world *w, struct process *p)
{
	const struct quota_moment m = now_in(w);
	int64_t part = chance(w, 3);

	if (part == 0 && p->sent > 0) {
		accept_between(w, p->sent_at, w->truth + DOUBT, 1);
		store_quota_doubtful(p->q, 1, true, &m);
		p->sent--;
		p->held--;
	}
	if (part == 1 && p->held > p->sent) {
		store_quota_given_back(p->q, p->held - p->sent, false);
		p->held = p->sent;
	}
	if (part == 2 && p->sent > 0) {
		accept_between(w, p->sent_at, w->truth, p->sent);
		store_quota_used(p->q, p->sent, true, &m);
		p->held -= p->sent;
		p->sent = 0;
	}
}

static void one_turn(struct world *w, struct process *p)
{
	const struct quota_moment m = now_in(w);
	struct fixture *t = w->t;
	int64_t n, mark = p->sent == 0 ? p->held : 0;

	OK(store_turn_begin(p->sender, t->campaign, TEST_NOW, &t->f));
	store_quota_sent(p->q, mark);
	OK(store_quota_look(p->sender, p->q, &m, &t->f));
	n = chance(w, store_quota_room(p->q, 0));
	store_quota_hold(p->q, n);
	OK(store_quota_write(p->sender, p->q, true, &t->f));
	OK(store_turn_end(p->sender, &t->f));
	store_quota_written(p->q);
	p->held += n;
	p->sent += mark;
	if (mark > 0)
		p->sent_at = w->truth;
}

static void set_clock(struct world *w)
{
	static const int64_t jumps[] = {
		TIME_HOUR, -TIME_HOUR, 3650 * (int64_t)TIME_DAY, -3650 * (int64_t)TIME_DAY, 0};

	w->wall_off = jumps[chance(w, 4)];
}

static void step(struct world *w)
{
	struct process *p = &w->p[chance(w, SENDERS - 1)];
	int64_t what = chance(w, 400);

	w->truth += chance(w, 200);
	if (what == 0) {
		reboot(w);
	} else if (what < 6) {
		die(w, p);
		come(w, p);
	} else if (what < 12) {
		set_clock(w);
	} else if (what < 200) {
		finish(w, p);
	} else {
		one_turn(w, p);
	}
}

static int by_moment(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void no_window_is_exceeded_whatever_happens(void **state)
{
	struct world w = {.t = fixture_new(), .seed = 20261126};
	struct fixture *t = w.t;

	(void)state;
	fixture_campaign(t, 1);
	w.accepted = test_malloc(ACCEPTS * sizeof *w.accepted);
	OK(db_exec(t->s->db, "PRAGMA synchronous = OFF", &t->f));
	for (int i = 0; i < SENDERS; i++)
		come(&w, &w.p[i]);
	for (int i = 0; i < STEPS; i++)
		step(&w);
	for (int i = 0; i < SENDERS; i++)
		die(&w, &w.p[i]);
	qsort(w.accepted, w.n, sizeof *w.accepted, by_moment);
	assert_true(w.n > 200);
	for (size_t k = 0; k < 3; k++)
		for (size_t i = (size_t)tight[k].count; i < w.n; i++)
			assert_true(w.accepted[i] - w.accepted[i - (size_t)tight[k].count] >
				    (int64_t)tight[k].window_ms);
	test_free(w.accepted);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_costs_nothing),
		cmocka_unit_test(two_senders_share),
		cmocka_unit_test(a_count_may_change),
		cmocka_unit_test(a_dead_sender_leaves_its_doubts),
		cmocka_unit_test(a_silent_sender_is_told),
		cmocka_unit_test(a_doubt_counts_later),
		cmocka_unit_test(a_turn_that_fails_forgets_nothing),
		cmocka_unit_test(a_new_window_knows_the_past),
		cmocka_unit_test(what_has_left_is_dropped),
		cmocka_unit_test(no_window_is_exceeded_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
