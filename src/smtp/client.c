#include "smtp/client.h"
#include <stdlib.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"

enum { CLIENT_READ_SIZE = 16384 };

struct smtp_client {
	struct net_conn *conn;
	struct smtp_session *session;
	bool deaf;	     /* the peer takes no more bytes; what it said is still read */
	bool opened, closed; /* OPEN, CLOSED were told */
	bool dropped;	     /* before the connection was made, for this reason: */
	struct fail drop_why;
	char in[CLIENT_READ_SIZE];
};

static struct smtp_client *client_make(
	struct net_conn *conn, const struct smtp_session_params *params, struct fail *f)
{
	struct smtp_client *c;

	if (conn == NULL)
		return NULL;
	c = mem_alloc(sizeof *c);
	c->conn = conn;
	c->session = smtp_session_new(params, time_monotonic(), f);
	if (c->session == NULL)
		smtp_client_free(&c);
	return c;
}

static int client_check_login(
	const struct net_params *net, const struct net_login *login, struct fail *f)
{
	const char *host = net->host == NULL ? "" : net->host;

	if (login->kinds == 0)
		return 0;
	if (login->username.len == 0)
		return fail_set(f, FAIL_CONF, _("the login to %s lacks a user name"), host);
	if (net->tls == NET_TLS_NONE && !login->secure)
		return fail_set(f, FAIL_CONF,
			_("a password would go to %s in clear text: use tls: starttls or tls: "
			  "implicit"),
			host);
	return 0;
}

struct smtp_client *smtp_client_new(struct net_loop *loop, const struct net_params *net,
	const struct smtp_session_params *session, struct fail *f)
{
	struct smtp_session_params params = *session;

	if (client_check_login(net, &session->login, f) != 0)
		return NULL;
	params.greeting = false;
	params.hello_said = true;
	params.login.secure = true; /* it was checked, and libcurl never leaves TLS out */
	params.login.host = net->host;
	params.login.port = net->port;
	return client_make(net_conn_open(loop, net, f), &params, f);
}

struct smtp_client *smtp_client_adopt(
	struct net_loop *loop, int fd, const struct smtp_session_params *session, struct fail *f)
{
	return client_make(net_conn_adopt(loop, fd, f), session, f);
}

void smtp_client_free(struct smtp_client **c)
{
	struct smtp_client *dead = *c;

	if (dead == NULL)
		return;
	*c = NULL;
	smtp_session_free(&dead->session);
	net_conn_close(&dead->conn);
	free(dead);
}

static void client_lost(struct smtp_client *c)
{
	const struct fail *f = net_conn_fail(c->conn);

	smtp_session_lost(c->session, view_of(f->text));
}

/* More bytes for the session, or its end. False: nothing new. Once the peer takes no
 * more bytes it can answer nothing more: what it has said is read, then it is over. */
static bool client_read(struct smtp_client *c)
{
	size_t n = 0;

	if (!net_conn_readable(c->conn) && (!c->deaf || smtp_session_closed(c->session)))
		return false;
	switch (net_conn_recv(c->conn, c->in, sizeof c->in, &n)) {
	case NET_IO_DONE:
		smtp_session_at(c->session, time_monotonic());
		smtp_session_feed(c->session, view_make(c->in, n));
		return true;
	case NET_IO_END:
		client_lost(c);
		return true;
	case NET_IO_WAIT:
		if (c->deaf)
			client_lost(c);
		return c->deaf;
	}
	return false;
}

/* The connection was never made: its one event. */
static bool client_event_failed(struct smtp_client *c, struct smtp_event *ev)
{
	const struct fail *f = c->dropped ? &c->drop_why : net_conn_fail(c->conn);

	c->closed = true;
	*ev = (struct smtp_event){.kind = SMTP_EVENT_CLOSED,
		.closed = SMTP_CLOSED_CONNECT,
		.reply = {.code = net_conn_reply_code(c->conn), .text = view_of(f->text)},
		.fail = f};
	return true;
}

static bool client_never_opened(const struct smtp_client *c)
{
	enum net_state state = net_conn_state(c->conn);

	return state == NET_FAILED || (state == NET_CONNECTING && c->dropped);
}

bool smtp_client_event(struct smtp_client *c, struct smtp_event *ev)
{
	bool expired = false;

	if (c->closed)
		return false;
	if (client_never_opened(c))
		return client_event_failed(c, ev);
	if (net_conn_state(c->conn) != NET_OPEN)
		return false;
	for (;;) {
		if (smtp_session_event(c->session, ev)) {
			c->opened = c->opened || ev->kind == SMTP_EVENT_OPEN;
			c->closed = ev->kind == SMTP_EVENT_CLOSED;
			return true;
		}
		if (client_read(c))
			continue;
		if (expired)
			return false;
		expired = true;
		smtp_session_at(c->session, time_monotonic());
		smtp_session_expire(c->session);
	}
}

void smtp_client_flush(struct smtp_client *c)
{
	if (c->closed || c->deaf || net_conn_state(c->conn) != NET_OPEN)
		return;
	smtp_session_at(c->session, time_monotonic());
	for (;;) {
		struct view out;
		size_t n = 0;

		if (!net_conn_writable(c->conn))
			return;
		out = smtp_session_output(c->session);
		if (out.len == 0)
			return;
		switch (net_conn_send(c->conn, out, &n)) {
		case NET_IO_DONE:
			smtp_session_written(c->session, n);
			break;
		case NET_IO_WAIT:
			return;
		case NET_IO_END:
			c->deaf = true;
			return;
		}
	}
}

int64_t smtp_client_deadline(const struct smtp_client *c)
{
	if (c->closed)
		return INT64_MAX;
	if (client_never_opened(c))
		return 0;
	if (net_conn_state(c->conn) != NET_OPEN)
		return INT64_MAX; /* the loop watches over the set-up */
	return c->deaf || smtp_session_pending(c->session) ? 0 : smtp_session_deadline(c->session);
}

size_t smtp_client_room(const struct smtp_client *c)
{
	return c->closed ? 0 : smtp_session_room(c->session);
}

void smtp_client_submit(struct smtp_client *c, const struct smtp_message *m)
{
	smtp_session_submit(c->session, m);
}

void smtp_client_commit(struct smtp_client *c, uint64_t id)
{
	smtp_session_commit(c->session, id);
}

void smtp_client_abandon(struct smtp_client *c, uint64_t id)
{
	smtp_session_abandon(c->session, id);
}

void smtp_client_quit(struct smtp_client *c)
{
	smtp_session_quit(c->session);
}

void smtp_client_drop(struct smtp_client *c, struct view why)
{
	if (net_conn_state(c->conn) == NET_OPEN) {
		smtp_session_drop(c->session, why);
		return;
	}
	c->dropped = true;
	(void)fail_set(&c->drop_why, FAIL_TEMP, "%.*s", VIEW_ARG(why));
}

bool smtp_client_open(const struct smtp_client *c)
{
	return c->opened && !c->closed;
}

const struct smtp_caps *smtp_client_caps(const struct smtp_client *c)
{
	return smtp_session_caps(c->session);
}

enum net_trouble smtp_client_trouble(const struct smtp_client *c)
{
	enum net_trouble trouble = smtp_session_trouble(c->session);

	return trouble != NET_TROUBLE_NONE ? trouble : net_conn_trouble(c->conn);
}
