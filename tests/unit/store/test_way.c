#include "store/way.h"
#include "store/quota.h"
#include "store/watch.h"
#include "store_test.h"

#define FIRST VIEW("first")
#define NEXT  VIEW("next")

/* The next of the pending ones goes that way, and ends as `state` says. */
static void outcome(struct fixture *t, struct store_sender *sender, int64_t way, struct view relay,
	int64_t now, enum delivery_state state)
{
	const struct store_result r = {.state = state, .reply_code = 250, .due = now + 60000};
	struct vec out;
	int64_t contact;

	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, now, &t->f));
	OK(store_turn_claim(sender, 0, 1, &t->a, &out, &t->f));
	assert_int_equal(out.len, 1);
	contact = ((struct store_delivery *)vec_at(&out, 0))->contact;
	store_turn_through(sender, way, relay);
	OK(store_turn_mark(sender, contact, 1, &t->f));
	if (state != DELIVERY_COMMITTED)
		OK(store_turn_result(sender, contact, &r, &t->f));
	OK(store_turn_way_used(sender, way, &t->f));
	OK(store_turn_end(sender, &t->f));
	vec_free(&out);
}

struct part {
	struct view relay;
	enum delivery_state state;
	int64_t count;
};
struct parts {
	struct part all[8];
	size_t n;
	struct arena *a;
};

static int keep(void *ctx, const struct store_tally *row)
{
	struct parts *p = ctx;

	assert_true(p->n < sizeof p->all / sizeof *p->all);
	p->all[p->n++] = (struct part){arena_dup(p->a, row->what), row->state, row->count};
	return 0;
}

static void expect(const struct parts *p, size_t i, const char *relay, enum delivery_state state,
	int64_t count)
{
	assert_true(i < p->n);
	assert_true(view_is(p->all[i].relay, relay));
	assert_int_equal(p->all[i].state, state);
	assert_int_equal(p->all[i].count, count);
}

static struct store_sender *start(struct fixture *t, int64_t ways[2])
{
	struct store_sender *sender;

	fixture_campaign(t, 10);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_way_number(t->s, t->campaign, FIRST, &ways[0], &t->f));
	OK(store_way_number(t->s, t->campaign, NEXT, &ways[1], &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	return sender;
}

static void numbers_stay(void **state)
{
	struct fixture *t = fixture_new();
	int64_t ways[2], again;
	struct store_sender *sender = start(t, ways);

	(void)state;
	assert_int_equal(ways[0], 1);
	assert_int_equal(ways[1], 2);
	OK(store_way_number(t->s, t->campaign, FIRST, &again, &t->f));
	assert_int_equal(again, 1);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* By row, by event and by tally; who goes back to pending went nowhere. */
static void tells_who_went_where(void **state)
{
	struct fixture *t = fixture_new();
	struct parts parts = {.a = &t->a};
	int64_t ways[2];
	struct store_sender *sender = start(t, ways);

	(void)state;
	outcome(t, sender, ways[0], FIRST, TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_REFUSED);
	outcome(t, sender, ways[0], FIRST, TEST_NOW, DELIVERY_PENDING);
	OK(store_tally_ways(t->s, t->campaign, keep, &parts, &t->f));
	assert_int_equal(parts.n, 3);
	expect(&parts, 0, "first", DELIVERY_ACCEPTED, 1);
	expect(&parts, 1, "next", DELIVERY_ACCEPTED, 2);
	expect(&parts, 2, "next", DELIVERY_REFUSED, 1);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM event WHERE kind ="
					   " 'delivery.accepted' AND data LIKE"
					   " '%\"relay\":\"next\"%'"),
		2);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM event WHERE kind ="
					   " 'delivery.committed' AND data LIKE"
					   " '%\"relay\":\"next\"%'"),
		3);
	fixture_sound(t);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* Its relay was no group for a while: that part bears the name that the campaign gave. */
