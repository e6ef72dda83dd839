/* proxy - a bad network between a client and a server, both on this machine.
 *
 *	proxy --to PORT [--port PORT] [--delay MS] [--fault RULE]… [--stdin]
 *
 * Listens on 127.0.0.1 (on a free port if none is named), prints that port as its first
 * line, and joins each connection to 127.0.0.1:PORT. For each that ended a line of JSON:
 *	{"connection":1,"up":93,"down":210,"up_came":93,"down_came":210,"end":"ends"}
 * up is client to server, down the way back: bytes passed on, and bytes that came in. end:
 * ends (both sides closed), reset (by one of them), cut (by a rule), refused (no server).
 *
 * --delay MS   the round trip takes so much longer: what arrives leaves MS/2 later, in order,
 *              however much is on its way. Latency, not bandwidth. Connecting takes no time.
 * --fault RULE is WAY:KIND@BYTE[:ARGUMENTS][#CONNECTION]. Once BYTE bytes of that way (up or
 *              down) have passed and have been acknowledged, for connection 1, 2, … or each:
 *                close          both sides are closed, what is still on its way is lost
 *                rst            the same, with a reset
 *                half           the receiver hears the end of this way, the other way goes on
 *                stall[:MS]     nothing passes for MS ms, or for ever; it still takes what comes
 *                trickle:N:MS   from there on N bytes every MS ms
 *              For example up:rst@1000#2, down:stall@0, down:trickle@33:1:50.
 * --stdin      ends when its standard input does: with whoever started it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/view.h"

enum {
	READ_SIZE = 1 << 18,
	QUEUE_MAX = 1 << 26, /* bytes under way in one direction; beyond that it reads no more */
	PIECES_MAX = 64,     /* chunks in one write */
	RULES_MAX = 16,
	EVENTS_MAX = 128,
	BACKLOG = 512,
};
static const uint64_t NEVER = UINT64_MAX, MS = 1000000, SECOND = 1000000000,
		      RETRY = 1000000; /* ns */

enum way { UP, DOWN, WAYS };
enum rule_kind { RULE_CLOSE, RULE_RST, RULE_HALF, RULE_STALL, RULE_TRICKLE };
struct rule {
	enum way way;
	enum rule_kind kind;
	uint64_t at, connection; /* 0: each connection */
	uint64_t amount, every;	 /* trickle: bytes; trickle and stall: ns */
};

struct chunk {
	struct chunk *next;
	uint64_t due;
	size_t len, off;
	char data[];
};

struct end { /* a socket; epoll's events point here */
	struct link *link;
	int fd;
	bool readable, writable;
};

struct flow { /* one way of a connection */
	struct end *src, *dst;
	struct chunk *head, **tail;
	uint64_t came, passed, queued;
	uint64_t eof_due, held_until;  /* NEVER: not seen; for ever */
	uint64_t amount, every, quota; /* trickle: 0 for none; what may still pass now */
	bool eof, reset;	       /* its source has ended, with an error */
	bool done, deaf;	       /* its receiver has been told; what comes is dropped */
	bool fired[RULES_MAX];
};

struct link {
	struct link *next;
	uint64_t number;
	struct end side[2]; /* the client, the server */
	struct flow flow[WAYS];
	bool cut;
	const char *over; /* why, when it is */
};

static struct {
	int epoll;
	struct end listener, master; /* master: standard input */
	uint16_t to;
	uint64_t delay, now, connections;
	struct rule rules[RULES_MAX];
	size_t rule_count;
	struct link *links;
	char buffer[READ_SIZE];
} proxy;

_Noreturn static void die(const char *what)
{
	(void)fprintf(stderr, "proxy: %s\n", what);
	exit(64);
}

static uint64_t clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* --- the end of a connection --- */

static void report(const struct link *l)
{
	const struct flow *up = &l->flow[UP], *down = &l->flow[DOWN];

	printf("{\"connection\":%" PRIu64 ",\"up\":%" PRIu64 ",\"down\":%" PRIu64
	       ",\"up_came\":%" PRIu64 ",\"down_came\":%" PRIu64 ",\"end\":\"%s\"}\n",
		l->number, up->passed, down->passed, up->came, down->came, l->over);
	(void)fflush(stdout);
}

static void set_reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* Unread bytes would turn the close into a reset; they count as having come. */
static void drain(struct flow *f)
{
	ssize_t got;

	while ((got = recv(f->src->fd, proxy.buffer, READ_SIZE, MSG_DONTWAIT)) > 0)
		f->came += (uint64_t)got;
}

