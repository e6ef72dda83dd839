#include "bounce/read_private.h"

/* Lines are counted once, from the last place that was asked for: recipients stand in the
 * order of the message. */
struct counter {
	struct view message;
	const char *at;
	size_t line;
};

/* LF, CRLF and CR end lines; the CR of a CRLF may stand before, and its LF behind. */
static size_t lines_between(const char *from, const char *to, const char *end)
{
	size_t lines = 0;

	for (const char *p = from; (p = memchr(p, '\n', (size_t)(to - p))) != NULL; p++)
		lines++;
	for (const char *p = from; (p = memchr(p, '\r', (size_t)(to - p))) != NULL; p++)
		lines += p + 1 < end && p[1] != '\n';
	return lines;
}

static size_t line_of(struct counter *c, struct view words)
{
	const char *end;

	if (words.len == 0 || c->message.len == 0)
		return 0;
	end = c->message.p + c->message.len;
	if (words.p < c->message.p || words.p >= end)
		return 0;
	if (words.p < c->at)
		*c = (struct counter){c->message, c->message.p, 1};
	c->line += lines_between(c->at, words.p, end);
	c->at = words.p;
	return c->line;
}

void evidence_lines(
	struct view message, struct bounce_verdict *v, struct bounce_recipient *recipients)
{
	struct counter addresses = {message, message.p, 1}, reasons = {message, message.p, 1};
	enum { BACKWARDS_MAX = 100 };
	size_t back = 0;

	v->kind_why.line = line_of(&addresses, v->kind_why.words);
	for (size_t i = 0; i < v->recipient_count && back < BACKWARDS_MAX; i++) {
		struct bounce_recipient *to = &recipients[i];

		/* A hostile order would have all counted anew each time. */
		if (to->address_why.words.p < addresses.at || to->reason_why.words.p < reasons.at)
			back++;
		to->address_why.line = line_of(&addresses, to->address_why.words);
		to->reason_why.line = line_of(&reasons, to->reason_why.words);
	}
}
