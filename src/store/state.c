#include "store/delivery_private.h"

static const char *const campaign_names[] = {
	[CAMPAIGN_PREPARED] = "prepared",
	[CAMPAIGN_SENDING] = "sending",
	[CAMPAIGN_PAUSED] = "paused",
	[CAMPAIGN_DONE] = "done",
	[CAMPAIGN_CANCELLED] = "cancelled",
};
enum { CAMPAIGN_STATES = sizeof campaign_names / sizeof *campaign_names };

static const char *const delivery_names[DELIVERY_STATES] = {
	[DELIVERY_PENDING] = "pending",
	[DELIVERY_CLAIMED] = "claimed",
	[DELIVERY_COMMITTED] = "committed",
	[DELIVERY_ACCEPTED] = "accepted",
	[DELIVERY_DEFERRED] = "deferred",
	[DELIVERY_REFUSED] = "refused",
	[DELIVERY_UNCERTAIN] = "uncertain",
	[DELIVERY_SKIPPED] = "skipped",
	[DELIVERY_CANCELLED] = "cancelled",
};

const char *campaign_state_name(enum campaign_state state)
{
	return (unsigned)state < CAMPAIGN_STATES ? campaign_names[state] : "unknown";
}

const char *delivery_state_name(enum delivery_state state)
{
	return (unsigned)state < DELIVERY_STATES ? delivery_names[state] : "unknown";
}

#define TO(state) (1u << DELIVERY_##state)

/* Without the durable mark nothing is ever accepted or in doubt: what is only
 * claimed has not left. What was accepted, refused, skipped or cancelled stays so. */
static const unsigned delivery_ways[DELIVERY_STATES] = {
	[DELIVERY_PENDING] = TO(CLAIMED) | TO(SKIPPED) | TO(CANCELLED),
	[DELIVERY_CLAIMED] = TO(PENDING) | TO(COMMITTED) | TO(DEFERRED) | TO(REFUSED) |
			     TO(SKIPPED) | TO(CANCELLED),
	[DELIVERY_COMMITTED] = TO(PENDING) | TO(ACCEPTED) | TO(DEFERRED) | TO(REFUSED) |
			       TO(UNCERTAIN) | TO(SKIPPED) | TO(CANCELLED),
	[DELIVERY_DEFERRED] = TO(PENDING) | TO(CANCELLED),
	[DELIVERY_UNCERTAIN] = TO(PENDING),
};
#undef TO

bool delivery_may(enum delivery_state from, enum delivery_state to)
{
	return (unsigned)from < DELIVERY_STATES && (unsigned)to < DELIVERY_STATES &&
	       (delivery_ways[from] >> to & 1) != 0;
}

#define TO(state) (1u << CAMPAIGN_##state)
static const unsigned campaign_ways[CAMPAIGN_STATES] = {
	[CAMPAIGN_PREPARED] = TO(SENDING) | TO(CANCELLED),
	[CAMPAIGN_SENDING] = TO(PAUSED) | TO(DONE) | TO(CANCELLED),
	[CAMPAIGN_PAUSED] = TO(SENDING) | TO(CANCELLED),
};
#undef TO

bool campaign_may(enum campaign_state from, enum campaign_state to)
{
	return (unsigned)from < CAMPAIGN_STATES && (unsigned)to < CAMPAIGN_STATES &&
	       (from == to || (campaign_ways[from] >> to & 1) != 0);
}
