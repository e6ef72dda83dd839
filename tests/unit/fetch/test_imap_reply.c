#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/mem.h"
#include "fetch/imap_reply.h"

enum { BODY_MAX = 100 };

static const char *const kinds[] = {[IMAP_TAGGED] = "tagged",
	[IMAP_CONTINUE] = "continue",
	[IMAP_STATUS] = "status",
	[IMAP_EXISTS] = "exists",
	[IMAP_EXPUNGE] = "expunge",
	[IMAP_FETCH] = "fetch",
	[IMAP_CAPABILITY] = "capability",
	[IMAP_LIST] = "list",
	[IMAP_NAMESPACE] = "namespace",
	[IMAP_OTHER] = "other"};

static const struct reply_case {
	const char *name, *in, *want; /* a line for each response */
} cases[] = {
	{"tagged", "F1 OK [READ-ONLY] done\r\nF2 NO no\r\nF3 BAD\r\n",
		"tagged F1 0 [READ-ONLY] done\ntagged F2 1 [] no\ntagged F3 2 [] \n"},
	{"lone LF", "* 3 EXISTS\n", "exists 3\n"},
	{"numbers", "* 3 EXISTS\r\n* 2 EXPUNGE\r\n* 1 RECENT\r\n", "exists 3\nexpunge 2\nother\n"},
	{"a number too large", "* 4294967296 EXISTS\r\n", "other\n"},
	{"no such message", "* 0 EXPUNGE\r\n", "!"},
	{"an empty folder", "* 0 EXISTS\r\n", "exists 0\n"},
	{"letter case", "* ok hi\r\n* 1 fetch (uid 7)\r\n", "status 0 [] hi\nfetch 1 uid 7\n"},
	{"greeting", "* OK [CAPABILITY IMAP4rev1] hi\r\n", "status 0 [CAPABILITY IMAP4rev1] hi\n"},
	{"BYE", "* BYE bye\r\n", "status 3 [] bye\n"},
	{"a code without end", "* OK [UIDVALIDITY 7\r\n", "status 0 [] [UIDVALIDITY 7\n"},
	{"capabilities", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
		"capability IMAP4rev1 AUTH=PLAIN\n"},
	{"continue", "+ idling\r\n+\r\n", "continue idling\ncontinue \n"},
	{"size and flags", "* 5 FETCH (UID 9 RFC822.SIZE 1234 FLAGS (\\Seen $x))\r\n",
		"fetch 5 uid 9 size 1234 seen\n"},
	{"flags without seen", "* 5 FETCH (FLAGS (\\Answered) UID 9)\r\n", "fetch 5 uid 9\n"},
	{"a message", "* 1 FETCH (UID 7 BODY[] {5}\r\nhello)\r\n", "fetch 1 uid 7 body hello\n"},
	{"its beginning", "* 1 FETCH (BODY[]<0> {5}\r\nhello UID 7)\r\n",
		"fetch 1 uid 7 body hello\n"},
	{"a message of lines that look like answers",
		"* 1 FETCH (UID 7 BODY[] {26}\r\nF1 OK\r\n* BYE\r\n* 9 EXISTS\r\n FLAGS ())\r\nF1 "
		"OK x\r\n",
		"fetch 1 uid 7 body F1 OK\r\n* BYE\r\n* 9 EXISTS\r\n\ntagged F1 0 [] x\n"},
	{"a message as a string", "* 1 FETCH (UID 7 BODY[] \"a\\\"b\\\\c\")\r\n",
		"fetch 1 uid 7 body a\"b\\c\n"},
	{"an empty message", "* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n", "fetch 1 uid 7 body \n"},
	{"none, for it is gone", "* 1 FETCH (UID 7 BODY[] NIL)\r\n", "fetch 1 uid 7\n"},
	{"a message too long",
		"* 1 FETCH (UID 7 BODY[] {120}\r\n"
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"01234567890123456789012345678901234567890123456789 RFC822.SIZE 3)\r\n",
		"fetch 1 uid 7 size 3 cut body 0123456789012345678901234567890123456789012345678901"
		"234567890123456789012345678901234567890123456789\n"},
	{"a header is no message", "* 1 FETCH (BODY[HEADER.FIELDS (TO CC)] {3}\r\na\r\n UID 7)\r\n",
		"fetch 1 uid 7\n"},
	{"a text is no message", "* 1 FETCH (RFC822.TEXT {3}\r\nabc UID 7)\r\n", "fetch 1 uid 7\n"},
	{"what nobody asked for",
		"* 1 FETCH (ENVELOPE ((\"a\" NIL) ({2}\r\n)) \"b\")) X (1 2) UID 7)\r\n",
		"fetch 1 uid 7\n"},
	{"an UID of zero", "* 1 FETCH (UID 0)\r\n", "!"},
	{"a list without end", "* 1 FETCH (UID 7\r\n", "!"},
	{"a string without end", "* 1 FETCH (X \"a\r\n", "!"},
	{"too deep", "* 1 FETCH (X (((((((((((((((((((((1)))))))))))))))))))))\r\n", "!"},
	{"folders",
		"* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\Noselect) \".\" \"a b\"\r\n"
		"* LIST () NIL {3}\r\nx\"y\r\n",
		"list / INBOX\nlist . - a b\nlist 0 x\"y\n"},
	{"the separator alone", "* LIST (\\Noselect) \"/\" \"\"\r\n", "list / - \n"},
	{"a folder without a name", "* LIST () \"/\"\r\n", "list / \n"},
	{"namespace", "* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n", "namespace . INBOX.\n"},
	{"no namespace", "* NAMESPACE NIL NIL NIL\r\n", "other\n"},
	{"search", "* SEARCH 1 2 3\r\n", "other\n"},
	{"an empty line", "\r\n", "!"},
	{"another protocol", "220 mx.example ESMTP\r\n", "!"},
};

