#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H
#include "import/charset.h"
#include "store/subscriber.h"
struct fail;

/* import - an address file into a list.
 *
 * The encoding, the delimiter and the meaning of the columns are recognised and
 * told (import/charset.h, dialect.h, columns.h). A row that cannot be taken goes
 * to the file of rejects with its line and the reason (import/rejects.h); the
 * others become members. Refused are: addresses that are none, rows with too
 * few or too many fields (empty ones at the end do not count), text after a
 * closing quote, control characters (import/row.h).
 *
 * What makes the file itself doubtful stops the import, and then nothing of it
 * is imported and no rejects file stays: a quote that is never closed, a record
 * past the limits of import/csv.h, a zero byte, mixed encodings, or a last line
 * that ends early without a line end (the file is cut off).
 *
 * Memory is constant in the number of rows. */
struct import_options {
	const char *path;	  /* "-" is standard input */
	const char *rejects_path; /* NULL: beside the input, see import/rejects.h */
	const char *const *maps;  /* "a=b", see import/columns.h */
	size_t n_maps;
	char delimiter; /* '\0': to be recognised */
	/* Called now and then, may be NULL; bytes of the file. */
	void (*progress)(void *ctx, uint64_t rows, uint64_t done, uint64_t size);
	void *progress_ctx;
};

struct import_result {
	/* read is always added + updated + duplicate + rejected. */
	uint64_t read, added, updated, duplicate, rejected;
	uint64_t unsubscribed_kept; /* of the duplicates: have unsubscribed, stay so */
	uint64_t blank;		    /* rows without any value, not counted in read */
	uint64_t joined;	    /* values in which a TAB or line end became a space */
	/* The last line has no line end. Many programs write so, but a file that was
	 * cut off within its last column looks the same: say it. */
	bool unended;
	enum charset charset;
	char delimiter;
	char *mapping;	    /* "Courriel = email, Nom = name" */
	char *rejects_path; /* NULL when nothing was rejected */
};

/* 0 with *out set (free it), or -1 with f: FAIL_NOINPUT no such file, FAIL_DATA
 * the file is wrong, FAIL_USAGE a map is, FAIL_CREATE the rejects file cannot be
 * made, FAIL_STORE. *out needs no freeing then. */
int import_csv(struct store *s, const struct store_import_options *to,
	const struct import_options *o, struct import_result *out, struct fail *f);
void import_result_free(struct import_result *r);

/* The same for any taker of rows: reads, recognises, maps, checks, and hands each
 * good row to `take` (0, or -1 with f set, which ends it). `done` is called once
 * after the last row and before anything is final; it fills added, updated and
 * duplicate. */
struct import_taker {
	int (*take)(void *ctx, const struct store_import_row *row, struct fail *f);
	int (*done)(void *ctx, struct import_result *out, struct fail *f);
	void *ctx;
};
int import_rows(const struct import_options *o, const struct import_taker *to,
	struct import_result *out, struct fail *f);
#endif
