#ifndef RETURNS_EVENT_JSON_H
#define RETURNS_EVENT_JSON_H
#include <jansson.h>
#include "base/arena.h"
#include "returns/event_scan.h"
struct fail;

/* event_json - one object of JSON, read by jansson, and its fields by a path. */

/* A number that would lose digits is a text. NULL: f says what is wrong and where, FAIL_DATA. */
json_t *event_json_load(struct view json, struct event_spot at, struct fail *f);

/* The first of the paths "a.b|c" that leads to something other than null, else NULL. Of a list
 * of {"name": …, "value": …}, "a#x" is the value with the name x, whatever its case. */
const json_t *event_json_at(const json_t *from, const char *paths);
/* A text, a number or a truth value as JSON writes it; else empty. */
struct view event_json_as_text(const json_t *value, struct arena *a);
/* The first that is not empty so, of a list its first item; else empty. */
struct view event_json_text(const json_t *from, const char *paths, struct arena *a);
/* Whether all of the paths "a.b&c" lead somewhere, for one of the alternatives "a&b|c". */
bool event_json_has(const json_t *from, const char *paths);
#endif
