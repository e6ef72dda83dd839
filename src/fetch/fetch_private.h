#ifndef FETCH_PRIVATE_H
#define FETCH_PRIVATE_H
#include "base/fail.h"
#include "base/str.h"
#include "fetch/fetch.h"

/* The inside of a source of messages: each has a struct that begins with a struct fetch. */
struct fetch_ops {
	int (*next)(struct fetch *fetch, struct fetch_message *out, struct fail *f);
	/* Of the message given last, which was not settled yet. */
	int (*settle)(
		struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f);
	void (*close)(struct fetch *fetch); /* and frees it */
};
enum { FETCH_CURSOR_MAX = 128, FETCH_NOTE_MAX = 1024 };
struct fetch {
	const struct fetch_ops *ops;
	fetch_known_fn known;
	void *known_ctx;
	fetch_waits_fn waits;
	void *waits_ctx;
	struct str cursor, note;
	size_t total;
	bool given; /* a message was, and is not settled */
};
void fetch_init(struct fetch *fetch, const struct fetch_ops *ops);
void fetch_done(struct fetch *fetch); /* frees what fetch_init() made, not fetch */
/* 1: the caller had it already; 0, -1. */
int fetch_ask_known(struct fetch *fetch, struct view space, struct view name, struct fail *f);
/* The caller hears that a server keeps us waiting; NULL: there is none. 0, -1. */
int fetch_tell_wait(struct fetch *fetch, struct fail *f);
/* What could not be done, unless something is noted already. */
void fetch_note_set(struct fetch *fetch, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* For a source that nothing can be done in: the message is left, whatever is wanted. */
int fetch_settle_nothing(
	struct fetch *fetch, enum fetch_fate fate, const char *folder, struct fail *f);

int fetch_imap_open(
	const struct settings_mailbox *box, struct view cursor, struct fetch **out, struct fail *f);
int fetch_pop3_open(const struct settings_mailbox *box, struct fetch **out, struct fail *f);
int fetch_maildir_open(const char *path, struct fetch **out, struct fail *f);
/* The files of a folder, each a message. */
int fetch_folder_open(const char *path, struct fetch **out, struct fail *f);
int fetch_mbox_open(const char *path, struct fetch **out, struct fail *f);
/* An mbox or one message, as its first words say; the descriptor is taken over. */
int fetch_stream_open(int fd, const char *path, struct fetch **out, struct fail *f);

/* A regular file and nothing else (no link, no pipe, no device): its descriptor, or -1 with
 * errno. */
int fetch_open_regular(int folder, const char *name);
/* All of it up to FETCH_MESSAGE_MAX; *cut where there is more. 0, or -1 with errno. */
int fetch_read_fd(int fd, struct str *out, bool *cut);
#endif