static void end_link(struct link *l, const char *why, bool reset)
{
	if (l->over != NULL)
		return;
	l->over = why;
	for (int i = 0; i < 2; i++) {
		if (l->side[i].fd < 0)
			continue;
		drain(&l->flow[i]);
		if (reset)
			set_reset(l->side[i].fd);
		(void)close(l->side[i].fd);
	}
	report(l);
}

static void free_link(struct link *l)
{
	for (int way = 0; way < WAYS; way++) {
		for (struct chunk *c = l->flow[way].head, *next; c != NULL; c = next) {
			next = c->next;
			free(c);
		}
	}
	free(l);
}

/* --- rules --- */

/* The next one that waits for this flow, or NULL: of two at the same byte the first. */
static struct rule *rule_ahead(const struct flow *f)
{
	struct rule *best = NULL;

	for (size_t i = 0; i < proxy.rule_count; i++) {
		struct rule *r = &proxy.rules[i];
		const struct link *l = f->src->link;

		if (f != &l->flow[r->way] || f->fired[i] || r->at < f->passed)
			continue;
		if (r->connection != 0 && r->connection != l->number)
			continue;
		if (best == NULL || r->at < best->at)
			best = r;
	}
	return best;
}

static void fire(struct flow *f, const struct rule *r)
{
	struct link *l = f->src->link;

	f->fired[r - proxy.rules] = true;
	if (r->kind == RULE_STALL) {
		f->held_until = r->every == NEVER ? NEVER : proxy.now + r->every;
	} else if (r->kind == RULE_TRICKLE) {
		f->amount = f->quota = r->amount;
		f->every = r->every;
	} else if (r->kind == RULE_HALF) {
		l->cut = f->done = f->deaf = true;
		(void)shutdown(f->dst->fd, SHUT_WR);
	} else {
		end_link(l, "cut", r->kind == RULE_RST);
	}
}

/* How many bytes may pass before the next rule; fires those that are due. A rule that cuts
 * waits until the receiver has acknowledged everything, so that it has got just so much. */
static uint64_t allowance(struct flow *f)
{
	const struct rule *r;

	while ((r = rule_ahead(f)) != NULL && r->at == f->passed) {
		int unsent = 0;

		if (f->passed > 0 && ioctl(f->dst->fd, TIOCOUTQ, &unsent) == 0 && unsent > 0) {
			f->held_until = proxy.now + RETRY;
			return 0;
		}
		fire(f, r);
		if (f->src->link->over != NULL || f->done || f->held_until > proxy.now)
			return 0;
	}
	return r == NULL ? NEVER : r->at - f->passed;
}

/* --- bytes in, bytes out --- */

static void queue_add(struct flow *f, size_t len)
{
	struct chunk *c = mem_alloc(sizeof *c + len);

	memcpy(c->data, proxy.buffer, len);
	c->len = len;
	c->due = proxy.now + proxy.delay;
	*f->tail = c;
	f->tail = &c->next;
	f->queued += len;
}

static void take_in(struct flow *f)
{
	while (f->src->readable && !f->eof && f->queued < QUEUE_MAX) {
		ssize_t got = recv(f->src->fd, proxy.buffer, READ_SIZE, MSG_DONTWAIT);

		if (got > 0) {
			f->came += (uint64_t)got;
			if (!f->deaf)
				queue_add(f, (size_t)got);
		} else if (got < 0 && errno == EAGAIN) {
			f->src->readable = false;
		} else if (got == 0 || errno != EINTR) {
			f->eof = true;
			f->reset = got < 0;
			f->eof_due = proxy.now + proxy.delay;
		}
	}
}

static void queue_drop(struct flow *f, size_t len)
{
	f->queued -= len;
	while (len > 0) {
		struct chunk *c = f->head;
		size_t part = c->len - c->off < len ? c->len - c->off : len;

		c->off += part;
		len -= part;
		if (c->off < c->len)
			return;
		f->head = c->next;
		if (f->head == NULL)
			f->tail = &f->head;
		free(c);
	}
}

/* What is due, up to `most` bytes, in one write; false when there is no more to do now. */
static bool write_due(struct flow *f, uint64_t most)
{
	struct iovec iov[PIECES_MAX];
	struct msghdr m = {.msg_iov = iov};
	ssize_t sent;

	for (struct chunk *c = f->head;
		c != NULL && c->due <= proxy.now && most > 0 && m.msg_iovlen < PIECES_MAX;
		c = c->next) {
		size_t len = c->len - c->off < most ? c->len - c->off : (size_t)most;

		iov[m.msg_iovlen++] = (struct iovec){.iov_base = c->data + c->off, .iov_len = len};
		most -= len;
	}
	if (m.msg_iovlen == 0)
		return false;
	sent = sendmsg(f->dst->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && errno == EAGAIN) {
		f->dst->writable = false;
	} else if (sent < 0 && errno != EINTR) { /* the way back ends the connection */
		f->done = f->deaf = true;
		queue_drop(f, f->queued);
	} else if (sent > 0) {
		f->passed += (uint64_t)sent;
		queue_drop(f, (size_t)sent);
	}
	return sent > 0 || (sent < 0 && errno == EINTR);
}

