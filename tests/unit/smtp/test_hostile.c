/* Servers that mean no good: a conversation that goes well up to some reply, and then
 * something that no server should say, in pieces, and the end of the line or silence.
 * Each of them against a session in memory and against a client on a socket pair. No
 * crash, no hang, no memory lost, little used; and no message is called accepted that
 * was not completed, nor unsent that was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/str.h"
#include "net/loop.h"
#include "smtp/client.h"

enum {
	MESSAGES = 6,
	STAGES = 11,  /* good replies before the bad thing */
	RANDOM = 400, /* with LONG so many times more: */
	LONGER = 50,
	SCRIPTS_MIN = 1000,
	BIG = 300000,
	BYTES_MAX = 1 << 22,
	MEMORY_MAX = 1 << 20, /* octets that one conversation may hold */
	LOST_MAX = 1 << 15,   /* what libraries keep for later */
	TURNS_MAX = 20000,
	NAME_SIZE = 32,
	HOUR_MS = 3600000,
};

enum mode { LOCKSTEP, OVERLAP, WINDOW, MODES };
static const char *const good[MODES][STAGES] = {
	{"220 mx\r\n", "250-mx\r\n250 DSN\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
		"250 queued\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 queued\r\n",
		"250 ok\r\n"},
	{"220 mx\r\n", "250-mx\r\n250 PIPELINING\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n",
		"250 queued\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 queued\r\n",
		"250 ok\r\n"},
	{"220 mx\r\n", "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n", "250 ok\r\n", "250 ok\r\n",
		"250 queued\r\n", "250 reset\r\n", "250 ok\r\n", "250 ok\r\n", "250 queued\r\n",
		"250 reset\r\n", "250 ok\r\n"},
};

/* What it says then, so many times. */
static const struct bad {
	struct view bytes;
	unsigned times;
} bads[] = {
	{{"", 0}, 1}, /* nothing: the line ends here */
	{{"250-a\r\n", 7}, 5000},
	{{"x", 1}, BIG},
	{{"250 ", 4}, BIG / 4},
	{{"\0", 1}, BIG},
	{{"\r", 1}, 10000},
	{{"\n", 1}, 10000},
	{{"\r\n", 2}, 10},
	{{"250 a\0b\r\n", 9}, 5},
	{{"250 \xff\xfe\x80\xc0\xaf\r\n", 11}, 20},
	{{"250 \x1b[2J\x07\x9b\r\n", 12}, 20},
	{{"25\r\n", 4}, 1},
	{{"2500 ok\r\n", 9}, 1},
	{{"250_ok\r\n", 8}, 1},
	{{" 250 ok\r\n", 9}, 1},
	{{"999 no\r\n", 8}, 1},
	{{"100 continue\r\n", 14}, 1},
	{{"000 no\r\n", 8}, 1},
	{{"250-a\r\n251 b\r\n", 14}, 1},
	{{"250-a\r\n550 b\r\n", 14}, 1},
	{{"354-a\r\n250 b\r\n", 14}, 1},
	{{"250-a\r\nb\r\n", 10}, 1},
	{{"250 ok\r\n", 8}, 200},
	{{"354 go\r\n", 8}, 20},
	{{"354-a\r\n354 b\r\n", 14}, 3},
	{{"550 no\r\n", 8}, 40},
	{{"503 5.5.1 what\r\n", 16}, 40},
	{{"452 4.5.3 too many\r\n", 20}, 40},
	{{"421 bye\r\n", 9}, 1},
	{{"421 bye\r\n250 ok\r\n", 17}, 20},
	{{"421-", 4}, 1000},
	{{"421-a\r\n", 7}, 2000},
	{{"220 mx\r\n", 8}, 3},
	{{"221 bye\r\n", 9}, 2},
	{{"334 UGFzc3dvcmQ6\r\n", 18}, 3},
	{{"251 will forward\r\n252 cannot say\r\n", 34}, 10},
	{{"399 more\r\n", 10}, 3},
	{{"450 5.1.1 cross\r\n", 17}, 10},
	{{"250 2.99999.1 x\r\n", 17}, 10},
	{{"250 ok\n", 7}, 20},
	{{"250 ok\r250 ok\r\n", 15}, 5},
	{{"250 ok", 6}, 1},
	{{"250-mx\r\n250-SIZE 99999999999999999999\r\n250 LIMITS RCPTMAX=-1 MAILMAX=\r\n", 72}, 1},
	{{"250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SIZE 1\r\n", 50}, 4},
	{{"EHLO you\r\n", 10}, 1},
	{{"HTTP/1.1 400 Bad Request\r\n\r\n<html>", 34}, 1},
	{{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}, 1},
	{{"250 ok\r\n550 no\r\n", 16}, 20},
	{{"550 no\r\n250 ok\r\n", 16}, 20},
};
enum { BADS = sizeof bads / sizeof *bads };

