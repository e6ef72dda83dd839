#include "returns/take.h"
#include "base/digest.h"
#include "base/mem.h"
#include "mail/token.h"
#include "returns/record.h"
#include "returns/returns_private.h"
#include "store/delivery.h"

int returns_new(struct store *s, const struct settings *settings, const struct token_keys *keys,
	struct returns **out, struct fail *f)
{
	struct returns *r = mem_alloc(sizeof *r);

	(void)f;
	*r = (struct returns){.store = s, .settings = settings, .keys = keys};
	arena_init(&r->a);
	vec_init(&r->heard, sizeof(struct returns_heard));
	vec_init(&r->questions, sizeof(struct returns_question));
	arena_init(&r->own);
	r->rehearsal =
		arena_dup(&r->own, returns_key(r, view_of(settings->safety.redirect_all_to)));
	*out = r;
	return 0;
}

void returns_free(struct returns **returns)
{
	struct returns *r = *returns;

	if (r == NULL)
		return;
	arena_free(&r->a);
	vec_free(&r->heard);
	vec_free(&r->questions);
	arena_free(&r->own);
	free(r);
	*returns = NULL;
}

int returns_begin(struct returns *r, int64_t now, struct fail *f)
{
	if (store_batch_begin(r->store, f) < 0)
		return -1;
	r->open = true;
	r->now = now;
	r->asked_before = r->questions.len;
	vec_clear(&r->heard);
	return 0;
}

int returns_end(struct returns *r, int ret, int64_t *paused, struct fail *f)
{
	int64_t one = 0;

	r->open = false;
	if (ret >= 0 && returns_alarm(r, r->now, &one, f) < 0)
		ret = -1;
	arena_reset(&r->a);
	ret = store_batch_end(r->store, ret, f);
	while (ret < 0 && r->questions.len > r->asked_before)
		vec_pop(&r->questions);
	if (paused != NULL)
		*paused = ret >= 0 ? one : 0;
	return ret;
}

int returns_known(struct returns *r, const struct returns_origin *origin, enum bounce_kind *kind,
	struct fail *f)
{
	const struct store_returned_id id = {origin->place, origin->space, origin->name};
	struct view name;
	int known = store_returned_known(r->store, &id, &r->a, &name, f);

	if (known > 0 && kind != NULL)
		*kind = returns_kind(name);
	return known;
}

/* Of one recipient of a report: its action is more exact than the kind of the whole. */
enum bounce_kind returns_rcpt_kind(const struct bounce_verdict *v, size_t i)
{
	static const struct {
		const char *action;
		enum bounce_kind kind;
	} actions[] = {
		{"failed", BOUNCE_FAILED},
		{"delayed", BOUNCE_DELAYED},
		{"delivered", BOUNCE_DELIVERED},
		{"relayed", BOUNCE_RELAYED},
		{"expanded", BOUNCE_EXPANDED},
	};

	if (i >= v->recipient_count || v->kind < BOUNCE_FAILED || v->kind > BOUNCE_EXPANDED)
		return v->kind;
	for (size_t k = 0; k < sizeof actions / sizeof *actions; k++)
		if (view_eq_nocase(v->recipients[i].action, view_of(actions[k].action)))
			return actions[k].kind;
	return v->kind;
}

/* --- one message --------------------------------------------------------- */

struct taking {
	struct returns *r;
	const struct bounce_verdict *v;
	const struct returns_origin *origin;
	struct returns_outcome *out;
	enum bounce_kind kind;
};

/* The answer to our question, from a person: any answer will do, so that programs which answer
 * whatever they get would take their masters off. */
static bool confirms(const struct taking *t)
{
	return returns_token(
		       t->r, t->v, t->origin, TOKEN_CONFIRM, &t->out->campaign, &t->out->contact) &&
	       !returns_is_automatic(t->origin->raw);
}

/* Whose it is, and what it is for us: a message to the address that unsubscribes is a wish to
 * leave whatever it says, unless a program wrote it. */
