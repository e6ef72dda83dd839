#ifndef SETTINGS_SETTINGS_H
#define SETTINGS_SETTINGS_H
#include "base/vec.h"
#include "settings/secret.h"
struct fail;

/* settings - what facteur.yaml, the environment and the command line say, read
 * against one table (settings/schema.h), checked, completed with defaults, and
 * handed out typed. docs/configuration.md describes every key for its users.
 *
 * A later source wins, key by key; a list replaces a list:
 *	1. /etc/facteur/facteur.yaml
 *	2. the user's file: --config, else FACTEUR_CONFIG, else ./facteur.yaml, else
 *	   $XDG_CONFIG_HOME/facteur/facteur.yaml (~/.config where that is unset)
 *	3. FACTEUR_SAFETY_LIVE=true, FACTEUR_RELAYS_LOCAL_PORT=2525
 *	4. --set safety.live=true
 * What none of them says a preset does (settings/preset.h), else the default.
 * Relative paths are relative to the folder of the file they stand in; those of
 * the environment and the command line to the current folder; default ones to
 * the folder of the user's file. "~/" is the home folder. */

enum settings_relay_type { SETTINGS_RELAY_MAILDIR, SETTINGS_RELAY_SMTP, SETTINGS_RELAY_GROUP };
enum settings_tls { SETTINGS_TLS_STARTTLS, SETTINGS_TLS_IMPLICIT, SETTINGS_TLS_NONE };
enum settings_auth {
	SETTINGS_AUTH_AUTO, /* the best the server offers, none without a username */
	SETTINGS_AUTH_NONE,
	SETTINGS_AUTH_PLAIN,
	SETTINGS_AUTH_LOGIN,
	SETTINGS_AUTH_CRAM_MD5,
	SETTINGS_AUTH_SCRAM_SHA_1,
	SETTINGS_AUTH_SCRAM_SHA_256,
	SETTINGS_AUTH_XOAUTH2, /* these two with a token */
	SETTINGS_AUTH_OAUTHBEARER
};
enum settings_pipeline {	       /* messages in flight on a connection at most */
	SETTINGS_PIPELINE_CAREFUL = 0, /* one, and one command, one reply */
	SETTINGS_PIPELINE_NORMAL = 8,
	SETTINGS_PIPELINE_MAX = 100
};
enum settings_durability {
	SETTINGS_DURABILITY_FULL,  /* on disk before the message goes out */
	SETTINGS_DURABILITY_NORMAL /* survives kill -9, perhaps not a power cut */
};
enum settings_protocol {
	SETTINGS_PROTOCOL_IMAP,
	SETTINGS_PROTOCOL_POP3,
	SETTINGS_PROTOCOL_MAILDIR,
	SETTINGS_PROTOCOL_MBOX
};

/* What a mail server takes for the end of a mailbox's name and the begin of an extension. */
enum settings_separator {
	SETTINGS_SEPARATOR_PLUS,
	SETTINGS_SEPARATOR_MINUS,
	SETTINGS_SEPARATOR_UNDERSCORE,
	SETTINGS_SEPARATOR_EQUALS,
	SETTINGS_SEPARATOR_DOT
};
char settings_separator_char(enum settings_separator separator);

struct settings_list {
	char **items;
	size_t count;
};
/* At most `count` recipients in any window of that length. */
struct settings_window {
	uint64_t count, window_ms;
};
struct settings_rate {
	struct settings_window *items;
	size_t count; /* 0: no limit */
};
/* One of the relays of a group. */
struct settings_share {
	char *relay;	 /* its name; it is there, and of type smtp */
	unsigned weight; /* 0: in reserve */
};
enum { SETTINGS_SHARES_MAX = 16 };
struct settings_shares {
	struct settings_share *items;
	size_t count; /* of a group: 1 to SETTINGS_SHARES_MAX */
};
/* A new account: `start` is its quota in the beginning, and doubles. */
struct settings_warmup {
	struct settings_window start; /* count 0: no warm-up */
	unsigned double_every;	      /* ms; 0: not said */
};
/* Milliseconds; the defaults are those of RFC 5321 section 4.5.3.2. */
struct settings_timeouts {
	unsigned connect, greeting, mail, rcpt, data, data_block, end_of_data;
};

/* Mailboxes as written ("Name <a@example.org>" or a@example.org): without
 * control characters and with an @; mail/addr judges the rest. */
struct settings_identity {
	char *from, *reply_to, *bounce_address, *unsubscribe_address;
	char *organisation, *postal_address;
	bool verp; /* bounce_address carries a token, where there is one (mail/token.h) */
	enum settings_separator separator; /* before that token */
};

