#include "smtp/wire.h"
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "mail/wire.h"

static bool wire_has_eightbit(struct view v)
{
	return utf8_ascii(v) < v.len;
}

/* A line with its LF: whether it is fit for the wire. */
static int wire_check_line(struct view line, size_t number, struct fail *f)
{
	if (line.len < 2 || line.p[line.len - 2] != '\r')
		return fail_set(
			f, FAIL_DATA, _("line %zu of the message ends in LF without CR"), number);
	line.len -= 2;
	if (view_chr(line, '\r') >= 0)
		return fail_set(f, FAIL_DATA, _("line %zu of the message holds a lone CR"), number);
	if (line.len > SMTP_WIRE_LINE_MAX)
		return fail_set(f, FAIL_DATA, _("line %zu of the message is longer than %d octets"),
			number, SMTP_WIRE_LINE_MAX);
	return 0;
}

static int wire_check_lines(struct view data, struct smtp_wire_facts *facts, struct fail *f)
{
	struct smtp_wire_facts found = {.eightbit = wire_has_eightbit(data)};
	size_t number = 0;

	if (view_chr(data, '\0') >= 0)
		return fail_set(f, FAIL_DATA, _("the message holds a NUL byte"));
	while (data.len > 0) {
		ptrdiff_t lf = view_chr(data, '\n');

		number++;
		if (lf < 0)
			return fail_set(f, FAIL_DATA,
				_("the last line of the message does not end in CRLF"));
		if (wire_check_line(view_sub(data, 0, (size_t)lf + 1), number, f) != 0)
			return -1;
		found.to_stuff += data.p[0] == '.';
		data = view_from(data, (size_t)lf + 1);
	}
	*facts = found;
	return 0;
}

int smtp_wire_check(struct view data, struct smtp_wire_facts *facts, struct fail *f)
{
	struct wire_look look;

	if (!wire_is_clean(data, &look) || look.dots)
		return wire_check_lines(data, facts, f);
	*facts = (struct smtp_wire_facts){.eightbit = look.eightbit};
	return 0;
}

/* --- into the buffer ----------------------------------------------------- */

void smtp_wire_start(struct smtp_wire *w, struct view data, size_t to_stuff)
{
	*w = (struct smtp_wire){.rest = data, .line_start = true, .plain = to_stuff == 0};
}

/* How much may be copied as it is: to the end of the line, or all of it. */
static size_t wire_span(const struct smtp_wire *w, size_t room)
{
	struct view v = view_sub(w->rest, 0, room);
	ptrdiff_t lf = w->plain ? -1 : view_chr(v, '\n');

	return lf < 0 ? v.len : (size_t)lf + 1;
}

size_t smtp_wire_copy(struct smtp_wire *w, char *out, size_t room)
{
	size_t n = 0;

	while (w->rest.len > 0 && n < room) {
		size_t span;

		if (w->line_start && !w->plain && w->rest.p[0] == '.') {
			if (room - n < 2)
				break;
			out[n++] = '.';
		}
		span = wire_span(w, room - n);
		memcpy(out + n, w->rest.p, span);
		n += span;
		w->line_start = w->rest.p[span - 1] == '\n';
		w->rest = view_from(w->rest, span);
	}
	return n;
}
