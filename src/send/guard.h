#ifndef SEND_GUARD_H
#define SEND_GUARD_H
#include <stdint.h>
#include "base/str.h"
struct fail;
struct settings;
struct settings_relay;

/* guard - bulk mail through the mailbox of a person: providers take it for spam and
 * lock the account, for letters of the family too. More than safety.bulk_threshold
 * recipients of one campaign are refused there, whether the relay names a preset or
 * is recognised by its host, unless --force-relay was given. */

/* 0, or -1 with FAIL_GUARD: why, and what to use instead. Of a group each relay is looked at:
 * any of them may have to send all. */
int send_guard_bulk(const struct settings *s, const struct settings_relay *relay,
	int64_t recipients, bool forced, struct fail *f);
/* Adds what a plan should say about one relay, which is no group: nothing where there is nothing to say. */
void send_guard_notice(const struct settings *s, const struct settings_relay *relay,
	int64_t recipients, bool forced, struct str *out);
#endif
