#include "compose/memo.h"
#include <string.h>
#include "base/mem.h"
#include "base/vec.h"
#include "compose/compose.h"

/* How many pieces further on one is looked for: as many as may be left out of a message. */
enum { MEMO_AHEAD = 8 };

struct piece {
	size_t at, len; /* in the bytes */
	enum compose_piece kind;
};
/* A message and its good pieces. */
struct page {
	struct str bytes;
	struct vec pieces; /* struct piece */
};
struct compose_memo {
	struct page pages[2], *before, *now;
	struct view message; /* the one that is looked at now */
	size_t next;	     /* piece of the one before that is expected */
	struct str text;
};

static void page_init(struct page *p)
{
	str_init(&p->bytes, COMPOSE_MESSAGE_MAX);
	vec_init(&p->pieces, sizeof(struct piece));
}

struct compose_memo *compose_memo_new(void)
{
	struct compose_memo *m = mem_alloc(sizeof *m);

	for (size_t i = 0; i < 2; i++)
		page_init(&m->pages[i]);
	m->before = &m->pages[0];
	m->now = &m->pages[1];
	str_init(&m->text, COMPOSE_MESSAGE_MAX);
	return m;
}

void compose_memo_free(struct compose_memo **m)
{
	if (*m == NULL)
		return;
	for (size_t i = 0; i < 2; i++) {
		str_free(&(*m)->pages[i].bytes);
		vec_free(&(*m)->pages[i].pieces);
	}
	str_free(&(*m)->text);
	free(*m);
	*m = NULL;
}

void compose_memo_forget(struct compose_memo *m)
{
	vec_clear(&m->before->pieces);
}

void compose_memo_begin(struct compose_memo *m, struct view message)
{
	m->message = message;
	m->next = 0;
	str_clear(&m->now->bytes);
	vec_clear(&m->now->pieces);
}

void compose_memo_end(struct compose_memo *m)
{
	struct page *looked_at = m->now;

	(void)str_addv(&looked_at->bytes, m->message);
	if (!str_ok(&looked_at->bytes))
		vec_clear(&looked_at->pieces);
	m->now = m->before;
	m->before = looked_at;
}

void compose_memo_note(struct compose_memo *m, enum compose_piece kind, struct view raw)
{
	struct piece *p = vec_push(&m->now->pieces);

	*p = (struct piece){(size_t)(raw.p - m->message.p), raw.len, kind};
}

bool compose_memo_knows(struct compose_memo *m, enum compose_piece kind, struct view raw)
{
	const struct page *page = m->before;

	for (size_t i = m->next; i < page->pieces.len && i < m->next + MEMO_AHEAD; i++) {
		const struct piece *p = vec_at(&page->pieces, i);

		if (p->kind != kind || p->len != raw.len ||
			(raw.len > 0 && memcmp(page->bytes.p + p->at, raw.p, raw.len) != 0))
			continue;
		m->next = i + 1;
		compose_memo_note(m, kind, raw);
		return true;
	}
	return false;
}

struct str *compose_memo_room(struct compose_memo *m)
{
	return &m->text;
}
