#ifndef NET_SCRAM_H
#define NET_SCRAM_H
#include "base/str.h"
struct fail;

/* scram - SCRAM (RFC 5802, RFC 7677), the client's side, without channel binding:
 * the password never leaves, and the server has to prove that it knows it too. */
enum {
	NET_SCRAM_ROUNDS_MIN = 4096,   /* RFC 7677 section 4 */
	NET_SCRAM_ROUNDS_MAX = 600000, /* half a second here; a hostile server asks for more */
	NET_SCRAM_NONCE_SIZE = 24,     /* octets of a nonce of ours, in base64 */
	NET_SCRAM_MESSAGE_MAX = 9216,  /* octets of one message, either way */
};
enum net_scram_digest { NET_SCRAM_SHA_1, NET_SCRAM_SHA_256 };

struct net_scram;

/* Texts are borrowed until it is freed. `nonce` is the caller's to bring, so that a
 * test can bring any: printable ASCII without a comma; empty: a random one. */
struct net_scram *net_scram_new(enum net_scram_digest digest, struct view username,
	struct view password, struct view nonce);
/* What to answer `challenge` with; the first message, asked for with an empty
 * challenge, is the client's. Returns 0, or -1 with f set (FAIL_PERM): it is no SCRAM,
 * asks for too few or too many rounds, or the server does not know the password. */
int net_scram_step(struct net_scram *s, struct view challenge, struct str *out, struct fail *f);
/* The server has proved that it knows the password: only then may its yes count. */
bool net_scram_verified(const struct net_scram *s);
void net_scram_free(struct net_scram **s);
#endif
