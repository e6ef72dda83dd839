/* store - what the database costs: import of rows, and claim + mark + result
 * per message in turns of different sizes. bench/store [ROWS] in a folder of its own:
 * the median of rounds, µs per message and rows per second. */
#include <inttypes.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/time.h"
#include "base/vec.h"
#include "store/delivery.h"
#include "store/list.h"
#include "store/store.h"
#include "store/subscriber.h"
#include "store/template.h"

enum { ROWS = 200000, PER_SIZE = 20000, ROUNDS = 3 };

static struct fail why;

static void must(int ret, const char *what)
{
	if (ret >= 0)
		return;
	(void)fprintf(stderr, "%s: %s\n", what, why.text);
	exit(fail_exit_code(why.kind));
}

static void import(struct store *s, int64_t list, int rows, const char *word)
{
	struct store_import *i;
	struct store_import_counts n;
	int64_t start = time_monotonic(), staged;
	uint32_t seed = 1;

	must(store_import_begin(s,
		     &(struct store_import_options){
			     .list = list, .source = VIEW("bench"), .now = 1},
		     &i, &why),
		"begin");
	for (int row = 0; row < rows; row++) {
		char key[64], fields[64];
		struct store_import_row r;

		seed = seed * 1664525 + 1013904223;
		(void)snprintf(key, sizeof key, "member.%08x.%d@example.org", (unsigned)seed, row);
		(void)snprintf(fields, sizeof fields, "{\"city\":\"Town %d\"}", row % 1000);
		r = (struct store_import_row){
			view_of(key), view_of(key), VIEW("Jeanne Exemple"), view_of(fields)};
		must(store_import_row(i, &r, &why), "row");
	}
	staged = time_monotonic();
	must(store_import_finish(&i, &n, &why), "finish");
	(void)printf("import %s: %d rows, staging %" PRId64 " ms, finishing %" PRId64
		     " ms, %.0f rows/s (added %" PRIu64 ", duplicate %" PRIu64 ")\n",
		word, rows, staged - start, time_monotonic() - staged,
		(double)rows * 1000.0 / (double)(time_monotonic() - start), n.added, n.duplicate);
}

static int64_t prepare(struct store *s, int64_t list, int64_t template_id, int64_t limit)
{
	int64_t id, start = time_monotonic();
	const struct store_campaign_new n = {.list = list,
		.template_id = template_id,
		.relay = VIEW("outbox"),
		.mode = VIEW("individual"),
		.frozen = VIEW("{}"),
		.limit = limit,
		.now = 1};

	must(store_campaign_create(s, &n, &id, &why), "campaign");
	must(store_campaign_set_state(s, id, CAMPAIGN_SENDING, 1, &why), "sending");
	if (limit == 0)
		(void)printf("campaign of all: %" PRId64 " ms\n", time_monotonic() - start);
	return id;
}

/* One turn as the engine has it: results of the messages before, the next
 * claims, and in a second commit their marks. */
static void send_all(struct store *s, int64_t campaign, size_t size)
{
	static const struct store_result accepted = {.state = DELIVERY_ACCEPTED,
		.reply_code = 250,
		.status = VIEW("2.0.0"),
		.text = VIEW("2.0.0 Ok: queued as 4F5D21C0A3")};
	struct store_sender *sender;
	struct arena a;
	struct vec held;
	int64_t start = time_monotonic(), n = 0;

	arena_init(&a);
	vec_init(&held, sizeof(struct store_delivery));
	must(store_sender_open(s, 1, &sender, &why), "sender");
	do {
		struct vec next;

		must(store_turn_begin(sender, campaign, 1, &why), "turn");
		for (size_t i = 0; i < held.len; i++)
			must(store_turn_result(sender,
				     ((struct store_delivery *)vec_at(&held, i))->contact,
				     &accepted, &why),
				"result");
		vec_init(&next, sizeof(struct store_delivery));
		arena_reset(&a);
		must(store_turn_claim(sender, 0, size, &a, &next, &why), "claim");
		for (size_t i = 0; i < next.len; i++)
			must(store_turn_mark(sender,
				     ((struct store_delivery *)vec_at(&next, i))->contact, n++,
				     &why),
				"mark");
		must(store_turn_end(sender, &why), "end");
		vec_free(&held);
		held = next;
	} while (held.len > 0);
	must(store_sender_close(&sender, 1, &why), "close");
	vec_free(&held);
	arena_free(&a);
	(void)printf("turns of %4zu: %6.1f us per message\n", size,
		(double)(time_monotonic() - start) * 1000.0 / (double)n);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {1, 10, 100, 1000};
	uint64_t rows = ROWS;
	char dir[] = "bench-store-XXXXXX", path[64];
	struct store_template t;
	struct store_list l;
	struct store *s;
	struct arena a;
	int64_t version;

	if (argc > 1 && !view_u64(view_of(argv[1]), INT32_MAX, &rows))
		return 64;
	if (mkdtemp(dir) == NULL)
		return 73;
	(void)snprintf(path, sizeof path, "%s/bench.db", dir);
	arena_init(&a);
	must(store_open(path, STORE_CREATE, &s, &why), "open");
	must(store_list_create(s, VIEW("all"), VIEW(""), VIEW(""), 1, &why), "list");
	must(store_list_get(s, VIEW("all"), &a, &l, &why), "list");
	must(store_template_add(s, VIEW("t"), VIEW("x"), 1, &version, &why), "template");
	must(store_template_get(s, VIEW("t"), 0, &a, &t, &why), "template");
	import(s, l.id, (int)rows, "new");
	import(s, l.id, (int)rows, "again");
	(void)prepare(s, l.id, t.id, 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (int round = 0; round < ROUNDS; round++)
			send_all(s, prepare(s, l.id, t.id, sizes[i] == 1 ? 2000 : PER_SIZE),
				sizes[i]);
	}
	store_close(&s);
	arena_free(&a);
	(void)printf("left: %s\n", path);
	return 0;
}
