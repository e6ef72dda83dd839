/* Reply i belongs to command i: random servers answer in random pieces, and every
 * reply carries a number of its own. What the session says of each recipient and
 * message must be what the server said to that very command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum {
	SCRIPTS = 12000, /* in each mode; with LONG so many times more: */
	LONGER = 30,
	MESSAGES_MAX = 12,
	RCPTS_MAX = 5,
	BYTES_MAX = 1 << 20,
	LONG_ONE = 70000, /* longer than any buffer */
	WORDS_SIZE = 64,
};

enum mode { LOCKSTEP, CAREFUL, OVERLAP, WINDOW, MODES };

/* --- chance ---------------------------------------------------------------- */

static uint64_t seed;

static unsigned chance(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % below;
}

static int one_of(const int *codes, unsigned count, unsigned yes_in_ten)
{
	return chance(10) < yes_in_ten ? codes[0] : codes[chance(count)];
}

/* --- a server that remembers what it said ---------------------------------- */

struct said {
	int code;
	unsigned number; /* stands in its text */
};
struct heard { /* of one message */
	struct said mail, rcpt[RCPTS_MAX], data, end, last;
	unsigned rcpts, accepted;
	bool whole; /* it has its content, and is content with it */
};
struct server {
	enum mode mode;
	unsigned number, kindness; /* of ten answers so many are yes */
	struct str in, say;
	size_t told;
	unsigned current; /* message, from 1 */
	bool open, in_data;
	struct heard heard[MESSAGES_MAX + 1];
	const struct smtp_message *sent;
};

/* One reply of one to three lines. */
static struct said say(struct server *v, int code)
{
	struct said said = {code, ++v->number};
	struct heard *h = &v->heard[v->current];

	for (unsigned more = chance(8) == 0 ? 1 + chance(2) : 0; more > 0; more--)
		(void)str_addf(&v->say, "%d-line\r\n", code);
	(void)str_addf(&v->say, "%d #%u\r\n", code, said.number);
	h->last = said;
	return said;
}

static void on_mail(struct server *v)
{
	static const int codes[] = {250, 450, 550, 451, 553};
	struct heard *h = &v->heard[++v->current];

	assert_false(v->open); /* nobody begins inside another */
	h->mail = say(v, one_of(codes, 5, v->kindness));
	v->open = h->mail.code == 250;
}

static void on_rcpt(struct server *v)
{
	static const int codes[] = {250, 550, 450, 452, 251};
	struct heard *h = &v->heard[v->current];
	int code = one_of(codes, 5, v->kindness);

	if (!v->open)
		code = 503;
	h->rcpt[h->rcpts++] = say(v, code);
	h->accepted += code / 100 == 2;
}

static void on_data(struct server *v)
{
	static const int codes[] = {354, 451, 554};
	struct heard *h = &v->heard[v->current];
	int code = one_of(codes, 3, v->kindness);

	if (h->accepted == 0 && (!v->open || chance(3) > 0))
		code = 503;
	h->data = say(v, code);
	v->in_data = code == 354;
}

/* `content` as the client was given it. */
static void on_end(struct server *v, struct view content)
{
	static const int codes[] = {250, 451, 554, 552};
	struct heard *h = &v->heard[v->current];
	bool nobody = h->accepted == 0;

	if (!nobody)
		assert_true(view_eq(content, v->sent[v->current].data));
	h->end = say(v, nobody ? 554 : one_of(codes, 4, v->kindness));
	h->whole = h->end.code == 250;
	v->open = v->open && v->mode == WINDOW && !h->whole;
	v->in_data = false;
}

static void on_command(struct server *v, struct view line)
{
	if (view_starts(line, VIEW("MAIL")))
		on_mail(v);
	else if (view_starts(line, VIEW("RCPT")))
		on_rcpt(v);
	else if (view_starts(line, VIEW("DATA")))
		on_data(v);
	else if (view_starts(line, VIEW("RSET"))) {
		v->open = false;
		(void)say(v, 250);
	} else if (view_starts(line, VIEW("QUIT")))
		(void)say(v, 221);
	else
		fail_msg("the client says %.*s", VIEW_ARG(line));
}

