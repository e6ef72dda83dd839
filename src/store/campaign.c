#include "store/campaign.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "base/utf8.h"
#include "store/delivery_private.h"
#include "store/event_private.h"
#include "store/text.h"

/* Columns as CAMPAIGN_SELECT of sql.c has them. */
static struct store_campaign read_campaign(struct db_stmt *stmt)
{
	enum { FIRST_COUNT = 15, FIRST_LATER = FIRST_COUNT + DELIVERY_STATES };
	struct store_campaign c = {
		.id = db_int(stmt, 0),
		.name = db_text(stmt, 1),
		.state = (enum campaign_state)db_int(stmt, 2),
		.list = db_int(stmt, 3),
		.template_id = db_int(stmt, 4),
		.list_name = db_text(stmt, 5),
		.template_name = db_text(stmt, 6),
		.template_version = db_int(stmt, 7),
		.relay = db_text(stmt, 8),
		.mode = db_text(stmt, 9),
		.frozen = db_text(stmt, 10),
		.created = db_int(stmt, 11),
		.started = db_int(stmt, 12),
		.finished = db_int(stmt, 13),
		.total = db_int(stmt, 14),
	};

	for (int i = 0; i < DELIVERY_STATES; i++)
		c.count[i] = db_int(stmt, FIRST_COUNT + i);
	for (int i = LATER_DELIVERED; i < LATER_STATES; i++)
		c.later[i] = db_int(stmt, FIRST_LATER + i - LATER_DELIVERED);
	return c;
}

static int no_campaign(int64_t id, struct fail *f)
{
	return fail_set(f, FAIL_NOINPUT,
		_("there is no campaign %" PRId64 ": see \"facteur campaign list\""), id);
}

