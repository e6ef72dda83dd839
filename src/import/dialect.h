#ifndef IMPORT_DIALECT_H
#define IMPORT_DIALECT_H
#include "base/arena.h"
#include "import/csv.h"

/* dialect - which delimiter a CSV file uses, from its beginning.
 *
 * Each of , ; TAB | is tried on the first rows; the one that makes the most
 * headings known to import/title.h wins, then the one that gives every row the
 * same number of fields, more than one. "sep=;" in the first line, as Excel
 * writes it, decides at once. A list of one column has no delimiter: comma. */
enum { DIALECT_ROWS_MAX = 50 };

struct dialect {
	char delimiter;
	bool told; /* by a "sep=" line, the first record, which is no data */
	struct csv_record rows[DIALECT_ROWS_MAX];
	size_t n; /* 0 when head holds no whole row */
};
/* `whole`: head is all of the file. The rows live in the arena. `delimiter` '\0'
 * is to be recognised. */
void dialect_find(
	struct view head, bool whole, char delimiter, struct arena *a, struct dialect *out);
/* "comma", "semicolon", "tab", "vertical bar". */
const char *dialect_name(char delimiter);
#endif
