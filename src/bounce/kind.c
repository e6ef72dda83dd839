#include "bounce/read_private.h"
#include "mail/token.h"

static void decide(struct reading *r, enum bounce_kind kind, const char *where, struct view words,
	const char *rule, unsigned confidence)
{
	r->v->kind = kind;
	r->v->kind_why = (struct bounce_evidence){
		.where = view_of(where), .words = words, .rule = rule, .confidence = confidence};
}

static struct view header(struct reading *r, const char *name)
{
	return message_text(r->m, r->root, name);
}

static bool is_complaint(struct reading *r)
{
	if (r->feedback != NULL) {
		decide(r, BOUNCE_COMPLAINT, "message/feedback-report", VIEW(""),
			"part.feedback-report", 99);
	} else if (r->returned != NULL &&
		   message_field(r->returned, "X-HmXmrOriginalRecipient", 0) != NULL) {
		decide(r, BOUNCE_COMPLAINT, "returned message", VIEW(""), "hotmail.complaint", 95);
	} else {
		return false;
	}
	feedback_read(r);
	return true;
}

static const struct bounce_row *row_of_kind(
	const struct match_text *text, enum table table, enum bounce_kind kind)
{
	const struct bounce_row *row;
	size_t from = 0;

	while ((row = match_next(text, table, &from)) != NULL)
		if (row->value == (unsigned)kind)
			return row;
	return NULL;
}

static bool is_challenge(struct reading *r)
{
	const struct bounce_row *row = row_of_kind(&r->words, TABLE_KINDS, BOUNCE_CHALLENGE);

	if (row == NULL && view_find_nocase(r->from, VIEW("@boxbe.")) >= 0) {
		decide(r, BOUNCE_CHALLENGE, "From", r->from, "challenge.from-boxbe", 90);
		return true;
	}
	if (row == NULL)
		return false;
	decide(r, BOUNCE_CHALLENGE, "text", match_words(&r->words, TABLE_KINDS, row), row->name,
		row->confidence);
	return true;
}

/* Good news need no reason; what has no status is given the class at least. */
static void finish_recipient(struct bounce_recipient *to)
{
	if (to->status.len == 0 && !view_is(to->action, "delayed") && to->reply_code == 0)
		to->status = VIEW("5.0.0");
	else if (to->status.len == 0)
		to->status = to->reply_code >= 500 ? VIEW("5.0.0") : VIEW("4.0.0");
	if (view_is(to->action, "delivered") || view_is(to->action, "relayed") ||
		view_is(to->action, "expanded")) {
		to->reason = REASON_DELIVERED;
		to->permanence = BOUNCE_NONE;
		to->reason_why.rule = "action";
	} else if (view_is(to->action, "delayed") && to->permanence == BOUNCE_PERMANENT) {
		to->permanence = BOUNCE_TRANSIENT;
	}
	if (view_is(to->action, "delayed") && to->reason <= REASON_UNCLEAR) {
		to->reason = REASON_EXPIRED;
		to->permanence = BOUNCE_TRANSIENT;
		to->reason_why.rule = "delayed";
	}
}

/* Sieve's "reject" answers in the form of a receipt (RFC 5429 section 2.1.2). */
static bool is_rejection(struct reading *r, const struct report_group *g)
{
	struct view value = report_text(r->m, g, "Disposition");

	return view_find_nocase(value, VIEW("automatic-action")) >= 0 &&
	       view_find_nocase(value, VIEW("deleted")) >= 0 &&
	       (match_first(&r->words, TABLE_WRITERS) != NULL ||
		       match_first(&r->subject, TABLE_SUBJECTS) != NULL);
}

/* Where the words give no other reason, somebody's own rule did not want it. */
static void refuse(struct bounce_recipient *to)
{
	if (to->reason != REASON_UNKNOWN && to->reason != REASON_UNCLEAR)
		return;
	to->reason = REASON_RECIPIENT_REFUSED;
	to->permanence = BOUNCE_PERMANENT;
	to->reason_why.rule = "disposition.rejected";
	to->reason_why.confidence = 60;
}

static bool is_receipt(struct reading *r)
{
	struct report report;
	struct bounce_recipient *to;
	bool rejected;

	if (r->disposition == NULL)
		return false;
	report_read(r->m, r->disposition, &report);
	rejected = is_rejection(r, &report.groups[0]);
	decide(r, rejected ? BOUNCE_FAILED : BOUNCE_RECEIPT, "message/disposition-notification",
		VIEW(""), rejected ? "disposition.rejected" : "part.disposition-notification", 95);
	for (size_t i = 0; i < 2; i++) {
		struct view address = report_address(
			r->m, report_text(r->m, &report.groups[0],
				      i == 0 ? "Original-Recipient" : "Final-Recipient"));

		if (address.len == 0 || r->recipients.len > 0 ||
			(to = recipient_add(r, address)) == NULL)
			continue;
		to->address_why =
			(struct bounce_evidence){.where = VIEW("message/disposition-notification"),
				.words = address,
				.rule = "field.final-recipient",
				.confidence = 95};
		if (rejected) {
			to->action = VIEW("failed");
			recipient_decide(r, to, VIEW(""), r->text, false);
			finish_recipient(to);
			to->reason_why.where = VIEW("text");
			refuse(to);
		}
	}
	r->v->original.message_id = report_text(r->m, &report.groups[0], "Original-Message-ID");
	return true;
}

