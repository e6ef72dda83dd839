# Functions past 60 lines and C files past 480: worth a second look, so this only warns.
. "$(dirname -- "$0")/lib.sh"

long_functions() {
	(cd "$1" && c_files_of . | xargs -d '\n' -r awk '
		FNR == 1 { start = 0 }
		/^[A-Za-z_].*\(/ && !/;[ \t]*$/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^[{]/ { start = FNR }
		/^[}]/ && start { if (FNR - start - 1 > 60) print FILENAME ":" start ": " name " has " FNR - start - 1 " lines"; start = 0 }')
}

long_files() {
	(cd "$1" && c_files_of . | while read -r file; do
		lines=$(wc -l <"$file")
		[ "$lines" -le 480 ] || echo "$file: $lines lines"
	done)
}

for found in long_functions long_files; do
	"$found" "$ROOT" | sed 's/^/# warning: /'
done
sample src/base/x.c "int f(void)
{
$(seq 61 | sed 's/.*/	;/')
}"
catches "a long function" long_functions
sample src/base/x.c "$(seq 500)"
catches "a long file" long_files
