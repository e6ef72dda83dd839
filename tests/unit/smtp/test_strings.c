/* All strings of up to seven octets over CR, LF, dot, a and NUL, in body and header,
 * by DATA and by BDAT, through one session after the other. The recorder reads the
 * end of the data in every way that servers are known to: each finds exactly one
 * message, and there is no lone CR or LF on the wire (VU#302671). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum { STRING_MAX = 7, STRINGS = 97655, ROOM = 8192 };
static const char alphabet[] = {'\r', '\n', '.', 'a', '\0'};

/* --- what some server takes for the end of the data ------------------------ */

static const struct reading {
	const char *name;
	struct view line_end[4]; /* what ends a line, before and after the dot */
	bool drops_nul;
} readings[] = {
	{"CRLF", {VIEW("\r\n")}, false},
	{"LF", {VIEW("\r\n"), VIEW("\n")}, false},
	{"CR", {VIEW("\r\n"), VIEW("\r")}, false},
	{"any", {VIEW("\r\n"), VIEW("\n"), VIEW("\r")}, false},
	{"CRLF without NUL", {VIEW("\r\n")}, true},
	{"any without NUL", {VIEW("\r\n"), VIEW("\n"), VIEW("\r")}, true},
	{"CR CR LF", {VIEW("\r\n"), VIEW("\r\r\n"), VIEW("\r\n\r")}, true},
};

static size_t ends_line(const struct reading *r, struct view v)
{
	for (size_t i = 0; i < sizeof r->line_end / sizeof *r->line_end; i++) {
		if (r->line_end[i].len > 0 && view_starts(v, r->line_end[i]))
			return r->line_end[i].len;
	}
	return 0;
}

/* Octets up to and with the end of the data; 0: there is none. */
static size_t end_of_data(const struct reading *r, struct view v)
{
	bool at_start = true;

	for (size_t i = 0; i < v.len;) {
		size_t n = ends_line(r, view_from(v, i));

		if (at_start && v.p[i] == '.' && (n = ends_line(r, view_from(v, i + 1))) > 0)
			return i + 1 + n;
		at_start = n > 0;
		i += n > 0 ? n : 1;
	}
	return 0;
}

static struct view without_nul(struct view v, char *room)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] != '\0')
			room[n++] = v.p[i];
	}
	return view_make(room, n);
}

static void unstuff(struct str *out, struct view in)
{
	struct view line;
	ptrdiff_t lf;

	for (; (lf = view_chr(in, '\n')) >= 0; in = view_from(in, (size_t)lf + 1)) {
		line = view_sub(in, 0, (size_t)lf + 1);
		if (view_is(line, ".\r\n"))
			return;
		(void)str_addv(out, line.p[0] == '.' ? view_from(line, 1) : line);
	}
}

/* --- through a session ----------------------------------------------------- */

struct wire {
	struct smtp_session *s;
	bool chunking;
	struct str out, content;
	uint64_t id;
	size_t sent;
	enum smtp_outcome outcome;
	unsigned done;
};

static void says(struct wire *w, const char *words)
{
	struct smtp_event ev;

	smtp_session_feed(w->s, view_of(words));
	while (smtp_session_event(w->s, &ev)) {
		if (ev.kind == SMTP_EVENT_READY)
			smtp_session_commit(w->s, ev.id);
		else if (ev.kind == SMTP_EVENT_DONE) {
			w->outcome = ev.outcome;
			w->done++;
		} else {
			assert_int_not_equal(ev.kind, SMTP_EVENT_CLOSED);
		}
	}
}

static void take(struct wire *w)
{
	struct view v;

	str_clear(&w->out);
	while ((v = smtp_session_output(w->s)).len > 0) {
		(void)str_addv(&w->out, v);
		smtp_session_written(w->s, v.len);
	}
}

static void no_lone_ends(struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\0' || (v.p[i] == '\r' && (i + 1 == v.len || v.p[i + 1] != '\n')) ||
			(v.p[i] == '\n' && (i == 0 || v.p[i - 1] != '\r')))
			fail_msg(
				"octet %zu of the wire is a lone 0x%02x", i, (unsigned char)v.p[i]);
	}
}

static void judge_data(struct wire *w, struct view data)
{
	char room[ROOM];

	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
		struct view v = str_view(&w->out);

		if (readings[i].drops_nul)
			v = without_nul(v, room);
		if (end_of_data(&readings[i], v) != v.len)
			fail_msg("who ends lines at %s sees another end", readings[i].name);
	}
	str_clear(&w->content);
	unstuff(&w->content, str_view(&w->out));
	assert_true(view_eq(str_view(&w->content), data));
}

/* Behind the envelope: BDAT, its number, exactly so many octets. */
static void judge_bdat(const struct wire *w, struct view data)
{
	struct view v = str_view(&w->out), line;
	ptrdiff_t at = view_find(v, VIEW("BDAT "));
	uint64_t n = 0;

	assert_true(at > 0);
	v = view_from(v, (size_t)at + 5);
	line = view_sub(v, 0, (size_t)view_chr(v, '\n') + 1);
	assert_true(view_ends(line, VIEW(" LAST\r\n")));
	assert_true(view_u64(view_sub(line, 0, line.len - 7), ROOM, &n));
	v = view_from(v, line.len);
	assert_int_equal(v.len, n);
	assert_true(view_eq(v, data));
}

