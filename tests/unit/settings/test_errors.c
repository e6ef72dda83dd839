#include "support.h"

/* A text and the lines it must be answered with, each a part of the report;
 * `errors` is how many there are in all. */
static const struct error_case {
	const char *name, *yaml;
	size_t errors;
	const char *words[3];
} cases[] = {
	{"unknown at the top", "databse: x\n", 1,
		{"facteur.yaml:1:1: \"databse\" is not a known setting; did you mean database?"}},
	{"unknown in a relay", "relays:\n  a: {type: maildir, path: p, prot: 3}\n", 1,
		{"facteur.yaml:2:31: \"prot\" is not a known setting of relays.a; did you mean "
		 "port?"}},
	{"unknown in timeouts", "relays: {a: {type: maildir, path: p, timeouts: {conect: 1s}}}\n",
		1,
		{":1:49: \"conect\" is not a known setting of relays.a.timeouts; did you mean "
		 "connect?"}},
	{"hours without a zone",
		"relays: {a: {type: maildir, path: p, send_between: 08:00-20:00}}\n", 1,
		{":1:52: relays.a.send_between must be hours with their time zone, with or without "
		 "days (example: send_between: mon-fri 08:00-20:00 Europe/Paris)"}},
	{"hours in a zone that is not there",
		"relays: {a: {type: maildir, path: p, send_between: 08:00-20:00 Pacific/Noumae}}\n",
		1,
		{":1:52: relays.a.send_between: there is no time zone \"Pacific/Noumae\"; did you "
		 "mean Pacific/Noumea?"}},
	{"a warm-up of nothing",
		"relays: {a: {type: maildir, path: p, warmup: {double_every: 2d}}}\n", 1,
		{"relays.a.warmup doubles, but what? Say start as well, such as 200/d"}},
	{"a warm-up of two quotas",
		"relays: {a: {type: maildir, path: p, warmup: {start: [200/d, 3/h]}}}\n", 1,
		{"relays.a.warmup.start must be a number per s, min, h or d"}},
	{"a deadline of years", "deadline: 400d\n", 1,
		{"deadline must be a time of at most 30d with its unit: s, m, h or d"}},
	{"unknown in a list of keys",
		"dkim:\n- {domain: example.org, selector: s, key_file: k, algo: x}\n", 1,
		{":2:51: \"algo\" is not a known setting of dkim.0"}},
	{"a hyphen for a line", "default-relay: outbox\n", 1, {"did you mean default_relay?"}},
	{"in capitals", "Database: x\n", 1, {"did you mean database?"}},
	{"two letters swapped", "saftey: {}\n", 1, {"did you mean safety?"}},
	{"nothing near", "zzz: 1\n", 1, {"1:1: \"zzz\" is not a known setting\n"}},
	{"at home elsewhere", "host: x\n", 1, {"it is known as relays.NAME.host"}},
	{"a path is not a key", "safety.live: true\n", 1,
		{"\"safety.live\" is not a known setting"}},
	{"a star is not a key", "relays: {\"*\": {type: maildir, path: p}}\n", 1,
		{":1:10: \"*\" cannot be a name"}},
	{"what is unknown is passed over", "x: {a: [1, {b: c}], d: e}\nlive: 1\n", 2,
		{":1:1: \"x\"", ":2:1: \"live\""}},
	/* P7: after a slip the secret is part of what is wrong. */
	{"a key that lost its colon", "relays: {a: {type: maildir, path: p, password \"hush\"}}\n",
		1, {":1:38: \"password…\" is not a known setting of relays.a\n"}},
	{"a key with two equals", "relays: {a: {type: maildir, path: p, pass=hush}}\n", 1,
		{":1:38: \"pass…\" is not a known setting of relays.a\n"}},
	{"a name that lost its colon", "relays:\n  a: {type: maildir, path: p}\n  password hush:\n",
		1, {":3:3: \"password…\" cannot be a name"}},
	{"a line without a colon is part of the one before",
		"relays:\n  a:\n    type: maildir\n    path: p\n    port: 587\n      password "
		"hush\n",
		1,
		{":5:11: relays.a.port must be a whole number from 1 to 65535 (example: port: "
		 "587), "
		 "but here is \"587…\"\n"}},
	{"columns are characters", "identity: {organisation: éé, x: 1}\n", 1, {":1:30: \"x\""}},
	{"after CRLF", "database: a\r\nx: 1\r\n", 1, {":2:1: \"x\""}},
	{"after a byte order mark", "\xef\xbb\xbfx: 1\n", 1, {":1:1: \"x\""}},

	{"twice at the top", "database: a\ndatabase: b\n", 1,
		{":2:1: database is here twice; it stands in line 1 already"}},
	{"a section twice", "safety: {}\ndatabase: x\nsafety: {}\n", 1,
		{":3:1: safety is here twice; it stands in line 1"}},
	{"a relay twice", "relays:\n  a: {type: maildir, path: p}\n  a: {type: maildir, path: q}\n",
		1, {":3:3: a is here twice; it stands in line 2"}},
	{"a list twice", "dkim: []\ndkim: []\n", 1, {":2:1: dkim is here twice"}},

	{"a section as a value", "safety: on\n", 1,
		{":1:9: safety must have settings beneath it, as in safety: {live: true}, but here "
		 "is "
		 "a single value"}},
	{"a section as a list", "relays: [a]\n", 1,
		{"as in relays: {NAME: {type: smtp}}, but here is a list"}},
	{"a relay as a value", "relays: {a: maildir}\n", 2, {":1:13: relays.a must have settings"}},
	{"a list as a group", "dkim: {domain: example.org}\n", 1,
		{":1:7: dkim must have settings", "dkim: [{domain: example.org}]"}},
	{"a list of values", "dkim: [a]\n", 1, {":1:8: dkim must have settings"}},
	{"all as a list", "- database: x\n", 1, {":1:1: a configuration must have settings"}},
	{"all as a word", "hello\n", 1, {":1:1: a configuration must have settings"}},
	{"a key that is a list", "? [a]\n: b\n", 1,
		{":1:3: the name of a setting was expected here, but here is a list"}},
	{"an empty key", "\"\": b\n", 1, {":1:1: \"\" is not a known setting"}},

	{"anchor", "database: &x a\n", 1, {":1:11: names for later reuse (&)"}},
	{"alias", "database: *x\n", 1, {":1:11: references (*)"}},
	{"tag", "database: !!str a\n", 1, {":1:11: types (!)"}},
	{"own tag on a group", "safety: !x {live: true}\n", 1, {":1:9: types (!)"}},
	{"merge key", "safety: &s {live: true}\nrelays: {a: {<<: *s, type: maildir, path: p}}\n", 3,
		{":1:9: names", ":2:14: \"<<\" is not", ":2:18: references"}},
	{"two documents", "database: a\n---\ndatabase: b\n", 1, {":2:1: a second document"}},
	{"a document's end is fine", "---\ndatabase: a\n...\n", 0, {""}},
	{"an empty file is fine", "", 0, {""}},
	{"only a comment is fine", "# nothing\n", 0, {""}},
	{"empty sections are fine", "relays:\nsafety:\ndkim:\nidentity: ~\n", 0, {""}},

	{"tab for indentation", "safety:\n\tlive: true\n", 1, {":2:1: ", "not with tabs"}},
	{"open bracket", "dkim: [\n", 1, {"facteur.yaml:2:1: "}},
	{"open quote", "\ndatabase: \"x\n", 1, {":2:11: the file ends inside quotes"}},
	{"colon in a text", "identity:\n  organisation: A: B\n", 1,
		{":2:18: a colon is not expected here", "in quotes"}},
	{"no colon", "database x\nsafety: {}\n", 2,
		{":1:1: a configuration must", ":2:7: a colon"}},
	{"errors before a broken line", "x: 1\ny: 1\nsafety: {live: [\n", 4, {":1:1: ", ":2:1: "}},

	{"maildir without path", "relays:\n  a: {type: maildir}\n", 1,
		{":2:3: relays.a needs path (the folder"}},
	{"smtp without host", "relays:\n  a: {type: smtp}\n", 1, {":2:3: relays.a needs host"}},
	{"no type", "relays:\n  a: {host: localhost}\n", 1, {":2:3: relays.a needs type (maildir"}},
	{"a preset brings the rest", "relays:\n  a: {preset: mailjet}\n", 0, {""}},
	{"an empty relay", "relays: {a: }\n", 1, {":1:10: relays.a needs type"}},
	{"a group",
		"relays: {a: {type: smtp, host: h}, b: {preset: mailjet}, g: {type: group, "
		"through: [a 3, b reserve]}}\n",
		0, {""}},
	{"a group without its relays", "relays:\n  g: {type: group}\n", 1,
		{":2:3: relays.g needs through (the relays that share its messages)"}},
	{"a group of nobody", "relays: {g: {type: group, through: []}}\n", 1,
		{"relays.g has nobody to send through"}},
	{"a group through one that is not there",
		"relays: {mailjet: {type: smtp, host: h}, g: {through: [mailjte]}}\n", 1,
		{"relays.g goes through \"mailjte\", which is not among the relays: mailjet, g; "
		 "did "
		 "you mean mailjet?"}},
	{"a group through a folder", "relays: {a: {type: maildir, path: p}, g: {through: [a]}}\n",
		1, {"relays.g goes through a, which is not of type smtp"}},
	{"a group through itself", "relays: {g: {through: [g]}}\n", 1,
		{"relays.g goes through g, which is not of type smtp"}},
	{"a group through one twice",
		"relays: {a: {type: smtp, host: h}, g: {through: [a, a 2]}}\n", 1,
		{"relays.g goes through a twice"}},
	{"a group of reserves", "relays: {a: {type: smtp, host: h}, g: {through: [a reserve]}}\n",
		1, {"relays.g has nobody to send through"}},
	{"a group with a quota",
		"relays: {a: {type: smtp, host: h}, g: {through: [a], rate: [1/s]}}\n", 1,
		{"relays.g is a group, and has no rate of its own"}},
	{"a weight of nothing", "relays: {a: {type: smtp, host: h}, g: {through: [a 0]}}\n", 1,
		{"relays.g.through must be a list of relays, each alone, with a number 1 to 1000, "
		 "or reserve "
		 "(example: through: [mailjet 3, brevo, ovh reserve])"}},
	{"a weight in words", "relays: {a: {type: smtp, host: h}, g: {through: [a spare]}}\n", 1,
		{"but here is \"a spare\""}},
	{"relays of one that sends itself",
		"relays: {a: {type: smtp, host: h, through: [b]}, b: {type: smtp, host: h}}\n", 1,
		{"relays.a goes through other relays, so its type must be group"}},
	{"a bad host is not missing too", "relays: {a: {type: smtp, host: 'a b'}}\n", 1,
		{"a server"}},
	{"clear text to elsewhere",
		"relays: {a: {type: smtp, host: smtp.example.org, tls: none}}\n", 1,
		{":1:55: relays.a: without encryption", "allow_cleartext: true"}},
	{"clear text to 127.example",
		"relays: {a: {type: smtp, host: 127.0.0.1.example, tls: none}}\n", 1,
		{"without encryption"}},
	{"clear text to 128.0.0.1", "relays: {a: {type: smtp, host: 128.0.0.1, tls: none}}\n", 1,
		{"without encryption"}},
	{"clear text to 127.8.9.10", "relays: {a: {type: smtp, host: 127.8.9.10, tls: none}}\n", 0,
		{""}},
	{"clear text to ::1", "relays: {a: {type: smtp, host: '::1', tls: none}}\n", 0, {""}},
	{"clear text to [::1]", "relays: {a: {type: smtp, host: '[::1]', tls: none}}\n", 0, {""}},
	{"clear text to LOCALHOST", "relays: {a: {type: smtp, host: LOCALHOST, tls: none}}\n", 0,
		{""}},
	{"clear text allowed",
		"relays: {a: {type: smtp, host: smtp.example.org, tls: none, allow_cleartext: "
		"true}}\n",
		0, {"warning: relays.a: everything that goes to smtp.example.org"}},
	{"clear text for a mailbox", "mailboxes: {m: {host: imap.example.org, tls: none}}\n", 1,
		{":1:46: mailboxes.m: without encryption"}},
	{"465 waits for no STARTTLS",
		"relays: {a: {type: smtp, host: smtp.example.org, port: 465, tls: starttls}}\n", 0,
		{"warning: relays.a: servers expect TLS from the first byte"}},
	{"username alone", "relays: {a: {type: smtp, host: localhost, username: u}}\n", 1,
		{":1:53: relays.a has a username but no password"}},
	{"password alone", "relays: {a: {type: smtp, host: localhost, password_env: P}}\n", 1,
		{":1:57: relays.a has a password but no username"}},
	{"two passwords",
		"relays: {a: {type: smtp, host: localhost, username: u, password_env: P, "
		"password_file: f}}\n",
		1, {"relays.a has its password twice"}},
	{"log in as nobody", "relays: {a: {type: smtp, host: localhost, auth: plain}}\n", 1,
		{":1:49: relays.a is to log in but has no username"}},
	{"log in with SCRAM as nobody",
		"relays: {a: {type: smtp, host: localhost, auth: scram-sha-256}}\n", 1,
		{":1:49: relays.a is to log in but has no username"}},
	{"a token with a name",
		"relays: {a: {type: smtp, host: localhost, username: u, "
		"token_command: [t]}}\n",
		0, {""}},
	{"a token without a name",
		"relays: {a: {type: smtp, host: localhost, token_command: [t]}}\n", 1,
		{":1:58: relays.a has a password but no username"}},
	{"a token and a password",
		"relays: {a: {type: smtp, host: localhost, username: u, password_env: P, "
		"token_command: [t]}}\n",
		1, {"relays.a has its password twice"}},
	{"a token for a login with a password",
		"relays: {a: {type: smtp, host: localhost, username: u, auth: plain, "
		"token_command: [t]}}\n",
		1, {":1:62: relays.a has a token_command, but auth: plain"}},
	{"a password for a login with a token",
		"relays: {a: {type: smtp, host: localhost, username: u, auth: xoauth2, "
		"password_env: P}}\n",
		1, {":1:62: relays.a is to log in with a token"}},
	{"a mailbox without a login",
		"mailboxes: {m: {host: imap.example.org, username: u, auth: none, "
		"password_env: P}}\n",
		1, {":1:60: mailboxes.m cannot be read without logging in"}},
	{"a token for a mailbox that has none",
		"mailboxes: {m: {host: imap.example.org, username: u, auth: xoauth2, "
		"password_env: P}}\n",
		1, {"mailboxes.m is to log in with a token"}},
	{"a key without a certificate",
		"relays: {a: {type: smtp, host: localhost, client_key: k}}\n", 1,
		{":1:55: relays.a has a client_key but no client_cert"}},
	{"a certificate alone", "relays: {a: {type: smtp, host: localhost, client_cert: c}}\n", 0,
		{""}},
	{"a username in vain",
		"relays: {a: {type: smtp, host: localhost, auth: none, username: u, password_env: "
		"P}}\n",
		0, {"warning: relays.a has a username that is not used"}},
	{"default relay unknown",
		"relays: {one: {type: maildir, path: p}, two: {type: maildir, path: q}}\n"
		"default_relay: tow\n",
		1,
		{":2:16: default_relay names \"tow\", which is not among the relays: one, two; did "
		 "you mean two?"}},
	{"default relay of none", "default_relay: mailjet\n", 1, {"not among the relays: outbox"}},
	{"half a dkim key", "dkim:\n  - {domain: example.org}\n", 2,
		{":2:5: dkim.0 needs selector", ":2:5: dkim.0 needs key_file"}},
	{"mailbox without host", "mailboxes: {m: {protocol: pop3}}\n", 1,
		{"mailboxes.m needs host"}},
	{"mbox without path", "mailboxes: {m: {protocol: mbox}}\n", 1, {"mailboxes.m needs path"}},
	{"relay name with a dot", "relays: {a.b: {type: maildir, path: p}}\n", 1,
		{":1:10: \"a.b\" cannot be a name"}},
};

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct error_case *c = &cases[i];
		struct loaded l;

		load_text(&l, c->yaml);
		if (l.report.errors != c->errors)
			fail_msg("%s: %zu errors: %s", c->name, l.report.errors, l.words.p);
		for (size_t w = 0; w < 3 && c->words[w] != NULL; w++)
			if (strstr(l.words.p, c->words[w]) == NULL)
				fail_msg("%s: no \"%s\" in %s", c->name, c->words[w], l.words.p);
		unload(&l);
	}
}

