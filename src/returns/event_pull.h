#ifndef RETURNS_EVENT_PULL_H
#define RETURNS_EVENT_PULL_H
#include "returns/event_import.h"
struct settings;
struct settings_relay;
struct store;

/* event_pull - asks a provider what became of the messages. Mailjet has such an API: GET
 * /messagestate once for the words that its reasons have, then /message, which tells of 1,000
 * messages a request how each ended, to whom it went and which token it bore.
 *
 * How far a pull came is stored when it is complete. A failure may be told days after its message
 * was taken, so the next one begins EVENT_PULL_OVERLAP_MS before; what was had is known by its
 * name. Between requests there is a pause; 429 and 5xx are waited for as the provider says. */
#define EVENT_PULL_OVERLAP_MS (6 * (int64_t)TIME_DAY)  /* it tries for five */
#define EVENT_PULL_FIRST_MS   (30 * (int64_t)TIME_DAY) /* how far back the first one goes */
enum {
	EVENT_PULL_PAGE = 1000,
	EVENT_PULL_PAGES_MAX = 20000,
	EVENT_PULL_TRIES = 6, /* of one request */
	EVENT_PULL_PAUSE_MS = 200,
	EVENT_PULL_BACKOFF_MS = 1000,	 /* then twice as long each time */
	EVENT_PULL_WAIT_MAX_MS = 600000, /* a provider that wants more is left for later */
};

struct event_pull {
	struct store *store;
	const struct settings *settings;
	const struct settings_relay *relay;
	event_fn take;
	event_settle_fn settle; /* after each page */
	void *take_ctx;
	/* Waits so long; -1 with f when it shall end instead. */
	int (*wait)(void *ctx, int64_t ms, struct fail *f);
	/* An event that is not understood, in words; NULL: nobody hears. */
	void (*refused)(void *ctx, const char *path, const char *why);
	void (*progress)(void *ctx, uint64_t messages); /* or NULL */
	void *ctx;
	int64_t since; /* ms; 0: from where the last pull ended */
	int64_t now;
	uint64_t messages, requests, ignored, rejected; /* counted */
};
/* 0, or -1: FAIL_CONF (no such API is known, no login), FAIL_PERM (it refused us, or its answer
 * is none), FAIL_TEMP (try again later). What was taken before stays. */
int event_pull_run(struct event_pull *p, struct fail *f);
#endif
