#include "store/strike.h"
#include "base/i18n.h"
#include "store/event_private.h"
#include "store/subscriber.h"
#include "store/suppression_private.h"

int store_strike_add(struct store *s, int64_t campaign, int64_t contact, struct view domain,
	const struct store_strike *strike, struct fail *f)
{
	if (store_do(s, Q_STRIKE_ADD,
		    STORE_ARGS(store_int(contact), store_text(strike->reason), store_int(campaign),
			    store_int(strike->at), store_int(strike->weight), store_text(domain)),
		    f) < 0)
		return -1;
	return db_changes(s->db) > 0;
}

int store_strike_each(
	struct store *s, int64_t contact, store_strike_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_STRIKE_EACH, STORE_ARGS(store_int(contact)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_strike strike = {
			.reason = db_text(stmt, 0),
			.at = db_int(stmt, 1),
			.weight = db_int(stmt, 2),
		};

		fn(ctx, &strike);
	}
	return step;
}

static void push_once(struct vec *contacts, int64_t contact)
{
	for (size_t i = 0; i < contacts->len; i++)
		if (*(int64_t *)vec_at(contacts, i) == contact)
			return;
	*(int64_t *)vec_push(contacts) = contact;
}

int store_strike_domain(struct store *s, const struct store_strike_where *where,
	struct vec *contacts, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_STRIKE_DOMAIN,
		STORE_ARGS(store_text(where->reason), store_text(where->domain),
			store_int(where->since)),
		f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		push_once(contacts, db_int(stmt, 0));
		if (contacts->len <= where->most)
			continue;
		db_reset(stmt);
		return 0;
	}
	return step;
}

int store_member_key(
	struct store *s, int64_t contact, struct arena *a, struct view *key, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_CONTACT_BY_ID, STORE_ARGS(store_int(contact)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*key = arena_dup(a, db_text(stmt, 0));
	db_reset(stmt);
	return 1;
}

int store_member_suppress(
	struct store *s, int64_t contact, const struct store_member_cause *cause, struct fail *f)
{
	const struct store_suppression_cause why = {
		cause->reason, cause->campaign, cause->returned, cause->now};
	struct arena a;
	struct view key;
	int ret;

	arena_init(&a);
	ret = store_member_key(s, contact, &a, &key, f);
	if (ret > 0)
		ret = store_suppression_put(s, key, &why, f);
	arena_free(&a);
	return ret;
}

/* Whether that is why: 1, 0, -1. */
static int is_reason(struct store *s, struct view key, struct view reason, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];
	struct db_stmt *stmt;
	int step;

	store_suppression_hash(s, key, hash);
	stmt = store_ask(s, Q_SUPPRESSION_REASON, STORE_ARGS(store_blob(hash, sizeof hash)), f);
	step = stmt != NULL ? db_step(stmt, f) : -1;
	if (step <= 0)
		return step;
	step = view_eq(db_text(stmt, 0), reason);
	db_reset(stmt);
	return step;
}

int store_member_forgive(
	struct store *s, int64_t contact, struct view reason, int64_t now, struct fail *f)
{
	struct arena a;
	struct view key;
	int ret;

	arena_init(&a);
	ret = store_member_key(s, contact, &a, &key, f);
	if (ret > 0)
		ret = is_reason(s, key, reason, f);
	if (ret > 0)
		ret = store_suppression_drop(s, key, VIEW("many at one domain"), now, f);
	arena_free(&a);
	return ret;
}

int store_member_unsubscribe(struct store *s, int64_t list, int64_t contact,
	const struct store_member_cause *cause, struct fail *f)
{
	struct store_event e = {.at = cause->now,
		.kind = VIEW("list.unsubscribed"),
		.campaign = cause->campaign,
		.contact = contact};
	int64_t state = STORE_UNSUBSCRIBED;
	int there = store_number(
		s, Q_SUB_STATE, STORE_ARGS(store_int(list), store_int(contact)), &state, f);

	if (there <= 0 || state != STORE_SUBSCRIBED)
		return there < 0 ? -1 : 0;
	if (store_do(s, Q_SUB_SET,
		    STORE_ARGS(store_int(list), store_int(contact), store_int(STORE_UNSUBSCRIBED),
			    store_int(cause->now), store_text(cause->reason)),
		    f) < 0)
		return -1;
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_int(&s->data, "list", list);
	store_json_text(&s->data, "source", cause->reason);
	store_json_int(&s->data, "returned", cause->returned);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f) < 0 ? -1 : 1;
}

int store_member_find(struct store *s, struct view key, int64_t *contact, struct fail *f)
{
	return store_number(s, Q_CONTACT_BY_KEY, STORE_ARGS(store_text(key)), contact, f);
}

/* Whether the new address is suppressed comes with it. */
static int rename_contact(struct store *s, int64_t contact, const struct store_member_address *to,
	int64_t now, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];
	int suppressed;

	store_suppression_hash(s, to->key, hash);
	suppressed = store_suppression_has(s, hash, f);
	if (suppressed < 0)
		return -1;
	return store_do(s, Q_CONTACT_MOVE,
		STORE_ARGS(store_int(contact), store_text(to->key), store_text(to->address),
			store_text(to->domain),
			suppressed > 0 ? store_blob(hash, sizeof hash)
				       : (struct store_arg){STORE_NULL, 0, {NULL, 0}},
			store_int(now)),
		f);
}

int store_member_move(struct store *s, int64_t contact, const struct store_member_address *to,
	int64_t returned, int64_t now, struct fail *f)
{
	struct store_event e = {.at = now, .kind = VIEW("contact.moved"), .contact = contact};
	int64_t other = 0;
	int taken = store_member_find(s, to->key, &other, f);

	if (taken < 0)
		return -1;
	if (taken > 0 && other != contact)
		return fail_set(f, FAIL_GUARD, "%s",
			_("the new address belongs to another contact already: put it on the list "
			  "with \"facteur list add\", and take the old one off"));
	if (rename_contact(s, contact, to, now, f) < 0 ||
		store_do(s, Q_STRIKE_RESET, STORE_ARGS(store_int(contact)), f) < 0)
		return -1;
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_int(&s->data, "returned", returned);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

int store_answer_count(struct store *s, struct view key, int64_t since, int64_t *to_it,
	int64_t *all, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];

	store_suppression_hash(s, key, hash);
	if (store_number(s, Q_ANSWER_OF,
		    STORE_ARGS(store_blob(hash, sizeof hash), store_int(since)), to_it, f) < 0 ||
		store_number(s, Q_ANSWER_ALL, STORE_ARGS(store_int(since)), all, f) < 0)
		return -1;
	return 0;
}

int store_answer_add(
	struct store *s, struct view key, int64_t returned, int64_t now, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];

	store_suppression_hash(s, key, hash);
	return store_do(s, Q_ANSWER_ADD,
		STORE_ARGS(store_blob(hash, sizeof hash), store_int(now), store_int(returned)), f);
}
