#include "tmpl/tmpl_private.h"
#include "base/fail.h"
#include "base/i18n.h"

/* Elements that run programs, load other documents, or make mail readers and
 * browsers disagree about where markup begins. */
static const char *const refused_elements[] = {"script", "iframe", "object", "embed", "applet",
	"frame", "frameset", "base", "noscript", "noembed", "noframes", "xmp", "plaintext", "svg",
	"math", "template", "form", NULL};
static const char *const refused_values[] = {"style", "srcset", "srcdoc", "http-equiv", NULL};

/* --- links --- */

void tmpl_url_literal(struct url_cursor *u, struct view literal)
{
	if (view_trim(literal).len == 0 && !u->now.started)
		return;
	if (!u->now.started)
		u->now.mail = view_starts_nocase(view_trim(literal), VIEW("mailto:"));
	u->now.started = true;
	for (size_t i = 0; i < literal.len; i++) {
		char c = literal.p[i];

		if (c == ':' || c == '/' || c == '?' || c == '#')
			u->now.scheme_done = true;
		if (c == '?')
			u->now.mail = false;
	}
}

static struct url_place both(struct url_place a, struct url_place b)
{
	return (struct url_place){
		a.started && b.started, a.scheme_done && b.scheme_done, a.mail && b.mail};
}

void tmpl_url_block(struct url_cursor *u, enum tag_kind kind)
{
	size_t top = u->depth - (u->depth > 0);

	if (kind == TAG_IF && u->depth < TMPL_DEPTH_MAX) {
		u->before[u->depth] = u->now;
		u->in_else[u->depth++] = false;
	} else if (kind == TAG_ELSE && u->depth > 0) {
		u->then[top] = u->now;
		u->in_else[top] = true;
		u->now = u->before[top];
	} else if (kind == TAG_END && u->depth > 0) {
		u->now = both(u->now, u->in_else[top] ? u->then[top] : u->before[top]);
		u->depth--;
	}
}

bool tmpl_url_value(struct url_cursor *u, enum tmpl_context *context)
{
	if (!u->now.started) {
		*context = CTX_URL_WHOLE;
		u->now = (struct url_place){.started = true, .scheme_done = true};
		return true;
	}
	*context = u->now.mail ? CTX_URL_MAIL : CTX_URL_PART;
	return u->now.scheme_done;
}

/* --- the walk --- */

struct walk {
	struct builder b;
	struct tags *t;
	struct view document;
	const struct context_origin *origin;
	struct fail *f;
	struct vec elements; /* size_t: ids of the open elements, in Markdown's HTML */
	size_t last_id;
};

/* A complaint about the author's HTML, or about what Markdown made. */
static int refuse_at(struct walk *w, const char *p, const char *text, struct view what)
{
	const struct context_origin *o = w->origin;
	size_t at = (size_t)(p - w->document.p);

	what = tmpl_source_shown(what);
	if (at >= o->insert_at + o->insert_len)
		at -= o->insert_len;
	if (!o->html || at < o->body_at || at > o->body_at + o->body_len)
		return tmpl_source_fail_at(
			w->t->source, 0, 0, w->f, "\"%.*s\": %s", VIEW_ARG(what), text);
	return tmpl_source_fail(w->t->source, tmpl_tags_source_of(w->t, at - o->body_at), w->f,
		"\"%.*s\": %s", VIEW_ARG(what), text);
}

/* FAIL_DATA at the first tag in v when there is one. */
static int refuse_tags(struct walk *w, struct view v, const char *text)
{
	const struct tag *tag;
	struct sentinel s;

	if (!tmpl_sentinel_find(w->t, v, &s))
		return 0;
	tag = tmpl_tags_at(w->t, s.tag);
	return tmpl_source_fail_at(w->t->source, tag->line, tag->column, w->f,
		_("a tag may not stand %s; a mail reader could take the value for markup"), text);
}

/* A value behind "&" could complete a character reference. */
static bool in_reference(struct view v, size_t at)
{
	while (at > 0 && (ascii_is_alnum(v.p[at - 1]) || v.p[at - 1] == '#'))
		at--;
	return at > 0 && v.p[at - 1] == '&';
}

