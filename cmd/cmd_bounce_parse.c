/* facteur bounce parse, bounce show: what a message that came back says. */
#include "bounce/verdict.h"
#include "cmd/bounce_source.h"
#include "cmd/cmd.h"
#include "cmd/reason.h"
#include "report/report.h"

static json_t *fact(struct view v)
{
	return v.len > 0 ? report_text_json(v) : json_null();
}

static json_t *number_fact(int n)
{
	return n != 0 ? json_integer(n) : json_null();
}

static json_t *evidence_json(const struct bounce_evidence *e)
{
	if (e->rule == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:s, s:i}", "where", fact(e->where), "line",
		e->line != 0 ? json_integer((json_int_t)e->line) : json_null(), "words",
		fact(e->words), "rule", e->rule, "confidence", (int)e->confidence);
}

static json_t *recipient_json(const struct bounce_recipient *to, enum bounce_kind kind)
{
	bool why = kind == BOUNCE_FAILED || kind == BOUNCE_DELAYED || to->reason != REASON_UNKNOWN;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "address",
		fact(to->address), "action", fact(to->action), "status", fact(to->status),
		"reply_code", number_fact(to->reply_code), "reason",
		why ? json_string(bounce_reason_name(to->reason)) : json_null(), "permanence",
		bounce_permanence_name(to->permanence), "remote_mta", fact(to->remote_mta),
		"diagnostic", fact(to->diagnostic), "new_address", fact(to->new_address),
		"address_why", evidence_json(&to->address_why), "reason_why",
		evidence_json(&to->reason_why));
}

static json_t *recipients_json(const struct bounce_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->recipient_count; i++)
		(void)json_array_append_new(list, recipient_json(&v->recipients[i], v->kind));
	return list;
}

/* Whether a token is genuine takes the keys of a set-up: `bounce fetch` knows them. */
static json_t *token_json(const struct bounce_verdict *v)
{
	if (v->token_count == 0)
		return json_null();
	return json_pack(
		"{s:n, s:n, s:n, s:o}", "valid", "campaign", "contact", "text", fact(v->tokens[0]));
}

static json_t *verdict_json(const char *file, size_t number, const struct bounce_verdict *v)
{
	bool complaint = v->kind == BOUNCE_COMPLAINT, automatic = v->kind == BOUNCE_AUTO_REPLY;

	return json_pack("{s:i, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, "
			 "s:o, s:o, s:o, s:o}}",
		"schema", 1, "file", file, "message", number_fact((int)number), "kind",
		bounce_kind_name(v->kind), "complaint",
		complaint ? json_string(bounce_complaint_name(v->complaint)) : json_null(),
		"auto_reply",
		automatic ? json_string(bounce_auto_name(v->auto_reply)) : json_null(), "writer",
		v->writer != NULL ? json_string(v->writer) : json_null(), "kind_why",
		evidence_json(&v->kind_why), "recipients", recipients_json(v), "new_address",
		fact(v->new_address), "from", fact(v->from), "token", token_json(v), "original",
		"message_id", fact(v->original.message_id), "from", fact(v->original.from), "to",
		fact(v->original.to), "subject", fact(v->original.subject), "envelope_id",
		fact(v->original.envelope_id));
}

static const char *kind_words(enum bounce_kind kind)
{
	static const char *const words[BOUNCE_KINDS] = {
		[BOUNCE_OTHER] = N_("no report: somebody wrote, or nobody can tell"),
		[BOUNCE_FAILED] = N_("not delivered"),
		[BOUNCE_DELAYED] = N_("not delivered yet, still being tried"),
		[BOUNCE_DELIVERED] = N_("delivered"),
		[BOUNCE_RELAYED] = N_("passed on to a system that will not report"),
		[BOUNCE_EXPANDED] = N_("passed on to a list"),
		[BOUNCE_COMPLAINT] = N_("a complaint"),
		[BOUNCE_AUTO_REPLY] = N_("an automatic reply"),
		[BOUNCE_CHALLENGE] = N_("a question whether a person wrote"),
		[BOUNCE_RECEIPT] = N_("a receipt for reading"),
		[BOUNCE_UNSUBSCRIBE] = N_("a wish to be left out"),
	};

	return _(words[kind]);
}

