#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"

/* The letters that end a sentinel, by what they say of its context. */
static const struct {
	char letter;
	enum tmpl_context context;
} letters[] = {
	{'v', CTX_HTML},
	{'p', CTX_TEXT_PART},
	{'w', CTX_TEXT_WHOLE},
	{'m', CTX_TEXT_MAIL},
};
enum { N_LETTERS = sizeof letters / sizeof *letters };

static void new_key(char key[SENTINEL_KEY + 1])
{
	unsigned char random[SENTINEL_KEY]; /* more than the base32 digits need */
	struct str text;

	str_init(&text, 2 * SENTINEL_KEY);
	digest_random(random, sizeof random);
	(void)digest_base32(&text, random, sizeof random);
	memcpy(key, text.p, SENTINEL_KEY);
	key[0] = 'x'; /* a digit first could begin a numbered list */
	key[SENTINEL_KEY] = '\0';
	str_free(&text);
}

void tmpl_tags_init(struct tags *t, struct arena *a, struct source *s)
{
	*t = (struct tags){.arena = a, .source = s};
	do
		new_key(t->key);
	while (view_find_nocase(s->text, view_of(t->key)) >= 0);
	vec_init(&t->items, sizeof(struct tag));
	vec_init(&t->vars, sizeof(struct view));
	vec_init(&t->marks, sizeof(struct tag_mark));
}

void tmpl_tags_free(struct tags *t)
{
	vec_free(&t->items);
	vec_free(&t->vars);
	vec_free(&t->marks);
}

struct tag *tmpl_tags_at(const struct tags *t, size_t i)
{
	return vec_at(&t->items, i);
}

const char *tmpl_tags_source_of(const struct tags *t, size_t offset)
{
	size_t low = 0, high = t->marks.len;
	const struct tag_mark *mark;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		mark = vec_at(&t->marks, middle);
		if (mark->out <= offset)
			low = middle;
		else
			high = middle;
	}
	if (t->marks.len == 0)
		return t->source->text.p;
	mark = vec_at(&t->marks, low);
	return mark->source + (offset - mark->out);
}

int tmpl_sentinel_put(const struct tags *t, struct str *out, size_t tag, enum tmpl_context context)
{
	char letter = letters[0].letter;

	for (size_t i = 0; i < N_LETTERS; i++)
		if (letters[i].context == context)
			letter = letters[i].letter;
	return str_addf(out, "%s%0*zu%c", t->key, SENTINEL_DIGITS, tag, letter);
}

bool tmpl_sentinel_find(const struct tags *t, struct view in, struct sentinel *out)
{
	struct view key = view_make(t->key, SENTINEL_KEY);
	ptrdiff_t at = view_find(in, key);
	uint64_t tag = 0;

	if (at < 0)
		return false;
	out->at = (size_t)at;
	if (!view_u64(view_sub(in, out->at + SENTINEL_KEY, SENTINEL_DIGITS), t->items.len, &tag))
		return false;
	out->tag = (size_t)tag;
	out->context = CTX_HTML;
	for (size_t i = 0; i < N_LETTERS; i++)
		if (in.p[out->at + SENTINEL_LEN - 1] == letters[i].letter)
			out->context = letters[i].context;
	return true;
}

bool tmpl_sentinel_any(const struct tags *t, struct view in)
{
	struct sentinel s;

	return tmpl_sentinel_find(t, in, &s);
}

/* One run over one text. */
struct scan {
	struct tags *t;
	struct view in, rest;
	unsigned flags;
	struct str *out;
	struct fail *f;
	size_t open[TMPL_DEPTH_MAX]; /* the {{#if}}s around here */
	bool has_else[TMPL_DEPTH_MAX];
	size_t depth;
};

static size_t find_var(struct tags *t, struct view name)
{
	struct view *slot;

	for (size_t i = 0; i < t->vars.len; i++)
		if (view_eq(*(struct view *)vec_at(&t->vars, i), name))
			return i;
	slot = vec_push(&t->vars);
	*slot = arena_dup(t->arena, name);
	return t->vars.len - 1;
}

/* Finds the variable of a tag; refuses what is no name. */
static int read_name(struct scan *s, const char *opener, struct view written, size_t *var)
{
	struct source *src = s->t->source;
	struct str name;
	int ret = -1;

	str_init(&name, TMPL_NAME_MAX);
	if (tmpl_name(&name, written) < 0) {
		written = tmpl_source_shown(written);
		(void)tmpl_source_fail(src, opener, s->f,
			_("\"%.*s\" is not the name of a variable; a name starts with a letter and "
			  "has letters, digits and \"_\", as in {{given_name}}"),
			VIEW_ARG(written));
	} else if ((s->flags & TAGS_NO_SUBJECT) != 0 && view_is(str_view(&name), "subject")) {
		(void)tmpl_source_fail(src, opener, s->f, _("the subject cannot hold itself"));
	} else {
		*var = find_var(s->t, str_view(&name));
		ret = s->t->vars.len <= TMPL_VARS_MAX
			      ? 0
			      : tmpl_source_fail(src, opener, s->f,
					_("a template may use %d different variables"),
					TMPL_VARS_MAX);
	}
	str_free(&name);
	return ret;
}

