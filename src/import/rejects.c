#include "import/rejects.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
	REJECTS_BUFFER = 65536,
	REJECTS_BUFFER_MAX = 4 * CSV_RECORD_MAX, /* a record of quotes only, and its reason */
	REJECTS_NAMES_MAX = 1000,		 /* free names tried */
};

struct rejects {
	char *path, *input;
	bool given; /* the path is the caller's */
	enum charset charset;
	char delimiter;
	struct str header; /* of the input, as a line */
	struct str buffer;
	int fd;
	bool made;
};

/* The field as it was, but for control characters: they cannot stay, and a
 * U+FFFD shows where they stand. */
static void put_field(struct str *out, struct view field, char delimiter)
{
	struct str shown;
	struct view rest = field;
	uint32_t cp;

	str_init(&shown, 3 * CSV_RECORD_MAX);
	while (rest.len > 0 && utf8_next(&rest, &cp) > 0) {
		char bytes[4];

		if (utf8_is_control(cp) && cp != '\t' && cp != '\r' && cp != '\n')
			cp = 0xFFFD;
		(void)str_add(&shown, bytes, utf8_put(cp, bytes));
	}
	(void)csv_put(out, str_view(&shown), delimiter);
	str_free(&shown);
}

static void put_fields(struct str *out, const struct csv_record *row, char delimiter)
{
	for (size_t i = 0; i < row->n; i++) {
		(void)str_addc(out, delimiter);
		put_field(out, row->fields[i], delimiter);
	}
	(void)str_addz(out, "\r\n");
}

struct rejects *rejects_new(const struct rejects_options *o)
{
	struct rejects *r = mem_alloc(sizeof *r);

	r->path = mem_dupz(o->path);
	r->given = o->path != NULL;
	r->input = mem_dupz(strcmp(o->input, "-") == 0 ? "import" : o->input);
	r->charset = o->charset;
	r->delimiter = o->delimiter;
	r->fd = -1;
	str_init(&r->header, REJECTS_BUFFER_MAX);
	str_init(&r->buffer, REJECTS_BUFFER_MAX);
	if (o->header != NULL)
		put_fields(&r->header, o->header, o->delimiter);
	return r;
}

static int try_open(struct rejects *r)
{
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	return r->fd;
}

/* "members.csv" becomes members.rejects.csv, then members.rejects-2.csv. */
static int open_free_name(struct rejects *r)
{
	struct view stem = view_of(r->input);

	if (stem.len > 4 && view_eq_nocase(view_from(stem, stem.len - 4), VIEW(".csv")))
		stem.len -= 4;
	for (int n = 1; n <= REJECTS_NAMES_MAX; n++) {
		struct str name;

		str_init(&name, FILENAME_MAX);
		(void)str_addv(&name, stem);
		(void)str_addz(&name, ".rejects");
		if (n > 1)
			(void)str_addf(&name, "-%d", n);
		(void)str_addz(&name, ".csv");
		free(r->path);
		r->path = str_take(&name);
		if (try_open(r) >= 0 || errno != EEXIST)
			break;
	}
	return r->fd;
}

static int start(struct rejects *r, struct fail *f)
{
	if ((r->given ? try_open(r) : open_free_name(r)) < 0)
		return fail_set(f, FAIL_CREATE,
			_("the file for the rejected rows, %s, cannot be made: %s. Choose another "
			  "place "
			  "with --rejects FILE"),
			r->path, strerror(errno));
	r->made = true;
	if (r->charset != CHARSET_UTF8)
		(void)str_addz(&r->buffer, "\xEF\xBB\xBF");
	if (r->header.len > 0)
		(void)str_addf(&r->buffer, "line%creason", r->delimiter);
	(void)str_addv(&r->buffer, str_view(&r->header));
	return 0;
}

static int flush(struct rejects *r, struct fail *f)
{
	if (file_write_all(r->fd, str_view(&r->buffer)) < 0)
		return fail_set(
			f, FAIL_STORE, _("%s cannot be written: %s"), r->path, strerror(errno));
	str_clear(&r->buffer);
	return 0;
}

int rejects_add(struct rejects *r, const struct csv_record *row, const char *reason, struct fail *f)
{
	if (r->fd < 0 && start(r, f) < 0)
		return -1;
	(void)str_addf(&r->buffer, "%llu%c", (unsigned long long)row->line, r->delimiter);
	(void)csv_put(&r->buffer, view_of(reason), r->delimiter);
	put_fields(&r->buffer, row, r->delimiter);
	return r->buffer.len >= REJECTS_BUFFER ? flush(r, f) : 0;
}

int rejects_finish(struct rejects *r, char **path, struct fail *f)
{
	int ret = 0;

	*path = NULL;
	if (!r->made)
		return 0;
	ret = flush(r, f);
	if (ret == 0 && fsync(r->fd) < 0)
		ret = fail_set(
			f, FAIL_STORE, _("%s cannot be written: %s"), r->path, strerror(errno));
	(void)close(r->fd);
	r->fd = -1;
	if (ret < 0)
		rejects_abort(r);
	else
		*path = mem_dupz(r->path);
	return ret;
}

void rejects_abort(struct rejects *r)
{
	if (r->made)
		(void)unlink(r->path);
	r->made = false;
}

void rejects_free(struct rejects **r)
{
	if (*r == NULL)
		return;
	if ((*r)->fd >= 0)
		(void)close((*r)->fd);
	str_free(&(*r)->header);
	str_free(&(*r)->buffer);
	free((*r)->path);
	free((*r)->input);
	free(*r);
	*r = NULL;
}
