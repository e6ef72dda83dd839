#include "support.h"

#define TOP	 "relays: {local: {type: maildir, path: x}}\n"
#define IDENTITY "identity:\n  "
#define SAFETY	 "safety:\n  "
#define SMTP	 "relays:\n  local:\n    type: smtp\n    "
#define RELAY	 SMTP "host: localhost\n    "
#define NAMED	 RELAY "username: u\n    "
#define LOGIN	 NAMED "password_env: X\n    "
#define TIMEOUTS RELAY "timeouts:\n      "

/* One line of YAML in a place where everything around it is right. `line` is
 * what `config show` says then; NULL: it is refused, with these words. */
static const struct type_case {
	const char *name, *where, *yaml, *line, *words;
} cases[] = {
	{"a path", TOP, "database: a/b.db", "database: a/b.db", NULL},
	{"a number is a path too", TOP, "database: 12", "database: \"12\"", NULL},
	{"nothing is the default", TOP, "database:", "database: facteur.db", NULL},
	{"null is the default", TOP, "database: null", "database: facteur.db", NULL},
	{"~ is the default", TOP, "database: ~", "database: facteur.db", NULL},
	{"empty quotes are the default", TOP, "database: ''", "database: facteur.db", NULL},
	{"null in quotes is a text", TOP, "database: 'null'", "database: \"null\"", NULL},
	{"a path as a list", TOP, "database: [a]", NULL, "database must be a path"},
	{"a path as a group", TOP, "database: {a: b}", NULL, "but here is a group of settings"},

	{"address", IDENTITY, "from: a@example.org", "from: a@example.org", NULL},
	{"address with a name", IDENTITY, "from: \"A <a@example.org>\"",
		"from: \"A <a@example.org>\"", NULL},
	{"quotes inside", IDENTITY, "from: '\"A, B\" <a@example.org>'",
		"from: \"\\\"A, B\\\" <a@example.org>\"", NULL},
	{"address without @", IDENTITY, "from: contact", NULL, "must be a mail address"},
	{"address of an @", IDENTITY, "from: '@'", NULL, "must be a mail address"},
	{"nothing after the @", IDENTITY, "from: 'a@'", NULL, "must be a mail address"},
	{"address with LF", IDENTITY, "from: \"a@example.org\\nBcc: b@example.org\"", NULL,
		"line end or another control"},
	{"address with CR", IDENTITY, "from: \"a@example.org\\r\"", NULL, "line end or another"},
	{"address with NUL", IDENTITY, "from: \"a@example.org\\0\"", NULL, "line end or another"},
	{"accents", IDENTITY, "organisation: Amicale de Nouméa",
		"organisation: \"Amicale de Nouméa\"", NULL},
	{"text with TAB", IDENTITY, "organisation: \"a\\tb\"", NULL, "line end or another"},
	{"text with ESC", IDENTITY, "organisation: \"a\\eb\"", NULL, "line end or another"},
	{"text with NEL", IDENTITY, "organisation: \"a\\Nb\"", NULL, "line end or another"},
	{"text that turns around", IDENTITY, "organisation: \"a\\u202eb\"", NULL,
		"line end or another"},
	{"block text", IDENTITY, "postal_address: |\n    a\n    b", NULL, "line end or another"},
	{"folded plain text", IDENTITY, "postal_address: 1 rue\n    de la Paix",
		"postal_address: \"1 rue de la Paix\"", NULL},

	{"port", RELAY, "port: 25", "port: 25", NULL},
	{"lowest port", RELAY, "port: 1", "port: 1", NULL},
	{"highest port", RELAY, "port: 65535", "port: 65535", NULL},
	{"port 0", RELAY, "port: 0", NULL, "a whole number from 1 to 65535"},
	{"port too high", RELAY, "port: 65536", NULL, "here is \"65536\""},
	{"negative", RELAY, "port: -1", NULL, "here is \"-1\""},
	{"hexadecimal", RELAY, "port: 0x19", NULL, "here is \"0x19\""},
	{"fraction", RELAY, "port: 2.5", NULL, "here is \"2.5\""},
	{"far too long", RELAY, "port: 99999999999999999999999", NULL, "here is \"999"},
	{"number in quotes", RELAY, "port: \"25\"", NULL, "leave the quotes out"},
	{"word for a number", RELAY, "port: smtp", NULL, "(example: port: 587)"},
	{"list for a number", RELAY, "port: [25]", NULL, "but here is a list"},

	{"pipeline", RELAY, "pipeline: normal", "pipeline: normal", NULL},
	{"pipeline, careful", RELAY, "pipeline: careful", "pipeline: careful", NULL},
	{"window", RELAY, "pipeline: window 4", "pipeline: window 4", NULL},
	{"widest window", RELAY, "pipeline: window 100", "pipeline: window 100", NULL},
	{"window of many blanks", RELAY, "pipeline: window   4", "pipeline: window   4", NULL},
	{"window in quotes", RELAY, "pipeline: \"window 4\"", "pipeline: window 4", NULL},
	{"window without a number", RELAY, "pipeline: window", NULL, "a number from 1 to 100"},
	{"window of none", RELAY, "pipeline: window 0", NULL, "a number from 1 to 100"},
	{"window too wide", RELAY, "pipeline: window 101", NULL, "here is \"window 101\""},
	{"window of words", RELAY, "pipeline: window four", NULL, "here is \"window four\""},
	{"window of two numbers", RELAY, "pipeline: window 4 5", NULL, "here is \"window 4 5\""},
	{"normal with a number", RELAY, "pipeline: normal 4", NULL, "here is \"normal 4\""},
	{"number alone", RELAY, "pipeline: 4", NULL, "(example: pipeline: window 4)"},
	{"window as a group", RELAY, "pipeline: {window: 4}", NULL, "a group of settings"},
	{"nearly careful", RELAY, "pipeline: carefull", NULL, "did you mean careful?"},

	{"host", SMTP, "host: smtp.example.org", "host: smtp.example.org", NULL},
	{"host in other letters", SMTP, "host: smtp.exämple.org", "host: \"smtp.exämple.org\"",
		NULL},
	{"IPv4", SMTP, "host: 192.0.2.1", "host: \"192.0.2.1\"", NULL},
	{"IPv6", SMTP, "host: '2001:db8::1'", "host: \"2001:db8::1\"", NULL},
	{"IPv6 in brackets", SMTP, "host: '[2001:db8::1]'", "host: \"[2001:db8::1]\"", NULL},
	{"host with a port", SMTP, "host: smtp.example.org:587", NULL, "the port apart"},
	{"URL", SMTP, "host: smtp://smtp.example.org", NULL, "the port apart"},
	{"host with a blank", SMTP, "host: a b", NULL, "the port apart"},
	{"source", RELAY, "source_address: 192.0.2.1", "source_address: \"192.0.2.1\"", NULL},
	{"source in IPv6", RELAY, "source_address: '2001:db8::1'",
		"source_address: \"2001:db8::1\"", NULL},
	{"source by name", RELAY, "source_address: eth0", NULL, "must be an IP address"},
	{"source with a port", RELAY, "source_address: '192.0.2.1:25'", NULL, "an IP address"},
	{"source that is too long", RELAY,
		"source_address: '2001:db8:0000:0000:0000:0000:0000:0000:0000:0001'", NULL,
		"an IP address"},
	{"proxy", RELAY, "proxy: socks5h://proxy.example.org:1080",
		"proxy: \"socks5h://proxy.example.org:1080\"", NULL},
	{"field", RELAY, "token_field: 'X-Custom-ID: {token}'",
		"token_field: \"X-Custom-ID: {token}\"", NULL},
	{"field with JSON", RELAY, "token_field: 'X-A: {\"a\": {\"b\": \"{token}\"}}'",
		"token_field: \"X-A: {\\\"a\\\": {\\\"b\\\": \\\"{token}\\\"}}\"", NULL},
	{"field without a token", RELAY, "token_field: 'X-Custom-ID: token'", NULL, "one {token}"},
	{"field with two tokens", RELAY, "token_field: 'X-A: {token} {token}'", NULL,
		"one {token}"},
	{"field of the message", RELAY, "token_field: 'Bcc: {token}'", NULL, "X-, a name"},
	{"field without a name", RELAY, "token_field: 'X-: {token}'", NULL, "X-, a name"},
	{"field with a blank in its name", RELAY, "token_field: 'X-A B: {token}'", NULL,
		"X-, a name"},
	{"field without a blank", RELAY, "token_field: 'X-A:{token}'", NULL, "a blank and"},
	{"field with an accent", RELAY, "token_field: 'X-A: é{token}'", NULL, "X-, a name"},
	{"field with two blanks", RELAY, "token_field: 'X-A:  {token}'", NULL, "X-, a name"},
	{"URL of events", RELAY, "events_url: https://api.example.org/v3/REST",
		"events_url: \"https://api.example.org/v3/REST\"", NULL},
	{"URL with a port", RELAY, "events_url: https://api.example.org:8443",
		"events_url: \"https://api.example.org:8443\"", NULL},
	{"URL of this machine", RELAY, "events_url: http://127.0.0.1:8080/v3",
		"events_url: \"http://127.0.0.1:8080/v3\"", NULL},
	{"URL of this machine by IPv6", RELAY, "events_url: 'http://[::1]:8080'",
		"events_url: \"http://[::1]:8080\"", NULL},
	{"URL in clear", RELAY, "events_url: http://api.example.org", NULL, "(http:// for this"},
	{"URL in clear to another 127", RELAY, "events_url: http://127.0.0.1.example.org", NULL,
		"https:// with"},
	{"URL with a login", RELAY, "events_url: 'https://u:p@api.example.org'", NULL,
		"https:// with"},
	{"URL with a query", RELAY, "events_url: 'https://api.example.org/x?y'", NULL,
		"https:// with"},
	{"URL with a slash at its end", RELAY, "events_url: https://api.example.org/", NULL,
		"https:// with"},
	{"URL of another kind", RELAY, "events_url: ftp://api.example.org", NULL, "https:// with"},
	{"URL with port 0", RELAY, "events_url: https://api.example.org:0", NULL, "https:// with"},
	{"URL without a host", RELAY, "events_url: https:///v3", NULL, "https:// with"},
	{"proxy by address", RELAY, "proxy: 'http://[2001:db8::1]:8080'",
		"proxy: \"http://[2001:db8::1]:8080\"", NULL},
	{"proxy without a scheme", RELAY, "proxy: proxy.example.org:1080", NULL,
		"socks5h://, socks5:// or http://"},
	{"proxy of an old kind", RELAY, "proxy: socks4://p.example:1080", NULL, "socks5h://"},
	{"proxy without a port", RELAY, "proxy: http://p.example", NULL, "with host:port"},
	{"proxy with port 0", RELAY, "proxy: http://p.example:0", NULL, "with host:port"},
	{"proxy with a path", RELAY, "proxy: http://p.example:80/x", NULL, "and no more"},
	{"proxy with a query", RELAY, "proxy: http://p.example:80?x", NULL, "and no more"},
	{"proxy without a host", RELAY, "proxy: 'http://:80'", NULL, "with host:port"},
	{"proxy with a login", RELAY, "proxy: socks5://u:p@p.example:1080",
		"proxy: \"socks5://********@p.example:1080\"", NULL},
	{"proxy with a login, shown", RELAY, "proxy: 'socks5://********@p.example:1080'",
		"proxy: \"socks5://********@p.example:1080\"", NULL},
	{"proxy with two logins", RELAY, "proxy: http://u:p@v:q@p.example:1080", NULL, "with host"},
	{"proxy with a path in its login", RELAY, "proxy: http://a/b@p.example:1080", NULL,
		"with host"},
	{"host with two dots", SMTP, "host: a..example", NULL, "the port apart"},

	{"choice", LOGIN, "auth: plain", "auth: plain", NULL},
	{"choice in capitals", LOGIN, "auth: PLAIN", "auth: plain", NULL},
	{"choice in quotes", RELAY, "auth: 'none'", "auth: none", NULL},
	{"no such choice", RELAY, "auth: cram", NULL, "one of auto, none, plain, login"},
	{"a login of its own kind", LOGIN, "auth: scram-sha-256", "auth: scram-sha-256", NULL},
	{"a login in capitals", LOGIN, "auth: CRAM-MD5", "auth: cram-md5", NULL},
	{"nearly a login", RELAY, "auth: xoauth", NULL, "did you mean xoauth2?"},
	{"a token's command", NAMED, "token_command: [oauth-token, u]",
		"token_command: [oauth-token, u]", NULL},
	{"nearly a choice", RELAY, "tls: startls", NULL, "did you mean starttls?"},

	{"size in bytes", RELAY, "max_message_size: 1000", "max_message_size: 1000", NULL},
	{"size in M", RELAY, "max_message_size: 25M", "max_message_size: 25M", NULL},
	{"size in MiB", RELAY, "max_message_size: 25 MiB", "max_message_size: 25 MiB", NULL},
	{"size too large", RELAY, "max_message_size: 11G", NULL, "at most 10G"},
	{"size that overflows", RELAY, "max_message_size: 18446744073709551615G", NULL, "at most"},
	{"size without a number", RELAY, "max_message_size: M", NULL, "a size of"},
	{"size of no unit", RELAY, "max_message_size: 25X", NULL, "a size of"},

	{"rate", RELAY, "rate: [10/s, 200/h, 6000/d]", "rate: [10/s, 200/h, 6000/d]", NULL},
	{"rate by lines", RELAY, "rate:\n      - 10/s\n      - 1/min", "rate: [10/s, 1/min]", NULL},
	{"rate per 30 seconds", RELAY, "rate: [20/30s, 5 / 5 min]", "rate: [20/30s, 5 / 5 min]",
		NULL},
	{"rate per no time", RELAY, "rate: [20/0s]", NULL, "here is \"20/0s\""},
	{"rate per month", RELAY, "rate: [20/32d]", NULL, "here is \"20/32d\""},
	{"rate of numbers", RELAY, "rate: [20/30]", NULL, "here is \"20/30\""},
	{"connection lifetime", RELAY, "connection_lifetime: 5m", "connection_lifetime: 5m", NULL},
	{"connection lifetime of a day", RELAY, "connection_lifetime: 24h", NULL, "at most 1h"},
	{"no rate", RELAY, "rate: []", "rate: []", NULL},
	{"rate without brackets", RELAY, "rate: 10/s", NULL, "but here is a single value"},
	{"rate of 0", RELAY, "rate: [0/s]", NULL, "here is \"0/s\""},
	{"rate without a unit", RELAY, "rate: [10]", NULL, "here is \"10\""},
	{"rate per week", RELAY, "rate: [10/w]", NULL, "here is \"10/w\""},
	{"rate with an empty item", RELAY, "rate: [10/s, ~]", NULL, "an empty item"},
	{"rate with a group", RELAY, "rate: [{a: b}]", NULL, "a group of settings"},

	{"command", NAMED, "password_command: [pass, show, 'a b']",
		"password_command: [pass, show, \"a b\"]", NULL},
	{"command as a line", NAMED, "password_command: pass show", NULL,
		"the program and each of its arguments"},
	{"no command", NAMED, "password_command: []", NULL, "an empty list"},

	{"duration in s", TIMEOUTS, "connect: 20s", "connect: 20s", NULL},
	{"duration in ms", TIMEOUTS, "connect: 250ms", "connect: 250ms", NULL},
	{"duration in h", TIMEOUTS, "connect: 1h", "connect: 1h", NULL},
	{"duration without a unit", TIMEOUTS, "connect: 20", NULL, "with its unit"},
	{"duration of 0", TIMEOUTS, "connect: 0s", NULL, "with its unit"},
	{"duration too long", TIMEOUTS, "connect: 61m", NULL, "at most 1h"},

	{"true", SAFETY, "live: true", "live: true", NULL},
	{"yes", SAFETY, "live: yes", "live: true", NULL},
	{"On", SAFETY, "live: On", "live: true", NULL},
	{"false", SAFETY, "live: FALSE", "live: false", NULL},
	{"1", SAFETY, "live: 1", NULL, "true or false"},
	{"true in quotes", SAFETY, "live: 'true'", NULL, "leave the quotes out"},
	{"domains", SAFETY, "only_domains: [example.org, exämple.com]",
		"only_domains: [example.org, \"exämple.com\"]", NULL},
	{"an address among domains", SAFETY, "only_domains: [a@example.org]", NULL,
		"a list of domain names"},
	{"a count that may be 0", SAFETY, "bulk_threshold: 0", "bulk_threshold: 0", NULL},
	{"redirect", SAFETY, "redirect_all_to: me@example.org", "redirect_all_to: me@example.org",
		NULL},

	{"a name", TOP, "default_relay: local", "default_relay: local", NULL},
	{"a name with a blank", TOP, "default_relay: my relay", NULL, "letters, digits, - and _"},
};

