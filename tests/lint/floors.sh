# A file includes its own module and lower floors only (docs/floors.txt, STYLE of the house).
. "$(dirname -- "$0")/lib.sh"

# A private header of a module is nobody else's, whatever the floor.
floors() {
	(cd "$1" && c_files_of . | xargs -d '\n' -r awk '
		FILENAME ~ /floors\.txt$/ { floor[$1] = $2; next }
		FNR == 1 { n = split(FILENAME, part, "/"); own = part[n - 1]
			if (!(own in floor)) print FILENAME ": docs/floors.txt does not name " own }
		match($0, /^#[ \t]*include[ \t]+"[a-z]+\//) {
			module = substr($0, RSTART, RLENGTH - 1)
			sub(/.*"/, "", module)
			if (module == own) next
			if (!(module in floor) || !(floor[module] < floor[own]))
				print FILENAME ":" FNR ": " own " may not include " module
			else if ($0 ~ /_private\.h"/)
				print FILENAME ":" FNR ": a private header of " module
		}
		/^#[ \t]*include[ \t]+".*\.\./ { print FILENAME ":" FNR ": includes by way of .." }
	' docs/floors.txt)
}

house() {
	sample docs/floors.txt 'base 0
mail 1
db 1
store 2
cmd 4'
}

lint "files include lower floors only" floors
house
sample src/base/x.c '#include "mail/addr.h"'
catches "an include upwards" floors
house
sample src/db/x.c '#include "mail/addr.h"'
catches "an include sideways" floors
house
sample src/mail/x.h '#  include "store/store.h"'
catches "an include from a header" floors
house
sample src/store/x.c '#include "mail/mail_private.h"'
catches "another module's private header" floors
house
sample src/news/x.c 'int x;'
catches "a module without a floor" floors
house
sample cmd/main.c '#include "cmd/opt.h"
#include "store/store.h"'
sample src/store/x.c '#include "store/store_private.h"
#include "base/str.h"'
accepts "the own module and lower floors" floors