static void identify(struct taking *t)
{
	struct returns_outcome *o = t->out;

	o->kind = t->v->kind;
	if (o->kind == BOUNCE_OTHER || o->kind == BOUNCE_UNSUBSCRIBE) {
		o->valid = (returns_token(t->r, t->v, t->origin, TOKEN_UNSUBSCRIBE, &o->campaign,
				    &o->contact) ||
				   confirms(t)) &&
			   o->contact != 0;
		if (o->valid)
			o->kind = BOUNCE_UNSUBSCRIBE;
		else
			o->campaign = o->contact = 0;
	}
	/* A relay that tells of a wish to leave speaks of the message by whose link it was. */
	if (!o->valid && (o->kind != BOUNCE_UNSUBSCRIBE || t->origin->source == RETURNS_EVENT))
		o->valid = returns_token(
			t->r, t->v, t->origin, TOKEN_RETURN, &o->campaign, &o->contact);
	t->kind = o->kind;
}

/* Whether somebody's consent would do anything. */
static bool worth_asking(const struct taking *t, const struct store_returned_rcpt *row)
{
	const struct settings_action *action = settings_bounce_action(t->r->settings, row->reason);

	if (row->moved_to.len > 0)
		return true;
	if (t->kind == BOUNCE_FAILED)
		return action != NULL && action->act != SETTINGS_ACT_NONE;
	return t->kind == BOUNCE_UNSUBSCRIBE ||
	       (t->kind == BOUNCE_COMPLAINT && t->v->complaint != COMPLAINT_NOT_SPAM &&
		       t->v->complaint != COMPLAINT_AUTH_FAILURE);
}

static int act(struct taking *t, const struct bounce_recipient *rcpt,
	const struct returns_tied *tied, struct store_returned_rcpt *row, struct fail *f)
{
	const struct returns_case c = {
		.sent = &tied->sent,
		.kind = t->kind,
		.complaint = t->v->complaint,
		.reason = rcpt->reason,
		.permanence = rcpt->permanence,
		.status = rcpt->status,
		.text = rcpt->diagnostic,
		.returned = t->out->number,
		.now = t->origin->now,
		.unsure = tied->unsure,
	};
	struct returns_done done = {.did = ""};

	if (returns_effect(t->r, &c, t->out, &done, f) < 0)
		return -1;
	row->did = view_of(done.did);
	if (done.review || row->moved_to.len > 0)
		row->review = REVIEW_OPEN;
	return 0;
}

static int ask(struct taking *t, const struct returns_tied *tied, struct fail *f)
{
	int asked = returns_ask(t->r, &tied->sent, t->v->from, t->origin, t->out->number, f);

	t->out->asks = t->out->asks || asked > 0;
	return asked < 0 ? -1 : 0;
}

static int take_rcpt(struct taking *t, size_t i, struct fail *f)
{
	const struct bounce_verdict *v = t->v;
	struct bounce_recipient rcpt =
		i < v->recipient_count ? v->recipients[i] : (struct bounce_recipient){0};
	struct store_returned_rcpt row;
	struct returns_tied tied;

	t->kind = t->out->kind == v->kind ? returns_rcpt_kind(v, i) : t->out->kind;
	if (returns_tie(t->r, v, t->origin, t->out, i, &tied, f) < 0)
		return -1;
	if (rcpt.new_address.len == 0 && t->kind == BOUNCE_AUTO_REPLY)
		rcpt.new_address = v->new_address;
	if (rcpt.address.len == 0 && tied.how != TIE_NOTHING)
		rcpt.address = tied.sent.address;
	returns_record_rcpt(t->r, &rcpt, &row);
	row.returned = t->out->number;
	row.n = (int64_t)i + 1;
	if (tied.how != TIE_NOTHING) {
		row.campaign = tied.sent.campaign;
		row.contact = tied.sent.contact;
	}
	if (tied.how == TIE_ACTS && act(t, &rcpt, &tied, &row, f) < 0)
		return -1;
	if (tied.how == TIE_PROPOSED && worth_asking(t, &row)) {
		row.review = REVIEW_OPEN;
		if (t->kind == BOUNCE_UNSUBSCRIBE && ask(t, &tied, f) < 0)
			return -1;
	}
	t->out->proposed += row.review == REVIEW_OPEN;
	t->out->recorded++;
	return store_returned_rcpt_add(t->r->store, &row, f);
}

