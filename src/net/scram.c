#include "net/scram.h"
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include "base/base64.h"
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "net/saslprep.h"

#define GS2_HEADER     "n,,"
#define GS2_HEADER_B64 "biws"

enum { RANDOM_SIZE = NET_SCRAM_NONCE_SIZE / 4 * 3 };

struct key {
	unsigned char p[EVP_MAX_MD_SIZE];
};

struct net_scram {
	const EVP_MD *md;
	size_t size; /* of a digest */
	struct view username, password;
	enum { SCRAM_FIRST, SCRAM_PROOF, SCRAM_VERIFY, SCRAM_OVER } step;
	struct str nonce; /* ours */
	struct str auth;  /* AuthMessage, as far as it has come */
	struct key server_signature;
	bool verified;
};

struct net_scram *net_scram_new(
	enum net_scram_digest digest, struct view username, struct view password, struct view nonce)
{
	struct net_scram *s = mem_alloc(sizeof *s);
	char random[RANDOM_SIZE];

	s->md = digest == NET_SCRAM_SHA_256 ? EVP_sha256() : EVP_sha1();
	s->size = (size_t)EVP_MD_get_size(s->md);
	s->username = username;
	s->password = password;
	str_init(&s->nonce, NET_SCRAM_MESSAGE_MAX);
	str_init(&s->auth, (size_t)3 * NET_SCRAM_MESSAGE_MAX);
	if (nonce.len > 0) {
		(void)str_addv(&s->nonce, nonce);
	} else {
		digest_random(random, sizeof random);
		(void)base64_encode(&s->nonce, view_make(random, sizeof random), 0);
	}
	return s;
}

void net_scram_free(struct net_scram **s)
{
	struct net_scram *dead = *s;

	if (dead == NULL)
		return;
	*s = NULL;
	str_free(&dead->nonce);
	str_free(&dead->auth);
	OPENSSL_cleanse(dead, sizeof *dead);
	free(dead);
}

bool net_scram_verified(const struct net_scram *s)
{
	return s->verified;
}

static int malformed(struct fail *f)
{
	return fail_set(f, FAIL_PERM, _("the server's part of the SCRAM login cannot be read"));
}

/* RFC 5802 section 5.1: a comma ends a value, so it and "=" are spelled out. */
static void add_name(struct str *out, struct view name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == ',')
			(void)str_addz(out, "=2C");
		else if (name.p[i] == '=')
			(void)str_addz(out, "=3D");
		else
			(void)str_addc(out, name.p[i]);
	}
}

static int step_first(struct net_scram *s, struct str *out, struct fail *f)
{
	struct str name;
	int ret;

	str_init(&name, NET_SCRAM_MESSAGE_MAX);
	ret = net_saslprep(s->username, _("the user name"), &name, f);
	if (ret == 0) {
		(void)str_addz(&s->auth, "n=");
		add_name(&s->auth, str_view(&name));
		(void)str_addf(&s->auth, ",r=%s", s->nonce.p);
		(void)str_addz(out, GS2_HEADER);
		(void)str_addv(out, str_view(&s->auth));
	}
	str_free(&name);
	return ret;
}

/* The value of the next attribute, which must be of that name. */
static bool attribute(struct view *in, char name, struct view *value)
{
	struct view part;

	if (!view_split(in, ',', &part) || part.len < 3 || part.p[0] != name || part.p[1] != '=')
		return false;
	*value = view_from(part, 2);
	return true;
}

static bool is_printable(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] <= ' ' || v.p[i] > '~')
			return false;
	return true;
}

struct asked { /* what the server's first message says */
	struct view nonce;
	struct str salt;
	uint64_t rounds;
};

/* "r=…,s=…,i=…"; a mandatory extension (m=) stands where r= must, and is one we do
 * not know. What follows the rounds may be passed over (RFC 5802 section 5.1). */
static int read_asked(
	const struct net_scram *s, struct view challenge, struct asked *a, struct fail *f)
{
	struct view salt, rounds;

	if (!is_printable(challenge) || !attribute(&challenge, 'r', &a->nonce) ||
		!attribute(&challenge, 's', &salt) || !attribute(&challenge, 'i', &rounds) ||
		base64_decode(&a->salt, salt) != 0 || a->salt.len == 0 ||
		!view_u64(rounds, UINT32_MAX, &a->rounds))
		return malformed(f);
	if (!view_starts(a->nonce, str_view(&s->nonce)) || a->nonce.len == s->nonce.len)
		return fail_set(f, FAIL_PERM,
			_("the server answered the SCRAM login of somebody else: it may not be the "
			  "one that it should be"));
	if (a->rounds < NET_SCRAM_ROUNDS_MIN || a->rounds > NET_SCRAM_ROUNDS_MAX)
		return fail_set(f, FAIL_PERM,
			_("the server wants the password hashed %llu times; from %d to %d times is "
			  "what SCRAM allows here"),
			(unsigned long long)a->rounds, NET_SCRAM_ROUNDS_MIN, NET_SCRAM_ROUNDS_MAX);
	return 0;
}

