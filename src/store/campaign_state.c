#include <inttypes.h>
#include "base/i18n.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

static int sums_wrong(int64_t campaign, int64_t sum, int64_t total, struct fail *f)
{
	return fail_set(f, FAIL_BUG,
		_("this is a fault in facteur, please report it: the recipients of campaign "
		  "%" PRId64 " add up to %" PRId64 " and not to %" PRId64 "; nothing was changed"),
		campaign, sum, total);
}

int store_campaign_count(
	struct store *s, int64_t campaign, const int64_t delta[DELIVERY_STATES], struct fail *f)
{
	const int64_t *d = delta;
	struct db_stmt *stmt = store_ask(s, Q_CAMPAIGN_COUNT,
		STORE_ARGS(store_int(campaign), store_int(d[0]), store_int(d[1]), store_int(d[2]),
			store_int(d[3]), store_int(d[4]), store_int(d[5]), store_int(d[6]),
			store_int(d[7]), store_int(d[8])),
		f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	int64_t sum = 0, total;
	bool negative = false;

	if (step <= 0)
		return step < 0 ? -1 : sums_wrong(campaign, 0, 0, f);
	total = db_int(stmt, 0);
	for (int i = 1; i <= DELIVERY_STATES; i++) {
		sum += db_int(stmt, i);
		negative = negative || db_int(stmt, i) < 0;
	}
	db_reset(stmt);
	return sum == total && !negative ? 0 : sums_wrong(campaign, sum, total, f);
}

/* Counts by the rows themselves. */
static int recount(struct store *s, enum store_query q, int64_t campaign, int64_t *n, int64_t most,
	struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, q, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		int64_t state = db_int(stmt, 0);

		if (state >= 0 && state < most)
			n[state] = db_int(stmt, 1);
	}
	return step;
}

static int count_wrong(int64_t id, int64_t rows, const char *state, int64_t count, struct fail *f)
{
	return fail_set(f, FAIL_BUG,
		_("this is a fault in facteur or a change made to its database, "
		  "please report it: campaign %" PRId64 " has %" PRId64
		  " recipients in state %s, but its count says %" PRId64),
		id, rows, state, count);
}

static int audit(struct store *s, int64_t id, struct fail *f)
{
	int64_t n[DELIVERY_STATES] = {0}, later[LATER_STATES] = {0}, sum = 0;
	struct store_campaign c = {0};
	struct arena a;
	int ret;

	arena_init(&a);
	ret = store_campaign_get(s, id, &a, &c, f);
	arena_free(&a);
	if (ret < 0 || recount(s, Q_CAMPAIGN_AUDIT, id, n, DELIVERY_STATES, f) < 0 ||
		recount(s, Q_LATER_AUDIT, id, later, LATER_STATES, f) < 0)
		return -1;
	for (int i = LATER_DELIVERED; i < LATER_STATES; i++) {
		if (later[i] != c.later[i])
			return count_wrong(
				id, later[i], store_later_name((enum store_later)i), c.later[i], f);
	}
	for (int i = 0; i < DELIVERY_STATES; i++) {
		sum += n[i];
		if (n[i] != c.count[i])
			return count_wrong(id, n[i], delivery_state_name((enum delivery_state)i),
				c.count[i], f);
	}
	return sum == c.total ? 0 : sums_wrong(id, sum, c.total, f);
}

/* Both counts at one moment: a sender may be at work. */
int store_campaign_audit(struct store *s, int64_t id, struct fail *f)
{
	bool own = !db_in_transaction(s->db);
	int ret;

	if (own && store_read_begin(s, f) < 0)
		return -1;
	ret = audit(s, id, f);
	if (own)
		store_read_end(s);
	return ret;
}

