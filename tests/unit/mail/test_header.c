#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/arena.h"
#include "base/base64.h"
#include "base/fail.h"
#include "base/utf8.h"
#include "mail/decode.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "mail/wire.h"
#include "rfc2047.h"

#define X10   "xxxxxxxxxx"
#define X70   X10 X10 X10 X10 X10 X10 X10
#define X100  X70 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define E10   "éééééééééé"
#define E100  E10 E10 E10 E10 E10 E10 E10 E10 E10 E10

/* What must hold for any field: one field, legal lines, ASCII, no blank line. */
static void assert_one_field(const char *what, struct view field)
{
	struct view rest = field, line;
	struct fail f = {0};
	bool first = true;

	if (wire_check(field, 0, &f) < 0)
		fail_msg("%s: %s", what, f.text);
	while (rest.len > 0) {
		ptrdiff_t end = view_find(rest, VIEW("\r\n"));

		line = view_sub(rest, 0, (size_t)end);
		rest = view_from(rest, (size_t)end + 2);
		if (view_trim(line).len == 0)
			fail_msg("%s: an empty line", what);
		if (!first && line.p[0] != ' ')
			fail_msg("%s: a second field: %.*s", what, VIEW_ARG(line));
		if (view_find(line, VIEW("=?")) >= 0 && line.len > 76)
			fail_msg("%s: an encoded word on a line of %zu", what, line.len);
		first = false;
	}
}

static const struct text_case {
	const char *in, *want; /* want: the exact field, NULL when only coming back matters */
} texts[] = {
	{"", "Subject:\r\n"},
	{"a", "Subject: a\r\n"},
	{"Newsletter of March", "Subject: Newsletter of March\r\n"},
	{"100% off: \"now\" (really) <a@b>, ok; [x] \\ = ?",
		"Subject: 100% off: \"now\" (really) <a@b>, ok; [x] \\ = ?\r\n"},
	{"Été", "Subject: =?UTF-8?B?w4l0w6k=?=\r\n"},
	{"un café", "Subject: =?UTF-8?Q?un_caf=C3=A9?=\r\n"},
	{"é", "Subject: =?UTF-8?B?w6k=?=\r\n"},
	{" a", "Subject: =?UTF-8?Q?_a?=\r\n"},
	{"a ", "Subject: =?UTF-8?Q?a_?=\r\n"},
	{" ", "Subject: =?UTF-8?Q?_?=\r\n"},
	{"a  b", "Subject: =?UTF-8?Q?a__b?=\r\n"},
	{"=?utf-8?q?x?=", NULL},
	{"=?", NULL},
	{"a =?utf-8?q?x?= b", NULL},
	{"=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?=", NULL},
	{"a_b é", NULL},
	{"é_é", NULL},
	{"a?b=c é", NULL},
	{"   ", NULL},
	{"a    b", NULL},
	{"  both ends  ", NULL},
	{"🎉", NULL},
	{"🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉", NULL},
	{"👨‍👩‍👧‍👦 famille", NULL},
	{"e\u0301 combining", NULL},
	{"שלום עולם", NULL},
	{"مرحبا بالعالم", NULL},
	{"日本語の件名、とても長い件名、とても長い件名、とても長い件名、とても長い件名", NULL},
	{"Ελληνικά", NULL},
	{"русский", NULL},
	{"Assemblée générale ordinaire de l'association, samedi 14 mars à 9 h", NULL},
	{X70 " " X70, NULL},
	{X70, NULL},
	{"xxxxxxxx" X70, NULL},
	{"word " X70 "xxxxx", NULL},
	{"word " X70 "xxxxxxx", NULL},
	{"word " X70 "xxxxxxxx", NULL},
	{X100, NULL},
	{X1000, NULL},
	{X1000 " " X1000, NULL},
	{E100, NULL},
	{E100 E100 E100 E100 E100 E100 E100 E100 E100 E100, NULL},
	{"a " X1000 " é", NULL},
	{"many short words many short words many short words many short words many short words",
		"Subject: many short words many short words many short words many short words\r\n"
		" many short words\r\n"},
	{"~!@#$%^&*()_+`-={}|[]\\:\";'<>?,./", NULL},
	{"é~!@#$%^&*()_+`-={}|[]\\:\";'<>?,./", NULL},
	{"\u00a0nbsp\u00a0", NULL},
	{"\u200e mark \u200f", NULL},
	{"zero\u200bwidth", NULL},
	{"\ufeff"
	 "bom",
		NULL},
	{"\ufffd", NULL},
	{"\U0010ffff", NULL},
	{"Subject: x", "Subject: Subject: x\r\n"},
	{"=", "Subject: =\r\n"},
	{"?=", "Subject: ?=\r\n"},
	{"=_=", "Subject: =_=\r\n"},
	{"\\r\\nBcc: x@example.org", "Subject: \\r\\nBcc: x@example.org\r\n"},
	{"%0d%0aBcc: x@example.org", "Subject: %0d%0aBcc: x@example.org\r\n"},
	{"=0D=0ABcc: x@example.org", "Subject: =0D=0ABcc: x@example.org\r\n"},
	{"&#13;&#10;Bcc: x@example.org", "Subject: &#13;&#10;Bcc: x@example.org\r\n"},
	{"=?utf-8?q?=0D=0ABcc:_x@example.org?=", NULL},
	{"=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5vcmc=?=", NULL},
	{".", "Subject: .\r\n"},
	{"From me", "Subject: From me\r\n"},
};

