#include "compose/compose.h"
#include <assert.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "mail/date.h"
#include "mail/domain.h"
#include "mail/header.h"
#include "mail/mime.h"
#include "mail/token.h"

enum {
	COMPOSE_FIELDS_MAX = 256 << 10, /* the fields that all messages share */
	COMPOSE_ID_HASH = 20,		/* octets: 32 letters */
	COMPOSE_ID_MORE = 10, /* with a token, which differs already: the line stays short */
	COMPOSE_TOKEN_MAX = 200,
};

struct compose {
	enum compose_mode mode;
	int64_t campaign;
	int zone;
	bool utf8;	/* allowed */
	bool from_utf8; /* needed by every message */
	struct str fields;
	struct str instance, domain;
	struct str unsubscribe; /* "mailto:…", empty for none */
	struct digest *digest;
	struct mime_memo *plain, *html;
	int64_t date; /* the second of the field that is kept here, which many messages share */
	struct str date_field;
	char id[COMPOSE_ID_SIZE];	   /* of the last message */
	char seed[COMPOSE_ID_SIZE];	   /* of boundaries */
	char boundary[MIME_BOUNDARY_SIZE]; /* one for all messages that do not hold it */
	struct str multipart;		   /* the field with that boundary */
};

/* RFC 6068 section 2: the characters of an address that may stand in a mailto. */
static void add_mailto_text(struct str *out, struct view text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (ascii_is_alnum((char)c) || (c != 0 && strchr("-._~!$*+@", (char)c) != NULL))
			(void)str_addc(out, (char)c);
		else
			(void)str_add(out, (char[]){'%', hex[c >> 4], hex[c & 15]}, 3);
	}
}

static int build_unsubscribe(struct compose *c, const struct addr *a, struct fail *f)
{
	struct str wire;
	int ret;

	if (a->domain.len == 0)
		return 0;
	str_init(&wire, ADDR_WIRE_MAX);
	ret = addr_wire(a, &wire, NULL, f);
	if (ret == 0) {
		(void)str_addz(&c->unsubscribe, "mailto:");
		add_mailto_text(&c->unsubscribe, str_view(&wire));
		(void)str_addz(&c->unsubscribe, "?subject=unsubscribe");
		if (!str_ok(&c->unsubscribe))
			ret = fail_set(f, FAIL_DATA, _("the address to unsubscribe is too long"));
	}
	str_free(&wire);
	return ret;
}

static int add_unsubscribe(
	const struct compose *c, struct view token, struct str *out, struct fail *f)
{
	struct str uri;
	struct view one;
	int ret;

	if (c->unsubscribe.len == 0)
		return 0;
	if (token.len > COMPOSE_TOKEN_MAX)
		return fail_set(f, FAIL_DATA, _("the unsubscribe token is too long"));
	str_init(&uri, HEADER_URI_MAX);
	(void)str_addv(&uri, str_view(&c->unsubscribe));
	if (token.len > 0) {
		(void)str_addz(&uri, "%20");
		add_mailto_text(&uri, token);
	}
	one = str_view(&uri);
	ret = str_ok(&uri) ? header_uris(out, "List-Unsubscribe", &one, 1, f)
			   : fail_set(f, FAIL_DATA, _("the address to unsubscribe is too long"));
	str_free(&uri);
	return ret;
}

static int add_bcc_to(const struct compose_frame *frame, struct str *out, struct fail *f)
{
	if (frame->list_address.addr.domain.len > 0)
		return header_mailbox(out, "To", &frame->list_address, frame->utf8, f);
	return header_token(out, "To", VIEW("undisclosed-recipients:;"), f);
}

/* The fields that are the same in every message. */
static int build_fields(struct compose *c, const struct compose_frame *frame, struct fail *f)
{
	struct str *out = &c->fields;

	if (header_mailbox(out, "From", &frame->from, frame->utf8, f) < 0)
		return -1;
	if (frame->reply_to.addr.domain.len > 0 &&
		header_mailbox(out, "Reply-To", &frame->reply_to, frame->utf8, f) < 0)
		return -1;
	if (frame->mode == COMPOSE_BCC &&
		(add_bcc_to(frame, out, f) < 0 || add_unsubscribe(c, VIEW(""), out, f) < 0))
		return -1;
	if (frame->list_id.len > 0 && header_list_id(out, frame->list_name, frame->list_id, f) < 0)
		return -1;
	if (header_token(out, "Precedence", VIEW("bulk"), f) < 0 ||
		header_token(out, "X-Auto-Response-Suppress", VIEW("OOF, AutoReply"), f) < 0)
		return -1;
	return header_token(out, "MIME-Version", VIEW("1.0"), f);
}

