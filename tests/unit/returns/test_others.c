/* What came back may harm somebody else: nobody loses anything by what another can write. */
#include <time.h>
#include "returns_test.h"

enum { MEMBERS = 12 };

/* --- since it was sent ---------------------------------------------------- */

/* The address that fails is not that of the contact any more: the new one loses nothing. */
static void an_address_given_up_costs_nothing(void **state)
{
	static const enum bounce_reason reasons[] = {
		REASON_USER_UNKNOWN, REASON_UNKNOWN, REASON_MAILBOX_DISABLED};
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct said said = {.kind = BOUNCE_AUTO_REPLY,
		.from = "m7@d1.example",
		.new_address = "seven@new.example",
		.token = scene_token(sc, TOKEN_RETURN, t->campaign, 7)};
	struct returns_outcome out;
	size_t n;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	OK(db_exec(t->s->db,
		"INSERT INTO strike VALUES (7, 'mailbox-disabled', 99, 1, 100, 'd1.example')",
		&t->f));
	out = scene_take(sc, &said);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM strike WHERE weight <> 0"), 0);
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		said = (struct said){BOUNCE_FAILED, 0, reasons[i], BOUNCE_PERMANENT,
			"m7@d1.example", NULL, NULL, "no such user",
			scene_token(sc, TOKEN_RETURN, t->campaign, 7)};
		out = scene_take(sc, &said);
		OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	}
	assert_int_equal(scene_campaign(sc).later[LATER_BOUNCED], 1);
	assert_false(scene_suppressed(sc, "seven@new.example"));
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM strike WHERE weight <> 0"), 0);
	/* A complaint is the person's, whatever the address. */
	said.kind = BOUNCE_COMPLAINT;
	said.complaint = COMPLAINT_ABUSE;
	assert_int_equal(scene_take(sc, &said).unsubscribed, 1);
	assert_true(scene_suppressed(sc, "seven@new.example"));
	scene_free(sc);
}

/* --- what somebody may do to another -------------------------------------- */

/* The name of a message of another's, and an address that is new each time. */
static void nobody_is_asked_by_the_dozen(void **state)
{
	enum { WRITERS = 12 };
	struct scene *sc = scene_new(MEMBERS, "");

	(void)state;
	scene_send(sc, MEMBERS, 0);
	for (int i = 0; i < WRITERS; i++) {
		char from[32];
		struct said said = {.kind = BOUNCE_UNSUBSCRIBE,
			.from = from,
			.token = scene_token(sc, TOKEN_MESSAGE, sc->fx->campaign, 5)};

		(void)snprintf(from, sizeof from, "w%d@evil.example", i);
		assert_int_equal(scene_take(sc, &said).asks, i == 0);
	}
	assert_int_equal(returns_questions(sc->r)->len, 1);
	scene_free(sc);
}

/* All recipients of a message to many know its token, and may know each other's addresses. */
static void what_many_know_pauses_nothing(void **state)
{
	struct scene *sc = scene_new(MEMBERS + 1, "bounces: {least: {hard: 3}}");
	struct fixture *t = sc->fx;
	enum campaign_state campaign;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	for (int i = 1; i <= MEMBERS; i++) {
		char address[32];
		struct said said = {BOUNCE_FAILED, 0, REASON_USER_UNKNOWN, BOUNCE_PERMANENT,
			address, NULL, NULL, NULL, scene_token(sc, TOKEN_RETURN, t->campaign, 0)};

		(void)snprintf(address, sizeof address, "m%d@d%d.example", i, i % 3);
		assert_int_equal(scene_take(sc, &said).paused, 0);
	}
	OK(store_campaign_state(t->s, t->campaign, &campaign, &t->f));
	assert_int_equal(campaign, CAMPAIGN_SENDING);
	/* It is told, for it may be so. */
	assert_int_equal(
		fixture_number(t, "SELECT n FROM alarm WHERE cause = 'hard-bounces'"), MEMBERS);
	scene_free(sc);
}

