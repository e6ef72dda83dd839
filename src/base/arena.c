#include "base/arena.h"
#include <stdalign.h>
#include "base/mem.h"

enum { ARENA_BLOCK = 8192 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
	a->blocks = NULL;
}

static void free_chain(struct arena_block *b)
{
	while (b != NULL) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_free(struct arena *a)
{
	free_chain(a->blocks);
	a->blocks = NULL;
}

void arena_reset(struct arena *a)
{
	if (a->blocks == NULL)
		return;
	free_chain(a->blocks->next);
	a->blocks->next = NULL;
	a->blocks->used = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->blocks;
	char *p;

	if (size > SIZE_MAX / 2)
		mem_out();
	size = (size + align - 1) / align * align;
	if (b == NULL || size > b->size - b->used) {
		size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

		b = mem_grow(NULL, sizeof *b + room);
		b->used = 0;
		b->size = room;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += size;
	return memset(p, 0, size);
}

char *arena_dupz(struct arena *a, struct view v)
{
	char *p = arena_alloc(a, v.len + 1);

	if (v.len > 0)
		memcpy(p, v.p, v.len);
	return p;
}

struct view arena_dup(struct arena *a, struct view v)
{
	return view_make(arena_dupz(a, v), v.len);
}
