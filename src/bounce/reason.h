#ifndef BOUNCE_REASON_H
#define BOUNCE_REASON_H
#include "base/view.h"

/* reason - why a recipient was not reached, in one vocabulary for what a relay says to our
 * face (smtp) and what comes back later: from the status (RFC 3463), the reply code (RFC
 * 5321), the command that was answered and the wording together, the specific before the
 * general. */
enum bounce_reason {
	REASON_UNKNOWN = 0, /* nothing to go by */
	REASON_UNCLEAR,	    /* something, but it could mean several things */
	/* the address */
	REASON_USER_UNKNOWN,
	REASON_MAILBOX_MOVED,
	REASON_MAILBOX_DISABLED,
	REASON_RECIPIENT_REFUSED,
	REASON_MAILBOX_FULL,
	REASON_PROVIDER_SUPPRESSED,
	/* its domain */
	REASON_DOMAIN_UNKNOWN,
	REASON_NO_MAIL_HERE,
	/* the way there */
	REASON_EXPIRED,
	REASON_NETWORK,
	/* the message */
	REASON_MESSAGE_TOO_BIG,
	REASON_SPAM,
	REASON_VIRUS,
	REASON_CONTENT,
	REASON_POLICY,
	REASON_NOT_RFC,
	/* the sender */
	REASON_IP_BLOCKED,
	REASON_BAD_REPUTATION,
	REASON_MISSING_PTR,
	REASON_SENDER_REJECTED,
	REASON_AUTH_FAILURE,
	REASON_RATE_LIMITED,
	/* the configuration */
	REASON_RELAY_DENIED,
	REASON_SECURITY,
	REASON_TLS_FAILED,
	/* the other side */
	REASON_SYSTEM_ERROR,
	REASON_SYSTEM_FULL,
	REASON_MAILER_ERROR,
	REASON_PROTOCOL_ERROR,
	/* none of them */
	REASON_COMPLAINT,
	REASON_AUTO_REPLY,
	REASON_DELIVERED,
	REASON_COUNT
};
const char *bounce_reason_name(enum bounce_reason reason); /* "user-unknown", ... */
/* False when there is no such name; *out untouched then. */
bool bounce_reason_of_name(struct view name, enum bounce_reason *out);

enum bounce_permanence { BOUNCE_NONE, BOUNCE_TRANSIENT, BOUNCE_PERMANENT };
const char *bounce_permanence_name(enum bounce_permanence p);

/* What there is to go by; whatever is unknown is 0 or empty. */
struct bounce_clue {
	int reply_code;
	struct view status;  /* "5.1.1" */
	struct view command; /* "RCPT", "DATA": what was answered */
	struct view text;    /* UTF-8 */
	struct view domain;  /* of the recipient: some providers have a wording of their own */
};
struct bounce_finding {
	enum bounce_reason reason;
	enum bounce_permanence permanence;
	const char *rule;    /* the name of the row that decided */
	struct view words;   /* of the text; empty: none did */
	unsigned confidence; /* 0 to 100 */
};
void bounce_reason_find(const struct bounce_clue *clue, struct bounce_finding *out);
#endif
