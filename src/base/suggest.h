#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H
#include "base/view.h"

/* suggest - did you mean: the nearest of some names to a mistyped word. Case, -
 * and _ are the same; insertions, removals, changes and swaps of neighbours
 * count one each; one slip is forgiven in a short word, one more for each four
 * letters.
 *	struct suggest s; suggest_start(&s, typed);
 *	for each name: suggest_offer(&s, name);
 *	if (s.best.len > 0) ... */
enum { SUGGEST_WORD_MAX = 64 }; /* bytes; longer ones are never near */
struct suggest {
	struct view word, best; /* best: empty while none is near */
	size_t distance;
};
void suggest_start(struct suggest *s, struct view word);
/* True when this name is the best so far; it is borrowed as s->best. */
bool suggest_offer(struct suggest *s, struct view name);
/* Both at most SUGGEST_WORD_MAX long. */
size_t suggest_distance(struct view a, struct view b);
#endif
