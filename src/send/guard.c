#include "send/guard.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "settings/preset.h"

enum { GUARD_LIMIT_MAX = 64 };

static bool is_bulk(const struct settings *s, int64_t recipients)
{
	return recipients > (int64_t)s->safety.bulk_threshold;
}

/* " (500/d at most)" for whoever has one quota for all; else nothing. */
static void add_limit(const struct settings_preset *p, struct str *out)
{
	const char *rate = settings_preset_fact(&p->relay, "rate");

	if (rate != NULL && p->quota == SETTINGS_PRESET_FIXED)
		(void)str_addf(out, _(" (%s at most)"), rate);
}

static int check_one(const struct settings *s, const struct settings_relay *relay,
	int64_t recipients, struct fail *f)
{
	const struct settings_preset *p = settings_relay_provider(s, relay);
	struct str limit;

	if (p == NULL || p->kind != SETTINGS_PRESET_PERSONAL || !is_bulk(s, recipients))
		return 0;
	str_init(&limit, GUARD_LIMIT_MAX);
	add_limit(p, &limit);
	(void)fail_set(f, FAIL_GUARD,
		_("relay %s is the mailbox of a person at %s%s, and this would go to %lld people: "
		  "so many letters at once look like spam there, and the account may be locked. "
		  "Nothing was sent. Use a relay made for it (facteur relay presets shows some: "
		  "mailjet, brevo...), or write to %u people at most (safety.bulk_threshold); "
		  "--force-relay sends all the same"),
		relay->name, p->title, limit.p, (long long)recipients, s->safety.bulk_threshold);
	str_free(&limit);
	return -1;
}

int send_guard_bulk(const struct settings *s, const struct settings_relay *relay,
	int64_t recipients, bool forced, struct fail *f)
{
	for (size_t i = 0; !forced && i < settings_relay_ways(relay); i++)
		if (check_one(s, settings_relay_way(s, relay, i, NULL), recipients, f) < 0)
			return -1;
	return 0;
}

void send_guard_notice(const struct settings *s, const struct settings_relay *relay,
	int64_t recipients, bool forced, struct str *out)
{
	const struct settings_preset *p = settings_relay_provider(s, relay);

	if (p == NULL || !is_bulk(s, recipients))
		return;
	if (p->kind == SETTINGS_PRESET_HOSTING)
		(void)str_addf(out,
			_("%s hosts mailboxes; for many people a relay made for it is safer"),
			p->title);
	else if (p->kind == SETTINGS_PRESET_PERSONAL && forced)
		(void)str_addf(out,
			_("the mailbox of a person at %s: the account may be locked for so many, "
			  "but --force-relay sends all the same"),
			p->title);
	else if (p->kind == SETTINGS_PRESET_PERSONAL)
		(void)str_addf(out,
			_("the mailbox of a person at %s: this will be refused, for it is not made "
			  "for more than %u people at once (safety.bulk_threshold)"),
			p->title, s->safety.bulk_threshold);
}
