#ifndef TEST_RFC2047_H
#define TEST_RFC2047_H
#include <string.h>
#include "base/str.h"
#include "base/utf8.h"

/* rfc2047 - a reader of header values written for the tests alone, from the
 * RFC and not from src/: C strings, and Base64 bit by bit. It is strict: an
 * encoded word longer than 75 or with half a character in it is not read. */

static inline void rfc2047_q(struct str *out, const char *p, const char *end)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; p < end; p++) {
		const char *high, *low;

		if (*p == '=' && end - p > 2 && (high = strchr(digits, p[1])) != NULL &&
			(low = strchr(digits, p[2])) != NULL) {
			(void)str_addc(out, (char)((high - digits) * 16 + (low - digits)));
			p += 2;
		} else {
			(void)str_addc(out, *p == '_' ? ' ' : *p);
		}
	}
}

static inline void rfc2047_b(struct str *out, const char *p, const char *end)
{
	static const char set[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;

	for (; p < end && *p != '='; p++) {
		bits = (bits << 6 | (unsigned)(strchr(set, *p) - set)) & 0xFFFF;
		have += 6;
		if (have >= 8) {
			have -= 8;
			(void)str_addc(out, (char)(bits >> have));
		}
	}
}

/* The encoded word at p: where it ends, with its text added; NULL when there is none. */
static inline const char *rfc2047_word(struct str *out, const char *p)
{
	const char *text = p + 10, *end;
	struct str word;

	if (strncmp(p, "=?UTF-8?Q?", 10) != 0 && strncmp(p, "=?UTF-8?B?", 10) != 0)
		return NULL;
	end = strstr(text, "?=");
	if (end == NULL || end + 2 - p > 75 || (end[2] != '\0' && end[2] != ' '))
		return NULL;
	str_init(&word, 128);
	if (p[8] == 'Q')
		rfc2047_q(&word, text, end);
	else
		rfc2047_b(&word, text, end);
	if (!utf8_valid(str_view(&word), NULL))
		end = NULL;
	else
		(void)str_addv(out, str_view(&word));
	str_free(&word);
	return end == NULL ? NULL : end + 2;
}

/* The value after "Name:", folded as it is on the wire. */
static inline void rfc2047_read(struct str *out, const char *value)
{
	struct str flat;
	const char *p, *next;

	str_init(&flat, 1 << 20);
	for (; *value != '\0'; value++)
		if (*value != '\r' && *value != '\n')
			(void)str_addc(&flat, *value);
	p = flat.p;
	while (*p == ' ')
		p++;
	while (*p != '\0') {
		next = rfc2047_word(out, p);
		if (next == NULL) {
			(void)str_addc(out, *p++);
			continue;
		}
		p = next;
		while (*p == ' ' && strncmp(p + strspn(p, " "), "=?UTF-8?", 8) == 0)
			p++;
	}
	str_free(&flat);
}

/* The same for a phrase: one quoted string, or words. */
static inline void rfc2047_read_phrase(struct str *out, const char *value)
{
	while (*value == ' ')
		value++;
	if (*value != '"') {
		rfc2047_read(out, value);
		return;
	}
	for (value++; *value != '\0' && *value != '"'; value++) {
		if (*value == '\\')
			value++;
		(void)str_addc(out, *value);
	}
}
#endif
