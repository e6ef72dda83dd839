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
	uint64_t endless;    /* a bit for each hidden element that has no end any more */
};

enum kind { BLOCK, CELL, PREFORMATTED, HIDDEN };
/* HIDDEN: nobody reads what is in it. The others begin a line, CELL a word. */
#define ELEMENT(name, kind)                                                                        \
	{                                                                                          \
		name, sizeof(name) - 1, kind                                                       \
	}
static const struct element {
	const char *name;
	size_t len;
	enum kind kind;
} elements[] = {
	ELEMENT("p", BLOCK),
	ELEMENT("br", BLOCK),
	ELEMENT("td", CELL),
	ELEMENT("tr", BLOCK),
	ELEMENT("div", BLOCK),
	ELEMENT("th", CELL),
	ELEMENT("li", BLOCK),
	ELEMENT("table", BLOCK),
	ELEMENT("ul", BLOCK),
	ELEMENT("ol", BLOCK),
	ELEMENT("h1", BLOCK),
	ELEMENT("h2", BLOCK),
	ELEMENT("h3", BLOCK),
	ELEMENT("h4", BLOCK),
	ELEMENT("h5", BLOCK),
	ELEMENT("h6", BLOCK),
	ELEMENT("hr", BLOCK),
	ELEMENT("dl", BLOCK),
	ELEMENT("dt", BLOCK),
	ELEMENT("dd", BLOCK),
	ELEMENT("pre", PREFORMATTED),
	ELEMENT("html", BLOCK),
	ELEMENT("head", BLOCK),
	ELEMENT("body", BLOCK),
	ELEMENT("form", BLOCK),
	ELEMENT("tbody", BLOCK),
	ELEMENT("thead", BLOCK),
	ELEMENT("center", BLOCK),
	ELEMENT("option", BLOCK),
	ELEMENT("header", BLOCK),
	ELEMENT("footer", BLOCK),
	ELEMENT("address", BLOCK),
	ELEMENT("section", BLOCK),
	ELEMENT("article", BLOCK),
	ELEMENT("caption", BLOCK),
	ELEMENT("fieldset", BLOCK),
	ELEMENT("blockquote", BLOCK),
	ELEMENT("style", HIDDEN),
	ELEMENT("title", HIDDEN),
	ELEMENT("script", HIDDEN),
	ELEMENT("textarea", HIDDEN),
};
enum { ELEMENTS = sizeof elements / sizeof *elements };

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

/* How many characters from there on are nothing but themselves: most of any text. */
static size_t plain_run(struct view text)
{
	size_t n = 0;

	while (n < text.len && text.p[n] > ' ' && text.p[n] < 0x7F && text.p[n] != '<' &&
		text.p[n] != '&')
		n++;
	return n;
}

static void put_run(struct html *h, struct view run)
{
	put(h, (unsigned char)run.p[0]);
	memcpy(h->out + h->len, run.p + 1, run.len - 1);
	h->len += run.len - 1;
}

static const struct element *find_element(struct view name)
{
	for (size_t i = 0; i < ELEMENTS; i++)
		if (elements[i].len == name.len &&
			view_eq_nocase(view_make(elements[i].name, name.len), name))
			return &elements[i];
	return NULL;
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

/* Passes over the content of a hidden element, where it has an end. */
static void skip_hidden(struct html *h, const struct element *e)
{
	struct view rest = view_from(h->in, h->at), name = view_make(e->name, e->len);
	uint64_t bit = UINT64_C(1) << (e - elements);
	size_t from = 0;

	if (h->endless & bit)
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
	h->endless |= bit;
}

static void tag(struct html *h)
{
	size_t start = h->at + 1, n = 0;
	bool closing = h->in.p[start] == '/';
	const struct element *e;

	if (closing)
		start++;
	while (start + n < h->in.len && ascii_is_alnum(h->in.p[start + n]))
		n++;
	e = find_element(view_sub(h->in, start, n));
	h->at = tag_end(h);
	if (e == NULL)
		return;
	if (e->kind == CELL)
		h->space = true;
	if (e->kind == BLOCK || e->kind == PREFORMATTED)
		h->line = true;
	if (e->kind == PREFORMATTED)
		h->preformatted = !closing;
	if (e->kind == HIDDEN && !closing)
		skip_hidden(h, e);
}

/* "<ana@example.org>" that nobody escaped: a browser hides it, its writer meant it to be read. */
static bool is_address(const struct html *h)
{
	enum { LOOK = 320 };
	struct view text = view_sub(h->in, h->at + 1, LOOK);

	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '@')
			return i > 0;
		if (!ascii_is_alnum(text.p[i]) && view_chr(VIEW(".+_-:=%&#"), text.p[i]) < 0)
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
		size_t n = plain_run(rest);

		if (n > 0) {
			put_run(&h, view_sub(rest, 0, n));
			h.at += n;
			continue;
		}
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
