#include "support.h"
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "settings/settings_private.h"

/* A text, the environment and --set on top of it, and one line of what is shown
 * with origins. want NULL: refused or warned about, in these words. */
static const struct source_case {
	const char *name, *yaml, *environment, *override, *want, *words;
} cases[] = {
	{"default", "", NULL, NULL, "database: facteur.db  # default", NULL},
	{"file", "database: a\n", NULL, NULL, "database: a  # facteur.yaml:1:11", NULL},
	{"environment over file", "database: a\n", "FACTEUR_DATABASE=b", NULL,
		"database: b  # FACTEUR_DATABASE", NULL},
	{"--set over environment", "database: a\n", "FACTEUR_DATABASE=b", "database=c",
		"database: c  # --set database", NULL},
	{"an empty variable is none", "database: a\n", "FACTEUR_DATABASE=", NULL,
		"database: a  # facteur.yaml:1:11", NULL},
	{"an empty --set is the default", "database: a\n", NULL,
		"database=", "database: facteur.db  # default", NULL},
	{"null in --set too", "database: a\n", NULL, "database=null",
		"database: facteur.db  # default", NULL},
	{"a switch", "", "FACTEUR_SAFETY_LIVE=yes", NULL, "  live: true  # FACTEUR_SAFETY_LIVE",
		NULL},
	{"two words in a key", "", "FACTEUR_SAFETY_BULK_THRESHOLD=3", NULL,
		"  bulk_threshold: 3  # FACTEUR_SAFETY_BULK_THRESHOLD", NULL},
	{"an entry of the file", "relays: {local: {type: smtp, host: localhost}}\n",
		"FACTEUR_RELAYS_LOCAL_PORT=25", NULL, "    port: 25  # FACTEUR_RELAYS_LOCAL_PORT",
		NULL},
	{"an entry with a hyphen", "relays: {my-relay: {type: smtp, host: localhost}}\n",
		"FACTEUR_RELAYS_MY_RELAY_PORT=25", NULL,
		"    port: 25  # FACTEUR_RELAYS_MY_RELAY_PORT", NULL},
	{"an entry in capitals", "relays: {Big: {type: smtp, host: localhost}}\n",
		"FACTEUR_RELAYS_BIG_PORT=25", NULL, "    port: 25  # FACTEUR_RELAYS_BIG_PORT",
		NULL},
	{"a new entry", "", "FACTEUR_RELAYS_BOX_PATH=p", "relays.box.type=maildir",
		"    path: p  # FACTEUR_RELAYS_BOX_PATH", NULL},
	{"the longest key wins", "", "FACTEUR_RELAYS_A_TIMEOUTS_DATA_BLOCK=1s",
		"relays.a.type=smtp", NULL, "relays.a needs host"},
	{"a section of a section", "relays: {a: {type: smtp, host: localhost}}\n",
		"FACTEUR_RELAYS_A_TIMEOUTS_DATA_BLOCK=1s", NULL,
		"      data_block: 1s  # FACTEUR_RELAYS_A_TIMEOUTS_DATA_BLOCK", NULL},
	{"a list with commas", "relays: {a: {type: smtp, host: localhost, rate: [1/s]}}\n",
		"FACTEUR_RELAYS_A_RATE=2/s, 3/h", NULL,
		"    rate: [2/s, 3/h]  # FACTEUR_RELAYS_A_RATE", NULL},
	{"a list in brackets", "relays: {a: {type: smtp, host: localhost}}\n", NULL,
		"relays.a.rate=[2/s, 3/h]", "    rate: [2/s, 3/h]  # --set relays.a.rate", NULL},
	{"an empty list", "safety: {only_domains: [example.org]}\n", NULL, "safety.only_domains=[]",
		"  only_domains: []  # --set safety.only_domains", NULL},
	{"a dkim key by its number", "dkim: [{domain: example.org, selector: s, key_file: k}]\n",
		"FACTEUR_DKIM_0_SELECTOR=t", NULL, "    selector: t  # FACTEUR_DKIM_0_SELECTOR",
		NULL},
	{"a text as it is", "", NULL, "identity.organisation=[A: *b",
		"  organisation: \"[A: *b\"  # --set identity.organisation", NULL},
	{"an = in the value", "", NULL, "identity.organisation=a=b",
		"  organisation: \"a=b\"  # --set identity.organisation", NULL},
	{"the last of two", "", "FACTEUR_DATABASE=a", "database=b", "database: b  # --set database",
		NULL},

	{"unknown variable", "", "FACTEUR_DATABSE=x", NULL, NULL,
		"FACTEUR_DATABSE: warning: this environment variable means nothing to facteur; did "
		"you "
		"mean FACTEUR_DATABASE?"},
	{"unknown variable of an entry", "relays: {a: {type: smtp, host: localhost}}\n",
		"FACTEUR_RELAYS_A_PROT=25", NULL, NULL, "did you mean FACTEUR_RELAYS_A_PORT?"},
	{"its value is not shown", "", "FACTEUR_PASSWORD=canary", NULL, NULL,
		"FACTEUR_PASSWORD: warning: this environment variable means nothing to facteur\n"},
	{"a known variable", "", "FACTEUR_CONFIG=/nowhere", NULL, "database: facteur.db  # default",
		NULL},
	{"another program's", "", "FACTEURS=1", NULL, "database: facteur.db  # default", NULL},
	{"wrong in the environment", "", "FACTEUR_SAFETY_LIVE=maybe", NULL, NULL,
		"FACTEUR_SAFETY_LIVE: safety.live must be true or false"},
	{"no such number of a dkim key", "", NULL, "dkim.1.domain=example.org", NULL,
		"--set dkim.1.domain: dkim keys are counted from 0"},
	{"unknown --set", "", NULL, "safty.live=true", NULL,
		"--set safty.live: this is not a known setting; did you mean safety.live?"},
	{"a section is no setting", "", NULL, "safety=true", NULL, "not a known setting"},
	{"--set without =", "", NULL, "canary", NULL, "--set: a setting and its value are needed"},
	{"--set without a path", "", NULL, "=canary", NULL, "--set: a setting and its value"},
	{"--set with a line end", "", NULL, "identity.organisation=a\nb", NULL,
		"line end or another"},
	{"--set with what is not UTF-8", "", NULL, "identity.organisation=\xff", NULL, "not UTF-8"},
	{"--set of a broken list", "", NULL, "safety.only_domains=[a.example", NULL,
		"--set safety.only_domains: "},
	{"--set of two lists", "", NULL, "safety.only_domains=[a.example] b: c", NULL,
		"--set safety.only_domains: "},
	{"a bad entry name", "", NULL, "relays.a b.type=smtp", NULL, "can have this name"},
	{"a password in --set", "relays: {a: {type: smtp, host: localhost, username: u}}\n", NULL,
		"relays.a.password=canary", NULL, "may not be given on the command line"},
};

