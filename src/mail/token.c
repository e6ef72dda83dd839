#include "mail/token.h"
#include <assert.h>
#include "base/digest.h"
#include "base/mem.h"

enum {
	TOKEN_DIGITS_MAX = 13, /* of four bits: 52 */
	TOKEN_MAC_OCTETS = 10,
	TOKEN_MAC_SIZE = 16, /* characters of five bits */
	TOKEN_SIZE_MIN = 2 + 1 + 1 + TOKEN_MAC_SIZE,
	TOKEN_SIGNED_MAX = 64,
};
_Static_assert(2 + 2 * TOKEN_DIGITS_MAX + TOKEN_MAC_SIZE == TOKEN_SIZE_MAX, "the longest token");
_Static_assert(TOKEN_MAC_OCTETS * 8 == TOKEN_MAC_SIZE * 5, "no bit of the mac is left over");

/* RFC 4648 section 6, as digest_base32() has it. */
static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char purposes[] = {[TOKEN_RETURN] = 'r',
	[TOKEN_UNSUBSCRIBE] = 'u',
	[TOKEN_CONFIRM] = 'c',
	[TOKEN_MESSAGE] = 'm'};

enum { DIGIT_BITS = 4, DIGIT_MORE = 1 << DIGIT_BITS };

struct token_maker {
	struct digest_mac *mac;
	char id;
};

/* So that tokens of other keys need not be tried: one in 32 of them is all the same. */
static char key_id(const unsigned char key[TOKEN_KEY_SIZE])
{
	static const char label[] = "facteur token key";
	unsigned char hash[DIGEST_SIZE];
	char text[sizeof label - 1 + TOKEN_KEY_SIZE];

	memcpy(text, label, sizeof label - 1);
	memcpy(text + sizeof label - 1, key, TOKEN_KEY_SIZE);
	digest_sha256(view_make(text, sizeof text), hash);
	digest_wipe(text, sizeof text);
	return alphabet[hash[0] >> 3];
}

/* --- writing ------------------------------------------------------------- */

static size_t digits_of(int64_t n)
{
	size_t digits = 1;

	for (n >>= DIGIT_BITS; n > 0; n >>= DIGIT_BITS)
		digits++;
	return digits;
}

static char *put_number(char *at, int64_t n)
{
	for (size_t left = digits_of(n); left-- > 0;) {
		size_t digit = (size_t)(n >> (left * DIGIT_BITS)) % DIGIT_MORE;

		*at++ = alphabet[digit + (left > 0 ? DIGIT_MORE : 0)];
	}
	return at;
}

size_t token_size(int64_t campaign, int64_t contact)
{
	return 2 + digits_of(campaign) + digits_of(contact) + TOKEN_MAC_SIZE;
}

/* What is signed: the label keeps it apart from whatever else this key may ever sign. */
static size_t add_label(char out[TOKEN_SIGNED_MAX])
{
	static const char label[] = "facteur token 1:";

	memcpy(out, label, sizeof label - 1);
	return sizeof label - 1;
}

static int add_mac(struct str *out, const unsigned char hash[DIGEST_SIZE])
{
	return digest_base32(out, hash, TOKEN_MAC_OCTETS);
}

int token_make(struct token_maker *m, struct str *out, const struct token *t)
{
	char text[TOKEN_SIGNED_MAX];
	unsigned char hash[DIGEST_SIZE];
	size_t label = add_label(text);
	char *at = text + label;

	assert(t->campaign >= 0 && t->campaign <= TOKEN_NUMBER_MAX);
	assert(t->contact >= 0 && t->contact <= TOKEN_NUMBER_MAX);
	*at++ = purposes[t->purpose];
	*at++ = m->id;
	at = put_number(put_number(at, t->campaign), t->contact);
	digest_mac(m->mac, view_make(text, (size_t)(at - text)), hash);
	(void)str_add(out, text + label, (size_t)(at - text) - label);
	return add_mac(out, hash);
}

struct token_maker *token_maker_new(const unsigned char key[TOKEN_KEY_SIZE])
{
	struct token_maker *m = mem_alloc(sizeof *m);

	m->mac = digest_mac_new(key, TOKEN_KEY_SIZE);
	m->id = key_id(key);
	return m;
}