static void wire_send(struct wire *w, struct view data)
{
	static const struct view rcpt = {"a@example.org", 13};
	struct smtp_message m = {
		.id = ++w->id, .from = VIEW("b@lists.example"), .rcpts = &rcpt, .rcpt_count = 1};

	m.data = data;
	w->done = 0;
	smtp_session_submit(w->s, &m);
	says(w, "");
	take(w);
	if (w->out.len == 0) {
		assert_int_equal(w->done, 1);
		assert_int_equal(w->outcome, SMTP_UNSENDABLE);
		return;
	}
	if (!w->chunking) {
		says(w, "250 ok\r\n250 ok\r\n354 go\r\n");
		take(w);
		judge_data(w, data);
	} else {
		judge_bdat(w, data);
		says(w, "250 ok\r\n250 ok\r\n");
	}
	no_lone_ends(str_view(&w->out));
	assert_int_equal(w->done, 0);
	says(w, "250 queued\r\n");
	assert_int_equal(w->done, 1);
	assert_int_equal(w->outcome, SMTP_ACCEPTED);
	w->sent++;
}

static void wire_open(struct wire *w, bool chunking)
{
	const struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct fail f;

	*w = (struct wire){.chunking = chunking};
	str_init(&w->out, ROOM);
	str_init(&w->content, ROOM);
	w->s = smtp_session_new(&params, 0, &f);
	take(w);
	says(w, chunking ? "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
			 : "250-mx\r\n250 PIPELINING\r\n");
}

static void wire_close(struct wire *w)
{
	smtp_session_free(&w->s);
	str_free(&w->out);
	str_free(&w->content);
}

/* --- the strings ----------------------------------------------------------- */

/* Where the string stands; the middle ones are long enough for the quick look. */
static const struct place {
	const char *name;
	struct view before, after;
} places[] = {
	{"all there is", VIEW(""), VIEW("")},
	{"a line", VIEW(""), VIEW("\r\n")},
	{"in the body", VIEW("Subject: x\r\nTo: a@example.org\r\n\r\nbefore it"),
		VIEW("and after it, in the same line\r\n")},
	{"a line of the body", VIEW("Subject: x\r\nTo: a@example.org\r\n\r\nbefore it\r\n"),
		VIEW("\r\nand after it, in another line\r\n")},
	{"the end of the body", VIEW("Subject: x\r\nTo: a@example.org\r\n\r\nbefore it\r\n"),
		VIEW("")},
	{"in a header", VIEW("From: b@lists.example\r\nSubject: x"),
		VIEW("y\r\nTo: a@example.org\r\n\r\nbody\r\n")},
};

static void make(struct str *text, const struct place *p, size_t len, size_t n)
{
	str_clear(text);
	(void)str_addv(text, p->before);
	for (size_t i = 0; i < len; i++, n /= sizeof alphabet)
		(void)str_addc(text, alphabet[n % sizeof alphabet]);
	(void)str_addv(text, p->after);
}

static size_t send_all(struct wire *w, const struct place *p)
{
	size_t count = 0;
	struct str text;

	str_init(&text, ROOM);
	for (size_t len = 1, most = sizeof alphabet; len <= STRING_MAX;
		len++, most *= sizeof alphabet) {
		for (size_t n = 0; n < most; n++, count++) {
			make(&text, p, len, n);
			wire_send(w, str_view(&text));
		}
	}
	str_free(&text);
	return count;
}

static void test_all_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct wire data, bdat;

		wire_open(&data, false);
		wire_open(&bdat, true);
		assert_int_equal(send_all(&data, &places[i]), STRINGS);
		assert_int_equal(send_all(&bdat, &places[i]), STRINGS);
		assert_int_equal(data.sent, bdat.sent);
		assert_true(data.sent > 0);
		print_message("%s: %d strings twice, %zu fit for the wire\n", places[i].name,
			STRINGS, data.sent);
		wire_close(&data);
		wire_close(&bdat);
	}
}

/* The recorder can tell: what a careless client would write is found out. */
static void test_recorder(void **state)
{
	static const struct view smuggled[] = {
		{"a\n.\nb\r\n.\r\n", 10},
		{"a\r.\rb\r\n.\r\n", 10},
		{"a\n.\r\nb\r\n.\r\n", 11},
		{"a\r\n.\0\r\nb\r\n.\r\n", 13},
		{"a\r\n.\r\r\nb\r\n.\r\n", 13},
	};
	char room[ROOM];

	(void)state;
	for (size_t k = 0; k < sizeof smuggled / sizeof *smuggled; k++) {
		unsigned fooled = 0;

		for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
			struct view v = smuggled[k];

			if (readings[i].drops_nul)
				v = without_nul(v, room);
			fooled += end_of_data(&readings[i], v) != v.len;
		}
		assert_true(fooled > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorder),
		cmocka_unit_test(test_all_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
