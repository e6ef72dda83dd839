#include "base/utf8.h"
#include <uniwidth.h>

enum { UTF8_REPLACEMENT = 0xFFFD, UTF8_LONGEST = 4 };

int utf8_next(struct view *in, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)in->p;
	uint32_t c;
	size_t len;

	if (in->len == 0)
		return 0;
	if (p[0] < 0x80) {
		len = 1;
		c = p[0];
	} else if ((p[0] & 0xE0) == 0xC0) {
		len = 2;
		c = p[0] & 0x1F;
	} else if ((p[0] & 0xF0) == 0xE0) {
		len = 3;
		c = p[0] & 0x0F;
	} else if ((p[0] & 0xF8) == 0xF0) {
		len = 4;
		c = p[0] & 0x07;
	} else {
		return -1;
	}
	if (len > in->len)
		return -1;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return -1;
		c = c << 6 | (p[i] & 0x3F);
	}
	if (c < least[len] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return -1;
	*cp = c;
	*in = view_from(*in, len);
	return 1;
}

static uint64_t eight(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

size_t utf8_ascii(struct view v)
{
	size_t i = 0;

	while (v.len - i >= sizeof(uint64_t) && (eight(v.p + i) & EVERY_BYTE(0x80)) == 0)
		i += sizeof(uint64_t);
	while (i < v.len && (unsigned char)v.p[i] < 0x80)
		i++;
	return i;
}

/* A byte below 0x20 borrows from its top bit, and 0x7F plus one reaches it. */
static bool all_printable(uint64_t word)
{
	uint64_t low = word - EVERY_BYTE(0x20), del = word + EVERY_BYTE(0x01);

	return ((word | low | del) & EVERY_BYTE(0x80)) == 0;
}

size_t utf8_printable(struct view v)
{
	size_t i = 0;

	while (v.len - i >= sizeof(uint64_t) && all_printable(eight(v.p + i)))
		i += sizeof(uint64_t);
	while (i < v.len && v.p[i] >= ' ' && v.p[i] < 0x7F)
		i++;
	return i;
}

bool utf8_valid(struct view v, size_t *bad_at)
{
	struct view rest = v;
	uint32_t cp;
	int step;

	do {
		rest = view_from(rest, utf8_ascii(rest));
		step = utf8_next(&rest, &cp);
	} while (step > 0);
	if (step < 0 && bad_at != NULL)
		*bad_at = v.len - rest.len;
	return step == 0;
}

size_t utf8_put(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

/* One character, or one byte as U+FFFD. */
static bool next_or_replacement(struct view *in, uint32_t *cp)
{
	int step = utf8_next(in, cp);

	if (step < 0) {
		*cp = UTF8_REPLACEMENT;
		*in = view_from(*in, 1);
	}
	return step != 0;
}

size_t utf8_count(struct view v)
{
	size_t n = 0;
	uint32_t cp;

	while (next_or_replacement(&v, &cp))
		n++;
	return n;
}

size_t utf8_floor(struct view v, size_t at)
{
	if (at >= v.len)
		return v.len;
	for (size_t back = 1; back < UTF8_LONGEST && back <= at; back++) {
		struct view rest = view_from(v, at - back);
		uint32_t cp;

		if (utf8_next(&rest, &cp) > 0)
			return v.len - rest.len > at ? at - back : at;
	}
	return at;
}

size_t utf8_width(struct view v)
{
	size_t width = 0;
	uint32_t cp;

	while (next_or_replacement(&v, &cp)) {
		int w = uc_width(cp, "UTF-8");

		width += w > 0 ? (size_t)w : 0;
	}
	return width;
}

bool utf8_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x200E || cp == 0x200F || cp == 0x061C || (cp >= 0x202A && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

int utf8_clean(struct str *out, struct view v)
{
	uint32_t cp;

	for (;;) {
		size_t plain = utf8_printable(v);
		char bytes[4];

		if (plain > 0 && str_add(out, v.p, plain) < 0)
			return -1;
		v = view_from(v, plain);
		if (!next_or_replacement(&v, &cp))
			break;
		if (utf8_is_control(cp) && cp != '\t' && cp != '\n')
			cp = UTF8_REPLACEMENT;
		if (str_add(out, bytes, utf8_put(cp, bytes)) < 0)
			return -1;
	}
	return 0;
}
