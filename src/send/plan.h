#ifndef SEND_PLAN_H
#define SEND_PLAN_H
#include "send/frozen.h"
#include "store/list.h"
#include "store/template.h"
struct settings;
struct settings_relay;
struct store;

/* plan - what a campaign would do, worked out and checked for every single
 * member before anything is made or sent: a template that lacks a value for
 * somebody, a bcc message with personal variables, an empty list, all come to
 * light here. */
struct send_request {
	const char *name; /* NULL: "<list> <template>" */
	const char *list, *template;
	const char *relay;   /* NULL: the default one */
	const char *mode;    /* "auto", "individual", "bcc" */
	int64_t limit;	     /* 0: all */
	bool notify_success; /* reports of what was delivered are asked for, too */
	bool force_relay;    /* many people through the mailbox of one, see guard.h */
	int64_t at;	     /* when to begin; 0: now */
	int64_t deadline;    /* ms; 0: as configured */
	int64_t now;
	void (*progress)(void *ctx, int64_t checked); /* may be NULL */
	void *ctx;
};
struct send_plan {
	const struct settings *settings;
	struct view name;
	struct store_list list;
	struct store_template template;
	const struct settings_relay *relay;
	struct send_frozen frozen; /* frozen.mode is what was chosen */
	struct view why;	   /* why that mode, in words; empty when it was asked for */
	struct view subject;	   /* as the first member would see it */
	int64_t recipients;	   /* that will be mailed */
	int64_t suppressed;	   /* members that will not */
	int64_t messages;
	int64_t bytes;	  /* of one message, about */
	int64_t begins;	  /* the earliest moment, by the time asked for and the relay's hours */
	int64_t duration; /* ms from then on that quotas, warm-up and hours ask for, at least;
			   * INT64_MAX: years */
	bool real;	  /* the relay mails people */
};

/* Texts in the arena. -1: FAIL_CONF, FAIL_NOINPUT, FAIL_DATA or FAIL_GUARD, in words. */
int send_plan_make(struct store *s, const struct settings *settings, const struct send_request *r,
	struct arena *a, struct send_plan *out, struct fail *f);
/* Recipients of one message in bcc mode: as many as each of its relays takes. */
unsigned send_plan_batch(const struct send_plan *p);
/* Promise P5, and send/guard.h: may this be sent at all? FAIL_GUARD says why not. */
int send_plan_allowed(const struct send_plan *p, const struct settings *settings, struct fail *f);
/* Makes the campaign, and the keys for its tokens where there are none; nothing is sent yet. FAIL_GUARD when the list has meanwhile more or
 * fewer to be mailed than the plan says. */
int send_plan_create(struct store *s, const struct send_plan *p, const struct send_request *r,
	int64_t *id, struct fail *f);
#endif
