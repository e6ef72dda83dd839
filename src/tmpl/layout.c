#include "tmpl/tmpl_private.h"
#include <string.h>

#define FONT	     "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
#define FOOTER_STYLE "margin:0 0 8px;font-size:13px;line-height:1.5"

/* What the footer says to recipients, in their language, which need not be the
 * language of whoever runs the program: hence no gettext. */
static const struct words {
	const char *language;
	const char *why, *leave;
} all_words[] = {
	{"fr",
		"Vous recevez ce message parce que votre adresse figure sur la liste "
		"«\xC2\xA0{{list_name}}\xC2\xA0».",
		"Se désabonner"},
	{"en", "You receive this message because your address is on the list “{{list_name}}”.",
		"Unsubscribe"},
};

static const struct words *words_of(struct view language)
{
	struct view first = language;

	(void)view_split(&language, '-', &first);
	for (size_t i = 0; i < sizeof all_words / sizeof *all_words; i++)
		if (view_eq_nocase(first, view_of(all_words[i].language)))
			return &all_words[i];
	return &all_words[1];
}

int tmpl_layout_footer(struct str *out, struct view language, bool with_unsubscribe)
{
	const struct words *words = words_of(language);

	(void)str_addf(out,
		"{{#if organisation}}<p style=\"margin:36px 0 8px;padding-top:16px;border-top:1px "
		"solid #999999;font-size:13px;line-height:1.5\"><strong>{{organisation}}</strong>"
		"{{#if postal_address}}<br>\n{{postal_address}}{{/if}}</p>\n{{/if}}"
		"{{#if list_name}}<p style=\"" FOOTER_STYLE "\">%s</p>\n{{/if}}",
		words->why);
	if (with_unsubscribe)
		(void)str_addf(out,
			"{{#if unsubscribe_address}}<p style=\"" FOOTER_STYLE
			"\"><a href=\"mailto:{{unsubscribe_address}}?subject=unsubscribe\" "
			"style=\"color:inherit\">%s</a></p>\n{{/if}}",
			words->leave);
	return str_ok(out) ? 0 : -1;
}

/* The first line that many mail programs show beside the subject. */
static void add_preheader(struct str *out, struct view preheader)
{
	if (preheader.len == 0)
		return;
	(void)str_addz(
		out, "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">");
	(void)tmpl_escape_html(out, preheader);
	(void)str_addz(out, "</div>\n");
}

/* The end of <body …> when the author wrote a whole document; 0 for a whole
 * document without it; -1 for a fragment, which we wrap. */
static ptrdiff_t find_body(struct view in)
{
	struct html_token t;
	struct html h;
	bool whole = false;

	tmpl_html_init(&h, in);
	while (tmpl_html_next(&h, &t)) {
		if (t.kind == HTML_START && tmpl_html_is(&t, "body"))
			return h.in.p - in.p;
		if (t.kind == HTML_DOCTYPE ||
			(t.kind == HTML_START &&
				(tmpl_html_is(&t, "html") || tmpl_html_is(&t, "head"))))
			whole = true;
		else if (!whole && t.kind != HTML_COMMENT && view_trim(t.raw).len > 0)
			return -1;
	}
	return whole ? 0 : -1;
}

static void add_whole(
	struct str *out, const struct layout *l, size_t body, struct context_origin *origin)
{
	origin->body_at = 0;
	(void)str_addv(out, view_sub(l->body, 0, body));
	origin->insert_at = out->len;
	if (body > 0)
		add_preheader(out, l->preheader);
	origin->insert_len = out->len - origin->insert_at;
	(void)str_addv(out, view_from(l->body, body));
}

static void add_head(struct str *out, const struct layout *l)
{
	(void)str_addf(
		out, "<!DOCTYPE html>\n<html lang=\"%.*s\">\n<head>\n", VIEW_ARG(l->language));
	(void)str_addz(out,
		"<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>");
	(void)tmpl_escape_html(out, l->subject);
	(void)str_addz(out, "</title>\n</head>\n<body style=\"margin:0;padding:0\">\n");
	add_preheader(out, l->preheader);
	(void)str_addz(out,
		"<div style=\"max-width:600px;margin:0 auto;padding:28px 20px;font-family:" FONT
		";font-size:16px;line-height:1.6;overflow-wrap:break-word\">\n");
}

int tmpl_layout_document(struct str *out, const struct layout *l, struct context_origin *origin)
{
	ptrdiff_t body = l->html ? find_body(l->body) : -1;

	*origin = (struct context_origin){.html = l->html, .body_len = l->body.len};
	if (body >= 0) {
		add_whole(out, l, (size_t)body, origin);
		return str_ok(out) ? 0 : -1;
	}
	add_head(out, l);
	origin->body_at = origin->insert_at = out->len;
	(void)str_addv(out, l->body);
	(void)str_addz(out, "\n");
	(void)str_addv(out, l->footer);
	(void)str_addz(out, "</div>\n</body>\n</html>\n");
	return str_ok(out) ? 0 : -1;
}
