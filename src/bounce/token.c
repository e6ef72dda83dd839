#include "bounce/read_private.h"
#include "mail/token.h"

static void take(struct bounce_verdict *v, struct view text)
{
	if (text.len == 0 || v->token_count >= BOUNCE_TOKENS_MAX || !token_looks(text))
		return;
	for (size_t i = 0; i < v->token_count; i++)
		if (view_eq_nocase(v->tokens[i], text))
			return;
	v->tokens[v->token_count++] = text;
}

static bool in_token(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || (c >= 'A' && c <= 'Z');
}

/* Each run of letters and digits may be one: "returns+TOKEN", "<TOKEN.HASH@asso.example>". */
static void take_runs(struct bounce_verdict *v, struct view text)
{
	enum { RUNS_MAX = 200 };
	size_t i = 0;

	for (size_t runs = 0; i < text.len && runs < RUNS_MAX; runs++) {
		size_t from;

		while (i < text.len && !in_token(text.p[i]))
			i++;
		from = i;
		while (i < text.len && in_token(text.p[i]))
			i++;
		if (i - from <= TOKEN_SIZE_MAX)
			take(v, view_sub(text, from, i - from));
	}
}

static void take_fields(struct reading *r, const struct message_part *part, const char *name)
{
	enum { SAME_MAX = 20 };
	const struct message_field *f;

	for (size_t n = 0; n < SAME_MAX && (f = message_field(part, name, n)) != NULL; n++)
		take_runs(r->v, f->value);
}

/* The best places first: the address it was sent to, our field in what was returned, its
 * Message-ID, the envelope's id, what a reply refers to. */
void tokens_collect(struct reading *r)
{
	static const char *const own[] = {"To", "Delivered-To", "X-Original-To", "Envelope-To",
		"X-Envelope-To", "X-Delivered-To", "Resent-To", "Cc"};
	static const char *const reply[] = {"In-Reply-To", "References"};
	const struct message_part *root = r->root;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		take_fields(r, root, own[i]);
	take_runs(r->v, read_returned(r, "X-Facteur-Token"));
	take_runs(r->v, r->v->original.message_id);
	take_runs(r->v, r->v->original.envelope_id);
	take_runs(r->v, read_returned(r, "Return-Path"));
	take_runs(r->v, r->v->subject);
	for (size_t i = 0; i < sizeof reply / sizeof *reply; i++)
		take_fields(r, root, reply[i]);
}
