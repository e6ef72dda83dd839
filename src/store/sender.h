#ifndef STORE_SENDER_H
#define STORE_SENDER_H
#include <stdbool.h>
#include <stdint.h>

/* sender - which process a sender is, and whether another one still lives. A
 * process id alone means nothing after a restart, in a container, or when it
 * was given to another process; so the machine, its boot, the namespace of the
 * number and the moment the process was born stand beside it. */
enum { SENDER_TEXT_SIZE = 72, SENDER_LEASE_MS = 120000 };
struct sender_id {
	char machine[SENDER_TEXT_SIZE]; /* /etc/machine-id, or the name of the host */
	char boot[SENDER_TEXT_SIZE];	/* random, new at every start of the machine */
	char space[SENDER_TEXT_SIZE];	/* the namespace in which pid is a number */
	int64_t pid;
	int64_t born; /* clock ticks after boot: field 22 of /proc/PID/stat; -1: unknown */
};
/* This process. `proc` is "/proc" but in tests; empty texts for what cannot be read. */
void sender_self(const char *proc, struct sender_id *out);
/* Where it can be known (same boot, same namespace; or same machine after
 * another boot) it is known; else a heartbeat within SENDER_LEASE_MS of now counts as life. */
bool sender_alive(const struct sender_id *other, int64_t beat, const struct sender_id *self,
	const char *proc, int64_t now);
#endif
