#include "import/dialect.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "import/columns.h"
#include "import/title.h"

static const char delimiters[] = ",;\t|";

struct sample {
	struct view head;
	bool given;
};

static int read_sample(void *arg, struct view *chunk, struct fail *f)
{
	struct sample *s = arg;

	(void)f;
	if (s->given || s->head.len == 0)
		return 0;
	s->given = true;
	*chunk = s->head;
	return 1;
}

static void keep_row(struct dialect *d, const struct csv_record *row, struct arena *a)
{
	struct view *fields = arena_alloc(a, row->n * sizeof *fields);

	for (size_t i = 0; i < row->n; i++)
		fields[i] = arena_dup(a, row->fields[i]);
	d->rows[d->n] = *row;
	d->rows[d->n++].fields = fields;
}

/* What is broken in the head, the reading of the whole file will say. */
static void read_rows(struct view head, bool whole, struct arena *a, struct dialect *d)
{
	struct sample sample = {.head = head};
	struct csv_reader *r = csv_reader_new(read_sample, &sample, d->delimiter);
	struct csv_record row;
	struct fail ignored;
	bool sep = d->told;

	d->n = 0;
	while (d->n < DIALECT_ROWS_MAX && csv_reader_next(r, &row, &ignored) > 0) {
		if (!row.ended && !whole)
			break;
		if (!sep)
			keep_row(d, &row, a);
		sep = false;
	}
	csv_reader_free(&r);
}

/* How well the delimiter fits: known headings first, then rows that agree. */
static size_t rate(const struct dialect *d)
{
	size_t known = 0, agree = 0, columns = d->n > 0 ? d->rows[0].n : 0;

	for (size_t i = 0; i < columns; i++)
		known += title_role(d->rows[0].fields[i]) != TITLE_UNKNOWN ||
			 columns_like_address(d->rows[0].fields[i]);
	for (size_t i = 0; columns > 1 && i < d->n; i++)
		agree += d->rows[i].n == columns;
	return known * (DIALECT_ROWS_MAX + 1) * 2 + agree * 2 + (agree == d->n && columns > 1);
}

static bool is_sep_line(struct view head, char *delimiter)
{
	if (!view_starts_nocase(head, VIEW("sep=")) || head.len < 6 ||
		(head.p[5] != '\r' && head.p[5] != '\n') || strchr(delimiters, head.p[4]) == NULL)
		return false;
	*delimiter = head.p[4];
	return true;
}

void dialect_find(
	struct view head, bool whole, char delimiter, struct arena *a, struct dialect *out)
{
	size_t best = 0;
	char found = ',';

	*out = (struct dialect){.delimiter = delimiter};
	out->told = is_sep_line(head, &found);
	for (const char *c = delimiters; delimiter == '\0' && !out->told && *c != '\0'; c++) {
		struct arena scratch;
		size_t rated;

		arena_init(&scratch);
		out->delimiter = *c;
		read_rows(head, whole, &scratch, out);
		rated = rate(out);
		if (rated > best) {
			best = rated;
			found = *c;
		}
		arena_free(&scratch);
	}
	out->delimiter = delimiter != '\0' ? delimiter : found;
	read_rows(head, whole, a, out);
}

const char *dialect_name(char delimiter)
{
	switch (delimiter) {
	case ',':
		return _("comma");
	case ';':
		return _("semicolon");
	case '\t':
		return _("tab");
	case '|':
		return _("vertical bar");
	default:
		return _("another character");
	}
}
