/* The messages of a folder by IMAP: listed in windows, loaded in batches, one command each.
 *
 * What shall become of the messages of a batch is done when the batch is through, for a
 * command in the middle of an answer would only wait for its end. The cursor goes no further
 * than what was done, so that a process that dies between leaves nothing behind: the next
 * one gets those messages again. */
#include <stdlib.h>
#include "base/i18n.h"
#include "base/mem.h"
#include "fetch/fetch_private.h"
#include "fetch/imap.h"
#include "fetch/imap_private.h"
#include "settings/settings.h"

enum {
	BATCH_COUNT = 64,
	BATCH_BYTES = 8 << 20, /* by what the server says of their sizes */
	MISSING_MAX = 4,       /* of one batch that may not come, more than those that do */
};

/* --- opening -------------------------------------------------------------- */

static int refused_folder(struct imap_source *s, struct fail *f)
{
	return fail_set(f, FAIL_CONF,
		_("the server does not open the folder %s (%s). facteur mailbox test %s shows "
		  "which folders there are"),
		s->imap.box->folder, s->imap.words.p, s->imap.box->name);
}

/* Opens the folder, and finds where to go on. */
static int select_folder(struct imap_source *s, bool writable, struct fail *f)
{
	uint32_t first = 1;
	int got = imap_select(&s->imap, writable, f);

	if (got <= 0)
		return got < 0 ? -1 : refused_folder(s, f);
	if (s->validity != s->imap.uidvalidity)
		s->done = s->passed = 0;
	s->validity = s->imap.uidvalidity;
	(void)snprintf(s->space, sizeof s->space, "imap:%u", s->validity);
	if (s->passed > 0 && s->imap.exists > 0 && imap_locate(s, &first, f) < 0)
		return -1;
	vec_clear(&s->entries);
	fetch_window_init(&s->imap.window, s->imap.exists, first);
	s->fetch.total = first <= s->imap.exists ? s->imap.exists - first + 1 : 0;
	return 0;
}

/* "imap:7 123": of the space imap:7 all up to 123 are done. */
static void read_cursor(struct imap_source *s, struct view cursor)
{
	struct view space, validity;
	uint64_t v, uid;

	if (!view_split(&cursor, ' ', &space) || !view_split(&space, ':', &validity) ||
		!view_is(validity, "imap") || !view_u64(space, UINT32_MAX, &v) ||
		!view_u64(cursor, UINT32_MAX, &uid))
		return;
	s->validity = (uint32_t)v;
	s->done = s->passed = (uint32_t)uid;
}

static void write_cursor(struct imap_source *s)
{
	str_clear(&s->fetch.cursor);
	(void)str_addf(&s->fetch.cursor, "%s %u", s->space, s->done);
}

static bool moves_something(const struct settings_move *m)
{
	return m->bounce != NULL || m->auto_reply != NULL || m->complaint != NULL ||
	       m->challenge != NULL || m->receipt != NULL || m->unsubscribe != NULL ||
	       m->other != NULL;
}

/* --- one after the other -------------------------------------------------- */

/* Up to there all of the window is done. */
static void advance(struct imap_source *s)
{
	while (s->cleared < s->entries.len && imap_entry_at(s, s->cleared)->state == IMAP_DONE) {
		uint32_t uid = imap_entry_at(s, s->cleared++)->uid;

		if (uid > s->done && !s->stuck)
			s->done = uid;
	}
	write_cursor(s);
}

/* Of the window that is left behind something was never settled: the cursor stays there. */
static void leave_window(struct imap_source *s)
{
	s->stuck = s->stuck || s->cleared < s->entries.len;
}

/* Takes as many as make a batch, their UIDs into s->set: how many. *partial: one so large
 * that only its beginning is asked for. */
