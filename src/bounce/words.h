#ifndef BOUNCE_WORDS_H
#define BOUNCE_WORDS_H
#include "base/arena.h"

/* words - text made comparable, and all the phrases that stand in it found in one pass.
 *
 * Made comparable: ASCII, Latin-1 and Cyrillic letters small and without accents, each run of
 * blanks one blank, typographic quotes plain, any address "@", and the reply code and status
 * that a server puts before each line of its reply gone, so that a phrase is found however
 * its line was folded. The phrases are those of the tables (tables.h); they are written in
 * that form. */
enum { WORDS_TEXT_MAX = 128 << 10 }; /* octets of one text that are looked at */

/* At most 2/3 longer than the text, never more than WORDS_TEXT_MAX. */
struct view words_fold(struct view text, struct arena *a);
/* Of the same text as it was: the octets that became [from, from + len) of the folded one. */
struct view words_source(struct view text, size_t from, size_t len);

/* Which phrases there are, by their number, and where each first ends in the folded text. */
enum { WORDS_MAX = 1536 };
struct words_found {
	uint64_t seen[WORDS_MAX / 64];
	uint32_t end[WORDS_MAX]; /* valid where seen */
};
void words_find(struct view folded, struct words_found *out);
static inline bool words_seen(const struct words_found *w, unsigned phrase)
{
	return (w->seen[phrase / 64] >> (phrase % 64) & 1) != 0;
}
size_t words_count(void); /* how many phrases there are */
#endif
