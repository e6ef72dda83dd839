#ifndef FETCH_PROBE_PRIVATE_H
#define FETCH_PROBE_PRIVATE_H
#include "base/fail.h"
#include "base/str.h"
#include "fetch/probe.h"
#include "net/conn.h"
#include "settings/preset.h"
#include "settings/settings.h"

/* The inside of a probe: probe.c (the way to the server), probe_box.c (what lies there),
 * probe_words.c (what to tell people). */
enum {
	PROBE_PATIENCE_MS = 15000, /* somebody is waiting */
	PROBE_TEXT_MAX = 8192,
	PROBE_LINE_MAX = 512,
};
enum probe_at {
	PROBE_NAME,
	PROBE_CONNECTION,
	PROBE_GREETING,
	PROBE_ENCRYPTION,
	PROBE_LOGIN,
	PROBE_FOLDER,
	PROBE_MESSAGES,
	PROBE_MOVING,
	PROBE_ADDRESSES,
};
struct probe {
	const struct fetch_probe *p;
	const struct settings_mailbox *box;
	struct fetch_probe_facts *facts;
	struct settings_presets *presets;
	const struct settings_preset *provider; /* or NULL */
	bool failed;
};

/* probe_words.c */
void fetch_probe_ok(struct probe *p, enum probe_at at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The words of `code`, with the server's own (or other detail) in them; "" for none. */
void fetch_probe_failed(struct probe *p, enum probe_at at, const char *code, struct view detail);
void fetch_probe_warn(struct probe *p, enum probe_at at, const char *code, struct view detail);

/* probe.c: what a connection that came to nothing means; adds what goes into its words. */
const char *fetch_probe_code(
	struct probe *p, enum net_trouble trouble, const struct fail *f, struct str *detail);
/* probe_box.c: from the encryption on, and what lies in files. -1: f. */
int fetch_probe_imap(struct probe *p, struct fail *f);
int fetch_probe_pop3(struct probe *p, struct fail *f);
void fetch_probe_files(struct probe *p);
#endif
