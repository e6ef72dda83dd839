#include "returns/policy.h"
#include "base/time.h"
#include "settings/settings.h"
#include "store/strike.h"

/* Of a mailbox that was full long ago and is full again: not longer ago than this. */
#define POLICY_MEMORY_MS (400 * (int64_t)TIME_DAY)

int64_t policy_weight(const struct settings_action *action)
{
	return action->act == SETTINGS_ACT_NONE || action->act == SETTINGS_ACT_HOLD
		       ? 0
		       : action->weight;
}

static bool within(int64_t at, int64_t now, int64_t span)
{
	return span == 0 || now - at <= span;
}

void policy_past(void *ctx, const struct store_strike *strike)
{
	struct policy_case *c = ctx;

	if (strike->weight == 0)
		return;
	if (within(strike->at, c->now, c->score->within))
		c->total += strike->weight;
	if (!view_eq(strike->reason, c->reason))
		return;
	if (within(strike->at, c->now, c->action->within))
		c->times++;
	if (c->now - strike->at >= c->action->after && c->now - strike->at <= POLICY_MEMORY_MS)
		c->long_ago = true;
}

static bool by_reason(const struct policy_case *c)
{
	const struct settings_action *a = c->action;

	if (a->act != SETTINGS_ACT_SUPPRESS)
		return false;
	if (a->after > 0)
		return c->permanent && c->long_ago;
	if (a->times > 1)
		return c->times >= a->times;
	return !c->transient;
}

enum policy_outcome policy_decide(const struct policy_case *c)
{
	const struct settings_action *score = c->score;

	if (c->action->act == SETTINGS_ACT_NONE)
		return POLICY_NOTHING;
	if (c->action->act == SETTINGS_ACT_HOLD)
		return POLICY_HELD;
	if (by_reason(c))
		return POLICY_SUPPRESS;
	if (c->total < (int64_t)score->times * SETTINGS_WEIGHT_ONE)
		return POLICY_COUNTED;
	return score->act == SETTINGS_ACT_SUPPRESS ? POLICY_SUPPRESS
	       : score->act == SETTINGS_ACT_HOLD   ? POLICY_HELD
						   : POLICY_COUNTED;
}
