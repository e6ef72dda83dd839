#ifndef RETURNS_EVENT_H
#define RETURNS_EVENT_H
#include "base/vec.h"
#include "bounce/verdict.h"
#include "returns/event_scan.h"
struct fail;

/* event - what a relay that keeps the bounces to itself tells as JSON, in the form of what its
 * webhooks send and its API answers, becomes the same verdicts as a message that came back.
 * docs/events.md tells users where each provider has them; event_fields.c is the one place that
 * knows their fields and words. */
enum event_format {
	EVENT_AUTO, /* told by its fields */
	EVENT_MAILJET,
	EVENT_BREVO,
	EVENT_SENDGRID,
	EVENT_POSTMARK,
	EVENT_SES, /* and what SNS, SQS and Lambda put around it */
	EVENT_MAILGUN,
	EVENT_FORMATS
};
const char *event_format_name(enum event_format format); /* "auto", "mailjet", ... */
/* False when there is none of that name; *out untouched then. */
bool event_format_of_name(struct view name, enum event_format *out);

enum {
	EVENT_WRAPS_MAX = 6,	      /* what is wrapped in something that is wrapped in ... */
	EVENT_VALUES_MAX = 200000,    /* in one object: what they take in memory is bounded */
	EVENT_RECIPIENTS_MAX = 10000, /* of all events in one object */
};

/* One event of one recipient. */
struct event {
	enum event_format format;
	struct bounce_verdict verdict; /* recipient_count is 1: the one below */
	struct bounce_recipient recipient;
	/* The same whenever the provider tells of the same again: its own id where it has
	 * one, else a hash of what makes it one. */
	struct view name;
	struct view raw; /* of one recipient, where nobody can tell why: the event; else empty */
};
struct event_list {
	struct vec events; /* of struct event *, in the arena */
	size_t ignored;	   /* opens, clicks and others that say nothing about delivery */
};
void event_list_init(struct event_list *l);
void event_list_free(struct event_list *l);

/* Reads one object of JSON that begins at `at`; appends what it tells. Numbers are exact however
 * long they are; a comma too many before a bracket, control characters within a text and bytes
 * that are not UTF-8 are mended. Returns 0, or -1 with FAIL_DATA "line:column: what": no JSON, a
 * key twice, an event that is not known; what else was in the object is in *out all the same.
 * All of *out lies in the arena. */
int event_read(struct view json, struct event_spot at, enum event_format format, struct arena *a,
	struct event_list *out, struct fail *f);
#endif
