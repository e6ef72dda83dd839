/* The connection is cut at every byte, in both directions, of a conversation of
 * three messages. A server in memory is the oracle: it knows what it has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum { MESSAGES = 3, BYTES_MAX = 1 << 20, NEVER = BYTES_MAX };

enum kind { LOCKSTEP, OVERLAP, WINDOW };
static const char *const hello[] = {
	[LOCKSTEP] = "250 mx\r\n",
	[OVERLAP] = "250-mx\r\n250 PIPELINING\r\n",
	[WINDOW] = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n",
};
static const unsigned in_doubt_max[] = {[LOCKSTEP] = 1, [OVERLAP] = 1, [WINDOW] = MESSAGES};

struct server {
	enum kind kind;
	bool in_data, mail, rcpt;
	size_t chunk;	      /* octets of BDAT still to come */
	struct str line, say; /* say: what it answered, delivered up to `told` */
	size_t told;
	unsigned has; /* complete messages */
};

struct wire_cut {
	struct server server;
	struct smtp_session *s;
	size_t to_server, to_client; /* bytes that still get through */
	size_t sent, received;
	enum smtp_outcome outcome[MESSAGES + 1];
	unsigned done, closed, next, marked[MESSAGES + 1];
	struct view data;
};

static void server_take(struct server *v, struct view line)
{
	uint64_t n = 0;

	if (line.len > 0) {
		line = view_from(line, sizeof "BDAT " - 1);
		line.len -= sizeof " LAST" - 1;
		assert_true(view_u64(line, BYTES_MAX, &n));
		v->chunk = (size_t)n;
	}
	if (v->chunk > 0)
		return;
	v->has += v->rcpt;
	(void)str_addz(&v->say, v->rcpt ? "250 queued\r\n" : "554 no\r\n");
	v->mail = v->rcpt = false;
}

static void server_command(struct server *v, struct view line)
{
	const char *answer = "250 ok\r\n";

	if (view_starts(line, VIEW("BDAT "))) {
		server_take(v, line);
		return;
	}
	if (view_starts(line, VIEW("EHLO"))) {
		answer = hello[v->kind];
	} else if (view_starts(line, VIEW("MAIL"))) {
		v->mail = true;
		v->rcpt = false;
	} else if (view_starts(line, VIEW("RCPT TO:<gone"))) {
		answer = "550 5.1.1 unknown\r\n";
	} else if (view_starts(line, VIEW("RCPT"))) {
		v->rcpt = v->mail;
	} else if (view_is(line, "DATA")) {
		v->in_data = v->rcpt;
		answer = v->rcpt ? "354 go\r\n" : "554 no\r\n";
	} else if (view_is(line, "QUIT")) {
		answer = "221 bye\r\n";
	}
	(void)str_addz(&v->say, answer);
}

static void server_byte(struct server *v, char c)
{
	struct view line;

	if (v->chunk > 0) {
		if (--v->chunk == 0)
			server_take(v, VIEW(""));
		return;
	}
	(void)str_addc(&v->line, c);
	line = str_view(&v->line);
	if (!view_ends(line, VIEW("\r\n")))
		return;
	line.len -= 2;
	if (!v->in_data) {
		server_command(v, line);
	} else if (view_is(line, ".")) {
		v->in_data = v->mail = v->rcpt = false;
		v->has++;
		(void)str_addz(&v->say, "250 queued\r\n");
	}
	str_clear(&v->line);
}

static void client_events(struct wire_cut *w)
{
	static const struct view rcpts[] = {{"gone@x.example", sizeof "gone@x.example" - 1},
		{"ana@x.example", sizeof "ana@x.example" - 1}};
	struct smtp_event ev;

	while (smtp_session_event(w->s, &ev)) {
		if (ev.kind == SMTP_EVENT_DONE) {
			w->outcome[ev.id] = ev.outcome;
			w->done++;
		}
		w->closed += ev.kind == SMTP_EVENT_CLOSED;
		while (smtp_session_room(w->s) > 0 && w->next < MESSAGES) {
			struct smtp_message m = {.id = ++w->next,
				.from = VIEW("b@lists.example"),
				.rcpts = rcpts,
				.rcpt_count = 2,
				.data = w->data};

			smtp_session_submit(w->s, &m);
		}
		if (ev.kind == SMTP_EVENT_READY) {
			w->marked[ev.id]++;
			smtp_session_commit(w->s, ev.id);
		}
		if (w->done == MESSAGES)
			smtp_session_quit(w->s);
	}
}

