/* From pieces of a stream to whole responses. */
#include "base/fail.h"
#include "base/i18n.h"
#include "fetch/imap_reply.h"

enum { LITERAL_DIGITS = 10 }; /* RFC 3501: a number has 32 bits */

void imap_reader_init(struct imap_reader *r, size_t body_max)
{
	*r = (struct imap_reader){0};
	str_init(&r->text, IMAP_TEXT_MAX);
	str_init(&r->body, body_max);
}

void imap_reader_free(struct imap_reader *r)
{
	str_free(&r->text);
	str_free(&r->body);
}

static void restart(struct imap_reader *r)
{
	str_clear(&r->text);
	str_clear(&r->body);
	r->has_body = r->cut = r->into_body = r->whole = false;
	r->line = 0;
	r->left = 0;
}

/* "... {12}" or, with RFC 7888 and RFC 3516, {12+} and ~{12}: the number, and where the
 * brace stands. */
static bool literal_at_end(struct view line, size_t *brace, uint64_t *size)
{
	size_t end = line.len, from;

	if (end < 3 || line.p[end - 1] != '}')
		return false;
	end--;
	if (line.p[end - 1] == '+')
		end--;
	for (from = end; from > 0 && end - from <= LITERAL_DIGITS; from--)
		if (!ascii_is_digit(line.p[from - 1]))
			break;
	if (from == 0 || from == end || line.p[from - 1] != '{' ||
		!view_u64(view_sub(line, from, end - from), UINT32_MAX, size))
		return false;
	*brace = from - 1;
	return true;
}

static bool is_fetch(struct view text)
{
	struct view word;

	return view_split(&text, ' ', &word) && view_is(word, "*") &&
	       view_split(&text, ' ', &word) && view_split(&text, ' ', &word) &&
	       view_eq_nocase(word, VIEW("FETCH"));
}

/* What stands before the brace says whether it is the message that comes. */
static bool is_message(const struct imap_reader *r, struct view before)
{
	static const char *const items[] = {"BODY[] ", "BODY[]<0> "};

	if (r->has_body || !is_fetch(before))
		return false;
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		struct view item = view_of(items[i]);

		if (before.len > item.len &&
			view_eq_nocase(view_from(before, before.len - item.len), item))
			return true;
	}
	return false;
}

/* A line is complete, without its end: more comes behind it, or it was the last. */
static void line_end(struct imap_reader *r)
{
	struct view line = view_from(str_view(&r->text), r->line);
	uint64_t size;
	size_t brace;

	if (!literal_at_end(line, &brace, &size)) {
		r->whole = true;
		return;
	}
	r->left = size;
	r->into_body = is_message(r, view_sub(str_view(&r->text), 0, r->line + brace));
	if (r->into_body) {
		/* The parser finds an empty string there, and the message in `body`. */
		str_cut(&r->text, r->line + brace);
		(void)str_addz(&r->text, "\"\"");
		r->has_body = true;
	} else {
		(void)str_addz(&r->text, "\r\n");
	}
	r->line = r->text.len + (r->into_body ? 0 : (size_t)size);
}

static void take_literal(struct imap_reader *r, struct view *in)
{
	struct view part = view_take(in, r->left < in->len ? (size_t)r->left : in->len);

	r->left -= part.len;
	if (!r->into_body) {
		(void)str_addv(&r->text, part);
		return;
	}
	if (part.len > r->body.max - r->body.len) {
		part = view_sub(part, 0, r->body.max - r->body.len);
		r->cut = true;
	}
	(void)str_addv(&r->body, part);
}

/* Up to LF: a CR before it belongs to the end, a lone one does not. */
static void take_line(struct imap_reader *r, struct view *in)
{
	ptrdiff_t lf = view_chr(*in, '\n');

	(void)str_addv(&r->text, view_take(in, lf < 0 ? in->len : (size_t)lf));
	if (lf < 0)
		return;
	(void)view_take(in, 1);
	if (r->text.len > r->line && r->text.p[r->text.len - 1] == '\r')
		str_cut(&r->text, r->text.len - 1);
	line_end(r);
}

int imap_reader_take(struct imap_reader *r, struct view *in, struct fail *f)
{
	if (r->whole)
		restart(r);
	while (in->len > 0 && !r->whole) {
		if (r->left > 0)
			take_literal(r, in);
		else
			take_line(r, in);
		if (!str_ok(&r->text) || (!r->into_body && r->left > IMAP_TEXT_MAX))
			return fail_set(f, FAIL_TEMP,
				_("the server sent a line longer than any that makes sense: it "
				  "may not be a mail server, or it is out of order"));
	}
	return r->whole;
}
