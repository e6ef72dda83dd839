#include "store/way.h"
#include <assert.h>
#include "store/delivery_private.h"

static int number_of(
	struct store *s, int64_t campaign, struct view relay, int64_t *number, struct fail *f)
{
	int found = store_number(
		s, Q_WAY_FIND, STORE_ARGS(store_int(campaign), store_text(relay)), number, f);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (store_do(s, Q_WAY_ADD, STORE_ARGS(store_int(campaign), store_text(relay)), f) < 0)
		return -1;
	found = store_number(
		s, Q_WAY_FIND, STORE_ARGS(store_int(campaign), store_text(relay)), number, f);
	return found > 0 ? 0 : -1;
}

int store_way_number(
	struct store *s, int64_t campaign, struct view relay, int64_t *number, struct fail *f)
{
	if (STORE_BEGIN(s, f) < 0)
		return -1;
	return store_end(s, number_of(s, campaign, relay, number, f), f);
}

void store_turn_through(struct store_sender *sender, int64_t way, struct view relay)
{
	assert(sender->in_turn);
	sender->way = way;
	sender->relay = relay;
}

int store_turn_way_used(struct store_sender *sender, int64_t way, struct fail *f)
{
	assert(sender->in_turn);
	return store_do(sender->s, Q_WAY_USED,
		STORE_ARGS(store_int(sender->campaign), store_int(way), store_int(sender->now)), f);
}

int store_tally_ways(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f)
{
	return store_tally(s, Q_TALLY_WAYS, campaign, fn, ctx, f);
}