/* Takes one command or one content off *in; false: more must come. */
static bool serve_one(struct server *v, struct view *in)
{
	struct view line;
	ptrdiff_t lf;
	uint64_t n = 0;

	if (v->in_data) {
		/* None of the messages has a line of a dot. */
		ptrdiff_t end =
			view_starts(*in, VIEW(".\r\n")) ? 0 : view_find(*in, VIEW("\r\n.\r\n"));

		if (end < 0)
			return false;
		end += view_starts(*in, VIEW(".\r\n")) ? 0 : 2;
		on_end(v, view_sub(*in, 0, (size_t)end));
		*in = view_from(*in, (size_t)end + 3);
		return true;
	}
	lf = view_chr(*in, '\n');
	if (lf < 0)
		return false;
	line = view_sub(*in, 0, (size_t)lf + 1);
	if (!view_starts(line, VIEW("BDAT "))) {
		on_command(v, line);
		*in = view_from(*in, line.len);
		return true;
	}
	assert_true(v->mode == WINDOW && view_ends(line, VIEW(" LAST\r\n")));
	assert_true(view_u64(view_sub(line, 5, line.len - 12), BYTES_MAX, &n));
	if (in->len < line.len + n)
		return false;
	on_end(v, view_sub(*in, line.len, (size_t)n));
	*in = view_from(*in, line.len + (size_t)n);
	return true;
}

static void serve(struct server *v, struct view bytes)
{
	struct view in;

	(void)str_addv(&v->in, bytes);
	assert_true(str_ok(&v->in));
	in = str_view(&v->in);
	while (in.len > 0 && serve_one(v, &in))
		;
	memmove(v->in.p, in.p, in.len);
	str_cut(&v->in, in.len);
}

/* --- the client's side ------------------------------------------------------ */

struct talk {
	struct server server;
	struct smtp_session *s;
	struct smtp_message m[MESSAGES_MAX + 1];
	struct view rcpts[RCPTS_MAX];
	unsigned count, submitted, done, closed;
	unsigned ready[MESSAGES_MAX], ready_count; /* not yet committed */
	enum smtp_verdict told[MESSAGES_MAX + 1][RCPTS_MAX];
};

static unsigned number_in(const struct smtp_reply *r)
{
	ptrdiff_t at = view_chr(r->text, '#');

	assert_true(at >= 0);
	return (unsigned)strtoul(r->text.p + at + 1, NULL, 10);
}

static void same(const struct smtp_reply *got, struct said want)
{
	assert_int_equal(got->code, want.code);
	assert_int_equal(number_in(got), want.number);
}

static void check_rcpt(struct talk *t, const struct smtp_event *ev)
{
	const struct said *want = &t->server.heard[ev->id].rcpt[ev->rcpt];

	same(&ev->reply, *want);
	assert_int_equal(t->told[ev->id][ev->rcpt], SMTP_RCPT_NONE);
	t->told[ev->id][ev->rcpt] = ev->verdict;
	assert_int_equal(ev->verdict == SMTP_RCPT_ACCEPTED, want->code / 100 == 2);
}

static enum smtp_outcome outcome_of(int code)
{
	if (code / 100 == 2)
		return SMTP_ACCEPTED;
	return code / 100 == 5 && code != 503 ? SMTP_REFUSED : SMTP_DEFERRED;
}

/* Which reply decided, by the server's own record. */
static void check_done(struct talk *t, const struct smtp_event *ev)
{
	const struct heard *h = &t->server.heard[ev->id];

	t->done++;
	assert_int_equal(ev->id, t->done); /* in their order */
	if (h->mail.code != 250) {
		same(&ev->reply, h->mail);
		assert_int_equal(ev->outcome, outcome_of(h->mail.code));
	} else if (h->accepted == 0) {
		assert_int_equal(ev->outcome, SMTP_NO_RECIPIENT);
		assert_false(h->whole);
	} else if (h->data.code != 0 && h->data.code != 354) {
		same(&ev->reply, h->data);
		assert_int_equal(ev->outcome, outcome_of(h->data.code));
	} else {
		same(&ev->reply, h->end);
		assert_int_equal(ev->outcome, outcome_of(h->end.code));
		assert_int_equal(ev->outcome == SMTP_ACCEPTED, h->whole);
	}
	for (unsigned i = 0; i < t->m[ev->id].rcpt_count; i++)
		assert_int_equal(t->told[ev->id][i] != SMTP_RCPT_NONE, h->mail.code == 250);
}

static void events(struct talk *t)
{
	struct smtp_event ev;

	while (smtp_session_event(t->s, &ev)) {
		if (ev.kind == SMTP_EVENT_RCPT)
			check_rcpt(t, &ev);
		else if (ev.kind == SMTP_EVENT_READY)
			t->ready[t->ready_count++] = (unsigned)ev.id;
		else if (ev.kind == SMTP_EVENT_DONE)
			check_done(t, &ev);
		else if (ev.kind == SMTP_EVENT_CLOSED) {
			t->closed++;
			assert_int_equal(ev.closed, SMTP_CLOSED_QUIT);
		}
	}
}

