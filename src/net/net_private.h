#ifndef NET_PRIVATE_H
#define NET_PRIVATE_H
#include <curl/curl.h>
#include "base/fail.h"
#include "base/str.h"
#include "base/vec.h"
#include "net/conn.h"
#include "net/loop.h"

/* The inside of a loop and its connections. Two epoll sets: libcurl's sockets
 * live in their own, nested in the other, for libcurl adds and removes them as
 * it likes, also in the middle of a turn. The outer set holds ours only. */
enum {
	NET_HOST_MAX = 255,
	NET_SAID_MAX = 512,
	NET_HELLO_MAX = 16384, /* an answer to EHLO; the usual one has 300 bytes */
	NET_CONNECT_TIMEOUT = 30000,
};

struct net_loop {
	int epoll, curl_epoll, wake;
	struct vec setups; /* struct net_conn *: those that libcurl sets up; NULL: free */
};

struct net_conn {
	struct net_loop *loop;
	/* NULL for an adopted socket. A multi of its own: libcurl looks after the
	 * idle connections of a multi whenever it makes another one there, and closes
	 * what it takes for dead, after 118 seconds in any case. */
	CURLM *multi;
	CURL *easy;
	int64_t curl_due; /* when libcurl wants to be called; INT64_MAX: not */
	bool unwatched;	  /* libcurl waits for a socket that could not be watched */
	size_t slot;	  /* in setups, while NET_CONNECTING */
	int fd;
	bool raw; /* nothing between us and the socket: read and write it directly */
	enum net_state state;
	/* Edges, not levels: set by the loop, cleared where a call would block. */
	bool readable, writable, hung_up;
	struct fail fail;
	enum net_trouble trouble;
	char host[NET_HOST_MAX + 1]; /* for what we tell the user */
	uint16_t port;
	enum net_protocol protocol;
	bool greeted; /* by IMAP or POP3, with a yes */
	/* What the server said while libcurl talked to it. */
	int reply_code;
	struct str said;  /* its last no, clean */
	struct str hello; /* its answer to the last EHLO or HELO, as it came */
	size_t hello_read;
	bool proxied;
	char curl_words[CURL_ERROR_SIZE];
};

/* Hands the easy handle to libcurl; net_conn_set_up is called in some later turn,
 * unless net_loop_end_setup comes first. */
int net_loop_begin_setup(struct net_loop *loop, struct net_conn *conn, struct fail *f);
void net_loop_end_setup(struct net_loop *loop, struct net_conn *conn);
/* Puts the socket of an open connection into the loop's set. */
int net_loop_add(struct net_loop *loop, struct net_conn *conn, struct fail *f);
void net_loop_remove(struct net_loop *loop, const struct net_conn *conn);

/* All options of the easy handle: 0, or -1 with f set (FAIL_CONF). */
int net_conn_setup(struct net_conn *conn, const struct net_params *params, struct fail *f);
/* libcurl is done with the set-up, well or not. */
void net_conn_set_up(struct net_conn *conn, CURLcode result);

/* What a result of libcurl means to a person. */
enum net_trouble net_trouble_of(const struct net_conn *conn, CURLcode result);
void net_trouble_tell(struct net_conn *conn, enum net_trouble trouble);
#endif
