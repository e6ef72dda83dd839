#include "mail/mime.h"
#include "base/base64.h"
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/qp.h"
#include "base/utf8.h"
#include "mail/header.h"

enum {
	MIME_LINE = 76,		 /* RFC 2045 6.7 (5), 6.8 */
	MIME_BOUNDARY_HASH = 15, /* octets: 24 letters of base32 */
};

/* A line without its end. */
static bool is_7bit_line(struct view line)
{
	struct view rest = line;

	if (line.len > MIME_LINE || view_starts(line, VIEW("From ")) || view_is(line, "."))
		return false;
	for (;;) {
		rest = view_from(rest, utf8_printable(rest));
		if (rest.len == 0 || rest.p[0] != '\t')
			break;
		rest = view_from(rest, 1);
	}
	return rest.len == 0 && (line.len == 0 || !ascii_is_space(line.p[line.len - 1]));
}

/* How many bytes quoted-printable writes as three. */
static size_t count_coded(struct view text)
{
	size_t coded = 0;

	while (text.len > 0) {
		struct view run = view_sub(text, 0, utf8_printable(text));
		ptrdiff_t at;

		text = view_from(text, run.len);
		for (; (at = view_chr(run, '=')) >= 0; coded++)
			run = view_from(run, (size_t)at + 1);
		while (text.len > 0 && (ascii_is_control(text.p[0]) || (text.p[0] & 0x80) != 0)) {
			coded += !ascii_is_space(text.p[0]);
			text = view_from(text, 1);
		}
	}
	return coded;
}

/* Takes a line, ended by LF or CRLF, off *in; a lone CR stays in it. */
static bool next_line(struct view *in, struct view *line)
{
	ptrdiff_t at = view_chr(*in, '\n');

	if (in->len == 0)
		return false;
	*line = at < 0 ? *in : view_sub(*in, 0, (size_t)at);
	*in = at < 0 ? view_sub(*in, 0, 0) : view_from(*in, (size_t)at + 1);
	if (at > 0 && line->p[line->len - 1] == '\r')
		line->len--;
	return true;
}

enum mime_encoding mime_choose(struct view text)
{
	struct view rest = text, line;
	size_t coded, qp, base64;
	bool plain = true;

	while (plain && next_line(&rest, &line))
		plain = is_7bit_line(line);
	if (plain)
		return MIME_7BIT;
	coded = count_coded(text);
	/* Near enough: a soft break costs 3 in 76, a line of base64 2 in 78. */
	qp = (text.len + 2 * coded) / (MIME_LINE - 3) * MIME_LINE;
	base64 = (text.len + 2) / 3 * 4 / MIME_LINE * (MIME_LINE + 2);
	return qp <= base64 ? MIME_QP : MIME_BASE64;
}

/* RFC 2046 4.1.1: the canonical form of text has CRLF. */
static void add_canonical(struct str *out, struct view text)
{
	struct view line;

	while (next_line(&text, &line)) {
		(void)str_addv(out, line);
		(void)str_addz(out, "\r\n");
	}
}

static void add_body(struct str *out, enum mime_encoding encoding, struct view text)
{
	struct str canonical;

	if (encoding == MIME_7BIT) {
		add_canonical(out, text);
		return;
	}
	str_init(&canonical, out->max);
	str_expect(&canonical, text.len + text.len / 16);
	add_canonical(&canonical, text);
	if (encoding == MIME_QP)
		(void)qp_encode(out, str_view(&canonical));
	else
		(void)base64_encode(out, str_view(&canonical), MIME_LINE);
	if (!str_ok(&canonical))
		out->over = true;
	str_free(&canonical);
}

static int check_body(struct view text, struct fail *f)
{
	size_t bad;

	if (!utf8_valid(text, &bad))
		return fail_set(f, FAIL_DATA, _("the text is not UTF-8 at byte %zu"), bad + 1);
	if (text.len > 0 && memchr(text.p, '\0', text.len) != NULL)
		return fail_set(f, FAIL_DATA, _("the text holds a NUL character"));
	return 0;
}

static int check_room(struct str *out, struct fail *f)
{
	return str_ok(out) ? 0 : fail_set(f, FAIL_DATA, _("the message is too large"));
}

int mime_text(struct str *out, const char *subtype, struct view text, struct fail *f)
{
	static const char *const names[] = {
		[MIME_7BIT] = "7bit",
		[MIME_QP] = "quoted-printable",
		[MIME_BASE64] = "base64",
	};
	static const struct header_param charset = {"charset", {"utf-8", 5}};
	enum mime_encoding encoding = mime_choose(text);
	char type[HEADER_FOLD];

	if (check_body(text, f) < 0)
		return -1;
	(void)snprintf(type, sizeof type, "text/%s", subtype);
	if (header_params(out, "Content-Type", view_of(type), &charset, 1, f) < 0 ||
		header_token(out, "Content-Transfer-Encoding", view_of(names[encoding]), f) < 0)
		return -1;
	(void)str_addz(out, "\r\n");
	str_expect(out, text.len + text.len / 4);
	add_body(out, encoding, text);
	return check_room(out, f);
}

void mime_boundary(struct view seed, unsigned level, const struct view *texts, size_t n,
	char out[MIME_BOUNDARY_SIZE])
{
	struct digest *d = digest_new();
	unsigned char hash[DIGEST_SIZE];
	struct str name;
	bool found = true;

	str_init(&name, MIME_BOUNDARY_SIZE - 1);
	for (int64_t round = 0; found; round++) {
		digest_piece(d, seed);
		digest_number(d, level);
		digest_number(d, round);
		digest_end(d, hash);
		str_clear(&name);
		(void)str_addz(&name, "=_");
		(void)digest_base32(&name, hash, MIME_BOUNDARY_HASH);
		found = false;
		for (size_t i = 0; i < n && !found; i++)
			found = view_find(texts[i], str_view(&name)) >= 0;
	}
	memcpy(out, name.p, name.len + 1);
	str_free(&name);
	digest_free(&d);
}

int mime_multipart(struct str *out, const char *subtype, const char *boundary, struct fail *f)
{
	struct header_param param = {"boundary", view_of(boundary)};
	char type[HEADER_FOLD];

	(void)snprintf(type, sizeof type, "multipart/%s", subtype);
	return header_params(out, "Content-Type", view_of(type), &param, 1, f);
}

/* The CRLF before a boundary belongs to it (RFC 2046 5.1.1); before the first
 * part it is the blank line that ends the header. */
void mime_part(struct str *out, const char *boundary)
{
	(void)str_addz(out, "\r\n--");
	(void)str_addz(out, boundary);
	(void)str_addz(out, "\r\n");
}

void mime_end(struct str *out, const char *boundary)
{
	(void)str_addz(out, "\r\n--");
	(void)str_addz(out, boundary);
	(void)str_addz(out, "--\r\n");
}
