#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/mem.h"
#include "fetch/mbox.h"

#define DATE "Thu Nov 26 10:47:00 2026"

static const struct mbox_case {
	const char *name, *in;
	const char *want; /* "<from>body|<from>body" */
} cases[] = {
	{"empty", "", ""},
	{"one", "From a@example.org " DATE "\nSubject: x\n\nhi\n\n",
		"<From a@example.org " DATE ">Subject: x\n\nhi\n"},
	{"two", "From a " DATE "\nA\n\nFrom b " DATE "\nB\n",
		"<From a " DATE ">A\n|<From b " DATE ">B\n"},
	{"the end of the line is missing", "From a " DATE "\nA\n\nlast",
		"<From a " DATE ">A\n\nlast"},
	{"CRLF", "From a " DATE "\r\nA\r\n\r\nFrom b " DATE "\r\nB\r\n",
		"<From a " DATE ">A\r\n|<From b " DATE ">B\r\n"},
	{"no empty line before it: text", "From a " DATE "\nA\nFrom b " DATE "\nB\n",
		"<From a " DATE ">A\nFrom b " DATE "\nB\n"},
	{"no time in it: text", "From a " DATE "\nA\n\nFrom here on it rains\nB\n",
		"<From a " DATE ">A\n\nFrom here on it rains\nB\n"},
	{"none has a time", "From a\nA\n\nFrom b\nB\n", "<From a>A\n|<From b>B\n"},
	{"mboxo", "From a " DATE "\nA\n\n>From here\n", "<From a " DATE ">A\n\nFrom here\n"},
	{"mboxrd", "From a " DATE "\nA\n>>From here\n>>>From\n> From\n",
		"<From a " DATE ">A\n>From here\n>>>From\n> From\n"},
	{"a Content-Length that lies",
		"From a " DATE "\nContent-Length: 999\n\nA\n\nFrom b " DATE "\nB\n",
		"<From a " DATE ">Content-Length: 999\n\nA\n|<From b " DATE ">B\n"},
	{"empty lines at the end of a message", "From a " DATE "\nA\n\n\n\nFrom b " DATE "\nB\n",
		"<From a " DATE ">A\n\n\n|<From b " DATE ">B\n"},
	{"an empty message", "From a " DATE "\nFrom b " DATE "\nB\n",
		"<From a " DATE ">|<From b " DATE ">B\n"},
	{"text before the first", "hello\n\nFrom a " DATE "\nA\n", "<From a " DATE ">A\n"},
	{"text only", "hello\nworld\n", ""},
	{"a lone CR is text", "From a " DATE "\nA\r\rB\n", "<From a " DATE ">A\r\rB\n"},
	{"NUL", "From a " DATE "\nA\n", "<From a " DATE ">A\n"},
};

static void add_message(const struct mbox *m, struct str *got)
{
	(void)str_addf(got, "%s<%.*s>", got->len > 0 ? "|" : "", VIEW_ARG(str_view(&m->from)));
	(void)str_addv(got, str_view(&m->body));
}

/* In pieces of that size. */
static void split(struct view in, size_t piece, size_t body_max, struct str *got, bool *cut)
{
	struct mbox m;

	mbox_init(&m, body_max);
	str_clear(got);
	*cut = false;
	while (in.len > 0) {
		struct view part = view_take(&in, piece);

		while (mbox_take(&m, &part) > 0) {
			add_message(&m, got);
			*cut = *cut || m.cut;
		}
	}
	if (mbox_end(&m) > 0) {
		add_message(&m, got);
		*cut = *cut || m.cut;
	}
	assert_int_equal(mbox_end(&m), 0);
	mbox_free(&m);
}

static void messages_are_cut_apart(void **state)
{
	static const size_t pieces[] = {1, 2, 3, 7, 1000};
	struct str got;
	bool cut;

	(void)state;
	str_init(&got, 10000);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
			split(view_of(cases[i].in), pieces[k], 1000, &got, &cut);
			if (strcmp(got.p, cases[i].want) != 0)
				fail_msg("%s, pieces of %zu: got \"%s\"", cases[i].name, pieces[k],
					got.p);
			assert_false(cut);
		}
	str_free(&got);
}

static void a_long_message_is_cut(void **state)
{
	struct str in, got;
	bool cut;

	(void)state;
	str_init(&in, 100000);
	str_init(&got, 100000);
	(void)str_addz(&in, "From a " DATE "\n");
	for (int i = 0; i < 1000; i++)
		(void)str_addz(&in, "0123456789");
	(void)str_addz(&in, "\n\nFrom b " DATE "\nB\n");
	split(str_view(&in), 100, 500, &got, &cut);
	assert_true(cut);
	assert_true(view_ends(str_view(&got), VIEW("|<From b " DATE ">B\n")));
	split(str_view(&in), 100, 50000, &got, &cut);
	assert_false(cut);
	str_free(&in);
	str_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_cut_apart),
		cmocka_unit_test(a_long_message_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