static bool has_high_byte(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if ((v.p[i] & 0x80) != 0)
			return true;
	return false;
}

struct compose *compose_new(const struct compose_frame *frame, struct fail *f)
{
	struct compose *c = mem_alloc(sizeof *c);

	c->mode = frame->mode;
	c->campaign = frame->campaign;
	c->zone = frame->zone;
	c->utf8 = frame->utf8;
	str_init(&c->fields, COMPOSE_FIELDS_MAX);
	str_init(&c->instance, HEADER_TEXT_MAX);
	str_init(&c->domain, ADDR_WIRE_MAX);
	str_init(&c->unsubscribe, HEADER_URI_MAX);
	str_init(&c->date_field, HEADER_LINE_MAX);
	str_init(&c->multipart, HEADER_LINE_MAX);
	c->digest = digest_new();
	c->plain = mime_memo_new();
	c->html = mime_memo_new();
	if (str_addv(&c->instance, frame->instance) < 0) {
		(void)fail_set(f, FAIL_DATA, _("the name of this installation is too long"));
		compose_free(&c);
	} else if (domain_ascii(frame->from.addr.domain, &c->domain, f) < 0 ||
		   build_unsubscribe(c, &frame->unsubscribe, f) < 0 ||
		   build_fields(c, frame, f) < 0) {
		compose_free(&c);
	} else {
		c->from_utf8 = has_high_byte(str_view(&c->fields));
		compose_message_id(c, VIEW(""), 0, c->seed);
		mime_boundary(view_of(c->seed), 0, NULL, 0, c->boundary);
		(void)mime_multipart(&c->multipart, "alternative", c->boundary, f);
	}
	return c;
}

void compose_free(struct compose **c)
{
	if (*c == NULL)
		return;
	str_free(&(*c)->fields);
	str_free(&(*c)->instance);
	str_free(&(*c)->domain);
	str_free(&(*c)->unsubscribe);
	str_free(&(*c)->date_field);
	str_free(&(*c)->multipart);
	digest_free(&(*c)->digest);
	mime_memo_free(&(*c)->plain);
	mime_memo_free(&(*c)->html);
	free(*c);
	*c = NULL;
}

struct view compose_last_id(const struct compose *c)
{
	return view_of(c->id);
}

void compose_message_id(const struct compose *c, struct view token, int64_t contact_or_batch,
	char out[COMPOSE_ID_SIZE])
{
	struct digest *d = c->digest;
	unsigned char hash[DIGEST_SIZE];
	struct str id;

	digest_piece(d, VIEW("facteur message-id"));
	digest_piece(d, str_view(&c->instance));
	digest_number(d, c->campaign);
	digest_number(d, c->mode);
	digest_number(d, contact_or_batch);
	digest_end(d, hash);
	str_init(&id, COMPOSE_ID_SIZE - 1);
	if (token.len > 0) {
		(void)str_addv(&id, token);
		(void)str_addc(&id, '.');
	}
	(void)digest_base32(&id, hash, token.len > 0 ? COMPOSE_ID_MORE : COMPOSE_ID_HASH);
	(void)str_addc(&id, '@');
	(void)str_addv(&id, str_view(&c->domain));
	assert(str_ok(&id));
	memcpy(out, id.p, id.len + 1);
	str_free(&id);
}

static int add_date(struct compose *c, int64_t date, struct str *out, struct fail *f)
{
	/* The field has seconds, rounded down for moments before 1970 too. */
	int64_t second = date / 1000 - (date % 1000 < 0);

	if (c->date_field.len == 0 || c->date != second) {
		str_clear(&c->date_field);
		if (header_date(&c->date_field, "Date", date, c->zone, f) < 0)
			return -1;
		c->date = second;
	}
	(void)str_addv(out, str_view(&c->date_field));
	return 0;
}

