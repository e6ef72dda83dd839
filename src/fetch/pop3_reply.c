#include "fetch/pop3_reply.h"
#include "base/fail.h"
#include "base/i18n.h"

enum { UIDL_MAX = 255 }; /* RFC 1939 says 70, which not everybody keeps to */

int pop3_line_take(struct str *line, struct view *in, struct fail *f)
{
	ptrdiff_t lf = view_chr(*in, '\n');

	(void)str_addv(line, view_take(in, lf < 0 ? in->len : (size_t)lf));
	if (!str_ok(line))
		return fail_set(f, FAIL_TEMP,
			_("the server sent a line longer than any that makes sense: it may not be "
			  "a mail server, or it is out of order"));
	if (lf < 0)
		return 0;
	(void)view_take(in, 1);
	if (line->len > 0 && line->p[line->len - 1] == '\r')
		str_cut(line, line->len - 1);
	return 1;
}

static void put(struct pop3_text *t, struct str *out, struct view bytes)
{
	size_t room = out->max - out->len;

	t->cut = t->cut || bytes.len > room;
	(void)str_addv(out, view_sub(bytes, 0, room));
}

/* What stands in the middle of a line: up to a CR, or one byte behind it. */
static void take_inside(struct pop3_text *t, struct view *in, struct str *out)
{
	ptrdiff_t cr;

	if (t->at == POP3_CR) {
		struct view c = view_take(in, 1);

		t->at = c.p[0] == '\n' ? POP3_BEGIN : c.p[0] == '\r' ? POP3_CR : POP3_TEXT;
		put(t, out, c);
		return;
	}
	cr = view_chr(*in, '\r');
	put(t, out, view_take(in, cr < 0 ? in->len : (size_t)cr + 1));
	t->at = cr < 0 ? POP3_TEXT : POP3_CR;
}

int pop3_text_take(struct pop3_text *t, struct view *in, struct str *out)
{
	while (in->len > 0) {
		char c = in->p[0];

		switch (t->at) {
		case POP3_BEGIN:
			t->at = c == '.' ? POP3_DOT : POP3_TEXT;
			if (c == '.')
				(void)view_take(in, 1);
			break;
		case POP3_DOT:
			t->at = c == '\r' ? POP3_DOT_CR : POP3_TEXT;
			if (c == '\r')
				(void)view_take(in, 1);
			break;
		case POP3_DOT_CR:
			if (c == '\n') {
				(void)view_take(in, 1);
				*t = (struct pop3_text){.cut = t->cut};
				return 1;
			}
			put(t, out, VIEW("\r"));
			t->at = POP3_CR;
			break;
		default:
			take_inside(t, in, out);
			break;
		}
	}
	return 0;
}

bool pop3_uidl(struct view line, uint32_t *number, struct view *id)
{
	struct view word;
	uint64_t n;

	if (!view_split(&line, ' ', &word) || !view_u64(word, UINT32_MAX, &n) || n == 0)
		return false;
	*id = view_trim(line);
	for (size_t i = 0; i < id->len; i++)
		if (id->p[i] <= ' ' || id->p[i] > '~')
			return false;
	*number = (uint32_t)n;
	return id->len > 0 && id->len <= UIDL_MAX;
}
