#ifndef SETTINGS_SCHEMA_H
#define SETTINGS_SCHEMA_H
#include "base/view.h"

/* schema - the one table of all settings: reading, checking, the environment,
 * --set, the defaults, `config show` and the documentation's test follow it. */
enum settings_type {
	SETTINGS_TEXT,
	SETTINGS_NAME,	  /* letters, digits, - and _ */
	SETTINGS_ADDRESS, /* has an @; mail/addr judges the rest */
	SETTINGS_DOMAIN,
	SETTINGS_HOST, /* a name or an IP address, without a port */
	SETTINGS_IP,
	SETTINGS_PROXY, /* a URL; a secret where it holds a password */
	SETTINGS_URL,	/* https://host[:port][/path] */
	SETTINGS_FIELD, /* "X-Name: value with {token}" */
	SETTINGS_PATH,	/* made relative to its file's folder */
	SETTINGS_BOOL,
	SETTINGS_COUNT,	   /* unsigned */
	SETTINGS_SIZE,	   /* uint64_t bytes: 25M */
	SETTINGS_DURATION, /* unsigned ms: 30s */
	SETTINGS_PERIOD,   /* unsigned ms: 5d */
	SETTINGS_HOURS,	   /* as base/hours.h has them; the zone is looked up by the checks */
	SETTINGS_CHOICE,   /* an enum, by the order of its names */
	SETTINGS_PIPELINE, /* unsigned: careful, normal, or window N */
	SETTINGS_DOMAINS,  /* struct settings_list */
	SETTINGS_RATE,	   /* struct settings_rate: [10/s, 200/h] */
	SETTINGS_WINDOW,   /* struct settings_window: 200/d */
	SETTINGS_COMMAND,  /* char **: argv */
	SETTINGS_SHARES,   /* struct settings_shares: [mailjet 3, brevo, ovh reserve] */
	SETTINGS_PERCENT,  /* unsigned, in 1/100,000: 0.3% is 300 */
	SETTINGS_ACTION,   /* struct settings_action: suppress at 2 within 30d */
};
/* Which struct `offset` is an offset in. */
enum settings_scope {
	SETTINGS_IN_ROOT,
	SETTINGS_IN_RELAY,	 /* relays.*: named entries */
	SETTINGS_IN_MAILBOX,	 /* mailboxes.* */
	SETTINGS_IN_DESTINATION, /* destinations.* */
	SETTINGS_IN_DKIM,	 /* dkim[]: entries in order */
	SETTINGS_SCOPES
};
struct settings_row {
	const char *path; /* relays.*.port */
	enum settings_scope scope;
	enum settings_type type;
	size_t offset;
	uint64_t min, max;	  /* of a count, size (bytes), duration (ms) */
	const char *const *names; /* of a choice, or of a pipeline; NULL at the end */
	const char *fallback;	  /* the default as one would write it, or NULL */
	bool secret;
	const char *example;
	const char *about; /* one line, through N_() */
};

/* The table, in the order in which settings are shown. */
const struct settings_row *settings_schema(size_t *count);
/* The row of a schema path ("relays.*.port"), or NULL. */
const struct settings_row *settings_schema_find(struct view path);
/* True for "relays", "relays.*", "relays.*.timeouts": settings stand beneath. */
bool settings_schema_is_section(struct view path);
bool settings_type_is_list(enum settings_type type);
/* "relays.*", "dkim[]"; "" for the root. */
const char *settings_scope_path(enum settings_scope scope);
#endif