/* --- chance ---------------------------------------------------------------- */

static uint64_t seed;

static size_t chance(size_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % below;
}

/* --- one conversation ------------------------------------------------------ */

static size_t memory_before; /* in use when the test began */

struct script {
	enum mode mode;
	size_t stage; /* good replies first */
	struct str bad;
	bool silent; /* at its end it does not close */
};
struct run {
	const struct script *script;
	struct smtp_session *s; /* or: */
	struct smtp_client *c;
	struct net_loop *loop;
	int peer;
	int64_t now;
	struct smtp_message m[MESSAGES + 1];
	char bodies[MESSAGES + 1][NAME_SIZE], ends[MESSAGES + 1][NAME_SIZE];
	bool committed[MESSAGES + 1], ready[MESSAGES + 1], done[MESSAGES + 1];
	unsigned submitted, dones, closed;
	struct str wrote;
	bool goodbye; /* it said 421 */
};

static bool completed(const struct run *r, uint64_t id)
{
	return view_find(str_view(&r->wrote), view_of(r->ends[id])) >= 0;
}

static void take_session_output(struct run *r)
{
	struct view v;

	while ((v = smtp_session_output(r->s)).len > 0) {
		(void)str_addv(&r->wrote, v);
		smtp_session_written(r->s, v.len);
	}
}

static void take_client_output(struct run *r)
{
	char buf[16384];
	ssize_t n;

	smtp_client_flush(r->c);
	while (r->peer >= 0 && (n = recv(r->peer, buf, sizeof buf, MSG_DONTWAIT)) > 0)
		(void)str_add(&r->wrote, buf, (size_t)n);
}

static void take_output(struct run *r)
{
	if (r->s != NULL)
		take_session_output(r);
	else
		take_client_output(r);
	assert_true(str_ok(&r->wrote));
	for (unsigned id = 1; id <= r->submitted; id++)
		assert_true(r->committed[id] || !completed(r, id)); /* P3 */
}

static void on_ready(struct run *r, uint64_t id)
{
	assert_false(r->ready[id] || r->done[id]);
	r->ready[id] = true;
	if (chance(8) == 0) {
		r->s != NULL ? smtp_session_abandon(r->s, id) : smtp_client_abandon(r->c, id);
	} else {
		r->committed[id] = true;
		r->s != NULL ? smtp_session_commit(r->s, id) : smtp_client_commit(r->c, id);
	}
}

static void on_done(struct run *r, const struct smtp_event *ev)
{
	bool whole = completed(r, ev->id);

	assert_false(r->done[ev->id]);
	r->done[ev->id] = true;
	r->dones++;
	if (ev->outcome == SMTP_ACCEPTED)
		assert_true(whole); /* P2 */
	if (ev->outcome == SMTP_UNSENT && r->s != NULL)
		assert_true(!whole || r->goodbye);
}

static bool next_event(struct run *r, struct smtp_event *ev)
{
	return r->s != NULL ? smtp_session_event(r->s, ev) : smtp_client_event(r->c, ev);
}

