#include "base/utf8.h"
#include "store/event_private.h"

static void member(struct str *out, const char *name)
{
	if (out->len > 0 && out->p[out->len - 1] != '{')
		(void)str_addc(out, ',');
	(void)str_addc(out, '"');
	(void)str_addz(out, name);
	(void)str_addz(out, "\":");
}

/* What is left of clean text that JSON must escape (RFC 8259 section 7). */
static void quote(struct str *out, struct view clean)
{
	size_t done = 0;

	(void)str_addc(out, '"');
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.p[i];

		if (c != '"' && c != '\\' && c != '\t' && c != '\n')
			continue;
		(void)str_add(out, clean.p + done, i - done);
		(void)str_addc(out, '\\');
		(void)str_addc(out, (char)(c == '\t' ? 't' : c == '\n' ? 'n' : c));
		done = i + 1;
	}
	(void)str_add(out, clean.p + done, clean.len - done);
	(void)str_addc(out, '"');
}

void store_json_text(struct str *out, const char *name, struct view text)
{
	struct str clean;

	if (text.len == 0)
		return;
	member(out, name);
	if (utf8_printable(text) == text.len) {
		quote(out, text);
		return;
	}
	str_init(&clean, text.len * 3); /* a bad byte becomes the 3 of U+FFFD */
	(void)utf8_clean(&clean, text);
	quote(out, str_view(&clean));
	str_free(&clean);
}

/* printf costs more than all the rest of an event. */
static void number(struct str *out, int64_t n)
{
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		(void)str_addc(out, '-');
	(void)str_add(out, digits + at, sizeof digits - at);
}

void store_json_int(struct str *out, const char *name, int64_t n)
{
	if (n == 0)
		return;
	member(out, name);
	number(out, n);
}

void store_json_ids(struct str *out, const char *name, const int64_t *ids, size_t n)
{
	member(out, name);
	(void)str_addc(out, '[');
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && ids[end] == ids[end - 1] + 1; end++)
			;
		if (i > 0)
			(void)str_addc(out, ',');
		if (end - i == 1) {
			number(out, ids[i]);
			continue;
		}
		(void)str_addc(out, '[');
		number(out, ids[i]);
		(void)str_addc(out, ',');
		number(out, ids[end - 1]);
		(void)str_addc(out, ']');
	}
	(void)str_addc(out, ']');
}
