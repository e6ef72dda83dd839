#include "store/returned.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

enum { RETURNED_WORD_MAX = 64, RETURNED_FIELD_MAX = 998, RETURNED_DIAGNOSTIC_MAX = 2000 };

int store_batch_begin(struct store *s, struct fail *f)
{
	return STORE_BEGIN(s, f);
}

int store_batch_end(struct store *s, int ret, struct fail *f)
{
	return store_end(s, ret, f);
}

int store_mailbox_reached(
	struct store *s, struct view name, struct arena *a, struct view *out, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_MAILBOX_GET, STORE_ARGS(store_text(name)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	*out = VIEW("");
	if (step <= 0)
		return step;
	*out = arena_dup(a, db_text(stmt, 0));
	db_reset(stmt);
	return 0;
}

int store_mailbox_set(
	struct store *s, struct view name, struct view reached, int64_t now, struct fail *f)
{
	return store_do(s, Q_MAILBOX_SET,
		STORE_ARGS(store_text(name), store_text(reached), store_int(now)), f);
}

int store_returned_known(struct store *s, const struct store_returned_id *id, struct arena *a,
	struct view *kind, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_RETURNED_KNOWN,
		STORE_ARGS(store_text(id->place), store_text(id->space), store_text(id->name)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step <= 0)
		return step;
	*kind = arena_dup(a, db_text(stmt, 0));
	db_reset(stmt);
	return 1;
}

int store_returned_enter(struct store *s, const struct store_returned_id *id,
	const unsigned char hash[DIGEST_SIZE], int64_t *number, struct fail *f)
{
	int same = store_number(s, Q_RETURNED_SAME,
		STORE_ARGS(store_blob(hash, DIGEST_SIZE), store_text(id->place)), number, f);

	if (same < 0 || (same == 0 && store_next_id(s, "returned", number, f) < 0) ||
		store_do(s, Q_RETURNED_NAME,
			STORE_ARGS(store_text(id->place), store_text(id->space),
				store_text(id->name), store_int(*number)),
			f) < 0)
		return -1;
	return same == 0;
}

/* Texts of one row, made fit to be kept. */
struct kept {
	struct arena a;
};

static struct store_arg kept(struct kept *k, struct view text, size_t max)
{
	struct str room;
	struct view v = store_keep(&room, text, max);

	if (v.p == room.p)
		v = arena_dup(&k->a, v);
	str_free(&room);
	return store_text(v);
}

int store_returned_add(struct store *s, const struct store_returned *r,
	const unsigned char hash[DIGEST_SIZE], struct fail *f)
{
	struct kept k;
	int ret;

	arena_init(&k.a);
	ret = store_do(s, Q_RETURNED_ADD,
		STORE_ARGS(store_int(r->id), kept(&k, r->place, RETURNED_FIELD_MAX),
			store_blob(hash, DIGEST_SIZE), store_int(r->at), store_int(r->date),
			kept(&k, r->kind, RETURNED_WORD_MAX), kept(&k, r->type, RETURNED_WORD_MAX),
			kept(&k, r->writer, RETURNED_WORD_MAX),
			kept(&k, r->author, RETURNED_FIELD_MAX),
			kept(&k, r->subject, RETURNED_FIELD_MAX),
			kept(&k, r->message_id, RETURNED_FIELD_MAX),
			kept(&k, r->envelope_id, RETURNED_FIELD_MAX),
			kept(&k, r->moved_to, RETURNED_FIELD_MAX),
			kept(&k, r->why, RETURNED_FIELD_MAX), store_id_or_null(r->campaign),
			store_id_or_null(r->contact), store_int(r->valid),
			r->raw.len > 0 ? store_blob(r->raw.p, r->raw.len < RETURNED_RAW_MAX
								      ? r->raw.len
								      : RETURNED_RAW_MAX)
				       : (struct store_arg){STORE_NULL, 0, {NULL, 0}}),
		f);
	arena_free(&k.a);
	return ret;
}

int store_returned_rcpt_add(struct store *s, const struct store_returned_rcpt *r, struct fail *f)
{
	struct kept k;
	int ret;

	arena_init(&k.a);
	ret = store_do(s, Q_RETURNED_RCPT_ADD,
		STORE_ARGS(store_int(r->returned), store_int(r->n),
			kept(&k, r->address, RETURNED_FIELD_MAX),
			kept(&k, r->action, RETURNED_WORD_MAX),
			kept(&k, r->status, STORE_STATUS_MAX), store_int(r->reply_code),
			kept(&k, r->reason, RETURNED_WORD_MAX),
			kept(&k, r->permanence, RETURNED_WORD_MAX),
			kept(&k, r->remote_mta, RETURNED_FIELD_MAX),
			kept(&k, r->diagnostic, RETURNED_DIAGNOSTIC_MAX),
			kept(&k, r->moved_to, RETURNED_FIELD_MAX),
			kept(&k, r->address_why, RETURNED_FIELD_MAX),
			kept(&k, r->reason_why, RETURNED_FIELD_MAX), store_id_or_null(r->campaign),
			store_id_or_null(r->contact), kept(&k, r->did, RETURNED_WORD_MAX),
			store_int(r->review)),
		f);
	arena_free(&k.a);
	return ret;
}

int store_returned_judge(struct store *s, const struct store_returned_rcpt *r,
	enum store_review review, struct view did, int64_t now, struct fail *f)
{
	struct store_event e = {.at = now,
		.kind = review == REVIEW_ACCEPTED ? VIEW("bounce.accepted")
						  : VIEW("bounce.dismissed"),
		.campaign = r->campaign,
		.contact = r->contact};

	if (store_do(s, Q_RETURNED_JUDGE,
		    STORE_ARGS(store_int(r->returned), store_int(r->n), store_int(review),
			    store_text(did)),
		    f) < 0)
		return -1;
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_int(&s->data, "returned", r->returned);
	store_json_text(&s->data, "did", did);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

/* Columns as RETURNED_SELECT of sql.c has them. */
static struct store_returned read_returned(struct db_stmt *stmt)
{
	return (struct store_returned){
		.id = db_int(stmt, 0),
		.place = db_text(stmt, 1),
		.at = db_int(stmt, 2),
		.date = db_int(stmt, 3),
		.kind = db_text(stmt, 4),
		.type = db_text(stmt, 5),
		.writer = db_text(stmt, 6),
		.author = db_text(stmt, 7),
		.subject = db_text(stmt, 8),
		.message_id = db_text(stmt, 9),
		.envelope_id = db_text(stmt, 10),
		.moved_to = db_text(stmt, 11),
		.why = db_text(stmt, 12),
		.campaign = db_int(stmt, 13),
		.contact = db_int(stmt, 14),
		.valid = db_int(stmt, 15) != 0,
	};
}

/* Columns as RETURNED_RCPT_SELECT has them. */
static struct store_returned_rcpt read_rcpt(struct db_stmt *stmt)
{
	return (struct store_returned_rcpt){
		.returned = db_int(stmt, 0),
		.n = db_int(stmt, 1),
		.address = db_text(stmt, 2),
		.action = db_text(stmt, 3),
		.status = db_text(stmt, 4),
		.reply_code = (int)db_int(stmt, 5),
		.reason = db_text(stmt, 6),
		.permanence = db_text(stmt, 7),
		.remote_mta = db_text(stmt, 8),
		.diagnostic = db_text(stmt, 9),
		.moved_to = db_text(stmt, 10),
		.address_why = db_text(stmt, 11),
		.reason_why = db_text(stmt, 12),
		.campaign = db_int(stmt, 13),
		.contact = db_int(stmt, 14),
		.did = db_text(stmt, 15),
		.review = (enum store_review)db_int(stmt, 16),
		.member = db_text(stmt, 17),
		.kind = db_text(stmt, 18),
		.valid = db_int(stmt, 19) != 0,
	};
}

static void own_returned(struct store_returned *r, struct arena *a)
{
	struct view *const texts[] = {&r->place, &r->kind, &r->type, &r->writer, &r->author,
		&r->subject, &r->message_id, &r->envelope_id, &r->moved_to, &r->why, &r->raw};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = arena_dup(a, *texts[i]);
}

static void own_rcpt(struct store_returned_rcpt *r, struct arena *a)
{
	struct view *const texts[] = {&r->address, &r->action, &r->status, &r->reason,
		&r->permanence, &r->remote_mta, &r->diagnostic, &r->moved_to, &r->address_why,
		&r->reason_why, &r->did, &r->member, &r->kind};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = arena_dup(a, *texts[i]);
}

int store_returned_get(struct store *s, int64_t id, struct arena *a, struct store_returned *out,
	struct vec *rcpts, struct fail *f)
{
	struct db_stmt *stmt = store_ask(s, Q_RETURNED_GET, STORE_ARGS(store_int(id)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;

	if (step == 0)
		return fail_set(f, FAIL_NOINPUT,
			_("nothing that came back has the number %" PRId64
			  ": see \"facteur bounce list\""),
			id);
	if (step < 0)
		return -1;
	*out = read_returned(stmt);
	out->raw = db_blob(stmt, 16);
	own_returned(out, a);
	db_reset(stmt);
	stmt = store_ask(s, Q_RETURNED_RCPTS, STORE_ARGS(store_int(id)), f);
	step = -1;
	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_returned_rcpt *r = vec_push(rcpts);

		*r = read_rcpt(stmt);
		own_rcpt(r, a);
	}
	return step;
}

int store_returned_each(
	struct store *s, int64_t most, store_returned_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_RETURNED_EACH, STORE_ARGS(store_int(most)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_returned r = read_returned(stmt);

		if (fn(ctx, &r) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_returned_open(struct store *s, store_returned_rcpt_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_RETURNED_OPEN, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_returned_rcpt r = read_rcpt(stmt);

		if (fn(ctx, &r) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}
