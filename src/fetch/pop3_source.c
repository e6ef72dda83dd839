/* The messages of a POP3 mailbox, by their unique ids (UIDL); nothing in it changes. */
#include <stdlib.h>
#include "base/digest.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "fetch/fetch_private.h"
#include "fetch/imap_reply.h"
#include "fetch/pop3.h"
#include "settings/settings.h"

enum {
	NAMES_MAX = 64 << 20, /* octets of all unique ids: some 900,000 messages */
	REFUSALS_MAX = 4,     /* in a row */
	AHEAD = 16,	      /* RETRs that are on their way, where the server takes several */
};
struct pop3_entry {
	uint32_t number;
	size_t name, len; /* in names; len 0: the server gives none */
};
struct pop3_source {
	struct fetch fetch;
	struct pop3 pop3;
	struct vec entries;
	struct str names, body, hash;
	size_t next;	     /* that is to be asked for */
	size_t queue[AHEAD]; /* what was asked for, in order */
	size_t queued, head;
	unsigned refusals;
};

static struct pop3_entry *entry_at(const struct pop3_source *s, size_t i)
{
	return vec_at(&s->entries, i);
}

static struct view name_of(const struct pop3_source *s, const struct pop3_entry *e)
{
	return view_sub(str_view(&s->names), e->name, e->len);
}

static int list_plainly(struct pop3_source *s, uint32_t count)
{
	for (uint32_t i = 1; i <= count; i++)
		((struct pop3_entry *)vec_push(&s->entries))->number = i;
	return 0;
}

/* The answer to UIDL has a line for each message, which is held against STAT. */
static int list_uidl(struct pop3_source *s, uint32_t count, struct fail *f)
{
	struct view line, id;
	uint32_t number;
	int got;

	while ((got = pop3_text_line(&s->pop3, &line, f)) > 0) {
		struct pop3_entry *e;

		if (!pop3_uidl(line, &number, &id))
			continue;
		e = vec_push(&s->entries);
		*e = (struct pop3_entry){.number = number, .name = s->names.len, .len = id.len};
		if (str_addv(&s->names, id) < 0)
			return fail_set(f, FAIL_DATA, "%s",
				_("there are too many messages in this mailbox to read it by "
				  "POP3; IMAP has no such limit"));
	}
	if (got < 0)
		return -1;
	if (s->entries.len != count)
		return fail_set(f, FAIL_TEMP,
			_("the server has %u messages but lists %zu of them: nothing is read, so "
			  "that none is passed over. Try again in a few minutes"),
			count, s->entries.len);
	return 0;
}

static int list(struct pop3_source *s, struct fail *f)
{
	uint32_t count;
	int got;

	if (pop3_count(&s->pop3, &count, f) < 0 || pop3_say(&s->pop3, f, "UIDL") < 0)
		return -1;
	got = pop3_answer(&s->pop3, f);
	if (got < 0 || (got == 1 ? list_uidl(s, count, f) : list_plainly(s, count)) < 0)
		return -1;
	s->fetch.total = s->entries.len;
	return 0;
}

/* Asks for those that come next and are not known, as many at a time as the server takes. */
static int ask_ahead(struct pop3_source *s, struct fail *f)
{
	size_t most = s->pop3.can_pipeline ? AHEAD : 1;

	while (s->queued < most && s->next < s->entries.len) {
		struct pop3_entry *e = entry_at(s, s->next);
		int known = e->len == 0
				    ? 0
				    : fetch_ask_known(&s->fetch, VIEW("pop3"), name_of(s, e), f);

		if (known < 0)
			return -1;
		if (known == 0) {
			if (pop3_say(&s->pop3, f, "RETR %u", e->number) < 0)
				return -1;
			s->queue[(s->head + s->queued++) % AHEAD] = s->next;
		}
		s->next++;
	}
	return 0;
}

static int read_text(struct pop3_source *s, bool *cut, struct fail *f)
{
	struct pop3_text text = {0};

	str_clear(&s->body);
	while (pop3_text_take(&text, &s->pop3.link.have, &s->body) == 0)
		if (fetch_link_read(&s->pop3.link, f) < 0) {
			s->pop3.open = false;
			return -1;
		}
	*cut = text.cut;
	return 0;
}

