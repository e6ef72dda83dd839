#ifndef IMPORT_TITLE_H
#define IMPORT_TITLE_H
#include "base/str.h"

/* title - what the heading of a column means. Headings are compared without
 * accents, case, spaces and punctuation: "Adresse e-mail", "ADRESSE E-MAIL" and
 * "adresse_email" are one. */
enum title_role {
	TITLE_UNKNOWN,
	TITLE_ADDRESS,
	TITLE_MAYBE_ADDRESS,  /* "Adresse": of the house, or of the mailbox? */
	TITLE_NAME,	      /* the whole name, as one writes it */
	TITLE_NAME_OR_FAMILY, /* "Nom": the family name where there is a given name */
	TITLE_GIVEN,
	TITLE_FAMILY,
};
enum { TITLE_KEY_MAX = 64 };

enum title_role title_role(struct view title);
/* The variable a column becomes: lower-case ASCII letters and digits with _
 * between the words, "Code postal" is code_postal. Empty where nothing is left;
 * cut to TITLE_KEY_MAX. out is cleared first. */
void title_key(struct view title, struct str *out);
bool title_same(struct view a, struct view b);
/* A key as title_key() would make one. */
bool title_is_key(struct view key);
#endif