struct settings_relay {
	char *name;
	enum settings_relay_type type;
	struct settings_shares through; /* group: and nothing of what follows */
	char *path;			/* maildir: always there */
	char *preset; /* NULL, or one of settings/preset.h; it completed the rest */
	char *host;   /* smtp: always there */
	unsigned port;
	enum settings_tls tls;
	bool allow_cleartext;
	char *ca_file, *ehlo_name;
	char *client_cert, *client_key; /* a key only with a certificate */
	char *proxy;			/* socks5h://, socks5:// or http://; may hold a password */
	char *source_address;
	enum settings_auth auth;
	char *username;
	struct settings_secret password;
	char **token_command; /* argv ending in NULL; instead of a password */
	char *token_field;    /* NULL, or "X-Name: value" with SETTINGS_TOKEN_HERE in it, once */
	char *events_url; /* NULL, or https:// without a slash at its end; http:// to loopback */
	struct settings_rate rate;
	struct settings_warmup warmup;
	char *send_between; /* as base/hours.h reads it, its zone known; NULL: at any hour */
	unsigned max_connections;
	unsigned messages_per_connection; /* 0: no limit */
	unsigned connection_lifetime;	  /* ms; 0: no limit */
	unsigned recipients_per_message;
	uint64_t max_message_size; /* bytes; 0: what the relay announces */
	struct settings_timeouts timeouts;
	unsigned pipeline; /* enum settings_pipeline, or any number up to its MAX */
	enum settings_durability durability;
	bool verp;	     /* false: its server takes the plain bounce address only */
	bool notify_success; /* it is asked to report what was delivered, too (RFC 3461) */
};

/* Which folder mail of a kind is moved to once read; NULL: it stays. */
struct settings_move {
	char *bounce, *auto_reply, *complaint, *challenge, *receipt, *unsubscribe, *other;
};
struct settings_mailbox {
	char *name;
	char *preset;
	enum settings_protocol protocol;
	char *host; /* imap, pop3: always there */
	unsigned port;
	enum settings_tls tls;
	bool allow_cleartext;
	char *ca_file;
	enum settings_auth auth;
	char *username;
	struct settings_secret password;
	char **token_command; /* as of a relay */
	char *folder;
	char *path;	/* maildir, mbox: always there */
	bool mark_seen; /* what was understood and is not moved */
	struct settings_move move;
};

/* One provider of mailboxes. */
struct settings_destination {
	char *name;
	struct settings_list domains; /* none: those that are known by that name */
	struct settings_rate rate;
	unsigned max_messages; /* 0: no limit */
};

struct settings_dkim {
	char *domain, *selector, *key_file; /* all always there */
};

struct settings_safety {
	bool live;
	unsigned bulk_threshold;
	struct settings_list only_domains;
	char *redirect_all_to; /* NULL: nothing is redirected */
};

/* What a delivery failure for one reason leads to. */
enum settings_act {
	SETTINGS_ACT_NONE,
	SETTINGS_ACT_COUNT,    /* it adds to the score of the address, no more */
	SETTINGS_ACT_HOLD,     /* shown to somebody, who decides */
	SETTINGS_ACT_SUPPRESS, /* never mailed again */
};
struct settings_action {
	enum settings_act act;
	unsigned weight; /* what it adds to the score, hundredths; of none and hold 0 */
	unsigned times;	 /* of suppress: at the so-manyth, the first is 1 */
	int64_t within;	 /* ms, of those counted; 0: whenever they were */
	int64_t after;	 /* ms that must lie between an earlier one and this; 0: nothing must */
};
/* Reads "none", "hold", "count 0.5", "suppress", "suppress at 2 within 30d", "suppress after
 * 30d"; false when it is none of these. */
bool settings_action_parse(struct view text, struct settings_action *out);

/* Limits of a campaign, each by what goes wrong; shares in 1/100,000, 0: never. */
struct settings_limits {
	unsigned hard, blocked, complaints;
};
enum { SETTINGS_SHARE_ONE = 100000, SETTINGS_REASONS = 32, SETTINGS_WEIGHT_ONE = 100 };
struct settings_bounces {
	struct settings_action policy[SETTINGS_REASONS]; /* settings_bounce_action() */
	struct settings_action score; /* of all that counted against an address, in ones */
	unsigned same_domain;	      /* so many unknown domains that are one and the same */
	struct settings_limits alarm, pause, least;
	struct settings_window replies; /* questions sent back, at most; count 0: none */
};

