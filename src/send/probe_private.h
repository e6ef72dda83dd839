#ifndef SEND_PROBE_PRIVATE_H
#define SEND_PROBE_PRIVATE_H
#include "base/fail.h"
#include "base/str.h"
#include "net/conn.h"
#include "send/probe.h"
#include "send/transport.h"
#include "settings/preset.h"
#include "smtp/client.h"

/* The inside of a probe: probe.c (the way to the server), probe_smtp.c (what it says
 * then), probe_folder.c, probe_speed.c, probe_words.c (what to tell people). */
enum {
	PROBE_PATIENCE_MS = 15000, /* for a connection, or a reply: somebody is waiting */
	PROBE_TEXT_MAX = 8192,
	PROBE_LINE_MAX = 512,
	PROBE_CONNECTIONS_MAX = 10, /* more is rude where nobody said what is welcome */
	PROBE_GOAL = 50,	    /* messages a second, where there is no quota */
};
enum probe_at {
	PROBE_NAME,
	PROBE_CONNECTION,
	PROBE_GREETING,
	PROBE_ENCRYPTION,
	PROBE_ABILITIES,
	PROBE_LOGIN,
	PROBE_SENDER,
	PROBE_LIMITS,
	PROBE_SPEED,
	PROBE_FOLDER,
};
struct probe {
	const struct send_probe *p;
	struct send_probe_facts *facts;
	struct settings_relay relay; /* with less patience, one command at a time */
	const struct settings_preset *provider;
	int64_t connect_us; /* how long TCP took */
	bool failed;
};

/* probe_words.c */
void probe_ok(struct probe *p, enum probe_at at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The words of `code`, with the server's own (or other detail) in them; "" for none. */
void probe_failed(struct probe *p, enum probe_at at, const char *code, struct view detail);
void probe_warn(struct probe *p, enum probe_at at, const char *code, struct view detail);

/* probe.c: does the server speak at once, and what? As net_hear(); -2: no connection. */
int probe_hear(struct probe *p, char *line, size_t size);
/* What a greeting in clear text means: NULL for a good one, else a code. */
const char *probe_greeting_code(const char *line);

/* probe_smtp.c: from encryption on. -1: f. */
int probe_smtp(struct probe *p, struct fail *f);
/* Would the server answer with encryption from the first byte on? */
bool probe_speaks_tls(struct probe *p);
/* probe_why.c: the code for a connection that came to nothing, or was not let in; adds
 * what goes into its words. */
const char *probe_code(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail);
const char *probe_login_code(
	struct probe *p, enum net_trouble trouble, const struct smtp_event *ev, struct str *detail);
void probe_sender_failed(struct probe *p, const struct smtp_event *ev, struct view from);
/* probe_folder.c */
void probe_folder(struct probe *p);
/* probe_speed.c */
void probe_limits(struct probe *p);
void probe_speed(struct probe *p);
#endif