/* One round: what the client wrote reaches the server up to the cut, and the
 * other way round. False: nothing moved, or the line is cut. */
static bool round_trip(struct wire_cut *w)
{
	struct view out = smtp_session_output(w->s);
	struct server *v = &w->server;
	bool moved = out.len > 0;

	for (size_t i = 0; i < out.len && w->to_server > 0; i++, w->to_server--)
		server_byte(v, out.p[i]);
	w->sent += out.len;
	smtp_session_written(w->s, out.len);
	client_events(w);
	for (; v->told < v->say.len && w->to_client > 0; v->told++, w->to_client--) {
		w->received++;
		smtp_session_feed(w->s, view_make(v->say.p + v->told, 1));
		client_events(w);
		moved = true;
	}
	return moved && w->to_server > 0 && w->to_client > 0;
}

static void play(
	struct wire_cut *w, enum kind kind, struct view data, size_t to_server, size_t to_client)
{
	const struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct fail f;

	*w = (struct wire_cut){.to_server = to_server, .to_client = to_client, .data = data};
	w->server.kind = kind;
	str_init(&w->server.line, BYTES_MAX);
	str_init(&w->server.say, BYTES_MAX);
	w->s = smtp_session_new(&params, 0, &f);
	while (round_trip(w))
		;
	smtp_session_lost(w->s, VIEW("cut"));
	client_events(w);
	smtp_session_free(&w->s);
	str_free(&w->server.line);
	str_free(&w->server.say);
}

/* What the server has was accepted or is in doubt; what was accepted, it has; no more
 * than were in flight are in doubt, and only after their marks. */
static unsigned judge(const struct wire_cut *w)
{
	unsigned accepted = 0, doubt = 0;

	assert_int_equal(w->closed, 1);
	assert_int_equal(w->done, w->next);
	for (unsigned id = 1; id <= w->next; id++) {
		accepted += w->outcome[id] == SMTP_ACCEPTED;
		if (w->outcome[id] == SMTP_UNCERTAIN) {
			doubt++;
			assert_int_equal(w->marked[id], 1);
		} else if (w->outcome[id] != SMTP_ACCEPTED) {
			assert_int_equal(w->outcome[id], SMTP_UNSENT);
		}
	}
	assert_true(accepted <= w->server.has);
	assert_true(w->server.has <= accepted + doubt);
	assert_true(doubt <= in_doubt_max[w->server.kind]);
	return doubt;
}

static void cut_everywhere(enum kind kind, struct view data, size_t step)
{
	struct wire_cut whole, w;
	unsigned doubts = 0, cuts = 0;

	play(&whole, kind, data, NEVER, NEVER);
	assert_int_equal(judge(&whole), 0);
	assert_int_equal(whole.server.has, MESSAGES);
	for (size_t at = 0; at < whole.sent; at += step, cuts++) {
		play(&w, kind, data, at, NEVER);
		doubts += judge(&w);
	}
	for (size_t at = 0; at < whole.received; at++, cuts++) {
		play(&w, kind, data, NEVER, at);
		doubts += judge(&w);
	}
	print_message("%u cuts left %u messages in doubt\n", cuts, doubts);
}

static void test_cuts(void **state)
{
	(void)state;
	for (enum kind kind = LOCKSTEP; kind <= WINDOW; kind++)
		cut_everywhere(kind, VIEW("Subject: x\r\n\r\n.text\r\n"), 1);
}

/* Longer than the buffer: only what is on its way to its end can be in doubt. */
static void test_cuts_of_long_ones(void **state)
{
	enum { LONG = 150000, STEP = 4999 };
	char *text = malloc(LONG);

	(void)state;
	memset(text, 'x', LONG);
	for (size_t at = 500; at <= LONG; at += 500)
		memcpy(text + at - 2, "\r\n", 2);
	for (enum kind kind = LOCKSTEP; kind <= WINDOW; kind++)
		cut_everywhere(kind, view_make(text, LONG), STEP);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_cuts_of_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
