#include "support.h"
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/file.h"
#include "base/time.h"
#include "settings/keys.h"

static char folder[] = "/tmp/facteur-keys-XXXXXX";
static char path[64];
static unsigned char key[SETTINGS_KEYS_MAX][SETTINGS_KEY_SIZE];
static int64_t since[SETTINGS_KEYS_MAX];
static size_t count;

static int prepare(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/facteur.keys", folder);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder); /* fails where something was left behind */
}

static void put(const char *text)
{
	struct fail f;

	(void)unlink(path);
	assert_int_equal(file_write_new(path, view_of(text), &f), 0);
}

static void read_all(void)
{
	struct fail f = {0};

	if (settings_keys_read(path, key, since, &count, &f) < 0)
		fail_msg("%s", f.text);
}

static void made_once(void **state)
{
	unsigned char first[SETTINGS_KEY_SIZE];
	char fingerprint[SETTINGS_FINGERPRINT_SIZE];
	struct stat st;
	struct fail f;

	(void)state;
	(void)unlink(path);
	(void)umask(0);
	assert_int_equal(settings_keys_make(path, 1000, &f), 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	read_all();
	assert_int_equal(count, 1);
	assert_int_equal(since[0], 1000);
	memcpy(first, key[0], sizeof first);
	assert_int_equal(settings_keys_make(path, 2000, &f), 0);
	read_all();
	assert_int_equal(count, 1);
	assert_memory_equal(first, key[0], sizeof first);
	settings_key_fingerprint(key[0], fingerprint);
	assert_int_equal(strlen(fingerprint), SETTINGS_FINGERPRINT_SIZE - 1);
}

/* The newest first; past the most that are kept the oldest goes. */
static void rotated(void **state)
{
	unsigned char all[SETTINGS_KEYS_MAX + 2][SETTINGS_KEY_SIZE];
	struct fail f = {0};

	(void)state;
	(void)unlink(path);
	assert_int_equal(settings_keys_make(path, 0, &f), 1);
	for (size_t n = 1; n <= SETTINGS_KEYS_MAX + 1; n++) {
		bool dropped = false;

		read_all();
		memcpy(all[n - 1], key[0], SETTINGS_KEY_SIZE);
		assert_int_equal(settings_keys_rotate(path, (int64_t)n * 1000, &dropped, &f), 0);
		assert_int_equal(dropped, n >= SETTINGS_KEYS_MAX);
	}
	read_all();
	assert_int_equal(count, SETTINGS_KEYS_MAX);
	for (size_t i = 0; i < SETTINGS_KEYS_MAX; i++)
		assert_int_equal(since[i], (int64_t)(SETTINGS_KEYS_MAX + 1 - i) * 1000);
	for (size_t i = 1; i < SETTINGS_KEYS_MAX; i++)
		assert_memory_equal(key[i], all[SETTINGS_KEYS_MAX + 1 - i], SETTINGS_KEY_SIZE);
}

/* Processes that do it at the same time. */
static void at_once(void (*work)(void))
{
	enum { PROCESSES = 12 };
	int status;

	for (int i = 0; i < PROCESSES; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			work();
			_exit(0);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
}

/* Whoever finds one there reads it as a whole. */
static void make_and_read(void)
{
	struct fail f;

	if (settings_keys_make(path, 5, &f) < 0 ||
		settings_keys_read(path, key, since, &count, &f) < 0 || count != 1)
		_exit(1);
}

static void rotate_once(void)
{
	struct fail f;

	if (settings_keys_rotate(path, 5, NULL, &f) < 0)
		_exit(1);
}

static void nobody_loses(void **state)
{
	enum { ROUNDS = 20 };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		(void)unlink(path);
		at_once(make_and_read);
		read_all();
		assert_int_equal(count, 1);
	}
	at_once(rotate_once);
	read_all();
	assert_int_equal(count, 13);
}

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F"

static void what_is_read(void **state)
{
	static const struct file_case {
		const char *name, *text;
		const char *words; /* NULL: it has one key */
	} cases[] = {
		{"one", "2026-11-26T22:18:39.000Z " HEX "\n", NULL},
		{"without a line end, after blank lines", "\n# x\n\n2026-11-26T22:18:39Z  " HEX,
			NULL},
		{"CRLF", "2026-11-26T22:18:39.000Z " HEX "\r\n", NULL},
		{"empty", "", "there is no key"},
		{"comments only", "# nothing\n", "there is no key"},
		{"short", "2026-11-26T22:18:39Z 0011\n", "line 1: this is no key"},
		{"no time", HEX "\n", "line 1: this is no key"},
		{"no hex", "# x\n2026-11-26T22:18:39Z g" HEX "\n", "line 2: this is no key"},
		{"something else", "database: facteur.db\n", "line 1: this is no key"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct file_case *c = &cases[i];
		struct fail f = {0};
		int ret;

		put(c->text);
		ret = settings_keys_read(path, key, NULL, &count, &f);
		if ((ret == 0) != (c->words == NULL))
			fail_msg("%s: %d %s", c->name, ret, f.text);
		if (ret == 0)
			assert_true(count == 1 && key[0][0] == 0 && key[0][31] == 31);
		else if (f.kind != FAIL_CONF || strstr(f.text, c->words) == NULL ||
			 strstr(f.text, "0102") != NULL)
			fail_msg("%s: %s", c->name, f.text);
	}
}

static void refused(void **state)
{
	struct fail f = {0};
	char longer[300];

	(void)state;
	put("2026-11-26T22:18:39Z " HEX "\n");
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(settings_keys_read(path, key, NULL, &count, &f), -1);
	assert_non_null(strstr(f.text, "chmod 600"));
	assert_int_equal(settings_keys_rotate(path, 1, NULL, &f), -1);
	(void)unlink(path);
	assert_int_equal(settings_keys_read(path, key, NULL, &count, &f), -1);
	assert_int_equal(f.kind, FAIL_CONF);
	assert_int_equal(settings_keys_rotate(path, 1, NULL, &f), -1);
	(void)snprintf(longer, sizeof longer, "%s/no/folder/keys", folder);
	assert_int_equal(settings_keys_make(longer, 1, &f), -1);
	assert_int_equal(f.kind, FAIL_CREATE);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(settings_keys_read(path, key, NULL, &count, &f), -1);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(made_once),
		cmocka_unit_test(rotated),
		cmocka_unit_test(nobody_loses),
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
