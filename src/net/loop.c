#include "net/loop.h"
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/net_private.h"

enum { EVENTS_MAX = 64, TIMEOUT_MAX = 3600000 };

static int on_curl_timer(CURLM *multi, long timeout_ms, void *user)
{
	struct net_conn *conn = user;

	(void)multi;
	conn->curl_due = timeout_ms < 0 ? INT64_MAX : time_monotonic() + timeout_ms;
	return 0;
}

static int epoll_put(int epoll, int fd, struct epoll_event *ev)
{
	if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, ev) == 0)
		return 0;
	return errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, fd, ev) : -1;
}

/* Which set-up and which socket, in one number for epoll. */
static uint64_t socket_tag(size_t slot, curl_socket_t fd)
{
	return (uint64_t)slot << 32 | (uint32_t)fd;
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
	struct net_conn *conn = user;
	struct epoll_event ev = {.data.u64 = socket_tag(conn->slot, fd)};

	(void)easy;
	(void)socket_user;
	if (what == CURL_POLL_REMOVE) {
		/* libcurl may have closed it already, which removed it too. */
		(void)epoll_ctl(conn->loop->curl_epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if ((what & CURL_POLL_IN) != 0)
		ev.events |= EPOLLIN;
	if ((what & CURL_POLL_OUT) != 0)
		ev.events |= EPOLLOUT;
	/* A set-up that nobody watches would never end, and one that libcurl is told to abort
	 * here never says so. */
	conn->unwatched = epoll_put(conn->loop->curl_epoll, fd, &ev) != 0 || conn->unwatched;
	return 0;
}

/* The sets and the bell; the pointer in an event tells which it is: &curl_epoll for
 * libcurl's set, &wake for the bell, else a connection. */
static int loop_open_fds(struct net_loop *loop)
{
	struct epoll_event curl = {.events = EPOLLIN, .data.ptr = &loop->curl_epoll};
	struct epoll_event wake = {.events = EPOLLIN, .data.ptr = &loop->wake};

	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->curl_epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->curl_epoll < 0 || loop->wake < 0)
		return -1;
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->curl_epoll, &curl) != 0)
		return -1;
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &wake);
}

/* For libcurl, which would take some lacks of memory for errors of the network. */
static void *mem_items(size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		mem_out();
	return mem_alloc(n * size);
}

struct net_loop *net_loop_new(struct fail *f)
{
	struct net_loop *loop = mem_alloc(sizeof *loop);

	loop->epoll = loop->curl_epoll = loop->wake = -1;
	vec_init(&loop->setups, sizeof(struct net_conn *));
	/* TLS writes into a socket that the peer has reset. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (loop_open_fds(loop) != 0) {
		(void)fail_set(f, FAIL_TEMP, _("cannot prepare for network connections: %s"),
			strerror(errno));
		net_loop_free(&loop);
	} else if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_alloc, free, mem_grow, mem_dupz,
			   mem_items) != CURLE_OK) {
		(void)fail_set(f, FAIL_TEMP,
			_("cannot prepare for network connections: libcurl does not start"));
		net_loop_free(&loop);
	}
	return loop;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void net_loop_free(struct net_loop **loop)
{
	struct net_loop *dead = *loop;

	if (dead == NULL)
		return;
	*loop = NULL;
	vec_free(&dead->setups);
	close_fd(dead->epoll);
	close_fd(dead->curl_epoll);
	close_fd(dead->wake);
	free(dead);
}

int net_loop_add(struct net_loop *loop, struct net_conn *conn, struct fail *f)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = conn};

	if (epoll_put(loop->epoll, conn->fd, &ev) != 0)
		return fail_set(f, FAIL_TEMP, _("cannot watch a connection: %s"), strerror(errno));
	return 0;
}

void net_loop_remove(struct net_loop *loop, const struct net_conn *conn)
{
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, conn->fd, NULL);
}

void net_loop_wake(struct net_loop *loop)
{
	const uint64_t one = 1;
	int kept = errno;

	/* Full means that it rings already. */
	(void)!write(loop->wake, &one, sizeof one);
	errno = kept;
}

static void wake_read(const struct net_loop *loop)
{
	uint64_t rung;

	(void)!read(loop->wake, &rung, sizeof rung);
}

static struct net_conn **setup_at(const struct net_loop *loop, size_t slot)
{
	return vec_at(&loop->setups, slot);
}

static size_t setup_slot(struct net_loop *loop)
{
	for (size_t i = 0; i < loop->setups.len; i++) {
		if (*setup_at(loop, i) == NULL)
			return i;
	}
	(void)vec_push(&loop->setups);
	return loop->setups.len - 1;
}

