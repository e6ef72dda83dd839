#include "returns_test.h"

#define SAID(what, type, why, how_long, who)                                                       \
	{                                                                                          \
		.kind = (what), .complaint = (type), .reason = (why), .permanence = (how_long),    \
		.address = (who)                                                                   \
	}

enum { MEMBERS = 12 };

/* --- whose message it is ------------------------------------------------- */

static void a_valid_token_acts(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct said said = {BOUNCE_FAILED, 0, REASON_USER_UNKNOWN, BOUNCE_PERMANENT,
		"m1@d1.example", NULL, NULL, "550 5.1.1 no such user", {0}};
	struct returns_outcome out;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	said.token = scene_token(sc, TOKEN_RETURN, t->campaign, 1);
	out = scene_take(sc, &said);
	assert_true(out.valid);
	assert_int_equal(out.suppressed, 1);
	assert_true(scene_suppressed(sc, "m1@d1.example"));
	assert_int_equal(scene_campaign(sc).later[LATER_BOUNCED], 1);
	assert_int_equal(scene_campaign(sc).count[DELIVERY_ACCEPTED], MEMBERS);
	/* Again, under another name: nothing more. */
	out = scene_take(sc, &said);
	assert_int_equal(out.suppressed, 0);
	assert_int_equal(scene_campaign(sc).later[LATER_BOUNCED], 1);
	/* Taken off, it is not put back by the same campaign. */
	assert_int_equal(store_suppress_remove(t->s, VIEW("m1@d1.example"), sc->now, &t->f), 1);
	(void)scene_take(sc, &said);
	assert_false(scene_suppressed(sc, "m1@d1.example"));
	scene_free(sc);
}

static const struct tie_row {
	const char *name, *address;
	enum token_purpose purpose;
	int64_t campaign, contact; /* added to those of the scene */
	bool none, altered, other_key, late;
	bool acts;
	const char *suppressed; /* who is then: at once, or where `unsure` when somebody agrees */
	bool unsure;
} ties[] = {
	{"its own", "m2@d2.example", TOKEN_RETURN, 0, 2, 0, 0, 0, 0, true, "m2@d2.example", false},
	{"forwarded", "else@where.example", TOKEN_RETURN, 0, 2, 0, 0, 0, 0, true, "m2@d2.example",
		false},
	{"names nobody", NULL, TOKEN_RETURN, 0, 2, 0, 0, 0, 0, true, "m2@d2.example", false},
	{"batch", "m3@d0.example", TOKEN_RETURN, 0, 0, 0, 0, 0, 0, true, "m3@d0.example", true},
	{"batch, of nobody", "x@d0.example", TOKEN_RETURN, 0, 0, 0, 0, 0, 0, false, NULL, false},
	{"no token", "m2@d2.example", TOKEN_RETURN, 0, 2, true, 0, 0, 0, false, NULL, false},
	{"altered", "m2@d2.example", TOKEN_RETURN, 0, 2, 0, true, 0, 0, false, NULL, false},
	{"another's key", "m2@d2.example", TOKEN_RETURN, 0, 2, 0, 0, true, 0, false, NULL, false},
	{"another's token", "m2@d2.example", TOKEN_RETURN, 0, 5, 0, 0, 0, 0, true, "m5@d2.example",
		true},
	{"of a Message-ID", "m2@d2.example", TOKEN_MESSAGE, 0, 2, 0, 0, 0, 0, false, NULL, false},
	{"unknown campaign", "m2@d2.example", TOKEN_RETURN, 7, 2, 0, 0, 0, 0, false, NULL, false},
	{"no recipient", "m2@d2.example", TOKEN_RETURN, 0, 99, 0, 0, 0, 0, false, NULL, false},
	{"of another purpose", "m2@d2.example", TOKEN_UNSUBSCRIBE, 0, 2, 0, 0, 0, 0, false, NULL,
		false},
	{"too late", "m2@d2.example", TOKEN_RETURN, 0, 2, 0, 0, 0, true, false, NULL, false},
};