static size_t pick_batch(struct imap_source *s, bool *partial)
{
	uint64_t bytes = 0;
	size_t count = 0, i;

	str_clear(&s->set);
	*partial = false;
	for (i = s->batch_end; i < s->entries.len && count < BATCH_COUNT && !*partial; i++) {
		struct imap_entry *e = imap_entry_at(s, i);

		if (e->state != IMAP_TO_LOAD)
			continue;
		if (count > 0 && e->size > BATCH_BYTES - bytes)
			break;
		*partial = e->size > FETCH_MESSAGE_MAX;
		bytes += e->size < BATCH_BYTES ? e->size : BATCH_BYTES;
		(void)str_addf(&s->set, "%s%u", count > 0 ? "," : "", e->uid);
		e->state = IMAP_ASKED;
		count++;
	}
	s->batch = s->batch_end;
	s->batch_end = i;
	if (i > 0 && imap_entry_at(s, i - 1)->uid > s->passed)
		s->passed = imap_entry_at(s, i - 1)->uid;
	return count;
}

/* 1: a batch is on its way; 0: none is left in this window; -1. */
static int begin_batch(struct imap_source *s, struct fail *f)
{
	bool partial;
	int got;

	if (pick_batch(s, &partial) == 0)
		return 0;
	s->running = true;
	s->arrived = 0;
	if (partial)
		got = imap_say(&s->imap, f, "UID FETCH %s (UID BODY.PEEK[]<0.%d>)", s->set.p,
			FETCH_MESSAGE_MAX);
	else
		got = imap_say(&s->imap, f, "UID FETCH %s (UID BODY.PEEK[])", s->set.p);
	return got < 0 ? -1 : 1;
}

/* Whether the server still has that message: 1, 0, -1. */
static int is_there(struct imap_source *s, uint32_t uid, struct fail *f)
{
	struct imap_response r;
	int there = 0, ok;

	if (imap_say(&s->imap, f, "UID FETCH %u (UID)", uid) < 0)
		return -1;
	do {
		if (imap_hear(&s->imap, &r, f) < 0)
			return -1;
		if (r.kind == IMAP_FETCH && r.uid == uid)
			there = 1;
	} while (!imap_is_end(&s->imap, &r, &ok));
	return there;
}

/* Those that did not come are gone, unless the server says that they are there. */
static int end_batch(struct imap_source *s, struct fail *f)
{
	char why[IMAP_WORDS_MAX + 1];
	size_t missing = 0;

	(void)snprintf(why, sizeof why, "%s", s->imap.words.p);
	s->running = false;
	for (size_t i = s->batch; i < s->batch_end; i++) {
		struct imap_entry *e = imap_entry_at(s, i);
		int there;

		if (e->state != IMAP_ASKED)
			continue;
		there = is_there(s, e->uid, f);
		if (there < 0)
			return -1;
		if (there == 0) {
			e->state = IMAP_DONE;
			continue;
		}
		/* It stays before the cursor, and is asked for the next time. */
		e->state = IMAP_GIVEN;
		fetch_note_set(&s->fetch,
			_("the server does not hand out message %u of %s; it said: %s. It was "
			  "passed over, and is tried again the next time"),
			e->uid, s->imap.box->folder, why);
		if (++missing > s->arrived && missing > MISSING_MAX)
			return fail_set(f, FAIL_TEMP,
				_("the server does not hand out the messages of %s; it said: %s. "
				  "Try again in a few minutes"),
				s->imap.box->folder, why);
	}
	return 0;
}

static void give(struct imap_source *s, struct imap_entry *e, const struct imap_response *r,
	struct fetch_message *out)
{
	e->state = IMAP_GIVEN;
	s->current = e->uid;
	(void)snprintf(s->name, sizeof s->name, "%u", e->uid);
	*out = (struct fetch_message){.id = {.space = view_of(s->space), .name = view_of(s->name)},
		.bytes = r->body,
		.cut = s->imap.reader.cut || e->size > FETCH_MESSAGE_MAX};
}

/* 1: a message came; 0: the batch is over; -1. */
static int hear_batch(struct imap_source *s, struct fetch_message *out, struct fail *f)
{
	struct imap_response r;
	int ok;

	for (;;) {
		struct imap_entry *e;

		if (imap_hear(&s->imap, &r, f) < 0)
			return -1;
		if (imap_is_end(&s->imap, &r, &ok))
			return end_batch(s, f);
		if (r.kind != IMAP_FETCH || !r.has_body)
			continue;
		e = imap_find_entry(s, r.uid);
		/* An empty one that has a size is one that somebody has just deleted. */
		if (e == NULL || e->state != IMAP_ASKED || (r.body.len == 0 && e->size > 0))
			continue;
		s->arrived++;
		give(s, e, &r, out);
		return 1;
	}
}

