#ifndef STORE_TEST_H
#define STORE_TEST_H
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>
#include "store/campaign.h"
#include "store/delivery.h"
#include "store/event.h"
#include "store/list.h"
#include "store/store_private.h"
#include "store/subscriber.h"
#include "store/suppression.h"
#include "store/template.h"

/* What the tests of this folder share: a database in a folder of its own. */
enum { TEST_NOW = 1700000000 };

struct fixture {
	char dir[64], path[96];
	struct store *s;
	struct arena a;
	struct fail f;
	int64_t list, template_id, campaign;
};

/* 0 or the test ends with the text of the failure. */
#define OK(call)                                                                                   \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			fail_msg("%s: %s", #call, t->f.text);                                      \
	} while (0)
/* The call fails with this kind and words. */
#define FAILS(call, want, words)                                                                   \
	do {                                                                                       \
		assert_int_equal((call), -1);                                                      \
		if (t->f.kind != (want) || strstr(t->f.text, (words)) == NULL)                     \
			fail_msg("%s: kind %d, \"%s\"", #call, (int)t->f.kind, t->f.text);         \
	} while (0)

static inline struct fixture *fixture_new(void)
{
	struct fixture *t = test_calloc(1, sizeof *t);

	(void)snprintf(t->dir, sizeof t->dir, "/tmp/fct-store-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	(void)snprintf(t->path, sizeof t->path, "%s/t.db", t->dir);
	arena_init(&t->a);
	OK(store_open(t->path, STORE_CREATE, &t->s, &t->f));
	return t;
}

static inline void fixture_free(struct fixture *t)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	store_close(&t->s);
	arena_free(&t->a);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[128];

		(void)snprintf(name, sizeof name, "%s%s", t->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(t->dir), 0);
	test_free(t);
}

static inline void fixture_list(struct fixture *t)
{
	struct store_list l;

	OK(store_list_create(t->s, VIEW("members"), VIEW("Members"), VIEW(""), TEST_NOW, &t->f));
	OK(store_list_get(t->s, VIEW("members"), &t->a, &l, &t->f));
	t->list = l.id;
}

static inline enum store_added fixture_add(struct fixture *t, const char *key)
{
	const struct store_subscriber who = {.key = view_of(key),
		.address = view_of(key),
		.name = VIEW("Ana"),
		.fields = VIEW("{}"),
		.source = VIEW("test")};
	enum store_added added;

	OK(store_subscriber_add(t->s, t->list, &who, TEST_NOW, &added, &t->f));
	return added;
}

/* Members m1@d0.example, m2@d1.example, ... over three domains. */
static inline void fixture_members(struct fixture *t, int n)
{
	for (int i = 1; i <= n; i++) {
		char key[64];

		(void)snprintf(key, sizeof key, "m%d@d%d.example", i, i % 3);
		assert_int_equal(fixture_add(t, key), STORE_ADDED);
	}
}

/* The one number that a query brings. */
static inline int64_t fixture_number(struct fixture *t, const char *sql)
{
	struct db_stmt *stmt;
	int64_t n;

	OK(db_prepare(t->s->db, sql, &stmt, &t->f));
	assert_int_equal(db_step(stmt, &t->f), 1);
	n = db_int(stmt, 0);
	db_finalize(&stmt);
	return n;
}

static inline void fixture_campaign(struct fixture *t, int members)
{
	struct store_template tmpl;
	int64_t version;

	fixture_list(t);
	fixture_members(t, members);
	OK(store_template_add(t->s, VIEW("note"), VIEW("hello"), TEST_NOW, &version, &t->f));
	OK(store_template_get(t->s, VIEW("note"), 0, &t->a, &tmpl, &t->f));
	t->template_id = tmpl.id;
	const struct store_campaign_new n = {.list = t->list,
		.template_id = t->template_id,
		.relay = VIEW("outbox"),
		.mode = VIEW("individual"),
		.frozen = VIEW("{}"),
		.now = TEST_NOW};
	OK(store_campaign_create(t->s, &n, &t->campaign, &t->f));
}

/* The chain holds and every sum adds up. */
static inline void fixture_sound(struct fixture *t)
{
	int64_t count, bad = 0;
	int holds = store_event_verify(t->s, &count, &bad, &t->f);

	if (holds != 1)
		fail_msg("verify: %d at event %d", holds, (int)bad);
	if (t->campaign != 0)
		OK(store_campaign_audit(t->s, t->campaign, &t->f));
}
#endif
