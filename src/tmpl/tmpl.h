#ifndef TMPL_TMPL_H
#define TMPL_TMPL_H
#include "base/str.h"
struct fail;

/* tmpl - the template language (docs/templates.md is the author's manual).
 *
 * A source is front matter between two "---" lines, a body in Markdown or HTML,
 * and perhaps a text part of the author's own. It is compiled once per
 * campaign into four outputs, each a row of segments; per recipient the
 * segments are only joined and the values escaped for the place where they
 * stand. Every output is UTF-8 with LF line ends.
 *
 * Values reach a template through a lookup, by canonical name: lower-case
 * letters, digits and "_", accents folded, the usual French and English
 * spellings brought to one (tmpl_name). A variable is common (the same for the
 * whole campaign: organisation, postal_address, list_name, list_address,
 * unsubscribe_address, today, subject) or personal (all others).
 * `subject` is answered here, with the rendered subject. */
enum {
	TMPL_SOURCE_MAX = 1024 * 1024,
	TMPL_NAME_MAX = 64,	    /* bytes of a variable's name */
	TMPL_TAGS_MAX = 10000,	    /* tags in one source */
	TMPL_VARS_MAX = 200,	    /* different variables in one source */
	TMPL_DEPTH_MAX = 32,	    /* {{#if}} inside {{#if}} */
	TMPL_VALUE_MAX = 64 * 1024, /* bytes of one value */
	TMPL_SUBJECT_MAX = 2000,    /* bytes of a rendered subject or preheader */
	TMPL_BODY_MAX = 8 * 1024 * 1024,
};

struct tmpl;

/* Reads and compiles a source. `name` is for messages: "template NAME:LINE:COL:
 * …". Returns 0 with *out yours to free, or -1 with f FAIL_DATA and *out
 * untouched. The source may go away afterwards. */
int tmpl_compile(struct view source, const char *name, struct tmpl **out, struct fail *f);
void tmpl_free(struct tmpl **t);

/* A front matter value as written, without its quotes: subject, preheader,
 * from, reply_to, format ("markdown" when absent), language ("fr" when
 * absent). Empty when the key is absent or is no key. Valid as long as t is. */
struct view tmpl_front(const struct tmpl *t, const char *key);

/* One place where the author used a variable, as a value or in an {{#if}}. */
struct tmpl_use {
	struct view name;    /* canonical */
	struct view written; /* as the author spelt it */
	bool personal;
	bool condition; /* in {{#if name}}: may be empty */
	bool has_fallback;
	struct view fallback;
	unsigned line, column; /* from 1; columns count characters */
};
/* All of them in order of appearance; returns how many. What the built-in
 * footer looks up is not listed: it does without what is absent. */
size_t tmpl_variables(const struct tmpl *t, const struct tmpl_use **uses);
/* True when a personal variable is used: no bcc mode then (P1). */
bool tmpl_is_personal(const struct tmpl *t);

/* The value of a canonical name. Returns false when there is no such variable;
 * an empty value means it is known but empty. *value must stay valid until the
 * call that asked returns. A common variable must be answered in bcc mode too. */
typedef bool (*tmpl_lookup_fn)(void *ctx, struct view name, struct view *value);

struct tmpl_parts {
	struct str subject, preheader, html, text;
};
void tmpl_parts_init(struct tmpl_parts *p);
void tmpl_parts_free(struct tmpl_parts *p);

/* Renders for one recipient, into parts that are emptied first and keep their
 * memory from call to call. Returns 0, or -1 with f FAIL_DATA: a variable is
 * unknown or empty and has no fallback, its value holds control characters or
 * no UTF-8, it stands for a whole link and is not one, the subject is empty, or
 * an output is too long. */
int tmpl_render(const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct tmpl_parts *out,
	struct fail *f);
/* The subject alone, added to out. */
int tmpl_render_subject(
	const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct str *out, struct fail *f);
/* What tmpl_render would say about this recipient's values (but not whether the
 * bodies get too long), without making them: run over all recipients before the
 * first is sent. */
int tmpl_check(const struct tmpl *t, tmpl_lookup_fn lookup, void *ctx, struct fail *f);

/* Adds the canonical form of a name as a person writes it in a tag or as the
 * title of a column: "Prénom" is given_name, "Code postal" is code_postal.
 * Returns 0, or -1 when it cannot be a name (out unchanged). */
int tmpl_name(struct str *out, struct view written);
/* True for the names of the common variables. `name` is canonical. */
bool tmpl_name_is_common(struct view name);
#endif
