#ifndef NET_SASLPREP_H
#define NET_SASLPREP_H
#include "base/str.h"
struct fail;

/* saslprep - RFC 4013: the one form of a user name or password that both ends of
 * a SCRAM login hash, however it was typed. Code points that Unicode 3.2 did not
 * know yet are let through, as RFC 3454 section 7 wants it of a query. */
enum { NET_SASLPREP_GROWTH = 11 }; /* most octets that one becomes: U+FDFA is 3, then 33 */

/* Adds the prepared form of `in`; `what` ("the password") begins the complaint.
 * Returns 0, or -1 with f set (FAIL_PERM): not UTF-8, a control or another
 * character that is not allowed, right-to-left mixed with left-to-right, or out is
 * full. Growing would leave copies behind: out has its room before. */
int net_saslprep(struct view in, const char *what, struct str *out, struct fail *f);
#endif