static void texts_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct text_case *t = &texts[i];
		struct str out, back;
		struct fail f = {0};

		str_init(&out, 1 << 16);
		str_init(&back, 1 << 16);
		if (header_text(&out, "Subject", view_of(t->in), &f) < 0)
			fail_msg("%s: %s", t->in, f.text);
		assert_one_field(t->in, str_view(&out));
		if (t->want != NULL && strcmp(out.p, t->want) != 0)
			fail_msg("%s: got %s", t->in, out.p);
		rfc2047_read(&back, out.p + strlen("Subject:"));
		if (strcmp(back.p, t->in) != 0)
			fail_msg("%s: came back as \"%s\" from %s", t->in, back.p, out.p);
		/* and by our own reader */
		str_clear(&back);
		assert_int_equal(
			decode_text(&back, view_from(str_view(&out), strlen("Subject:"))), 0);
		assert_string_equal(back.p, t->in);
		str_free(&out);
		str_free(&back);
	}
}

/* Names: the exact field, or NULL when only coming back matters. */
static const struct text_case names[] = {
	{"Ana", "To: Ana <ana@example.org>\r\n"},
	{"Ana Ruiz", "To: Ana Ruiz <ana@example.org>\r\n"},
	{"O'Brien", "To: O'Brien <ana@example.org>\r\n"},
	{"Ruiz, Ana", "To: \"Ruiz, Ana\" <ana@example.org>\r\n"},
	{"J. Doe", "To: \"J. Doe\" <ana@example.org>\r\n"},
	{"a \"b\" c", "To: \"a \\\"b\\\" c\" <ana@example.org>\r\n"},
	{"back\\slash", "To: \"back\\\\slash\" <ana@example.org>\r\n"},
	{"<x@example.org>", "To: \"<x@example.org>\" <ana@example.org>\r\n"},
	{"x@example.org", "To: \"x@example.org\" <ana@example.org>\r\n"},
	{"(comment)", "To: \"(comment)\" <ana@example.org>\r\n"},
	{"a;b:c", "To: \"a;b:c\" <ana@example.org>\r\n"},
	{"Élise", "To: =?UTF-8?B?w4lsaXNl?= <ana@example.org>\r\n"},
	{"\"", "To: \"\\\"\" <ana@example.org>\r\n"},
	{"\\", "To: \"\\\\\" <ana@example.org>\r\n"},
	{"Nguyễn, Élise \"Lili\"", NULL},
	{" leading", NULL},
	{"trailing ", NULL},
	{"two  blanks", NULL},
	{" ", NULL},
	{"=?utf-8?q?x?=", NULL},
	{"🎉 Fête 🎉", NULL},
	{"שלום", NULL},
	{"مرحبا", NULL},
	{"e\u0301", NULL},
	{"日本太郎", NULL},
	{X70, NULL},
	{X100, NULL},
	{X100 ", " X100, NULL},
	{E100, NULL},
	{X1000, NULL},
	{"a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z and more",
		NULL},
	{"many plain words many plain words many plain words many plain words many plain words",
		NULL},
	{"é,\";<>@()[]:\\.", NULL},
	{"undisclosed-recipients:;", NULL},
	{"a@b.example, c@d.example", NULL},
	{"a\u00a0b", NULL},
	{"\u200eLRM", NULL},
};

