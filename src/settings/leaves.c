#include "settings/settings_private.h"

static void add(const struct settings_state *state, const struct settings_row *row, size_t entry,
	struct vec *leaves)
{
	const struct settings_entry *e = settings_entry_at(state, entry);
	const struct settings_value *v = settings_value_find(state, row, entry);
	struct settings_leaf *leaf;

	if (v != NULL && v->null)
		v = NULL;
	/* An entry shows what it has; at the top it helps to see what is missing. */
	if (v == NULL && e != NULL)
		return;
	leaf = vec_push(leaves);
	*leaf = (struct settings_leaf){
		.row = row, .value = v, .entry_name = e != NULL ? e->name : ""};
}

void settings_leaves(const struct settings_state *state, struct vec *leaves)
{
	size_t count, end;
	const struct settings_row *rows = settings_schema(&count);

	vec_init(leaves, sizeof(struct settings_leaf));
	for (size_t i = 0; i < count; i = end) {
		enum settings_scope scope = rows[i].scope;

		for (end = i + 1; scope != SETTINGS_IN_ROOT && end < count; end++)
			if (rows[end].scope != scope)
				break;
		if (scope == SETTINGS_IN_ROOT)
			add(state, &rows[i], SETTINGS_NO_ENTRY, leaves);
		for (size_t at = 0;
			scope != SETTINGS_IN_ROOT && settings_entry_next(state, scope, &at); at++)
			for (size_t row = i; row < end; row++)
				add(state, &rows[row], at, leaves);
	}
}
