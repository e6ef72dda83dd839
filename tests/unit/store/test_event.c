#include <jansson.h>
#include "store/event_private.h"
#include "store_test.h"

static void hold(struct fixture *t, int64_t want)
{
	int64_t count, bad;

	assert_int_equal(store_event_verify(t->s, &count, &bad, &t->f), 1);
	assert_int_equal(count, want);
}

/* Some events with every column in use; returns how many. */
static int64_t fill(struct fixture *t)
{
	int64_t count, bad;

	fixture_campaign(t, 4);
	OK(store_suppress_add(t->s, VIEW("m2@d2.example"), VIEW("bounce"), 5, &t->f));
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	assert_int_equal(store_event_verify(t->s, &count, &bad, &t->f), 1);
	return count;
}

/* Each is done to event 5 of a sound chain: the place found is 5 or 6. */
static const char *const tampers[] = {
	"UPDATE event SET at = at + 1 WHERE id = 5",
	"UPDATE event SET kind = kind || 'x' WHERE id = 5",
	"UPDATE event SET data = replace(data, 'test', 'tesT') WHERE id = 5",
	"UPDATE event SET data = '' WHERE id = 5",
	"UPDATE event SET campaign_id = 1 WHERE id = 5",
	"UPDATE event SET campaign_id = 0 WHERE id = 5",
	"UPDATE event SET contact_id = contact_id + 1 WHERE id = 5",
	"UPDATE event SET contact_id = NULL WHERE id = 5",
	"UPDATE event SET hash = zeroblob(32) WHERE id = 5",
	"UPDATE event SET hash = zeroblob(31) WHERE id = 5",
	"DELETE FROM event WHERE id = 5",
	"UPDATE event SET id = 99 WHERE id = 5",
	("UPDATE event SET id = -1 WHERE id = 5; UPDATE event SET id = 5 WHERE id = 6;"
	 " UPDATE event SET id = 6 WHERE id = -1"),
	"DELETE FROM event WHERE id = 5; UPDATE event SET id = id - 1 WHERE id = 6",
	"UPDATE event SET kind = substr(kind, 1, 4), data = substr(kind, 5) || data WHERE id = 5",
};

static void tampering_shows(void **state)
{
	struct fixture *t = fixture_new();
	int64_t n = fill(t);

	(void)state;
	assert_true(n > 6);
	for (size_t i = 0; i < sizeof tampers / sizeof *tampers; i++) {
		int64_t count, bad = 0;
		int holds;

		OK(DB_BEGIN(t->s->db, &t->f));
		OK(db_exec(t->s->db, tampers[i], &t->f));
		holds = store_event_verify(t->s, &count, &bad, &t->f);
		if (holds != 0 || count != 4)
			fail_msg("%s: %d, %d", tampers[i], holds, (int)count);
		assert_true(bad == 5 || bad == 6 || bad == -1);
		db_rollback(t->s->db);
		hold(t, n);
	}
	OK(db_exec(t->s->db, "UPDATE event SET data = data || ' ' WHERE id = 1", &t->f));
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_PAUSED, TEST_NOW, &t->f));
	int64_t count, bad = 0;
	assert_int_equal(store_event_verify(t->s, &count, &bad, &t->f), 0);
	assert_int_equal(bad, 1);
	fixture_free(t);
}

