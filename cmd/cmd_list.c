/* facteur list: create, edit, show, delete, add, remove. */
#include "base/file.h"
#include "base/time.h"
#include "cmd/names.h"
#include "report/report.h"
#include "store/subscriber.h"

static const char *title, *address;

static const struct opt edit_opts[] = {
	{OPT_TEXT, 't', "title", &title, "TEXT", N_("the name that members see")},
	{OPT_TEXT, 0, "address", &address, "ADDRESS",
		N_("the list's own address, shown as To: of messages in bcc mode")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

/* The --address given, as it goes on the wire; else what was there. */
static int list_address(struct app *app, struct view *out, struct fail *f)
{
	struct view key;

	if (address == NULL)
		return 0;
	if (address[0] == '\0') {
		*out = view_of("");
		return 0;
	}
	return names_address(app, address, out, &key, NULL, f);
}

static int create_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct view to = view_of("");

	(void)argc;
	if (list_address(app, &to, f) < 0 || store_list_create(app->store, view_of(argv[0]),
						     view_of(title), to, app->now, f) < 0)
		return -1;
	out_say(_("The list %s is there. Next: facteur list import %s FILE"), argv[0], argv[0]);
	return 0;
}

const struct cmd cmd_list_create = {
	.noun = "list",
	.verb = "create",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("make a new, empty list"),
	.needs = CMD_STORE_CREATE,
	.opts = edit_opts,
	.run = create_run,
};

static int edit_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_list list;

	(void)argc;
	if (names_list(app, argv[0], &list, f) < 0 || list_address(app, &list.address, f) < 0)
		return -1;
	if (title == NULL && address == NULL)
		return fail_set(
			f, FAIL_USAGE, "%s", _("what shall change? Give --title or --address"));
	if (title != NULL)
		list.title = view_of(title);
	return store_list_edit(app->store, list.id, list.title, list.address, app->now, f);
}

const struct cmd cmd_list_edit = {
	.noun = "list",
	.verb = "edit",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("change the title or the address of a list"),
	.needs = CMD_STORE_WRITE,
	.opts = edit_opts,
	.run = edit_run,
};

static json_t *list_json(const struct store_list *l)
{
	char created[TIME_ISO_SIZE];

	time_iso(l->created, created);
	return json_pack("{s:o, s:o, s:o, s:I, s:I, s:s}", "name", report_text_json(l->name),
		"title", report_text_json(l->title), "address", report_text_json(l->address),
		"subscribed", (json_int_t)l->subscribed, "unsubscribed",
		(json_int_t)l->unsubscribed, "created", created);
}

static int append_json(void *ctx, const struct store_list *l)
{
	(void)json_array_append_new(ctx, list_json(l));
	return 0;
}

static int append_row(void *ctx, const struct store_list *l)
{
	struct out_table *t = ctx;

	out_cell(t, l->name);
	out_cell(t, l->title);
	out_cell_n(t, l->subscribed);
	out_cell_n(t, l->unsubscribed);
	return 0;
}

static int show_all(struct app *app, struct fail *f)
{
	struct out_table *t;
	json_t *rows;
	int ret;

	if (app->json) {
		rows = json_array();
		ret = store_list_each(app->store, append_json, rows, f);
		out_json(json_pack("{s:i, s:o}", "schema", 1, "lists", rows));
		return ret;
	}
	t = out_table_new(4);
	out_cellz(t, _("List"));
	out_cellz(t, _("Title"));
	out_cellz(t, _("Members"));
	out_cellz(t, _("Unsubscribed"));
	ret = store_list_each(app->store, append_row, t, f);
	if (ret == 0 && out_table_is_empty(t))
		out_say("%s", _("There is no list yet. To make one: facteur list create NAME"));
	out_table_print(&t);
	return ret;
}

static int show_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_list l;
	json_t *doc;

	if (argc == 0)
		return show_all(app, f);
	if (names_list(app, argv[0], &l, f) < 0)
		return -1;
	if (app->json) {
		doc = list_json(&l);
		(void)json_object_set_new(doc, "schema", json_integer(1));
		out_json(doc);
		return 0;
	}
	out_line(_("List:          %.*s"), VIEW_ARG(l.name));
	out_line(_("Title:         %.*s"), VIEW_ARG(l.title.len > 0 ? l.title : VIEW("-")));
	out_line(_("Address:       %.*s"), VIEW_ARG(l.address.len > 0 ? l.address : VIEW("-")));
	out_line(_("Members:       %lld"), (long long)l.subscribed);
	out_line(_("Unsubscribed:  %lld"), (long long)l.unsubscribed);
	return 0;
}