static void sources_win_in_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct source_case *c = &cases[i];
		const char *environment[] = {"HOME=/srv/ana", c->environment, NULL};
		const struct settings_sources sources = {.environment = environment,
			.overrides = &c->override,
			.override_count = c->override != NULL ? 1 : 0};
		struct loaded l;

		load_with(&l, &sources, view_of(c->yaml));
		if (c->want != NULL && l.words.len > 0)
			fail_msg("%s: %s", c->name, l.words.p);
		if (c->want != NULL && !shows(l.s, true, c->want))
			fail_msg("%s: does not show %s", c->name, c->want);
		if (c->words != NULL && strstr(l.words.p, c->words) == NULL)
			fail_msg("%s: no \"%s\" in %s", c->name, c->words, l.words.p);
		if (strstr(l.words.p, "canary") != NULL || strstr(l.f.text, "canary") != NULL)
			fail_msg("%s: shows what it must not: %s", c->name, l.words.p);
		unload(&l);
	}
}

/* Files in a folder of their own. */
static char folder[] = "/tmp/facteur-settings-XXXXXX";

static void put(const char *name, const char *text, mode_t mode)
{
	struct str path;
	struct fail f;

	str_init(&path, 4096);
	(void)file_join(&path, folder, name);
	(void)unlink(path.p);
	assert_int_equal(file_write_new(path.p, view_of(text), &f), 0);
	assert_int_equal(chmod(path.p, mode), 0);
	str_free(&path);
}

