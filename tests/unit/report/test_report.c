#include "../store/store_test.h"
#include "base/time.h"
#include "report/report.h"

enum { MEMBERS = 12, CROWD = 20000 };

static const struct outcome {
	enum delivery_state state; /* of the contact whose turn it is, one after the other */
	const char *reason, *status, *text;
	int reply_code;
} outcomes[MEMBERS] = {
	{DELIVERY_ACCEPTED, "", "2.0.0", "ok", 250},
	{DELIVERY_ACCEPTED, "", "2.0.0", "ok", 250},
	{DELIVERY_ACCEPTED, "", "2.0.0", "ok", 250},
	{DELIVERY_REFUSED, "no-such-user", "5.1.1", "unknown", 550},
	{DELIVERY_REFUSED, "no-such-user", "5.1.1", "unknown", 550},
	{DELIVERY_REFUSED, "mailbox-full", "5.2.2", "full", 552},
	{DELIVERY_DEFERRED, "greylisted", "4.7.1", "later", 451},
	{DELIVERY_UNCERTAIN, "no-reply", "", "", 0},
	{DELIVERY_SKIPPED, "expired", "", "", 0},
	{DELIVERY_CLAIMED, NULL, NULL, NULL, 0},
	{DELIVERY_COMMITTED, NULL, NULL, NULL, 0},
	{DELIVERY_PENDING, NULL, NULL, NULL, 0},
};

/* A campaign in the middle of its way, with somebody in every state but cancelled.
 * The sender stays open: what is in its hand stays there. */
static struct store_sender *half_sent(struct fixture *t)
{
	struct store_sender *sender;
	struct vec out;

	fixture_campaign(t, MEMBERS);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(sender, 0, MEMBERS - 1, &t->a, &out, &t->f));
	for (size_t i = 0; i < out.len; i++) {
		int64_t contact = ((struct store_delivery *)vec_at(&out, i))->contact;
		const struct outcome *o = &outcomes[i];
		const struct store_result r = {.state = o->state,
			.reply_code = o->reply_code,
			.status = view_of(o->status),
			.reason = view_of(o->reason),
			.text = view_of(o->text),
			.due = o->state == DELIVERY_DEFERRED ? TEST_NOW + TIME_HOUR : 0};

		if (o->state != DELIVERY_CLAIMED)
			OK(store_turn_mark(sender, contact, contact, &t->f));
		if (o->state != DELIVERY_CLAIMED && o->state != DELIVERY_COMMITTED)
			OK(store_turn_result(sender, contact, &r, &t->f));
	}
	OK(store_turn_end(sender, &t->f));
	vec_free(&out);
	return sender;
}

static struct report load(struct fixture *t)
{
	struct report r;

	OK(report_load(t->s, t->campaign, &t->a, &r, &t->f));
	return r;
}

/* What a reader makes of it: written, read again. */
static json_t *read_back(json_t *made)
{
	char *text;
	json_t *back;
	json_error_t error;

	assert_non_null(made);
	text = json_dumps(made, JSON_COMPACT);
	assert_non_null(text);
	back = json_loads(text, JSON_ALLOW_NUL, &error);
	if (back == NULL)
		fail_msg("%s: %s", error.text, text);
	free(text);
	json_decref(made);
	return back;
}

/* Exactly these keys, written in one text with a blank after each. */
static void keys(json_t *object, const char *want)
{
	struct view rest = view_of(want), key;
	size_t n = 0;

	assert_true(json_is_object(object));
	while (rest.len > 0 && view_split(&rest, ' ', &key)) {
		if (json_object_getn(object, key.p, key.len) == NULL)
			fail_msg("no \"%.*s\"", VIEW_ARG(key));
		n++;
	}
	assert_int_equal(json_object_size(object), n);
}

