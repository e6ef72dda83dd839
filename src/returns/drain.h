#ifndef RETURNS_DRAIN_H
#define RETURNS_DRAIN_H
#include <signal.h>
#include "bounce/verdict.h"
struct fail;
struct returns;
struct settings_mailbox;

/* drain - reads a mailbox as far as it goes, and takes everything into account, once each
 * (take.h). What stays in the mailbox is committed by the hundred; what is moved is moved when
 * it is on disk that it was read. */
struct returns_drained {
	size_t read;  /* taken into account now */
	size_t again; /* the same as before under another name: nothing was done */
	size_t kind[BOUNCE_KINDS];
	size_t tied;	 /* by a valid token */
	size_t proposed; /* recipients that somebody has to look at */
	size_t suppressed, unsubscribed;
	size_t asks;	/* who wants to leave, without a token, and is asked whether that is so */
	int64_t paused; /* a campaign that was; 0: none */
};
struct returns_drain_options {
	int64_t (*now)(void);					/* wall clock */
	const volatile sig_atomic_t *stop;			/* not 0: no more; NULL: never */
	void (*progress)(void *ctx, size_t done, size_t total); /* total 0: unknown; may be NULL */
	/* Something that the mailbox did not let us do, in words; may be NULL. */
	void (*note)(void *ctx, struct view words);
	void *ctx;
};
/* What was taken into account before a failure stands, and is counted. */
int returns_drain(struct returns *r, const struct settings_mailbox *box,
	const struct returns_drain_options *o, struct returns_drained *out, struct fail *f);
/* One message from elsewhere: standard input. */
int returns_drain_one(struct returns *r, struct view bytes, int64_t now,
	struct returns_drained *out, struct fail *f);
#endif
