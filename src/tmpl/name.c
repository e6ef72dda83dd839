#include "tmpl/tmpl_private.h"
#include <string.h>
#include "base/suggest.h"
#include "base/utf8.h"

static const char *const common_names[] = {"organisation", "postal_address", "list_name",
	"list_address", "unsubscribe_address", "subject", "today", NULL};
static const char *const personal_names[] = {
	"email", "name", "given_name", "family_name", "unsubscribe_url", NULL};

/* Spellings after folding: the usual titles of an address book's columns. In
 * France "nom" beside "prénom" is the family name. */
static const struct alias {
	const char *written, *name;
} aliases[] = {
	{"prenom", "given_name"},
	{"first_name", "given_name"},
	{"firstname", "given_name"},
	{"givenname", "given_name"},
	{"nom", "family_name"},
	{"nom_de_famille", "family_name"},
	{"last_name", "family_name"},
	{"lastname", "family_name"},
	{"surname", "family_name"},
	{"nom_complet", "name"},
	{"full_name", "name"},
	{"fullname", "name"},
	{"courriel", "email"},
	{"adresse", "email"},
	{"adresse_electronique", "email"},
	{"adresse_e_mail", "email"},
	{"adresse_email", "email"},
	{"e_mail", "email"},
	{"mail", "email"},
	{"email_address", "email"},
	{"organization", "organisation"},
	{"association", "organisation"},
	{"adresse_postale", "postal_address"},
	{"liste", "list_name"},
	{"nom_liste", "list_name"},
	{"nom_de_la_liste", "list_name"},
	{"adresse_liste", "list_address"},
	{"adresse_desabonnement", "unsubscribe_address"},
	{"lien_desabonnement", "unsubscribe_url"},
	{"objet", "subject"},
	{"sujet", "subject"},
	{"aujourd_hui", "today"},
	{"aujourdhui", "today"},
};

/* Latin letters with accents in lower and upper case, and what they fold to. */
static const struct fold {
	const char *letters, *plain;
} folds[] = {
	{"àáâãäåāÀÁÂÃÄÅĀ", "a"},
	{"çÇ", "c"},
	{"èéêëēÈÉÊËĒ", "e"},
	{"ìíîïīÌÍÎÏĪ", "i"},
	{"ñÑ", "n"},
	{"òóôõöøōÒÓÔÕÖØŌ", "o"},
	{"ùúûüūÙÚÛÜŪ", "u"},
	{"ýÿÝŸ", "y"},
	{"æÆ", "ae"},
	{"œŒ", "oe"},
	{"'’-. \t", "_"},
};

static const char *fold_letter(struct view letter)
{
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++)
		if (view_find(view_of(folds[i].letters), letter) >= 0)
			return folds[i].plain;
	return NULL;
}

static int fold_name(struct str *out, struct view rest)
{
	while (rest.len > 0) {
		struct view before = rest;
		const char *plain;
		uint32_t cp;

		if (utf8_next(&rest, &cp) < 0)
			return -1;
		if (cp < 0x80 && (ascii_is_alnum((char)cp) || cp == '_')) {
			if (str_addc(out, ascii_lower((char)cp)) < 0)
				return -1;
			continue;
		}
		plain = fold_letter(view_sub(before, 0, before.len - rest.len));
		if (plain == NULL || str_addz(out, plain) < 0)
			return -1;
	}
	return 0;
}

int tmpl_name(struct str *out, struct view written)
{
	struct str folded;
	struct view name;
	int ret = -1;

	str_init(&folded, TMPL_NAME_MAX);
	if (fold_name(&folded, view_trim(written)) < 0 || folded.len == 0 ||
		!ascii_is_alpha(folded.p[0]))
		goto out;
	name = str_view(&folded);
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
		if (view_is(name, aliases[i].written))
			name = view_of(aliases[i].name);
	ret = str_addv(out, name);
out:
	str_free(&folded);
	return ret;
}

static bool is_in(struct view name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (view_is(name, *list))
			return true;
	return false;
}

bool tmpl_name_is_common(struct view name)
{
	return is_in(name, common_names);
}

bool tmpl_name_is_standard(struct view name)
{
	return is_in(name, common_names) || is_in(name, personal_names);
}

const char *tmpl_name_nearest(struct view word, const char *const *list)
{
	struct suggest s;

	suggest_start(&s, word);
	for (; *list != NULL; list++)
		(void)suggest_offer(&s, view_of(*list));
	return s.best.p; /* all of a C string */
}

const char *tmpl_name_suggest(struct view name)
{
	const char *found;

	if (tmpl_name_is_standard(name))
		return NULL;
	found = tmpl_name_nearest(name, personal_names);
	return found != NULL ? found : tmpl_name_nearest(name, common_names);
}
