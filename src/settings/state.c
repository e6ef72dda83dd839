#include "settings/settings_private.h"
#include <openssl/crypto.h>
#include "base/mem.h"
#include "settings/preset.h"

struct settings_state *settings_state_new(void)
{
	struct settings_state *state = mem_alloc(sizeof *state);

	arena_init(&state->arena);
	vec_init(&state->values, sizeof(struct settings_value));
	vec_init(&state->entries, sizeof(struct settings_entry));
	vec_init(&state->secrets, sizeof(struct str));
	return state;
}

static void wipe(const struct settings_value *v)
{
	for (size_t i = 0; i < v->count; i++)
		if (settings_is_secret(v->row, view_make(v->items[i].text, v->items[i].len)))
			OPENSSL_cleanse(v->items[i].text, v->items[i].len);
}

void settings_state_free(struct settings_state **state)
{
	struct settings_state *s = *state;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->values.len; i++)
		wipe(vec_at(&s->values, i));
	for (size_t i = 0; i < s->secrets.len; i++)
		str_free(vec_at(&s->secrets, i));
	vec_free(&s->secrets);
	vec_free(&s->values);
	vec_free(&s->entries);
	settings_presets_free(&s->presets);
	arena_free(&s->arena);
	free(s);
	*state = NULL;
}

char *settings_secret_text(struct settings_state *state, struct view text)
{
	struct str *secret = vec_push(&state->secrets);

	str_init_secret(secret, SETTINGS_VALUE_MAX);
	(void)str_addv(secret, text);
	return secret->p;
}

char *settings_concat(struct settings_state *state, struct view a, struct view b, struct view c)
{
	const struct view parts[] = {a, b, c};
	char *text = arena_alloc(&state->arena, a.len + b.len + c.len + 1);
	size_t at = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i].len > 0)
			memcpy(text + at, parts[i].p, parts[i].len);
		at += parts[i].len;
	}
	return text;
}

struct settings_entry *settings_entry_at(const struct settings_state *state, size_t entry)
{
	return entry == SETTINGS_NO_ENTRY ? NULL : vec_at(&state->entries, entry);
}

bool settings_entry_next(const struct settings_state *state, enum settings_scope scope, size_t *at)
{
	for (; *at < state->entries.len; (*at)++) {
		const struct settings_entry *e = vec_at(&state->entries, *at);

		if (e->scope == scope && !e->gone)
			return true;
	}
	return false;
}

size_t settings_entry_find(
	const struct settings_state *state, enum settings_scope scope, struct view name)
{
	for (size_t at = 0; settings_entry_next(state, scope, &at); at++)
		if (view_is(name, settings_entry_at(state, at)->name))
			return at;
	return SETTINGS_NO_ENTRY;
}

size_t settings_entry_count(const struct settings_state *state, enum settings_scope scope)
{
	size_t count = 0;

	for (size_t at = 0; settings_entry_next(state, scope, &at); at++)
		count++;
	return count;
}

size_t settings_entry_add(struct settings_state *state, enum settings_scope scope, struct view name,
	struct settings_place place)
{
	struct settings_entry *e = vec_push(&state->entries);

	e->scope = scope;
	e->name = arena_dupz(&state->arena, name);
	e->place = place;
	return state->entries.len - 1;
}

void settings_entries_drop(struct settings_state *state, enum settings_scope scope)
{
	for (size_t at = 0; settings_entry_next(state, scope, &at); at++)
		settings_entry_at(state, at)->gone = true;
}

struct settings_value *settings_value_find(
	const struct settings_state *state, const struct settings_row *row, size_t entry)
{
	for (size_t i = 0; i < state->values.len; i++) {
		struct settings_value *v = vec_at(&state->values, i);

		if (v->row == row && v->entry == entry)
			return v;
	}
	return NULL;
}

struct settings_value *settings_value_put(struct settings_state *state,
	const struct settings_row *row, size_t entry, struct settings_place place)
{
	struct settings_value *v = settings_value_find(state, row, entry);

	if (v == NULL)
		v = vec_push(&state->values);
	else
		wipe(v);
	*v = (struct settings_value){.row = row, .entry = entry, .place = place};
	return v;
}
