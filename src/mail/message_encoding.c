#include "mail/message_private.h"

/* Base64 and quoted-printable as they come: cut off, with blanks and other signs between,
 * with padding in the middle where two were joined. What can be read is. */

enum { BAD = 64, PAD = 65, BLANK = 66 };

/* clang-format off */
static const unsigned char values[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 66, 66, 64, 64, 66, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	66, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 64, 64, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 65, 64, 64,
	64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 64,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};
/* clang-format on */

/* Whole groups of four, as long as they come without a break. */
static size_t base64_run(const unsigned char *p, size_t groups, char *out)
{
	size_t n = 0;

	for (; n < groups; n++, p += 4, out += 3) {
		unsigned a = values[p[0]], b = values[p[1]], c = values[p[2]], d = values[p[3]];
		uint32_t bits = a << 18 | b << 12 | c << 6 | d;

		if ((a | b | c | d) >= BAD)
			break;
		out[0] = (char)(bits >> 16);
		out[1] = (char)(bits >> 8);
		out[2] = (char)bits;
	}
	return n;
}

/* The octets that less than a whole group makes. */
static size_t base64_rest(uint32_t bits, unsigned held, char *out, bool *bad)
{
	if (held < 2) {
		*bad = *bad || held == 1;
		return 0;
	}
	bits <<= 6 * (4 - held);
	out[0] = (char)(bits >> 16);
	if (held == 3)
		out[1] = (char)(bits >> 8);
	return held - 1;
}

/* Whether what follows padding is more base64, joined to it, and not a footer that a list added:
 * then the whole next line is. */
static bool goes_on(const unsigned char *p, size_t len)
{
	size_t i = 0, n = 0;

	while (i < len && values[p[i]] >= PAD)
		i++;
	for (; i < len && values[p[i]] < BLANK; i++, n++)
		if (values[p[i]] == BAD)
			return false;
	return n > 0 && n % 4 == 0;
}

size_t message_undo_base64(struct view in, char *out, size_t most, bool *bad)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t n = 0;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < in.len && n + 3 <= most; i++) {
		unsigned value = values[p[i]];

		if (held == 0 && value < BAD) {
			size_t groups = (in.len - i) / 4, room = (most - n) / 3;
			size_t run = base64_run(p + i, groups < room ? groups : room, out + n);

			n += run * 3;
			i += run * 4;
			if (i >= in.len || n + 3 > most)
				break;
			value = values[p[i]];
		}
		if (value < BAD) {
			bits = bits << 6 | value;
			if (++held == 4) {
				out[n++] = (char)(bits >> 16);
				out[n++] = (char)(bits >> 8);
				out[n++] = (char)bits;
				held = 0;
				bits = 0;
			}
		} else if (value == PAD) {
			n += base64_rest(bits, held, out + n, bad);
			if (held > 0 && !goes_on(p + i, in.len - i))
				return n;
			held = 0;
			bits = 0;
		} else if (value == BAD) {
			*bad = true;
		}
	}
	if (n + 3 <= most)
		n += base64_rest(bits, held, out + n, bad);
	return n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* How many octets a line's end has there, after blanks; 0 where there is none. */
static size_t line_end(struct view in, size_t at)
{
	size_t i = at;

	while (i < in.len && is_blank(in.p[i]))
		i++;
	if (i == in.len)
		return i - at;
	if (in.p[i] == '\n')
		return i + 1 - at;
	if (in.p[i] != '\r')
		return 0;
	i++;
	return (i < in.len && in.p[i] == '\n' ? i + 1 : i) - at;
}

/* Text without "=" from there; blanks before a line's end were added on the way (RFC 2045 6.7,
 * rule 3). Returns how much was written. */
static size_t plain_text(struct view text, bool ends, char *out)
{
	size_t n = 0;

	while (text.len > 0) {
		ptrdiff_t lf = view_chr(text, '\n');
		size_t len = lf < 0 ? text.len : (size_t)lf, ending = lf < 0 ? 0 : 1, keep;

		if (lf > 0 && text.p[len - 1] == '\r') {
			len--;
			ending = 2;
		}
		keep = len;
		while ((lf >= 0 || ends) && keep > 0 && is_blank(text.p[keep - 1]))
			keep--;
		memmove(out + n, text.p, keep);
		memcpy(out + n + keep, text.p + len, ending);
		n += keep + ending;
		text = view_from(text, len + ending);
	}
	return n;
}

