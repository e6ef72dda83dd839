#include "mail/fold.h"
#include <assert.h>
#include "base/base64.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "mail/header.h"
#include "mail/mail_private.h"

enum {
	WORD_LINE_MAX = 76, /* RFC 2047 section 2; a word after its blank has 75 */
	WORD_FRAME = 12,    /* =?UTF-8?Q??= */
};

/* RFC 5322 3.6.8: a name that is none is our own mistake. */
static void check_name(const char *name)
{
	assert(*name != '\0' && strlen(name) <= HEADER_NAME_MAX);
	for (; *name != '\0'; name++)
		assert(*name > ' ' && *name <= '~' && *name != ':');
}

void fold_begin(struct fold *h, struct str *out, const char *name)
{
	check_name(name);
	*h = (struct fold){.out = out, .start = out->len, .line = out->len};
	(void)str_addz(out, name);
	(void)str_addc(out, ':');
}

size_t fold_column(const struct fold *h)
{
	return h->out->len - h->line;
}

static void new_line(struct fold *h)
{
	(void)str_addz(h->out, "\r\n");
	h->line = h->out->len;
	h->encoded = false;
}

void fold_word(struct fold *h, struct view word)
{
	size_t column = fold_column(h), most = h->encoded ? WORD_LINE_MAX : HEADER_FOLD;

	/* A line of blanks alone would be obsolete syntax: column 0 never folds. */
	if (column > 0 && column + 1 + word.len > most)
		new_line(h);
	(void)str_addc(h->out, ' ');
	(void)str_addv(h->out, word);
}

void fold_words(struct fold *h, struct view text)
{
	struct view word;

	while (view_split(&text, ' ', &word))
		fold_word(h, word);
}

bool fold_fits(const struct fold *h, struct view text)
{
	size_t column = fold_column(h);
	struct view word;

	while (view_split(&text, ' ', &word)) {
		if (word.len == 0 || column + 1 + word.len > HEADER_FOLD)
			return false;
		column = 0;
	}
	return true;
}

/* What stands for itself in Q everywhere, in phrases too (RFC 2047 5 (3)). */
static bool is_q_safe(char c)
{
	return ascii_is_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t q_cost(char c)
{
	return is_q_safe(c) || c == ' ' ? 1 : 3;
}

static bool q_is_shorter(struct view text)
{
	size_t q = 0;

	for (size_t i = 0; i < text.len; i++)
		q += q_cost(text.p[i]);
	return q <= (text.len + 2) / 3 * 4;
}

/* How many bytes of text fit an encoded word of `room` letters: whole
 * characters only, so that each word can be read alone (RFC 2047 5). A B word
 * that is not the last must not end in padding, for readers (GMime) that join
 * the Base64 of neighbours before they decode it; 0 when that cannot be. */
static size_t take(struct view text, bool q, size_t room)
{
	struct view rest = text;
	size_t fit = 0, at = 0, cost = 0;
	uint32_t cp;

	while (utf8_next(&rest, &cp) > 0) {
		size_t end = text.len - rest.len;

		for (; q && at < end; at++)
			cost += q_cost(text.p[at]);
		if (!q)
			cost = (end + 2) / 3 * 4;
		if (cost > room)
			break;
		if (q || end % 3 == 0 || rest.len == 0)
			fit = end;
	}
	return fit;
}

static void add_q(struct str *out, struct view text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == ' ')
			(void)str_addc(out, '_');
		else if (is_q_safe((char)c))
			(void)str_addc(out, (char)c);
		else
			(void)str_add(out, (char[]){'=', hex[c >> 4], hex[c & 15]}, 3);
	}
}

static void add_word(struct fold *h, struct view text, bool q)
{
	(void)str_addz(h->out, q ? " =?UTF-8?Q?" : " =?UTF-8?B?");
	if (q)
		add_q(h->out, text);
	else
		(void)base64_encode(h->out, text, 0);
	(void)str_addz(h->out, "?=");
	h->encoded = true;
}

/* The letters that an encoded word may still have on this line. */
static size_t word_room(const struct fold *h)
{
	size_t used = fold_column(h) + 1 + WORD_FRAME;

	return used < WORD_LINE_MAX ? WORD_LINE_MAX - used : 0;
}

void fold_encoded(struct fold *h, struct view text)
{
	const size_t most = WORD_LINE_MAX - 1 - WORD_FRAME;
	bool short_q = q_is_shorter(text);

	while (text.len > 0 && str_ok(h->out)) {
		size_t room = word_room(h);
		/* "a日本…" has no place for a B word to end: Q until it has. */
		bool q = short_q || take(text, false, most) == 0;
		size_t n = take(text, q, room);

		if (n == 0) {
			assert(room < most); /* an empty line holds any character */
			new_line(h);
			continue;
		}
		add_word(h, view_sub(text, 0, n), q);
		text = view_from(text, n);
	}
}

int fold_end(struct fold *h, int ret, const char *name, struct fail *f)
{
	if (ret == 0 && str_addz(h->out, "\r\n") < 0)
		ret = fail_set(f, FAIL_DATA, _("the message is too large"));
	if (ret == 0)
		return 0;
	str_cut(h->out, h->start);
	return fail_wrap(f, "%s", name);
}

int fold_check(struct view text, struct fail *f)
{
	if (text.len > HEADER_TEXT_MAX)
		return fail_set(f, FAIL_DATA, _("%zu bytes of text, where at most %d are allowed"),
			text.len, HEADER_TEXT_MAX);
	return spot_check_text(text, f);
}