static char *in_folder(const char *name)
{
	struct str path;

	str_init(&path, 4096);
	(void)file_join(&path, folder, name);
	return str_take(&path);
}

static void load_files(struct loaded *l, const struct settings_sources *sources)
{
	*l = (struct loaded){0};
	str_init(&l->words, 1 << 16);
	settings_report_init(&l->report);
	l->ret = settings_load(sources, &l->s, &l->report, &l->f);
	(void)settings_report_write(&l->report, &l->words);
}

static void files_are_merged(void **state)
{
	char *system = in_folder("system.yaml"), *user = in_folder("sub/facteur.yaml");
	char *sub = in_folder("sub"), *want;
	struct settings_sources sources = {.config_path = user, .system_path = system};
	struct loaded l;
	struct fail f;

	(void)state;
	assert_int_equal(file_make_dir(sub, &f), 0);
	put("system.yaml",
		"database: /var/lib/facteur.db\n"
		"relays:\n  hall: {type: smtp, host: localhost, port: 25, username: u, "
		"password_env: P}\n"
		"dkim: [{domain: example.com, selector: a, key_file: k},\n"
		"       {domain: example.net, selector: b, key_file: k}]\n",
		0644);
	put("sub/facteur.yaml",
		"relays:\n  hall: {port: 26, password_file: pass}\n  box: {type: maildir, path: "
		"box}\n"
		"dkim: [{domain: example.org, selector: c, key_file: ~/k}]\n",
		0644);
	load_files(&l, &sources);
	assert_string_equal(l.words.p, "");
	assert_string_equal(l.s->database, "/var/lib/facteur.db");
	assert_int_equal(l.s->relay_count, 2);
	assert_string_equal(l.s->relays[0].host, "localhost");
	assert_int_equal(l.s->relays[0].port, 26);
	assert_null(l.s->relays[0].password.env);
	want = in_folder("sub/pass");
	assert_string_equal(l.s->relays[0].password.file, want);
	free(want);
	want = in_folder("sub/box");
	assert_string_equal(l.s->relays[1].path, want);
	free(want);
	assert_int_equal(l.s->dkim_count, 1);
	assert_string_equal(l.s->dkim[0].domain, "example.org");
	assert_string_equal(l.s->folder, sub);
	assert_string_equal(l.s->file, user);
	unload(&l);
	free(sub);
	free(user);
	free(system);
}

static void files_are_found(void **state)
{
	char *config = in_folder("config"), *xdg, *here = in_folder("here");
	struct settings_sources sources = {.system_path = "", .start_folder = here};
	const char *environment[] = {NULL, NULL, NULL};
	struct str variable;
	struct loaded l;
	struct fail f;

	(void)state;
	str_init(&variable, 4096);
	(void)str_addf(&variable, "XDG_CONFIG_HOME=%s", config);
	sources.environment = environment;
	environment[0] = variable.p;
	load_files(&l, &sources); /* none at all */
	assert_string_equal(l.words.p, "");
	assert_null(l.s->file);
	assert_string_equal(l.s->default_relay, "outbox");
	unload(&l);

	xdg = in_folder("config/facteur");
	assert_int_equal(file_make_dir(config, &f), 0);
	assert_int_equal(file_make_dir(xdg, &f), 0);
	put("config/facteur/facteur.yaml", "database: xdg.db\n", 0600);
	load_files(&l, &sources);
	assert_string_equal(l.words.p, "");
	assert_non_null(strstr(l.s->database, "/config/facteur/xdg.db"));
	unload(&l);

	assert_int_equal(file_make_dir(here, &f), 0);
	put("here/facteur.yaml", "database: here.db\n", 0600);
	load_files(&l, &sources);
	assert_non_null(strstr(l.s->database, "/here/here.db"));
	unload(&l);

	environment[1] = "FACTEUR_CONFIG=/nonexistent/a.yaml";
	load_files(&l, &sources);
	assert_string_equal(l.words.p,
		"/nonexistent/a.yaml: this file cannot be opened: No such file or directory\n");
	assert_int_equal(l.f.kind, FAIL_CONF);
	unload(&l);
	sources.config_path = here;
	load_files(&l, &sources);
	assert_non_null(strstr(l.words.p, "/here: this is not a file\n"));
	unload(&l);
	str_free(&variable);
	free(xdg);
	free(here);
	free(config);
}

