#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H
#include <jansson.h>
#include "send/engine.h"
#include "send/crowd.h"
#include "send/pace.h"
#include "settings/settings.h"
struct store;
struct str;

/* progress - how a campaign goes, while it goes: one line at a terminal, a line every half
 * minute elsewhere, or NDJSON (docs/sending.md has its fields). */
enum progress_mode { PROGRESS_AUTO, PROGRESS_BAR, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

/* What is told. */
struct progress_facts {
	const struct send_progress *p;
	double per_second; /* over the last minute; 0: not known yet */
	int64_t eta;	   /* 0: not known */
};
/* One line of at most `width` columns: what matters less is left out first. */
void progress_words(const struct progress_facts *facts, int64_t now, size_t width, struct str *out);
/* The relays of a campaign, as an array. */
json_t *progress_ways_json(const struct send_way *ways, size_t count);
json_t *progress_json(const struct progress_facts *facts, int64_t now);
/* "9.8/s", "12/min", "40/h". */
enum { PROGRESS_RATE_SIZE = 32 };
const char *progress_rate(double per_second, char out[PROGRESS_RATE_SIZE]);

enum { PROGRESS_SAMPLES = 61 };
struct progress {
	enum progress_mode mode;
	struct store *store;
	struct send_crowd crowd;
	int64_t crowd_at; /* of the last look at who is left there */
	struct progress_way {
		struct pace pace;
		int64_t done; /* at the last look */
		double busy_done;
	} ways[SETTINGS_SHARES_MAX];
	size_t way_count;
	bool begun, told_stop;
	int64_t at, done; /* of the last look */
	int64_t shown_at;
	double busy_ms; /* for the speed of the relays: while nothing else held us up */
	struct {
		int64_t at, done;
	} samples[PROGRESS_SAMPLES]; /* of the last minute, a ring */
	size_t next, count;
};
void progress_init(struct progress *g, enum progress_mode mode, struct store *s);
/* Before the first look, where destinations may have quotas of their own. */
void progress_mind(struct progress *g, const struct settings *s);
enum progress_mode progress_mode(const char *name); /* of --progress */
/* Learns from p, and shows it when it is time to. */
void progress_look(struct progress *g, const struct send_progress *p, int64_t now);
/* What it has learned; facts->p is the caller's. */
struct progress_facts progress_facts(
	const struct progress *g, const struct send_progress *p, int64_t now);
/* For send_engine_options; ctx is a struct progress. */
void progress_show(void *ctx, const struct send_progress *p);
#endif
