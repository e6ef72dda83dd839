#ifndef BASE_VEC_H
#define BASE_VEC_H
#include <stddef.h>

/* vec - a growing array of items of one size. Pointers to items are valid
 * until the next push.
 *	struct vec v; vec_init(&v, sizeof(struct row));
 *	struct row *r = vec_push(&v);
 *	for (size_t i = 0; i < v.len; i++) use((struct row *)vec_at(&v, i)); */
struct vec {
	char *p;
	size_t len, cap, item;
};

void vec_init(struct vec *v, size_t item_size);
void vec_free(struct vec *v);		     /* not what the items point at */
void vec_clear(struct vec *v);		     /* keeps the memory */
void *vec_push(struct vec *v);		     /* one more item, zeroed */
void *vec_at(const struct vec *v, size_t i); /* i < len */
void vec_pop(struct vec *v);		     /* the last one off; len > 0 */
#endif
