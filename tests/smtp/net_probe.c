/* net_probe - sends messages over real sockets with src/net and src/smtp, and
 * says on stdout what happened, one line each: the tool of net-aiosmtpd.sh.
 *
 *	net_probe HOST PORT starttls|implicit|none AUTH CONNECTIONS MESSAGES
 *
 * AUTH is auto, none, token or the name of a SASL mechanism. From the environment:
 * PROBE_CA, PROBE_CERT, PROBE_KEY, PROBE_PROXY, PROBE_SOURCE (address), PROBE_USER,
 * PROBE_PASSWORD (or the token), PROBE_CLEARTEXT (set: allowed), PROBE_TIMEOUT (ms), PROBE_SIZE (octets of content), PROBE_FD (set: a
 * plain socket of our own instead of libcurl's). */
#include <netinet/in.h>
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/loop.h"
#include "smtp/client.h"

enum { CONNECTIONS_MAX = 200, READY_MAX = 2 * CONNECTIONS_MAX, CONTENT_DEFAULT = 2000 };

struct probe {
	struct net_loop *loop;
	struct smtp_client *client[CONNECTIONS_MAX];
	size_t clients, alive;
	uint64_t next_id, messages, done[SMTP_UNCERTAIN + 1];
	struct str content;
	struct view rcpt;
	struct {
		struct smtp_client *client;
		uint64_t id;
	} ready[READY_MAX];
	size_t ready_count;
};

static uint64_t number(const char *text, uint64_t otherwise)
{
	uint64_t n = otherwise;

	(void)view_u64(view_of(text), UINT32_MAX, &n);
	return n;
}

static enum net_tls tls_of(const char *word)
{
	if (strcmp(word, "implicit") == 0)
		return NET_TLS_IMPLICIT;
	return strcmp(word, "none") == 0 ? NET_TLS_NONE : NET_TLS_STARTTLS;
}

static const char *trouble_word(enum net_trouble trouble)
{
	static const char *const words[] = {
		[NET_TROUBLE_NONE] = "none",
		[NET_TROUBLE_NAME] = "name",
		[NET_TROUBLE_REFUSED] = "refused",
		[NET_TROUBLE_TIMEOUT] = "timeout",
		[NET_TROUBLE_NETWORK] = "network",
		[NET_TROUBLE_PROXY] = "proxy",
		[NET_TROUBLE_NO_STARTTLS] = "no-starttls",
		[NET_TROUBLE_STARTTLS_LATER] = "starttls-later",
		[NET_TROUBLE_INJECTED] = "injected",
		[NET_TROUBLE_TLS] = "tls",
		[NET_TROUBLE_CERT] = "cert",
		[NET_TROUBLE_CERT_DATE] = "cert-date",
		[NET_TROUBLE_CERT_NAME] = "cert-name",
		[NET_TROUBLE_LOGIN] = "login",
		[NET_TROUBLE_LOGIN_LATER] = "login-later",
		[NET_TROUBLE_NO_AUTH] = "no-auth",
		[NET_TROUBLE_GREETING] = "greeting",
		[NET_TROUBLE_CONF] = "conf",
		[NET_TROUBLE_CLIENT_CERT] = "client-cert",
	};

	return words[trouble];
}

static unsigned kinds_of(const char *word)
{
	if (getenv("PROBE_USER") == NULL || strcmp(word, "none") == 0)
		return 0;
	for (unsigned i = 0; i < NET_SASL_KINDS; i++)
		if (strcasecmp(word, net_sasl_name((enum net_sasl_kind)i)) == 0)
			return NET_SASL_BIT(i);
	return strcmp(word, "token") == 0 ? NET_SASL_TOKEN : NET_SASL_PASSWORD;
}

static void fill_content(struct str *content, uint64_t octets)
{
	str_init(content, octets + 1024);
	(void)str_addz(
		content, "From: b@lists.example\r\nTo: ana@x.example\r\nSubject: probe\r\n\r\n");
	while (content->len < octets)
		(void)str_addz(content, ".a line that begins with a dot\r\n");
}

static void submit_all(struct probe *p, struct smtp_client *c)
{
	while (p->next_id <= p->messages && smtp_client_room(c) > 0) {
		struct smtp_message m = {.id = p->next_id++,
			.from = VIEW("b@lists.example"),
			.rcpts = &p->rcpt,
			.rcpt_count = 1,
			.data = str_view(&p->content)};

		smtp_client_submit(c, &m);
	}
	if (p->next_id > p->messages)
		smtp_client_quit(c);
}

static void say_closed(const struct smtp_event *ev, enum net_trouble trouble)
{
	printf("closed %d trouble %s exit %d: %.*s\n", (int)ev->closed, trouble_word(trouble),
		ev->fail == NULL ? 0 : fail_exit_code(ev->fail->kind), VIEW_ARG(ev->reply.text));
}

