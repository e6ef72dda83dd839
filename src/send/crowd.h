#ifndef SEND_CROWD_H
#define SEND_CROWD_H
#include "base/vec.h"
#include "send/pace.h"
#include "settings/settings.h"

/* crowd - providers of mailboxes with a quota of their own (destinations.*.rate), and how many
 * members of a campaign are there: it cannot end before the last of them. How many messages one
 * takes at once (max_messages) is not reckoned with: what that makes of it is only known from
 * the speed. For estimates, as pace.h. */
enum { SEND_CROWD_MAX = 16 }; /* more are not looked at */
struct send_crowd {
	struct send_crowd_group {
		const struct settings_destination *at;
		struct pace pace;
		int64_t left, looked; /* how many were left when, wall clock; looked 0: never */
	} groups[SEND_CROWD_MAX];
	size_t count;
};
/* Nobody is there yet. `gate` (may be NULL) is borrowed. */
void send_crowd_init(struct send_crowd *c, const struct settings *s, const struct send_gate *gate);
/* One more member is to go, at this domain. `all` is what send_destinations() has pushed. */
void send_crowd_add(struct send_crowd *c, const struct vec *all, struct view domain);
/* Looks who of a campaign is left; those who went since the last look have used the quotas. */
int send_crowd_look(
	struct send_crowd *c, struct store *s, int64_t campaign, int64_t now, struct fail *f);
/* The later one of `finish`, when all others have gone, and the end of the slowest of these. */
int64_t send_crowd_finish(const struct send_crowd *c, int64_t now, int64_t finish);
#endif