const struct cmd cmd_list_show = {
	.noun = "list",
	.verb = "show",
	.args = "[NAME]",
	.max_args = 1,
	.summary = N_("show all lists, or one"),
	.needs = CMD_STORE_READ,
	.reads = true,
	.run = show_run,
};

static bool forget;

static const struct opt delete_opts[] = {
	{OPT_FLAG, 0, "forget", &forget, NULL, N_("even if it forgets who has unsubscribed")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static int delete_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_list l;

	(void)argc;
	if (names_list(app, argv[0], &l, f) < 0)
		return -1;
	if (l.unsubscribed > 0 && !forget)
		return fail_set(f, FAIL_GUARD,
			_("people have unsubscribed from the list %s (%lld), and without it they "
			  "could be mailed again; keep the list, or add --forget"),
			argv[0], (long long)l.unsubscribed);
	if (store_list_delete(app->store, l.id, app->now, f) < 0)
		return -1;
	out_say(_("The list %s is gone; its contacts stay known."), argv[0]);
	return 0;
}

const struct cmd cmd_list_delete = {
	.noun = "list",
	.verb = "delete",
	.args = "NAME",
	.min_args = 1,
	.max_args = 1,
	.summary = N_("delete a list; its contacts stay known"),
	.needs = CMD_STORE_WRITE,
	.opts = delete_opts,
	.run = delete_run,
};

static void say_added(const char *word, enum store_added how)
{
	switch (how) {
	case STORE_ADDED:
		out_say(_("%s is a member now."), word);
		break;
	case STORE_UPDATED:
		out_say(_("%s was a member already; the name is updated."), word);
		break;
	case STORE_DUPLICATE:
		out_say(_("%s was a member already."), word);
		break;
	case STORE_KEPT_OUT:
		out_say(_("%s has unsubscribed from this list and stays out."), word);
		break;
	}
}

static int add_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_list list;

	if (names_list(app, argv[0], &list, f) < 0 ||
		names_check_addresses(app, argc - 1, argv + 1, f) < 0)
		return -1;
	for (int i = 1; i < argc; i++) {
		struct store_subscriber who = {
			.fields = VIEW("{}"), .source = VIEW("facteur list add")};
		enum store_added how;

		if (names_address(app, argv[i], &who.address, &who.key, &who.name, f) < 0 ||
			store_subscriber_add(app->store, list.id, &who, app->now, &how, f) < 0)
			return -1;
		say_added(argv[i], how);
	}
	return 0;
}

const struct cmd cmd_list_add = {
	.noun = "list",
	.verb = "add",
	.args = "NAME ADDRESS...",
	.min_args = 2,
	.max_args = -1,
	.summary = N_("add members by address"),
	.more = N_("Example:\n  facteur list add members \"Ana Ruiz <ana@example.org>\" "
		   "bo@example.org"),
	.needs = CMD_STORE_WRITE,
	.run = add_run,
};

static int remove_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct store_list list;

	if (names_list(app, argv[0], &list, f) < 0 ||
		names_check_addresses(app, argc - 1, argv + 1, f) < 0)
		return -1;
	for (int i = 1; i < argc; i++) {
		struct view wire, key;
		int removed;

		if (names_address(app, argv[i], &wire, &key, NULL, f) < 0)
			return -1;
		removed = store_subscriber_remove(app->store, list.id, key, app->now, f);
		if (removed < 0)
			return -1;
		if (removed > 0)
			out_say(_("%s is no longer a member."), argv[i]);
		else
			out_say(_("%s is not on this list."), argv[i]);
	}
	return 0;
}

const struct cmd cmd_list_remove = {
	.noun = "list",
	.verb = "remove",
	.args = "NAME ADDRESS...",
	.min_args = 2,
	.max_args = -1,
	.summary = N_("take members off a list"),
	.needs = CMD_STORE_WRITE,
	.run = remove_run,
};
