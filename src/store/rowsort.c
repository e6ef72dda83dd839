#include "store/rowsort.h"
#include <assert.h>
#include <errno.h>
#include <unistd.h>
#include "base/fail.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/vec.h"

/* A row as it lies in memory and in the file: its lengths, then its bytes. */
struct head {
	uint32_t key, address, name, fields;
};

/* What is sorted: the first bytes of the key decide most comparisons. */
struct entry {
	uint64_t prefix;
	const char *row;
};

/* A sorted stretch of the file, read through its share of the memory. */
struct run {
	off_t at, end; /* what is not read yet */
	char *share;
	size_t have, used; /* bytes in the share; those given out */
	struct entry first;
};

struct rowsort {
	char *memory;
	size_t used;
	struct vec entries;
	size_t next; /* of the entries, when all is in memory */
	int fd;	     /* -1 while all is */
	off_t written;
	struct run runs[ROWSORT_RUNS_MAX];
	size_t n_runs, share;
	struct run *heap[ROWSORT_RUNS_MAX]; /* the run with the least row first */
	size_t n_heap;
	struct run *given; /* its first row is with the caller */
	bool reading;
};

struct rowsort *rowsort_new(void)
{
	struct rowsort *r = mem_alloc(sizeof *r);

	r->memory = mem_alloc(ROWSORT_MEMORY);
	vec_init(&r->entries, sizeof(struct entry));
	r->fd = -1;
	return r;
}

void rowsort_free(struct rowsort **r)
{
	if (*r == NULL)
		return;
	if ((*r)->fd >= 0)
		(void)close((*r)->fd);
	vec_free(&(*r)->entries);
	free((*r)->memory);
	free(*r);
	*r = NULL;
}

static struct head head_of(const char *row)
{
	struct head h;

	memcpy(&h, row, sizeof h);
	return h;
}

static size_t size_of(struct head h)
{
	return sizeof h + h.key + h.address + h.name + h.fields;
}

static struct view key_of(const char *row)
{
	return view_make(row + sizeof(struct head), head_of(row).key);
}

static struct entry entry_of(const char *row)
{
	struct view key = key_of(row);
	struct entry e = {0, row};

	for (size_t i = 0; i < sizeof e.prefix; i++)
		e.prefix = e.prefix << 8 | (i < key.len ? (unsigned char)key.p[i] : 0);
	return e;
}

static int by_key(const struct entry *a, const struct entry *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return view_cmp(key_of(a->row), key_of(b->row));
}

/* Rows of one key stay in the order in which they came: they lie so. */
static int by_key_and_place(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = by_key(x, y);

	return order != 0 ? order : x->row < y->row ? -1 : 1;
}

static void sort(struct rowsort *r)
{
	if (r->entries.len > 1)
		qsort(r->entries.p, r->entries.len, sizeof(struct entry), by_key_and_place);
}

static int fail_file(struct fail *f, const char *done)
{
	return fail_set(f, FAIL_STORE,
		_("the temporary file that sorts the rows cannot be %s: %s. Is there room in the "
		  "folder that TMPDIR names?"),
		done, errno != 0 ? strerror(errno) : _("it ends early"));
}

/* Writes what is in memory as one more run. */
static int write_run(struct rowsort *r, struct fail *f)
{
	static const size_t chunk = 1 << 16;
	struct run *run = &r->runs[r->n_runs];
	struct str out;
	int ret = 0;

	if (r->n_runs == ROWSORT_RUNS_MAX)
		return fail_set(f, FAIL_DATA,
			_("this list is too long for one import: cut it into several files"));
	if (r->fd < 0 && (r->fd = file_temp(f)) < 0)
		return -1;
	sort(r);
	str_init(&out, chunk + ROWSORT_ROW_MAX);
	run->at = r->written;
	for (size_t i = 0; ret == 0 && i < r->entries.len; i++) {
		const struct entry *e = vec_at(&r->entries, i);
		bool last = i + 1 == r->entries.len;

		(void)str_add(&out, e->row, size_of(head_of(e->row)));
		if (out.len < chunk && !last)
			continue;
		r->written += (off_t)out.len;
		if (file_write_all(r->fd, str_view(&out)) < 0)
			ret = fail_file(f, _("written"));
		str_clear(&out);
	}
	str_free(&out);
	run->end = r->written;
	r->n_runs++;
	r->used = 0;
	vec_clear(&r->entries);
	return ret;
}

static char *put(char *to, struct view v)
{
	if (v.len > 0)
		memcpy(to, v.p, v.len);
	return to + v.len;
}

