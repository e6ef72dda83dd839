#ifndef COMPOSE_CHECK_H
#define COMPOSE_CHECK_H
#include "base/str.h"
struct fail;

/* check - the last look at a composed message, at its bytes and at what a
 * reader will make of them (promise P1). Every message goes through
 * compose_check() before it leaves; what it refuses is not sent. */

/* What an address found in the message is to its recipient. */
enum compose_whose {
	COMPOSE_NOBODY, /* no recipient of this campaign: may stand */
	COMPOSE_OWN,	/* of this recipient: may stand in this message */
	COMPOSE_PUBLIC, /* the sender's, the list's, the author's: may stand in every message */
	COMPOSE_OTHER,	/* another recipient: the message must not leave */
};
/* Asked with the key (addr.h) of everything that reads as an address. */
typedef enum compose_whose compose_whose_fn(void *ctx, struct view key);

/* memo - what was found good in the messages before. The header fields and the lines that
 * are the same in every message of a campaign are looked at once: a piece whose bytes
 * stood in the message before, and in which nothing belonged to one recipient only, needs no
 * second look. Only for messages of one campaign, for which `whose` answers alike. */
struct compose_memo;
struct compose_memo *compose_memo_new(void);
void compose_memo_free(struct compose_memo **m);
void compose_memo_forget(struct compose_memo *m); /* after an answer that was none */

/* Wire form (mail/wire.h), one each of From, To, Subject, Date, Message-ID and
 * MIME-Version, no Bcc, Cc or Resent-*, and no address of another recipient in
 * any decoded header value or body. `utf8` as compose_message() told; `memo` may be
 * NULL. Returns 0, or -1 with f: FAIL_GUARD for an address, FAIL_BUG for the rest. */
int compose_check(struct view message, bool utf8, struct compose_memo *memo,
	compose_whose_fn *whose, void *ctx, struct fail *f);

/* The search alone, in one text: around every @, and those written as %40,
 * &#64;, &#x40; or &commat;. At each place the longest reading is asked for
 * first and shorter ones ("x=ana@…", "ana@example.org.Été") only while the
 * answer is COMPOSE_NOBODY, so that john.smith@ does not stumble over smith@.
 * Returns as compose_check(). */
int compose_scan(struct view text, compose_whose_fn *whose, void *ctx, struct fail *f);
#endif
