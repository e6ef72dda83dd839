#ifndef FETCH_IMAP_PRIVATE_H
#define FETCH_IMAP_PRIVATE_H
#include "fetch/fetch_private.h"
#include "fetch/imap.h"

/* The inside of the messages of a folder: imap_list.c (which there are), imap_source.c (one
 * after the other), imap_settle.c (what becomes of them). */
enum imap_state {
	IMAP_TO_LOAD,
	IMAP_ASKED,   /* its batch is on its way */
	IMAP_GIVEN,   /* to the caller */
	IMAP_SETTLED, /* he has said what shall become of it, which is not done yet */
	IMAP_DONE
};
enum { IMAP_NO_FOLDER = UINT16_MAX, IMAP_FOLDERS_MAX = 1000 };
struct imap_entry {
	uint32_t uid;
	uint16_t state, folder; /* SETTLED: to that one, or marked seen */
	uint64_t size;		/* as the server says; 0: not said */
};
struct imap_source {
	struct fetch fetch;
	struct imap imap;
	struct vec entries;		  /* of the window, by their UIDs */
	size_t batch, batch_end, cleared; /* all before `cleared` are DONE */
	size_t arrived;			  /* of the batch */
	bool running; /* the answer to the batch's command is not read to its end */
	uint32_t current;
	uint32_t validity, done; /* the cursor */
	uint32_t passed;	 /* all up to that UID were asked for, or had before */
	bool stuck;		 /* something was never settled: the cursor stays before it */
	char space[32], name[16];
	struct vec folders; /* char *: names that were moved to */
	struct str set;
	bool told_move; /* it was noted that nothing can be moved here */
};
struct imap_entry *imap_entry_at(const struct imap_source *s, size_t i);
struct imap_entry *imap_find_entry(const struct imap_source *s, uint32_t uid); /* or NULL */
/* 1: another window stands in `entries`, what is known already DONE; 0: there is none; -1. */
int imap_next_window(struct imap_source *s, struct fail *f);
/* The number of the first message behind `passed`. */
int imap_locate(struct imap_source *s, uint32_t *first, struct fail *f);
/* Its number in `folders`. */
uint16_t imap_folder_number(struct imap_source *s, const char *folder);
bool imap_any_settled(const struct imap_source *s);
/* Does what was said, for the batch that is through. */
int imap_settle_batch(struct imap_source *s, struct fail *f);
/* Opens the folder for writing, where it was opened for reading only. */
int imap_source_reselect(struct imap_source *s, struct fail *f);
#endif
