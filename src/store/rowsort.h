#ifndef STORE_ROWSORT_H
#define STORE_ROWSORT_H
#include "store/subscriber.h"

/* rowsort - the rows of an import in the order of their keys, in constant
 * memory: sorted runs go to a file without a name, and are merged on the way
 * back. In that order every index is written from one end to the other, and
 * the rows of one key stand together, the first of the file first.
 *
 * A list that fits in ROWSORT_MEMORY never touches the disk. */
enum {
	ROWSORT_MEMORY = 16 << 20,
	ROWSORT_RUNS_MAX = 200, /* some 25 million rows; each needs its share of the memory */
	ROWSORT_ROW_MAX = ROWSORT_MEMORY / ROWSORT_RUNS_MAX,
};

struct rowsort;
struct rowsort *rowsort_new(void);
void rowsort_free(struct rowsort **r);
/* FAIL_DATA for a row past ROWSORT_ROW_MAX or too many rows, FAIL_CREATE and
 * FAIL_STORE when the disk said no. */
int rowsort_add(struct rowsort *r, const struct store_import_row *row, struct fail *f);
/* After the last add: 1 with *row set (valid until the next call), 0 no more, -1. */
int rowsort_next(struct rowsort *r, struct store_import_row *row, struct fail *f);
#endif
