#ifndef SEND_PACE_H
#define SEND_PACE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
struct fail;
struct send_gate;
struct settings_rate;
struct settings_relay;
struct store;

/* pace - how long it takes to send to so many: not by the mean speed so far, for whoever
 * has just used up the quota of an hour goes fast, and then not at all. Quotas, warm-up,
 * sending hours and the speed of the relay are all reckoned with. An estimate, for
 * people; what may be sent is decided elsewhere. */
enum { PACE_WINDOWS_MAX = 16 }; /* more are not looked at */
struct pace_window {
	uint64_t count;
	int64_t window_ms;
	uint64_t room;	  /* how many of count may go now */
	int64_t frees_at; /* when those used begin to come back; 0: none is used */
};
struct pace {
	struct pace_window windows[PACE_WINDOWS_MAX];
	size_t count;
	bool warms;			    /* the last window is the warm-up's */
	const struct settings_relay *relay; /* for the warm-up */
	int64_t first_use;		    /* of the relay; 0: never */
	const struct send_gate *gate;	    /* NULL: always open */
	double each_ms; /* how long one takes; 0: not known, or no time at all */
};

/* The windows of the relay, its warm-up's last of all, unused. */
void pace_init(struct pace *p, const struct settings_relay *relay, int64_t first_use,
	const struct send_gate *gate, int64_t now);
/* The same for windows alone. */
void pace_init_rate(struct pace *p, const struct settings_rate *rate, const struct send_gate *gate);
/* Reads from the store what was sent through the relay within its windows, but for those
 * so wide that it would take long. */
int pace_read(struct pace *p, struct store *s, int64_t now, struct fail *f);
/* So many were sent in the last window_ms, the first of them at that moment. */
void pace_used(struct pace *p, size_t window, uint64_t n, int64_t first);
/* n more have gone by now. */
void pace_spend(struct pace *p, int64_t now, uint64_t n);
/* It is known from elsewhere that none may go until then. */
void pace_held(struct pace *p, int64_t now, int64_t until);
/* When `left` more will have gone; INT64_MAX: not within the years that are worth to know. */
int64_t pace_finish(const struct pace *p, int64_t now, int64_t left);
/* The same where several relays share them, each taking as many as it can; not so exact. */
int64_t pace_finish_all(const struct pace *all, size_t count, int64_t now, int64_t left);
#endif
