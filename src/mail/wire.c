#include "mail/wire.h"
#include "base/fail.h"
#include "base/i18n.h"

static int refuse(struct fail *f, const char *what, size_t at)
{
	return fail_set(f, FAIL_BUG,
		_("the composed message is not fit to send (%s at byte %zu); "
		  "nothing was sent"),
		what, at);
}

int wire_check(struct view m, unsigned flags, struct fail *f)
{
	size_t line = 0;

	for (size_t i = 0; i < m.len; i++) {
		char c = m.p[i];

		if (c == '\r') {
			if (i + 1 == m.len || m.p[i + 1] != '\n')
				return refuse(f, _("a CR without LF"), i);
			if (i - line > WIRE_LINE_MAX)
				return refuse(f, _("a line longer than 998 bytes"), line);
			line = ++i + 1;
			continue;
		}
		if (c == '\n')
			return refuse(f, _("an LF without CR"), i);
		if (c == '\0')
			return refuse(f, _("a NUL byte"), i);
		if ((c & 0x80) != 0 && !(flags & WIRE_8BIT))
			return refuse(f, _("a byte past 127"), i);
	}
	return line == m.len && m.len > 0 ? 0 : refuse(f, _("no line end"), m.len);
}