static void events(struct run *r)
{
	struct smtp_event ev;

	while (next_event(r, &ev)) {
		assert_int_equal(r->closed, 0);
		if (ev.kind == SMTP_EVENT_READY)
			on_ready(r, ev.id);
		else if (ev.kind == SMTP_EVENT_DONE)
			on_done(r, &ev);
		r->closed += ev.kind == SMTP_EVENT_CLOSED;
		if (r->closed > 0 && ev.closed == SMTP_CLOSED_SHUTDOWN)
			assert_true(r->goodbye);
	}
}

static size_t room(const struct run *r)
{
	return r->s != NULL ? smtp_session_room(r->s) : smtp_client_room(r->c);
}

static void turn(struct run *r)
{
	struct fail f;

	if (r->c != NULL)
		assert_int_equal(net_loop_run(r->loop, 0, &f), 0);
	events(r);
	while (r->submitted < MESSAGES && room(r) > 0) {
		const struct smtp_message *m = &r->m[++r->submitted];

		r->s != NULL ? smtp_session_submit(r->s, m) : smtp_client_submit(r->c, m);
	}
	events(r);
	take_output(r);
	events(r);
}

static void say_to_session(struct run *r, struct view bytes)
{
	smtp_session_at(r->s, r->now += 10);
	smtp_session_feed(r->s, bytes);
	events(r);
}

