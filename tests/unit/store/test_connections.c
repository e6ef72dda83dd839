#include "store/connections.h"
#include "store_test.h"

enum { MOST = 4 };

struct user {
	struct store_sender *sender;
	size_t told, used;
};

static struct user come(struct fixture *t)
{
	struct user u = {0};

	OK(store_sender_open(t->s, TEST_NOW, &u.sender, &t->f));
	return u;
}

static void go(struct fixture *t, struct user *u)
{
	OK(store_sender_close(&u->sender, TEST_NOW, &t->f));
}

/* What it is told in a turn. */
static size_t turn(struct fixture *t, struct user *u, size_t most, bool wants)
{
	const struct store_connections c = {.relay = VIEW("relay"),
		.most = most,
		.told = u->told,
		.used = u->used,
		.wants = wants};

	OK(store_turn_begin(u->sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_connections(u->sender, &c, &u->told, &t->f));
	OK(store_turn_end(u->sender, &t->f));
	return u->told;
}

static void each_has_a_part(void **state)
{
	struct fixture *t = fixture_new();
	struct user a, b, c;

	(void)state;
	fixture_campaign(t, 1);
	a = come(t);
	b = come(t);
	assert_int_equal(turn(t, &a, MOST, true), MOST);
	a.used = MOST;
	/* A newcomer waits until the other has closed some. */
	assert_int_equal(turn(t, &b, MOST, true), 0);
	assert_int_equal(turn(t, &a, MOST, true), 2);
	assert_int_equal(turn(t, &b, MOST, true), 0);
	a.used = 3;
	assert_int_equal(turn(t, &a, MOST, true), 2);
	assert_int_equal(turn(t, &b, MOST, true), 1);
	a.used = 2;
	assert_int_equal(turn(t, &a, MOST, true), 2);
	assert_int_equal(turn(t, &b, MOST, true), 2);
	c = come(t);
	assert_int_equal(turn(t, &c, MOST, true), 0);
	/* What it may open until the end of the turn is its own until then. */
	b.used = 0;
	assert_int_equal(turn(t, &b, MOST, false), 0);
	assert_int_equal(turn(t, &c, MOST, true), 0);
	assert_int_equal(turn(t, &b, MOST, false), 0);
	assert_int_equal(turn(t, &c, MOST, true), 2);
	go(t, &a);
	go(t, &b);
	assert_int_equal(turn(t, &c, MOST, true), MOST);
	go(t, &c);
	fixture_free(t);
}

static void the_last_one_waits_for_the_first(void **state)
{
	struct fixture *t = fixture_new();
	struct user a, b;

	(void)state;
	fixture_campaign(t, 1);
	a = come(t);
	b = come(t);
	assert_int_equal(turn(t, &a, 1, true), 1);
	assert_int_equal(turn(t, &b, 1, true), 0);
	assert_int_equal(turn(t, &a, 1, true), 1);
	assert_int_equal(turn(t, &b, 1, true), 0);
	go(t, &a);
	assert_int_equal(turn(t, &b, 1, true), 1);
	go(t, &b);
	fixture_free(t);
}

/* At random: never more than the relay bears, however late each closes what it must. */
static void never_too_many(void **state)
{
	enum { USERS = 4, STEPS = 1500 };
	struct fixture *t = fixture_new();
	struct user u[USERS];
	uint64_t seed = 26;

	(void)state;
	fixture_campaign(t, 1);
	OK(db_exec(t->s->db, "PRAGMA synchronous = OFF", &t->f));
	for (int i = 0; i < USERS; i++)
		u[i] = come(t);
	for (int step = 0; step < STEPS; step++) {
		struct user *one = &u[(seed >> 33) % USERS];
		size_t before = one->told, sum = 0;

		seed = seed * UINT64_C(6364136223846793005) + 1;
		if (seed >> 60 == 0) {
			go(t, one);
			*one = come(t);
			continue;
		}
		(void)turn(t, one, MOST, seed >> 40 & 3);
		/* While the turn ran it opened all it might; now it closes some, or none yet. */
		if (one->used < before && (seed >> 44 & 1) != 0)
			one->used = before;
		if (one->used > one->told && (seed >> 45 & 1) != 0)
			one->used--;
		for (int i = 0; i < USERS; i++)
			sum += u[i].used > u[i].told ? u[i].used : u[i].told;
		assert_true(sum <= MOST);
	}
	for (int i = 0; i < USERS; i++)
		go(t, &u[i]);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_a_part),
		cmocka_unit_test(the_last_one_waits_for_the_first),
		cmocka_unit_test(never_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
