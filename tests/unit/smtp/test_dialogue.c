/* Plays every tests/smtp/NNNN-name.dlg against a session, in memory: once with
 * whole replies, once with one byte at a time in both directions.
 *
 *	# words			what the dialogue is about
 *	P greeting careful	parameters: greeting, hello (EHLO was said), careful, ahead,
 *				window=N, size=N, and of a login: auth=auto user=tim secret=pw
 *				nonce=x clear
 *	M 1 from > to to [utf8] [8bit] [envid=x] [notify=N] [full] : line / line
 *				a message; "@N" for N octets of lines, "-" for none
 *	S 250-mx / 250 SIZE	the server says these lines
 *	R 250 ok\n\0\xff	the server says these bytes
 *	C MAIL FROM:<a> / DATA	the client writes exactly these lines now; "-" nothing
 *	N 65536			it writes so many bytes now
 *	! submit 1 2		also: commit 1 2, abandon 1, quit, cut, drop, wait MS
 *	W yes			whether it wants another message; or how many: W 7
 *	D 300000		ms until its deadline; "-" none
 *	= done 1 accepted 250	the next event; see event_text()
 *
 * " / " parts lines, "~" is an empty line. Every event
 * must be named before the next S, R, C, N or !. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include "base/arena.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/vec.h"
#include "net/blot.h"
#include "smtp/command.h"
#include "smtp/session.h"

enum { SCRIPT_MAX = 65536, BYTES_MAX = 1 << 20, MESSAGES_MAX = 8, NAMES_MAX = 512 };

struct play {
	const char *file;
	size_t line;
	bool bytewise;
	int64_t now;
	struct arena mem;
	struct smtp_session *s;
	struct smtp_session_params params;
	struct smtp_message m[MESSAGES_MAX];
	struct vec events; /* char *: what was said and not yet named */
	size_t named;
};

static const char *const verdict_words[] = {"none", "accepted", "deferred", "refused", "next"};
static const char *const outcome_words[] = {"accepted", "deferred", "refused", "no-recipient",
	"unsendable", "too-big", "unsent", "uncertain"};
static const char *const closed_words[] = {"quit", "connect", "refused", "shutdown", "lost",
	"timeout", "protocol", "abandoned", "login"};

/* What a login comes to. */
static const char *trouble_word(enum net_trouble trouble)
{
	if (trouble == NET_TROUBLE_LOGIN)
		return "login";
	if (trouble == NET_TROUBLE_LOGIN_LATER)
		return "login-later";
	return trouble == NET_TROUBLE_NO_AUTH ? "no-auth" : "another";
}

static void play_fail(const struct play *p, const char *what, struct view want, struct view got)
{
	fail_msg("%s:%zu (%s): %s\n  want: %.*s\n  got:  %.*s", p->file, p->line,
		p->bytewise ? "byte by byte" : "whole", what, VIEW_ARG(want), VIEW_ARG(got));
}

static uint64_t play_number(const struct play *p, struct view v)
{
	uint64_t n = 0;

	if (!view_u64(v, UINT32_MAX, &n))
		play_fail(p, "not a number", VIEW("digits"), v);
	return n;
}

static const struct smtp_message *play_message(const struct play *p, uint64_t id)
{
	assert_true(id < MESSAGES_MAX && p->m[id].rcpt_count > 0);
	return &p->m[id];
}

static void caps_text(struct str *out, const struct smtp_caps *c)
{
	(void)str_addf(out, "open%s%s%s%s%s%s", c->pipelining ? " pipelining" : "",
		c->chunking ? " chunking" : "", c->eightbitmime ? " 8bitmime" : "",
		c->smtputf8 ? " smtputf8" : "", c->dsn ? " dsn" : "",
		c->enhanced ? " enhanced" : "");
	if (c->size)
		(void)str_addf(out, " size=%" PRIu64, c->size_max);
	if (c->rcpt_max > 0)
		(void)str_addf(out, " rcptmax=%" PRIu64, c->rcpt_max);
	if (c->mail_max > 0)
		(void)str_addf(out, " mailmax=%" PRIu64, c->mail_max);
}

