#include "bounce/read_private.h"

const char *bounce_kind_name(enum bounce_kind kind)
{
	static const char *const names[BOUNCE_KINDS] = {
		[BOUNCE_OTHER] = "other",
		[BOUNCE_FAILED] = "failed",
		[BOUNCE_DELAYED] = "delayed",
		[BOUNCE_DELIVERED] = "delivered",
		[BOUNCE_RELAYED] = "relayed",
		[BOUNCE_EXPANDED] = "expanded",
		[BOUNCE_COMPLAINT] = "complaint",
		[BOUNCE_AUTO_REPLY] = "auto-reply",
		[BOUNCE_CHALLENGE] = "challenge",
		[BOUNCE_RECEIPT] = "receipt",
		[BOUNCE_UNSUBSCRIBE] = "unsubscribe",
	};

	return (unsigned)kind < BOUNCE_KINDS ? names[kind] : names[BOUNCE_OTHER];
}

static struct view without_brackets(struct view id)
{
	ptrdiff_t open = view_chr(id, '<'), close;

	if (open < 0)
		return view_trim(id);
	id = view_from(id, (size_t)open + 1);
	close = view_chr(id, '>');
	return view_trim(close < 0 ? id : view_sub(id, 0, (size_t)close));
}

static void read_original(struct reading *r)
{
	struct bounce_verdict *v = r->v;
	struct view id = read_returned(r, "Message-ID");

	if (id.len > 0)
		v->original.message_id = id;
	v->original.message_id = without_brackets(v->original.message_id);
	v->original.envelope_id = view_trim(v->original.envelope_id);
	v->original.from = address_first(read_returned(r, "From"));
	v->original.to = address_first(read_returned(r, "To"));
	v->original.subject = read_returned(r, "Subject");
}

/* "user has moved; please try <ben@example.net>" */
static void find_moved(struct bounce_verdict *v, struct bounce_recipient *to)
{
	size_t at = 0, begin;
	struct view address;

	(void)v;
	if (to->reason != REASON_MAILBOX_MOVED)
		return;
	while ((address = address_next(to->diagnostic, &at, &begin)).len > 0)
		if (!address_is(address, to->address)) {
			to->new_address = address;
			return;
		}
}

/* The last word of a message that ends within a line may be cut: an address or a number that
 * is not whole would be another one. */
static struct view without_torn_word(struct view message)
{
	enum { WORD_MAX = 400 };
	size_t len = message.len;

	while (len > 0 && message.len - len < WORD_MAX && !ascii_is_space(message.p[len - 1]))
		len--;
	return message.len - len < WORD_MAX ? view_sub(message, 0, len) : message;
}

void bounce_read(struct view message, struct arena *a, struct bounce_verdict *out)
{
	struct message m;
	struct reading *r = arena_alloc(a, sizeof *r);
	struct bounce_recipient *recipients;

	*out = (struct bounce_verdict){0};
	message_read(without_torn_word(message), a, &m);
	r->is_torn = message.len > 0 && message.p[message.len - 1] != '\n' &&
		     message.p[message.len - 1] != '\r';
	r->m = &m;
	r->a = a;
	r->v = out;
	vec_init(&r->places, sizeof(struct place));
	vec_init(&r->recipients, sizeof(struct bounce_recipient));
	read_parts(r);
	kind_decide(r);
	for (size_t i = 0; i < r->recipients.len; i++)
		find_moved(out, vec_at(&r->recipients, i));
	read_original(r);
	tokens_collect(r);
	out->recipient_count = r->recipients.len;
	recipients = arena_alloc(a, (out->recipient_count + 1) * sizeof *recipients);
	for (size_t i = 0; i < out->recipient_count; i++)
		recipients[i] = *(struct bounce_recipient *)vec_at(&r->recipients, i);
	out->recipients = recipients;
	out->defects = m.defects;
	vec_free(&r->places);
	vec_free(&r->recipients);
	evidence_lines(message, out, recipients);
}
