#include "store/delivery_private.h"
#include "store_test.h"

enum { MEMBERS = 10 };

static struct store_sender *start(struct fixture *t)
{
	struct store_sender *sender;

	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	return sender;
}

static size_t claim(struct fixture *t, struct store_sender *sender, size_t limit, int64_t now)
{
	struct vec out;
	size_t n;

	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, now, &t->f));
	OK(store_turn_claim(sender, 0, limit, &t->a, &out, &t->f));
	OK(store_turn_end(sender, &t->f));
	n = out.len;
	vec_free(&out);
	return n;
}

static int mark(struct fixture *t, struct store_sender *sender, int64_t contact, int64_t batch)
{
	int ret;

	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	ret = store_turn_mark(sender, contact, batch, &t->f);
	OK(store_turn_end(sender, &t->f));
	return ret;
}

static int result(
	struct fixture *t, struct store_sender *sender, int64_t contact, enum delivery_state state)
{
	const struct store_result r = {.state = state,
		.reply_code = 250,
		.status = VIEW("2.0.0"),
		.reason = VIEW("why"),
		.text = VIEW("said \"so\"\x1b[31m\xff"),
		.due = TEST_NOW + 60};
	int ret;

	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	ret = store_turn_result(sender, contact, &r, &t->f);
	if (ret < 0)
		store_turn_abort(sender);
	else
		OK(store_turn_end(sender, &t->f));
	return ret;
}

static int64_t counted(struct fixture *t, enum delivery_state state)
{
	struct store_campaign c;

	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	return c.count[state];
}

struct seen {
	int64_t contact;
	enum delivery_state state;
	int64_t attempts, due;
	char text[64], reason[64];
};

static int see(void *ctx, const struct store_recipient *r, struct fail *f)
{
	struct seen *seen = ctx;

	(void)f;
	if (r->contact != seen->contact)
		return 0;
	seen->state = r->state;
	seen->attempts = r->attempts;
	seen->due = r->due;
	(void)snprintf(seen->text, sizeof seen->text, "%.*s", VIEW_ARG(r->text));
	(void)snprintf(seen->reason, sizeof seen->reason, "%.*s", VIEW_ARG(r->reason));
	return 1;
}

static struct seen look(struct fixture *t, int64_t contact)
{
	struct seen seen = {.contact = contact};

	OK(store_recipient_each(t->s, t->campaign, see, &seen, &t->f));
	return seen;
}

static void one_way_through(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct seen seen;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	assert_int_equal(claim(t, sender, 4, TEST_NOW), 4);
	assert_int_equal(counted(t, DELIVERY_CLAIMED), 4);
	assert_int_equal(mark(t, sender, 1, 9), 0);
	assert_int_equal(look(t, 1).state, DELIVERY_COMMITTED);
	assert_int_equal(result(t, sender, 1, DELIVERY_ACCEPTED), 0);
	seen = look(t, 1);
	assert_int_equal(seen.state, DELIVERY_ACCEPTED);
	assert_int_equal(seen.attempts, 1);
	assert_string_equal(seen.text, "said \"so\"\xef\xbf\xbd[31m\xef\xbf\xbd");
	assert_int_equal(result(t, sender, 1, DELIVERY_ACCEPTED), STORE_LOST);
	assert_int_equal(mark(t, sender, 1, 9), STORE_LOST);
	assert_int_equal(mark(t, sender, 9, 9), STORE_LOST); /* never claimed */
	assert_int_equal(mark(t, sender, 4711, 9), STORE_LOST);
	assert_int_equal(result(t, sender, 4711, DELIVERY_REFUSED), STORE_LOST);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	assert_null(sender);
	assert_int_equal(counted(t, DELIVERY_PENDING), MEMBERS - 1);
	assert_int_equal(look(t, 2).attempts, 0); /* given back: none was made */
	fixture_sound(t);
	fixture_free(t);
}

