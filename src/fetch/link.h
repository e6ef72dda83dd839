#ifndef FETCH_LINK_H
#define FETCH_LINK_H
#include "base/str.h"
#include "net/conn.h"
struct fail;
struct fetch;
struct net_loop;
struct net_peer;
struct settings_mailbox;

/* link - a connection to a server that keeps mail, for a caller that waits: bytes in, bytes
 * out. Nothing waits for ever: not for a byte, and not for a trickle of them. */
enum {
	FETCH_CONNECT_MS = 30000,
	FETCH_PATIENCE_MS = 120000, /* a large folder may take its time to open */
	FETCH_TRICKLE = 1000,	    /* octets that must have come in so long a wait */
	FETCH_LINK_BUFFER = 1 << 16
};
struct fetch_link {
	struct net_loop *loop;
	struct net_conn *conn;
	int patience_ms;
	struct fetch *reader; /* who hears of each wait (fetch_waits()); or NULL */
	int64_t waited;	      /* ms spent waiting since `came` was zero */
	size_t came;
	struct view have; /* what has come and was not taken yet: take it off the head */
	char buffer[FETCH_LINK_BUFFER];
};
/* Connects and sets TLS up as the mailbox wants it. `peer` may be NULL. 0, or -1 with f and,
 * where *trouble is not NET_TROUBLE_NONE, what kind of trouble it is. */
int fetch_link_open(struct fetch_link *link, const struct settings_mailbox *box,
	enum net_protocol protocol, struct net_peer *peer, enum net_trouble *trouble,
	struct fail *f);
void fetch_link_close(struct fetch_link *link);
int fetch_link_write(struct fetch_link *link, struct view bytes, struct fail *f);
/* Waits until `have` is not empty. */
int fetch_link_read(struct fetch_link *link, struct fail *f);
#endif
