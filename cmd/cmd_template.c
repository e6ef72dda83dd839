/* facteur template: add, list, show, preview, remove. */
#include <jansson.h>
#include "base/file.h"
#include "base/time.h"
#include "cmd/names.h"
#include "report/report.h"
#include "send/letter.h"
#include "send/plan.h"
#include "settings/settings.h"
#include "store/store.h"
#include "store/subscriber.h"
#include "tmpl/tmpl.h"

static int get(struct app *app, const char *name, struct store_template *t, struct fail *f)
{
	return store_template_get(app->store, view_of(name), 0, &app->arena, t, f);
}

/* --- add ----------------------------------------------------------------- */

static int add_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct tmpl *t = NULL;
	struct str source;
	int64_t version;
	int ret = -1;

	(void)argc;
	str_init(&source, TMPL_SOURCE_MAX);
	if (file_read(argv[1], &source, f) == 0 &&
		tmpl_compile(str_view(&source), argv[1], &t, f) == 0 &&
		store_template_add(app->store, view_of(argv[0]), str_view(&source), app->now,
			&version, f) == 0) {
		out_say(_("Template %s, version %lld. Look at it: facteur template preview %s"),
			argv[0], (long long)version, argv[0]);
		if (tmpl_is_personal(t))
			out_say("%s", _("It speaks to each member, so each gets a message of their "
					"own."));
		ret = 0;
	}
	tmpl_free(&t);
	str_free(&source);
	return ret;
}

const struct cmd cmd_template_add = {
	.noun = "template",
	.verb = "add",
	.args = "NAME FILE",
	.min_args = 2,
	.max_args = 2,
	.summary = N_("keep a template, or a new version of one"),
	.needs = CMD_STORE_CREATE,
	.run = add_run,
};

/* --- list, show, remove -------------------------------------------------- */

static int append_json(void *ctx, const struct store_template *t)
{
	char created[TIME_ISO_SIZE];

	time_iso(t->created, created);
	(void)json_array_append_new(
		ctx, json_pack("{s:o, s:I, s:s}", "name", report_text_json(t->name), "version",
			     (json_int_t)t->version, "created", created));
	return 0;
}

static int append_row(void *ctx, const struct store_template *t)
{
	char created[OUT_WHEN_SIZE];

	out_cell(ctx, t->name);
	out_cell_n(ctx, t->version);
	out_cellz(ctx, out_when(t->created, created));
	return 0;
}

static int list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct out_table *t;
	json_t *rows;
	int ret;

	(void)argc;
	(void)argv;
	if (app->json) {
		rows = json_array();
		ret = store_template_each(app->store, append_json, rows, f);
		out_json(json_pack("{s:i, s:o}", "schema", 1, "templates", rows));
		return ret;
	}
	t = out_table_new(3);
	out_cellz(t, _("Template"));
	out_cellz(t, _("Version"));
	out_cellz(t, _("Made"));
	ret = store_template_each(app->store, append_row, t, f);
	if (ret == 0 && out_table_is_empty(t))
		out_say("%s", _("There is no template yet. To keep one: facteur template add NAME "
				"FILE"));
	out_table_print(&t);
	return ret;
}

const struct cmd cmd_template_list = {
	.noun = "template",
	.verb = "list",
	.args = "",
	.summary = N_("show the templates"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = list_run,
};

static json_t *uses_json(const struct tmpl *t)
{
	const struct tmpl_use *uses;
	size_t count = tmpl_variables(t, &uses);
	json_t *rows = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(
			rows, json_pack("{s:o, s:b, s:o, s:i, s:i}", "name",
				      report_text_json(uses[i].name), "personal", uses[i].personal,
				      "fallback",
				      uses[i].has_fallback ? report_text_json(uses[i].fallback)
							   : json_null(),
				      "line", (int)uses[i].line, "column", (int)uses[i].column));
	return rows;
}

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_template stored;
	struct tmpl *t = NULL;

	(void)argc;
	if (get(app, argv[0], &stored, f) < 0)
		return -1;
	if (!app->json) {
		out_text(stored.source);
		return 0;
	}
	if (tmpl_compile(stored.source, argv[0], &t, f) < 0)
		return -1;
	out_json(json_pack("{s:i, s:s, s:I, s:b, s:o, s:o}", "schema", 1, "name", argv[0],
		"version", (json_int_t)stored.version, "personal", tmpl_is_personal(t), "variables",
		uses_json(t), "source", report_text_json(stored.source)));
	tmpl_free(&t);
	return 0;
}