/* A client that has hung up is not written to. */
static void say_to_client(struct run *r, struct view bytes)
{
	while (bytes.len > 0 && r->closed == 0) {
		ssize_t n = send(r->peer, bytes.p, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			bytes = view_from(bytes, (size_t)n);
		else if (errno != EAGAIN)
			return;
		turn(r);
	}
}

static void say(struct run *r, struct view bytes)
{
	if (r->s != NULL)
		say_to_session(r, bytes);
	else
		say_to_client(r, bytes);
	turn(r);
}

static void say_in_pieces(struct run *r, struct view bytes)
{
	while (bytes.len > 0 && r->closed == 0) {
		size_t n = 1 + chance(chance(2) == 0 ? 5 : 5000);

		n = n < bytes.len ? n : bytes.len;
		say(r, view_sub(bytes, 0, n));
		bytes = view_from(bytes, n);
	}
}

static void end_session(struct run *r)
{
	if (!r->script->silent) {
		smtp_session_lost(r->s, VIEW("gone"));
		events(r);
		return;
	}
	/* Silence: whoever waits for it gives up; who waits for nothing says goodbye. */
	smtp_session_quit(r->s);
	for (unsigned i = 0; i < MESSAGES + 2 && r->closed == 0; i++) {
		turn(r);
		smtp_session_at(r->s, r->now += HOUR_MS);
		smtp_session_expire(r->s);
		events(r);
	}
}

static void end_client(struct run *r)
{
	(void)close(r->peer);
	r->peer = -1;
	for (unsigned i = 0; i < TURNS_MAX && r->closed == 0; i++)
		turn(r);
}

static void make_messages(struct run *r)
{
	static const struct view rcpts[] = {{"a@x.example", 11}, {"b@x.example", 11}};

	for (unsigned id = 1; id <= MESSAGES; id++) {
		(void)snprintf(r->bodies[id], NAME_SIZE, "\r\nEND-%u\r\n", id);
		(void)snprintf(r->ends[id], NAME_SIZE, "END-%u\r\n", id);
		r->m[id] = (struct smtp_message){.id = id,
			.from = VIEW("b@lists.example"),
			.rcpts = rcpts,
			.rcpt_count = 1 + id % 2 * (r->script->stage == 0),
			.data = view_of(r->bodies[id])};
	}
}

static void converse(struct run *r)
{
	const struct script *script = r->script;

	make_messages(r);
	str_init(&r->wrote, BYTES_MAX);
	r->goodbye = view_find(str_view(&script->bad), VIEW("421")) >= 0;
	turn(r);
	for (size_t i = 0; i < script->stage && r->closed == 0; i++)
		say(r, view_of(good[script->mode][i]));
	say_in_pieces(r, str_view(&script->bad));
	if (r->closed == 0) {
		assert_true(mallinfo2().uordblks <
			    memory_before + script->bad.cap + r->wrote.cap + MEMORY_MAX);
		r->s != NULL ? end_session(r) : end_client(r);
	}
	assert_int_equal(r->closed, 1);
	assert_int_equal(r->dones, r->submitted);
	str_free(&r->wrote);
}

static const struct smtp_session_params params = {.helo = {"c.example.org", 13}, .greeting = true};

static void against_session(const struct script *script)
{
	struct run r = {.script = script, .peer = -1};
	struct fail f;

	r.s = smtp_session_new(&params, 0, &f);
	converse(&r);
	smtp_session_free(&r.s);
}

static void against_client(const struct script *script)
{
	struct run r = {.script = script};
	struct fail f;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	r.peer = fds[1];
	r.loop = net_loop_new(&f);
	r.c = smtp_client_adopt(r.loop, fds[0], &params, &f);
	assert_non_null(r.c);
	converse(&r);
	smtp_client_free(&r.c);
	net_loop_free(&r.loop);
	if (r.peer >= 0)
		(void)close(r.peer);
}

/* --- the scripts ------------------------------------------------------------ */

static unsigned played;

static void play(struct script *script)
{
	uint64_t from = seed;

	against_session(script);
	seed = from;
	script->silent = false;
	against_client(script);
	played++;
}

static int count_memory(void **state)
{
	struct script first = {.stage = 1};

	(void)state;
	str_init(&first.bad, BYTES_MAX);
	memory_before = SIZE_MAX / 2;
	play(&first); /* for the libraries to settle */
	memory_before = mallinfo2().uordblks;
	return 0;
}

/* A few octets lost by each of so many would show. */
static int no_memory_lost(void **state)
{
	(void)state;
	print_message("%zu octets in use before, %zu after\n", memory_before, mallinfo2().uordblks);
	return mallinfo2().uordblks < memory_before + LOST_MAX ? 0 : -1;
}

static void test_families(void **state)
{
	(void)state;
	for (enum mode mode = LOCKSTEP; mode < MODES; mode++) {
		for (size_t stage = 0; stage <= STAGES; stage++) {
			for (size_t i = 0; i < BADS; i++) {
				struct script script = {.mode = mode,
					.stage = stage,
					.silent = (stage + i) % 2 == 0};

				seed = 1 + i + BADS * (stage + STAGES * mode);
				str_init(&script.bad, BYTES_MAX);
				for (unsigned k = 0; k < bads[i].times; k++)
					(void)str_addv(&script.bad, bads[i].bytes);
				play(&script);
				str_free(&script.bad);
			}
		}
	}
}

/* A good conversation, in which octets were changed, doubled or left out, and pieces
 * of bad ones put in. */
static void test_random(void **state)
{
	const char *longer = getenv("LONG");
	unsigned count = longer != NULL && longer[0] != '\0' ? RANDOM * LONGER : RANDOM;

	(void)state;
	for (unsigned n = 1; n <= count; n++) {
		struct script script = {.mode = n % MODES, .silent = n % 5 == 0};

		seed = UINT64_C(0x9E3779B97F4A7C15) * n;
		script.stage = chance(STAGES);
		str_init(&script.bad, BYTES_MAX);
		for (size_t i = script.stage; i < STAGES; i++) {
			(void)str_addz(&script.bad, good[script.mode][i]);
			if (chance(4) == 0)
				(void)str_addv(&script.bad, bads[chance(BADS)].bytes);
			if (chance(3) == 0 && script.bad.len > 0)
				script.bad.p[chance(script.bad.len)] = (char)chance(256);
			if (chance(5) == 0)
				str_cut(&script.bad, chance(script.bad.len + 1));
		}
		play(&script);
		str_free(&script.bad);
	}
	assert_true(played >= SCRIPTS_MIN);
	print_message("%u scripts, each against a session and a client\n", played);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_families, count_memory, no_memory_lost),
		cmocka_unit_test_setup_teardown(test_random, count_memory, no_memory_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
