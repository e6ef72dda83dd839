/* facteur relay list. */
#include "cmd/cmd.h"
#include "settings/settings.h"

static const char *tls_name(const struct settings_relay *r)
{
	static const char *const names[] = {
		[SETTINGS_TLS_STARTTLS] = "starttls",
		[SETTINGS_TLS_IMPLICIT] = "implicit",
		[SETTINGS_TLS_NONE] = "none",
	};

	return r->type == SETTINGS_RELAY_SMTP ? names[r->tls] : "";
}

static bool is_default(const struct app *app, const struct settings_relay *r)
{
	return app->settings->default_relay != NULL &&
	       strcmp(app->settings->default_relay, r->name) == 0;
}

enum { RELAY_PLACE_MAX = 4096 };

/* The folder, the server, or the relays of a group as they are written in the file. */
static void add_place(const struct settings_relay *r, struct str *out)
{
	const char *place = r->type == SETTINGS_RELAY_MAILDIR ? r->path : r->host;

	(void)str_addz(out, place != NULL ? place : "");
	for (size_t i = 0; i < r->through.count; i++) {
		const struct settings_share *share = &r->through.items[i];

		(void)str_addf(out, "%s%s", i > 0 ? ", " : "", share->relay);
		if (share->weight == 0)
			(void)str_addz(out, " reserve");
		else if (share->weight > 1)
			(void)str_addf(out, " %u", share->weight);
	}
}

static const char *type_name(const struct settings_relay *r)
{
	static const char *const names[] = {[SETTINGS_RELAY_MAILDIR] = "maildir",
		[SETTINGS_RELAY_SMTP] = "smtp",
		[SETTINGS_RELAY_GROUP] = "group"};

	return names[r->type];
}

static void relays_json(const struct app *app)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < app->settings->relay_count; i++) {
		const struct settings_relay *r = &app->settings->relays[i];
		struct str place;

		str_init(&place, RELAY_PLACE_MAX);
		add_place(r, &place);
		(void)json_array_append_new(rows,
			json_pack("{s:s, s:s, s:s?, s:s, s:i, s:s, s:b}", "name", r->name, "type",
				type_name(r), "preset", r->preset, "place", place.p, "port",
				(int)r->port, "tls", tls_name(r), "default", is_default(app, r)));
		str_free(&place);
	}
	out_json(json_pack("{s:i, s:o}", "schema", 1, "relays", rows));
}

static int relay_list_run(struct app *app, int argc, char **argv, struct fail *f)
{
	static const char *const kinds[] = {[SETTINGS_RELAY_MAILDIR] = N_("folder, mails nobody"),
		[SETTINGS_RELAY_SMTP] = "smtp",
		[SETTINGS_RELAY_GROUP] = N_("group of relays")};
	struct out_table *t;

	(void)argc;
	(void)argv;
	(void)f;
	if (app->json) {
		relays_json(app);
		return 0;
	}
	t = out_table_new(4);
	out_cellz(t, _("Relay"));
	out_cellz(t, _("Kind"));
	out_cellz(t, _("Where"));
	out_cellz(t, _("Default"));
	for (size_t i = 0; i < app->settings->relay_count; i++) {
		const struct settings_relay *r = &app->settings->relays[i];
		struct str place;

		str_init(&place, RELAY_PLACE_MAX);
		add_place(r, &place);
		out_cellz(t, r->name);
		out_cellz(t, _(kinds[r->type]));
		out_cell(t, str_view(&place));
		str_free(&place);
		out_cellz(t, is_default(app, r) ? _("yes") : "");
	}
	out_table_print(&t);
	return 0;
}

const struct cmd cmd_relay_list = {
	.noun = "relay",
	.verb = "list",
	.args = "",
	.summary = N_("show the relays: the ways out"),
	.needs = CMD_SETTINGS,
	.reads = true,
	.run = relay_list_run,
};
