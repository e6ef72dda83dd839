#include "db/db_sqlite.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"

/* By primary result code (sqlite.org/rescode.html); the detail in parentheses
 * is SQLite's own. */
static const struct meaning {
	int rc;
	enum fail_kind kind;
	const char *text;
} meanings[] = {
	{SQLITE_BUSY, FAIL_TEMP,
		N_("another program is writing to it and did not finish in time; nothing was "
		   "changed: wait until it is done and run the command again")},
	{SQLITE_LOCKED, FAIL_TEMP,
		N_("it is locked; nothing was changed: run the command again in a moment")},
	{SQLITE_FULL, FAIL_STORE,
		N_("the disk is full; nothing of this step was written: free some space and run "
		   "the command again")},
	{SQLITE_IOERR, FAIL_STORE,
		N_("the disk reports an error; nothing of this step was written: check the disk, "
		   "the quota and the size limits, then run the command again")},
	{SQLITE_READONLY, FAIL_STORE,
		N_("it may only be read: give your user permission to write to the file and to its "
		   "folder")},
	{SQLITE_PERM, FAIL_STORE,
		N_("permission is missing: give your user access to the file and to its folder")},
	{SQLITE_CANTOPEN, FAIL_STORE,
		N_("the file, or its companions that end in -wal and -shm, cannot be opened: check "
		   "the permissions of the file and of its folder")},
	{SQLITE_CORRUPT, FAIL_STORE,
		N_("it is damaged; nothing was changed: keep a copy, and go back to the last "
		   "backup")},
	{SQLITE_NOTADB, FAIL_STORE,
		N_("this file is not a database of facteur: check \"database\" in the "
		   "configuration")},
	{SQLITE_PROTOCOL, FAIL_STORE,
		N_("the locks on it fail; nothing of this step was written: keep it on a disk of "
		   "this machine, not of the network, then run the command again")},
	{SQLITE_TOOBIG, FAIL_DATA, N_("a text is longer than the database takes")},
	{SQLITE_CONSTRAINT, FAIL_BUG,
		N_("a row breaks a rule of the database; nothing was changed. This is a fault in "
		   "facteur, please report it")},
};

int db_sqlite_fail(const struct db_sqlite *db, int rc, struct fail *f)
{
	const char *detail = db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);
	const char *text = N_("it does not have the shape that facteur gave it: check "
			      "\"database\" in the configuration, or go back to the last backup");
	enum fail_kind kind = FAIL_STORE;

	if ((rc & 0xff) == SQLITE_NOMEM)
		mem_out();
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		if (meanings[i].rc != (rc & 0xff))
			continue;
		kind = meanings[i].kind;
		text = meanings[i].text;
	}
	return fail_set(f, kind, _("the database %s: %s (%s)"), db->path, _(text), detail);
}
