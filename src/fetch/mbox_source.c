/* An mbox, or one message, out of a file or a pipe. Nothing in it is changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/vec.h"
#include "fetch/fetch_private.h"
#include "fetch/mbox.h"

enum {
	BUFFER_SIZE = 1 << 16,
	LOCK_TRIES = 50,
	LOCK_PAUSE_MS = 200,
	HASH_KEPT = 16,	  /* octets of a hash that tell messages of one file apart */
	SEEN_FIRST = 256, /* slots; a power of two */
	NAME_MAX_MBOX = 128,
};

struct seen { /* how often a content came */
	unsigned char hash[HASH_KEPT];
	uint32_t count; /* 0: a free slot */
};
struct mbox_source {
	struct fetch fetch;
	int fd;
	char *path;
	struct mbox mbox;
	bool single, over;
	uint64_t left; /* octets that were there when it was opened; UINT64_MAX: a pipe */
	struct view have;
	struct seen *seen;
	size_t seen_slots, seen_count;
	struct str name;
	char buffer[BUFFER_SIZE];
};

/* --- who a message is ----------------------------------------------------- */

static struct seen *slot_of(struct seen *table, size_t slots, const unsigned char *hash)
{
	size_t i;

	memcpy(&i, hash, sizeof i);
	for (i &= slots - 1; table[i].count > 0; i = (i + 1) & (slots - 1))
		if (memcmp(table[i].hash, hash, HASH_KEPT) == 0)
			break;
	return &table[i];
}

static void grow_seen(struct mbox_source *s)
{
	size_t slots = s->seen_slots > 0 ? 2 * s->seen_slots : SEEN_FIRST;
	struct seen *table = mem_alloc(slots * sizeof *table);

	for (size_t i = 0; i < s->seen_slots; i++)
		if (s->seen[i].count > 0)
			*slot_of(table, slots, s->seen[i].hash) = s->seen[i];
	free(s->seen);
	s->seen = table;
	s->seen_slots = slots;
}

/* The hash of its content, and which of those alike it is: both stay the same while others
 * are added behind it or taken away before it. */
static void name_message(struct mbox_source *s)
{
	unsigned char hash[DIGEST_SIZE];
	struct digest *d = digest_new();
	struct seen *slot;

	digest_piece(d, str_view(&s->mbox.body));
	digest_number(d, (int64_t)s->mbox.size);
	digest_end(d, hash);
	digest_free(&d);
	if (2 * (s->seen_count + 1) > s->seen_slots)
		grow_seen(s);
	slot = slot_of(s->seen, s->seen_slots, hash);
	if (slot->count++ == 0) {
		memcpy(slot->hash, hash, HASH_KEPT);
		s->seen_count++;
	}
	str_clear(&s->name);
	(void)digest_hex(&s->name, hash, sizeof hash);
	(void)str_addf(&s->name, ".%u", slot->count);
}

/* --- reading -------------------------------------------------------------- */

/* 1: some bytes are there; 0: no more; -1. */
static int fill(struct mbox_source *s, struct fail *f)
{
	size_t want = s->left < sizeof s->buffer ? (size_t)s->left : sizeof s->buffer;
	ssize_t n = 0;

	if (want > 0)
		do
			n = read(s->fd, s->buffer, want);
		while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_set(f, FAIL_TEMP, "%s: %s", s->path, strerror(errno));
	if (n == 0 && s->left > 0 && s->left != UINT64_MAX)
		return fail_set(f, FAIL_TEMP,
			_("%s got shorter while it was read: another program rewrites it. Try "
			  "again in a few minutes"),
			s->path);
	if (s->left != UINT64_MAX)
		s->left -= (uint64_t)n;
	s->have = view_make(s->buffer, (size_t)n);
	return n > 0;
}

static int next_of_mbox(struct mbox_source *s, struct fail *f)
{
	int got;

	while ((got = mbox_take(&s->mbox, &s->have)) == 0) {
		got = fill(s, f);
		if (got < 0)
			return -1;
		if (got == 0) {
			s->over = true;
			return mbox_end(&s->mbox);
		}
	}
	return got;
}

/* All of it is one message. */
static int next_single(struct mbox_source *s, struct fail *f)
{
	int got;

	do {
		size_t room = s->mbox.body.max - s->mbox.body.len;

		s->mbox.size += s->have.len;
		s->mbox.cut = s->mbox.cut || s->have.len > room;
		(void)str_addv(&s->mbox.body, view_sub(s->have, 0, room));
		got = fill(s, f);
	} while (got > 0);
	s->over = true;
	return got < 0 ? -1 : s->mbox.size > 0;
}

