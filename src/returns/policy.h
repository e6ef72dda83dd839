#ifndef RETURNS_POLICY_H
#define RETURNS_POLICY_H
#include "base/view.h"
struct settings_action;
struct store_strike;

/* policy - what a failure leads to, by what is configured for its reason and by what counted
 * against the address before. Nothing is looked up and nothing done here. */
struct policy_case {
	const struct settings_action *action; /* for the reason */
	const struct settings_action *score;  /* for everything together */
	struct view reason;
	bool transient; /* it may pass: never a cause to suppress at once */
	bool permanent;
	int64_t now;
	/* What policy_past() has gathered. */
	unsigned times; /* of that reason, within its time, this one included */
	int64_t total;	/* hundredths, within the time of the score, this one included */
	bool long_ago;	/* one of that reason lies as far back as `after` wants */
};
enum policy_outcome {
	POLICY_NOTHING,
	POLICY_COUNTED,
	POLICY_HELD,
	POLICY_SUPPRESS,
};
/* What it counts against the address, in hundredths; 0: nothing is to be remembered. */
int64_t policy_weight(const struct settings_action *action);
/* Called with each strike against the address, the new one among them; ctx is the case. */
void policy_past(void *ctx, const struct store_strike *strike);
enum policy_outcome policy_decide(const struct policy_case *c);
#endif
