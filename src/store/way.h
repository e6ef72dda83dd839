#ifndef STORE_WAY_H
#define STORE_WAY_H
#include "store/delivery.h"

/* way - which relay a recipient's message went through, for campaigns that have several. A
 * campaign counts its relays from 1; deliveries and events bear the number and the name. 0 is
 * the one relay that the campaign names. It says nothing of who is pending: that was the
 * attempt before. */

/* The number of that relay, new ones get the next. Its own transaction. */
int store_way_number(
	struct store *s, int64_t campaign, struct view relay, int64_t *number, struct fail *f);
/* In a turn: what is marked and decided from here on went that way; at its beginning 0. The
 * name is borrowed until the turn ends. */
void store_turn_through(struct store_sender *sender, int64_t way, struct view relay);
/* In a turn: that way was used for the first time, unless it was before. */
int store_turn_way_used(struct store_sender *sender, int64_t way, struct fail *f);

/* A row per relay and state, the rows of one relay together; none for a campaign that only
 * ever had one. What went while its relay was no group bears the name that the campaign gives. */
int store_tally_ways(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f);
#endif
