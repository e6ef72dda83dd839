#ifndef IMPORT_ROW_H
#define IMPORT_ROW_H
#include "import/columns.h"
#include "store/subscriber.h"
struct fail;

/* row - one record of a list made into what the store takes.
 *
 * Values are trimmed. The address may come as "Ana Ruiz <ana@example.org>"; its
 * name counts where no column holds one. Without a name column, given and
 * family name make the name. In every other value a TAB or a line end becomes
 * one space (counted in `joined`); any other control character, the invisible
 * ones that turn the direction of text among them, refuses the row. */
enum {
	ROW_VALUE_MAX = 32768, /* bytes of one variable */
	ROW_NAME_MAX = 2048,   /* bytes of a name */
};

struct row_maker;
/* `c` stays the caller's and must live as long. */
struct row_maker *row_maker_new(const struct columns *c);
void row_maker_free(struct row_maker **m);
/* 1 with *out set (valid until the next call), 0 when all fields are empty, -1
 * when the row is refused: why->text is the reason. */
int row_make(struct row_maker *m, const struct csv_record *in, struct store_import_row *out,
	struct fail *why);
uint64_t row_joined(const struct row_maker *m);
/* Does the record end before a column that has a heading? */
bool row_short(const struct columns *c, const struct csv_record *in);
#endif
