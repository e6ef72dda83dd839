/* facteur relay presets. */
#include "cmd/cmd.h"
#include "settings/preset.h"

enum { PRESETS_TEXT_MAX = 4096 };

/* What the words of presets.yaml mean to a person; each in the order of its enum. */
static const char *const kind_words[] = {N_("bulk"), N_("hosting"), N_("personal")};
static const char *const kind_means[] = {
	N_("a relay made for many letters"),
	N_("mailboxes of an organisation's own domain: good for some letters, not for thousands"),
	N_("the mailbox of a person: not made for many letters at once"),
};
static const char *const status_words[] = {
	N_("current"), N_("second-hand"), N_("untried"), N_("old"), N_("closed")};
static const char *const status_means[] = {
	N_("from a list that is kept up to date"),
	N_("known at second hand only"),
	N_("nobody has tried it"),
	N_("from an old list; perhaps it is gone by now"),
	N_("closed: this provider exists no longer"),
};
static const char *const login_means[] = {
	N_("the password of the account"),
	N_("an app password: made in the security settings of the account, for one program"),
	N_("OAuth 2 only: passwords are no longer accepted"),
	N_("a secret key, made on the provider's pages"),
	N_("not known"),
};
static const char *const username_means[] = {
	N_("the whole address"),
	N_("what stands before the @ of the address"),
	N_("a key, made on the provider's pages"),
	N_("a login of its own, shown on the provider's pages"),
	N_("not known"),
};
static const char *const enable_means[] = {
	"",
	N_("sending by a program must be switched on in the account first"),
	N_("reading by a program must be switched on in the account first"),
};
static const char *const quota_words[] = {"", N_("by plan"), N_("not known")};
static const char *const quota_means[] = {
	"",
	N_("they depend on what you bought: look there and write them as rate"),
	N_("not known: ask, and write them as rate"),
};

static void join(const struct settings_list *list, struct str *out)
{
	for (size_t i = 0; i < list->count; i++)
		(void)str_addf(out, "%s%s", i > 0 ? ", " : "", list->items[i]);
}

static const struct settings_list *values_of(
	const struct settings_preset_facts *facts, const char *key)
{
	static const struct settings_list none = {0};

	for (size_t i = 0; i < facts->count; i++)
		if (strcmp(facts->items[i].key, key) == 0)
			return &facts->items[i].values;
	return &none;
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *list_json(const struct settings_list *list)
{
	json_t *out = json_array();

	for (size_t i = 0; i < list->count; i++)
		(void)json_array_append_new(out, json_string(list->items[i]));
	return out;
}

static json_t *value_json(const char *text)
{
	uint64_t number;

	return view_u64(view_of(text), INT32_MAX, &number) ? json_integer((json_int_t)number)
							   : json_string(text);
}

static json_t *facts_json(const struct settings_preset_facts *facts)
{
	json_t *out;

	if (facts->count == 0)
		return json_null();
	out = json_object();
	for (size_t i = 0; i < facts->count; i++) {
		const struct settings_preset_fact *fact = &facts->items[i];

		(void)json_object_set_new(out, fact->key,
			fact->list ? list_json(&fact->values) : value_json(fact->values.items[0]));
	}
	return out;
}

/* Texts and dates come by turns. */
static json_t *sources_json(const struct settings_preset_facts *facts)
{
	json_t *out = json_array();

	for (size_t i = 0; i < facts->count; i++) {
		const struct settings_list *v = &facts->items[i].values;

		for (size_t j = 0; j + 1 < v->count; j += 2)
			(void)json_array_append_new(
				out, json_pack("{s:s, s:s, s:s}", "of", facts->items[i].key,
					     "source", v->items[j], "date", v->items[j + 1]));
	}
	return out;
}

static json_t *preset_json(const struct settings_preset *p)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"name", p->name, "title", p->title, "kind", settings_preset_kind_name(p), "status",
		settings_preset_status_name(p), "login", settings_preset_login_name(p), "username",
		settings_preset_username_name(p), "quota", settings_preset_quota_name(p), "enable",
		settings_preset_enable_name(p), "aliases", list_json(&p->aliases), "domains",
		list_json(&p->domains), "relay", facts_json(&p->relay), "other",
		facts_json(&p->other), "imap", facts_json(&p->imap), "pop3", facts_json(&p->pop3),
		"sources", sources_json(&p->sources));
}