/* What is told of a login has none of the secret in it, nor what was made of it. */
static void play_no_secret(const struct play *p, const struct smtp_event *ev)
{
	struct view said = ev->fail != NULL ? view_of(ev->fail->text) : ev->reply.text;
	struct net_blot blot;

	net_blot_init(&blot, p->params.login.secret);
	if (net_blot_finds(&blot, said) || net_blot_finds(&blot, ev->reply.text))
		play_fail(p, "the secret is told", VIEW("not"), said);
	net_blot_free(&blot);
}

static void event_text(struct play *p, struct str *out, const struct smtp_event *ev)
{
	const struct smtp_message *m;

	play_no_secret(p, ev);
	switch (ev->kind) {
	case SMTP_EVENT_OPEN:
		caps_text(out, ev->caps);
		return;
	case SMTP_EVENT_RCPT:
		m = play_message(p, ev->id);
		(void)str_addf(out, "rcpt %" PRIu64 " %.*s %s %d", ev->id,
			VIEW_ARG(m->rcpts[ev->rcpt]), verdict_words[ev->verdict], ev->reply.code);
		if (ev->reply.status.klass != 0)
			(void)str_addf(out, " %d.%d.%d", ev->reply.status.klass,
				ev->reply.status.subject, ev->reply.status.detail);
		return;
	case SMTP_EVENT_READY:
		m = play_message(p, ev->id);
		(void)str_addf(out, "ready %" PRIu64, ev->id);
		for (size_t i = 0; i < ev->verdict_count; i++) {
			if (ev->verdicts[i] == SMTP_RCPT_ACCEPTED)
				(void)str_addf(out, " %.*s", VIEW_ARG(m->rcpts[i]));
		}
		return;
	case SMTP_EVENT_DONE:
		(void)str_addf(out, "done %" PRIu64 " %s %d", ev->id, outcome_words[ev->outcome],
			ev->reply.code);
		return;
	case SMTP_EVENT_CLOSED:
		(void)str_addf(out, "closed %s %d", closed_words[ev->closed], ev->reply.code);
		if (ev->fail != NULL)
			(void)str_addf(out, " %s %s",
				ev->fail->kind == FAIL_TEMP ? "later" : "never",
				trouble_word(smtp_session_trouble(p->s)));
		return;
	}
}

static void play_drain(struct play *p)
{
	struct smtp_event ev;

	while (smtp_session_event(p->s, &ev)) {
		struct str text;

		str_init(&text, SCRIPT_MAX);
		event_text(p, &text, &ev);
		*(char **)vec_push(&p->events) = arena_dupz(&p->mem, str_view(&text));
		str_free(&text);
	}
	assert_false(smtp_session_pending(p->s));
}

static void play_no_events_left(const struct play *p)
{
	if (p->named < p->events.len)
		play_fail(p, "an event that the dialogue does not name", VIEW("none"),
			view_of(*(char **)vec_at(&p->events, p->named)));
}

static bool next_part(struct view *rest, struct view *part)
{
	ptrdiff_t at;

	if (rest->p == NULL)
		return false;
	at = view_find(*rest, VIEW(" / "));
	*part = at < 0 ? *rest : view_sub(*rest, 0, (size_t)at);
	*rest = at < 0 ? view_make(NULL, 0) : view_from(*rest, (size_t)at + 3);
	if (view_is(*part, "~"))
		*part = view_sub(*part, 0, 0);
	return true;
}

/* "a / b" as two lines with CRLF; "-" as nothing. */
static struct view play_lines(struct play *p, struct view in)
{
	struct str out;
	struct view part, lines;

	str_init(&out, BYTES_MAX);
	if (view_is(in, "-"))
		in = view_make(NULL, 0);
	while (next_part(&in, &part)) {
		(void)str_addv(&out, part);
		(void)str_addz(&out, "\r\n");
	}
	lines = arena_dup(&p->mem, str_view(&out));
	str_free(&out);
	return lines;
}

