#include "tmpl/tmpl_private.h"
#include <stdio.h>
#include <string.h>
#include "base/utf8.h"

enum { RULE_WIDTH = 40, LINE = 1, PARAGRAPH = 2, LIST_NUMBER_MAX = 9999, FRAMES_MAX = 64 };

static const char *const skipped[] = {
	"head", "style", "script", "title", "textarea", "select", "audio", "video", NULL};
static const char *const paragraphs[] = {
	"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dl", "figure", "fieldset", NULL};
static const char *const lines[] = {"div", "section", "article", "header", "footer", "main", "nav",
	"aside", "center", "address", "dt", "dd", "figcaption", "caption", "body", "html", NULL};

/* An open element that changes how lines begin or cells are joined. */
enum frame_kind { FRAME_QUOTE, FRAME_LIST, FRAME_ITEM, FRAME_TABLE };
struct frame {
	enum frame_kind kind;
	size_t prefix; /* length before it */
	bool ordered;
	unsigned number; /* items so far */
	bool layout;	 /* a table that only places things */
	unsigned cells;	 /* in the current row */
};

struct text {
	const struct tags *tags;
	struct flow flow;
	struct vec frames;
	struct frame beyond; /* for elements nested deeper than FRAMES_MAX */
	struct view skip;    /* the element that is passed over, and how deep in it */
	unsigned skip_depth;
	bool in_link;
	struct str href, label;
	size_t heading_at; /* columns of a heading so far */
	unsigned heading;
	struct str scratch;
};

static struct frame *top(struct text *x, enum frame_kind kind)
{
	for (size_t i = x->frames.len; i-- > 0;) {
		struct frame *f = vec_at(&x->frames, i);

		if (f->kind == kind)
			return f;
	}
	return NULL;
}

static bool in_data_cell(struct text *x)
{
	const struct frame *table = top(x, FRAME_TABLE);

	return table != NULL && !table->layout && table->cells > 0;
}

static void put(struct text *x, struct view v)
{
	if (x->in_link)
		(void)str_addv(&x->label, v);
	else
		tmpl_flow_text(&x->flow, v);
}

static void put_break(struct text *x, unsigned count)
{
	if (x->in_link)
		(void)str_addc(&x->label, ' ');
	else if (in_data_cell(x))
		tmpl_flow_space(&x->flow);
	else
		tmpl_flow_break(&x->flow, count);
}

static void decode(struct text *x, struct view raw)
{
	str_clear(&x->scratch);
	(void)tmpl_entity_decode(&x->scratch, raw);
}

/* --- links --- */

/* What is shown of a link: a mailto's address, else all of it. */
static struct view shown_target(struct view href, bool *mail)
{
	ptrdiff_t question;

	*mail = view_starts_nocase(href, VIEW("mailto:"));
	if (!*mail)
		return href;
	href = view_from(href, sizeof "mailto:" - 1);
	question = view_chr(href, '?');
	return question < 0 ? href : view_sub(href, 0, (size_t)question);
}

static bool same_target(struct view label, struct view target)
{
	struct view scheme;

	if (view_eq(label, target))
		return true;
	if (tmpl_url_scheme(target, &scheme) &&
		view_starts(view_from(target, scheme.len), VIEW("://")))
		return view_eq(label, view_from(target, scheme.len + 3));
	return false;
}

static enum tmpl_context in_text(enum tmpl_context context)
{
	switch (context) {
	case CTX_URL_WHOLE:
		return CTX_TEXT_WHOLE;
	case CTX_URL_MAIL:
		return CTX_TEXT_MAIL;
	default:
		return CTX_TEXT_PART;
	}
}

