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

/* One line without its end. */
static void encode_line(struct str *out, struct view line)
{
	size_t column = 0, n;

	for (size_t i = 0; i < line.len; i += n) {
		struct view rest = view_from(line, i);
		char coded[12];
		size_t len = 0;
		char c = rest.p[0];
		bool last = rest.len == 1;
		bool plain = (c >= 33 && c <= 126 && c != '=') || (is_blank(c) && !last);

		if (i == 0 && (view_starts(rest, VIEW("From ")) || (c == '.' && last)))
			plain = false;
		n = plain ? 1 : char_len(rest);
		if (plain)
			coded[len++] = c;
		else
			for (size_t k = 0; k < n; k++)
				len += encode_byte(rest.p[k], coded + len);
		/* The last character may fill the line; any other leaves room for "=". */
		if (column + len > (n == rest.len ? QP_LINE : QP_LINE - 1)) {
			(void)str_add(out, "=\r\n", 3);
			column = 0;
			/* A dot or "From " that a soft break brought to the front. */
			if (plain && ((c == '.' && last) || view_starts(rest, VIEW("From "))))
				len = encode_byte(c, coded);
		}
		(void)str_add(out, coded, len);
		column += len;
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

/* Blanks, but not at the end of a line: a relay added those (rule 3). */
static size_t decode_blanks(struct str *out, struct view in)
{
	size_t n = blanks(in);

	if (n < in.len && line_end(view_from(in, n)) == 0)
		(void)str_addv(out, view_sub(in, 0, n));
	return n;
}

static size_t decode_plain(struct str *out, struct view in)
{
	size_t n = 0;

	while (n < in.len && in.p[n] != '=' && !is_blank(in.p[n]))
		n++;
	(void)str_addv(out, view_sub(in, 0, n));
	return n;
}

int qp_decode(struct str *out, struct view in)
{
	while (in.len > 0 && str_ok(out)) {
		size_t n;

		if (in.p[0] == '=')
			n = decode_escape(out, in);
		else if (is_blank(in.p[0]))
			n = decode_blanks(out, in);
		else
			n = decode_plain(out, in);
		in = view_from(in, n);
	}
	return str_ok(out) ? 0 : -1;
}
