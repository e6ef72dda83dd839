#include "store/witness.h"
#include <fcntl.h>
#include "store/delivery_private.h"
#include "store_test.h"

enum { MEMBERS = 40, PER_TURN = 5 };

static int ask(struct fixture *t)
{
	int64_t at;
	int says = store_witness_ask(t->s, &at, &t->f);

	OK(says);
	return says;
}

static struct store_sender *begin(struct fixture *t)
{
	struct store_sender *sender;

	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_sender_hurry(sender, true, &t->f));
	store_sender_keep_witness(sender, TEST_NOW);
	return sender;
}

static void turn(struct fixture *t, struct store_sender *sender, int64_t now)
{
	struct vec out;

	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, now, &t->f));
	OK(store_turn_claim(sender, 0, PER_TURN, &t->a, &out, &t->f));
	OK(store_turn_end(sender, &t->f));
	vec_free(&out);
}

static struct fixture *sending(void)
{
	struct fixture *t = fixture_new();

	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	return t;
}

static void copy(const char *from, const char *to)
{
	char bytes[4096];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	size_t got;

	assert_non_null(in);
	assert_non_null(out);
	while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
		assert_int_equal(fwrite(bytes, 1, got, out), got);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The whole database, as it is now, under another name. */
static void keep_copy(struct fixture *t, const char *to)
{
	OK(db_exec(t->s->db, "PRAGMA wal_checkpoint(TRUNCATE)", &t->f));
	copy(t->path, to);
}

static void put_back(struct fixture *t, const char *from)
{
	store_close(&t->s);
	copy(from, t->path);
	OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
}

static void end(struct fixture *t, struct store_sender **sender)
{
	OK(store_sender_close(sender, TEST_NOW, &t->f));
	(void)unlink(store_witness_path(t->s));
	fixture_free(t);
}

static void holds_while_it_goes_on(void **state)
{
	struct fixture *t = sending();
	struct store_sender *sender;
	struct stat st;

	(void)state;
	assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
	sender = begin(t);
	assert_int_equal(stat(store_witness_path(t->s), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_size > 0 && st.st_size <= STORE_WITNESS_SIZE);
	for (int i = 1; i <= 4; i++) {
		assert_int_equal(ask(t), STORE_WITNESS_HOLDS);
		turn(t, sender, TEST_NOW + i * SENDER_BEAT_MS);
	}
	assert_int_equal(ask(t), STORE_WITNESS_HOLDS);
	end(t, &sender);
}

/* Other events than those that the first way had, and more of them. */
static void events_until(struct fixture *t, int64_t last)
{
	char key[64];

	for (int i = 0; fixture_number(t, "SELECT max(id) FROM event") <= last; i++) {
		(void)snprintf(key, sizeof key, "other%d@example.org", i);
		assert_int_equal(fixture_add(t, key), STORE_ADDED);
	}
}

static const struct moment {
	const char *name;
	int before, after; /* turns, each a heartbeat, before the copy and after it */
	bool other_way;
} moments[] = {
	{"a copy from before the sender began", 0, 1, false},
	{"a copy from between", 2, 1, false},
	{"a copy from before the sender ended", 2, 0, false},
	{"a copy that went its own way", 1, 1, true},
};

static void sees_a_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		const struct moment *m = &moments[i];
		struct fixture *t = sending();
		struct store_sender *sender = NULL;
		char kept[128];
		int64_t now = TEST_NOW, last;

		(void)snprintf(kept, sizeof kept, "%s/kept.db", t->dir);
		if (m->before > 0)
			sender = begin(t);
		for (int k = 0; k < m->before; k++)
			turn(t, sender, now += SENDER_BEAT_MS);
		keep_copy(t, kept);
		if (m->before == 0)
			sender = begin(t);
		for (int k = 0; k < m->after; k++)
			turn(t, sender, now += SENDER_BEAT_MS);
		OK(store_sender_close(&sender, now, &t->f));
		last = fixture_number(t, "SELECT max(id) FROM event");
		put_back(t, kept);
		if (m->other_way)
			events_until(t, last);
		if (ask(t) != STORE_WITNESS_OLDER)
			fail_msg("%s is not noticed", m->name);
		/* Who says that it is meant is not told again. */
		sender = begin(t);
		assert_int_equal(ask(t), STORE_WITNESS_HOLDS);
		(void)unlink(kept);
		end(t, &sender);
	}
}

/* Never for a message: with the heartbeats only. */
static void is_written_now_and_then(void **state)
{
	struct fixture *t = sending();
	struct store_sender *sender = begin(t);
	char before[STORE_WITNESS_SIZE], after[STORE_WITNESS_SIZE];
	int fd = open(store_witness_path(t->s), O_RDONLY);
	ssize_t size;

	(void)state;
	assert_true(fd >= 0);
	turn(t, sender, TEST_NOW); /* the first one tells which campaign it is about */
	size = pread(fd, before, sizeof before, 0);
	assert_true(size > 0);
	for (int i = 1; i <= 3; i++)
		turn(t, sender, TEST_NOW + i);
	assert_int_equal(pread(fd, after, sizeof after, 0), size);
	assert_memory_equal(before, after, (size_t)size);
	turn(t, sender, TEST_NOW + SENDER_BEAT_MS);
	assert_int_equal(pread(fd, after, sizeof after, 0), size);
	assert_memory_not_equal(before, after, (size_t)size);
	(void)close(fd);
	end(t, &sender);
}

/* Any byte of it may be another, and any end missing: then it says nothing. */
static void a_torn_one_says_nothing(void **state)
{
	struct fixture *t = sending();
	struct store_sender *sender = begin(t);
	char bytes[STORE_WITNESS_SIZE];
	int fd = open(store_witness_path(t->s), O_RDWR);
	ssize_t size;

	(void)state;
	assert_true(fd >= 0);
	size = pread(fd, bytes, sizeof bytes, 0);
	for (ssize_t i = 0; i < size; i++) {
		char other = bytes[i] == '1' ? '2' : '1';

		assert_int_equal(pwrite(fd, &other, 1, i), 1);
		assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
		assert_int_equal(pwrite(fd, bytes + i, 1, i), 1);
	}
	assert_int_equal(ask(t), STORE_WITNESS_HOLDS);
	while (size-- > 0) {
		assert_int_equal(ftruncate(fd, size), 0);
		assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
	}
	(void)close(fd);
	end(t, &sender);
}

static void one_of_another_database_says_nothing(void **state)
{
	struct fixture *t = sending(), *u = sending();
	struct store_sender *mine = begin(t), *other = begin(u);

	(void)state;
	copy(store_witness_path(u->s), store_witness_path(t->s));
	assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
	end(t, &mine);
	end(u, &other);
}

/* Sending does not depend on it. */
static void a_place_that_is_taken(void **state)
{
	struct fixture *t = sending();
	struct store_sender *sender;

	(void)state;
	assert_int_equal(symlink(t->path, store_witness_path(t->s)), 0);
	sender = begin(t);
	turn(t, sender, TEST_NOW);
	assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
	(void)unlink(store_witness_path(t->s));
	assert_int_equal(mkfifo(store_witness_path(t->s), 0600), 0);
	assert_int_equal(ask(t), STORE_WITNESS_NOTHING);
	fixture_sound(t);
	end(t, &sender);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_while_it_goes_on),
		cmocka_unit_test(sees_a_copy),
		cmocka_unit_test(is_written_now_and_then),
		cmocka_unit_test(a_torn_one_says_nothing),
		cmocka_unit_test(one_of_another_database_says_nothing),
		cmocka_unit_test(a_place_that_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
