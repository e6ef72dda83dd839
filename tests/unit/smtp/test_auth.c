/* What of the secret stays in a session: nothing, once the login is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "smtp/smtp_private.h"

#define SECRET	  "S3cret-canary"
#define OFFERS	  "250-mx\r\n250 AUTH "
#define USERNAME  "334 VXNlcm5hbWU6\r\n"
#define CRAM	  "334 PDE4OTYuNjk3MTcwOTUyQG14LmV4YW1wbGU+\r\n"
#define RESPONSES 6

static const struct auth_case {
	const char *name, *offers;
	const char *replies[RESPONSES];
	bool shows; /* the secret was in what was written */
} cases[] = {
	{"PLAIN", "PLAIN", {"235 ok\r\n"}, true},
	{"PLAIN, refused", "PLAIN", {"535 no\r\n"}, true},
	{"PLAIN, later", "PLAIN", {"454 later\r\n"}, true},
	{"LOGIN", "LOGIN", {USERNAME, "334 UGFzc3dvcmQ6\r\n", "235 ok\r\n"}, true},
	{"LOGIN, refused", "LOGIN", {USERNAME, USERNAME, "535 no\r\n"}, true},
	{"LOGIN, one too many", "LOGIN", {USERNAME, USERNAME, USERNAME, "501 no\r\n"}, true},
	{"LOGIN, 421", "LOGIN", {USERNAME, USERNAME, "421 bye\r\n"}, true},
	{"LOGIN, nonsense", "LOGIN", {USERNAME, USERNAME, "250 what\r\n"}, true},
	{"CRAM-MD5", "CRAM-MD5", {CRAM, "235 ok\r\n"}, false},
	{"PLAIN is unknown, LOGIN refuses", "PLAIN LOGIN",
		{"504 what\r\n", USERNAME, USERNAME, "535 no\r\n"}, true},
};

/* Whether some piece of it can be found in a piece of memory. */
static bool found(const struct net_blot *blot, const void *p, size_t len)
{
	return net_blot_finds(blot, view_make(p, len));
}

static bool write_all(struct smtp_session *s, const struct net_blot *blot)
{
	bool shown = false;
	struct view v;

	while ((v = smtp_session_output(s)).len > 0) {
		shown = shown || net_blot_finds(blot, v);
		smtp_session_written(s, v.len);
	}
	return shown;
}

static void events(struct smtp_session *s)
{
	struct smtp_event ev;

	while (smtp_session_event(s, &ev))
		;
}

static void say(struct smtp_session *s, const char *words)
{
	smtp_session_feed(s, view_of(words));
	events(s);
}

static void test_wiped(void **state)
{
	struct smtp_session_params params = {.helo = VIEW("c.example.org"),
		.login = {.kinds = NET_SASL_PASSWORD,
			.username = VIEW("ana"),
			.secret = VIEW(SECRET),
			.secure = true}};
	struct net_blot blot;
	struct fail f;

	(void)state;
	net_blot_init(&blot, VIEW(SECRET));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct auth_case *c = &cases[i];
		struct smtp_session *s = smtp_session_new(&params, 0, &f);
		char hello[128];
		bool shown = false;

		(void)write_all(s, &blot);
		(void)snprintf(hello, sizeof hello, OFFERS "%s\r\n", c->offers);
		say(s, hello);
		for (size_t r = 0; r < RESPONSES && c->replies[r] != NULL; r++) {
			shown = write_all(s, &blot) || shown;
			say(s, c->replies[r]);
		}
		if (shown != c->shows)
			fail_msg("%s: whether the secret was shown", c->name);
		if (found(&blot, s->out, SMTP_OUT_SIZE) || s->auth.sasl != NULL ||
			s->auth.response.cap > 0 || s->auth.line.cap > 0 ||
			s->auth.login.secret.p != NULL)
			fail_msg("%s: something is left", c->name);
		smtp_session_free(&s);
	}
	net_blot_free(&blot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_wiped)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