/* Of the wording: still being tried; what is given up is not, whatever else it says. */
static const struct bounce_row *delay_row(struct reading *r, const struct match_text **where)
{
	const struct match_text *texts[] = {&r->words, &r->subject};
	const struct bounce_row *found = NULL;

	for (size_t i = 0; i < 2; i++) {
		const struct bounce_row *row;
		size_t from = 0;

		while ((row = match_next(texts[i], TABLE_DELAYS, &from)) != NULL) {
			if (row->value == DELAY_GIVEN_UP)
				return NULL;
			if (found == NULL) {
				found = row;
				*where = texts[i];
			}
		}
	}
	return found;
}

static enum bounce_kind kind_of_action(struct view action)
{
	static const struct {
		const char *action;
		enum bounce_kind kind;
	} kinds[] = {{"failed", BOUNCE_FAILED}, {"delayed", BOUNCE_DELAYED},
		{"delivered", BOUNCE_DELIVERED}, {"relayed", BOUNCE_RELAYED},
		{"expanded", BOUNCE_EXPANDED}};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (view_is(action, kinds[i].action))
			return kinds[i].kind;
	return BOUNCE_OTHER;
}

static struct view action_of_kind(enum bounce_kind kind)
{
	return kind == BOUNCE_DELAYED ? VIEW("delayed") : VIEW("failed");
}

static void finish_report(struct reading *r, const char *where, struct view words, const char *rule,
	unsigned confidence)
{
	const struct match_text *delay_where = NULL;
	const struct bounce_row *delay = delay_row(r, &delay_where);
	enum bounce_kind kind = BOUNCE_OTHER;
	enum bounce_kind worded = delay != NULL ? BOUNCE_DELAYED : BOUNCE_FAILED;

	for (size_t i = 0; i < r->recipients.len; i++) {
		struct bounce_recipient *to = vec_at(&r->recipients, i);
		enum bounce_kind one;

		if (to->action.len == 0)
			to->action = to->status.len > 0 && to->status.p[0] == '2'
					     ? VIEW("delivered")
					     : action_of_kind(worded);
		one = kind_of_action(to->action);
		if (kind == BOUNCE_OTHER || one < kind)
			kind = one;
		finish_recipient(to);
	}
	if (kind == BOUNCE_OTHER)
		kind = worded;
	decide(r, kind, where, words, rule, confidence);
	if (kind == BOUNCE_DELAYED && delay != NULL && r->status_count == 0)
		decide(r, kind, delay_where == &r->subject ? "Subject" : "text",
			match_words(delay_where, TABLE_DELAYS, delay), delay->name, 90);
}

static bool is_daemon(struct reading *r)
{
	static const char *const names[] = {"mail delivery", "mailer daemon", "mail system",
		"system administrator", "delivery subsystem", "postmaster", "mailer-daemon",
		"microsoft outlook"};
	struct view path = header(r, "Return-Path");

	if (address_is_daemon(r->from) ||
		(r->from.len == 0 && message_field(r->root, "From", 0) != NULL))
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (view_find_nocase(r->from_all, view_of(names[i])) >= 0)
			return true;
	return view_is(path, "<>") && row_of_kind(&r->subject, TABLE_SUBJECTS, BOUNCE_FAILED);
}

/* Whether who wrote it, and how it came, fit what its sentences and its subject say. */
static bool is_believable(struct reading *r, bool sure, bool words, bool subject)
{
	bool daemon = is_daemon(r);

	if (message_field(r->root, "X-Failed-Recipients", 0) != NULL)
		return true;
	if (view_trim(r->text).len == 0 && r->rest.len == 0)
		return false;
	if (sure && (view_is(header(r, "Return-Path"), "<>") ||
			    (r->returned != NULL && r->places.len > 0)))
		return true;
	return words ? daemon || subject : daemon && subject;
}

static bool is_given_up(struct reading *r)
{
	const struct bounce_row *row;
	size_t from = 0;

	while ((row = match_next(&r->words, TABLE_DELAYS, &from)) != NULL)
		if (row->value == DELAY_GIVEN_UP)
			return true;
	return false;
}

