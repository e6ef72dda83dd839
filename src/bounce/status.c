#include "bounce/read_private.h"

static bool is_address(struct view v)
{
	ptrdiff_t at = view_chr(v, '@');

	return at > 0 && (size_t)at + 1 < v.len;
}

/* Whom we wrote to before whom it was forwarded to. */
static struct view group_address(
	struct reading *r, const struct report_group *g, struct bounce_evidence *why)
{
	static const char *const names[] = {
		"Original-Recipient", "Final-Recipient", "X-Actual-Recipient", "Original-Rcpt-To"};
	struct view fallback = VIEW("");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct message_field *f = report_field(g, names[i], 0);
		struct view address = f == NULL ? VIEW("") : report_address(r->m, f->value);

		if (f == NULL || address.len == 0)
			continue;
		*why = (struct bounce_evidence){
			.where = VIEW("message/delivery-status"),
			.words = f->value,
			.rule = i == 0 ? "field.original-recipient" : "field.final-recipient",
			.confidence = is_address(address) ? 99 : 60,
		};
		if (is_address(address))
			return address;
		if (fallback.len == 0)
			fallback = address;
	}
	return is_address(fallback) ? fallback : VIEW("");
}

static struct view action_word(struct view value)
{
	size_t n = 0;

	while (n < value.len && (ascii_is_alpha(value.p[n]) || value.p[n] == '-'))
		n++;
	return view_sub(value, 0, n);
}

static struct view known_action(struct view word)
{
	static const struct {
		const char *said, *means;
	} actions[] = {{"failed", "failed"}, {"failure", "failed"}, {"expired", "failed"},
		{"undeliverable", "failed"}, {"delayed", "delayed"}, {"delivered", "delivered"},
		{"deliverable", "delivered"}, {"relayed", "relayed"}, {"expanded", "expanded"}};

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (view_eq_nocase(word, view_of(actions[i].said)))
			return view_of(actions[i].means);
	return VIEW("");
}

static struct view joined(struct reading *r, struct view a, struct view b)
{
	struct str s;
	struct view v;

	if (a.len == 0 || b.len == 0)
		return a.len == 0 ? b : a;
	str_init(&s, a.len + b.len + 2);
	(void)str_addv(&s, a);
	(void)str_addz(&s, "; ");
	(void)str_addv(&s, b);
	v = arena_dup(r->a, str_view(&s));
	str_free(&s);
	return v;
}

/* What stands in the Status field beside the status: "5.2.1 (mailbox disabled)". */
static struct view status_comment(struct view value, struct view status)
{
	struct view rest = status.len == 0
				   ? value
				   : view_from(value, (size_t)(status.p - value.p) + status.len);

	rest = view_trim(rest);
	if (rest.len > 1 && rest.p[0] == '(' && rest.p[rest.len - 1] == ')')
		rest = view_sub(rest, 1, rest.len - 2);
	return rest;
}

struct view status_with_comment(
	struct reading *r, struct view diagnostic, struct view field, struct view status)
{
	return joined(r, diagnostic, status_comment(field, status));
}

static struct view diagnostic_of(struct reading *r, const struct report_group *g)
{
	struct view value = report_text(r->m, g, "Diagnostic-Code");
	struct report_typed typed = report_type(value);

	if (value.len == 0)
		value = report_text(r->m, g, "X-Supplementary-Info");
	/* The exit status of a program says nothing without its type. */
	if (view_eq_nocase(typed.type, VIEW("x-unix")))
		return value;
	return typed.type.len > 0 ? typed.text : value;
}

/* What the text says of it, which names whom it was forwarded to. */
static const struct place *group_place(
	struct reading *r, const struct report_group *g, struct view address)
{
	const struct place *place = place_of(r, address);

	if (place != NULL)
		return place;
	return place_of(r, report_address(r->m, report_text(r->m, g, "Final-Recipient")));
}

static void read_group(struct reading *r, const struct report_group *g, bool is_last, bool is_alone)
{
	struct bounce_evidence why = {0};
	struct view address = group_address(r, g, &why);
	struct view status = report_text(r->m, g, "Status"), diagnostic;
	const struct place *place = group_place(r, g, address);
	struct bounce_recipient *to;

	if (address.len == 0 && report_field(g, "Final-Recipient", 0) == NULL &&
		report_field(g, "Original-Recipient", 0) == NULL)
		return;
	if (address.len == 0 && r->places.len > 0) {
		place = vec_at(&r->places, 0);
		address = place->address;
		why = (struct bounce_evidence){.where = VIEW("text"),
			.words = place->address,
			.rule = place->rule,
			.confidence = 50};
	}
	to = recipient_add(r, address);
	if (to == NULL)
		return;
	to->address_why = why;
	to->action = known_action(action_word(report_text(r->m, g, "Action")));
	to->status = diagnosis_status(status);
	to->remote_mta = report_type(report_text(r->m, g, "Remote-MTA")).text;
	diagnostic = status_with_comment(r, diagnostic_of(r, g), status, to->status);
	if (place != NULL && place->weight >= PLACE_CODE)
		recipient_decide(r, to, diagnostic, place->block, is_last);
	else
		recipient_decide(r, to, diagnostic, is_alone ? r->text : VIEW(""), is_last);
	to->reason_why.where = VIEW("message/delivery-status");
}

bool status_recipients(struct reading *r)
{
	for (size_t i = 0; i < r->status_count; i++) {
		struct report report;

		report_read(r->m, r->status[i], &report);
		if (i == 0)
			r->v->original.envelope_id = report_xtext(
				r->m, report_text(r->m, &report.groups[0], "Original-Envelope-Id"));
		for (size_t g = 0; g < report.group_count; g++)
			read_group(r, &report.groups[g],
				i + 1 == r->status_count && g + 1 == report.group_count,
				r->status_count == 1 && report.group_count <= 2);
	}
	return r->recipients.len > 0;
}