/* The exact bytes of event_private.h: another program can check the chain. */
static void the_bytes_are_as_documented(void **state)
{
	static const unsigned char one[] = "\0\0\0\0\0\0\0\40" /* 32 zero bytes */
					   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
					   "\0\0\0\0\0\0\0\1" /* number 1 */
					   "\0\0\0\0\0\0\1\2" /* at */
					   "\0\0\0\0\0\0\0\3abc"
					   "\0\0\0\0\0\0\0\0" /* no campaign */
					   "\0\0\0\0\0\0\0\7"
					   "\0\0\0\0\0\0\0\2{}";
	struct fixture *t = fixture_new();
	struct store_event e = {.at = 0x102, .kind = VIEW("abc"), .contact = 7, .data = VIEW("{}")};
	unsigned char want[DIGEST_SIZE];
	struct db_stmt *q;

	(void)state;
	OK(STORE_BEGIN(t->s, &t->f));
	OK(store_event_add(t->s, &e, &t->f));
	OK(store_end(t->s, 0, &t->f));
	digest_sha256(view_make((const char *)one, sizeof one - 1), want);
	OK(db_prepare(t->s->db, "SELECT hash FROM event WHERE id = 1", &q, &t->f));
	assert_int_equal(db_step(q, &t->f), 1);
	assert_memory_equal(db_blob(q, 0).p, want, DIGEST_SIZE);
	db_finalize(&q);
	hold(t, 1);
	fixture_free(t);
}

static const struct ids_case {
	int64_t ids[8];
	size_t n;
	const char *want;
} ids_cases[] = {
	{{0}, 0, "{\"c\":[]}"},
	{{5}, 1, "{\"c\":[5]}"},
	{{5, 6}, 2, "{\"c\":[[5,6]]}"},
	{{1, 2, 3, 5, 7, 8, 9}, 7, "{\"c\":[[1,3],5,[7,9]]}"},
	{{9, 1, 2}, 3, "{\"c\":[9,[1,2]]}"},
};

static void writes_json(void **state)
{
	struct str out;

	(void)state;
	str_init(&out, 1000);
	for (size_t i = 0; i < sizeof ids_cases / sizeof *ids_cases; i++) {
		str_clear(&out);
		(void)str_addc(&out, '{');
		store_json_ids(&out, "c", ids_cases[i].ids, ids_cases[i].n);
		(void)str_addc(&out, '}');
		assert_string_equal(out.p, ids_cases[i].want);
	}
	str_free(&out);
}

static int parses(void *ctx, const struct store_event *e)
{
	json_t *json = json_loadb(e->data.p, e->data.len, JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(json))
		fail_msg("event %d: %.*s", (int)e->id, VIEW_ARG(e->data));
	json_decref(json);
	++*(int *)ctx;
	return 0;
}

/* Whatever a relay says, the data of every event is a JSON object. */
static void data_is_always_json(void **state)
{
	static const char *const texts[] = {"\"", "\\", "\x01\x1f", "\xff\xfe", "a\r\nb\tc",
		"\xed\xa0\x80", "é \xf0\x9f\x8e\x89", "\\u0000", "{\"a\":[", "\xe2\x80\xa8"};
	struct fixture *t = fixture_new();
	struct store_sender *sender;
	struct vec out;
	char *big = test_malloc(100000);
	int n = 0;

	(void)state;
	memset(big, '"', 100000);
	fixture_campaign(t, 20);
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, TEST_NOW, &t->f));
	OK(store_sender_open(t->s, TEST_NOW, &sender, &t->f));
	vec_init(&out, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, TEST_NOW, &t->f));
	OK(store_turn_claim(sender, 0, 20, &t->a, &out, &t->f));
	for (int64_t i = 0; i < 20; i++) {
		struct view text = i < 10 ? view_of(texts[i]) : view_make(big, 100000);
		const struct store_result r = {.state = DELIVERY_REFUSED,
			.reply_code = 550,
			.status = text,
			.reason = text,
			.text = text};

		OK(store_turn_result(sender, i + 1, &r, &t->f));
	}
	OK(store_turn_end(sender, &t->f));
	OK(store_event_each(t->s, 0, parses, &n, &t->f));
	assert_true(n > 40);
	vec_free(&out);
	test_free(big);
	OK(store_sender_close(&sender, TEST_NOW, &t->f));
	fixture_sound(t);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tampering_shows),
		cmocka_unit_test(the_bytes_are_as_documented),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(data_is_always_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
