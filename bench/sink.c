/* sink - a mail server that keeps nothing, as fast as one thread can, and counts what came.
 *
 *	sink [--no-pipelining] [--no-chunking]
 *
 * Listens on 127.0.0.1 on a free port, which is its first line. SIGUSR1 prints a line of JSON
 * about everything since the last one, SIGTERM ends it:
 *	{"sessions":10,"messages":500,"recipients":500,"bytes":1150000,"ids":500,"strange":0}
 * bytes are those of the content as it was meant (dots undone), ids the different Message-IDs.
 * strange counts what a strict server would refuse: an unknown command or one out of order, a
 * line that ends in LF alone, a CR inside a line, content that comes before the 354 it needs.
 * All commands that lie in a buffer are answered in one write. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "bench/sink.h"

enum { BACKLOG = 1024, EVENTS = 64 };

struct sink sink = {.pipelining = true, .chunking = true};

/* --- sockets ---------------------------------------------------------------- */

/* Writes what it can; -1 when the session is over. */
static int flush(struct session *s)
{
	size_t sent = 0;

	while (sent < s->out.len) {
		ssize_t n = send(s->fd, s->out.p + sent, s->out.len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return -1;
		sent += (size_t)n;
	}
	memmove(s->out.p, s->out.p + sent, s->out.len - sent);
	str_cut(&s->out, s->out.len - sent);
	return s->quit && s->out.len == 0 ? -1 : 0;
}

/* Reads until there is nothing; nothing is read while answers do not get away. */
static int serve(struct session *s)
{
	while (flush(s) == 0) {
		ssize_t n;

		if (s->out.len > REPLIES / 2)
			return 0;
		n = recv(s->fd, s->in + s->len, BUFFER - s->len, 0);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -1;
		s->len += (size_t)n;
		session_take(s);
	}
	return -1;
}

static void session_close(struct session *s)
{
	(void)close(s->fd);
	str_free(&s->out);
	free(s);
}

static void watch(int epoll, int fd, void *what, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = what};

	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void greet(int epoll, int listener)
{
	int fd = accept(listener, NULL, NULL);
	const int on = 1;
	struct session *s;

	if (fd < 0)
		return;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	s = mem_alloc(sizeof *s);
	s->fd = fd;
	str_init(&s->out, REPLIES);
	session_greet(s);
	watch(epoll, fd, s, EPOLLIN | EPOLLOUT | EPOLLET);
}

static int listen_anywhere(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, BACKLOG) != 0 ||
		getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("sink: listen");
		exit(71);
	}
	(void)printf("%u\n", (unsigned)ntohs(a.sin_port));
	(void)fflush(stdout);
	return fd;
}

static int hear_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

/* false: the end. */
static bool obey(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof info) != (ssize_t)sizeof info || info.ssi_signo == SIGTERM)
		return false;
	(void)printf("{\"sessions\":%llu,\"messages\":%llu,\"recipients\":%llu,\"bytes\":%llu,"
		     "\"ids\":%llu,\"strange\":%llu}\n",
		(unsigned long long)sink.tally.sessions, (unsigned long long)sink.tally.messages,
		(unsigned long long)sink.tally.recipients, (unsigned long long)sink.tally.bytes,
		(unsigned long long)sink.tally.ids, (unsigned long long)sink.tally.strange);
	(void)fflush(stdout);
	sink.tally = (struct tally){0};
	session_forget_ids();
	return true;
}

static void run(int epoll, int listener, int signals)
{
	struct epoll_event ev[EVENTS];

	for (;;) {
		int n = epoll_wait(epoll, ev, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			struct session *s = ev[i].data.ptr;

			if (ev[i].data.ptr == &sink) {
				if (!obey(signals))
					return;
			} else if (s == NULL) {
				greet(epoll, listener);
			} else if (serve(s) < 0) {
				session_close(s);
			}
		}
	}
}

int main(int argc, char **argv)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), signals = hear_signals(), listener;

	for (int i = 1; i < argc; i++) {
		if (view_is(view_of(argv[i]), "--no-pipelining"))
			sink.pipelining = false;
		else if (view_is(view_of(argv[i]), "--no-chunking"))
			sink.chunking = false;
		else
			return 64;
	}
	session_forget_ids();
	listener = listen_anywhere();
	watch(epoll, listener, NULL, EPOLLIN);
	watch(epoll, signals, &sink, EPOLLIN);
	run(epoll, listener, signals);
	return 0;
}
