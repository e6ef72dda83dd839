#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "mail/mail_private.h"

size_t spot_at(struct view whole, size_t offset)
{
	return utf8_count(view_sub(whole, 0, offset)) + 1;
}

static const char *ascii_name(char c)
{
	switch (c) {
	case ' ':
		return _("a space");
	case '\t':
		return _("a tab");
	case ',':
		return _("a comma");
	case ';':
		return _("a semicolon");
	case ':':
		return _("a colon");
	case '"':
		return _("a quotation mark");
	case '\\':
		return _("a backslash");
	case '@':
		return _("a second @");
	case '.':
		return _("a dot");
	case '<':
	case '>':
		return _("an angle bracket");
	case '(':
	case ')':
		return _("a parenthesis");
	case '[':
	case ']':
		return _("a square bracket");
	case '_':
		return _("an underscore");
	case '-':
		return _("a hyphen");
	default:
		return NULL;
	}
}

int spot_fail(struct view whole, size_t offset, struct fail *f)
{
	struct view rest = view_from(whole, offset);
	const char *name = ascii_name(rest.p[0]);
	size_t at = spot_at(whole, offset);
	struct view left = rest;
	uint32_t cp;

	if (name != NULL)
		return fail_set(
			f, FAIL_DATA, _("%s at character %zu, which cannot stand there"), name, at);
	if (utf8_next(&left, &cp) < 0)
		return fail_set(f, FAIL_DATA, _("text that is not UTF-8 at character %zu"), at);
	if (utf8_is_control(cp))
		return fail_set(f, FAIL_DATA, _("a control character (U+%04X) at character %zu"),
			(unsigned)cp, at);
	return fail_set(f, FAIL_DATA, _("\"%.*s\" at character %zu, which cannot stand there"),
		(int)(rest.len - left.len), rest.p, at);
}

/* Blanks and fillers that cannot be seen, or be told from a plain space. The
 * joiners U+200C and U+200D are not here: Persian and emoji need them. */
static bool is_invisible(uint32_t cp)
{
	return cp == 0x00A0 || cp == 0x00AD || cp == 0x1680 || cp == 0x180E ||
	       (cp >= 0x2000 && cp <= 0x200B) || cp == 0x202F || cp == 0x205F || cp == 0x2060 ||
	       cp == 0x3000 || cp == 0xFEFF;
}

/* The marks that only order neutral characters beside them; Arabic and Hebrew
 * names carry them. The overrides and isolates, which can make a line read as
 * what it is not, stay refused. */
static bool is_order_mark(uint32_t cp)
{
	return cp == 0x200E || cp == 0x200F || cp == 0x061C;
}

static int check_text(struct view whole, bool visible, struct fail *f)
{
	struct view rest = whole;
	uint32_t cp;

	for (;;) {
		size_t offset = whole.len - rest.len;
		int step = utf8_next(&rest, &cp);

		if (step == 0)
			return 0;
		if (step < 0)
			return spot_fail(whole, offset, f);
		if (utf8_is_control(cp) && (visible || !is_order_mark(cp)))
			return spot_fail(whole, offset, f);
		if (visible && is_invisible(cp))
			return fail_set(f, FAIL_DATA,
				_("an invisible character (U+%04X) at character %zu"), (unsigned)cp,
				spot_at(whole, offset));
	}
}

int spot_check_text(struct view whole, struct fail *f)
{
	return check_text(whole, false, f);
}

int spot_check_visible(struct view whole, struct fail *f)
{
	return check_text(whole, true, f);
}

/* One bit for each of the ASCII characters of atext: import asks for a hundred
 * million of them. */
bool mail_is_atext(char c)
{
	static const uint64_t bits[2] = {
		UINT64_C(0xA3FFACFA00000000), UINT64_C(0x7FFFFFFFC7FFFFFE)};
	unsigned char u = (unsigned char)c;

	return u < 128 && (bits[u >> 6] >> (u & 63) & 1) != 0;
}

bool mail_is_ascii(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((v.p[i] & 0x80) != 0)
			return false;
	return true;
}

void mail_add_lower(struct str *out, struct view text)
{
	char *room = str_room(out, text.len);

	if (room == NULL)
		return;
	for (size_t i = 0; i < text.len; i++)
		room[i] = ascii_lower(text.p[i]);
	str_added(out, text.len);
}

void mail_add_quoted(struct str *out, struct view text)
{
	(void)str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			(void)str_addc(out, '\\');
		(void)str_addc(out, text.p[i]);
	}
	(void)str_addc(out, '"');
}