/* Adds the link with each value in the context it has there. */
static void add_target(struct text *x, struct str *out, struct view target, bool mail)
{
	struct url_cursor u = {0};
	struct sentinel s;

	while (tmpl_sentinel_find(x->tags, target, &s)) {
		enum tag_kind kind = tmpl_tags_at(x->tags, s.tag)->kind;
		enum tmpl_context context = CTX_HTML;

		tmpl_url_literal(&u, view_sub(target, 0, s.at));
		(void)str_add(out, target.p, s.at);
		if (kind != TAG_VALUE) {
			tmpl_url_block(&u, kind);
		} else if (!mail) {
			(void)tmpl_url_value(&u, &context);
			context = in_text(context);
		}
		(void)tmpl_sentinel_put(x->tags, out, s.tag, context);
		target = view_from(target, s.at + SENTINEL_LEN);
	}
	(void)str_addv(out, target);
}

static void close_link(struct text *x)
{
	struct view label, target;
	bool mail, same;

	if (!x->in_link)
		return;
	x->in_link = false;
	label = view_trim(str_view(&x->label));
	target = shown_target(view_trim(str_view(&x->href)), &mail);
	same = same_target(label, target);
	if (!same)
		tmpl_flow_text(&x->flow, str_view(&x->label));
	if (target.len == 0 || target.p[0] == '#')
		return;
	str_clear(&x->scratch);
	(void)str_addz(&x->scratch, same ? "" : "<");
	add_target(x, &x->scratch, target, mail);
	(void)str_addz(&x->scratch, same ? "" : ">");
	if (!same)
		tmpl_flow_space(&x->flow);
	tmpl_flow_word(&x->flow, str_view(&x->scratch));
}

static void open_link(struct text *x, const struct html_token *t)
{
	struct view href = {0};

	close_link(x);
	if (!tmpl_html_attr_find(t->attrs, "href", &href))
		return;
	str_clear(&x->href);
	str_clear(&x->label);
	(void)tmpl_entity_decode(&x->href, href);
	x->in_link = true;
}

/* --- lists, quotes, tables --- */

static struct frame *push(struct text *x, enum frame_kind kind)
{
	struct frame *f = x->frames.len < FRAMES_MAX ? vec_push(&x->frames) : &x->beyond;

	*f = (struct frame){.kind = kind, .prefix = x->flow.prefix.len};
	return f;
}

/* Closes the innermost frame of this kind and all inside it; an item never
 * reaches out of its list, nor anything out of its table. */
static void pop(struct text *x, enum frame_kind kind)
{
	size_t i = x->frames.len;

	while (i-- > 0) {
		const struct frame *f = vec_at(&x->frames, i);

		if (f->kind == kind) {
			tmpl_flow_pop(&x->flow, f->prefix);
			while (x->frames.len > i)
				vec_pop(&x->frames);
			return;
		}
		if (f->kind == FRAME_TABLE || (kind == FRAME_ITEM && f->kind == FRAME_LIST))
			return;
	}
}

static void open_list(struct text *x, const struct html_token *t)
{
	struct view start = {0};
	struct frame *f;
	uint64_t n = 1;

	put_break(x, top(x, FRAME_ITEM) != NULL ? LINE : PARAGRAPH);
	f = push(x, FRAME_LIST);
	f->ordered = tmpl_html_is(t, "ol");
	if (tmpl_html_attr_find(t->attrs, "start", &start))
		(void)view_u64(start, LIST_NUMBER_MAX, &n);
	f->number = (unsigned)n;
}

static void open_item(struct text *x)
{
	char marker[16] = "- ", indent[16];
	struct frame *list;

	pop(x, FRAME_ITEM);
	put_break(x, LINE);
	list = top(x, FRAME_LIST);
	if (list != NULL && list->ordered)
		(void)snprintf(
			marker, sizeof marker, "%u. ", list->number++ % (LIST_NUMBER_MAX + 1));
	memset(indent, ' ', sizeof indent);
	indent[strlen(marker)] = '\0';
	(void)push(x, FRAME_ITEM);
	tmpl_flow_push(&x->flow, indent, marker);
}

