#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "mail/message.h"

/* The tree as one line: "depth type [text]", for each part; the text of leaves only. */
static void dump(struct message *m, struct str *out)
{
	for (size_t i = 0; i < m->part_count; i++) {
		const struct message_part *p = m->parts[i];

		(void)str_addf(out, "%s%u %.*s", i > 0 ? " " : "", p->depth, VIEW_ARG(p->type));
		if (p->first == NULL)
			(void)str_addf(out, " [%.*s]", VIEW_ARG(message_body(m, p)));
	}
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n"
#define TEXT  "Content-Type: text/plain\n"

static const struct tree_case {
	const char *name, *in, *want;
	unsigned defects;
} trees[] = {
	{"empty", "", "0 text/plain []", 0},
	{"header only", "A: b", "0 text/plain []", 0},
	{"plain", "A: b\n\nhello\n", "0 text/plain [hello\n]", 0},
	{"two parts", MIXED "\n--b\n\none\n--b\n\ntwo\n--b--\n",
		"0 multipart/mixed 1 text/plain [one] 1 text/plain [two]", 0},
	{"CRLF", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n",
		"0 multipart/mixed 1 text/plain [one]", 0},
	{"CR", "Content-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b--\r",
		"0 multipart/mixed 1 text/plain [one]", 0},
	{"CRCRLF",
		"Content-Type: multipart/mixed; "
		"boundary=b\r\r\n\r\r\n--b\r\r\n\r\r\none\r\r\n--b--\r\r\n",
		"0 multipart/mixed 1 text/plain [one]", 0},
	{"no end", MIXED "\n--b\n\none\n", "0 multipart/mixed 1 text/plain [one\n]",
		MESSAGE_NO_END},
	{"never comes", MIXED "\nsome text\n", "0 multipart/mixed [some text\n]",
		MESSAGE_NO_BOUNDARY},
	{"none named",
		"Content-Type: multipart/mixed\n\n--x\nContent-Type: text/html\n\none\n--x--\n",
		"0 multipart/mixed 1 text/html [one]", MESSAGE_NO_BOUNDARY},
	{"another used", MIXED "\n--x\n" TEXT "\none\n--x\n\ntwo\n--x--\n",
		"0 multipart/mixed 1 text/plain [one] 1 text/plain [two]", MESSAGE_NO_BOUNDARY},
	{"empty boundary",
		"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n" TEXT "\na\n-- \nb\n----\n",
		"0 multipart/mixed 1 text/plain [a\n-- \nb]", 0},
	{"divided text", "Content-Type: multipart/mixed\n\na\n----\nb\n",
		"0 multipart/mixed [a\n----\nb\n]", MESSAGE_NO_BOUNDARY},
	{"blanks after", MIXED "\n--b \t\n\none\n--b-- \n", "0 multipart/mixed 1 text/plain [one]",
		0},
	{"more after it", MIXED "\n--b\n\n--bb\n--b-x\n--b\n\n--b--\n",
		"0 multipart/mixed 1 text/plain [--bb\n--b-x] 1 text/plain []", 0},
	{"outer ends inner",
		MIXED "\n--b\nContent-Type: multipart/mixed; "
		      "boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
		"0 multipart/mixed 1 multipart/mixed 2 text/plain [one] 1 text/plain [two]",
		MESSAGE_NO_END},
	{"prefix",
		MIXED
		"\n--b\nContent-Type: multipart/mixed; boundary=bc\n\n--bc\n\none\n--bc--\n--b--\n",
		"0 multipart/mixed 1 multipart/mixed 2 text/plain [one]", 0},
	{"the same twice", MIXED "\n--b\n" MIXED "\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
		"0 multipart/mixed 1 multipart/mixed 2 text/plain [one] 1 text/plain [two]", 0},
	{"closed early", MIXED "\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
		"0 multipart/mixed 1 text/plain [one] 1 text/plain [two]", 0},
	{"boundary in a header", MIXED "\n--b\n" TEXT "--b\n\ntwo\n--b--\n",
		"0 multipart/mixed 1 text/plain [] 1 text/plain [two]", 0},
	{"own boundary in the header", MIXED "--b\n\none\n--b--\n",
		"0 multipart/mixed 1 text/plain [one]", MESSAGE_BAD_FIELD},
	{"message", "Content-Type: message/rfc822\n\nA: b\n\nin\n",
		"0 message/rfc822 1 text/plain [in\n]", 0},
	{"message after blanks", "Content-Type: message/rfc822\n\n\n\nA: b\n\nin\n",
		"0 message/rfc822 1 text/plain [in\n]", 0},
	{"message in base64",
		"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYgoKaW4K\n",
		"0 message/rfc822 1 text/plain [in\n]", 0},
	{"headers", "Content-Type: text/rfc822-headers\n\nA: b\n",
		"0 text/rfc822-headers 1 text/plain []", 0},
	{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: b\n\nin\n--b--\n",
		"0 multipart/digest 1 message/rfc822 2 text/plain [in]", 0},
	{"no empty line", "Subject: x\nThis is text.\nMore.\n",
		"0 text/plain [This is text.\nMore.\n]", MESSAGE_BAD_FIELD},
	{"part without a header", MIXED "\n--b\nThis is text\n--b--\n",
		"0 multipart/mixed 1 text/plain [This is text]", MESSAGE_BAD_FIELD},
	{"line of an mbox", "From a Thu\nA: b\n>From c Thu\nC: d\n\nhello", "0 text/plain [hello]",
		0},
	{"blank line that is not empty", "A: b\n \nhello\n", "0 text/plain [hello\n]", 0},
	{"type in capitals", "CONTENT-TYPE : Text/HTML\n\nx", "0 text/html [x]", 0},
	{"no type", "Content-Type: text\n\nx", "0 text/plain [x]", 0},
	{"uuencode stays", "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n",
		"0 text/plain [begin 644 x\n]", MESSAGE_BAD_ENCODING},
	{"yEnc stays", "A: b\n\n=ybegin line=128 size=1 name=x\n",
		"0 text/plain [=ybegin line=128 size=1 name=x\n]", 0},
};

static void reads_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
		const struct tree_case *c = &trees[i];
		struct arena a;
		struct message m;
		struct str got;

		arena_init(&a);
		str_init(&got, 4096);
		message_read(view_of(c->in), &a, &m);
		dump(&m, &got);
		if (strcmp(got.p, c->want) != 0 || m.defects != c->defects)
			fail_msg("%s: %s (defects %#x)", c->name, got.p, m.defects);
		str_free(&got);
		arena_free(&a);
	}
}