/* Some of what is ready, in any order. */
static void commit_some(struct talk *t)
{
	while (t->ready_count > 0 && chance(4) > 0) {
		unsigned i = chance(t->ready_count);

		smtp_session_commit(t->s, t->ready[i]);
		t->ready[i] = t->ready[--t->ready_count];
	}
}

static void submit_some(struct talk *t)
{
	while (t->submitted < t->count && smtp_session_room(t->s) > 0 && chance(4) > 0)
		smtp_session_submit(t->s, &t->m[++t->submitted]);
	if (t->done == t->count)
		smtp_session_quit(t->s);
}

static void turn(struct talk *t)
{
	struct server *v = &t->server;
	struct view out;
	size_t n;

	submit_some(t);
	events(t);
	commit_some(t);
	out = smtp_session_output(t->s);
	n = chance(3) == 0 || out.len == 0 ? out.len : 1 + chance((unsigned)out.len);
	serve(v, view_sub(out, 0, n));
	smtp_session_written(t->s, n);
	events(t);
	for (unsigned pieces = chance(6); pieces > 0 && v->told < v->say.len; pieces--) {
		n = 1 + chance(chance(2) == 0 ? 3 : 200);
		n = n < v->say.len - v->told ? n : v->say.len - v->told;
		smtp_session_feed(t->s, view_make(v->say.p + v->told, n));
		v->told += n;
		events(t);
	}
}

/* --- scripts ----------------------------------------------------------------- */

static char long_one[LONG_ONE];
static char bodies[MESSAGES_MAX + 1][WORDS_SIZE];

static void make_messages(struct talk *t)
{
	static const char *const names[] = {
		"a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"};

	t->count = 1 + chance(MESSAGES_MAX);
	for (unsigned i = 0; i < RCPTS_MAX; i++)
		t->rcpts[i] = view_of(names[i]);
	for (unsigned id = 1; id <= t->count; id++) {
		(void)snprintf(bodies[id], sizeof bodies[id], "\r\nmessage %u\r\n", id);
		t->m[id] = (struct smtp_message){.id = id,
			.from = VIEW("b@lists.example"),
			.rcpts = t->rcpts,
			.rcpt_count = 1 + chance(RCPTS_MAX),
			.data = chance(40) == 0 ? view_make(long_one, sizeof long_one)
						: view_of(bodies[id])};
	}
}

static void play(enum mode mode)
{
	static const char *const hello[] = {"250 mx\r\n",
		"250-mx\r\n250-CHUNKING\r\n250 PIPELINING\r\n", "250-mx\r\n250 PIPELINING\r\n",
		"250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n"};
	struct smtp_session_params params = {.helo = VIEW("c.example.org"),
		.pipeline = mode == CAREFUL ? SMTP_PIPELINE_CAREFUL : SMTP_PIPELINE_NORMAL,
		.window = chance(MESSAGES_MAX),
		.marks_ahead = chance(2) == 0};
	struct talk t = {.server = {.mode = mode, .kindness = chance(11)}};
	struct fail f;
	size_t turns = 0;

	make_messages(&t);
	t.server.sent = t.m;
	str_init(&t.server.in, BYTES_MAX);
	str_init(&t.server.say, BYTES_MAX);
	t.s = smtp_session_new(&params, 0, &f);
	smtp_session_written(t.s, smtp_session_output(t.s).len);
	(void)str_addz(&t.server.say, hello[mode]);
	while (t.closed == 0 && turns++ < 100000)
		turn(&t);
	assert_int_equal(t.closed, 1);
	assert_int_equal(t.done, t.count);
	assert_int_equal(t.server.current, t.count);
	smtp_session_free(&t.s);
	str_free(&t.server.in);
	str_free(&t.server.say);
}

static unsigned script;
static enum mode mode_now;

/* After a failure too: which one it was. */
static int say_where(void **state)
{
	static const char *const names[] = {"lockstep", "careful", "overlap", "window"};

	(void)state;
	print_message("last script: %u, %s\n", script, names[mode_now]);
	return 0;
}

static void test_pairing(void **state)
{
	const char *longer = getenv("LONG");
	unsigned scripts = longer != NULL && longer[0] != '\0' ? SCRIPTS * LONGER : SCRIPTS;

	(void)state;
	memset(long_one, 'x', sizeof long_one);
	for (size_t at = 70; at <= sizeof long_one; at += 70)
		memcpy(long_one + at - 2, "\r\n", 2);
	for (mode_now = LOCKSTEP; mode_now < MODES; mode_now++) {
		for (script = 1; script <= scripts; script++) {
			seed = UINT64_C(0x9E3779B97F4A7C15) * script + mode_now;
			play(mode_now);
		}
	}
	mode_now = WINDOW;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_pairing, say_where)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
