#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H
#include "base/str.h"
struct fail;

/* command - the one place where SMTP commands are written. Whatever would end
 * the line or smuggle in a second command or a parameter (a control byte, a
 * naked space or bracket) is refused, wherever the text came from: return 0, or
 * -1 with f set and nothing added. */
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

enum smtp_ret { /* RFC 3461 section 4.3: what a report of failure quotes */
	SMTP_RET_HEADERS,
	SMTP_RET_FULL,
};

struct smtp_mail_params {
	bool size_given, body_8bit, utf8;
	uint64_t size;	   /* octets, RFC 1870 */
	struct view envid; /* plain text, written as xtext; empty for none */
	bool ret_given;
	enum smtp_ret ret;
};

struct smtp_rcpt_params {
	unsigned notify; /* enum smtp_notify */
	/* Names the address as the original recipient (RFC 3461 section 4.2), which a report quotes
	 * however far it was forwarded. */
	bool orcpt;
};

/* EHLO or HELO with the name of this host: a domain or an address literal. */
int smtp_command_hello(struct str *out, struct view verb, struct view host, struct fail *f);
/* QUIT and the like: letters only. */
int smtp_command_word(struct str *out, struct view verb, struct fail *f);

/* Whether the address, in wire form without brackets, may stand between brackets. */
int smtp_command_check_path(struct view path, bool utf8, struct fail *f);
/* Whether the text fits ENVID=. */
int smtp_command_check_envid(struct view envid, struct fail *f);

/* Commands of what these two have let pass, put at `out`, which has room for
 * SMTP_COMMAND_MAX octets. All return how many they put. The empty path is <>. */
size_t smtp_command_put_mail(char *out, struct view from, const struct smtp_mail_params *params);
/* The original recipient is left out where the line would be longer than SMTP_COMMAND_MAX, which
 * it may be by RFC 3461: not every server has heard of that. */
size_t smtp_command_put_rcpt(char *out, struct view to, const struct smtp_rcpt_params *params);
/* BDAT of all octets of a message, LAST (RFC 3030). */
size_t smtp_command_put_bdat(char *out, uint64_t octets);
#endif