/* What store_turn_result() may do from claimed and from committed. */
static const struct way {
	enum delivery_state to;
	bool claimed, committed;
} ways[] = {
	{DELIVERY_PENDING, true, true},
	{DELIVERY_CLAIMED, false, false},
	{DELIVERY_COMMITTED, false, false},
	{DELIVERY_ACCEPTED, false, true},
	{DELIVERY_DEFERRED, true, true},
	{DELIVERY_REFUSED, true, true},
	{DELIVERY_UNCERTAIN, false, true},
	{DELIVERY_SKIPPED, true, true},
};

static void only_allowed_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * sizeof ways / sizeof *ways; i++) {
		const struct way *w = &ways[i / 2];
		bool committed = i % 2 == 1, allowed = committed ? w->committed : w->claimed;
		struct fixture *t = fixture_new();
		struct store_sender *sender;
		int ret;

		fixture_campaign(t, 2);
		sender = start(t);
		assert_int_equal(claim(t, sender, 1, TEST_NOW), 1);
		if (committed)
			assert_int_equal(mark(t, sender, 1, 1), 0);
		ret = result(t, sender, 1, w->to);
		if (ret != (allowed ? 0 : -1) || (ret < 0 && t->f.kind != FAIL_BUG))
			fail_msg("%s -> %s: %d %s", committed ? "committed" : "claimed",
				delivery_state_name(w->to), ret, t->f.text);
		assert_int_equal(look(t, 1).state, allowed     ? w->to
						   : committed ? DELIVERY_COMMITTED
							       : DELIVERY_CLAIMED);
		fixture_sound(t);
		OK(store_sender_close(&sender, TEST_NOW, &t->f));
		fixture_sound(t);
		fixture_free(t);
	}
}

/* Rows are from, columns to, in the order of the enum. */
static void table_of_ways(void **state)
{
	static const char *const want[DELIVERY_STATES] = {
		[DELIVERY_PENDING] = ".c.....sx",
		[DELIVERY_CLAIMED] = "p.m.dr.sx",
		[DELIVERY_COMMITTED] = "p..adrusx",
		[DELIVERY_ACCEPTED] = ".........",
		[DELIVERY_DEFERRED] = "p.......x",
		[DELIVERY_REFUSED] = ".........",
		[DELIVERY_UNCERTAIN] = "p..a.....",
		[DELIVERY_SKIPPED] = ".........",
		[DELIVERY_CANCELLED] = ".........",
	};

	(void)state;
	for (int from = 0; from < DELIVERY_STATES; from++) {
		for (int to = 0; to < DELIVERY_STATES; to++) {
			bool may = delivery_may((enum delivery_state)from, (enum delivery_state)to);

			if (may != (want[from][to] != '.'))
				fail_msg("%s -> %s", delivery_state_name((enum delivery_state)from),
					delivery_state_name((enum delivery_state)to));
		}
	}
	assert_false(delivery_may((enum delivery_state)99, DELIVERY_PENDING));
	assert_string_equal(delivery_state_name((enum delivery_state)99), "unknown");
}