static const struct header_case {
	const char *name, *in, *field, *want;
} headers[] = {
	{"plain", "Subject: hello\n", "subject", "hello"},
	{"none", "Subject: hello\n", "to", ""},
	{"blank before the colon", "Subject \t: hello\n", "Subject", "hello"},
	{"fold", "Subject: a\n b\r\n\tc\n", "Subject", "a b\tc"},
	{"fold of blanks", "Subject: a\n \n b\n", "Subject", "a  b"},
	{"first of two", "A: 1\nA: 2\n", "A", "1"},
	{"junk between", "A: 1\nno field\nB: 2\n\nx", "B", "2"},
	{"long field broken",
		"A: 1\nabcdefghijklmnopqrstuvwxyz\nabcdefghijklmnopqrstuvwxyz\nB: 2\n", "B", "2"},
	{"UTF-8", "Subject: é\n", "Subject", "é"},
	{"windows-1252", "Subject: \x93\xe9\x94\n", "Subject", "\u201cé\u201d"},
	{"Q", "Subject: =?utf-8?Q?caf=C3=A9_x?=\n", "Subject", "café x"},
	{"B", "Subject: =?UTF-8?b?Y2Fmw6k=?=\n", "Subject", "café"},
	{"B without padding", "Subject: =?UTF-8?b?Y2Fmw6k?=\n", "Subject", "café"},
	{"language", "Subject: =?utf-8*fr?q?caf=C3=A9?=\n", "Subject", "café"},
	{"two words", "Subject: =?utf-8?q?a?= \n =?utf-8?q?b?= c\n", "Subject", "ab c"},
	{"text between", "Subject: =?utf-8?q?a?= x =?utf-8?q?b?=\n", "Subject", "a x b"},
	{"character cut in two", "Subject: =?utf-8?q?=C3?= =?utf-8?b?qQ==?=\n", "Subject", "é"},
	{"no blank between", "Subject: a=?utf-8?q?b?=c=?utf-8?q?d?=\n", "Subject", "abcd"},
	{"blank in a word", "Subject: =?utf-8?Q?a b?=\n", "Subject", "a b"},
	{"in quotes", "From: \"=?utf-8?q?=C3=A9?=\" <a@example.org>\n", "From",
		"\"é\" <a@example.org>"},
	{"question mark", "Subject: =?utf-8?q?what?\?=\n", "Subject", "what?"},
	{"no end", "Subject: =?utf-8?q?abc\n", "Subject", "=?utf-8?q?abc"},
	{"no encoding", "Subject: =?utf-8?x?abc?=\n", "Subject", "=?utf-8?x?abc?="},
	{"line end in a word", "Subject: =?utf-8?q?a=0D=0ABcc:_b?=\n", "Subject", "a  Bcc: b"},
	{"two charsets", "Subject: =?iso-8859-1?q?=E9?= =?koi8-r?q?=C1?=\n", "Subject", "éа"},
	{"gb2312 is gb18030", "Subject: =?gb2312?B?lUM=?=\n", "Subject", "旵"},
	{"Japanese", "Subject: =?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=\n", "Subject", "日本"},
	{"unknown charset", "Subject: =?x-own?q?caf=C3=A9?=\n", "Subject", "café"},
};

