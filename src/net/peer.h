#ifndef NET_PEER_H
#define NET_PEER_H
#include <stdbool.h>
#include <stdint.h>

/* peer - how a server showed itself while its connection was encrypted: for telling
 * people, and also where the certificate was refused. Verifying is libcurl's. */
enum { NET_PEER_TEXT_MAX = 256, NET_PEER_NAMES_MAX = 1024, NET_PEER_WORD_MAX = 64 };
struct net_peer {
	bool seen; /* a certificate came: the next six are set */
	char subject[NET_PEER_TEXT_MAX], issuer[NET_PEER_TEXT_MAX];
	char names[NET_PEER_NAMES_MAX]; /* host names it is good for, ", " between them */
	int64_t not_before, not_after;	/* ms UTC */
	bool self_signed;
	char version[NET_PEER_WORD_MAX], cipher[NET_PEER_WORD_MAX]; /* "" until agreed on */
	char alert[NET_PEER_WORD_MAX]; /* the last alert of either side, "" for none */
};

/* Has the connections of an OpenSSL context (SSL_CTX *) fill `peer`, which must outlive
 * them. */
void net_peer_watch(void *ssl_ctx, struct net_peer *peer);
#endif
