#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "../mail/payloads.h"
#include "base/arena.h"
#include "base/fail.h"
#include "compose/check.h"
#include "compose/compose.h"
#include "mail/wire.h"

static const int64_t date = INT64_C(1772353800000); /* 2026-03-01T08:30:00Z */
static struct arena arena;

static struct mailbox box(const char *text)
{
	struct mailbox m;
	struct fail f = {0};

	if (mailbox_parse(view_of(text), ADDR_MEMBER, &arena, &m, &f) < 0)
		fail_msg("%s: %s", text, f.text);
	return m;
}

static struct compose_frame frame_of(enum compose_mode mode)
{
	return (struct compose_frame){
		.mode = mode,
		.from = box("Association Exemple <contact@asso.example>"),
		.reply_to = box("bureau@asso.example"),
		.list_name = VIEW("Membres"),
		.list_id = VIEW("membres.asso.example"),
		.unsubscribe = box("retours@asso.example").addr,
		.instance = VIEW("instance-1"),
		.campaign = 7,
		.zone = 660,
	};
}

static const struct compose_parts plain = {.subject = VIEW("Hello"), .text = VIEW("Hello Ana,\n")};
static const struct compose_parts rich = {
	.subject = VIEW("Assemblée générale"),
	.text = VIEW("Bonjour Élise,\nà bientôt\n"),
	.html = VIEW("<p>Bonjour Élise</p>\n"),
};

static struct compose_to to_ana(void)
{
	return (struct compose_to){.mailbox = box("Ana Ruiz <ana@example.org>"),
		.contact = 12,
		.token = VIEW("t0k3n"),
		.return_token = VIEW("r0k3n"),
		.message_token = VIEW("m0k3n")};
}

static struct compose *composer(const struct compose_frame *frame)
{
	struct fail f = {0};
	struct compose *c = compose_new(frame, &f);

	if (c == NULL)
		fail_msg("%s", f.text);
	return c;
}

static enum compose_whose nobody(void *ctx, struct view key)
{
	(void)ctx;
	(void)key;
	return COMPOSE_NOBODY;
}

static void individual_plain(void **state)
{
	struct compose_frame frame = frame_of(COMPOSE_INDIVIDUAL);
	struct compose *c = composer(&frame);
	struct compose_to to = to_ana();
	struct fail f = {0};
	struct str out;
	bool utf8 = true;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), 0);
	assert_false(utf8);
	assert_string_equal(out.p,
		"From: Association Exemple <contact@asso.example>\r\n"
		"Reply-To: bureau@asso.example\r\n"
		"List-Id: Membres <membres.asso.example>\r\n"
		"Precedence: bulk\r\n"
		"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
		"MIME-Version: 1.0\r\n"
		"To: Ana Ruiz <ana@example.org>\r\n"
		"List-Unsubscribe: <mailto:retours@asso.example?subject=unsubscribe%20t0k3n>\r\n"
		"Subject: Hello\r\n"
		"Date: Sun, 01 Mar 2026 19:30:00 +1100\r\n"
		"Message-ID: <m0k3n.s2jhabldktcesc5m@asso.example>\r\n"
		"X-Facteur-Token: r0k3n\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\n"
		"Hello Ana,\r\n");
	assert_int_equal(compose_check(str_view(&out), utf8, NULL, nobody, NULL, &f), 0);
	str_free(&out);
	compose_free(&c);
}

