#include "settings/preset.h"
#include <assert.h>
#include "base/mem.h"
#include "base/suggest.h"
#include "settings/presets_private.h"

static const char *const kinds[] = {"bulk", "hosting", "personal", NULL};
static const char *const statuses[] = {
	"current", "secondary", "unverified", "historical", "dead", NULL};
static const char *const logins[] = {"password", "app-password", "oauth", "key", "unknown", NULL};
static const char *const usernames[] = {"address", "local-part", "key", "other", "unknown", NULL};
static const char *const enables[] = {"nothing", "smtp", "imap", NULL};
static const char *const quotas[] = {"fixed", "plan", "unknown", NULL};

const struct presets_key settings_presets_keys[] = {
	{"title", PRESETS_TEXT, offsetof(struct settings_preset, title), NULL},
	{"kind", PRESETS_CHOICE, offsetof(struct settings_preset, kind), kinds},
	{"status", PRESETS_CHOICE, offsetof(struct settings_preset, status), statuses},
	{"login", PRESETS_CHOICE, offsetof(struct settings_preset, login), logins},
	{"username", PRESETS_CHOICE, offsetof(struct settings_preset, username), usernames},
	{"enable", PRESETS_CHOICE, offsetof(struct settings_preset, enable), enables},
	{"quota", PRESETS_CHOICE, offsetof(struct settings_preset, quota), quotas},
	{"aliases", PRESETS_LIST, offsetof(struct settings_preset, aliases), NULL},
	{"domains", PRESETS_LIST, offsetof(struct settings_preset, domains), NULL},
	{"relay", PRESETS_FACTS, offsetof(struct settings_preset, relay), NULL},
	{"other", PRESETS_FACTS, offsetof(struct settings_preset, other), NULL},
	{"imap", PRESETS_FACTS, offsetof(struct settings_preset, imap), NULL},
	{"pop3", PRESETS_FACTS, offsetof(struct settings_preset, pop3), NULL},
	{"sources", PRESETS_FACTS, offsetof(struct settings_preset, sources), NULL},
	{NULL, PRESETS_TEXT, 0, NULL},
};

struct settings_presets *settings_presets_new(void)
{
	struct settings_presets *p = mem_alloc(sizeof *p);
	struct settings_report report;

	settings_report_init(&report);
	arena_init(&p->arena);
	vec_init(&p->presets, sizeof(struct settings_preset));
	settings_presets_read(p,
		view_make((const char *)settings_presets_text, settings_presets_text_len), &report);
	assert(report.errors == 0); /* the text is ours */
	settings_report_free(&report);
	return p;
}

void settings_presets_free(struct settings_presets **presets)
{
	struct settings_presets *p = *presets;

	if (p == NULL)
		return;
	vec_free(&p->presets);
	arena_free(&p->arena);
	free(p);
	*presets = NULL;
}

const struct settings_preset *settings_presets_all(const struct settings_presets *p, size_t *count)
{
	*count = p->presets.len;
	return vec_at(&p->presets, 0);
}

static bool among(const struct settings_list *list, struct view text)
{
	for (size_t i = 0; i < list->count; i++)
		if (view_eq_nocase(view_of(list->items[i]), text))
			return true;
	return false;
}

const struct settings_preset *settings_presets_find(
	const struct settings_presets *p, struct view name)
{
	for (size_t i = 0; i < p->presets.len; i++) {
		const struct settings_preset *one = vec_at(&p->presets, i);

		if (view_eq_nocase(view_of(one->name), name) || among(&one->aliases, name))
			return one;
	}
	return NULL;
}

struct view settings_presets_near(const struct settings_presets *p, struct view name)
{
	struct suggest s;

	suggest_start(&s, name);
	for (size_t i = 0; i < p->presets.len; i++) {
		const struct settings_preset *one = vec_at(&p->presets, i);

		(void)suggest_offer(&s, view_of(one->name));
		for (size_t j = 0; j < one->aliases.count; j++)
			(void)suggest_offer(&s, view_of(one->aliases.items[j]));
	}
	return s.best;
}

const char *settings_preset_fact(const struct settings_preset_facts *facts, const char *key)
{
	for (size_t i = 0; i < facts->count; i++)
		if (strcmp(facts->items[i].key, key) == 0)
			return facts->items[i].values.count > 0 ? facts->items[i].values.items[0]
								: NULL;
	return NULL;
}

/* smtp.orange.fr is beneath orange.fr; what lies deeper is other machines' business. */
static bool beneath(struct view host, const struct settings_list *domains)
{
	ptrdiff_t dot = view_chr(host, '.');

	return dot > 0 && among(domains, view_from(host, (size_t)dot + 1));
}

const struct settings_preset *settings_presets_of_host(
	const struct settings_presets *p, const char *host)
{
	struct view name = view_of(host);

	if (view_ends(name, VIEW(".")))
		name.len--;
	if (name.len == 0)
		return NULL;
	for (size_t i = 0; i < p->presets.len; i++) {
		const struct settings_preset *one = vec_at(&p->presets, i);
		const char *theirs = settings_preset_fact(&one->relay, "host");

		if (theirs != NULL && view_eq_nocase(name, view_of(theirs)))
			return one;
	}
	for (size_t i = 0; i < p->presets.len; i++) {
		const struct settings_preset *one = vec_at(&p->presets, i);

		if (among(&one->domains, name) || beneath(name, &one->domains))
			return one;
	}
	return NULL;
}

const char *settings_preset_kind_name(const struct settings_preset *p)
{
	return kinds[p->kind];
}

const char *settings_preset_status_name(const struct settings_preset *p)
{
	return statuses[p->status];
}

const char *settings_preset_login_name(const struct settings_preset *p)
{
	return logins[p->login];
}

const char *settings_preset_username_name(const struct settings_preset *p)
{
	return usernames[p->username];
}

const char *settings_preset_enable_name(const struct settings_preset *p)
{
	return enables[p->enable];
}

const char *settings_preset_quota_name(const struct settings_preset *p)
{
	return quotas[p->quota];
}

const struct settings_preset *settings_relay_provider(
	const struct settings *s, const struct settings_relay *relay)
{
	const struct settings_presets *presets = settings_presets_of(s->state);
	const struct settings_preset *by_host = NULL, *by_name = NULL;

	if (relay->type != SETTINGS_RELAY_SMTP)
		return NULL;
	if (relay->host != NULL)
		by_host = settings_presets_of_host(presets, relay->host);
	if (relay->preset != NULL)
		by_name = settings_presets_find(presets, view_of(relay->preset));
	if (by_name != NULL && (by_host == NULL || by_name->kind == SETTINGS_PRESET_PERSONAL ||
				       by_host->kind != SETTINGS_PRESET_PERSONAL))
		return by_name;
	return by_host;
}
