#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "base/time.h"
#include "store/delivery_private.h"
#include "store_test.h"

enum { MEMBERS = 300, KILLS = 120, PER_TURN = 7 };

/* Sends as the engine does, until nobody is left or somebody kills it. What was
 * marked before the end of a turn is written to `sent` after it: the wire. */
static int engine(const char *path, int64_t campaign, int sent)
{
	struct store *s;
	struct store_sender *sender;
	struct fail f;
	struct arena a;
	struct vec held, next;

	arena_init(&a);
	vec_init(&held, sizeof(struct store_delivery));
	if (store_open(path, STORE_WRITE, &s, &f) < 0 || store_sender_open(s, 1, &sender, &f) < 0)
		return 1;
	for (;;) {
		static const struct store_result ok = {.state = DELIVERY_ACCEPTED};

		vec_init(&next, sizeof(struct store_delivery));
		if (store_turn_begin(sender, campaign, 1, &f) < 0)
			return 2;
		for (size_t i = 0; i < held.len; i++) {
			int64_t contact = ((struct store_delivery *)vec_at(&held, i))->contact;

			if (store_turn_result(sender, contact, &ok, &f) != 0)
				return 3;
		}
		if (store_turn_claim(sender, 0, PER_TURN, &a, &next, &f) < 0)
			return 4;
		for (size_t i = 0; i < next.len; i++) {
			if (store_turn_mark(sender,
				    ((struct store_delivery *)vec_at(&next, i))->contact, 1,
				    &f) != 0)
				return 5;
		}
		if (store_turn_end(sender, &f) < 0)
			return 6;
		for (size_t i = 0; i < next.len; i++) {
			const struct store_delivery *d = vec_at(&next, i);

			if (write(sent, &d->contact, sizeof d->contact) != sizeof d->contact)
				return 7;
		}
		vec_free(&held);
		held = next;
		if (held.len == 0)
			break;
	}
	arena_free(&a);
	if (store_sender_close(&sender, 1, &f) < 0)
		return 8;
	store_close(&s);
	return 0;
}

/* The engine in a process of its own, which gives back its copy of the fixture
 * too: valgrind looks at every process that ends by itself. */
static pid_t engine_start(struct fixture *t, FILE *wire)
{
	pid_t child = fork();
	int ret;

	if (child != 0)
		return child;
	ret = engine(t->path, t->campaign, fileno(wire));
	arena_free(&t->a);
	test_free(t);
	_exit(ret);
}

struct wire {
	int times[MEMBERS + 1];
};

static void read_wire(int fd, struct wire *w)
{
	int64_t contact;

	memset(w, 0, sizeof *w);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	while (read(fd, &contact, sizeof contact) == sizeof contact)
		w->times[contact]++;
}

static int check_recipient(void *ctx, const struct store_recipient *r, struct fail *f)
{
	const struct wire *w = ctx;
	int times = w->times[r->contact];

	(void)f;
	if (times > 1)
		fail_msg("contact %d was sent to %d times", (int)r->contact, times);
	if (r->state == DELIVERY_ACCEPTED && times != 1)
		fail_msg("contact %d is accepted but was not sent to", (int)r->contact);
	if (r->state == DELIVERY_PENDING && times != 0)
		fail_msg("contact %d was sent to and is pending", (int)r->contact);
	return 0;
}

/* kill -9 at any moment of a turn: the state is the old one or the new one, the
 * counts add up, nobody is lost and nobody is sent to twice. */
