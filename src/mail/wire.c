#include "mail/wire.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

static int refuse(struct fail *f, const char *what, size_t at)
{
	return fail_set(f, FAIL_BUG,
		_("the composed message is not fit to send (%s at byte %zu); "
		  "nothing was sent"),
		what, at);
}

/* A line and its CRLF. */
static int check_line(struct view m, size_t at, size_t len, struct fail *f)
{
	ptrdiff_t cr = view_chr(view_sub(m, at, len - 1), '\r');

	if (cr >= 0 && (size_t)cr != len - 2)
		return refuse(f, _("a CR without LF"), at + (size_t)cr);
	if (cr < 0)
		return refuse(f, _("an LF without CR"), at + len - 1);
	if (len - 2 > WIRE_LINE_MAX)
		return refuse(f, _("a line longer than 998 bytes"), at);
	return 0;
}

/* memchr looks at many bytes at once: this is run over every message. */
int wire_check(struct view m, unsigned flags, struct fail *f)
{
	size_t at = 0, ascii = flags & WIRE_8BIT ? m.len : utf8_ascii(m);
	ptrdiff_t nul = view_chr(m, '\0'), end;

	if (nul >= 0)
		return refuse(f, _("a NUL byte"), (size_t)nul);
	if (ascii < m.len)
		return refuse(f, _("a byte past 127"), ascii);
	for (; (end = view_chr(view_from(m, at), '\n')) >= 0; at += (size_t)end + 1)
		if (check_line(m, at, (size_t)end + 1, f) < 0)
			return -1;
	if (at < m.len && m.p[m.len - 1] == '\r')
		return refuse(f, _("a CR without LF"), m.len - 1);
	return at == m.len && m.len > 0 ? 0 : refuse(f, _("no line end"), m.len);
}
