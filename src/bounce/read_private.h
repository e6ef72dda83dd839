#ifndef BOUNCE_READ_PRIVATE_H
#define BOUNCE_READ_PRIVATE_H
#include "base/vec.h"
#include "bounce/match.h"
#include "bounce/verdict.h"
#include "mail/report.h"

/* One message while it is read; what the files of this folder share. */
enum {
	READ_REPORTS_MAX = 8,	  /* parts with the fields of a report */
	READ_TEXT_MAX = 64 << 10, /* octets of the report's text that are looked at */
	READ_PLACES_MAX = 1000,	  /* addresses in it */
	READ_SUBJECT_MAX = 1000,
};
struct reading {
	struct message *m;
	const struct message_part *root; /* of the report: a gateway may have wrapped it */
	struct arena *a;
	struct bounce_verdict *v;
	struct view from;     /* the address */
	struct view from_all; /* with its name */
	struct view to;
	struct view text; /* what the report says to people, before what it returns */
	struct view rest; /* of that part: what it returns in it */
	const struct message_part *text_part;
	struct match_text words, subject;
	const struct message_part *status[READ_REPORTS_MAX]; /* message/delivery-status */
	size_t status_count;
	const struct message_part *feedback, *disposition;
	const struct message_part *returned; /* the header of what was returned, or NULL */
	bool is_open;	       /* the message ends within the report: it may have been cut */
	bool is_torn;	       /* it ends within a line */
	bool says_report;      /* report-type=delivery-status */
	struct vec places;     /* struct place: addresses in the text */
	struct vec recipients; /* struct bounce_recipient */
};

/* read.c */
void read_parts(struct reading *r);
/* The value of a field of the returned message, wherever it stands; or empty. */
struct view read_returned(struct reading *r, const char *name);

/* address.c: the first address in text at or after *at, "" where there is none; *at then
 * stands behind it and *begin where it began. */
struct view address_next(struct view text, size_t *at, size_t *begin);
struct view address_first(struct view text);
bool address_is(struct view a, struct view b);
/* Postmaster, mailer-daemon and the like: who writes reports. */
bool address_is_daemon(struct view address);

/* place.c: where the text speaks of a recipient. */
enum place_weight {
	PLACE_LINE = 100,  /* on a line of its own */
	PLACE_CODE = 98,   /* "550 <ana@example.org>... text" */
	PLACE_ORIGIN = 97, /* from here on: the weight of the row of TABLE_LEADS */
	PLACE_GOOD = 75,
	PLACE_FAIR = 50,
};
struct place {
	struct view address;
	struct view block; /* of the text: what it says of this recipient */
	unsigned weight;
	int code; /* of a line with one */
	const char *rule;
};
void place_find(struct reading *r);
/* The first with that address, or NULL. */
const struct place *place_of(const struct reading *r, struct view address);

/* diagnosis.c */
struct diagnosis {
	int code;
	struct view status; /* "5.1.1" */
	struct view reply;  /* from the reply code to the end, or all */
	enum bounce_command command;
};
void diagnosis_read(struct view text, struct diagnosis *out);
enum bounce_command diagnosis_command(const struct match_text *words, struct view text);
struct view diagnosis_command_name(enum bounce_command command);
/* "5.1.1" in text, the first with octets before and after that belong to no number. */
struct view diagnosis_status(struct view text);

/* recipient.c: adds one, whose facts are completed from `diagnostic` (what the system that
 * refused said) and `block` (what the report says about it); is_last: nothing of the
 * report stands behind it. */
struct bounce_recipient *recipient_add(struct reading *r, struct view address);
void recipient_decide(struct reading *r, struct bounce_recipient *to, struct view diagnostic,
	struct view block, bool is_last);

/* status.c, text.c, feedback.c: the recipients from each source; false where it has none. */
bool status_recipients(struct reading *r);
/* The diagnostic and what stands beside the status in its field. */
struct view status_with_comment(
	struct reading *r, struct view diagnostic, struct view field, struct view status);
bool text_recipients(struct reading *r);
bool text_fields(struct reading *r);
bool notification_recipients(struct reading *r);
void feedback_read(struct reading *r);
/* kind.c */
void kind_decide(struct reading *r);
/* token.c */
void tokens_collect(struct reading *r);
/* when.c: the date of a Date field in ms since 1970, or 0. */
int64_t when_read(struct view text);
/* evidence.c */
void evidence_lines(
	struct view message, struct bounce_verdict *v, struct bounce_recipient *recipients);
#endif
