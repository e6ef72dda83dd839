#!/bin/sh
# Templates: kept in versions, shown, filled in; mistakes are told with line and column.
. "$ROOT/tests/cli/lib.sh"
facteur -q init .
export FACTEUR_IDENTITY_FROM='Association Exemple <contact@asso.example>'
export FACTEUR_IDENTITY_ORGANISATION='Association Exemple'
export FACTEUR_IDENTITY_POSTAL_ADDRESS='1 rue de la Paix, 98800 Nouméa'
facteur -q list create members
with_input - <<'C'
email,prénom,nom
ana@example.org,Ana,Ruiz
zoe@example.org,Zoé,O'Neil <b>&
bo@example.org,,
C
run facteur list import members -

it 'the templates that come along are there'
expect_code 0 facteur template list
out_like '^Template +Version +Made$'
out_like '^general-assembly +1 +[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$'
for name in general-assembly membership-renewal newsletter note; do
	for language in fr en; do
		it "$language/$name can be added and looked at"
		expect_code 0 facteur template add "$language-$name" "$ROOT/templates/$language/$name.md"
		expect_code 0 facteur template preview "$language-$name"
		out_like '^Subject: .'
		out_unlike '\{\{'
	done
done
it 'templates as JSON'
expect_code 0 facteur template list --json
json_is schema 1
json_is templates.0.version 1

cat >hello.md <<'M'
---
subject: Nouvelles pour {{prénom|vous}} ✨
---
Bonjour **{{prénom|à vous}}** {{nom|}},

voici [la page](https://example.org/?q={{nom|}}).
M
it 'add a template'
expect_code 0 facteur template add hello hello.md
err_like 'hello, version 1.*facteur template preview hello'
err_like 'speaks to each member'
it 'the same text again is no new version'
expect_code 0 facteur template add hello hello.md
err_like 'version 1'
it 'a changed text is'
printf '\nÀ bientôt\n' >>hello.md
expect_code 0 facteur template add hello hello.md
err_like 'version 2'
it 'show prints the source as it is'
expect_out - facteur template show hello <hello.md
it 'show as JSON names the variables'
expect_code 0 facteur template show hello --json
json_is version 2
json_is personal true
json_is variables.0.name given_name
json_is variables.0.fallback vous
it 'preview shows where names go'
expect_code 0 facteur template preview hello
out_like '^Subject: Nouvelles pour \[prénom\] ✨$'
out_like 'Bonjour \[prénom\] \[nom\],'
out_like '1 rue de la Paix, 98800 Nouméa'
it 'preview for a member'
expect_code 0 facteur template preview hello --for zoe@example.org
out_like '^Subject: Nouvelles pour Zoé ✨$'
out_like "Bonjour Zoé O'Neil <b>&,"
it 'as a page, escaped for the place where it stands'
expect_code 0 facteur template preview hello --for ZOE@example.org --format html
out_like 'Zoé'
out_unlike '<b>&'
out_like 'q=O%27Neil%20%3Cb%3E%26'
it 'for a member without a name: the fallback'
expect_code 0 facteur template preview hello --for bo@example.org
out_like '^Subject: Nouvelles pour vous ✨$'
it 'the whole message reads back'
expect_code 0 facteur template preview hello --for zoe@example.org --format message
cp "$T/out" message.eml
cat >check.py <<'P'
import email, email.policy, sys
m = email.message_from_binary_file(sys.stdin.buffer, policy=email.policy.default.clone(raise_on_defect=True))
assert m["Subject"] == "Nouvelles pour Zoé ✨", m["Subject"]
assert m["To"].addresses[0].addr_spec == "zoe@example.org"
assert m["Bcc"] is None
assert [p.get_content_type() for p in m.walk()] == ["multipart/alternative", "text/plain", "text/html"]
assert "Bonjour Zoé" in m.get_body(("plain",)).get_content()
P
expect_code 0 sh -c 'exec python3 check.py <message.eml'
it 'for somebody who is not known'
expect_err_like 66 'zora@example.org' facteur template preview hello --for zora@example.org
it 'a template that is not there: did you mean'
expect_err_like 66 'did you mean "hello"' facteur template preview helo
it 'a file that is not there'
expect_err_like 66 'nowhere.md' facteur template add x nowhere.md
it 'a name that cannot be one'
expect_err_like 65 'cannot be a name' facteur template add 'a b' hello.md

# mistake NAME WHERE ERE: the source comes on stdin, and is refused.
mistake() {
	cat >bad.md
	it "$1"
	expect_err_like 65 "template bad.md:$2: .*$3" facteur template add bad bad.md
}
printf 'Bonjour\n' | mistake 'no front matter' 1:1 'subject'
printf -- '---\nsubjet: A\n---\nB\n' | mistake 'a key that is mistyped' 2:1 '"subjet"; did you mean "subject"'
printf -- '---\nsubject: A\nsubject: B\n---\nC\n' | mistake 'a key twice' 3:1 'subject'
printf -- '---\npreheader: A\n---\nB\n' | mistake 'no subject' '[0-9]+:[0-9]+' 'subject'
printf -- '---\nsubject: A {{prénom\n---\nB\n' | mistake 'a tag without its end' 2:12 'not closed'
printf -- '---\nsubject: A\n---\n\n\nB {{x}} {{/if}}\n' | mistake 'an end without a beginning' 6:9 '/if'
printf -- '---\nsubject: A\n---\n{{#if x}}\nB\n' | mistake 'a beginning without an end' 4:1 'if'
printf -- '---\nsubject: A\n---\n{{#each x}}\nB\n' | mistake 'a tag that is not known' 4:1 'each'
printf -- '---\nsubject: A\nformat: html\n---\n<p>{{x|{{y}}}}</p>\n' | mistake 'a tag in a tag' '5:[0-9]+' '.'
printf -- '---\nsubject: A\n---\nB\000C\n' | mistake 'a NUL byte' '4:2' '.'
printf -- '---\nsubject: A\n---\nZo\351\n' | mistake 'not UTF-8' '4:[0-9]+' 'UTF-8'
printf -- '---\nsubject:\n---\nB\n' | mistake 'an empty subject' '[0-9]+:[0-9]+' 'subject'
it 'nothing of these was kept'
expect_code 66 facteur template show bad

it 'an unknown variable stops a send before anything leaves'
printf -- '---\nsubject: A\n---\nB {{nirgends}}\n' >unknown.md
ok facteur template add unknown unknown.md
expect_err_like 65 'unknown:4:3: .*nirgends.*3 of 3 members' facteur send --to members --template unknown \
	--yes --expect-count 3
no test -e outbox/new
it 'so does a value that one member lacks'
printf -- '---\nsubject: A\n---\nB {{prénom}}\n' >lacks.md
ok facteur template add lacks lacks.md
expect_err_like 65 '1 of 3 members.*bo@example.org' facteur send --to members --template lacks --dry-run
it 'a personal template in blind copy is refused, with the line'
expect_err_like 77 'hello.*prénom.*line 2' facteur send --to members --template hello --mode bcc --dry-run

it 'remove'
expect_code 0 facteur template remove hello
expect_err_like 66 'no template "hello"' facteur template show hello
it 'remove again'
expect_err_like 66 'no template' facteur template remove hello
it 'no templates at all: what to do'
mkdir other && cd other && facteur -q list create x
expect_code 0 facteur template list
err_like 'facteur template add NAME FILE'