static void killed_at_any_moment(void **state)
{
	struct fixture *t = fixture_new();
	struct store_recovered n;
	uint32_t seed = 99;
	int kills = 0;
	FILE *wire = tmpfile();

	(void)state;
	assert_non_null(wire);
	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	for (int round = 0; kills < KILLS; round++) {
		struct store_sender *sender;
		struct wire w;
		pid_t child;
		int status;

		store_close(&t->s);
		child = engine_start(t, wire);
		seed = seed * 1664525 + 1013904223;
		(void)nanosleep(&(struct timespec){0, (seed >> 8) % 25 * 1000000L}, NULL);
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		kills += WIFSIGNALED(status) != 0;
		if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
			fail_msg("engine: %d", WEXITSTATUS(status));
		OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
		fixture_sound(t);
		OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
		OK(store_recover(sender, t->campaign, NULL, NULL, TEST_NOW, &n, &t->f));
		assert_int_equal(n.living, 0);
		assert_true(n.uncertain <= PER_TURN);
		OK(store_sender_close(&sender, TEST_NOW, &t->f));
		fixture_sound(t);
		read_wire(fileno(wire), &w);
		OK(store_recipient_each(t->s, t->campaign, check_recipient, &w, &t->f));
		if (WIFEXITED(status)) { /* all done: start again with another campaign */
			const struct store_campaign_new again = {
				.list = t->list, .template_id = t->template_id, .now = TEST_NOW};

			OK(store_campaign_create(t->s, &again, &t->campaign, &t->f));
			OK(store_campaign_set_state(
				t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
			assert_int_equal(ftruncate(fileno(wire), 0), 0);
			rewind(wire);
		}
		(void)lseek(fileno(wire), 0, SEEK_END);
	}
	(void)fclose(wire);
	fixture_free(t);
}

static void several_senders_at_once(void **state)
{
	enum { SENDERS = 4 };
	struct fixture *t = fixture_new();
	struct store_campaign c;
	struct wire w;
	pid_t children[SENDERS];
	FILE *wire = tmpfile();

	(void)state;
	assert_non_null(wire);
	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	store_close(&t->s);
	for (int i = 0; i < SENDERS; i++)
		children[i] = engine_start(t, wire);
	for (int i = 0; i < SENDERS; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	assert_int_equal(c.count[DELIVERY_ACCEPTED], MEMBERS);
	read_wire(fileno(wire), &w);
	for (int i = 1; i <= MEMBERS; i++)
		assert_int_equal(w.times[i], 1);
	fixture_sound(t);
	(void)fclose(wire);
	fixture_free(t);
}

/* The disk fills up at any size of the files: words, and then the old state. */
static void disk_full_at_any_moment(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct rlimit old, low;
	int failed = 0;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(db_exec(t->s->db, "PRAGMA wal_checkpoint(TRUNCATE)", &t->f));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	for (rlim_t size = 1000; size < 120000; size += 3001) {
		struct vec out;
		int ret;

		vec_init(&out, sizeof(struct store_delivery));
		low = (struct rlimit){size, old.rlim_max};
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
		ret = store_turn_begin(sender, t->campaign, TEST_NOW, &t->f);
		if (ret == 0) {
			ret = store_turn_claim(sender, 0, 3, &t->a, &out, &t->f);
			if (ret == 0)
				ret = store_turn_end(sender, &t->f);
			else
				store_turn_abort(sender);
		}
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		if (ret < 0) {
			failed++;
			if (t->f.kind != FAIL_STORE)
				fail_msg("%d: %s", (int)size, t->f.text);
		}
		fixture_sound(t);
		vec_free(&out);
	}
	assert_true(failed > 0 && failed < 40);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void locked_by_another(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct store *other;

	(void)state;
	fixture_campaign(t, 3);
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_open(t->path, STORE_WRITE, &other, &t->f));
	db_set_busy(t->s->db, 20);
	OK(STORE_BEGIN(other, &t->f));
	FAILS(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f), FAIL_TEMP, "another program");
	FAILS(store_list_create(t->s, VIEW("x"), VIEW(""), VIEW(""), 1, &t->f), FAIL_TEMP,
		"nothing was changed");
	(void)store_end(other, -1, &t->f);
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_end(sender, &t->f));
	store_close(&other);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_moment),
		cmocka_unit_test(several_senders_at_once),
		cmocka_unit_test(disk_full_at_any_moment),
		cmocka_unit_test(locked_by_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