/* What a relay gives back with its events, in whatever form it wants it. */
static void token_field(void **state)
{
	static const struct {
		const char *field, *want;
	} cases[] = {
		{"X-MJ-CustomID: {token}", "\r\nX-MJ-CustomID: r0k3n\r\n"},
		{"X-SES-MESSAGE-TAGS: facteur={token}",
			"\r\nX-SES-MESSAGE-TAGS: facteur=r0k3n\r\n"},
		{"X-SMTPAPI: {\"unique_args\": {\"facteur\": \"{token}\"}}",
			"\r\nX-SMTPAPI: {\"unique_args\": {\"facteur\": \"r0k3n\"}}\r\n"},
	};
	struct compose_frame frame = frame_of(COMPOSE_INDIVIDUAL);
	struct compose *c = composer(&frame);
	struct compose_to to = to_ana();
	struct fail f = {0};
	struct str out;
	bool utf8;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		str_clear(&out);
		to.token_field = view_of(cases[i].field);
		assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), 0);
		if (view_find(str_view(&out), view_of(cases[i].want)) < 0)
			fail_msg("%s is not in %s", cases[i].want, out.p);
	}
	to.return_token = VIEW("");
	str_clear(&out);
	assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), 0);
	assert_true(view_find(str_view(&out), VIEW("X-SMTPAPI")) < 0);
	str_free(&out);
	compose_free(&c);
}

static void bcc_rich(void **state)
{
	struct compose_frame frame = frame_of(COMPOSE_BCC);
	struct compose_to to = {.batch = 3};
	struct compose *c = composer(&frame);
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	assert_int_equal(compose_message(c, &rich, &to, date, &out, NULL, &f), 0);
	assert_string_equal(out.p,
		"From: Association Exemple <contact@asso.example>\r\n"
		"Reply-To: bureau@asso.example\r\n"
		"To: undisclosed-recipients:;\r\n"
		"List-Unsubscribe: <mailto:retours@asso.example?subject=unsubscribe>\r\n"
		"List-Id: Membres <membres.asso.example>\r\n"
		"Precedence: bulk\r\n"
		"X-Auto-Response-Suppress: OOF, AutoReply\r\n"
		"MIME-Version: 1.0\r\n"
		"Subject: =?UTF-8?B?QXNzZW1ibMOpZSBnw6luw6lyYWxl?=\r\n"
		"Date: Sun, 01 Mar 2026 19:30:00 +1100\r\n"
		"Message-ID: <scq2ttn7sscq7ttrraxnwsyxz2chwl4p@asso.example>\r\n"
		"Content-Type: multipart/alternative; boundary=\"=_ozujlfkbmdulsqwqn4hyjneh\"\r\n"
		"\r\n"
		"--=_ozujlfkbmdulsqwqn4hyjneh\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"Bonjour =C3=89lise,\r\n"
		"=C3=A0 bient=C3=B4t\r\n"
		"\r\n"
		"--=_ozujlfkbmdulsqwqn4hyjneh\r\n"
		"Content-Type: text/html; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"<p>Bonjour =C3=89lise</p>\r\n"
		"\r\n"
		"--=_ozujlfkbmdulsqwqn4hyjneh--\r\n");
	assert_int_equal(compose_check(str_view(&out), false, NULL, nobody, NULL, &f), 0);
	str_free(&out);
	compose_free(&c);

	frame.list_address = box("Membres <membres@asso.example>");
	c = composer(&frame);
	assert_int_equal(compose_message(c, &rich, &to, date, &out, NULL, &f), 0);
	assert_non_null(strstr(out.p, "\r\nTo: Membres <membres@asso.example>\r\n"));
	str_free(&out);
	compose_free(&c);
}

/* The least a frame can hold. */
static void bare_frame(void **state)
{
	struct compose_frame frame = {.from = box("a@asso.example"), .instance = VIEW("x")};
	struct compose *c = composer(&frame);
	struct compose_to to = {.mailbox = box("b@example.org")};
	struct compose_parts parts = {.subject = VIEW("")};
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	assert_int_equal(compose_message(c, &parts, &to, date, &out, NULL, &f), 0);
	assert_null(strstr(out.p, "List-"));
	assert_null(strstr(out.p, "Reply-To"));
	assert_int_equal(compose_check(str_view(&out), false, NULL, nobody, NULL, &f), 0);
	str_free(&out);
	compose_free(&c);
}

