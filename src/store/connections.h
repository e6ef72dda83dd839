#ifndef STORE_CONNECTIONS_H
#define STORE_CONNECTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include "base/view.h"
struct fail;
struct store_sender;

/* connections - a relay's limit of connections, shared by all senders that use it: each may
 * have an equal part while others want some too. Nobody is given what another still has, so
 * all together never have more than the limit, but a newcomer waits until the others have
 * closed some; with more senders than connections the last ones wait for the first to end. */
struct store_connections {
	struct view relay;
	size_t most; /* that the relay bears */
	size_t told; /* how many this sender may have until the end of this turn; 0 at first */
	size_t used; /* how many it has open */
	bool wants;  /* it has messages for them */
};
/* In a turn: how many this sender may have open from its end on. */
int store_turn_connections(
	struct store_sender *sender, const struct store_connections *c, size_t *n, struct fail *f);
#endif
