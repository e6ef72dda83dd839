/* A server that says anything. Whatever it says, no message is completed without
 * its mark, each has one DONE, and none counts as accepted that was not completed. */
#include <assert.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum { MESSAGES_MAX = 32, OUT_MAX = 1 << 20, STEP_MS = 1000 };
#define CONTENT "content\r\n"

struct run {
	struct smtp_session *s;
	struct str out;
	unsigned options;
	unsigned submitted, done, closed, marked, accepted, in_doubt;
};

static void take_events(struct run *r)
{
	struct smtp_event ev;

	while (smtp_session_event(r->s, &ev)) {
		assert(r->closed == 0);
		if (ev.kind == SMTP_EVENT_READY && ((r->options + ev.id) % 5 == 0)) {
			smtp_session_abandon(r->s, ev.id);
		} else if (ev.kind == SMTP_EVENT_READY && ((r->options + ev.id) % 7 != 0)) {
			smtp_session_commit(r->s, ev.id);
			r->marked++;
		} else if (ev.kind == SMTP_EVENT_DONE) {
			r->done++;
			r->accepted += ev.outcome == SMTP_ACCEPTED;
			r->in_doubt += ev.outcome == SMTP_UNCERTAIN;
		}
		r->closed += ev.kind == SMTP_EVENT_CLOSED;
	}
}

static void submit_and_write(struct run *r)
{
	static const struct view rcpts[] = {{"a@example.org", sizeof "a@example.org" - 1},
		{"b@example.org", sizeof "b@example.org" - 1}};
	struct view v;

	while (r->submitted < MESSAGES_MAX && smtp_session_room(r->s) > 0) {
		struct smtp_message m = {.id = ++r->submitted,
			.rcpts = rcpts,
			.rcpt_count = 1 + r->submitted % 2,
			.data = VIEW(CONTENT)};

		smtp_session_submit(r->s, &m);
	}
	while ((v = smtp_session_output(r->s)).len > 0) {
		(void)str_addv(&r->out, v);
		smtp_session_written(r->s, v.len);
	}
	assert(str_ok(&r->out));
}

static unsigned completed(struct view out)
{
	unsigned n = 0;
	ptrdiff_t at;

	for (; (at = view_find(out, VIEW(CONTENT ".\r\n"))) >= 0; n++)
		out = view_from(out, (size_t)at + 1);
	return n;
}

static void check(struct run *r)
{
	unsigned ends = completed(str_view(&r->out));

	assert(r->closed == 1 && r->done == r->submitted);
	assert(ends <= r->marked && r->accepted + r->in_doubt <= ends);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), line;
	struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct run r = {0};
	struct fail f;
	int64_t now = 0;

	if (size < 2)
		return 0;
	r.options = data[0];
	params.greeting = (r.options & 1) != 0;
	params.pipeline = (enum smtp_pipeline)(data[1] % 2);
	in = view_from(in, 2);
	str_init(&r.out, OUT_MAX);
	r.s = smtp_session_new(&params, now, &f);
	/* 0xff ends a piece: what stands before comes in one read. */
	while (view_split(&in, '\xff', &line)) {
		take_events(&r);
		submit_and_write(&r);
		smtp_session_at(r.s, now += STEP_MS);
		smtp_session_feed(r.s, line);
		take_events(&r);
	}
	smtp_session_lost(r.s, VIEW("end"));
	take_events(&r);
	check(&r);
	smtp_session_free(&r.s);
	str_free(&r.out);
	return 0;
}
