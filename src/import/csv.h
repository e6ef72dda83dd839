#ifndef IMPORT_CSV_H
#define IMPORT_CSV_H
#include "base/str.h"
struct fail;

/* csv - RFC 4180 as the world writes it: any delimiter of one byte, lines that
 * end in CRLF, LF or CR, fields in double quotes that may hold delimiters, line
 * ends and doubled quotes. Text is UTF-8 that somebody has checked already.
 *
 * A quote inside a field that did not begin with one is an ordinary character.
 * Text after a closing quote (`"ab"c`) is kept, and the record says so in
 * `stray`: whoever reads decides. Lines without any byte are passed over. */
enum {
	CSV_RECORD_MAX = 1 << 20, /* bytes of all fields of a record */
	CSV_FIELDS_MAX = 1000,	  /* fields of a record */
};

struct csv_record {
	const struct view *fields; /* unquoted */
	size_t n;		   /* at least 1 */
	uint64_t number;	   /* of the record, from 1 */
	uint64_t line;		   /* where it begins in the file, from 1 */
	bool stray;		   /* text stands after a closing quote */
	bool ended;		   /* a line end closes it; else the end of the file */
};

/* Brings the next bytes: 1 with *chunk set (valid until the next call), 0 at
 * the end, -1 with f set. */
typedef int csv_read_fn(void *arg, struct view *chunk, struct fail *f);

struct csv_reader;
struct csv_reader *csv_reader_new(csv_read_fn *read, void *arg, char delimiter);
void csv_reader_free(struct csv_reader **r);
/* 1 with *out set (valid until the next call), 0 at the end, -1 with f set:
 * FAIL_DATA for a limit passed, a NUL byte, or a quote that nothing closes. */
int csv_reader_next(struct csv_reader *r, struct csv_record *out, struct fail *f);

/* Adds one field, in quotes where it needs them; a delimiter in front of it is
 * the caller's. A text that a spreadsheet would run as a formula (= + - @ TAB CR
 * first) gets an apostrophe in front, which csv_unguard() takes off again. */
int csv_put(struct str *out, struct view field, char delimiter);
/* The same without the apostrophe. */
int csv_put_raw(struct str *out, struct view field, char delimiter);
struct view csv_unguard(struct view field);
#endif
