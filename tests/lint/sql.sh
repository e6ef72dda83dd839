# SQL text lives in src/store and src/db only.
. "$(dirname -- "$0")/lib.sh"

# Within quotes: an even number of them stands before the string.
SQL='^[^"]*("[^"]*"[^"]*)*"[^"]*\<(SELECT [A-Za-z0-9*(_]|INSERT (OR [A-Z]+ )?INTO |UPDATE [A-Za-z0-9_]+ SET |DELETE FROM |CREATE (TABLE|INDEX|UNIQUE INDEX) |PRAGMA )'

sql() {
	c_files_of "$1" | grep -vE '^src/(store|db)/' | grep_files "$1" "$SQL"
}

lint "SQL text is in src/store and src/db only" sql
sample cmd/x.c 'static const char q[] = "SELECT id FROM contact";'
catches "a query in a command" sql
sample src/report/x.c 'run(db, "DELETE FROM contact");'
catches "a deletion in a report" sql
sample src/store/x.c 'static const char q[] = "SELECT id FROM contact";'
sample cmd/x.c 'puts("Select a list, then UPDATE it"); /* SELECT is for src/store */'
accepts "the store itself" sql
