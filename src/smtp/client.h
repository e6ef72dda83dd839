#ifndef SMTP_CLIENT_H
#define SMTP_CLIENT_H
#include "net/conn.h"
#include "smtp/session.h"
struct fail;
struct net_loop;

/* client - a session on a connection: the caller sees messages and events, never
 * bytes. A turn of the engine with N clients on one loop:
 *
 *	for each client: while (smtp_client_event(c, &ev)) note it; submit more
 *			 while smtp_client_room(c) > 0
 *	one durable commit for all that are ready, then smtp_client_commit() each
 *	for each client: smtp_client_flush(c)
 *	net_loop_run(loop, ms until the least smtp_client_deadline)
 *
 * A connection that cannot be made ends with SMTP_CLOSED_CONNECT. After CLOSED
 * the client only waits to be freed. */
struct smtp_client;

/* NULL with f set (FAIL_CONF) when params cannot be used: also for a login on a line
 * without TLS, unless session->login.secure says that this is wanted. session->greeting
 * and hello_said are ignored (both are libcurl's), as are the login's host and port: they
 * are net's, whose host is borrowed as long as the login's texts. */
struct smtp_client *smtp_client_new(struct net_loop *loop, const struct net_params *net,
	const struct smtp_session_params *session, struct fail *f);
/* On a connected socket, taken over even on failure; session->greeting as given. */
struct smtp_client *smtp_client_adopt(
	struct net_loop *loop, int fd, const struct smtp_session_params *session, struct fail *f);
/* Drops the connection where it stands; smtp_client_quit first to part in peace.
 * Messages without their DONE must not exist. */
void smtp_client_free(struct smtp_client **c);

/* As smtp_session_event; reads from the connection as long as it has bytes. */
bool smtp_client_event(struct smtp_client *c, struct smtp_event *ev);
/* Writes what there is to write and the connection takes. */
void smtp_client_flush(struct smtp_client *c);
/* When to call smtp_client_event again even without news (monotonic ms, as
 * time_monotonic); 0: at once, an event waits; INT64_MAX: no need. */
int64_t smtp_client_deadline(const struct smtp_client *c);

size_t smtp_client_room(const struct smtp_client *c);
void smtp_client_submit(struct smtp_client *c, const struct smtp_message *m);
void smtp_client_commit(struct smtp_client *c, uint64_t id);
void smtp_client_abandon(struct smtp_client *c, uint64_t id);
void smtp_client_quit(struct smtp_client *c);
/* Ends the connection now: messages in flight become UNSENT or UNCERTAIN, CLOSED
 * comes with these words. */
void smtp_client_drop(struct smtp_client *c, struct view why);

bool smtp_client_open(const struct smtp_client *c); /* OPEN has come, CLOSED has not */
const struct smtp_caps *smtp_client_caps(const struct smtp_client *c);
/* Of the connection or of the login. */
enum net_trouble smtp_client_trouble(const struct smtp_client *c);
#endif
