#include "store/witness.h"
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "store/delivery_private.h"

/* "facteur 1 INSTANCE EVENT AT HASH SUM\n", the numbers as wide as they get, so that each one
 * overwrites the one before. SUM tells a whole line from a torn one. */
#define WITNESS_FIRST "facteur 1 "
enum { WITNESS_SUM = 8 /* bytes of it */, WITNESS_WORDS = 5 };

struct witness {
	int64_t event, at;
	unsigned char hash[DIGEST_SIZE];
};

static void add_sum(struct str *line)
{
	unsigned char sum[DIGEST_SIZE];

	digest_sha256(str_view(line), sum);
	(void)digest_hex(line, sum, WITNESS_SUM);
	(void)str_addc(line, '\n');
}

static void make_line(const struct store *s, const struct witness *w, struct str *line)
{
	(void)str_addf(line, WITNESS_FIRST "%s %020" PRId64 " %020" PRId64 " ", s->instance,
		w->event, w->at);
	(void)digest_hex(line, w->hash, sizeof w->hash);
	(void)str_addc(line, ' ');
	add_sum(line);
}

static bool read_words(struct view line, struct view words[WITNESS_WORDS])
{
	struct view rest = line;

	if (!view_starts(rest, VIEW(WITNESS_FIRST)))
		return false;
	rest = view_from(rest, sizeof WITNESS_FIRST - 1);
	for (size_t i = 0; i < WITNESS_WORDS; i++) {
		if (!view_split(&rest, ' ', &words[i]))
			return false;
	}
	return true;
}

/* The line is one of this database and whole when it is, byte by byte, what we would write. */
static bool read_line(const struct store *s, struct view line, struct witness *w)
{
	struct view words[WITNESS_WORDS];
	uint64_t event, at;
	struct str again;
	bool same;

	if (!read_words(line, words) || !view_is(words[0], s->instance) ||
		!view_u64(words[1], INT64_MAX, &event) || !view_u64(words[2], INT64_MAX, &at) ||
		words[3].len != sizeof w->hash * 2)
		return false;
	*w = (struct witness){.event = (int64_t)event, .at = (int64_t)at};
	for (size_t i = 0; i < words[3].len; i++) {
		int digit = ascii_hex(words[3].p[i]);

		if (digit < 0)
			return false;
		w->hash[i / 2] = (unsigned char)(w->hash[i / 2] << 4 | digit);
	}
	str_init(&again, STORE_WITNESS_SIZE);
	make_line(s, w, &again);
	same = view_eq(line, str_view(&again));
	str_free(&again);
	return same;
}

static bool read_file(const struct store *s, struct witness *w)
{
	/* O_NONBLOCK: a named pipe must not keep us waiting. */
	int fd = open(s->witness, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	char text[STORE_WITNESS_SIZE];
	ssize_t got;

	if (fd < 0)
		return false;
	got = read(fd, text, sizeof text);
	(void)close(fd);
	return got > 0 && read_line(s, view_make(text, (size_t)got), w);
}

int store_witness_ask(struct store *s, int64_t *at, struct fail *f)
{
	struct db_stmt *stmt;
	struct witness w;
	struct view hash;
	bool same = false;
	int step;

	/* The file first: another sender may be at work, and what it wrote there is in the
	 * database by then. */
	*at = 0;
	if (!read_file(s, &w))
		return STORE_WITNESS_NOTHING;
	*at = w.at;
	stmt = store_ask(s, Q_EVENT_HASH, STORE_ARGS(store_int(w.event)), f);
	step = stmt != NULL ? db_step(stmt, f) : -1;
	if (step < 0)
		return -1;
	if (step > 0) {
		hash = db_blob(stmt, 0);
		same = hash.len == sizeof w.hash && memcmp(hash.p, w.hash, hash.len) == 0;
		db_reset(stmt);
	}
	return same ? STORE_WITNESS_HOLDS : STORE_WITNESS_OLDER;
}

const char *store_witness_path(const struct store *s)
{
	return s->witness;
}

/* The newest event, and the disk has it. */
static int newest(struct store_sender *t, struct witness *w)
{
	struct fail ignored;
	struct db_stmt *stmt = store_ask(t->s, Q_EVENT_LAST, NULL, &ignored);
	struct view hash;

	if (stmt == NULL || db_step(stmt, &ignored) <= 0)
		return -1;
	w->event = db_int(stmt, 0);
	hash = db_blob(stmt, 1);
	if (hash.len == sizeof w->hash)
		memcpy(w->hash, hash.p, hash.len);
	db_reset(stmt);
	return hash.len == sizeof w->hash && store_sender_sync(t) == 0 ? 0 : -1;
}

void store_sender_witness(struct store_sender *t, int64_t now)
{
	struct witness w = {.at = now};
	struct str line;

	if (t->witness < 0 || newest(t, &w) < 0)
		return;
	str_init(&line, STORE_WITNESS_SIZE);
	make_line(t->s, &w, &line);
	/* Nothing to do where it fails: the next one is tried again, and without any nothing is
	 * told. */
	(void)!pwrite(t->witness, line.p, line.len, 0);
	str_free(&line);
}

void store_sender_keep_witness(struct store_sender *t, int64_t now)
{
	t->witness = open(
		t->s->witness, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, FILE_MODE);
	store_sender_witness(t, now);
}
