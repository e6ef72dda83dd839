#include "compose/check.h"
#include "compose/memo.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/decode.h"
#include "mail/header.h"
#include "mail/wire.h"

enum { CHECK_DEPTH = 8 };

struct check {
	compose_whose_fn *whose;
	void *ctx;
	struct compose_memo *memo; /* never NULL */
	bool personal;		   /* something in this piece is the recipient's own */
};

/* Fields that a message of ours has once, or never (RFC 5322 3.6, P1). */
#define RULE(name, least, most)                                                                    \
	{                                                                                          \
		{name, sizeof(name) - 1}, least, most                                              \
	}
static const struct rule {
	struct view name;
	unsigned least, most;
} rules[] = {
	RULE("From", 1, 1),
	RULE("To", 1, 1),
	RULE("Subject", 1, 1),
	RULE("Date", 1, 1),
	RULE("Message-ID", 1, 1),
	RULE("MIME-Version", 1, 1),
	RULE("Content-Type", 1, 1),
	RULE("Reply-To", 0, 1),
	RULE("List-Id", 0, 1),
	RULE("List-Unsubscribe", 0, 1),
	RULE("Bcc", 0, 0),
	RULE("Cc", 0, 0),
	RULE("Resent-To", 0, 0),
	RULE("Resent-Cc", 0, 0),
	RULE("Resent-Bcc", 0, 0),
};
enum { RULES = sizeof rules / sizeof *rules };

static int unfit(struct fail *f, const char *what)
{
	return fail_set(f, FAIL_BUG,
		_("the composed message is not fit to send (%s); nothing was sent"), what);
}

static int check_counts(struct view header, struct fail *f)
{
	unsigned counts[RULES] = {0};
	struct decode_field field;
	int step;

	while ((step = decode_field(&header, &field)) > 0)
		for (size_t i = 0; i < RULES; i++)
			counts[i] += field.name.len == rules[i].name.len &&
				     view_starts_nocase(field.name, rules[i].name);
	if (step < 0)
		return unfit(f, _("a header line that is no field"));
	for (size_t i = 0; i < RULES; i++) {
		if (counts[i] >= rules[i].least && counts[i] <= rules[i].most)
			continue;
		(void)unfit(f, _("a header field too often or too seldom"));
		return fail_wrap(f, "%.*s", VIEW_ARG(rules[i].name));
	}
	return 0;
}

static enum compose_whose ask(void *ctx, struct view key)
{
	struct check *c = ctx;
	enum compose_whose whose = c->whose(c->ctx, key);

	c->personal = c->personal || whose == COMPOSE_OWN;
	return whose;
}

/* What a piece says to its reader. */
static int decode_piece(enum compose_piece kind, struct view raw, struct str *text, struct fail *f)
{
	static const char *const encodings[] = {
		[PIECE_PLAIN] = "", [PIECE_QP] = "quoted-printable", [PIECE_BASE64] = "base64"};

	str_clear(text);
	str_expect(text, raw.len);
	if (kind != PIECE_FIELD)
		return decode_body(text, view_of(encodings[kind]), raw, f);
	return decode_text(text, raw) == 0 ? 0
					   : unfit(f, _("a header field that cannot be decoded"));
}

/* One piece, unless it was found good before. */
static int scan_piece(struct check *c, enum compose_piece kind, struct view raw, struct fail *f)
{
	struct str *text;

	if (compose_memo_knows(c->memo, kind, raw))
		return 0;
	text = compose_memo_room(c->memo);
	c->personal = false;
	if (decode_piece(kind, raw, text, f) < 0 || compose_scan(str_view(text), ask, c, f) < 0)
		return -1;
	if (!c->personal)
		compose_memo_note(c->memo, kind, raw);
	return 0;
}

/* Scans a header; what it says of its body goes to *type and *encoding. */
static int scan_header(struct check *c, struct view header, struct view *type,
	struct view *encoding, struct fail *f)
{
	struct decode_field field;

