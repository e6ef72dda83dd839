/* proxy - a bad network between a client and a server, both on this machine.
 *
 *	proxy --to PORT [--port PORT] [--delay MS] [--fault RULE]… [--stdin]
 *
 * Listens on 127.0.0.1 (on a free port if none is named), prints that port as its first
 * line, and joins each connection to 127.0.0.1:PORT. For each that ended a line of JSON:
 *	{"connection":1,"up":93,"down":210,"up_came":93,"down_came":210,"end":"ends"}
 * up is client to server, down the way back: bytes passed on, and bytes that came in. end:
 * ends (both sides closed), reset (by one of them), cut (by a rule), refused (no server), left (--stdin has ended).
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
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/mem.h"
#include "base/view.h"
#include "tools/proxy.h"

struct proxy proxy;

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
		link_end(l, "refused", true);
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
		link_run(l);
		if (l->over != NULL) {
			*at = l->next;
			link_free(l);
			continue;
		}
		if (link_due(l) < due)
			due = link_due(l);
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
	for (struct link *l = proxy.links; l != NULL; l = l->next)
		link_end(l, l->cut ? "cut" : "left", false);
	return 0;
}
