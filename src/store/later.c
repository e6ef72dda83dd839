#include "store/later.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

/* --- what was sent ------------------------------------------------------- */

/* Columns as SENT_SELECT of sql.c has them. */
static int read_sent(struct db_stmt *stmt, struct arena *a, struct store_sent *out, struct fail *f)
{
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*out = (struct store_sent){
		.campaign = db_int(stmt, 0),
		.contact = db_int(stmt, 1),
		.list = db_int(stmt, 2),
		.address = arena_dup(a, db_text(stmt, 3)),
		.domain = arena_dup(a, db_text(stmt, 4)),
		.state = (enum delivery_state)db_int(stmt, 5),
		.sent = db_int(stmt, 6) != 0,
		.at = db_int(stmt, 7),
		.later = (enum store_later)db_int(stmt, 8),
	};
	db_reset(stmt);
	return 1;
}

int store_sent_get(struct store *s, int64_t campaign, int64_t contact, struct arena *a,
	struct store_sent *out, struct fail *f)
{
	return read_sent(
		store_ask(s, Q_SENT_GET, STORE_ARGS(store_int(campaign), store_int(contact)), f), a,
		out, f);
}

int store_sent_by_key(struct store *s, int64_t campaign, struct view key, struct arena *a,
	struct store_sent *out, struct fail *f)
{
	return read_sent(
		store_ask(s, Q_SENT_BY_KEY, STORE_ARGS(store_int(campaign), store_text(key)), f), a,
		out, f);
}

int store_sent_last(struct store *s, struct view key, int64_t since, int64_t until, struct arena *a,
	struct store_sent *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(
		s, Q_SENT_LAST, STORE_ARGS(store_text(key), store_int(since), store_int(until)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	int64_t campaign, contact;

	if (step <= 0)
		return step;
	campaign = db_int(stmt, 0);
	contact = db_int(stmt, 1);
	db_reset(stmt);
	return store_sent_get(s, campaign, contact, a, out, f);
}

/* --- what became of it --------------------------------------------------- */

static int tell(struct store *s, const struct store_sent *sent, const struct store_later_news *news,
	struct fail *f)
{
	struct store_event e = {
		.at = news->now, .campaign = sent->campaign, .contact = sent->contact};
	char kind[32];

	(void)snprintf(kind, sizeof kind, "delivery.%s", store_later_name(news->later));
	e.kind = view_of(kind);
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "before", view_of(store_later_name(sent->later)));
	store_json_text(&s->data, "status", news->status);
	store_json_text(&s->data, "reason", news->reason);
	store_json_text(&s->data, "text", news->text);
	store_json_int(&s->data, "returned", news->returned);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

/* As store_campaign_count() does, for what lies beside. */
static int count(
	struct store *s, const struct store_sent *sent, enum store_later later, struct fail *f)
{
	int64_t d[LATER_STATES] = {0}, total, sum = 0;
	struct db_stmt *stmt;
	bool negative = false;
	int step;

	d[sent->later]--;
	d[later]++;
	stmt = store_ask(s, Q_LATER_COUNT,
		STORE_ARGS(store_int(sent->campaign), store_int(d[LATER_DELIVERED]),
			store_int(d[LATER_BOUNCED]), store_int(d[LATER_COMPLAINED])),
		f);
	step = stmt != NULL ? db_step(stmt, f) : -1;
	if (step < 0)
		return -1;
	total = step > 0 ? db_int(stmt, 0) : 0;
	for (int i = LATER_DELIVERED; step > 0 && i < LATER_STATES; i++) {
		sum += db_int(stmt, i);
		negative = negative || db_int(stmt, i) < 0;
	}
	if (step > 0)
		db_reset(stmt);
	if (step > 0 && !negative && sum <= total)
		return 0;
	return fail_set(f, FAIL_BUG,
		_("this is a fault in facteur, please report it: of %" PRId64
		  " recipients of campaign %" PRId64 " %" PRId64
		  " were heard of later; nothing was changed"),
		total, sent->campaign, sum);
}

/* A report of it came back: whoever was in doubt had it. */
static int settle(struct store *s, const struct store_sent *sent,
	const struct store_later_news *news, struct fail *f)
{
	int64_t delta[DELIVERY_STATES] = {0};
	struct store_event e = {.at = news->now,
		.kind = VIEW("delivery.accepted"),
		.campaign = sent->campaign,
		.contact = sent->contact};

	if (store_do(s, Q_LATER_ACCEPT,
		    STORE_ARGS(store_int(sent->campaign), store_int(sent->contact),
			    store_int(news->now)),
		    f) < 0)
		return -1;
	if (db_changes(s->db) == 0)
		return 0;
	delta[DELIVERY_UNCERTAIN] = -1;
	delta[DELIVERY_ACCEPTED] = 1;
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "reason", VIEW("came back"));
	store_json_int(&s->data, "returned", news->returned);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f) < 0 ? -1
					     : store_campaign_count(s, sent->campaign, delta, f);
}

