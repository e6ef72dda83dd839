#ifndef SEND_REASON_H
#define SEND_REASON_H
#include "smtp/reply.h"
struct store_result;

/* reason - a word of the bounce vocabulary (user-unknown, mailbox-full, ...) for a reply to our
 * own SMTP: the same verdict as for what comes back later (bounce/reason.h). `command` is what
 * was answered ("RCPT"), or empty. "unclear" when nothing says. Never NULL. */
struct view send_reason(int code, struct smtp_status status, struct view command, struct view text);
/* Whether it is the address that is at fault, and not us, the message or the relay. */
bool send_reason_is_address(struct view reason);
/* Whether a deferral asks for less mail at a time, and does not speak of one recipient: 421, the
 * statuses for it (RFC 3463 X.3.2, X.4.5), or words that providers use. Not
 * greylisting, which wants every recipient to be tried once. */
bool send_reason_is_slow(const struct store_result *r);
#endif
