#include "base/qp.h"
#include "base/utf8.h"

enum { QP_LINE = 76 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t encode_byte(char c, char out[3])
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;

	out[0] = '=';
	out[1] = hex[u >> 4];
	out[2] = hex[u & 15];
	return 3;
}

/* How many bytes the character at the start of v has; 1 where it is invalid. */
static size_t char_len(struct view v)
{
	struct view rest = v;
	uint32_t cp;

	return utf8_next(&rest, &cp) > 0 ? v.len - rest.len : 1;
}

/* How many characters at the start of v stand for themselves wherever they are:
 * printable, no "=", and not the last of their line. Most text is nothing else. */
static size_t plain_run(struct view v, size_t most)
{
	struct view run = view_sub(v, 0, v.len - 1 < most ? v.len - 1 : most);
	ptrdiff_t equals;

	run.len = utf8_printable(run);
	equals = view_chr(run, '=');
	return equals < 0 ? run.len : (size_t)equals;
}

/* "From " at the front of a line is what mbox files are cut at. */
static bool is_from(struct view v)
{
	return view_starts(v, VIEW("From "));
}

/* One character, with a soft break before it where the line is full. */
static size_t encode_char(struct str *out, struct view rest, bool first, size_t *column)
{
	char coded[12];
	size_t len = 0, n;
	char c = rest.p[0];
	bool last = rest.len == 1;
	bool plain = (c >= 33 && c <= 126 && c != '=') || (is_blank(c) && !last);

	if (first && (is_from(rest) || (c == '.' && last)))
		plain = false;
	n = plain ? 1 : char_len(rest);
	if (plain)
		coded[len++] = c;
	else
		for (size_t k = 0; k < n; k++)
			len += encode_byte(rest.p[k], coded + len);
	/* The last character may fill the line; any other leaves room for "=". */
	if (*column + len > (n == rest.len ? QP_LINE : QP_LINE - 1)) {
		(void)str_add(out, "=\r\n", 3);
		*column = 0;
		/* A dot or "From " that a soft break brought to the front. */
		if (plain && ((c == '.' && last) || is_from(rest)))
			len = encode_byte(c, coded);
	}
	(void)str_add(out, coded, len);
	*column += len;
	return n;
}

/* One line without its end. */
static void encode_line(struct str *out, struct view line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.len;) {
		struct view rest = view_from(line, i);
		size_t run = i == 0 && is_from(rest) ? 0 : plain_run(rest, QP_LINE - 1 - column);

		if (run > 0) {
			(void)str_add(out, rest.p, run);
			column += run;
			i += run;
		} else {
			i += encode_char(out, rest, i == 0, &column);
		}
	}
}

int qp_encode(struct str *out, struct view in)
{
	while (in.len > 0 && str_ok(out)) {
		ptrdiff_t at = view_chr(in, '\n');
		struct view line = at < 0 ? in : view_sub(in, 0, (size_t)at);

		if (at > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		encode_line(out, line);
		if (at < 0)
			break;
		(void)str_add(out, "\r\n", 2);
		in = view_from(in, (size_t)at + 1);
	}
	return str_ok(out) ? 0 : -1;
}

static size_t blanks(struct view v)
{
	size_t n = 0;

	while (n < v.len && is_blank(v.p[n]))
		n++;
	return n;
}

/* Bytes of the line end at the start of v, LF or CRLF; 0 where there is none. */
static size_t line_end(struct view v)
{
	if (view_starts(v, VIEW("\r\n")))
		return 2;
	return view_starts(v, VIEW("\n")) ? 1 : 0;
}

/* What the "=" at the start of `in` means. Returns how many bytes that took. */
static size_t decode_escape(struct str *out, struct view in)
{
	size_t soft = 1 + blanks(view_from(in, 1)), end = line_end(view_from(in, soft));

	if (in.len >= 3 && ascii_hex(in.p[1]) >= 0 && ascii_hex(in.p[2]) >= 0) {
		(void)str_addc(out, (char)(ascii_hex(in.p[1]) << 4 | ascii_hex(in.p[2])));
		return 3;
	}
	if (end > 0)
		return soft + end;
	(void)str_addc(out, '=');
	return 1;
}

/* Text without escapes; blanks at the end of a line (or of all) are
 * left out, for a relay added those (rule 3). */
static void decode_plain(struct str *out, struct view text, bool ends_line)
{
	size_t ending = 0, len;

	if (ends_line && view_ends(text, VIEW("\n")))
		ending = view_ends(text, VIEW("\r\n")) ? 2 : 1;
	len = text.len - ending;
	while (ends_line && len > 0 && is_blank(text.p[len - 1]))
		len--;
	(void)str_add(out, text.p, len);
	(void)str_addv(out, view_from(text, text.len - ending));
}

int qp_decode(struct str *out, struct view in)
{
	ptrdiff_t escape = view_chr(in, '=');

	while (in.len > 0 && str_ok(out)) {
		ptrdiff_t end = view_chr(escape < 0 ? in : view_sub(in, 0, (size_t)escape), '\n');
		size_t n;

		if (escape == 0) {
			n = decode_escape(out, in);
		} else {
			n = end >= 0 ? (size_t)end + 1 : escape > 0 ? (size_t)escape : in.len;
			decode_plain(out, view_sub(in, 0, n), end >= 0 || escape < 0);
		}
		in = view_from(in, n);
		escape = escape >= (ptrdiff_t)n && escape > 0 ? escape - (ptrdiff_t)n
			 : escape < 0			      ? -1
							      : view_chr(in, '=');
	}
	return str_ok(out) ? 0 : -1;
}