static int write(struct store *s, const struct store_sent *sent,
	const struct store_later_news *news, struct fail *f)
{
	if (store_do(s, Q_LATER_SET,
		    STORE_ARGS(store_int(sent->campaign), store_int(sent->contact),
			    store_int(news->later), store_text(news->reason),
			    store_text(news->status), store_text(news->text),
			    store_id_or_null(news->returned), store_int(news->now)),
		    f) < 0 ||
		tell(s, sent, news, f) < 0 || count(s, sent, news->later, f) < 0)
		return -1;
	return sent->state == DELIVERY_UNCERTAIN ? settle(s, sent, news, f) : 0;
}

int store_later_set(struct store *s, const struct store_sent *sent,
	const struct store_later_news *news, struct fail *f)
{
	struct store_later_news n = *news;
	struct str reason, status, text;
	int ret;

	if (news->later <= sent->later ||
		(sent->state != DELIVERY_ACCEPTED && sent->state != DELIVERY_COMMITTED &&
			sent->state != DELIVERY_UNCERTAIN))
		return 0;
	n.reason = store_keep(&reason, n.reason, STORE_REASON_MAX);
	n.status = store_keep(&status, n.status, STORE_STATUS_MAX);
	n.text = store_keep(&text, n.text, STORE_TEXT_MAX);
	ret = write(s, sent, &n, f);
	str_free(&reason);
	str_free(&status);
	str_free(&text);
	return ret < 0 ? -1 : 1;
}

int store_later_each(
	struct store *s, int64_t campaign, store_later_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_TALLY_LATER, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_later_tally t = {.reason = db_text(stmt, 0),
			.later = (enum store_later)db_int(stmt, 1),
			.status = db_text(stmt, 2),
			.text = db_text(stmt, 3),
			.count = db_int(stmt, 4)};

		if (fn(ctx, &t) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

/* --- what that means for the campaign ------------------------------------ */

int store_cause_add(
	struct store *s, int64_t campaign, struct view reason, int64_t n, struct fail *f)
{
	return store_do(s, Q_CAUSE_ADD,
		STORE_ARGS(store_int(campaign), store_text(reason), store_int(n)), f);
}

#define LATER_REHEARSED VIEW("(rehearsal)")

int store_rehearsed_set(struct store *s, int64_t campaign, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, store_cause_add(s, campaign, LATER_REHEARSED, 1, f), f);
}

int store_rehearsed(struct store *s, int64_t campaign, struct fail *f)
{
	int64_t n;

	return store_number(s, Q_CAUSE_GET,
		STORE_ARGS(store_int(campaign), store_text(LATER_REHEARSED)), &n, f);
}

int store_cause_each(
	struct store *s, int64_t campaign, store_cause_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_CAUSE_EACH, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		if (fn(ctx, db_text(stmt, 0), db_int(stmt, 1)) == 0)
			continue;
		db_reset(stmt);
		return 0;
	}
	return step;
}

static int tell_alarm(struct store *s, int64_t campaign, const struct store_alarm *alarm,
	bool paused, struct fail *f)
{
	struct store_event e = {
		.at = alarm->at, .kind = VIEW("campaign.alarm"), .campaign = campaign};

	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_text(&s->data, "cause", alarm->cause);
	store_json_text(&s->data, "detail", alarm->detail);
	store_json_int(&s->data, "count", alarm->n);
	store_json_int(&s->data, "of", alarm->total);
	store_json_int(&s->data, "paused", paused);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

static int pause(struct store *s, int64_t campaign, int64_t now, bool *paused, struct fail *f)
{
	static const int64_t nothing[DELIVERY_STATES] = {0};
	enum campaign_state state;
	int64_t list;

	if (store_campaign_find(s, campaign, &state, &list, f) < 0)
		return -1;
	*paused = state == CAMPAIGN_SENDING;
	return *paused ? store_campaign_move(s, campaign, state, CAMPAIGN_PAUSED, nothing, now, f)
		       : 0;
}

int store_alarm_raise(struct store *s, int64_t campaign, const struct store_alarm *alarm,
	bool pause_it, bool *paused, struct fail *f)
{
	int64_t before = 0;
	int had = store_number(s, Q_ALARM_GET,
		STORE_ARGS(store_int(campaign), store_text(alarm->cause)), &before, f);

	*paused = false;
	if (had < 0 || (pause_it && before == 0 && pause(s, campaign, alarm->at, paused, f) < 0) ||
		store_do(s, Q_ALARM_SET,
			STORE_ARGS(store_int(campaign), store_text(alarm->cause),
				store_int(alarm->at), store_int(alarm->n), store_int(alarm->total),
				store_text(alarm->detail), store_int(before != 0 || *paused)),
			f) < 0)
		return -1;
	return had == 0 || *paused ? tell_alarm(s, campaign, alarm, *paused, f) : 0;
}

int store_alarm_each(
	struct store *s, int64_t campaign, store_alarm_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_ALARM_EACH, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_alarm alarm = {.cause = db_text(stmt, 0),
			.at = db_int(stmt, 1),
			.n = db_int(stmt, 2),
			.total = db_int(stmt, 3),
			.detail = db_text(stmt, 4),
			.paused = db_int(stmt, 5) != 0};

		if (fn(ctx, &alarm) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}
