#ifndef TMPL_TMPL_PRIVATE_H
#define TMPL_TMPL_PRIVATE_H
#include "base/arena.h"
#include "base/vec.h"
#include "tmpl/tmpl.h"
struct fail;

/* How a template goes from source to segments:
 *	source.c   UTF-8, line ends, positions	    front.c  the front matter
 *	tag.c	   tags become sentinels	    name.c   what variables are called
 *	markdown.c Markdown to HTML		    layout.c the document around it
 *	html.c	   a tokenizer of HTML		    text.c   HTML to plain text, flow.c its lines
 *	context.c  where in the HTML a tag stands   segment.c sentinels become segments
 *	escape.c   a value for its place	    render.c joining
 *
 * A sentinel is a run of letters and digits that stands for a tag while
 * Markdown and HTML are worked on: a random key that the source does not hold,
 * the tag's number, and a letter for the context that plain text gives it. */
enum {
	SENTINEL_KEY = 20,
	SENTINEL_DIGITS = 5,
	SENTINEL_LEN = SENTINEL_KEY + SENTINEL_DIGITS + 1,
};

/* The place of a variable, which decides how its value is escaped. */
enum tmpl_context {
	CTX_PLAIN,	/* text part: as it is */
	CTX_HEADER,	/* subject: no control characters */
	CTX_HTML,	/* text or quoted attribute: < > & " ' escaped */
	CTX_URL_WHOLE,	/* an attribute that begins with it: a http, https or mailto link */
	CTX_URL_PART,	/* inside a link: percent-encoded */
	CTX_URL_MAIL,	/* the address of a mailto link: percent-encoded, but for @ */
	CTX_TEXT_WHOLE, /* the three above in plain text: no HTML escapes */
	CTX_TEXT_PART,
	CTX_TEXT_MAIL,
};

enum tag_kind { TAG_VALUE, TAG_IF, TAG_ELSE, TAG_END };

struct tag {
	enum tag_kind kind;
	size_t var;	     /* TAG_VALUE, TAG_IF: index into vars */
	size_t opener;	     /* TAG_ELSE, TAG_END: index of their TAG_IF */
	struct view written; /* name as spelt */
	bool has_fallback;
	struct view fallback;
	unsigned line, column; /* 0 in what we wrote ourselves */
};

/* source.c: the text after its BOM, with LF line ends; all views point into it. */
struct source {
	const char *name;
	struct view text;
	const char *at; /* a cursor: positions are asked for in order, mostly */
	unsigned line, column;
};
int tmpl_source_read(
	struct source *s, struct arena *a, struct view raw, const char *name, struct fail *f);
