#ifndef MAIL_ADDR_H
#define MAIL_ADDR_H
#include "base/str.h"
struct fail;

/* addr - one mailbox as RFC 5321 (4.1.2) writes it, with RFC 6531's UTF-8: cut
 * in two at the @ but not unquoted. Both views point into the text that was
 * parsed: keep that text alive. Comments, folding and the obsolete forms of
 * RFC 5322 are refused, as SMTP refuses them.
 *
 * Three spellings of one address:
 *   as given   what the member wrote, for showing and for the local part sent
 *   wire       for MAIL and RCPT: local part as given, domain as A-label
 *   key        for comparing: two addresses with one key are one mailbox to us */
struct addr {
	struct view local, domain;
};

enum addr_flags {
	ADDR_ALLOW_EMPTY = 1 << 0, /* "" is the null sender, not a mistake */
	ADDR_ALLOW_UTF8 = 1 << 1,  /* RFC 6531: UTF-8 in local part and domain */
	/* A mailbox on the public Internet: a domain with a dot in it, no
	 * [192.0.2.1], no all-digit last label, no "" and no encoded word as the
	 * local part. */
	ADDR_PUBLIC = 1 << 2,
};
/* What a list, a form or the configuration takes. */
enum { ADDR_MEMBER = ADDR_ALLOW_UTF8 | ADDR_PUBLIC };

enum {
	ADDR_LOCAL_MAX = 64,			  /* RFC 5321 4.5.3.1.1, octets */
	ADDR_DOMAIN_MAX = 255,			  /* 4.5.3.1.2 */
	ADDR_PATH_MAX = 256,			  /* 4.5.3.1.3, with < and > */
	ADDR_MAX = ADDR_PATH_MAX - 2,		  /* the whole address */
	ADDR_KEY_MAX = 4 * ADDR_LOCAL_MAX + 256,  /* folding can make text longer */
	ADDR_WIRE_MAX = ADDR_LOCAL_MAX + 1 + 256, /* give these to str_init() */
};

/* Reads the whole of `in`; white space around it is the caller's to trim.
 * Returns 0, or -1 with f (FAIL_DATA: what was found, and where) set and *out
 * untouched. `flags` are of enum addr_flags. */
int addr_parse(struct view in, unsigned flags, struct addr *out, struct fail *f);

/* Adds the key of a parsed address: domain as lower-case A-label; local part
 * without quotes where it needs none, in NFC and case-folded, independent of
 * the locale. The null sender's key is empty. Returns 0, or -1 with f when out
 * is full. */
int addr_key(const struct addr *a, struct str *out, struct fail *f);

/* addr_parse() and addr_key() in one; ASCII addresses cost no memory. */
int addr_normalise(struct view in, unsigned flags, struct str *key, struct fail *f);

/* Adds the form for MAIL and RCPT and for header fields. *utf8 (may be NULL)
 * tells whether it can only be sent with SMTPUTF8. Returns as addr_key(). */
int addr_wire(const struct addr *a, struct str *out, bool *utf8, struct fail *f);
#endif
