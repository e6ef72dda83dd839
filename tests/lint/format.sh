# The layout of the C files is clang-format's, version 14: others lay out differently.
. "$(dirname -- "$0")/lib.sh"

formatter=
for candidate in clang-format-14 clang-format; do
	if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
		formatter=$candidate
		break
	fi
done
if [ -z "$formatter" ]; then
	echo "skip - layout of the C files: no clang-format 14 here"
	exit 0
fi

layout() {
	files_of "$1" | grep -E '\.[ch]$' |
		(cd "$1" && xargs -d '\n' -r "$formatter" --style=file --dry-run -Werror) 2>&1 |
		sed -n 's/^\(.*\):[0-9]*:[0-9]*: error:.*/\1: run clang-format -i on it/p' | sort -u
}

lint "the C files are laid out by clang-format" layout
cp "$ROOT/.clang-format" "$SAMPLE/"
sample src/base/x.c 'int  f( void ){return 0;}'
catches "a file laid out otherwise" layout
