#ifndef NET_LOOP_H
#define NET_LOOP_H
#include <stdint.h>
struct fail;

/* loop - one epoll set for any number of connections, in one thread. It drives
 * libcurl's multi interface while connections are set up and watches their
 * sockets afterwards. Nothing is called back: run a turn, then ask each
 * connection what it has (net/conn.h). Making one ignores SIGPIPE for the
 * process. */
struct net_loop;

struct net_loop *net_loop_new(struct fail *f); /* NULL with f set */
/* Close every connection first. */
void net_loop_free(struct net_loop **loop);
/* One turn: waits until some connection has news, net_loop_wake was called, a
 * signal came, or timeout_ms passed (0: does not wait, -1: for ever). */
int net_loop_run(struct net_loop *loop, int timeout_ms, struct fail *f);
/* Ends the wait of the loop's thread, now or the next time. May be called from
 * any thread and from a signal handler. */
void net_loop_wake(struct net_loop *loop);
#endif
