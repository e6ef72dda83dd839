#include "cmd/verdict.h"
#include "base/i18n.h"
#include "cmd/out.h"
#include "cmd/reason.h"
#include "report/report.h"

const char *verdict_kind_words(enum bounce_kind kind)
{
	static const char *const words[BOUNCE_KINDS] = {
		[BOUNCE_OTHER] = N_("a message of a person, or of no known kind"),
		[BOUNCE_FAILED] = N_("a delivery failure"),
		[BOUNCE_DELAYED] = N_("a delay; it is still being tried"),
		[BOUNCE_DELIVERED] = N_("a report of delivery"),
		[BOUNCE_RELAYED] = N_("handed on to a system that reports nothing"),
		[BOUNCE_EXPANDED] = N_("handed on to a list of its own"),
		[BOUNCE_COMPLAINT] = N_("a complaint"),
		[BOUNCE_AUTO_REPLY] = N_("an automatic reply"),
		[BOUNCE_CHALLENGE] = N_("a request to prove that a person wrote"),
		[BOUNCE_RECEIPT] = N_("a read receipt"),
		[BOUNCE_UNSUBSCRIBE] = N_("a wish to leave the list"),
	};

	return (unsigned)kind < BOUNCE_KINDS ? _(words[kind]) : "";
}

static void print_text(const char *what, struct view text)
{
	if (text.len > 0)
		out_line("%s%.*s", what, VIEW_ARG(text));
}

/* Where it stands, and the rule that read it. */
static void print_why(const struct bounce_evidence *why)
{
	if (why->rule == NULL && why->words.len == 0)
		return;
	if (why->line > 0)
		out_line(_("    because   \"%.*s\" (%.*s, line %zu; rule %s, %u %%)"),
			VIEW_ARG(why->words), VIEW_ARG(why->where), why->line,
			why->rule != NULL ? why->rule : "-", why->confidence);
	else
		out_line(_("    because   \"%.*s\" (%.*s; rule %s, %u %%)"), VIEW_ARG(why->words),
			VIEW_ARG(why->where), why->rule != NULL ? why->rule : "-", why->confidence);
}

static void print_rcpt(const struct bounce_recipient *r)
{
	out_line("%s", "");
	out_line(_("Recipient:    %.*s"),
		VIEW_ARG(r->address.len > 0 ? r->address : view_of(_("not said"))));
	print_why(&r->address_why);
	out_line(_("  Reason:     %.*s (%s, %s)"),
		VIEW_ARG(reason_words(view_of(bounce_reason_name(r->reason)))),
		bounce_reason_name(r->reason), _(bounce_permanence_name(r->permanence)));
	print_why(&r->reason_why);
	if (r->status.len > 0 || r->reply_code != 0)
		out_line(_("  Status:     %.*s, reply %d"),
			VIEW_ARG(r->status.len > 0 ? r->status : VIEW("-")), r->reply_code);
	print_text(_("  Server:     "), r->remote_mta);
	print_text(_("  It said:    "), r->diagnostic);
	print_text(_("  Moved to:   "), r->new_address);
}

void verdict_print(const struct bounce_verdict *v)
{
	char at[OUT_WHEN_SIZE];

	out_line(_("This is:      %s"), verdict_kind_words(v->kind));
	print_why(&v->kind_why);
	print_text(_("From:         "), v->from);
	print_text(_("Subject:      "), v->subject);
	if (v->date != 0)
		out_line(_("Date:         %s"), out_when(v->date, at));
	if (v->writer != NULL)
		out_line(_("Written by:   %s"), v->writer);
	print_text(_("Moved to:     "), v->new_address);
	print_text(_("About:        "), v->original.message_id);
	for (size_t i = 0; i < v->recipient_count; i++)
		print_rcpt(&v->recipients[i]);
}

/* Absent facts are null. */
static json_t *fact(struct view text)
{
	return text.len > 0 ? report_text_json(text) : json_null();
}

json_t *verdict_recipients_json(const struct bounce_verdict *v)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < v->recipient_count; i++) {
		const struct bounce_recipient *r = &v->recipients[i];

		(void)json_array_append_new(rows,
			json_pack("{s:o, s:o, s:o, s:o, s:s, s:s, s:o, s:o}", "address",
				fact(r->address), "action", fact(r->action), "status",
				fact(r->status), "reply_code",
				r->reply_code != 0 ? json_integer(r->reply_code) : json_null(),
				"reason", bounce_reason_name(r->reason), "permanence",
				bounce_permanence_name(r->permanence), "remote_mta",
				fact(r->remote_mta), "diagnostic", fact(r->diagnostic)));
	}
	return rows;
}