static void only_what_fits_acts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ties / sizeof *ties; i++) {
		const struct tie_row *row = &ties[i];
		struct scene *sc = scene_new(MEMBERS, "");
		struct said said = {BOUNCE_FAILED, 0, REASON_USER_UNKNOWN, BOUNCE_PERMANENT,
			row->address, NULL, NULL, "no such user", {0}};
		struct returns_outcome out;

		scene_send(sc, MEMBERS, 0);
		if (row->other_key)
			sc->keys.key[0][0] ^= 1;
		if (!row->none)
			said.token = scene_token(
				sc, row->purpose, sc->fx->campaign + row->campaign, row->contact);
		if (row->other_key)
			sc->keys.key[0][0] ^= 1;
		if (row->altered)
			*(char *)(uintptr_t)&said.token.p[said.token.len - 1] ^= 1;
		if (row->late)
			sc->now += 61 * (int64_t)TIME_DAY;
		/* Names nobody, but is about somebody: the reason stands in the verdict only. */
		out = scene_take(sc, &said);
		if (scene_campaign(sc).later[LATER_BOUNCED] != row->acts)
			fail_msg("%s: acted %d", row->name, !row->acts);
		if (row->unsure) {
			size_t n;

			if (out.proposed != 1 ||
				fixture_number(sc->fx, "SELECT count(*) FROM suppression") != 0)
				fail_msg("%s: nobody was asked", row->name);
			assert_int_equal(
				returns_accept(sc->r, out.number, sc->now, &n, &sc->fx->f), 0);
		}
		if (row->address != NULL && row->suppressed != NULL &&
			!scene_suppressed(sc, row->suppressed))
			fail_msg("%s: %s is not suppressed", row->name, row->suppressed);
		if (!row->acts && fixture_number(sc->fx, "SELECT count(*) FROM suppression") != 0)
			fail_msg("%s: somebody is suppressed", row->name);
		if (out.recorded != 1)
			fail_msg("%s: not recorded", row->name);
		scene_free(sc);
	}
}

