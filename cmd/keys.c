#include "cmd/keys.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "send/tokens.h"
#include "settings/keys.h"
#include "settings/settings.h"

_Static_assert((int)TOKEN_KEY_SIZE == (int)SETTINGS_KEY_SIZE, "a key is a key");
_Static_assert((int)TOKEN_KEYS_MAX == (int)SETTINGS_KEYS_MAX, "as many keys");

int keys_read(const struct app *app, struct token_keys *out, struct fail *f)
{
	const char *path = app->settings->token_keys;

	out->count = 0;
	if (app->store != NULL && send_tokens_check(app->store, app->settings, f) < 0)
		return -1;
	if (!file_exists(path))
		return 0;
	return settings_keys_read(path, out->key, NULL, &out->count, f) < 0 ? -1 : 1;
}
