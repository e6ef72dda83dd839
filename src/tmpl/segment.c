#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"

struct builder_block {
	size_t tag;   /* the TAG_IF */
	size_t patch; /* the segment whose target is not known yet */
	size_t place;
	bool has_else;
};

void tmpl_builder_init(struct builder *b, struct tags *t)
{
	*b = (struct builder){.tags = t};
	vec_init(&b->segments, sizeof(struct segment));
	vec_init(&b->open, sizeof(struct builder_block));
}

void tmpl_builder_free(struct builder *b)
{
	vec_free(&b->segments);
	vec_free(&b->open);
}

static struct segment *last(struct builder *b)
{
	return b->segments.len == 0 ? NULL : vec_at(&b->segments, b->segments.len - 1);
}

void tmpl_builder_literal(struct builder *b, struct view literal)
{
	struct segment *s = last(b);

	if (literal.len == 0)
		return;
	if (s != NULL && !b->after_block && s->kind == SEG_LITERAL &&
		s->literal.p + s->literal.len == literal.p) {
		s->literal.len += literal.len;
		return;
	}
	s = vec_push(&b->segments);
	*s = (struct segment){
		.kind = SEG_LITERAL, .literal = literal, .after_block = b->after_block};
	b->after_block = false;
}

static int fail_at_tag(struct builder *b, const struct tag *tag, struct fail *f, const char *text)
{
	return tmpl_source_fail_at(b->tags->source, tag->line, tag->column, f, "%s", text);
}

static int add_value(struct builder *b, size_t i, enum tmpl_context context, struct fail *f)
{
	const struct tag *tag = tmpl_tags_at(b->tags, i);
	bool whole = context == CTX_URL_WHOLE || context == CTX_TEXT_WHOLE;
	struct segment *s;

	if (tag->has_fallback && (whole || tag->fallback.len > 0)) {
		const char *wrong = tmpl_escape_refuse(context, tag->fallback);

		if (wrong != NULL)
			return tmpl_source_fail_at(b->tags->source, tag->line, tag->column, f,
				_("the fallback of {{%.*s}} %s"), VIEW_ARG(tag->written), _(wrong));
	}
	s = vec_push(&b->segments);
	*s = (struct segment){.kind = SEG_VALUE, .context = context, .tag = i};
	return 0;
}

static int open_block(struct builder *b, size_t i)
{
	struct builder_block *block = vec_push(&b->open);
	struct segment *s;

	*block = (struct builder_block){.tag = i, .patch = b->segments.len, .place = b->place};
	s = vec_push(&b->segments);
	*s = (struct segment){.kind = SEG_IF, .tag = i};
	return 0;
}

/* The target of the open {{#if}} or its {{else}} is what comes next. */
static void patch(struct builder *b, const struct builder_block *block)
{
	struct segment *s = vec_at(&b->segments, block->patch);

	s->target = b->segments.len;
}

static int close_block(struct builder *b, const struct tag *tag, struct fail *f)
{
	struct builder_block *block = b->open.len == 0 ? NULL : vec_at(&b->open, b->open.len - 1);

	if (block == NULL || block->tag != tag->opener ||
		(tag->kind == TAG_ELSE && block->has_else))
		return fail_at_tag(b, tag, f,
			_("this tag and its {{#if}} were torn apart by Markdown; put both on lines "
			  "of their own"));
	if (block->place != b->place)
		return tmpl_source_fail_at(b->tags->source, tag->line, tag->column, f,
			_("this tag stands in another paragraph, list, cell or attribute than its "
			  "{{#if}} in line %u; put both in the same one, or on lines of their own"),
			tmpl_tags_at(b->tags, tag->opener)->line);
	if (tag->kind == TAG_ELSE) {
		struct segment *jump = vec_push(&b->segments);

		*jump = (struct segment){.kind = SEG_JUMP};
		patch(b, block);
		block->patch = b->segments.len - 1;
		block->has_else = true;
		return 0;
	}
	patch(b, block);
	vec_pop(&b->open);
	return 0;
}

int tmpl_builder_tag(struct builder *b, size_t i, enum tmpl_context context, struct fail *f)
{
	const struct tag *tag = tmpl_tags_at(b->tags, i);

	b->after_block = tag->kind != TAG_VALUE;
	if (tag->kind == TAG_VALUE)
		return add_value(b, i, context, f);
	if (tag->kind == TAG_IF)
		return open_block(b, i);
	return close_block(b, tag, f);
}

int tmpl_builder_text(struct builder *b, struct view in, enum tmpl_context context, struct fail *f)
{
	struct sentinel s;

	while (tmpl_sentinel_find(b->tags, in, &s)) {
		tmpl_builder_literal(b, view_sub(in, 0, s.at));
		if (tmpl_builder_tag(b, s.tag, s.context == CTX_HTML ? context : s.context, f) < 0)
			return -1;
		in = view_from(in, s.at + SENTINEL_LEN);
	}
	tmpl_builder_literal(b, in);
	return 0;
}

int tmpl_builder_end(struct builder *b, struct arena *a, struct program *out, struct fail *f)
{
	size_t size = b->segments.len * sizeof(struct segment);

	if (b->open.len > 0) {
		const struct builder_block *block = vec_at(&b->open, b->open.len - 1);

		return fail_at_tag(b, tmpl_tags_at(b->tags, block->tag), f,
			_("this {{#if}} and its {{/if}} were torn apart by Markdown; put both on "
			  "lines of their own"));
	}
	out->n = b->segments.len;
	out->segments = arena_alloc(a, size + 1);
	if (size > 0)
		memcpy(out->segments, b->segments.p, size);
	return 0;
}
