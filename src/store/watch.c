#include "store/watch.h"
#include <unistd.h>
#include "base/time.h"
#include "base/vec.h"
#include "store/delivery_private.h"

enum { WATCH_WORD_MAX = 256 };

/* --- who sends ----------------------------------------------------------- */

static void copy_text(char out[SENDER_TEXT_SIZE], struct view text)
{
	(void)snprintf(out, SENDER_TEXT_SIZE, "%.*s", VIEW_ARG(text));
}

/* The moment at which a process of this boot was born. */
static int64_t born_at(const struct sender_id *id, const struct sender_id *self, int64_t now)
{
	long ticks = sysconf(_SC_CLK_TCK);
	struct timespec up = {0, 0};

	if (id->born < 0 || self->boot[0] == '\0' || strcmp(id->boot, self->boot) != 0 ||
		ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0)
		return 0;
	return now - ((int64_t)up.tv_sec * TIME_SECOND + up.tv_nsec / 1000000) +
	       id->born * TIME_SECOND / ticks;
}

/* Columns as Q_SENDER_EACH has them. */
static void tell_sender(struct db_stmt *stmt, int64_t campaign, const struct sender_id *self,
	int64_t now, store_watch_fn fn, void *ctx)
{
	struct sender_id id = {.pid = db_int(stmt, 4), .born = db_int(stmt, 5)};
	struct store_watch_sender sender = {
		.pid = id.pid, .machine = db_text(stmt, 1), .beat = db_int(stmt, 7)};

	if (db_int(stmt, 6) != campaign ||
		store_sender_row_life(stmt, 1, self, now) != SENDER_ALIVE)
		return;
	copy_text(id.boot, db_text(stmt, 2));
	sender.here =
		view_is(sender.machine, self->machine) && view_is(db_text(stmt, 3), self->space);
	sender.since = born_at(&id, self, now);
	fn(ctx, &sender);
}

int store_watch_senders(struct store *s, int64_t campaign, int64_t now, store_watch_fn fn,
	void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_SENDER_EACH, NULL, f);
	struct sender_id self;
	int step = -1;

	sender_self("/proc", &self);
	while (stmt != NULL && (step = db_step(stmt, f)) > 0)
		tell_sender(stmt, campaign, &self, now, fn, ctx);
	db_finalize(&stmt);
	return step;
}

/* --- how fast ------------------------------------------------------------ */

static bool is_outcome(struct view kind)
{
	return view_is(kind, "delivery.accepted") || view_is(kind, "delivery.deferred") ||
	       view_is(kind, "delivery.refused") || view_is(kind, "delivery.uncertain");
}

/* No name of a relay needs an escape. */
static bool went_through(struct view data, struct view relay)
{
	struct str word;
	bool found;

	str_init(&word, WATCH_WORD_MAX);
	(void)str_addf(&word, "\"relay\":\"%.*s\"", VIEW_ARG(relay));
	found = view_find(data, str_view(&word)) >= 0;
	str_free(&word);
	return found;
}

/* From the newest back, as far as `since`. */
static int watch(struct store *s, int64_t campaign, struct view relay, int64_t since,
	struct store_watch_use *out, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_EVENT_NEWEST, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	*out = (struct store_watch_use){0};
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		int64_t at = db_int(stmt, 0);

		if (at <= since) {
			step = 0;
			break;
		}
		if (!is_outcome(db_text(stmt, 1)) ||
			(relay.len > 0 && !went_through(db_text(stmt, 2), relay)))
			continue;
		out->n++;
		out->first = at;
	}
	db_finalize(&stmt);
	return step;
}

int store_watch_campaign(struct store *s, int64_t campaign, int64_t since,
	struct store_watch_use *out, struct fail *f)
{
	return watch(s, campaign, VIEW(""), since, out, f);
}

struct used { /* a campaign that went through a relay */
	int64_t id;
	bool shared; /* with others */
};

/* Those that were under way after `since`. */
static int campaigns_of(
	struct store *s, struct view relay, int64_t since, struct vec *out, struct fail *f)
{
	struct db_stmt *stmt =
		store_ask(s, Q_RELAY_CAMPAIGNS, STORE_ARGS(store_text(relay), store_int(since)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct used *used = vec_push(out);

		used->id = db_int(stmt, 0);
		used->shared = !db_is_null(stmt, 1);
	}
	return step;
}

int store_watch_relay(struct store *s, struct view relay, int64_t since,
	struct store_watch_use *out, struct fail *f)
{
	struct store_watch_use one;
	struct vec all;
	int ret;

	*out = (struct store_watch_use){0};
	vec_init(&all, sizeof(struct used));
	ret = campaigns_of(s, relay, since, &all, f);
	for (size_t i = 0; ret == 0 && i < all.len; i++) {
		const struct used *used = vec_at(&all, i);

		ret = watch(s, used->id, used->shared ? relay : VIEW(""), since, &one, f);
		if (ret < 0 || one.n == 0)
			continue;
		out->n += one.n;
		if (out->first == 0 || one.first < out->first)
			out->first = one.first;
	}
	vec_free(&all);
	return ret;
}

int store_relay_first_use(struct store *s, struct view relay, int64_t *at, struct fail *f)
{
	*at = 0;
	return store_number(s, Q_RELAY_FIRST_USE, STORE_ARGS(store_text(relay)), at, f) < 0 ? -1
											    : 0;
}