/* Once a trickle has passed its bytes the flow is held; false while nothing may pass. */
static bool trickled(struct flow *f, uint64_t before)
{
	if (f->amount == 0)
		return true;
	f->quota -= f->passed - before;
	if (f->quota > 0)
		return true;
	f->quota = f->amount;
	f->held_until = proxy.now + f->every;
	return false;
}

static void pass_end_on(struct flow *f)
{
	if (!f->eof || f->done || f->head != NULL || f->eof_due > proxy.now)
		return;
	if (f->reset) {
		end_link(f->src->link, "reset", true);
		return;
	}
	f->done = true;
	(void)shutdown(f->dst->fd, SHUT_WR);
}

static void pass_on(struct flow *f)
{
	while (!f->done && f->dst->writable && f->held_until <= proxy.now) {
		uint64_t before = f->passed, most = allowance(f);

		if (most == 0)
			return;
		if (f->amount > 0 && f->quota < most)
			most = f->quota;
		if (!write_due(f, most) || !trickled(f, before))
			break;
	}
	if (f->src->link->over == NULL && f->held_until <= proxy.now)
		pass_end_on(f);
}

/* Nothing will ever pass again. */
static bool finished(const struct flow *f)
{
	return f->eof && (f->done || f->held_until == NEVER);
}

static void run_link(struct link *l)
{
	for (int way = 0; way < WAYS && l->over == NULL; way++) {
		take_in(&l->flow[way]);
		if (l->over == NULL)
			pass_on(&l->flow[way]);
	}
	if (l->over == NULL && finished(&l->flow[UP]) && finished(&l->flow[DOWN]))
		end_link(l, l->cut ? "cut" : "ends", false);
}

/* When this flow has something to do by itself. */
static uint64_t flow_due(const struct flow *f)
{
	uint64_t due = NEVER;

	if (f->done || !f->dst->writable)
		return NEVER;
	if (f->head != NULL)
		due = f->head->due;
	else if (f->eof)
		due = f->eof_due;
	if (f->held_until == NEVER)
		return NEVER;
	if (f->held_until <= proxy.now)
		return due;
	/* A held flow may wait for a rule although nothing more has come. */
	return due == NEVER || f->held_until > due ? f->held_until : due;
}

/* --- connections --- */

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void prepare(struct end *e, int fd)
{
	const int on = 1;
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = e};

	e->fd = fd;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)epoll_ctl(proxy.epoll, EPOLL_CTL_ADD, fd, &ev);
}

static void join(int client)
{
	const struct sockaddr_in to = loopback(proxy.to);
	struct link *l = mem_alloc(sizeof *l);
	int server = socket(AF_INET, SOCK_STREAM, 0);

	l->number = ++proxy.connections;
	l->next = proxy.links;
	proxy.links = l;
	for (int way = 0; way < WAYS; way++) {
		l->side[way].link = l;
		l->flow[way] = (struct flow){
			.src = &l->side[way], .dst = &l->side[1 - way], .tail = &l->flow[way].head};
	}
	l->side[1].fd = -1;
	prepare(&l->side[0], client);
	if (server < 0 || connect(server, (const struct sockaddr *)&to, sizeof to) < 0) {
		if (server >= 0)
			(void)close(server);
		end_link(l, "refused", true);
		return;
	}
	prepare(&l->side[1], server);
}

static void accept_all(void)
{
	int client;

	while ((client = accept(proxy.listener.fd, NULL, NULL)) >= 0)
		join(client);
}

