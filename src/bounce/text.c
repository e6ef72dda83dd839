#include "bounce/read_private.h"

static struct bounce_recipient *add_from_text(
	struct reading *r, const struct place *p, struct view address)
{
	struct bounce_recipient *to = recipient_add(r, address);

	if (to == NULL)
		return NULL;
	to->address_why = (struct bounce_evidence){
		.where = VIEW("text"),
		.words = address,
		.rule = p != NULL ? p->rule : "field.x-failed-recipients",
		.confidence = p != NULL && p->weight < PLACE_LINE ? p->weight : 95,
	};
	return to;
}

/* Some gateways say nothing themselves and return the report of another. */
static struct view inner_report(struct reading *r)
{
	for (size_t i = 0; r->returned != NULL && i < r->m->part_count; i++) {
		const struct message_part *p = r->m->parts[i], *up = p;
		struct match_text words;

		while (up != NULL && up != r->returned)
			up = up->parent;
		if (up == NULL || !view_is(p->type, "text/plain"))
			continue;
		match_read(&words, view_sub(message_words(r->m, p), 0, READ_TEXT_MAX), r->a);
		for (size_t from = 0;;) {
			const struct bounce_row *row = match_next(&words, TABLE_WRITERS, &from);

			if (row == NULL)
				return VIEW("");
			if (row->value == WRITER_REPORT)
				return words.raw;
		}
	}
	return VIEW("");
}

/* Nothing of the text stands behind it. */
static bool reaches_end(const struct reading *r, struct view block)
{
	return block.len == 0 || (size_t)(block.p - r->text.p) + block.len == r->text.len;
}

/* What the report says of one recipient: its block; all, where there is but one recipient and
 * the block says nothing. */
static void decide(
	struct reading *r, struct bounce_recipient *to, const struct place *p, bool is_alone)
{
	enum { SAYS_SOMETHING = 50 };
	struct view block = p != NULL && p->weight >= PLACE_CODE ? p->block
			    : is_alone				 ? r->text
			    : p != NULL				 ? p->block
								 : VIEW("");

	recipient_decide(r, to, VIEW(""), block, reaches_end(r, block));
	if (p != NULL && p->weight == PLACE_CODE)
		to->reply_code = p->code;
	if (to->reason_why.confidence < SAYS_SOMETHING && block.len < r->text.len && is_alone)
		recipient_decide(r, to, VIEW(""), r->text, true);
	to->reason_why.where = VIEW("text");
	if (to->reason == REASON_UNKNOWN && is_alone) {
		struct view inner = inner_report(r);

		if (inner.len > 0) {
			recipient_decide(r, to, VIEW(""), inner, false);
			to->reason_why.where = VIEW("returned message");
		}
	}
}

static bool failed_field(struct reading *r)
{
	struct view value = message_text(r->m, r->root, "X-Failed-Recipients"), address;
	size_t at = 0, begin;

	while ((address = address_next(value, &at, &begin)).len > 0)
		(void)add_from_text(r, NULL, address);
	return r->recipients.len > 0;
}

/* The weight that the places must have: the surest only, and with them their equals. */
static unsigned least_weight(const struct reading *r)
{
	unsigned best = 0;

	for (size_t i = 0; i < r->places.len; i++) {
		const struct place *p = vec_at(&r->places, i);

		if (p->weight > best)
			best = p->weight;
	}
	return best >= PLACE_ORIGIN ? best
	       : best >= PLACE_GOOD ? PLACE_GOOD
	       : best >= PLACE_FAIR ? PLACE_FAIR
				    : best;
}

static void add_places(struct reading *r)
{
	unsigned least = least_weight(r);

	for (size_t i = 0; i < r->places.len; i++) {
		const struct place *p = vec_at(&r->places, i);

		if (p->weight >= least)
			(void)add_from_text(r, p, p->address);
	}
}

/* The fallback: whom the returned message was for. */
static void add_returned(struct reading *r)
{
	enum { RETURNED_CONFIDENCE = 40 };
	struct view address = address_first(read_returned(r, "To"));
	struct bounce_recipient *to = address.len == 0 ? NULL : add_from_text(r, NULL, address);

	if (to == NULL)
		return;
	to->address_why.rule = "returned.to";
	to->address_why.confidence = RETURNED_CONFIDENCE;
}

bool text_recipients(struct reading *r)
{
	if (!failed_field(r))
		add_places(r);
	if (r->recipients.len == 0)
		add_returned(r);
	for (size_t i = 0; i < r->recipients.len; i++) {
		struct bounce_recipient *to = vec_at(&r->recipients, i);

		decide(r, to, place_of(r, to->address), r->recipients.len == 1);
	}
	return r->recipients.len > 0;
}

