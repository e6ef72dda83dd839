#ifndef RETURNS_EVENT_VERDICT_H
#define RETURNS_EVENT_VERDICT_H
#include "returns/event_fields.h"

/* event_verdict - one event of one recipient, by the table of its provider, as a verdict. */
struct event_source {
	const json_t *json; /* the event */
	const struct event_fields *fields;
	const struct event_row *row; /* what it means */
	uint64_t line;		     /* of the file */
	struct arena *arena;
};
/* `recipient` is the event itself, or one of its list: an object or an address. Its address is
 * empty where the event does not say it. */
void event_fill(const struct event_source *s, const json_t *recipient, struct event *e);
#endif
