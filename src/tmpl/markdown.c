#include "tmpl/tmpl_private.h"
#include <md4c.h>
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"

/* Mail readers drop style sheets, so each element carries its own style. No
 * colours for text and ground: those are the reader's, light or dark. */
#define LINK_COLOUR "#2579bd"
#define STYLE_LINK  "color:" LINK_COLOUR
#define STYLE_BUTTON                                                                               \
	"display:inline-block;padding:12px 24px;border-radius:6px;background:" LINK_COLOUR         \
	";color:#ffffff;text-decoration:none"
#define STYLE_PARA	  "margin:0 0 16px"
#define STYLE_PARA_QUOTED "margin:6px 0"
#define STYLE_BUTTON_PARA "margin:24px 0;text-align:center"
#define STYLE_CELL	  "padding:8px 10px;border-bottom:1px solid #999999"

static const char *const heading_styles[] = {
	"margin:0 0 20px;font-size:28px;line-height:1.25",
	"margin:32px 0 12px;font-size:21px;line-height:1.3",
	"margin:24px 0 8px;font-size:18px;line-height:1.35",
	"margin:20px 0 8px;font-size:16px",
};
enum { N_HEADINGS = sizeof heading_styles / sizeof *heading_styles };

struct md {
	const struct tags *tags;
	struct str *out;
	unsigned images; /* inside so many: text is for an alt attribute */
	/* The paragraph around here, which may turn out to be none or a button. */
	size_t para_at, para_inside;
	size_t link_style_at; /* of its only link */
	unsigned links, strong;
	unsigned quotes;
	bool in_link, plain; /* plain: text outside a strong link */
};

static int add(struct md *m, const char *text)
{
	return str_addz(m->out, text);
}

static int open_styled(struct md *m, const char *name, const char *style)
{
	return str_addf(m->out, "<%s style=\"%s\">", name, style);
}

/* md4c takes any "&word;" for an entity, a sentinel too. */
static int add_entity(struct md *m, struct view v)
{
	if (!tmpl_sentinel_any(m->tags, v))
		return str_addv(m->out, v);
	(void)add(m, "&amp;");
	return tmpl_escape_html(m->out, view_from(v, 1));
}

/* RFC 3986: what may stand in a link, the sign of an encoded byte included. */
static int add_url(struct md *m, struct view v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i];

		if (ascii_is_alnum(c) || (c != '\0' && strchr("-._~:/?#[]@!$()*+,;=%", c) != NULL))
			(void)str_addc(m->out, c);
		else if (c == '&')
			(void)add(m, "&amp;");
		else
			(void)str_addf(m->out, "%%%02X", (unsigned)(unsigned char)c);
	}
	return str_ok(m->out) ? 0 : -1;
}

static int add_attribute(struct md *m, const char *name, const MD_ATTRIBUTE *a, bool url)
{
	(void)str_addf(m->out, " %s=\"", name);
	for (size_t i = 0; a->size > 0 && a->substr_offsets[i] < a->size; i++) {
		MD_OFFSET from = a->substr_offsets[i], to = a->substr_offsets[i + 1];
		struct view part = view_make(a->text + from, to - from);

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			(void)add_entity(m, part);
		else if (url)
			(void)add_url(m, part);
		else
			(void)tmpl_escape_html(m->out, part);
	}
	return add(m, "\"");
}

static int open_list(struct md *m, const MD_BLOCK_OL_DETAIL *d)
{
	static const char style[] = "margin:0 0 16px;padding-left:26px";

	if (d == NULL)
		return open_styled(m, "ul", style);
	if (d->start == 1)
		return open_styled(m, "ol", style);
	return str_addf(m->out, "<ol start=\"%u\" style=\"%s\">", d->start, style);
}

static int open_cell(struct md *m, const char *name, const MD_BLOCK_TD_DETAIL *d)
{
	static const char *const aligns[] = {"left", "left", "center", "right"};

	return str_addf(
		m->out, "<%s style=\"" STYLE_CELL ";text-align:%s\">", name, aligns[d->align & 3]);
}

