/* facteur init: a folder that is ready to use. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/place.h"
#include "settings/keys.h"
#include "store/list.h"
#include "store/store.h"
#include "store/template.h"
#include "tmpl/tmpl.h"

enum { INIT_PATH_MAX = 4096, INIT_FILE_MAX = 4 * 1024 * 1024 };

static bool demo;
static const char *language;

static const struct opt init_opts[] = {
	{OPT_FLAG, 0, "demo", &demo, NULL,
		N_("with a sample list and a made-up association, to try things out")},
	{OPT_CHOICE, 'l', "language", &language, "fr|en",
		N_("of the templates that are copied in")},
	{OPT_END, 0, NULL, NULL, NULL, NULL},
};

/* What a new configuration says. Comments are in both languages' common
 * denominator: the names of the keys. */
static const char blank_configuration[] =
	"# facteur.yaml - see docs/configuration.md, or: facteur config show --origin\n"
	"database: facteur.db\n"
	"\n"
	"identity:\n"
	"  # from: \"Association Exemple <contact@asso.example>\"\n"
	"  # organisation: Association Exemple\n"
	"  # postal_address: 1 rue de la Paix, 98800 Nouméa\n"
	"\n"
	"relays:\n"
	"  outbox: {type: maildir, path: outbox}   # a folder: nobody is mailed\n"
	"  # mailjet: {preset: mailjet, username: \"...\",   # or: facteur relay presets\n"
	"  #           password_file: mailjet.pass, rate: [200/h, 6000/d]}\n"
	"default_relay: outbox\n"
	"\n"
	"safety:\n"
	"  live: false   # true: relays of type smtp may mail real people\n";

static const char demo_configuration[] =
	"# facteur.yaml of a demonstration: everything goes to the folder outbox.\n"
	"database: facteur.db\n"
	"\n"
	"identity:\n"
	"  from: \"Association Exemple <contact@asso.example>\"\n"
	"  organisation: Association Exemple\n"
	"  postal_address: 1 rue de la Paix, 98800 Nouméa\n"
	"\n"
	"relays:\n"
	"  outbox: {type: maildir, path: outbox}\n"
	"default_relay: outbox\n"
	"\n"
	"safety:\n"
	"  live: false\n";

/* --- where templates and sample lists are -------------------------------- */

/* Beside the program (PREFIX/bin, PREFIX/share/facteur), or the source tree it was built in. */
static int find_data(struct str *out, struct fail *f)
{
	if (place_beside(out, "share/facteur"))
		return 0;
	(void)str_addz(out, FCT_DATADIR);
	if (file_exists(out->p))
		return 0;
	str_clear(out);
	(void)str_addz(out, FCT_SOURCEDIR);
	if (file_exists(out->p))
		return 0;
	return fail_set(f, FAIL_NOINPUT, _("the templates that come with facteur are not in %s"),
		FCT_DATADIR);
}

/* --- copying ------------------------------------------------------------- */

static const char *join(struct str *out, const char *dir, const char *name)
{
	str_clear(out);
	(void)file_join(out, dir, name);
	return out->p;
}

/* A file that is there already is the user's: it stays. */
static int copy_file(const char *from, const char *to, struct fail *f)
{
	struct str bytes;
	int ret = 0;

	if (file_exists(to))
		return 0;
	str_init(&bytes, INIT_FILE_MAX);
	if (file_read(from, &bytes, f) < 0 || file_write_new(to, str_view(&bytes), f) < 0)
		ret = -1;
	str_free(&bytes);
	return ret;
}

/* Calls for each plain file of a folder. */
static int each_file(const char *from, const char *to,
	int (*fn)(struct app *, const char *, const char *, const char *, struct fail *),
	struct app *app, struct fail *f)
{
	struct str source, target;
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(from);
	int ret = 0;

	if (dir == NULL)
		return fail_set(
			f, FAIL_NOINPUT, _("%s cannot be opened: %s"), from, strerror(errno));
	str_init(&source, INIT_PATH_MAX);
	str_init(&target, INIT_PATH_MAX);
	while (ret == 0 && (entry = readdir(dir)) != NULL) {
		(void)join(&source, from, entry->d_name);
		(void)join(&target, to, entry->d_name);
		if (stat(source.p, &st) == 0 && S_ISREG(st.st_mode))
			ret = fn(app, source.p, target.p, entry->d_name, f);
	}
	str_free(&source);
	str_free(&target);
	(void)closedir(dir);
	return ret;
}

static int copy_one(
	struct app *app, const char *from, const char *to, const char *name, struct fail *f)
{
	(void)app;
	(void)name;
	return copy_file(from, to, f);
}

