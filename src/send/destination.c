#include "send/destination.h"
#include "settings/settings.h"
#include "store/campaign.h"

/* From the domains that the providers' own help pages and the public autoconfiguration
 * data list for one service (2026); many in France, so that no large one is left out. */
static const struct {
	const char *name, *domains;
} known[] = {
	{"orange", "orange.fr wanadoo.fr voila.fr"},
	{"sfr", "sfr.fr neuf.fr club-internet.fr cegetel.net 9online.fr noos.fr numericable.fr"},
	{"free", "free.fr aliceadsl.fr libertysurf.fr"},
	{"laposte", "laposte.net"},
	{"bouygues", "bbox.fr"},
	{"gmail", "gmail.com googlemail.com"},
	{"microsoft", "hotmail.com hotmail.fr live.com live.fr msn.com outlook.com outlook.fr "
		      "windowslive.com"},
	{"yahoo", "yahoo.com yahoo.fr ymail.com rocketmail.com myyahoo.com aol.com aol.fr aim.com"},
	{"icloud", "icloud.com me.com mac.com"},
	{"gmx", "gmx.fr gmx.com gmx.net gmx.de caramail.com"},
	{"mailo", "mailo.com netcourrier.com"},
	{"proton", "proton.me protonmail.com pm.me"},
	{"infomaniak", "ik.me ikmail.com etik.com"},
};

static bool taken(const struct vec *all, struct view domain)
{
	for (size_t i = 0; i < all->len; i++)
		if (view_eq(((const struct store_destination *)vec_at(all, i))->domain, domain))
			return true;
	return false;
}

static void add(struct vec *out, struct view domain, int64_t number, const char *name)
{
	struct store_destination *d;

	if (number > SEND_DESTINATIONS_MAX || taken(out, domain))
		return;
	d = vec_push(out);
	*d = (struct store_destination){domain, number, view_of(name)};
}

static void add_known(struct vec *out, size_t i, int64_t number)
{
	struct view rest = view_of(known[i].domains), domain;

	while (view_split(&rest, ' ', &domain))
		add(out, domain, number, known[i].name);
}

static struct view lower(struct arena *a, const char *domain)
{
	char *p = arena_dupz(a, view_of(domain));

	for (char *c = p; *c != '\0'; c++)
		*c = ascii_lower(*c);
	return view_of(p);
}

void send_destinations(const struct settings *s, struct arena *a, struct vec *out)
{
	int64_t number = 0;

	for (size_t i = 0; i < s->destination_count; i++) {
		const struct settings_destination *d = &s->destinations[i];

		number++;
		for (size_t k = 0; k < d->domains.count; k++)
			add(out, lower(a, d->domains.items[k]), number, d->name);
		for (size_t k = 0; d->domains.count == 0 && k < sizeof known / sizeof *known; k++)
			if (view_is(view_of(d->name), known[k].name))
				add_known(out, k, number);
	}
	for (size_t k = 0; k < sizeof known / sizeof *known; k++)
		if (settings_destination_find(s, known[k].name) == NULL)
			add_known(out, k, ++number);
}
