#include "base/time.h"
#include "mail/mailbox.h"
#include "mail/token.h"
#include "returns/returns_private.h"
#include "store/delivery.h"

struct view returns_key(struct returns *r, struct view address)
{
	struct mailbox mailbox;
	struct view out = VIEW("");
	struct fail f;
	struct str key;

	if (address.len == 0 ||
		mailbox_parse(view_trim(address), ADDR_MEMBER, &r->a, &mailbox, &f) < 0)
		return out;
	str_init(&key, ADDR_KEY_MAX);
	if (addr_key(&mailbox.addr, &key, &f) == 0)
		out = arena_dup(&r->a, str_view(&key));
	str_free(&key);
	return out;
}

int returns_gave_up(struct returns *r, const struct store_sent *sent, struct fail *f)
{
	struct view key;
	int has = store_member_key(r->store, sent->contact, &r->a, &key, f);

	if (has < 0)
		return -1;
	return has == 0 || !view_eq(key, returns_key(r, sent->address));
}

bool returns_token(const struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, enum token_purpose purpose, int64_t *campaign,
	int64_t *contact)
{
	struct token t;

	bool event = origin->source == RETURNS_EVENT && purpose == TOKEN_RETURN;

	if (event && origin->campaign != 0) {
		*campaign = origin->campaign;
		*contact = origin->contact;
		return true;
	}
	for (size_t i = 0; r->keys != NULL && i < v->token_count; i++) {
		/* A relay's word needs no more than the name of the message. */
		if (token_read(v->tokens[i], r->keys, purpose, &t) != 1 &&
			!(event && token_read(v->tokens[i], r->keys, TOKEN_MESSAGE, &t) == 1))
			continue;
		*campaign = t.campaign;
		*contact = t.contact;
		return true;
	}
	return false;
}

/* Of recipient i of the message at hand. Each is made once, for there may be a thousand, each is
 * held against all, and with an international domain it takes its time. */
static struct view rcpt_key(struct returns *r, const struct bounce_verdict *v, size_t i)
{
	if (r->rcpt_key == NULL) {
		r->rcpt_key = arena_alloc(&r->a, v->recipient_count * sizeof *r->rcpt_key);
		for (size_t n = 0; n < v->recipient_count; n++)
			r->rcpt_key[n] = returns_key(r, v->recipients[n].address);
	}
	return r->rcpt_key[i];
}

/* Which of those that a report names is the one that a message to `sent` was for: by the
 * address, else the first; it may have been forwarded. */
static size_t meant(
	struct returns *r, const struct bounce_verdict *v, const struct store_sent *sent)
{
	struct view key = returns_key(r, sent->address);

	for (size_t i = 0; i < v->recipient_count; i++)
		if (view_eq(rcpt_key(r, v, i), key))
			return i;
	return 0;
}

/* Whether the token is enough to take somebody off: one that many have seen is not, nor one
 * that speaks of another recipient. An address that is nobody's may be where the mail of the
 * recipient goes on to, or is hidden on purpose (RFC 6590). 1, or -1. */
static int judge_token(struct returns *r, const struct returns_outcome *who, struct view key,
	struct returns_tied *out, struct fail *f)
{
	int other = 0;

	if (who->contact != 0 && key.len > 0 && !view_eq(key, returns_key(r, out->sent.address)))
		other = store_is_recipient(r->store, who->campaign, key, f);
	out->unsure = who->contact == 0 || other > 0;
	return other < 0 ? -1 : 1;
}

/* By its token: only a message that was sent, to them, and not long ago. */
static int by_token(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, const struct returns_outcome *who, struct view key,
	size_t i, struct returns_tied *out, struct fail *f)
{
	int found;

	if (who->contact != 0)
		found = store_sent_get(r->store, who->campaign, who->contact, &r->a, &out->sent, f);
	else
		found = key.len == 0 ? 0
				     : store_sent_by_key(
					       r->store, who->campaign, key, &r->a, &out->sent, f);
	if (found <= 0)
		return found;
	/* Who wants to leave may do so whenever he likes. */
	if (!out->sent.sent ||
		(who->kind != BOUNCE_UNSUBSCRIBE && origin->now - out->sent.at > RETURNS_LATEST_MS))
		return 0;
	if (v->recipient_count > 0 && who->contact != 0 && meant(r, v, &out->sent) != i)
		return 0;
	return origin->source == RETURNS_MAIL ? judge_token(r, who, key, out, f) : 1;
}

/* Whose message it may be: by the name of the message, which whoever has seen a reply to it knows,
 * else the last one to that address. */
static int proposed(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct view key, struct returns_tied *out,
	struct fail *f)
{
	int64_t campaign, contact;

	if (returns_token(r, v, origin, TOKEN_MESSAGE, &campaign, &contact) && contact != 0) {
		int found = store_sent_get(r->store, campaign, contact, &r->a, &out->sent, f);

		if (found != 0)
			return found;
	}
	if (key.len == 0)
		return 0;
	return store_sent_last(r->store, key, origin->now - RETURNS_LATEST_MS,
		origin->now + (int64_t)TIME_DAY, &r->a, &out->sent, f);
}

int returns_tie(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, const struct returns_outcome *who, size_t i,
	struct returns_tied *out, struct fail *f)
{
	struct view key = i < v->recipient_count ? rcpt_key(r, v, i) : returns_key(r, v->from);
	int found = 0;

	*out = (struct returns_tied){.how = TIE_NOTHING};
	/* A rehearsal: it was not the member who could not be reached. */
	if (r->rehearsal.len > 0 && view_eq(key, r->rehearsal))
		return 0;
	if (who->valid)
		found = by_token(r, v, origin, who, key, i, out, f);
	if (found > 0) {
		/* It went to another address, and says nothing of the member; whoever wants to
		 * leave is for somebody to look at. */
		int rehearsed = store_rehearsed(r->store, out->sent.campaign, f);

		if (rehearsed < 0)
			return -1;
		if (rehearsed > 0 && who->kind != BOUNCE_UNSUBSCRIBE)
			return 0;
		out->unsure = out->unsure || rehearsed > 0;
	}
	if (found != 0) {
		out->how = TIE_ACTS;
		return found < 0 ? -1 : 0;
	}
	found = proposed(r, v, origin, key, out, f);
	if (found > 0)
		out->how = TIE_PROPOSED;
	return found < 0 ? -1 : 0;
}