/* templates/note.md becomes the template "note". */
static int add_template(
	struct app *app, const char *from, const char *to, const char *name, struct fail *f)
{
	ptrdiff_t dot = view_chr(view_of(name), '.');
	struct str source;
	int64_t version;
	int ret;

	if (copy_file(from, to, f) < 0)
		return -1;
	str_init(&source, TMPL_SOURCE_MAX);
	ret = file_read(to, &source, f);
	if (ret == 0)
		ret = store_template_add(app->store, view_sub(view_of(name), 0, (size_t)dot),
			str_view(&source), app->now, &version, f);
	str_free(&source);
	return ret;
}

/* --- the folder ---------------------------------------------------------- */

static const char *choose_language(void)
{
	const char *vars[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	if (language != NULL)
		return language;
	for (size_t i = 0; i < sizeof vars / sizeof *vars; i++) {
		const char *value = getenv(vars[i]);

		if (value != NULL && value[0] != '\0')
			return view_starts(view_of(value), VIEW("en")) ? "en" : "fr";
	}
	return "fr";
}

static int write_configuration(const char *dir, struct fail *f)
{
	struct str path;
	int ret;

	str_init(&path, INIT_PATH_MAX);
	if (file_exists(join(&path, dir, "facteur.yaml")))
		ret = fail_set(f, FAIL_CREATE,
			_("%s is there already; facteur init makes new folders only"), path.p);
	else
		ret = file_write_new(
			path.p, view_of(demo ? demo_configuration : blank_configuration), f);
	str_free(&path);
	return ret;
}

static int copy_templates(struct app *app, const char *data, const char *dir, struct fail *f)
{
	struct str from, to;
	int ret;

	str_init(&from, INIT_PATH_MAX);
	str_init(&to, INIT_PATH_MAX);
	(void)str_addf(&from, "%s/templates/%s", data, choose_language());
	ret = file_make_dir(join(&to, dir, "templates"), f);
	if (ret == 0)
		ret = each_file(from.p, to.p, add_template, app, f);
	str_free(&from);
	str_free(&to);
	return ret;
}

static int copy_lists(struct app *app, const char *data, const char *dir, struct fail *f)
{
	struct str from, to;
	int ret;

	str_init(&from, INIT_PATH_MAX);
	str_init(&to, INIT_PATH_MAX);
	ret = file_make_dir(join(&to, dir, "lists"), f);
	if (ret == 0)
		ret = each_file(join(&from, data, "lists"), to.p, copy_one, app, f);
	if (ret == 0)
		ret = store_list_create(app->store, VIEW("membres"),
			VIEW("Les membres de l'association"), view_of(""), app->now, f);
	str_free(&from);
	str_free(&to);
	return ret;
}

static void say_next(const char *dir)
{
	out_say(_("%s is ready: facteur.yaml, the database and templates/."), dir);
	if (strcmp(dir, ".") != 0)
		out_say(_("Go there first:  cd %s"), dir);
	if (demo)
		out_say("%s",
			_("Then try:        facteur list import membres lists/membres.csv\n"
			  "                 facteur send --to membres --template newsletter"));
	else
		out_say("%s",
			_("Then say who you are in facteur.yaml (identity), and make a list:\n"
			  "                 facteur list create members\n"
			  "                 facteur list import members FILE.csv"));
	out_say("%s",
		_("Keep a copy of facteur.keys in a safe place: by it facteur recognises what "
		  "comes back."));
	out_say("%s", _("Nobody is mailed before you set safety: live to true."));
}

static int init_run(struct app *app, int argc, char **argv, struct fail *f)
{
	const char *dir = argc > 0 ? argv[0] : ".";
	struct str data, database, keys;
	int ret = -1;

	str_init(&data, INIT_PATH_MAX);
	str_init(&database, INIT_PATH_MAX);
	str_init(&keys, INIT_PATH_MAX);
	if (find_data(&data, f) < 0 || file_make_dir(dir, f) < 0 ||
		write_configuration(dir, f) < 0 ||
		settings_keys_make(join(&keys, dir, "facteur.keys"), app->now, f) < 0 ||
		store_open(join(&database, dir, "facteur.db"), STORE_CREATE, &app->store, f) < 0 ||
		copy_templates(app, data.p, dir, f) < 0 ||
		(demo && copy_lists(app, data.p, dir, f) < 0))
		goto out;
	say_next(dir);
	ret = 0;
out:
	str_free(&data);
	str_free(&database);
	str_free(&keys);
	return ret;
}

const struct cmd cmd_init = {
	.noun = "init",
	.args = "[FOLDER]",
	.max_args = 1,
	.summary = N_("make a folder ready to use"),
	.opts = init_opts,
	.run = init_run,
};
