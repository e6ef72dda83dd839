#include "import/csv.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"

enum csv_state {
	CSV_START,  /* at the first byte of a field */
	CSV_PLAIN,  /* in a field without quotes, or in text after a closing quote */
	CSV_QUOTED, /* between the quotes */
	CSV_QUOTE,  /* after a quote between quotes: doubled, or the closing one */
};
enum csv_step { CSV_MORE, CSV_RECORD, CSV_FAILED };

struct csv_reader {
	csv_read_fn *read;
	void *arg;
	char delimiter;
	bool plain_stop[256], quoted_stop[256]; /* bytes that are not simply text */
	struct view chunk;
	struct str text;	     /* the fields of the record, one after the other */
	size_t ends[CSV_FIELDS_MAX]; /* where each ends in text */
	struct view fields[CSV_FIELDS_MAX];
	size_t n;
	enum csv_state state;
	bool after_cr;	     /* an LF that follows belongs to the line end before it */
	bool begun;	     /* the record has a byte */
	bool stray;	     /* see csv_record */
	uint64_t line;	     /* where we are */
	uint64_t begin_line; /* of the record */
	uint64_t quote_line; /* of the last opening quote */
	uint64_t number;
};

struct csv_reader *csv_reader_new(csv_read_fn *read, void *arg, char delimiter)
{
	struct csv_reader *r = mem_alloc(sizeof *r);

	r->read = read;
	r->arg = arg;
	r->delimiter = delimiter;
	r->line = 1;
	str_init(&r->text, CSV_RECORD_MAX);
	r->plain_stop[(unsigned char)delimiter] = true;
	r->quoted_stop['"'] = true;
	r->plain_stop['\0'] = r->plain_stop['\r'] = r->plain_stop['\n'] = true;
	r->quoted_stop['\0'] = r->quoted_stop['\r'] = r->quoted_stop['\n'] = true;
	return r;
}

void csv_reader_free(struct csv_reader **r)
{
	if (*r == NULL)
		return;
	str_free(&(*r)->text);
	free(*r);
	*r = NULL;
}

static int fail_too_long(const struct csv_reader *r, struct fail *f)
{
	if (r->state == CSV_QUOTED)
		return fail_set(f, FAIL_DATA,
			_("line %llu: the quote opened on line %llu is not closed within %d bytes: "
			  "a quote is missing, or the file is not a list"),
			(unsigned long long)r->begin_line, (unsigned long long)r->quote_line,
			CSV_RECORD_MAX);
	return fail_set(f, FAIL_DATA,
		_("line %llu is longer than %d bytes: this does not look like a list with one "
		  "contact per line"),
		(unsigned long long)r->begin_line, CSV_RECORD_MAX);
}

static enum csv_step add(struct csv_reader *r, const char *p, size_t len, struct fail *f)
{
	if (str_add(&r->text, p, len) == 0)
		return CSV_MORE;
	(void)fail_too_long(r, f);
	return CSV_FAILED;
}

static enum csv_step end_field(struct csv_reader *r, struct fail *f)
{
	if (r->n == CSV_FIELDS_MAX) {
		(void)fail_set(f, FAIL_DATA,
			_("line %llu has more than %d fields: is \"%c\" the right delimiter?"),
			(unsigned long long)r->begin_line, CSV_FIELDS_MAX, r->delimiter);
		return CSV_FAILED;
	}
	r->ends[r->n++] = r->text.len;
	r->state = CSV_START;
	return CSV_MORE;
}

static enum csv_step fail_nul(const struct csv_reader *r, struct fail *f)
{
	(void)fail_set(f, FAIL_DATA,
		_("line %llu holds a zero byte: this is not a text file. If it is a spreadsheet, "
		  "save it as CSV first"),
		(unsigned long long)r->line);
	return CSV_FAILED;
}

/* A byte that is not simply text, outside quotes. */
static enum csv_step outside(struct csv_reader *r, char c, struct fail *f)
{
	bool joined = c == '\n' && r->after_cr;

	r->after_cr = c == '\r';
	if (joined)
		return CSV_MORE;
	if (c == '\n' || c == '\r') {
		r->line++;
		if (!r->begun)
			return CSV_MORE;
		return end_field(r, f) == CSV_FAILED ? CSV_FAILED : CSV_RECORD;
	}
	r->begun = true;
	return c == '\0' ? fail_nul(r, f) : end_field(r, f);
}

/* A byte that is not simply text, between quotes. */
static enum csv_step inside(struct csv_reader *r, char c, struct fail *f)
{
	if (c == '\0')
		return fail_nul(r, f);
	if (c == '"') {
		r->state = CSV_QUOTE;
		r->after_cr = false;
		return CSV_MORE;
	}
	if (c == '\r' || !r->after_cr)
		r->line++;
	r->after_cr = c == '\r';
	return add(r, &c, 1, f);
}