static int open_paragraph(struct md *m)
{
	m->para_at = m->out->len;
	(void)open_styled(m, "p", m->quotes > 0 ? STYLE_PARA_QUOTED : STYLE_PARA);
	m->para_inside = m->out->len;
	m->links = m->strong = 0;
	m->plain = false;
	return str_ok(m->out) ? 0 : -1;
}

/* True when v is nothing but block tags and blanks. */
static bool only_blocks(const struct md *m, struct view v)
{
	struct sentinel s;
	bool any = false;

	while (tmpl_sentinel_find(m->tags, v, &s)) {
		if (view_trim(view_sub(v, 0, s.at)).len > 0 ||
			tmpl_tags_at(m->tags, s.tag)->kind == TAG_VALUE)
			return false;
		any = true;
		v = view_from(v, s.at + SENTINEL_LEN);
	}
	return any && view_trim(v).len == 0;
}

/* Writes the paragraph anew: without <p> for block tags alone, as a button for
 * a bold link alone. */
static int close_paragraph(struct md *m)
{
	struct str inside;
	bool blocks, button;

	str_init(&inside, TMPL_BODY_MAX);
	(void)str_addv(&inside, view_from(str_view(m->out), m->para_inside));
	blocks = only_blocks(m, str_view(&inside));
	button = m->links == 1 && !m->plain;
	if (blocks || button)
		str_cut(m->out, m->para_at);
	if (blocks) {
		(void)str_addv(m->out, str_view(&inside));
		(void)add(m, "\n");
	} else if (button) {
		size_t style = m->link_style_at - m->para_inside;

		(void)open_styled(m, "p", STYLE_BUTTON_PARA);
		(void)str_add(m->out, inside.p, style);
		(void)add(m, STYLE_BUTTON);
		(void)str_addv(m->out, view_from(str_view(&inside), style + sizeof STYLE_LINK - 1));
		(void)add(m, "</p>\n");
	} else {
		(void)add(m, "</p>\n");
	}
	str_free(&inside);
	return str_ok(m->out) ? 0 : -1;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct md *m = ctx;
	unsigned level;

	switch (type) {
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
		return 0;
	case MD_BLOCK_QUOTE:
		m->quotes++;
		return open_styled(m, "blockquote",
			"margin:0 0 16px;padding:2px 0 2px 16px;border-left:4px solid #999999");
	case MD_BLOCK_UL:
		return open_list(m, NULL);
	case MD_BLOCK_OL:
		return open_list(m, detail);
	case MD_BLOCK_LI:
		return open_styled(m, "li", "margin:0 0 6px");
	case MD_BLOCK_HR:
		return add(
			m, "<hr style=\"margin:28px 0;border:0;border-top:1px solid #999999\">\n");
	case MD_BLOCK_H:
		level = ((MD_BLOCK_H_DETAIL *)detail)->level;
		return str_addf(m->out, "<h%u style=\"%s\">", level,
			heading_styles[level < N_HEADINGS ? level - 1 : N_HEADINGS - 1]);
	case MD_BLOCK_CODE:
		return add(m, "<pre style=\"margin:0 0 16px;padding:12px;border:1px solid #999999;"
			      "white-space:pre-wrap\"><code>");
	case MD_BLOCK_P:
		return open_paragraph(m);
	case MD_BLOCK_TABLE:
		return open_styled(
			m, "table", "margin:0 0 16px;width:100%;border-collapse:collapse");
	case MD_BLOCK_THEAD:
		return add(m, "<thead>\n");
	case MD_BLOCK_TBODY:
		return add(m, "<tbody>\n");
	case MD_BLOCK_TR:
		return add(m, "<tr>");
	case MD_BLOCK_TH:
		return open_cell(m, "th", detail);
	case MD_BLOCK_TD:
		return open_cell(m, "td", detail);
	}
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	static const char *const ends[] = {
		[MD_BLOCK_QUOTE] = "</blockquote>\n",
		[MD_BLOCK_UL] = "</ul>\n",
		[MD_BLOCK_OL] = "</ol>\n",
		[MD_BLOCK_LI] = "</li>\n",
		[MD_BLOCK_CODE] = "</code></pre>\n",
		[MD_BLOCK_TABLE] = "</table>\n",
		[MD_BLOCK_THEAD] = "</thead>\n",
		[MD_BLOCK_TBODY] = "</tbody>\n",
		[MD_BLOCK_TR] = "</tr>\n",
		[MD_BLOCK_TH] = "</th>",
		[MD_BLOCK_TD] = "</td>",
	};
	struct md *m = ctx;

	if (type == MD_BLOCK_QUOTE)
		m->quotes--;
	if (type == MD_BLOCK_P)
		return close_paragraph(m);
	if (type == MD_BLOCK_H)
		return str_addf(m->out, "</h%u>\n", ((MD_BLOCK_H_DETAIL *)detail)->level);
	return ends[type] == NULL ? 0 : add(m, ends[type]);
}

