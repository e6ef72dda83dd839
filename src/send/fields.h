#ifndef SEND_FIELDS_H
#define SEND_FIELDS_H
#include "base/view.h"
struct json_t;

/* fields - a member's own values, as the store keeps them: one JSON object. Texts are found
 * by their name; anything else is not there, and neither is anything where it is no object. */
enum { SEND_FIELDS_FLAT = 32 };

struct send_fields {
	struct json_t *tree; /* NULL: read where it stands, or nothing could be read */
	struct send_field {
		struct view name, value;
	} flat[SEND_FIELDS_FLAT];
	size_t count;
};

/* json stays borrowed; empty is no values. */
void send_fields_read(struct send_fields *f, struct view json);
bool send_fields_find(const struct send_fields *f, struct view name, struct view *value);
void send_fields_free(struct send_fields *f);
#endif
