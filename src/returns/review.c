#include <inttypes.h>
#include "base/i18n.h"
#include "mail/mailbox.h"
#include "returns/record.h"
#include "returns/returns_private.h"

/* A new address that somebody has agreed to. */
static int move(
	struct returns *r, const struct store_returned_rcpt *row, int64_t now, struct fail *f)
{
	struct mailbox mailbox;
	struct store_member_address to;
	struct str wire, key;
	int ret = -1;

	if (mailbox_parse(row->moved_to, ADDR_MEMBER, &r->a, &mailbox, f) < 0)
		return fail_wrap(f, "%.*s", VIEW_ARG(view_sub(row->moved_to, 0, ADDR_MAX)));
	str_init(&wire, ADDR_WIRE_MAX);
	str_init(&key, ADDR_KEY_MAX);
	if (addr_wire(&mailbox.addr, &wire, NULL, f) == 0 &&
		addr_key(&mailbox.addr, &key, f) == 0) {
		ptrdiff_t at;

		to = (struct store_member_address){
			.key = str_view(&key), .address = str_view(&wire)};
		for (at = (ptrdiff_t)key.len; at > 0 && key.p[at - 1] != '@'; at--)
			;
		to.domain = view_from(to.key, (size_t)at);
		ret = store_member_move(r->store, row->contact, &to, row->returned, now, f);
	}
	str_free(&wire);
	str_free(&key);
	return ret;
}

/* What was only held, and what nobody could make out, is suppressed because somebody says so. */
static int suppress(struct returns *r, const struct store_returned_rcpt *row, int64_t now,
	struct returns_done *done, struct fail *f)
{
	const struct store_member_cause cause = {row->reason, row->campaign, row->returned, now};
	struct store_sent sent;
	int found = store_sent_get(r->store, row->campaign, row->contact, &r->a, &sent, f);
	int gone = found > 0 ? returns_gave_up(r, &sent, f) : found;

	if (gone != 0)
		return gone < 0 ? -1 : 0;
	done->did = "suppressed";
	return store_member_suppress(r->store, row->contact, &cause, f) < 0 ? -1 : 0;
}

/* The policy has had its say, or has none: what is left is for a person to decide. */
static bool left_to_people(const struct store_returned_rcpt *row)
{
	return view_is(row->did, "held") ||
	       (row->did.len > 0 &&
		       (view_is(row->reason, bounce_reason_name(REASON_UNKNOWN)) ||
			       view_is(row->reason, bounce_reason_name(REASON_UNCLEAR))));
}

/* A proposal: as if its token had been valid. */
static int effect(struct returns *r, const struct store_returned *message,
	const struct bounce_verdict *v, const struct store_returned_rcpt *row, int64_t now,
	struct returns_done *done, struct fail *f)
{
	const struct bounce_recipient *rcpt = &v->recipients[row->n - 1];
	struct store_sent sent;
	struct returns_outcome out = {0};
	struct returns_case c = {
		.sent = &sent,
		.kind = returns_rcpt_kind(v, (size_t)row->n - 1),
		.complaint = v->complaint,
		.reason = rcpt->reason,
		.permanence = rcpt->permanence,
		.status = rcpt->status,
		.text = rcpt->diagnostic,
		.returned = message->id,
		.now = now,
	};
	int found = store_sent_get(r->store, row->campaign, row->contact, &r->a, &sent, f);

	if (found <= 0)
		return found;
	return returns_effect(r, &c, &out, done, f);
}

static int accept_one(struct returns *r, const struct store_returned *message,
	const struct bounce_verdict *v, const struct store_returned_rcpt *row, int64_t now,
	struct fail *f)
{
	struct returns_done done = {.did = ""};
	int ret;

	if (row->moved_to.len > 0) {
		done.did = "moved";
		ret = move(r, row, now, f);
	} else if (left_to_people(row)) {
		ret = suppress(r, row, now, &done, f);
	} else {
		ret = effect(r, message, v, row, now, &done, f);
	}
	return ret < 0 ? -1
		       : store_returned_judge(
				 r->store, row, REVIEW_ACCEPTED, view_of(done.did), now, f);
}

static int judge(
	struct returns *r, int64_t number, bool accept, int64_t now, size_t *n, struct fail *f)
{
	struct store_returned message;
	struct bounce_verdict v;
	struct vec rcpts;
	int ret;

	vec_init(&rcpts, sizeof(struct store_returned_rcpt));
	ret = store_returned_get(r->store, number, &r->a, &message, &rcpts, f);
	if (ret == 0)
		returns_verdict(&message, &rcpts, &r->a, &v);
	for (size_t i = 0; ret == 0 && i < rcpts.len; i++) {
		const struct store_returned_rcpt *row = vec_at(&rcpts, i);

		if (row->review != REVIEW_OPEN)
			continue;
		(*n)++;
		ret = accept ? accept_one(r, &message, &v, row, now, f)
			     : store_returned_judge(
				       r->store, row, REVIEW_DISMISSED, row->did, now, f);
	}
	vec_free(&rcpts);
	return ret;
}

static int run(
	struct returns *r, int64_t number, bool accept, int64_t now, size_t *n, struct fail *f)
{
	*n = 0;
	if (returns_begin(r, now, f) < 0)
		return -1;
	return returns_end(r, judge(r, number, accept, now, n, f), NULL, f);
}

int returns_accept(struct returns *r, int64_t number, int64_t now, size_t *n, struct fail *f)
{
	return run(r, number, true, now, n, f);
}

int returns_dismiss(struct returns *r, int64_t number, int64_t now, size_t *n, struct fail *f)
{
	return run(r, number, false, now, n, f);
}
