#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_encode(struct str *out, struct view in, size_t line)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t column = 0;

	for (size_t i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t n = (uint32_t)p[i] << 16;
		char four[4];

		if (left > 1)
			n |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			n |= p[i + 2];
		four[0] = alphabet[n >> 18];
		four[1] = alphabet[n >> 12 & 63];
		four[2] = left > 1 ? alphabet[n >> 6 & 63] : '=';
		four[3] = left > 2 ? alphabet[n & 63] : '=';
		(void)str_add(out, four, sizeof four);
		column += sizeof four;
		if (line > 0 && (column == line || left <= 3)) {
			(void)str_add(out, "\r\n", 2);
			column = 0;
		}
	}
	return str_ok(out) ? 0 : -1;
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int base64_decode(struct str *out, struct view in)
{
	uint32_t bits = 0;
	int held = 0, pads = 0;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i];
		int value = value_of(c);

		if (ascii_is_space(c))
			continue;
		if (c == '=') {
			if (held < 2 || ++pads + held > 4)
				return -1;
			continue;
		}
		if (value < 0 || pads > 0)
			return -1;
		bits = bits << 6 | (uint32_t)value;
		if (++held == 4) {
			char three[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};

			if (str_add(out, three, sizeof three) < 0)
				return -1;
			held = 0;
			bits = 0;
		}
	}
	if (held == 0)
		return pads == 0 ? 0 : -1;
	if (held + pads != 4)
		return -1;
	bits <<= 6 * pads;
	return str_add(out, (char[]){(char)(bits >> 16), (char)(bits >> 8)}, (size_t)(held - 1));
}
