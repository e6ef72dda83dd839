#ifndef BOUNCE_VERDICT_H
#define BOUNCE_VERDICT_H
#include "base/arena.h"
#include "bounce/reason.h"

/* verdict - what a message that came back says: what kind it is, and of each recipient what
 * became of it and why, with the evidence. Bytes in, facts out: nothing is looked up, nothing
 * is believed. Who may act on it is another matter (returns/). */
enum bounce_kind {
	BOUNCE_OTHER = 0, /* a person wrote, or nobody can tell */
	BOUNCE_FAILED,
	BOUNCE_DELAYED,
	BOUNCE_DELIVERED,
	BOUNCE_RELAYED,
	BOUNCE_EXPANDED,
	BOUNCE_COMPLAINT,
	BOUNCE_AUTO_REPLY,
	BOUNCE_CHALLENGE,
	BOUNCE_RECEIPT,
	BOUNCE_UNSUBSCRIBE,
	BOUNCE_KINDS
};
const char *bounce_kind_name(enum bounce_kind kind); /* "failed", "auto-reply", ... */

/* Feedback-Type of RFC 5965 section 3.5 and RFC 6650, RFC 6591; what else there is, is OTHER. */
enum bounce_complaint {
	COMPLAINT_ABUSE,
	COMPLAINT_FRAUD,
	COMPLAINT_VIRUS,
	COMPLAINT_OPT_OUT,
	COMPLAINT_NOT_SPAM,
	COMPLAINT_AUTH_FAILURE,
	COMPLAINT_OTHER,
};

/* What an automatic reply says; as far as one can tell. */
enum bounce_auto { AUTO_REPLY, AUTO_VACATION, AUTO_ADDRESS_CHANGE, AUTO_ACKNOWLEDGEMENT };
const char *bounce_auto_name(enum bounce_auto what);	       /* "reply", "vacation", ... */
const char *bounce_complaint_name(enum bounce_complaint what); /* "abuse", "opt-out", ... */

/* Why something was decided: the words of the message and the rule that read them. */
struct bounce_evidence {
	struct view where;   /* "message/delivery-status", "text", "Subject", ... */
	size_t line;	     /* of the message, from 1; 0: not one line */
	struct view words;   /* of the message, cut to what matters */
	const char *rule;    /* the name of the row that decided */
	unsigned confidence; /* 0 to 100 */
};
struct bounce_recipient {
	struct view address; /* without its type and brackets; empty: the message does not say */
	struct view action;  /* RFC 3464 2.3.3, or what the wording means; empty: unknown */
	struct view status;  /* "5.1.1"; empty: unknown */
	struct view remote_mta, diagnostic;
	int reply_code; /* 0: unknown */
	enum bounce_reason reason;
	enum bounce_permanence permanence;
	struct view new_address; /* where the message says that it has moved; or empty */
	struct bounce_evidence address_why, reason_why;
};
enum { BOUNCE_TOKENS_MAX = 8, BOUNCE_RECIPIENTS_MAX = 1000 };
struct bounce_verdict {
	enum bounce_kind kind;
	enum bounce_complaint complaint; /* of a complaint */
	enum bounce_auto auto_reply;	 /* of an automatic reply */
	struct bounce_evidence kind_why;
	const char *writer; /* which mail system wrote it, where it is known, or NULL */
	const struct bounce_recipient *recipients;
	size_t recipient_count;
	struct view new_address;   /* that an automatic reply states; or empty */
	struct view from, subject; /* of the message that came back */
	int64_t date;		   /* its own, ms; 0: none */
	/* What looks like a token of ours (mail/token.h), best place first: the address it
	 * was sent to, our field in what was returned, its Message-ID. */
	struct view tokens[BOUNCE_TOKENS_MAX];
	size_t token_count;
	struct {
		struct view message_id, from, to, subject, envelope_id; /* without brackets */
	} original;	  /* of what was returned; empty: not said */
	unsigned defects; /* enum message_defect */
};
/* All of *out lies in the message and the arena. Never fails. */
void bounce_read(struct view message, struct arena *a, struct bounce_verdict *out);
#endif
