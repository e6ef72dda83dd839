#ifndef FETCH_UTF7_H
#define FETCH_UTF7_H
#include "base/str.h"

/* utf7 - the form in which IMAP writes the names of folders (RFC 3501 section 5.1.3):
 * printable ASCII as it is, & as "&-", all else as UTF-16 in a base64 of its own. */

/* Adds the name of a folder, valid UTF-8 without controls. 0, or -1: it is none. */
int utf7_encode(struct str *out, struct view name);
/* Adds what a server wrote as UTF-8; what is not of this form is added as it stands, made
 * fit to be shown. -1 when out is full. */
int utf7_decode(struct str *out, struct view name);
#endif
