#ifndef TOOLS_PROXY_H
#define TOOLS_PROXY_H
/* proxy - what proxy.c (connections, command line) and proxy_flow.c (bytes, rules) share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	READ_SIZE = 1 << 18,
	QUEUE_MAX = 1 << 26, /* bytes under way in one direction; beyond that it reads no more */
	PIECES_MAX = 64,     /* chunks in one write */
	RULES_MAX = 16,
	EVENTS_MAX = 128,
	BACKLOG = 512,
};
#define NEVER UINT64_MAX
/* In nanoseconds, as all times here. */
#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

enum way { UP, DOWN, WAYS };
enum rule_kind { RULE_CLOSE, RULE_RST, RULE_HALF, RULE_STALL, RULE_TRICKLE };
struct rule {
	enum way way;
	enum rule_kind kind;
	uint64_t at, connection; /* 0: each connection */
	uint64_t amount, every;	 /* trickle: bytes; trickle and stall: ns */
};

struct chunk {
	struct chunk *next;
	uint64_t due;
	size_t len, off;
	char data[];
};

struct end { /* a socket; epoll's events point here */
	struct link *link;
	int fd;
	bool readable, writable;
};

struct flow { /* one way of a connection */
	struct end *src, *dst;
	struct chunk *head, **tail;
	uint64_t came, passed, queued;
	uint64_t eof_due, held_until;  /* NEVER: not seen; for ever */
	uint64_t amount, every, quota; /* trickle: 0 for none; what may still pass now */
	bool eof, reset;	       /* its source has ended, with an error */
	bool done, deaf;	       /* its receiver has been told; what comes is dropped */
	bool fired[RULES_MAX];
};

struct link {
	struct link *next;
	uint64_t number;
	struct end side[2]; /* the client, the server */
	struct flow flow[WAYS];
	bool cut;
	const char *over; /* why, when it is */
};

struct proxy {
	int epoll;
	struct end listener, master; /* master: standard input */
	uint16_t to;
	uint64_t delay, now, connections;
	struct rule rules[RULES_MAX];
	size_t rule_count;
	struct link *links;
	char buffer[READ_SIZE];
};
extern struct proxy proxy;

/* Moves what can be moved now; the connection may be over afterwards (l->over). */
void link_run(struct link *l);
/* When it has something to do by itself; NEVER: when epoll says so. */
uint64_t link_due(const struct link *l);
void link_end(struct link *l, const char *why, bool reset);
void link_free(struct link *l);
#endif