static void twenty_and_more(void **state)
{
	struct loaded l;
	struct str yaml;

	(void)state;
	str_init(&yaml, 1 << 16);
	for (int i = 0; i < 33; i++)
		(void)str_addf(&yaml, "key%d: 1\n", i);
	load_text(&l, yaml.p);
	assert_int_equal(l.report.errors, 33);
	assert_int_equal(l.report.problems.len, SETTINGS_PROBLEMS_MAX);
	assert_non_null(strstr(l.words.p, "facteur.yaml:20:1: "));
	assert_null(strstr(l.words.p, "facteur.yaml:21:1: "));
	assert_non_null(strstr(l.words.p, "and 13 more errors\n"));
	assert_non_null(strstr(l.f.text, "the configuration has 33 errors; the first is at "
					 "facteur.yaml:1:1: \"key0\""));
	str_free(&yaml);
	unload(&l);
}

static void one_is_said_whole(void **state)
{
	struct loaded l;

	(void)state;
	load_text(&l, "databse: x\n");
	assert_string_equal(l.f.text,
		"facteur.yaml:1:1: \"databse\" is not a known setting; did you mean database?");
	assert_int_equal(fail_exit_code(l.f.kind), 78);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(answers),
		cmocka_unit_test(twenty_and_more), cmocka_unit_test(one_is_said_whole)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