static int open_link(struct md *m, const MD_SPAN_A_DETAIL *d)
{
	(void)add(m, "<a");
	(void)add_attribute(m, "href", &d->href, true);
	if (d->title.size > 0)
		(void)add_attribute(m, "title", &d->title, false);
	(void)add(m, " style=\"");
	m->link_style_at = m->out->len;
	m->links++;
	m->in_link = true;
	m->plain |= m->strong == 0;
	return add(m, STYLE_LINK "\">");
}

static int open_image(struct md *m, const MD_SPAN_IMG_DETAIL *d)
{
	m->plain |= !m->in_link;
	(void)add(m, "<img");
	(void)add_attribute(m, "src", &d->src, true);
	if (d->title.size > 0)
		(void)add_attribute(m, "title", &d->title, false);
	return add(m, " style=\"max-width:100%;height:auto;border:0\" alt=\"");
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct md *m = ctx;

	if (type == MD_SPAN_IMG)
		return m->images++ == 0 ? open_image(m, detail) : 0;
	if (m->images > 0)
		return 0;
	switch (type) {
	case MD_SPAN_A:
		return open_link(m, detail);
	case MD_SPAN_EM:
		return add(m, "<em>");
	case MD_SPAN_STRONG:
		m->strong++;
		return add(m, "<strong>");
	case MD_SPAN_CODE:
		return add(m, "<code>");
	case MD_SPAN_DEL:
		return add(m, "<del>");
	default:
		return 0;
	}
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct md *m = ctx;

	(void)detail;
	if (type == MD_SPAN_IMG)
		return --m->images == 0 ? add(m, "\">") : 0;
	if (m->images > 0)
		return 0;
	switch (type) {
	case MD_SPAN_A:
		m->in_link = false;
		return add(m, "</a>");
	case MD_SPAN_EM:
		return add(m, "</em>");
	case MD_SPAN_STRONG:
		m->strong--;
		return add(m, "</strong>");
	case MD_SPAN_CODE:
		return add(m, "</code>");
	case MD_SPAN_DEL:
		return add(m, "</del>");
	default:
		return 0;
	}
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
	struct md *m = ctx;
	struct view v = view_make(text, size);

	m->plain |= !m->in_link;
	switch (type) {
	case MD_TEXT_NULLCHAR:
		return add(m, "\xEF\xBF\xBD");
	case MD_TEXT_BR:
		return add(m, m->images > 0 ? " " : "<br>\n");
	case MD_TEXT_SOFTBR:
		return add(m, m->images > 0 ? " " : "\n");
	case MD_TEXT_ENTITY:
		return add_entity(m, v);
	default:
		return tmpl_escape_html(m->out, v);
	}
}

int tmpl_markdown_html(const struct tags *t, struct view in, struct str *out, struct fail *f)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
			 MD_FLAG_PERMISSIVEAUTOLINKS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = add_text,
	};
	struct md m = {.tags = t, .out = out};

	int stopped;

	/* Each callback returns what its last addition did: not 0 stops md4c. By itself it
	 * stops for want of memory only. */
	stopped = md_parse(in.p, (MD_SIZE)in.len, &parser, &m);
	if (!str_ok(out))
		return fail_set(f, FAIL_DATA,
			_("template %s: the body in HTML would be longer than %zu bytes"),
			t->source->name, out->max);
	if (stopped != 0)
		mem_out();
	return 0;
}
