/* What a dialogue file cannot say: envelopes longer than the buffer, and which
 * bytes and pointers come back when the transport takes only some. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/fail.h"
#include "base/str.h"
#include "smtp/session.h"

enum { RCPTS = 1000, NAME_SIZE = 200, OUT_MAX = 1 << 20 };

static char names[RCPTS][NAME_SIZE];
static struct view rcpts[RCPTS];
static const struct smtp_session_params params = {.helo = {"c.example.org", 13}};

static void fill_names(void)
{
	for (int i = 0; i < RCPTS; i++) {
		(void)snprintf(names[i], sizeof names[i], "%0150d@x.example", i);
		rcpts[i] = view_of(names[i]);
	}
}

static struct smtp_message message(uint64_t id, size_t rcpt_count)
{
	return (struct smtp_message){.id = id,
		.from = VIEW("b@lists.example"),
		.rcpts = rcpts,
		.rcpt_count = rcpt_count,
		.data = VIEW("Subject: x\r\n")};
}

static unsigned says(struct smtp_session *s, const char *words, struct smtp_event *last)
{
	unsigned n = 0;
	struct smtp_event ev;

	smtp_session_feed(s, view_of(words));
	for (; smtp_session_event(s, &ev); n++)
		*last = ev;
	return n;
}

static struct smtp_session *open_session(void)
{
	struct smtp_event ev;
	struct fail f;
	struct smtp_session *s = smtp_session_new(&params, 0, &f);

	assert_non_null(s);
	smtp_session_written(s, smtp_session_output(s).len);
	assert_int_equal(says(s, "250-mx\r\n250 PIPELINING\r\n", &ev), 1);
	return s;
}

/* A thousand recipients, taken in small bites, with an answer between them. */
static void test_long_envelope(void **state)
{
	struct smtp_session *s = open_session();
	struct smtp_message m = message(1, RCPTS);
	struct smtp_event ev = {0};
	struct str out;
	struct view v;
	unsigned told = 0;

	(void)state;
	str_init(&out, OUT_MAX);
	smtp_session_submit(s, &m);
	for (size_t bite = 1; (v = smtp_session_output(s)).len > 0; bite = bite * 7 % 4096 + 1) {
		size_t n = v.len < bite ? v.len : bite;

		(void)str_add(&out, v.p, n);
		smtp_session_written(s, n);
	}
	assert_true(view_ends(str_view(&out), VIEW("@x.example>\r\nDATA\r\n")));
	assert_int_equal(says(s, "250 ok\r\n", &ev), 0);
	for (int i = 0; i < RCPTS; i++) {
		told += says(s, i % 3 == 0 ? "550 no\r\n" : "250 ok\r\n", &ev);
		assert_int_equal(ev.rcpt, i);
	}
	assert_int_equal(told, RCPTS);
	assert_int_equal(says(s, "354 go\r\n", &ev), 1);
	assert_int_equal(ev.kind, SMTP_EVENT_READY);
	for (size_t i = 0; i < ev.verdict_count; i++)
		assert_int_equal(
			ev.verdicts[i], i % 3 == 0 ? SMTP_RCPT_REFUSED : SMTP_RCPT_ACCEPTED);
	str_free(&out);
	smtp_session_free(&s);
}

/* MAIL is refused, or the caller gives up, while the envelope is still going out:
 * the rest of it is not written, and the next message starts clean. */
static void stop_in_envelope(const char *answer, bool abandon, enum smtp_outcome want)
{
	struct smtp_session *s = open_session();
	struct smtp_message m = message(1, RCPTS), next = message(2, 1);
	struct smtp_event ev = {0};
	struct view v;
	size_t lines = 0;

	smtp_session_submit(s, &m);
	v = smtp_session_output(s);
	assert_false(view_ends(v, VIEW("DATA\r\n")));
	for (size_t i = 0; i < v.len; i++)
		lines += v.p[i] == '\n';
	if (abandon)
		smtp_session_abandon(s, 1);
	(void)says(s, answer, &ev);
	smtp_session_written(s, v.len);
	assert_int_equal(smtp_session_output(s).len, 0);
	for (size_t i = 1; i < lines; i++)
		(void)says(s, abandon ? "250 ok\r\n" : "503 no\r\n", &ev);
	assert_int_equal(ev.kind, SMTP_EVENT_DONE);
	assert_int_equal(ev.outcome, want);
	smtp_session_submit(s, &next);
	v = smtp_session_output(s);
	assert_int_equal(view_starts(v, VIEW("RSET\r\n")), abandon);
	smtp_session_free(&s);
}

static void test_stop_in_envelope(void **state)
{
	(void)state;
	stop_in_envelope("550 5.7.1 no\r\n", false, SMTP_REFUSED);
	stop_in_envelope("250 ok\r\n", true, SMTP_UNSENT);
}

/* After "would block" TLS wants the same pointer and no less than before. */
static void test_pointer_stays(void **state)
{
	struct smtp_session *s = open_session();
	struct smtp_message m1 = message(1, 2), m2 = message(2, 2);
	struct smtp_event ev;
	struct view before, after;

	(void)state;
	smtp_session_submit(s, &m1);
	smtp_session_written(s, smtp_session_output(s).len);
	(void)says(s, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n", &ev);
	smtp_session_commit(s, 1);
	before = smtp_session_output(s);
	smtp_session_written(s, 5);
	before = view_from(before, 5);
	smtp_session_submit(s, &m2);
	after = smtp_session_output(s);
	assert_ptr_equal(after.p, before.p);
	assert_true(after.len > before.len);
	assert_true(view_starts(after, before));
	smtp_session_free(&s);
}

/* The views of a DONE stay while the next message is submitted. */
static void test_done_outlives_submit(void **state)
{
	struct smtp_session *s = open_session();
	struct smtp_event ev;

	(void)state;
	for (uint64_t id = 1; id < 20; id++) {
		struct smtp_message m = message(id, 1 + id), next = message(100 + id, 30);

		smtp_session_submit(s, &m);
		smtp_session_written(s, smtp_session_output(s).len);
		assert_int_equal(says(s, "550 5.7.1 first words\r\n", &ev), 0);
		for (uint64_t i = 0; i <= id; i++)
			assert_int_equal(says(s, "503 no\r\n", &ev), 0);
		smtp_session_feed(s, VIEW("503 no\r\n"));
		assert_true(smtp_session_event(s, &ev));
		assert_int_equal(ev.kind, SMTP_EVENT_DONE);
		smtp_session_submit(s, &next);
		assert_true(view_is(ev.reply.text, "first words"));
		assert_int_equal(ev.verdict_count, 1 + id);
		for (size_t i = 0; i < ev.verdict_count; i++)
			assert_int_equal(ev.verdicts[i], SMTP_RCPT_NONE);
		smtp_session_abandon(s, 100 + id);
		assert_true(smtp_session_event(s, &ev));
		assert_int_equal(ev.outcome, SMTP_UNSENT);
		assert_false(smtp_session_event(s, &ev));
	}
	smtp_session_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_envelope),
		cmocka_unit_test(test_stop_in_envelope),
		cmocka_unit_test(test_pointer_stays),
		cmocka_unit_test(test_done_outlives_submit),
	};

	fill_names();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
