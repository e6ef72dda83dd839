#ifndef SETTINGS_SECRET_H
#define SETTINGS_SECRET_H
#include "base/str.h"
struct fail;

/* secret - the only place that reads passwords (promise P7). A secret is
 * described, never carried around: whoever logs in reads it with
 * settings_secret_read(), uses it, and wipes it. It never stands in an error. */
enum {
	SETTINGS_SECRET_MAX = 4096,	     /* bytes of the secret itself */
	SETTINGS_SECRET_OUTPUT_MAX = 65536,  /* what a file or a command may hold in all */
	SETTINGS_SECRET_TIMEOUT_MS = 120000, /* a person may have to type a passphrase */
};

/* At most one of the four is set; all NULL: there is no secret. */
struct settings_secret {
	char *value;	/* password: written in the configuration itself */
	char *file;	/* password_file: its first line */
	char **command; /* password_command: argv ending in NULL, run without a shell */
	char *env;	/* password_env: name of a variable of this process */
};

bool settings_secret_is_set(const struct settings_secret *secret);

/* Adds the secret to out, which must be made with max >= SETTINGS_SECRET_MAX.
 * A command gets no stdin and keeps our stderr; its first line counts. Returns
 * 0, or -1 with FAIL_CONF and out as it was: nothing set, a file that others
 * can read, a command that failed or took too long, an empty secret. */
int settings_secret_read(const struct settings_secret *secret, struct str *out, struct fail *f);
/* The same where a command may not take so long: other work waits meanwhile. */
int settings_secret_read_within(
	const struct settings_secret *secret, int timeout_ms, struct str *out, struct fail *f);

/* Refuses a private key (FAIL_CONF) that is not there or that everybody can read. */
int settings_secret_check_key(const char *path, struct fail *f);

/* Overwrites the bytes, then frees them, as str_free(). */
void settings_secret_wipe(struct str *secret);
#endif
