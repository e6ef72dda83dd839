/* A client on one end of a socket pair, the test on the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/str.h"
#include "net/loop.h"
#include "smtp/client.h"

enum { TURN_MS = 20, OUT_MAX = 65536 };

struct talk {
	struct net_loop *loop;
	struct smtp_client *c;
	int peer;
	struct str heard;
	struct smtp_event last;
	unsigned kinds[SMTP_EVENT_CLOSED + 1];
};

static const struct view rcpt = {"ana@x.example", sizeof "ana@x.example" - 1};

static int talk_open(void **state)
{
	static struct talk t;
	const struct smtp_session_params params = {.helo = VIEW("c.example.org"), .greeting = true};
	struct fail f;
	int fds[2];

	t = (struct talk){0};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	t.loop = net_loop_new(&f);
	t.c = smtp_client_adopt(t.loop, fds[0], &params, &f);
	assert_non_null(t.c);
	t.peer = fds[1];
	str_init(&t.heard, OUT_MAX);
	*state = &t;
	return 0;
}

static int talk_close(void **state)
{
	struct talk *t = *state;

	smtp_client_free(&t->c);
	net_loop_free(&t->loop);
	str_free(&t->heard);
	if (t->peer >= 0)
		(void)close(t->peer);
	return 0;
}

static void events(struct talk *t)
{
	struct smtp_event ev;

	while (smtp_client_event(t->c, &ev)) {
		t->last = ev;
		t->kinds[ev.kind]++;
	}
}

/* The server says `words`, a turn passes, and the client has written `want`. */
static void exchange(struct talk *t, const char *words, const char *want)
{
	char buf[4096];
	ssize_t n;
	struct fail f;

	assert_int_equal(write(t->peer, words, strlen(words)), (ssize_t)strlen(words));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(net_loop_run(t->loop, TURN_MS, &f), 0);
		events(t);
		smtp_client_flush(t->c);
	}
	str_clear(&t->heard);
	while ((n = recv(t->peer, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		(void)str_add(&t->heard, buf, (size_t)n);
	assert_string_equal(t->heard.p, want);
}

static void open_session(struct talk *t)
{
	exchange(t, "220 mx\r\n", "EHLO c.example.org\r\n");
	exchange(t, "250-mx\r\n250 PIPELINING\r\n", "");
	assert_true(smtp_client_open(t->c));
	assert_true(smtp_client_caps(t->c)->pipelining);
}

static void submit(struct talk *t, uint64_t id)
{
	struct smtp_message m = {.id = id,
		.from = VIEW("b@lists.example"),
		.rcpts = &rcpt,
		.rcpt_count = 1,
		.data = VIEW("Subject: x\r\n")};

	assert_true(smtp_client_room(t->c) > 0);
	smtp_client_submit(t->c, &m);
}

static void to_ready(struct talk *t)
{
	open_session(t);
	submit(t, 1);
	exchange(t, "", "MAIL FROM:<b@lists.example>\r\nRCPT TO:<ana@x.example>\r\nDATA\r\n");
	exchange(t, "250 ok\r\n250 ok\r\n354 go\r\n", "");
	assert_int_equal(t->kinds[SMTP_EVENT_READY], 1);
}

static void test_whole(void **state)
{
	struct talk *t = *state;

	to_ready(t);
	smtp_client_commit(t->c, 1);
	exchange(t, "", "Subject: x\r\n.\r\n");
	exchange(t, "250 queued\r\n", "");
	assert_int_equal(t->kinds[SMTP_EVENT_DONE], 1);
	assert_int_equal(t->last.outcome, SMTP_ACCEPTED);
	smtp_client_quit(t->c);
	exchange(t, "", "QUIT\r\n");
	exchange(t, "221 bye\r\n", "");
	assert_int_equal(t->last.closed, SMTP_CLOSED_QUIT);
	assert_false(smtp_client_open(t->c));
	assert_int_equal(smtp_client_deadline(t->c), INT64_MAX);
}

static void test_peer_ends(void **state)
{
	struct talk *t = *state;
	struct fail f;

	to_ready(t);
	(void)close(t->peer);
	t->peer = -1;
	smtp_client_commit(t->c, 1);
	/* It takes no more bytes, but whether it read them is another question. */
	smtp_client_flush(t->c);
	assert_int_equal(net_loop_run(t->loop, TURN_MS, &f), 0);
	events(t);
	assert_int_equal(t->kinds[SMTP_EVENT_DONE], 1);
	assert_int_equal(t->kinds[SMTP_EVENT_CLOSED], 1);
	assert_int_equal(t->last.closed, SMTP_CLOSED_LOST);
}

/* What the server said before it closed is heard, though writing fails first. */
static void test_last_words(void **state)
{
	struct talk *t = *state;
	const char *words = "421 4.3.2 shutting down\r\n";
	struct fail f;

	to_ready(t);
	assert_int_equal(write(t->peer, words, strlen(words)), (ssize_t)strlen(words));
	(void)close(t->peer);
	t->peer = -1;
	smtp_client_flush(t->c);
	assert_int_equal(net_loop_run(t->loop, TURN_MS, &f), 0);
	events(t);
	assert_int_equal(t->last.kind, SMTP_EVENT_CLOSED);
	assert_int_equal(t->last.closed, SMTP_CLOSED_SHUTDOWN);
	assert_int_equal(t->last.reply.code, 421);
}

static void test_abandon(void **state)
{
	struct talk *t = *state;

	to_ready(t);
	smtp_client_abandon(t->c, 1);
	assert_int_equal(smtp_client_deadline(t->c), 0);
	exchange(t, "", "");
	assert_int_equal(t->last.closed, SMTP_CLOSED_ABANDONED);
}

static void test_drop(void **state)
{
	struct talk *t = *state;

	to_ready(t);
	smtp_client_commit(t->c, 1);
	smtp_client_flush(t->c);
	smtp_client_drop(t->c, VIEW("stopped"));
	events(t);
	assert_int_equal(t->kinds[SMTP_EVENT_DONE], 1);
	assert_int_equal(t->last.closed, SMTP_CLOSED_LOST);
	assert_true(view_is(t->last.reply.text, "stopped"));
}

static const struct net_params nowhere = {
	.host = "127.0.0.1", .port = 1, .tls = NET_TLS_NONE, .helo = "c.example.org"};

static void test_no_connection(void **state)
{
	struct talk *t = *state;
	const struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct fail f;

	smtp_client_free(&t->c);
	t->c = smtp_client_new(t->loop, &nowhere, &params, &f);
	assert_non_null(t->c);
	assert_int_equal(smtp_client_room(t->c), 0);
	for (int i = 0; i < 100 && t->kinds[SMTP_EVENT_CLOSED] == 0; i++) {
		assert_int_equal(net_loop_run(t->loop, TURN_MS, &f), 0);
		events(t);
	}
	assert_int_equal(t->last.closed, SMTP_CLOSED_CONNECT);
	assert_int_equal(t->last.fail->kind, FAIL_TEMP);
	assert_int_equal(smtp_client_trouble(t->c), NET_TROUBLE_REFUSED);
}

static void test_drop_while_connecting(void **state)
{
	struct talk *t = *state;
	const struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct fail f;

	smtp_client_free(&t->c);
	t->c = smtp_client_new(t->loop, &nowhere, &params, &f);
	smtp_client_drop(t->c, VIEW("stopped"));
	assert_int_equal(smtp_client_deadline(t->c), 0);
	events(t);
	assert_int_equal(t->kinds[SMTP_EVENT_CLOSED], 1);
	assert_int_equal(t->last.closed, SMTP_CLOSED_CONNECT);
	assert_string_equal(t->last.fail->text, "stopped");
}

static void test_bad_helo(void **state)
{
	struct talk *t = *state;
	const struct smtp_session_params params = {.helo = VIEW("c example\r\nRSET")};
	struct fail f;

	smtp_client_free(&t->c);
	assert_null(smtp_client_new(t->loop, &nowhere, &params, &f));
	assert_int_equal(f.kind, FAIL_CONF);
}

static const struct login_case {
	const char *name;
	enum net_tls tls;
	struct net_login login;
	bool good;
} logins[] = {
	{"nobody logs in", NET_TLS_NONE, {.kinds = 0}, true},
	{"a password in clear text", NET_TLS_NONE,
		{.kinds = NET_SASL_PASSWORD,
			.username = VIEW("ana"),
			.secret = VIEW("S3cret-canary")},
		false},
	{"clear text is wanted", NET_TLS_NONE,
		{.kinds = NET_SASL_PASSWORD,
			.username = VIEW("ana"),
			.secret = VIEW("S3cret-canary"),
			.secure = true},
		true},
	{"under TLS", NET_TLS_STARTTLS,
		{.kinds = NET_SASL_PASSWORD,
			.username = VIEW("ana"),
			.secret = VIEW("S3cret-canary")},
		true},
	{"without a name", NET_TLS_STARTTLS,
		{.kinds = NET_SASL_BIT(NET_SASL_PLAIN), .secret = VIEW("S3cret-canary")}, false},
};

static void test_login_params(void **state)
{
	struct talk *t = *state;

	for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
		struct smtp_session_params params = {
			.helo = VIEW("c.example.org"), .login = logins[i].login};
		struct net_params net = nowhere;
		struct fail f = {0};

		net.tls = logins[i].tls;
		smtp_client_free(&t->c);
		t->c = smtp_client_new(t->loop, &net, &params, &f);
		if ((t->c != NULL) != logins[i].good)
			fail_msg("%s: %s", logins[i].name, f.text);
		assert_int_equal(f.kind, logins[i].good ? FAIL_NONE : FAIL_CONF);
		assert_null(strstr(f.text, "canary"));
	}
}

/* --- a server that reads nothing while its answers are not taken -------------- */

enum { CROWD = 1000, CROWD_OCTETS = 30000, CROWD_WINDOW = 60, SMALL_BUFFER = 4096 };

struct stubborn {
	int fd;
	size_t chunk; /* octets of BDAT still to come */
	char line[512];
	size_t line_len;
	struct str say;
	size_t told, heard;
	unsigned has, closed, done, blocked;
};

static void stubborn_line(struct stubborn *v)
{
	struct view line = view_make(v->line, v->line_len);
	uint64_t n = 0;

	v->line_len = 0;
	if (view_starts(line, VIEW("BDAT "))) {
		line = view_sub(line, 5, line.len - 5 - sizeof " LAST\r");
		assert_true(view_u64(line, CROWD_OCTETS, &n));
		v->chunk = (size_t)n;
	} else if (view_starts(line, VIEW("EHLO"))) {
		(void)str_addz(&v->say, "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
	} else {
		(void)str_addz(&v->say, "250 ok, and a long line of friendly words that fills its "
					"buffer much sooner than one would think\r\n");
	}
}

static void stubborn_octet(struct stubborn *v, char c)
{
	if (v->chunk > 0) {
		if (--v->chunk == 0) {
			v->has++;
			(void)str_addz(&v->say, "250 queued\r\n");
		}
		return;
	}
	assert_true(v->line_len < sizeof v->line);
	v->line[v->line_len++] = c;
	if (c == '\n')
		stubborn_line(v);
}

static void stubborn_turn(struct stubborn *v)
{
	char buf[16 * SMALL_BUFFER];
	ssize_t n;

	while (v->told < v->say.len) {
		n = send(v->fd, v->say.p + v->told, v->say.len - v->told, MSG_DONTWAIT);
		if (n < 0) {
			v->blocked++;
			return;
		}
		v->told += (size_t)n;
	}
	str_clear(&v->say);
	v->told = 0;
	n = recv(v->fd, buf, sizeof buf, MSG_DONTWAIT);
	for (ssize_t i = 0; i < n; i++)
		stubborn_octet(v, buf[i]);
	v->heard += n > 0 ? (size_t)n : 0;
}

static void crowd_events(struct stubborn *v, struct smtp_client *c)
{
	struct smtp_event ev;

	while (smtp_client_event(c, &ev)) {
		assert_int_not_equal(ev.kind, SMTP_EVENT_CLOSED);
		if (ev.kind == SMTP_EVENT_READY)
			smtp_client_commit(c, ev.id);
		if (ev.kind != SMTP_EVENT_DONE)
			continue;
		assert_int_equal(ev.outcome, SMTP_ACCEPTED);
		v->done++;
	}
}

static void test_stubborn_server(void **state)
{
	struct talk *t = *state;
	const struct smtp_session_params params = {
		.helo = VIEW("c.example.org"), .window = CROWD_WINDOW};
	const int small = SMALL_BUFFER;
	struct stubborn v = {0};
	static char text[CROWD_OCTETS];
	struct smtp_message m = {.rcpts = &rcpt, .rcpt_count = 1};
	struct fail f;
	int fds[2];

	memset(text, 'x', sizeof text);
	for (size_t at = 100; at <= sizeof text; at += 100)
		memcpy(text + at - 2, "\r\n", 2);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
	v.fd = fds[1];
	str_init(&v.say, OUT_MAX);
	smtp_client_free(&t->c);
	t->c = smtp_client_adopt(t->loop, fds[0], &params, &f);
	for (unsigned turn = 0; v.done < CROWD && turn < 1000000; turn++) {
		size_t before = v.heard + v.told + v.done;

		crowd_events(&v, t->c);
		while (m.id < CROWD && smtp_client_room(t->c) > 0) {
			m.id++;
			m.data = view_make(text, m.id % 8 != 0 ? 100 : sizeof text);
			smtp_client_submit(t->c, &m);
		}
		smtp_client_flush(t->c);
		stubborn_turn(&v);
		if (v.heard + v.told + v.done == before)
			assert_int_equal(net_loop_run(t->loop, 0, &f), 0);
	}
	assert_int_equal(v.done, CROWD);
	assert_int_equal(v.has, CROWD);
	assert_true(v.blocked > 0);
	str_free(&v.say);
	(void)close(v.fd);
}

#define IN_TALK(test) cmocka_unit_test_setup_teardown(test, talk_open, talk_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_TALK(test_whole),
		IN_TALK(test_peer_ends),
		IN_TALK(test_last_words),
		IN_TALK(test_abandon),
		IN_TALK(test_drop),
		IN_TALK(test_no_connection),
		IN_TALK(test_drop_while_connecting),
		IN_TALK(test_bad_helo),
		IN_TALK(test_login_params),
		IN_TALK(test_stubborn_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
