#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/i18n.h"
#include "base/utf8.h"

static const char *html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

int tmpl_escape_html(struct str *out, struct view in)
{
	size_t from = 0;

	for (size_t i = 0; i < in.len; i++) {
		const char *entity = html_entity(in.p[i]);

		if (entity == NULL)
			continue;
		(void)str_add(out, in.p + from, i - from);
		(void)str_addz(out, entity);
		from = i + 1;
	}
	(void)str_addv(out, view_from(in, from));
	return str_ok(out) ? 0 : -1;
}

/* RFC 3986 section 2: what stands in a link as it is. A component keeps the
 * unreserved characters only; a whole link keeps its delimiters and its %. */
static bool stays_in_url(enum tmpl_context context, char c)
{
	if (ascii_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL))
		return true;
	if (context == CTX_URL_MAIL || context == CTX_TEXT_MAIL)
		return c == '@';
	if (context == CTX_URL_WHOLE || context == CTX_TEXT_WHOLE)
		return c != '\0' && strchr(":/?#[]@!$&'()*+,;=%", c) != NULL;
	return false;
}

static void add_percent(struct str *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char three[] = {'%', digits[c >> 4], digits[c & 15]};

	(void)str_add(out, three, sizeof three);
}

static int escape_url(struct str *out, enum tmpl_context context, struct view in)
{
	bool in_html = context < CTX_TEXT_WHOLE;

	for (size_t i = 0; i < in.len; i++) {
		const char *entity = in_html ? html_entity(in.p[i]) : NULL;

		if (!stays_in_url(context, in.p[i]))
			add_percent(out, (unsigned char)in.p[i]);
		else if (entity != NULL)
			(void)str_addz(out, entity);
		else
			(void)str_addc(out, in.p[i]);
	}
	return str_ok(out) ? 0 : -1;
}

/* Line ends of any system become LF: the outputs have no other. */
static int add_lines(struct str *out, struct view in, enum tmpl_context context)
{
	while (in.len > 0) {
		ptrdiff_t cr = view_chr(in, '\r');
		struct view part = cr < 0 ? in : view_sub(in, 0, (size_t)cr);

		if (context == CTX_HTML)
			(void)tmpl_escape_html(out, part);
		else
			(void)str_addv(out, part);
		if (cr < 0)
			break;
		(void)str_addc(out, '\n');
		in = view_from(in, part.len + 1);
		if (in.len > 0 && in.p[0] == '\n')
			in = view_from(in, 1);
	}
	return str_ok(out) ? 0 : -1;
}

int tmpl_escape_value(struct str *out, enum tmpl_context context, struct view value)
{
	switch (context) {
	case CTX_PLAIN:
	case CTX_HTML:
		return add_lines(out, value, context);
	case CTX_HEADER:
		return str_addv(out, value);
	case CTX_URL_WHOLE:
	case CTX_TEXT_WHOLE:
		return escape_url(out, context, view_trim(value));
	case CTX_URL_PART:
	case CTX_URL_MAIL:
	case CTX_TEXT_PART:
	case CTX_TEXT_MAIL:
		break;
	}
	return escape_url(out, context, value);
}

bool tmpl_url_scheme(struct view url, struct view *scheme)
{
	ptrdiff_t colon = view_chr(url, ':');

	if (colon <= 0 || !ascii_is_alpha(url.p[0]))
		return false;
	for (ptrdiff_t i = 1; i < colon; i++)
		if (!ascii_is_alnum(url.p[i]) && strchr("+-.", url.p[i]) == NULL)
			return false;
	*scheme = view_sub(url, 0, (size_t)colon);
	return true;
}

/* Programs in a link. Browsers pass over control characters and blanks in it. */
bool tmpl_url_scheme_refused(struct view url)
{
	static const char *const refused[] = {
		"javascript", "vbscript", "livescript", "data", "file", "blob", NULL};
	struct view scheme;
	struct str bare;
	bool bad;

	str_init(&bare, TMPL_SOURCE_MAX);
	for (size_t i = 0; i < url.len && bare.len < TMPL_NAME_MAX; i++)
		if ((unsigned char)url.p[i] > ' ')
			(void)str_addc(&bare, url.p[i]);
	bad = tmpl_url_scheme(str_view(&bare), &scheme) && tmpl_html_name_in(scheme, refused) &&
	      !view_starts_nocase(str_view(&bare), VIEW("data:image/"));
	str_free(&bare);
	return bad;
}

static bool is_whole_link(struct view v)
{
	struct view scheme, rest;

	v = view_trim(v);
	if (!tmpl_url_scheme(v, &scheme) || view_chr(v, ' ') >= 0)
		return false;
	rest = view_from(v, scheme.len + 1);
	if (view_eq_nocase(scheme, VIEW("mailto")))
		return rest.len > 0;
	if (!view_eq_nocase(scheme, VIEW("http")) && !view_eq_nocase(scheme, VIEW("https")))
		return false;
	return view_starts(rest, VIEW("//")) && rest.len > 2 && strchr("/?#\\", rest.p[2]) == NULL;
}

enum bad { BAD_NOTHING, BAD_UTF8, BAD_CONTROL };
static enum bad bad_character(struct view v, bool one_line)
{
	while (v.len > 0) {
		unsigned char c = (unsigned char)v.p[0];
		uint32_t cp;

		if (c >= 0x20 && c < 0x7F) {
			v = view_from(v, 1);
			continue;
		}
		if (utf8_next(&v, &cp) < 0)
			return BAD_UTF8;
		if (one_line ? utf8_is_control(cp)
			     : cp < 0xA0 && cp != '\t' && cp != '\n' && cp != '\r')
			return BAD_CONTROL;
	}
	return BAD_NOTHING;
}

const char *tmpl_escape_refuse(enum tmpl_context context, struct view value)
{
	bool one_line = context != CTX_PLAIN && context != CTX_HTML;
	bool whole = context == CTX_URL_WHOLE || context == CTX_TEXT_WHOLE;
	enum bad bad;

	if (value.len > TMPL_VALUE_MAX)
		return N_("is too long (64 KiB at most)");
	bad = bad_character(value, one_line);
	if (bad == BAD_UTF8)
		return N_("is not UTF-8");
	if (bad == BAD_CONTROL)
		return one_line ? N_("holds a line end or a control character, which has no "
				     "place in a subject or a link")
				: N_("holds a control character");
	if (whole && !is_whole_link(value))
		return N_("stands for a whole link, and is none: a link begins with https://, "
			  "http:// or mailto:");
	return NULL;
}
