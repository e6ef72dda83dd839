#ifndef SETTINGS_EVENTS_H
#define SETTINGS_EVENTS_H
#include <yaml.h>
#include "settings/settings_private.h"

/* events - libyaml's events one by one, with what no configuration may hold
 * (aliases, anchors, tags, depth) reported on the way. An alias is never
 * expanded, so a small file stays small. */
struct settings_events {
	struct settings_loader *l;
	const struct settings_source *source;
	yaml_parser_t parser;
	yaml_event_t event; /* the last one taken */
	unsigned depth;
};

/* The text must live until the close. What returns int gives 0, or -1 when the
 * reader cannot go on and has said why. Close in any case. */
int settings_events_open(struct settings_events *r, struct settings_loader *l,
	const struct settings_source *source, struct view text);
void settings_events_close(struct settings_events *r);
int settings_events_next(struct settings_events *r);
/* To the last event of the node whose first event is at hand. */
int settings_events_skip(struct settings_events *r);

struct settings_place settings_events_place(const struct settings_events *r);
/* Of the scalar at hand, valid until the next event; empty if it is none. */
struct settings_text settings_events_text(const struct settings_events *r);
/* What is at hand, in words: "a list". */
const char *settings_events_kind(const struct settings_events *r);
#endif
