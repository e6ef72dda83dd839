#include "mail/decode.h"
#include "base/base64.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/qp.h"

void decode_split(struct view message, struct view *header, struct view *body)
{
	ptrdiff_t at = view_find(message, VIEW("\r\n\r\n"));

	if (view_starts(message, VIEW("\r\n"))) {
		*header = view_sub(message, 0, 0);
		*body = view_from(message, 2);
		return;
	}
	*header = at < 0 ? message : view_sub(message, 0, (size_t)at + 2);
	*body = at < 0 ? view_sub(message, message.len, 0) : view_from(message, (size_t)at + 4);
}

/* Up to the CRLF that no blank follows, which is not part of it. */
static size_t field_length(struct view header)
{
	size_t at = 0;
	ptrdiff_t lf;

	while ((lf = view_chr(view_from(header, at), '\n')) >= 0) {
		at += (size_t)lf + 1;
		if (at < 2 || header.p[at - 2] != '\r')
			continue;
		if (at >= header.len || (header.p[at] != ' ' && header.p[at] != '\t'))
			return at - 2;
	}
	return header.len;
}

int decode_field(struct view *header, struct decode_field *out)
{
	size_t len = field_length(*header);
	ptrdiff_t colon = view_chr(view_sub(*header, 0, len), ':');

	if (header->len == 0)
		return 0;
	if (colon <= 0)
		return -1;
	for (ptrdiff_t i = 0; i < colon; i++)
		if (header->p[i] <= ' ' || header->p[i] > '~')
			return -1;
	out->name = view_sub(*header, 0, (size_t)colon);
	out->value = view_sub(*header, (size_t)colon + 1, len - (size_t)colon - 1);
	*header = view_from(*header, len + 2);
	return 1;
}

/* The Q encoding of headers: "_" is a blank (RFC 2047 4.2). */
static int q_decode(struct str *out, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = -1, low = -1;

		if (text.p[i] == '=' && i + 2 < text.len) {
			high = ascii_hex(text.p[i + 1]);
			low = ascii_hex(text.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			(void)str_addc(out, (char)(high << 4 | low));
			i += 2;
		} else {
			(void)str_addc(out, text.p[i] == '_' ? ' ' : text.p[i]);
		}
	}
	return str_ok(out) ? 0 : -1;
}

/* An encoded word at the start of text: its length, or 0. */
static size_t decode_word(struct str *out, struct view text)
{
	struct view rest = view_from(text, 2), charset, encoding;
	ptrdiff_t end;
	int ret;

	if (!view_starts(text, VIEW("=?")) || !view_split(&rest, '?', &charset) ||
		!view_split(&rest, '?', &encoding) || (end = view_find(rest, VIEW("?="))) < 0)
		return 0;
	if (!view_eq_nocase(charset, VIEW("utf-8")) && !view_eq_nocase(charset, VIEW("us-ascii")))
		return 0;
	if (view_chr(view_sub(rest, 0, (size_t)end), ' ') >= 0)
		return 0;
	if (view_eq_nocase(encoding, VIEW("q")))
		ret = q_decode(out, view_sub(rest, 0, (size_t)end));
	else if (view_eq_nocase(encoding, VIEW("b")))
		ret = base64_decode(out, view_sub(rest, 0, (size_t)end));
	else
		return 0;
	return ret == 0 ? (size_t)(rest.p - text.p) + (size_t)end + 2 : 0;
}

int decode_text(struct str *out, struct view value)
{
	bool after_word = false; /* only blanks since an encoded word, */
	size_t blanks = 0;	 /* which count from here if no other follows */

	value = view_trim(value);
	/* Most fields have neither encoded words nor folds. */
	if (view_chr(value, '\n') < 0 && view_chr(value, '\r') < 0 &&
		view_find(value, VIEW("=?")) < 0)
		return str_addv(out, value);
	for (size_t i = 0; i < value.len;) {
		struct view rest = view_from(value, i);
		size_t before = out->len, word;

		if (rest.p[0] == '\r' || rest.p[0] == '\n') {
			i++;
			continue;
		}
		if (after_word && ascii_is_space(rest.p[0])) {
			(void)str_addc(out, rest.p[0]);
			i++;
			continue;
		}
		word = decode_word(out, rest);
		if (word == 0) {
			str_cut(out, before);
			(void)str_addc(out, rest.p[0]);
			after_word = false;
			i++;
			continue;
		}
		if (after_word && before > blanks) {
			/* Blanks between two encoded words are not text. */
			memmove(out->p + blanks, out->p + before, out->len - before);
			str_cut(out, out->len - (before - blanks));
		}
		after_word = true;
		blanks = out->len;
		i += word;
	}
	return str_ok(out) ? 0 : -1;
}

struct view decode_param(struct view value, const char *name)
{
	struct view part;

	(void)view_split(&value, ';', &part);
	while (view_split(&value, ';', &part)) {
		struct view key, text = view_trim(part);

		if (!view_split(&text, '=', &key) || !view_eq_nocase(key, view_of(name)))
			continue;
		if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"')
			return view_sub(text, 1, text.len - 2);
		return text;
	}
	return view_make("", 0);
}

int decode_body(struct str *out, struct view encoding, struct view body, struct fail *f)
{
	int ret;

	if (encoding.len == 0 || view_eq_nocase(encoding, VIEW("7bit")) ||
		view_eq_nocase(encoding, VIEW("8bit")))
		ret = str_addv(out, body);
	else if (view_eq_nocase(encoding, VIEW("quoted-printable")))
		ret = qp_decode(out, body);
	else if (view_eq_nocase(encoding, VIEW("base64")))
		ret = base64_decode(out, body);
	else
		return fail_set(f, FAIL_BUG, _("a transfer encoding that we do not write"));
	return ret == 0 ? 0 : fail_set(f, FAIL_BUG, _("a body that cannot be decoded"));
}

/* The delimiter line at or after `from`: its offset, and where the next line
 * begins; -1 when there is none. */
static ptrdiff_t find_delimiter(
	struct view body, struct view boundary, size_t from, size_t *next, bool *last)
{
	while (from < body.len) {
		struct view line = view_from(body, from);
		ptrdiff_t end = view_chr(line, '\n');
		size_t start = from;

		from = end < 0 ? body.len : from + (size_t)end + 1;
		if (!view_starts(line, VIEW("--")) || !view_starts(view_from(line, 2), boundary))
			continue;
		line = view_trim(view_from(view_sub(line, 0, from - start), 2 + boundary.len));
		*last = view_is(line, "--");
		*next = from;
		if (line.len == 0 || *last)
			return (ptrdiff_t)start;
	}
	return -1;
}

int decode_part(struct view *rest, struct view boundary, struct view *part)
{
	size_t start, after;
	bool last;
	ptrdiff_t end;

	if (find_delimiter(*rest, boundary, 0, &start, &last) < 0)
		return -1;
	if (last)
		return 0;
	end = find_delimiter(*rest, boundary, start, &after, &last);
	if (end < 0)
		return -1;
	*part = view_sub(*rest, start, (size_t)end - start);
	if (part->len >= 2)
		part->len -= 2; /* the CRLF that belongs to the delimiter */
	*rest = view_from(*rest, (size_t)end);
	return 1;
}