static bool speaks_of_somebody(const struct taking *t)
{
	return t->v->recipient_count > 0 || t->out->kind != BOUNCE_OTHER;
}

static int take(struct taking *t, struct fail *f)
{
	const struct store_returned_id id = {t->origin->place, t->origin->space, t->origin->name};
	unsigned char hash[DIGEST_SIZE];
	struct store_returned row;
	/* Somebody whom it does not name: the token may know. */
	size_t n = t->v->recipient_count > 0 ? t->v->recipient_count : 1;
	int new;

	digest_sha256(t->origin->raw.len > 0 ? t->origin->raw : t->origin->name, hash);
	new = store_returned_enter(t->r->store, &id, hash, &t->out->number, f);
	t->out->known = new == 0;
	if (new <= 0)
		return new;
	identify(t);
	for (size_t i = 0; speaks_of_somebody(t) && i < n; i++)
		if (take_rcpt(t, i, f) < 0)
			return -1;
	returns_record(t->r, t->v, t->origin, &row);
	row.id = t->out->number;
	row.kind = view_of(bounce_kind_name(t->out->kind));
	row.campaign = t->out->campaign;
	row.contact = t->out->contact;
	row.valid = t->out->valid;
	return store_returned_add(t->r->store, &row, hash, f);
}

int returns_take(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct returns_outcome *out, struct fail *f)
{
	struct taking t = {.r = r, .v = v, .origin = origin, .out = out};
	bool own = !r->open;
	int ret;

	*out = (struct returns_outcome){0};
	if (own && returns_begin(r, origin->now, f) < 0)
		return -1;
	arena_reset(&r->a);
	r->rcpt_key = NULL;
	ret = take(&t, f);
	if (ret == 0 && origin->cursor.len > 0)
		ret = store_mailbox_set(r->store, origin->place, origin->cursor, origin->now, f);
	return own ? returns_end(r, ret, &out->paused, f) : ret;
}

/* --- what is refused while it is sent ------------------------------------ */

static int refused(void *ctx, const struct store_refused *no, struct fail *f)
{
	struct returns *r = ctx;
	struct returns_outcome out = {0};
	struct returns_done done = {.did = ""};
	struct store_sent sent;
	struct returns_case c = {
		.sent = &sent,
		.kind = BOUNCE_FAILED,
		.permanence = no->permanent ? BOUNCE_PERMANENT : BOUNCE_TRANSIENT,
		.status = no->status,
		.text = no->text,
		.now = no->now,
	};
	int found;

	arena_reset(&r->a);
	/* Reasons of our own, as "template", say nothing of an address. */
	if (!bounce_reason_of_name(no->reason, &c.reason))
		return 0;
	found = store_sent_get(r->store, no->campaign, no->contact, &r->a, &sent, f);
	if (found <= 0)
		return found;
	returns_hear(r, no->campaign, no->text);
	r->now = no->now;
	return store_cause_add(r->store, no->campaign, no->reason, 1, f) < 0
		       ? -1
		       : returns_punish(r, &c, &out, &done, f);
}

static int ended(void *ctx, struct fail *f)
{
	struct returns *r = ctx;
	int64_t paused = 0;
	int ret = returns_alarm(r, r->now, &paused, f);

	arena_reset(&r->a);
	return ret;
}

void returns_watch(struct returns *r, struct store_turn_watch *out)
{
	*out = (struct store_turn_watch){.refused = refused, .ended = ended, .ctx = r};
}
