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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
