#ifndef STORE_LIST_H
#define STORE_LIST_H
#include "base/arena.h"
struct store;
struct fail;

/* list - a distribution list: a name for the command line and a title for
 * people. Names are [a-z0-9][a-z0-9._-]*, at most STORE_LIST_NAME_MAX. */
enum { STORE_LIST_NAME_MAX = 64 };
struct store_list {
	int64_t id;
	struct view name;
	struct view title;   /* shown to recipients, in List-Id; empty: the name */
	struct view address; /* To: of bcc messages; empty: undisclosed-recipients */
	int64_t created;
	int64_t subscribed, unsubscribed; /* counts */
};

int store_list_create(struct store *s, struct view name, struct view title, struct view address,
	int64_t now, struct fail *f);
/* FAIL_NOINPUT with the known names (and "did you mean") when there is none. */
int store_list_get(
	struct store *s, struct view name, struct arena *a, struct store_list *out, struct fail *f);
typedef int (*store_list_fn)(void *ctx, const struct store_list *l);
int store_list_each(struct store *s, store_list_fn fn, void *ctx, struct fail *f);
int store_list_edit(struct store *s, int64_t list, struct view title, struct view address,
	int64_t now, struct fail *f);
/* FAIL_GUARD while a campaign that is not over uses it. Contacts stay. */
int store_list_delete(struct store *s, int64_t list, int64_t now, struct fail *f);
#endif
