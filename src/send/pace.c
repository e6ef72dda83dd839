#include "send/pace.h"
#include "send/gate.h"
#include "send/warmup.h"
#include "settings/settings.h"
#include "store/watch.h"

enum {
	PACE_EXACT_MS = 500,	/* of several relays */
	PACE_PIECES_MAX = 4000, /* days, or steps of a warm-up: ten years */
	PACE_READ_MAX = 100000, /* of a window's count: more are not looked up one by one */
};

static void add_windows(struct pace *p, const struct settings_rate *rate)
{
	for (size_t i = 0; i < rate->count && p->count < PACE_WINDOWS_MAX - 1; i++) {
		const struct settings_window *w = &rate->items[i];

		p->windows[p->count++] =
			(struct pace_window){w->count, (int64_t)w->window_ms, w->count, 0};
	}
}

void pace_init_rate(struct pace *p, const struct settings_rate *rate, const struct send_gate *gate)
{
	static const struct settings_relay cold; /* no warm-up */

	*p = (struct pace){.relay = &cold, .gate = gate};
	add_windows(p, rate);
}

void pace_init(struct pace *p, const struct settings_relay *relay, int64_t first_use,
	const struct send_gate *gate, int64_t now)
{
	struct settings_window warm;

	if (first_use == 0)
		first_use = now; /* it will be */
	*p = (struct pace){.relay = relay, .first_use = first_use, .gate = gate};
	add_windows(p, &relay->rate);
	p->warms = send_warmup_window(&relay->warmup, first_use, now, &warm);
	if (p->warms)
		p->windows[p->count++] =
			(struct pace_window){warm.count, (int64_t)warm.window_ms, warm.count, 0};
}

void pace_used(struct pace *p, size_t window, uint64_t n, int64_t first)
{
	struct pace_window *w = &p->windows[window];

	w->room = n < w->count ? w->count - n : 0;
	w->frees_at = n > 0 ? first + w->window_ms : 0;
}

int pace_read(struct pace *p, struct store *s, int64_t now, struct fail *f)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct pace_window *w = &p->windows[i];
		struct store_watch_use use;

		if (w->count > PACE_READ_MAX)
			continue;
		if (store_watch_relay(s, view_of(p->relay->name), now - w->window_ms, &use, f) < 0)
			return -1;
		pace_used(p, i, (uint64_t)use.n, use.first);
	}
	return 0;
}

/* What came back meanwhile. It is taken to come back at once, as it mostly went. */
static void refresh(struct pace *p, int64_t now)
{
	for (size_t i = 0; i < p->count; i++) {
		struct pace_window *w = &p->windows[i];

		if (w->frees_at <= now) {
			w->room = w->count;
			w->frees_at = 0;
		}
	}
}

/* The warm-up's window, which is the last, at that moment; gone when it is over. */
static void warm(struct pace *p, int64_t now)
{
	struct pace_window *w = &p->windows[p->count - p->warms];
	struct settings_window at;

	if (!p->warms)
		return;
	p->warms = send_warmup_window(&p->relay->warmup, p->first_use, now, &at);
	if (!p->warms) {
		p->count--;
		return;
	}
	w->room += at.count - w->count;
	w->count = at.count;
}

static double slowness(const struct pace_window *w)
{
	return (double)w->window_ms / (double)w->count;
}

/* How long until the nth goes when nothing is used yet: each window lets its count go at
 * once and then makes wait, so the slowest one is filled first, what is over goes to the
 * next slowest, and the rest takes the time it takes. */
static double fresh_ms(const struct pace *p, uint64_t n)
{
	bool done[PACE_WINDOWS_MAX] = {false};
	double ms = 0;

	for (;;) {
		size_t slowest = p->count;
		uint64_t whole;

		for (size_t i = 0; i < p->count; i++)
			if (!done[i] && slowness(&p->windows[i]) > p->each_ms &&
				(slowest == p->count ||
					slowness(&p->windows[i]) > slowness(&p->windows[slowest])))
				slowest = i;
		if (slowest == p->count)
			return ms + (double)n * p->each_ms;
		done[slowest] = true;
		whole = n / p->windows[slowest].count;
		ms += (double)whole * (double)p->windows[slowest].window_ms;
		n %= p->windows[slowest].count;
	}
}

