#include "cmd/verdict.h"
#include "base/i18n.h"
#include "cmd/out.h"
#include "cmd/reason.h"
#include "report/report.h"

json_t *verdict_fact(struct view v)
{
	return v.len > 0 ? report_text_json(v) : json_null();
}

json_t *verdict_number(int64_t n)
{
	return n != 0 ? json_integer((json_int_t)n) : json_null();
}

json_t *verdict_evidence_json(const struct bounce_evidence *e)
{
	if (e->rule == NULL)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:s, s:i}", "where", verdict_fact(e->where), "line",
		e->line != 0 ? json_integer((json_int_t)e->line) : json_null(), "words",
		verdict_fact(e->words), "rule", e->rule, "confidence", (int)e->confidence);
}

static json_t *recipient_json(const struct bounce_recipient *to, enum bounce_kind kind)
{
	bool why = kind == BOUNCE_FAILED || kind == BOUNCE_DELAYED || to->reason != REASON_UNKNOWN;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "address",
		verdict_fact(to->address), "action", verdict_fact(to->action), "status",
		verdict_fact(to->status), "reply_code", verdict_number(to->reply_code), "reason",
		why ? json_string(bounce_reason_name(to->reason)) : json_null(), "permanence",
		bounce_permanence_name(to->permanence), "remote_mta", verdict_fact(to->remote_mta),
		"diagnostic", verdict_fact(to->diagnostic), "new_address",
		verdict_fact(to->new_address), "address_why",
		verdict_evidence_json(&to->address_why), "reason_why",
		verdict_evidence_json(&to->reason_why));
}

json_t *verdict_recipients_json(const struct bounce_verdict *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->recipient_count; i++)
		(void)json_array_append_new(list, recipient_json(&v->recipients[i], v->kind));
	return list;
}

const char *verdict_kind_words(enum bounce_kind kind)
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

void verdict_print(const char *title, const struct bounce_verdict *v)
{
	out_line("%s: %s", title, verdict_kind_words(v->kind));
	show_fact(_("From"), v->from);
	show_fact(_("Subject"), v->subject);
	if (v->kind == BOUNCE_COMPLAINT)
		out_line("    %s: %s", _("Complaint"), bounce_complaint_name(v->complaint));
	if (v->kind == BOUNCE_AUTO_REPLY)
		out_line("    %s: %s", _("Reply"), bounce_auto_name(v->auto_reply));
	show_fact(_("New address"), v->new_address);
	show_evidence(_("What it is"), &v->kind_why);
	show_fact(_("It is about the message"), v->original.message_id);
	show_fact(_("with the subject"), v->original.subject);
	show_fact(_("It bears the token"), v->token_count > 0 ? v->tokens[0] : VIEW(""));
	for (size_t i = 0; i < v->recipient_count; i++)
		show_recipient(v, &v->recipients[i]);
}