/* --- all of them ---------------------------------------------------------- */

static void limits_cell(struct out_table *t, const struct settings_preset *p)
{
	struct str text;

	str_init(&text, PRESETS_TEXT_MAX);
	if (p->quota == SETTINGS_PRESET_FIXED)
		join(values_of(&p->relay, "rate"), &text);
	else
		(void)str_addz(&text, _(quota_words[p->quota]));
	out_cell(t, str_view(&text));
	str_free(&text);
}

static void show_all(const struct settings_presets *presets)
{
	static const char *const heads[] = {
		N_("Preset"), N_("Kind"), N_("Server for sending"), N_("Limits"), N_("Status")};
	enum { HEADS = sizeof heads / sizeof *heads };
	struct out_table *t = out_table_new(HEADS);
	const struct settings_preset *all;
	size_t count;

	all = settings_presets_all(presets, &count);
	for (size_t i = 0; i < HEADS; i++)
		out_cellz(t, _(heads[i]));
	for (size_t i = 0; i < count; i++) {
		const struct settings_preset *p = &all[i];
		const char *host = settings_preset_fact(&p->relay, "host");

		out_cellz(t, p->name);
		out_cellz(t, _(kind_words[p->kind]));
		out_cellz(t, host != NULL ? host : "-");
		limits_cell(t, p);
		out_cellz(t, _(status_words[p->status]));
	}
	out_table_print(&t);
	out_say("%s", _("facteur relay presets NAME tells all about one, with its sources."));
}

static int all_json(const struct settings_presets *presets)
{
	const struct settings_preset *all;
	json_t *rows = json_array();
	size_t count;

	all = settings_presets_all(presets, &count);
	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(rows, preset_json(&all[i]));
	out_json(json_pack("{s:i, s:o}", "schema", 1, "presets", rows));
	return 0;
}

/* --- one of them ---------------------------------------------------------- */

/* "smtp.gmail.com, port 465, implicit". */
static void add_server(const struct settings_preset_facts *facts, const char *host, struct str *out)
{
	const char *port = settings_preset_fact(facts, "port");
	const char *tls = settings_preset_fact(facts, "tls");

	(void)str_addz(out, host);
	if (port != NULL)
		(void)str_addf(out, _("%sport %s"), host[0] != '\0' ? ", " : "", port);
	if (tls != NULL)
		(void)str_addf(out, ", tls: %s", tls);
}

static void show_server(const char *title, const struct settings_preset_facts *facts,
	const struct settings_preset_facts *other)
{
	const char *host = settings_preset_fact(facts, "host");
	struct str text;

	str_init(&text, PRESETS_TEXT_MAX);
	if (host == NULL) {
		(void)str_addz(&text, _("no server is known"));
	} else {
		add_server(facts, host, &text);
		if (other != NULL && other->count > 0) {
			(void)str_addz(&text, _("; also "));
			add_server(other, "", &text);
		}
	}
	out_line("%s%s", title, text.p);
	str_free(&text);
}

static void show_limits(const struct settings_preset *p)
{
	static const char *const keys[] = {
		"rate", "max_connections", "recipients_per_message", "max_message_size"};
	struct str text;

	str_init(&text, PRESETS_TEXT_MAX);
	(void)str_addz(&text, _(quota_means[p->quota]));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct settings_list *v = values_of(&p->relay, keys[i]);

		if (v->count == 0)
			continue;
		(void)str_addf(&text, "%s%s: ", text.len > 0 ? "; " : "", keys[i]);
		join(v, &text);
	}
	out_line(_("Limits:     %s"), text.p);
	str_free(&text);
}

