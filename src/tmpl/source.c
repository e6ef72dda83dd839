#include "tmpl/tmpl_private.h"
#include <stdio.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

enum { SHOWN_MAX = 60 };
#define BOM "\xEF\xBB\xBF"

struct view tmpl_source_shown(struct view v)
{
	return view_sub(v, 0, v.len <= SHOWN_MAX ? v.len : utf8_floor(v, SHOWN_MAX));
}

static int fail_at(const struct source *s, unsigned line, unsigned column, struct fail *f,
	const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));
static int fail_at(const struct source *s, unsigned line, unsigned column, struct fail *f,
	const char *fmt, va_list ap)
{
	char text[FAIL_TEXT_MAX];

	(void)vsnprintf(text, sizeof text, fmt, ap);
	if (line == 0)
		return fail_set(f, FAIL_DATA, _("template %s: %s"), s->name, text);
	return fail_set(f, FAIL_DATA, _("template %s:%u:%u: %s"), s->name, line, column, text);
}

int tmpl_source_fail_at(const struct source *s, unsigned line, unsigned column, struct fail *f,
	const char *fmt, ...)
{
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = fail_at(s, line, column, f, fmt, ap);
	va_end(ap);
	return ret;
}

int tmpl_source_fail(struct source *s, const char *p, struct fail *f, const char *fmt, ...)
{
	unsigned line, column;
	va_list ap;
	int ret;

	if (p < s->text.p || p > s->text.p + s->text.len)
		line = column = 0; /* in what we wrote ourselves */
	else
		tmpl_source_position(s, p, &line, &column);
	va_start(ap, fmt);
	ret = fail_at(s, line, column, f, fmt, ap);
	va_end(ap);
	return ret;
}

static void rewind_cursor(struct source *s)
{
	s->at = s->text.p;
	s->line = s->column = 1;
}

void tmpl_source_position(struct source *s, const char *p, unsigned *line, unsigned *column)
{
	if (p < s->at)
		rewind_cursor(s);
	for (; s->at < p; s->at++) {
		unsigned char c = (unsigned char)*s->at;

		if (c == '\n') {
			s->line++;
			s->column = 0;
		}
		if ((c & 0xC0) != 0x80) /* a character's first byte counts, the rest does not */
			s->column++;
	}
	*line = s->line;
	*column = s->column;
}

/* LF for CRLF; a template written on Windows has them in every line. */
static struct view unix_lines(struct arena *a, struct view raw)
{
	char *copy = arena_alloc(a, raw.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < raw.len; i++) {
		if (raw.p[i] == '\r' && i + 1 < raw.len && raw.p[i + 1] == '\n')
			continue;
		copy[n++] = raw.p[i];
	}
	return view_make(copy, n);
}

static int check_characters(struct source *s, struct fail *f)
{
	struct view rest = s->text;

	while (rest.len > 0) {
		const char *at = rest.p;
		uint32_t cp;

		if (utf8_next(&rest, &cp) < 0)
			return tmpl_source_fail(s, at, f,
				_("this is not UTF-8; save the file with the encoding UTF-8"));
		if (utf8_is_control(cp) && cp != '\t' && cp != '\n')
			return tmpl_source_fail(s, at, f,
				_("the invisible control character U+%04X stands here; delete it"),
				(unsigned)cp);
	}
	return 0;
}

int tmpl_source_read(
	struct source *s, struct arena *a, struct view raw, const char *name, struct fail *f)
{
	*s = (struct source){.name = name};
	if (raw.len > TMPL_SOURCE_MAX)
		return tmpl_source_fail_at(s, 0, 0, f,
			_("the file has %zu bytes, a template may have %d; attach large things "
			  "instead of pasting them in"),
			raw.len, TMPL_SOURCE_MAX);
	if (view_starts(raw, VIEW(BOM)))
		raw = view_from(raw, sizeof BOM - 1);
	s->text = unix_lines(a, raw);
	rewind_cursor(s);
	return check_characters(s, f);
}
