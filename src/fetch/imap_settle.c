/* What becomes of messages that were read: marked seen, or moved. Nothing else is ever deleted:
 * EXPUNGE is said with UIDs only (RFC 4315), never for all that bear \Deleted. */
#include "base/i18n.h"
#include "base/mem.h"
#include "fetch/imap_private.h"
#include "settings/settings.h"

uint16_t imap_folder_number(struct imap_source *s, const char *folder)
{
	for (size_t i = 0; i < s->folders.len; i++)
		if (strcmp(*(char **)vec_at(&s->folders, i), folder) == 0)
			return (uint16_t)i;
	if (s->folders.len >= IMAP_FOLDERS_MAX)
		return IMAP_NO_FOLDER;
	*(char **)vec_push(&s->folders) = mem_dupz(folder);
	return (uint16_t)(s->folders.len - 1);
}

bool imap_any_settled(const struct imap_source *s)
{
	for (size_t i = s->batch; i < s->batch_end; i++)
		if (imap_entry_at(s, i)->state == IMAP_SETTLED)
			return true;
	return false;
}

/* The UIDs of those of the batch with that fate, runs of them as ranges. */
static void collect(struct imap_source *s, uint16_t folder)
{
	uint32_t from = 0, to = 0;

	str_clear(&s->set);
	for (size_t i = s->batch; i <= s->batch_end; i++) {
		const struct imap_entry *e = i < s->batch_end ? imap_entry_at(s, i) : NULL;
		bool one = e != NULL && e->state == IMAP_SETTLED && e->folder == folder;

		if (one && from != 0 && e->uid == to + 1) {
			to++;
			continue;
		}
		if (from != 0 && (one || e == NULL))
			(void)str_addf(&s->set, from == to ? "%s%u" : "%s%u:%u",
				s->set.len > 0 ? "," : "", from, to);
		if (one)
			from = to = e->uid;
	}
}

static void mark_done(struct imap_source *s, uint16_t folder)
{
	for (size_t i = s->batch; i < s->batch_end; i++) {
		struct imap_entry *e = imap_entry_at(s, i);

		if (e->state == IMAP_SETTLED && e->folder == folder)
			e->state = IMAP_DONE;
	}
}

static int mark_seen(struct imap_source *s, struct fail *f)
{
	int got = imap_command(&s->imap, f, "UID STORE %s +FLAGS.SILENT (\\Seen)", s->set.p);

	if (got == 0)
		fetch_note_set(&s->fetch, _("messages of %s could not be marked as read: %s"),
			s->imap.box->folder, s->imap.words.p);
	return got < 0 ? -1 : 0;
}

/* What was copied is taken away here, by UID: 1, 0 (the server refused), -1. */
static int take_away(struct imap_source *s, struct fail *f)
{
	int got = imap_command(&s->imap, f, "UID STORE %s +FLAGS.SILENT (\\Deleted)", s->set.p);

	return got == 1 ? imap_command(&s->imap, f, "UID EXPUNGE %s", s->set.p) : got;
}

/* 1: moved; 0: the server refused; -1. */
static int move_once(struct imap_source *s, const char *quoted, struct fail *f)
{
	int got;

	if ((s->imap.abilities & IMAP_CAN_MOVE) != 0)
		return imap_command(&s->imap, f, "UID MOVE %s %s", s->set.p, quoted);
	got = imap_command(&s->imap, f, "UID COPY %s %s", s->set.p, quoted);
	return got == 1 ? take_away(s, f) : got;
}

static int make_folder(struct imap_source *s, const char *quoted, struct fail *f)
{
	int got = imap_command(&s->imap, f, "CREATE %s", quoted);

	/* Mail readers show those only that are subscribed to; it may fail. */
	if (got == 1 && imap_command(&s->imap, f, "SUBSCRIBE %s", quoted) < 0)
		return -1;
	return got;
}

static int move_or_mark(
	struct imap_source *s, const char *folder, const char *quoted, struct fail *f)
{
	int got;

	if ((s->imap.abilities & (IMAP_CAN_MOVE | IMAP_CAN_UIDPLUS)) == 0) {
		if (!s->told_move)
			fetch_note_set(&s->fetch,
				_("this server cannot move messages safely (neither MOVE nor "
				  "UIDPLUS): they stay in %s, marked as read"),
				s->imap.box->folder);
		s->told_move = true;
		return mark_seen(s, f);
	}
	got = move_once(s, quoted, f);
	if (got == 0) {
		got = make_folder(s, quoted, f);
		if (got == 1)
			got = move_once(s, quoted, f);
	}
	if (got == 0)
		fetch_note_set(&s->fetch,
			_("messages could not be moved to %s and stay where they are: %s"), folder,
			s->imap.words.p);
	return got < 0 ? -1 : 0;
}

static int move(struct imap_source *s, const char *folder, struct fail *f)
{
	struct str quoted;
	int ret;

	str_init(&quoted, (size_t)4 * IMAP_FOLDER_MAX);
	ret = imap_quote_folder(&s->imap, &quoted, folder, f);
	if (ret == 0)
		ret = move_or_mark(s, folder, quoted.p, f);
	str_free(&quoted);
	return ret;
}

int imap_settle_batch(struct imap_source *s, struct fail *f)
{
	if (!imap_any_settled(s))
		return 0;
	if (!s->imap.writable && imap_source_reselect(s, f) < 0)
		return -1;
	collect(s, IMAP_NO_FOLDER);
	if (s->set.len > 0 && mark_seen(s, f) < 0)
		return -1;
	mark_done(s, IMAP_NO_FOLDER);
	for (size_t i = 0; i < s->folders.len; i++) {
		collect(s, (uint16_t)i);
		if (s->set.len > 0 && move(s, *(char **)vec_at(&s->folders, i), f) < 0)
			return -1;
		mark_done(s, (uint16_t)i);
	}
	return 0;
}
