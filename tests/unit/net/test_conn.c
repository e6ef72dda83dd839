#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/time.h"
#include "net/conn.h"
#include "net/loop.h"

enum { CHUNK = 65536, SOON = 2000 };

struct pair {
	struct net_loop *loop;
	struct net_conn *conn;
	int peer;
};

static int pair_open(void **state)
{
	static struct pair p;
	struct fail f;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	p.loop = net_loop_new(&f);
	assert_non_null(p.loop);
	p.conn = net_conn_adopt(p.loop, fds[0], &f);
	assert_non_null(p.conn);
	p.peer = fds[1];
	*state = &p;
	return 0;
}

static int pair_close(void **state)
{
	struct pair *p = *state;

	net_conn_close(&p->conn);
	net_loop_free(&p->loop);
	if (p->peer >= 0)
		(void)close(p->peer);
	return 0;
}

static void turn(struct pair *p, int ms)
{
	struct fail f;

	assert_int_equal(net_loop_run(p->loop, ms, &f), 0);
}

static void test_recv(void **state)
{
	struct pair *p = *state;
	char buf[16];
	size_t n;

	assert_int_equal(net_conn_state(p->conn), NET_OPEN);
	assert_int_equal(net_conn_recv(p->conn, buf, sizeof buf, &n), NET_IO_WAIT);
	assert_false(net_conn_readable(p->conn));
	assert_int_equal(write(p->peer, "hello", 5), 5);
	turn(p, SOON);
	assert_true(net_conn_readable(p->conn));
	assert_int_equal(net_conn_recv(p->conn, buf, sizeof buf, &n), NET_IO_DONE);
	assert_int_equal(n, 5);
	assert_memory_equal(buf, "hello", 5);
	/* Less than asked for: empty, without asking again. */
	assert_false(net_conn_readable(p->conn));
	assert_int_equal(write(p->peer, "again", 5), 5);
	turn(p, SOON);
	assert_true(net_conn_readable(p->conn));
}

/* The end that came together with the last bytes must not be missed. */
static void test_end_with_bytes(void **state)
{
	struct pair *p = *state;
	char buf[16];
	size_t n;

	turn(p, 0);
	(void)net_conn_recv(p->conn, buf, sizeof buf, &n);
	assert_int_equal(write(p->peer, "bye", 3), 3);
	(void)close(p->peer);
	p->peer = -1;
	turn(p, SOON);
	assert_int_equal(net_conn_recv(p->conn, buf, sizeof buf, &n), NET_IO_DONE);
	assert_int_equal(n, 3);
	assert_true(net_conn_readable(p->conn));
	assert_int_equal(net_conn_recv(p->conn, buf, sizeof buf, &n), NET_IO_END);
	assert_true(net_conn_fail(p->conn)->text[0] != '\0');
	assert_false(net_conn_readable(p->conn));
}

static size_t send_until_wait(struct pair *p, const char *bytes)
{
	size_t all = 0, n;

	while (net_conn_send(p->conn, view_make(bytes, CHUNK), &n) == NET_IO_DONE)
		all += n;
	return all;
}

static void test_send(void **state)
{
	static char bytes[CHUNK], got[CHUNK];
	struct pair *p = *state;
	size_t all = send_until_wait(p, bytes);

	assert_true(all > 0);
	assert_false(net_conn_writable(p->conn));
	while (all > 0) {
		ssize_t r = read(p->peer, got, sizeof got);

		assert_true(r > 0);
		all -= (size_t)r;
	}
	turn(p, SOON);
	assert_true(net_conn_writable(p->conn));
}

static void test_send_to_nobody(void **state)
{
	struct pair *p = *state;
	size_t n;

	(void)close(p->peer);
	p->peer = -1;
	assert_int_equal(net_conn_send(p->conn, VIEW("x"), &n), NET_IO_END);
}

static void test_wake(void **state)
{
	struct pair *p = *state;
	int64_t began;

	turn(p, 0); /* the socket is writable: the first edge */
	began = time_monotonic();
	net_loop_wake(p->loop);
	net_loop_wake(p->loop);
	turn(p, SOON);
	assert_true(time_monotonic() - began < SOON);
	began = time_monotonic();
	turn(p, 20);
	assert_true(time_monotonic() - began >= 19);
}

static const struct params_case {
	const char *name;
	struct net_params params;
} bad_params[] = {
	{"no host", {.host = "", .port = 25, .tls = NET_TLS_NONE}},
	{"no port", {.host = "mail.example.org", .tls = NET_TLS_NONE}},
	{"a path in the host", {.host = "mail.example.org/x", .port = 25}},
	{"a login in the host", {.host = "ana:pw@mail.example.org", .port = 25}},
	{"a line in the host", {.host = "mail.example.org\r\nRSET", .port = 25}},
};

