#ifndef FETCH_WINDOW_H
#define FETCH_WINDOW_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* window - which messages of a folder are asked for next, by their sequence numbers: at most
 * FETCH_WINDOW at a time, so that neither the memory nor the number of requests depends on how
 * many there are or how far apart their UIDs lie. The server's own count (EXISTS) is the
 * judge of whether a window is whole. A pure state machine. */
struct fetch_window {
	uint32_t next;	   /* the first one not yet listed */
	uint32_t last;	   /* of those that were there when the folder was opened */
	uint32_t from, to; /* the window that was asked for; 0: none */
	uint32_t most;	   /* how many to ask for */
	unsigned tries;	   /* in a row that came back short */
};
enum { FETCH_WINDOW_TRIES = 5 };

/* All of `exists`, which is below UINT32_MAX, from the number `first` on. */
void fetch_window_init(struct fetch_window *w, uint32_t exists, uint32_t first);
/* False: all were listed. */
bool fetch_window_ask(struct fetch_window *w, uint32_t *from, uint32_t *to);
/* The message of that number is gone: those behind it move up (RFC 3501 section 7.4.1). */
void fetch_window_expunged(struct fetch_window *w, uint32_t number);
/* So many of the window were listed. 1: that is all of it; 0: some are missing, and it is
 * asked for anew, in smaller pieces; -1: again and again they are missing. */
int fetch_window_listed(struct fetch_window *w, size_t count);
#endif