/* False when there is nobody left to work for. */
static bool handle(const struct epoll_event *ev)
{
	struct end *e = ev->data.ptr;

	if (e == &proxy.master)
		return false;
	if (e == &proxy.listener) {
		accept_all();
		return true;
	}
	if ((ev->events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
		e->readable = true;
	if ((ev->events & EPOLLOUT) != 0)
		e->writable = true;
	return true;
}

/* Everything that can be done at this moment; returns when there will be more. */
static uint64_t run_all(void)
{
	uint64_t due = NEVER;

	for (struct link **at = &proxy.links, *l; (l = *at) != NULL;) {
		run_link(l);
		if (l->over != NULL) {
			*at = l->next;
			free_link(l);
			continue;
		}
		for (int way = 0; way < WAYS; way++) {
			uint64_t its = flow_due(&l->flow[way]);

			due = its < due ? its : due;
		}
		at = &l->next;
	}
	return due;
}

static void serve(void)
{
	struct epoll_event events[EVENTS_MAX];
	uint64_t due = NEVER;

	for (;;) {
		uint64_t wait = due <= proxy.now ? 0 : due - proxy.now;
		struct timespec t = {
			.tv_sec = (time_t)(wait / SECOND), .tv_nsec = (long)(wait % SECOND)};
		int n = epoll_pwait2(
			proxy.epoll, events, EVENTS_MAX, due == NEVER ? NULL : &t, NULL);

		proxy.now = clock_ns();
		for (int i = 0; i < n; i++) {
			if (!handle(&events[i]))
				return;
		}
		due = run_all();
	}
}

/* --- what is wanted --- */

static uint64_t number(struct view v, uint64_t max)
{
	uint64_t n;

	if (!view_u64(v, max, &n))
		die("a number is missing or too large");
	return n;
}

static enum rule_kind kind_of(struct view word)
{
	static const char *const names[] = {[RULE_CLOSE] = "close",
		[RULE_RST] = "rst",
		[RULE_HALF] = "half",
		[RULE_STALL] = "stall",
		[RULE_TRICKLE] = "trickle"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (view_is(word, names[i]))
			return (enum rule_kind)i;
	}
	die("a rule is close, rst, half, stall or trickle");
}

/* WAY:KIND@BYTE[:ARGUMENTS][#CONNECTION] */
static void add_rule(const char *text)
{
	struct view rest = view_of(text), word = VIEW("");
	struct rule *r = &proxy.rules[proxy.rule_count];
	ptrdiff_t connection = view_chr(rest, '#');

	if (proxy.rule_count++ == RULES_MAX)
		die("too many rules");
	if (connection >= 0) {
		r->connection = number(view_from(rest, (size_t)connection + 1), UINT32_MAX);
		rest.len = (size_t)connection;
	}
	if (!view_split(&rest, ':', &word) || (!view_is(word, "up") && !view_is(word, "down")))
		die("a rule begins with up: or down:");
	r->way = view_is(word, "up") ? UP : DOWN;
	if (!view_split(&rest, '@', &word))
		die("a rule says at which byte");
	r->kind = kind_of(word);
	(void)view_split(&rest, ':', &word);
	r->at = number(word, UINT64_MAX - 1);
	r->every = NEVER;
	if (r->kind == RULE_TRICKLE && view_split(&rest, ':', &word))
		r->amount = number(word, READ_SIZE);
	if (view_split(&rest, ':', &word))
		r->every = number(word, UINT32_MAX) * MS;
	if (r->kind == RULE_TRICKLE && (r->amount == 0 || r->every == NEVER))
		die("trickle wants :BYTES:MS");
}

static void watch(struct end *e, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = e};

	e->fd = fd;
	if (epoll_ctl(proxy.epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("cannot watch; --stdin wants a pipe");
}

static void listen_at(uint16_t port)
{
	struct sockaddr_in at = loopback(port);
	socklen_t size = sizeof at;
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		die("cannot listen");
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	watch(&proxy.listener, fd);
	printf("%u\n", (unsigned)ntohs(at.sin_port));
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	uint16_t port = 0;
	bool with_stdin = false;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--stdin") == 0) {
			with_stdin = true;
			continue;
		}
		if (strcmp(argv[i], "--to") == 0)
			proxy.to = (uint16_t)number(view_of(value), UINT16_MAX);
		else if (strcmp(argv[i], "--port") == 0)
			port = (uint16_t)number(view_of(value), UINT16_MAX);
		else if (strcmp(argv[i], "--delay") == 0)
			proxy.delay = number(view_of(value), UINT32_MAX) * MS / 2;
		else if (strcmp(argv[i], "--fault") == 0)
			add_rule(value);
		else
			die("no such option; its source begins with the manual");
		i++;
	}
	if (proxy.to == 0)
		die("--to PORT is missing");
	(void)signal(SIGPIPE, SIG_IGN);
	proxy.epoll = epoll_create1(EPOLL_CLOEXEC);
	proxy.now = clock_ns();
	listen_at(port);
	if (with_stdin)
		watch(&proxy.master, STDIN_FILENO);
	serve();
	return 0;
}
