#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/utf8.h"

/* A value's width is not known yet; a name's usual one is as good as any. */
enum { VALUE_WIDTH = 10 };
#define SOFT_HYPHEN	 "\xC2\xAD"
#define ZERO_WIDTH_SPACE "\xE2\x80\x8B"

void tmpl_flow_init(struct flow *w, const struct tags *t, struct str *out)
{
	*w = (struct flow){.tags = t, .out = out};
	str_init(&w->word, TMPL_BODY_MAX);
	str_init(&w->prefix, FLOW_PREFIX_MAX);
}

void tmpl_flow_free(struct flow *w)
{
	str_free(&w->word);
	str_free(&w->prefix);
}

static size_t max_of(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* The line's prefix, without the blanks an empty line would end with. */
static void put_prefix(struct flow *w, size_t len, bool empty_line)
{
	while (empty_line && len > 0 && w->prefix.p[len - 1] == ' ')
		len--;
	(void)str_add(w->out, w->prefix.p, len);
}

static void open_line(struct flow *w)
{
	size_t marker = strlen(w->marker), len = w->prefix.len;

	if (w->now.line_open)
		return;
	if (marker > 0 && marker <= len) {
		put_prefix(w, len - marker, false);
		(void)str_addz(w->out, w->marker);
	} else {
		put_prefix(w, len, false);
	}
	w->marker[0] = '\0';
	w->now.line_open = w->now.started = true;
	w->now.column = w->last_prefix = len;
}

static void end_lines(struct flow *w, unsigned count)
{
	size_t common = w->last_prefix < w->prefix.len ? w->last_prefix : w->prefix.len;

	for (unsigned i = w->now.line_open ? 0 : 1; i < count; i++) {
		if (i > 0)
			put_prefix(w, common, true);
		(void)str_addc(w->out, '\n');
	}
	w->now.line_open = false;
}

/* Writes the breaks that were asked for and opens the line. */
static void begin(struct flow *w, size_t width)
{
	struct flow_state *now = &w->now;

	if (now->want > 0 && now->started)
		end_lines(w, now->want);
	else if (now->space && now->line_open) {
		if (now->column + 1 + width > TEXT_COLUMNS && now->column > w->prefix.len) {
			end_lines(w, 1);
		} else {
			(void)str_addc(w->out, ' ');
			now->column++;
		}
	}
	now->want = 0;
	now->space = false;
	open_line(w);
}

static void flush(struct flow *w)
{
	if (w->word.len == 0)
		return;
	begin(w, w->word_width);
	(void)str_addv(w->out, str_view(&w->word));
	w->now.column += w->word_width;
	w->word_width = 0;
	str_clear(&w->word);
}

void tmpl_flow_break(struct flow *w, unsigned lines)
{
	flush(w);
	w->now.want = (unsigned)max_of(w->now.want, lines);
	w->now.space = false;
}

void tmpl_flow_space(struct flow *w)
{
	flush(w);
	w->now.space = true;
}

static struct flow_state merge(struct flow_state a, struct flow_state b)
{
	return (struct flow_state){
		.want = (unsigned)max_of(a.want, b.want),
		.space = a.space || b.space,
		.started = a.started || b.started,
		.line_open = a.line_open || b.line_open,
		.column = max_of(a.column, b.column),
	};
}

static void put_block(struct flow *w, size_t i)
{
	enum tag_kind kind = tmpl_tags_at(w->tags, i)->kind;
	size_t top = w->depth - (w->depth > 0);

	flush(w);
	if (w->marker[0] != '\0')
		begin(w, 0); /* an item keeps its marker whatever the block does */
	(void)tmpl_sentinel_put(w->tags, w->out, i, CTX_HTML);
	if (kind == TAG_IF && w->depth < TMPL_DEPTH_MAX) {
		w->before[w->depth] = w->now;
		w->in_else[w->depth++] = false;
	} else if (kind == TAG_ELSE && w->depth > 0) {
		w->then[top] = w->now;
		w->in_else[top] = true;
		w->now = w->before[top];
	} else if (kind == TAG_END && w->depth > 0) {
		w->now = merge(w->now, w->in_else[top] ? w->then[top] : w->before[top]);
		w->depth--;
	}
}

static size_t value_width(const struct flow *w, size_t i)
{
	const struct tag *tag = tmpl_tags_at(w->tags, i);

	return tag->has_fallback ? utf8_width(tag->fallback) : VALUE_WIDTH;
}

static void put_sentinel(struct flow *w, const struct sentinel *s)
{
	if (tmpl_tags_at(w->tags, s->tag)->kind != TAG_VALUE) {
		put_block(w, s->tag);
		return;
	}
	(void)tmpl_sentinel_put(w->tags, &w->word, s->tag, s->context);
	w->word_width += value_width(w, s->tag);
}

/* Characters that only tell a browser where a line may end. */
static bool is_hint(struct view v)
{
	return view_is(v, SOFT_HYPHEN) || view_is(v, ZERO_WIDTH_SPACE);
}

static void put_characters(struct flow *w, struct view v)
{
	while (v.len > 0) {
		struct view c = v;
		uint32_t cp;

		if (utf8_next(&v, &cp) < 0)
			v = view_from(v, 1);
		c.len -= v.len;
		if (w->verbatim && c.p[0] == '\n') {
			flush(w);
			w->now.want++;
			w->now.space = false;
		} else if (!w->verbatim && ascii_is_space(c.p[0])) {
			tmpl_flow_space(w);
		} else if (!is_hint(c)) {
			(void)str_addv(&w->word, c);
			w->word_width += utf8_width(c);
		}
	}
}

static void put_text(struct flow *w, struct view v, bool verbatim)
{
	struct sentinel s;
	bool outer = w->verbatim;

	w->verbatim = verbatim;
	while (tmpl_sentinel_find(w->tags, v, &s)) {
		put_characters(w, view_sub(v, 0, s.at));
		put_sentinel(w, &s);
		v = view_from(v, s.at + SENTINEL_LEN);
	}
	put_characters(w, v);
	w->verbatim = outer;
}

void tmpl_flow_text(struct flow *w, struct view text)
{
	put_text(w, text, w->verbatim);
}

void tmpl_flow_word(struct flow *w, struct view word)
{
	put_text(w, word, true);
}

void tmpl_flow_push(struct flow *w, const char *indent, const char *marker)
{
	size_t len = strlen(marker);

	flush(w);
	/* Deeper than any reader follows, everything stands at one indent. */
	if (w->prefix.len + strlen(indent) > FLOW_PREFIX_MAX)
		return;
	(void)str_addz(&w->prefix, indent);
	if (len > 0 && len < sizeof w->marker)
		memcpy(w->marker, marker, len + 1);
}

void tmpl_flow_pop(struct flow *w, size_t prefix_len)
{
	flush(w);
	if (w->marker[0] != '\0' && prefix_len < w->prefix.len)
		begin(w, 0); /* an empty item */
	str_cut(&w->prefix, prefix_len);
}

void tmpl_flow_end(struct flow *w)
{
	flush(w);
	while (w->out->len > 0 && ascii_is_space(w->out->p[w->out->len - 1]))
		str_cut(w->out, w->out->len - 1);
	if (w->out->len > 0)
		(void)str_addc(w->out, '\n');
}
