/* A server that says anything, to a client in any mode. Whatever it says, no message is
 * completed without its mark, each has one DONE, in its order; none counts as accepted,
 * or as in doubt, that was not completed, and none as unsent that was, but after 421.
 *
 * The first octets choose: greeting, what the server offers, the window, which messages
 * are given up; 0xff ends a piece: what stands before it comes in one read. */
#include <assert.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum {
	MESSAGES = 20,
	LONG_ONE = 70000, /* longer than the buffer */
	OUT_MAX = 1 << 21,
	END_SIZE = 8,
	STEP_MS = 1000,
	CHOICES = 4,
};

enum { /* octet 0 */
	WITH_GREETING = 1,
	WITH_LONG_ONE = 2,
	CAREFUL = 4,
	HELLO_GIVEN = 8, /* the dialogue begins after EHLO */
	PIPELINING = 16,
	CHUNKING = 32,
	SOME_GIVEN_UP = 64,
	SLOW_MARKS = 128,
};

struct run {
	struct smtp_session *s;
	struct str out;
	size_t looked_at;
	unsigned options, taste;
	bool said_421;
	unsigned submitted, dones, closed;
	bool marked[MESSAGES + 1], late[MESSAGES + 1], completed[MESSAGES + 1];
};

static char long_one[LONG_ONE + END_SIZE];
static char bodies[MESSAGES + 1][END_SIZE + 1];

/* Its last line names the message: "END-k", and k is a letter. */
static struct view content_of(const struct run *r, unsigned id)
{
	memcpy(bodies[id], "END-k\r\n", END_SIZE);
	bodies[id][4] = (char)('a' + id);
	if ((r->options & WITH_LONG_ONE) == 0 || id != 3)
		return view_make(bodies[id], END_SIZE - 1);
	memset(long_one, 'x', sizeof long_one);
	for (size_t at = 900; at <= LONG_ONE; at += 900)
		memcpy(long_one + at - 2, "\r\n", 2);
	memcpy(long_one + LONG_ONE - 2, "\r\n", 2);
	memcpy(long_one + LONG_ONE, bodies[id], END_SIZE);
	return view_make(long_one, sizeof long_one - 1);
}

static void mark(struct run *r, uint64_t id)
{
	r->marked[id] = true;
	smtp_session_commit(r->s, id);
}

static void on_done(struct run *r, const struct smtp_event *ev)
{
	bool completed = r->completed[ev->id];

	assert(ev->id == ++r->dones);
	assert(ev->outcome != SMTP_ACCEPTED || completed);
	assert(ev->outcome != SMTP_UNCERTAIN || completed);
	assert(ev->outcome != SMTP_UNSENT || !completed || r->said_421);
}

static void take_events(struct run *r)
{
	struct smtp_event ev;

	while (smtp_session_event(r->s, &ev)) {
		assert(r->closed == 0);
		if (ev.kind == SMTP_EVENT_DONE)
			on_done(r, &ev);
		r->closed += ev.kind == SMTP_EVENT_CLOSED;
		if (ev.kind != SMTP_EVENT_READY)
			continue;
		if ((r->options & SOME_GIVEN_UP) != 0 && (ev.id + r->taste) % 5 == 0)
			smtp_session_abandon(r->s, ev.id);
		else if ((r->options & SLOW_MARKS) != 0 && (ev.id + r->taste) % 3 == 0)
			r->late[ev.id] = true;
		else
			mark(r, ev.id);
	}
	assert(!smtp_session_pending(r->s));
}

static void look(struct run *r)
{
	struct view v = view_from(str_view(&r->out), r->looked_at);
	ptrdiff_t at;

	while ((at = view_find(v, VIEW("END-"))) >= 0) {
		v = view_from(v, (size_t)at);
		if (v.len < END_SIZE - 1)
			break;
		if (v.p[5] == '\r' && v.p[6] == '\n') {
			unsigned id = (unsigned)(v.p[4] - 'a');

			assert(id >= 1 && id <= r->submitted && r->marked[id]);
			r->completed[id] = true;
		}
		v = view_from(v, 1);
	}
	if (r->out.len > END_SIZE)
		r->looked_at = r->out.len - END_SIZE;
}

static void submit_and_write(struct run *r)
{
	static const struct view rcpts[] = {{"a@example.org", sizeof "a@example.org" - 1},
		{"b@example.org", sizeof "b@example.org" - 1}};
	struct view v;

	for (unsigned id = 1; id <= r->submitted; id++) {
		if (r->late[id])
			mark(r, id);
		r->late[id] = false;
	}
	while (r->submitted < MESSAGES && smtp_session_room(r->s) > 0) {
		struct smtp_message m = {
			.id = ++r->submitted, .rcpts = rcpts, .rcpt_count = 1 + r->submitted % 2};

		m.data = content_of(r, r->submitted);
		smtp_session_submit(r->s, &m);
	}
	while ((v = smtp_session_output(r->s)).len > 0) {
		(void)str_addv(&r->out, v);
		smtp_session_written(r->s, v.len);
		take_events(r);
	}
	assert(str_ok(&r->out));
	look(r);
}

static void feed(struct run *r, struct view piece)
{
	submit_and_write(r);
	smtp_session_feed(r->s, piece);
	take_events(r);
}

static void say_hello(struct run *r)
{
	bool pipelining = (r->options & PIPELINING) != 0, chunking = (r->options & CHUNKING) != 0;

	if ((r->options & WITH_GREETING) != 0)
		feed(r, VIEW("220 mx\r\n"));
	feed(r, VIEW("250-mx\r\n"));
	if (pipelining)
		feed(r, VIEW("250-PIPELINING\r\n"));
	if (chunking)
		feed(r, VIEW("250-CHUNKING\r\n"));
	feed(r, VIEW("250 HELP\r\n"));
}

static void converse(struct run *r, struct view in)
{
	int64_t now = 0;
	struct view piece;

	take_events(r);
	if ((r->options & HELLO_GIVEN) != 0)
		say_hello(r);
	while (view_split(&in, '\xff', &piece)) {
		smtp_session_at(r->s, now += STEP_MS);
		feed(r, piece);
	}
	submit_and_write(r);
	smtp_session_lost(r->s, VIEW("end"));
	take_events(r);
	assert(r->closed == 1 && r->dones == r->submitted);
}

/* In one piece or in several. */
static bool says_421(struct view in)
{
	static const char code[] = "421";
	size_t have = 0;

	for (size_t i = 0; i < in.len && have < sizeof code - 1; i++) {
		if (in.p[i] == code[have])
			have++;
		else if (in.p[i] != '\xff')
			have = in.p[i] == code[0];
	}
	return have == sizeof code - 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size);
	struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct run r = {0};
	struct fail f;

	if (size < CHOICES)
		return 0;
	r.options = data[0];
	r.taste = data[1];
	params.greeting = (r.options & WITH_GREETING) != 0;
	params.pipeline = (r.options & CAREFUL) != 0 ? SMTP_PIPELINE_CAREFUL : SMTP_PIPELINE_NORMAL;
	params.window = data[2] % (MESSAGES + 2);
	params.marks_ahead = data[2] >= 128;
	in = view_from(in, CHOICES);
	r.said_421 = says_421(in);
	str_init(&r.out, OUT_MAX);
	r.s = smtp_session_new(&params, 0, &f);
	converse(&r, in);
	smtp_session_free(&r.s);
	str_free(&r.out);
	return 0;
}
