#include "store/migrations.h"
#include "store_test.h"

static void makes_what_never_changes(void **state)
{
	struct fixture *t = fixture_new(), *u = fixture_new();
	struct view instance = arena_dup(&t->a, store_instance(t->s));
	struct view key = arena_dup(&t->a, store_token_key(t->s));

	(void)state;
	assert_int_equal(instance.len, 32);
	assert_int_equal(key.len, 32);
	assert_false(view_eq(instance, store_instance(u->s)));
	assert_false(view_eq(key, store_token_key(u->s)));
	store_close(&t->s);
	assert_null(t->s);
	store_close(&t->s);
	OK(store_open(t->path, STORE_WRITE, &t->s, &t->f));
	assert_true(view_eq(instance, store_instance(t->s)));
	assert_true(view_eq(key, store_token_key(t->s)));
	fixture_free(t);
	fixture_free(u);
}

static void reads_without_writing(void **state)
{
	struct fixture *t = fixture_new();
	struct store_list l;

	(void)state;
	fixture_list(t);
	store_close(&t->s);
	OK(store_open(t->path, STORE_READ, &t->s, &t->f));
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	FAILS(store_list_create(t->s, VIEW("x"), VIEW(""), VIEW(""), 1, &t->f), FAIL_STORE,
		"only be read");
	fixture_free(t);
}

static void set_version(struct fixture *t, int64_t version)
{
	OK(DB_BEGIN(t->s->db, &t->f));
	OK(db_set_version(t->s->db, version, &t->f));
	OK(db_commit(t->s->db, &t->f));
	store_close(&t->s);
}

static void other_versions(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	set_version(t, store_schema_version + 1);
	FAILS(store_open(t->path, STORE_WRITE, &t->s, &t->f), FAIL_STORE, "a newer facteur");
	FAILS(store_open(t->path, STORE_READ, &t->s, &t->f), FAIL_STORE, "a newer facteur");
	assert_null(t->s);
	(void)unlink(t->path);
	/* One that was made, but whose first migration never happened. */
	OK(store_open(t->path, STORE_CREATE, &t->s, &t->f));
	OK(db_exec(t->s->db, "DROP TABLE meta", &t->f));
	set_version(t, store_schema_version - 1);
	FAILS(store_open(t->path, STORE_READ, &t->s, &t->f), FAIL_STORE, "an older facteur");
	/* A migration that fails half-way leaves the version and the tables as they were. */
	FAILS(store_open(t->path, STORE_WRITE, &t->s, &t->f), FAIL_STORE, "shape");
	struct db *db;
	int64_t version;
	OK(db_open(t->path, 0, &db, &t->f));
	OK(db_version(db, &version, &t->f));
	assert_int_equal(version, store_schema_version - 1);
	assert_int_equal(db_exec(db, "SELECT * FROM meta", &t->f), -1);
	db_close(&db);
	fixture_free(t);
}

static const struct damage {
	const char *sql, *words;
} damages[] = {
	{"DELETE FROM meta WHERE name = 'instance'", "lost its \"instance\""},
	{"UPDATE meta SET value = zeroblob(31) WHERE name = 'token_key'", "\"token_key\""},
	{"DROP TABLE meta", "shape"},
};

static void damaged_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct fixture *t = fixture_new();

		OK(db_exec(t->s->db, damages[i].sql, &t->f));
		store_close(&t->s);
		FAILS(store_open(t->path, STORE_WRITE, &t->s, &t->f), FAIL_STORE, damages[i].words);
		fixture_free(t);
	}
}

/* Any bit of a real database may be wrong: words or a right answer, never a crash. */
static void survives_damage(void **state)
{
	struct fixture *t = fixture_new();
	struct str whole;
	FILE *file;
	uint32_t seed = 3;
	int c, refused = 0;

	(void)state;
	fixture_campaign(t, 30);
	store_close(&t->s);
	str_init(&whole, 1 << 20);
	file = fopen(t->path, "rb");
	assert_non_null(file);
	while ((c = getc(file)) != EOF)
		(void)str_addc(&whole, (char)c);
	(void)fclose(file);
	for (int round = 0; round < 300; round++) {
		size_t at[3], len = whole.len;
		int64_t count, bad;
		bool failed;

		for (size_t i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			at[i] = (seed >> 7) %
				(i == 0 ? 200 + (seed & 1) * (whole.len - 200) : whole.len);
			whole.p[at[i]] ^= (char)(1 << i);
		}
		if (round % 10 == 0)
			len = at[1];
		file = fopen(t->path, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(whole.p, 1, len, file), len);
		(void)fclose(file);
		failed = store_open(t->path, STORE_WRITE, &t->s, &t->f) < 0 ||
			 store_event_verify(t->s, &count, &bad, &t->f) <= 0 ||
			 store_campaign_audit(t->s, t->campaign, &t->f) < 0 ||
			 store_campaign_set_state(t->s, t->campaign, CAMPAIGN_CANCELLED, 1, &t->f) <
				 0;
		refused += failed;
		store_close(&t->s);
		for (size_t i = 0; i < 3; i++)
			whole.p[at[i]] ^= (char)(1 << i);
	}
	assert_true(refused > 50);
	str_free(&whole);
	fixture_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_what_never_changes),
		cmocka_unit_test(reads_without_writing),
		cmocka_unit_test(other_versions),
		cmocka_unit_test(damaged_tables),
		cmocka_unit_test(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