/* Without a unique id it is by its content that a message is told from others. */
static struct view name_by_content(struct pop3_source *s)
{
	unsigned char hash[DIGEST_SIZE];

	digest_sha256(str_view(&s->body), hash);
	str_clear(&s->hash);
	(void)str_addz(&s->hash, "sha256:");
	(void)digest_hex(&s->hash, hash, sizeof hash);
	return str_view(&s->hash);
}

/* One message may be broken; it is tried again the next time. */
static int refused(struct pop3_source *s, uint32_t number, struct fail *f)
{
	struct str said;

	str_init(&said, (size_t)4 * POP3_LINE_MAX);
	(void)utf8_clean(&said, view_sub(str_view(&s->pop3.line), 0, IMAP_WORDS_MAX));
	fetch_note_set(&s->fetch,
		_("the server does not hand out message %u; it said: %s. It was passed over, and "
		  "is tried again the next time"),
		number, said.p);
	if (++s->refusals > REFUSALS_MAX)
		(void)fail_set(f, FAIL_TEMP,
			_("the server does not hand out the messages; it said: %s. Try again in a "
			  "few minutes"),
			said.p);
	str_free(&said);
	return s->refusals > REFUSALS_MAX ? -1 : 0;
}

/* The answer to the RETR that was sent first. 1: a message; 0: it is gone, or known; -1. */
static int hear_one(struct pop3_source *s, struct fetch_message *out, struct fail *f)
{
	const struct pop3_entry *e = entry_at(s, s->queue[s->head]);
	int got = pop3_answer(&s->pop3, f), known = 0;

	s->head = (s->head + 1) % AHEAD;
	s->queued--;
	if (got < 0)
		return -1;
	if (got == 0)
		return refused(s, e->number, f);
	s->refusals = 0;
	*out = (struct fetch_message){0};
	if (read_text(s, &out->cut, f) < 0)
		return -1;
	out->bytes = str_view(&s->body);
	out->id = (struct fetch_id){.space = VIEW("pop3"), .name = name_of(s, e)};
	if (e->len == 0) {
		out->id.name = name_by_content(s);
		known = fetch_ask_known(&s->fetch, out->id.space, out->id.name, f);
	}
	return known < 0 ? -1 : !known;
}

static int pop3_next(struct fetch *fetch, struct fetch_message *out, struct fail *f)
{
	struct pop3_source *s = (struct pop3_source *)fetch;

	for (;;) {
		int got;

		if (ask_ahead(s, f) < 0)
			return -1;
		if (s->queued == 0)
			return 0;
		got = hear_one(s, out, f);
		if (got != 0)
			return got;
	}
}

static void pop3_close(struct fetch *fetch)
{
	struct pop3_source *s = (struct pop3_source *)fetch;

	s->pop3.open = s->pop3.open && s->queued == 0;
	pop3_free(&s->pop3);
	vec_free(&s->entries);
	str_free(&s->names);
	str_free(&s->body);
	str_free(&s->hash);
	fetch_done(&s->fetch);
	free(s);
}

int fetch_pop3_open(const struct settings_mailbox *box, struct fetch **out, struct fail *f)
{
	static const struct fetch_ops ops = {
		.next = pop3_next, .settle = fetch_settle_nothing, .close = pop3_close};
	struct pop3_source *s = mem_alloc(sizeof *s);
	const char *kind;

	fetch_init(&s->fetch, &ops);
	vec_init(&s->entries, sizeof(struct pop3_entry));
	str_init(&s->names, NAMES_MAX);
	str_init(&s->body, FETCH_MESSAGE_MAX);
	str_init(&s->hash, FETCH_CURSOR_MAX);
	pop3_init(&s->pop3, box);
	s->pop3.link.reader = &s->fetch;
	if (pop3_connect(&s->pop3, NULL, f) < 0 || pop3_login(&s->pop3, &kind, f) < 0 ||
		list(s, f) < 0) {
		pop3_close(&s->fetch);
		return -1;
	}
	*out = &s->fetch;
	return 0;
}