static void take_events(struct probe *p, size_t i)
{
	struct smtp_client *c = p->client[i];
	struct smtp_event ev;

	while (c != NULL && smtp_client_event(c, &ev)) {
		if (ev.kind == SMTP_EVENT_OPEN) {
			printf("open pipelining=%d size=%" PRIu64 "\n", ev.caps->pipelining,
				ev.caps->size_max);
		} else if (ev.kind == SMTP_EVENT_READY) {
			p->ready[p->ready_count].client = c;
			p->ready[p->ready_count++].id = ev.id;
		} else if (ev.kind == SMTP_EVENT_DONE) {
			p->done[ev.outcome]++;
			if (ev.outcome != SMTP_ACCEPTED)
				printf("not accepted: %.*s\n", VIEW_ARG(ev.reply.text));
		} else if (ev.kind == SMTP_EVENT_CLOSED) {
			say_closed(&ev, smtp_client_trouble(c));
			smtp_client_free(&p->client[i]);
			p->alive--;
			return;
		}
		if (ev.kind != SMTP_EVENT_RCPT)
			submit_all(p, c);
	}
}

static int turn_wait(const struct probe *p)
{
	int64_t least = INT64_MAX, now = time_monotonic();

	for (size_t i = 0; i < p->clients; i++) {
		if (p->client[i] != NULL && smtp_client_deadline(p->client[i]) < least)
			least = smtp_client_deadline(p->client[i]);
	}
	if (least <= now)
		return 0;
	return least - now < TIME_MINUTE ? (int)(least - now) : TIME_MINUTE;
}

static int run(struct probe *p, struct fail *f)
{
	while (p->alive > 0) {
		p->ready_count = 0;
		for (size_t i = 0; i < p->clients; i++)
			take_events(p, i);
		for (size_t i = 0; i < p->ready_count; i++)
			smtp_client_commit(p->ready[i].client, p->ready[i].id);
		for (size_t i = 0; i < p->clients; i++) {
			if (p->client[i] != NULL)
				smtp_client_flush(p->client[i]);
		}
		if (p->alive > 0 && net_loop_run(p->loop, turn_wait(p), f) != 0)
			return -1;
	}
	return 0;
}

static int plain_socket(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static int start(struct probe *p, const struct net_params *net, unsigned kinds, struct fail *f)
{
	struct smtp_session_params session = {.helo = view_of(net->helo),
		.greeting = getenv("PROBE_FD") != NULL,
		.login = {.kinds = kinds,
			.username = view_of(getenv("PROBE_USER")),
			.secret = view_of(getenv("PROBE_PASSWORD")),
			.secure = getenv("PROBE_CLEARTEXT") != NULL}};

	for (size_t i = 0; i < p->clients; i++) {
		if (session.greeting)
			p->client[i] =
				smtp_client_adopt(p->loop, plain_socket(net->port), &session, f);
		else
			p->client[i] = smtp_client_new(p->loop, net, &session, f);
		if (p->client[i] == NULL)
			return -1;
		p->alive++;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct probe p = {.next_id = 1, .rcpt = VIEW("ana@x.example")};
	struct net_params net = {.helo = "client.example.org",
		.ca_file = getenv("PROBE_CA"),
		.client_cert = getenv("PROBE_CERT"),
		.client_key = getenv("PROBE_KEY"),
		.proxy = getenv("PROBE_PROXY"),
		.source_address = getenv("PROBE_SOURCE")};
	struct fail f = {0};
	int64_t began = time_monotonic();

	if (argc != 7)
		return 64;
	net.host = argv[1];
	net.port = (uint16_t)number(argv[2], 0);
	net.tls = tls_of(argv[3]);
	net.connect_timeout = (int64_t)number(getenv("PROBE_TIMEOUT"), 10000);
	p.clients = number(argv[5], 1);
	p.messages = number(argv[6], 1);
	if (p.clients > CONNECTIONS_MAX)
		return 64;
	fill_content(&p.content, number(getenv("PROBE_SIZE"), CONTENT_DEFAULT));
	p.loop = net_loop_new(&f);
	if (p.loop == NULL || start(&p, &net, kinds_of(argv[4]), &f) != 0 || run(&p, &f) != 0)
		printf("failed exit %d: %s\n", fail_exit_code(f.kind), f.text);
	for (size_t i = 0; i < p.clients; i++)
		smtp_client_free(&p.client[i]);
	net_loop_free(&p.loop);
	str_free(&p.content);
	printf("accepted %" PRIu64 " unsent %" PRIu64 " uncertain %" PRIu64 "\n",
		p.done[SMTP_ACCEPTED], p.done[SMTP_UNSENT], p.done[SMTP_UNCERTAIN]);
	fprintf(stderr, "%" PRId64 " ms\n", time_monotonic() - began);
	return p.done[SMTP_ACCEPTED] == p.messages ? 0 : 1;
}
