#include "fetch/utf7.h"
#include "base/utf8.h"

enum { SURROGATES = 0x10000, HIGH = 0xD800, LOW = 0xDC00, TEN = 0x3FF };

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool direct(uint32_t cp)
{
	return cp >= 0x20 && cp < 0x7F;
}

struct bits { /* that were not written, or read, yet */
	uint32_t value;
	unsigned count;
};

static void put_unit(struct str *out, struct bits *b, uint32_t unit)
{
	b->value = b->value << 16 | unit;
	b->count += 16;
	while (b->count >= 6) {
		b->count -= 6;
		(void)str_addc(out, digits[b->value >> b->count & 0x3F]);
	}
	b->value &= (1u << b->count) - 1;
}

static void put_encoded(struct str *out, struct bits *b, uint32_t cp)
{
	if (cp >= SURROGATES) {
		cp -= SURROGATES;
		put_unit(out, b, HIGH | cp >> 10);
		cp = LOW | (cp & TEN);
	}
	put_unit(out, b, cp);
}

static void end_encoded(struct str *out, struct bits *b)
{
	if (b->count > 0)
		(void)str_addc(out, digits[b->value << (6 - b->count) & 0x3F]);
	(void)str_addc(out, '-');
	*b = (struct bits){0};
}

int utf7_encode(struct str *out, struct view name)
{
	struct bits b = {0};
	bool encoded = false;
	uint32_t cp;
	int got;

	while ((got = utf8_next(&name, &cp)) > 0) {
		if (utf8_is_control(cp))
			return -1;
		if (direct(cp) && encoded)
			end_encoded(out, &b);
		else if (!direct(cp) && !encoded)
			(void)str_addc(out, '&');
		encoded = !direct(cp);
		if (encoded)
			put_encoded(out, &b, cp);
		else if (cp == '&')
			(void)str_addz(out, "&-");
		else
			(void)str_addc(out, (char)cp);
	}
	if (encoded)
		end_encoded(out, &b);
	return got == 0 && str_ok(out) ? 0 : -1;
}

static int digit_of(char c)
{
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

static bool put_utf8(struct str *out, uint32_t cp)
{
	char text[4];

	if ((cp >= HIGH && cp <= (LOW | TEN)) || direct(cp) || utf8_is_control(cp))
		return false; /* half of a pair, or what must not be written so */
	return str_add(out, text, utf8_put(cp, text)) == 0;
}

/* What stands between & and -, which is not empty. */
static bool decode_run(struct str *out, struct view run)
{
	struct bits b = {0};
	uint32_t high = 0;

	for (size_t i = 0; i < run.len; i++) {
		int digit = digit_of(run.p[i]);
		uint32_t unit;

		if (digit < 0)
			return false;
		b.value = (b.value << 6 | (uint32_t)digit) & 0x3FFFFF;
		b.count += 6;
		if (b.count < 16)
			continue;
		b.count -= 16;
		unit = b.value >> b.count & 0xFFFF;
		if (high != 0 && (unit < LOW || unit > (LOW | TEN)))
			return false;
		if (high != 0)
			unit = SURROGATES + ((high & TEN) << 10 | (unit & TEN));
		high = 0;
		if (unit >= HIGH && unit < LOW)
			high = unit;
		else if (!put_utf8(out, unit))
			return false;
	}
	return high == 0 && b.count < 6 && (b.value & ((1u << b.count) - 1)) == 0;
}

static bool decode_all(struct str *out, struct view name)
{
	while (name.len > 0) {
		char c = view_take(&name, 1).p[0];
		ptrdiff_t end;

		if (!direct((unsigned char)c))
			return false;
		if (c != '&') {
			(void)str_addc(out, c);
			continue;
		}
		end = view_chr(name, '-');
		if (end < 0)
			return false;
		if (end == 0)
			(void)str_addc(out, '&');
		else if (!decode_run(out, view_sub(name, 0, (size_t)end)))
			return false;
		name = view_from(name, (size_t)end + 1);
	}
	return true;
}

int utf7_decode(struct str *out, struct view name)
{
	size_t before = out->len;

	if (!decode_all(out, name)) {
		str_cut(out, before);
		(void)utf8_clean(out, name);
	}
	return str_ok(out) ? 0 : -1;
}
