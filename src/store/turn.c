#include <assert.h>
#include <inttypes.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

/* A row for this process, under a number that nobody had before. */
static int enrol(struct store_sender *t, int64_t now, struct fail *f)
{
	const struct sender_id *self = &t->self;

	if (store_next_id(t->s, "sender", &t->id, f) < 0)
		return -1;
	return store_do(t->s, Q_SENDER_ADD,
		STORE_ARGS(store_int(t->id), store_text(view_of(self->machine)),
			store_text(view_of(self->boot)), store_text(view_of(self->space)),
			store_int(self->pid), store_int(self->born), store_int(now)),
		f);
}

int store_sender_open(struct store *s, int64_t now, struct store_sender **out, struct fail *f)
{
	struct store_sender *sender = mem_alloc(sizeof *sender);
	int ret;

	*sender = (struct store_sender){.s = s, .beat = now, .witness = -1};
	vec_init(&sender->marks, sizeof(struct store_mark));
	sender_self("/proc", &sender->self);
	ret = STORE_BEGIN(s, f);
	if (ret == 0)
		ret = store_end(s, enrol(sender, now, f), f);
	if (ret < 0) {
		free(sender);
		return -1;
	}
	*out = sender;
	return 0;
}

int store_sender_beat(struct store_sender *sender, int64_t campaign, int64_t now, struct fail *f)
{
	const struct store_arg *args =
		STORE_ARGS(store_int(sender->id), store_int(now), store_int(campaign));

	if (store_do(sender->s, Q_SENDER_BEAT, args, f) < 0)
		return -1;
	if (db_changes(sender->s->db) > 0)
		return 0;
	/* Silent for too long: others have what it held. It goes on as somebody new, for a
	 * claim in the name of one who is not there would be nobody's to take back. */
	if (enrol(sender, now, f) < 0)
		return -1;
	args = STORE_ARGS(store_int(sender->id), store_int(now), store_int(campaign));
	return store_do(sender->s, Q_SENDER_BEAT, args, f) < 0 ? -1 : STORE_LOST;
}

static int begin(struct store_sender *t, struct fail *f)
{
	int64_t one;
	int here;

	if (store_campaign_find(t->s, t->campaign, &t->state, &t->list, f) < 0)
		return -1;
	here = store_number(t->s, Q_SENDER_HERE, STORE_ARGS(store_int(t->id)), &one, f);
	if (here < 0)
		return -1;
	/* Who was taken for dead learns of it before it does anything: its slots are free. */
	t->beats = here == 0 || t->campaign != t->beat_campaign || t->now < t->beat ||
		   t->now - t->beat >= SENDER_BEAT_MS;
	return t->beats ? store_sender_beat(t, t->campaign, t->now, f) : 0;
}

int store_turn_begin(struct store_sender *sender, int64_t campaign, int64_t now, struct fail *f)
{
	int begun;

	assert(!sender->in_turn);
	if (STORE_BEGIN(sender->s, f) < 0)
		return -1;
	sender->campaign = campaign;
	sender->now = now;
	memset(sender->delta, 0, sizeof sender->delta);
	sender->woken = 0;
	sender->way = 0;
	sender->refused = false;
	sender->relay = VIEW("");
	vec_clear(&sender->marks);
	begun = begin(sender, f);
	if (begun < 0)
		return store_end(sender->s, -1, f);
	sender->in_turn = true;
	return begun;
}

int store_sender_hurry(struct store_sender *sender, bool hurry, struct fail *f)
{
	assert(!sender->in_turn);
	/* A turn refers to its own sender and campaign only, and has just read both. */
	if (db_set_references(sender->s->db, !hurry, f) < 0)
		return -1;
	return db_set_reach(sender->s->db, hurry ? DB_COMMIT_LOG : DB_COMMIT_DISK, f);
}

int store_sender_sync(struct store_sender *sender)
{
	return db_sync(sender->s->db);
}

void store_turn_abort(struct store_sender *sender)
{
	struct fail ignored;

	if (!sender->in_turn)
		return;
	sender->in_turn = false;
	(void)store_end(sender->s, -1, &ignored);
}

int store_turn_mark(struct store_sender *sender, int64_t contact, int64_t batch, struct fail *f)
{
	struct store_mark *mark;

	assert(sender->in_turn);
	if (store_do(sender->s, Q_MARK,
		    STORE_ARGS(store_int(sender->campaign), store_int(contact),
			    store_int(sender->id), store_int(batch), store_int(sender->now),
			    store_int(sender->way)),
		    f) < 0)
		return -1;
	if (db_changes(sender->s->db) == 0)
		return STORE_LOST;
	sender->delta[DELIVERY_CLAIMED]--;
	sender->delta[DELIVERY_COMMITTED]++;
	mark = vec_push(&sender->marks);
	*mark = (struct store_mark){contact, batch, sender->relay};
	return 0;
}

/* What a delivery held by this sender is: 1, 0 when it is not (any more) ours, -1. */
static int held(struct store_sender *t, struct store_outcome *o, struct fail *f)
{
	struct db_stmt *stmt = store_ask(
		t->s, Q_HELD, STORE_ARGS(store_int(t->campaign), store_int(o->contact)), f);
	int step = stmt != NULL ? db_step(stmt, f) : -1;
	bool ours;

	if (step <= 0)
		return step;
	ours = db_int(stmt, 1) == t->id;
	o->from = (enum delivery_state)db_int(stmt, 0);
	o->attempts = db_int(stmt, 2);
	o->batch = db_int(stmt, 3);
	db_reset(stmt);
	return ours;
}

