#ifndef SMTP_CAPS_H
#define SMTP_CAPS_H
#include "base/view.h"

struct smtp_caps { /* what EHLO said */
	bool pipelining, chunking, eightbitmime, smtputf8, dsn, enhanced, size;
	bool burl;	   /* RFC 4468, which tells Dovecot */
	unsigned auth;	   /* the kinds of login we know, as NET_SASL_BIT */
	uint64_t size_max; /* 0: no fixed limit */
	uint64_t rcpt_max; /* RFC 9422 LIMITS RCPTMAX; 0: not said */
	uint64_t mail_max; /* RFC 9422 LIMITS MAILMAX: messages per connection; 0: not said */
};

/* Reads the text of the reply to EHLO as smtp_reply_read gives it: a greeting
 * line, then a keyword and its parameters on each line. What is not known or
 * cannot be read is passed over. */
void smtp_caps_read(struct smtp_caps *caps, struct view text);
#endif
