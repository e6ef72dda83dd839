#ifndef CMD_KEYS_H
#define CMD_KEYS_H
#include "mail/token.h"
struct app;
struct fail;

/* keys - those that tell what came back from what was forged (settings/keys.h). The settings
 * must be loaded. 1: read; 0: there are none, and nothing can prove that it is ours; -1: f, also
 * where the store is open and its campaigns have tokens: what is judged without the keys is
 * never judged again. Wipe them (digest_wipe) when done. */
int keys_read(const struct app *app, struct token_keys *out, struct fail *f);
#endif
