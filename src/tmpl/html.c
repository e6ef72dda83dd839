#include "tmpl/tmpl_private.h"

/* The tokenizer follows HTML 5 section 13.2.5 in all that decides where a tag,
 * an attribute or a comment begins and ends: a browser must not see markup
 * where we saw text. */

static const char *const raw_elements[] = {"style", "script", "title", "textarea", "xmp", "iframe",
	"noembed", "noframes", "noscript", "plaintext", NULL};
static const char *const void_elements[] = {"area", "base", "br", "col", "embed", "hr", "img",
	"input", "link", "meta", "source", "track", "wbr", NULL};
static const char *const url_attrs[] = {"action", "background", "cite", "classid", "codebase",
	"data", "formaction", "href", "icon", "longdesc", "manifest", "ping", "poster", "profile",
	"src", "usemap", "xlink:href", NULL};

void tmpl_html_init(struct html *h, struct view in)
{
	*h = (struct html){.in = in};
}

bool tmpl_html_name_in(struct view name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (view_eq_nocase(name, view_of(*list)))
			return true;
	return false;
}

bool tmpl_html_is(const struct html_token *t, const char *name)
{
	return view_eq_nocase(t->name, view_of(name));
}

bool tmpl_html_is_void(struct view name)
{
	return tmpl_html_name_in(name, void_elements);
}

bool tmpl_html_is_url_attr(struct view name)
{
	return tmpl_html_name_in(name, url_attrs);
}

static bool is_space(char c)
{
	return ascii_is_space(c) || c == '\f';
}

static void take(struct html *h, struct html_token *out, enum html_kind kind, size_t len)
{
	out->kind = kind;
	out->raw = view_sub(h->in, 0, len);
	h->in = view_from(h->in, len);
}

/* "<!" or "<?" or "</" and no letter: how long the comment is. */
static size_t comment_length(struct view v)
{
	if (!view_starts(v, VIEW("<!--"))) {
		ptrdiff_t end = view_chr(v, '>');

		return end < 0 ? v.len : (size_t)end + 1;
	}
	if (view_starts(v, VIEW("<!-->")))
		return sizeof "<!-->" - 1;
	if (view_starts(v, VIEW("<!--->")))
		return sizeof "<!--->" - 1;
	for (size_t i = 4; i < v.len; i++) {
		struct view rest = view_from(v, i);

		if (view_starts(rest, VIEW("-->")))
			return i + sizeof "-->" - 1;
		if (view_starts(rest, VIEW("--!>")))
			return i + sizeof "--!>" - 1;
	}
	return v.len;
}

/* The length of a tag, or 0 when the text ends before it does. */
static size_t tag_length(struct view v)
{
	size_t i = 1;
	bool at_value = false;
	bool in_name = false; /* of an attribute, or of the element at first */

	while (i < v.len && !is_space(v.p[i]) && v.p[i] != '/' && v.p[i] != '>')
		i++;
	for (; i < v.len; i++) {
		char c = v.p[i];

		if (c == '>')
			return i + 1;
		if (at_value && (c == '"' || c == '\'')) {
			ptrdiff_t end = view_chr(view_from(v, i + 1), c);

			if (end < 0)
				return 0;
			i += (size_t)end + 1;
			at_value = in_name = false;
		} else if (at_value && !is_space(c)) {
			while (i + 1 < v.len && !is_space(v.p[i + 1]) && v.p[i + 1] != '>')
				i++;
			at_value = in_name = false;
		} else if (c == '=' && in_name) {
			at_value = true;
		} else if (c == '/') {
			in_name = false;
		} else if (!is_space(c)) {
			in_name = true;
		}
	}
	return 0;
}

static void take_tag(struct html *h, struct html_token *out, bool end)
{
	size_t name_at = end ? 2 : 1, name_end, len = tag_length(h->in);

	if (len == 0) {
		take(h, out, HTML_CUT, h->in.len);
		return;
	}
	take(h, out, end ? HTML_END : HTML_START, len);
	for (name_end = name_at; name_end < len - 1; name_end++)
		if (is_space(out->raw.p[name_end]) || out->raw.p[name_end] == '/')
			break;
	out->name = view_sub(out->raw, name_at, name_end - name_at);
	out->attrs = view_sub(out->raw, name_end, len - 1 - name_end);
	if (!end && tmpl_html_name_in(out->name, raw_elements))
		h->raw_name = out->name;
}

