#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H
#include "base/str.h"

/* digest - SHA-256, HMAC-SHA-256 and random bytes from OpenSSL, and the two
 * spellings of bytes that file names, tokens and hashes are written in. */
enum { DIGEST_SIZE = 32 };

/* A hash of several pieces; a piece is hashed with its length, so that the
 * boundary between pieces is part of what is hashed. */
struct digest;
struct digest *digest_new(void);
void digest_piece(struct digest *d, struct view piece);
void digest_number(struct digest *d, int64_t n);
/* Writes the hash and starts anew. */
void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE]);
void digest_free(struct digest **d);

void digest_sha256(struct view in, unsigned char out[DIGEST_SIZE]); /* plain, as sha256sum */
void digest_hmac(struct view key, struct view in, unsigned char out[DIGEST_SIZE]);
/* The same for many short texts under one key, which is hashed once: about a microsecond each.
 * What is kept of the key is overwritten by digest_mac_free(). */
struct digest_mac;
struct digest_mac *digest_mac_new(const void *key, size_t len); /* len: at most 64 */
void digest_mac(struct digest_mac *m, struct view in, unsigned char out[DIGEST_SIZE]);
void digest_mac_free(struct digest_mac **m);
/* In constant time. */
bool digest_same(const void *a, const void *b, size_t len);
void digest_wipe(void *p, size_t len);	   /* overwrites what was a secret */
void digest_random(void *out, size_t len); /* ends the program where the system has none */

int digest_hex(struct str *out, const void *p, size_t len); /* lower case */
/* RFC 4648 section 6 alphabet in lower case, without padding: letters and
 * digits that survive any mail system. */
int digest_base32(struct str *out, const void *p, size_t len);
#endif
