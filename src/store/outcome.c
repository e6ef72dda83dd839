#include <inttypes.h>
#include "base/i18n.h"
#include "base/utf8.h"
#include "store/delivery_private.h"
#include "store/event_private.h"

int store_tell_contacts(
	struct store *s, const struct store_batch_event *b, const struct vec *ids, struct fail *f)
{
	const int64_t *all = (const int64_t *)(const void *)ids->p;

	for (size_t at = 0, n; at < ids->len; at += n) {
		struct store_event e = {
			.at = b->now, .kind = view_of(b->kind), .campaign = b->campaign};

		n = ids->len - at < STORE_IDS_CHUNK ? ids->len - at : STORE_IDS_CHUNK;
		str_clear(&s->data);
		(void)str_addc(&s->data, '{');
		store_json_int(&s->data, "sender", b->sender);
		store_json_text(&s->data, "reason", b->reason);
		store_json_ids(&s->data, "contacts", all + at, n);
		(void)str_addc(&s->data, '}');
		e.data = str_view(&s->data);
		if (store_event_add(s, &e, f) < 0)
			return -1;
	}
	return 0;
}

struct view store_keep(struct str *room, struct view text, size_t max)
{
	str_init(room, max * 3); /* a bad byte becomes the 3 of U+FFFD */
	if (text.len <= max && utf8_printable(text) == text.len)
		return text;
	(void)utf8_clean(room, view_sub(text, 0, utf8_floor(text, max)));
	str_cut(room, utf8_floor(str_view(room), max));
	return str_view(room);
}

static int tell(struct store *s, const struct store_outcome *o, const struct store_result *r,
	struct fail *f)
{
	struct store_event e = {.at = o->now, .campaign = o->campaign, .contact = o->contact};
	char kind[32];

	(void)snprintf(kind, sizeof kind, "delivery.%s", delivery_state_name(r->state));
	e.kind = view_of(kind);
	str_clear(&s->data);
	(void)str_addc(&s->data, '{');
	store_json_int(&s->data, "sender", o->sender);
	store_json_int(&s->data, "attempt", o->attempts);
	if (o->from == DELIVERY_COMMITTED)
		store_json_int(&s->data, "batch", o->batch);
	store_json_text(&s->data, "relay", o->relay);
	store_json_int(&s->data, "code", r->reply_code);
	store_json_text(&s->data, "status", r->status);
	store_json_text(&s->data, "reason", r->reason);
	store_json_text(&s->data, "text", r->text);
	store_json_int(&s->data, "due", r->state == DELIVERY_DEFERRED ? r->due : 0);
	(void)str_addc(&s->data, '}');
	e.data = str_view(&s->data);
	return store_event_add(s, &e, f);
}

static int write(struct store *s, const struct store_outcome *o, const struct store_result *r,
	struct fail *f)
{
	enum { KNOWN_ARGS = 11 }; /* what is presumed comes after these */
	/* An attempt that was given back was none. */
	bool tried = o->from != DELIVERY_CLAIMED ||
		     (r->state != DELIVERY_PENDING && r->state != DELIVERY_CANCELLED);
	struct store_arg args[] = {store_int(o->campaign), store_int(o->contact),
		store_int(r->state), store_int(o->attempts - !tried),
		store_int(r->state == DELIVERY_DEFERRED ? r->due : 0), store_int(r->reply_code),
		store_text(r->status), store_text(r->reason), store_text(r->text),
		store_int(o->now), store_int(o->way), store_int(o->sender), store_int(o->batch),
		{STORE_END, 0, {NULL, 0}}};

	if (!o->presumed)
		args[KNOWN_ARGS].kind = STORE_END;
	if (store_do(s, o->presumed ? Q_RESULT_MARKED : Q_RESULT, args, f) < 0)
		return -1;
	if (o->presumed && db_changes(s->db) == 0)
		return STORE_LOST;
	return tell(s, o, r, f);
}

int store_outcome_write(struct store *s, const struct store_outcome *o,
	int64_t delta[DELIVERY_STATES], struct fail *f)
{
	struct store_result r = *o->result;
	struct str status, reason, text;
	int ret;

	if (!delivery_may(o->from, r.state) || r.state == DELIVERY_COMMITTED)
		return fail_set(f, FAIL_BUG,
			_("this is a fault in facteur, please report it: recipient %" PRId64
			  " of campaign %" PRId64 " cannot go from %s to %s"),
			o->contact, o->campaign, delivery_state_name(o->from),
			delivery_state_name(r.state));
	r.status = store_keep(&status, r.status, STORE_STATUS_MAX);
	r.reason = store_keep(&reason, r.reason, STORE_REASON_MAX);
	r.text = store_keep(&text, r.text, STORE_TEXT_MAX);
	ret = write(s, o, &r, f);
	str_free(&status);
	str_free(&reason);
	str_free(&text);
	if (ret != 0)
		return ret;
	delta[o->from]--;
	delta[r.state]++;
	return 0;
}
