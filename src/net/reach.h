#ifndef NET_REACH_H
#define NET_REACH_H
#include <stdint.h>
#include <sys/socket.h>
#include "base/vec.h"
#include "base/view.h"

/* reach - the first steps to a server one by one, for telling people where it ends:
 * sending itself connects by net/conn.h. These calls wait. */
enum { NET_ADDRESS_MAX = 46, NET_ADDRESSES_MAX = 16 };
struct net_address {
	char text[NET_ADDRESS_MAX]; /* "192.0.2.1", "2001:db8::1" */
	struct sockaddr_storage addr;
	socklen_t len;
};

enum net_lookup {
	NET_LOOKUP_FOUND,
	NET_LOOKUP_UNKNOWN, /* the name service says that there is no such name */
	NET_LOOKUP_FAILED,  /* it does not answer, or cannot */
};
/* Adds struct net_address in the order in which they should be tried. `host` as DNS
 * knows it, or an address, which needs no name service. */
enum net_lookup net_lookup(const char *host, uint16_t port, struct vec *out);

/* A connected socket, or -1 with errno: ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH... */
int net_reach(const struct net_address *to, int timeout_ms);
/* The first line of what the server says by itself, without its end. Its length; 0: it
 * said nothing in time; -1: it closed the connection. */
int net_hear(int fd, int timeout_ms, char *line, size_t size);
#endif
