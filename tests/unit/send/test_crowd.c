#include "send/crowd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/arena.h"
#include "base/fail.h"
#include "base/time.h"
#include "send/destination.h"
#include "store/campaign.h"
#include "store/delivery.h"
#include "store/list.h"
#include "store/store.h"
#include "store/subscriber.h"
#include "store/template.h"

#define NOW INT64_C(1795683600000)
enum { HERE = 250, ELSEWHERE = 30, AN_HOUR = 100, GONE = 60 };

static struct settings_window hundred = {AN_HOUR, TIME_HOUR};
static char gmail[] = "gmail", orange[] = "orange";
static struct settings_destination groups[] = {
	{.name = orange, .max_messages = 2}, /* no quota */
	{.name = gmail, .rate = {&hundred, 1}},
};
static const struct settings settings = {.destinations = groups, .destination_count = 2};

static void by_domain(void **state)
{
	struct send_crowd c;
	struct vec all;
	struct arena a;

	(void)state;
	arena_init(&a);
	vec_init(&all, sizeof(struct store_destination));
	send_destinations(&settings, &a, &all);
	send_crowd_init(&c, &settings, NULL);
	assert_int_equal(c.count, 1);
	assert_int_equal(send_crowd_finish(&c, NOW, NOW + 5), NOW + 5);
	for (int i = 0; i < HERE; i++)
		send_crowd_add(&c, &all, i % 2 == 0 ? VIEW("gmail.com") : VIEW("googlemail.com"));
	send_crowd_add(&c, &all, VIEW("orange.fr"));
	send_crowd_add(&c, &all, VIEW("example.org"));
	assert_int_equal(c.groups[0].left, HERE);
	/* A hundred at once, a hundred an hour later, the rest after two. */
	assert_int_equal(send_crowd_finish(&c, NOW, NOW + 5), NOW + 2 * TIME_HOUR);
	assert_int_equal(send_crowd_finish(&c, NOW, NOW + TIME_DAY), NOW + TIME_DAY);
	vec_free(&all);
	arena_free(&a);
}

struct place {
	char dir[32], path[64];
	struct store *s;
	struct arena a;
	struct fail f;
	int64_t campaign;
};
#define OK(call)                                                                                   \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			fail_msg("%s: %s", #call, t->f.text);                                      \
	} while (0)

static void add_members(struct place *t, int64_t list, int n, const char *domain)
{
	enum store_added added;

	for (int i = 0; i < n; i++) {
		struct store_subscriber who = {.fields = VIEW("{}"), .source = VIEW("test")};
		char key[64];

		(void)snprintf(key, sizeof key, "m%d@%s", i, domain);
		who.key = who.address = view_of(key);
		OK(store_subscriber_add(t->s, list, &who, NOW, &added, &t->f));
	}
}

static void make_campaign(struct place *t)
{
	struct store_campaign_new n = {
		.relay = VIEW("r"), .mode = VIEW("individual"), .frozen = VIEW("{}"), .now = NOW};
	struct store_template tmpl;
	struct store_list l;
	struct vec all;
	int64_t version;

	vec_init(&all, sizeof(struct store_destination));
	send_destinations(&settings, &t->a, &all);
	OK(store_list_create(t->s, VIEW("l"), VIEW("L"), VIEW(""), NOW, &t->f));
	OK(store_list_get(t->s, VIEW("l"), &t->a, &l, &t->f));
	add_members(t, l.id, HERE, "gmail.com");
	add_members(t, l.id, ELSEWHERE, "example.org");
	OK(store_template_add(t->s, VIEW("t"), VIEW("x"), NOW, &version, &t->f));
	OK(store_template_get(t->s, VIEW("t"), 0, &t->a, &tmpl, &t->f));
	n.list = l.id;
	n.template_id = tmpl.id;
	n.destinations = (const struct store_destination *)(const void *)all.p;
	n.destination_count = all.len;
	OK(store_campaign_create(t->s, &n, &t->campaign, &t->f));
	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, NOW, &t->f));
	vec_free(&all);
}

/* GONE of those at gmail are taken by a sender. */
static void some_go(struct place *t, struct store_sender **sender)
{
	struct vec out;

	vec_init(&out, sizeof(struct store_delivery));
	OK(store_sender_open(t->s, NOW, sender, &t->f));
	OK(store_turn_begin(*sender, t->campaign, NOW, &t->f));
	OK(store_turn_claim(*sender, 2, GONE, &t->a, &out, &t->f));
	OK(store_turn_end(*sender, &t->f));
	assert_int_equal(out.len, GONE);
	vec_free(&out);
}

static void of_a_campaign(void **state)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct place place = {.dir = "/tmp/fct-crowd-XXXXXX"}, *t = &place;
	struct store_sender *sender;
	struct send_crowd c;

	(void)state;
	assert_non_null(mkdtemp(t->dir));
	(void)snprintf(t->path, sizeof t->path, "%s/t.db", t->dir);
	arena_init(&t->a);
	OK(store_open(t->path, STORE_CREATE, &t->s, &t->f));
	make_campaign(t);
	send_crowd_init(&c, &settings, NULL);
	OK(send_crowd_look(&c, t->s, t->campaign, NOW, &t->f));
	assert_int_equal(c.groups[0].left, HERE);
	assert_int_equal(send_crowd_finish(&c, NOW, NOW), NOW + 2 * TIME_HOUR);
	some_go(t, &sender);
	/* Those have used the quota: 40 more now, 100 in an hour, 50 after two. */
	OK(send_crowd_look(&c, t->s, t->campaign, NOW + TIME_MINUTE, &t->f));
	assert_int_equal(c.groups[0].left, HERE - GONE);
	assert_in_range(send_crowd_finish(&c, NOW + TIME_MINUTE, NOW) - NOW, 2 * TIME_HOUR,
		2 * TIME_HOUR + TIME_MINUTE);
	OK(store_sender_close(&sender, NOW, &t->f));
	store_close(&t->s);
	arena_free(&t->a);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		char name[128];

		(void)snprintf(name, sizeof name, "%.63s%s", t->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(t->dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_domain),
		cmocka_unit_test(of_a_campaign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