static int walk_text(struct walk *w, struct view in)
{
	struct sentinel s;

	while (tmpl_sentinel_find(w->t, in, &s)) {
		const struct tag *tag = tmpl_tags_at(w->t, s.tag);

		if (tag->kind == TAG_VALUE && in_reference(in, s.at))
			return tmpl_source_fail_at(w->t->source, tag->line, tag->column, w->f,
				_("a tag may not follow a bare \"&\"; write &amp; for the sign"));
		tmpl_builder_literal(&w->b, view_sub(in, 0, s.at));
		if (tmpl_builder_tag(&w->b, s.tag, CTX_HTML, w->f) < 0)
			return -1;
		in = view_from(in, s.at + SENTINEL_LEN);
	}
	tmpl_builder_literal(&w->b, in);
	return 0;
}

static int walk_url(struct walk *w, struct view in)
{
	struct url_cursor u = {0};
	struct sentinel s;

	while (tmpl_sentinel_find(w->t, in, &s)) {
		const struct tag *tag = tmpl_tags_at(w->t, s.tag);
		enum tmpl_context context = CTX_HTML;

		tmpl_url_literal(&u, view_sub(in, 0, s.at));
		tmpl_builder_literal(&w->b, view_sub(in, 0, s.at));
		if (tag->kind != TAG_VALUE)
			tmpl_url_block(&u, tag->kind);
		else if (!tmpl_url_value(&u, &context) || in_reference(in, s.at))
			return tmpl_source_fail_at(w->t->source, tag->line, tag->column, w->f,
				_("this link must begin with https://, http:// or mailto: before a "
				  "tag, or with the tag itself"));
		if (tmpl_builder_tag(&w->b, s.tag, context, w->f) < 0)
			return -1;
		in = view_from(in, s.at + SENTINEL_LEN);
	}
	tmpl_builder_literal(&w->b, in);
	return 0;
}

/* The link as a browser reads it, block tags away: java{{#if a}}script… */
static bool is_program(struct walk *w, struct view value)
{
	struct str bare, decoded;
	struct sentinel s;
	bool bad;

	str_init(&bare, TMPL_BODY_MAX);
	str_init(&decoded, TMPL_BODY_MAX);
	while (tmpl_sentinel_find(w->t, value, &s)) {
		(void)str_add(&bare, value.p, s.at);
		value = view_from(value, s.at + SENTINEL_LEN);
	}
	(void)str_addv(&bare, value);
	(void)tmpl_entity_decode(&decoded, str_view(&bare));
	bad = tmpl_url_scheme_refused(str_view(&decoded));
	str_free(&decoded);
	str_free(&bare);
	return bad;
}

static int walk_value(struct walk *w, const struct html_attr *a)
{
	size_t outer = w->b.place;
	bool is_url = tmpl_html_is_url_attr(a->name);
	int ret;

	if (is_url && is_program(w, a->value))
		return refuse_at(w, a->name.p, _("a link may not hold a program or data"), a->name);
	if (!tmpl_sentinel_any(w->t, a->value))
		return 0;
	if (a->quote == 0)
		return refuse_tags(w, a->value,
			_("in an attribute without quotes; put quotes around the value"));
	if (tmpl_html_name_in(a->name, refused_values))
		return refuse_tags(w, a->value, _("in such an attribute (style, srcset)"));
	w->b.place = ++w->last_id;
	ret = is_url ? walk_url(w, a->value) : walk_text(w, a->value);
	w->b.place = outer;
	return ret;
}

static int check_attribute(struct walk *w, const struct html_token *t, const struct html_attr *a)
{
	if (refuse_tags(w, a->name, _("in the name of an attribute or between attributes")) < 0)
		return -1;
	if (view_starts_nocase(a->name, VIEW("on")))
		return refuse_at(w, a->name.p,
			_("mail readers run no programs and distrust mail that has them; delete "
			  "this attribute"),
			a->name);
	if (view_eq_nocase(a->name, VIEW("srcdoc")) ||
		(tmpl_html_is(t, "meta") && view_eq_nocase(a->name, VIEW("http-equiv")) &&
			view_eq_nocase(a->value, VIEW("refresh"))))
		return refuse_at(
			w, a->name.p, _("this attribute has no place in a message"), a->name);
	return 0;
}