static void hmac(const struct net_scram *s, const struct key *key, struct view in, struct key *out)
{
	if (HMAC(s->md, key->p, (int)s->size, (const unsigned char *)in.p, in.len, out->p, NULL) ==
		NULL)
		mem_out();
}

/* RFC 5802 section 3: from the salted password to the client's proof and to the
 * signature that the server will have to show. */
static void prove(
	struct net_scram *s, struct view password, const struct asked *a, struct key *proof)
{
	struct view auth = str_view(&s->auth);
	struct key salted, client, stored, server, signature;

	if (PKCS5_PBKDF2_HMAC(password.p, (int)password.len, (const unsigned char *)a->salt.p,
		    (int)a->salt.len, (int)a->rounds, s->md, (int)s->size, salted.p) != 1)
		mem_out();
	hmac(s, &salted, VIEW("Client Key"), &client);
	if (EVP_Digest(client.p, s->size, stored.p, NULL, s->md, NULL) != 1)
		mem_out();
	hmac(s, &stored, auth, &signature);
	for (size_t i = 0; i < s->size; i++)
		proof->p[i] = client.p[i] ^ signature.p[i];
	hmac(s, &salted, VIEW("Server Key"), &server);
	hmac(s, &server, auth, &s->server_signature);
	OPENSSL_cleanse(&salted, sizeof salted);
	OPENSSL_cleanse(&client, sizeof client);
	OPENSSL_cleanse(&stored, sizeof stored);
	OPENSSL_cleanse(&server, sizeof server);
}

static int prepare_and_prove(
	struct net_scram *s, const struct asked *a, struct key *proof, struct fail *f)
{
	size_t room = s->password.len * NET_SASLPREP_GROWTH;
	struct str password;
	int ret;

	str_init(&password, room);
	(void)str_room(&password, room);
	ret = net_saslprep(s->password, _("the password"), &password, f);
	if (ret == 0)
		prove(s, str_view(&password), a, proof);
	if (password.cap > 0)
		OPENSSL_cleanse(password.p, password.cap);
	str_free(&password);
	return ret;
}

static int step_proof(struct net_scram *s, struct view challenge, struct str *out, struct fail *f)
{
	struct asked a = {0};
	size_t from = out->len;
	struct key proof;
	int ret = -1;

	str_init(&a.salt, NET_SCRAM_MESSAGE_MAX);
	if (read_asked(s, challenge, &a, f) != 0)
		goto out;
	(void)str_addz(out, "c=" GS2_HEADER_B64 ",r=");
	(void)str_addv(out, a.nonce);
	(void)str_addc(&s->auth, ',');
	(void)str_addv(&s->auth, challenge);
	(void)str_addc(&s->auth, ',');
	(void)str_addv(&s->auth, view_from(str_view(out), from));
	if (prepare_and_prove(s, &a, &proof, f) != 0)
		goto out;
	(void)str_addz(out, ",p=");
	ret = base64_encode(out, view_make((const char *)proof.p, s->size), 0);
	if (ret != 0)
		ret = malformed(f);
out:
	str_free(&a.salt);
	return ret;
}

/* "v=…", or "e=…" where the server has said no; its reply code will say it again. */
static int step_verify(struct net_scram *s, struct view challenge, struct fail *f)
{
	struct view value;
	struct str signature;

	if (view_starts(challenge, VIEW("e=")))
		return 0;
	str_init(&signature, NET_SCRAM_MESSAGE_MAX);
	s->verified = attribute(&challenge, 'v', &value) && base64_decode(&signature, value) == 0 &&
		      signature.len == s->size &&
		      digest_same(signature.p, s->server_signature.p, s->size);
	str_free(&signature);
	if (s->verified)
		return 0;
	return fail_set(f, FAIL_PERM,
		_("the server could not prove that it knows the password: it may not be the one "
		  "that it should be"));
}

int net_scram_step(struct net_scram *s, struct view challenge, struct str *out, struct fail *f)
{
	if (challenge.len > NET_SCRAM_MESSAGE_MAX)
		return malformed(f);
	switch (s->step) {
	case SCRAM_FIRST:
		s->step = SCRAM_PROOF;
		return step_first(s, out, f);
	case SCRAM_PROOF:
		s->step = SCRAM_VERIFY;
		return step_proof(s, challenge, out, f);
	case SCRAM_VERIFY:
		s->step = SCRAM_OVER;
		return step_verify(s, challenge, f);
	case SCRAM_OVER:
		break;
	}
	return malformed(f);
}