static int refuse(int64_t id, enum campaign_state from, enum campaign_state to, struct fail *f)
{
	static const char *const advice[] = {
		[CAMPAIGN_PREPARED] = N_("it can be sent or cancelled"),
		[CAMPAIGN_SENDING] = N_("it can be paused or cancelled"),
		[CAMPAIGN_PAUSED] = N_("it can be resumed or cancelled"),
		[CAMPAIGN_DONE] = N_("it is over; to send again, make a new campaign"),
		[CAMPAIGN_CANCELLED] = N_("it is over; to send again, make a new campaign"),
	};

	return fail_set(f, FAIL_GUARD, _("campaign %" PRId64 " is %s and cannot become %s: %s"), id,
		_(campaign_state_name(from)), _(campaign_state_name(to)),
		(size_t)from < sizeof advice / sizeof *advice
			? _(advice[from])
			: _("the database was changed by hand"));
}

/* What has not left, and that is all but what is committed, does not leave. */
static int cancel_rest(
	struct store *s, int64_t id, int64_t now, int64_t delta[DELIVERY_STATES], struct fail *f)
{
	static const struct {
		enum store_query query;
		enum delivery_state from;
	} parts[] = {
		{Q_CAMPAIGN_CANCEL_PENDING, DELIVERY_PENDING},
		{Q_CAMPAIGN_CANCEL_CLAIMED, DELIVERY_CLAIMED},
		{Q_CAMPAIGN_CANCEL_DEFERRED, DELIVERY_DEFERRED},
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (store_do(s, parts[i].query, STORE_ARGS(store_int(id), store_int(now)), f) < 0)
			return -1;
		delta[parts[i].from] = -db_changes(s->db);
		delta[DELIVERY_CANCELLED] += db_changes(s->db);
	}
	return store_campaign_count(s, id, delta, f);
}

/* What still has a way to go keeps a campaign from being done. */
static int all_settled(struct store *s, int64_t id, struct fail *f)
{
	static const enum delivery_state open[] = {
		DELIVERY_PENDING, DELIVERY_CLAIMED, DELIVERY_COMMITTED, DELIVERY_DEFERRED};
	struct store_campaign c = {0};
	struct arena a;
	int64_t left = 0;
	int ret;

	arena_init(&a);
	ret = store_campaign_get(s, id, &a, &c, f);
	arena_free(&a);
	if (ret < 0)
		return -1;
	for (size_t i = 0; i < sizeof open / sizeof *open; i++)
		left += c.count[open[i]];
	if (left == 0)
		return 0;
	return fail_set(f, FAIL_GUARD,
		_("campaign %" PRId64 " is not done: %" PRId64 " of its recipients still wait"), id,
		left);
}

static int tell(struct store *s, int64_t id, enum campaign_state from, enum campaign_state to,
	const int64_t delta[DELIVERY_STATES], int64_t now, struct fail *f)
{
	struct store_event e = {.at = now, .campaign = id};
	char kind[32];

	(void)snprintf(kind, sizeof kind, "campaign.%s", campaign_state_name(to));
	e.kind = view_of(kind);
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "from", view_of(campaign_state_name(from)));
	store_json_int(&s->data, "cancelled", delta[DELIVERY_CANCELLED]);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

int store_campaign_move(struct store *s, int64_t id, enum campaign_state from,
	enum campaign_state to, const int64_t delta[DELIVERY_STATES], int64_t now, struct fail *f)
{
	if (store_do(s, Q_CAMPAIGN_SET_STATE,
		    STORE_ARGS(store_int(id), store_int(to), store_int(now)), f) < 0)
		return -1;
	return tell(s, id, from, to, delta, now, f);
}

static int change(struct store *s, int64_t id, enum campaign_state to, int64_t now, struct fail *f)
{
	int64_t delta[DELIVERY_STATES] = {0}, list;
	enum campaign_state from;

	if (store_campaign_find(s, id, &from, &list, f) < 0)
		return -1;
	if (!campaign_may(from, to))
		return refuse(id, from, to, f);
	if (from == to)
		return 0;
	if ((to == CAMPAIGN_CANCELLED && cancel_rest(s, id, now, delta, f) < 0) ||
		(to == CAMPAIGN_DONE && all_settled(s, id, f) < 0))
		return -1;
	return store_campaign_move(s, id, from, to, delta, now, f);
}

int store_campaign_set_state(
	struct store *s, int64_t id, enum campaign_state to, int64_t now, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, change(s, id, to, now, f), f);
}
