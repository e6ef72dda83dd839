#include <assert.h>
#include <inttypes.h>
#include "base/i18n.h"
#include "store/delivery_private.h"
#include "store/event_private.h"
#include "store/subscriber.h"

struct claim {
	struct store_sender *sender;
	int64_t destination;
	bool plain; /* ASCII addresses only */
};

/* One that a claim looks at: to be taken, or why not. */
struct candidate {
	struct store_delivery d;
	const char *skip; /* NULL: take it */
};

static const char *why_not(struct db_stmt *stmt)
{
	if (!db_is_null(stmt, 5))
		return "suppressed";
	if (db_is_null(stmt, 6) || db_int(stmt, 6) == STORE_REMOVED)
		return "removed";
	return db_int(stmt, 6) == STORE_UNSUBSCRIBED ? "unsubscribed" : NULL;
}

/* The statement finds them in this order, but does not promise it. */
static int by_contact(const void *a, const void *b)
{
	int64_t x = ((const struct candidate *)a)->d.contact;
	int64_t y = ((const struct candidate *)b)->d.contact;

	return (x > y) - (x < y);
}

static int read_candidates(
	const struct claim *c, size_t limit, struct arena *a, struct vec *out, struct fail *f)
{
	struct store_sender *t = c->sender;
	struct db_stmt *stmt = store_ask(t->s, c->plain ? Q_CLAIM_NEXT_PLAIN : Q_CLAIM_NEXT,
		STORE_ARGS(store_int(t->campaign), store_int((int64_t)limit), store_int(t->list),
			store_int(c->destination)),
		f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		struct candidate *found = vec_push(out);

		found->skip = why_not(stmt);
		found->d.contact = db_int(stmt, 0);
		found->d.attempt = db_int(stmt, 2) + 1;
		if (found->skip != NULL)
			continue;
		found->d.address = arena_dup(a, db_text(stmt, 1));
		found->d.name = arena_dup(a, db_text(stmt, 3));
		found->d.fields = arena_dup(a, db_text(stmt, 4));
	}
	if (step == 0 && out->len > 1)
		qsort(out->p, out->len, out->item, by_contact);
	return step;
}

static int skip(struct store_sender *t, const struct candidate *c, struct fail *f)
{
	struct store_event e = {.at = t->now,
		.kind = VIEW("delivery.skipped"),
		.campaign = t->campaign,
		.contact = c->d.contact};

	if (store_do(t->s, Q_CLAIM_SKIP,
		    STORE_ARGS(store_int(t->campaign), store_int(c->d.contact),
			    store_text(view_of(c->skip)), store_int(t->now)),
		    f) < 0)
		return -1;
	t->delta[DELIVERY_PENDING]--;
	t->delta[DELIVERY_SKIPPED]++;
	str_clear(&t->s->data);
	(void)str_addc(&t->s->data, '{');
	store_json_text(&t->s->data, "reason", view_of(c->skip));
	(void)str_addc(&t->s->data, '}');
	e.data = str_view(&t->s->data);
	return store_event_add(t->s, &e, f);
}

/* All at once: whoever of them is pending still is neither skipped nor anybody else. */
static int take(const struct claim *c, int64_t first, int64_t last, size_t n, struct fail *f)
{
	struct store_sender *t = c->sender;

	if (store_do(t->s, c->plain ? Q_CLAIM_TAKE_PLAIN : Q_CLAIM_TAKE,
		    STORE_ARGS(store_int(t->campaign), store_int(c->destination), store_int(t->id),
			    store_int(t->now), store_int(first), store_int(last)),
		    f) < 0)
		return -1;
	if (db_changes(t->s->db) != (int64_t)n)
		return fail_set(f, FAIL_BUG,
			_("this is a fault in facteur, please report it: %zu recipients were to be "
			  "claimed, and it became %" PRId64),
			n, db_changes(t->s->db));
	t->delta[DELIVERY_PENDING] -= (int64_t)n;
	t->delta[DELIVERY_CLAIMED] += (int64_t)n;
	return 0;
}