static void names_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct text_case *t = &names[i];
		struct mailbox m = {view_of(t->in), {VIEW("ana"), VIEW("example.org")}};
		struct str out, back;
		struct fail f = {0};

		str_init(&out, 1 << 16);
		str_init(&back, 1 << 16);
		if (header_mailbox(&out, "To", &m, false, &f) < 0)
			fail_msg("%s: %s", t->in, f.text);
		assert_one_field(t->in, str_view(&out));
		if (t->want != NULL && strcmp(out.p, t->want) != 0)
			fail_msg("%s: got %s", t->in, out.p);
		if (!view_ends(str_view(&out), VIEW(" <ana@example.org>\r\n")))
			fail_msg("%s: no address at the end of %s", t->in, out.p);
		str_cut(&out, out.len - strlen(" <ana@example.org>\r\n"));
		rfc2047_read_phrase(&back, out.p + strlen("To:"));
		if (strcmp(back.p, t->in) != 0)
			fail_msg("%s: came back as \"%s\" from %s", t->in, back.p, out.p);
		str_free(&out);
		str_free(&back);
	}
}

/* Never more than one field, and whole characters in every encoded word, for
 * texts of random pieces at random lengths. */
static void random_texts(void **state)
{
	static const char *const pieces[] = {"a", " ", "é", "🎉", "=?", "?=", "_", "=", "\"", "\\",
		",", "日", "e\u0301", "word", X10, "\u200d", "ß", ".", "@", "<", "utf-8?q?"};
	enum { PIECES = sizeof pieces / sizeof *pieces };
	struct str in, out, back;
	unsigned seed = 7;

	(void)state;
	str_init(&in, 1 << 14);
	str_init(&out, 1 << 16);
	str_init(&back, 1 << 16);
	for (int round = 0; round < 20000; round++) {
		struct mailbox m = {{NULL, 0}, {VIEW("a"), VIEW("b.example")}};
		struct fail f = {0};
		size_t len = (seed >> 8) % 60;

		str_clear(&in);
		str_clear(&out);
		str_clear(&back);
		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			str_addz(&in, pieces[(seed >> 16) % PIECES]);
		}
		seed = seed * 1103515245 + 12345;
		assert_int_equal(header_text(&out, "Subject", str_view(&in), &f), 0);
		assert_one_field(in.p, str_view(&out));
		rfc2047_read(&back, out.p + 8);
		assert_string_equal(back.p, in.p);
		str_clear(&back);
		assert_int_equal(decode_text(&back, view_from(str_view(&out), 8)), 0);
		assert_string_equal(back.p, in.p);
		if (in.len == 0)
			continue;
		str_clear(&out);
		str_clear(&back);
		m.name = str_view(&in);
		assert_int_equal(header_mailbox(&out, "To", &m, false, &f), 0);
		assert_one_field(in.p, str_view(&out));
		str_cut(&out, out.len - strlen(" <a@b.example>\r\n"));
		rfc2047_read_phrase(&back, out.p + 3);
		assert_string_equal(back.p, in.p);
	}
	str_free(&in);
	str_free(&out);
	str_free(&back);
}

static void addresses(void **state)
{
	struct mailbox m = {VIEW("Élise"), {VIEW("élise"), VIEW("münchen.example")}};
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, 4096);
	assert_int_equal(header_mailbox(&out, "To", &m, false, &f), -1);
	assert_non_null(strstr(f.text, "SMTPUTF8"));
	assert_int_equal(out.len, 0);
	assert_int_equal(header_mailbox(&out, "To", &m, true, &f), 0);
	assert_string_equal(out.p, "To: =?UTF-8?B?w4lsaXNl?= <élise@xn--mnchen-3ya.example>\r\n");
	str_clear(&out);
	m = (struct mailbox){{NULL, 0}, {VIEW("\"a b\""), VIEW("Example.ORG")}};
	assert_int_equal(header_mailbox(&out, "To", &m, false, &f), 0);
	assert_string_equal(out.p, "To: \"a b\"@example.org\r\n");
	str_free(&out);
}

