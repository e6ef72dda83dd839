#ifndef STORE_MEMBER_H
#define STORE_MEMBER_H
#include "store/store_private.h"
#include "store/subscriber.h"

/* member - one row becomes a member of a list: what `add` and an import have in
 * common. Inside a transaction. */
struct store_members {
	struct store *s;
	int64_t list, now;
	struct view source;
	int64_t last_contact; /* the sequence, kept here while many are added */
	bool suppressions;    /* there are any at all */
	struct str merged;    /* fields */
	/* Rows come in the order of their keys (the caller sets it): what is known
	 * of the contact that stands next spares the question for most new ones. */
	bool sorted;
	enum { AHEAD_UNKNOWN, AHEAD_KEY, AHEAD_NOBODY } ahead;
	struct str ahead_key;
};
int store_members_begin(struct store_members *m, struct store *s, int64_t list, struct view source,
	int64_t now, struct fail *f);
/* `row` was checked by store_member_check(). *contact may be NULL. */
int store_member_put(struct store_members *m, const struct store_import_row *row,
	enum store_added *added, int64_t *contact, struct fail *f);
/* Keeps ret, or -1; frees. Does not commit. */
int store_members_end(struct store_members *m, int ret, struct fail *f);

int store_member_check(const struct store_import_row *row, struct fail *f);
#endif
