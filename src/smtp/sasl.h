#ifndef SMTP_SASL_H
#define SMTP_SASL_H
#include <stdint.h>
#include "base/str.h"
struct fail;

/* sasl - the ways to log in (RFC 4954), without any I/O: a challenge of the server
 * in, the response to it out, both without their base64. */
enum smtp_sasl_kind { /* the strongest first */
	SMTP_SASL_SCRAM_SHA_256,
	SMTP_SASL_SCRAM_SHA_1,
	SMTP_SASL_CRAM_MD5,
	SMTP_SASL_PLAIN,
	SMTP_SASL_LOGIN,
	SMTP_SASL_OAUTHBEARER, /* the secret of these two is an access token */
	SMTP_SASL_XOAUTH2,
	SMTP_SASL_KINDS
};
#define SMTP_SASL_BIT(kind) (1u << (kind))
#define SMTP_SASL_PASSWORD  (SMTP_SASL_BIT(SMTP_SASL_OAUTHBEARER) - 1) /* all with a password */
#define SMTP_SASL_TOKEN	    (SMTP_SASL_BIT(SMTP_SASL_OAUTHBEARER) | SMTP_SASL_BIT(SMTP_SASL_XOAUTH2))

enum {
	SMTP_SASL_NAME_MAX = 4096,     /* octets of a user name, of a secret */
	SMTP_SASL_RESPONSE_MAX = 9214, /* RFC 4954 section 4: 12,288 octets as a line */
};

/* Who logs in. All is borrowed. */
struct smtp_login {
	unsigned kinds; /* that may be used, as SMTP_SASL_BIT; 0: no login */
	struct view username, secret;
	/* Nobody on the way can read along, or the user wants it so all the same: without
	 * it no kind is used that would show the secret. */
	bool secure;
	const char *host; /* for OAUTHBEARER, and for what we tell the user; NULL: not known */
	uint16_t port;
	struct view nonce; /* of SCRAM; empty: a random one, as it has to be but in tests */
};

const char *smtp_sasl_name(enum smtp_sasl_kind kind);
/* The kinds among the words of an AUTH line of EHLO, as bits. */
unsigned smtp_sasl_read(struct view words);
/* The strongest of them that may be used, or SMTP_SASL_KINDS: none. */
enum smtp_sasl_kind smtp_sasl_pick(unsigned kinds, bool secure);
/* Its responses can be read by whoever sees them. */
bool smtp_sasl_is_bare(enum smtp_sasl_kind kind);

struct smtp_sasl;
/* `login` is borrowed until it is freed; freeing wipes what was made of the secret. */
struct smtp_sasl *smtp_sasl_new(enum smtp_sasl_kind kind, const struct smtp_login *login);
void smtp_sasl_free(struct smtp_sasl **s);
/* The client has the first word: ask for it with an empty challenge. */
bool smtp_sasl_speaks_first(const struct smtp_sasl *s);
/* Adds the response, of SMTP_SASL_RESPONSE_MAX octets at most, which out must have room
 * for: growing would leave copies behind. Returns 0, or -1 with f set (FAIL_PERM): the
 * challenge makes no sense, or one too many; cancel the login. */
int smtp_sasl_step(struct smtp_sasl *s, struct view challenge, struct str *out, struct fail *f);
/* A yes of the server may be believed now. */
bool smtp_sasl_may_succeed(const struct smtp_sasl *s);
/* What an OAuth server had against the token ("invalid_token"); empty: nothing said. */
struct view smtp_sasl_status(const struct smtp_sasl *s);
#endif
