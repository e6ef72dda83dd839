#ifndef COMPOSE_COMPOSE_H
#define COMPOSE_COMPOSE_H
#include "base/str.h"
#include "mail/mailbox.h"
struct fail;

/* compose - from the rendered parts of a campaign to the bytes of a message.
 *
 * What is the same for every recipient stands in a frame; compose_new() checks
 * all of it and writes its header fields once, so that a bad list name or
 * sender is found before the first message, and each message costs only what
 * is its own. The way of a message:
 *
 *	compose_message()	header and body, exact wire form
 *	compose_check()		(check.h) the last look, promise P1
 *	[dkim]			signs those bytes, puts its field in front of them
 *	smtp, maildir		dot-stuffing or a file; no byte changes
 *
 * Body: text/plain alone, or multipart/alternative (text, html). Images by cid:
 * wrap the html part in multipart/related, attachments wrap the whole in
 * multipart/mixed: add_body() in compose.c is the place.
 *
 * Fields of a campaign message, and why:
 *	Precedence: bulk, List-Id	what vacation programs and mailing-list
 *		rules look for (RFC 3834 section 2, RFC 2919)
 *	X-Auto-Response-Suppress	the same for Exchange, which knows neither
 *	no Auto-Submitted		RFC 3834 section 5 keeps it for what no
 *		person wrote; a person wrote this, and some filters hide
 *		"auto-generated" mail. Our own automatic notices will set it.
 *	X-Facteur-Token			whose it was, in reports that quote the header (mail/token.h)
 *	List-Unsubscribe		RFC 2369; https and List-Unsubscribe-Post join
 *		it with the web service (RFC 8058 wants DKIM over both)
 *	never Bcc, never Cc		promise P1 */

enum compose_mode {
	COMPOSE_INDIVIDUAL, /* one message per recipient, To: is the recipient */
	COMPOSE_BCC,	    /* one for many, To: names nobody of them */
};

/* Frozen with the campaign. Only compose_new() reads it; nothing is kept. */
struct compose_frame {
	enum compose_mode mode;
	struct mailbox from;
	struct mailbox reply_to;     /* addr.domain empty: none */
	struct mailbox list_address; /* To: of bcc mode; addr.domain empty:
				      * undisclosed-recipients:; */
	struct view list_name;	     /* for people, in List-Id; may be empty */
	struct view list_id;	     /* "members.asso.example"; empty: no List-Id */
	struct addr unsubscribe;     /* List-Unsubscribe mailto; domain empty: none */
	struct view instance;	     /* this installation, as frozen in its database */
	int64_t campaign;
	int zone;  /* minutes east of UTC, for Date */
	bool utf8; /* the relay offers SMTPUTF8 */
};

/* What the template gave for this recipient. A preheader is part of html. */
struct compose_parts {
	struct view subject;
	struct view text; /* always there, though it may be empty */
	struct view html; /* empty: the message is text/plain */
};

/* Individual mode: mailbox, contact and token (for List-Unsubscribe; may be
 * empty). Bcc mode: batch, for nothing personal may enter such a message. Both: the token by
 * which what comes back is recognised (mail/token.h), a batch's without a contact; may be empty. */
struct compose_to {
	struct mailbox mailbox;
	int64_t contact;
	struct view token;
	int64_t batch;
	struct view return_token, message_token;
	/* "X-Name: value" in which {token} stands for it, for a relay that gives such a field
	 * back with its events (settings: relays.*.token_field); or empty. */
	struct view token_field;
};

enum {
	COMPOSE_MESSAGE_MAX = 50 << 20, /* what to give str_init() for a message */
	COMPOSE_ID_SIZE = 384,
};

struct compose;

/* NULL with f (FAIL_DATA) when something in the frame cannot stand in a message. */
struct compose *compose_new(const struct compose_frame *frame, struct fail *f);
void compose_free(struct compose **c);

/* Adds one message. *utf8 (may be NULL) tells whether it can only be sent with
 * SMTPUTF8. Returns 0, or -1 with f (FAIL_DATA: this recipient or these parts
 * cannot be sent) and out as it was. */
int compose_message(struct compose *c, const struct compose_parts *parts,
	const struct compose_to *to, int64_t date, struct str *out, bool *utf8, struct fail *f);

/* The Message-ID of the message that was composed last, without angle brackets: it looks
 * like an address and is nobody's. */
struct view compose_last_id(const struct compose *c);

/* The Message-ID, without angle brackets, of this contact (individual) or batch
 * (bcc) of the campaign: the token (may be empty), a dot and a hash of all these. The same for the
 * same, however often it is composed. The hash tells nothing of who gets it; the token tells
 * the number of the contact, which means something to our database only. */
void compose_message_id(const struct compose *c, struct view token, int64_t contact_or_batch,
	char out[COMPOSE_ID_SIZE]);
#endif
