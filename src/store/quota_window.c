#include "store/quota_window.h"
#include <string.h>

void quota_window_init(struct quota_window *w, int64_t count, int64_t length)
{
	w->count = count;
	w->length = length;
	vec_init(&w->use, sizeof(struct quota_use));
}

void quota_window_free(struct quota_window *w)
{
	vec_free(&w->use);
}

static int64_t bucket_size(const struct quota_window *w)
{
	return (w->length + QUOTA_BUCKETS - 1) / QUOTA_BUCKETS;
}

int64_t quota_window_bucket(const struct quota_window *w, int64_t at)
{
	return at / bucket_size(w);
}

/* From then on its end, the earliest moment that is surely after all that is in it, is
 * a whole window ago. */
static int64_t leaves_at(const struct quota_window *w, int64_t bucket)
{
	return (bucket + 1) * bucket_size(w) + w->length;
}

int64_t quota_window_left(const struct quota_window *w, int64_t now)
{
	return (now - w->length) / bucket_size(w) - 1;
}

void quota_window_add(struct quota_window *w, int64_t bucket, int64_t n)
{
	struct quota_use *u, new = {bucket, 0};
	size_t at = w->use.len;

	while (at > 0 && ((struct quota_use *)vec_at(&w->use, at - 1))->bucket > bucket)
		at--;
	u = at > 0 ? vec_at(&w->use, at - 1) : NULL;
	if (u == NULL || u->bucket != bucket) {
		(void)vec_push(&w->use);
		u = vec_at(&w->use, at);
		memmove(u + 1, u, (w->use.len - 1 - at) * sizeof *u);
		*u = new;
	}
	u->n += n;
}

static int64_t used(const struct quota_window *w, int64_t now)
{
	int64_t sum = 0;

	for (size_t i = w->use.len; i-- > 0;) {
		const struct quota_use *u = vec_at(&w->use, i);

		if (leaves_at(w, u->bucket) <= now)
			break;
		sum += u->n;
	}
	return sum;
}

int64_t quota_window_room(const struct quota_window *w, int64_t now, int64_t held)
{
	int64_t taken = used(w, now) + held;

	return taken < w->count ? w->count - taken : 0;
}

int64_t quota_window_next(const struct quota_window *w, int64_t now, int64_t held, int64_t n)
{
	int64_t over = used(w, now) + held - w->count + n;

	for (size_t i = 0; over > 0 && i < w->use.len; i++) {
		const struct quota_use *u = vec_at(&w->use, i);

		if (leaves_at(w, u->bucket) <= now)
			continue;
		over -= u->n;
		if (over <= 0)
			return leaves_at(w, u->bucket);
	}
	return over > 0 ? INT64_MAX : now;
}
