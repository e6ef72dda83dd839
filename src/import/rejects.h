#ifndef IMPORT_REJECTS_H
#define IMPORT_REJECTS_H
#include "import/charset.h"
#include "import/csv.h"
struct fail;

/* rejects - the rows an import refused, as a CSV file that can be corrected and
 * imported again: line, reason, then the row as it was. Made 0600 at the first
 * row that is refused; in UTF-8, with a byte order mark where the input was not
 * plain UTF-8, for then it came from a spreadsheet that wants one. */
struct rejects;
struct rejects_options {
	const char *path;  /* must not exist yet; NULL: a free name beside the input */
	const char *input; /* "members.csv" gives members.rejects.csv, members.rejects-2.csv... */
	enum charset charset;
	char delimiter;
	const struct csv_record *header; /* copied; NULL where the input has none */
};
struct rejects *rejects_new(const struct rejects_options *o);
int rejects_add(
	struct rejects *r, const struct csv_record *row, const char *reason, struct fail *f);
/* The bytes are on disk and *path (yours to free; NULL when nothing was refused)
 * is where. Failing leaves no file. */
int rejects_finish(struct rejects *r, char **path, struct fail *f);
void rejects_abort(struct rejects *r); /* removes the file, finished or not */
void rejects_free(struct rejects **r);
#endif
