#include "net/sasl.h"
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/scram.h"

enum { STATUS_MAX = 256, MD5_SIZE = 16 };
#define CTRL_A "\x01"

struct net_sasl {
	enum net_sasl_kind kind;
	const struct net_login *login;
	unsigned steps;		 /* taken */
	bool failed;		 /* one of them */
	struct net_scram *scram; /* or NULL */
	struct str status;
};

struct kind {
	const char *name;
	bool speaks_first, bare;
	unsigned steps; /* it has, where all goes well */
	int (*step)(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f);
};

static int add_scram(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	return net_scram_step(s->scram, challenge, out, f);
}

static int too_many(struct fail *f)
{
	return fail_set(f, FAIL_PERM, _("the server asks for more than this kind of login has"));
}

/* RFC 2195. */
static int add_cram_md5(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	struct view secret = s->login->secret;
	unsigned char digest[MD5_SIZE];

	if (s->steps > 0)
		return too_many(f);
	if (HMAC(EVP_md5(), secret.p, (int)secret.len, (const unsigned char *)challenge.p,
		    challenge.len, digest, NULL) == NULL)
		return fail_set(f, FAIL_PERM, _("this computer's OpenSSL does without MD5"));
	(void)str_addv(out, s->login->username);
	(void)str_addc(out, ' ');
	return digest_hex(out, digest, sizeof digest);
}

/* RFC 4616. */
static int add_plain(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	(void)challenge;
	if (s->steps > 0)
		return too_many(f);
	(void)str_addc(out, '\0');
	(void)str_addv(out, s->login->username);
	(void)str_addc(out, '\0');
	return str_addv(out, s->login->secret);
}

/* Never written down as a standard: servers ask for the user name, then for the
 * password, in words of their own. */
static int add_login(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	(void)challenge;
	if (s->steps > 1)
		return too_many(f);
	return str_addv(out, s->steps == 0 ? s->login->username : s->login->secret);
}

/* Keeps the status of {"status":"invalid_token", …}, RFC 7628 section 3.2.2. */
static void read_status(struct net_sasl *s, struct view challenge)
{
	json_t *doc = json_loadb(challenge.len > 0 ? challenge.p : "", challenge.len, 0, NULL);
	const char *status = json_string_value(json_object_get(doc, "status"));

	if (status != NULL)
		(void)utf8_clean(&s->status, view_of(status));
	json_decref(doc);
}

/* A comma ends the name, so it and "=" are spelled out (RFC 5801 section 4). */
static void add_authzid(struct str *out, struct view name)
{
	(void)str_addz(out, "n,a=");
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == ',' || name.p[i] == '=')
			(void)str_addz(out, name.p[i] == ',' ? "=2C" : "=3D");
		else
			(void)str_addc(out, name.p[i]);
	}
	(void)str_addz(out, "," CTRL_A);
}

/* A challenge says what was wrong, and wants an answer before the reply code
 * comes: a lone ^A (RFC 7628 section 3.2.3). */
static int add_oauthbearer(
	struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	if (s->steps > 1)
		return too_many(f);
	if (s->steps == 1) {
		read_status(s, challenge);
		return str_addz(out, CTRL_A);
	}
	add_authzid(out, s->login->username);
	if (s->login->host != NULL)
		(void)str_addf(out, "host=%s" CTRL_A "port=%u" CTRL_A, s->login->host,
			(unsigned)s->login->port);
	(void)str_addz(out, "auth=Bearer ");
	(void)str_addv(out, s->login->secret);
	return str_addz(out, CTRL_A CTRL_A);
}

/* Google's and Microsoft's form from before RFC 7628; its error wants an empty line. */
static int add_xoauth2(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	if (s->steps > 1)
		return too_many(f);
	if (s->steps == 1) {
		read_status(s, challenge);
		return 0;
	}
	(void)str_addz(out, "user=");
	(void)str_addv(out, s->login->username);
	(void)str_addz(out, CTRL_A "auth=Bearer ");
	(void)str_addv(out, s->login->secret);
	return str_addz(out, CTRL_A CTRL_A);
}

