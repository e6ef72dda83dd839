#include "bounce/match.h"

static const char *const names[REASON_COUNT] = {
	[REASON_UNKNOWN] = "unknown",
	[REASON_UNCLEAR] = "unclear",
	[REASON_USER_UNKNOWN] = "user-unknown",
	[REASON_MAILBOX_MOVED] = "mailbox-moved",
	[REASON_MAILBOX_DISABLED] = "mailbox-disabled",
	[REASON_RECIPIENT_REFUSED] = "recipient-refused",
	[REASON_MAILBOX_FULL] = "mailbox-full",
	[REASON_PROVIDER_SUPPRESSED] = "provider-suppressed",
	[REASON_DOMAIN_UNKNOWN] = "domain-unknown",
	[REASON_NO_MAIL_HERE] = "no-mail-here",
	[REASON_EXPIRED] = "expired",
	[REASON_NETWORK] = "network",
	[REASON_MESSAGE_TOO_BIG] = "message-too-big",
	[REASON_SPAM] = "spam",
	[REASON_VIRUS] = "virus",
	[REASON_CONTENT] = "content",
	[REASON_POLICY] = "policy",
	[REASON_NOT_RFC] = "not-rfc",
	[REASON_IP_BLOCKED] = "ip-blocked",
	[REASON_BAD_REPUTATION] = "bad-reputation",
	[REASON_MISSING_PTR] = "missing-ptr",
	[REASON_SENDER_REJECTED] = "sender-rejected",
	[REASON_AUTH_FAILURE] = "auth-failure",
	[REASON_RATE_LIMITED] = "rate-limited",
	[REASON_RELAY_DENIED] = "relay-denied",
	[REASON_SECURITY] = "security",
	[REASON_TLS_FAILED] = "tls-failed",
	[REASON_SYSTEM_ERROR] = "system-error",
	[REASON_SYSTEM_FULL] = "system-full",
	[REASON_MAILER_ERROR] = "mailer-error",
	[REASON_PROTOCOL_ERROR] = "protocol-error",
	[REASON_COMPLAINT] = "complaint",
	[REASON_AUTO_REPLY] = "auto-reply",
	[REASON_DELIVERED] = "delivered",
};

const char *bounce_reason_name(enum bounce_reason reason)
{
	return (unsigned)reason < REASON_COUNT ? names[reason] : names[REASON_UNKNOWN];
}

bool bounce_reason_of_name(struct view name, enum bounce_reason *out)
{
	for (size_t i = 0; i < REASON_COUNT; i++)
		if (view_is(name, names[i])) {
			*out = (enum bounce_reason)i;
			return true;
		}
	return false;
}

const char *bounce_permanence_name(enum bounce_permanence p)
{
	return p == BOUNCE_PERMANENT ? "permanent" : p == BOUNCE_TRANSIENT ? "transient" : "none";
}

static enum bounce_command command_of(struct view command)
{
	if (view_starts_nocase(command, VIEW("RCPT")))
		return COMMAND_RCPT;
	if (view_starts_nocase(command, VIEW("MAIL")))
		return COMMAND_MAIL;
	if (view_starts_nocase(command, VIEW("DATA")) || view_starts_nocase(command, VIEW("BDAT")))
		return COMMAND_DATA;
	if (view_starts_nocase(command, VIEW("EHLO")) ||
		view_starts_nocase(command, VIEW("HELO")) ||
		view_starts_nocase(command, VIEW("CONN")))
		return COMMAND_CONNECT;
	return COMMAND_NONE;
}

struct bounce_status bounce_status_of(struct view text)
{
	uint64_t n[3] = {0};
	struct view part;

	for (size_t i = 0; i < 3; i++)
		if (!view_split(&text, '.', &part) || !view_u64(part, 999, &n[i]))
			return (struct bounce_status){0};
	if (text.len > 0 || n[0] < 2 || n[0] > 5 || n[0] == 3)
		return (struct bounce_status){0};
	return (struct bounce_status){
		(unsigned short)n[0], (unsigned short)n[1], (unsigned short)n[2]};
}

/* The clue, made ready for the rows. */
struct asked {
	struct match_text text;
	struct bounce_status status;
	enum bounce_command command;
	unsigned klass; /* 4 or 5; 0: neither says */
	bool proof;	/* that it was said of the recipient */
	struct view domain;
};

static bool in_domain(struct view domain, const char *suffixes)
{
	struct view rest = view_of(suffixes), one;

	while (view_split(&rest, ' ', &one))
		if (domain.len >= one.len &&
			view_eq_nocase(view_from(domain, domain.len - one.len), one) &&
			(domain.len == one.len || domain.p[domain.len - one.len - 1] == '.'))
			return true;
	return false;
}

