#include "store/member.h"
#include <jansson.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "store/suppression_private.h"
#include "store/text.h"

/* Most texts are plain; to look costs less than to translate `what`. */
static int check_text(struct view text, size_t max, const char *what, struct fail *f)
{
	if (text.len <= max && utf8_printable(text) == text.len)
		return 0;
	return store_check_text(text, max, _(what), f);
}

int store_member_check(const struct store_import_row *row, struct fail *f)
{
	if (row->key.len == 0 || row->address.len == 0)
		return fail_set(f, FAIL_DATA, _("the address is empty"));
	if (check_text(row->key, STORE_ADDRESS_MAX, N_("the address"), f) < 0 ||
		check_text(row->address, STORE_ADDRESS_MAX, N_("the address"), f) < 0 ||
		check_text(row->name, STORE_TEXT_MAX, N_("the name"), f) < 0)
		return -1;
	return row->fields.len > 0 ? store_check_fields(row->fields, f) : 0;
}

int store_members_begin(struct store_members *m, struct store *s, int64_t list, struct view source,
	int64_t now, struct fail *f)
{
	int64_t one;
	int any;

	*m = (struct store_members){.s = s, .list = list, .now = now, .source = source};
	str_init(&m->merged, STORE_FIELDS_MAX);
	str_init(&m->ahead_key, STORE_ADDRESS_MAX);
	any = store_number(s, Q_SUPPRESSION_ANY, NULL, &one, f);
	m->suppressions = any > 0;
	if (any < 0 || store_number(s, Q_SEQUENCE_GET, STORE_ARGS(store_text(VIEW("contact"))),
			       &m->last_contact, f) < 0)
		return -1;
	return 0;
}

int store_members_end(struct store_members *m, int ret, struct fail *f)
{
	if (ret >= 0 &&
		store_do(m->s, Q_SEQUENCE_SET,
			STORE_ARGS(store_text(VIEW("contact")), store_int(m->last_contact)), f) < 0)
		ret = -1;
	str_free(&m->merged);
	str_free(&m->ahead_key);
	return ret;
}

static struct view domain_of(struct view key)
{
	size_t at = key.len;

	while (at > 0 && key.p[at - 1] != '@')
		at--;
	return view_from(key, at);
}

static int add_contact(
	struct store_members *m, const struct store_import_row *row, int64_t *id, struct fail *f)
{
	struct store_arg suppression = store_id_or_null(0);
	struct view fields = row->fields.len > 0 ? row->fields : VIEW("{}");
	unsigned char hash[DIGEST_SIZE];
	int has = 0;

	if (m->suppressions) {
		store_suppression_hash(m->s, row->key, hash);
		has = store_suppression_has(m->s, hash, f);
	}
	if (has < 0)
		return -1;
	if (has > 0)
		suppression = store_blob(hash, sizeof hash);
	*id = ++m->last_contact;
	return store_do(m->s, Q_CONTACT_ADD,
		STORE_ARGS(store_int(*id), store_text(row->key), store_text(row->address),
			store_text(domain_of(row->key)), store_text(row->name), store_text(fields),
			suppression, store_int(m->now)),
		f);
}

/* Puts the texts of `more` over those of `fields`; an empty text does not wipe
 * out what is known. True when something is different after. */
static bool overlay(json_t *fields, json_t *more)
{
	const char *name;
	json_t *value;
	bool changed = false;

	json_object_foreach(more, name, value)
	{
		const json_t *old = json_object_get(fields, name);

		if (json_equal(old, value) || (old != NULL && json_string_length(value) == 0))
			continue;
		if (json_object_set(fields, name, value) < 0)
			mem_out();
		changed = true;
	}
	return changed;
}

static int add_bytes(const char *p, size_t len, void *out)
{
	return str_add(out, p, len);
}

/* Merges into m->merged. 1 different from `old`, 0 the same, -1. */
static int merge(struct store_members *m, struct view old, struct view more, struct fail *f)
{
	json_t *fields, *over;
	bool changed;

	if (more.len == 0 || view_is(more, "{}") || view_eq(old, more))
		return 0;
	fields = json_loadb(old.p, old.len, 0, NULL);
	if (fields == NULL)
		fields = json_object();
	over = json_loadb(more.p, more.len, 0, NULL);
	if (fields == NULL)
		mem_out();
	changed = over != NULL && overlay(fields, over);
	str_clear(&m->merged);
	if (changed)
		(void)json_dump_callback(fields, add_bytes, &m->merged, JSON_COMPACT);
	json_decref(fields);
	json_decref(over);
	if (!str_ok(&m->merged))
		return fail_set(f, FAIL_DATA,
			_("the fields of a contact are too long together with those that are "
			  "known: at most %d bytes are kept"),
			STORE_FIELDS_MAX);
	return changed;
}