int rowsort_add(struct rowsort *r, const struct store_import_row *row, struct fail *f)
{
	size_t all = row->key.len + row->address.len + row->name.len + row->fields.len;
	struct head h;
	char *to;

	assert(!r->reading);
	if (all > ROWSORT_ROW_MAX - sizeof h)
		return fail_set(f, FAIL_DATA,
			_("the values of a contact are too long together: at most %zu bytes are "
			  "kept"),
			ROWSORT_ROW_MAX - sizeof h);
	if (r->used + sizeof h + all > ROWSORT_MEMORY && write_run(r, f) < 0)
		return -1;
	h = (struct head){(uint32_t)row->key.len, (uint32_t)row->address.len,
		(uint32_t)row->name.len, (uint32_t)row->fields.len};
	to = r->memory + r->used;
	r->used += sizeof h + all;
	memcpy(to, &h, sizeof h);
	(void)put(put(put(put(to + sizeof h, row->key), row->address), row->name), row->fields);
	*(struct entry *)vec_push(&r->entries) = entry_of(to);
	return 0;
}

/* Fills the run's share behind the part of a row that it holds. */
static int refill(struct rowsort *r, struct run *run, struct fail *f)
{
	run->have -= run->used;
	memmove(run->share, run->share + run->used, run->have);
	run->used = 0;
	while (run->at < run->end && run->have < r->share) {
		size_t room = r->share - run->have;
		size_t left = (size_t)(run->end - run->at);
		ssize_t got =
			pread(r->fd, run->share + run->have, room < left ? room : left, run->at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			errno = got == 0 ? 0 : errno;
			return fail_file(f, _("read"));
		}
		run->at += got;
		run->have += (size_t)got;
	}
	return 0;
}

/* Is the run's next row whole in its share? */
static bool is_whole(const struct run *run)
{
	size_t left = run->have - run->used;

	return left >= sizeof(struct head) && left >= size_of(head_of(run->share + run->used));
}

/* Makes the run's next row its first: 1, 0 no more, -1. */
static int advance(struct rowsort *r, struct run *run, struct fail *f)
{
	if (!is_whole(run) && run->at < run->end && refill(r, run, f) < 0)
		return -1;
	if (run->have == run->used)
		return 0;
	assert(is_whole(run));
	run->first = entry_of(run->share + run->used);
	return 1;
}

static bool comes_before(const struct run *a, const struct run *b)
{
	int order = by_key(&a->first, &b->first);

	return order != 0 ? order < 0 : a < b; /* an earlier run has the earlier rows */
}

/* Puts the run at `i` of the heap in its place downwards. */
static void sink(struct rowsort *r, size_t i)
{
	for (;;) {
		struct run *moved = r->heap[i];
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < r->n_heap; child++)
			if (comes_before(r->heap[child], r->heap[least]))
				least = child;
		if (least == i)
			return;
		r->heap[i] = r->heap[least];
		r->heap[least] = moved;
		i = least;
	}
}

static int start_reading(struct rowsort *r, struct fail *f)
{
	r->reading = true;
	if (r->n_runs == 0) {
		sort(r);
		return 0;
	}
	if (r->entries.len > 0 && write_run(r, f) < 0)
		return -1;
	vec_free(&r->entries);
	r->share = ROWSORT_MEMORY / r->n_runs;
	for (size_t i = 0; i < r->n_runs; i++) {
		int got;

		r->runs[i].share = r->memory + i * r->share;
		got = advance(r, &r->runs[i], f);
		if (got < 0)
			return -1;
		if (got > 0)
			r->heap[r->n_heap++] = &r->runs[i];
	}
	for (size_t i = r->n_heap / 2; i-- > 0;)
		sink(r, i);
	return 0;
}

static int give(const char *at, struct store_import_row *row)
{
	struct head h = head_of(at);

	at += sizeof h;
	row->key = view_make(at, h.key);
	row->address = view_make(at += h.key, h.address);
	row->name = view_make(at += h.address, h.name);
	row->fields = view_make(at + h.name, h.fields);
	return 1;
}

/* The run whose row was given last takes its next one, and its place. */
static int settle(struct rowsort *r, struct fail *f)
{
	struct run *run = r->given;
	int got;

	if (run == NULL)
		return 0;
	r->given = NULL;
	run->used += size_of(head_of(run->first.row));
	got = advance(r, run, f);
	if (got < 0)
		return -1;
	if (got == 0)
		r->heap[0] = r->heap[--r->n_heap];
	sink(r, 0);
	return 0;
}

int rowsort_next(struct rowsort *r, struct store_import_row *row, struct fail *f)
{
	if (!r->reading && start_reading(r, f) < 0)
		return -1;
	if (r->n_runs == 0) {
		if (r->next == r->entries.len)
			return 0;
		return give(((struct entry *)vec_at(&r->entries, r->next++))->row, row);
	}
	if (settle(r, f) < 0)
		return -1;
	if (r->n_heap == 0)
		return 0;
	r->given = r->heap[0];
	return give(r->given->first.row, row);
}