int net_loop_begin_setup(struct net_loop *loop, struct net_conn *conn, struct fail *f)
{
	conn->multi = curl_multi_init();
	if (conn->multi == NULL)
		mem_out();
	conn->curl_due = INT64_MAX;
	conn->slot = setup_slot(loop);
	if (curl_multi_setopt(conn->multi, CURLMOPT_SOCKETFUNCTION, on_curl_socket) != CURLM_OK ||
		curl_multi_setopt(conn->multi, CURLMOPT_SOCKETDATA, conn) != CURLM_OK ||
		curl_multi_setopt(conn->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer) != CURLM_OK ||
		curl_multi_setopt(conn->multi, CURLMOPT_TIMERDATA, conn) != CURLM_OK ||
		curl_multi_add_handle(conn->multi, conn->easy) != CURLM_OK)
		return fail_set(f, FAIL_TEMP, _("cannot begin a connection to %s"), conn->host);
	*setup_at(loop, conn->slot) = conn;
	return 0;
}

void net_loop_end_setup(struct net_loop *loop, struct net_conn *conn)
{
	if (conn->slot < loop->setups.len && *setup_at(loop, conn->slot) == conn)
		*setup_at(loop, conn->slot) = NULL;
}

static void curl_sockets_turn(struct net_loop *loop)
{
	struct epoll_event evs[EVENTS_MAX];
	int n = epoll_wait(loop->curl_epoll, evs, EVENTS_MAX, 0);

	for (int i = 0; i < n; i++) {
		struct net_conn *conn = *setup_at(loop, (size_t)(evs[i].data.u64 >> 32));
		int what = 0, running;

		if (conn == NULL)
			continue;
		if ((evs[i].events & EPOLLIN) != 0)
			what |= CURL_CSELECT_IN;
		if ((evs[i].events & EPOLLOUT) != 0)
			what |= CURL_CSELECT_OUT;
		if ((evs[i].events & (EPOLLERR | EPOLLHUP)) != 0)
			what |= CURL_CSELECT_ERR;
		(void)curl_multi_socket_action(
			conn->multi, (curl_socket_t)(evs[i].data.u64 & UINT32_MAX), what, &running);
	}
}

static void curl_timer_turn(struct net_conn *conn)
{
	int running;

	if (time_monotonic() < conn->curl_due)
		return;
	conn->curl_due = INT64_MAX;
	(void)curl_multi_socket_action(conn->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/* The timers of the set-ups, and those that have come to their end. */
static void setups_turn(struct net_loop *loop)
{
	for (size_t i = 0; i < loop->setups.len; i++) {
		struct net_conn *conn = *setup_at(loop, i);
		CURLMsg *msg;
		int left;

		if (conn == NULL)
			continue;
		curl_timer_turn(conn);
		msg = curl_multi_info_read(conn->multi, &left);
		if (!conn->unwatched && (msg == NULL || msg->msg != CURLMSG_DONE))
			continue;
		net_loop_end_setup(loop, conn);
		net_conn_set_up(conn, conn->unwatched ? CURLE_COULDNT_CONNECT : msg->data.result);
	}
}

static void conn_news(struct net_conn *conn, uint32_t events)
{
	bool over = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;

	conn->hung_up = conn->hung_up || over;
	conn->readable = conn->readable || over || (events & EPOLLIN) != 0;
	conn->writable = conn->writable || (events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0;
}

/* How long epoll may wait: until a timer of libcurl's or the caller's. */
static int loop_wait_ms(const struct net_loop *loop, int timeout_ms)
{
	int64_t due = INT64_MAX, left;

	for (size_t i = 0; i < loop->setups.len; i++) {
		const struct net_conn *conn = *setup_at(loop, i);

		if (conn != NULL && conn->curl_due < due)
			due = conn->curl_due;
	}
	if (due == INT64_MAX)
		return timeout_ms;
	left = due - time_monotonic();
	if (left <= 0)
		return 0;
	if (left > TIMEOUT_MAX)
		left = TIMEOUT_MAX;
	return timeout_ms >= 0 && timeout_ms < left ? timeout_ms : (int)left;
}

int net_loop_run(struct net_loop *loop, int timeout_ms, struct fail *f)
{
	struct epoll_event evs[EVENTS_MAX];
	int n = epoll_wait(loop->epoll, evs, EVENTS_MAX, loop_wait_ms(loop, timeout_ms));

	if (n < 0 && errno != EINTR)
		return fail_set(
			f, FAIL_TEMP, _("cannot wait for the network: %s"), strerror(errno));
	for (int i = 0; i < n; i++) {
		if (evs[i].data.ptr == &loop->curl_epoll)
			curl_sockets_turn(loop);
		else if (evs[i].data.ptr == &loop->wake)
			wake_read(loop);
		else
			conn_news(evs[i].data.ptr, evs[i].events);
	}
	setups_turn(loop);
	return 0;
}
