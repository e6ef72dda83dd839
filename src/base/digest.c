#include "base/digest.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include "base/mem.h"

enum { DIGEST_GATHERED = 512 };

struct digest {
	EVP_MD_CTX *ctx;
	EVP_MD *sha256; /* fetched once: fetching by name costs more than a short hash */
	/* What was added and not yet hashed: so do a dozen calls for a few bytes each. */
	unsigned char bytes[DIGEST_GATHERED];
	size_t len;
};

static void start(struct digest *d)
{
	if (EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) != 1)
		mem_out();
}

struct digest *digest_new(void)
{
	struct digest *d = mem_alloc(sizeof *d);

	d->ctx = EVP_MD_CTX_new();
	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (d->ctx == NULL || d->sha256 == NULL)
		mem_out();
	start(d);
	return d;
}

static void hash(struct digest *d, const void *p, size_t len)
{
	int done = EVP_DigestUpdate(d->ctx, p, len);

	assert(done == 1);
	(void)done;
}

static void flush(struct digest *d)
{
	hash(d, d->bytes, d->len);
	d->len = 0;
}

static void add(struct digest *d, const void *p, size_t len)
{
	if (len > sizeof d->bytes - d->len)
		flush(d);
	if (len > sizeof d->bytes) {
		hash(d, p, len);
	} else if (len > 0) {
		memcpy(d->bytes + d->len, p, len);
		d->len += len;
	}
}

void digest_number(struct digest *d, int64_t n)
{
	unsigned char bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)n >> (56 - 8 * i));
	add(d, bytes, sizeof bytes);
}

void digest_piece(struct digest *d, struct view piece)
{
	digest_number(d, (int64_t)piece.len);
	add(d, piece.p, piece.len);
}

void digest_end(struct digest *d, unsigned char out[DIGEST_SIZE])
{
	int done;

	flush(d);
	done = EVP_DigestFinal_ex(d->ctx, out, NULL);
	assert(done == 1);
	(void)done;
	start(d);
}

void digest_free(struct digest **d)
{
	if (*d == NULL)
		return;
	EVP_MD_CTX_free((*d)->ctx);
	EVP_MD_free((*d)->sha256);
	free(*d);
	*d = NULL;
}

void digest_sha256(struct view in, unsigned char out[DIGEST_SIZE])
{
	if (EVP_Digest(in.len > 0 ? in.p : "", in.len, out, NULL, EVP_sha256(), NULL) != 1)
		mem_out();
}

void digest_hmac(struct view key, struct view in, unsigned char out[DIGEST_SIZE])
{
	static const unsigned char empty[1] = {0}; /* OpenSSL refuses NULL even for no bytes */
	const void *k = key.len > 0 ? (const void *)key.p : empty;
	const void *p = in.len > 0 ? (const void *)in.p : empty;

	if (HMAC(EVP_sha256(), k, (int)key.len, p, in.len, out, NULL) == NULL)
		mem_out();
}

/* RFC 2104 by hand, for EVP_MAC keeps a copy of the key on the heap as long as it lives. Here
 * are the states after the two blocks that are the same each time. */
struct digest_mac {
	EVP_MD *sha256;
	EVP_MD_CTX *inner, *outer, *work;
};
enum { HMAC_BLOCK = 64 };

static EVP_MD_CTX *padded(
	const struct digest_mac *m, const unsigned char key[HMAC_BLOCK], unsigned char pad)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char block[HMAC_BLOCK];

	for (size_t i = 0; i < HMAC_BLOCK; i++)
		block[i] = key[i] ^ pad;
	if (ctx == NULL || EVP_DigestInit_ex2(ctx, m->sha256, NULL) != 1 ||
		EVP_DigestUpdate(ctx, block, HMAC_BLOCK) != 1)
		mem_out();
	OPENSSL_cleanse(block, sizeof block);
	return ctx;
}

struct digest_mac *digest_mac_new(const void *key, size_t len)
{
	struct digest_mac *m = mem_alloc(sizeof *m);
	unsigned char block[HMAC_BLOCK] = {0};

	assert(len <= HMAC_BLOCK);
	memcpy(block, key, len);
	m->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	m->work = EVP_MD_CTX_new();
	if (m->sha256 == NULL || m->work == NULL)
		mem_out();
	m->inner = padded(m, block, 0x36);
	m->outer = padded(m, block, 0x5c);
	OPENSSL_cleanse(block, sizeof block);
	return m;
}

static void go_on(struct digest_mac *m, const EVP_MD_CTX *from, const void *p, size_t len,
	unsigned char out[DIGEST_SIZE])
{
	if (EVP_MD_CTX_copy_ex(m->work, from) != 1 || EVP_DigestUpdate(m->work, p, len) != 1 ||
		EVP_DigestFinal_ex(m->work, out, NULL) != 1)
		mem_out();
}

void digest_mac(struct digest_mac *m, struct view in, unsigned char out[DIGEST_SIZE])
{
	go_on(m, m->inner, in.p, in.len, out);
	go_on(m, m->outer, out, DIGEST_SIZE, out);
}

void digest_mac_free(struct digest_mac **m)
{
	if (*m == NULL)
		return;
	EVP_MD_CTX_free((*m)->inner);
	EVP_MD_CTX_free((*m)->outer);
	EVP_MD_CTX_free((*m)->work);
	EVP_MD_free((*m)->sha256);
	free(*m);
	*m = NULL;
}

bool digest_same(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void digest_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

void digest_random(void *out, size_t len)
{
	if (RAND_bytes(out, (int)len) != 1)
		mem_out();
}

int digest_hex(struct str *out, const void *p, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	for (size_t i = 0; i < len; i++) {
		(void)str_addc(out, hex[bytes[i] >> 4]);
		(void)str_addc(out, hex[bytes[i] & 15]);
	}
	return str_ok(out) ? 0 : -1;
}

int digest_base32(struct str *out, const void *p, size_t len)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	const unsigned char *bytes = p;
	uint32_t bits = 0;
	int held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (held += 8; held >= 5; held -= 5)
			(void)str_addc(out, alphabet[bits >> (held - 5) & 31]);
	}
	if (held > 0)
		(void)str_addc(out, alphabet[bits << (5 - held) & 31]);
	return str_ok(out) ? 0 : -1;
}