static void ids(void **state)
{
	struct compose_frame frame = frame_of(COMPOSE_INDIVIDUAL), other = frame;
	struct compose *c = composer(&frame), *d;
	char a[COMPOSE_ID_SIZE], b[COMPOSE_ID_SIZE];

	(void)state;
	compose_message_id(c, VIEW(""), 1, a);
	compose_message_id(c, VIEW(""), 1, b);
	assert_string_equal(a, b);
	compose_message_id(c, VIEW(""), 2, b);
	assert_string_not_equal(a, b);
	compose_message_id(c, VIEW("r0k3n"), 1, b);
	assert_true(view_starts(view_of(b), VIEW("r0k3n.")));
	assert_true(view_starts(view_of(a), view_sub(view_of(b + 6), 0, 16)));
	for (int i = 0; i < 3; i++) {
		other = frame;
		if (i == 0)
			other.mode = COMPOSE_BCC;
		else if (i == 1)
			other.campaign++;
		else
			other.instance = VIEW("instance-2");
		d = composer(&other);
		compose_message_id(d, VIEW(""), 1, b);
		assert_string_not_equal(a, b);
		compose_free(&d);
	}
	compose_free(&c);
	frame.from = box("a@MÜNCHEN.example");
	c = composer(&frame);
	compose_message_id(c, VIEW(""), 1, a);
	assert_true(view_ends(view_of(a), VIEW("@xn--mnchen-3ya.example")));
	compose_free(&c);
}

static void smtputf8(void **state)
{
	struct compose_frame frame = frame_of(COMPOSE_INDIVIDUAL);
	struct compose_to to = {.mailbox = box("élise@example.org"), .token = VIEW("t")};
	struct compose *c = composer(&frame);
	struct fail f = {0};
	struct str out;
	bool utf8 = false;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), -1);
	assert_int_equal(f.kind, FAIL_DATA);
	assert_int_equal(out.len, 0);
	compose_free(&c);
	frame.utf8 = true;
	frame.unsubscribe = box("désabonnement%x@asso.example").addr;
	c = composer(&frame);
	assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), 0);
	assert_true(utf8);
	assert_non_null(strstr(out.p, "\r\nTo: élise@example.org\r\n"));
	assert_non_null(strstr(out.p,
		"\r\nList-Unsubscribe:\r\n"
		" <mailto:d%C3%A9sabonnement%25x@asso.example?subject=unsubscribe%20t>\r\n"));
	assert_int_equal(compose_check(str_view(&out), utf8, NULL, nobody, NULL, &f), 0);
	assert_int_equal(compose_check(str_view(&out), false, NULL, nobody, NULL, &f), -1);
	str_clear(&out);
	to = to_ana();
	assert_int_equal(compose_message(c, &plain, &to, date, &out, &utf8, &f), 0);
	assert_false(utf8);
	str_free(&out);
	compose_free(&c);
}

static void refusals(void **state)
{
	struct compose_frame frame = frame_of(COMPOSE_INDIVIDUAL);
	struct compose *c = composer(&frame);
	struct compose_to to = to_ana();
	struct compose_parts parts = plain;
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, COMPOSE_MESSAGE_MAX);
	parts.text = VIEW("a\0b");
	assert_int_equal(compose_message(c, &parts, &to, date, &out, NULL, &f), -1);
	assert_non_null(strstr(f.text, "NUL"));
	parts.text = VIEW("a\xff");
	assert_int_equal(compose_message(c, &parts, &to, date, &out, NULL, &f), -1);
	assert_non_null(strstr(f.text, "UTF-8 at byte 2"));
	parts = plain;
	assert_int_equal(compose_message(c, &parts, &to, INT64_MAX, &out, NULL, &f), -1);
	assert_non_null(strstr(f.text, "Date"));
	assert_int_equal(out.len, 0);
	str_free(&out);
	str_init(&out, 500);
	assert_int_equal(compose_message(c, &parts, &to, date, &out, NULL, &f), -1);
	assert_non_null(strstr(f.text, "too large"));
	str_free(&out);
	compose_free(&c);
	frame.from.addr.domain = VIEW("-bad-");
	assert_null(compose_new(&frame, &f));
	compose_free(&c);
}

