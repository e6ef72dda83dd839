/* facteur bounce parse, bounce show FILE: what a message that came back says. */
#include "base/digest.h"
#include "bounce/verdict.h"
#include "cmd/bounce.h"
#include "cmd/bounce_source.h"
#include "cmd/cmd.h"
#include "cmd/keys.h"
#include "cmd/reason.h"
#include "cmd/verdict.h"

/* The first that is ours, whatever it is for. */
static bool genuine(const struct bounce_verdict *v, const struct token_keys *keys,
	struct token *out, struct view *text)
{
	for (size_t i = 0; i < v->token_count; i++)
		for (enum token_purpose p = TOKEN_RETURN; p <= TOKEN_MESSAGE; p++)
			if (token_read(v->tokens[i], keys, p, out) == 1) {
				*text = v->tokens[i];
				return true;
			}
	return false;
}

/* Without keys nobody can tell whether one is genuine. */
static json_t *token_json(const struct bounce_verdict *v, const struct token_keys *keys)
{
	struct token t = {0};
	struct view text;
	bool valid;

	if (v->token_count == 0)
		return json_null();
	text = v->tokens[0];
	valid = genuine(v, keys, &t, &text);
	return json_pack("{s:o, s:o, s:o, s:o}", "valid",
		keys->count > 0 ? json_boolean(valid) : json_null(), "campaign",
		valid ? json_integer(t.campaign) : json_null(), "contact",
		valid ? json_integer(t.contact) : json_null(), "text", verdict_fact(text));
}

static json_t *verdict_json(const char *file, size_t number, const struct bounce_verdict *v,
	const struct token_keys *keys)
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
		token_json(v, keys), "original", "message_id", verdict_fact(v->original.message_id),
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
	struct token_keys keys; /* for JSON, where this folder has some */
};

/* Reading a message needs no set-up, least of all one without mistakes. */
static void learn_keys(struct parsing *p)
{
	struct fail none = {0};

	if (p->app->json &&
		(p->app->settings != NULL || cmd_open(p->app, CMD_SETTINGS, &none) == 0) &&
		keys_read(p->app, &p->keys, &none) < 0)
		p->keys.count = 0;
}

static int read_path(struct parsing *p, const char *path, bounce_source_each *each, struct fail *f)
{
	int ret;

	learn_keys(p);
	ret = bounce_source_read(path, each, p, f);
	digest_wipe(&p->keys, sizeof p->keys);
	return ret;
}

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
		out_json_line(verdict_json(path, number, &v, &p->keys));
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
		if (read_path(&p, argv[i], parse_one, f) < 0)
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

	return read_path(&p, path, show_one, f);
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
