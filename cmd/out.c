#include "out.h"
#include <errno.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/vec.h"

enum { OUT_CELL_MAX = 4096, OUT_WORDS_MAX = 16384 };

static bool quiet;

struct cell {
	char *text;
	bool number;
};
struct out_table {
	size_t columns;
	struct vec cells;
};

struct out_table *out_table_new(size_t columns)
{
	struct out_table *t = mem_alloc(sizeof *t);

	t->columns = columns;
	vec_init(&t->cells, sizeof(struct cell));
	return t;
}

static char *cleaned(struct view text)
{
	struct str s;

	str_init(&s, OUT_CELL_MAX * 4);
	(void)utf8_clean(&s, view_sub(text, 0, OUT_CELL_MAX));
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\n' || s.p[i] == '\t')
			s.p[i] = ' ';
	return str_take(&s);
}

void out_cell(struct out_table *t, struct view text)
{
	struct cell *c = vec_push(&t->cells);

	c->text = cleaned(text);
}

void out_cellz(struct out_table *t, const char *text)
{
	out_cell(t, view_of(text));
}

void out_cell_n(struct out_table *t, int64_t n)
{
	struct cell *c;
	char digits[24];

	(void)snprintf(digits, sizeof digits, "%lld", (long long)n);
	c = vec_push(&t->cells);
	c->text = mem_dupz(digits);
	c->number = true;
}

static void print_cell(const struct cell *c, size_t width, bool right, bool last)
{
	size_t have = utf8_width(view_of(c->text));
	int pad = have < width ? (int)(width - have) : 0;

	if (right)
		printf("%*s%s", pad, "", c->text);
	else
		printf("%s%*s", c->text, last ? 0 : pad, "");
	(void)fputs(last ? "\n" : "  ", stdout);
}

/* Empty cells at the end of a row leave no spaces behind. */
static size_t last_cell(const struct out_table *t, size_t row)
{
	size_t column = t->columns - 1;

	while (column > 0 &&
		((const struct cell *)vec_at(&t->cells, row + column))->text[0] == '\0')
		column--;
	return column;
}

static void print_row(
	const struct out_table *t, size_t row, const size_t *width, const bool *number)
{
	size_t last = last_cell(t, row);

	for (size_t column = 0; column <= last; column++)
		print_cell(vec_at(&t->cells, row + column), width[column], number[column],
			column == last);
}

bool out_table_is_empty(const struct out_table *t)
{
	return t->cells.len <= t->columns;
}

void out_table_print(struct out_table **table)
{
	struct out_table *t = *table;
	size_t width[OUT_COLUMNS_MAX] = {0};
	size_t shown = out_table_is_empty(t) ? 0 : t->cells.len; /* no heading without rows */
	bool number[OUT_COLUMNS_MAX] = {false};

	for (size_t i = 0; i < t->cells.len; i++) {
		struct cell *c = vec_at(&t->cells, i);
		size_t have = utf8_width(view_of(c->text));

		if (have > width[i % t->columns])
			width[i % t->columns] = have;
		if (c->number)
			number[i % t->columns] = true;
	}
	for (size_t row = 0; row + t->columns <= shown; row += t->columns)
		print_row(t, row, width, number);
	for (size_t i = 0; i < t->cells.len; i++)
		free(((struct cell *)vec_at(&t->cells, i))->text);
	vec_free(&t->cells);
	free(t);
	*table = NULL;
}

static int write_stdout(const char *buffer, size_t size, void *unused)
{
	(void)unused;
	return fwrite(buffer, 1, size, stdout) == size ? 0 : -1;
}

static void dump(json_t *doc, size_t flags)
{
	if (doc == NULL || json_dump_callback(doc, write_stdout, NULL, flags) < 0) {
		if (ferror(stdout) == 0)
			mem_out();
	}
	(void)putchar('\n');
	json_decref(doc);
}

void out_json(json_t *doc)
{
	dump(doc, JSON_INDENT(2));
}

void out_json_line(json_t *doc)
{
	dump(doc, JSON_COMPACT);
}

const char *out_when(int64_t at, char out[OUT_WHEN_SIZE])
{
	struct time_civil c;

	time_civil(at + (int64_t)time_zone_offset(at) * TIME_MINUTE, &c);
	(void)snprintf(out, OUT_WHEN_SIZE, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day,
		c.hour, c.minute);
	return out;
}

void out_text(struct view bytes)
{
	(void)fwrite(bytes.p, 1, bytes.len, stdout);
}

static __attribute__((format(printf, 2, 0))) void print_clean(FILE *to, const char *fmt, va_list ap)
{
	struct str raw, clean;

	str_init(&raw, OUT_WORDS_MAX);
	str_init(&clean, OUT_WORDS_MAX * 4);
	(void)str_addfv(&raw, fmt, ap);
	(void)utf8_clean(&clean, str_view(&raw));
	(void)fwrite(clean.p, 1, clean.len, to);
	str_free(&raw);
	str_free(&clean);
}

void out_line(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_clean(stdout, fmt, ap);
	va_end(ap);
	(void)putchar('\n');
}

void out_set_quiet(bool on)
{
	quiet = on;
}

bool out_is_quiet(void)
{
	return quiet;
}

static __attribute__((format(printf, 1, 0))) void words(const char *fmt, va_list ap)
{
	out_progress_end();
	(void)fflush(stdout);
	print_clean(stderr, fmt, ap);
	(void)fputc('\n', stderr);
}

void out_say(const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	words(fmt, ap);
	va_end(ap);
}

void out_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	words(fmt, ap);
	va_end(ap);
}

int out_finish(struct fail *f)
{
	int why;

	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return 0;
	why = errno;
	(void)fail_set(f, FAIL_STORE, _("the output could not be written: %s"), strerror(why));
	if (why == EPIPE) /* `| head` has seen enough, and knows it */
		f->text[0] = '\0';
	return -1;
}