/* What the sender knows of its mark spares a look; what it only believes does no harm. */
static void presumed_marks(void **state)
{
	static const struct {
		int64_t attempt, batch;
		bool marked;
		enum delivery_state state;
		int ret;
	} rows[] = {
		{1, 70, true, DELIVERY_ACCEPTED, 0},
		{2, 70, true, DELIVERY_ACCEPTED, 0},
		{1, 71, true, DELIVERY_DEFERRED, 0},
		{0, 0, true, DELIVERY_REFUSED, 0},
		{1, 70, false, DELIVERY_REFUSED, 0},
		{1, 70, false, DELIVERY_ACCEPTED, -1},
		{1, 70, true, DELIVERY_PENDING, 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fixture *t = fixture_new();
		struct store_sender *sender;
		const struct store_result r = {.state = rows[i].state,
			.reply_code = 250,
			.text = VIEW("said"),
			.due = TEST_NOW + 60,
			.attempt = rows[i].attempt,
			.batch = rows[i].batch};
		int ret;

		(void)state;
		fixture_campaign(t, MEMBERS);
		sender = start(t);
		assert_int_equal(claim(t, sender, 1, TEST_NOW), 1);
		if (rows[i].marked)
			OK(mark(t, sender, 1, 70));
		OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
		ret = store_turn_result(sender, 1, &r, &t->f);
		if (ret == 0) /* again: nobody holds it any more */
			assert_int_equal(store_turn_result(sender, 1, &r, &t->f), STORE_LOST);
		if (ret < 0)
			store_turn_abort(sender);
		else
			OK(store_turn_end(sender, &t->f));
		if (ret != rows[i].ret)
			fail_msg("row %zu: %d", i, ret);
		if (ret == 0) {
			assert_int_equal(counted(t, rows[i].state),
				rows[i].state == DELIVERY_PENDING ? MEMBERS : 1);
			assert_int_equal(look(t, 1).state, rows[i].state);
			assert_int_equal(look(t, 1).attempts, 1);
			assert_int_equal(
				fixture_number(t, "SELECT count(*) FROM event WHERE contact_id = 1"
						  " AND data LIKE '%\"attempt\":1,%'"
						  " AND (data LIKE '%\"batch\":70,%') ="
						  " (SELECT batch = 70 FROM delivery"
						  " WHERE contact_id = 1)"),
				1);
		}
		OK(store_sender_close(&sender, TEST_NOW, &t->f));
		fixture_free(t);
	}
}

static void deferred_come_back_when_due(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	int64_t due;

	(void)state;
	fixture_campaign(t, 2);
	sender = start(t);
	OK(store_next_due(t->s, t->campaign, &due, &t->f));
	assert_int_equal(due, 0);
	assert_int_equal(claim(t, sender, 5, TEST_NOW), 2);
	assert_int_equal(result(t, sender, 1, DELIVERY_DEFERRED), 0);
	assert_int_equal(mark(t, sender, 2, 1), 0);
	assert_int_equal(result(t, sender, 2, DELIVERY_REFUSED), 0);
	OK(store_next_due(t->s, t->campaign, &due, &t->f));
	assert_int_equal(due, TEST_NOW + 60);
	assert_int_equal(claim(t, sender, 5, TEST_NOW + 59), 0);
	assert_int_equal(claim(t, sender, 5, TEST_NOW + 60), 1);
	assert_int_equal(look(t, 1).attempts, 2);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void skips_at_claim(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	OK(store_suppress_add(t->s, VIEW("m1@d1.example"), VIEW("complaint"), 1, &t->f));
	OK(store_subscriber_remove(t->s, t->list, VIEW("m2@d2.example"), 1, &t->f));
	OK(db_exec(t->s->db, "UPDATE subscription SET state = 1 WHERE contact_id = 3", &t->f));
	/* Three are passed over in the first look; it looks on. */
	assert_int_equal(claim(t, sender, 3, TEST_NOW), 3);
	assert_string_equal(look(t, 1).reason, "suppressed");
	assert_string_equal(look(t, 2).reason, "removed");
	assert_string_equal(look(t, 3).reason, "unsubscribed");
	assert_int_equal(counted(t, DELIVERY_SKIPPED), 3);
	assert_int_equal(look(t, 4).state, DELIVERY_CLAIMED);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void cancel_keeps_only_what_may_have_left(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	int64_t n;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	assert_int_equal(claim(t, sender, 5, TEST_NOW), 5);
	assert_int_equal(mark(t, sender, 1, 1), 0);
	assert_int_equal(mark(t, sender, 2, 1), 0);
	assert_int_equal(result(t, sender, 3, DELIVERY_DEFERRED), 0);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_CANCELLED, TEST_NOW, &t->f));
	assert_int_equal(counted(t, DELIVERY_CANCELLED), MEMBERS - 2);
	assert_int_equal(mark(t, sender, 4, 1), STORE_LOST);
	assert_int_equal(result(t, sender, 1, DELIVERY_ACCEPTED), 0);
	assert_int_equal(result(t, sender, 2, DELIVERY_DEFERRED), 0);
	assert_int_equal(look(t, 2).state, DELIVERY_CANCELLED);
	assert_int_equal(claim(t, sender, 5, TEST_NOW), 0);
	FAILS(store_retry_uncertain(t->s, t->campaign, TEST_NOW, &n, &t->f), FAIL_GUARD,
		"cancelled");
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

static void an_aborted_turn_never_was(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct vec out;
	int64_t events, after, bad;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	assert_int_equal(store_event_verify(t->s, &events, &bad, &t->f), 1);
	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(sender, 0, 5, &t->a, &out, &t->f));
	OK(store_turn_mark(sender, 1, 1, &t->f));
	store_turn_abort(sender);
	store_turn_abort(sender);
	vec_free(&out);
	assert_int_equal(counted(t, DELIVERY_PENDING), MEMBERS);
	assert_int_equal(store_event_verify(t->s, &after, &bad, &t->f), 1);
	assert_int_equal(after, events);
	assert_int_equal(claim(t, sender, 5, TEST_NOW), 5);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

/* P2: where rows and counts were brought apart, a turn says so and changes nothing. */
static void sums_are_asserted(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct vec out;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	OK(db_exec(t->s->db, "UPDATE campaign SET pending = pending + 1", &t->f));
	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(sender, 0, 5, &t->a, &out, &t->f));
	FAILS(store_turn_end(sender, &t->f), FAIL_BUG, "add up to 11 and not to 10");
	vec_free(&out);
	FAILS(store_campaign_audit(t->s, t->campaign, &t->f), FAIL_BUG, "in state pending");
	OK(db_exec(t->s->db, "UPDATE campaign SET pending = pending - 1", &t->f));
	fixture_sound(t);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

struct tallies {
	int n;
	int64_t sum;
	char first[64];
};

static int add_tally(void *ctx, const struct store_tally *tally)
{
	struct tallies *sum = ctx;

	if (sum->n++ == 0)
		(void)snprintf(sum->first, sizeof sum->first, "%.*s", VIEW_ARG(tally->what));
	sum->sum += tally->count;
	return 0;
}

static void tallies_add_up(void **state)
{
	struct fixture *t = fixture_new();
	struct tallies domains = {0}, reasons = {0};
	struct store_sender *sender;

	(void)state;
	fixture_campaign(t, MEMBERS);
	sender = start(t);
	assert_int_equal(claim(t, sender, 3, TEST_NOW), 3);
	assert_int_equal(result(t, sender, 1, DELIVERY_REFUSED), 0);
	assert_int_equal(result(t, sender, 2, DELIVERY_REFUSED), 0);
	assert_int_equal(result(t, sender, 3, DELIVERY_DEFERRED), 0);
	OK(store_read_begin(t->s, &t->f));
	OK(store_tally_domains(t->s, t->campaign, add_tally, &domains, &t->f));
	OK(store_tally_reasons(t->s, t->campaign, add_tally, &reasons, &t->f));
	OK(store_campaign_audit(t->s, t->campaign, &t->f));
	store_read_end(t->s);
	assert_int_equal(domains.sum, MEMBERS);
	assert_string_equal(domains.first, "d0.example");
	assert_int_equal(reasons.sum, 3);
	assert_int_equal(reasons.n, 2);
	assert_string_equal(reasons.first, "why");
	assert_int_equal(store_is_recipient(t->s, t->campaign, VIEW("m1@d1.example"), &t->f), 1);
	assert_int_equal(store_is_recipient(t->s, t->campaign, VIEW("x@d1.example"), &t->f), 0);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_way_through),
		cmocka_unit_test(only_allowed_ways),
		cmocka_unit_test(table_of_ways),
		cmocka_unit_test(presumed_marks),
		cmocka_unit_test(deferred_come_back_when_due),
		cmocka_unit_test(skips_at_claim),
		cmocka_unit_test(cancel_keeps_only_what_may_have_left),
		cmocka_unit_test(an_aborted_turn_never_was),
		cmocka_unit_test(sums_are_asserted),
		cmocka_unit_test(tallies_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
