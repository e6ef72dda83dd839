#include <assert.h>
#include "settings/settings_private.h"

static char fold(char c)
{
	return c == '-' ? '_' : ascii_lower(c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance, with the last three rows of its table. */
size_t settings_edit_distance(struct view a, struct view b)
{
	size_t table[3][SETTINGS_NAME_MAX + 1];

	assert(a.len <= SETTINGS_NAME_MAX && b.len <= SETTINGS_NAME_MAX);
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

void settings_suggest_start(struct settings_suggest *s, struct view word)
{
	*s = (struct settings_suggest){.word = word, .distance = SIZE_MAX};
}

void settings_suggest_offer(struct settings_suggest *s, struct view candidate)
{
	size_t longer = s->word.len > candidate.len ? s->word.len : candidate.len;
	size_t shorter = least(s->word.len, candidate.len);
	/* One slip in a short word, one more for each four letters. */
	size_t allowed = 1 + longer / 4;
	size_t distance;

	if (longer > SETTINGS_NAME_MAX || longer - shorter > allowed)
		return;
	distance = settings_edit_distance(s->word, candidate);
	if (distance > allowed || distance >= shorter || distance >= s->distance)
		return;
	s->distance = distance;
	s->best = candidate;
}