/* The name of a message, which every reply to it repeats, is enough for a relay only. */
static void a_relays_word(void **state)
{
	static const struct {
		enum returns_source source;
		enum token_purpose purpose;
		bool suppressed;
	} rows[] = {
		{RETURNS_MAIL, TOKEN_MESSAGE, false},
		{RETURNS_EVENT, TOKEN_MESSAGE, true},
		{RETURNS_EVENT, TOKEN_RETURN, true},
		{RETURNS_EVENT, TOKEN_UNSUBSCRIBE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scene *sc = scene_new(MEMBERS, "");
		struct said said = {BOUNCE_FAILED, 0, REASON_USER_UNKNOWN, BOUNCE_PERMANENT,
			"m2@d2.example", NULL, NULL, "no such user", {0}};

		scene_send(sc, MEMBERS, 0);
		sc->source = rows[i].source;
		said.token = scene_token(sc, rows[i].purpose, sc->fx->campaign, 2);
		(void)scene_take(sc, &said);
		if (scene_suppressed(sc, "m2@d2.example") != rows[i].suppressed)
			fail_msg("row %zu", i);
		scene_free(sc);
	}
}

/* --- what it does -------------------------------------------------------- */

static const struct effect_row {
	const char *name;
	struct said said;
	enum store_later later;
	bool suppressed, unsubscribed;
} effects[] = {
	{"failed", SAID(BOUNCE_FAILED, 0, REASON_SPAM, BOUNCE_PERMANENT, "m1@d1.example"),
		LATER_BOUNCED, false, false},
	{"disabled once",
		SAID(BOUNCE_FAILED, 0, REASON_MAILBOX_DISABLED, BOUNCE_PERMANENT, "m1@d1.example"),
		LATER_BOUNCED, false, false},
	{"delayed", SAID(BOUNCE_DELAYED, 0, REASON_NETWORK, BOUNCE_TRANSIENT, "m1@d1.example"),
		LATER_NOTHING, false, false},
	{"delivered", SAID(BOUNCE_DELIVERED, 0, REASON_DELIVERED, BOUNCE_NONE, "m1@d1.example"),
		LATER_DELIVERED, false, false},
	{"relayed", SAID(BOUNCE_RELAYED, 0, REASON_DELIVERED, BOUNCE_NONE, "m1@d1.example"),
		LATER_NOTHING, false, false},
	{"complaint", SAID(BOUNCE_COMPLAINT, COMPLAINT_ABUSE, REASON_COMPLAINT, BOUNCE_NONE, NULL),
		LATER_COMPLAINED, true, true},
	{"not spam",
		SAID(BOUNCE_COMPLAINT, COMPLAINT_NOT_SPAM, REASON_COMPLAINT, BOUNCE_NONE, NULL),
		LATER_NOTHING, false, false},
	{"a report about DKIM",
		SAID(BOUNCE_COMPLAINT, COMPLAINT_AUTH_FAILURE, REASON_COMPLAINT, BOUNCE_NONE, NULL),
		LATER_NOTHING, false, false},
	{"out of office", SAID(BOUNCE_AUTO_REPLY, 0, REASON_AUTO_REPLY, BOUNCE_NONE, NULL),
		LATER_NOTHING, false, false},
	{"a person wrote", SAID(BOUNCE_OTHER, 0, REASON_UNKNOWN, BOUNCE_NONE, NULL), LATER_NOTHING,
		false, false},
};

static void effects_follow(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
		const struct effect_row *row = &effects[i];
		struct scene *sc = scene_new(MEMBERS, "");
		struct said said = row->said;
		struct store_campaign c;

		scene_send(sc, MEMBERS, 0);
		said.token = scene_token(sc, TOKEN_RETURN, sc->fx->campaign, 1);
		(void)scene_take(sc, &said);
		c = scene_campaign(sc);
		for (int later = LATER_DELIVERED; later < LATER_STATES; later++)
			if (c.later[later] != (later == (int)row->later))
				fail_msg("%s: %s %d", row->name,
					store_later_name((enum store_later)later),
					(int)c.later[later]);
		if (scene_suppressed(sc, "m1@d1.example") != row->suppressed)
			fail_msg("%s: suppressed %d", row->name, !row->suppressed);
		if (fixture_number(sc->fx, "SELECT count(*) FROM subscription WHERE state = 1") !=
			row->unsubscribed)
			fail_msg("%s: unsubscribed %d", row->name, !row->unsubscribed);
		scene_free(sc);
	}
}

static void never_backwards(void **state)
{
	static const enum bounce_kind news[] = {
		BOUNCE_DELIVERED, BOUNCE_FAILED, BOUNCE_COMPLAINT, BOUNCE_FAILED, BOUNCE_DELIVERED};
	static const enum store_later want[] = {LATER_DELIVERED, LATER_BOUNCED, LATER_COMPLAINED,
		LATER_COMPLAINED, LATER_COMPLAINED};
	struct scene *sc = scene_new(MEMBERS, "");

	(void)state;
	scene_send(sc, MEMBERS, 0);
	for (size_t i = 0; i < sizeof news / sizeof *news; i++) {
		struct said said = {news[i], COMPLAINT_ABUSE, REASON_SPAM, BOUNCE_PERMANENT,
			"m1@d1.example", NULL, NULL, NULL,
			scene_token(sc, TOKEN_RETURN, sc->fx->campaign, 1)};
		struct store_campaign c;

		(void)scene_take(sc, &said);
		c = scene_campaign(sc);
		for (int later = LATER_DELIVERED; later < LATER_STATES; later++)
			assert_int_equal(c.later[later], later == (int)want[i]);
	}
	scene_free(sc);
}

