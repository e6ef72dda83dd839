#include "cmd/names.h"
#include "base/suggest.h"
#include "mail/mailbox.h"
#include "settings/settings.h"

int names_list(struct app *app, const char *name, struct store_list *out, struct fail *f)
{
	return store_list_get(app->store, view_of(name), &app->arena, out, f);
}

int names_campaign(const char *word, int64_t *id, struct fail *f)
{
	uint64_t n;

	if (!view_u64(view_of(word), INT64_MAX, &n) || n == 0)
		return fail_set(f, FAIL_USAGE,
			_("\"%s\" is not the number of a campaign; facteur campaign list shows "
			  "them"),
			word);
	*id = (int64_t)n;
	return 0;
}

int names_address(struct app *app, const char *word, struct view *wire, struct view *key,
	struct view *name, struct fail *f)
{
	struct mailbox mailbox;
	struct str text;
	int ret = -1;

	if (mailbox_parse(view_of(word), ADDR_MEMBER, &app->arena, &mailbox, f) < 0)
		return fail_wrap(f, "%s", word);
	str_init(&text, ADDR_KEY_MAX);
	if (addr_key(&mailbox.addr, &text, f) < 0)
		goto out;
	*key = arena_dup(&app->arena, str_view(&text));
	str_clear(&text);
	if (addr_wire(&mailbox.addr, &text, NULL, f) < 0)
		goto out;
	*wire = arena_dup(&app->arena, str_view(&text));
	if (name != NULL)
		*name = arena_dup(&app->arena, mailbox.name);
	ret = 0;
out:
	str_free(&text);
	return ret;
}

int names_check_addresses(struct app *app, int count, char **words, struct fail *f)
{
	struct view wire, key;

	for (int i = 0; i < count; i++)
		if (names_address(app, words[i], &wire, &key, NULL, f) < 0)
			return -1;
	return 0;
}

int names_mailbox(const struct app *app, const char *name, const struct settings_mailbox **out,
	struct fail *f)
{
	const struct settings *s = app->settings;
	struct suggest near;

	*out = settings_mailbox_find(s, name);
	if (*out != NULL)
		return 0;
	suggest_start(&near, view_of(name));
	for (size_t i = 0; i < s->mailbox_count; i++)
		(void)suggest_offer(&near, view_of(s->mailboxes[i].name));
	if (near.best.len > 0)
		return fail_set(f, FAIL_USAGE,
			_("there is no mailbox \"%s\" in the configuration; did you mean "
			  "\"%.*s\"?"),
			name, VIEW_ARG(near.best));
	return fail_set(f, FAIL_USAGE,
		_("there is no mailbox \"%s\" in the configuration; facteur mailbox list shows "
		  "them"),
		name);
}
