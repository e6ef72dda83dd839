#include "settings/events.h"
#include "settings/presets_private.h"

/* A mapping of names to providers; a provider is a mapping of the keys of
 * settings_presets_keys. The texts go to the arena of the presets. These problems are for
 * whoever changes presets.yaml, not for users: they stay in English. */
struct reader {
	struct settings_events events;
	struct settings_presets *presets;
};

static int wrong(struct reader *r, const char *what)
{
	settings_problem(
		r->events.l, SETTINGS_ERROR, settings_events_place(&r->events), "%s", what);
	return -1;
}

static int next(struct reader *r)
{
	return settings_events_next(&r->events);
}

static bool is(const struct reader *r, yaml_event_type_t type)
{
	return r->events.event.type == type;
}

static char *text_here(struct reader *r)
{
	return arena_dupz(&r->presets->arena, settings_events_text(&r->events).text);
}

/* The items of the list, or the one value, that is at hand. */
static int read_values(struct reader *r, struct settings_list *out)
{
	struct vec texts;
	int ret = 0;

	vec_init(&texts, sizeof(char *));
	if (is(r, YAML_SCALAR_EVENT)) {
		*(char **)vec_push(&texts) = text_here(r);
	} else if (is(r, YAML_SEQUENCE_START_EVENT)) {
		while ((ret = next(r)) == 0 && is(r, YAML_SCALAR_EVENT))
			*(char **)vec_push(&texts) = text_here(r);
		if (ret == 0 && !is(r, YAML_SEQUENCE_END_EVENT))
			ret = wrong(r, "a list holds texts only");
	} else {
		ret = wrong(r, "a text or a list of texts is wanted");
	}
	out->count = texts.len;
	out->items = arena_alloc(&r->presets->arena, (texts.len + 1) * sizeof *out->items);
	if (texts.len > 0)
		memcpy(out->items, texts.p, texts.len * sizeof *out->items);
	vec_free(&texts);
	return ret;
}

static int read_facts(struct reader *r, struct settings_preset_facts *out)
{
	struct vec facts;
	int ret = 0;

	if (!is(r, YAML_MAPPING_START_EVENT))
		return wrong(r, "facts are wanted: {host: …}");
	vec_init(&facts, sizeof(struct settings_preset_fact));
	while (ret == 0 && (ret = next(r)) == 0 && is(r, YAML_SCALAR_EVENT)) {
		struct settings_preset_fact *fact = vec_push(&facts);

		fact->key = text_here(r);
		if ((ret = next(r)) == 0) {
			fact->list = is(r, YAML_SEQUENCE_START_EVENT);
			ret = read_values(r, &fact->values);
		}
	}
	if (ret == 0 && !is(r, YAML_MAPPING_END_EVENT))
		ret = wrong(r, "the name of a fact is wanted");
	out->count = facts.len;
	out->items = arena_alloc(&r->presets->arena, (facts.len + 1) * sizeof *out->items);
	if (facts.len > 0)
		memcpy(out->items, facts.p, facts.len * sizeof *out->items);
	vec_free(&facts);
	return ret;
}

static int read_choice(struct reader *r, const char *const *words, unsigned *out)
{
	struct view text = settings_events_text(&r->events).text;

	for (unsigned i = 0; words[i] != NULL; i++) {
		if (view_is(text, words[i])) {
			*out = i;
			return 0;
		}
	}
	return wrong(r, "this word is not among those of its key");
}

static int read_key(struct reader *r, struct settings_preset *preset)
{
	struct view name = settings_events_text(&r->events).text;
	const struct presets_key *key = settings_presets_keys;

	while (key->name != NULL && !view_is(name, key->name))
		key++;
	if (key->name == NULL)
		return wrong(r, "no key of a provider");
	if (next(r) < 0)
		return -1;
	switch (key->type) {
	case PRESETS_CHOICE:
		return read_choice(
			r, key->words, (unsigned *)(void *)((char *)preset + key->offset));
	case PRESETS_LIST:
		return read_values(
			r, (struct settings_list *)(void *)((char *)preset + key->offset));
	case PRESETS_FACTS:
		return read_facts(
			r, (struct settings_preset_facts *)(void *)((char *)preset + key->offset));
	case PRESETS_TEXT:
		break;
	}
	*(char **)(void *)((char *)preset + key->offset) = text_here(r);
	return 0;
}

static int read_provider(struct reader *r)
{
	struct settings_preset preset = {.name = text_here(r), .title = NULL};
	int ret = next(r);

	if (ret == 0 && !is(r, YAML_MAPPING_START_EVENT))
		ret = wrong(r, "a provider is wanted");
	while (ret == 0 && (ret = next(r)) == 0 && is(r, YAML_SCALAR_EVENT))
		ret = read_key(r, &preset);
	if (ret == 0 && !is(r, YAML_MAPPING_END_EVENT))
		ret = wrong(r, "a key of a provider is wanted");
	if (ret == 0 && (preset.title == NULL || preset.sources.count == 0))
		ret = wrong(r, "a provider needs a title and its sources");
	if (ret == 0)
		*(struct settings_preset *)vec_push(&r->presets->presets) = preset;
	return ret;
}

void settings_presets_read(
	struct settings_presets *p, struct view text, struct settings_report *report)
{
	static const struct settings_source source = {.name = "presets.yaml", .lines = true};
	struct settings_loader l = {.report = report};
	struct reader r = {.presets = p};

	if (settings_events_open(&r.events, &l, &source, text) == 0 && next(&r) == 0 &&
		next(&r) == 0) {
		if (!is(&r, YAML_MAPPING_START_EVENT))
			(void)wrong(&r, "providers are wanted");
		else
			while (next(&r) == 0 && is(&r, YAML_SCALAR_EVENT))
				if (read_provider(&r) < 0)
					break;
	}
	settings_events_close(&r.events);
}