static void describe(const struct imap_reader *reader, struct arena *a, struct str *out)
{
	struct imap_response r;
	struct fail f;

	arena_reset(a);
	if (imap_parse(reader, a, &r, &f) < 0) {
		(void)str_addz(out, "!");
		return;
	}
	(void)str_addz(out, kinds[r.kind]);
	if (r.kind == IMAP_TAGGED)
		(void)str_addf(out, " %.*s", VIEW_ARG(r.tag));
	if (r.kind == IMAP_TAGGED || r.kind == IMAP_STATUS)
		(void)str_addf(
			out, " %d [%.*s] %.*s", (int)r.status, VIEW_ARG(r.code), VIEW_ARG(r.words));
	if (r.kind == IMAP_CONTINUE || r.kind == IMAP_CAPABILITY)
		(void)str_addf(out, " %.*s", VIEW_ARG(r.words));
	if (r.kind == IMAP_EXISTS || r.kind == IMAP_EXPUNGE || r.kind == IMAP_FETCH)
		(void)str_addf(out, " %u", r.number);
	if (r.uid > 0)
		(void)str_addf(out, " uid %u", r.uid);
	if (r.has_size)
		(void)str_addf(out, " size %u", (unsigned)r.size);
	if (r.seen)
		(void)str_addz(out, " seen");
	if (reader->cut)
		(void)str_addz(out, " cut");
	if (r.has_body)
		(void)str_addf(out, " body %.*s", VIEW_ARG(r.body));
	if (r.kind == IMAP_LIST || r.kind == IMAP_NAMESPACE)
		(void)str_addf(out, " %c%s %.*s", r.separator != '\0' ? r.separator : '0',
			r.kind == IMAP_LIST && !r.selectable ? " -" : "", VIEW_ARG(r.name));
	(void)str_addc(out, '\n');
}

static void read_all(struct view in, size_t piece, struct str *out)
{
	struct imap_reader reader;
	struct arena a;
	struct fail f;
	int got = 0;

	imap_reader_init(&reader, BODY_MAX);
	arena_init(&a);
	str_clear(out);
	while (in.len > 0 && got >= 0) {
		struct view part = view_take(&in, piece);

		while ((got = imap_reader_take(&reader, &part, &f)) > 0)
			describe(&reader, &a, out);
	}
	arena_free(&a);
	imap_reader_free(&reader);
}

static void responses_are_read(void **state)
{
	static const size_t pieces[] = {1, 2, 5, 10000};
	struct str got;

	(void)state;
	str_init(&got, 10000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
			const char *want = cases[i].want;

			read_all(view_of(cases[i].in), pieces[k], &got);
			if (strcmp(got.p, want) != 0)
				fail_msg("%s, pieces of %zu: got \"%s\"", cases[i].name, pieces[k],
					got.p);
		}
	str_free(&got);
}

/* Neither a line nor a literal may be as long as it likes. */
static void too_long(void **state)
{
	static const char *const beginnings[] = {"* OK ", "* LIST () {4000000}\r\n"};
	char *rubbish = mem_alloc(IMAP_TEXT_MAX + 1);

	(void)state;
	memset(rubbish, 'x', IMAP_TEXT_MAX);
	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
		struct imap_reader reader;
		struct view in = view_of(beginnings[i]), more = view_make(rubbish, IMAP_TEXT_MAX);
		struct fail f = {0};
		int got;

		imap_reader_init(&reader, BODY_MAX);
		got = imap_reader_take(&reader, &in, &f);
		if (got == 0)
			got = imap_reader_take(&reader, &more, &f);
		assert_int_equal(got, -1);
		assert_int_equal(f.kind, FAIL_TEMP);
		imap_reader_free(&reader);
	}
	free(rubbish);
}

static void codes(void **state)
{
	uint32_t n = 0;

	(void)state;
	assert_true(imap_code_number(VIEW("UIDVALIDITY 7"), "UIDVALIDITY", &n));
	assert_int_equal(n, 7);
	assert_true(imap_code_number(VIEW("uidnext 4294967295"), "UIDNEXT", &n));
	assert_int_equal(n, UINT32_MAX);
	assert_false(imap_code_number(VIEW("UIDNEXT"), "UIDNEXT", &n));
	assert_false(imap_code_number(VIEW("UIDNEXT -1"), "UIDNEXT", &n));
	assert_false(imap_code_number(VIEW("UIDNEXTX 1"), "UIDNEXT", &n));
	assert_true(imap_code_is(VIEW("TRYCREATE"), "trycreate"));
	assert_true(imap_has_word(VIEW("IMAP4rev1 MOVE UIDPLUS"), "move"));
	assert_false(imap_has_word(VIEW("IMAP4rev1 MOVER"), "MOVE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_are_read),
		cmocka_unit_test(too_long),
		cmocka_unit_test(codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