/* How long until n have gone, from now on and with what is used. */
static double takes_ms(const struct pace *p, int64_t now, uint64_t n)
{
	double ms = n > 0 ? fresh_ms(p, n - 1) + p->each_ms : 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct pace_window *w = &p->windows[i];
		double wait;

		if (n <= w->room || w->frees_at == 0)
			continue;
		wait = (double)(w->frees_at - now) + fresh_ms(p, n - 1 - w->room) + p->each_ms;
		if (wait > ms)
			ms = wait;
	}
	return ms;
}

/* The most that go within that time. */
static uint64_t goes_within(const struct pace *p, int64_t now, uint64_t most, double ms)
{
	uint64_t low = 0, high = most;

	while (low < high) {
		uint64_t middle = low + (high - low + 1) / 2;

		if (takes_ms(p, now, middle) <= ms)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* n have gone from now on. */
static void spend(struct pace *p, int64_t now, uint64_t n)
{
	for (size_t i = 0; i < p->count; i++) {
		struct pace_window *w = &p->windows[i];
		int64_t first = w->frees_at != 0 ? w->frees_at : now + w->window_ms;
		uint64_t last; /* how many went before the last one, once the first came back */

		if (n == 0)
			continue;
		w->frees_at = first;
		if (n <= w->room) {
			w->room -= n;
			continue;
		}
		last = n - w->room - 1;
		w->frees_at += (int64_t)(last / w->count + 1) * w->window_ms;
		w->room = w->count - 1 - last % w->count;
	}
}

void pace_spend(struct pace *p, int64_t now, uint64_t n)
{
	warm(p, now);
	refresh(p, now);
	spend(p, now, n);
}

/* It is the window whose length fits best that holds. */
void pace_held(struct pace *p, int64_t now, int64_t until)
{
	struct pace_window *best = NULL;

	for (size_t i = 0; i < p->count; i++) {
		struct pace_window *w = &p->windows[i];

		if (until - now <= w->window_ms && (best == NULL || w->window_ms < best->window_ms))
			best = w;
	}
	if (best == NULL)
		return;
	best->room = 0;
	best->frees_at = until;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Piece by piece: the hours of a day, the steps of a warm-up. Until `end` at most: *at is the
 * moment when the last of `left` has gone, or `end`, and what is left is returned. */
static int64_t go(const struct pace *pace, int64_t now, int64_t end, int64_t left, int64_t *at)
{
	struct pace p = *pace;
	static const struct send_gate open;
	const struct send_gate *gate = p.gate != NULL ? p.gate : &open;

	for (int i = 0; i < PACE_PIECES_MAX && left > 0 && now < end; i++) {
		int64_t stop;
		uint64_t gone;
		double ms;

		now = send_gate_opens(gate, now);
		if (now >= end)
			break;
		warm(&p, now);
		refresh(&p, now);
		stop = least(least(send_gate_closes(gate, now),
				     send_warmup_next(&p.relay->warmup, p.first_use, now)),
			end);
		ms = takes_ms(&p, now, (uint64_t)left);
		if (ms < (double)(stop - now)) {
			*at = now + (int64_t)ms;
			return 0;
		}
		gone = goes_within(&p, now, (uint64_t)left, (double)(stop - now) - 1);
		spend(&p, now, gone);
		left -= (int64_t)gone;
		now = stop;
	}
	*at = left > 0 ? end : now;
	return left;
}

int64_t pace_finish(const struct pace *p, int64_t now, int64_t left)
{
	int64_t at;

	return go(p, now, INT64_MAX, left, &at) > 0 ? INT64_MAX : at;
}

static bool all_gone(const struct pace *all, size_t count, int64_t now, int64_t end, int64_t left)
{
	int64_t at;

	for (size_t i = 0; i < count && left > 0; i++)
		left = go(&all[i], now, end, left, &at);
	return left == 0;
}

/* Together they are not slower than the best of them alone. */
int64_t pace_finish_all(const struct pace *all, size_t count, int64_t now, int64_t left)
{
	int64_t early = now, late = INT64_MAX;

	for (size_t i = 0; i < count; i++)
		late = least(late, pace_finish(&all[i], now, left));
	while (count > 1 && late < INT64_MAX && late - early > PACE_EXACT_MS) {
		int64_t middle = early + (late - early) / 2;

		if (all_gone(all, count, now, middle, left))
			late = middle;
		else
			early = middle;
	}
	return late;
}
