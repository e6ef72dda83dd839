#include "store/suppression.h"
#include "base/i18n.h"
#include "store/event_private.h"
#include "store/suppression_private.h"
#include "store/text.h"

void store_suppression_hash(const struct store *s, struct view key, unsigned char out[DIGEST_SIZE])
{
	digest_hmac(store_token_key(s), key, out);
}

int store_suppression_has(struct store *s, const unsigned char hash[DIGEST_SIZE], struct fail *f)
{
	int64_t one;

	return store_number(
		s, Q_SUPPRESSION_GET, STORE_ARGS(store_blob(hash, DIGEST_SIZE)), &one, f);
}

int store_suppressed(struct store *s, struct view key, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];

	store_suppression_hash(s, key, hash);
	return store_suppression_has(s, hash, f);
}

/* The event says the hash and the contact if there is one, never the address:
 * it must be able to outlive an erasure. */
static int tell(struct store *s, const char *kind, const unsigned char hash[DIGEST_SIZE],
	int64_t contact, const struct store_suppression_cause *cause, struct fail *f)
{
	struct store_event e = {.at = cause->now,
		.kind = view_of(kind),
		.campaign = cause->campaign,
		.contact = contact};

	str_clear(&s->data);
	(void)str_addz(&s->data, "{\"hash\":\"");
	(void)digest_hex(&s->data, hash, DIGEST_SIZE);
	(void)str_addc(&s->data, '"');
	store_json_text(&s->data, "reason", cause->reason);
	store_json_int(&s->data, "returned", cause->returned);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

int store_suppression_put(struct store *s, struct view key,
	const struct store_suppression_cause *cause, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];
	int64_t contact = 0;

	store_suppression_hash(s, key, hash);
	if (store_do(s, Q_SUPPRESSION_ADD,
		    STORE_ARGS(store_blob(hash, sizeof hash), store_text(cause->reason),
			    store_int(cause->now), store_id_or_null(cause->campaign),
			    store_id_or_null(cause->returned)),
		    f) < 0)
		return -1;
	if (db_changes(s->db) == 0)
		return 0; /* it was there; the first reason stays */
	if (store_number(s, Q_CONTACT_SUPPRESS,
		    STORE_ARGS(
			    store_text(key), store_blob(hash, sizeof hash), store_int(cause->now)),
		    &contact, f) < 0)
		return -1;
	return tell(s, "suppression.added", hash, contact, cause, f) < 0 ? -1 : 1;
}

static int add(struct store *s, struct view key, struct view reason, int64_t now, struct fail *f)
{
	const struct store_suppression_cause cause = {.reason = reason, .now = now};

	return store_suppression_put(s, key, &cause, f) < 0 ? -1 : 0;
}

int store_suppress_add(
	struct store *s, struct view key, struct view reason, int64_t now, struct fail *f)
{
	if (store_check_text(key, STORE_ADDRESS_MAX, _("the address"), f) < 0 ||
		store_check_text(reason, STORE_TEXT_MAX, _("the reason"), f) < 0 ||
		STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, add(s, key, reason, now, f), f);
}

int store_suppression_drop(
	struct store *s, struct view key, struct view why, int64_t now, struct fail *f)
{
	const struct store_suppression_cause cause = {.reason = why, .now = now};
	unsigned char hash[DIGEST_SIZE];
	int64_t contact = 0;

	store_suppression_hash(s, key, hash);
	if (store_do(s, Q_SUPPRESSION_REMOVE, STORE_ARGS(store_blob(hash, sizeof hash)), f) < 0)
		return -1;
	if (db_changes(s->db) == 0)
		return 0;
	if (store_number(s, Q_CONTACT_UNSUPPRESS, STORE_ARGS(store_text(key), store_int(now)),
		    &contact, f) < 0 ||
		(contact != 0 &&
			store_do(s, Q_STRIKE_RESET, STORE_ARGS(store_int(contact)), f) < 0) ||
		tell(s, "suppression.removed", hash, contact, &cause, f) < 0)
		return -1;
	return 1;
}

int store_suppress_remove(struct store *s, struct view key, int64_t now, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, store_suppression_drop(s, key, VIEW(""), now, f), f);
}

int store_suppress_each(struct store *s, store_suppression_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_SUPPRESSION_EACH, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_suppression one = {
			.address = db_text(stmt, 0),
			.reason = db_text(stmt, 1),
			.at = db_int(stmt, 2),
			.campaign = db_int(stmt, 3),
			.returned = db_int(stmt, 4),
		};

		if (fn(ctx, &one) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}
