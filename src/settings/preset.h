#ifndef SETTINGS_PRESET_H
#define SETTINGS_PRESET_H
#include "settings/settings.h"

/* preset - what is known about mail providers: the servers, limits and habits by
 * which relays.*.preset and mailboxes.*.preset complete what the user left out,
 * and by which a relay written by hand is recognised.
 *
 * The facts are in presets.yaml, each with its source and date, and the build
 * puts that file into the program: one binary that knows its providers wherever
 * it is copied, and cannot meet the data of another version. Whoever knows
 * better writes the setting into facteur.yaml, which wins. */
enum settings_preset_kind {
	SETTINGS_PRESET_BULK,	 /* a relay made for many letters */
	SETTINGS_PRESET_HOSTING, /* mailboxes of an organisation's own domain */
	SETTINGS_PRESET_PERSONAL /* the mailbox of a person */
};
enum settings_preset_status {
	SETTINGS_PRESET_CURRENT,
	SETTINGS_PRESET_SECONDARY,  /* from second-hand lists only */
	SETTINGS_PRESET_UNVERIFIED, /* nobody has tried */
	SETTINGS_PRESET_HISTORICAL, /* from an old list: perhaps gone by now */
	SETTINGS_PRESET_DEAD	    /* closed: never completes anything */
};
enum settings_preset_login {
	SETTINGS_PRESET_PASSWORD,
	SETTINGS_PRESET_APP_PASSWORD, /* made in the account's settings, not the usual one */
	SETTINGS_PRESET_OAUTH,	      /* no passwords at all */
	SETTINGS_PRESET_KEY,	      /* a secret key of the account */
	SETTINGS_PRESET_LOGIN_UNKNOWN
};
enum settings_preset_username {
	SETTINGS_PRESET_ADDRESS,    /* the whole address */
	SETTINGS_PRESET_LOCAL_PART, /* what stands before the @ */
	SETTINGS_PRESET_KEY_NAME,   /* a key of the account */
	SETTINGS_PRESET_USERNAME_OTHER,
	SETTINGS_PRESET_USERNAME_UNKNOWN
};
enum settings_preset_enable { /* what the subscriber has to switch on first */
	SETTINGS_PRESET_NOTHING,
	SETTINGS_PRESET_SMTP,
	SETTINGS_PRESET_IMAP
};
enum settings_preset_quota {
	SETTINGS_PRESET_FIXED, /* the same for every account: among the relay's facts */
	SETTINGS_PRESET_PLAN,  /* depends on what was bought */
	SETTINGS_PRESET_QUOTA_UNKNOWN
};

/* "port: 587", "rate: [10/s, 200/h]" as facteur.yaml would have it. */
struct settings_preset_fact {
	char *key;
	struct settings_list values;
	bool list;
};
struct settings_preset_facts {
	struct settings_preset_fact *items;
	size_t count;
};
struct settings_preset {
	char *name, *title;
	unsigned kind, status, login, username, enable, quota; /* the enums above */
	struct settings_list aliases;			       /* other names it is found by */
	struct settings_list domains;			       /* of its subscribers' addresses */
	struct settings_preset_facts relay, other, imap, pop3;
	/* By kind of fact; values are text and date by turns. */
	struct settings_preset_facts sources;
};

struct settings_presets;
struct settings_presets *settings_presets_new(void);
void settings_presets_free(struct settings_presets **p);
/* In the order of the file: bulk, hosting, personal. */
const struct settings_preset *settings_presets_all(const struct settings_presets *p, size_t *count);
/* By name or alias; NULL where there is none. */
const struct settings_preset *settings_presets_find(
	const struct settings_presets *p, struct view name);
/* The name nearest to a mistyped one; empty where none is near. */
struct view settings_presets_near(const struct settings_presets *p, struct view name);
/* Whose server for sending this is: by its name, or by one that lies right beneath a
 * domain of theirs (smtp.orange.fr). NULL where nobody's. */
const struct settings_preset *settings_presets_of_host(
	const struct settings_presets *p, const char *host);

/* The first value of a fact, or NULL. */
const char *settings_preset_fact(const struct settings_preset_facts *facts, const char *key);
/* The word of an enum in presets.yaml: "app-password". */
const char *settings_preset_kind_name(const struct settings_preset *p);
const char *settings_preset_status_name(const struct settings_preset *p);
const char *settings_preset_login_name(const struct settings_preset *p);
const char *settings_preset_username_name(const struct settings_preset *p);
const char *settings_preset_enable_name(const struct settings_preset *p);
const char *settings_preset_quota_name(const struct settings_preset *p);

/* Whose relay this is, by its host or else by its preset; NULL where nobody knows.
 * A mailbox of a person wins over anything else. */
const struct settings_preset *settings_relay_provider(
	const struct settings *s, const struct settings_relay *relay);
#endif
