#ifndef SEND_TOKENS_H
#define SEND_TOKENS_H
#include "base/arena.h"
#include "base/view.h"
struct fail;
struct settings;
struct store;
struct token_maker;

/* tokens - which key makes the tokens of a campaign (mail/token.h, settings/keys.h), and how an
 * address looks with one. */

/* For a campaign that is made now: the fingerprint of the newest key, in the arena. The file of
 * keys is made where there never was one; where there was, and it is missing, FAIL_CONF says what
 * to do, for what is on its way could never be recognised again. */
int send_tokens_begin(struct store *s, const struct settings *settings, int64_t now,
	struct arena *a, struct view *fingerprint, struct fail *f);
/* FAIL_CONF in the same words where the file is missing though campaigns have tokens. */
int send_tokens_check(struct store *s, const struct settings *settings, struct fail *f);
/* What makes them with the key of that fingerprint, or with the newest where somebody took it out
 * of the file; *out NULL for an empty one. */
int send_tokens_open(const struct settings *settings, struct view fingerprint,
	struct token_maker **out, struct fail *f);

/* "returns@asso.example" becomes "returns+TOKEN@asso.example", in the arena: RFC 5321 section
 * 4.5.3.1 has limits, FAIL_CONF where it would pass them. Both addresses in wire form. */
int send_return_address(struct view address, struct view separator, struct view token,
	struct arena *a, struct view *out, struct fail *f);
/* The same question before there is a token, which will have `size` octets. */
int send_return_check(struct view address, struct view separator, size_t size, struct fail *f);
#endif
