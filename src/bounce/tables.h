#ifndef BOUNCE_TABLES_H
#define BOUNCE_TABLES_H
#include "bounce/reason.h"

/* tables - what is known of how mail systems and providers word things: data, a file for each
 * table, each row with a name that the evidence gives and an example that must hit it (a test
 * sees to that). Phrases are written as words.h folds text: small letters, no accents, single
 * blanks, "@" for an address, no reply codes. The first row that fits decides, so the
 * specific stand before the general. */
enum bounce_command { /* what was answered */
	COMMAND_NONE,
	COMMAND_CONNECT, /* the greeting, EHLO */
	COMMAND_MAIL,
	COMMAND_RCPT,
	COMMAND_DATA,
};
enum row_when { /* all that are set must hold */
	WHEN_4 = 1 << 0,
	WHEN_5 = 1 << 1,
	WHEN_CONNECT = 1 << 2,
	WHEN_MAIL = 1 << 3,
	WHEN_RCPT = 1 << 4,
	WHEN_DATA = 1 << 5,
	/* That somebody is unknown is believed to the letter only where it was said of the
	 * recipient: in answer to RCPT or with a status that says so. */
	WHEN_PROOF = 1 << 6,
};
struct bounce_row {
	const char *name;
	const char *a, *b;    /* both must stand in the text; b may be NULL */
	unsigned short value; /* of the table's own enum */
	unsigned char when;
	unsigned char confidence; /* 0 to 100 */
	const char *status;	  /* "5.4.1", "*.7.1": its own; or NULL */
	const char *domain;	  /* the recipient's or the text's must end so; or NULL */
	const char *example;
};
enum table {
	TABLE_RECEIVERS, /* a reason: providers that have a wording or a code of their own */
	TABLE_SENDER,	 /* a reason, in the order of these five */
	TABLE_MAILBOX,
	TABLE_MESSAGE,
	TABLE_ADDRESS,
	TABLE_SYSTEM,
	TABLE_COMMANDS, /* enum bounce_command */
	TABLE_WRITERS,	/* enum writer_says: who wrote it, and that it is a report */
	TABLE_ENDS,	/* the line after which the returned message stands */
	TABLE_DELAYS,	/* enum delay_says: still being tried, or given up */
	TABLE_KINDS,	/* enum bounce_kind: challenges, automatic replies by their text */
	TABLE_SUBJECTS, /* enum bounce_kind: by the subject alone */
	TABLE_LEADS,	/* 0: the address follows */
	TABLES
};
struct bounce_table {
	const struct bounce_row *row;
	size_t count;
};
extern const struct bounce_table *const bounce_tables[TABLES];

enum writer_says {
	WRITER_REPORT = 1, /* sure: nobody else writes this */
	WRITER_MAYBE = 2   /* where it comes from a mail system */
};
enum delay_says { DELAY_YES = 1, DELAY_GIVEN_UP = 2 };

/* Why, from status and reply code alone (RFC 3463, RFC 5321); REASON_UNKNOWN: they say nothing. */
struct bounce_status {
	unsigned short klass, subject, detail;
};
/* Reads "5.1.1"; all zero where it is none. */
struct bounce_status bounce_status_of(struct view text);
enum bounce_reason bounce_reason_of_status(struct bounce_status s, const char **rule);
enum bounce_reason bounce_reason_of_code(int code, const char **rule);
#endif