/* Cut before it says whether the message is lost, late or delivered. */
static bool is_torn(struct reading *r)
{
	enum { SUBJECT_SURE = 75 };
	const struct bounce_row *subject = row_of_kind(&r->subject, TABLE_SUBJECTS, BOUNCE_FAILED);

	if (!r->is_open || r->status_count > 0 || is_given_up(r))
		return false;
	if (r->is_torn || view_trim(r->text).len == 0)
		return true;
	return r->says_report && (r->m->defects & MESSAGE_NO_END) != 0 &&
	       !(subject != NULL && subject->confidence >= SUBJECT_SURE) &&
	       match_first(&r->words, TABLE_MAILBOX) == NULL &&
	       match_first(&r->words, TABLE_ADDRESS) == NULL;
}

/* A report that has no part of its own for machines: its sentences say so. Words that anybody
 * could write count only where a mail system wrote them. */
static bool is_text_report(struct reading *r)
{
	const struct bounce_row *subject = row_of_kind(&r->subject, TABLE_SUBJECTS, BOUNCE_FAILED);
	const struct bounce_row *writer = match_first(&r->words, TABLE_WRITERS), *sure;

	if (subject == NULL)
		subject = row_of_kind(&r->subject, TABLE_SUBJECTS, BOUNCE_DELAYED);
	sure = row_of_kind(&r->words, TABLE_WRITERS, (enum bounce_kind)WRITER_REPORT);
	if (sure != NULL)
		writer = sure;
	if (is_torn(r) || !is_believable(r, sure != NULL, writer != NULL, subject != NULL))
		return false;
	(void)(text_fields(r) || text_recipients(r));
	r->v->writer = writer != NULL ? writer->name : NULL;
	if (writer != NULL)
		finish_report(r, "text", match_words(&r->words, TABLE_WRITERS, writer),
			writer->name, sure != NULL ? 95 : 75);
	else if (subject != NULL)
		finish_report(r, "Subject", r->v->subject, subject->name, 70);
	else
		finish_report(r, "X-Failed-Recipients", VIEW(""), "field.x-failed-recipients", 90);
	return true;
}

static bool is_status_report(struct reading *r)
{
	const struct bounce_row *writer;

	if ((r->status_count == 0 && !r->says_report) || is_torn(r))
		return false;
	(void)(status_recipients(r) || text_fields(r) || text_recipients(r));
	writer = match_first(&r->words, TABLE_WRITERS);
	r->v->writer = writer != NULL ? writer->name : NULL;
	finish_report(r, "message/delivery-status", VIEW(""),
		r->status_count > 0 ? "part.delivery-status" : "type.report", 99);
	return true;
}

/* The fields alone, in a text: some lost their parts, some were forwarded by a person. */
static bool is_loose_report(struct reading *r)
{
	if (!text_fields(r))
		return false;
	finish_report(r, "text", VIEW(""), "text.final-recipient", 80);
	return true;
}

static bool is_notification(struct reading *r)
{
	if (view_find(r->text, VIEW("\"notificationType\"")) < 0 || !notification_recipients(r))
		return false;
	if (r->v->kind == BOUNCE_COMPLAINT)
		decide(r, BOUNCE_COMPLAINT, "text", VIEW(""), "json.notification", 90);
	else
		finish_report(r, "text", VIEW(""), "json.notification", 90);
	return true;
}

static const char *const auto_names[] = {
	[AUTO_REPLY] = "reply",
	[AUTO_VACATION] = "vacation",
	[AUTO_ADDRESS_CHANGE] = "address-change",
	[AUTO_ACKNOWLEDGEMENT] = "acknowledgement",
};

const char *bounce_auto_name(enum bounce_auto what)
{
	return (size_t)what < sizeof auto_names / sizeof *auto_names ? auto_names[what]
								     : auto_names[AUTO_REPLY];
}

static bool has_stem(const char *name, const char *const *stems, size_t count)
{
	for (size_t i = 0; name != NULL && i < count; i++)
		if (strstr(name, stems[i]) != NULL)
			return true;
	return false;
}

static enum bounce_auto auto_of(const struct bounce_row *row)
{
	static const char *const change[] = {
		"changed-address", "no-longer", "nouvelle", "de-neue", "plus-utilisee", "has-left"};
	static const char *const thanks[] = {
		"received", "thank-you", "as-soon-as", "bien-recu", "acknowledge", "accuse"};
	static const char *const plain[] = {"automatic", "automated", "auto-generated",
		"auto-reply", "autorepl", "auto-resp", "autoresp", "reponse", "antwort",
		"respuesta", "risposta", "resposta"};

	if (row == NULL || has_stem(row->name, plain, sizeof plain / sizeof *plain))
		return AUTO_REPLY;
	if (has_stem(row->name, change, sizeof change / sizeof *change))
		return AUTO_ADDRESS_CHANGE;
	if (has_stem(row->name, thanks, sizeof thanks / sizeof *thanks))
		return AUTO_ACKNOWLEDGEMENT;
	return AUTO_VACATION;
}

