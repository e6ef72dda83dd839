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

/* The quick look, at sixteen octets at a time, that nearly every message passes. True:
 * wire_check() finds nothing, and *look says what else is known. Else it needs a closer one. */
struct wire_look {
	bool eightbit; /* some byte is above 127 */
	bool dots;     /* some line begins with a dot */
};
bool wire_is_clean(struct view message, struct wire_look *look);
#endif
