#ifndef IMPORT_SOURCE_H
#define IMPORT_SOURCE_H
#include "import/charset.h"
struct fail;

/* source - an address file as UTF-8, chunk by chunk, in constant memory.
 *
 * Opening reads all of it once to recognise the encoding. What can be read only
 * once (standard input "-", a pipe) goes to an unlinked temporary file first. */
enum { SOURCE_CHUNK = 65536 };

struct source;
/* 0 with *out set, or -1: FAIL_NOINPUT when it is missing, a folder or may not be
 * read, FAIL_DATA when it is a spreadsheet or a database instead of text, when it
 * is empty, or when its encoding is no whole (charset.h). */
int source_open(const char *path, struct source **out, struct fail *f);
void source_close(struct source **s);
enum charset source_charset(const struct source *s);
uint64_t source_done(const struct source *s); /* bytes of the file given out */
uint64_t source_size(const struct source *s);
/* A csv_read_fn: the next chunk, never empty. */
int source_read(void *source, struct view *chunk, struct fail *f);
void source_rewind(struct source *s);
#endif