int store_campaign_get(
	struct store *s, int64_t id, struct arena *a, struct store_campaign *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_CAMPAIGN_GET, STORE_ARGS(store_int(id)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step < 0 ? -1 : no_campaign(id, f);
	*out = read_campaign(stmt);
	out->name = arena_dup(a, out->name);
	out->list_name = arena_dup(a, out->list_name);
	out->template_name = arena_dup(a, out->template_name);
	out->relay = arena_dup(a, out->relay);
	out->mode = arena_dup(a, out->mode);
	out->frozen = arena_dup(a, out->frozen);
	db_reset(stmt);
	return 0;
}

int store_campaign_each(struct store *s, store_campaign_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_CAMPAIGN_EACH, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_campaign c = read_campaign(stmt);

		if (fn(ctx, &c) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_campaign_find(struct store *s, int64_t campaign, enum campaign_state *state,
	int64_t *list, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_CAMPAIGN_STATE, STORE_ARGS(store_int(campaign)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step < 0 ? -1 : no_campaign(campaign, f);
	*state = (enum campaign_state)db_int(stmt, 0);
	*list = db_int(stmt, 1);
	db_reset(stmt);
	return 0;
}

int store_campaign_state(struct store *s, int64_t id, enum campaign_state *out, struct fail *f)
{
	int64_t list;

	return store_campaign_find(s, id, out, &list, f);
}

static int each_destination(struct store *s, enum store_query q, int64_t id,
	store_destination_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, q, STORE_ARGS(store_int(id)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		if (fn(ctx, db_int(stmt, 0), db_text(stmt, 1)) == 0)
			continue;
		db_reset(stmt);
		return 0;
	}
	return step;
}

int store_campaign_destinations(
	struct store *s, int64_t id, store_destination_fn fn, void *ctx, struct fail *f)
{
	return each_destination(s, Q_DESTINATION_EACH, id, fn, ctx, f);
}

int store_campaign_crowd(
	struct store *s, int64_t id, store_destination_fn fn, void *ctx, struct fail *f)
{
	return each_destination(s, Q_DESTINATION_PENDING, id, fn, ctx, f);
}

/* The making of one campaign. */
struct making {
	struct store *s;
	const struct store_campaign_new *n;
	struct str name, list_name;
	int64_t id, total, skipped;
	unsigned char recipients[DIGEST_SIZE];
};

static int check(const struct store_campaign_new *n, struct fail *f)
{
	if (store_check_text(n->name, STORE_TEXT_MAX, _("the name of the campaign"), f) < 0 ||
		store_check_text(n->relay, STORE_TEXT_MAX, _("the name of the relay"), f) < 0 ||
		store_check_text(n->mode, STORE_TEXT_MAX, _("the mode"), f) < 0)
		return -1;
	if (n->frozen.len <= STORE_FROZEN_MAX && utf8_valid(n->frozen, NULL) &&
		view_chr(n->frozen, '\0') < 0)
		return 0;
	return fail_set(f, FAIL_DATA,
		_("the settings of the campaign are too long or not UTF-8: at most %d bytes are "
		  "kept"),
		STORE_FROZEN_MAX);
}

/* Reads what the campaign is made of; makes the name where none was given. */
static int find_parts(struct making *m, struct fail *f)
{
	struct db_stmt *list = store_ask(m->s, Q_LIST_BY_ID, STORE_ARGS(store_int(m->n->list)), f);
	struct db_stmt *template;
	int step = list != NULL ? db_step(list, f) : -1;

	if (step == 0)
		return fail_set(f, FAIL_NOINPUT, _("this list was deleted in the meantime"));
	if (step < 0)
		return -1;
	(void)str_addv(&m->list_name, db_text(list, 0));
	db_reset(list);
	template = store_ask(m->s, Q_TEMPLATE_BY_ID, STORE_ARGS(store_int(m->n->template_id)), f);
	step = template != NULL ? db_step(template, f) : -1;
	if (step == 0)
		return fail_set(f, FAIL_NOINPUT, _("there is no template number %" PRId64),
			m->n->template_id);
	if (step < 0)
		return -1;
	(void)str_addv(&m->name, m->n->name.len > 0 ? m->n->name : db_text(template, 1));
	if (m->n->name.len == 0)
		(void)str_addf(&m->name, " v%" PRId64 ", %s", db_int(template, 2), m->list_name.p);
	db_reset(template);
	return 0;
}

static int add_destinations(struct making *m, struct fail *f)
{
	for (size_t i = 0; i < m->n->destination_count; i++) {
		const struct store_destination *d = &m->n->destinations[i];

		if (store_do(m->s, Q_DESTINATION_ADD,
			    STORE_ARGS(store_int(m->id), store_text(d->domain),
				    store_int(d->number), store_text(d->name)),
			    f) < 0)
			return -1;
	}
	return 0;
}

static int insert(struct making *m, struct fail *f)
{
	const struct store_campaign_new *n = m->n;
	int64_t limit = n->limit > 0 ? n->limit : INT64_MAX;

	if (store_next_id(m->s, "campaign", &m->id, f) < 0 ||
		store_do(m->s, Q_CAMPAIGN_ADD,
			STORE_ARGS(store_int(m->id), store_text(str_view(&m->name)),
				store_int(n->list), store_text(str_view(&m->list_name)),
				store_int(n->template_id), store_text(n->relay),
				store_text(n->mode), store_text(n->frozen), store_int(n->now)),
			f) < 0 ||
		add_destinations(m, f) < 0 ||
		store_do(m->s, Q_CAMPAIGN_FILL,
			STORE_ARGS(store_int(m->id), store_int(n->list), store_int(limit),
				store_int(n->now)),
			f) < 0)
		return -1;
	m->total = db_changes(m->s->db);
	if (m->total > 0)
		return 0;
	return fail_set(f, FAIL_NOINPUT,
		_("the list \"%s\" has no members to send to: import some with \"facteur list "
		  "import\", or add one with \"facteur list add\""),
		m->list_name.p);
}

/* Hashes who the recipients are (event_private.h), and counts the skipped;
 * with `skipped` not NULL it collects those instead. */
static int walk(struct making *m, struct vec *skipped, struct fail *f)
{
	struct db_stmt *stmt =
		store_ask(m->s, Q_CAMPAIGN_RECIPIENTS, STORE_ARGS(store_int(m->id)), f);
	struct digest *d = m->s->digest;
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		bool skip = db_int(stmt, 2) == DELIVERY_SKIPPED;

		if (skipped == NULL) {
			digest_number(d, db_int(stmt, 0));
			digest_piece(d, db_text(stmt, 1));
			m->skipped += skip;
		} else if (skip) {
			*(int64_t *)vec_push(skipped) = db_int(stmt, 0);
		}
	}
	if (skipped == NULL)
		digest_end(d, m->recipients);
	return step;
}

static int tell_created(struct making *m, struct fail *f)
{
	struct store_event e = {
		.at = m->n->now, .kind = VIEW("campaign.created"), .campaign = m->id};
	struct str *data = &m->s->data;

	str_clear(data);
	(void)str_addc(data, '{');
	store_json_text(data, "name", str_view(&m->name));
	store_json_text(data, "list", str_view(&m->list_name));
	store_json_int(data, "template", m->n->template_id);
	store_json_text(data, "relay", m->n->relay);
	store_json_text(data, "mode", m->n->mode);
	store_json_int(data, "total", m->total);
	store_json_int(data, "skipped", m->skipped);
	(void)str_addz(data, ",\"recipients\":\"");
	(void)digest_hex(data, m->recipients, sizeof m->recipients);
	(void)str_addz(data, "\"}");
	e.data = str_view(data);
	return store_event_add(m->s, &e, f);
}

static int tell_skipped(struct making *m, struct fail *f)
{
	const struct store_batch_event b = {.kind = "delivery.skipped",
		.campaign = m->id,
		.now = m->n->now,
		.reason = VIEW("suppressed")};
	struct vec ids;
	int ret;

	if (m->skipped == 0)
		return 0;
	vec_init(&ids, sizeof(int64_t));
	ret = walk(m, &ids, f);
	if (ret == 0)
		ret = store_tell_contacts(m->s, &b, &ids, f);
	vec_free(&ids);
	return ret;
}

/* The list may have changed since its members were counted and confirmed (P5). */
static int check_expected(const struct making *m, struct fail *f)
{
	int64_t mailed = m->total - m->skipped;

	if (m->n->expect == 0 || mailed == m->n->expect)
		return 0;
	return fail_set(f, FAIL_GUARD,
		_("the list \"%s\" changed in the meantime: it would be %" PRId64
		  " people now and not %" PRId64 ", so nothing was sent; try again"),
		m->list_name.p, mailed, m->n->expect);
}

static int make(struct making *m, struct fail *f)
{
	static const int64_t nothing[DELIVERY_STATES] = {0};

	if (find_parts(m, f) < 0 || insert(m, f) < 0 || walk(m, NULL, f) < 0 ||
		check_expected(m, f) < 0 ||
		store_do(m->s, Q_CAMPAIGN_FILLED,
			STORE_ARGS(store_int(m->id), store_int(m->total), store_int(m->skipped)),
			f) < 0 ||
		tell_created(m, f) < 0 || tell_skipped(m, f) < 0)
		return -1;
	return store_campaign_count(m->s, m->id, nothing, f);
}

int store_campaign_create(
	struct store *s, const struct store_campaign_new *n, int64_t *id, struct fail *f)
{
	struct making m = {.s = s, .n = n};
	int ret;

	if (check(n, f) < 0 || STORE_BEGIN(s, f) < 0)
		return -1;
	str_init(&m.name, 2 * STORE_TEXT_MAX);
	str_init(&m.list_name, STORE_TEXT_MAX);
	ret = store_end(s, make(&m, f), f);
	if (ret == 0)
		*id = m.id;
	str_free(&m.name);
	str_free(&m.list_name);
	return ret;
}