/* What unsubscribes one member came from another: it was handed on, and he is not sure. */
static void another_member_takes_nobody_off(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct said said = {.kind = BOUNCE_OTHER, .from = "m5@d2.example"};
	struct returns_outcome out;
	size_t n;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	said.token = scene_token(sc, TOKEN_UNSUBSCRIBE, t->campaign, 4);
	out = scene_take(sc, &said);
	assert_int_equal(out.unsubscribed, 0);
	assert_int_equal(out.proposed, 1);
	assert_int_equal(
		fixture_number(t, "SELECT count(*) FROM subscription WHERE state <> 0"), 0);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(
		fixture_number(t, "SELECT state FROM subscription WHERE contact_id = 4"), 1);
	scene_free(sc);
}

/* Our question was answered by a program that did not say so in words. */
static void a_program_confirms_nothing(void **state)
{
	static const struct {
		const char *raw;
		bool confirms;
	} answers[] = {
		{"Return-Path: <>\nSubject: Re: leave?\n\nthank you\n", false},
		{"Precedence: bulk\nSubject: Re: leave?\n\nthank you\n", false},
		{"Return-Path: <m5@d2.example>\nSubject: Re: leave?\n\nyes\n", true},
	};
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct bounce_verdict v = {.kind = BOUNCE_OTHER, .from = VIEW("m5@d2.example")};
		const struct returns_origin origin = {.place = VIEW("returns"),
			.space = VIEW("s"),
			.name = view_of(answers[i].raw),
			.raw = view_of(answers[i].raw),
			.now = TEST_NOW};
		struct returns_outcome out;

		v.tokens[v.token_count++] = scene_token(sc, TOKEN_CONFIRM, t->campaign, 5);
		OK(returns_take(sc->r, &v, &origin, &out, &t->f));
		if (out.unsubscribed != answers[i].confirms)
			fail_msg("%s", answers[i].raw);
	}
	scene_free(sc);
}

/* A member knows his own token, and may write whatever report he likes. */
static void a_thousand_recipients_in_no_time(void **state)
{
	enum { RCPTS = 1000, SIZE = 256, SECONDS_MAX = 20 };
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct bounce_recipient *all = test_calloc(RCPTS, sizeof *all);
	char(*address)[SIZE] = test_calloc(RCPTS, sizeof *address);
	struct bounce_verdict v = {
		.kind = BOUNCE_FAILED, .recipients = all, .recipient_count = RCPTS};
	const struct returns_origin origin = {.place = VIEW("returns"),
		.space = VIEW("s"),
		.name = VIEW("1"),
		.raw = VIEW("1"),
		.now = TEST_NOW};
	struct returns_outcome out;
	clock_t began = clock();

	(void)state;
	scene_send(sc, MEMBERS, 0);
	v.tokens[v.token_count++] = scene_token(sc, TOKEN_RETURN, t->campaign, 1);
	for (int i = 0; i < RCPTS; i++) {
		(void)snprintf(address[i], SIZE,
			"u%d@b\u00fccher.b\u00fccher.b\u00fccher.b\u00fccher.b\u00fccher."
			"b\u00fccher.example",
			i);
		all[i] = (struct bounce_recipient){.address = view_of(address[i]),
			.reason = REASON_USER_UNKNOWN,
			.permanence = BOUNCE_PERMANENT};
	}
	OK(returns_take(sc->r, &v, &origin, &out, &t->f));
	assert_int_equal(out.recorded, RCPTS);
	assert_int_equal(out.suppressed, 1);
	assert_true((clock() - began) / CLOCKS_PER_SEC < SECONDS_MAX);
	test_free(address);
	test_free(all);
	scene_free(sc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_given_up_costs_nothing),
		cmocka_unit_test(nobody_is_asked_by_the_dozen),
		cmocka_unit_test(what_many_know_pauses_nothing),
		cmocka_unit_test(another_member_takes_nobody_off),
		cmocka_unit_test(a_program_confirms_nothing),
		cmocka_unit_test(a_thousand_recipients_in_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
