#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "mail/message.h"

#define BYTES(literal)                                                                             \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static const struct body_case {
	const char *name, *fields;
	struct view body;
	const char *want;
	unsigned defects;
} bodies[] = {
	{"plain", "", BYTES("a\r\nb\n"), "a\r\nb\n", 0},
	{"base64", "Content-Transfer-Encoding: base64\n", BYTES("aGVs\r\nbG8=\r\n"), "hello", 0},
	{"capitals", "Content-Transfer-Encoding:  \"BASE64\" \n", BYTES("aGVsbG8="), "hello", 0},
	{"no padding", "Content-Transfer-Encoding: base64\n", BYTES("aGVsbG8"), "hello", 0},
	{"cut", "Content-Transfer-Encoding: base64\n", BYTES("aGVsbG8gd"), "hello ",
		MESSAGE_BAD_ENCODING},
	{"other signs", "Content-Transfer-Encoding: base64\n", BYTES("aGVs*bG8sIGhlbGxvIGhl-bGxv"),
		"hello, hello hello", MESSAGE_BAD_ENCODING},
	{"not base64", "Content-Transfer-Encoding: base64\n", BYTES("This is no base64, is it?\n"),
		"This is no base64, is it?\n", MESSAGE_BAD_ENCODING},
	{"joined", "Content-Transfer-Encoding: base64\n", BYTES("aGVsbG8=\nIHg=\n"), "hello x", 0},
	{"footer after", "Content-Transfer-Encoding: base64\n",
		BYTES("aGVsbG8=\n\n-- \nA footer.\n"), "hello", 0},
	{"qp", "Content-Transfer-Encoding: quoted-printable\n", BYTES("a=3Db=\r\nc=20 \r\nd"),
		"a=bc \r\nd", 0},
	{"qp lower case", "Content-Transfer-Encoding: quoted-printable\n", BYTES("=3d=3D"),
		"==", 0},
	{"qp broken", "Content-Transfer-Encoding: quoted-printable\n", BYTES("=ZZ a=4 =="),
		"=ZZ a=4 =", 0},
	{"qp soft break with blanks", "Content-Transfer-Encoding: quoted-printable\n",
		BYTES("a= \t\nb=\rc"), "abc", 0},
	{"qp blanks at the end", "Content-Transfer-Encoding: quoted-printable\n",
		BYTES("a  \nb \t\r\nc "), "a\nb\r\nc", 0},
	{"unknown encoding", "Content-Transfer-Encoding: x-own\n", BYTES("abc"), "abc",
		MESSAGE_BAD_ENCODING},
	{"NUL", "", BYTES("a\0b\0"), "ab", 0},
	{"unlabelled UTF-8", "", BYTES("caf\xc3\xa9"), "café", 0},
	{"unlabelled windows-1252", "", BYTES("caf\xe9 \x80"), "café €", 0},
	{"unlabelled Japanese", "", BYTES("\x1b$BF|K\\\x1b(B"), "日本", 0},
	{"latin1 is windows-1252", "Content-Type: text/plain; charset=iso-8859-1\n",
		BYTES("\x93\xe9\x94"), "\u201cé\u201d", 0},
	{"hole of windows-1252", "Content-Type: text/plain; charset=windows-1252\n", BYTES("\x81"),
		"\xc2\x81", 0},
	{"UTF-8 cut", "Content-Type: text/plain; charset=utf-8\n", BYTES("\xc3\xa9\xc3"), "é\uFFFD",
		MESSAGE_BAD_CHARSET},
	{"UTF-8 in name only", "Content-Type: text/plain; charset=utf-8\n", BYTES("caf\xe9"),
		"café", MESSAGE_BAD_CHARSET},
	{"mark", "Content-Type: text/plain; charset=utf-8\n",
		BYTES("\xef\xbb\xbf"
		      "a"),
		"a", 0},
	{"UTF-16 with a mark", "Content-Type: text/plain; charset=utf-16\n",
		BYTES("\xff\xfe"
		      "a\0\xe9\0"),
		"aé", 0},
	{"UTF-16 without", "Content-Type: text/plain; charset=utf-16\n", BYTES("\0a\0\xe9"), "aé",
		0},
	{"UTF-16 that nobody tells of", "", BYTES("a\0b\0c\0d\0\xe9\0"), "abcdé", 0},
	{"UTF-16 in name only", "Content-Type: text/plain; charset=utf-16\n", BYTES("hello\n"),
		"hello\n", 0},
	{"UTF-16 cut", "Content-Type: text/plain; charset=utf-16le\n", BYTES("a\0b"), "a\uFFFD",
		MESSAGE_BAD_CHARSET},
	{"gb2312 is gb18030", "Content-Type: text/plain; charset=gb2312\n", BYTES("\x95\x43"), "旵",
		0},
	{"ks_c_5601-1987 is windows-949", "Content-Type: text/plain; charset=ks_c_5601-1987\n",
		BYTES("\x8c\x63"), "똠", 0},
	{"unicode-1-1-utf-7", "Content-Type: text/plain; charset=unicode-1-1-utf-7\n",
		BYTES("caf+AOk-"), "café", 0},
	{"UTF-7 in name only", "Content-Type: text/plain; charset=utf-7\n", BYTES("caf\xe9"),
		"café", 0},
	{"x-sjis", "Content-Type: text/plain; charset=x-sjis\n", BYTES("\x87\x40"), "①", 0},
	{"iso-2022-jp that is EUC", "Content-Type: text/plain; charset=iso-2022-jp\n",
		BYTES("\xc6\xfc\xcb\xdc"), "日本", 0},
	{"iso-8859-8-i", "Content-Type: text/plain; charset=iso-8859-8-i\n", BYTES("\xe0"), "א", 0},
	{"octet that is not of it", "Content-Type: text/plain; charset=gb18030\n",
		BYTES("a\xff"
		      "b"),
		"a\uFFFD"
		"b",
		MESSAGE_BAD_CHARSET},
	{"unknown charset", "Content-Type: text/plain; charset=x-own\n", BYTES("caf\xe9"), "café",
		MESSAGE_BAD_CHARSET},
	{"no converter by its own name", "Content-Type: text/plain; charset=UTF-8//IGNORE\n",
		BYTES("a"), "a", MESSAGE_BAD_CHARSET},
	{"charset with sections", "Content-Type: text/plain; charset*0=koi; charset*1=8-r\n",
		BYTES("\xc1"), "а", 0},
	{"HTML that names its own", "Content-Type: text/html\n",
		BYTES("<meta charset=\"koi8-r\">\xc1"), "<meta charset=\"koi8-r\">а", 0},
	{"the header before it", "Content-Type: text/html; charset=koi8-r\n",
		BYTES("<meta charset=utf-8>\xc1"), "<meta charset=utf-8>а", 0},
	{"report", "Content-Type: message/delivery-status\n", BYTES("A: \xe9"), "A: é", 0},
	{"preamble", "Content-Type: multipart/mixed; boundary=b\n",
		BYTES("before\n--b\n\nx\n--b--\n"), "before", 0},
};

