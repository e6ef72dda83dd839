#include <assert.h>
#include "base/utf8.h"
#include "mail/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct view text)
{
	assert(text.len <= MESSAGE_TEXT_MAX && utf8_valid(text, NULL));
	assert(text.len == 0 || memchr(text.p, '\0', text.len) == NULL);
}

static void check_part(struct message *m, const struct message_part *part, size_t number)
{
	struct view body = message_body(m, part);

	assert(part->number == number && part->depth <= MESSAGE_DEPTH_MAX && part->type.len > 0);
	assert(part->field_count <= MESSAGE_FIELDS_MAX);
	assert(number == 0 ? part == m->root : part->parent->depth + 1 == part->depth);
	assert(view_eq(message_body(m, part), body));
	if (view_starts(part->type, VIEW("text/")) || view_starts(part->type, VIEW("multipart/")))
		check_text(body);
	if (view_is(part->type, "text/html"))
		check_text(message_words(m, part));
	for (const struct message_part *p = part->first; p != NULL; p = p->next)
		assert(p->parent == part && p->number > number);
}

/* Whatever comes in is a tree within the limits, and its text is text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct message m;

	arena_init(&a);
	message_read(view_make((const char *)data, size), &a, &m);
	assert(m.part_count >= 1 && m.part_count <= MESSAGE_PARTS_MAX);
	for (size_t i = 0; i < m.part_count; i++)
		check_part(&m, m.parts[i], i);
	check_text(message_text(&m, m.root, "Subject"));
	check_text(message_param(&m, m.root, "Content-Type", "boundary"));
	arena_free(&a);
	return 0;
}