const struct cmd cmd_template_show = {
	.noun = "template",
	.verb = "show",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("print the source of a template"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = show_run,
};

static int remove_run(struct app *app, int argc, char **argv, struct fail *f)
{
	int removed = store_template_remove(app->store, view_of(argv[0]), app->now, f);

	(void)argc;
	if (removed < 0)
		return -1;
	if (removed == 0)
		return fail_set(f, FAIL_NOINPUT, _("there is no template %s"), argv[0]);
	out_say(_("The template %s is gone; campaigns that were sent with it keep it."), argv[0]);
	return 0;
}

const struct cmd cmd_template_remove = {
	.noun = "template",
	.verb = "remove",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("take a template off the list"),
	.needs = CMD_STORE_WRITE,
	.run = remove_run,
};

/* --- preview ------------------------------------------------------------- */

static const char *for_address, *preview_format = "text";

static const struct opt preview_opts[] = {
	{OPT_TEXT, 0, "for", &for_address, "ADDRESS", N_("as this contact would see it")},
	{OPT_CHOICE, 'f', "format", &preview_format, "text|html|message",
		N_("the text, the HTML page, or the whole message")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

/* Somebody who has a value for every variable: its own name, so that one sees
 * where it goes. */
static struct view specimen_fields(struct app *app, const struct tmpl *t)
{
	const struct tmpl_use *uses;
	size_t count = tmpl_variables(t, &uses);
	json_t *fields = json_object();
	struct view out;
	char *dump;

	for (size_t i = 0; i < count; i++) {
		char *name = arena_dupz(&app->arena, uses[i].name);
		char *shown = arena_alloc(&app->arena, uses[i].written.len + 3);

		(void)snprintf(shown, uses[i].written.len + 3, "[%.*s]", VIEW_ARG(uses[i].written));
		if (uses[i].personal)
			(void)json_object_set_new(fields, name, json_string(shown));
	}
	dump = json_dumps(fields, JSON_COMPACT);
	json_decref(fields);
	out = arena_dup(&app->arena, view_of(dump));
	free(dump);
	return out;
}

static int reader(struct app *app, const struct tmpl *t, struct send_rcpt *out, struct fail *f)
{
	struct store_subscriber who;
	struct view wire, key;
	int found;

	*out = (struct send_rcpt){.contact = 1, .address = VIEW("name@example.org")};
	if (for_address == NULL) {
		out->name = view_of(_("[name]"));
		out->fields = specimen_fields(app, t);
		return 0;
	}
	if (names_address(app, for_address, &wire, &key, NULL, f) < 0)
		return -1;
	found = store_subscriber_get(app->store, 0, key, &app->arena, &who, f);
	if (found == 0)
		return fail_set(f, FAIL_NOINPUT, _("no contact has the address %s"), for_address);
	if (found < 0)
		return -1;
	out->contact = who.contact;
	out->address = who.address;
	out->name = who.name;
	out->fields = who.fields;
	return 0;
}

static int show_message(
	struct send_letter *l, const struct send_rcpt *to, int64_t now, struct fail *f)
{
	struct send_message *m = send_message_new();
	int ret;

	*(struct send_rcpt *)vec_push(&m->rcpts) = *to;
	m->id = (uint64_t)to->contact;
	ret = send_letter_write(l, m, now, NULL, NULL, f);
	if (ret == 0)
		out_text(str_view(&m->data));
	send_message_free(&m);
	return ret;
}

static int show_parts(struct send_letter *l, const struct send_rcpt *to, struct fail *f)
{
	const struct tmpl_parts *parts;

	if (send_letter_parts(l, to, &parts, f) < 0)
		return -1;
	if (strcmp(preview_format, "html") == 0) {
		out_text(str_view(&parts->html));
		return 0;
	}
	out_line(_("Subject: %.*s"), VIEW_ARG(str_view(&parts->subject)));
	out_line("%s", "");
	out_text(str_view(&parts->text));
	return 0;
}

static int preview_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const struct store_list sample = {.name = VIEW("list"), .title = view_of(_("[list]"))};
	struct send_letter_source source = {
		.name = argv[0], .instance = store_instance(app->store), .now = app->now};
	struct store_template stored;
	struct send_letter *l = NULL;
	struct send_frozen frozen;
	struct send_rcpt to;
	struct tmpl *t = NULL;
	int ret = -1;

	(void)argc;
	if (get(app, argv[0], &stored, f) < 0 || tmpl_compile(stored.source, argv[0], &t, f) < 0)
		return -1;
	source.text = stored.source;
	source.frozen = &frozen;
	if (send_frozen_make(app->settings, &sample, t, &app->arena, &frozen, f) == 0 &&
		send_letter_new(&source, &l, f) == 0 && reader(app, t, &to, f) == 0)
		ret = strcmp(preview_format, "message") == 0 ? show_message(l, &to, app->now, f)
							     : show_parts(l, &to, f);
	send_letter_free(&l);
	tmpl_free(&t);
	return ret;
}

const struct cmd cmd_template_preview = {
	.noun = "template",
	.verb = "preview",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("show a template filled in"),
	.more = N_(
		"Example:\n  facteur template preview news --for ana@example.org --format html > "
		"page.html"),
	.needs = CMD_STORE_READ,
	.opts = preview_opts,
	.run = preview_run,
};
