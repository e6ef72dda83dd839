#include "support.h"
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "settings/settings_private.h"

extern char **environ;

static char folder[] = "/tmp/facteur-secret-XXXXXX";

/* `want` is the secret; NULL: refused with these words. A shell script stands
 * for any command; facteur itself uses no shell. */
static const struct command_case {
	const char *name, *script, *want, *words;
} commands[] = {
	{"a line", "echo hunter2", "hunter2", NULL},
	{"no line end", "printf hunter2", "hunter2", NULL},
	{"CRLF", "printf 'hunter2\\r\\nuser: x\\r\\n'", "hunter2", NULL},
	{"the first line of many", "echo hunter2; echo url: example.org", "hunter2", NULL},
	{"blanks are part of it", "echo ' a b '", " a b ", NULL},
	{"in two pieces", "printf hun; sleep 0.05; echo ter2", "hunter2", NULL},
	{"no stdin", "read x || echo none", "none", NULL},
	{"nothing", "true", NULL, "its first line is empty"},
	{"an empty line first", "echo; echo canary", NULL, "its first line is empty"},
	{"it fails", "echo canary; exit 3", NULL, "failed with exit code 3"},
	{"it dies", "echo canary; kill -9 $$", NULL, "ended by a signal"},
	{"too much in all", "while :; do echo canary; done", NULL, "prints more than 65536 bytes"},
	{"too long a line", "head -c 5000 /dev/zero | tr '\\0' a", NULL, "more than 4096 bytes"},
	{"NUL", "printf 'a\\0canary\\n'", NULL, "or a NUL"},
	{"it hangs", "exec sleep 30", NULL, "took too long"},
	{"it hangs with its output closed", "exec >&-; exec sleep 30", NULL, "took too long"},
	{"it leaves somebody behind", "sleep 2 & echo canary", NULL, "took too long"},
};

enum { SHORT_MS = 700, LONG_MS = 20000 };

static void commands_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command_case *c = &commands[i];
		bool hangs = c->words != NULL && strcmp(c->words, "took too long") == 0;
		char sh[] = "/bin/sh", flag[] = "-c";
		char *argv[] = {sh, flag, mem_dupz(c->script), NULL};
		struct fail f = {0};
		struct str out;
		int ret;

		str_init(&out, SETTINGS_SECRET_MAX);
		ret = settings_command_read(argv, hangs ? SHORT_MS : LONG_MS, &out, &f);
		if ((c->want != NULL) != (ret == 0))
			fail_msg("%s: %d %s", c->name, ret, f.text);
		if (strcmp(out.p, c->want != NULL ? c->want : "") != 0)
			fail_msg("%s: \"%s\"", c->name, out.p);
		if (c->words != NULL && (f.kind != FAIL_CONF || strstr(f.text, c->words) == NULL))
			fail_msg("%s: %s", c->name, f.text);
		assert_null(strstr(f.text, "canary"));
		settings_secret_wipe(&out);
		free(argv[2]);
	}
	/* No child is left over. */
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void no_shell_and_no_such_program(void **state)
{
	char echo[] = "echo", word[] = "$HOME; `id` *", none[] = "/nonexistent/program";
	char *plain[] = {echo, word, NULL}, *missing[] = {none, NULL};
	struct settings_secret secret = {.command = plain};
	struct fail f;
	struct str out;

	(void)state;
	str_init(&out, SETTINGS_SECRET_MAX);
	assert_int_equal(settings_secret_read(&secret, &out, &f), 0);
	assert_string_equal(out.p, word);
	settings_secret_wipe(&out);
	secret.command = missing;
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_non_null(strstr(f.text, "/nonexistent/program"));
	settings_secret_wipe(&out);
}

/* One that is asked for again while others wait gets less time. */
static void within_a_time(void **state)
{
	char sleep[] = "sleep", seconds[] = "30";
	char *hangs[] = {sleep, seconds, NULL};
	const struct settings_secret secret = {.command = hangs};
	int64_t began = time_monotonic();
	struct fail f;
	struct str out;

	(void)state;
	str_init(&out, SETTINGS_SECRET_MAX);
	assert_int_equal(settings_secret_read_within(&secret, SHORT_MS, &out, &f), -1);
	assert_non_null(strstr(f.text, "took too long"));
	assert_true(time_monotonic() - began < LONG_MS);
	settings_secret_wipe(&out);
}

static const struct file_case {
	const char *name, *text;
	mode_t mode;
	const char *want, *words;
} files[] = {
	{"a line", "hunter2\n", 0600, "hunter2", NULL},
	{"no line end", "hunter2", 0600, "hunter2", NULL},
	{"CRLF", "hunter2\r\n", 0600, "hunter2", NULL},
	{"read only", "hunter2\n", 0400, "hunter2", NULL},
	{"more lines", "hunter2\nx\n", 0600, "hunter2", NULL},
	{"empty", "", 0600, NULL, "its first line is empty"},
	{"for the group", "canary\n", 0640, NULL, "run \"chmod 600 "},
	{"for all", "canary\n", 0604, NULL, "run \"chmod 600 "},
	{"others may write", "canary\n", 0602, NULL, "run \"chmod 600 "},
};