void token_maker_free(struct token_maker **m)
{
	if (*m == NULL)
		return;
	digest_mac_free(&(*m)->mac);
	free(*m);
	*m = NULL;
}

int token_write(struct str *out, const struct token_keys *keys, const struct token *t)
{
	struct token_maker *m;
	int ret;

	assert(keys->count > 0);
	m = token_maker_new(keys->key[0]);
	ret = token_make(m, out, t);
	token_maker_free(&m);
	return ret;
}

/* --- reading ------------------------------------------------------------- */

/* A token taken apart. */
struct pieces {
	char text[TOKEN_SIZE_MAX]; /* in lower case */
	size_t len;
	struct token token;
};

static int value_of(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* One way to write a number: without zeros in front. */
static bool take_number(struct view *in, int64_t *out)
{
	int64_t n = 0;

	for (int i = 0; i < TOKEN_DIGITS_MAX && in->len > 0; i++) {
		int digit = value_of(in->p[0]);

		*in = view_from(*in, 1);
		if (digit < 0 || (i == 0 && digit == DIGIT_MORE))
			return false;
		n = n << DIGIT_BITS | digit % DIGIT_MORE;
		if (digit < DIGIT_MORE) {
			*out = n;
			return true;
		}
	}
	return false;
}

static bool take_purpose(struct view *in, enum token_purpose *out)
{
	for (enum token_purpose p = TOKEN_RETURN; p <= TOKEN_MESSAGE; p++) {
		if (in->p[0] != purposes[p])
			continue;
		*out = p;
		*in = view_from(*in, 1);
		return true;
	}
	return false;
}

static bool take_apart(struct view text, struct pieces *p)
{
	struct view rest;

	if (text.len < TOKEN_SIZE_MIN || text.len > TOKEN_SIZE_MAX)
		return false;
	p->len = text.len;
	for (size_t i = 0; i < text.len; i++) {
		p->text[i] = ascii_lower(text.p[i]);
		if (value_of(p->text[i]) < 0)
			return false;
	}
	rest = view_make(p->text, p->len);
	if (!take_purpose(&rest, &p->token.purpose))
		return false;
	rest = view_from(rest, 1);
	return take_number(&rest, &p->token.campaign) && take_number(&rest, &p->token.contact) &&
	       rest.len == TOKEN_MAC_SIZE;
}

static bool is_signed_by(const struct pieces *p, const unsigned char key[TOKEN_KEY_SIZE])
{
	char text[TOKEN_SIGNED_MAX];
	unsigned char hash[DIGEST_SIZE];
	size_t own = p->len - TOKEN_MAC_SIZE, label = add_label(text);
	struct str mac;
	bool same;

	memcpy(text + label, p->text, own);
	digest_hmac(
		view_make((const char *)key, TOKEN_KEY_SIZE), view_make(text, label + own), hash);
	str_init(&mac, TOKEN_MAC_SIZE);
	same = add_mac(&mac, hash) == 0 && digest_same(mac.p, p->text + own, TOKEN_MAC_SIZE);
	str_free(&mac);
	return same;
}

int token_read(struct view text, const struct token_keys *keys, enum token_purpose purpose,
	struct token *out)
{
	struct pieces p;

	if (!take_apart(text, &p) || p.token.purpose != purpose)
		return 0;
	for (size_t i = 0; i < keys->count; i++) {
		if (key_id(keys->key[i]) != p.text[1] || !is_signed_by(&p, keys->key[i]))
			continue;
		*out = p.token;
		return 1;
	}
	return 0;
}

bool token_looks(struct view text)
{
	struct pieces p;

	return take_apart(text, &p);
}

struct view token_in_local_part(struct view local)
{
	size_t from = local.len;

	while (from > 0 && ascii_is_alnum(local.p[from - 1]))
		from--;
	local = view_from(local, from);
	return token_looks(local) ? local : view_make(NULL, 0);
}

struct view token_in_message_id(struct view id)
{
	size_t end = 0;

	while (end < id.len && ascii_is_alnum(id.p[end]))
		end++;
	id = view_sub(id, 0, end);
	return token_looks(id) ? id : view_make(NULL, 0);
}
