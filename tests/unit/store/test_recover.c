#include <signal.h>
#include <sys/wait.h>
#include "store/delivery_private.h"
#include "store/event.h"
#include "store_test.h"

/* A folder that looks like /proc for some processes. */
static void fake_process(const char *dir, int64_t pid, const char *born, char in_state)
{
	char name[128];
	FILE *out;

	(void)snprintf(name, sizeof name, "%s/%d", dir, (int)pid);
	assert_int_equal(mkdir(name, 0700), 0);
	(void)snprintf(name, sizeof name, "%s/%d/stat", dir, (int)pid);
	out = fopen(name, "w");
	assert_non_null(out);
	(void)fprintf(out, "%d (a ) (b) %c 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 %s 20 21\n",
		(int)pid, in_state, born);
	(void)fclose(out);
}

static void drop_process(const char *dir, int64_t pid)
{
	char name[128];

	(void)snprintf(name, sizeof name, "%s/%d/stat", dir, (int)pid);
	(void)unlink(name);
	(void)snprintf(name, sizeof name, "%s/%d", dir, (int)pid);
	assert_int_equal(rmdir(name), 0);
}

static const struct life_case {
	const char *name, *machine, *boot, *space;
	int64_t pid, born, beat; /* beat: ms before now */
	enum sender_life life;
} lives[] = {
	{"the same process", "m", "b", "s", 42, 777, 999999, SENDER_ALIVE},
	{"stopped, beating", "m", "b", "s", 44, 777, 1000, SENDER_ALIVE},
	{"stopped, silent", "m", "b", "s", 44, 777, SENDER_LEASE_MS, SENDER_SILENT},
	{"its number, another process", "m", "b", "s", 42, 776, 0, SENDER_DEAD},
	{"no such process", "m", "b", "s", 43, 777, 0, SENDER_DEAD},
	{"another boot", "m", "old", "s", 42, 777, 0, SENDER_DEAD},
	{"another namespace, beating", "m", "b", "t", 42, 777, 1000, SENDER_ALIVE},
	{"another namespace, silent", "m", "b", "t", 42, 777, SENDER_LEASE_MS, SENDER_SILENT},
	{"another machine, beating", "n", "c", "s", 42, 777, 1000, SENDER_ALIVE},
	{"another machine, silent", "n", "c", "s", 42, 777, SENDER_LEASE_MS + 1, SENDER_SILENT},
	{"another machine, clock ahead", "n", "c", "s", 42, 777, -9999999, SENDER_ALIVE},
	{"birth unknown, beating", "m", "b", "s", 43, -1, 1000, SENDER_ALIVE},
	{"birth unknown, silent", "m", "b", "s", 43, -1, SENDER_LEASE_MS, SENDER_SILENT},
	{"boot unknown, beating", "m", "", "s", 43, 777, 1000, SENDER_ALIVE},
};

static void who_lives(void **state)
{
	const struct sender_id self = {"m", "b", "s", 1, 1};
	char proc[] = "/tmp/fct-proc-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(proc));
	fake_process(proc, 42, "777", 'S');
	fake_process(proc, 44, "777", 'T');
	for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
		const struct life_case *c = &lives[i];
		struct sender_id id = {.pid = c->pid, .born = c->born};

		(void)snprintf(id.machine, sizeof id.machine, "%s", c->machine);
		(void)snprintf(id.boot, sizeof id.boot, "%s", c->boot);
		(void)snprintf(id.space, sizeof id.space, "%s", c->space);
		if (sender_life(&id, 100000000 - c->beat, &self, proc, 100000000) != c->life)
			fail_msg("%s", c->name);
	}
	drop_process(proc, 42);
	drop_process(proc, 44);
	assert_int_equal(rmdir(proc), 0);
}

/* Killed, and its parent (the first process of a container, say) never asked. */
static void a_zombie_is_dead(void **state)
{
	struct sender_id self, child;
	siginfo_t info;
	int link[2];
	pid_t pid;

	(void)state;
	sender_self("/proc", &self);
	assert_int_equal(pipe(link), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sender_self("/proc", &child);
		_exit(write(link[1], &child, sizeof child) != (ssize_t)sizeof child);
	}
	assert_int_equal(read(link[0], &child, sizeof child), sizeof child);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(sender_life(&child, TEST_NOW, &self, "/proc", TEST_NOW), SENDER_DEAD);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(link[0]);
	(void)close(link[1]);
}

static void knows_itself(void **state)
{
	struct sender_id self;

	(void)state;
	sender_self("/proc", &self);
	assert_int_equal(self.pid, getpid());
	assert_true(self.born > 0);
	assert_true(self.machine[0] != '\0' && self.boot[0] != '\0');
	assert_int_equal(sender_life(&self, 0, &self, "/proc", TEST_NOW), SENDER_ALIVE);
	sender_self("/nonexistent", &self);
	assert_int_equal(self.born, -1);
	assert_string_equal(self.boot, "");
}