static bool fits(const struct bounce_row *row, const struct asked *q)
{
	unsigned when = row->when & ~(unsigned)WHEN_PROOF;

	if (((when & WHEN_4) != 0 && q->klass == 5) || ((when & WHEN_5) != 0 && q->klass == 4))
		return false;
	when &= WHEN_CONNECT | WHEN_MAIL | WHEN_RCPT | WHEN_DATA;
	if (when != 0 && !(((when & WHEN_CONNECT) != 0 && q->command == COMMAND_CONNECT) ||
				 ((when & WHEN_MAIL) != 0 && q->command == COMMAND_MAIL) ||
				 ((when & WHEN_RCPT) != 0 && q->command == COMMAND_RCPT) ||
				 ((when & WHEN_DATA) != 0 && q->command == COMMAND_DATA)))
		return false;
	return row->domain == NULL || in_domain(q->domain, row->domain);
}

static bool find_row(const struct asked *q, struct bounce_finding *out)
{
	static const enum table order[] = {TABLE_RECEIVERS, TABLE_SENDER, TABLE_MAILBOX,
		TABLE_MESSAGE, TABLE_ADDRESS, TABLE_SYSTEM};

	for (size_t t = 0; t < sizeof order / sizeof *order; t++) {
		const struct bounce_row *row;
		size_t from = 0;

		while ((row = match_next(&q->text, order[t], &from)) != NULL) {
			if (!fits(row, q))
				continue;
			out->reason = (enum bounce_reason)row->value;
			out->confidence = row->confidence;
			out->rule = row->name;
			out->words = match_words(&q->text, order[t], row);
			if ((row->when & WHEN_PROOF) != 0 && !q->proof) {
				out->reason = REASON_RECIPIENT_REFUSED;
				out->confidence = row->confidence * 3U / 4;
			}
			return true;
		}
	}
	return false;
}

/* With a status of 4, an unknown domain is a name server that does not answer. */
static void weigh(const struct asked *q, struct bounce_finding *out)
{
	if (out->reason == REASON_DOMAIN_UNKNOWN && q->klass == 4)
		out->reason = REASON_NETWORK;
}

static enum bounce_permanence permanence_of(enum bounce_reason reason, unsigned klass)
{
	switch (reason) {
	case REASON_USER_UNKNOWN:
	case REASON_MAILBOX_MOVED:
	case REASON_DOMAIN_UNKNOWN:
	case REASON_NO_MAIL_HERE:
	case REASON_PROVIDER_SUPPRESSED:
	case REASON_MAILBOX_DISABLED:
	case REASON_RECIPIENT_REFUSED:
		return klass == 4 ? BOUNCE_TRANSIENT : BOUNCE_PERMANENT;
	case REASON_MAILBOX_FULL:
	case REASON_EXPIRED:
	case REASON_NETWORK:
	case REASON_RATE_LIMITED:
	case REASON_SYSTEM_ERROR:
	case REASON_SYSTEM_FULL:
	case REASON_MAILER_ERROR:
	case REASON_PROTOCOL_ERROR:
		return BOUNCE_TRANSIENT;
	default:
		return BOUNCE_NONE;
	}
}

/* What is said of the recipient: RCPT, or a status on the address (RFC 3463 3.2) that no
 * system gives by default. */
static bool is_proof(const struct asked *q)
{
	if (q->command == COMMAND_RCPT)
		return true;
	return q->status.klass != 0 && q->status.subject == 1 &&
	       (q->status.detail <= 1 || q->status.detail == 3 || q->status.detail == 6 ||
		       q->status.detail == 10);
}

static void by_numbers(
	const struct bounce_clue *clue, const struct asked *q, struct bounce_finding *out)
{
	enum { STATUS_CONFIDENCE = 70, CODE_CONFIDENCE = 40, UNCLEAR_CONFIDENCE = 10 };

	out->reason = bounce_reason_of_status(q->status, &out->rule);
	out->confidence = STATUS_CONFIDENCE;
	if (out->reason != REASON_UNKNOWN)
		return;
	out->reason = bounce_reason_of_code(clue->reply_code, &out->rule);
	out->confidence = CODE_CONFIDENCE;
	if (out->reason != REASON_UNKNOWN)
		return;
	out->confidence = UNCLEAR_CONFIDENCE;
	out->rule = "nothing-known";
	if (clue->reply_code != 0 ||
		(q->status.klass != 0 && (q->status.subject != 0 || q->klass == 4)))
		out->reason = REASON_UNCLEAR;
}

void bounce_reason_find(const struct bounce_clue *clue, struct bounce_finding *out)
{
	struct asked q;
	struct arena a;

	arena_init(&a);
	*out = (struct bounce_finding){.reason = REASON_UNKNOWN};
	q.status = bounce_status_of(clue->status);
	q.command = command_of(clue->command);
	q.klass = q.status.klass != 0	    ? q.status.klass
		  : clue->reply_code >= 400 ? (unsigned)clue->reply_code / 100
					    : 0;
	q.domain = clue->domain;
	q.proof = is_proof(&q);
	match_read(&q.text, clue->text, &a);
	if (!find_row(&q, out))
		by_numbers(clue, &q, out);
	weigh(&q, out);
	out->permanence = permanence_of(out->reason, q.klass);
	arena_free(&a);
}