/* Every text of frame, recipient and parts, by number; false past the last. */
static bool put(int field, struct view text, struct compose_frame *frame, struct compose_to *to,
	struct compose_parts *parts)
{
	struct view *const places[] = {
		&frame->from.name,
		&frame->from.addr.local,
		&frame->from.addr.domain,
		&frame->reply_to.name,
		&frame->reply_to.addr.local,
		&frame->reply_to.addr.domain,
		&frame->list_address.name,
		&frame->list_address.addr.local,
		&frame->list_name,
		&frame->list_id,
		&frame->unsubscribe.local,
		&frame->unsubscribe.domain,
		&frame->instance,
		&to->mailbox.name,
		&to->mailbox.addr.local,
		&to->mailbox.addr.domain,
		&to->token,
		&parts->subject,
		&parts->text,
		&parts->html,
	};

	if (field >= (int)(sizeof places / sizeof *places))
		return false;
	*places[field] = text;
	return true;
}

static void inject(int field, const struct payload *p, enum compose_mode mode, size_t *refused)
{
	struct compose_frame frame = frame_of(mode);
	struct compose_to to = mode == COMPOSE_BCC ? (struct compose_to){.batch = 1} : to_ana();
	struct compose_parts parts = rich;
	struct compose *c;
	struct fail f = {0};
	struct str out;

	frame.list_address = box("Membres <membres@asso.example>");
	(void)put(field, p->text, &frame, &to, &parts);
	if (mode == COMPOSE_BCC)
		to = (struct compose_to){.batch = 1};
	str_init(&out, COMPOSE_MESSAGE_MAX);
	c = compose_new(&frame, &f);
	if (c == NULL || compose_message(c, &parts, &to, date, &out, NULL, &f) < 0) {
		assert_int_equal(f.kind, FAIL_DATA);
		assert_int_equal(out.len, 0);
		++*refused;
	} else if (compose_check(str_view(&out), false, NULL, nobody, NULL, &f) < 0) {
		fail_msg("field %d, \"%.*s\": %s\n%s", field, VIEW_ARG(p->text), f.text, out.p);
	} else {
		/* As many fields as a message without the payload. */
		struct view rest = view_sub(
			str_view(&out), 0, (size_t)view_find(str_view(&out), VIEW("\r\n\r\n")));
		struct view line;
		size_t n = 0;

		while (view_line(&rest, &line))
			n += line.p[0] != ' ';
		assert_int_equal(n, mode == COMPOSE_BCC ? 12 : 13); /* with a token */
	}
	str_free(&out);
	compose_free(&c);
}

static void injection(void **state)
{
	struct compose_frame frame;
	struct compose_to to;
	struct compose_parts parts;
	size_t cases = 0, refused = 0;

	(void)state;
	for (int field = 0; put(field, VIEW(""), &frame, &to, &parts); field++)
		for (size_t i = 0; i < PAYLOADS; i++, cases += 2) {
			inject(field, &payloads[i], COMPOSE_INDIVIDUAL, &refused);
			inject(field, &payloads[i], COMPOSE_BCC, &refused);
		}
	print_message("%zu payload x field cases, %zu refused\n", cases, refused);
}

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(individual_plain),
		cmocka_unit_test(token_field),
		cmocka_unit_test(bcc_rich),
		cmocka_unit_test(bare_frame),
		cmocka_unit_test(ids),
		cmocka_unit_test(smtputf8),
		cmocka_unit_test(refusals),
		cmocka_unit_test(injection),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