/* A report settles a doubt: the relay had it. */
static void a_report_settles_doubt(void **state)
{
	struct scene *sc = scene_new(1, "");
	struct fixture *t = sc->fx;
	struct said said =
		SAID(BOUNCE_DELIVERED, 0, REASON_DELIVERED, BOUNCE_NONE, "m1@d1.example");

	(void)state;
	scene_send(sc, 1, 0);
	OK(db_exec(t->s->db,
		"UPDATE delivery SET state = 6; UPDATE campaign SET accepted = 0, uncertain = 1",
		&t->f));
	said.token = scene_token(sc, TOKEN_RETURN, t->campaign, 1);
	(void)scene_take(sc, &said);
	assert_int_equal(scene_campaign(sc).count[DELIVERY_ACCEPTED], 1);
	assert_int_equal(scene_campaign(sc).count[DELIVERY_UNCERTAIN], 0);
	scene_free(sc);
}

static void a_domain_that_vanished_is_held(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "bounces: {same_domain: 3}");
	struct fixture *t = sc->fx;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	for (int64_t contact = 1; contact <= MEMBERS; contact++) {
		char address[32];
		struct said said = {BOUNCE_FAILED, 0, REASON_DOMAIN_UNKNOWN, BOUNCE_PERMANENT,
			address, NULL, NULL, NULL,
			scene_token(sc, TOKEN_RETURN, t->campaign, contact)};

		(void)snprintf(address, sizeof address, "m%d@d%d.example", (int)contact,
			(int)(contact % 3));
		if (contact % 3 == 1 || contact == 2)
			(void)scene_take(sc, &said);
	}
	/* Four of d1.example and one of d2.example: only the latter. */
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM suppression"), 1);
	assert_true(scene_suppressed(sc, "m2@d2.example"));
	assert_int_equal(
		fixture_number(t, "SELECT count(*) FROM returned_recipient WHERE review = 1"), 2);
	scene_free(sc);
}

static void alarms_and_pause(void **state)
{
	struct scene *sc = scene_new(40, "bounces: {least: {complaints: 3}}");
	struct fixture *t = sc->fx;
	enum campaign_state campaign;

	(void)state;
	scene_send(sc, 39, 0);
	for (int64_t contact = 1; contact <= 3; contact++) {
		struct said said = {BOUNCE_COMPLAINT, COMPLAINT_ABUSE, REASON_COMPLAINT,
			BOUNCE_NONE, NULL, NULL, NULL, NULL,
			scene_token(sc, TOKEN_RETURN, t->campaign, contact)};
		struct returns_outcome out = scene_take(sc, &said);

		OK(store_campaign_state(t->s, t->campaign, &campaign, &t->f));
		assert_int_equal(campaign, contact < 3 ? CAMPAIGN_SENDING : CAMPAIGN_PAUSED);
		assert_int_equal(out.paused, contact == 3 ? t->campaign : 0);
		assert_int_equal(fixture_number(t, "SELECT count(*) FROM alarm"), 1);
	}
	/* Who resumes it has decided. */
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, sc->now, &t->f));
	struct said said = {BOUNCE_COMPLAINT, COMPLAINT_ABUSE, REASON_COMPLAINT, BOUNCE_NONE, NULL,
		NULL, NULL, NULL, scene_token(sc, TOKEN_RETURN, t->campaign, 4)};
	(void)scene_take(sc, &said);
	OK(store_campaign_state(t->s, t->campaign, &campaign, &t->f));
	assert_int_equal(campaign, CAMPAIGN_SENDING);
	scene_free(sc);
}

/* A refusal to our face is of the turn that records it. */
static void refused_while_it_is_sent(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "bounces: {least: {hard: 3}}");
	struct fixture *t = sc->fx;
	enum campaign_state campaign;

	(void)state;
	scene_send(sc, MEMBERS, 3);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM suppression"), 3);
	assert_true(scene_suppressed(sc, "m1@d1.example"));
	assert_false(scene_suppressed(sc, "m4@d1.example"));
	/* They stay refused; nothing came back. */
	assert_int_equal(scene_campaign(sc).count[DELIVERY_REFUSED], 3);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM later"), 0);
	/* A quarter of them: that is too much. */
	OK(store_campaign_state(t->s, t->campaign, &campaign, &t->f));
	assert_int_equal(campaign, CAMPAIGN_PAUSED);
	assert_int_equal(
		fixture_number(t, "SELECT n FROM alarm WHERE cause = 'hard-bounces' AND paused"),
		3);
	scene_free(sc);
}