static void reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct type_case *c = &cases[i];
		struct loaded l;
		struct str yaml;

		str_init(&yaml, 4096);
		(void)str_addf(&yaml, "%s%s\n", c->where, c->yaml);
		load_text(&l, yaml.p);
		if (c->line != NULL && l.ret < 0)
			fail_msg("%s: %s", c->name, l.words.p);
		if (c->line != NULL && !shows(l.s, false, c->line))
			fail_msg("%s: does not show %s", c->name, c->line);
		if (c->line == NULL &&
			(l.report.errors != 1 || strstr(l.words.p, c->words) == NULL))
			fail_msg("%s: %zu errors: %s", c->name, l.report.errors, l.words.p);
		str_free(&yaml);
		unload(&l);
	}
}

/* What is written and what it becomes in the struct. */
static void typed(void **state)
{
	struct loaded l;
	const struct settings_relay *r;

	(void)state;
	load_text(&l,
		"relays:\n"
		"  a: {type: smtp, host: localhost, max_message_size: 2K, tls: none, auth: login,\n"
		"      username: u, password_command: [pass, x], rate: [10/s, 200/h],\n"
		"      pipeline: careful, durability: normal, timeouts: {data: 90s, rcpt: 2m}}\n"
		"  b: {type: maildir, path: /var/mail/x, recipients_per_message: 7,\n"
		"      send_between: \"lun-ven 08:00-20:00 Pacific/Noumea\",\n"
		"      warmup: {start: 200/d, double_every: 3d}}\n"
		"  d: {type: smtp, host: localhost, tls: none, pipeline: window 12}\n"
		"  e: {type: smtp, host: localhost, tls: none}\n"
		"deadline: 36h\n"
		"safety: {live: on, only_domains: [example.org, example.com]}\n"
		"dkim: [{domain: example.org, selector: s1, key_file: k.pem}]\n"
		"mailboxes: {m: {host: imap.example.org, move: {auto-reply: A}}}\n");
	assert_string_equal(l.words.p, "");
	r = settings_relay_find(l.s, "a");
	assert_int_equal(r->type, SETTINGS_RELAY_SMTP);
	assert_int_equal(r->max_message_size, 2048);
	assert_int_equal(r->tls, SETTINGS_TLS_NONE);
	assert_int_equal(r->auth, SETTINGS_AUTH_LOGIN);
	assert_int_equal(r->port, 587);
	assert_int_equal(r->rate.count, 2);
	assert_int_equal(r->rate.items[1].count, 200);
	assert_int_equal(r->rate.items[1].window_ms, 3600000);
	assert_int_equal(r->pipeline, SETTINGS_PIPELINE_CAREFUL);
	assert_int_equal(r->durability, SETTINGS_DURABILITY_NORMAL);
	assert_int_equal(r->timeouts.data, 90000);
	assert_int_equal(r->timeouts.rcpt, 120000);
	assert_int_equal(r->timeouts.end_of_data, 600000);
	assert_int_equal(r->recipients_per_message, 50);
	assert_string_equal(r->password.command[1], "x");
	assert_null(r->password.command[2]);
	r = settings_relay_find(l.s, "b");
	assert_int_equal(r->type, SETTINGS_RELAY_MAILDIR);
	assert_string_equal(r->path, "/var/mail/x");
	assert_int_equal(r->recipients_per_message, 7);
	assert_string_equal(r->send_between, "lun-ven 08:00-20:00 Pacific/Noumea");
	assert_int_equal(r->warmup.start.count, 200);
	assert_int_equal(r->warmup.start.window_ms, 86400000);
	assert_int_equal(r->warmup.double_every, 3 * 86400000);
	assert_int_equal(l.s->deadline, 36 * 3600000);
	assert_int_equal(settings_relay_find(l.s, "e")->pipeline, SETTINGS_PIPELINE_NORMAL);
	assert_int_equal(settings_relay_find(l.s, "d")->pipeline, 12);
	assert_null(settings_relay_find(l.s, "c"));
	assert_null(l.s->default_relay);
	assert_true(l.s->safety.live);
	assert_int_equal(l.s->safety.only_domains.count, 2);
	assert_string_equal(l.s->safety.only_domains.items[1], "example.com");
	assert_int_equal(l.s->dkim_count, 1);
	assert_string_equal(l.s->dkim[0].key_file, "k.pem");
	assert_string_equal(settings_mailbox_find(l.s, "m")->move.auto_reply, "A");
	assert_string_equal(settings_mailbox_find(l.s, "m")->folder, "INBOX");
	assert_int_equal(settings_mailbox_find(l.s, "m")->port, 993);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(typed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
