#ifndef MAIL_MAILBOX_H
#define MAIL_MAILBOX_H
#include "mail/addr.h"
struct arena;

/* mailbox - an address with the name of who is behind it, as people write it
 * in a configuration, a form or a list:
 *	ana@example.org
 *	Ana Ruiz <ana@example.org>
 *	"Ruiz, Ana" <ana@example.org>
 *	ana@example.org (Ana Ruiz)
 * The name is UTF-8 as it is; encoded words are for the header writer to make. */
struct mailbox {
	struct view name; /* unquoted, trimmed, blanks inside as they were; may be empty */
	struct addr addr; /* points into the text that was parsed */
};
enum { MAILBOX_NAME_MAX = 512 }; /* octets */

/* Reads one mailbox, blanks around it passed over. `flags` are addr_parse()'s.
 * Lists, groups and control characters are refused with words. The name may
 * point into `in` or into `a`: keep both. Returns 0, or -1 with f (FAIL_DATA)
 * set and *out untouched. */
int mailbox_parse(
	struct view in, unsigned flags, struct arena *a, struct mailbox *out, struct fail *f);
#endif
