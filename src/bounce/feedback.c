#include "bounce/read_private.h"

static const char *const types[] = {
	[COMPLAINT_ABUSE] = "abuse",
	[COMPLAINT_FRAUD] = "fraud",
	[COMPLAINT_VIRUS] = "virus",
	[COMPLAINT_OPT_OUT] = "opt-out",
	[COMPLAINT_NOT_SPAM] = "not-spam",
	[COMPLAINT_AUTH_FAILURE] = "auth-failure",
	[COMPLAINT_OTHER] = "other",
};

const char *bounce_complaint_name(enum bounce_complaint what)
{
	return (size_t)what < sizeof types / sizeof *types ? types[what] : types[COMPLAINT_OTHER];
}

static enum bounce_complaint type_of(struct view value)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (view_eq_nocase(value, view_of(types[i])))
			return (enum bounce_complaint)i;
	return COMPLAINT_OTHER;
}

static bool is_redacted(struct view address)
{
	return address.len == 0 || view_starts_nocase(address, VIEW("redacted@redacted")) ||
	       view_chr(address, '@') < 0 || address.p[address.len - 1] == '@';
}

static void add(struct reading *r, struct view value, const char *where, const char *rule)
{
	struct view address = address_first(value);
	struct bounce_recipient *to;

	if (is_redacted(address) || (to = recipient_add(r, address)) == NULL)
		return;
	to->reason = REASON_COMPLAINT;
	to->address_why = (struct bounce_evidence){
		.where = view_of(where), .words = address, .rule = rule, .confidence = 90};
	to->reason_why = (struct bounce_evidence){
		.where = view_of(where), .words = address, .rule = "complaint", .confidence = 95};
}

void feedback_read(struct reading *r)
{
	static const char *const fields[] = {"Original-Rcpt-To", "Removal-Recipient"};
	static const char *const returned[] = {
		"X-HmXmrOriginalRecipient", "X-Apparently-To", "To", "Delivered-To"};
	struct report report;

	if (r->feedback != NULL) {
		const struct message_field *f;

		report_read(r->m, r->feedback, &report);
		r->v->complaint = type_of(report_text(r->m, &report.groups[0], "Feedback-Type"));
		r->v->original.envelope_id =
			report_text(r->m, &report.groups[0], "Original-Envelope-Id");
		for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
			for (size_t n = 0;
				(f = report_field(&report.groups[0], fields[i], n)) != NULL; n++)
				add(r, f->value, "message/feedback-report",
					"field.original-rcpt-to");
	}
	for (size_t i = 0; r->recipients.len == 0 && i < sizeof returned / sizeof *returned; i++)
		add(r, read_returned(r, returned[i]), "returned message", "returned.to");
}