/* --- leaving, and what somebody decides ---------------------------------- */

static void unsubscribes(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct said said = {.kind = BOUNCE_OTHER, .from = "Who <x@elsewhere.example>"};
	struct returns_outcome out;
	size_t n;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	said.token = scene_token(sc, TOKEN_UNSUBSCRIBE, t->campaign, 4);
	out = scene_take(sc, &said);
	assert_int_equal(out.kind, BOUNCE_UNSUBSCRIBE);
	assert_int_equal(out.unsubscribed, 1);
	assert_int_equal(
		fixture_number(t, "SELECT state FROM subscription WHERE contact_id = 4"), 1);
	/* However late. */
	sc->now += 400 * (int64_t)TIME_DAY;
	said.token = scene_token(sc, TOKEN_UNSUBSCRIBE, t->campaign, 6);
	assert_int_equal(scene_take(sc, &said).unsubscribed, 1);
	sc->now = TEST_NOW;
	/* Without it: asked, and done when somebody agrees. */
	said = (struct said){.kind = BOUNCE_UNSUBSCRIBE, .from = "m5@d2.example"};
	out = scene_take(sc, &said);
	assert_true(out.asks);
	assert_int_equal(returns_questions(sc->r)->len, 1);
	/* Once a day. */
	assert_false(scene_take(sc, &said).asks);
	assert_int_equal(out.unsubscribed, 0);
	assert_int_equal(
		fixture_number(t, "SELECT state FROM subscription WHERE contact_id = 5"), 0);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(n, 1);
	assert_int_equal(
		fixture_number(t, "SELECT state FROM subscription WHERE contact_id = 5"), 1);
	scene_free(sc);
}

static void proposals(void **state)
{
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;
	struct said said =
		SAID(BOUNCE_FAILED, 0, REASON_USER_UNKNOWN, BOUNCE_PERMANENT, "M6@d0.EXAMPLE");
	struct returns_outcome out;
	size_t n;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	out = scene_take(sc, &said);
	assert_int_equal(out.proposed, 1);
	OK(returns_dismiss(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(n, 1);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(n, 0);
	assert_false(scene_suppressed(sc, "m6@d0.example"));
	out = scene_take(sc, &said);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_true(scene_suppressed(sc, "m6@d0.example"));
	assert_int_equal(scene_campaign(sc).later[LATER_BOUNCED], 1);
	/* An automatic reply with a new address. */
	said = (struct said){.kind = BOUNCE_AUTO_REPLY,
		.from = "m7@d1.example",
		.new_address = "Seven <seven@new.example>",
		.token = scene_token(sc, TOKEN_RETURN, t->campaign, 7)};
	out = scene_take(sc, &said);
	assert_int_equal(out.proposed, 1);
	OK(returns_accept(sc->r, out.number, sc->now, &n, &t->f));
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM contact WHERE id = 7"
					   " AND key = 'seven@new.example'"
					   " AND domain = 'new.example'"),
		1);
	scene_free(sc);
}

/* What is not to be answered by a program (RFC 3834). */
static const struct asker_row {
	const char *name, *header, *from;
	bool may;
} askers[] = {
	{"a person", "Subject: stop\n\n", "m5@d2.example", true},
	{"not automatic, as it says", "Auto-Submitted: no\n\n", "m5@d2.example", true},
	{"automatic", "Auto-Submitted: auto-replied\n\n", "m5@d2.example", false},
	{"generated", "Auto-Submitted: auto-generated; x=y\n\n", "m5@d2.example", false},
	{"bulk", "Precedence: bulk\n\n", "m5@d2.example", false},
	{"a list", "List-Id: <x.example>\n\n", "m5@d2.example", false},
	{"no return path", "Return-Path: <>\n\n", "m5@d2.example", false},
	{"a report", "Content-Type: multipart/report; boundary=x\n\n", "m5@d2.example", false},
	{"asks for no answer", "X-Auto-Response-Suppress: All\n\n", "m5@d2.example", false},
	{"our own message", "X-Facteur-Token: r\n\n", "m5@d2.example", false},
	{"a daemon", "\n", "mailer-daemon@d2.example", false},
	{"nobody reads it", "\n", "no-reply@d2.example", false},
	{"our own address", "\n", "returns@asso.example", false},
	{"the same with a token", "\n", "returns+rabc@asso.example", false},
	{"another of our domain", "\n", "ana@asso.example", true},
	{"nobody", "\n", "", false},
};

