#include "tmpl/tmpl_private.h"
#include "base/utf8.h"

enum { ENTITY_NAME_MAX = 8, LATIN1_FIRST = 160 };

/* HTML 4's names for U+00A0 to U+00FF, in that order. */
static const char *const latin1[] = {"nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar",
	"sect", "uml", "copy", "ordf", "laquo", "not", "shy", "reg", "macr", "deg", "plusmn",
	"sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm", "raquo",
	"frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml",
	"Aring", "AElig", "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute",
	"Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times",
	"Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave",
	"aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave", "eacute",
	"ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute",
	"ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml",
	"yacute", "thorn", "yuml"};

static const struct named {
	const char *name;
	uint32_t cp;
} others[] = {
	{"amp", '&'},
	{"lt", '<'},
	{"gt", '>'},
	{"quot", '"'},
	{"apos", '\''},
	{"colon", ':'},
	{"sol", '/'},
	{"Tab", '\t'},
	{"NewLine", '\n'},
	{"OElig", 0x152},
	{"oelig", 0x153},
	{"Yuml", 0x178},
	{"ensp", 0x2002},
	{"emsp", 0x2003},
	{"thinsp", 0x2009},
	{"zwnj", 0x200C},
	{"ndash", 0x2013},
	{"mdash", 0x2014},
	{"lsquo", 0x2018},
	{"rsquo", 0x2019},
	{"sbquo", 0x201A},
	{"ldquo", 0x201C},
	{"rdquo", 0x201D},
	{"bdquo", 0x201E},
	{"dagger", 0x2020},
	{"bull", 0x2022},
	{"hellip", 0x2026},
	{"permil", 0x2030},
	{"prime", 0x2032},
	{"lsaquo", 0x2039},
	{"rsaquo", 0x203A},
	{"euro", 0x20AC},
	{"trade", 0x2122},
	{"larr", 0x2190},
	{"uarr", 0x2191},
	{"rarr", 0x2192},
	{"darr", 0x2193},
	{"minus", 0x2212},
	{"ne", 0x2260},
	{"le", 0x2264},
	{"ge", 0x2265},
	{"hearts", 0x2665},
};

static bool is_name_of(struct view v, uint32_t *cp)
{
	for (uint32_t i = 0; i < sizeof latin1 / sizeof *latin1; i++)
		if (view_is(v, latin1[i])) {
			*cp = LATIN1_FIRST + i;
			return true;
		}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (view_is(v, others[i].name)) {
			*cp = others[i].cp;
			return true;
		}
	return false;
}

/* v stands behind "&#". Returns the digits' length, 0 when there are none. */
static size_t read_number(struct view v, uint32_t *cp)
{
	bool hex = v.len > 0 && ascii_lower(v.p[0]) == 'x';
	uint32_t base = hex ? 16 : 10, n = 0;
	size_t i = hex ? 1 : 0, first = i;

	for (; i < v.len; i++) {
		int digit = ascii_hex(v.p[i]);

		if (digit < 0 || (!hex && digit > 9))
			break;
		if (n <= 0x10FFFF)
			n = n * base + (uint32_t)digit;
	}
	if (i == first)
		return 0;
	*cp = n == 0 || n > 0x10FFFF || (n >= 0xD800 && n <= 0xDFFF) ? 0xFFFD : n;
	return i;
}

/* v begins with "&". Returns the length of the reference, 0 when it is none. */
static size_t read_reference(struct view v, uint32_t *cp)
{
	size_t n = 1;

	if (v.len > 1 && v.p[1] == '#') {
		n = read_number(view_from(v, 2), cp);
		if (n == 0)
			return 0;
		n += 2;
		return n + (n < v.len && v.p[n] == ';' ? 1 : 0);
	}
	while (n < v.len && n <= ENTITY_NAME_MAX && ascii_is_alnum(v.p[n]))
		n++;
	if (n >= v.len || v.p[n] != ';' || !is_name_of(view_sub(v, 1, n - 1), cp))
		return 0;
	return n + 1;
}

int tmpl_entity_decode(struct str *out, struct view in)
{
	while (in.len > 0) {
		ptrdiff_t at = view_chr(in, '&');
		char bytes[4];
		uint32_t cp = 0;
		size_t n;

		(void)str_addv(out, at < 0 ? in : view_sub(in, 0, (size_t)at));
		if (at < 0)
			break;
		in = view_from(in, (size_t)at);
		n = read_reference(in, &cp);
		if (n == 0) {
			(void)str_addc(out, '&');
			n = 1;
		} else if (!utf8_is_control(cp) || cp == '\t' || cp == '\n') {
			(void)str_add(out, bytes, utf8_put(cp, bytes));
		}
		in = view_from(in, n);
	}
	return str_ok(out) ? 0 : -1;
}
