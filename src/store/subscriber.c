#include "store/subscriber.h"
#include "base/i18n.h"
#include "store/event_private.h"
#include "store/member.h"
#include "store/text.h"

static struct store_subscriber read_contact(struct db_stmt *stmt)
{
	return (struct store_subscriber){
		.contact = db_int(stmt, 0),
		.key = db_text(stmt, 1),
		.address = db_text(stmt, 2),
		.name = db_text(stmt, 3),
		.fields = db_text(stmt, 4),
		.suppressed = !db_is_null(stmt, 5),
	};
}

static struct store_subscriber read_subscriber(struct db_stmt *stmt)
{
	struct store_subscriber who = read_contact(stmt);

	who.state = (enum store_subscription)db_int(stmt, 6);
	who.since = db_int(stmt, 7);
	who.source = db_text(stmt, 8);
	return who;
}

static int tell(struct store *s, const char *kind, int64_t list, int64_t contact,
	struct view source, int64_t now, struct fail *f)
{
	struct store_event e = {.at = now, .kind = view_of(kind), .contact = contact};

	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_int(&s->data, "list", list);
	store_json_text(&s->data, "source", source);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

static int add(struct store *s, int64_t list, const struct store_subscriber *in, int64_t now,
	enum store_added *out, struct fail *f)
{
	const struct store_import_row row = {in->key, in->address, in->name, in->fields};
	struct store_members m;
	int64_t contact = 0;
	int ret = store_members_begin(&m, s, list, in->source, now, f);

	if (ret == 0)
		ret = store_member_put(&m, &row, out, &contact, f);
	ret = store_members_end(&m, ret, f);
	if (ret < 0)
		return -1;
	if (*out == STORE_ADDED)
		return tell(s, "list.added", list, contact, in->source, now, f);
	if (*out == STORE_UPDATED)
		return tell(s, "contact.updated", list, contact, in->source, now, f);
	return 0;
}

int store_subscriber_add(struct store *s, int64_t list, const struct store_subscriber *in,
	int64_t now, enum store_added *out, struct fail *f)
{
	const struct store_import_row row = {in->key, in->address, in->name, in->fields};

	if (store_member_check(&row, f) < 0 ||
		store_check_text(in->source, STORE_TEXT_MAX, _("the source"), f) < 0 ||
		STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, add(s, list, in, now, out, f), f);
}

/* The contact id of somebody who is subscribed: 1, 0 not there, -1. */
static int find(struct store *s, int64_t list, struct view key, int64_t *contact, struct fail *f)
{
	struct db_stmt *stmt =
		store_ask(s, Q_SUB_GET, STORE_ARGS(store_int(list), store_text(key)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	bool there;

	if (step <= 0)
		return step;
	*contact = db_int(stmt, 0);
	there = db_int(stmt, 6) == STORE_SUBSCRIBED;
	db_reset(stmt);
	return there;
}

static int take_off(struct store *s, int64_t list, struct view key, int64_t now, struct fail *f)
{
	int64_t contact;
	int found = find(s, list, key, &contact, f);

	if (found <= 0)
		return found;
	if (store_do(s, Q_SUB_SET,
		    STORE_ARGS(store_int(list), store_int(contact), store_int(STORE_REMOVED),
			    store_int(now), store_text(VIEW("removed"))),
		    f) < 0 ||
		tell(s, "list.removed", list, contact, VIEW(""), now, f) < 0)
		return -1;
	return 1;
}

int store_subscriber_remove(
	struct store *s, int64_t list, struct view key, int64_t now, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, take_off(s, list, key, now, f), f);
}

int store_subscriber_each(
	struct store *s, int64_t list, store_subscriber_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_SUB_EACH, STORE_ARGS(store_int(list)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_subscriber who = read_subscriber(stmt);
		int stop = fn(ctx, &who, f);

		if (stop != 0) {
			step = stop < 0 ? stop : 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_subscriber_get(struct store *s, int64_t list, struct view key, struct arena *a,
	struct store_subscriber *out, struct fail *f)
{
	struct db_stmt *stmt =
		list == 0
			? store_ask(s, Q_CONTACT_BY_KEY, STORE_ARGS(store_text(key)), f)
			: store_ask(s, Q_SUB_GET, STORE_ARGS(store_int(list), store_text(key)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*out = list == 0 ? read_contact(stmt) : read_subscriber(stmt);
	out->key = arena_dup(a, out->key);
	out->address = arena_dup(a, out->address);
	out->name = arena_dup(a, out->name);
	out->fields = arena_dup(a, out->fields);
	out->source = arena_dup(a, out->source);
	db_reset(stmt);
	return 1;
}
