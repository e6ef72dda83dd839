#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "mail/fold.h"
#include "mail/header.h"
#include "mail/mail_private.h"

enum {
	SECTION_MAX = 72,  /* columns of one parameter section on its own line */
	PLAIN_MAX = 60,	   /* a value this short stays in one piece */
	FALLBACK_MAX = 50, /* octets of a stand-in for a file name, */
	EXTENSION_MAX = 8, /* of which its extension, dot and all */
};

/* RFC 2045 5.1: what needs no quotes. */
static bool is_token_char(char c)
{
	return c > ' ' && c <= '~' && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* RFC 2231 section 7, attribute-char. */
static bool is_attribute_char(char c)
{
	return is_token_char(c) && c != '*' && c != '\'' && c != '%';
}

/* What no reader can take for anything but the plain value. */
static bool is_plain_value(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_attribute_char(v.p[i]))
			return false;
	return v.len > 0;
}

/* One character, whole, percent-encoded where it must be. */
static size_t encode_char(struct view c, char out[12])
{
	static const char hex[] = "0123456789ABCDEF";
	size_t len = 0;

	if (c.len == 1 && is_attribute_char(c.p[0])) {
		out[0] = c.p[0];
		return 1;
	}
	for (size_t i = 0; i < c.len; i++) {
		unsigned char u = (unsigned char)c.p[i];

		out[len++] = '%';
		out[len++] = hex[u >> 4];
		out[len++] = hex[u & 15];
	}
	return len;
}

/* Fills `piece` with a section's text from the front of *rest. */
static void fill_section(struct str *piece, struct view *rest)
{
	uint32_t cp;

	while (rest->len > 0) {
		struct view after = *rest;
		char coded[12];
		size_t n;

		if (utf8_next(&after, &cp) <= 0)
			return;
		n = encode_char(view_sub(*rest, 0, rest->len - after.len), coded);
		if (piece->len + n > SECTION_MAX)
			return;
		(void)str_add(piece, coded, n);
		*rest = after;
	}
}

static void add_extended(struct fold *h, const struct header_param *p)
{
	struct view rest = p->value;
	struct str piece;

	str_init(&piece, SECTION_MAX + 2);
	for (unsigned i = 0; (i == 0 || rest.len > 0) && str_ok(h->out); i++) {
		struct view before = rest;

		str_clear(&piece);
		(void)str_addf(&piece, "%s*%u*=%s", p->name, i, i == 0 ? "UTF-8''" : "");
		fill_section(&piece, &rest);
		if (i == 0 && rest.len == 0) {
			/* One section needs no number. */
			str_clear(&piece);
			(void)str_addf(&piece, "%s*=UTF-8''", p->name);
			fill_section(&piece, &before);
		}
		(void)str_addc(h->out, ';');
		fold_word(h, str_view(&piece));
	}
	str_free(&piece);
}

static int add_param(struct fold *h, const struct header_param *p, struct fail *f)
{
	struct str word;

	assert(is_plain_value(view_of(p->name)) && strlen(p->name) <= SECTION_MAX / 3);
	if (fold_check(p->value, f) < 0)
		return -1;
	if (p->value.len > PLAIN_MAX || !mail_is_ascii(p->value) ||
		view_find(p->value, VIEW("=?")) >= 0 || view_chr(p->value, '"') >= 0 ||
		view_chr(p->value, '\\') >= 0) {
		add_extended(h, p);
		return 0;
	}
	str_init(&word, HEADER_LINE_MAX);
	(void)str_addf(&word, is_plain_value(p->value) ? "%s=%.*s" : "%s=\"%.*s\"", p->name,
		VIEW_ARG(p->value));
	(void)str_addc(h->out, ';');
	fold_word(h, str_view(&word));
	str_free(&word);
	return 0;
}

int header_params(struct str *out, const char *name, struct view value,
	const struct header_param *params, size_t n, struct fail *f)
{
	struct fold h;
	int ret = 0;

	fold_begin(&h, out, name);
	for (size_t i = 0; i < value.len && ret == 0; i++)
		if (!is_token_char(value.p[i]) && value.p[i] != '/')
			ret = spot_fail(value, i, f);
	if (ret == 0 && value.len > PLAIN_MAX)
		ret = fail_set(f, FAIL_DATA, _("the value is too long"));
	if (ret == 0)
		fold_word(&h, value);
	for (size_t i = 0; i < n && ret == 0; i++)
		ret = add_param(&h, &params[i], f);
	return fold_end(&h, ret, name, f);
}

static void add_fallback(struct str *out, struct view text, size_t max)
{
	uint32_t cp;
	int step;

	while (max-- > 0 && (step = utf8_next(&text, &cp)) != 0) {
		bool fine = step > 0 && cp > ' ' && cp <= '~' && is_attribute_char((char)cp);

		(void)str_addc(out, fine ? (char)cp : '_');
		if (step < 0)
			text = view_from(text, 1);
	}
}

int header_fallback(struct str *out, struct view filename)
{
	size_t dot = filename.len;

	while (dot > 0 && filename.p[dot - 1] != '.')
		dot--;
	if (dot <= 1 || filename.len - dot + 1 > EXTENSION_MAX) {
		add_fallback(out, filename, FALLBACK_MAX);
		return str_ok(out) ? 0 : -1;
	}
	add_fallback(out, view_sub(filename, 0, dot - 1), FALLBACK_MAX - EXTENSION_MAX);
	(void)str_addc(out, '.');
	add_fallback(out, view_from(filename, dot), EXTENSION_MAX - 1);
	return str_ok(out) ? 0 : -1;
}
