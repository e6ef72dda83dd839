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

/* The first paragraph on one line, without what folding left. */
static struct view one_line(struct reading *r, struct view text)
{
	struct str s;
	struct view line, v;

	str_init(&s, text.len + 1);
	text = view_trim(text);
	while (text.len > 0 && view_line(&text, &line) && (line = view_trim(line)).len > 0) {
		if (s.len > 0)
			(void)str_addc(&s, ' ');
		for (size_t i = 0; i < line.len; i++)
			if (!ascii_is_space(line.p[i]))
				(void)str_addc(&s, line.p[i]);
			else if (!ascii_is_space(line.p[i - 1]))
				(void)str_addc(&s, ' ');
	}
	v = arena_dup(r->a, str_view(&s));
	str_free(&s);
	return v;
}

/* A server that is asked again later is told so by our own side, whatever it said: 554 to the
 * connection is 4.7.1 in the report of Postfix. */
static bool is_softened(const struct bounce_recipient *to, struct view said)
{
	return view_is(to->action, "delayed") && view_starts(to->status, VIEW("4.")) &&
	       !is_vague(to->status) && view_starts(said, VIEW("5."));
}

/* The reply that was good, where the message was handed on. */
static int success_code(const struct bounce_recipient *to, struct view diagnostic)
{
	uint64_t code = 0;
	size_t n = 0;

	if (!view_is(to->action, "relayed") && !view_is(to->action, "delivered"))
		return 0;
	while (n < diagnostic.len && ascii_is_digit(diagnostic.p[n]))
		n++;
	if (n != 3 || !view_u64(view_sub(diagnostic, 0, n), 299, &code) || code < 200)
		return 0;
	return (int)code;
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
	if (is_softened(to, said.status))
		said.status = VIEW("");
	if (said.status.len > 0 && (!is_vague(said.status) || is_vague(to->status)))
		to->status = said.status;
	else if (is_vague(to->status) && around.status.len > 0 &&
		 (!is_vague(around.status) || to->status.len == 0))
		to->status = around.status;
	if (said.code == 0)
		said.code = success_code(to, diagnostic);
	to->reply_code = said.code;
	clue.reply_code = said.code;
	clue.status = to->status;
	clue.command = diagnosis_command_name(command_in(r, block.len > 0 ? block : diagnostic));
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
	to->diagnostic =
		one_line(r, diagnostic.len > 0 ? diagnostic
					       : paragraph(view_trim(around.reply), finding.words));
}
