/* facteur bounce parse, bounce show FILE: what a message that came back says. */
#include "bounce/verdict.h"
#include "cmd/bounce.h"
#include "cmd/bounce_source.h"
#include "cmd/cmd.h"
#include "cmd/reason.h"
#include "cmd/verdict.h"

/* Whether a token is genuine takes the keys of a set-up: `bounce fetch` knows them. */
static json_t *token_json(const struct bounce_verdict *v)
{
	if (v->token_count == 0)
		return json_null();
	return json_pack("{s:n, s:n, s:n, s:o}", "valid", "campaign", "contact", "text",
		verdict_fact(v->tokens[0]));
}

static json_t *verdict_json(const char *file, size_t number, const struct bounce_verdict *v)
{
	bool complaint = v->kind == BOUNCE_COMPLAINT, automatic = v->kind == BOUNCE_AUTO_REPLY;

	return json_pack("{s:i, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, "
			 "s:o, s:o, s:o, s:o}}",
		"schema", 1, "file", file, "message", verdict_number((int)number), "kind",
		bounce_kind_name(v->kind), "complaint",
		complaint ? json_string(bounce_complaint_name(v->complaint)) : json_null(),
		"auto_reply",
		automatic ? json_string(bounce_auto_name(v->auto_reply)) : json_null(), "writer",
		v->writer != NULL ? json_string(v->writer) : json_null(), "kind_why",
		verdict_evidence_json(&v->kind_why), "recipients", verdict_recipients_json(v),
		"new_address", verdict_fact(v->new_address), "from", verdict_fact(v->from), "token",
		token_json(v), "original", "message_id", verdict_fact(v->original.message_id),
		"from", verdict_fact(v->original.from), "to", verdict_fact(v->original.to),
		"subject", verdict_fact(v->original.subject), "envelope_id",
		verdict_fact(v->original.envelope_id));
}

static void print_recipient(const char *name, const struct bounce_verdict *v, size_t i)
{
	const struct bounce_recipient *to = &v->recipients[i];
	struct view reason = view_of(bounce_reason_name(to->reason));

	if (v->kind != BOUNCE_FAILED && v->kind != BOUNCE_DELAYED)
		out_line("%s: %.*s: %s", name, VIEW_ARG(to->address), verdict_kind_words(v->kind));
	else
		out_line("%s: %.*s: %s: %.*s (%.*s)", name,
			VIEW_ARG(to->address.len > 0 ? to->address
						     : view_of(_("somebody it does not name"))),
			verdict_kind_words(v->kind), VIEW_ARG(reason_words(reason)),
			VIEW_ARG(to->status));
}

struct parsing {
	struct app *app;
	size_t messages;
};

static int parse_one(
	void *ctx, const char *path, size_t number, struct view message, struct fail *f)
{
	struct parsing *p = ctx;
	struct bounce_verdict v;
	struct arena a;

	(void)f;
	arena_init(&a);
	bounce_read(message, &a, &v);
	p->messages++;
	if (p->app->json) {
		out_json_line(verdict_json(path, number, &v));
	} else {
		for (size_t i = 0; i < v.recipient_count; i++)
			print_recipient(path, &v, i);
		if (v.recipient_count == 0)
			out_line("%s: %s", path, verdict_kind_words(v.kind));
	}
	arena_free(&a);
	return 0;
}

static int parse_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct parsing p = {.app = app};

	for (int i = 0; i < argc; i++)
		if (bounce_source_read(argv[i], parse_one, &p, f) < 0)
			return -1;
	return 0;
}

static int show_one(void *ctx, const char *path, size_t number, struct view message, struct fail *f)
{
	struct parsing *p = ctx;
	struct bounce_verdict v;
	struct arena a;

	if (p->app->json)
		return parse_one(ctx, path, number, message, f);
	arena_init(&a);
	bounce_read(message, &a, &v);
	if (p->messages++ > 0)
		out_line("%s", "");
	verdict_print(path, &v);
	arena_free(&a);
	return 0;
}

int bounce_show_path(struct app *app, const char *path, struct fail *f)
{
	struct parsing p = {.app = app};

	return bounce_source_read(path, show_one, &p, f);
}

const struct cmd cmd_bounce_parse = {
	.noun = "bounce",
	.verb = "parse",
	.args = "FILE|DIR|-...",
	.min_args = 1,
	.max_args = -1,
	.summary = N_("what messages that came back say"),
	.more = N_(
		"A message in a file, an mbox, a folder of messages, a Maildir, or - for stdin.\n"
		"Nothing is written down and nobody is taken off a list."),
	.needs = CMD_NOTHING,
	.reads = true,
	.run = parse_run,
};
