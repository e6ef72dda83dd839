/* facteur list import, list export. */
#include <unistd.h>
#include "cmd/names.h"
#include "import/csv.h"
#include "import/dialect.h"
#include "import/import.h"
#include "report/report.h"
#include "store/subscriber.h"

enum { EXPORT_CELL_MAX = 1 << 20 };

/* --- import -------------------------------------------------------------- */

static struct opt_list maps;
static const char *import_format = "csv", *delimiter, *rejects;

static const struct opt import_opts[] = {
	{OPT_CHOICE, 'f', "format", &import_format, "csv", N_("the kind of file")},
	{OPT_LIST, 0, "map", &maps, "COLUMN=VARIABLE",
		N_("what a column means: email, name, given_name, family_name, your own, or - to "
		   "leave it out")},
	{OPT_TEXT, 'd', "delimiter", &delimiter, "CHARACTER",
		N_("what separates the columns, when it is not recognised")},
	{OPT_TEXT, 0, "rejects", &rejects, "FILE", N_("where to write the rows that were refused")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static void show_progress(void *ctx, uint64_t rows, uint64_t done, uint64_t size)
{
	(void)ctx;
	if (size > 0)
		out_progress(_("%llu rows read, %llu %% of the file"), (unsigned long long)rows,
			(unsigned long long)(done * 100 / size));
	else
		out_progress(_("%llu rows read"), (unsigned long long)rows);
}

static void say_result(const struct import_result *r)
{
	out_say(_("Read as %s, columns separated by: %s."), charset_name(r->charset),
		dialect_name(r->delimiter));
	out_say(_("Columns: %s."), r->mapping);
	if (r->unended)
		out_say("%s",
			_("The last line has no line end. That is usual for some programs; but "
			  "if the file was cut off, import it again whole."));
	out_say(_n("%llu row: %llu added, %llu updated, %llu already there, %llu refused.",
			"%llu rows: %llu added, %llu updated, %llu already there, %llu refused.",
			r->read),
		(unsigned long long)r->read, (unsigned long long)r->added,
		(unsigned long long)r->updated, (unsigned long long)r->duplicate,
		(unsigned long long)r->rejected);
	if (r->unsubscribed_kept > 0)
		out_say(_n("%llu has unsubscribed from this list and stays out.",
				"%llu have unsubscribed from this list and stay out.",
				r->unsubscribed_kept),
			(unsigned long long)r->unsubscribed_kept);
	if (r->joined > 0)
		out_say(_n("In %llu cell a line end or a tab became a space.",
				"In %llu cells a line end or a tab became a space.", r->joined),
			(unsigned long long)r->joined);
	if (r->rejects_path != NULL)
		out_say(_("The rows that were refused, each with its reason: %s"), r->rejects_path);
}

static int import_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct import_options o = {
		.path = argv[1], .rejects_path = rejects, .progress = show_progress};
	struct store_import_options to = {.source = view_of(argv[1]), .now = app->now};
	struct import_result r;
	struct store_list list;

	(void)argc;
	o.maps = maps.item;
	o.n_maps = maps.len;
	if (delimiter != NULL && strlen(delimiter) != 1)
		return fail_set(f, FAIL_USAGE, "%s", _("--delimiter wants one character"));
	o.delimiter = delimiter != NULL ? delimiter[0] : '\0';
	if (names_list(app, argv[0], &list, f) < 0)
		return -1;
	to.list = list.id;
	if (import_csv(app->store, &to, &o, &r, f) < 0)
		return -1;
	out_progress_end();
	if (app->json)
		out_json_line(json_pack("{s:i, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:s, s:s}",
			"schema", 1, "read", (json_int_t)r.read, "added", (json_int_t)r.added,
			"updated", (json_int_t)r.updated, "duplicate", (json_int_t)r.duplicate,
			"rejected", (json_int_t)r.rejected, "rejects_file",
			report_text_json(view_of(r.rejects_path)), "unsubscribed",
			(json_int_t)r.unsubscribed_kept, "charset", charset_name(r.charset),
			"mapping", r.mapping));
	else
		say_result(&r);
	import_result_free(&r);
	return 0;
}

const struct cmd cmd_list_import = {
	.noun = "list",
	.verb = "import",
	.args = "NAME FILE",
	.min_args = 2,
	.max_args = 2,
	.summary = N_("add members from a CSV file"),
	.more = N_("The encoding, the separator and the columns are recognised and told.\n"
		   "All of the file is imported, or nothing.\n\nExample:\n"
		   "  facteur list import members members.csv --map \"N° adhérent=number\""),
	.needs = CMD_STORE_WRITE,
	.reads = true,
	.opts = import_opts,
	.run = import_run,
};

/* --- export -------------------------------------------------------------- */

static const char *export_format = "csv";
static bool raw;

static const struct opt export_opts[] = {
	{OPT_CHOICE, 'f', "format", &export_format, "csv", N_("the kind of file")},
	{OPT_FLAG, 0, "raw", &raw, NULL,
		N_("write cells as they are, even those a spreadsheet would run as a formula")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

struct export
{
	json_t *keys; /* object: the variables that some member has, in order of appearance */
	struct str line;
};

static int collect_keys(void *ctx, const struct store_subscriber *who, struct fail *f)
{
	struct export *e = ctx;
	json_t *fields = json_loadb(who->fields.p, who->fields.len, 0, NULL), *value;
	const char *key;

	(void)f;
	json_object_foreach(fields, key, value)(void)
		json_object_set_new(e->keys, key, json_true());
	json_decref(fields);
	return 0;
}

static void add_cell(struct export *e, struct view cell)
{
	if (e->line.len > 0)
		(void)str_addc(&e->line, ',');
	if (raw)
		(void)csv_put_raw(&e->line, cell, ',');
	else
		(void)csv_put(&e->line, cell, ',');
}

static void end_line(struct export *e)
{
	(void)str_addz(&e->line, "\r\n");
	out_text(str_view(&e->line));
	str_clear(&e->line);
}

static int export_one(void *ctx, const struct store_subscriber *who, struct fail *f)
{
	struct export *e = ctx;
	json_t *fields = json_loadb(who->fields.p, who->fields.len, 0, NULL), *unused;
	const char *key;

	(void)f;
	add_cell(e, who->address);
	add_cell(e, who->name);
	json_object_foreach(e->keys, key, unused)
		add_cell(e, view_of(json_string_value(json_object_get(fields, key))));
	json_decref(fields);
	end_line(e);
	return 0;
}

static int export_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct export e = {.keys = json_object()};
	struct store_list list;
	json_t *unused;
	const char *key;
	int ret = -1;

	(void)argc;
	str_init(&e.line, EXPORT_CELL_MAX);
	if (names_list(app, argv[0], &list, f) < 0 ||
		store_subscriber_each(app->store, list.id, collect_keys, &e, f) < 0)
		goto out;
	add_cell(&e, VIEW("email"));
	add_cell(&e, VIEW("name"));
	json_object_foreach(e.keys, key, unused) add_cell(&e, view_of(key));
	end_line(&e);
	ret = store_subscriber_each(app->store, list.id, export_one, &e, f);
out:
	json_decref(e.keys);
	str_free(&e.line);
	return ret;
}

const struct cmd cmd_list_export = {
	.noun = "list",
	.verb = "export",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("write the members of a list as CSV"),
	.more = N_("Cells that a spreadsheet would run as a formula get a ' in front;\n"
		   "--raw leaves them."),
	.needs = CMD_STORE_READ,
	.opts = export_opts,
	.run = export_run,
};
