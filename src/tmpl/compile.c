#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"

/* The texts of one compilation, with sentinels, before they are cut. */
struct compile {
	struct source source;
	struct tags tags;
	struct tmpl *t;
	struct str subject, preheader, body, text, footer, document, plain;
	size_t authors; /* tags that the author wrote; those of the footer follow */
	struct fail *f;
};

static void compile_init(struct compile *c)
{
	tmpl_tags_init(&c->tags, &c->t->arena, &c->source);
	str_init(&c->subject, TMPL_BODY_MAX);
	str_init(&c->preheader, TMPL_BODY_MAX);
	str_init(&c->body, TMPL_BODY_MAX);
	str_init(&c->text, TMPL_BODY_MAX);
	str_init(&c->footer, TMPL_BODY_MAX);
	str_init(&c->document, TMPL_BODY_MAX);
	str_init(&c->plain, TMPL_BODY_MAX);
}

static void compile_free(struct compile *c)
{
	tmpl_tags_free(&c->tags);
	str_free(&c->subject);
	str_free(&c->preheader);
	str_free(&c->body);
	str_free(&c->text);
	str_free(&c->footer);
	str_free(&c->document);
	str_free(&c->plain);
}

static int too_long(struct compile *c)
{
	return fail_set(c->f, FAIL_DATA, _("template %s: the result would be longer than %d bytes"),
		c->t->name, TMPL_BODY_MAX);
}

/* The author's four texts. The order is that of the file, so that positions
 * are counted in one pass. */
static int scan_source(struct compile *c)
{
	const struct front *front = &c->t->front;
	struct str raw;
	int ret = -1;

	str_init(&raw, TMPL_BODY_MAX);
	if (tmpl_tags_scan(&c->tags, front->value[FRONT_SUBJECT], TAGS_NO_SUBJECT, &c->subject,
		    c->f) < 0 ||
		tmpl_tags_scan(&c->tags, front->value[FRONT_PREHEADER], 0, &c->preheader, c->f) < 0)
		goto out;
	if (front->html) {
		ret = tmpl_tags_scan(&c->tags, front->body, TAGS_MARKS, &c->body, c->f);
		if (ret == 0)
			ret = tmpl_context_closed(&c->tags, str_view(&c->body), c->f);
	} else {
		ret = tmpl_tags_scan(&c->tags, front->body, TAGS_MARKDOWN, &raw, c->f);
		if (ret == 0)
			ret = tmpl_markdown_html(&c->tags, str_view(&raw), &c->body, c->f);
	}
	if (ret == 0 && front->text.p != NULL)
		ret = tmpl_tags_scan(&c->tags, front->text, 0, &c->text, c->f);
	c->authors = c->tags.items.len;
out:
	str_free(&raw);
	return ret;
}

static bool uses(const struct compile *c, const char *name)
{
	for (size_t i = 0; i < c->tags.vars.len; i++)
		if (view_is(*(struct view *)vec_at(&c->tags.vars, i), name))
			return true;
	return false;
}

static int scan_footer(struct compile *c)
{
	bool leaves = uses(c, "unsubscribe_address") || uses(c, "unsubscribe_url");
	struct str raw;
	int ret = -1;

	str_init(&raw, TMPL_BODY_MAX);
	if (tmpl_layout_footer(&raw, c->t->front.value[FRONT_LANGUAGE], !leaves) == 0)
		ret = tmpl_tags_scan(&c->tags, str_view(&raw), TAGS_OURS, &c->footer, c->f);
	str_free(&raw);
	return ret;
}

/* Segments point into a text that must live as long as the template. */
static int cut_plain(
	struct compile *c, struct view text, enum tmpl_context context, struct program *out)
{
	struct builder b;
	int ret;

	tmpl_builder_init(&b, &c->tags);
	ret = tmpl_builder_text(&b, arena_dup(&c->t->arena, text), context, c->f);
	if (ret == 0)
		ret = tmpl_builder_end(&b, &c->t->arena, out, c->f);
	tmpl_builder_free(&b);
	return ret;
}

static int make_html(struct compile *c, struct context_origin *origin)
{
	struct layout l = {
		.language = c->t->front.value[FRONT_LANGUAGE],
		.subject = str_view(&c->subject),
		.preheader = str_view(&c->preheader),
		.body = str_view(&c->body),
		.footer = str_view(&c->footer),
		.html = c->t->front.html,
	};

	if (tmpl_layout_document(&c->document, &l, origin) < 0)
		return too_long(c);
	return tmpl_context_segments(&c->tags, arena_dup(&c->t->arena, str_view(&c->document)),
		origin, &c->t->arena, &c->t->html, c->f);
}

