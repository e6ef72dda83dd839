#include "cmd/cmd.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/utf8.h"
#include "settings/settings.h"
#include "store/store.h"

extern char **environ;

extern const struct cmd cmd_init, cmd_version;
extern const struct cmd cmd_config_show, cmd_config_check;
extern const struct cmd cmd_list_create, cmd_list_edit, cmd_list_show, cmd_list_delete,
	cmd_list_add, cmd_list_remove, cmd_list_import, cmd_list_export;
extern const struct cmd cmd_suppress_add, cmd_suppress_remove, cmd_suppress_list;
extern const struct cmd cmd_template_add, cmd_template_list, cmd_template_show,
	cmd_template_preview, cmd_template_remove;
extern const struct cmd cmd_send, cmd_campaign_create, cmd_campaign_list, cmd_campaign_show,
	cmd_campaign_send, cmd_campaign_resume, cmd_campaign_pause, cmd_campaign_cancel,
	cmd_campaign_retry, cmd_campaign_status;
extern const struct cmd cmd_mailbox_list, cmd_mailbox_test;
extern const struct cmd cmd_relay_list, cmd_relay_presets, cmd_relay_test;
extern const struct cmd cmd_key_list, cmd_key_rotate;
extern const struct cmd cmd_event_import, cmd_event_pull;
extern const struct cmd cmd_bounce_fetch, cmd_bounce_list, cmd_bounce_parse, cmd_bounce_review,
	cmd_bounce_show;
extern const struct cmd cmd_report, cmd_audit_verify;

static const struct cmd *const table[] = {
	&cmd_init,
	&cmd_config_show,
	&cmd_config_check,
	&cmd_list_create,
	&cmd_list_edit,
	&cmd_list_show,
	&cmd_list_delete,
	&cmd_list_add,
	&cmd_list_remove,
	&cmd_list_import,
	&cmd_list_export,
	&cmd_suppress_add,
	&cmd_suppress_remove,
	&cmd_suppress_list,
	&cmd_template_add,
	&cmd_template_list,
	&cmd_template_show,
	&cmd_template_preview,
	&cmd_template_remove,
	&cmd_send,
	&cmd_campaign_create,
	&cmd_campaign_list,
	&cmd_campaign_show,
	&cmd_campaign_status,
	&cmd_campaign_send,
	&cmd_campaign_pause,
	&cmd_campaign_resume,
	&cmd_campaign_cancel,
	&cmd_campaign_retry,
	&cmd_relay_list,
	&cmd_relay_test,
	&cmd_relay_presets,
	&cmd_mailbox_list,
	&cmd_mailbox_test,
	&cmd_key_list,
	&cmd_key_rotate,
	&cmd_bounce_fetch,
	&cmd_bounce_parse,
	&cmd_bounce_list,
	&cmd_bounce_show,
	&cmd_bounce_review,
	&cmd_event_import,
	&cmd_event_pull,
	&cmd_report,
	&cmd_audit_verify,
	&cmd_version,
	NULL,
};

enum { CMD_NAMES_MAX = 64, CMD_NAME_SIZE = 64, CMD_REPORT_MAX = 65536 };
enum { HELP_INDENT = 34, HELP_WIDTH = 80 };

static struct {
	bool help, quiet, json, version;
	const char *config;
	struct opt_list set;
} global;

