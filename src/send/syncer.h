#ifndef SEND_SYNCER_H
#define SEND_SYNCER_H
#include <stdbool.h>
struct fail;
struct store_sender;

/* syncer - the wait for the disk in a thread of its own, so that a turn's durable marks
 * are made while the engine composes and talks. One wait at a time; it covers all turns
 * that ended before it began. The thread touches nothing but the log of the database. */
struct syncer;

/* `woken` is called from the thread each time a wait is over. FAIL_TEMP when there can
 * be no thread. Free it before the sender is closed: that waits for the wait. */
int syncer_new(struct store_sender *sender, void (*woken)(void *ctx), void *ctx,
	struct syncer **out, struct fail *f);
void syncer_free(struct syncer **s);

/* None may be on its way. */
void syncer_begin(struct syncer *s);
bool syncer_busy(const struct syncer *s);
/* 1: the wait that was begun is over and all is on disk; 0: it is not over; -1: it failed
 * (FAIL_STORE), and nothing may be completed. After 1 and -1 the next may begin. */
int syncer_take(struct syncer *s, struct fail *f);
#endif
