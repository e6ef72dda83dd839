#include "settings/settings.h"
#include <assert.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "settings/settings_private.h"

static void start(struct settings_loader *l, const struct settings_sources *sources,
	struct settings_report *report)
{
	const char *home = settings_getenv(sources, "HOME");

	*l = (struct settings_loader){
		.state = settings_state_new(), .report = report, .sources = sources};
	if (home != NULL)
		l->state->home = arena_dupz(&l->state->arena, view_of(home));
}

/* The first error, and how many there are. */
static int summary(const struct settings_report *report, struct fail *f)
{
	const struct settings_problem *first = NULL;

	for (size_t i = 0; first == NULL && i < report->problems.len; i++) {
		const struct settings_problem *p = vec_at(&report->problems, i);

		if (p->level == SETTINGS_ERROR)
			first = p;
	}
	assert(first != NULL); /* the first errors are always in the report */
	if (report->errors == 1)
		return fail_set(f, FAIL_CONF, "%s: %s", first->where, first->text);
	return fail_set(f, FAIL_CONF, _("the configuration has %zu errors; the first is at %s: %s"),
		report->errors, first->where, first->text);
}

/* While nobody else is there that could look into the environment. */
static void take_secrets(const struct settings *s)
{
	for (size_t i = 0; i < s->relay_count; i++)
		settings_env_take(s->relays[i].password.env);
	for (size_t i = 0; i < s->mailbox_count; i++)
		settings_env_take(s->mailboxes[i].password.env);
}

/* The files are read; what is left is the same for any of them. */
static int finish(
	struct settings_loader *l, const char *file, struct settings **out, struct fail *f)
{
	const char *folder = l->sources->start_folder != NULL ? l->sources->start_folder : ".";

	settings_read_environment(l);
	settings_read_overrides(l);
	if (file != NULL)
		folder = settings_folder_of(l->state, file);
	settings_complete(l, folder);
	settings_check(l);
	if (l->report->errors > 0) {
		settings_state_free(&l->state);
		return summary(l->report, f);
	}
	*out = settings_build(l->state, file, folder);
	take_secrets(*out);
	return 0;
}

int settings_load(const struct settings_sources *sources, struct settings **out,
	struct settings_report *report, struct fail *f)
{
	struct settings_loader l;
	const char *file;

	start(&l, sources, report);
	settings_read_files(&l, &file);
	return finish(&l, file, out, f);
}

int settings_load_text(const struct settings_sources *sources, const char *name, struct view text,
	struct settings **out, struct settings_report *report, struct fail *f)
{
	struct settings_source *source;
	struct settings_loader l;

	start(&l, sources, report);
	source = arena_alloc(&l.state->arena, sizeof *source);
	source->name = arena_dupz(&l.state->arena, view_of(name));
	source->folder = settings_folder_of(l.state, name);
	source->rank = SETTINGS_BY_USER;
	source->lines = true;
	settings_read_yaml(&l, source, text);
	return finish(&l, name, out, f);
}

void settings_free(struct settings **s)
{
	if (*s == NULL)
		return;
	settings_state_free(&(*s)->state);
	free(*s);
	*s = NULL;
}

const struct settings_relay *settings_relay_find(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->relay_count; i++)
		if (strcmp(s->relays[i].name, name) == 0)
			return &s->relays[i];
	return NULL;
}

size_t settings_relay_ways(const struct settings_relay *r)
{
	return r->type == SETTINGS_RELAY_GROUP ? r->through.count : 1;
}

const struct settings_relay *settings_relay_way(
	const struct settings *s, const struct settings_relay *r, size_t i, unsigned *weight)
{
	bool group = r->type == SETTINGS_RELAY_GROUP;

	if (weight != NULL)
		*weight = group ? r->through.items[i].weight : 1;
	return group ? settings_relay_find(s, r->through.items[i].relay) : r;
}

const struct settings_mailbox *settings_mailbox_find(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->mailbox_count; i++)
		if (strcmp(s->mailboxes[i].name, name) == 0)
			return &s->mailboxes[i];
	return NULL;
}

const struct settings_destination *settings_destination_find(
	const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->destination_count; i++)
		if (strcmp(s->destinations[i].name, name) == 0)
			return &s->destinations[i];
	return NULL;
}

int settings_origin(const struct settings *s, const char *path, struct str *out)
{
	const struct settings_row *row;
	const struct settings_value *v;
	struct view name;
	size_t entry = SETTINGS_NO_ENTRY;

	if (!settings_dotted_parse(view_of(path), &row, &name))
		return -1;
	if (row->scope != SETTINGS_IN_ROOT &&
		(entry = settings_entry_find(s->state, row->scope, name)) == SETTINGS_NO_ENTRY)
		return -1;
	v = settings_value_find(s->state, row, entry);
	return v != NULL ? settings_place_write(v->place, out) : -1;
}