/* The fields of a report that stand in the text, because its writer or somebody who forwarded
 * it put them there. */
struct loose {
	struct view original, final, action, status, diagnostic;
};

static void flush(struct reading *r, struct loose *l)
{
	struct view address = address_first(l->original.len > 0 ? l->original : l->final);
	struct bounce_recipient *to;

	if (address.len > 0 && (l->action.len > 0 || l->status.len > 0 || l->diagnostic.len > 0) &&
		(to = recipient_add(r, address)) != NULL) {
		to->address_why = (struct bounce_evidence){.where = VIEW("text"),
			.words = address,
			.rule = "text.final-recipient",
			.confidence = 90};
		to->action = view_starts_nocase(l->action, VIEW("delayed")) ? VIEW("delayed")
									    : VIEW("failed");
		to->status = diagnosis_status(l->status);
		recipient_decide(r, to,
			status_with_comment(r, l->diagnostic, l->status, to->status),
			l->diagnostic.len > 0 ? VIEW("") : r->text, false);
		to->reason_why.where = VIEW("text");
	}
	*l = (struct loose){0};
}

/* The rest stands right behind the text. */
static struct view text_and_rest(const struct reading *r)
{
	return view_make(r->text.p, r->text.len + r->rest.len);
}

static bool loose_field(struct view line, const char *name, struct view *out)
{
	size_t len = strlen(name);

	if (!view_starts_nocase(line, view_make(name, len)))
		return false;
	*out = view_trim(view_from(line, len));
	return true;
}

bool text_fields(struct reading *r)
{
	struct view all = text_and_rest(r), line;
	struct loose l = {0};

	all = view_sub(all, 0, READ_TEXT_MAX);
	while (all.len > 0 && view_line(&all, &line)) {
		struct view value;

		while (line.len > 0 && (line.p[0] == '>' || line.p[0] == ' '))
			line = view_from(line, 1);
		if (loose_field(line, "Final-Recipient:", &value)) {
			if (l.final.len > 0)
				flush(r, &l);
			l.final = value;
		} else if (loose_field(line, "Original-Recipient:", &value)) {
			if (l.original.len > 0)
				flush(r, &l);
			l.original = value;
		} else if (!loose_field(line, "Action:", &l.action) &&
			   !loose_field(line, "Status:", &l.status)) {
			(void)loose_field(line, "Diagnostic-Code:", &l.diagnostic);
		}
	}
	flush(r, &l);
	return r->recipients.len > 0;
}

/* "name":"value" in JSON that came as text; broken lines are as they were sent. */
static struct view json_text(struct view all, const char *name)
{
	ptrdiff_t at = view_find(all, view_of(name)), end;
	struct view rest;

	if (at < 0)
		return VIEW("");
	rest = view_from(all, (size_t)at + strlen(name));
	while (rest.len > 0 && (rest.p[0] == ':' || rest.p[0] == ' '))
		rest = view_from(rest, 1);
	if (rest.len == 0 || rest.p[0] != '"')
		return VIEW("");
	rest = view_from(rest, 1);
	end = view_chr(rest, '"');
	return end < 0 ? VIEW("") : view_sub(rest, 0, (size_t)end);
}

/* The notifications that Amazon SES sends by mail (through SNS). */
bool notification_recipients(struct reading *r)
{
	struct view all = text_and_rest(r);
	struct view type = json_text(all, "\"notificationType\"");
	ptrdiff_t at;

	if (view_is(type, "Complaint"))
		r->v->kind = BOUNCE_COMPLAINT;
	else if (!view_is(type, "Bounce") && !view_is(type, "Delivery"))
		return false;
	while ((at = view_find(all, VIEW("\"emailAddress\""))) >= 0) {
		struct view one = view_from(all, (size_t)at);
		ptrdiff_t next = view_find(view_from(one, 1), VIEW("\"emailAddress\""));
		struct view group = next < 0 ? one : view_sub(one, 0, (size_t)next + 1);
		struct bounce_recipient *to =
			recipient_add(r, json_text(group, "\"emailAddress\""));

		all = view_from(one, group.len);
		if (to == NULL)
			continue;
		to->address_why = (struct bounce_evidence){.where = VIEW("text"),
			.words = to->address,
			.rule = "json.email-address",
			.confidence = 95};
		to->action = view_is(type, "Delivery") ? VIEW("delivered") : VIEW("failed");
		to->status = diagnosis_status(json_text(group, "\"status\""));
		recipient_decide(r, to, report_type(json_text(group, "\"diagnosticCode\"")).text,
			VIEW(""), false);
		to->reason_why.where = VIEW("text");
	}
	return r->recipients.len > 0;
}