static int imap_next(struct fetch *fetch, struct fetch_message *out, struct fail *f)
{
	struct imap_source *s = (struct imap_source *)fetch;
	int got;

	for (;;) {
		if (s->running) {
			got = hear_batch(s, out, f);
			if (got != 0)
				return got;
		}
		if (imap_settle_batch(s, f) < 0)
			return -1;
		advance(s);
		got = begin_batch(s, f);
		if (got < 0)
			return -1;
		if (got > 0)
			continue;
		leave_window(s);
		got = imap_next_window(s, f);
		if (got <= 0)
			return got;
	}
}

static int imap_settle(
	struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f)
{
	struct imap_source *s = (struct imap_source *)fetch;
	struct imap_entry *e = imap_find_entry(s, s->current);

	(void)f;
	if (e == NULL || e->state != IMAP_GIVEN)
		return 0;
	if (fate == FETCH_LEAVE || (fate == FETCH_MOVE && folder == NULL)) {
		e->state = IMAP_DONE;
		advance(s);
		return 0;
	}
	e->state = IMAP_SETTLED;
	e->folder = fate == FETCH_MOVE ? imap_folder_number(s, folder) : IMAP_NO_FOLDER;
	return 0;
}

static void imap_close(struct fetch *fetch)
{
	struct imap_source *s = (struct imap_source *)fetch;
	struct fetch_message ignored;
	struct fail f;

	/* What is settled is done as far as can be, without waiting for a long answer. */
	while (s->running && s->imap.open && imap_any_settled(s))
		if (hear_batch(s, &ignored, &f) < 0)
			break;
	if (s->imap.open && !s->running)
		(void)imap_settle_batch(s, &f);
	if (s->running)
		s->imap.open = false;
	imap_free(&s->imap);
	for (size_t i = 0; i < s->folders.len; i++)
		free(*(char **)vec_at(&s->folders, i));
	vec_free(&s->folders);
	vec_free(&s->entries);
	str_free(&s->set);
	fetch_done(&s->fetch);
	free(s);
}

int fetch_imap_open(
	const struct settings_mailbox *box, struct view cursor, struct fetch **out, struct fail *f)
{
	static const struct fetch_ops ops = {
		.next = imap_next, .settle = imap_settle, .close = imap_close};
	struct imap_source *s = mem_alloc(sizeof *s);
	const char *kind;

	fetch_init(&s->fetch, &ops);
	vec_init(&s->entries, sizeof(struct imap_entry));
	vec_init(&s->folders, sizeof(char *));
	str_init(&s->set, (size_t)BATCH_COUNT * 12);
	imap_init(&s->imap, box);
	s->imap.link.reader = &s->fetch;
	read_cursor(s, cursor);
	if (imap_connect(&s->imap, NULL, f) < 0 || imap_login(&s->imap, &kind, f) < 0 ||
		select_folder(s, moves_something(&box->move), f) < 0) {
		imap_close(&s->fetch);
		return -1;
	}
	write_cursor(s);
	*out = &s->fetch;
	return 0;
}

int imap_source_reselect(struct imap_source *s, struct fail *f)
{
	struct vec window = s->entries;
	size_t batch = s->batch, batch_end = s->batch_end, cleared = s->cleared;
	uint32_t validity = s->validity;
	int ret;

	vec_init(&s->entries, sizeof(struct imap_entry));
	ret = select_folder(s, true, f);
	vec_free(&s->entries);
	s->entries = window;
	s->batch = batch;
	s->batch_end = batch_end;
	s->cleared = cleared;
	/* What comes behind the batch is listed anew, by its new numbers. */
	while (s->entries.len > s->batch_end)
		vec_pop(&s->entries);
	if (ret == 0 && s->validity != validity)
		return fail_set(f, FAIL_TEMP,
			_("the folder %s was made anew while it was read. Try again"),
			s->imap.box->folder);
	return ret;
}
