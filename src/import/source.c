#include "import/source.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"

struct source {
	int fd;
	uint64_t size;
	uint64_t at; /* where the next bytes are read */
	struct charset_decoder decoder;
	size_t held; /* bytes in raw that wait for the rest of their character */
	char raw[SOURCE_CHUNK];
	struct str text;
};

static int fail_read(struct fail *f, int error)
{
	return fail_set(f, FAIL_STORE, _("it cannot be read: %s"), strerror(error));
}

/* Fills raw behind what it holds. *got is 0 at the end of the file only. */
static int fill(struct source *s, size_t *got, struct fail *f)
{
	size_t had = s->held;

	while (s->held < sizeof s->raw) {
		ssize_t n = pread(s->fd, s->raw + s->held, sizeof s->raw - s->held, (off_t)s->at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_read(f, errno);
		if (n == 0)
			break;
		s->held += (size_t)n;
		s->at += (uint64_t)n;
	}
	*got = s->held - had;
	return 0;
}

static void keep(struct source *s, struct view rest)
{
	if (rest.len > 0)
		memmove(s->raw, rest.p, rest.len);
	s->held = rest.len;
}

void source_rewind(struct source *s)
{
	s->at = 0;
	s->held = 0;
	charset_decoder_init(&s->decoder, s->decoder.kind);
}

/* Says in f what is wrong at that byte: reads all before it once more to count lines. */
static int fail_at(struct source *s, enum charset_problem problem, uint64_t at, struct fail *f)
{
	enum charset kind = problem == CHARSET_MIXED ? CHARSET_UTF8 : s->decoder.kind;
	struct charset_place place;
	size_t got;

	charset_place_init(&place);
	source_rewind(s);
	for (uint64_t done = 0; done < at; done += got) {
		struct view bytes;

		s->held = 0;
		if (fill(s, &got, f) < 0)
			return -1;
		if (got == 0)
			break;
		bytes = view_sub(
			view_make(s->raw, got), 0, (size_t)(at - done < got ? at - done : got));
		if (done == 0 && kind == CHARSET_UTF8_BOM)
			bytes = view_from(bytes, sizeof "\xEF\xBB\xBF" - 1);
		charset_place_feed(&place, kind, bytes);
	}
	return charset_fail(problem, &place, f);
}

/* Files that people mistake for a CSV file. */
static int refuse_binary(struct view head, struct fail *f)
{
	static const struct kind {
		struct view magic;
		const char *text;
	} kinds[] = {
		{{"PK\x03\x04", 4}, N_("it is a spreadsheet (XLSX or ODS) or a ZIP archive")},
		{{"\xD0\xCF\x11\xE0", 4}, N_("it is an old Excel workbook")},
		{{"%PDF", 4}, N_("it is a PDF document")},
		{{"SQLite format 3", 15}, N_("it is a database")},
		{{"\x1F\x8B", 2}, N_("it is compressed")},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (view_starts(head, kinds[i].magic))
			return fail_set(f, FAIL_DATA,
				_("%s, not a CSV file: open it with its program and save the list "
				  "as "
				  "\"CSV UTF-8\""),
				_(kinds[i].text));
	return 0;
}

/* The first pass. */
static int recognise(struct source *s, struct fail *f)
{
	struct charset_sniff sniff;
	enum charset_problem problem;
	struct view rest;
	size_t got;

	if (fill(s, &got, f) < 0)
		return -1;
	if (got == 0)
		return fail_set(f, FAIL_DATA, _("it is empty"));
	rest = view_make(s->raw, s->held);
	if (refuse_binary(rest, f) < 0)
		return -1;
	charset_sniff_init(&sniff, rest);
	while (!sniff.settled && got > 0) {
		charset_sniff_feed(&sniff, &rest);
		keep(s, rest);
		if (fill(s, &got, f) < 0)
			return -1;
		rest = view_make(s->raw, s->held);
	}
	problem = charset_sniff_end(&sniff, rest);
	s->decoder.kind = sniff.kind;
	if (problem != CHARSET_FINE)
		return fail_at(s, problem, sniff.at, f);
	source_rewind(s);
	return 0;
}

/* Everything of fd goes to a file that can be read twice, which takes its place. */
static int spool(struct source *s, struct fail *f)
{
	int to = file_temp(f);

	if (to < 0)
		return -1;
	for (;;) {
		ssize_t n = read(s->fd, s->raw, sizeof s->raw);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			(void)fail_read(f, errno);
		else if (n > 0 && file_write_all(to, view_make(s->raw, (size_t)n)) == 0)
			continue;
		else if (n > 0)
			n = fail_set(f, FAIL_STORE, _("the temporary file cannot be written: %s"),
				strerror(errno));
		if (s->fd != STDIN_FILENO)
			(void)close(s->fd);
		s->fd = to;
		return n < 0 ? -1 : 0;
	}
}

static int open_file(struct source *s, const char *path, struct fail *f)
{
	struct stat st;

	s->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0)
		return fail_set(f, FAIL_NOINPUT, _("it cannot be opened: %s"), strerror(errno));
	if (fstat(s->fd, &st) < 0)
		return fail_read(f, errno);
	if (S_ISDIR(st.st_mode))
		return fail_set(f, FAIL_NOINPUT, _("it is a folder, not a file"));
	if (s->fd == STDIN_FILENO || !S_ISREG(st.st_mode)) {
		if (spool(s, f) < 0)
			return -1;
		if (fstat(s->fd, &st) < 0)
			return fail_read(f, errno);
	}
	s->size = (uint64_t)st.st_size;
	return 0;
}

int source_open(const char *path, struct source **out, struct fail *f)
{
	struct source *s = mem_alloc(sizeof *s);

	s->fd = -1;
	str_init(&s->text, (size_t)SOURCE_CHUNK * CHARSET_GROWTH);
	if (open_file(s, path, f) < 0 || recognise(s, f) < 0) {
		source_close(&s);
		return -1;
	}
	*out = s;
	return 0;
}

void source_close(struct source **s)
{
	if (*s == NULL)
		return;
	if ((*s)->fd >= 0 && (*s)->fd != STDIN_FILENO)
		(void)close((*s)->fd);
	str_free(&(*s)->text);
	free(*s);
	*s = NULL;
}

enum charset source_charset(const struct source *s)
{
	return s->decoder.kind;
}

uint64_t source_done(const struct source *s)
{
	return s->decoder.at;
}

uint64_t source_size(const struct source *s)
{
	return s->size;
}

int source_read(void *source, struct view *chunk, struct fail *f)
{
	struct source *s = source;

	str_clear(&s->text);
	while (s->text.len == 0) {
		enum charset_problem problem;
		struct view in;
		size_t got;

		if (fill(s, &got, f) < 0)
			return -1;
		in = view_make(s->raw, s->held);
		if (got == 0 && in.len == 0)
			return 0;
		problem = charset_decode(&s->decoder, &in, got == 0, &s->text);
		if (problem != CHARSET_FINE)
			return fail_at(s, problem, s->decoder.at, f);
		keep(s, in);
	}
	*chunk = str_view(&s->text);
	return 1;
}
