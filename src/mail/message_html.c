#include "mail/message_private.h"
#include "base/utf8.h"

/* HTML without its markup. No tree: what opens and closes is of no interest, only where text
 * stands and where a line of it ends. What comes out is never longer than what went in. */

struct html {
	struct view in;
	size_t at;
	char *out;
	size_t len;
	bool space, line; /* wanted before the next character */
	bool preformatted;
	bool no_quotes;	     /* a quote is open to the end: quotes mean nothing here */
	bool no_comment_end; /* none comes any more */
	unsigned endless;    /* which of `hidden` have no end any more */
};

static const char *const blocks[] = {"p", "div", "br", "tr", "table", "li", "ul", "ol", "h1", "h2",
	"h3", "h4", "h5", "h6", "hr", "blockquote", "pre", "address", "center", "dl", "dt", "dd",
	"form", "body", "html", "head", "section", "article", "header", "footer", "caption",
	"option", "fieldset", "tbody", "thead"};
/* Elements whose content nobody reads. */
static const char *const hidden[] = {"script", "style", "title", "textarea"};

static void put(struct html *h, uint32_t cp)
{
	if (cp == 0xAD || cp == 0x200B || cp == 0x200C || cp == 0xFEFF)
		return;
	if (h->line && h->len > 0)
		h->out[h->len++] = '\n';
	else if (h->space && h->len > 0)
		h->out[h->len++] = ' ';
	h->line = h->space = false;
	h->len += utf8_put(cp, h->out + h->len);
}

static void put_char(struct html *h, uint32_t cp)
{
	if (h->preformatted && cp == '\n')
		h->line = true;
	else if (cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == '\f' || cp == 0xA0)
		h->space = true;
	else
		put(h, cp);
}

static bool is_one_of(struct view name, const char *const *list, size_t count, unsigned *which)
{
	for (unsigned i = 0; i < count; i++)
		if (view_eq_nocase(name, view_of(list[i]))) {
			*which = i;
			return true;
		}
	return false;
}

/* Where the tag that begins at h->at ends: behind its ">". */
static size_t tag_end(struct html *h)
{
	char quote = '\0';

	for (size_t i = h->at + 1; i < h->in.len; i++) {
		char c = h->in.p[i];

		if (quote != '\0') {
			if (c == quote)
				quote = '\0';
		} else if (c == '>') {
			return i + 1;
		} else if ((c == '"' || c == '\'') && !h->no_quotes && h->in.p[i - 1] == '=') {
			quote = c;
		}
	}
	if (quote == '\0')
		return h->in.len;
	h->no_quotes = true;
	return tag_end(h);
}

static void comment(struct html *h)
{
	ptrdiff_t end = -1;

	if (!h->no_comment_end)
		end = view_find(view_from(h->in, h->at + 4), VIEW("-->"));
	if (end < 0) {
		h->no_comment_end = true;
		h->at = tag_end(h);
		return;
	}
	h->at += 4 + (size_t)end + 3;
}

/* Passes over the content of such an element, where it has an end. */
static void skip_hidden(struct html *h, unsigned which)
{
	struct view rest = view_from(h->in, h->at), name = view_of(hidden[which]);
	size_t from = 0;

	if (h->endless & 1U << which)
		return;
	while (from < rest.len) {
		ptrdiff_t at = view_find(view_from(rest, from), VIEW("</"));

		if (at < 0)
			break;
		from += (size_t)at + 2;
		if (view_starts_nocase(view_from(rest, from), name)) {
			h->at += from - 2;
			return;
		}
	}
	h->endless |= 1U << which;
}

static void tag(struct html *h)
{
	size_t start = h->at + 1, n = 0;
	bool closing = h->in.p[start] == '/';
	struct view name;
	unsigned which;

	if (closing)
		start++;
	while (start + n < h->in.len && ascii_is_alnum(h->in.p[start + n]))
		n++;
	name = view_sub(h->in, start, n);
	h->at = tag_end(h);
	if (is_one_of(name, blocks, sizeof blocks / sizeof *blocks, &which))
		h->line = true;
	else if (view_eq_nocase(name, VIEW("td")) || view_eq_nocase(name, VIEW("th")))
		h->space = true;
	if (view_eq_nocase(name, VIEW("pre")))
		h->preformatted = !closing;
	if (!closing && is_one_of(name, hidden, sizeof hidden / sizeof *hidden, &which))
		skip_hidden(h, which);
}

/* "<ana@example.org>" that nobody escaped: a browser hides it, its writer meant it to be read. */
static bool is_address(const struct html *h)
{
	enum { LOOK = 320 };
	struct view text = view_sub(h->in, h->at + 1, LOOK);

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '@')
			return i > 0;
		if (!ascii_is_alnum(text.p[i]) && memchr(".+_-:=%&#", text.p[i], 9) == NULL)
			return false;
	}
	return false;
}

/* What "<" begins; false: it stands for itself. */
static bool markup(struct html *h)
{
	char next = h->at + 1 < h->in.len ? h->in.p[h->at + 1] : '\0';

	if (view_starts(view_from(h->in, h->at), VIEW("<!--"))) {
		comment(h);
		return true;
	}
	if (next == '!' || next == '?') {
		h->at = tag_end(h);
		return true;
	}
	if (next == '/')
		next = h->at + 2 < h->in.len ? h->in.p[h->at + 2] : '\0';
	if (!ascii_is_alpha(next) || is_address(h))
		return false;
	tag(h);
	return true;
}

struct view message_html(struct arena *a, struct view html)
{
	struct html h = {.in = html};

	/* One more: a line may be wanted where nothing was before. */
	h.out = arena_alloc(a, html.len + 1);
	while (h.at < html.len) {
		struct view rest = view_from(html, h.at);
		uint32_t cp;
		size_t n = 0;

		if (rest.p[0] == '<' && markup(&h))
			continue;
		if (rest.p[0] == '&')
			n = message_entity(rest, &cp);
		if (n > 0) {
			put_char(&h, cp);
			h.at += n;
			continue;
		}
		if (utf8_next(&rest, &cp) < 1) {
			cp = 0xFFFD;
			rest = view_from(rest, 1);
		}
		put_char(&h, cp);
		h.at = html.len - rest.len;
	}
	return view_make(h.out, h.len);
}