static void files_are_read(void **state)
{
	struct str path, out;
	struct settings_secret secret = {0};
	struct fail f;

	(void)state;
	str_init(&path, 4096);
	str_init(&out, SETTINGS_SECRET_MAX);
	(void)file_join(&path, folder, "pass");
	secret.file = path.p;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const struct file_case *c = &files[i];
		int ret;

		(void)unlink(path.p);
		assert_int_equal(file_write_new(path.p, view_of(c->text), &f), 0);
		assert_int_equal(chmod(path.p, c->mode), 0);
		ret = settings_secret_read(&secret, &out, &f);
		if ((ret == 0) != (c->want != NULL) ||
			strcmp(out.p, c->want != NULL ? c->want : "") != 0)
			fail_msg("%s: %d \"%s\" %s", c->name, ret, out.p, f.text);
		if (ret < 0 && (strstr(f.text, c->words) == NULL || strstr(f.text, path.p) == NULL))
			fail_msg("%s: %s", c->name, f.text);
		assert_true(ret == 0 || strstr(f.text, "canary") == NULL);
		settings_secret_wipe(&out);
	}
	secret.file = folder;
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_non_null(strstr(f.text, "is not a file"));
	(void)unlink(path.p);
	secret.file = path.p;
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_non_null(strstr(f.text, "cannot be opened: No such file"));
	/* A pipe that nobody writes to must not keep us. */
	assert_int_equal(mkfifo(path.p, 0600), 0);
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_non_null(strstr(f.text, "is not a file"));
	(void)unlink(path.p);
	str_free(&path);
}

static void variables_and_values(void **state)
{
	char name[] = "FCT_TEST_SECRET", value[] = "inline";
	struct settings_secret secret = {.env = name};
	struct fail f;
	struct str out;

	(void)state;
	str_init(&out, SETTINGS_SECRET_MAX);
	assert_int_equal(unsetenv(name), 0);
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_non_null(
		strstr(f.text, "FCT_TEST_SECRET, which should hold a password, is not set"));
	assert_int_equal(setenv(name, "hunter2", 1), 0);
	assert_int_equal(settings_secret_read(&secret, &out, &f), 0);
	assert_string_equal(out.p, "hunter2");
	settings_secret_wipe(&out);
	secret = (struct settings_secret){.value = value};
	assert_true(settings_secret_is_set(&secret));
	assert_int_equal(settings_secret_read(&secret, &out, &f), 0);
	assert_string_equal(out.p, "inline");
	settings_secret_wipe(&out);
	assert_string_equal(out.p, "");
	secret = (struct settings_secret){0};
	assert_false(settings_secret_is_set(&secret));
	assert_int_equal(settings_secret_read(&secret, &out, &f), -1);
	assert_int_equal(f.kind, FAIL_CONF);
}

static bool reads(const struct settings *s, const char *relay, const char *want)
{
	const struct settings_relay *r = settings_relay_find(s, relay);
	struct fail f;
	struct str out;
	bool same;

	str_init(&out, SETTINGS_SECRET_MAX);
	same = r != NULL && settings_secret_read(&r->password, &out, &f) == 0 &&
	       strcmp(out.p, want) == 0;
	settings_secret_wipe(&out);
	return same;
}

/* What was read of the environment is no longer in it, nor in the bytes where it was; and is read
 * as often as it is wanted, by two relays too, and by the next configuration. */
static void the_environment_forgets(void **state)
{
	static const char text[] =
		"relays:\n"
		"  a: {type: smtp, host: a.example, username: u, password_env: FCT_TEST_A}\n"
		"  b: {type: smtp, host: a.example, username: u, password_env: FCT_TEST_A}\n"
		"  c: {type: smtp, host: a.example, username: u}\n";
	static const char *const names[] = {"FCT_TEST_A", "FACTEUR_RELAYS_C_PASSWORD"};
	struct settings_sources sources = {0};
	const char *places[2];
	struct loaded l;

	(void)state;
	assert_int_equal(setenv(names[0], "canary one", 1), 0);
	assert_int_equal(setenv(names[1], "canary two", 1), 0);
	for (size_t i = 0; i < 2; i++)
		places[i] = getenv(names[i]);
	sources.environment = (const char *const *)environ;
	load_with(&l, &sources, view_of(text));
	if (l.ret < 0)
		fail_msg("%s", l.words.p);
	assert_null(getenv(names[0]));
	assert_string_equal(places[0], "");
	assert_string_equal(places[1], "");
	for (int i = 0; i < 2; i++)
		assert_true(reads(l.s, "a", "canary one") && reads(l.s, "b", "canary one") &&
			    reads(l.s, "c", "canary two"));
	unload(&l);
	load_text(&l, "relays: {a: {type: smtp, host: a.example, username: u, "
		      "password_env: FCT_TEST_A}}\n");
	assert_true(l.ret == 0 && reads(l.s, "a", "canary one"));
	unload(&l);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(commands_run),
		cmocka_unit_test(no_shell_and_no_such_program), cmocka_unit_test(within_a_time),
		cmocka_unit_test(files_are_read), cmocka_unit_test(variables_and_values),
		cmocka_unit_test(the_environment_forgets)};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
