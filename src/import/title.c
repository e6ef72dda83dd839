#include "import/title.h"
#include <unictype.h>
#include <uninorm.h>
#include "base/mem.h"
#include "base/utf8.h"

static const struct title {
	const char *folded;
	enum title_role role;
} titles[] = {
	{"address", TITLE_MAYBE_ADDRESS},
	{"adresse", TITLE_MAYBE_ADDRESS},
	{"adressecourriel", TITLE_ADDRESS},
	{"adressedecourriel", TITLE_ADDRESS},
	{"adressedemessagerie", TITLE_ADDRESS},
	{"adressedemessagerieelectronique", TITLE_ADDRESS},
	{"adresseelectronique", TITLE_ADDRESS},
	{"adresseelectroniqueprincipale", TITLE_ADDRESS},
	{"adresseemail", TITLE_ADDRESS},
	{"adressemail", TITLE_ADDRESS},
	{"adressemel", TITLE_ADDRESS},
	{"cn", TITLE_NAME},
	{"contactemail", TITLE_ADDRESS},
	{"contactname", TITLE_NAME},
	{"courrielprincipal", TITLE_ADDRESS},
	{"courriel", TITLE_ADDRESS},
	{"courriels", TITLE_ADDRESS},
	{"displayname", TITLE_NAME},
	{"email", TITLE_ADDRESS},
	{"email1", TITLE_ADDRESS},
	{"email1address", TITLE_ADDRESS}, /* Outlook on the web */
	{"email1value", TITLE_ADDRESS},	  /* Google */
	{"emailaddress", TITLE_ADDRESS},  /* Outlook, Mailchimp */
	{"emailaddresses", TITLE_ADDRESS},
	{"emailadresse", TITLE_ADDRESS},
	{"emailprincipal", TITLE_ADDRESS},
	{"emails", TITLE_ADDRESS},
	{"familyname", TITLE_FAMILY},
	{"firstname", TITLE_GIVEN},
	{"forename", TITLE_GIVEN},
	{"fullname", TITLE_NAME},
	{"givenname", TITLE_GIVEN},
	{"lastname", TITLE_FAMILY},
	{"mail", TITLE_ADDRESS}, /* LDAP */
	{"mailaddress", TITLE_ADDRESS},
	{"mel", TITLE_ADDRESS}, /* French administration */
	{"name", TITLE_NAME_OR_FAMILY},
	{"nom", TITLE_NAME_OR_FAMILY},
	{"nomaafficher", TITLE_NAME}, /* Thunderbird */
	{"nomaffiche", TITLE_NAME},
	{"nomcomplet", TITLE_NAME},
	{"nomdaffichage", TITLE_NAME},
	{"nomdefamille", TITLE_FAMILY},
	{"nometprenom", TITLE_NAME},
	{"nomprenom", TITLE_NAME},
	{"patronyme", TITLE_FAMILY},
	{"premiereadresseelectronique", TITLE_ADDRESS}, /* Thunderbird */
	{"prenom", TITLE_GIVEN},
	{"prenometnom", TITLE_NAME},
	{"prenomnom", TITLE_NAME},
	{"prenoms", TITLE_GIVEN},
	{"primaryemail", TITLE_ADDRESS}, /* Thunderbird */
	{"primaryemailaddress", TITLE_ADDRESS},
	{"sn", TITLE_FAMILY},
	{"surname", TITLE_FAMILY},
};

/* Letters that Unicode does not take apart into a letter and a mark. */
static const char *spelled(uint32_t cp)
{
	switch (cp) {
	case 0x00C6:
	case 0x00E6:
		return "ae";
	case 0x0152:
	case 0x0153:
		return "oe";
	case 0x00DF:
		return "ss";
	case 0x00D8:
	case 0x00F8:
		return "o";
	case 0x0110:
	case 0x0111:
		return "d";
	case 0x0141:
	case 0x0142:
		return "l";
	case 0x0131:
		return "i";
	default:
		return NULL;
	}
}

/* Adds what cp folds to; false where it only separates words. */
static bool fold_char(struct str *out, uint32_t cp)
{
	const char *letters = spelled(cp);

	if (letters != NULL)
		(void)str_addz(out, letters);
	else if (cp < 0x80 && ascii_is_alnum((char)cp))
		(void)str_addc(out, ascii_lower((char)cp));
	else
		return false;
	return true;
}

static void fold(struct view title, const char *between, struct str *out)
{
	size_t len;
	uint8_t *apart = u8_normalize(UNINORM_NFKD, (const uint8_t *)(title.len > 0 ? title.p : ""),
		title.len, NULL, &len);
	struct view rest;
	uint32_t cp;
	bool gap = false;

	if (apart == NULL)
		mem_out();
	rest = view_make((char *)apart, len);
	str_clear(out);
	while (out->len + 4 < out->max && utf8_next(&rest, &cp) > 0) {
		if (uc_combining_class(cp) != 0)
			continue;
		if (gap && out->len > 0 && (cp >= 0x80 || ascii_is_alnum((char)cp))) {
			size_t before = out->len;

			(void)str_addz(out, between);
			if (fold_char(out, cp))
				gap = false;
			else
				str_cut(out, before);
			continue;
		}
		gap = !fold_char(out, cp);
	}
	free(apart);
}

void title_key(struct view title, struct str *out)
{
	fold(title, "_", out);
	str_cut(out, TITLE_KEY_MAX);
	while (out->len > 0 && out->p[out->len - 1] == '_')
		str_cut(out, out->len - 1);
}

enum { FOLDED_MAX = 256 };

enum title_role title_role(struct view title)
{
	enum title_role role = TITLE_UNKNOWN;
	struct str folded;

	str_init(&folded, FOLDED_MAX);
	fold(title, "", &folded);
	for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
		if (view_is(str_view(&folded), titles[i].folded))
			role = titles[i].role;
	str_free(&folded);
	return role;
}

bool title_same(struct view a, struct view b)
{
	struct str x, y;
	bool same;

	str_init(&x, FOLDED_MAX);
	str_init(&y, FOLDED_MAX);
	fold(a, "", &x);
	fold(b, "", &y);
	same = x.len > 0 ? view_eq(str_view(&x), str_view(&y)) : view_eq(a, b);
	str_free(&x);
	str_free(&y);
	return same;
}

bool title_is_key(struct view key)
{
	if (key.len == 0 || key.len > TITLE_KEY_MAX)
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (key.p[i] != '_' &&
			(!ascii_is_alnum(key.p[i]) || ascii_lower(key.p[i]) != key.p[i]))
			return false;
	return true;
}