	while (decode_field(&header, &field) > 0) {
		if (view_eq_nocase(field.name, VIEW("Content-Type")))
			*type = view_trim(field.value);
		else if (view_eq_nocase(field.name, VIEW("Content-Transfer-Encoding")))
			*encoding = view_trim(field.value);
		if (scan_piece(c, PIECE_FIELD, field.value, f) < 0)
			return -1;
	}
	return 0;
}

/* A line as its reader sees it: in quoted-printable the next ones too, as long as
 * the break between them is a soft one. No address goes on past its end. */
static struct view take_line(struct view *body, bool qp)
{
	size_t end = 0;
	bool soft = true;

	while (soft && end < body->len) {
		ptrdiff_t lf = view_chr(view_from(*body, end), '\n');
		struct view line = lf < 0 ? *body : view_sub(*body, 0, end + (size_t)lf);

		end = lf < 0 ? body->len : line.len + 1;
		soft = qp && view_ends(view_trim(line), VIEW("="));
	}
	return view_take(body, end);
}

static int kind_of(struct view encoding, enum compose_piece *kind, struct fail *f)
{
	if (encoding.len == 0 || view_eq_nocase(encoding, VIEW("7bit")) ||
		view_eq_nocase(encoding, VIEW("8bit")))
		*kind = PIECE_PLAIN;
	else if (view_eq_nocase(encoding, VIEW("quoted-printable")))
		*kind = PIECE_QP;
	else if (view_eq_nocase(encoding, VIEW("base64")))
		*kind = PIECE_BASE64;
	else
		return fail_set(f, FAIL_BUG, _("a transfer encoding that we do not write"));
	return 0;
}

static int scan_body(struct check *c, struct view encoding, struct view body, struct fail *f)
{
	enum compose_piece kind = PIECE_PLAIN;

	if (kind_of(encoding, &kind, f) < 0)
		return -1;
	if (kind == PIECE_BASE64)
		return scan_piece(c, kind, body, f);
	while (body.len > 0)
		if (scan_piece(c, kind, take_line(&body, kind == PIECE_QP), f) < 0)
			return -1;
	return 0;
}

/* A message or one of its parts, and all parts in it. */
static int scan_entity(struct check *c, struct view entity, int depth, struct fail *f)
{
	struct view header, body, part, boundary;
	struct view type = {NULL, 0}, encoding = {NULL, 0};
	int step;

	decode_split(entity, &header, &body);
	if (scan_header(c, header, &type, &encoding, f) < 0)
		return -1;
	if (!view_starts_nocase(type, VIEW("multipart/")))
		return scan_body(c, encoding, body, f);
	boundary = decode_param(type, "boundary");
	if (boundary.len == 0 || depth == CHECK_DEPTH)
		return unfit(f, _("parts within parts without end"));
	while ((step = decode_part(&body, boundary, &part)) > 0)
		if (scan_entity(c, part, depth + 1, f) < 0)
			return -1;
	return step == 0 ? 0 : unfit(f, _("a part that never ends"));
}

static int check(struct check *c, struct view message, bool utf8, struct fail *f)
{
	struct view header, body;
	int ret;

	if (wire_check(message, utf8 ? WIRE_8BIT : 0, f) < 0)
		return -1;
	decode_split(message, &header, &body);
	if (check_counts(header, f) < 0)
		return -1;
	compose_memo_begin(c->memo, message);
	ret = scan_entity(c, message, 0, f);
	compose_memo_end(c->memo);
	return ret;
}

int compose_check(struct view message, bool utf8, struct compose_memo *memo,
	compose_whose_fn *whose, void *ctx, struct fail *f)
{
	struct compose_memo *own = memo != NULL ? NULL : compose_memo_new();
	struct check c = {.whose = whose, .ctx = ctx, .memo = memo != NULL ? memo : own};
	int ret = check(&c, message, utf8, f);

	compose_memo_free(&own);
	return ret;
}
