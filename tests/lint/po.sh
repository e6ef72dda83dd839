# The catalogues are sound: formats agree with the originals, nothing is guessed.
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
