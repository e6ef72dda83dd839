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

const char *verdict_kind_word(enum bounce_kind kind)
{
	static const char *const words[BOUNCE_KINDS] = {
		[BOUNCE_OTHER] = N_("other"),
		[BOUNCE_FAILED] = N_("failed"),
		[BOUNCE_DELAYED] = N_("delayed"),
		[BOUNCE_DELIVERED] = N_("delivered"),
		[BOUNCE_RELAYED] = N_("passed on"),
		[BOUNCE_EXPANDED] = N_("passed on"),
		[BOUNCE_COMPLAINT] = N_("complaint"),
		[BOUNCE_AUTO_REPLY] = N_("automatic"),
		[BOUNCE_CHALLENGE] = N_("question"),
		[BOUNCE_RECEIPT] = N_("receipt"),
		[BOUNCE_UNSUBSCRIBE] = N_("unsubscribe"),
	};

	return _(words[kind]);
}

struct view verdict_reason(enum bounce_kind kind, enum bounce_reason reason)
{
	if (kind == BOUNCE_COMPLAINT)
		return reason_words(VIEW("complaint"));
	if (kind == BOUNCE_UNSUBSCRIBE)
		return reason_words(VIEW("mail"));
	if (kind != BOUNCE_FAILED && kind != BOUNCE_DELAYED && reason == REASON_UNKNOWN)
		return VIEW("-");
	/* It has not been given up yet. */
	if (kind == BOUNCE_DELAYED && reason == REASON_EXPIRED)
		return view_of(_("no answer in time"));
	return reason_words(view_of(bounce_reason_name(reason)));
}

static const char *auto_words(enum bounce_auto what)
{
	switch (what) {
	case AUTO_VACATION:
		return _("an absence");
	case AUTO_ADDRESS_CHANGE:
		return _("a change of address");
	case AUTO_ACKNOWLEDGEMENT:
		return _("an acknowledgement");
	default:
		return _("an answer");
	}
}

static const char *complaint_words(enum bounce_complaint what)
{
	static const char *const words[] = {
		[COMPLAINT_ABUSE] = N_("reported as spam"),
		[COMPLAINT_FRAUD] = N_("reported as fraud"),
		[COMPLAINT_VIRUS] = N_("reported as a virus"),
		[COMPLAINT_OPT_OUT] = N_("wants to leave"),
		[COMPLAINT_NOT_SPAM] = N_("no spam after all"),
		[COMPLAINT_AUTH_FAILURE] = N_("the check of the sender failed"),
		[COMPLAINT_OTHER] = N_("other"),
	};

	return _(words[(size_t)what < sizeof words / sizeof *words ? what : COMPLAINT_OTHER]);
}

static const char *permanence_words(enum bounce_permanence permanence)
{
	switch (permanence) {
	case BOUNCE_PERMANENT:
		return _("permanent");
	case BOUNCE_TRANSIENT:
		return _("temporary");
	default:
		return _("nothing about the member");
	}
}

static void show_evidence(const char *what, const struct bounce_evidence *e)
{
	char line[64] = "";

	if (e->rule == NULL)
		return;
	if (e->line != 0)
		(void)snprintf(line, sizeof line, _(", line %zu"), e->line);
	out_line(_("    %s rule %s (%u %% sure), in %.*s%s"), what, e->rule, e->confidence,
		VIEW_ARG(e->where.len > 0 ? e->where : view_of(_("the message"))), line);
	if (e->words.len > 0)
		out_line(_("        \"%.*s\""), VIEW_ARG(view_sub(e->words, 0, 300)));
}

static void show_fact(const char *what, struct view v)
{
	if (v.len > 0)
		out_line("    %s %.*s", what, VIEW_ARG(view_sub(v, 0, 1000)));
}

static void show_recipient(const struct bounce_verdict *v, const struct bounce_recipient *to)
{
	struct view nobody = view_of(_("somebody it does not name"));

	out_line("%s", "");
	out_line("%.*s", VIEW_ARG(to->address.len > 0 ? to->address : nobody));
	if (v->kind == BOUNCE_FAILED || v->kind == BOUNCE_DELAYED)
		out_line(_("    Why: %.*s (%s; %s)"), VIEW_ARG(verdict_reason(v->kind, to->reason)),
			bounce_reason_name(to->reason), permanence_words(to->permanence));
	show_fact(_("Action:"), to->action);
	show_fact(_("Status:"), to->status);
	show_fact(_("Said by:"), to->remote_mta);
	show_fact(_("What was said:"), to->diagnostic);
	show_fact(_("New address:"), to->new_address);
	show_evidence(_("The address:"), &to->address_why);
	show_evidence(_("The reason:"), &to->reason_why);
}

void verdict_print(const char *title, const struct bounce_verdict *v)
{
	/* TRANSLATORS: a file or a number, and what it is. */
	out_line(_("%s: %s"), title, verdict_kind_words(v->kind));
	show_fact(_("From:"), v->from);
	show_fact(_("Subject:"), v->subject);
	if (v->kind == BOUNCE_COMPLAINT)
		out_line("    %s %s", _("Complaint:"), complaint_words(v->complaint));
	if (v->kind == BOUNCE_AUTO_REPLY)
		out_line("    %s %s", _("Reply:"), auto_words(v->auto_reply));
	show_fact(_("New address:"), v->new_address);
	show_evidence(_("What it is:"), &v->kind_why);
	show_fact(_("It is about the message:"), v->original.message_id);
	show_fact(_("with the subject:"), v->original.subject);
	show_fact(_("It bears the token:"), v->token_count > 0 ? v->tokens[0] : VIEW(""));
	for (size_t i = 0; i < v->recipient_count; i++)
		show_recipient(v, &v->recipients[i]);
}
