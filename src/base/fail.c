#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* What the analyser sees instead is for callers. */
#undef fail_set
#undef fail_wrap

/* Cut text that did not fit back to whole characters, and say so. */
static void mark_cut(char *text, size_t size)
{
	static const char more[] = "...";
	size_t len = utf8_floor(view_make(text, size - 1), size - sizeof more);

	memcpy(text + len, more, sizeof more);
}

/* A text may quote a file or a server: whatever it holds, the whole is one line
 * of UTF-8, so that nothing in it looks like a second message. */
static void tidy(char *text)
{
	struct view rest = view_of(text);
	uint32_t cp;

	while (rest.len > 0) {
		char *at = text + (rest.p - text);

		if (utf8_next(&rest, &cp) < 0) {
			*at = '?';
			rest = view_from(rest, 1);
		} else if (cp < 0x20 || cp == 0x7F) {
			*at = ' ';
		}
	}
}

int fail_set(struct fail *f, enum fail_kind kind, const char *fmt, ...)
{
	va_list ap;
	int len;

	f->kind = kind;
	va_start(ap, fmt);
	len = vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof f->text)
		mark_cut(f->text, sizeof f->text);
	tidy(f->text);
	return -1;
}

int fail_wrap(struct fail *f, const char *fmt, ...)
{
	char inner[FAIL_TEXT_MAX], where[FAIL_TEXT_MAX];
	va_list ap;
	int len;

	memcpy(inner, f->text, sizeof inner);
	va_start(ap, fmt);
	(void)vsnprintf(where, sizeof where, fmt, ap);
	va_end(ap);
	/* TRANSLATORS: where something happened, and what. */
	len = snprintf(f->text, sizeof f->text, _("%s: %s"), where, inner);
	if (len >= (int)sizeof f->text)
		mark_cut(f->text, sizeof f->text);
	tidy(f->text);
	return -1;
}

int fail_exit_code(enum fail_kind kind)
{
	static const int codes[] = {
		[FAIL_NONE] = 0,
		[FAIL_USAGE] = 64,
		[FAIL_DATA] = 65,
		[FAIL_NOINPUT] = 66,
		[FAIL_PERM] = 69,
		[FAIL_BUG] = 70,
		[FAIL_CREATE] = 73,
		[FAIL_STORE] = 74,
		[FAIL_TEMP] = 75,
		[FAIL_GUARD] = 77,
		[FAIL_CONF] = 78,
	};

	return codes[kind];
}