static void enter(struct walk *w, const struct html_token *t)
{
	size_t *id;

	if (w->origin->html || tmpl_html_is_void(t->name))
		return;
	id = vec_push(&w->elements);
	*id = w->b.place;
	w->b.place = ++w->last_id;
}

static void leave(struct walk *w)
{
	if (w->origin->html || w->elements.len == 0)
		return;
	w->b.place = *(size_t *)vec_at(&w->elements, w->elements.len - 1);
	vec_pop(&w->elements);
}

static int walk_start(struct walk *w, const struct html_token *t)
{
	const char *from = t->raw.p, *end = t->raw.p + t->raw.len;
	struct view attrs = t->attrs;
	struct html_attr a;

	if (refuse_tags(w, t->name, _("in the name of an element")) < 0)
		return -1;
	if (tmpl_html_name_in(t->name, refused_elements))
		return refuse_at(w, t->raw.p,
			_("this element has no place in a message: mail readers drop it or "
			  "distrust it; delete it"),
			t->name);
	while (tmpl_html_attr_next(&attrs, &a)) {
		if (check_attribute(w, t, &a) < 0)
			return -1;
		if (a.value.len == 0)
			continue;
		tmpl_builder_literal(&w->b, view_make(from, (size_t)(a.value.p - from)));
		from = a.value.p;
		if (walk_value(w, &a) < 0)
			return -1;
		if (tmpl_sentinel_any(w->t, a.value))
			from = a.value.p + a.value.len;
	}
	tmpl_builder_literal(&w->b, view_make(from, (size_t)(end - from)));
	enter(w, t);
	return 0;
}

static int walk_raw(struct walk *w, const struct html_token *t)
{
	size_t outer = w->b.place;
	int ret;

	if (!tmpl_html_is(t, "title") && !tmpl_html_is(t, "textarea")) {
		tmpl_builder_literal(&w->b, t->raw);
		return refuse_tags(w, t->raw, _("in a style sheet or a script"));
	}
	w->b.place = ++w->last_id;
	ret = walk_text(w, t->raw);
	w->b.place = outer;
	return ret;
}

static int walk_token(struct walk *w, const struct html_token *t)
{
	switch (t->kind) {
	case HTML_TEXT:
		return walk_text(w, t->raw);
	case HTML_RAW:
		return walk_raw(w, t);
	case HTML_START:
		return walk_start(w, t);
	case HTML_CUT: /* not in what tmpl_context_closed() has seen */
	case HTML_END:
		leave(w);
		break;
	case HTML_COMMENT:
	case HTML_DOCTYPE:
		break;
	}
	tmpl_builder_literal(&w->b, t->raw);
	return refuse_tags(w, t->raw, _("in a comment or an end tag"));
}

/* What the author opens and does not close would swallow what we put behind. */
int tmpl_context_closed(struct tags *t, struct view body, struct fail *f)
{
	struct html_token token, last = {0};
	const char *at = NULL;
	struct html h;

	tmpl_html_init(&h, body);
	while (tmpl_html_next(&h, &token))
		last = token;
	if (last.kind == HTML_CUT || (last.kind == HTML_RAW && last.raw.len > 0) ||
		(last.kind == HTML_COMMENT && !view_ends(last.raw, VIEW(">"))))
		at = last.raw.p;
	else if (h.raw_name.len > 0)
		at = h.raw_name.p;
	if (at == NULL)
		return 0;
	return tmpl_source_fail(t->source, tmpl_tags_source_of(t, (size_t)(at - body.p)), f,
		_("what is opened here is not closed: a quote, a \">\", a \"-->\" or an end tag is "
		  "missing"));
}

int tmpl_context_segments(struct tags *t, struct view document, const struct context_origin *o,
	struct arena *a, struct program *out, struct fail *f)
{
	struct walk w = {.t = t, .document = document, .origin = o, .f = f};
	struct html_token token;
	struct html h;
	int ret = 0;

	tmpl_builder_init(&w.b, t);
	vec_init(&w.elements, sizeof(size_t));
	tmpl_html_init(&h, document);
	while (ret == 0 && tmpl_html_next(&h, &token))
		ret = walk_token(&w, &token);
	if (ret == 0)
		ret = tmpl_builder_end(&w.b, a, out, f);
	vec_free(&w.elements);
	tmpl_builder_free(&w.b);
	return ret;
}
