#include "mail/message_private.h"
#include "base/utf8.h"

/* Encoded words (RFC 2047) where they may stand and where they may not: inside quotes, beside
 * other text, with blanks in them. A character may be cut in two by the end of one: those of
 * one charset that follow each other are decoded together. */

enum { CHARSET_NAME_MAX = 64, DECODED_MAX = 4 * MESSAGE_HEADER_MAX };

struct words {
	struct message *m;
	struct view value;
	struct str out, held; /* held: octets of words whose charset is `charset` */
	struct view charset;
	size_t text; /* where what is no word began */
	size_t end;  /* the first "?=" at or after where it was last looked for, */
	bool looked; /* which was done */
};
struct word {
	struct view charset, text;
	bool base64;
	size_t next;
};

/* Adds without line ends: of folds they are nothing, of words they mean a blank. */
static void add_lines(struct str *out, struct view text, bool blank)
{
	while (text.len > 0) {
		size_t n = 0;

		while (n < text.len && text.p[n] != '\r' && text.p[n] != '\n')
			n++;
		(void)str_addv(out, view_take(&text, n));
		if (text.len > 0 && blank)
			(void)str_addc(out, ' ');
		text = view_from(text, 1);
	}
}

static void flush_words(struct words *w)
{
	if (w->held.len > 0)
		add_lines(&w->out, message_utf8(w->m, str_view(&w->held), w->charset), true);
	str_clear(&w->held);
}

static bool is_blank(struct view text)
{
	return view_trim(text).len == 0;
}

/* The text since the last word, up to there. */
static void flush_text(struct words *w, size_t to)
{
	struct view text = view_sub(w->value, w->text, to - w->text);

	add_lines(&w->out, message_utf8(w->m, text, view_make(NULL, 0)), false);
}

static size_t word_end(struct words *w, size_t from)
{
	ptrdiff_t at;

	if (w->looked && w->end >= from)
		return w->end;
	at = view_find(view_from(w->value, from), VIEW("?="));
	w->looked = true;
	w->end = at < 0 ? SIZE_MAX : from + (size_t)at;
	return w->end;
}

/* Whether a word begins at `at`, where "=?" stands. */
static bool read_word(struct words *w, size_t at, struct word *out)
{
	struct view rest = view_from(w->value, at + 2);
	ptrdiff_t mark = view_chr(view_sub(rest, 0, CHARSET_NAME_MAX), '?');
	size_t text, end;
	char encoding;

	if (mark <= 0 || (size_t)mark + 2 >= rest.len || rest.p[mark + 2] != '?')
		return false;
	encoding = ascii_lower(rest.p[mark + 1]);
	if (encoding != 'b' && encoding != 'q')
		return false;
	text = at + 2 + (size_t)mark + 3;
	end = word_end(w, text);
	if (end == SIZE_MAX)
		return false;
	out->charset = view_sub(rest, 0, (size_t)mark);
	out->base64 = encoding == 'b';
	out->text = view_sub(w->value, text, end - text);
	out->next = end + 2;
	return true;
}

static void add_word(struct words *w, const struct word *word)
{
	size_t room = word->text.len + 3;
	char *p = str_room(&w->held, room);
	bool bad = false;

	if (p == NULL)
		return;
	str_added(&w->held, word->base64 ? message_undo_base64(word->text, p, room, &bad)
					 : message_undo_qp(word->text, true, p, room));
	if (bad)
		w->m->defects |= MESSAGE_BAD_ENCODING;
}

static void decode(struct words *w)
{
	size_t at = 0;
	bool after_word = false;
	ptrdiff_t next;
	struct word word;

	while ((next = view_find(view_from(w->value, at), VIEW("=?"))) >= 0) {
		at += (size_t)next;
		if (!read_word(w, at, &word)) {
			at += 2;
			continue;
		}
		/* Blanks between two words are not text. */
		if (!after_word || !is_blank(view_sub(w->value, w->text, at - w->text))) {
			flush_words(w);
			flush_text(w, at);
		} else if (!view_eq_nocase(w->charset, word.charset)) {
			flush_words(w);
		}
		w->charset = word.charset;
		add_word(w, &word);
		after_word = true;
		at = w->text = word.next;
	}
	flush_words(w);
	flush_text(w, w->value.len);
}

struct view message_decode(struct message *m, struct view value)
{
	struct words w = {.m = m, .value = value};
	struct view out;

	if (value.len == 0)
		return view_make("", 0);
	if (utf8_printable(value) == value.len && view_find(value, VIEW("=?")) < 0)
		return value;
	str_init(&w.out, DECODED_MAX);
	str_init(&w.held, DECODED_MAX);
	decode(&w);
	out = arena_dup(m->arena, view_trim(str_view(&w.out)));
	if (!str_ok(&w.out))
		m->defects |= MESSAGE_TEXT_CUT;
	str_free(&w.out);
	str_free(&w.held);
	return out;
}
