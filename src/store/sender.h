#ifndef STORE_SENDER_H
#define STORE_SENDER_H
#include <stdbool.h>
#include <stdint.h>

/* sender - which process a sender is, and whether another one still lives. A
 * process id alone means nothing after a restart, in a container, or when it
 * was given to another process; so the machine, its boot, the namespace of the
 * number and the moment the process was born stand beside it. */
enum {
	SENDER_TEXT_SIZE = 72,
	SENDER_LEASE_MS = 120000, /* what a heartbeat is good for */
};
struct sender_id {
	char machine[SENDER_TEXT_SIZE]; /* /etc/machine-id, or the name of the host */
	char boot[SENDER_TEXT_SIZE];	/* random, new at every start of the machine */
	char space[SENDER_TEXT_SIZE];	/* the namespace in which pid is a number */
	int64_t pid;
	int64_t born; /* clock ticks after boot: field 22 of /proc/PID/stat; -1: unknown */
};
/* This process. `proc` is "/proc" but in tests; empty texts for what cannot be read. */
void sender_self(const char *proc, struct sender_id *out);
/* A process that is there, by its number and birth, and not stopped is ALIVE, and one that is
 * not there DEAD. Where that cannot be known, and of one that is stopped, a heartbeat within
 * SENDER_LEASE_MS of now counts as life. One that has outlived it is SILENT: it may wake up, so
 * what it holds may be taken over as long as nothing depends on its being dead. */
enum sender_life { SENDER_DEAD, SENDER_SILENT, SENDER_ALIVE };
enum sender_life sender_life(const struct sender_id *other, int64_t beat,
	const struct sender_id *self, const char *proc, int64_t now);
#endif
