#include "base/vec.h"
#include <assert.h>
#include <stdint.h>
#include "base/mem.h"

enum { VEC_FIRST = 8 };

void vec_init(struct vec *v, size_t item_size)
{
	*v = (struct vec){.item = item_size};
}

void vec_free(struct vec *v)
{
	free(v->p);
	vec_init(v, v->item);
}

void vec_clear(struct vec *v)
{
	v->len = 0;
}

void *vec_at(const struct vec *v, size_t i)
{
	assert(i < v->len);
	return v->p + i * v->item;
}

void *vec_push(struct vec *v)
{
	if (v->len == v->cap) {
		size_t cap = v->cap > 0 ? v->cap * 2 : VEC_FIRST;

		if (cap > SIZE_MAX / v->item)
			mem_out();
		v->p = mem_grow(v->p, cap * v->item);
		v->cap = cap;
	}
	return memset(v->p + v->len++ * v->item, 0, v->item);
}

void vec_pop(struct vec *v)
{
	assert(v->len > 0);
	v->len--;
}