static int push_tag(struct scan *s, const char *opener, const struct tag *tag)
{
	struct tag *item;

	if ((s->flags & TAGS_OURS) == 0 && s->t->items.len >= TMPL_TAGS_MAX)
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("a template may have %d tags"), TMPL_TAGS_MAX);
	item = vec_push(&s->t->items);
	*item = *tag;
	if ((s->flags & TAGS_OURS) == 0)
		tmpl_source_position(s->t->source, opener, &item->line, &item->column);
	return tmpl_sentinel_put(s->t, s->out, s->t->items.len - 1, CTX_HTML) < 0
		       ? tmpl_source_fail(s->t->source, opener, s->f, _("the template is too long"))
		       : 0;
}

static int read_value(struct scan *s, const char *opener, struct view inside)
{
	struct tag tag = {.kind = TAG_VALUE};
	ptrdiff_t bar = view_chr(inside, '|');

	tag.written = bar < 0 ? inside : view_trim(view_sub(inside, 0, (size_t)bar));
	if (bar >= 0) {
		tag.has_fallback = true;
		tag.fallback =
			arena_dup(s->t->arena, view_trim(view_from(inside, (size_t)bar + 1)));
	}
	if (read_name(s, opener, tag.written, &tag.var) < 0)
		return -1;
	tag.written = arena_dup(s->t->arena, tag.written);
	return push_tag(s, opener, &tag);
}

static int read_if(struct scan *s, const char *opener, struct view inside)
{
	struct tag tag = {.kind = TAG_IF, .written = inside};

	if (s->depth == TMPL_DEPTH_MAX)
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("{{#if}} may stand %d deep, not deeper"), TMPL_DEPTH_MAX);
	if (read_name(s, opener, inside, &tag.var) < 0)
		return -1;
	tag.written = arena_dup(s->t->arena, tag.written);
	s->open[s->depth] = s->t->items.len;
	s->has_else[s->depth++] = false;
	return push_tag(s, opener, &tag);
}

static int read_else(struct scan *s, const char *opener)
{
	struct tag tag = {.kind = TAG_ELSE};

	if (s->depth == 0)
		return tmpl_source_fail(
			s->t->source, opener, s->f, _("{{else}} stands in no {{#if name}}"));
	tag.opener = s->open[s->depth - 1];
	if (s->has_else[s->depth - 1])
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("a second {{else}} for the {{#if}} of line %u"),
			tmpl_tags_at(s->t, tag.opener)->line);
	s->has_else[s->depth - 1] = true;
	return push_tag(s, opener, &tag);
}

static int read_end(struct scan *s, const char *opener)
{
	struct tag tag = {.kind = TAG_END};

	if (s->depth == 0)
		return tmpl_source_fail(
			s->t->source, opener, s->f, _("{{/if}} closes no {{#if name}}"));
	tag.opener = s->open[--s->depth];
	return push_tag(s, opener, &tag);
}

static int unknown_tag(struct scan *s, const char *opener, struct view inside)
{
	inside = tmpl_source_shown(inside);
	return tmpl_source_fail(s->t->source, opener, s->f,
		_("{{%.*s}} is no tag; there are {{name}}, {{name|fallback}}, {{#if name}}, "
		  "{{else}}, {{/if}} and {{! comment}}; \\{{ writes {{"),
		VIEW_ARG(inside));
}

static int read_tag(struct scan *s, const char *opener, struct view inside)
{
	if (inside.len == 0)
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("the tag is empty; it holds a name, as in {{given_name}}"));
	if (view_is(inside, "else"))
		return read_else(s, opener);
	if (view_is(inside, "/if"))
		return read_end(s, opener);
	if (view_starts(inside, VIEW("#if")) && inside.len > 3 && ascii_is_space(inside.p[3]))
		return read_if(s, opener, view_trim(view_from(inside, 3)));
	if (view_starts(inside, VIEW("else ")))
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("{{else}} stands alone; put another {{#if name}} … {{/if}} behind it"));
	if (ascii_is_alpha(inside.p[0]) || (unsigned char)inside.p[0] >= 0x80)
		return read_value(s, opener, inside);
	return unknown_tag(s, opener, inside);
}

