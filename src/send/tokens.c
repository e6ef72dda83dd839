#include "send/tokens.h"
#include "base/digest.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "mail/addr.h"
#include "mail/token.h"
#include "send/frozen.h"
#include "settings/keys.h"
#include "settings/settings.h"
#include "store/campaign.h"

_Static_assert((int)TOKEN_KEY_SIZE == (int)SETTINGS_KEY_SIZE &&
		       (int)TOKEN_KEYS_MAX == (int)SETTINGS_KEYS_MAX,
	"the file holds what the tokens want");

/* --- keys ---------------------------------------------------------------- */

/* Stops at the first campaign that has tokens: *ctx. */
static int note_tokens(void *ctx, const struct store_campaign *c)
{
	struct send_frozen frozen = {.mode = SEND_INDIVIDUAL};
	struct arena a;
	struct fail ignored;
	bool has;

	arena_init(&a);
	has = send_frozen_read(c->frozen, &a, &frozen, &ignored) == 0 && frozen.token_key.len > 0;
	arena_free(&a);
	*(bool *)ctx = has;
	return has;
}

static int missing(const char *path, struct fail *f)
{
	return fail_set(f, FAIL_CONF,
		_("the file of keys %s is not there; by it facteur recognises what comes back to "
		  "the messages it has sent. Put it back from your copy; if there is none, facteur "
		  "key rotate makes a new one, and what comes back to older messages acts on "
		  "nobody"),
		path);
}

int send_tokens_check(struct store *s, const struct settings *settings, struct fail *f)
{
	bool used = false;

	if (file_exists(settings->token_keys))
		return 0;
	if (store_campaign_each(s, note_tokens, &used, f) < 0)
		return -1;
	return used ? missing(settings->token_keys, f) : 0;
}

int send_tokens_begin(struct store *s, const struct settings *settings, int64_t now,
	struct arena *a, struct view *fingerprint, struct fail *f)
{
	char text[SETTINGS_FINGERPRINT_SIZE];
	struct token_keys keys;

	if (send_tokens_check(s, settings, f) < 0)
		return -1;
	if (!file_exists(settings->token_keys) &&
		settings_keys_make(settings->token_keys, now, f) < 0)
		return -1;
	if (settings_keys_read(settings->token_keys, keys.key, NULL, &keys.count, f) < 0)
		return -1;
	settings_key_fingerprint(keys.key[0], text);
	digest_wipe(&keys, sizeof keys);
	*fingerprint = arena_dup(a, view_of(text));
	return 0;
}

int send_tokens_open(const struct settings *settings, struct view fingerprint,
	struct token_maker **out, struct fail *f)
{
	struct token_keys keys;
	size_t chosen = 0;

	*out = NULL;
	if (fingerprint.len == 0)
		return 0;
	if (!file_exists(settings->token_keys))
		return missing(settings->token_keys, f);
	if (settings_keys_read(settings->token_keys, keys.key, NULL, &keys.count, f) < 0)
		return -1;
	for (size_t i = 0; i < keys.count; i++) {
		char text[SETTINGS_FINGERPRINT_SIZE];

		settings_key_fingerprint(keys.key[i], text);
		if (view_is(fingerprint, text))
			chosen = i;
	}
	*out = token_maker_new(keys.key[chosen]);
	digest_wipe(&keys, sizeof keys);
	return 0;
}

/* --- return addresses ------------------------------------------------------ */

/* Where the local part ends: the last @, for a quoted one may hold more. */
static size_t local_end(struct view address)
{
	size_t at = address.len;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at > 0 ? at - 1 : 0;
}

int send_return_check(struct view address, struct view separator, size_t size, struct fail *f)
{
	size_t local = local_end(address), more = separator.len + size;

	if (address.len > 0 && address.p[0] == '"')
		return fail_set(f, FAIL_CONF,
			_("the bounce address %.*s has quotes and can carry no token; set "
			  "identity.bounce_address to a plain one, or identity.verp to false"),
			VIEW_ARG(address));
	if (local + more <= ADDR_LOCAL_MAX && address.len + more <= ADDR_MAX)
		return 0;
	return fail_set(f, FAIL_CONF,
		_("the bounce address %.*s is too long to carry a token: %zu octets before the @ "
		  "and %zu more are past the %d that mail allows; set identity.bounce_address to a "
		  "shorter one, or identity.verp to false"),
		VIEW_ARG(address), local, more, ADDR_LOCAL_MAX);
}

int send_return_address(struct view address, struct view separator, struct view token,
	struct arena *a, struct view *out, struct fail *f)
{
	size_t local = local_end(address);
	struct str text;

	if (send_return_check(address, separator, token.len, f) < 0)
		return -1;
	str_init(&text, ADDR_WIRE_MAX);
	(void)str_addv(&text, view_sub(address, 0, local));
	(void)str_addv(&text, separator);
	(void)str_addv(&text, token);
	(void)str_addv(&text, view_from(address, local));
	*out = arena_dup(a, str_view(&text));
	str_free(&text);
	return 0;
}
