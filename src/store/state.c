#include "store/delivery_private.h"
#include "base/i18n.h"

static const char *const campaign_names[] = {
	[CAMPAIGN_PREPARED] = N_("prepared"),
	[CAMPAIGN_SENDING] = N_("sending"),
	[CAMPAIGN_PAUSED] = N_("paused"),
	[CAMPAIGN_DONE] = N_("done"),
	[CAMPAIGN_CANCELLED] = N_("cancelled"),
};
enum { CAMPAIGN_STATES = sizeof campaign_names / sizeof *campaign_names };

static const char *const delivery_names[DELIVERY_STATES] = {
	[DELIVERY_PENDING] = N_("pending"),
	[DELIVERY_CLAIMED] = N_("claimed"),
	[DELIVERY_COMMITTED] = N_("committed"),
	[DELIVERY_ACCEPTED] = N_("accepted"),
	[DELIVERY_DEFERRED] = N_("deferred"),
	[DELIVERY_REFUSED] = N_("refused"),
	[DELIVERY_UNCERTAIN] = N_("uncertain"),
	[DELIVERY_SKIPPED] = N_("skipped"),
	[DELIVERY_CANCELLED] = N_("cancelled"),
};

static const char *const later_names[LATER_STATES] = {
	[LATER_NOTHING] = "",
	[LATER_DELIVERED] = N_("delivered"),
	[LATER_BOUNCED] = N_("bounced"),
	[LATER_COMPLAINED] = N_("complained"),
};

const char *store_later_name(enum store_later later)
{
	return (unsigned)later < LATER_STATES ? later_names[later] : "unknown";
}

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
	/* Accepted: a report of it came back, so the relay had taken it. */
	[DELIVERY_UNCERTAIN] = TO(PENDING) | TO(ACCEPTED),
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