static const char with_password[] =
	"relays: {a: {type: smtp, host: localhost, username: u, password: canary}}\n";

static const struct mode_case {
	mode_t mode;
	bool fine;
} modes[] = {{0600, true}, {0400, true}, {0700, true}, {0640, false}, {0604, false}, {0620, false},
	{0644, false}};

static void passwords_need_a_private_file(void **state)
{
	char *path = in_folder("private.yaml");
	const struct settings_sources sources = {.config_path = path, .system_path = ""};

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct loaded l;

		put("private.yaml", with_password, modes[i].mode);
		load_files(&l, &sources);
		if ((l.ret == 0) != modes[i].fine)
			fail_msg("%o: %s", (unsigned)modes[i].mode, l.words.p);
		if (!modes[i].fine &&
			(l.report.errors != 1 || strstr(l.words.p, "chmod 600") == NULL))
			fail_msg("%o: %s", (unsigned)modes[i].mode, l.words.p);
		assert_null(strstr(l.words.p, "canary"));
		unload(&l);
	}
	free(path);
}

static void long_files_are_refused(void **state)
{
	char *path = in_folder("long.yaml");
	const struct settings_sources sources = {.config_path = path, .system_path = ""};
	char *text = malloc(SETTINGS_FILE_MAX + 2);
	struct loaded l;

	(void)state;
	assert_non_null(text);
	for (size_t extra = 0; extra < 2; extra++) {
		memset(text, '#', SETTINGS_FILE_MAX + extra);
		text[SETTINGS_FILE_MAX + extra] = '\0';
		put("long.yaml", text, 0600);
		load_files(&l, &sources);
		assert_int_equal(l.ret, extra == 0 ? 0 : -1);
		if (extra > 0)
			assert_non_null(strstr(l.words.p, "longer than 1 MiB"));
		unload(&l);
	}
	free(text);
	free(path);
}

static void origins_are_told(void **state)
{
	static const struct {
		const char *path, *want;
	} asked[] = {{"relays.a.port", "facteur.yaml:1:49"}, {"relays.a.tls", "default"},
		{"database", "FACTEUR_DATABASE"}, {"relays.b.port", NULL}, {"relays.a", NULL},
		{"identity.from", NULL}, {"x", NULL}};
	const char *environment[] = {"FACTEUR_DATABASE=x", NULL};
	const struct settings_sources sources = {.environment = environment};
	struct loaded l;
	struct str out;

	(void)state;
	str_init(&out, 4096);
	load_with(&l, &sources, VIEW("relays: {a: {type: smtp, host: localhost, port: 25}}\n"));
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		str_clear(&out);
		assert_int_equal(
			settings_origin(l.s, asked[i].path, &out), asked[i].want != NULL ? 0 : -1);
		assert_string_equal(out.p, asked[i].want != NULL ? asked[i].want : "");
	}
	str_free(&out);
	unload(&l);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"sub/facteur.yaml", "sub",
		"config/facteur/facteur.yaml", "config/facteur", "config", "here/facteur.yaml",
		"here", "system.yaml", "private.yaml", "long.yaml", ""};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = in_folder(names[i]);

		(void)remove(path);
		free(path);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sources_win_in_turn),
		cmocka_unit_test(files_are_merged), cmocka_unit_test(files_are_found),
		cmocka_unit_test(passwords_need_a_private_file),
		cmocka_unit_test(long_files_are_refused), cmocka_unit_test(origins_are_told)};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
