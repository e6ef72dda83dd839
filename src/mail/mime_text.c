/* A text part: its lines are looked at once, then written in the encoding that suits all
 * of them. Texts of one campaign are much alike, so a memo may bring what the same line
 * came to in the text before. */
#include "base/base64.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/qp.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "mail/header.h"
#include "mail/mime.h"

enum {
	MIME_LINE = 76,	     /* RFC 2045 6.7 (5), 6.8 */
	MEMO_AHEAD = 8,	     /* lines further on that a known one is looked for */
	MEMO_KEEP = 1 << 20, /* octets of a text past which none is remembered */
};

struct line {
	size_t at, len;	      /* in the text, without its end */
	size_t qp_at, qp_len; /* in quoted-printable, without its end */
	size_t coded;	      /* octets that quoted-printable writes as three */
	bool plain;	      /* fit for 7bit */
	bool has_qp;
	ptrdiff_t known; /* the same line in the page before; -1: it has none */
};
/* A text and its lines. */
struct page {
	struct str text, qp;
	struct vec lines; /* struct line */
};
struct mime_memo {
	struct page pages[2], *before, *now;
	struct str head; /* the fields of a part with this encoding: */
	enum mime_encoding head_for;
	size_t next; /* line of the page before that is expected */
};

static void page_init(struct page *p)
{
	str_init(&p->text, MEMO_KEEP);
	str_init(&p->qp, MEMO_KEEP * 3);
	vec_init(&p->lines, sizeof(struct line));
}

static void page_free(struct page *p)
{
	str_free(&p->text);
	str_free(&p->qp);
	vec_free(&p->lines);
}

static void memo_init(struct mime_memo *m)
{
	page_init(&m->pages[0]);
	page_init(&m->pages[1]);
	m->before = &m->pages[0];
	m->now = &m->pages[1];
	str_init(&m->head, HEADER_LINE_MAX);
}

static void memo_clear(struct mime_memo *m)
{
	page_free(&m->pages[0]);
	page_free(&m->pages[1]);
	str_free(&m->head);
}

struct mime_memo *mime_memo_new(void)
{
	struct mime_memo *m = mem_alloc(sizeof *m);

	memo_init(m);
	return m;
}

void mime_memo_free(struct mime_memo **m)
{
	if (*m == NULL)
		return;
	memo_clear(*m);
	free(*m);
	*m = NULL;
}

/* --- looking ------------------------------------------------------------- */

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

