#ifndef STORE_TEMPLATE_H
#define STORE_TEMPLATE_H
#include "base/arena.h"
struct store;
struct fail;

/* template - sources of templates, in versions that never change: what a
 * campaign sent can be read again. Names as those of lists. */
struct store_template {
	int64_t id;
	struct view name;
	int64_t version; /* from 1 */
	struct view source;
	int64_t created;
};
/* The same source again as the newest version gives that version. */
int store_template_add(struct store *s, struct view name, struct view source, int64_t now,
	int64_t *version, struct fail *f);
/* version 0: the newest. FAIL_NOINPUT with the known names when there is none. */
int store_template_get(struct store *s, struct view name, int64_t version, struct arena *a,
	struct store_template *out, struct fail *f);
int store_template_by_id(
	struct store *s, int64_t id, struct arena *a, struct store_template *out, struct fail *f);
typedef int (*store_template_fn)(
	void *ctx, const struct store_template *t); /* the newest of each; no source */
int store_template_each(struct store *s, store_template_fn fn, void *ctx, struct fail *f);
/* Hidden from lists and from new campaigns; old campaigns keep it. 1, 0, -1. */
int store_template_remove(struct store *s, struct view name, int64_t now, struct fail *f);
#endif
