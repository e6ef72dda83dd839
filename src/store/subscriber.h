#ifndef STORE_SUBSCRIBER_H
#define STORE_SUBSCRIBER_H
#include "base/arena.h"
struct store;
struct fail;

/* subscriber - a contact (one per normalised address, whatever lists it is on)
 * and its subscriptions. `key` is what mail/addr makes for comparing; `address`
 * is what goes on the wire. `fields` is a JSON object of texts, the variables
 * of templates, "{}" when there are none. */
enum store_subscription { STORE_SUBSCRIBED = 0, STORE_UNSUBSCRIBED = 1, STORE_REMOVED = 2 };
struct store_subscriber {
	int64_t contact;
	struct view key, address, name, fields;
	enum store_subscription state;
	bool suppressed;
	int64_t since;	    /* on this list, in this state */
	struct view source; /* proof of consent: where the subscription came from */
};

/* What an add or an import does with one row. An unsubscribed member is never
 * subscribed again by these. To a contact that is known they bring a name and
 * fields that are not empty; other fields, and its address, stay as they were. */
enum store_added {
	STORE_ADDED,	 /* on the list now, was not before */
	STORE_UPDATED,	 /* was on it; name or fields changed */
	STORE_DUPLICATE, /* was on it, or earlier in the same import; nothing changed */
	STORE_KEPT_OUT,	 /* has unsubscribed from this list; stays so */
};
int store_subscriber_add(struct store *s, int64_t list, const struct store_subscriber *in,
	int64_t now, enum store_added *out, struct fail *f);
/* 1 removed, 0 was not on it, -1 failed. The contact stays. */
int store_subscriber_remove(
	struct store *s, int64_t list, struct view key, int64_t now, struct fail *f);
/* Subscribed ones by contact id; stop by returning non-zero (its value is returned
 * when negative, with f set by the callback). */
typedef int (*store_subscriber_fn)(void *ctx, const struct store_subscriber *who, struct fail *f);
int store_subscriber_each(
	struct store *s, int64_t list, store_subscriber_fn fn, void *ctx, struct fail *f);
/* 1 found, 0 nobody, -1 failed. `list` 0: the contact alone (state, since, source unset). */
int store_subscriber_get(struct store *s, int64_t list, struct view key, struct arena *a,
	struct store_subscriber *out, struct fail *f);

/* An import: rows are staged, and one transaction at the end makes them
 * members: all or nothing. Of rows with the same key the first one counts.
 * Memory is constant in the number of rows. One import at a time per store, and
 * no other writing call between begin and finish. */
struct store_import;
struct store_import_options {
	int64_t list;
	struct view source; /* file name, as proof of consent */
	int64_t now;
};
struct store_import_row {
	struct view key, address, name, fields;
};
struct store_import_counts {
	uint64_t added, updated, duplicate;
	uint64_t kept_out; /* of the duplicates: those that had unsubscribed */
};
int store_import_begin(struct store *s, const struct store_import_options *o,
	struct store_import **out, struct fail *f);
int store_import_row(struct store_import *i, const struct store_import_row *row, struct fail *f);
/* Both free *i. */
int store_import_finish(struct store_import **i, struct store_import_counts *out, struct fail *f);
void store_import_abort(struct store_import **i);
#endif
