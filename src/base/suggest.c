#include "base/suggest.h"
#include <assert.h>

static char fold(char c)
{
	return c == '-' ? '_' : ascii_lower(c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance, with the last three rows of its table. */
size_t suggest_distance(struct view a, struct view b)
{
	size_t table[3][SUGGEST_WORD_MAX + 1];

	assert(a.len <= SUGGEST_WORD_MAX && b.len <= SUGGEST_WORD_MAX);
	for (size_t j = 0; j <= b.len; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t *row = table[i % 3], *above = table[(i + 2) % 3];
		const size_t *two_above = table[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = fold(a.p[i - 1]) == fold(b.p[j - 1]);

			row[j] = least(above[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], above[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && fold(a.p[i - 1]) == fold(b.p[j - 2]) &&
				fold(a.p[i - 2]) == fold(b.p[j - 1]))
				row[j] = least(row[j], two_above[j - 2] + 1);
		}
	}
	return table[a.len % 3][b.len];
}

void suggest_start(struct suggest *s, struct view word)
{
	*s = (struct suggest){.word = word, .distance = SIZE_MAX};
}

bool suggest_offer(struct suggest *s, struct view name)
{
	size_t longer = s->word.len > name.len ? s->word.len : name.len;
	size_t shorter = least(s->word.len, name.len);
	/* One slip in a short word, one more for each four letters. */
	size_t allowed = 1 + longer / 4;
	size_t distance;

	if (longer > SUGGEST_WORD_MAX || longer - shorter > allowed)
		return false;
	distance = suggest_distance(s->word, name);
	if (distance > allowed || distance >= shorter || distance >= s->distance)
		return false;
	s->distance = distance;
	s->best = name;
	return true;
}
