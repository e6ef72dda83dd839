#ifndef SEND_QUOTA_H
#define SEND_QUOTA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/view.h"
struct fail;
struct settings_rate;
struct settings_relay;
struct store;
struct store_result;
struct store_sender;

/* quota - keeps one sender to its relay's quotas, which it shares with all others
 * (store/quota.h): how many it may claim and when it is worth to try, so that no slot
 * stays free and no sender waits while another takes all. Every function takes NULL:
 * a relay without quotas, which costs nothing. */
struct send_quota;
int send_quota_open(struct store *s, const struct settings_relay *relay, struct send_quota **out,
	struct fail *f);
/* The same for one destination's part of it; `rate` is that destination's. */
int send_quota_open_part(struct store *s, const struct settings_relay *relay, struct view part,
	const struct settings_rate *rate, struct send_quota **out, struct fail *f);
void send_quota_free(struct send_quota **q);

/* The most recipients that may ever go at once. */
size_t send_quota_most(const struct send_quota *q);
/* When a turn may claim (monotonic ms); 0: at any time. That is a little before the slot is
 * free, by the time that a message takes from being handed over to being ready: who is claimed
 * then may have the mark from send_quota_open_at() on. So the way to the relay takes nothing
 * off the quota. */
int64_t send_quota_at(const struct send_quota *q);
int64_t send_quota_open_at(const struct send_quota *q); /* of the look that let claim */
void send_quota_took(struct send_quota *q, int64_t ms); /* that time, lately; 0: no news */

/* What became of recipients that were claimed. */
void send_quota_marked(struct send_quota *q, size_t n); /* asked for the durable mark */
/* One of them: what, and when (ms since boot). */
void send_quota_known(
	struct send_quota *q, bool marked, int64_t heard, const struct store_result *r);

/* In every turn, after its results and marks: how many may be claimed now, `limit` at
 * most, where a message takes so many. */
int send_quota_look(struct send_quota *q, struct store_sender *sender, size_t message, size_t limit,
	size_t *n, struct fail *f);
/* Then: so many were claimed; `wants`: this sender will want more. */
int send_quota_claimed(
	struct send_quota *q, struct store_sender *sender, size_t n, bool wants, struct fail *f);
/* In a turn that finds out that others have taken over what this sender held: before all
 * of these. */
void send_quota_lost(struct send_quota *q);
/* And once the turn is on disk. */
void send_quota_kept(struct send_quota *q);
#endif