static struct view play_filler(struct play *p, uint64_t octets)
{
	enum { LINE = 72 };
	char *bytes = arena_alloc(&p->mem, octets + 1);

	memset(bytes, 'x', octets);
	for (uint64_t at = 0; at < octets; at += LINE) {
		uint64_t end = at + LINE < octets ? at + LINE : octets;

		assert_true(end - at >= 2);
		memcpy(bytes + end - 2, "\r\n", 2);
	}
	return view_make(bytes, octets);
}

static struct view play_octets(struct play *p, uint64_t octets)
{
	char *bytes = arena_alloc(&p->mem, octets + 1);

	memset(bytes, 's', octets);
	return view_make(bytes, octets);
}

static char unescape(struct view *in)
{
	char c = in->p[0];
	size_t used = 1;

	if (c == '\\' && in->len > 1) {
		used = 2;
		c = in->p[1];
		if (c == 'r')
			c = '\r';
		else if (c == 'n')
			c = '\n';
		else if (c == '0')
			c = '\0';
		else if (c == 'x' && in->len > 3) {
			c = (char)(ascii_hex(in->p[2]) * 16 + ascii_hex(in->p[3]));
			used = 4;
		}
	}
	*in = view_from(*in, used);
	return c;
}

static struct view play_raw(struct play *p, struct view in)
{
	char *bytes = arena_alloc(&p->mem, in.len + 1);
	size_t n = 0;

	while (in.len > 0)
		bytes[n++] = unescape(&in);
	return view_make(bytes, n);
}

static void play_feed(struct play *p, struct view bytes)
{
	size_t step = p->bytewise ? 1 : bytes.len;

	smtp_session_at(p->s, p->now);
	for (size_t at = 0; at < bytes.len; at += step) {
		smtp_session_feed(p->s, view_sub(bytes, at, step));
		play_drain(p);
	}
}

static struct view play_take_output(struct play *p)
{
	struct str out;
	struct view v, all;

	str_init(&out, BYTES_MAX);
	smtp_session_at(p->s, p->now);
	while ((v = smtp_session_output(p->s)).len > 0) {
		size_t n = p->bytewise ? 1 : v.len;

		assert_int_equal(str_add(&out, v.p, n), 0);
		smtp_session_written(p->s, n);
	}
	play_drain(p);
	all = arena_dup(&p->mem, str_view(&out));
	str_free(&out);
	return all;
}

static void play_expect_output(struct play *p, struct view want)
{
	struct view got = play_take_output(p);

	if (!view_eq(got, want))
		play_fail(p, "the client wrote something else", want, got);
}

static void message_option(const struct play *p, struct smtp_message *m, struct view word)
{
	if (view_is(word, "utf8"))
		m->utf8 = true;
	else if (view_is(word, "8bit"))
		m->eightbit = true;
	else if (view_is(word, "full"))
		m->ret = SMTP_RET_FULL;
	else if (view_starts(word, VIEW("notify=")))
		m->notify = (unsigned)play_number(p, view_from(word, sizeof "notify=" - 1));
	else
		m->envid = view_from(word, sizeof "envid=" - 1);
}

/* "1 from > to to utf8 : line / line" */
static void play_define(struct play *p, struct view in)
{
	ptrdiff_t colon = view_find(in, VIEW(" : "));
	struct view head = view_sub(in, 0, (size_t)colon);
	struct view body = view_from(in, (size_t)colon + 3), word;
	struct view *rcpts = arena_alloc(&p->mem, NAMES_MAX * sizeof *rcpts);
	struct smtp_message *m;
	uint64_t id;

	assert_true(colon > 0);
	(void)view_split(&head, ' ', &word);
	id = play_number(p, word);
	m = &p->m[id];
	*m = (struct smtp_message){.id = id, .rcpts = rcpts};
	(void)view_split(&head, ' ', &m->from);
	if (view_is(m->from, "<>"))
		m->from = VIEW("");
	(void)view_split(&head, ' ', &word);
	assert_true(view_is(word, ">"));
	while (view_split(&head, ' ', &word)) {
		if (view_chr(word, '@') < 0)
			message_option(p, m, word);
		else
			rcpts[m->rcpt_count++] = word;
	}
	if (view_starts(body, VIEW("@")))
		m->data = play_filler(p, play_number(p, view_from(body, 1)));
	else if (view_starts(body, VIEW("raw ")))
		m->data = play_raw(p, view_from(body, 4));
	else
		m->data = play_lines(p, body);
}

