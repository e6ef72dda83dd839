#include "base/time.h"
#include "returns/returns_private.h"

#define EFFECT_AT_ONCE_MS ((int64_t)TIME_DAY) /* unknown domains within it are many at once */

static struct store_member_cause cause_of(const struct returns_case *c)
{
	return (struct store_member_cause){
		.reason = view_of(bounce_reason_name(c->reason)),
		.campaign = c->sent->campaign,
		.returned = c->returned,
		.now = c->now,
	};
}

static int suppress(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	const struct store_member_cause cause = cause_of(c);
	int new = store_member_suppress(r->store, c->sent->contact, &cause, f);

	if (new < 0)
		return -1;
	out->suppressed += (size_t) new;
	done->did = "suppressed";
	return 0;
}

/* Many members of one domain that does not exist, all at once: rather the name servers are
 * unwell. What was done to the first of them is taken back. */
static int many_at_once(struct returns *r, const struct returns_case *c, bool *many, struct fail *f)
{
	struct view reason = view_of(bounce_reason_name(c->reason));
	unsigned most = r->settings->bounces.same_domain;
	const struct store_strike_where where = {
		reason, c->sent->domain, c->now - EFFECT_AT_ONCE_MS, most};
	struct vec contacts;
	int ret;

	*many = false;
	if (c->reason != REASON_DOMAIN_UNKNOWN || most == 0)
		return 0;
	vec_init(&contacts, sizeof(int64_t));
	ret = store_strike_domain(r->store, &where, &contacts, f);
	*many = ret == 0 && contacts.len >= most;
	/* Once: from then on none of them is suppressed. */
	for (size_t i = 0; ret == 0 && contacts.len == most && i < contacts.len; i++)
		if (store_member_forgive(
			    r->store, *(int64_t *)vec_at(&contacts, i), reason, c->now, f) < 0)
			ret = -1;
	vec_free(&contacts);
	return ret;
}

static int decide(struct returns *r, const struct returns_case *c,
	const struct settings_action *action, enum policy_outcome *out, struct fail *f)
{
	struct policy_case p = {
		.action = action,
		.score = &r->settings->bounces.score,
		.reason = view_of(bounce_reason_name(c->reason)),
		.transient = c->permanence == BOUNCE_TRANSIENT,
		.permanent = c->permanence == BOUNCE_PERMANENT,
		.now = c->now,
	};

	if (store_strike_each(r->store, c->sent->contact, policy_past, &p, f) < 0)
		return -1;
	*out = policy_decide(&p);
	return 0;
}

int returns_punish(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	struct view reason = view_of(bounce_reason_name(c->reason));
	const struct settings_action *action = settings_bounce_action(r->settings, reason);
	enum policy_outcome outcome;
	bool many;
	int new = 1;

	if (action == NULL || action->act == SETTINGS_ACT_NONE)
		return 0;
	/* A complaint is of the person. */
	if (c->reason != REASON_COMPLAINT) {
		int gone = returns_gave_up(r, c->sent, f);

		if (gone != 0)
			return gone < 0 ? -1 : 0;
	}
	if (policy_weight(action) > 0) {
		const struct store_strike strike = {reason, c->now, policy_weight(action)};

		new = store_strike_add(
			r->store, c->sent->campaign, c->sent->contact, c->sent->domain, &strike, f);
	}
	if (new <= 0) /* it was counted already, and perhaps forgiven */
		return new;
	if (many_at_once(r, c, &many, f) < 0 || decide(r, c, action, &outcome, f) < 0)
		return -1;
	if (outcome == POLICY_HELD || (many && outcome == POLICY_SUPPRESS)) {
		*done = (struct returns_done){"held", true};
		return 0;
	}
	if (outcome == POLICY_SUPPRESS)
		return suppress(r, c, out, done, f);
	if (outcome == POLICY_COUNTED)
		done->did = "counted";
	return 0;
}

/* Writes what became of the delivery. 1: that was new. */
static int later(struct returns *r, const struct returns_case *c, enum store_later state,
	struct returns_done *done, struct fail *f)
{
	const struct store_later_news news = {
		.later = state,
		.reason = view_of(state == LATER_DELIVERED    ? ""
				  : state == LATER_COMPLAINED ? "complaint"
							      : bounce_reason_name(c->reason)),
		.status = c->status,
		.text = c->text,
		.returned = c->returned,
		.now = c->now,
	};
	int new = store_later_set(r->store, c->sent, &news, f);

	if (new > 0) {
		done->did = store_later_name(state);
		returns_hear(r, c->sent->campaign, c->text);
	}
	return new;
}

static bool may_punish(const struct returns *r, enum bounce_reason reason)
{
	const struct settings_action *action =
		settings_bounce_action(r->settings, view_of(bounce_reason_name(reason)));

	return action != NULL && action->act != SETTINGS_ACT_NONE;
}

static int failed(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	int new = later(r, c, LATER_BOUNCED, done, f);

	if (new < 0 || (new > 0 && returns_cause(r, c, f) < 0))
		return -1;
	done->review = c->reason == REASON_UNKNOWN || c->reason == REASON_UNCLEAR;
	if (c->unsure) {
		done->review = done->review || may_punish(r, c->reason);
		return 0;
	}
	return returns_punish(r, c, out, done, f);
}

static int complained(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	struct returns_case as = *c;
	struct store_member_cause cause;
	int left;

	if (c->complaint == COMPLAINT_NOT_SPAM || c->complaint == COMPLAINT_AUTH_FAILURE)
		return 0;
	if (c->unsure) {
		done->review = true;
		return 0;
	}
	as.reason = REASON_COMPLAINT;
	as.permanence = BOUNCE_PERMANENT;
	cause = cause_of(&as);
	left = store_member_unsubscribe(r->store, c->sent->list, c->sent->contact, &cause, f);
	if (left < 0 || later(r, &as, LATER_COMPLAINED, done, f) < 0)
		return -1;
	out->unsubscribed += (size_t)left;
	if (left > 0)
		done->did = "unsubscribed";
	return returns_punish(r, &as, out, done, f);
}

static int unsubscribe(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	const struct store_member_cause cause = {
		VIEW("mail"), c->sent->campaign, c->returned, c->now};
	int left;

	/* Another member wrote: it was handed on to him. */
	if (c->unsure) {
		done->review = true;
		return 0;
	}
	left = store_member_unsubscribe(r->store, c->sent->list, c->sent->contact, &cause, f);
	if (left < 0)
		return -1;
	out->unsubscribed += (size_t)left;
	done->did = "unsubscribed";
	return 0;
}

int returns_effect(struct returns *r, const struct returns_case *c, struct returns_outcome *out,
	struct returns_done *done, struct fail *f)
{
	switch (c->kind) {
	case BOUNCE_FAILED:
		return failed(r, c, out, done, f);
	case BOUNCE_DELIVERED:
		return later(r, c, LATER_DELIVERED, done, f) < 0 ? -1 : 0;
	case BOUNCE_COMPLAINT:
		return complained(r, c, out, done, f);
	case BOUNCE_UNSUBSCRIBE:
		return unsubscribe(r, c, out, done, f);
	default: /* it says nothing final */
		return 0;
	}
}
