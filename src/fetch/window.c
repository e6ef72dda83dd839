#include "fetch/window.h"
#include "fetch/fetch.h"

void fetch_window_init(struct fetch_window *w, uint32_t exists, uint32_t first)
{
	*w = (struct fetch_window){.next = first, .last = exists, .most = FETCH_WINDOW};
}

bool fetch_window_ask(struct fetch_window *w, uint32_t *from, uint32_t *to)
{
	if (w->next > w->last)
		return false;
	w->from = w->next;
	w->to = w->last - w->from < w->most ? w->last : w->from + w->most - 1;
	*from = w->from;
	*to = w->to;
	return true;
}

void fetch_window_expunged(struct fetch_window *w, uint32_t number)
{
	if (number == 0 || number > w->last)
		return; /* one that came later, or nonsense */
	w->last--;
	if (number < w->next)
		w->next--;
	if (w->from == 0)
		return;
	if (number < w->from)
		w->from--;
	if (number <= w->to)
		w->to--;
}

int fetch_window_listed(struct fetch_window *w, size_t count)
{
	size_t wanted = w->to + (size_t)1 - w->from;

	if (count >= wanted) {
		w->next = w->to + 1;
		w->from = w->to = 0;
		w->tries = 0;
		w->most = FETCH_WINDOW;
		return 1;
	}
	w->from = w->to = 0;
	w->most = w->most / 4 + 1;
	return ++w->tries < FETCH_WINDOW_TRIES ? 0 : -1;
}
