#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/file.h"
#include "compose/check.h"
#include "compose/compose.h"

/* interop - messages of awkward texts, composed and checked. Run without
 * arguments it is a unit test; with `DIR N SEED` it writes the N messages and
 * DIR/expected.ndjson for the judges of tests/e2e/interop/run.sh. */
enum { INTEROP_DEFAULT = 300, TEXT_MAX = 1 << 16 };

#define X10   "xxxxxxxxxx"
#define X100  X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100
#define E10   "éàüñøßçœîÿ"
#define E100  E10 E10 E10 E10 E10 E10 E10 E10 E10 E10
#define E1000 E100 E100 E100 E100 E100 E100 E100 E100 E100 E100

#define WORDS "a lot of words and "

static const char *const lines[] = {
	"Newsletter of March",
	"Assemblée générale ordinaire, samedi 14 mars à 9 h",
	"L'été indien : « c'est l'heure »",
	"🎉",
	"👨‍👩‍👧‍👦 la famille 🏳️‍🌈 en fête 🇳🇨",
	"שלום עולם",
	"مرحبا بالعالم، كيف حالك",
	"mixed שלום and مرحبا and text",
	"\u200f rtl mark and \u200e ltr mark",
	"e\u0301 a\u0300 o\u0302\u0323 combining",
	"日本語の件名、とても長い件名、とても長い件名、とても長い件名、とても長い件名",
	"Ελληνικά και русский и български",
	"हिन्दी में एक विषय",
	"ไทยไม่มีช่องว่างระหว่างคำในประโยคยาวๆแบบนี้จึงต้องพับอย่างระวัง",
	X100,
	X1000,
	E1000,
	X1000 " " E1000 " " X1000,
	"short then " X1000,
	WORDS WORDS WORDS WORDS WORDS WORDS WORDS,
	"\"quoted\" and 'single'",
	"Ruiz, Ana",
	"Ruiz, Élise \"Lili\" (présidente) <pas@une.adresse.example>",
	"back\\slash \\\\ \\\" ",
	"=?utf-8?q?not_an_encoded_word?=",
	"before =?iso-8859-1?b?6Q==?= after",
	"=?UTF-8?Q?a?= =?UTF-8?Q?b?=",
	"?= =? =?= ?=?",
	"two  blanks   three    four",
	"a_b_c=d_é_f?g",
	"100% %C3%A9 &eacute; &amp; <b>x</b>",
	"From the start",
	".",
	"..",
	"semi;colon:comma,at@dot.",
	"nbsp\u00a0between\u202fthem\u00a0!",
	"zero\u200bwidth\ufeffthings\u2060here",
	"\U0001d518\U0001d52b\U0001d526 \U0010fffd \ue000",
	"tilde ~ caret ^ grave ` pipe | brace {x}",
	"x",
	"é",
	"$100 #1 !?",
};
enum { LINES = sizeof lines / sizeof *lines };

static const char *const pieces[] = {"a", "b", "é", "ß", "日", "🎉", "e\u0301", "\u200d", "ש", "م",
	" ", "  ", ",", ".", "\"", "'", "\\", "=", "?", "_", "=?", "?=", "<", ">", "@", "(", ")",
	";", ":", "word ", "mot é ", "From ", X10, "%40", "&#64;", "-", "--", "~"};
enum { PIECES = sizeof pieces / sizeof *pieces };

struct random {
	uint32_t state;
};

static uint32_t draw(struct random *r, uint32_t below)
{
	r->state = r->state * 1664525u + 1013904223u;
	return (r->state >> 8) % below;
}

/* A line of text: one of the list, or pieces at random. */
static void add_line(struct str *out, struct random *r, uint32_t n)
{
	if (n < LINES) {
		(void)str_addz(out, lines[n]);
		return;
	}
	for (uint32_t i = draw(r, 40); i > 0; i--)
		(void)str_addz(out, pieces[draw(r, PIECES)]);
}

/* A display name: readers drop the blanks at its ends, and so does mailbox_parse(). */
static void add_name(struct str *out, struct random *r, uint32_t n)
{
	struct str line;

	str_init(&line, TEXT_MAX);
	add_line(&line, r, n);
	(void)str_addv(out, view_trim(str_view(&line)));
	str_free(&line);
}

static void add_lines(struct str *out, struct random *r, uint32_t n)
{
	static const char *const ends[] = {
		"\n", "\n", "\n", "\r\n", "\n\n", " \n", "\t\n", "\n.\n"};

	for (uint32_t i = draw(r, 12); i > 0; i--) {
		add_line(out, r, n < LINES ? n : draw(r, LINES + 20));
		(void)str_addz(out, i == 1 && draw(r, 2) == 0 ? "" : ends[draw(r, 8)]);
	}
}

/* JSON, and the line ends that a message has: CRLF, one at the end. */
static void add_json(struct str *out, const char *key, struct view text, bool body)
{
	(void)str_addf(out, ", \"%s\": \"", key);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\')
			(void)str_addf(out, "\\%c", c);
		else if (body && c == '\n')
			(void)str_addz(out, i > 0 && text.p[i - 1] == '\r' ? "\\n" : "\\r\\n");
		else if (c < ' ')
			(void)str_addf(out, "\\u%04x", c);
		else
			(void)str_addc(out, (char)c);
	}
	(void)str_addz(
		out, body && text.len > 0 && text.p[text.len - 1] != '\n' ? "\\r\\n\"" : "\"");
}