static void print_recipient(const char *name, const struct bounce_verdict *v, size_t i)
{
	const struct bounce_recipient *to = &v->recipients[i];
	struct view reason = view_of(bounce_reason_name(to->reason));

	if (v->kind != BOUNCE_FAILED && v->kind != BOUNCE_DELAYED)
		out_line("%s: %.*s: %s", name, VIEW_ARG(to->address), kind_words(v->kind));
	else
		out_line("%s: %.*s: %s: %.*s (%.*s)", name,
			VIEW_ARG(to->address.len > 0 ? to->address
						     : view_of(_("somebody it does not name"))),
			_(kind_words(v->kind)), VIEW_ARG(reason_words(reason)),
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
			out_line("%s: %s", path, kind_words(v.kind));
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

static void show_evidence(const char *what, const struct bounce_evidence *e)
{
	char line[64] = "";

	if (e->rule == NULL)
		return;
	if (e->line != 0)
		(void)snprintf(line, sizeof line, _(", line %zu"), e->line);
	out_line(_("    %s: rule %s (%u %% sure), in %.*s%s"), what, e->rule, e->confidence,
		VIEW_ARG(e->where.len > 0 ? e->where : view_of(_("the message"))), line);
	if (e->words.len > 0)
		out_line("        \"%.*s\"", VIEW_ARG(view_sub(e->words, 0, 300)));
}

static void show_fact(const char *what, struct view v)
{
	if (v.len > 0)
		out_line("    %s: %.*s", what, VIEW_ARG(view_sub(v, 0, 1000)));
}

static void show_recipient(const struct bounce_verdict *v, const struct bounce_recipient *to)
{
	struct view nobody = view_of(_("somebody it does not name"));

	out_line("%s", "");
	out_line("%.*s", VIEW_ARG(to->address.len > 0 ? to->address : nobody));
	if (v->kind == BOUNCE_FAILED || v->kind == BOUNCE_DELAYED)
		out_line(_("    Why: %.*s (%s; %s)"),
			VIEW_ARG(reason_words(view_of(bounce_reason_name(to->reason)))),
			bounce_reason_name(to->reason), bounce_permanence_name(to->permanence));
	show_fact(_("Action"), to->action);
	show_fact(_("Status"), to->status);
	show_fact(_("Said by"), to->remote_mta);
	show_fact(_("What was said"), to->diagnostic);
	show_fact(_("New address"), to->new_address);
	show_evidence(_("The address"), &to->address_why);
	show_evidence(_("The reason"), &to->reason_why);
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
	out_line("%s: %s", path, kind_words(v.kind));
	show_fact(_("From"), v.from);
	show_fact(_("Subject"), v.subject);
	if (v.kind == BOUNCE_COMPLAINT)
		out_line("    %s: %s", _("Complaint"), bounce_complaint_name(v.complaint));
	if (v.kind == BOUNCE_AUTO_REPLY)
		out_line("    %s: %s", _("Reply"), bounce_auto_name(v.auto_reply));
	show_fact(_("New address"), v.new_address);
	show_evidence(_("What it is"), &v.kind_why);
	show_fact(_("It is about the message"), v.original.message_id);
	show_fact(_("with the subject"), v.original.subject);
	show_fact(_("It bears the token"), v.token_count > 0 ? v.tokens[0] : VIEW(""));
	for (size_t i = 0; i < v.recipient_count; i++)
		show_recipient(&v, &v.recipients[i]);
	arena_free(&a);
	return 0;
}

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct parsing p = {.app = app};

	(void)argc;
	return bounce_source_read(argv[0], show_one, &p, f);
}

const struct cmd cmd_bounce_parse = {
	.noun = "bounce",
	.verb = "parse",
	.args = "FILE...",
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
const struct cmd cmd_bounce_show = {
	.noun = "bounce",
	.verb = "show",
	.args = "FILE",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("one such message explained, with what decided"),
	.needs = CMD_NOTHING,
	.reads = true,
	.run = show_run,
};