static int settle(
	const struct claim *c, const struct vec *candidates, struct vec *out, struct fail *f)
{
	size_t before = out->len;
	int64_t first = 0, last = 0;

	for (size_t i = 0; i < candidates->len; i++) {
		const struct candidate *found = vec_at(candidates, i);

		if (found->skip != NULL) {
			if (skip(c->sender, found, f) < 0)
				return -1;
			continue;
		}
		first = out->len == before ? found->d.contact : first;
		last = found->d.contact;
		*(struct store_delivery *)vec_push(out) = found->d;
	}
	return out->len == before ? 0 : take(c, first, last, out->len - before, f);
}

static int wake_due(struct store_sender *t, size_t limit, struct fail *f)
{
	if (store_do(t->s, Q_CLAIM_DUE,
		    STORE_ARGS(
			    store_int(t->campaign), store_int(t->now), store_int((int64_t)limit)),
		    f) < 0)
		return -1;
	t->woken += db_changes(t->s->db);
	t->delta[DELIVERY_DEFERRED] -= db_changes(t->s->db);
	t->delta[DELIVERY_PENDING] += db_changes(t->s->db);
	return 0;
}

static int tell(struct store_sender *t, const struct vec *out, size_t from, struct fail *f)
{
	const struct store_batch_event b = {.kind = "delivery.claimed",
		.campaign = t->campaign,
		.sender = t->id,
		.now = t->now};
	struct vec ids;
	int ret;

	vec_init(&ids, sizeof(int64_t));
	for (size_t i = from; i < out->len; i++)
		*(int64_t *)vec_push(&ids) = ((struct store_delivery *)vec_at(out, i))->contact;
	ret = store_tell_contacts(t->s, &b, &ids, f);
	vec_free(&ids);
	return ret;
}

/* Again while everybody looked at was skipped: an empty answer means that
 * nobody is left. */
static int claim(
	const struct claim *c, size_t limit, struct arena *a, struct vec *out, struct fail *f)
{
	struct store_sender *sender = c->sender;
	size_t before = out->len;
	struct vec candidates;
	int ret = 0;

	assert(sender->in_turn);
	if (sender->state != CAMPAIGN_SENDING || limit == 0)
		return 0;
	vec_init(&candidates, sizeof(struct candidate));
	do {
		vec_clear(&candidates);
		if (wake_due(sender, limit, f) < 0 ||
			read_candidates(c, limit, a, &candidates, f) < 0 ||
			settle(c, &candidates, out, f) < 0)
			ret = -1;
	} while (ret == 0 && candidates.len > 0 && out->len == before);
	vec_free(&candidates);
	return ret < 0 ? -1 : tell(sender, out, before, f);
}

int store_turn_claim(struct store_sender *sender, int64_t destination, size_t limit,
	struct arena *a, struct vec *out, struct fail *f)
{
	const struct claim c = {sender, destination, false};

	return claim(&c, limit, a, out, f);
}

int store_turn_claim_plain(struct store_sender *sender, int64_t destination, size_t limit,
	struct arena *a, struct vec *out, struct fail *f)
{
	const struct claim c = {sender, destination, true};

	return claim(&c, limit, a, out, f);
}

int store_turn_waiting(struct store_sender *sender, int64_t destination, struct fail *f)
{
	int64_t due = 0;
	int any;

	assert(sender->in_turn);
	if (sender->state != CAMPAIGN_SENDING)
		return 0;
	any = store_number(sender->s, Q_CLAIM_ANY,
		STORE_ARGS(store_int(sender->campaign), store_int(destination)), &due, f);
	if (any != 0)
		return any;
	any = store_number(sender->s, Q_NEXT_DUE, STORE_ARGS(store_int(sender->campaign)), &due, f);
	return any > 0 ? due <= sender->now : any;
}

int64_t store_turn_woken(const struct store_sender *sender)
{
	return sender->woken;
}
