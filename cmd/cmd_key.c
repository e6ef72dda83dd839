/* facteur key: list, rotate. */
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"
#include "cmd/cmd.h"
#include "settings/keys.h"
#include "settings/settings.h"

static void row_json(const char *fingerprint, int64_t since, bool newest)
{
	char at[TIME_ISO_SIZE];

	time_iso(since, at);
	out_json_line(json_pack("{s:i, s:s, s:s, s:b}", "schema", 1, "fingerprint", fingerprint,
		"since", at, "newest", newest));
}

static void row_text(const char *fingerprint, int64_t since, bool newest)
{
	char at[OUT_WHEN_SIZE];

	out_line("%s\t%s\t%s", fingerprint, out_when(since, at),
		newest ? _("signs new campaigns") : _("recognises older ones"));
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	unsigned char key[SETTINGS_KEYS_MAX][SETTINGS_KEY_SIZE];
	int64_t since[SETTINGS_KEYS_MAX];
	size_t count;

	(void)argc;
	(void)argv;
	if (!file_exists(app->settings->token_keys)) {
		out_say(_("There is no key yet: %s is made when the first campaign is."),
			app->settings->token_keys);
		return 0;
	}
	if (settings_keys_read(app->settings->token_keys, key, since, &count, f) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		char fingerprint[SETTINGS_FINGERPRINT_SIZE];

		settings_key_fingerprint(key[i], fingerprint);
		(app->json ? row_json : row_text)(fingerprint, since[i], i == 0);
	}
	digest_wipe(key, sizeof key);
	return 0;
}

const struct cmd cmd_key_list = {
	.noun = "key",
	.verb = "list",
	.args = "",
	.summary = N_("show which keys there are, and since when"),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = list_run,
};

static int make_first(const char *path, int64_t now, struct fail *f)
{
	if (settings_keys_make(path, now, f) < 0)
		return -1;
	out_say(_("There was no file of keys; %s is new. Keep a copy of it, apart from the "
		  "database."),
		path);
	out_say("%s", _("If messages were sent before, what comes back to them is not recognised "
			"any more, and acts on nobody."));
	return 0;
}

static int rotate_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const char *path = app->settings->token_keys;
	bool dropped = false;

	(void)argc;
	(void)argv;
	if (!file_exists(path))
		return make_first(path, app->now, f);
	if (settings_keys_rotate(path, app->now, &dropped, f) < 0)
		return -1;
	out_say(_("%s has a new key, which signs the campaigns that are made from now on."), path);
	out_say("%s", _("The old ones stay there: by them facteur recognises what comes back to "
			"older messages."));
	if (dropped)
		out_say(_("Only %d are kept: the oldest is gone."), SETTINGS_KEYS_MAX);
	return 0;
}

const struct cmd cmd_key_rotate = {
	.noun = "key",
	.verb = "rotate",
	.args = "",
	.summary = N_("make a new key, and keep the old ones"),
	.more = N_("When somebody else may have seen the file of keys (token_keys). Weeks later,\n"
		   "when nothing comes back to older campaigns any more, take the line of that\n"
		   "key out of the file."),
	.needs = CMD_SETTINGS,
	.run = rotate_run,
};