/* A process claims `claims`, marks `marks` of them and is killed. */
static void leave(struct fixture *t, size_t claims, int64_t marks)
{
	pid_t child;
	int status;

	store_close(&t->s);
	child = fork();
	if (child == 0) {
		struct store_sender *sender;
		struct vec out;

		vec_init(&out, sizeof(struct store_delivery));
		if (store_open(t->path, STORE_WRITE, &t->s, &t->f) < 0 ||
			store_sender_open(t->s, TEST_NOW, &sender, &t->f) < 0 ||
			store_turn_begin(sender, t->campaign, TEST_NOW, &t->f) < 0 ||
			store_turn_claim(sender, 0, claims, &t->a, &out, &t->f) < 0)
			_exit(1);
		for (int64_t i = 1; i <= marks; i++) {
			if (store_turn_mark(sender, i, i % 3, &t->f) != 0)
				_exit(2);
		}
		if (store_turn_end(sender, &t->f) == 0)
			(void)raise(SIGKILL);
		_exit(3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
}

static enum delivery_state by_batch(void *ctx, const struct store_delivery *d)
{
	static const enum delivery_state to[] = {
		DELIVERY_ACCEPTED, DELIVERY_PENDING, DELIVERY_UNCERTAIN};

	assert_int_equal(d->batch, d->contact % 3);
	assert_true(d->address.len > 0);
	++*(int *)ctx;
	return to[d->batch];
}

static void takes_back_from_the_dead(void **state)
{
	struct fixture *t = fixture_new();
	struct store_recovered n;
	struct store_sender *sender;
	struct store_campaign c;
	int64_t again;
	int asked = 0;

	(void)state;
	fixture_campaign(t, 20);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	leave(t, 10, 6);
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_recover(sender, t->campaign, by_batch, &asked, TEST_NOW, &n, &t->f));
	assert_int_equal(asked, 6);
	assert_int_equal(n.claimed, 4);
	assert_int_equal(n.committed, 6);
	assert_int_equal(n.uncertain, 2);
	assert_int_equal(n.living, 0);
	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	assert_int_equal(c.count[DELIVERY_ACCEPTED], 2);
	assert_int_equal(c.count[DELIVERY_UNCERTAIN], 2);
	assert_int_equal(c.count[DELIVERY_PENDING], 16);
	fixture_sound(t);
	OK(store_recover(sender, t->campaign, NULL, NULL, TEST_NOW, &n, &t->f)); /* idempotent */
	assert_int_equal(n.claimed + n.committed + n.uncertain, 0);
	OK(store_retry_uncertain(t->s, t->campaign, TEST_NOW, &again, &t->f));
	assert_int_equal(again, 2);
	fixture_sound(t);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

static int count_pauses(void *ctx, const struct store_event *e)
{
	*(int *)ctx += view_is(e->kind, "campaign.paused");
	return 0;
}

static void in_doubt_without_a_judge(void **state)
{
	int pauses = 0;
	struct fixture *t = fixture_new();
	struct store_recovered n;
	struct store_sender *sender;
	enum campaign_state now;
	int64_t again;

	(void)state;
	fixture_campaign(t, 3);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	leave(t, 3, 3);
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_recover(sender, t->campaign, NULL, NULL, TEST_NOW, &n, &t->f));
	assert_int_equal(n.uncertain, 3);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_DONE, TEST_NOW, &t->f));
	OK(store_retry_uncertain(t->s, t->campaign, TEST_NOW, &again, &t->f));
	assert_int_equal(again, 3);
	OK(store_campaign_state(t->s, t->campaign, &now, &t->f));
	assert_int_equal(now, CAMPAIGN_PAUSED);
	OK(store_event_each(t->s, t->campaign, count_pauses, &pauses, &t->f));
	assert_int_equal(pauses, 1); /* no change of state without its event (P6) */
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void leaves_the_living_alone(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *one, *two;
	struct store_recovered n;
	struct vec out;
	int living;

	(void)state;
	fixture_campaign(t, 6);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &one, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &two, &t->f));
	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(one, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(one, 0, 4, &t->a, &out, &t->f));
	OK(store_turn_mark(one, 1, 1, &t->f));
	OK(store_turn_end(one, &t->f));
	OK(store_recover(two, t->campaign, NULL, NULL, TEST_NOW + SENDER_LEASE_MS * 9, &n, &t->f));
	assert_int_equal(n.living, 1);
	assert_int_equal(n.claimed + n.committed, 0);
	OK(store_senders_living(t->s, t->campaign, TEST_NOW, &living, &t->f));
	assert_int_equal(living, 2);
	OK(store_senders_living(t->s, t->campaign + 1, TEST_NOW, &living, &t->f));
	assert_int_equal(living, 0);
	/* Closed with a committed one in hand: that one waits for a recovery. */
	OK(store_sender_close(&one, TEST_NOW, &t->f));
	fixture_sound(t);
	OK(store_recover(two, t->campaign, NULL, NULL, TEST_NOW, &n, &t->f));
	assert_int_equal(n.living, 0);
	assert_int_equal(n.committed, 1);
	assert_int_equal(n.uncertain, 1);
	OK(store_senders_living(t->s, t->campaign, TEST_NOW, &living, &t->f));
	assert_int_equal(living, 1);
	OK(store_sender_close(&two, TEST_NOW, &t->f));
	OK(store_senders_living(t->s, t->campaign, TEST_NOW, &living, &t->f));
	assert_int_equal(living, 0);
	vec_free(&out);
	fixture_sound(t);
	fixture_free(t);
}

