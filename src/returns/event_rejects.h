#ifndef RETURNS_EVENT_REJECTS_H
#define RETURNS_EVENT_REJECTS_H
#include "base/view.h"
struct fail;

/* event_rejects - the file with what an import refused, made 0600 with the first of them:
 * "events.json" gives events.json.rejects, events.json.rejects-2, ... */
struct event_rejects;
struct event_rejects *event_rejects_new(const char *path, const char *input);
/* "# why", then the bytes, and a line end unless more of the same follows. An empty `why` goes
 * on with the one before. */
int event_rejects_add(
	struct event_rejects *r, const char *why, struct view bytes, bool more, struct fail *f);
/* It is on disk, and *path (yours to free) is where; NULL when nothing was refused. */
int event_rejects_finish(struct event_rejects *r, char **path, struct fail *f);
void event_rejects_free(struct event_rejects **r); /* what was not finished is left as it is */
#endif
