#ifndef SEND_REASON_H
#define SEND_REASON_H
#include "smtp/reply.h"

/* reason - a word of the bounce vocabulary (user-unknown, mailbox-full, ...) for
 * a reply to our own SMTP: enhanced status first (RFC 3463, RFC 5248), then the
 * reply code. "unclear" when neither says. Never NULL. */
struct view send_reason(int code, struct smtp_status status, struct view text);
/* Whether it is the address that is at fault, and not us, the message or the relay. */
bool send_reason_is_address(struct view reason);
#endif