static void open_table(struct text *x, const struct html_token *t)
{
	struct view role = {0};
	struct frame *f;

	put_break(x, PARAGRAPH);
	f = push(x, FRAME_TABLE);
	f->layout =
		tmpl_html_attr_find(t->attrs, "role", &role) &&
		(view_eq_nocase(role, VIEW("presentation")) || view_eq_nocase(role, VIEW("none")));
}

static void open_row(struct text *x)
{
	struct frame *table = top(x, FRAME_TABLE);

	if (table != NULL)
		table->cells = 0;
	put_break(x, LINE);
}

static void open_cell(struct text *x)
{
	struct frame *table = top(x, FRAME_TABLE);

	if (table == NULL || table->layout) {
		put_break(x, LINE);
		return;
	}
	if (table->cells++ > 0) {
		tmpl_flow_space(&x->flow);
		put(x, VIEW("|"));
	}
	tmpl_flow_space(&x->flow);
}

/* --- the walk --- */

static unsigned heading_level(const struct html_token *t)
{
	bool is = t->name.len == 2 && ascii_lower(t->name.p[0]) == 'h' && t->name.p[1] >= '1' &&
		  t->name.p[1] <= '6';

	return is ? (unsigned)(t->name.p[1] - '0') : 0;
}

static void rule(struct text *x, char c, size_t width)
{
	char word[TEXT_COLUMNS];

	width = width < sizeof word ? width : sizeof word;
	memset(word, c, width);
	tmpl_flow_word(&x->flow, view_make(word, width));
}

/* Underlines a heading of the first two levels, as wide as its last line. */
static void close_heading(struct text *x, unsigned level)
{
	size_t width;

	tmpl_flow_break(&x->flow, LINE);
	width = x->flow.now.column - x->flow.prefix.len;
	if (level <= 2 && width > 0 && width <= TEXT_COLUMNS && x->flow.now.line_open)
		rule(x, level == 1 ? '=' : '-', width);
	tmpl_flow_break(&x->flow, PARAGRAPH);
}

static bool is_hidden(const struct html_token *t)
{
	struct view v = {0};
	ptrdiff_t at;

	if (tmpl_html_attr_find(t->attrs, "hidden", &v))
		return true;
	if (!tmpl_html_attr_find(t->attrs, "style", &v))
		return false;
	at = view_find_nocase(v, VIEW("display"));
	if (at < 0)
		return false;
	v = view_trim(view_from(v, (size_t)at + sizeof "display" - 1));
	return v.len > 0 && v.p[0] == ':' &&
	       view_starts_nocase(view_trim(view_from(v, 1)), VIEW("none"));
}

static void image(struct text *x, const struct html_token *t)
{
	struct view alt = {0};

	if (!tmpl_html_attr_find(t->attrs, "alt", &alt))
		return;
	decode(x, alt);
	put(x, str_view(&x->scratch));
}

static bool start_of_block(struct text *x, const struct html_token *t)
{
	if (tmpl_html_is(t, "ul") || tmpl_html_is(t, "ol"))
		open_list(x, t);
	else if (tmpl_html_is(t, "li"))
		open_item(x);
	else if (tmpl_html_is(t, "table"))
		open_table(x, t);
	else if (tmpl_html_is(t, "tr"))
		open_row(x);
	else if (tmpl_html_is(t, "td") || tmpl_html_is(t, "th"))
		open_cell(x);
	else if (tmpl_html_name_in(t->name, paragraphs))
		put_break(x, PARAGRAPH);
	else if (tmpl_html_name_in(t->name, lines))
		put_break(x, LINE);
	else
		return false;
	if (tmpl_html_is(t, "pre"))
		x->flow.verbatim = true;
	return true;
}