static void who_is_answered(void **state)
{
	const struct view own = VIEW("returns@asso.example");

	(void)state;
	for (size_t i = 0; i < sizeof askers / sizeof *askers; i++) {
		const struct returns_asker asker = {
			view_of(askers[i].header), view_of(askers[i].from), &own, 1};

		if (returns_may_answer(&asker) != askers[i].may)
			fail_msg("%s", askers[i].name);
	}
}

/* Programs that answer each other: not a single answer of ours. */
static void no_loops(void **state)
{
	static const char *const headers[] = {"Auto-Submitted: auto-replied\n",
		"Precedence: junk\n", "Return-Path: <>\n", "X-Autoreply: yes\n",
		"List-Unsubscribe: <mailto:x@y.example>\n"};
	enum { LOOPED = 1000, HEADERS = sizeof headers / sizeof *headers };
	struct scene *sc = scene_new(MEMBERS, "");
	struct fixture *t = sc->fx;

	(void)state;
	scene_send(sc, MEMBERS, 0);
	OK(returns_begin(sc->r, sc->now, &t->f));
	for (int i = 0; i < LOOPED; i++) {
		char from[32], raw[256];
		struct bounce_verdict v = {.kind = BOUNCE_UNSUBSCRIBE};
		struct returns_origin origin = {
			.place = VIEW("returns"), .space = VIEW("s"), .now = sc->now + i};
		struct returns_outcome out;

		(void)snprintf(from, sizeof from, "m%d@d%d.example", i % MEMBERS + 1,
			(i % MEMBERS + 1) % 3);
		(void)snprintf(raw, sizeof raw, "%sSubject: Re: stop %d\n\nstop\n",
			headers[i % HEADERS], i);
		v.from = view_of(from);
		origin.name = origin.raw = view_of(raw);
		OK(returns_take(sc->r, &v, &origin, &out, &t->f));
		assert_false(out.asks);
	}
	OK(returns_end(sc->r, 0, NULL, &t->f));
	assert_int_equal(returns_questions(sc->r)->len, 0);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM answer"), 0);
	assert_int_equal(
		fixture_number(t, "SELECT count(*) FROM subscription WHERE state <> 0"), 0);
	scene_free(sc);
}

/* --- once, and by the thousand ------------------------------------------- */

static void numbers_of_the_mailbox_change(void **state)
{
	struct scene *sc = scene_new(2, "");
	struct fixture *t = sc->fx;
	struct returns_origin origin = {.place = VIEW("returns"),
		.space = VIEW("imap:1"),
		.name = VIEW("7"),
		.raw = VIEW("the very bytes"),
		.cursor = VIEW("so far"),
		.now = TEST_NOW};
	const struct bounce_verdict v = {.kind = BOUNCE_OTHER};
	struct returns_outcome out;
	struct view reached;

	(void)state;
	assert_int_equal(returns_known(sc->r, &origin, NULL, &t->f), 0);
	OK(returns_take(sc->r, &v, &origin, &out, &t->f));
	assert_false(out.known);
	assert_int_equal(returns_known(sc->r, &origin, NULL, &t->f), 1);
	origin.space = VIEW("imap:2");
	origin.name = VIEW("1");
	assert_int_equal(returns_known(sc->r, &origin, NULL, &t->f), 0);
	OK(returns_take(sc->r, &v, &origin, &out, &t->f));
	assert_true(out.known);
	assert_int_equal(returns_known(sc->r, &origin, NULL, &t->f), 1);
	/* The same in another mailbox is another. */
	origin.place = VIEW("other");
	OK(returns_take(sc->r, &v, &origin, &out, &t->f));
	assert_false(out.known);
	OK(store_mailbox_reached(t->s, VIEW("returns"), &t->a, &reached, &t->f));
	assert_true(view_is(reached, "so far"));
	scene_free(sc);
}

