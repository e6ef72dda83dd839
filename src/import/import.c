#include "import/import.h"
#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "import/columns.h"
#include "import/csv.h"
#include "import/dialect.h"
#include "import/rejects.h"
#include "import/row.h"
#include "import/source.h"

enum {
	PROGRESS_ROWS = 4096,	   /* between two calls */
	MAPPING_MAX = 1024 * 1024, /* bytes of the mapping in words */
};

/* What is open while one file is read. */
struct import {
	const struct import_options *o;
	const struct import_taker *to;
	struct import_result *out;
	struct source *source;
	struct csv_reader *reader;
	struct arena memory; /* the first rows */
	struct dialect dialect;
	struct columns columns;
	struct row_maker *maker;
	struct rejects *rejects;
};

/* No whole row in the first chunk: reading on says why. */
static int fail_no_rows(struct import *i, struct fail *f)
{
	struct csv_record row;
	int got = csv_reader_next(i->reader, &row, f);

	if (got < 0)
		return -1;
	if (got == 0)
		return fail_set(f, FAIL_DATA, _("it holds no rows"));
	return fail_set(f, FAIL_DATA,
		_("line %llu is longer than %d bytes: this does not look like the headings of a "
		  "list"),
		(unsigned long long)row.line, SOURCE_CHUNK);
}

static void make_reader(struct import *i)
{
	source_rewind(i->source);
	i->reader = csv_reader_new(source_read, i->source, i->dialect.delimiter);
}

static int check_delimiter(char delimiter, struct fail *f)
{
	if (delimiter == '\t' || (delimiter >= ' ' && delimiter <= '~' && delimiter != '"') ||
		delimiter == '\0')
		return 0;
	return fail_set(f, FAIL_USAGE,
		_("this delimiter cannot be: choose one of , ; | tab or another ASCII character "
		  "but "
		  "the quote"));
}

/* Recognises encoding, delimiter and columns. */
static int recognise(struct import *i, struct fail *f)
{
	struct rejects_options rejects;
	struct view head = {NULL, 0};
	struct str mapping;

	if (check_delimiter(i->o->delimiter, f) < 0 || source_open(i->o->path, &i->source, f) < 0 ||
		source_read(i->source, &head, f) < 0)
		return -1;
	i->out->charset = source_charset(i->source);
	dialect_find(head, source_done(i->source) == source_size(i->source), i->o->delimiter,
		&i->memory, &i->dialect);
	i->out->delimiter = i->dialect.delimiter;
	make_reader(i);
	if (i->dialect.n == 0)
		return fail_no_rows(i, f);
	if (columns_plan(&i->columns, i->dialect.rows, i->dialect.n, i->o->maps, i->o->n_maps, f) <
		0)
		return -1;
	str_init(&mapping, MAPPING_MAX);
	(void)columns_describe(&i->columns, &mapping);
	i->out->mapping = str_take(&mapping);
	i->maker = row_maker_new(&i->columns);
	rejects = (struct rejects_options){
		.path = i->o->rejects_path,
		.input = i->o->path,
		.charset = i->out->charset,
		.delimiter = i->dialect.delimiter,
		.header = i->columns.header ? &i->dialect.rows[0] : NULL,
	};
	i->rejects = rejects_new(&rejects);
	return 0;
}

/* A last line that stops in the middle and without a line end. */
static int check_cut(const struct import *i, const struct csv_record *row, struct fail *f)
{
	if (row->ended || !row_short(&i->columns, row))
		return 0;
	return fail_set(f, FAIL_DATA,
		_("the last line (%llu) ends after %zu of %zu fields and without a line end: the "
		  "file "
		  "seems to be cut off. Export it again, or complete the line"),
		(unsigned long long)row->line, row->n, i->columns.n);
}

static int import_row(struct import *i, const struct csv_record *row, struct fail *f)
{
	struct store_import_row made;
	struct fail why;
	int got;

	if (check_cut(i, row, f) < 0)
		return -1;
	got = row_make(i->maker, row, &made, &why);
	if (got == 0) {
		i->out->blank++;
		return 0;
	}
	i->out->read++;
	if (i->o->progress != NULL && i->out->read % PROGRESS_ROWS == 0)
		i->o->progress(i->o->progress_ctx, i->out->read, source_done(i->source),
			source_size(i->source));
	if (got > 0)
		return i->to->take(i->to->ctx, &made, f);
	i->out->rejected++;
	return rejects_add(i->rejects, row, why.text, f);
}

static int import_all(struct import *i, struct fail *f)
{
	uint64_t skip = (uint64_t)i->dialect.told + (uint64_t)i->columns.header;
	struct csv_record row;
	int got;

	while ((got = csv_reader_next(i->reader, &row, f)) > 0) {
		i->out->unended = !row.ended;
		if (row.number <= skip)
			continue;
		if (import_row(i, &row, f) < 0)
			return -1;
	}
	i->out->joined = row_joined(i->maker);
	return got;
}

/* The rejects are on disk before the members are: whoever sees these finds those. */
static int finish(struct import *i, struct fail *f)
{
	struct import_result *out = i->out;

	if (rejects_finish(i->rejects, &out->rejects_path, f) < 0)
		return -1;
	if (i->to->done(i->to->ctx, out, f) < 0)
		return -1;
	assert(out->read == out->added + out->updated + out->duplicate + out->rejected);
	if (i->o->progress != NULL)
		i->o->progress(i->o->progress_ctx, out->read, source_size(i->source),
			source_size(i->source));
	return 0;
}

int import_rows(const struct import_options *o, const struct import_taker *to,
	struct import_result *out, struct fail *f)
{
	struct import i = {.o = o, .to = to, .out = out};
	int ret = -1;

	*out = (struct import_result){0};
	arena_init(&i.memory);
	arena_init(&i.columns.memory);
	if (recognise(&i, f) == 0 && import_all(&i, f) == 0)
		ret = finish(&i, f);
	if (ret < 0) {
		if (i.rejects != NULL)
			rejects_abort(i.rejects);
		import_result_free(out);
		(void)fail_wrap(f, "%s", strcmp(o->path, "-") == 0 ? _("standard input") : o->path);
	}
	rejects_free(&i.rejects);
	row_maker_free(&i.maker);
	columns_free(&i.columns);
	csv_reader_free(&i.reader);
	source_close(&i.source);
	arena_free(&i.memory);
	return ret;
}

void import_result_free(struct import_result *r)
{
	free(r->mapping);
	free(r->rejects_path);
	*r = (struct import_result){0};
}
