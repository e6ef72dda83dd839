#ifndef SEND_LETTER_H
#define SEND_LETTER_H
#include "send/frozen.h"
#include "send/transport.h"
struct store_subscriber;
struct tmpl;
struct tmpl_parts;
struct token_maker;

/* letter - what a campaign says: its template compiled once, its frozen
 * identity, and the two joined into one message after another. */
struct send_letter;
struct send_letter_source {
	struct view text; /* of the template */
	const char *name; /* for messages: "newsletter" */
	const struct send_frozen *frozen;
	int64_t campaign;
	struct view instance; /* store_instance() */
	/* What makes the tokens; NULL: there are none. It must outlive the letter. */
	struct token_maker *tokens;
	int64_t now; /* for "today" and the time zone */
};

int send_letter_new(
	const struct send_letter_source *source, struct send_letter **out, struct fail *f);
void send_letter_free(struct send_letter **l);
const struct tmpl *send_letter_template(const struct send_letter *l);

/* Has this member all that the template needs? -1 with f naming the variable. */
int send_letter_check(struct send_letter *l, const struct store_subscriber *who, struct fail *f);
/* The subject as the member would see it, added to out. */
int send_letter_subject(
	struct send_letter *l, const struct send_rcpt *to, struct str *out, struct fail *f);
/* All the parts, valid until the next call for this letter. */
int send_letter_parts(struct send_letter *l, const struct send_rcpt *to,
	const struct tmpl_parts **out, struct fail *f);

/* Composes the message for its recipients into m->data, chooses m->from (with the token of the
 * message, unless it is to be plain) and m->envid, and looks at it once more: FAIL_GUARD when it shows the address of another recipient (promise P1), as
 * is_recipient tells: 1, 0, -1; NULL: nobody is one. `now` is its Date. */
typedef int (*send_is_recipient_fn)(void *ctx, struct view key, struct fail *f);
int send_letter_write(struct send_letter *l, struct send_message *m, int64_t now,
	send_is_recipient_fn is_recipient, void *ctx, struct fail *f);
#endif
