#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/fail.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "mail/wire.h"
#include "payloads.h"

/* Every function that takes text, as one shape. */
typedef int writer(struct str *out, struct view text, struct fail *f);

static int subject(struct str *out, struct view text, struct fail *f)
{
	return header_text(out, "Subject", text, f);
}

static int token(struct str *out, struct view text, struct fail *f)
{
	return header_token(out, "Precedence", text, f);
}

static int mailbox(struct str *out, struct mailbox m, struct fail *f)
{
	return header_mailbox(out, "To", &m, true, f);
}

static int name(struct str *out, struct view text, struct fail *f)
{
	return mailbox(out, (struct mailbox){text, {VIEW("a"), VIEW("b.example")}}, f);
}

static int local(struct str *out, struct view text, struct fail *f)
{
	return mailbox(out, (struct mailbox){VIEW("A"), {text, VIEW("b.example")}}, f);
}

static int domain(struct str *out, struct view text, struct fail *f)
{
	return mailbox(out, (struct mailbox){VIEW("A"), {VIEW("a"), text}}, f);
}

static int parsed(struct str *out, struct view text, struct fail *f)
{
	struct mailbox m;
	struct arena a;
	int ret;

	arena_init(&a);
	ret = mailbox_parse(text, ADDR_ALLOW_UTF8, &a, &m, f);
	if (ret == 0)
		ret = mailbox(out, m, f);
	arena_free(&a);
	return ret;
}

static int msgid(struct str *out, struct view text, struct fail *f)
{
	return header_msgid(out, "Message-ID", text, f);
}

static int uri(struct str *out, struct view text, struct fail *f)
{
	const struct view uris[] = {VIEW("mailto:a@b.example"), text};

	return header_uris(out, "List-Unsubscribe", uris, 2, f);
}

static int list_name(struct str *out, struct view text, struct fail *f)
{
	return header_list_id(out, text, VIEW("a.b.example"), f);
}

static int list_id(struct str *out, struct view text, struct fail *f)
{
	return header_list_id(out, VIEW("A"), text, f);
}

static int param_value(struct str *out, struct view text, struct fail *f)
{
	struct header_param p = {"filename", text};

	return header_params(out, "Content-Disposition", VIEW("attachment"), &p, 1, f);
}

static int params_head(struct str *out, struct view text, struct fail *f)
{
	return header_params(out, "Content-Type", text, NULL, 0, f);
}

static int fallback(struct str *out, struct view text, struct fail *f)
{
	struct str plain;
	int ret;

	str_init(&plain, 4096);
	ret = header_fallback(&plain, text);
	if (ret == 0)
		ret = param_value(out, str_view(&plain), f);
	str_free(&plain);
	return ret;
}

static const struct shape {
	const char *what;
	writer *write;
	bool cleans; /* replaces what it does not take, instead of refusing it */
} shapes[] = {
	{"subject", subject, false},
	{"token", token, false},
	{"name", name, false},
	{"local part", local, false},
	{"domain", domain, false},
	{"parsed mailbox", parsed, false},
	{"message id", msgid, false},
	{"uri", uri, false},
	{"list name", list_name, false},
	{"list id", list_id, false},
	{"parameter", param_value, false},
	{"content type", params_head, false},
	{"fallback", fallback, true},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* The lines that begin a field. */
static size_t count_fields(struct view text)
{
	struct view line;
	size_t n = 0;

	while (view_line(&text, &line))
		n += line.len > 0 && line.p[0] != ' ' && line.p[0] != '\t';
	return n;
}

/* Alone, and in the middle of a text that a user would write. */
static void check(const struct shape *s, const struct payload *p, bool wrapped)
{
	static const char before[] = "Before: 1\r\n";
	struct str in, out;
	struct fail f = {0};
	int ret;

	str_init(&in, 4096);
	str_init(&out, 1 << 16);
	(void)str_addz(&out, before);
	(void)str_addz(&in, wrapped ? "Élise " : "");
	(void)str_addv(&in, p->text);
	(void)str_addz(&in, wrapped ? " Nguyễn" : "");
	ret = s->write(&out, str_view(&in), &f);
	if (ret == 0 && p->control && !s->cleans && !(s->write == parsed && !wrapped))
		fail_msg("%s: let \"%s\" through: %s", s->what, in.p, out.p);
	if (ret < 0 && (f.kind != FAIL_DATA || f.text[0] == '\0'))
		fail_msg("%s: no words for \"%s\"", s->what, in.p);
	if (ret < 0)
		assert_string_equal(out.p, before);
	else if (wire_check(str_view(&out), WIRE_8BIT, &f) < 0)
		fail_msg("%s: \"%s\": %s", s->what, in.p, f.text);
	if (count_fields(str_view(&out)) != (ret == 0 ? 2 : 1))
		fail_msg("%s: \"%s\" made %s", s->what, in.p, out.p);
	str_free(&in);
	str_free(&out);
}

static void no_field_of_his_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		for (size_t k = 0; k < PAYLOADS; k++) {
			check(&shapes[i], &payloads[k], false);
			check(&shapes[i], &payloads[k], true);
		}
	print_message("%d payloads x %d fields x 2\n", (int)PAYLOADS, (int)SHAPES);
}

/* RELIABILITY.md: every string of up to 7 over the bytes that smuggle, as a
 * body, comes out with no line end but CRLF, or is refused. */
static void no_smuggling(void **state)
{
	static const char bytes[] = {'\r', '\n', '.', 'a', '\0'};
	enum { BYTES = sizeof bytes, LEN = 7 };
	struct str out;
	unsigned long tried = 0;

	(void)state;
	str_init(&out, 4096);
	for (unsigned len = 0; len <= LEN; len++) {
		unsigned long all = 1;

		for (unsigned i = 0; i < len; i++)
			all *= BYTES;
		for (unsigned long n = 0; n < all; n++) {
			char text[LEN + 1] = "";
			unsigned long rest = n;
			struct fail f = {0};

			for (unsigned i = 0; i < len; i++, rest /= BYTES)
				text[i] = bytes[rest % BYTES];
			str_clear(&out);
			tried++;
			if (mime_text(&out, "plain", view_make(text, len), NULL, &f) == 0)
				assert_int_equal(wire_check(str_view(&out), 0, &f), 0);
			else
				assert_non_null(memchr(text, '\0', len));
			str_clear(&out);
			if (header_text(&out, "Subject", view_make(text, len), &f) == 0)
				assert_null(len > 0 ? memchr(text, '\n', len) : NULL);
			else
				assert_int_equal(out.len, 0);
		}
	}
	assert_int_equal(tried, 97656);
	str_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_field_of_his_own), cmocka_unit_test(no_smuggling)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
