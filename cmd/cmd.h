#ifndef CMD_CMD_H
#define CMD_CMD_H
#include "base/arena.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "cmd/opt.h"
#include "cmd/out.h"
struct settings;
struct store;

/* cmd - one subcommand: a row of the table in cmd.c. What it needs is opened
 * before it runs and closed after. */
enum cmd_needs { /* each includes the one before */
	CMD_NOTHING,
	CMD_SETTINGS,
	CMD_STORE_READ,
	CMD_STORE_WRITE,
	CMD_STORE_CREATE, /* made where it is missing */
};
struct app {
	struct settings *settings;
	struct store *store;
	struct arena arena; /* lives as long as the command */
	int64_t now;	    /* when the command began */
	bool json;
	int exit_code; /* of a command that succeeded: 0, or 3 or 75 (DESIGN.md section 9) */
};
enum { CMD_EXIT_PARTLY = 3, CMD_EXIT_RESUMABLE = 75 };

struct cmd {
	const char *noun, *verb; /* verb NULL: the noun alone is the command */
	const char *args;	 /* "NAME FILE", "" for none */
	int min_args, max_args;	 /* max -1: any number */
	const char *summary;	 /* N_(), no capital, no full stop */
	const char *more;	 /* N_(), examples and what is good to know, or NULL */
	enum cmd_needs needs;
	bool reads; /* takes --json */
	/* With the argument "-" a mail server hands it a message: whatever fails but the message
	 * itself is 75, for any other code has the server give up the message (sysexits(3)). */
	bool delivers;
	const struct opt *opts;
	int (*run)(struct app *app, int argc, char **argv, struct fail *f);
};

/* For a command that needs more only now and then: opens it, to be closed with the rest. */
int cmd_open(struct app *app, enum cmd_needs needs, struct fail *f);

int cmd_main(int argc, char **argv); /* the exit code */
#define CMD_PROGRAM "facteur"
#endif
