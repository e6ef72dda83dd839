#ifndef CMD_OUT_H
#define CMD_OUT_H
#include <jansson.h>
#include "base/str.h"
struct fail;

/* out - data on stdout, words on stderr. Whatever is printed for people is
 * cleaned of control characters: an address book cannot drive the terminal. */

/* A table: cells are added row by row, printed with columns as wide as they
 * need. The first row is the heading. A column of numbers is right-aligned. */
enum { OUT_COLUMNS_MAX = 16 };
struct out_table;
struct out_table *out_table_new(size_t columns);
void out_cell(struct out_table *t, struct view text);
void out_cellz(struct out_table *t, const char *text);
void out_cell_n(struct out_table *t, int64_t n);
bool out_table_is_empty(const struct out_table *t); /* nothing below the heading */
void out_table_print(struct out_table **t);	    /* and frees */

/* One JSON document (indented), or one line of NDJSON. Takes the reference. */
void out_json(json_t *doc);
void out_json_line(json_t *doc);
/* "2026-11-23 16:05", in the time zone of whoever reads it. */
enum { OUT_WHEN_SIZE = 48 };
const char *out_when(int64_t at, char out[OUT_WHEN_SIZE]);

void out_text(struct view bytes); /* as it is */
void out_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Words for people; say is silent after out_set_quiet(true). */
void out_set_quiet(bool quiet);
bool out_is_quiet(void);
void out_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void out_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
enum out_progress_kind {
	OUT_PROGRESS_AUTO, /* a bar on a terminal, else plain */
	OUT_PROGRESS_BAR,
	OUT_PROGRESS_PLAIN,
};
void out_set_progress(enum out_progress_kind kind);
/* Progress on stderr: one line that is overwritten on a terminal, a line every
 * half minute elsewhere. done ends it. */
void out_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same at once, for a caller that knows when: cut to the width of the terminal where
 * it is overwritten, a line of its own elsewhere. */
void out_progress_line(struct view text);
void out_progress_end(void);
bool out_progress_is_bar(void);
size_t out_width(void); /* columns of the terminal */
/* Flushes stdout; FAIL_STORE when what was printed did not get out, without a text when
 * the reader of a pipe went away: there is nothing to tell then. */
int out_finish(struct fail *f);
#endif