/* The same in an encoded word, where "_" is a blank (RFC 2047 4.2). */
static void word_text(struct view text, char *out)
{
	for (size_t i = 0; i < text.len; i++)
		out[i] = text.p[i] == '_' ? ' ' : text.p[i];
}

size_t message_undo_qp(struct view in, bool header, char *out, size_t most)
{
	size_t i = 0, n = 0;

	while (i < in.len && n < most) {
		ptrdiff_t equals = view_chr(view_from(in, i), '=');
		size_t run = equals < 0 ? in.len - i : (size_t)equals, end;

		if (run > most - n)
			run = most - n;
		if (header)
			word_text(view_sub(in, i, run), out + n);
		n += header ? run : plain_text(view_sub(in, i, run), equals < 0, out + n);
		i += run;
		if (i >= in.len || n >= most)
			break;
		if (i + 2 < in.len && ascii_hex(in.p[i + 1]) >= 0 && ascii_hex(in.p[i + 2]) >= 0) {
			out[n++] = (char)(ascii_hex(in.p[i + 1]) << 4 | ascii_hex(in.p[i + 2]));
			i += 3;
		} else if (!header && (end = line_end(in, i + 1)) > 0) {
			i += 1 + end;
		} else if (!header && i + 1 == in.len) {
			i++;
		} else {
			out[n++] = in.p[i++];
		}
	}
	return n;
}

enum message_encoding message_encoding_of(const struct message_part *part)
{
	const struct message_field *f = message_field(part, "Content-Transfer-Encoding", 0);
	struct view name;
	size_t len = 0;

	if (f == NULL)
		return MESSAGE_IDENTITY;
	name = f->value;
	while (name.len > 0 && (name.p[0] == '"' || name.p[0] == '\''))
		name = view_from(name, 1);
	while (len < name.len && (ascii_is_alnum(name.p[len]) || name.p[len] == '-'))
		len++;
	name.len = len;
	if (view_eq_nocase(name, VIEW("base64")))
		return MESSAGE_BASE64;
	if (view_eq_nocase(name, VIEW("quoted-printable")))
		return MESSAGE_QP;
	if (len == 0 || view_eq_nocase(name, VIEW("7bit")) || view_eq_nocase(name, VIEW("8bit")) ||
		view_eq_nocase(name, VIEW("binary")))
		return MESSAGE_IDENTITY;
	return MESSAGE_UNKNOWN_ENCODING;
}

/* A first line of words and punctuation is no base64, whatever the header says. */
static bool looks_base64(struct view body)
{
	enum { LOOK = 256, ONE_IN = 8 };
	size_t n = body.len < LOOK ? body.len : LOOK, other = 0;

	for (size_t i = 0; i < n; i++) {
		if (body.p[i] == '\n' || body.p[i] == '\r')
			n = i;
		else
			other += values[(unsigned char)body.p[i]] == BAD || is_blank(body.p[i]);
	}
	return other <= n / ONE_IN;
}

struct view message_undo(
	struct message *m, enum message_encoding encoding, struct view body, size_t most)
{
	bool bad = encoding == MESSAGE_UNKNOWN_ENCODING;
	struct view out = body;
	char *p;

	if (encoding == MESSAGE_BASE64 && !looks_base64(view_trim(body))) {
		encoding = MESSAGE_IDENTITY;
		bad = true;
	}
	if (encoding == MESSAGE_BASE64 || encoding == MESSAGE_QP) {
		size_t room = encoding == MESSAGE_BASE64 ? body.len / 4 * 3 + 3 : body.len;

		room = room < most ? room : most;
		p = arena_alloc(m->arena, room + 1);
		out.p = p;
		out.len = encoding == MESSAGE_QP ? message_undo_qp(body, false, p, room)
						 : message_undo_base64(body, p, room, &bad);
		if (out.len + 3 > most)
			m->defects |= MESSAGE_TEXT_CUT;
	} else if (out.len > most) {
		out.len = most;
		m->defects |= MESSAGE_TEXT_CUT;
	}
	if (bad)
		m->defects |= MESSAGE_BAD_ENCODING;
	return out;
}
