#include "send/rate.h"
#include <assert.h>
#include <string.h>
#include "base/mem.h"

struct rate {
	struct rate_window *windows;
	size_t window_count;
	int64_t *at;		 /* ring of the latest moments */
	size_t size, used, head; /* head: where the next one goes */
};

static uint64_t count_of(const struct rate_window *w)
{
	return w->count < RATE_COUNT_MAX ? w->count : RATE_COUNT_MAX;
}

struct rate *rate_new(const struct rate_window *windows, size_t count)
{
	struct rate *r = mem_alloc(sizeof *r);

	r->windows = mem_dup(windows, count * sizeof *windows);
	r->window_count = count;
	for (size_t i = 0; i < count; i++)
		if (count_of(&windows[i]) > r->size)
			r->size = (size_t)count_of(&windows[i]);
	r->at = mem_alloc(r->size * sizeof *r->at);
	return r;
}

void rate_free(struct rate **r)
{
	if (*r == NULL)
		return;
	free((*r)->windows);
	free((*r)->at);
	free(*r);
	*r = NULL;
}

uint64_t rate_most(const struct rate *r)
{
	uint64_t most = UINT64_MAX;

	for (size_t i = 0; i < r->window_count; i++)
		if (count_of(&r->windows[i]) < most)
			most = count_of(&r->windows[i]);
	return most;
}

uint64_t rate_memory(const struct rate *r, int64_t *window_ms)
{
	*window_ms = 0;
	for (size_t i = 0; i < r->window_count; i++)
		if ((int64_t)r->windows[i].window_ms > *window_ms)
			*window_ms = (int64_t)r->windows[i].window_ms;
	return r->size;
}

/* The moment of the take that was the nth latest; n from 1 to used. */
static int64_t latest(const struct rate *r, size_t n)
{
	return r->at[(r->head + r->size - n) % r->size];
}

/* How many of the latest takes are younger than `since`. */
static size_t younger(const struct rate *r, int64_t since)
{
	size_t low = 0, high = r->used;

	while (low < high) {
		size_t middle = low + (high - low + 1) / 2;

		if (latest(r, middle) > since)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

uint64_t rate_room(const struct rate *r, int64_t now)
{
	uint64_t room = UINT64_MAX;

	for (size_t i = 0; i < r->window_count; i++) {
		uint64_t count = count_of(&r->windows[i]);
		uint64_t used = younger(r, now - (int64_t)r->windows[i].window_ms);
		uint64_t left = used < count ? count - used : 0;

		room = left < room ? left : room;
	}
	return room;
}

int64_t rate_next(const struct rate *r, int64_t now, uint64_t n)
{
	int64_t at = now;

	for (size_t i = 0; i < r->window_count; i++) {
		const struct rate_window *w = &r->windows[i];
		uint64_t count = count_of(w);
		int64_t free_at;

		assert(n <= count);
		/* With n more, the take `count` back must have left the window. */
		if (n == 0 || r->used + n <= count)
			continue;
		free_at = latest(r, (size_t)(count - n + 1)) + (int64_t)w->window_ms;
		if (free_at > at)
			at = free_at;
	}
	return at;
}

void rate_take(struct rate *r, int64_t now, uint64_t n)
{
	for (; r->size > 0 && n > 0; n--) {
		r->at[r->head] = now;
		r->head = (r->head + 1) % r->size;
		if (r->used < r->size)
			r->used++;
	}
}