static void decodes_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		const struct body_case *c = &bodies[i];
		struct arena a;
		struct message m;
		struct str in;
		struct view got;

		arena_init(&a);
		str_init(&in, 4096);
		(void)str_addf(&in, "%s\n", c->fields[0] == '\0' ? "A: b\n" : c->fields);
		(void)str_addv(&in, c->body);
		message_read(str_view(&in), &a, &m);
		got = message_body(&m, m.root);
		if (!view_is(got, c->want) || m.defects != c->defects)
			fail_msg("%s: '%.*s' (defects %#x)", c->name, VIEW_ARG(got), m.defects);
		if (message_body(&m, m.root).p != got.p)
			fail_msg("%s: decoded twice", c->name);
		str_free(&in);
		arena_free(&a);
	}
}

static const struct html_case {
	const char *name, *in, *want;
} pages[] = {
	{"words", "<p>Hello, <b>world</b>!</p>", "Hello, world!"},
	{"blocks", "<div>a</div><div>b<br>c</div>d", "a\nb\nc\nd"},
	{"blanks", "  a \n\t b  <i> c</i>", "a b c"},
	{"cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"},
	{"preformatted", "<pre>a\nb  c</pre>d\ne", "a\nb c\nd e"},
	{"hidden", "<style>p {}</style>a<script>if (a<b) x</script >b<TITLE>t</TITLE>", "ab"},
	{"hidden without end", "<style>a", "a"},
	{"comment", "a<!-- <p> b -->c", "ac"},
	{"comment without end", "a<!-- b", "a"},
	{"declaration", "<!DOCTYPE html><?xml version='1.0'?>a", "a"},
	{"entities", "&lt;a&amp;b&gt; caf&eacute; &#233;&#xE9;&#x20ac; &euro", "<a&b> café éé€ €"},
	{"windows-1252 by number", "&#150;&#128;", "\u2013€"},
	{"no entities", "a & b &nope; &#; &#x; a&b=c", "a & b &nope; &#; &#x; a&b=c"},
	{"no characters", "&#0;&#xD800;&#x110000;", "\uFFFD\uFFFD\uFFFD"},
	{"no-break space", "a&nbsp;b\u00A0c", "a b c"},
	{"soft hyphen", "ad&shy;dress", "address"},
	{"quotes", "<a title=\"a>b\">c</a>", "c"},
	{"quote without end", "<a title=\"a>b</a> c", "b c"},
	{"less than", "a < b <3 <", "a < b <3 <"},
	{"tag without end", "a <b", "a"},
	{"address", "to <ana@example.org>: no", "to <ana@example.org>: no"},
	{"link", "<a href=\"mailto:ana@example.org\">Ana</a>", "Ana"},
	{"nothing", "", ""},
};

static void takes_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		struct arena a;
		struct message m;
		struct str in;
		struct view got;

		arena_init(&a);
		str_init(&in, 4096);
		(void)str_addf(&in, "Content-Type: text/html; charset=utf-8\n\n%s", pages[i].in);
		message_read(str_view(&in), &a, &m);
		got = message_words(&m, m.root);
		if (!view_is(got, pages[i].want))
			fail_msg("%s: '%.*s'", pages[i].name, VIEW_ARG(got));
		str_free(&in);
		arena_free(&a);
	}
}

/* A text too long is cut between two characters. */
static void cuts_long_text(void **state)
{
	struct arena a;
	struct message m;
	struct str in;

	(void)state;
	arena_init(&a);
	str_init(&in, 4 * MESSAGE_TEXT_MAX);
	(void)str_addz(&in, "Content-Type: text/plain; charset=iso-8859-1\n\na");
	while (in.len < MESSAGE_TEXT_MAX + 1000)
		(void)str_addc(&in, '\xe9');
	message_read(str_view(&in), &a, &m);
	assert_int_equal(message_body(&m, m.root).len, MESSAGE_TEXT_MAX - 1);
	assert_int_equal(m.defects, MESSAGE_TEXT_CUT);
	str_free(&in);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_bodies),
		cmocka_unit_test(takes_words),
		cmocka_unit_test(cuts_long_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