static void the_rest_has_a_name(void **state)
{
	struct fixture *t = fixture_new();
	struct parts parts = {.a = &t->a};
	int64_t ways[2];
	struct store_sender *sender = start(t, ways);

	(void)state;
	outcome(t, sender, 0, VIEW(""), TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_ACCEPTED);
	OK(store_tally_ways(t->s, t->campaign, keep, &parts, &t->f));
	assert_int_equal(parts.n, 2);
	expect(&parts, 0, "outbox", DELIVERY_ACCEPTED, 1);
	expect(&parts, 1, "next", DELIVERY_ACCEPTED, 1);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* A sender that died: what it had committed is in doubt with the relay that had it. */
static void doubt_keeps_its_way(void **state)
{
	struct fixture *t = fixture_new();
	struct parts parts = {.a = &t->a};
	int64_t ways[2];
	struct store_sender *dead = start(t, ways), *sender;
	struct store_recovered sum;

	(void)state;
	outcome(t, dead, ways[1], NEXT, TEST_NOW, DELIVERY_COMMITTED);
	OK(store_sender_close(&dead, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_recover(sender, t->campaign, NULL, NULL, TEST_NOW, &sum, &t->f));
	assert_int_equal(sum.uncertain, 1);
	OK(store_tally_ways(t->s, t->campaign, keep, &parts, &t->f));
	assert_int_equal(parts.n, 1);
	expect(&parts, 0, "next", DELIVERY_UNCERTAIN, 1);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* Warm-up and estimates count by relay, whoever else had a part in the campaign. */
static void relays_know_their_use(void **state)
{
	struct fixture *t = fixture_new();
	struct store_watch_use use;
	int64_t ways[2], at;
	struct store_sender *sender = start(t, ways);

	(void)state;
	outcome(t, sender, ways[0], FIRST, TEST_NOW + 10, DELIVERY_ACCEPTED);
	OK(store_relay_first_use(t->s, NEXT, &at, &t->f));
	assert_int_equal(at, 0);
	outcome(t, sender, ways[1], NEXT, TEST_NOW + 20, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW + 30, DELIVERY_ACCEPTED);
	OK(store_relay_first_use(t->s, NEXT, &at, &t->f));
	assert_int_equal(at, TEST_NOW + 20);
	OK(store_watch_relay(t->s, FIRST, TEST_NOW, &use, &t->f));
	assert_int_equal(use.n, 1);
	OK(store_watch_relay(t->s, NEXT, TEST_NOW, &use, &t->f));
	assert_int_equal(use.n, 2);
	OK(store_watch_relay(t->s, VIEW("outbox"), TEST_NOW, &use, &t->f));
	assert_int_equal(use.n, 3);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* A quota that is new in the configuration knows what the relay had of shared campaigns. */
static void a_new_quota_knows(void **state)
{
	struct fixture *t = fixture_new();
	const struct store_quota_limit limit = {5, 3600000};
	const struct store_quota_params p = {
		.scope = NEXT, .relay = NEXT, .limits = &limit, .count = 1};
	const struct quota_moment m = {
		.boot = "this boot", .since_boot = 1000000, .wall = TEST_NOW + 1000};
	struct store_quota *q;
	int64_t ways[2];
	struct store_sender *sender = start(t, ways);

	(void)state;
	outcome(t, sender, ways[0], FIRST, TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_ACCEPTED);
	outcome(t, sender, ways[1], NEXT, TEST_NOW, DELIVERY_ACCEPTED);
	OK(store_quota_open(t->s, &p, &m, &q, &t->f));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_quota_look(sender, q, &m, &t->f));
	assert_int_equal(store_quota_room(q, 0), 3);
	OK(store_turn_end(sender, &t->f));
	store_quota_free(&q);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay),
		cmocka_unit_test(tells_who_went_where),
		cmocka_unit_test(the_rest_has_a_name),
		cmocka_unit_test(doubt_keeps_its_way),
		cmocka_unit_test(relays_know_their_use),
		cmocka_unit_test(a_new_quota_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
