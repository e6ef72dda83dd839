#ifndef BASE_FAIL_H
#define BASE_FAIL_H
#include <stdarg.h>

/* fail - why something failed, on the caller's stack: no memory, nothing to
 * free. The code that failed says what happened (fail_set), each floor above
 * adds where (fail_wrap), and only cmd/ prints. The kind, never the text,
 * decides the exit code and whether to try again. `struct fail *` is always the
 * last parameter and never NULL; it is untouched on success. */
enum fail_kind {
	FAIL_NONE = 0,
	FAIL_USAGE,   /* the command line is wrong			exit 64 */
	FAIL_DATA,    /* the user's file is wrong			exit 65 */
	FAIL_NOINPUT, /* the file, list, template is not there	exit 66 */
	FAIL_PERM,    /* the relay refused for good, or is unreachable exit 69 */
	FAIL_BUG,     /* our own fault				exit 70 */
	FAIL_CREATE,  /* an output file cannot be made		exit 73 */
	FAIL_STORE,   /* database or disk said no			exit 74 */
	FAIL_TEMP,    /* try again later (4xx, network)		exit 75 */
	FAIL_GUARD,   /* a safety guard said no			exit 77 */
	FAIL_CONF,    /* the configuration is wrong			exit 78 */
};
enum { FAIL_TEXT_MAX = 1024 };
struct fail {
	enum fail_kind kind;
	char text[FAIL_TEXT_MAX]; /* UTF-8, no line end, cut at a character */
};

/* Both return -1, so that `return fail_set(...)` reads well. fail_wrap puts its
 * text and ": " before what is there and keeps the kind. */
int fail_set(struct fail *f, enum fail_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int fail_wrap(struct fail *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#ifdef __clang_analyzer__
/* It reads one file at a time and would try what follows if the -1 were a 0. */
#define fail_set(...)  (fail_set(__VA_ARGS__), -1)
#define fail_wrap(...) (fail_wrap(__VA_ARGS__), -1)
#endif
/* sysexits(3) number for a kind; 0 for FAIL_NONE. */
int fail_exit_code(enum fail_kind kind);
#endif
