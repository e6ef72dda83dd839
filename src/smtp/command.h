#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H
#include "base/str.h"
struct fail;

/* command - the one place where SMTP commands are written. Whatever would end
 * the line or smuggle in a second command or a parameter (a control byte, a
 * naked space or bracket) is refused, wherever the text came from. All add one
 * whole line with its CRLF and return 0, or -1 with f set and nothing added. */
enum {
	SMTP_COMMAND_MAX = 512, /* RFC 5321 section 4.5.3.1.4, CRLF included */
	SMTP_PATH_MAX = 256,	/* section 4.5.3.1.3, the brackets included */
	SMTP_HOST_MAX = 255,	/* RFC 5321 section 4.5.3.1.2 */
	SMTP_ENVID_MAX = 100,	/* RFC 3461 section 4.4, as xtext */
};

enum smtp_notify { /* RFC 3461 section 4.1; 0 leaves it to the server */
	SMTP_NOTIFY_SUCCESS = 1 << 0,
	SMTP_NOTIFY_FAILURE = 1 << 1,
	SMTP_NOTIFY_DELAY = 1 << 2,
	SMTP_NOTIFY_NEVER = 1 << 3, /* alone */
};

struct smtp_mail_params {
	bool size_given, body_8bit, utf8;
	uint64_t size;	   /* octets, RFC 1870 */
	struct view envid; /* plain text, written as xtext; empty for none */
	bool ret_headers;  /* RET=HDRS: a report need not quote the message */
};

/* EHLO or HELO with the name of this host: a domain or an address literal. */
int smtp_command_hello(struct str *out, struct view verb, struct view host, struct fail *f);
/* The address in wire form without brackets; empty for <>. */
int smtp_command_mail(
	struct str *out, struct view from, const struct smtp_mail_params *params, struct fail *f);
int smtp_command_rcpt(struct str *out, struct view to, unsigned notify, bool utf8, struct fail *f);
/* DATA, RSET, QUIT: letters only. */
int smtp_command_word(struct str *out, struct view verb, struct fail *f);

/* Whether the address may stand between brackets: what smtp_command_mail and
 * _rcpt ask first. */
int smtp_command_check_path(struct view path, bool utf8, struct fail *f);
/* RFC 3461 section 4: printable ASCII but "+" and "=", the rest as "+XX". */
int smtp_command_xtext(struct str *out, struct view text);
#endif