static void reads_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		const struct header_case *c = &headers[i];
		struct arena a;
		struct message m;
		struct view got;

		arena_init(&a);
		message_read(view_of(c->in), &a, &m);
		got = message_text(&m, m.root, c->field);
		if (!view_is(got, c->want))
			fail_msg("%s: '%.*s'", c->name, VIEW_ARG(got));
		arena_free(&a);
	}
}

static const struct param_case {
	const char *name, *value, *want;
} params[] = {
	{"token", "attachment; filename=a.txt", "a.txt"},
	{"quoted", "attachment; filename=\"a b.txt\"", "a b.txt"},
	{"escaped", "attachment; filename=\"a\\\"b\\\\c\"", "a\"b\\c"},
	{"path", "attachment; filename=\"C:\\dir\\a.txt\"", "C:\\dir\\a.txt"},
	{"blanks", "attachment ;\r\n filename = \"a\" ; x=y", "a"},
	{"capitals", "attachment; FileName=a", "a"},
	{"semicolon in quotes", "attachment; x=\"; filename=b\"; filename=a", "a"},
	{"no quote at the end", "attachment; filename=\"a", "a"},
	{"blanks in a token", "attachment; filename=a b.txt; x=y", "a b.txt"},
	{"no semicolon", "attachment filename=a x=y", "a"},
	{"comment", "attachment; filename=a (the name; filename=b)", "a"},
	{"folded inside", "attachment; filename=\"a\r\n b\"", "a b"},
	{"another name", "attachment; filenames=a", ""},
	{"charset", "attachment; filename*=utf-8'fr'caf%C3%A9", "café"},
	{"latin1", "attachment; filename*=iso-8859-1''caf%e9", "café"},
	{"sections", "attachment; filename*0=a; filename*1=\"b c\"; filename*2=d", "ab cd"},
	{"sections in any order", "attachment; filename*1=b; filename*0=a", "ab"},
	{"coded sections", "attachment; filename*0*=utf-8''%C3; filename*1*=%A9%41; filename*2=%41",
		"éA%41"},
	{"hole", "attachment; filename*0=a; filename*2=c", "a"},
	{"both", "attachment; filename=plain; filename*=utf-8''coded", "coded"},
	{"no first section", "attachment; filename=plain; filename*1=b", "plain"},
	{"number too big", "attachment; filename=plain; filename*99999999999999999999=b", "plain"},
	{"word", "attachment; filename=\"=?utf-8?q?caf=C3=A9?=\"", "café"},
	{"raw", "attachment; filename=\"caf\xe9\"", "café"},
	{"half a percent", "attachment; filename*=utf-8''a%4", "a%4"},
	{"no quotes in it", "attachment; filename*=abc", "abc"},
	{"nothing", "", ""},
};

static void reads_params(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
		const struct param_case *c = &params[i];
		struct arena a;
		struct message m;
		struct str in;
		struct view got;

		arena_init(&a);
		str_init(&in, 4096);
		(void)str_addf(&in, "Content-Disposition: %s\n\n", c->value);
		message_read(str_view(&in), &a, &m);
		got = message_param(&m, m.root, "Content-Disposition", "filename");
		if (!view_is(got, c->want))
			fail_msg("%s: '%.*s'", c->name, VIEW_ARG(got));
		str_free(&in);
		arena_free(&a);
	}
}

static void tells_depth(void **state)
{
	struct arena a;
	struct message m;
	struct str in;

	(void)state;
	arena_init(&a);
	str_init(&in, 1 << 20);
	for (int i = 0; i < 100; i++)
		(void)str_addz(&in, "Content-Type: message/rfc822\n\n");
	message_read(str_view(&in), &a, &m);
	assert_int_equal(m.part_count, MESSAGE_DEPTH_MAX + 1);
	assert_int_equal(m.defects, MESSAGE_TOO_DEEP);
	arena_reset(&a);
	str_clear(&in);
	(void)str_addz(&in, MIXED "\n");
	for (int i = 0; i < MESSAGE_PARTS_MAX + 10; i++)
		(void)str_addz(&in, "--b\n\nx\n");
	message_read(str_view(&in), &a, &m);
	assert_int_equal(m.part_count, MESSAGE_PARTS_MAX);
	assert_true(m.defects & MESSAGE_TOO_MANY_PARTS);
	arena_reset(&a);
	str_clear(&in);
	for (int i = 0; i < MESSAGE_FIELDS_MAX + 10; i++)
		(void)str_addz(&in, "A: b\n");
	(void)str_addz(&in, " folded\n\nbody");
	message_read(str_view(&in), &a, &m);
	assert_int_equal(m.root->field_count, MESSAGE_FIELDS_MAX);
	assert_int_equal(m.defects, MESSAGE_HEADER_CUT);
	assert_true(view_is(message_body(&m, m.root), "body"));
	assert_true(view_is(m.root->fields[MESSAGE_FIELDS_MAX - 1].value, "b"));
	str_free(&in);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_trees),
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(reads_params),
		cmocka_unit_test(tells_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
