#ifndef STORE_TEXT_H
#define STORE_TEXT_H
#include "base/str.h"
#include "store/sql.h"
struct store;
struct fail;

/* text - what callers bring, checked once more before it is stored (the
 * parsers above have checked it already): nothing that is kept can forge a
 * line or a column of a report, or a header. All FAIL_DATA. */

/* Of a list or a template: [a-z0-9][a-z0-9._-]*, at most STORE_LIST_NAME_MAX. */
int store_check_name(struct view name, struct fail *f);
/* UTF-8 without control characters, at most max bytes. `what` stands before
 * "is too long" and the like: _("the title"). */
int store_check_text(struct view text, size_t max, const char *what, struct fail *f);
/* A JSON object whose values are all texts. */
int store_check_fields(struct view fields, struct fail *f);

/* Text made fit for a message: cleaned and cut. */
enum { STORE_SHOWN_SIZE = 128 };
const char *store_shown(struct view text, char out[STORE_SHOWN_SIZE]);

/* The names that there are, for messages about one that is not. */
struct store_names {
	struct str all;	 /* "members, newsletter"; cut after some */
	struct str near; /* the one that looks most like it, or empty */
};
/* `query` gives the names in column 0. Free both with store_names_free(). */
int store_names_find(struct store *s, enum store_query query, struct view wanted,
	struct store_names *out, struct fail *f);
void store_names_free(struct store_names *n);
#endif