/* What a sender does that was stopped with 4 in hand, 2 of them marked, when it wakes
 * long after: the step that went wrong, or 0. */
static int wake_up(struct fixture *t, struct store_sender *sender)
{
	const struct store_result accepted = {.state = DELIVERY_ACCEPTED};
	int64_t late = TEST_NOW + SENDER_LEASE_MS + 9;
	struct vec out;

	vec_init(&out, sizeof(struct store_delivery));
	if (store_turn_begin(sender, t->campaign, late, &t->f) != STORE_LOST)
		return 10;
	if (store_turn_result(sender, 1, &accepted, &t->f) != STORE_LOST ||
		store_turn_mark(sender, 3, 3, &t->f) != STORE_LOST)
		return 11;
	/* It can go on, as somebody new. */
	if (store_turn_claim(sender, 0, 1, &t->a, &out, &t->f) < 0 || out.len != 1 ||
		store_turn_mark(sender, ((struct store_delivery *)vec_at(&out, 0))->contact, 7,
			&t->f) != 0 ||
		store_turn_end(sender, &t->f) < 0)
		return 12;
	if (store_turn_begin(sender, t->campaign, late + 1, &t->f) != 0)
		return 13;
	store_turn_abort(sender);
	vec_free(&out);
	return 0;
}

/* A process that claims 4, marks 2 of them, stops, and then wakes up. */
static int stop_and_wake(struct fixture *t)
{
	struct store_sender *sender;
	struct vec out;

	vec_init(&out, sizeof(struct store_delivery));
	if (store_open(t->path, STORE_WRITE, &t->s, &t->f) < 0 ||
		store_sender_open(t->s, TEST_NOW, &sender, &t->f) < 0 ||
		store_turn_begin(sender, t->campaign, TEST_NOW, &t->f) < 0 ||
		store_turn_claim(sender, 0, 4, &t->a, &out, &t->f) < 0 ||
		store_turn_mark(sender, 1, 1, &t->f) != 0 ||
		store_turn_mark(sender, 2, 2, &t->f) != 0 || store_turn_end(sender, &t->f) < 0)
		return 1;
	(void)raise(SIGSTOP);
	return wake_up(t, sender);
}

static enum delivery_state not_there(void *ctx, const struct store_delivery *d)
{
	(void)ctx;
	(void)d;
	return DELIVERY_PENDING;
}

static void takes_over_from_the_stopped(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct store_recovered n;
	pid_t child;
	int status;

	(void)state;
	fixture_campaign(t, 6);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	store_close(&t->s);
	child = fork();
	if (child == 0)
		_exit(stop_and_wake(t));
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	OK(store_recover(
		sender, t->campaign, not_there, NULL, TEST_NOW + SENDER_LEASE_MS - 1, &n, &t->f));
	assert_int_equal(n.living, 1);
	assert_int_equal(n.claimed + n.committed, 0);
	OK(store_recover(
		sender, t->campaign, not_there, NULL, TEST_NOW + SENDER_LEASE_MS, &n, &t->f));
	assert_int_equal(n.living, 0);
	assert_int_equal(n.claimed, 2);
	/* Not pending, whatever the relay says: it may yet complete them. */
	assert_int_equal(n.uncertain, 2);
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	fixture_sound(t);
	/* Its second life has ended too, and can be taken back from. */
	OK(store_recover(sender, t->campaign, NULL, NULL, TEST_NOW + SENDER_LEASE_MS, &n, &t->f));
	assert_int_equal(n.uncertain, 1);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_lives),
		cmocka_unit_test(a_zombie_is_dead),
		cmocka_unit_test(knows_itself),
		cmocka_unit_test(takes_back_from_the_dead),
		cmocka_unit_test(in_doubt_without_a_judge),
		cmocka_unit_test(leaves_the_living_alone),
		cmocka_unit_test(takes_over_from_the_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