static int mbox_next(struct fetch *fetch, struct fetch_message *out, struct fail *f)
{
	struct mbox_source *s = (struct mbox_source *)fetch;

	while (!s->over) {
		int got = s->single ? next_single(s, f) : next_of_mbox(s, f), known;

		if (got <= 0)
			return got;
		name_message(s);
		*out = (struct fetch_message){
			.id = {.space = s->single ? VIEW("file") : VIEW("mbox"),
				.name = str_view(&s->name)},
			.bytes = str_view(&s->mbox.body),
			.cut = s->mbox.cut,
			.from_line = str_view(&s->mbox.from)};
		known = fetch_ask_known(fetch, out->id.space, out->id.name, f);
		if (known <= 0)
			return known < 0 ? -1 : 1;
	}
	return 0;
}

static void mbox_close(struct fetch *fetch)
{
	struct mbox_source *s = (struct mbox_source *)fetch;

	if (s->fd >= 0)
		(void)close(s->fd);
	mbox_free(&s->mbox);
	str_free(&s->name);
	free(s->seen);
	free(s->path);
	fetch_done(fetch);
	free(s);
}

/* --- opening -------------------------------------------------------------- */

/* Whoever delivers to it holds a lock meanwhile: once that is free, all that is there is
 * whole, and what is added from then on is left for the next time. */
static int wait_for_writers(struct mbox_source *s, struct fail *f)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	struct stat st;

	for (int i = 0; fcntl(s->fd, F_SETLK, &lock) != 0; i++) {
		if (errno != EACCES && errno != EAGAIN)
			break; /* no locks here: what is there has to do */
		if (i >= LOCK_TRIES)
			return fail_set(f, FAIL_TEMP,
				_("%s is being written to by another program. Try again in a few "
				  "minutes"),
				s->path);
		(void)nanosleep(&pause, NULL);
	}
	if (fstat(s->fd, &st) != 0)
		return fail_set(f, FAIL_TEMP, "%s: %s", s->path, strerror(errno));
	lock.l_type = F_UNLCK;
	(void)fcntl(s->fd, F_SETLK, &lock);
	s->left = (uint64_t)st.st_size;
	return 0;
}

static struct mbox_source *make(int fd, const char *path)
{
	static const struct fetch_ops ops = {
		.next = mbox_next, .settle = fetch_settle_nothing, .close = mbox_close};
	struct mbox_source *s = mem_alloc(sizeof *s);

	fetch_init(&s->fetch, &ops);
	mbox_init(&s->mbox, FETCH_MESSAGE_MAX);
	str_init(&s->name, NAME_MAX_MBOX);
	s->path = mem_dupz(path);
	s->fd = fd;
	s->left = UINT64_MAX;
	return s;
}

static int check_mbox(const struct mbox_source *s, struct fail *f)
{
	char head[sizeof "From " - 1];
	ssize_t n = pread(s->fd, head, sizeof head, 0);

	if (n == 0 || (n > 0 && mbox_begins(view_make(head, (size_t)n))))
		return 0;
	return fail_set(
		f, FAIL_DATA, _("%s is no mbox: it does not begin with \"From \""), s->path);
}

int fetch_mbox_open(const char *path, struct fetch **out, struct fail *f)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct mbox_source *s;
	struct stat st;

	if (fd < 0)
		return fail_set(f, FAIL_NOINPUT, "%s: %s", path, strerror(errno));
	s = make(fd, path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		(void)fail_set(f, FAIL_NOINPUT, _("%s is no file"), path);
	else if (wait_for_writers(s, f) == 0 && check_mbox(s, f) == 0) {
		*out = &s->fetch;
		return 0;
	}
	mbox_close(&s->fetch);
	return -1;
}

int fetch_stream_open(int fd, const char *path, struct fetch **out, struct fail *f)
{
	struct mbox_source *s = make(fd, path);

	/* Its first bytes tell what it is; a pipe may give fewer than that at once. */
	while (s->have.len < sizeof "From " - 1) {
		ssize_t n = read(fd, s->buffer + s->have.len, sizeof s->buffer - s->have.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			(void)fail_set(f, FAIL_NOINPUT, "%s: %s", path, strerror(errno));
			mbox_close(&s->fetch);
			return -1;
		}
		if (n == 0)
			break;
		s->have = view_make(s->buffer, s->have.len + (size_t)n);
	}
	s->single = !mbox_begins(s->have);
	*out = &s->fetch;
	return 0;
}
