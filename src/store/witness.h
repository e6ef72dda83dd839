#ifndef STORE_WITNESS_H
#define STORE_WITNESS_H
#include <stdint.h>
struct fail;
struct store;

/* witness - tells whether this database is an old copy. What was sent cannot be called back,
 * but a database can be put back from a copy: it has forgotten who was sent to since, and would
 * send to them again. So a file beside it ("facteur.db-sent", 0600) keeps the number and the
 * hash of an event that the database had while messages left: one that has not that very event
 * is older, or another branch.
 *
 * It is written only after its event is on disk (before a sender's first message, with its
 * heartbeats, and when it ends), so a crash or a power cut leaves it behind the database and never
 * ahead. It is overwritten in place, without waiting for the disk; one that is torn, of another
 * database (store_instance), or not there, says nothing. What it does not see: a copy that was
 * put back together with its own file, or one made less than a heartbeat before the sender was
 * killed. */
enum { STORE_WITNESS_SIZE = 256 }; /* of the file, at most */

enum store_witness_says {
	STORE_WITNESS_NOTHING, /* there is no such file, or it is of no use */
	STORE_WITNESS_HOLDS,
	STORE_WITNESS_OLDER, /* messages left of which this database knows nothing */
};
/* One of these, or -1. *at: when the file was written last; 0 where it says nothing. Not inside of
 * a transaction. */
int store_witness_ask(struct store *s, int64_t *at, struct fail *f);
/* The name of the file, as long as the store. */
const char *store_witness_path(const struct store *s);
#endif
