/* Which messages there are: listed in windows, and where to go on after the last time. */
#include <stdlib.h>
#include "base/i18n.h"
#include "fetch/imap_private.h"
#include "settings/settings.h"

enum { UID_SIZE = 16 };

struct imap_entry *imap_entry_at(const struct imap_source *s, size_t i)
{
	return vec_at(&s->entries, i);
}

/* In the window, where the UIDs ascend. */
struct imap_entry *imap_find_entry(const struct imap_source *s, uint32_t uid)
{
	size_t low = 0, high = s->entries.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (imap_entry_at(s, mid)->uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->entries.len && imap_entry_at(s, low)->uid == uid ? imap_entry_at(s, low)
									 : NULL;
}

static int by_uid(const void *a, const void *b)
{
	const struct imap_entry *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/* The UIDs of a window and what they weigh: how many there are, each once; -1. */
static int64_t list_window(struct imap_source *s, uint32_t from, uint32_t to, struct fail *f)
{
	struct imap_response r;
	size_t n = 0;
	int ok;

	vec_clear(&s->entries);
	if (imap_say(&s->imap, f, "FETCH %u:%u (UID RFC822.SIZE)", from, to) < 0)
		return -1;
	do {
		if (imap_hear(&s->imap, &r, f) < 0)
			return -1;
		if (r.kind != IMAP_FETCH || r.uid == 0 || s->entries.len > 2 * FETCH_WINDOW)
			continue;
		*(struct imap_entry *)vec_push(&s->entries) =
			(struct imap_entry){.uid = r.uid, .size = r.has_size ? r.size : 0};
	} while (!imap_is_end(&s->imap, &r, &ok));
	if (s->entries.len > 1)
		qsort(s->entries.p, s->entries.len, sizeof(struct imap_entry), by_uid);
	for (size_t i = 0; i < s->entries.len; i++)
		if (n == 0 || imap_entry_at(s, n - 1)->uid != imap_entry_at(s, i)->uid)
			*imap_entry_at(s, n++) = *imap_entry_at(s, i);
	while (s->entries.len > n)
		vec_pop(&s->entries);
	s->batch = s->batch_end = s->cleared = 0;
	return (int64_t)n;
}

/* What was had already is not loaded. */
static int drop_known(struct imap_source *s, struct fail *f)
{
	for (size_t i = 0; i < s->entries.len; i++) {
		struct imap_entry *e = imap_entry_at(s, i);
		char uid[UID_SIZE];
		int known;

		(void)snprintf(uid, sizeof uid, "%u", e->uid);
		known = e->uid <= s->passed
				? 1
				: fetch_ask_known(&s->fetch, view_of(s->space), view_of(uid), f);
		if (known < 0)
			return -1;
		e->state = known > 0 ? IMAP_DONE : IMAP_TO_LOAD;
	}
	return 0;
}

/* 1: there is another window; 0: there is none; -1. */
int imap_next_window(struct imap_source *s, struct fail *f)
{
	uint32_t from, to;

	while (fetch_window_ask(&s->imap.window, &from, &to)) {
		int64_t count = list_window(s, from, to, f);
		int got = count < 0 ? -1 : fetch_window_listed(&s->imap.window, (size_t)count);

		if (count < 0)
			return -1;
		if (got > 0)
			return drop_known(s, f) < 0 ? -1 : 1;
		/* Somebody else has deleted them, which only now may be said. */
		if (imap_command(&s->imap, f, "NOOP") < 0)
			return -1;
		if (got < 0 && fetch_window_ask(&s->imap.window, &from, &to))
			return fail_set(f, FAIL_TEMP,
				_("the server has %u messages in %s but does not list all of "
				  "them: nothing more is read, so that none is passed over. Try "
				  "again in a few minutes"),
				s->imap.exists, s->imap.box->folder);
	}
	vec_clear(&s->entries);
	s->batch = s->batch_end = s->cleared = 0;
	return 0;
}

static int uid_at(struct imap_source *s, uint32_t number, uint32_t *uid, struct fail *f)
{
	int64_t count = list_window(s, number, number, f);

	*uid = count > 0 ? imap_entry_at(s, 0)->uid : 0;
	return count < 0 ? -1 : count > 0;
}

/* The number of the first message behind `passed`, found from the end: what is new is there.
 * Only from where to read depends on it; what is read twice is passed over. */
int imap_locate(struct imap_source *s, uint32_t *first, struct fail *f)
{
	uint32_t low = 1, high = s->imap.exists + 1, step = 1, uid;

	*first = high;
	if (s->imap.uidnext > 0 && s->imap.uidnext - 1 <= s->passed)
		return 0;
	for (uint32_t at = s->imap.exists; at >= 1; at = at > step ? at - step : 0) {
		int got = uid_at(s, at, &uid, f);

		if (got < 0)
			return -1;
		if (got > 0 && uid <= s->passed) {
			low = at + 1;
			break;
		}
		high = at;
		step *= 2;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int got = uid_at(s, mid, &uid, f);

		if (got < 0)
			return -1;
		if (got > 0 && uid <= s->passed)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	return 0;
}
