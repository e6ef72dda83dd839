#ifndef BOUNCE_MATCH_H
#define BOUNCE_MATCH_H
#include "bounce/tables.h"
#include "bounce/words.h"

/* match - the rows of the tables against one text. */
struct match_text {
	struct view raw, folded;
	struct words_found found;
};
void match_read(struct match_text *m, struct view text, struct arena *a);
/* The first row whose phrases stand in the text, from *from on (which then stands behind it),
 * or NULL. Its other conditions are for the caller. */
const struct bounce_row *match_next(const struct match_text *m, enum table table, size_t *from);
const struct bounce_row *match_first(const struct match_text *m, enum table table);
/* Where the row's first phrase ends in the folded text, and its octets in the raw one. */
size_t match_end(const struct match_text *m, enum table table, const struct bounce_row *row);
struct view match_words(const struct match_text *m, enum table table, const struct bounce_row *row);
#endif
