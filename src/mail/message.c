#include "mail/message_private.h"
#include "base/utf8.h"

/* Types beside text/... that are text to be read. */
static const char *const text_types[] = {
	"message/delivery-status",
	"message/global-delivery-status",
	"message/feedback-report",
	"message/disposition-notification",
	"message/global-disposition-notification",
	"message/tracking-status",
	"message/global-headers",
};

static bool is_text(const struct message_part *part)
{
	if (view_starts(part->type, VIEW("text/")) || view_starts(part->type, VIEW("multipart/")))
		return true;
	for (size_t i = 0; i < sizeof text_types / sizeof *text_types; i++)
		if (view_is(part->type, text_types[i]))
			return true;
	return false;
}

static struct view cut(struct message *m, struct view text)
{
	if (text.len <= MESSAGE_TEXT_MAX)
		return text;
	m->defects |= MESSAGE_TEXT_CUT;
	text.len = utf8_floor(text, MESSAGE_TEXT_MAX);
	return text;
}

/* The charset that HTML names itself, where the header names none: what follows "charset=" in
 * its first octets (HTML Living Standard 13.2.3.2). */
static struct view charset_of_html(struct view html)
{
	enum { LOOK = 1024 };
	struct view head = view_sub(html, 0, LOOK);
	ptrdiff_t at = view_find_nocase(head, VIEW("charset="));
	size_t n = 0;

	if (at < 0)
		return view_make(NULL, 0);
	head = view_from(head, (size_t)at + strlen("charset="));
	if (head.len > 0 && (head.p[0] == '"' || head.p[0] == '\''))
		head = view_from(head, 1);
	while (n < head.len &&
		(ascii_is_alnum(head.p[n]) || view_chr(VIEW("-_:."), head.p[n]) >= 0))
		n++;
	return view_sub(head, 0, n);
}

static struct view decode_body(struct message *m, const struct message_part *part)
{
	struct view label = view_make(NULL, 0), body;
	const struct message_field *type = message_field(part, "Content-Type", 0);

	/* The encoding of a multipart is none (RFC 2045 6.4). */
	if (view_starts(part->type, VIEW("multipart/")))
		return cut(
			m, message_utf8(m, view_sub(part->preamble, 0, MESSAGE_TEXT_MAX), label));
	body = message_undo(m, message_encoding_of(part), part->body, MESSAGE_TEXT_MAX);
	if (!is_text(part))
		return body;
	if (type != NULL)
		label = message_param_raw(m, type->value, "charset");
	if (label.len == 0 && view_is(part->type, "text/html"))
		label = charset_of_html(body);
	return cut(m, message_utf8(m, body, label));
}

struct view message_body(struct message *m, const struct message_part *part)
{
	struct message_cache *c = &m->cache[part->number];

	if (c->body.p == NULL) {
		c->body = decode_body(m, part);
		if (c->body.p == NULL)
			c->body = view_make("", 0);
	}
	return c->body;
}

struct view message_words(struct message *m, const struct message_part *part)
{
	struct message_cache *c = &m->cache[part->number];

	if (!view_is(part->type, "text/html") && !view_is(part->type, "application/xhtml+xml"))
		return message_body(m, part);
	if (c->words.p == NULL) {
		c->words = message_html(m->arena, message_body(m, part));
		if (c->words.p == NULL)
			c->words = view_make("", 0);
	}
	return c->words;
}
