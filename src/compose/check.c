#include "compose/check.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/decode.h"
#include "mail/header.h"
#include "mail/wire.h"

enum { CHECK_DEPTH = 8 };

struct check {
	compose_whose_fn *whose;
	void *ctx;
};

/* Fields that a message of ours has once, or never (RFC 5322 3.6, P1). */
static const struct rule {
	const char *name;
	unsigned least, most;
} rules[] = {
	{"From", 1, 1},
	{"To", 1, 1},
	{"Subject", 1, 1},
	{"Date", 1, 1},
	{"Message-ID", 1, 1},
	{"MIME-Version", 1, 1},
	{"Content-Type", 1, 1},
	{"Reply-To", 0, 1},
	{"List-Id", 0, 1},
	{"List-Unsubscribe", 0, 1},
	{"Bcc", 0, 0},
	{"Cc", 0, 0},
	{"Resent-To", 0, 0},
	{"Resent-Cc", 0, 0},
	{"Resent-Bcc", 0, 0},
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
			counts[i] += view_eq_nocase(field.name, view_of(rules[i].name));
	if (step < 0)
		return unfit(f, _("a header line that is no field"));
	for (size_t i = 0; i < RULES; i++) {
		if (counts[i] >= rules[i].least && counts[i] <= rules[i].most)
			continue;
		(void)unfit(f, _("a header field too often or too seldom"));
		return fail_wrap(f, "%s", rules[i].name);
	}
	return 0;
}

/* Scans a header; what it says of its body goes to *type and *encoding. */
static int scan_header(const struct check *c, struct view header, struct view *type,
	struct view *encoding, struct fail *f)
{
	struct decode_field field;
	struct str text;
	int ret = 0;

	str_init(&text, header.len + 1);
	str_expect(&text, header.len);
	while (ret == 0 && decode_field(&header, &field) > 0) {
		str_clear(&text);
		if (view_eq_nocase(field.name, VIEW("Content-Type")))
			*type = view_trim(field.value);
		else if (view_eq_nocase(field.name, VIEW("Content-Transfer-Encoding")))
			*encoding = view_trim(field.value);
		ret = decode_text(&text, field.value) < 0
			      ? unfit(f, _("a header field that cannot be decoded"))
			      : compose_scan(str_view(&text), c->whose, c->ctx, f);
	}
	str_free(&text);
	return ret;
}

/* A message or one of its parts, and all parts in it. */
static int scan_entity(const struct check *c, struct view entity, int depth, struct fail *f)
{
	struct view header, body, part, boundary;
	struct view type = {NULL, 0}, encoding = {NULL, 0};
	struct str text;
	int step, ret;

	decode_split(entity, &header, &body);
	if (scan_header(c, header, &type, &encoding, f) < 0)
		return -1;
	if (!view_starts_nocase(type, VIEW("multipart/"))) {
		str_init(&text, body.len + 1);
		str_expect(&text, body.len);
		ret = decode_body(&text, encoding, body, f);
		if (ret == 0)
			ret = compose_scan(str_view(&text), c->whose, c->ctx, f);
		str_free(&text);
		return ret;
	}
	boundary = decode_param(type, "boundary");
	if (boundary.len == 0 || depth == CHECK_DEPTH)
		return unfit(f, _("parts within parts without end"));
	while ((step = decode_part(&body, boundary, &part)) > 0)
		if (scan_entity(c, part, depth + 1, f) < 0)
			return -1;
	return step == 0 ? 0 : unfit(f, _("a part that never ends"));
}

int compose_check(
	struct view message, bool utf8, compose_whose_fn *whose, void *ctx, struct fail *f)
{
	const struct check c = {whose, ctx};
	struct view header, body;

	if (wire_check(message, utf8 ? WIRE_8BIT : 0, f) < 0)
		return -1;
	decode_split(message, &header, &body);
	return check_counts(header, f) < 0 ? -1 : scan_entity(&c, message, 0, f);
}
