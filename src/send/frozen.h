#ifndef SEND_FROZEN_H
#define SEND_FROZEN_H
#include "base/arena.h"
#include "base/str.h"
struct fail;
struct settings;
struct store_list;
struct tmpl;

/* frozen - what a campaign took from the configuration and its list when it was
 * prepared, and keeps however they change: kept as a JSON object in the
 * campaign's row. No secret is in it. */
enum send_mode {
	SEND_INDIVIDUAL, /* one message per recipient */
	SEND_BCC,	 /* one message for many, all in the envelope only */
};
const char *send_mode_name(enum send_mode mode); /* "individual", "bcc" */

struct send_frozen {
	enum send_mode mode;
	bool real;		    /* the relay it was prepared for mails people */
	bool forced;		    /* --force-relay, see guard.h */
	bool notify_success;	    /* reports of what was delivered are asked for, too */
	int64_t at;		    /* not to begin before; 0: at once */
	int64_t deadline;	    /* ms after its beginning; then nobody is tried again */
	struct view from;	    /* "Name <address>" as configured */
	struct view reply_to;	    /* the same, or empty */
	struct view bounce_address; /* MAIL FROM; this and the next two without a name */
	struct view unsubscribe_address;
	struct view list_address; /* may be empty */
	struct view organisation, postal_address;
	struct view list_name, list_title;
	/* Which key makes its tokens, so that a message made again is the same though keys were
	 * changed meanwhile: its fingerprint (settings/keys.h). Empty: the messages of this
	 * campaign bear none, for it was prepared when there were none. */
	struct view token_key;
	struct view separator; /* before the token in the bounce address; empty: none in there */
};

#define SEND_DEADLINE_MS                                                                           \
	INT64_C(432000000) /* of campaigns that froze none: five days (RFC 5321 section 4.5.4.1) */
enum { FROZEN_MAX = 65536 }; /* bytes of the JSON */

/* Adds the JSON. */
int send_frozen_write(const struct send_frozen *z, struct str *out, struct fail *f);
/* Texts in the arena. FAIL_STORE when it is not what send_frozen_write makes. */
int send_frozen_read(struct view json, struct arena *a, struct send_frozen *out, struct fail *f);
/* Makes the wire form of the address of "Name <address>", or of an address alone, out of
 * what the configuration or a list says; empty stays empty. FAIL_CONF naming `what`. */
int send_bare_address(struct view *address, const char *what, struct arena *a, struct fail *f);
/* From configuration, list and the template's front matter (its From wins). Texts in
 * the arena; mode, real, forced, at, notify_success and token_key are left 0. FAIL_CONF when nobody is the sender, or
 * an address is none. */
int send_frozen_make(const struct settings *settings, const struct store_list *list,
	const struct tmpl *t, struct arena *a, struct send_frozen *z, struct fail *f);
#endif
