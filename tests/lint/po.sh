# The catalogues are sound: formats agree with the originals, nothing is guessed, nothing lacks.
. "$(dirname -- "$0")/lib.sh"

if ! command -v msgfmt >/dev/null; then
	echo "skip - catalogues: no msgfmt here"
	exit 0
fi

catalogues() {
	for po in "$1"/po/*.po; do
		msgfmt --check -o /dev/null "$po" 2>&1 || echo "$po: msgfmt refuses it"
		grep -n '^#, .*fuzzy' "$po" | sed "s#^#$po: guessed: #"
	done
}

# The texts of the sources, as they are now, have their translation.
complete() {
	"$ROOT/script/po" --check "$1"
}

HEADER='msgid ""
msgstr ""
"Project-Id-Version: facteur\n"
"PO-Revision-Date: 2026-11-23 00:00+0000\n"
"Last-Translator: the facteur authors\n"
"Language-Team: French\n"
"Language: fr\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
'

lint "the catalogues are sound" catalogues
lint "each text of the sources is translated" complete
sample po/fr.po "$HEADER
#, c-format
msgid \"%d lists\"
msgstr \"%s listes\""
catches "a format that differs" catalogues
sample po/fr.po "$HEADER
#, fuzzy
msgid \"list\"
msgstr \"liste\""
catches "a guess" catalogues
sample po/fr.po "$HEADER
#, c-format
msgid \"%d lists\"
msgstr \"%d listes\""
accepts "a translation" catalogues

sample cmd/b.c 'int b;'
sample src/a.c 'void f(void) { say(_("a text without its translation")); }'
sample po/LINGUAS fr
sample po/fr.po "$HEADER"
catches "a text that lacks" complete
sample cmd/b.c 'int b;'
sample src/a.c 'void f(void) { say(_("a list")); }'
sample po/LINGUAS fr
sample po/fr.po "$HEADER
msgid \"a list\"
msgstr \"une liste\""
accepts "a text that is there" complete
