#ifndef CMD_NAMES_H
#define CMD_NAMES_H
#include "cmd/cmd.h"
#include "store/list.h"

/* names - what commands read from their words, with the same messages. */

/* The list of that name; its texts live in app->arena. */
int names_list(struct app *app, const char *name, struct store_list *out, struct fail *f);
/* A mailbox of the configuration. */
struct settings_mailbox;
int names_mailbox(const struct app *app, const char *name, const struct settings_mailbox **out,
	struct fail *f);
/* A campaign number. */
int names_campaign(const char *word, int64_t *id, struct fail *f);
/* A member's address: *wire as it goes on the wire, *key as it is compared, both in app->arena.
 * `name` (may be NULL) gets the name of "Ana <ana@example.org>". */
int names_address(struct app *app, const char *word, struct view *wire, struct view *key,
	struct view *name, struct fail *f);
/* Before the first of several is acted on: are all of them addresses? */
int names_check_addresses(struct app *app, int count, char **words, struct fail *f);
#endif
