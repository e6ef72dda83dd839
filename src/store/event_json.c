#include <inttypes.h>
#include "base/utf8.h"
#include "store/event_private.h"

static void member(struct str *out, const char *name)
{
	if (out->len > 0 && out->p[out->len - 1] != '{')
		(void)str_addc(out, ',');
	(void)str_addf(out, "\"%s\":", name);
}

/* What is left of clean text that JSON must escape (RFC 8259 section 7). */
static void quote(struct str *out, struct view clean)
{
	(void)str_addc(out, '"');
	for (size_t i = 0; i < clean.len; i++) {
		char c = clean.p[i];

		if (c == '"' || c == '\\')
			(void)str_addc(out, '\\');
		if (c == '\t' || c == '\n')
			(void)str_addz(out, c == '\t' ? "\\t" : "\\n");
		else
			(void)str_addc(out, c);
	}
	(void)str_addc(out, '"');
}

void store_json_text(struct str *out, const char *name, struct view text)
{
	struct str clean;

	if (text.len == 0)
		return;
	str_init(&clean, text.len * 3); /* a bad byte becomes the 3 of U+FFFD */
	(void)utf8_clean(&clean, text);
	member(out, name);
	quote(out, str_view(&clean));
	str_free(&clean);
}

void store_json_int(struct str *out, const char *name, int64_t n)
{
	if (n == 0)
		return;
	member(out, name);
	(void)str_addf(out, "%" PRId64, n);
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
		if (end - i > 1)
			(void)str_addf(out, "[%" PRId64 ",%" PRId64 "]", ids[i], ids[end - 1]);
		else
			(void)str_addf(out, "%" PRId64, ids[i]);
	}
	(void)str_addc(out, ']');
}