static void start(struct text *x, const struct html_token *t)
{
	if (!tmpl_html_is_void(t->name) && (tmpl_html_name_in(t->name, skipped) || is_hidden(t))) {
		x->skip = t->name;
		x->skip_depth = 1;
	} else if (start_of_block(x, t)) {
		return;
	} else if (tmpl_html_is(t, "blockquote")) {
		put_break(x, PARAGRAPH);
		(void)push(x, FRAME_QUOTE);
		tmpl_flow_push(&x->flow, "> ", "");
	} else if (tmpl_html_is(t, "a")) {
		open_link(x, t);
	} else if (tmpl_html_is(t, "br")) {
		put_break(x, LINE);
	} else if (tmpl_html_is(t, "hr")) {
		put_break(x, PARAGRAPH);
		rule(x, '-', RULE_WIDTH);
		put_break(x, PARAGRAPH);
	} else if (tmpl_html_is(t, "img")) {
		image(x, t);
	} else if (tmpl_html_is(t, "del") || tmpl_html_is(t, "s") || tmpl_html_is(t, "strike")) {
		put(x, VIEW("~~"));
	}
}

static void end(struct text *x, const struct html_token *t)
{
	unsigned level = heading_level(t);

	if (tmpl_html_is(t, "a"))
		close_link(x);
	else if (level > 0 && !x->in_link && !in_data_cell(x))
		close_heading(x, level);
	else if (tmpl_html_is(t, "ul") || tmpl_html_is(t, "ol"))
		pop(x, FRAME_LIST);
	else if (tmpl_html_is(t, "li"))
		pop(x, FRAME_ITEM);
	else if (tmpl_html_is(t, "blockquote"))
		pop(x, FRAME_QUOTE);
	else if (tmpl_html_is(t, "table"))
		pop(x, FRAME_TABLE);
	else if (tmpl_html_is(t, "pre"))
		x->flow.verbatim = false;
	else if (tmpl_html_is(t, "del") || tmpl_html_is(t, "s") || tmpl_html_is(t, "strike"))
		put(x, VIEW("~~"));
	if (tmpl_html_name_in(t->name, paragraphs) || tmpl_html_is(t, "table") ||
		tmpl_html_is(t, "blockquote"))
		put_break(x, PARAGRAPH);
	else if (tmpl_html_is(t, "ul") || tmpl_html_is(t, "ol"))
		put_break(x, top(x, FRAME_ITEM) != NULL ? LINE : PARAGRAPH);
	else if (tmpl_html_name_in(t->name, lines) || tmpl_html_is(t, "li") ||
		 tmpl_html_is(t, "tr"))
		put_break(x, LINE);
}

/* True when the token is inside an element that is passed over. */
static bool skip(struct text *x, const struct html_token *t)
{
	if (x->skip_depth == 0)
		return false;
	if (t->kind == HTML_START && view_eq_nocase(t->name, x->skip))
		x->skip_depth++;
	else if (t->kind == HTML_END && view_eq_nocase(t->name, x->skip))
		x->skip_depth--;
	return true;
}

static void walk(struct text *x, struct view html)
{
	struct html_token t;
	struct html h;

	tmpl_html_init(&h, html);
	while (tmpl_html_next(&h, &t)) {
		if (skip(x, &t))
			continue;
		if (t.kind == HTML_START) {
			start(x, &t);
		} else if (t.kind == HTML_END) {
			end(x, &t);
		} else if (t.kind == HTML_TEXT) {
			decode(x, t.raw);
			put(x, str_view(&x->scratch));
		}
	}
	close_link(x);
	tmpl_flow_end(&x->flow);
}

int tmpl_text_from_html(const struct tags *t, struct view html, struct str *out)
{
	struct text x = {.tags = t};

	tmpl_flow_init(&x.flow, t, out);
	vec_init(&x.frames, sizeof(struct frame));
	str_init(&x.href, TMPL_BODY_MAX);
	str_init(&x.label, TMPL_BODY_MAX);
	str_init(&x.scratch, TMPL_BODY_MAX);
	walk(&x, html);
	str_free(&x.scratch);
	str_free(&x.label);
	str_free(&x.href);
	vec_free(&x.frames);
	tmpl_flow_free(&x.flow);
	return str_ok(out) ? 0 : -1;
}