static const struct kind kinds[NET_SASL_KINDS] = {
	[NET_SASL_SCRAM_SHA_256] = {"SCRAM-SHA-256", true, false, 3, add_scram},
	[NET_SASL_SCRAM_SHA_1] = {"SCRAM-SHA-1", true, false, 3, add_scram},
	[NET_SASL_CRAM_MD5] = {"CRAM-MD5", false, false, 1, add_cram_md5},
	[NET_SASL_PLAIN] = {"PLAIN", true, true, 1, add_plain},
	[NET_SASL_LOGIN] = {"LOGIN", false, true, 2, add_login},
	[NET_SASL_OAUTHBEARER] = {"OAUTHBEARER", true, true, 1, add_oauthbearer},
	[NET_SASL_XOAUTH2] = {"XOAUTH2", true, true, 1, add_xoauth2},
};

const char *net_sasl_name(enum net_sasl_kind kind)
{
	return kinds[kind].name;
}

unsigned net_sasl_read(struct view words)
{
	unsigned found = 0;
	struct view word;

	while (view_split(&words, ' ', &word))
		for (size_t i = 0; i < NET_SASL_KINDS; i++)
			if (view_eq_nocase(word, view_of(kinds[i].name)))
				found |= NET_SASL_BIT(i);
	return found;
}

bool net_sasl_is_bare(enum net_sasl_kind kind)
{
	return kinds[kind].bare;
}

enum net_sasl_kind net_sasl_pick(unsigned offered, bool secure)
{
	for (unsigned i = 0; i < NET_SASL_KINDS; i++)
		if ((offered & NET_SASL_BIT(i)) != 0 && (secure || !kinds[i].bare))
			return (enum net_sasl_kind)i;
	return NET_SASL_KINDS;
}

struct net_sasl *net_sasl_new(enum net_sasl_kind kind, const struct net_login *login)
{
	struct net_sasl *s = mem_alloc(sizeof *s);

	s->kind = kind;
	s->login = login;
	str_init(&s->status, STATUS_MAX);
	if (kind == NET_SASL_SCRAM_SHA_256 || kind == NET_SASL_SCRAM_SHA_1)
		s->scram = net_scram_new(
			kind == NET_SASL_SCRAM_SHA_256 ? NET_SCRAM_SHA_256 : NET_SCRAM_SHA_1,
			login->username, login->secret, login->nonce);
	return s;
}

void net_sasl_free(struct net_sasl **s)
{
	struct net_sasl *dead = *s;

	if (dead == NULL)
		return;
	*s = NULL;
	net_scram_free(&dead->scram);
	str_free(&dead->status);
	free(dead);
}

bool net_sasl_speaks_first(const struct net_sasl *s)
{
	return kinds[s->kind].speaks_first;
}

/* A control would end a field (NUL of PLAIN, ^A of OAuth) and begin another. */
static bool has_control(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (ascii_is_control(v.p[i]))
			return true;
	return false;
}

static int check_login(const struct net_login *login, struct fail *f)
{
	if (login->username.len > NET_SASL_NAME_MAX || login->secret.len > NET_SASL_NAME_MAX)
		return fail_set(f, FAIL_PERM,
			_("a user name, password or token of more than %d octets cannot be used"),
			NET_SASL_NAME_MAX);
	if (has_control(login->username) || has_control(login->secret))
		return fail_set(f, FAIL_PERM,
			_("the user name, password or token holds a control character"));
	return 0;
}

int net_sasl_step(struct net_sasl *s, struct view challenge, struct str *out, struct fail *f)
{
	if (s->failed)
		return too_many(f);
	s->failed = check_login(s->login, f) != 0 || kinds[s->kind].step(s, challenge, out, f) != 0;
	s->steps++;
	if (s->failed)
		return -1;
	if (str_ok(out) && out->len <= NET_SASL_RESPONSE_MAX)
		return 0;
	s->failed = true;
	return fail_set(f, FAIL_PERM, _("the answer to the server is longer than SMTP allows"));
}

bool net_sasl_may_succeed(const struct net_sasl *s)
{
	return !s->failed && s->steps == kinds[s->kind].steps &&
	       (s->scram == NULL || net_scram_verified(s->scram));
}

struct view net_sasl_status(const struct net_sasl *s)
{
	return str_view(&s->status);
}