/* The inside of style, script…: up to the end tag of the same name. */
static void take_raw(struct html *h, struct html_token *out)
{
	size_t at = 0;

	for (;; at += 2) {
		ptrdiff_t found = view_find(view_from(h->in, at), VIEW("</"));
		struct view name;
		char after;

		if (found < 0) {
			at = h->in.len;
			break;
		}
		at += (size_t)found;
		name = view_sub(h->in, at + 2, h->raw_name.len);
		if (!view_eq_nocase(name, h->raw_name) || at + 2 + name.len >= h->in.len)
			continue;
		after = h->in.p[at + 2 + name.len];
		if (is_space(after) || after == '/' || after == '>')
			break;
	}
	take(h, out, HTML_RAW, at);
	out->name = h->raw_name;
	h->raw_name = view_make(NULL, 0);
}

bool tmpl_html_next(struct html *h, struct html_token *out)
{
	struct view v = h->in;
	size_t i = 0;

	*out = (struct html_token){0};
	if (v.len == 0)
		return false;
	if (h->raw_name.len > 0) {
		take_raw(h, out);
		return out->raw.len > 0 || tmpl_html_next(h, out);
	}
	for (; i < v.len; i++) {
		char next = i + 1 < v.len ? v.p[i + 1] : '\0';
		char third = i + 2 < v.len ? v.p[i + 2] : '\0';

		if (v.p[i] != '<' ||
			!(ascii_is_alpha(next) || next == '!' || next == '?' || next == '/'))
			continue;
		if (i > 0)
			break;
		if (ascii_is_alpha(next) || (next == '/' && ascii_is_alpha(third)))
			take_tag(h, out, next == '/');
		else
			take(h, out,
				view_starts_nocase(v, VIEW("<!doctype")) ? HTML_DOCTYPE
									 : HTML_COMMENT,
				comment_length(v));
		return true;
	}
	take(h, out, HTML_TEXT, i);
	return true;
}

static void skip_blanks(struct view *v, bool slash)
{
	while (v->len > 0 && (is_space(v->p[0]) || (slash && v->p[0] == '/')))
		*v = view_from(*v, 1);
}

static void take_value(struct view *v, struct html_attr *out)
{
	size_t n = 0;

	out->has_value = true;
	skip_blanks(v, false);
	if (v->len > 0 && (v->p[0] == '"' || v->p[0] == '\'')) {
		ptrdiff_t end = view_chr(view_from(*v, 1), v->p[0]);

		n = end < 0 ? v->len - 1 : (size_t)end;
		out->quote = v->p[0];
		out->value = view_sub(*v, 1, n);
		*v = view_from(*v, n + 2);
		return;
	}
	while (n < v->len && !is_space(v->p[n]))
		n++;
	out->value = view_sub(*v, 0, n);
	*v = view_from(*v, n);
}

bool tmpl_html_attr_next(struct view *attrs, struct html_attr *out)
{
	struct view v = *attrs;
	size_t n = 1; /* a "=" in front is part of the name */

	*out = (struct html_attr){0};
	skip_blanks(&v, true);
	if (v.len == 0)
		return false;
	while (n < v.len && !is_space(v.p[n]) && v.p[n] != '/' && v.p[n] != '=')
		n++;
	out->name = view_sub(v, 0, n);
	v = view_from(v, n);
	skip_blanks(&v, false);
	if (v.len > 0 && v.p[0] == '=') {
		v = view_from(v, 1);
		take_value(&v, out);
	}
	*attrs = v;
	return true;
}

bool tmpl_html_attr_find(struct view attrs, const char *name, struct view *value)
{
	struct html_attr a;

	while (tmpl_html_attr_next(&attrs, &a))
		if (view_eq_nocase(a.name, view_of(name))) {
			*value = a.value;
			return true;
		}
	return false;
}