/* From the body and the footer; from the footer alone when the author wrote
 * the text. A whole document of the author's has no footer of ours. */
static int make_text(struct compile *c, const struct context_origin *origin)
{
	bool own = c->t->front.text.p != NULL;
	struct str html;
	int ret = -1;

	str_init(&html, 2 * TMPL_BODY_MAX);
	if (own) {
		(void)str_addv(&c->plain, str_view(&c->text));
		while (c->plain.len > 0 && c->plain.p[c->plain.len - 1] == '\n')
			str_cut(&c->plain, c->plain.len - 1);
		(void)str_addz(&c->plain, "\n");
	} else {
		(void)str_addv(&html, str_view(&c->body));
	}
	if (origin->body_at > 0)
		(void)str_addv(&html, str_view(&c->footer));
	if (own && html.len > 0)
		(void)str_addz(&c->plain, "\n");
	if (tmpl_text_from_html(&c->tags, str_view(&html), &c->plain) == 0)
		ret = cut_plain(c, str_view(&c->plain), CTX_PLAIN, &c->t->text);
	else
		(void)too_long(c);
	str_free(&html);
	return ret;
}

/* What render.c and tmpl_variables() need of the tags outlives the compiler. */
static void keep_tags(struct compile *c)
{
	struct tmpl *t = c->t;
	struct tag *tags = arena_alloc(&t->arena, c->tags.items.len * sizeof *tags + 1);

	t->n_vars = c->tags.vars.len;
	t->vars = arena_alloc(&t->arena, t->n_vars * sizeof *t->vars + 1);
	t->uses = arena_alloc(&t->arena, c->authors * sizeof *t->uses + 1);
	if (t->n_vars > 0)
		memcpy(t->vars, c->tags.vars.p, t->n_vars * sizeof *t->vars);
	if (c->tags.items.len > 0)
		memcpy(tags, c->tags.items.p, c->tags.items.len * sizeof *tags);
	t->tags = tags;
	for (size_t i = 0; i < c->authors; i++) {
		const struct tag *tag = &tags[i];
		bool personal;

		if (tag->kind != TAG_VALUE && tag->kind != TAG_IF)
			continue;
		personal = !tmpl_name_is_common(t->vars[tag->var]);
		t->personal |= personal;
		t->uses[t->n_uses++] = (struct tmpl_use){
			.name = t->vars[tag->var],
			.written = tag->written,
			.personal = personal,
			.condition = tag->kind == TAG_IF,
			.has_fallback = tag->has_fallback,
			.fallback = tag->fallback,
			.line = tag->line,
			.column = tag->column,
		};
	}
}

static int compile(struct compile *c)
{
	struct context_origin origin;

	if (scan_source(c) < 0 || scan_footer(c) < 0 || make_html(c, &origin) < 0 ||
		make_text(c, &origin) < 0)
		return -1;
	if (cut_plain(c, str_view(&c->subject), CTX_HEADER, &c->t->subject) < 0 ||
		cut_plain(c, str_view(&c->preheader), CTX_HEADER, &c->t->preheader) < 0)
		return -1;
	keep_tags(c);
	return 0;
}

int tmpl_compile(struct view source, const char *name, struct tmpl **out, struct fail *f)
{
	struct tmpl *t = mem_alloc(sizeof *t);
	struct compile c = {.t = t, .f = f};
	int ret;

	arena_init(&t->arena);
	t->name = arena_dupz(&t->arena, view_of(name));
	if (tmpl_source_read(&c.source, &t->arena, source, t->name, f) < 0 ||
		tmpl_front_read(&c.source, &t->front, f) < 0) {
		tmpl_free(&t);
		return -1;
	}
	compile_init(&c);
	ret = compile(&c);
	compile_free(&c);
	if (ret < 0)
		tmpl_free(&t);
	else
		*out = t;
	return ret;
}

void tmpl_free(struct tmpl **t)
{
	if (*t == NULL)
		return;
	arena_free(&(*t)->arena);
	free(*t);
	*t = NULL;
}

struct view tmpl_front(const struct tmpl *t, const char *key)
{
	for (int i = 0; i < FRONT_COUNT; i++)
		if (strcmp(tmpl_front_key_name((enum front_key)i), key) == 0)
			return t->front.value[i];
	return view_make(NULL, 0);
}

size_t tmpl_variables(const struct tmpl *t, const struct tmpl_use **out)
{
	*out = t->uses;
	return t->n_uses;
}

bool tmpl_is_personal(const struct tmpl *t)
{
	return t->personal;
}