struct settings {
	char *file;   /* the user's file, or NULL when there is none */
	char *folder; /* its folder; "." without one */
	char *database;
	char *token_keys; /* settings/keys.h; always there, though the file may not be */
	struct settings_identity identity;
	struct settings_relay *relays; /* without any configured: outbox, a maildir */
	size_t relay_count;
	unsigned deadline;   /* ms after its beginning until which a campaign is tried again */
	char *default_relay; /* NULL when several relays leave the choice to --relay */
	struct settings_mailbox *mailboxes;
	size_t mailbox_count;
	struct settings_destination *destinations;
	size_t destination_count;
	struct settings_dkim *dkim;
	size_t dkim_count;
	struct settings_safety safety;
	struct settings_bounces bounces;
	struct settings_state *state; /* where each value came from; owns all the above */
};

/* What was found while reading. Errors stop a load, warnings do not. */
enum settings_level { SETTINGS_WARNING, SETTINGS_ERROR };
struct settings_problem {
	enum settings_level level;
	char *where;	       /* "facteur.yaml:3:7", "FACTEUR_X", "--set x.y" */
	unsigned line, column; /* from 1; 0 where there is no file */
	char *text;
};
enum { SETTINGS_PROBLEMS_MAX = 20 };
struct settings_report {
	struct vec problems;	 /* of struct settings_problem, the first ones of each level */
	size_t errors, warnings; /* all that were found, shown or not */
};
void settings_report_init(struct settings_report *r);
void settings_report_free(struct settings_report *r);
/* Adds "where: text" lines, warnings marked as such, and how many more there
 * are. Returns 0, or -1 when out is full. */
int settings_report_write(const struct settings_report *r, struct str *out);

/* Everything that is read comes in here; NULL and 0 where nothing is given. */
struct settings_sources {
	const char *config_path;	/* --config FILE */
	const char *const *environment; /* NAME=value, NULL at the end: environ */
	const char *const *overrides;	/* --set: "path=value" each */
	size_t override_count;
	const char *system_path;  /* NULL: SETTINGS_SYSTEM_FILE; "": none */
	const char *start_folder; /* where ./facteur.yaml is looked for; NULL: "." */
};
#define SETTINGS_SYSTEM_FILE "/etc/facteur/facteur.yaml"
#define SETTINGS_FILE_NAME   "facteur.yaml"
#define SETTINGS_TOKEN_HERE  "{token}"

/* Reads, merges, checks. Returns 0 with *out yours to free (report may hold
 * warnings), or -1 with FAIL_CONF, *out untouched, every problem in the report
 * and the first of them with their number in f: print the report, and f only
 * where there is no room for it. The report must be fresh. A --config FILE that
 * is missing is an error; no file at all is not. */
int settings_load(const struct settings_sources *sources, struct settings **out,
	struct settings_report *report, struct fail *f);
/* The same with `text` in the place of all files; errors call it `name`. */
int settings_load_text(const struct settings_sources *sources, const char *name, struct view text,
	struct settings **out, struct settings_report *report, struct fail *f);
void settings_free(struct settings **s);

/* NULL where there is none of that name. */
const struct settings_relay *settings_relay_find(const struct settings *s, const char *name);
/* What goes through a relay goes through so many: itself, or those of its group; and the one
 * of that number, with its weight unless that is NULL. */
size_t settings_relay_ways(const struct settings_relay *r);
const struct settings_relay *settings_relay_way(
	const struct settings *s, const struct settings_relay *r, size_t i, unsigned *weight);
const struct settings_mailbox *settings_mailbox_find(const struct settings *s, const char *name);
const struct settings_destination *settings_destination_find(
	const struct settings *s, const char *name);

/* What bounces.policy says of a reason ("user-unknown"); NULL for a word that is none. */
const struct settings_action *settings_bounce_action(const struct settings *s, struct view reason);

/* Adds where a value came from ("facteur.yaml:3:7", "FACTEUR_DATABASE",
 * "--set database", "preset mailjet", "default"). `path` as in --set: relays.local.port,
 * dkim.0.domain. Returns 0, or -1: no such value, or out is full. */
int settings_origin(const struct settings *s, const char *path, struct str *out);

/* The effective configuration, defaults included, as YAML that can be read back
 * or as JSON ("schema": 1); passwords are shown as ********. With origins the
 * YAML has a comment on each line and the JSON an object "origins" by path.
 * Returns 0, or -1 when out is full. */
int settings_write(const struct settings *s, bool with_origin, struct str *out);
int settings_write_json(const struct settings *s, bool with_origin, struct str *out);
#endif
