#ifndef IMPORT_COLUMNS_H
#define IMPORT_COLUMNS_H
#include "base/arena.h"
#include "base/str.h"
#include "import/csv.h"
struct fail;

/* columns - what each column of a list is: the address, the name, the given and
 * family name, a variable of its own, or nothing.
 *
 * By its heading (import/title.h), in French and English and as Thunderbird,
 * Outlook and Google write them. "Adresse" holds the mailbox only where its
 * values look like mailboxes; "Nom" is the family name where another column is
 * the given name. Where no heading says e-mail, the only column whose values do
 * is it. A first row that already holds an address is no heading: then two
 * columns are address and name, and more are column_1, column_2...
 *
 * All others become variables under their title_key(), with contact_ before
 * those that templates already know as something else ("Adresse" of the house
 * is contact_adresse, for {{adresse}} is the e-mail). */
enum column_role {
	COLUMN_VARIABLE,
	COLUMN_ADDRESS,
	COLUMN_NAME,
	COLUMN_GIVEN,
	COLUMN_FAMILY,
	COLUMN_SKIP,
};
enum { COLUMNS_NONE = -1 };

struct column {
	enum column_role role;
	bool filled;	   /* a value in the first rows, or there are none yet */
	bool told;	   /* by --map */
	struct view title; /* safe to print */
	struct view key;   /* of a variable, and of given and family name */
};

struct columns {
	struct arena memory;
	struct column *items;
	size_t n;
	bool header;			  /* the first row is headings */
	int address, name, given, family; /* which column, or COLUMNS_NONE */
};

/* From the first rows of the file (at least one) and the --map texts "a=b": a is
 * a heading or a number from 1, b is email, name, given_name, family_name (or
 * another spelling of these that templates know), - for leaving it out, or a variable. 0, or -1: FAIL_USAGE for a map that
 * fits nothing, FAIL_DATA when the address column cannot be found or two columns
 * would be one variable. Free only after success. */
int columns_plan(struct columns *c, const struct csv_record *rows, size_t n_rows,
	const char *const *maps, size_t n_maps, struct fail *f);
void columns_free(struct columns *c);
/* Adds the mapping in words, for the announcement. Variables without a value in
 * the first rows are only counted: address books export dozens of them. */
int columns_describe(const struct columns *c, struct str *out);

/* A quick look: a name, an @, and labels with a dot between, alone or between < and >. */
bool columns_like_address(struct view value);
#endif
