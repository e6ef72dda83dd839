# Every address and server in the tree is of a domain that is reserved for examples (RFC 2606,
# RFC 6761): no test and no sample may ever reach a person.
. "$(dirname -- "$0")/lib.sh"

# The test domains of IANA in other scripts too, and what cannot be a domain: a label that
# starts or ends with a hyphen.
RESERVED='(^|[.])(example[.](org|com|net)|example|test|invalid|localhost|xn--(zckzah|kgbechtv|deba0ad|80akhbyknj4f))$|(^|[.])-|-([.]|$)'

# A name, an @, and labels of which the last starts with a letter: versions (name@1.2.3) and
# packages of npm (@scope/name) do not look so, Message-IDs do and count.
addresses() {
	files_of "$1" | grep -vE '(^|/)package-lock\.json$' |
		grep_files "$1" '[A-Za-z0-9._%+=-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]+' -o |
		awk -v reserved="$RESERVED" '{
			domain = tolower($0)
			sub(/.*@/, "", domain)
			if (domain !~ reserved)
				print
		}'
}

lint "addresses are of reserved domains" addresses
sample lists/x.csv "email
ana@gma""il.com"
catches "an address of somebody" addresses
sample tests/cli/x.sh "facteur list add ana@example.org"".attackers.net"
catches "a reserved name that is not the end" addresses
sample lists/x.csv 'ana@example.org,zoe@asso.example,x@-bad.org,x@mail.test,y@a.invalid,root@localhost,mailparser@3.7.2'
accepts "a reserved domain" addresses