/* As if the row were as its sender knows it. STORE_LOST: it is not, or nothing is known. */
static int presume(struct store_sender *t, struct store_outcome *o, struct fail *f)
{
	int ret;

	if (o->result->batch == 0 || !delivery_may(DELIVERY_COMMITTED, o->result->state))
		return STORE_LOST;
	o->from = DELIVERY_COMMITTED;
	o->attempts = o->result->attempt;
	o->batch = o->result->batch;
	o->presumed = true;
	ret = store_outcome_write(t->s, o, t->delta, f);
	o->presumed = false;
	return ret;
}

void store_sender_watch(struct store_sender *sender, const struct store_turn_watch *watch)
{
	sender->watch = *watch;
}

static int tell_refused(struct store_sender *t, const struct store_outcome *o, struct fail *f)
{
	enum { REPLY_PERMANENT = 500 };
	const struct store_result *r = o->result;
	const struct store_refused no = {
		.campaign = o->campaign,
		.contact = o->contact,
		.permanent = r->reply_code >= REPLY_PERMANENT,
		.reason = r->reason,
		.status = r->status,
		.text = r->text,
		.now = o->now,
	};

	if (r->state != DELIVERY_REFUSED || t->watch.refused == NULL)
		return 0;
	t->refused = true;
	return t->watch.refused(t->watch.ctx, &no, f);
}

int store_turn_result(
	struct store_sender *sender, int64_t contact, const struct store_result *r, struct fail *f)
{
	struct store_result result = *r;
	struct store_outcome o = {.campaign = sender->campaign,
		.contact = contact,
		.sender = sender->id,
		.now = sender->now,
		.way = sender->way,
		.relay = sender->relay,
		.result = &result};
	int ours;

	assert(sender->in_turn);
	/* Cancelled while it was under way: what did not leave does not wait for another try. */
	if (sender->state == CAMPAIGN_CANCELLED &&
		(r->state == DELIVERY_PENDING || r->state == DELIVERY_DEFERRED))
		result.state = DELIVERY_CANCELLED;
	ours = presume(sender, &o, f);
	if (ours == STORE_LOST) {
		ours = held(sender, &o, f);
		if (ours <= 0)
			return ours < 0 ? -1 : STORE_LOST;
		ours = store_outcome_write(sender->s, &o, sender->delta, f);
	}
	return ours == 0 ? tell_refused(sender, &o, f) : ours;
}

/* The marks from `at` on as one event:
 * {"sender":,"marks":[{"batch":,"relay":,"contacts":[...]},...]}. */
static int tell_marks(struct store_sender *t, size_t *at, struct fail *f)
{
	struct store_event e = {
		.at = t->now, .kind = VIEW("delivery.committed"), .campaign = t->campaign};
	struct str *data = &t->s->data;
	size_t end = t->marks.len - *at < STORE_IDS_CHUNK ? t->marks.len : *at + STORE_IDS_CHUNK;
	struct vec ids;

	vec_init(&ids, sizeof(int64_t));
	str_clear(data);
	(void)str_addc(data, '{');
	store_json_int(data, "sender", t->id);
	(void)str_addz(data, ",\"marks\":[");
	for (const char *comma = ""; *at < end; comma = ",") {
		const struct store_mark *first = vec_at(&t->marks, *at);
		int64_t batch = first->batch;

		vec_clear(&ids);
		for (; *at < end; (*at)++) {
			const struct store_mark *m = vec_at(&t->marks, *at);

			if (m->batch != batch)
				break;
			*(int64_t *)vec_push(&ids) = m->contact;
		}
		(void)str_addf(data, "%s{\"batch\":%" PRId64, comma, batch);
		store_json_text(data, "relay", first->relay);
		store_json_ids(data, "contacts", (const int64_t *)(const void *)ids.p, ids.len);
		(void)str_addc(data, '}');
	}
	(void)str_addz(data, "]}");
	vec_free(&ids);
	e.data = str_view(data);
	return store_event_add(t->s, &e, f);
}

static int end(struct store_sender *t, struct fail *f)
{
	static const int64_t nothing[DELIVERY_STATES] = {0};

	for (size_t at = 0; at < t->marks.len;) {
		if (tell_marks(t, &at, f) < 0)
			return -1;
	}
	if (memcmp(t->delta, nothing, sizeof nothing) != 0 &&
		store_campaign_count(t->s, t->campaign, t->delta, f) < 0)
		return -1;
	return t->refused && t->watch.ended != NULL ? t->watch.ended(t->watch.ctx, f) : 0;
}

int store_turn_end(struct store_sender *sender, struct fail *f)
{
	assert(sender->in_turn);
	sender->in_turn = false;
	if (store_end(sender->s, end(sender, f), f) < 0)
		return -1;
	if (sender->beats) {
		sender->beat = sender->now;
		sender->beat_campaign = sender->campaign;
		store_sender_witness(sender, sender->now);
	}
	return 0;
}
