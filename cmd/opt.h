#ifndef CMD_OPT_H
#define CMD_OPT_H
#include <stdbool.h>
#include <stddef.h>
struct fail;

/* opt - options as data: what the parser reads, -h prints, and completion and
 * the manual are made from. */
enum opt_kind {
	OPT_END = 0,
	OPT_FLAG,   /* bool: set to true */
	OPT_TEXT,   /* const char *: the last one given wins */
	OPT_UINT,   /* struct opt_uint */
	OPT_LIST,   /* struct opt_list: may be given several times */
	OPT_CHOICE, /* const char *: one of `choices`, separated by | */
};
struct opt_uint {
	bool given;
	unsigned long long n;
};
enum { OPT_LIST_MAX = 64 };
struct opt_list {
	const char *item[OPT_LIST_MAX];
	size_t len;
};
struct opt {
	enum opt_kind kind;
	char letter;	  /* 0: none */
	const char *name; /* without "--" */
	void *value;
	const char *arg;  /* "FILE"; for OPT_CHOICE the choices, "a|b|c" */
	const char *help; /* N_() */
};

/* Reads options of the tables (tables[n] ends with NULL) wherever they stand in
 * argv[1..argc-1], as far as "--", and moves what is left to the front.
 * Returns how many are left, or -1 with FAIL_USAGE. With stop_at_word the
 * first argument that is no option ends the reading. */
int opt_parse(
	const struct opt *const *tables, int argc, char **argv, bool stop_at_word, struct fail *f);

/* The nearest of `count` names to a mistyped one, or NULL when none is near. */
const char *opt_did_you_mean(const char *typed, const char *const *names, size_t count);
#endif
