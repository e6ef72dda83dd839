#include "returns/record.h"
#include "mail/token.h"
#include "returns/returns_private.h"

/* Evidence is kept as one text: where, line, confidence, rule and words, with a tab between. */
enum { WHY_MAX = 990, WHY_WORDS_MAX = 400, WHY_PARTS = 5 };

struct view returns_why(struct returns *r, const struct bounce_evidence *why)
{
	struct str text;
	struct view kept;

	if (why->rule == NULL && why->words.len == 0)
		return VIEW("");
	str_init(&text, WHY_MAX);
	(void)str_addf(&text, "%.*s\t%zu\t%u\t%s\t", VIEW_ARG(view_sub(why->where, 0, 64)),
		why->line, why->confidence, why->rule != NULL ? why->rule : "");
	(void)str_addv(&text, view_sub(why->words, 0, WHY_WORDS_MAX));
	kept = arena_dup(&r->a, str_view(&text));
	str_free(&text);
	return kept;
}

static void read_why(struct view text, struct arena *a, struct bounce_evidence *out)
{
	struct view rest = text, part[WHY_PARTS] = {{0}};
	uint64_t n;
	size_t i;

	for (i = 0; i < WHY_PARTS - 1 && view_split(&rest, '\t', &part[i]); i++)
		;
	part[i] = rest;
	*out = (struct bounce_evidence){.where = part[0], .words = part[4]};
	if (view_u64(part[1], SIZE_MAX, &n))
		out->line = (size_t)n;
	if (view_u64(part[2], 100, &n))
		out->confidence = (unsigned)n;
	if (part[3].len > 0)
		out->rule = arena_dupz(a, part[3]);
}

/* What kind of complaint, or of automatic reply. */
static const char *type_name(const struct bounce_verdict *v)
{
	if (v->kind == BOUNCE_COMPLAINT)
		return bounce_complaint_name(v->complaint);
	return v->kind == BOUNCE_AUTO_REPLY ? bounce_auto_name(v->auto_reply) : "";
}

static void read_type(struct view name, struct bounce_verdict *v)
{
	for (int i = COMPLAINT_ABUSE; i <= COMPLAINT_OTHER; i++)
		if (view_is(name, bounce_complaint_name((enum bounce_complaint)i)))
			v->complaint = (enum bounce_complaint)i;
	for (int i = AUTO_REPLY; i <= AUTO_ACKNOWLEDGEMENT; i++)
		if (view_is(name, bounce_auto_name((enum bounce_auto)i)))
			v->auto_reply = (enum bounce_auto)i;
}

/* What nobody could make anything of is kept for somebody to look at. A person's mail is not:
 * it lies in the mailbox. */
static bool keeps(const struct bounce_verdict *v)
{
	if (v->kind != BOUNCE_FAILED)
		return false;
	for (size_t i = 0; i < v->recipient_count; i++)
		if (v->recipients[i].reason == REASON_UNKNOWN ||
			v->recipients[i].reason == REASON_UNCLEAR)
			return true;
	return v->recipient_count == 0;
}

void returns_record(struct returns *r, const struct bounce_verdict *v,
	const struct returns_origin *origin, struct store_returned *out)
{
	*out = (struct store_returned){
		.place = origin->place,
		.at = origin->now,
		.date = v->date,
		.kind = view_of(bounce_kind_name(v->kind)),
		.type = view_of(type_name(v)),
		.writer = view_of(v->writer),
		.author = v->from,
		.subject = v->subject,
		.message_id = v->original.message_id,
		.envelope_id = v->original.envelope_id,
		.moved_to = v->new_address,
		.why = returns_why(r, &v->kind_why),
		.raw = keeps(v) ? origin->raw : VIEW(""),
	};
}

void returns_record_rcpt(
	struct returns *r, const struct bounce_recipient *rcpt, struct store_returned_rcpt *out)
{
	*out = (struct store_returned_rcpt){
		.address = rcpt->address,
		.action = rcpt->action,
		.status = rcpt->status,
		.reply_code = rcpt->reply_code,
		.reason = view_of(bounce_reason_name(rcpt->reason)),
		.permanence = view_of(bounce_permanence_name(rcpt->permanence)),
		.remote_mta = rcpt->remote_mta,
		.diagnostic = rcpt->diagnostic,
		.moved_to = rcpt->new_address,
		.address_why = returns_why(r, &rcpt->address_why),
		.reason_why = returns_why(r, &rcpt->reason_why),
	};
}

enum bounce_kind returns_kind(struct view name)
{
	for (int kind = 0; kind < BOUNCE_KINDS; kind++)
		if (view_is(name, bounce_kind_name((enum bounce_kind)kind)))
			return (enum bounce_kind)kind;
	return BOUNCE_OTHER;
}

static enum bounce_permanence permanence_of(struct view name)
{
	for (int p = BOUNCE_NONE; p <= BOUNCE_PERMANENT; p++)
		if (view_is(name, bounce_permanence_name((enum bounce_permanence)p)))
			return (enum bounce_permanence)p;
	return BOUNCE_NONE;
}

void returns_verdict(const struct store_returned *r, const struct vec *rcpts, struct arena *a,
	struct bounce_verdict *out)
{
	struct bounce_recipient *all = arena_alloc(a, (rcpts->len + 1) * sizeof *all);

	*out = (struct bounce_verdict){
		.kind = returns_kind(r->kind),
		.writer = r->writer.len > 0 ? arena_dupz(a, r->writer) : NULL,
		.recipients = all,
		.recipient_count = rcpts->len,
		.new_address = r->moved_to,
		.from = r->author,
		.subject = r->subject,
		.date = r->date,
		.original = {.message_id = r->message_id, .envelope_id = r->envelope_id},
	};
	read_why(r->why, a, &out->kind_why);
	read_type(r->type, out);
	for (size_t i = 0; i < rcpts->len; i++) {
		const struct store_returned_rcpt *row = vec_at(rcpts, i);

		all[i] = (struct bounce_recipient){
			.address = row->address,
			.action = row->action,
			.status = row->status,
			.remote_mta = row->remote_mta,
			.diagnostic = row->diagnostic,
			.reply_code = row->reply_code,
			.permanence = permanence_of(row->permanence),
			.new_address = row->moved_to,
		};
		(void)bounce_reason_of_name(row->reason, &all[i].reason);
		read_why(row->address_why, a, &all[i].address_why);
		read_why(row->reason_why, a, &all[i].reason_why);
	}
}