static void drop(struct csv_reader *r, size_t len)
{
	r->chunk.p += len;
	r->chunk.len -= len;
}

static void begin(struct csv_reader *r)
{
	if (r->begun)
		return;
	r->begun = true;
	r->begin_line = r->line;
}

/* The text up to the next byte that stops it. */
static enum csv_step span(struct csv_reader *r, const bool stop[256], struct fail *f)
{
	const char *p = r->chunk.p;
	size_t len = 0;

	while (len < r->chunk.len && !stop[(unsigned char)p[len]])
		len++;
	if (len == 0)
		return CSV_MORE;
	r->after_cr = false;
	drop(r, len);
	return add(r, p, len, f);
}

/* Takes at least one byte off the chunk, which is not empty. */
static enum csv_step step(struct csv_reader *r, struct fail *f)
{
	char c = r->chunk.p[0];
	bool quoted = r->state == CSV_QUOTED;

	if (!(c == '\n' || c == '\r') || r->begun)
		begin(r);
	if (c == '"' && (r->state == CSV_START || r->state == CSV_QUOTE)) {
		bool doubled = r->state == CSV_QUOTE;

		if (!doubled)
			r->quote_line = r->line;
		r->state = CSV_QUOTED;
		r->after_cr = false;
		drop(r, 1);
		return doubled ? add(r, "\"", 1, f) : CSV_MORE;
	}
	if (!quoted && !r->plain_stop[(unsigned char)c]) {
		r->stray |= r->state == CSV_QUOTE;
		r->state = CSV_PLAIN;
	}
	if (span(r, quoted ? r->quoted_stop : r->plain_stop, f) == CSV_FAILED)
		return CSV_FAILED;
	if (r->chunk.len == 0)
		return CSV_MORE;
	c = r->chunk.p[0];
	drop(r, 1);
	return quoted ? inside(r, c, f) : outside(r, c, f);
}

static int give(struct csv_reader *r, bool ended, struct csv_record *out)
{
	size_t from = 0;

	for (size_t i = 0; i < r->n; i++) {
		r->fields[i] = view_make(r->text.p + from, r->ends[i] - from);
		from = r->ends[i];
	}
	r->number++;
	*out = (struct csv_record){r->fields, r->n, r->number, r->begin_line, r->stray, ended};
	return 1;
}

/* The end of the file: of the last record too, where no line end closes it. */
static int finish(struct csv_reader *r, struct csv_record *out, struct fail *f)
{
	if (!r->begun)
		return 0;
	if (r->state == CSV_QUOTED)
		return fail_set(f, FAIL_DATA,
			_("the quote opened on line %llu is never closed: is the file cut off?"),
			(unsigned long long)r->quote_line);
	return end_field(r, f) == CSV_FAILED ? -1 : give(r, false, out);
}

int csv_reader_next(struct csv_reader *r, struct csv_record *out, struct fail *f)
{
	str_clear(&r->text);
	r->n = 0;
	r->state = CSV_START;
	r->begun = r->stray = false;
	for (;;) {
		enum csv_step done;

		if (r->chunk.len == 0) {
			int got = r->read(r->arg, &r->chunk, f);

			if (got < 0)
				return -1;
			if (got == 0)
				return finish(r, out, f);
			continue;
		}
		done = step(r, f);
		if (done == CSV_FAILED)
			return -1;
		if (done == CSV_RECORD)
			return give(r, true, out);
	}
}

static bool is_formula(struct view field)
{
	return field.len > 0 && field.p[0] != '\0' && strchr("=+-@\t\r", field.p[0]) != NULL;
}

static int put(struct str *out, struct view field, char delimiter, bool guard)
{
	bool quotes = false;

	for (size_t i = 0; i < field.len; i++)
		quotes |= field.p[i] == delimiter || strchr("\"\r\n", field.p[i]) != NULL;
	if (quotes)
		(void)str_addc(out, '"');
	if (guard && is_formula(field))
		(void)str_addc(out, '\'');
	for (size_t i = 0; i < field.len; i++) {
		if (field.p[i] == '"')
			(void)str_addc(out, '"');
		(void)str_addc(out, field.p[i]);
	}
	if (quotes)
		(void)str_addc(out, '"');
	return str_ok(out) ? 0 : -1;
}

int csv_put(struct str *out, struct view field, char delimiter)
{
	return put(out, field, delimiter, true);
}

int csv_put_raw(struct str *out, struct view field, char delimiter)
{
	return put(out, field, delimiter, false);
}

struct view csv_unguard(struct view field)
{
	return field.len > 1 && field.p[0] == '\'' && is_formula(view_from(field, 1))
		       ? view_from(field, 1)
		       : field;
}
