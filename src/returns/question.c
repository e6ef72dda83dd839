#include "returns/question.h"
#include "base/time.h"
#include "mail/mailbox.h"
#include "mail/message.h"
#include "returns/returns_private.h"

enum { QUESTION_ID_MAX = 250, QUESTION_SUBJECT_MAX = 200, QUESTION_OWN_MAX = 4 };

const struct vec *returns_questions(const struct returns *r)
{
	return &r->questions;
}

/* --- may it be answered? -------------------------------------------------- */

static bool has(const struct message *m, const char *name)
{
	return message_field(m->root, name, 0) != NULL;
}

static struct view value(const struct message *m, const char *name)
{
	const struct message_field *field = message_field(m->root, name, 0);

	return field != NULL ? view_trim(field->value) : VIEW("");
}

/* RFC 3834 section 2: what a program wrote, or sent to many. */
static bool is_automatic(const struct message *m)
{
	static const char *const present[] = {"List-Id", "List-Unsubscribe", "List-Post",
		"List-Help", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Loop",
		"X-Facteur-Token", "Feedback-ID"};
	static const char *const precedence[] = {"bulk", "list", "junk", "auto_reply"};
	struct view submitted = value(m, "Auto-Submitted");

	for (size_t i = 0; i < sizeof present / sizeof *present; i++)
		if (has(m, present[i]))
			return true;
	for (size_t i = 0; i < sizeof precedence / sizeof *precedence; i++)
		if (view_eq_nocase(value(m, "Precedence"), view_of(precedence[i])))
			return true;
	return (submitted.len > 0 && !view_eq_nocase(submitted, VIEW("no"))) ||
	       view_is(value(m, "Return-Path"), "<>") || view_is(m->root->type, "multipart/report");
}

bool returns_is_automatic(struct view raw)
{
	struct message m;
	struct arena a;
	bool is;

	arena_init(&a);
	message_read(raw, &a, &m);
	is = is_automatic(&m);
	arena_free(&a);
	return is;
}

/* Addresses behind which no person is. */
static bool is_program(struct view key)
{
	static const char *const locals[] = {"mailer-daemon", "postmaster", "noreply", "no-reply",
		"donotreply", "do-not-reply", "ne-pas-repondre", "nepasrepondre", "root",
		"listserv", "majordomo", "abuse", "bounce", "bounces"};
	ptrdiff_t at = view_chr(key, '@');
	struct view local = view_sub(key, 0, at < 0 ? 0 : (size_t)at);

	for (size_t i = 0; i < sizeof locals / sizeof *locals; i++)
		if (view_eq_nocase(local, view_of(locals[i])))
			return true;
	return local.len == 0 || view_starts_nocase(local, VIEW("owner-")) ||
	       view_ends(local, VIEW("-request")) || view_ends(local, VIEW("-owner"));
}

/* Ours, with or without a token behind its name. */
static bool is_own(struct view key, struct view own)
{
	ptrdiff_t at = view_chr(own, '@');

	if (at <= 0)
		return false;
	return view_starts(key, view_sub(own, 0, (size_t)at)) &&
	       view_ends(key, view_from(own, (size_t)at));
}

bool returns_may_answer(const struct returns_asker *asker)
{
	bool may = asker->key.len > 0 && !returns_is_automatic(asker->header) &&
		   !is_program(asker->key);

	for (unsigned i = 0; may && i < asker->own_count; i++)
		may = !is_own(asker->key, asker->own[i]);
	return may;
}

/* --- the question -------------------------------------------------------- */

static bool may_answer(struct returns *r, struct view key, const struct returns_origin *origin)
{
	const struct settings_identity *id = &r->settings->identity;
	const char *const addresses[QUESTION_OWN_MAX] = {
		id->from, id->reply_to, id->bounce_address, id->unsubscribe_address};
	struct view own[QUESTION_OWN_MAX];
	struct returns_asker asker = {
		.header = origin->raw, .key = key, .own = own, .own_count = QUESTION_OWN_MAX};

	for (size_t i = 0; i < QUESTION_OWN_MAX; i++)
		own[i] = returns_key(r, view_of(addresses[i]));
	return returns_may_answer(&asker);
}

/* So many are enough: 1, 0, -1. By the address that is asked, for whoever writes may have as many
 * of his own as he likes. */
static int enough(struct returns *r, struct view key, int64_t now, struct fail *f)
{
	const struct settings_window *most = &r->settings->bounces.replies;
	int64_t to_it = 0, all = 0, ignored = 0;

	if (store_answer_count(r->store, key, now - (int64_t)TIME_DAY, &to_it, &ignored, f) < 0 ||
		store_answer_count(
			r->store, key, now - (int64_t)most->window_ms, &ignored, &all, f) < 0)
		return -1;
	return to_it >= RETURNS_REPLIES_OF_ONE || all >= (int64_t)most->count;
}

static struct view message_id(struct returns *r, const struct message *m)
{
	struct view id = value(m, "Message-ID");

	if (view_starts(id, VIEW("<")) && view_ends(id, VIEW(">")) && id.len <= QUESTION_ID_MAX)
		return arena_dup(&r->own, view_sub(id, 1, id.len - 2));
	return VIEW("");
}

int returns_ask(struct returns *r, const struct store_sent *sent, struct view author,
	const struct returns_origin *origin, int64_t number, struct fail *f)
{
	struct view key = returns_key(r, sent->address);
	struct returns_question *q;
	struct message m;
	int full;

	if (origin->source != RETURNS_MAIL || r->keys == NULL || r->keys->count == 0 ||
		!may_answer(r, returns_key(r, author), origin) || !may_answer(r, key, origin))
		return 0;
	full = enough(r, key, origin->now, f);
	if (full != 0)
		return full < 0 ? -1 : 0;
	if (store_answer_add(r->store, key, number, origin->now, f) < 0)
		return -1;
	message_read(origin->raw, &r->a, &m);
	q = vec_push(&r->questions);
	*q = (struct returns_question){
		.number = number,
		.campaign = sent->campaign,
		.contact = sent->contact,
		.to = arena_dup(&r->own, sent->address),
		.message_id = message_id(r, &m),
		.subject = arena_dup(&r->own,
			view_sub(message_text(&m, m.root, "Subject"), 0, QUESTION_SUBJECT_MAX)),
	};
	return 1;
}
