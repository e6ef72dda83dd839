#ifndef STORE_EVENT_PRIVATE_H
#define STORE_EVENT_PRIVATE_H
#include "store/event.h"
#include "store/store_private.h"

/* The chain. hash of event n =
 *
 *	SHA-256( piece(hash of event n - 1) number(n) number(at) piece(kind)
 *	         number(campaign) number(contact) piece(data) )
 *
 * number: 8 bytes, big endian, two's complement. piece: number(length), then
 * the bytes. Absent campaign and contact (NULL) are 0. Events are numbered 1, 2, 3, ... without
 * holes; the hash "of event 0" is 32 zero bytes.
 *
 * "campaign.created" fixes who the recipients are: its "recipients" is
 * SHA-256( number(contact) piece(address) ... ) over all of them by contact, in hex. */

/* Appends one, inside a transaction. Its id is e->id on return. */
int store_event_add(struct store *s, struct store_event *e, struct fail *f);

/* JSON for the data of events. Each adds a member to an object that was
 * begun with "{"; texts are cleaned first, so that the result is always valid.
 * Nothing is added for an empty text and for the number 0. */
void store_json_text(struct str *out, const char *name, struct view text);
void store_json_int(struct str *out, const char *name, int64_t n);
/* Ascending numbers as [7,[9,1200],1207]: a pair is a run, both ends in it. */
void store_json_ids(struct str *out, const char *name, const int64_t *ids, size_t n);
#endif