/* The token once more, where this relay looks for what it shall give back. */
static int add_token_field(const struct compose_to *to, struct str *out, struct fail *f)
{
	const struct view here = VIEW("{token}");
	ptrdiff_t colon = view_find(to->token_field, VIEW(": ")), at;
	char name[HEADER_NAME_MAX + 1];
	struct view template;
	struct str value;
	int ret;

	if (to->token_field.len == 0)
		return 0;
	template = view_from(to->token_field, (size_t)colon + 2);
	at = view_find(template, here);
	assert(colon > 0 && colon <= HEADER_NAME_MAX && at >= 0);
	memcpy(name, to->token_field.p, (size_t)colon);
	name[colon] = '\0';
	str_init(&value, HEADER_TEXT_MAX);
	(void)str_addv(&value, view_sub(template, 0, (size_t)at));
	(void)str_addv(&value, to->return_token);
	(void)str_addv(&value, view_from(template, (size_t)at + here.len));
	ret = header_token(out, name, str_view(&value), f);
	str_free(&value);
	return ret;
}

/* The fields of this message alone. */
static int add_own_fields(struct compose *c, const struct compose_parts *parts,
	const struct compose_to *to, const char *id, int64_t date, struct str *out, struct fail *f)
{
	if (c->mode == COMPOSE_INDIVIDUAL &&
		(header_mailbox(out, "To", &to->mailbox, c->utf8, f) < 0 ||
			add_unsubscribe(c, to->token, out, f) < 0))
		return -1;
	if (header_text(out, "Subject", parts->subject, f) < 0 || add_date(c, date, out, f) < 0)
		return -1;
	if (header_msgid(out, "Message-ID", view_of(id), f) < 0)
		return -1;
	if (to->return_token.len == 0)
		return 0;
	if (header_token(out, "X-Facteur-Token", to->return_token, f) < 0)
		return -1;
	return add_token_field(to, out, f);
}

/* The campaign's boundary, or another where a text holds that one. */
static int add_multipart(struct compose *c, const struct view *texts, size_t n,
	char boundary[MIME_BOUNDARY_SIZE], struct str *out, struct fail *f)
{
	bool held = false;

	for (size_t i = 0; i < n; i++)
		held = held || mime_holds(texts[i], c->boundary);
	if (held) {
		mime_boundary(view_of(c->seed), 0, texts, n, boundary);
		return mime_multipart(out, "alternative", boundary, f);
	}
	memcpy(boundary, c->boundary, MIME_BOUNDARY_SIZE);
	(void)str_addv(out, str_view(&c->multipart));
	return 0;
}

/* From the Content-Type of the message on. */
static int add_body(
	struct compose *c, const struct compose_parts *parts, struct str *out, struct fail *f)
{
	const struct view texts[] = {parts->text, parts->html};
	char boundary[MIME_BOUNDARY_SIZE];

	if (parts->html.len == 0)
		return mime_text(out, "plain", parts->text, c->plain, f);
	if (add_multipart(c, texts, sizeof texts / sizeof *texts, boundary, out, f) < 0)
		return -1;
	/* The richer form last (RFC 2046 5.1.4). */
	mime_part(out, boundary);
	if (mime_text(out, "plain", parts->text, c->plain, f) < 0)
		return -1;
	mime_part(out, boundary);
	if (mime_text(out, "html", parts->html, c->html, f) < 0)
		return -1;
	mime_end(out, boundary);
	return 0;
}

int compose_message(struct compose *c, const struct compose_parts *parts,
	const struct compose_to *to, int64_t date, struct str *out, bool *utf8, struct fail *f)
{
	bool bcc = c->mode == COMPOSE_BCC;
	size_t before = out->len;

	if (to->return_token.len > TOKEN_SIZE_MAX)
		return fail_set(f, FAIL_BUG, _("the token of a message is too long"));
	assert(!bcc || (to->mailbox.addr.domain.len == 0 && to->token.len == 0));
	compose_message_id(c, to->message_token, bcc ? to->batch : to->contact, c->id);
	(void)str_addv(out, str_view(&c->fields));
	if (add_own_fields(c, parts, to, c->id, date, out, f) < 0 ||
		add_body(c, parts, out, f) < 0) {
		str_cut(out, before);
		return -1;
	}
	if (!str_ok(out)) {
		str_cut(out, before);
		return fail_set(f, FAIL_DATA, _("the message is too large"));
	}
	if (utf8 != NULL)
		*utf8 = c->from_utf8 || (!bcc && has_high_byte(to->mailbox.addr.local));
	return 0;
}
