#ifndef MAIL_WIRE_H
#define MAIL_WIRE_H
#include "base/str.h"
struct fail;

/* wire - the last look at the bytes of a message before they leave. */
enum wire_flags {
	WIRE_8BIT = 1 << 0, /* bytes past 127 may stand: 8BITMIME or SMTPUTF8 is on */
};
enum { WIRE_LINE_MAX = 998 }; /* RFC 5321 4.5.3.1.6, without CRLF */

/* Refuses a CR without LF, an LF without CR, NUL, a line past 998, a byte past
 * 127 without WIRE_8BIT, and a message that does not end with CRLF: SMTP
 * smuggling (CVE-2023-51764) needs one of these. Dots are the wire's to stuff.
 * Returns 0, or -1 with f (FAIL_BUG: what we composed is not fit to send). */
int wire_check(struct view message, unsigned flags, struct fail *f);
#endif