/* Whoever has no token of ours suppresses nobody, whatever he knows. */
static void forged_by_the_thousand(void **state)
{
	enum { FORGED = 10000, PEOPLE = 50 };
	struct scene *sc = scene_new(PEOPLE, "");
	struct fixture *t = sc->fx;
	uint32_t seed = 1;

	(void)state;
	scene_send(sc, PEOPLE, 0);
	OK(returns_begin(sc->r, sc->now, &t->f));
	for (int i = 0; i < FORGED; i++) {
		static const enum bounce_kind kinds[] = {
			BOUNCE_FAILED, BOUNCE_COMPLAINT, BOUNCE_UNSUBSCRIBE, BOUNCE_DELIVERED};
		char address[32];
		struct said said = {kinds[i % 4], COMPLAINT_ABUSE, REASON_USER_UNKNOWN,
			BOUNCE_PERMANENT, address, address, NULL, NULL, {0}};
		int who = i % PEOPLE + 1;
		struct view token = scene_token(sc, TOKEN_RETURN, t->campaign, who);
		char *text = (char *)(uintptr_t)token.p;

		seed = seed * 1664525 + 1013904223;
		(void)snprintf(address, sizeof address, "m%d@d%d.example", who, who % 3);
		switch (i % 8) {
		case 0: /* none at all */
			break;
		case 5: /* a Message-ID, copied from a reply */
			said.token = scene_token(sc, TOKEN_MESSAGE, t->campaign, who);
			break;
		case 6: /* another member's */
			said.token = scene_token(sc, TOKEN_RETURN, t->campaign, who % PEOPLE + 1);
			break;
		case 7: /* what many have seen */
			said.token = scene_token(sc, TOKEN_RETURN, t->campaign, 0);
			break;
		case 1: /* a bit of it changed */
			text[seed % token.len] ^= (char)(1 << seed / 256 % 5);
			said.token = token;
			break;
		case 2: /* of a campaign that is unknown */
			said.token = scene_token(sc, TOKEN_RETURN, t->campaign + 1 + i, who);
			break;
		case 3: /* somebody's who was no recipient */
			said.token = scene_token(sc, TOKEN_RETURN, t->campaign, PEOPLE + 1 + i);
			break;
		default: /* made with another key */
			sc->keys.key[0][seed % 32] ^= 1;
			said.token = scene_token(sc, TOKEN_RETURN, t->campaign, who);
			sc->keys.key[0][seed % 32] ^= 1;
		}
		(void)scene_take(sc, &said);
	}
	OK(returns_end(sc->r, 0, NULL, &t->f));
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM returned"), FORGED);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM suppression"), 0);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM later WHERE state = 3"), 0);
	assert_int_equal(fixture_number(t, "SELECT count(*) FROM strike"), 0);
	assert_int_equal(
		fixture_number(t, "SELECT count(*) FROM subscription WHERE state <> 0"), 0);
	scene_free(sc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_token_acts),
		cmocka_unit_test(only_what_fits_acts),
		cmocka_unit_test(a_relays_word),
		cmocka_unit_test(effects_follow),
		cmocka_unit_test(never_backwards),
		cmocka_unit_test(a_report_settles_doubt),
		cmocka_unit_test(a_domain_that_vanished_is_held),
		cmocka_unit_test(alarms_and_pause),
		cmocka_unit_test(refused_while_it_is_sent),
		cmocka_unit_test(unsubscribes),
		cmocka_unit_test(proposals),
		cmocka_unit_test(who_is_answered),
		cmocka_unit_test(no_loops),
		cmocka_unit_test(numbers_of_the_mailbox_change),
		cmocka_unit_test(forged_by_the_thousand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