static void test_bad_params(void **state)
{
	struct pair *p = *state;

	for (size_t i = 0; i < sizeof bad_params / sizeof *bad_params; i++) {
		struct fail f = {0};

		print_message("%s\n", bad_params[i].name);
		assert_null(net_conn_open(p->loop, &bad_params[i].params, &f));
		assert_int_equal(f.kind, FAIL_CONF);
	}
}

/* Closing in the middle of the set-up leaves nothing behind. */
static void test_close_early(void **state)
{
	const struct net_params params = {
		.host = "127.0.0.1", .port = 9, .tls = NET_TLS_STARTTLS, .helo = "c.example.org"};
	struct pair *p = *state;
	struct fail f;

	for (int turns = 0; turns < 3; turns++) {
		struct net_conn *conn = net_conn_open(p->loop, &params, &f);

		assert_non_null(conn);
		for (int i = 0; i < turns; i++)
			turn(p, 1);
		net_conn_close(&conn);
		assert_null(conn);
		turn(p, 1);
	}
}

/* A server that greets and answers EHLO, as far as the turns of the loop go. */
struct greeter {
	int listener, fd;
	bool greeted, answered;
	uint16_t port;
};

static void greeter_open(struct greeter *g)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;

	*g = (struct greeter){.fd = -1};
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(g->listener, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(g->listener, 1), 0);
	assert_int_equal(getsockname(g->listener, (struct sockaddr *)&at, &len), 0);
	g->port = ntohs(at.sin_port);
	assert_int_equal(fcntl(g->listener, F_SETFL, O_NONBLOCK), 0);
}

static void greeter_turn(struct greeter *g)
{
	char buf[64];

	if (g->fd < 0)
		g->fd = accept(g->listener, NULL, NULL);
	if (g->fd >= 0 && !g->greeted)
		g->greeted = write(g->fd, "220 mx\r\n", 8) == 8;
	if (g->greeted && !g->answered && recv(g->fd, buf, sizeof buf, MSG_DONTWAIT) > 0)
		g->answered = write(g->fd, "250 mx\r\n", 8) == 8;
}

static void greeter_close(struct greeter *g)
{
	(void)close(g->listener);
	if (g->fd >= 0)
		(void)close(g->fd);
}

static struct net_conn *connect_to(struct pair *p, struct greeter *g)
{
	const struct net_params params = {
		.host = "127.0.0.1", .port = g->port, .tls = NET_TLS_NONE, .helo = "c.example.org"};
	struct fail f;
	struct net_conn *conn = net_conn_open(p->loop, &params, &f);

	assert_non_null(conn);
	for (int i = 0; i < 200 && net_conn_state(conn) == NET_CONNECTING; i++) {
		turn(p, 10);
		greeter_turn(g);
	}
	assert_int_equal(net_conn_state(conn), NET_OPEN);
	return conn;
}

/* libcurl looks after the idle connections of a multi whenever it makes another
 * there, and closes those it takes for dead or too old: ours must be out of its sight. */
static void test_another_connection(void **state)
{
	struct pair *p = *state;
	struct greeter one, two;
	struct net_conn *a, *b;
	char buf[16];
	size_t n;

	greeter_open(&one);
	greeter_open(&two);
	a = connect_to(p, &one);
	assert_int_equal(write(one.fd, "hello", 5), 5);
	(void)poll(NULL, 0, 1100); /* it looks once a second at most */
	b = connect_to(p, &two);
	/* First what was answered to EHLO, in pieces as small as one asks for. */
	assert_int_equal(net_conn_recv(a, buf, 6, &n), NET_IO_DONE);
	assert_memory_equal(buf, "250 mx", 6);
	assert_int_equal(net_conn_recv(a, buf, sizeof buf, &n), NET_IO_DONE);
	assert_int_equal(n, 2);
	assert_int_equal(net_conn_recv(a, buf, sizeof buf, &n), NET_IO_DONE);
	assert_int_equal(n, 5);
	assert_memory_equal(buf, "hello", 5);
	net_conn_close(&a);
	net_conn_close(&b);
	greeter_close(&one);
	greeter_close(&two);
}

#define ON_A_PAIR(test) cmocka_unit_test_setup_teardown(test, pair_open, pair_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_PAIR(test_recv),
		ON_A_PAIR(test_end_with_bytes),
		ON_A_PAIR(test_send),
		ON_A_PAIR(test_send_to_nobody),
		ON_A_PAIR(test_wake),
		ON_A_PAIR(test_bad_params),
		ON_A_PAIR(test_close_early),
		ON_A_PAIR(test_another_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
