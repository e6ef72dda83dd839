#ifndef SEND_SINGLE_H
#define SEND_SINGLE_H
#include "base/view.h"
struct fail;
struct settings;
struct settings_relay;

/* single - one message to one address, outside of any campaign: a question of ours to a member
 * who wrote to us. It goes the way of a campaign's messages, by the transport's own code, and is
 * tried once. Who calls has asked whether anybody may be mailed at all. */
struct send_single {
	uint64_t id;	   /* in a Maildir the name of its file is made of it */
	struct view from;  /* MAIL FROM; empty: the null return path */
	struct view to;	   /* wire form */
	struct view data;  /* wire form */
	struct view space; /* sets its files in a Maildir apart from those of others */
};
/* 0: the relay has it. -1: FAIL_PERM, or FAIL_TEMP where it could be tried again, unless the answer
 * to the whole message never came. A group sends through the first of its relays. */
int send_single(const struct settings *settings, const struct settings_relay *relay,
	const struct send_single *m, struct fail *f);
#endif
