#ifndef MAIL_TOKEN_H
#define MAIL_TOKEN_H
#include "base/str.h"

/* token - says of a message that it was sent by us, for which campaign and to which contact, and
 * cannot be made by anybody without the key. It stands
 *
 *	in the return address	returns+TOKEN@asso.example (VERP), in individual mode, unless
 *				`verp: false`; "-", "_", "." or "=" may be in the place of the "+"
 *	in a field of ours	X-Facteur-Token: TOKEN
 *	in the Message-ID	<TOKEN.HASH@asso.example>, HASH being 16 characters of the same kind;
 *				of purpose TOKEN_MESSAGE
 *	in the ENVID of RFC 3461	TOKEN.HASH, the Message-ID up to its @
 *	where one unsubscribes	List-Unsubscribe: <mailto:leave@asso.example?subject=unsubscribe
 *				%20TOKEN>, of purpose TOKEN_UNSUBSCRIBE, in individual mode
 *
 * The first two are one token, of purpose TOKEN_RETURN: only the recipient and the servers on the
 * way see it. A Message-ID is repeated in every reply and every archive (In-Reply-To, References):
 * its token tells which message was meant, and proves nothing about who tells it. One message to many (bcc mode) has
 * contact 0 in it: all its recipients see the same, and each of them could send it back for
 * another. The token of a message to one is known to that one only.
 *
 * Its form, lower-case letters and digits only, for mail systems change case and much else:
 *
 *	purpose		1	r, u, c or m
 *	key		1	five bits of the hash of the key: which of several it may be
 *	campaign	1-13	four bits each, the highest first; the fifth says that more follow
 *	contact		1-13	the same
 *	mac		16	80 bits of HMAC-SHA-256 of all that stands before
 *
 * That is 23 to 26 for most, and short enough for a local part of 64 octets (RFC 5321 section
 * 4.5.3.1.1). Both numbers can be read by anybody, and mean nothing to whoever has no database;
 * nothing else about the member is in it. */
enum token_purpose {
	TOKEN_RETURN = 1,      /* bounces and delivery reports */
	TOKEN_UNSUBSCRIBE = 2, /* says that its bearer may leave the list */
	TOKEN_CONFIRM = 3,     /* the same, once the reply to our question comes back */
	TOKEN_MESSAGE = 4,     /* names the message, and allows nothing */
};
struct token {
	enum token_purpose purpose;
	int64_t campaign, contact; /* 0 to TOKEN_NUMBER_MAX; contact 0: of a batch to many */
};
enum { TOKEN_SIZE_MAX = 44, TOKEN_KEY_SIZE = 32, TOKEN_KEYS_MAX = 16 };
#define TOKEN_NUMBER_MAX ((INT64_C(1) << 52) - 1)

/* The keys of this set-up; the first makes new tokens, all of them are recognised.
 * settings_keys_read() fills it. */
struct token_keys {
	size_t count;
	unsigned char key[TOKEN_KEYS_MAX][TOKEN_KEY_SIZE];
};

/* Returns 0, or -1 when out is full. */
int token_write(struct str *out, const struct token_keys *keys, const struct token *t);
/* How long it will be. */
size_t token_size(int64_t campaign, int64_t contact);
/* 1: ours and unaltered, for this purpose; 0: anything else (*out untouched). Upper case is
 * lower case. */
int token_read(struct view text, const struct token_keys *keys, enum token_purpose purpose,
	struct token *out);
/* Whether it has the form of a token, whoever made it: no key is needed. */
bool token_looks(struct view text);
/* What may be a token in these places, or the empty view; token_read() judges it. The local part
 * of an address: what follows the last separator. A Message-ID without its brackets, or an
 * ENVID: what stands before the first dot. */
struct view token_in_local_part(struct view local);
struct view token_in_message_id(struct view id);

/* Many tokens with one key, which is prepared once: a microsecond each. */
struct token_maker;
struct token_maker *token_maker_new(const unsigned char key[TOKEN_KEY_SIZE]);
void token_maker_free(struct token_maker **m);
int token_make(struct token_maker *m, struct str *out, const struct token *t);
#endif
