#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H
#include "base/str.h"
struct fail;

/* domain - the part after the @: a host name of letters, digits and hyphens
 * (RFC 5321 4.1.2), an international name (IDNA2008 after UTS 46 mapping,
 * nontransitional, independent of the locale), or an address literal such as
 * [192.0.2.1] or [IPv6:2001:db8::1]. */
enum {
	DOMAIN_LABEL_MAX = 63,
	DOMAIN_LITERAL_MAX = 64, /* [IPv6:…] at its longest, and room */
};

/* Adds the form that DNS and SMTP know: A-labels in lower case, literals in
 * their one canonical spelling. Returns 0, or -1 with f (FAIL_DATA) set. */
int domain_ascii(struct view domain, struct str *out, struct fail *f);

/* Adds the form for people: U-labels ("münchen.example"); what is no valid
 * A-label stays as it is. For showing only. Returns 0, or -1 when it does not fit. */
int domain_display(struct view domain, struct str *out);
#endif