/* RFC 3834, and what was there before it. */
static const char *auto_field(struct reading *r, struct view *words)
{
	static const char *const own[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder",
		"X-Auto-Reply", "Auto-Submitted-Reply", "X-Mail-Autoreply"};
	struct view value = header(r, "Auto-Submitted"), precedence = header(r, "Precedence");

	*words = value;
	if (view_starts_nocase(value, VIEW("auto-replied")))
		return "field.auto-submitted";
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (message_field(r->root, own[i], 0) != NULL)
			return "field.autoreply";
	*words = precedence;
	if (view_eq_nocase(precedence, VIEW("auto_reply")))
		return "field.precedence";
	return NULL;
}

static void find_new_address(struct reading *r)
{
	size_t at = 0, begin;
	struct view address;

	if (r->v->auto_reply != AUTO_ADDRESS_CHANGE)
		return;
	while ((address = address_next(r->text, &at, &begin)).len > 0)
		if (!address_is(address, r->from) && !address_is(address, r->to) &&
			!address_is_daemon(address)) {
			r->v->new_address = address;
			return;
		}
}

static bool is_auto_reply(struct reading *r)
{
	const struct bounce_row *subject =
		row_of_kind(&r->subject, TABLE_SUBJECTS, BOUNCE_AUTO_REPLY);
	const struct bounce_row *text = row_of_kind(&r->words, TABLE_KINDS, BOUNCE_AUTO_REPLY);
	struct view words, precedence = header(r, "Precedence");
	const char *field = auto_field(r, &words);
	bool bulk = view_eq_nocase(precedence, VIEW("bulk")) ||
		    view_eq_nocase(precedence, VIEW("junk"));
	bool list = message_field(r->root, "List-Id", 0) != NULL ||
		    message_field(r->root, "List-Unsubscribe", 0) != NULL;

	if (field != NULL)
		decide(r, BOUNCE_AUTO_REPLY, "header", words, field, 98);
	else if (subject != NULL && !list)
		decide(r, BOUNCE_AUTO_REPLY, "Subject", r->v->subject, subject->name,
			subject->confidence);
	else if (text != NULL && bulk && !list)
		decide(r, BOUNCE_AUTO_REPLY, "text", match_words(&r->words, TABLE_KINDS, text),
			text->name, text->confidence);
	else
		return false;
	r->v->auto_reply = auto_of(text);
	if (r->v->auto_reply == AUTO_REPLY)
		r->v->auto_reply = auto_of(subject);
	find_new_address(r);
	return true;
}

/* A person, or her mail program for her, asks to be left out: the word alone, as the subject
 * or as all that is said. */
static bool is_word(struct view folded)
{
	static const char *const words[] = {"unsubscribe", "unsubscribe me", "please unsubscribe",
		"please unsubscribe me", "remove", "remove me", "opt out", "opt-out", "stop",
		"desabonnement", "desinscription", "desabonner", "se desabonner", "me desabonner",
		"desinscrire", "me desinscrire", "desinscrivez-moi", "abmelden", "abmeldung",
		"austragen", "darse de baja", "baja", "cancelar suscripcion", "cancellami",
		"disiscrizione", "disiscrivimi", "cancelar inscricao", "remover", "afmelden",
		"uitschrijven", "配信停止", "解除"};

	while (folded.len > 0 && strchr(" .!?:", folded.p[folded.len - 1]) != NULL)
		folded.len--;
	if (view_starts(folded, VIEW("re: ")))
		folded = view_from(folded, 4);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (view_is(folded, words[i]))
			return true;
	return false;
}

static bool is_unsubscribe(struct reading *r)
{
	struct view subject = r->subject.folded, rest = subject, word;
	bool first = view_split(&rest, ' ', &word);

	if (is_word(subject)) {
		decide(r, BOUNCE_UNSUBSCRIBE, "Subject", r->v->subject, "unsubscribe.subject", 90);
	} else if (first && view_is(word, "unsubscribe") && token_looks(view_trim(rest))) {
		decide(r, BOUNCE_UNSUBSCRIBE, "Subject", r->v->subject, "unsubscribe.signed", 99);
	} else if (is_word(r->words.folded)) {
		decide(r, BOUNCE_UNSUBSCRIBE, "text", view_trim(r->text), "unsubscribe.text", 80);
	} else {
		return false;
	}
	return true;
}

void kind_decide(struct reading *r)
{
	(void)(is_complaint(r) || is_challenge(r) || is_receipt(r) || is_notification(r) ||
		is_status_report(r) || is_text_report(r) || is_loose_report(r) ||
		is_unsubscribe(r) || is_auto_reply(r));
}
