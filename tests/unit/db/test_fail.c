/* What SQLite's result codes mean to whoever has to do something about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include "base/fail.h"
#include "db/db_sqlite.h"

static const struct {
	const char *name;
	int rc;
	enum fail_kind kind;
	const char *words;
} cases[] = {
	{"held by another", SQLITE_BUSY, FAIL_TEMP, "another program is writing"},
	{"its snapshot is old", SQLITE_BUSY_SNAPSHOT, FAIL_TEMP, "another program is writing"},
	{"no room", SQLITE_FULL, FAIL_STORE, "the disk is full"},
	{"a sync that failed", SQLITE_IOERR_FSYNC, FAIL_STORE, "the disk reports an error"},
	{"locks that fail", SQLITE_PROTOCOL, FAIL_STORE, "the locks on it fail"},
	{"not its shape", SQLITE_ERROR, FAIL_STORE, "does not have the shape"},
};

static void says_what_to_do(void **state)
{
	char path[] = "members.db";
	const struct db_sqlite db = {.path = path};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fail f = {0};

		if (db_sqlite_fail(&db, cases[i].rc, &f) != -1 || f.kind != cases[i].kind ||
			strstr(f.text, cases[i].words) == NULL)
			fail_msg("%s: kind %d, %s", cases[i].name, (int)f.kind, f.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