static enum compose_whose nobody(void *ctx, struct view key)
{
	(void)ctx;
	(void)key;
	return COMPOSE_NOBODY;
}

struct texts {
	struct str from, to, list, subject, text, html;
};

static void fill(struct texts *t, struct random *r, uint32_t n)
{
	struct str *const all[] = {&t->from, &t->to, &t->list, &t->subject, &t->text, &t->html};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		str_init(all[i], TEXT_MAX);
	add_name(&t->from, r, draw(r, LINES + 20));
	add_name(&t->to, r, n);
	add_name(&t->list, r, draw(r, LINES + 20));
	add_line(&t->subject, r, n < LINES ? (n + 1) % LINES : n);
	add_lines(&t->text, r, n);
	if (draw(r, 3) > 0) {
		(void)str_addz(&t->html, "<!DOCTYPE html>\n<html><body><p>");
		add_lines(&t->html, r, n);
		(void)str_addz(&t->html, "</p></body></html>");
	}
}

static void drop(struct texts *t)
{
	str_free(&t->from);
	str_free(&t->to);
	str_free(&t->list);
	str_free(&t->subject);
	str_free(&t->text);
	str_free(&t->html);
}

static void compose_one(uint32_t n, struct texts *t, struct str *out, struct str *expected)
{
	bool bcc = n % 7 == 6;
	struct compose_frame frame = {
		.mode = bcc ? COMPOSE_BCC : COMPOSE_INDIVIDUAL,
		.from = {str_view(&t->from), {VIEW("contact"), VIEW("asso.example")}},
		.reply_to = {str_view(&t->list), {VIEW("bureau"), VIEW("asso.example")}},
		.list_name = str_view(&t->list),
		.list_id = VIEW("membres.asso.example"),
		.unsubscribe = {VIEW("retours"), VIEW("asso.example")},
		.instance = VIEW("interop"),
		.campaign = 1,
		.zone = (int)(n % 25) * 60 - 720,
	};
	struct compose_to to = {.mailbox = {str_view(&t->to), {VIEW("ana"), VIEW("example.org")}},
		.contact = n,
		.token = VIEW("t0k3n")};
	struct compose_to batch = {.batch = n};
	struct compose_parts parts = {
		str_view(&t->subject), str_view(&t->text), str_view(&t->html)};
	int64_t date = INT64_C(1772353800000) + (int64_t)n * 86400000;
	struct fail f = {0};
	struct compose *c = compose_new(&frame, &f);

	if (c == NULL || compose_message(c, &parts, bcc ? &batch : &to, date, out, NULL, &f) < 0 ||
		compose_check(str_view(out), false, NULL, nobody, NULL, &f) < 0)
		fail_msg("message %u: %s", (unsigned)n, f.text);
	compose_free(&c);
	(void)str_addf(expected, "{\"file\": \"%05u.eml\", \"date\": %lld", (unsigned)n,
		(long long)date / 1000);
	add_json(expected, "from_name", str_view(&t->from), false);
	if (!bcc)
		add_json(expected, "to_name", str_view(&t->to), false);
	add_json(expected, "reply_name", str_view(&t->list), false);
	add_json(expected, "subject", str_view(&t->subject), false);
	add_json(expected, "text", str_view(&t->text), true);
	if (t->html.len > 0)
		add_json(expected, "html", str_view(&t->html), true);
	(void)str_addz(expected, "}\n");
}

static void compose_all(const char *dir, uint32_t count, uint32_t seed)
{
	struct random r = {seed};
	struct str out, expected, path;
	struct fail f = {0};

	str_init(&out, COMPOSE_MESSAGE_MAX);
	str_init(&expected, (size_t)1 << 31);
	str_init(&path, 4096);
	for (uint32_t n = 0; n < count; n++) {
		struct texts t;

		fill(&t, &r, n);
		str_clear(&out);
		compose_one(n, &t, &out, &expected);
		drop(&t);
		if (dir == NULL)
			continue;
		str_clear(&path);
		(void)str_addf(&path, "%s/%05u.eml", dir, (unsigned)n);
		if (file_write_new(path.p, str_view(&out), &f) < 0)
			fail_msg("%s", f.text);
	}
	str_clear(&path);
	(void)str_addf(&path, "%s/expected.ndjson", dir != NULL ? dir : "");
	if (dir != NULL && file_write_new(path.p, str_view(&expected), &f) < 0)
		fail_msg("%s", f.text);
	str_free(&out);
	str_free(&expected);
	str_free(&path);
}

static const char *const *arguments;

static void messages(void **state)
{
	uint64_t count = INTEROP_DEFAULT, seed = 1;

	(void)state;
	if (arguments[1] == NULL) {
		compose_all(NULL, INTEROP_DEFAULT, 1);
		return;
	}
	assert_non_null(arguments[2]);
	assert_non_null(arguments[3]);
	assert_true(view_u64(view_of(arguments[2]), 99999, &count));
	assert_true(view_u64(view_of(arguments[3]), UINT32_MAX, &seed));
	compose_all(arguments[1], (uint32_t)count, (uint32_t)seed);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(messages)};

	(void)argc;
	arguments = (const char *const *)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
