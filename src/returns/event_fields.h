#ifndef RETURNS_EVENT_FIELDS_H
#define RETURNS_EVENT_FIELDS_H
#include <jansson.h>
#include "returns/event.h"

/* event_fields - the one place that knows the fields and words of each provider. Paths are
 * those of event_json.h; NULL: there is no such field. */
struct event_fields {
	const char *known_by; /* what tells that an object is an event of theirs */
	const char *type;     /* what happened */
	const char *detail;   /* which kind of it, and more closely */
	const char *detail_sub;
	const char *recipients; /* a list of objects or addresses; NULL: the event is of one */
	const char *address;	/* of the event, or of an object in the list */
	const char *at;		/* seconds or milliseconds since 1970, or a date */
	const char *id;		/* its own, other for every event (and, with a list, recipient) */
	const char *message;	/* the provider's name of the message */
	const char *message_id; /* Message-ID */
	const char *tokens[8];	/* where what our message carried comes back, best first */
	const char *status, *code, *text; /* of the recipient first, then of the event */
	const char *permanent;		  /* a truth value: that it failed for good */
	const char *remote, *subject, *from;
};
/* What an event means: the first row that fits. "*" fits anything there is or is not, a
 * word ending in * what begins so, the rest without regard to case. */
struct event_row {
	const char *type, *detail, *sub;
	enum event_format of;
	enum bounce_kind kind; /* BOUNCE_OTHER: says nothing about delivery */
	enum bounce_permanence permanence;
	enum bounce_reason reason;
	enum bounce_complaint complaint;
	bool sure; /* whatever status and text there are, this is the reason */
};
const struct event_fields *event_fields(enum event_format format);
const struct event_row *event_rows(size_t *count);
/* NULL where nothing is known of such a one. */
const struct event_row *event_row_find(
	enum event_format of, struct view type, struct view detail, struct view sub);
/* One object that is read already: as event_read(). */
int event_read_object(const json_t *object, struct event_spot at, enum event_format format,
	struct arena *a, struct event_list *out, struct fail *f);
/* What may stand around events: a list of them, one, or one as a text of JSON. */
extern const char *const event_wraps[];
#endif
