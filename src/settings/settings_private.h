#ifndef SETTINGS_PRIVATE_H
#define SETTINGS_PRIVATE_H
#include "base/arena.h"
#include "settings/schema.h"
#include "settings/settings.h"
struct settings_preset;
struct settings_presets;

/* What the files of this module share. Every source is read into values, one
 * per row (and entry), the later one in the place of the earlier; defaults fill
 * what is missing; then the values are checked together and built into the
 * typed structs. */
enum {
	SETTINGS_FILE_MAX = 1 << 20,
	SETTINGS_DEPTH_MAX = 16,      /* nesting in YAML, known or not */
	SETTINGS_ENTRIES_MAX = 100,   /* relays, mailboxes, keys: of each */
	SETTINGS_ITEMS_MAX = 1000,    /* of one list */
	SETTINGS_VALUE_MAX = 4096,    /* bytes of one value */
	SETTINGS_NAME_MAX = 64,	      /* of a relay, a mailbox; of a word worth a suggestion */
	SETTINGS_PATH_TEXT_MAX = 256, /* "relays.NAME.timeouts.end_of_data" */
	SETTINGS_TEXT_MAX = 8192,     /* of one problem */
};

#define SETTINGS_MASK "********"

enum settings_rank {
	SETTINGS_BY_DEFAULT,
	SETTINGS_BY_PRESET,
	SETTINGS_BY_SYSTEM,
	SETTINGS_BY_USER,
	SETTINGS_BY_ENVIRONMENT,
	SETTINGS_BY_OVERRIDE
};
struct settings_source {
	const char *name;   /* as shown: the file, FACTEUR_X, --set x.y; NULL: the default */
	const char *folder; /* what relative paths are relative to */
	enum settings_rank rank;
	bool lines;  /* a text of lines and columns */
	bool shared; /* others can read or change this file: no passwords in it */
};
struct settings_place {
	const struct settings_source *source;
	unsigned line, column; /* from 1; 0 outside of files */
};
struct settings_item {
	char *text; /* NUL after it, none inside */
	size_t len;
	uint64_t number; /* count, bytes, ms, 0 or 1, index of the choice */
	uint64_t per;	 /* window of a rate, ms; of a share, bytes of the relay's name */
};
struct settings_entry {
	enum settings_scope scope;
	char *name; /* of a relay or mailbox; the position of a dkim key */
	struct settings_place place;
	bool gone; /* a later list took the place of this one */
};
struct settings_value {
	const struct settings_row *row;
	size_t entry; /* in entries; SETTINGS_NO_ENTRY for the root */
	struct settings_place place;
	bool null; /* set to nothing: the default counts */
	bool bad;  /* refused already: do not complain about it twice */
	struct settings_item *items;
	size_t count;
};
#define SETTINGS_NO_ENTRY SIZE_MAX

struct settings_state {
	struct arena arena;
	struct vec values;		  /* struct settings_value */
	struct vec entries;		  /* struct settings_entry */
	struct vec secrets;		  /* struct str: texts of values, in locked memory */
	struct settings_source fallback;  /* where defaults come from */
	const char *home;		  /* HOME, or NULL */
	struct settings_presets *presets; /* what is known of providers, once somebody asked */
};
/* A load in progress. */
struct settings_loader {
	struct settings_state *state;
	struct settings_report *report;
	const struct settings_sources *sources;
};

/* state.c */
struct settings_state *settings_state_new(void);
void settings_state_free(struct settings_state **state); /* wipes the passwords */
/* A copy in locked memory, as long as the state. */
char *settings_secret_text(struct settings_state *state, struct view text);
/* a, b and c one after the other, in the arena. */
char *settings_concat(struct settings_state *state, struct view a, struct view b, struct view c);
/* SETTINGS_NO_ENTRY when there is none. */
size_t settings_entry_find(
	const struct settings_state *state, enum settings_scope scope, struct view name);
size_t settings_entry_add(struct settings_state *state, enum settings_scope scope, struct view name,
	struct settings_place place);
struct settings_entry *settings_entry_at(const struct settings_state *state, size_t entry);
/* The next entry of that scope from *at on; false after the last. */
bool settings_entry_next(const struct settings_state *state, enum settings_scope scope, size_t *at);
size_t settings_entry_count(const struct settings_state *state, enum settings_scope scope);
void settings_entries_drop(struct settings_state *state, enum settings_scope scope);
/* The value of a row, null or bad or not; NULL when nothing said one. */
struct settings_value *settings_value_find(
	const struct settings_state *state, const struct settings_row *row, size_t entry);
/* A new value in the place of the old one, without items yet. */
struct settings_value *settings_value_put(struct settings_state *state,
	const struct settings_row *row, size_t entry, struct settings_place place);

/* names.c: the two spellings of a setting of an entry. */
/* relays.local.port; the entry's name is not looked at for the root. */
int settings_dotted(const struct settings_row *row, const char *entry_name, struct str *out);
/* FACTEUR_RELAYS_LOCAL_PORT */
int settings_env_name(const struct settings_row *row, const char *entry_name, struct str *out);
/* Reads the dotted form; *entry_name is empty for the root. False: no such row. */
bool settings_dotted_parse(
	struct view text, const struct settings_row **row, struct view *entry_name);
/* A name fit for a relay or mailbox. */
bool settings_name_ok(struct view name);