static void show_names(const struct settings_preset *p)
{
	struct str text;

	str_init(&text, PRESETS_TEXT_MAX);
	join(&p->aliases, &text);
	out_line(_("Provider:   %s"), p->title);
	if (text.len > 0)
		out_line(_("Preset:     %s, also as %s"), p->name, text.p);
	else
		out_line(_("Preset:     %s"), p->name);
	str_clear(&text);
	join(&p->domains, &text);
	if (text.len > 0)
		out_line(_("Addresses:  @%s"), text.p);
	str_free(&text);
}

/* The one source of presets.yaml that is a sentence for people. */
static const char *const no_source = N_("general knowledge, check with your provider");

/* What the facts of presets.yaml are about, which is all its sources name. */
static const char *of_what(const char *key)
{
	static const char *const known[] = {
		N_("servers"), N_("login"), N_("limits"), N_("closure")};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(key, known[i]) == 0)
			return _(known[i]);
	return key;
}

static void show_sources(const struct settings_preset_facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		const struct settings_list *v = &facts->items[i].values;

		for (size_t j = 0; j + 1 < v->count; j += 2)
			out_line(_("Source:     %s, %s: %s"), of_what(facts->items[i].key),
				v->items[j + 1],
				strcmp(v->items[j], no_source) == 0 ? _(no_source) : v->items[j]);
	}
}

static void show_use(const struct settings_preset *p)
{
	if (p->status == SETTINGS_PRESET_DEAD || settings_preset_fact(&p->relay, "host") == NULL)
		return;
	out_line(_("In facteur.yaml:\n  relays:\n    NAME: {preset: %s, username: \"...\", "
		   "password_file: NAME.pass}"),
		p->name);
}

static void show_one(const struct settings_preset *p)
{
	show_names(p);
	out_line(_("Kind:       %s"), _(kind_means[p->kind]));
	out_line(_("Status:     %s"), _(status_means[p->status]));
	show_server(_("Sending:    "), &p->relay, &p->other);
	show_limits(p);
	out_line(_("User name:  %s"), _(username_means[p->username]));
	out_line(_("Password:   %s"), _(login_means[p->login]));
	if (enable_means[p->enable][0] != '\0')
		out_line(_("First:      %s"), _(enable_means[p->enable]));
	show_server(_("IMAP:       "), &p->imap, NULL);
	show_server(_("POP3:       "), &p->pop3, NULL);
	show_sources(&p->sources);
	show_use(p);
}

static int show_named(const struct app *app, const struct settings_presets *presets,
	const char *name, struct fail *f)
{
	const struct settings_preset *p = settings_presets_find(presets, view_of(name));
	struct view near;
	json_t *doc;

	if (p != NULL && !app->json) {
		show_one(p);
		return 0;
	}
	if (p != NULL) {
		doc = preset_json(p);
		(void)json_object_set_new(doc, "schema", json_integer(1));
		out_json(doc);
		return 0;
	}
	near = settings_presets_near(presets, view_of(name));
	if (near.len > 0)
		return fail_set(f, FAIL_NOINPUT, _("there is no preset \"%s\"; did you mean %.*s?"),
			name, VIEW_ARG(near));
	return fail_set(f, FAIL_NOINPUT,
		_("there is no preset \"%s\"; facteur relay presets lists them"), name);
}

static int presets_run(struct app *app, int argc, char **argv, struct fail *f)
{
	struct settings_presets *presets = settings_presets_new();
	int ret = 0;

	if (argc > 0)
		ret = show_named(app, presets, argv[0], f);
	else if (app->json)
		ret = all_json(presets);
	else
		show_all(presets);
	settings_presets_free(&presets);
	return ret;
}

const struct cmd cmd_relay_presets = {
	.noun = "relay",
	.verb = "presets",
	.args = "[NAME]",
	.max_args = 1,
	.summary = N_("show the providers known by name"),
	.more = N_("relays.NAME.preset in facteur.yaml completes server, port and limits of a "
		   "relay.\nWhatever you write yourself wins."),
	.needs = CMD_NOTHING,
	.reads = true,
	.run = presets_run,
};
