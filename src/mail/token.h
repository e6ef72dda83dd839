#ifndef MAIL_TOKEN_H
#define MAIL_TOKEN_H
#include "base/str.h"

/* token - says of a message that it was sent by us, for which campaign and to which contact, and
 * cannot be made by anybody without the key: in the return address (VERP: local+TOKEN@domain),
 * the Message-ID and a header field of ours, and in the address that unsubscribes.
 *
 * Lower-case letters and digits only (mail systems change case and much else), so short that
 * a local part with it stays within 64 octets (RFC 5321 4.5.3.1.1). */
enum token_purpose {
	TOKEN_RETURN = 1,      /* bounces and delivery reports */
	TOKEN_UNSUBSCRIBE = 2, /* says that its bearer may leave the list */
	TOKEN_CONFIRM = 3,     /* the same, once the reply to our question comes back */
};
struct token {
	enum token_purpose purpose;
	int64_t campaign, contact; /* contact 0: of a batch to many */
};
enum { TOKEN_SIZE_MAX = 44, TOKEN_KEY_SIZE = 32, TOKEN_KEYS_MAX = 16 };

/* The keys of this set-up; the first makes new tokens, all of them are recognised. */
struct token_keys {
	size_t count;
	unsigned char key[TOKEN_KEYS_MAX][TOKEN_KEY_SIZE];
};

/* Returns 0, or -1 when out is full. */
int token_write(struct str *out, const struct token_keys *keys, const struct token *t);
/* 1: ours and unaltered, for this purpose; 0: anything else (*out untouched). */
int token_read(struct view text, const struct token_keys *keys, enum token_purpose purpose,
	struct token *out);
/* Whether it has the form of a token, whoever made it: no key is needed. */
bool token_looks(struct view text);
#endif