/* Words quoted in a message are bounded: a hostile line may be a megabyte. */
struct view tmpl_source_shown(struct view v);
void tmpl_source_position(struct source *s, const char *p, unsigned *line, unsigned *column);
/* FAIL_DATA at that place; returns -1. */
int tmpl_source_fail(struct source *s, const char *p, struct fail *f, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int tmpl_source_fail_at(const struct source *s, unsigned line, unsigned column, struct fail *f,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* front.c */
enum front_key {
	FRONT_SUBJECT,
	FRONT_PREHEADER,
	FRONT_FROM,
	FRONT_REPLY_TO,
	FRONT_FORMAT,
	FRONT_LANGUAGE,
	FRONT_COUNT
};
struct front {
	struct view value[FRONT_COUNT];
	struct view body, text; /* text.p is NULL when the author wrote none */
	bool html;
};
int tmpl_front_read(struct source *s, struct front *out, struct fail *f);
const char *tmpl_front_key_name(enum front_key key);

/* name.c */
bool tmpl_name_is_standard(struct view name);
/* The word of the list (NULL at its end) nearest to `word`, or NULL when none is near. */
const char *tmpl_name_nearest(struct view word, const char *const *list);
const char *tmpl_name_suggest(
	struct view name); /* a standard variable that may be meant, or NULL */

/* tag.c */
struct tag_mark { /* from here on, output is source byte for byte */
	size_t out;
	const char *source;
};
struct tags {
	struct arena *arena;
	struct source *source;
	char key[SENTINEL_KEY + 1];
	struct vec items; /* struct tag */
	struct vec vars;  /* struct view, canonical */
	struct vec marks; /* struct tag_mark, of the HTML body */
};
void tmpl_tags_init(struct tags *t, struct arena *a, struct source *s);
void tmpl_tags_free(struct tags *t);
enum tags_flags {
	TAGS_MARKDOWN = 1 << 0,	  /* an {{#if}} alone on its line gets blank lines around it */
	TAGS_MARKS = 1 << 1,	  /* keep the marks for tmpl_tags_source_of() */
	TAGS_OURS = 1 << 2,	  /* our own footer: no positions */
	TAGS_NO_SUBJECT = 1 << 3, /* {{subject}} would be the subject in itself */
};
int tmpl_tags_scan(struct tags *t, struct view in, unsigned flags, struct str *out, struct fail *f);
struct tag *tmpl_tags_at(const struct tags *t, size_t i);
/* The place in the source that made this offset of the output. */
const char *tmpl_tags_source_of(const struct tags *t, size_t offset);

/* A sentinel that was found again. */
struct sentinel {
	size_t at; /* where it stands in the text searched */
	size_t tag;
	enum tmpl_context context; /* what the letter says; CTX_HTML when it says nothing */
};
bool tmpl_sentinel_find(const struct tags *t, struct view in, struct sentinel *out);
bool tmpl_sentinel_any(const struct tags *t, struct view in);
int tmpl_sentinel_put(const struct tags *t, struct str *out, size_t tag, enum tmpl_context context);

/* html.c: the tokenizer, as HTML 5 cuts a document; it never fails. */
enum html_kind { HTML_TEXT, HTML_START, HTML_END, HTML_COMMENT, HTML_DOCTYPE, HTML_RAW, HTML_CUT };
struct html_token {
	enum html_kind
		kind;	   /* HTML_RAW: the inside of style, script; HTML_CUT: a tag without end */
	struct view raw;   /* all of it, as written */
	struct view name;  /* START, END */
	struct view attrs; /* START: what stands after the name */
};
struct html {
	struct view in;	      /* what is left */
	struct view raw_name; /* inside an element whose content is no markup */
};
struct html_attr {
	struct view name, value;
	char quote; /* '"', '\'', or 0: unquoted or without value */
	bool has_value;
};
void tmpl_html_init(struct html *h, struct view in);
bool tmpl_html_next(struct html *h, struct html_token *out);
/* Takes the next attribute off *attrs. */
bool tmpl_html_attr_next(struct view *attrs, struct html_attr *out);
bool tmpl_html_attr_find(struct view attrs, const char *name, struct view *value);
bool tmpl_html_is(const struct html_token *t, const char *name);
bool tmpl_html_name_in(struct view name, const char *const *list);
bool tmpl_html_is_void(struct view name);
bool tmpl_html_is_url_attr(struct view name);

/* entity.c: adds the text with its character references resolved. */
int tmpl_entity_decode(struct str *out, struct view in);

/* escape.c */
int tmpl_escape_html(struct str *out, struct view in);
/* Adds a value for its context. Returns 0, or -1 when out is full. */
int tmpl_escape_value(struct str *out, enum tmpl_context context, struct view value);
/* NULL, or what is wrong with this value in that context, in words that
 * continue "the value of {{x}} …". */
const char *tmpl_escape_refuse(enum tmpl_context context, struct view value);
/* The scheme of a link, or false when it has none. */
bool tmpl_url_scheme(struct view url, struct view *scheme);
bool tmpl_url_scheme_refused(struct view url);

/* markdown.c: md4c with our own output: styles inline, raw HTML as text. */
int tmpl_markdown_html(const struct tags *t, struct view in, struct str *out, struct fail *f);

/* layout.c */
struct layout {
	struct view language, subject, preheader, body,
		footer; /* with sentinels; preheader may be empty */
	bool html;	/* the body is the author's own HTML */
};
struct context_origin;
/* Adds the whole document. */
int tmpl_layout_document(struct str *out, const struct layout *l, struct context_origin *origin);
/* Adds the footer, HTML with tags. */
int tmpl_layout_footer(struct str *out, struct view language, bool with_unsubscribe);

/* segment.c */
enum segment_kind { SEG_LITERAL, SEG_VALUE, SEG_IF, SEG_JUMP };
struct segment {
	enum segment_kind kind;
	enum tmpl_context context;
	size_t tag;    /* SEG_VALUE, SEG_IF */
	size_t target; /* SEG_IF when empty, SEG_JUMP: the segment to go on with */
	struct view literal;
	bool after_block; /* a literal behind a block tag */
};
struct program {
	struct segment *segments; /* in the arena */
	size_t n;
};
struct builder {
	struct tags *tags;
	struct vec segments;
	struct vec open;  /* struct builder_block: the {{#if}}s around here */
	size_t place;	  /* an id of the element or attribute; a block keeps to one */
	bool after_block; /* the last thing was a block tag: a jump may lead here */
};
void tmpl_builder_init(struct builder *b, struct tags *t);
void tmpl_builder_free(struct builder *b);
void tmpl_builder_literal(struct builder *b, struct view literal);
int tmpl_builder_tag(struct builder *b, size_t tag, enum tmpl_context context, struct fail *f);
/* Cuts a text at its sentinels. `context` is for those whose letter says nothing. */
int tmpl_builder_text(struct builder *b, struct view in, enum tmpl_context context, struct fail *f);
/* Copies the segments into the arena. */
int tmpl_builder_end(struct builder *b, struct arena *a, struct program *out, struct fail *f);

/* context.c: cuts an HTML document, giving each tag the context it stands in. */
struct context_origin { /* where the author's own HTML stands in the document */
	bool html;
	size_t body_at, body_len;
	size_t insert_at, insert_len; /* what we put inside it, offsets in the document */
};
/* FAIL_DATA when the author's HTML ends inside a tag, a comment or a style sheet. */
int tmpl_context_closed(struct tags *t, struct view body, struct fail *f);
int tmpl_context_segments(struct tags *t, struct view document, const struct context_origin *o,
	struct arena *a, struct program *out, struct fail *f);

/* What stands before a tag in a link decides what the tag may be. */
struct url_place {
	bool started;	  /* something stands before */
	bool scheme_done; /* and it has a : / ? or #, so that no tag can become the scheme */
	bool mail;	  /* in the address of a mailto link */
};
struct url_cursor {
	struct url_place now;
	struct url_place then[TMPL_DEPTH_MAX], before[TMPL_DEPTH_MAX];
	bool in_else[TMPL_DEPTH_MAX];
	size_t depth;
};
void tmpl_url_literal(struct url_cursor *u, struct view literal);
void tmpl_url_block(struct url_cursor *u, enum tag_kind kind);
/* The context of a value here, or false when it may not stand here. */
bool tmpl_url_value(struct url_cursor *u, enum tmpl_context *context);

/* flow.c: words into lines of plain text. Breaks are written before the next
 * word, not behind the last: what an {{#if}} leaves out takes its break along. */
enum { TEXT_COLUMNS = 76, FLOW_PREFIX_MAX = 32 };
struct flow_state {
	unsigned want; /* line ends before the next word */
	bool space;
	bool started;	/* something was written */
	bool line_open; /* the current line has its prefix */
	size_t column;
};
struct flow {
	const struct tags *tags;
	struct str *out;
	struct str word;
	size_t word_width;
	struct flow_state now;
	struct flow_state before[TMPL_DEPTH_MAX], then[TMPL_DEPTH_MAX];
	bool in_else[TMPL_DEPTH_MAX];
	size_t depth;
	struct str prefix;  /* of every line: quotes and indents */
	size_t last_prefix; /* how much of it the last line had */
	char marker[16];    /* of a list item, once, in place of its indent */
	bool verbatim;	    /* inside pre */
};
void tmpl_flow_init(struct flow *w, const struct tags *t, struct str *out);
void tmpl_flow_free(struct flow *w);
void tmpl_flow_break(struct flow *w, unsigned lines);
void tmpl_flow_space(struct flow *w);
/* Text without markup, with sentinels: blanks collapse and lines are wrapped. */
void tmpl_flow_text(struct flow *w, struct view text);
/* One word that is not cut, its values in the contexts of their letters. */
void tmpl_flow_word(struct flow *w, struct view word);
void tmpl_flow_push(struct flow *w, const char *indent, const char *marker);
void tmpl_flow_pop(struct flow *w, size_t prefix_len);
void tmpl_flow_end(struct flow *w);

/* text.c: readable plain text from HTML, sentinels kept. */
int tmpl_text_from_html(const struct tags *t, struct view html, struct str *out);

struct tmpl {
	struct arena arena;
	const char *name;
	struct front front;
	struct view *vars;
	size_t n_vars;
	const struct tag *tags;
	struct tmpl_use *uses;
	size_t n_uses;
	bool personal;
	struct program subject, preheader, html, text;
};
#endif
