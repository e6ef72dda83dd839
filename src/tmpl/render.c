#include "tmpl/tmpl_private.h"
#include "base/fail.h"
#include "base/i18n.h"

/* One recipient. The values are asked for once, whatever the number of places. */
struct render {
	const struct tmpl *t;
	struct view values[TMPL_VARS_MAX];
	bool known[TMPL_VARS_MAX];
	struct fail *f;
};

static bool is_empty(struct view v)
{
	return view_trim(v).len == 0;
}

static void look_up(struct render *r, tmpl_lookup_fn lookup, void *ctx)
{
	for (size_t i = 0; i < r->t->n_vars; i++) {
		r->values[i] = view_make(NULL, 0);
		r->known[i] = !view_is(r->t->vars[i], "subject") &&
			      lookup(ctx, r->t->vars[i], &r->values[i]);
	}
}

static void set_subject(struct render *r, struct view subject)
{
	for (size_t i = 0; i < r->t->n_vars; i++)
		if (view_is(r->t->vars[i], "subject")) {
			r->values[i] = subject;
			r->known[i] = true;
		}
}

static int fail_at(struct render *r, const struct tag *tag, const char *text)
{
	return tag->line == 0
		       ? fail_set(r->f, FAIL_DATA, _("template %s: {{%.*s}} %s"), r->t->name,
				 VIEW_ARG(tag->written), text)
		       : fail_set(r->f, FAIL_DATA, _("template %s:%u:%u: {{%.*s}} %s"), r->t->name,
				 tag->line, tag->column, VIEW_ARG(tag->written), text);
}

static int missing(struct render *r, const struct tag *tag)
{
	const char *near = tmpl_name_suggest(r->t->vars[tag->var]);
	char text[FAIL_TEXT_MAX / 2];

	if (r->known[tag->var])
		return fail_at(r, tag,
			_("is empty for this recipient; fill it in, or give a fallback: "
			  "{{name|fallback}}"));
	if (near == NULL)
		return fail_at(r, tag,
			_("is not known here; correct the name, or give a fallback: "
			  "{{name|fallback}}"));
	(void)snprintf(text, sizeof text, _("is not known here; did you mean {{%s}}?"), near);
	return fail_at(r, tag, text);
}

/* Finds the value or the fallback, and refuses what may not stand there. */
static int value_of(struct render *r, const struct segment *s, struct view *value)
{
	const struct tag *tag = &r->t->tags[s->tag];
	const char *wrong;

	*value = r->values[tag->var];
	if (is_empty(*value)) {
		*value = tag->fallback;
		return tag->has_fallback ? 0 : missing(r, tag);
	}
	wrong = tmpl_escape_refuse(s->context, *value);
	return wrong == NULL ? 0 : fail_at(r, tag, _(wrong));
}

/* Where a block was left out, its blanks stay behind: none at the start of a
 * line of plain text, no empty line at the start of the text. */
static struct view trim_start(const struct str *out, struct view literal)
{
	while (out->len == 0 && literal.len > 0 && ascii_is_space(literal.p[0]))
		literal = view_from(literal, 1);
	if (out->len > 0 && out->p[out->len - 1] == '\n')
		while (literal.len > 0 && literal.p[0] == ' ')
			literal = view_from(literal, 1);
	return literal;
}

/* out == NULL only checks. */
static int run(struct render *r, const struct program *p, struct str *out, bool text)
{
	for (size_t i = 0; i < p->n;) {
		const struct segment *s = &p->segments[i++];
		struct view value;

		switch (s->kind) {
		case SEG_LITERAL:
			if (out != NULL)
				(void)str_addv(out, text && s->after_block
							    ? trim_start(out, s->literal)
							    : s->literal);
			break;
		case SEG_VALUE:
			if (value_of(r, s, &value) < 0)
				return -1;
			if (out != NULL)
				(void)tmpl_escape_value(out, s->context, value);
			break;
		case SEG_IF:
			if (is_empty(r->values[r->t->tags[s->tag].var]))
				i = s->target;
			break;
		case SEG_JUMP:
			i = s->target;
			break;
		}
	}
	if (out != NULL && !str_ok(out))
		return fail_set(r->f, FAIL_DATA,
			_("template %s: with this recipient's values the result is longer than %zu "
			  "bytes"),
			r->t->name, out->max);
	return 0;
}

void tmpl_parts_init(struct tmpl_parts *p)
{
	str_init(&p->subject, TMPL_SUBJECT_MAX);
	str_init(&p->preheader, TMPL_SUBJECT_MAX);
	str_init(&p->html, TMPL_BODY_MAX);
	str_init(&p->text, TMPL_BODY_MAX);
}

void tmpl_parts_free(struct tmpl_parts *p)
{
	str_free(&p->subject);
	str_free(&p->preheader);
	str_free(&p->html);
	str_free(&p->text);
}

static void begin(
	struct render *r, const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct fail *f)
{
	r->t = t;
	r->f = f;
	look_up(r, lookup, ctx);
}

static int run_subject(struct render *r, struct str *out)
{
	size_t from = out->len;

	if (run(r, &r->t->subject, out, false) < 0)
		return -1;
	if (is_empty(view_from(str_view(out), from)))
		return fail_set(r->f, FAIL_DATA,
			_("template %s: the subject is empty for this recipient"), r->t->name);
	return 0;
}

int tmpl_render(const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct tmpl_parts *out,
	struct fail *f)
{
	struct render r;

	str_clear(&out->subject);
	str_clear(&out->preheader);
	str_clear(&out->html);
	str_clear(&out->text);
	begin(&r, t, lookup, ctx, f);
	if (run_subject(&r, &out->subject) < 0)
		return -1;
	set_subject(&r, str_view(&out->subject));
	if (run(&r, &t->preheader, &out->preheader, false) < 0 ||
		run(&r, &t->html, &out->html, false) < 0 || run(&r, &t->text, &out->text, true) < 0)
		return -1;
	return 0;
}

int tmpl_render_subject(
	const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct str *out, struct fail *f)
{
	struct render r;

	begin(&r, t, lookup, ctx, f);
	return run_subject(&r, out);
}

int tmpl_check(const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct fail *f)
{
	struct str subject;
	struct render r;
	int ret = -1;

	str_init(&subject, TMPL_SUBJECT_MAX);
	begin(&r, t, lookup, ctx, f);
	if (run_subject(&r, &subject) < 0)
		goto out;
	set_subject(&r, str_view(&subject));
	if (run(&r, &t->preheader, NULL, false) == 0 && run(&r, &t->html, NULL, false) == 0)
		ret = run(&r, &t->text, NULL, true);
out:
	str_free(&subject);
	return ret;
}