static void play_act_on(struct play *p, struct view verb, uint64_t n)
{
	if (view_is(verb, "submit")) {
		smtp_session_submit(p->s, play_message(p, n));
	} else if (view_is(verb, "commit")) {
		smtp_session_commit(p->s, n);
	} else if (view_is(verb, "abandon")) {
		smtp_session_abandon(p->s, n);
	} else if (view_is(verb, "quit")) {
		smtp_session_quit(p->s);
	} else if (view_is(verb, "cut")) {
		smtp_session_lost(p->s, VIEW("cut"));
	} else if (view_is(verb, "drop")) {
		smtp_session_drop(p->s, VIEW("dropped"));
	} else if (view_is(verb, "wait")) {
		p->now += (int64_t)n;
		smtp_session_at(p->s, p->now);
		smtp_session_expire(p->s);
	} else {
		play_fail(p, "no such action", VIEW("submit, commit, ..."), verb);
	}
}

static void play_act(struct play *p, struct view in)
{
	struct view verb, word = VIEW("0");

	(void)view_split(&in, ' ', &verb);
	smtp_session_at(p->s, p->now);
	do {
		(void)view_split(&in, ' ', &word);
		play_act_on(p, verb, play_number(p, word));
	} while (in.len > 0);
	play_drain(p);
}

/* "auth=auto" "user=tim" "secret=pw" (or "secret=@5000", so many octets), "nonce=x",
 * "host=mx.example", "clear" */
static void play_login_param(struct play *p, struct view word)
{
	struct net_login *login = &p->params.login;
	struct view name;

	(void)view_split(&word, '=', &name);
	if (view_is(name, "auth") && view_is(word, "auto"))
		login->kinds = NET_SASL_PASSWORD;
	else if (view_is(name, "auth") && view_is(word, "token"))
		login->kinds = NET_SASL_TOKEN;
	else if (view_is(name, "auth"))
		login->kinds = net_sasl_read(word);
	else if (view_is(name, "user"))
		login->username = word;
	else if (view_is(name, "secret") && view_starts(word, VIEW("@")))
		login->secret = play_octets(p, play_number(p, view_from(word, 1)));
	else if (view_is(name, "secret"))
		login->secret = word;
	else if (view_is(name, "nonce"))
		login->nonce = word;
	else if (view_is(name, "host"))
		login->host = arena_dupz(&p->mem, word);
	else if (view_is(name, "clear"))
		login->secure = false;
	else
		play_fail(p, "no such parameter", VIEW("auth, user, secret, nonce, clear"), name);
}

static void play_params(struct play *p, struct view in)
{
	struct view word;

	while (view_split(&in, ' ', &word)) {
		if (view_is(word, "greeting"))
			p->params.greeting = true;
		else if (view_is(word, "hello"))
			p->params.hello_said = true;
		else if (view_is(word, "careful"))
			p->params.pipeline = SMTP_PIPELINE_CAREFUL;
		else if (view_is(word, "ahead"))
			p->params.marks_ahead = true;
		else if (view_starts(word, VIEW("window=")))
			p->params.window = (unsigned)play_number(p, view_from(word, 7));
		else if (view_starts(word, VIEW("size=")))
			p->params.size_max = play_number(p, view_from(word, 5));
		else
			play_login_param(p, word);
	}
}