static const struct opt global_opts[] = {
	{OPT_TEXT, 'c', "config", &global.config, "FILE", N_("the configuration file to use")},
	{OPT_LIST, 0, "set", &global.set, "KEY=VALUE", N_("change one setting for once")},
	{OPT_FLAG, 'q', "quiet", &global.quiet, NULL, N_("say nothing unless it fails")},
	{OPT_FLAG, 'h', "help", &global.help, NULL, N_("show this help")},
	{OPT_FLAG, 0, "version", &global.version, NULL, N_("show the version")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};
static const struct opt json_opts[] = {
	{OPT_FLAG, 0, "json", &global.json, NULL, N_("print JSON for programs instead of a table")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

static const char *full_name(const struct cmd *cmd, char *buffer, size_t size)
{
	(void)snprintf(buffer, size, CMD_PROGRAM " %s%s%s", cmd->noun, cmd->verb != NULL ? " " : "",
		cmd->verb != NULL ? cmd->verb : "");
	return buffer;
}

/* The words of a help text from column HELP_INDENT on, in as many lines as they need. */
static void print_wrapped(const char *text)
{
	struct view rest = view_of(text), word;
	size_t column = HELP_INDENT;

	while (view_split(&rest, ' ', &word)) {
		size_t width = utf8_width(word);

		if (column > HELP_INDENT && column + 1 + width > HELP_WIDTH) {
			printf("\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		} else if (column > HELP_INDENT) {
			(void)putchar(' ');
			column++;
		}
		(void)fwrite(word.p, 1, word.len, stdout);
		column += width;
	}
	(void)putchar('\n');
}

static void print_opts(const struct opt *o)
{
	for (; o != NULL && o->kind != OPT_END; o++) {
		char left[128];
		char letter[8] = "    ";

		if (o->letter != 0)
			(void)snprintf(letter, sizeof letter, "-%c, ", o->letter);
		(void)snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name,
			o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
		if (strlen(left) > 30)
			printf("  %s\n  %30s", left, "");
		else
			printf("  %-30s", left);
		printf("  ");
		print_wrapped(_(o->help));
	}
}

static void print_usage(FILE *to, const struct cmd *c)
{
	char name[CMD_NAME_SIZE];

	(void)fprintf(to, "%s %s%s%s%s\n", _("Usage:"), full_name(c, name, sizeof name),
		c->opts != NULL || c->reads ? _(" [OPTIONS]") : "", c->args[0] != '\0' ? " " : "",
		c->args);
}

static void help(const struct cmd *c)
{
	print_usage(stdout, c);
	printf("\n%s\n", _(c->summary));
	if (c->more != NULL)
		printf("\n%s\n", _(c->more));
	printf("\n%s\n", _("Options:"));
	print_opts(c->opts);
	if (c->reads)
		print_opts(json_opts);
	print_opts(global_opts);
}

static void print_rows(const char *noun)
{
	for (const struct cmd *const *c = table; *c != NULL; c++) {
		char name[CMD_NAME_SIZE], left[160];

		if (noun != NULL && strcmp(noun, (*c)->noun) != 0)
			continue;
		(void)snprintf(left, sizeof left, "%s %s",
			full_name(*c, name, sizeof name) + sizeof CMD_PROGRAM, (*c)->args);
		printf("  %-29s %s\n", left, _((*c)->summary));
	}
}

static void help_all(void)
{
	printf("%s\n\n%s\n",
		_("facteur sends a newsletter to a list: nobody sees who else gets it, and\n"
		  "everybody is accounted for."),
		_("Commands:"));
	print_rows(NULL);
	printf("\n%s\n", _("Options of every command:"));
	print_opts(global_opts);
	printf("\n%s\n",
		_("facteur COMMAND -h tells more. To try it out: facteur init --demo FOLDER"));
}

static void help_noun(const char *noun)
{
	printf("%s\n", _("Commands:"));
	print_rows(noun);
}

static bool is_noun(const char *word)
{
	for (const struct cmd *const *c = table; *c != NULL; c++)
		if (strcmp((*c)->noun, word) == 0)
			return true;
	return false;
}

static const struct cmd *find(const char *noun, const char *verb)
{
	for (const struct cmd *const *c = table; *c != NULL; c++)
		if (strcmp((*c)->noun, noun) == 0 &&
			((*c)->verb == NULL || (verb != NULL && strcmp((*c)->verb, verb) == 0)))
			return *c;
	return NULL;
}

/* The names that could have been meant: nouns, or the verbs of one noun. */
static int unknown(const char *noun, const char *typed, struct fail *f)
{
	const char *names[CMD_NAMES_MAX], *near;
	size_t count = 0;

	for (const struct cmd *const *c = table; *c != NULL && count < CMD_NAMES_MAX; c++)
		if (noun == NULL)
			names[count++] = (*c)->noun;
		else if (strcmp((*c)->noun, noun) == 0)
			names[count++] = (*c)->verb;
	near = opt_did_you_mean(typed, names, count);
	if (near != NULL)
		return fail_set(f, FAIL_USAGE,
			_("there is no command \"%s%s%s\"; did you mean \"%s%s%s\"?"),
			noun != NULL ? noun : "", noun != NULL ? " " : "", typed,
			noun != NULL ? noun : "", noun != NULL ? " " : "", near);
	return fail_set(f, FAIL_USAGE,
		_("there is no command \"%s%s%s\"; facteur %s%s-h lists them"),
		noun != NULL ? noun : "", noun != NULL ? " " : "", typed, noun != NULL ? noun : "",
		noun != NULL ? " " : "");
}

static int load_settings(struct app *app, struct fail *f)
{
	const struct settings_sources sources = {
		.config_path = global.config,
		.environment = (const char *const *)environ,
		.overrides = global.set.item,
		.override_count = global.set.len,
	};
	struct settings_report report;
	struct str words;
	int ret;

	settings_report_init(&report);
	str_init(&words, CMD_REPORT_MAX);
	ret = settings_load(&sources, &app->settings, &report, f);
	(void)settings_report_write(&report, &words);
	if (words.len > 0 && words.p[words.len - 1] == '\n')
		str_cut(&words, words.len - 1);
	if (ret < 0 && report.errors + report.warnings > 1) {
		out_warn("%s", words.p);
		(void)fail_set(f, f->kind, "%s",
			_("nothing was done; correct the configuration as it says above"));
	} else if (ret == 0 && words.len > 0) {
		out_say("%s", words.p);
	}
	str_free(&words);
	settings_report_free(&report);
	return ret;
}

int cmd_open(struct app *app, enum cmd_needs needs, struct fail *f)
{
	if (needs == CMD_NOTHING)
		return 0;
	if (load_settings(app, f) < 0)
		return -1;
	if (needs == CMD_SETTINGS)
		return 0;
	return store_open(app->settings->database,
		needs == CMD_STORE_CREATE  ? STORE_CREATE
		: needs == CMD_STORE_WRITE ? STORE_WRITE
					   : STORE_READ,
		&app->store, f);
}

static int check_args(const struct cmd *c, int argc, char **argv, struct fail *f)
{
	char name[CMD_NAME_SIZE];

	if (argc >= c->min_args && (c->max_args < 0 || argc <= c->max_args))
		return 0;
	(void)full_name(c, name, sizeof name);
	if (argc < c->min_args)
		return fail_set(f, FAIL_USAGE,
			_("something is missing: write %s %s; -h tells more"), name, c->args);
	if (c->args[0] == '\0')
		return fail_set(f, FAIL_USAGE,
			_("\"%s\" is one word too many: %s wants options only; -h lists them"),
			argv[0], name);
	return fail_set(f, FAIL_USAGE,
		_("\"%s\" is one word too many: write %s %s; a name with spaces goes in quotes"),
		argv[c->max_args], name, c->args);
}

/* So that a mail server keeps the message, and tries again. */
static void keep_message(const struct cmd *c, int argc, char *const *argv, struct fail *f)
{
	if (c->delivers && argc == 1 && strcmp(argv[0], "-") == 0 && f->kind != FAIL_DATA &&
		f->kind != FAIL_USAGE)
		f->kind = FAIL_TEMP;
}

static int run(const struct cmd *c, int argc, char **argv, int *code, struct fail *f)
{
	const struct opt *const tables[] = {
		c->opts != NULL ? c->opts : global_opts, json_opts, global_opts, NULL};
	struct app app = {.now = time_now()};
	int ret = -1, left = opt_parse(tables, argc, argv, false, f);

	if (left >= 0 && global.help) {
		help(c);
		return 0;
	}
	out_set_quiet(global.quiet);
	app.json = global.json;
	arena_init(&app.arena);
	if (left >= 0 && global.json && !c->reads)
		left = fail_set(
			f, FAIL_USAGE, "%s", _("this command has nothing to print as JSON"));
	if (left < 0 || check_args(c, left, argv, f) < 0 || cmd_open(&app, c->needs, f) < 0)
		goto out;
	if (c->run(&app, left, argv, f) < 0)
		goto out;
	*code = app.exit_code;
	ret = 0;
out:
	if (ret < 0)
		keep_message(c, left, argv, f);
	store_close(&app.store);
	settings_free(&app.settings);
	arena_free(&app.arena);
	return ret;
}

static int version(void)
{
	printf(CMD_PROGRAM " %s\n", FCT_VERSION);
	return 0;
}

static int dispatch(int argc, char **argv, int *code, struct fail *f)
{
	const struct opt *const tables[] = {json_opts, global_opts, NULL};
	const struct cmd *c;
	int left = opt_parse(tables, argc, argv, true, f);
	bool asks;

	if (left < 0)
		return -1;
	if (global.version)
		return version();
	asks = left > 0 && strcmp(argv[0], "help") == 0;
	if (asks) {
		global.help = true;
		argv++;
		left--;
	}
	if (left == 0) {
		help_all();
		return global.help ? 0
				   : fail_set(f, FAIL_USAGE, "%s",
					     _("which command? The list is above"));
	}
	c = find(argv[0], left > 1 ? argv[1] : NULL);
	if (c != NULL && asks) {
		help(c);
		return 0;
	}
	if (c != NULL)
		return run(c, left - (c->verb != NULL ? 2 : 1), argv + (c->verb != NULL ? 2 : 1),
			code, f);
	if (!is_noun(argv[0]))
		return unknown(NULL, argv[0], f);
	if (left > 1 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0))
		global.help = true;
	if (left > 1 && !global.help && argv[1][0] == '-')
		return fail_set(f, FAIL_USAGE,
			_("%s goes to the end: first the command, then its options"), argv[1]);
	if (left > 1 && argv[1][0] != '-')
		return unknown(argv[0], argv[1], f);
	help_noun(argv[0]);
	return global.help ? 0
			   : fail_set(f, FAIL_USAGE, _("\"%s\" what? The list is above"), argv[0]);
}

int cmd_main(int argc, char **argv)
{
	struct fail f = {.kind = FAIL_NONE};
	struct fail late = {.kind = FAIL_NONE};
	int code = 0;

	if (dispatch(argc - 1, argv + 1, &code, &f) < 0)
		code = fail_exit_code(f.kind);
	out_progress_end();
	if (out_finish(&late) < 0 && f.kind == FAIL_NONE) {
		f = late;
		code = fail_exit_code(f.kind);
	}
	if (f.kind != FAIL_NONE && f.text[0] != '\0')
		out_warn("%s: %s", CMD_PROGRAM, f.text);
	return code;
}

static int version_run(struct app *app, int argc, char **argv, struct fail *f)
{
	(void)argc;
	(void)argv;
	(void)f;
	if (!app->json)
		return version();
	out_json(json_pack("{s:i, s:s}", "schema", 1, "version", FCT_VERSION));
	return 0;
}

const struct cmd cmd_version = {
	.noun = "version",
	.args = "",
	.summary = N_("show the version"),
	.reads = true,
	.run = version_run,
};
