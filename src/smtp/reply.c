#include "smtp/reply.h"
#include <string.h>
#include "base/utf8.h"

enum { CODE_DIGITS = 3, STATUS_DIGITS = 3 };

void smtp_reply_init(struct smtp_reply_parser *p)
{
	memset(p, 0, sizeof *p);
	str_init(&p->line, SMTP_REPLY_LINE_MAX);
	str_init(&p->text, SMTP_REPLY_TEXT_MAX);
}

void smtp_reply_free(struct smtp_reply_parser *p)
{
	str_free(&p->line);
	str_free(&p->text);
}

static void reply_restart(struct smtp_reply_parser *p)
{
	str_clear(&p->line);
	str_clear(&p->text);
	p->reply = (struct smtp_reply){0};
	p->lines = 0;
	p->whole = false;
}

/* One to three digits off the head; false: none there. */
static bool status_number(struct view *in, unsigned short *out)
{
	size_t n = 0;
	unsigned value = 0;

	while (n < in->len && n < STATUS_DIGITS && ascii_is_digit(in->p[n]))
		value = value * 10 + (unsigned)(in->p[n++] - '0');
	*in = view_from(*in, n);
	*out = (unsigned short)value;
	return n > 0;
}

static bool status_dot(struct view *in)
{
	if (in->len == 0 || in->p[0] != '.')
		return false;
	*in = view_from(*in, 1);
	return true;
}

struct smtp_status smtp_status_take(struct view *text, int code)
{
	struct smtp_status st = {0};
	struct view in = *text;

	if (!status_number(&in, &st.klass) || !status_dot(&in) ||
		!status_number(&in, &st.subject) || !status_dot(&in) ||
		!status_number(&in, &st.detail) || st.klass != code / 100 ||
		(in.len > 0 && in.p[0] != ' '))
		return (struct smtp_status){0};
	*text = in.len > 0 ? view_from(in, 1) : in;
	return st;
}

/* The three digits, or 0. */
static int reply_code(struct view line)
{
	if (line.len < CODE_DIGITS || line.p[0] < '2' || line.p[0] > '5' ||
		!ascii_is_digit(line.p[1]) || !ascii_is_digit(line.p[2]))
		return 0;
	return (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
}

/* Servers repeat the enhanced status on every line: once is enough. */
static struct view reply_strip_status(struct smtp_reply_parser *p, struct view text)
{
	struct smtp_status st = smtp_status_take(&text, p->reply.code);

	if (p->lines == 1)
		p->reply.status = st;
	return text;
}

static void reply_keep_text(struct smtp_reply_parser *p, struct view text)
{
	enum { REPLACEMENT_OCTETS = 3 }; /* U+FFFD in place of one bad octet */

	text = view_trim(reply_strip_status(p, text));
	if (p->text.len + 1 + text.len * REPLACEMENT_OCTETS > p->text.max)
		return;
	if (p->lines > 1)
		(void)str_addc(&p->text, '\n');
	(void)utf8_clean(&p->text, text);
}

/* A whole line, without its end: 1 the last of its reply, 0 not, -1 nonsense. */
static int reply_line(struct smtp_reply_parser *p, struct view line)
{
	int code = reply_code(line);
	char after = line.len > CODE_DIGITS ? line.p[CODE_DIGITS] : ' ';

	if (code == 0 || (after != ' ' && after != '-') || p->lines == SMTP_REPLY_LINES_MAX)
		return -1;
	if (p->lines++ == 0)
		p->reply.code = code;
	else if (code != p->reply.code)
		return -1;
	reply_keep_text(p, view_from(line, CODE_DIGITS + 1));
	return after == ' ' ? 1 : 0;
}

static struct view line_without_end(struct view line)
{
	line.len--;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* A line with its LF off the head of *in; it is put together in p->line only where
 * it came in pieces. 1: *line is whole; 0: more must come; -1: too long. */
static int reply_take_line(struct smtp_reply_parser *p, struct view *in, struct view *line)
{
	ptrdiff_t lf = view_chr(*in, '\n');
	struct view piece = lf < 0 ? *in : view_sub(*in, 0, (size_t)lf + 1);

	if (p->line.len + piece.len > SMTP_REPLY_LINE_MAX)
		return -1;
	*in = view_from(*in, piece.len);
	*line = piece;
	if (lf >= 0 && p->line.len == 0)
		return 1;
	(void)str_addv(&p->line, piece);
	*line = str_view(&p->line);
	return lf >= 0;
}

int smtp_reply_read(struct smtp_reply_parser *p, struct view *in)
{
	if (p->whole)
		reply_restart(p);
	while (in->len > 0) {
		struct view line;
		int ret = reply_take_line(p, in, &line);

		if (ret <= 0)
			return ret;
		ret = reply_line(p, line_without_end(line));
		str_clear(&p->line);
		if (ret == 0)
			continue;
		p->whole = true;
		p->reply.text = str_view(&p->text);
		return ret;
	}
	return 0;
}
