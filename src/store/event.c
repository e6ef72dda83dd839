#include <assert.h>
#include "store/event_private.h"

static void hash_event(struct digest *d, const unsigned char before[DIGEST_SIZE],
	const struct store_event *e, unsigned char out[DIGEST_SIZE])
{
	digest_piece(d, view_make((const char *)before, DIGEST_SIZE));
	digest_number(d, e->id);
	digest_number(d, e->at);
	digest_piece(d, e->kind);
	digest_number(d, e->campaign);
	digest_number(d, e->contact);
	digest_piece(d, e->data);
	digest_end(d, out);
}

/* Read once in each transaction: another process may have written since. */
static int find_tail(struct store *s, struct fail *f)
{
	struct db_stmt *stmt;
	struct view hash;
	int step;

	if (s->tail_known)
		return 0;
	stmt = store_ask(s, Q_EVENT_LAST, NULL, f);
	step = stmt != NULL ? db_step(stmt, f) : -1;
	if (step < 0)
		return -1;
	s->tail_id = 0;
	memset(s->tail_hash, 0, sizeof s->tail_hash);
	if (step > 0) {
		s->tail_id = db_int(stmt, 0);
		hash = db_blob(stmt, 1);
		memcpy(s->tail_hash, hash.p,
			hash.len < sizeof s->tail_hash ? hash.len : sizeof s->tail_hash);
		db_reset(stmt);
	}
	s->tail_known = true;
	return 0;
}

int store_event_add(struct store *s, struct store_event *e, struct fail *f)
{
	unsigned char hash[DIGEST_SIZE];

	assert(db_in_transaction(s->db) && str_ok(&s->data));
	if (find_tail(s, f) < 0)
		return -1;
	e->id = s->tail_id + 1;
	hash_event(s->digest, s->tail_hash, e, hash);
	if (store_do(s, Q_EVENT_ADD,
		    STORE_ARGS(store_int(e->id), store_int(e->at), store_text(e->kind),
			    store_id_or_null(e->campaign), store_id_or_null(e->contact),
			    store_text(e->data), store_blob(hash, sizeof hash)),
		    f) < 0)
		return -1;
	s->tail_id = e->id;
	memcpy(s->tail_hash, hash, sizeof hash);
	return 0;
}

static struct store_event read_event(struct db_stmt *stmt)
{
	return (struct store_event){
		.id = db_int(stmt, 0),
		.at = db_int(stmt, 1),
		.kind = db_text(stmt, 2),
		.campaign = db_int(stmt, 3),
		.contact = db_int(stmt, 4),
		.data = db_text(stmt, 5),
	};
}

int store_event_each(
	struct store *s, int64_t campaign, store_event_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = campaign != 0 ? store_walk(s, Q_EVENT_BY_CAMPAIGN,
						       STORE_ARGS(store_int(campaign)), f)
					     : store_walk(s, Q_EVENT_ALL, NULL, f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct store_event e = read_event(stmt);

		if (fn(ctx, &e) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

/* A 0 where NULL belongs would hash the same: it is a change all the same. */
static bool follows(struct db_stmt *stmt, const struct store_event *e, int64_t id,
	const unsigned char want[DIGEST_SIZE])
{
	struct view hash = db_blob(stmt, 6);

	return e->id == id && db_is_null(stmt, 3) == (e->campaign == 0) &&
	       db_is_null(stmt, 4) == (e->contact == 0) && hash.len == DIGEST_SIZE &&
	       digest_same(hash.p, want, DIGEST_SIZE);
}

int store_event_verify(struct store *s, int64_t *count, int64_t *bad, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_EVENT_CHAIN, NULL, f);
	unsigned char hash[DIGEST_SIZE] = {0};
	int step = -1;
	bool holds = true;

	*count = 0;
	while (stmt != NULL && holds && (step = db_step(stmt, f)) > 0) {
		struct store_event e = read_event(stmt);

		hash_event(s->digest, hash, &e, hash);
		holds = follows(stmt, &e, *count + 1, hash);
		if (holds)
			(*count)++;
		else
			*bad = e.id;
	}
	db_finalize(&stmt);
	return step < 0 ? -1 : holds;
}