/* report.c */
void settings_problem(struct settings_loader *l, enum settings_level level,
	struct settings_place place, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Worth the work of a suggestion: it would still be shown. */
bool settings_report_has_room(const struct settings_report *r, enum settings_level level);
/* Adds "file:3:7", "FACTEUR_X" or "default". */
int settings_place_write(struct settings_place place, struct str *out);
/* Adds a foreign text shortened and without controls, in quotes. */
void settings_quote(struct view text, struct str *out);
/* The same with its first word only. What stands behind may be a secret (P7): after a
 * forgotten colon it has become part of a key, or of the line above. */
void settings_quote_word(struct view text, struct str *out);

/* convert.c: one text of a value. Returns true with item filled (text apart),
 * or false. */
bool settings_convert(const struct settings_row *row, struct view text, struct settings_item *item);
/* "localhost", 127.0.0.0/8, ::1, in brackets too. */
bool settings_is_loopback(struct view host);
/* It must not be shown: a secret of its own, or a proxy with user name and password. */
bool settings_is_secret(const struct settings_row *row, struct view text);
/* Adds what may be shown of it. */
void settings_mask(const struct settings_row *row, struct view text, struct str *out);
/* Adds what the row wants: "a whole number from 1 to 65535". */
void settings_convert_wants(const struct settings_row *row, struct str *out);

/* action.c: "12", "0.5", with at most `digits` behind the point, as a whole number of the
 * smallest of them; false past max. */
bool settings_decimal(struct view text, unsigned digits, uint64_t max, uint64_t *out);

/* accept.c: what a source says, checked and put among the values. */
struct settings_text {
	struct view text;
	bool quoted; /* in quotes or a block: never a number, a switch or nothing */
	bool folded; /* plain, over several lines */
	struct settings_place place;
};
void settings_accept(struct settings_loader *l, const struct settings_row *row, size_t entry,
	const struct settings_text *text);
void settings_accept_list(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const struct vec *texts);
/* The setting was given as something else: `found` says what, in words. */
void settings_refuse(struct settings_loader *l, const struct settings_row *row, size_t entry,
	struct settings_place place, const char *found);
bool settings_is_null(const struct settings_text *text);

/* yaml.c */
void settings_read_yaml(
	struct settings_loader *l, const struct settings_source *source, struct view text);
/* "[a, b]" or "a, b" as the value of one list. */
void settings_read_yaml_list(struct settings_loader *l, const struct settings_row *row,
	size_t entry, const struct settings_source *source, struct view text);

/* override.c */
void settings_read_environment(struct settings_loader *l);
void settings_read_overrides(struct settings_loader *l);
const char *settings_getenv(const struct settings_sources *sources, const char *name);

/* locate.c: finds and reads the files. *file is the user's, in the arena. */
void settings_read_files(struct settings_loader *l, const char **file);
/* The folder a file is in, in the arena. */
const char *settings_folder_of(struct settings_state *state, const char *file);

/* complete.c: the defaults, those that follow from other values first. */
void settings_complete(struct settings_loader *l, const char *folder);

/* check.c: what must fit together. */
void settings_check(struct settings_loader *l);
/* check_group.c: a relay that shares its messages among others, or is none of that kind. */
void settings_check_group(struct settings_loader *l, size_t entry);
/* Adds the names of all relays, and the one that was perhaps meant. */
void settings_known_relays(const struct settings_loader *l, struct view written, struct str *out);
/* The value of a path of the schema, or NULL where nothing (or null) stands. */
struct settings_value *settings_value_of(
	const struct settings_state *state, const char *path, size_t entry);
/* Its number, or `other` where there is none or it was refused. */
uint64_t settings_number_of(
	const struct settings_state *state, const char *path, size_t entry, uint64_t other);

/* preset_apply.c: what is known of providers. */
const struct settings_presets *settings_presets_of(struct settings_state *state);
/* The one that the setting `path` names; NULL: none, or an unknown one. */
const struct settings_preset *settings_preset_named(
	struct settings_state *state, const char *path, size_t entry);
/* Fills in what nobody said. */
void settings_preset_relay(struct settings_loader *l, size_t entry);
void settings_preset_mailbox(struct settings_loader *l, size_t entry, bool pop3);
/* Is it known, and of any use? Says so when not, or when the facts are doubtful.
 * Where no host is needed host_path is NULL. */
void settings_preset_check(
	struct settings_loader *l, const char *path, const char *host_path, size_t entry);

/* build.c: the typed structs, in the arena; takes the state. */
struct settings *settings_build(struct settings_state *state, const char *file, const char *folder);

/* leaves.c: every setting there is, in the order of the schema. */
struct settings_leaf {
	const struct settings_row *row;
	const struct settings_value *value; /* NULL: nothing was said */
	const char *entry_name;		    /* "" for the root */
};
void settings_leaves(const struct settings_state *state, struct vec *leaves);

/* secret_env.c: moves the variable, if there is one, out of the environment into locked memory;
 * its value, wherever it is, or NULL; and overwrites a value of the process's environment that
 * was read already. */
void settings_env_take(const char *name);
const char *settings_env_value(const char *name);
void settings_env_forget(const char *const *environment, struct view value);

/* secret.c: with a time limit of the caller's. */
int settings_command_read(char *const *argv, int timeout_ms, struct str *out, struct fail *f);
#endif