/* What an existing contact lacks: 1 changed, 0, -1. `stmt` stands on its row
 * and is reset here. */
static int update_contact(struct store_members *m, struct db_stmt *stmt,
	const struct store_import_row *row, struct fail *f)
{
	struct view name = db_text(stmt, 3);
	bool renamed = row->name.len > 0 && !view_eq(row->name, name);
	int64_t id = db_int(stmt, 0);
	int merged = merge(m, db_text(stmt, 4), row->fields, f), ret = merged;

	if (ret == 0 && !renamed)
		goto out;
	if (ret == 0)
		(void)(str_clear(&m->merged), str_addv(&m->merged, db_text(stmt, 4)));
	if (ret >= 0)
		ret = store_do(m->s, Q_CONTACT_UPDATE,
			      STORE_ARGS(store_int(id), store_text(renamed ? row->name : name),
				      store_text(str_view(&m->merged)), store_int(m->now)),
			      f) < 0
			      ? -1
			      : 1;
out:
	db_reset(stmt);
	return ret;
}

static int subscribe(struct store_members *m, int64_t contact, int state, struct fail *f)
{
	if (state < 0)
		return store_do(m->s, Q_SUB_ADD,
			STORE_ARGS(store_int(m->list), store_int(contact), store_int(m->now),
				store_text(m->source)),
			f);
	return store_do(m->s, Q_SUB_SET,
		STORE_ARGS(store_int(m->list), store_int(contact), store_int(STORE_SUBSCRIBED),
			store_int(m->now), store_text(m->source)),
		f);
}

/* *state is that of the subscription, -1 when there is none. */
static int find_subscription(struct store_members *m, int64_t contact, int *state, struct fail *f)
{
	int64_t value;
	int found = store_number(
		m->s, Q_SUB_STATE, STORE_ARGS(store_int(m->list), store_int(contact)), &value, f);

	*state = found > 0 ? (int)value : -1;
	return found < 0 ? -1 : 0;
}

/* `known` stands on the row of the contact. */
static int put_known(struct store_members *m, struct db_stmt *known,
	const struct store_import_row *row, enum store_added *added, struct fail *f)
{
	int64_t id = db_int(known, 0);
	int state, changed;

	if (find_subscription(m, id, &state, f) < 0) {
		db_reset(known);
		return -1;
	}
	if (state == STORE_UNSUBSCRIBED) {
		db_reset(known);
		*added = STORE_KEPT_OUT;
		return 0;
	}
	changed = update_contact(m, known, row, f);
	if (changed < 0)
		return -1;
	*added = changed > 0 ? STORE_UPDATED : STORE_DUPLICATE;
	if (state == STORE_SUBSCRIBED)
		return 0;
	*added = STORE_ADDED;
	return subscribe(m, id, state, f);
}

/* 1 with *known on the contact that has this key, 0 when there is none, -1. */
static int find_contact(
	struct store_members *m, struct view key, struct db_stmt **known, struct fail *f)
{
	int step;

	if (m->ahead == AHEAD_NOBODY ||
		(m->ahead == AHEAD_KEY && view_cmp(key, str_view(&m->ahead_key)) < 0))
		return 0;
	*known = store_ask(m->s, m->sorted ? Q_CONTACT_FROM_KEY : Q_CONTACT_BY_KEY,
		STORE_ARGS(store_text(key)), f);
	step = *known != NULL ? db_step(*known, f) : -1;
	if (step < 0 || !m->sorted)
		return step;
	m->ahead = step == 0 ? AHEAD_NOBODY : AHEAD_UNKNOWN;
	if (step == 0 || view_eq(db_text(*known, 1), key))
		return step;
	m->ahead = AHEAD_KEY;
	str_clear(&m->ahead_key);
	(void)str_addv(&m->ahead_key, db_text(*known, 1));
	db_reset(*known);
	return 0;
}

int store_member_put(struct store_members *m, const struct store_import_row *row,
	enum store_added *added, int64_t *contact, struct fail *f)
{
	struct db_stmt *known = NULL;
	int step = find_contact(m, row->key, &known, f);
	int64_t id = step > 0 ? db_int(known, 0) : 0;

	if (step < 0)
		return -1;
	if (step > 0 && put_known(m, known, row, added, f) < 0)
		return -1;
	if (step == 0) {
		*added = STORE_ADDED;
		if (add_contact(m, row, &id, f) < 0 || subscribe(m, id, -1, f) < 0)
			return -1;
	}
	if (contact != NULL)
		*contact = id;
	return 0;
}