/* True when only blanks stand before `from` and behind `to` on their line. */
static bool stands_alone(const struct scan *s, const char *from, const char *to)
{
	const char *end = s->in.p + s->in.len;

	while (from > s->in.p && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	while (to < end && (*to == ' ' || *to == '\t'))
		to++;
	return (from == s->in.p || from[-1] == '\n') && (to == end || *to == '\n');
}

static void skip_line_end(struct scan *s)
{
	while (s->rest.len > 0 && (s->rest.p[0] == ' ' || s->rest.p[0] == '\t'))
		s->rest = view_from(s->rest, 1);
	if (s->rest.len > 0)
		s->rest = view_from(s->rest, 1);
}

/* In Markdown, blank lines around a block tag make it a paragraph of its own,
 * which markdown.c then takes away; the indent keeps it in its list item. */
static int place_paragraph(struct scan *s, size_t indent, const char *opener, struct view inside)
{
	struct view blanks = arena_dup(s->t->arena, view_from(str_view(s->out), indent));

	str_cut(s->out, indent);
	(void)str_addc(s->out, '\n');
	(void)str_addv(s->out, blanks);
	if (read_tag(s, opener, inside) < 0)
		return -1;
	(void)str_addc(s->out, '\n');
	return 0;
}

/* A block tag alone on its line; but in Markdown, its line goes with it. */
static int place_block(struct scan *s, const char *opener, struct view inside)
{
	size_t indent = s->out->len;

	while (indent > 0 && (s->out->p[indent - 1] == ' ' || s->out->p[indent - 1] == '\t'))
		indent--;
	if ((s->flags & TAGS_MARKDOWN) != 0)
		return place_paragraph(s, indent, opener, inside);
	str_cut(s->out, indent);
	skip_line_end(s);
	return read_tag(s, opener, inside);
}

static bool is_block(struct view inside)
{
	return inside.len > 0 &&
	       (inside.p[0] == '#' || inside.p[0] == '/' || view_is(inside, "else"));
}

/* rest begins with "{{". */
static int take_tag(struct scan *s)
{
	const char *opener = s->rest.p;
	bool comment = s->rest.len > 2 && s->rest.p[2] == '!';
	struct view inside = view_from(s->rest, 2);
	ptrdiff_t end = view_find(inside, VIEW("}}")), stop;
	bool alone;

	if (end < 0)
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("this tag is not closed; a tag ends with }}, and \\{{ writes {{ itself"));
	inside = view_sub(inside, 0, (size_t)end);
	stop = view_chr(inside, '\n');
	if (!comment && (stop >= 0 || view_find(inside, VIEW("{{")) >= 0))
		return tmpl_source_fail(s->t->source, opener, s->f,
			_("this tag is not closed on its line; a tag ends with }}"));
	s->rest = view_from(s->rest, (size_t)end + 4);
	alone = stands_alone(s, opener, s->rest.p);
	inside = view_trim(inside);
	if (comment) {
		if (alone)
			skip_line_end(s);
		return 0;
	}
	return alone && is_block(inside) ? place_block(s, opener, inside)
					 : read_tag(s, opener, inside);
}

static void mark(struct scan *s)
{
	struct tag_mark *m;

	if ((s->flags & TAGS_MARKS) == 0)
		return;
	m = vec_push(&s->t->marks);
	*m = (struct tag_mark){s->out->len, s->rest.p};
}

static int scan_all(struct scan *s)
{
	ptrdiff_t at;

	mark(s);
	while ((at = view_find(s->rest, VIEW("{{"))) >= 0) {
		bool literal = at > 0 && s->rest.p[at - 1] == '\\';

		(void)str_add(s->out, s->rest.p, (size_t)at - (literal ? 1 : 0));
		s->rest = view_from(s->rest, (size_t)at);
		if (literal) {
			(void)str_addz(s->out, "{{");
			s->rest = view_from(s->rest, 2);
		} else if (take_tag(s) < 0) {
			return -1;
		}
		mark(s);
	}
	if (str_addv(s->out, s->rest) < 0)
		return tmpl_source_fail_at(s->t->source, 0, 0, s->f, _("the template is too long"));
	return 0;
}

int tmpl_tags_scan(struct tags *t, struct view in, unsigned flags, struct str *out, struct fail *f)
{
	struct scan s = {.t = t, .in = in, .rest = in, .flags = flags, .out = out, .f = f};

	if (scan_all(&s) < 0)
		return -1;
	if (s.depth > 0) {
		const struct tag *opener = tmpl_tags_at(t, s.open[s.depth - 1]);

		return tmpl_source_fail_at(t->source, opener->line, opener->column, f,
			_("this {{#if}} is not closed by {{/if}}"));
	}
	return 0;
}
