#include "net/conn.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "net/net_private.h"

static struct net_conn *conn_make(struct net_loop *loop)
{
	struct net_conn *conn = mem_alloc(sizeof *conn);

	conn->loop = loop;
	conn->fd = -1;
	str_init(&conn->said, NET_SAID_MAX);
	str_init(&conn->hello, NET_HELLO_MAX);
	return conn;
}

struct net_conn *net_conn_open(
	struct net_loop *loop, const struct net_params *params, struct fail *f)
{
	struct net_conn *conn = conn_make(loop);

	conn->easy = curl_easy_init();
	if (conn->easy == NULL)
		mem_out();
	if (net_conn_setup(conn, params, f) != 0 || net_loop_begin_setup(loop, conn, f) != 0)
		net_conn_close(&conn);
	return conn;
}

struct net_conn *net_conn_adopt(struct net_loop *loop, int fd, struct fail *f)
{
	struct net_conn *conn = conn_make(loop);
	int flags = fcntl(fd, F_GETFL);

	conn->fd = fd;
	conn->raw = true;
	conn->state = NET_OPEN;
	conn->readable = conn->writable = true;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		(void)fail_set(f, FAIL_TEMP, _("cannot use a socket: %s"), strerror(errno));
	else if (net_loop_add(loop, conn, f) == 0)
		return conn;
	net_conn_close(&conn);
	return NULL;
}

void net_conn_close(struct net_conn **conn)
{
	struct net_conn *dead = *conn;

	if (dead == NULL)
		return;
	*conn = NULL;
	if (dead->fd >= 0)
		net_loop_remove(dead->loop, dead);
	if (dead->easy != NULL) {
		net_loop_end_setup(dead->loop, dead);
		(void)curl_multi_remove_handle(dead->multi, dead->easy); /* closes the socket */
		curl_easy_cleanup(dead->easy);
		(void)curl_multi_cleanup(dead->multi);
	} else if (dead->fd >= 0) {
		(void)close(dead->fd);
	}
	str_free(&dead->hello);
	str_free(&dead->said);
	free(dead);
}

static int conn_take_socket(struct net_conn *conn)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	if (curl_easy_getinfo(conn->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
		fd == CURL_SOCKET_BAD)
		return -1;
	conn->fd = fd;
	return net_loop_add(conn->loop, conn, &conn->fail);
}

void net_conn_set_up(struct net_conn *conn, CURLcode result)
{
	enum net_trouble trouble = NET_TROUBLE_NONE;

	if (result != CURLE_OK)
		trouble = net_trouble_of(conn, result);
	else if (!str_ok(&conn->hello))
		trouble = NET_TROUBLE_GREETING; /* longer than any that makes sense */
	else if (conn_take_socket(conn) != 0)
		trouble = NET_TROUBLE_NETWORK;
	if (trouble != NET_TROUBLE_NONE) {
		net_trouble_tell(conn, trouble);
		conn->state = NET_FAILED;
		return;
	}
	conn->state = NET_OPEN;
	conn->readable = conn->writable = true;
}

enum net_state net_conn_state(const struct net_conn *conn)
{
	return conn->state;
}

const struct fail *net_conn_fail(const struct net_conn *conn)
{
	return &conn->fail;
}

enum net_trouble net_conn_trouble(const struct net_conn *conn)
{
	return conn->trouble;
}

int net_conn_reply_code(const struct net_conn *conn)
{
	return conn->reply_code;
}

bool net_conn_readable(const struct net_conn *conn)
{
	return conn->state == NET_OPEN && conn->readable;
}

bool net_conn_writable(const struct net_conn *conn)
{
	return conn->state == NET_OPEN && conn->writable;
}

static enum net_io conn_end(struct net_conn *conn, const char *why)
{
	(void)fail_set(&conn->fail, FAIL_TEMP, "%s", why);
	return NET_IO_END;
}

static enum net_io raw_result(struct net_conn *conn, ssize_t got, size_t *n)
{
	if (got > 0) {
		*n = (size_t)got;
		return NET_IO_DONE;
	}
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return NET_IO_WAIT;
	return conn_end(conn, got == 0 ? _("the server closed the connection") : strerror(errno));
}

static enum net_io raw_recv(struct net_conn *conn, char *buf, size_t cap, size_t *n)
{
	enum net_io io;

	do
		io = raw_result(conn, recv(conn->fd, buf, cap, 0), n);
	while (io == NET_IO_WAIT && errno == EINTR);
	/* Less than asked for: the socket is empty, and its next bytes are another
	 * edge (epoll(7)). An end that has come already is none: read on to it. */
	if (io == NET_IO_DONE && *n < cap && !conn->hung_up)
		conn->readable = false;
	return io;
}

static enum net_io raw_send(struct net_conn *conn, struct view bytes, size_t *n)
{
	enum net_io io;

	do
		io = raw_result(conn, send(conn->fd, bytes.p, bytes.len, MSG_NOSIGNAL), n);
	while (io == NET_IO_WAIT && errno == EINTR);
	return io;
}

static enum net_io curl_result(struct net_conn *conn, CURLcode result, const size_t *n)
{
	if (result == CURLE_AGAIN)
		return NET_IO_WAIT;
	if (result == CURLE_OK && *n > 0)
		return NET_IO_DONE;
	return conn_end(conn, result == CURLE_OK ? _("the server closed the connection")
						 : curl_easy_strerror(result));
}

/* What libcurl has read already comes first. */
static bool recv_hello(struct net_conn *conn, char *buf, size_t cap, size_t *n)
{
	struct view left = view_from(str_view(&conn->hello), conn->hello_read);

	if (left.len == 0)
		return false;
	*n = left.len < cap ? left.len : cap;
	memcpy(buf, left.p, *n);
	conn->hello_read += *n;
	return true;
}

enum net_io net_conn_recv(struct net_conn *conn, char *buf, size_t cap, size_t *n)
{
	enum net_io io;

	*n = 0;
	if (recv_hello(conn, buf, cap, n))
		return NET_IO_DONE;
	if (conn->raw)
		io = raw_recv(conn, buf, cap, n);
	else
		io = curl_result(conn, curl_easy_recv(conn->easy, buf, cap, n), n);
	if (io != NET_IO_DONE)
		conn->readable = false;
	return io;
}

enum net_io net_conn_send(struct net_conn *conn, struct view bytes, size_t *n)
{
	enum net_io io;

	*n = 0;
	if (conn->raw)
		io = raw_send(conn, bytes, n);
	else
		io = curl_result(conn, curl_easy_send(conn->easy, bytes.p, bytes.len, n), n);
	if (io != NET_IO_DONE)
		conn->writable = false;
	return io;
}