/* How many octets quoted-printable writes as three. */
static size_t count_coded(struct view text)
{
	size_t coded = 0;

	while (text.len > 0) {
		struct view run = view_take(&text, utf8_printable(text));
		ptrdiff_t at;

		for (; (at = view_chr(run, '=')) >= 0; coded++)
			run = view_from(run, (size_t)at + 1);
		while (text.len > 0 && (ascii_is_control(text.p[0]) || (text.p[0] & 0x80) != 0))
			coded += !ascii_is_space(view_take(&text, 1).p[0]);
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

static struct view line_text(const struct page *p, const struct line *l)
{
	return view_sub(str_view(&p->text), l->at, l->len);
}

/* Where the same line stands in the page before, near where it is expected; or -1. */
static ptrdiff_t find_known(struct mime_memo *m, struct view line)
{
	const struct page *p = m->before;

	for (size_t i = m->next; i < p->lines.len && i < m->next + MEMO_AHEAD; i++) {
		if (!view_eq(line_text(p, vec_at(&p->lines, i)), line))
			continue;
		m->next = i + 1;
		return (ptrdiff_t)i;
	}
	return -1;
}

static void look_at(struct mime_memo *m, struct view text, struct view line)
{
	ptrdiff_t known = find_known(m, line);
	struct line *l = vec_push(&m->now->lines);

	if (known >= 0)
		*l = *(struct line *)vec_at(&m->before->lines, (size_t)known);
	l->known = known;
	l->has_qp = false;
	l->at = (size_t)(line.p - text.p);
	l->len = line.len;
	if (known >= 0)
		return;
	l->plain = is_7bit_line(line);
	l->coded = count_coded(line);
}

static enum mime_encoding choose(const struct mime_memo *m, size_t len)
{
	size_t coded = 0, qp, base64;
	bool plain = true;

	for (size_t i = 0; i < m->now->lines.len; i++) {
		const struct line *l = vec_at(&m->now->lines, i);

		plain = plain && l->plain;
		coded += l->coded;
	}
	if (plain)
		return MIME_7BIT;
	/* Near enough: a soft break costs 3 in 76, a line of base64 2 in 78. */
	qp = (len + 2 * coded) / (MIME_LINE - 3) * MIME_LINE;
	base64 = (len + 2) / 3 * 4 / MIME_LINE * (MIME_LINE + 2);
	return qp <= base64 ? MIME_QP : MIME_BASE64;
}

static enum mime_encoding look(struct mime_memo *m, struct view text)
{
	struct view rest = text, line;

	m->next = 0;
	vec_clear(&m->now->lines);
	str_clear(&m->now->text);
	str_clear(&m->now->qp);
	while (next_line(&rest, &line))
		look_at(m, text, line);
	return choose(m, text.len);
}

enum mime_encoding mime_choose(struct view text)
{
	enum mime_encoding encoding;
	struct mime_memo m = {0};

	memo_init(&m);
	encoding = look(&m, text);
	memo_clear(&m);
	return encoding;
}

static int check_text(const struct mime_memo *m, struct view text, struct fail *f)
{
	for (size_t i = 0; i < m->now->lines.len; i++) {
		const struct line *l = vec_at(&m->now->lines, i);
		size_t bad;

		/* Of a plain line or a known one that was found out before. */
		if (!l->plain && l->known < 0 && !utf8_valid(view_sub(text, l->at, l->len), &bad))
			return fail_set(f, FAIL_DATA, _("the text is not UTF-8 at byte %zu"),
				l->at + bad + 1);
	}
	if (text.len > 0 && memchr(text.p, '\0', text.len) != NULL)
		return fail_set(f, FAIL_DATA, _("the text holds a NUL character"));
	return 0;
}

/* --- writing ------------------------------------------------------------- */

/* RFC 2046 4.1.1: the canonical form of text has CRLF. */
static void add_canonical(struct str *out, const struct mime_memo *m, struct view text)
{
	str_expect(out, text.len + 2 * m->now->lines.len);
	for (size_t i = 0; i < m->now->lines.len; i++) {
		const struct line *l = vec_at(&m->now->lines, i);

		(void)str_addv(out, view_sub(text, l->at, l->len));
		(void)str_addz(out, "\r\n");
	}
}

/* The line in quoted-printable, from the page before where it is known there. */
static struct view qp_of(struct mime_memo *m, struct line *l, struct view line, struct str *qp)
{
	const struct page *p = m->before;
	const struct line *old = l->known >= 0 ? vec_at(&p->lines, (size_t)l->known) : NULL;
	size_t at = qp->len;

	if (old != NULL && old->has_qp)
		(void)str_addv(qp, view_sub(str_view(&p->qp), old->qp_at, old->qp_len));
	else
		(void)qp_encode(qp, line);
	l->has_qp = true;
	l->qp_at = at;
	l->qp_len = qp->len - at;
	return view_from(str_view(qp), at);
}

static void add_qp(struct str *out, struct mime_memo *m, struct view text)
{
	struct str *qp = &m->now->qp;

	str_expect(qp, text.len + text.len / 4);
	for (size_t i = 0; i < m->now->lines.len; i++) {
		struct line *l = vec_at(&m->now->lines, i);
		struct view line = view_sub(text, l->at, l->len);

		/* Past what is remembered each line goes out by itself. */
		if (qp->len + 3 * line.len + 3 * line.len / MIME_LINE * 3 + 3 > qp->max)
			(void)qp_encode(out, line);
		else
			(void)str_addv(out, qp_of(m, l, line, qp));
		(void)str_addz(out, "\r\n");
	}
}

static void add_base64(struct str *out, const struct mime_memo *m, struct view text)
{
	struct str canonical;

	str_init(&canonical, out->max);
	add_canonical(&canonical, m, text);
	(void)base64_encode(out, str_view(&canonical), MIME_LINE);
	if (!str_ok(&canonical))
		out->over = true;
	str_free(&canonical);
}

static void add_body(
	struct str *out, enum mime_encoding encoding, struct mime_memo *m, struct view text)
{
	str_expect(out, text.len + text.len / 4);
	if (encoding == MIME_7BIT)
		add_canonical(out, m, text);
	else if (encoding == MIME_QP)
		add_qp(out, m, text);
	else
		add_base64(out, m, text);
}

static int add_head(struct mime_memo *m, const char *subtype, enum mime_encoding encoding,
	struct str *out, struct fail *f)
{
	static const char *const names[] = {
		[MIME_7BIT] = "7bit",
		[MIME_QP] = "quoted-printable",
		[MIME_BASE64] = "base64",
	};
	static const struct header_param charset = {"charset", {"utf-8", 5}};
	char type[HEADER_FOLD];

	if (m->head.len == 0 || m->head_for != encoding) {
		(void)snprintf(type, sizeof type, "text/%s", subtype);
		str_clear(&m->head);
		if (header_params(&m->head, "Content-Type", view_of(type), &charset, 1, f) < 0 ||
			header_token(&m->head, "Content-Transfer-Encoding",
				view_of(names[encoding]), f) < 0)
			return -1;
		(void)str_addz(&m->head, "\r\n");
		m->head_for = encoding;
	}
	(void)str_addv(out, str_view(&m->head));
	return 0;
}

/* This text is the one before from now on. A text too long to be kept is forgotten. */
static void turn_page(struct mime_memo *m, struct view text)
{
	struct page *now = m->now;

	(void)str_addv(&now->text, text);
	if (!str_ok(&now->text))
		vec_clear(&now->lines);
	m->now = m->before;
	m->before = now;
}

static int add_text(
	struct mime_memo *m, const char *subtype, struct view text, struct str *out, struct fail *f)
{
	enum mime_encoding encoding = look(m, text);

	if (check_text(m, text, f) < 0 || add_head(m, subtype, encoding, out, f) < 0)
		return -1;
	add_body(out, encoding, m, text);
	turn_page(m, text);
	return str_ok(out) ? 0 : fail_set(f, FAIL_DATA, _("the message is too large"));
}

int mime_text(struct str *out, const char *subtype, struct view text, struct mime_memo *memo,
	struct fail *f)
{
	struct mime_memo once;
	int ret;

	if (memo != NULL)
		return add_text(memo, subtype, text, out, f);
	memo_init(&once);
	ret = add_text(&once, subtype, text, out, f);
	memo_clear(&once);
	return ret;
}