static json_int_t number(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static const char *text(json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	assert_non_null(value);
	return value;
}

static bool is_null(json_t *object, const char *key)
{
	return json_is_null(json_object_get(object, key));
}

#define TOTALS "total accepted deferred refused uncertain skipped cancelled pending "

/* Every recipient is in exactly one of the numbers. */
static void adds_up(json_t *totals)
{
	assert_int_equal(number(totals, "accepted") + number(totals, "deferred") +
				 number(totals, "refused") + number(totals, "uncertain") +
				 number(totals, "skipped") + number(totals, "cancelled") +
				 number(totals, "pending"),
		number(totals, "total"));
}

static void test_contract(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	struct report r = load(t);
	json_t *doc = read_back(report_json(&r)), *part;

	(void)state;
	keys(doc, "schema campaign totals reasons destinations relays returned alarms ");
	assert_int_equal(number(doc, "schema"), 1);

	part = json_object_get(doc, "campaign");
	keys(part, "id name state list template template_version relay mode created started "
		   "finished ");
	assert_int_equal(number(part, "id"), t->campaign);
	assert_string_equal(text(part, "state"), "sending");
	assert_string_equal(text(part, "list"), "members");
	assert_string_equal(text(part, "template"), "note");
	assert_string_equal(text(part, "created"), "1970-01-20T16:13:20.000Z");
	assert_true(is_null(part, "finished"));

	part = json_object_get(doc, "totals");
	keys(part, TOTALS "delivered bounced complained ");
	adds_up(part);
	assert_int_equal(number(part, "total"), MEMBERS);
	assert_int_equal(number(part, "accepted"), 3);
	assert_int_equal(number(part, "refused"), 3);
	assert_int_equal(number(part, "deferred"), 1);
	assert_int_equal(number(part, "uncertain"), 1);
	assert_int_equal(number(part, "skipped"), 1);
	assert_int_equal(number(part, "cancelled"), 0);
	assert_int_equal(number(part, "pending"), 3); /* pending, claimed, committed */
	json_decref(doc);
	report_free(&r);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

static void test_reasons(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	struct report r = load(t);
	json_t *doc = read_back(report_json(&r)), *reasons = json_object_get(doc, "reasons"), *row;
	json_int_t before = INT64_MAX, refused = 0;
	size_t i;

	(void)state;
	json_array_foreach(reasons, i, row)
	{
		keys(row, "reason state count status example ");
		assert_true(number(row, "count") <= before);
		before = number(row, "count");
		if (strcmp(text(row, "state"), "refused") == 0)
			refused += before;
	}
	assert_int_equal(refused, 3);
	row = json_array_get(reasons, 0);
	assert_int_equal(number(row, "count"), 2);
	assert_string_equal(text(row, "reason"), "no-such-user");
	assert_string_equal(text(row, "status"), "5.1.1");
	assert_string_equal(text(row, "example"), "unknown");
	json_array_foreach(reasons, i, row)
	{
		if (strcmp(text(row, "state"), "uncertain") != 0)
			continue;
		assert_true(is_null(row, "status"));
		assert_true(is_null(row, "example"));
	}
	json_decref(doc);
	report_free(&r);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* Each row adds up, and all rows together are the totals. */
static void destinations_add_up(json_t *doc, size_t rows)
{
	static const char *const names[] = {"total", "accepted", "deferred", "refused", "uncertain",
		"skipped", "cancelled", "pending"};
	json_int_t sums[sizeof names / sizeof *names] = {0}, before = INT64_MAX;
	json_t *row;
	size_t i;

	assert_int_equal(json_array_size(json_object_get(doc, "destinations")), rows);
	json_array_foreach(json_object_get(doc, "destinations"), i, row)
	{
		keys(row, TOTALS "domain ");
		adds_up(row);
		assert_true(number(row, "total") <= before);
		before = number(row, "total");
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			sums[k] += number(row, names[k]);
	}
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		assert_int_equal(sums[k], number(json_object_get(doc, "totals"), names[k]));
}

static void test_destinations(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	struct report r = load(t);
	json_t *doc = read_back(report_json(&r));

	(void)state;
	destinations_add_up(doc, 3);
	json_decref(doc);
	report_free(&r);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* One big domain, and as many again with one member each, of all states that
 * need no sender. */
static void test_crowd(void **state)
{
	struct fixture *t = fixture_new();
	struct report r;
	json_t *doc;
	char sql[1024];

	(void)state;
	fixture_campaign(t, 1);
	(void)snprintf(sql, sizeof sql,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
		"INSERT INTO delivery (campaign_id, contact_id, address, domain, state, batch,"
		" attempts, due, reply_code, status, reason, text, updated)"
		" SELECT %lld, 1000 + i, 'm' || i || '@x.example', CASE WHEN i %% 2 = 0"
		" THEN 'big.example' ELSE 'small' || i || '.example' END, 3 + (i / 2) %% 6, 0,"
		" 1, 0, 0, '', 'r' || i %% 50, '', 0 FROM n",
		CROWD, (long long)t->campaign);
	OK(db_exec(t->s->db, sql, &t->f));
	OK(db_exec(t->s->db,
		"UPDATE campaign SET (total, pending, accepted, deferred, refused, uncertain,"
		" skipped, cancelled) = (SELECT count(*), sum(state = 0), sum(state = 3),"
		" sum(state = 4), sum(state = 5), sum(state = 6), sum(state = 7), sum(state = 8)"
		" FROM delivery)",
		&t->f));
	r = load(t);
	doc = read_back(report_json(&r));
	assert_int_equal(number(json_object_get(doc, "totals"), "total"), CROWD + 1);
	destinations_add_up(doc, CROWD / 2 + 2);
	assert_string_equal(text(json_array_get(json_object_get(doc, "destinations"), 0), "domain"),
		"big.example");
	json_decref(doc);
	report_free(&r);
	fixture_free(t);
}

static int keep_json(void *ctx, const struct store_recipient *r, struct fail *f)
{
	(void)f;
	(void)json_array_append_new(ctx, read_back(report_recipient_json(r)));
	return 0;
}

static void test_recipients(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	json_t *rows = json_array(), *row;
	size_t i;

	(void)state;
	OK(store_recipient_each(t->s, t->campaign, keep_json, rows, &t->f));
	assert_int_equal(json_array_size(rows), MEMBERS);
	json_array_foreach(rows, i, row)
	{
		const struct outcome *o = &outcomes[i];

		keys(row, "schema contact address name state attempts updated due reply_code "
			  "status reason text relay returned returned_reason returned_status "
			  "returned_text returned_at ");
		assert_int_equal(number(row, "schema"), 1);
		assert_string_equal(text(row, "state"), delivery_state_name(o->state));
		assert_string_equal(text(row, "name"), "Ana");
		assert_int_equal(is_null(row, "reply_code"), o->reply_code == 0);
		assert_int_equal(is_null(row, "due"), o->state != DELIVERY_DEFERRED);
		assert_int_equal(is_null(row, "status"), o->status == NULL || !o->status[0]);
	}
	json_decref(rows);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

#define BAD "\xEF\xBF\xBD"

static void test_texts(void **state)
{
	static const struct text_case {
		const char *name;
		struct view in;
		const char *want;
	} cases[] = {
		{"empty", {"", 0}, ""},
		{"plain", {"caf\xC3\xA9", 5}, "caf\xC3\xA9"},
		{"quotes and line ends", {"\"\\\r\n", 4}, "\"\\\r\n"},
		{"an escape is left to the writer of JSON", {"\x1B[31m", 5}, "\x1B[31m"},
		{"Latin 1", {"caf\xE9", 4}, "caf" BAD},
		{"cut in a character", {"a\xE2\x82", 3}, "a" BAD BAD},
		{"overlong", {"\xC0\xAF", 2}, BAD BAD},
		{"a surrogate", {"\xED\xA0\x80", 3}, BAD BAD BAD},
		{"a control among invalid bytes", {"\x1B\xFF", 2}, BAD BAD},
	};
	json_t *back;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		back = read_back(json_pack("{s:o}", "text", report_text_json(cases[i].in)));
		if (strcmp(text(back, "text"), cases[i].want) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, text(back, "text"));
		json_decref(back);
	}
	back = read_back(json_pack("{s:o, s:o}", "none", report_text_json(view_make(NULL, 0)),
		"zero", report_text_json(view_make("a\0b", 3))));
	assert_true(is_null(back, "none"));
	assert_int_equal(json_string_length(json_object_get(back, "zero")), 3);
	json_decref(back);
}

/* Bytes that another program wrote into the database still give JSON. */
static void test_strange_bytes(void **state)
{
	struct fixture *t = fixture_new();
	struct store_sender *sender = half_sent(t);
	json_t *rows = json_array(), *doc;
	struct report r;

	(void)state;
	OK(db_exec(t->s->db,
		"UPDATE delivery SET address = CAST(x'ff40c3' AS TEXT), reason = CAST(x'80' AS"
		" TEXT), text = CAST(x'1b22e28200' AS TEXT), status = CAST(x'c0af' AS TEXT),"
		" domain = CAST(x'eda080' || CAST(contact_id AS TEXT) AS TEXT)",
		&t->f));
	OK(db_exec(t->s->db, "UPDATE contact SET name = CAST(x'ff' AS TEXT)", &t->f));
	OK(db_exec(t->s->db, "UPDATE campaign SET name = CAST(x'e9' AS TEXT)", &t->f));
	OK(store_recipient_each(t->s, t->campaign, keep_json, rows, &t->f));
	assert_int_equal(json_array_size(rows), MEMBERS);
	assert_string_equal(text(json_array_get(rows, 0), "name"), BAD);
	assert_string_equal(text(json_array_get(rows, 0), "address"), BAD "@" BAD);
	r = load(t);
	doc = read_back(report_json(&r));
	assert_string_equal(text(json_object_get(doc, "campaign"), "name"), BAD);
	destinations_add_up(doc, MEMBERS);
	json_decref(doc);
	json_decref(rows);
	report_free(&r);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_free(t);
}

/* Numbers that were changed by hand are not shown as if they were true. */
static void test_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE campaign SET accepted = accepted + 1",
		"UPDATE campaign SET total = total + 1",
		"DELETE FROM delivery WHERE contact_id = 1",
		"UPDATE delivery SET state = 3 WHERE contact_id = 12",
		/* A state that does not exist, with counts that hide it. */
		"PRAGMA ignore_check_constraints = ON;"
		"UPDATE delivery SET state = 4711 WHERE contact_id = 1;"
		"UPDATE campaign SET accepted = accepted - 1, total = total - 1",
		"PRAGMA ignore_check_constraints = ON;"
		"UPDATE delivery SET state = -1 WHERE contact_id = 1;"
		"UPDATE campaign SET accepted = accepted - 1, total = total - 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct fixture *t = fixture_new();
		struct store_sender *sender = half_sent(t);
		struct report r;

		OK(store_sender_close(&sender, TEST_NOW, &t->f));
		OK(db_exec(t->s->db, changes[i], &t->f));
		FAILS(report_load(t->s, t->campaign, &t->a, &r, &t->f), FAIL_BUG, "report");
		fixture_free(t);
	}
}

static void test_no_such_campaign(void **state)
{
	struct fixture *t = fixture_new();
	struct report r;

	(void)state;
	FAILS(report_load(t->s, 4711, &t->a, &r, &t->f), FAIL_NOINPUT, "4711");
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contract),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_strange_bytes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_no_such_campaign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