static void structured(void **state)
{
	const struct view uris[] = {VIEW("mailto:a@example.org?subject=x"),
		VIEW("https://example.org/a-rather-long-link/that/does/not/fit")};
	struct fail f = {0};
	struct str out;

	(void)state;
	str_init(&out, 4096);
	assert_int_equal(header_msgid(&out, "Message-ID", VIEW("a.b@example.org"), &f), 0);
	assert_int_equal(header_uris(&out, "List-Unsubscribe", uris, 2, &f), 0);
	assert_int_equal(
		header_list_id(&out, VIEW("Les amis, à Nouméa"), VIEW("amis.example.org"), &f), 0);
	assert_int_equal(header_list_id(&out, VIEW(""), VIEW("amis.example.org"), &f), 0);
	assert_int_equal(header_date(&out, "Date", 0, -210, &f), 0);
	assert_int_equal(header_token(&out, "To", VIEW("undisclosed-recipients:;"), &f), 0);
	assert_string_equal(out.p,
		"Message-ID: <a.b@example.org>\r\n"
		"List-Unsubscribe: <mailto:a@example.org?subject=x>,\r\n"
		" <https://example.org/a-rather-long-link/that/does/not/fit>\r\n"
		"List-Id: =?UTF-8?B?TGVzIGFtaXMsIMOgIE5vdW3DqWE=?= <amis.example.org>\r\n"
		"List-Id: <amis.example.org>\r\n"
		"Date: Wed, 31 Dec 1969 20:30:00 -0330\r\n"
		"To: undisclosed-recipients:;\r\n");
	str_free(&out);
}

static void params(void **state)
{
	static const struct text_case rows[] = {
		{"a.pdf", "Content-Disposition: attachment; filename=a.pdf\r\n"},
		{"a b.pdf", "Content-Disposition: attachment; filename=\"a b.pdf\"\r\n"},
		{"", "Content-Disposition: attachment; filename=\"\"\r\n"},
		{"été.pdf",
			"Content-Disposition: attachment; filename*=UTF-8''%C3%A9t%C3%A9.pdf\r\n"},
		{"a\"b.pdf", "Content-Disposition: attachment; filename*=UTF-8''a%22b.pdf\r\n"},
		{"50%'*.pdf", "Content-Disposition: attachment; filename=\"50%'*.pdf\"\r\n"},
		{"é50%'*.pdf", "Content-Disposition: attachment; "
			       "filename*=UTF-8''%C3%A950%25%27%2A.pdf\r\n"},
		{X100 ".pdf",
			"Content-Disposition: attachment;\r\n filename*0*=UTF-8''" X10 X10 X10 X10
				X10 "xxx;\r\n filename*1*=" X10 X10 X10 X10 "xxxxxxx.pdf\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct header_param p = {"filename", view_of(rows[i].in)};
		struct fail f = {0};
		struct str out;

		str_init(&out, 4096);
		assert_int_equal(
			header_params(&out, "Content-Disposition", VIEW("attachment"), &p, 1, &f),
			0);
		assert_string_equal(out.p, rows[i].want);
		assert_one_field(rows[i].in, str_view(&out));
		str_free(&out);
	}
}

static void fallbacks(void **state)
{
	static const struct text_case rows[] = {
		{"a.pdf", "a.pdf"},
		{"été 2026.pdf", "_t__2026.pdf"},
		{".profile", ".profile"},
		{"a/b\\c\"d.pdf", "a_b_c_d.pdf"},
		{"noext", "noext"},
		{X100 ".pdf", X10 X10 X10 X10 "xx.pdf"},
		{"日本.日本語", "__.___"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct str out;

		str_init(&out, 4096);
		assert_int_equal(header_fallback(&out, view_of(rows[i].in)), 0);
		assert_string_equal(out.p, rows[i].want);
		str_free(&out);
	}
}

static void too_large(void **state)
{
	struct fail f = {0};
	struct str out;
	char *text = malloc(HEADER_TEXT_MAX + 1);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', HEADER_TEXT_MAX + 1);
	str_init(&out, 1 << 20);
	assert_int_equal(
		header_text(&out, "Subject", view_make(text, HEADER_TEXT_MAX + 1), &f), -1);
	assert_non_null(strstr(f.text, "Subject: 16385 bytes"));
	assert_int_equal(header_text(&out, "Subject", view_make(text, HEADER_TEXT_MAX), &f), 0);
	str_free(&out);
	str_init(&out, 12);
	assert_int_equal(header_text(&out, "Subject", VIEW("more than that"), &f), -1);
	assert_int_equal(out.len, 0);
	str_free(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(random_texts),
		cmocka_unit_test(addresses),
		cmocka_unit_test(structured),
		cmocka_unit_test(params),
		cmocka_unit_test(fallbacks),
		cmocka_unit_test(too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
