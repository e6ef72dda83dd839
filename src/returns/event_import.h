#ifndef RETURNS_EVENT_IMPORT_H
#define RETURNS_EVENT_IMPORT_H
#include "returns/event.h"
struct returns;

/* event_import - the events of a file of any size, each taken into account at once: what was
 * read before something fails is safe, and reading it again changes nothing. */

/* What is done with an event: 0, or -1 with f. */
typedef int (*event_fn)(void *ctx, const struct event *e, struct fail *f);

/* event_take() is one: it goes through returns_take() (take.h) and is counted. */
struct event_counts {
	uint64_t taken, known;			     /* events, each of one recipient */
	uint64_t failed, delayed, delivered;	     /* of those taken */
	uint64_t complaints, unsubscribes, replies;  /* of those taken */
	uint64_t ours;				     /* that name a message of ours */
	uint64_t suppressed, unsubscribed, proposed; /* members */
	int64_t paused;				     /* a campaign; 0: none */
};
struct event_taker {
	struct returns *returns;
	const char *relay; /* its name; NULL: that of the provider */
	int64_t now;
	struct event_counts counts;
	bool open; /* a commit is being made */
};
int event_take(void *taker, const struct event *e, struct fail *f);
/* What was taken since is on disk: many share a commit. Returns ret, or -1; with ret -1 nothing of
 * it happened. An event_settle_fn. */
int event_settle(void *taker, int ret, struct fail *f);
typedef int (*event_settle_fn)(void *ctx, int ret, struct fail *f);

enum { EVENT_CHUNK = 65536 };
struct event_import {
	enum event_format format;
	event_fn take;
	event_settle_fn settle; /* after each chunk, before the next is waited for; or NULL */
	void *take_ctx;
	/* Each that was refused, "12:5: why"; NULL: nobody hears. */
	void (*refused)(void *ctx, const char *path, const char *why);
	/* How far it is, now and then; size 0: not known. NULL: nobody asks. */
	void (*progress)(void *ctx, uint64_t done, uint64_t size);
	void *ctx;
	const char *rejects_path; /* must not exist yet; NULL: a free name beside the file */
	/* The sums of all files so far. */
	uint64_t ignored, rejected;
};
/* A file, or stdin for "-". *rejects (yours to free; NULL where nothing was refused) is the file
 * with what was: each as it was, after a line "# PATH:LINE:COLUMN: why", so that it can be
 * corrected and imported. FAIL_NOINPUT, FAIL_CREATE, FAIL_STORE, and what `take` says. */
int event_import_file(struct event_import *o, const char *path, char **rejects, struct fail *f);
#endif
