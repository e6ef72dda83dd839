#include "bounce/read_private.h"

struct bounce_recipient *recipient_add(struct reading *r, struct view address)
{
	struct bounce_recipient *to;

	if (r->recipients.len >= BOUNCE_RECIPIENTS_MAX)
		return NULL;
	for (size_t i = 0; i < r->recipients.len && address.len > 0; i++)
		if (address_is(((struct bounce_recipient *)vec_at(&r->recipients, i))->address,
			    address))
			return NULL;
	to = vec_push(&r->recipients);
	to->address = address;
	return to;
}

static struct view domain_of(struct view address)
{
	ptrdiff_t at = view_chr(address, '@');

	return at < 0 ? VIEW("") : view_from(address, (size_t)at + 1);
}

static bool is_vague(struct view status)
{
	return status.len < 5 || view_ends(status, VIEW(".0.0"));
}

static enum bounce_command command_in(struct reading *r, struct view block)
{
	struct match_text words;

	if (block.len == 0)
		return COMMAND_NONE;
	match_read(&words, block, r->a);
	return diagnosis_command(&words, block);
}

static void find(struct bounce_clue *clue, struct view text, struct bounce_finding *out)
{
	clue->text = text;
	bounce_reason_find(clue, out);
}

/* Numbers alone decided: words elsewhere may say more. */
enum { STATUS_ALONE = 70 }; /* what a status alone is worth */
static bool is_by_numbers(const struct bounce_finding *f)
{
	return f->words.len == 0;
}

static void take_finding(struct bounce_recipient *to, const struct bounce_finding *f)
{
	to->reason = f->reason;
	to->permanence = f->permanence;
	to->reason_why.rule = f->rule;
	to->reason_why.words = f->words;
	to->reason_why.confidence = f->confidence;
}

/* Numbers alone take nobody off a list where the words that follow them may be lost. */
static void doubt(struct bounce_finding *f)
{
	enum { DOUBT_CONFIDENCE = 20 };

	if (!is_by_numbers(f) || f->permanence != BOUNCE_PERMANENT)
		return;
	f->reason = REASON_UNCLEAR;
	f->permanence = BOUNCE_NONE;
	f->confidence = DOUBT_CONFIDENCE;
}

/* What is said is the paragraph of the words that decided, from the reply's code on if it
 * begins with one. */
static struct view paragraph(struct view said, struct view words)
{
	bool has_code = said.len > 0 && said.p[0] >= '0' && said.p[0] <= '9';
	const char *begin = said.p;
	struct view rest = said, line;

	if (words.len == 0 || words.p < said.p || words.p >= said.p + said.len)
		return said;
	while (rest.len > 0 && view_line(&rest, &line)) {
		if (view_trim(line).len > 0)
			continue;
		if (line.p >= words.p + words.len)
			return view_trim(view_make(begin, (size_t)(line.p - begin)));
		if (!has_code)
			begin = line.p;
	}
	return view_trim(view_make(begin, (size_t)(said.p + said.len - begin)));
}

void recipient_decide(struct reading *r, struct bounce_recipient *to, struct view diagnostic,
	struct view block, bool is_last)
{
	struct diagnosis said, around;
	struct bounce_finding finding, other;
	struct bounce_clue clue = {.domain = domain_of(to->address)};

	diagnosis_read(diagnostic, &said);
	diagnosis_read(block, &around);
	if (said.code == 0 && (diagnostic.len == 0 || said.status.len == 0))
		said.code = around.code;
	if (said.status.len > 0 && (!is_vague(said.status) || is_vague(to->status)))
		to->status = said.status;
	else if (is_vague(to->status) && around.status.len > 0 &&
		 (!is_vague(around.status) || to->status.len == 0))
		to->status = around.status;
	to->reply_code = said.code;
	clue.reply_code = said.code;
	clue.status = to->status;
	clue.command = diagnosis_command_name(command_in(r, block.len > 0 ? block : diagnostic));
	to->diagnostic = diagnostic.len > 0 ? diagnostic : view_trim(around.reply);
	find(&clue, diagnostic.len > 0 ? said.reply : around.reply, &finding);
	if (is_by_numbers(&finding) && diagnostic.len > 0 && said.reply.p != diagnostic.p) {
		find(&clue, diagnostic, &other);
		if (other.confidence > finding.confidence)
			finding = other;
	}
	if (is_by_numbers(&finding) && finding.confidence < STATUS_ALONE && block.len > 0) {
		find(&clue, block, &other);
		if (other.confidence > finding.confidence)
			finding = other;
	}
	if (is_last && r->is_open)
		doubt(&finding);
	take_finding(to, &finding);
	if (diagnostic.len == 0)
		to->diagnostic = paragraph(to->diagnostic, finding.words);
}