static void play_expect_event(struct play *p, struct view want)
{
	struct view got = VIEW("no event");

	if (p->named < p->events.len)
		got = view_of(*(char **)vec_at(&p->events, p->named));
	if (!view_eq(got, want))
		play_fail(p, "another event", want, got);
	p->named++;
}

static void play_expect_room(const struct play *p, struct view want)
{
	size_t room = smtp_session_room(p->s);

	if (view_is(want, "yes") || view_is(want, "no"))
		assert_int_equal(room > 0, view_is(want, "yes"));
	else
		assert_int_equal(room, play_number(p, want));
}

static void play_expect_deadline(struct play *p, struct view want)
{
	int64_t at = smtp_session_deadline(p->s);

	if (view_is(want, "-"))
		assert_int_equal(at, INT64_MAX);
	else
		assert_int_equal(at - p->now, (int64_t)play_number(p, want));
}

static void play_step(struct play *p, char kind, struct view in)
{
	struct fail f = {0};

	if (p->s == NULL && kind != 'P' && kind != 'M') {
		p->s = smtp_session_new(&p->params, p->now, &f);
		assert_non_null(p->s);
	}
	if (strchr("SRCN!", kind) != NULL)
		play_no_events_left(p);
	if (kind == 'P')
		play_params(p, in);
	else if (kind == 'M')
		play_define(p, in);
	else if (kind == 'S')
		play_feed(p, play_lines(p, in));
	else if (kind == 'R')
		play_feed(p, play_raw(p, in));
	else if (kind == 'C')
		play_expect_output(p, play_lines(p, in));
	else if (kind == 'N')
		assert_int_equal(play_take_output(p).len, play_number(p, in));
	else if (kind == '!')
		play_act(p, in);
	else if (kind == '=')
		play_expect_event(p, in);
	else if (kind == 'W')
		play_expect_room(p, in);
	else if (kind == 'D')
		play_expect_deadline(p, in);
	else
		play_fail(p, "no such kind of line", VIEW("P M S R C N ! = W D"), in);
}

static void play_file(const char *path, struct view script, bool bytewise)
{
	struct play p = {.file = path, .bytewise = bytewise, .now = 1000};
	struct view line;

	p.params.helo = VIEW("client.example.org");
	p.params.login = (struct net_login){
		.username = VIEW("tim"), .secret = VIEW("tanstaaf"), .secure = true};
	arena_init(&p.mem);
	vec_init(&p.events, sizeof(char *));
	while (script.len > 0 && view_line(&script, &line)) {
		p.line++;
		line = view_trim(line);
		if (line.len == 0 || line.p[0] == '#')
			continue;
		play_step(&p, line.p[0], view_trim(view_from(line, 1)));
	}
	play_no_events_left(&p);
	smtp_session_free(&p.s);
	vec_free(&p.events);
	arena_free(&p.mem);
}

static void play_path(const char *path)
{
	struct str script;
	struct fail f = {0};

	str_init(&script, SCRIPT_MAX);
	if (file_read(path, &script, &f) != 0)
		fail_msg("%s", f.text);
	play_file(path, str_view(&script), false);
	play_file(path, str_view(&script), true);
	str_free(&script);
}

static int is_dialogue(const struct dirent *entry)
{
	return view_ends(view_of(entry->d_name), VIEW(".dlg"));
}

static void test_dialogues(void **state)
{
	struct dirent **entries;
	int n = scandir(TEST_ROOT "/tests/smtp", &entries, is_dialogue, alphasort);

	(void)state;
	assert_true(n >= 40);
	for (int i = 0; i < n; i++) {
		struct str path;

		str_init(&path, SCRIPT_MAX);
		(void)file_join(&path, TEST_ROOT "/tests/smtp", entries[i]->d_name);
		play_path(path.p);
		str_free(&path);
		free(entries[i]);
	}
	free(entries);
	print_message("%d dialogues, each whole and byte by byte\n", n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_dialogues)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
