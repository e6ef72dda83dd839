#ifndef SETTINGS_KEYS_H
#define SETTINGS_KEYS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
struct fail;

/* keys - the file of secret keys (settings.token_keys) that sign return addresses, Message-IDs and
 * the links to unsubscribe (mail/token.h): kept apart from the database, of which copies are made
 * and which others may be given to read (promise P7).
 *
 * Comments, then a line for each key, the newest first: since when, and 64 hexadecimal digits.
 * It is never changed in place: a new file of 0600 is written beside it, synced, and takes its
 * name, so that it is there as a whole or not at all, whoever else is at it. */
enum { SETTINGS_KEY_SIZE = 32, SETTINGS_KEYS_MAX = 16, SETTINGS_FINGERPRINT_SIZE = 17 };

/* The keys, newest first; `since` may be NULL, as long as `key` otherwise. FAIL_CONF when the file
 * is missing, holds anything else, or can be read by others. Wipe them after use. */
int settings_keys_read(const char *path, unsigned char (*key)[SETTINGS_KEY_SIZE], int64_t *since,
	size_t *count, struct fail *f);
/* What a key is called where it may be seen: the beginning of a hash of it. */
void settings_key_fingerprint(
	const unsigned char key[SETTINGS_KEY_SIZE], char out[SETTINGS_FINGERPRINT_SIZE]);
/* A file with one new key, where there is none. 1: made; 0: there was one, whoever made it;
 * -1: FAIL_CREATE, FAIL_STORE. */
int settings_keys_make(const char *path, int64_t now, struct fail *f);
/* A new key before the others, which are kept but for the one that is one too many; *dropped (may
 * be NULL) says so. Waits for whoever does the same at this moment. */
int settings_keys_rotate(const char *path, int64_t now, bool *dropped, struct fail *f);
#endif
