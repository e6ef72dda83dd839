#ifndef NET_SASL_H
#define NET_SASL_H
#include <stdint.h>
#include "base/str.h"
struct fail;

/* sasl - the ways to log in (RFC 4954), without any I/O: a challenge of the server
 * in, the response to it out, both without their base64. */
enum net_sasl_kind { /* the strongest first */
	NET_SASL_SCRAM_SHA_256,
	NET_SASL_SCRAM_SHA_1,
	NET_SASL_CRAM_MD5,
	NET_SASL_PLAIN,
	NET_SASL_LOGIN,
	NET_SASL_OAUTHBEARER, /* the secret of these two is an access token */
	NET_SASL_XOAUTH2,
	NET_SASL_KINDS
};
#define NET_SASL_BIT(kind) (1u << (kind))
#define NET_SASL_PASSWORD  (NET_SASL_BIT(NET_SASL_OAUTHBEARER) - 1) /* all with a password */
#define NET_SASL_TOKEN	   (NET_SASL_BIT(NET_SASL_OAUTHBEARER) | NET_SASL_BIT(NET_SASL_XOAUTH2))

enum {
	NET_SASL_NAME_MAX = 4096,     /* octets of a user name, of a secret */
	NET_SASL_RESPONSE_MAX = 9214, /* RFC 4954 section 4: 12,288 octets as a line */
};

/* Who logs in. All is borrowed. */
struct net_login {
	unsigned kinds; /* that may be used, as NET_SASL_BIT; 0: no login */
	struct view username, secret;
	/* Nobody on the way can read along, or the user wants it so all the same: without
	 * it no kind is used that would show the secret. */
	bool secure;
	const char *host; /* for OAUTHBEARER, and for what we tell the user; NULL: not known */
	uint16_t port;
	struct view nonce; /* of SCRAM; empty: a random one, as it has to be but in tests */
};

const char *net_sasl_name(enum net_sasl_kind kind);
/* The kinds among the words of an AUTH line of EHLO, as bits. */
unsigned net_sasl_read(struct view words);
/* The strongest of them that may be used, or NET_SASL_KINDS: none. */
enum net_sasl_kind net_sasl_pick(unsigned kinds, bool secure);
/* Its responses can be read by whoever sees them. */
bool net_sasl_is_bare(enum net_sasl_kind kind);

struct net_sasl;
/* `login` is borrowed until it is freed; freeing wipes what was made of the secret. */
struct net_sasl *net_sasl_new(enum net_sasl_kind kind, const struct net_login *login);
void net_sasl_free(struct net_sasl **s);
/* The client has the first word: ask for it with an empty challenge. */
bool net_sasl_speaks_first(const struct net_sasl *s);
/* Adds the response, of NET_SASL_RESPONSE_MAX octets at most, which out must have room
 * for: growing would leave copies behind. Returns 0, or -1 with f set (FAIL_PERM): the
 * challenge makes no sense, or one too many; cancel the login. */
int net_sasl_step(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f);
/* A yes of the server may be believed now. */
bool net_sasl_may_succeed(const struct net_sasl *s);
/* What an OAuth server had against the token ("invalid_token"); empty: nothing said. */
struct view net_sasl_status(const struct net_sasl *s);
#endif
