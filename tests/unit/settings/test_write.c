#include "support.h"
#include <jansson.h>
#include "base/file.h"

static const char full[] =
	"database: /srv/facteur.db\n"
	"identity: {from: '\"A, \\B\" <a@example.org>', organisation: 'yes', postal_address: "
	"'12'}\n"
	"relays:\n"
	"  out: {type: maildir, path: 'a b'}\n"
	"  a: {type: smtp, host: '::1', port: 2525, tls: none, username: 'ü: #x', password: "
	"canary,\n"
	"      rate: [10/s, 200/h], timeouts: {data: 90s}, max_message_size: 25M}\n"
	"  b: {type: smtp, host: localhost, username: u, password_command: [pass, 'a b', '', "
	"'-x'],\n"
	"      proxy: 'socks5h://ana:canary%40@proxy.example.org:1080', auth: scram-sha-1}\n"
	"  c: {type: smtp, host: localhost, username: u, token_command: [t], auth: oauthbearer}\n"
	"default_relay: out\n"
	"mailboxes:\n"
	"  m: {host: imap.example.org, username: u, password: canary2, move: {auto-reply: '~'}}\n"
	"  n: {protocol: maildir, path: x}\n"
	"dkim: [{domain: example.org, selector: s1, key_file: k},\n"
	"       {domain: example.net, selector: s2, key_file: l}]\n"
	"safety: {live: on, only_domains: [example.org, example.net], redirect_all_to: "
	"'a@[192.0.2.1]'}\n";

static void load_full(struct loaded *l)
{
	load_text(l, full);
}

/* What is shown, read again, shows the same. */
static void comes_back(void **state)
{
	struct loaded first, second;
	struct str one, two;

	(void)state;
	str_init(&one, 1 << 16);
	str_init(&two, 1 << 16);
	load_full(&first);
	assert_string_equal(first.words.p, "");
	for (int with_origin = 0; with_origin < 2; with_origin++) {
		str_clear(&one);
		str_clear(&two);
		assert_int_equal(settings_write(first.s, with_origin != 0, &one), 0);
		load_text(&second, one.p);
		if (second.words.len > 0)
			fail_msg("%s in\n%s", second.words.p, one.p);
		str_clear(&one);
		assert_int_equal(settings_write(first.s, false, &one), 0);
		assert_int_equal(settings_write(second.s, false, &two), 0);
		assert_string_equal(one.p, two.p);
		unload(&second);
	}
	unload(&first);
	str_free(&two);
	str_free(&one);
}

static const char *const lines[] = {
	"database: /srv/facteur.db",
	"  from: \"\\\"A, \\\\B\\\" <a@example.org>\"",
	"  reply_to: null",
	"  organisation: \"yes\"",
	"  postal_address: \"12\"",
	"relays:",
	"  out:",
	"    path: \"a b\"",
	"    host: \"::1\"",
	"    username: \"ü: #x\"",
	"    password: \"********\"",
	"    proxy: \"socks5h://********@proxy.example.org:1080\"",
	"    auth: scram-sha-1",
	"    auth: oauthbearer",
	"    token_command: [t]",
	"    rate: [10/s, 200/h]",
	"    timeouts:",
	"      data: 90s",
	"    max_message_size: 25M",
	"    password_command: [pass, \"a b\", \"\", \"-x\"]",
	"    move:",
	"      auto-reply: \"~\"",
	"dkim:",
	"  - domain: example.org",
	"    selector: s1",
	"  - domain: example.net",
	"    key_file: l",
	"  live: true",
	"  only_domains: [example.org, example.net]",
	"  redirect_all_to: \"a@[192.0.2.1]\"",
};

static void shows_every_kind(void **state)
{
	struct loaded l;

	(void)state;
	load_full(&l);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (!shows(l.s, false, lines[i]))
			fail_msg("does not show %s", lines[i]);
	unload(&l);
}

static void no_password_is_shown(void **state)
{
	struct loaded l;
	struct str out;

	(void)state;
	str_init(&out, 1 << 16);
	load_full(&l);
	for (int with_origin = 0; with_origin < 2; with_origin++) {
		assert_int_equal(settings_write(l.s, with_origin != 0, &out), 0);
		assert_int_equal(settings_write_json(l.s, with_origin != 0, &out), 0);
	}
	assert_null(strstr(out.p, "canary"));
	assert_string_equal(settings_relay_find(l.s, "a")->password.value, "canary");
	assert_string_equal(settings_relay_find(l.s, "b")->proxy,
		"socks5h://ana:canary%40@proxy.example.org:1080");
	str_free(&out);
	unload(&l);
}

/* Mistakes around a password do not quote it. */
static const char *const spoilt[] = {
	"relays: {a: {type: smtp, host: localhost, username: u, password: \"canary\\n\"}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: [canary]}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: {canary: x}}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, pasword: canary}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: *canary }}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: !canary x}}\n",
	"relays: {a: {type: smtp, host: localhost, password: canary}}\n",
	"relays: {a: {type: smtp, host: localhost, proxy: 'socks5h://u:canary@h'}}\n",
	"relays: {a: {type: smtp, host: localhost, proxy: 'socks9://u:canary@h:1'}}\n",
	"relays: {a: {type: smtp, host: localhost, proxy: [canary@h]}}\n",
	"relays: {a: {type: smtp, host: localhost, proxy: 'http://u:canary@h:1/x'}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: canary: x}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: \"canary}}\n",
	"relays: {a: {type: smtp, host: localhost, username: u, password: canary, password: x}}\n",
};

static void no_password_in_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
		struct loaded l;

		load_text(&l, spoilt[i]);
		if (l.ret == 0 || strstr(l.words.p, "canary") != NULL ||
			strstr(l.f.text, "canary") != NULL)
			fail_msg("%s: %s", spoilt[i], l.words.p);
		unload(&l);
	}
}

static void json_holds_the_same(void **state)
{
	const json_t *doc, *settings, *relay;
	struct loaded l;
	struct str out;
	json_t *root;

	(void)state;
	str_init(&out, 1 << 16);
	load_full(&l);
	assert_int_equal(settings_write_json(l.s, true, &out), 0);
	root = json_loads(out.p, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	doc = root;
	assert_int_equal(json_integer_value(json_object_get(doc, "schema")), 1);
	assert_string_equal(json_string_value(json_object_get(doc, "file")), "facteur.yaml");
	settings = json_object_get(doc, "settings");
	relay = json_object_get(json_object_get(settings, "relays"), "a");
	assert_int_equal(json_integer_value(json_object_get(relay, "port")), 2525);
	assert_int_equal(json_integer_value(json_object_get(relay, "max_message_size")), 25 << 20);
	assert_string_equal(json_string_value(json_object_get(relay, "tls")), "none");
	assert_string_equal(json_string_value(json_object_get(relay, "password")), "********");
	assert_true(json_is_false(json_object_get(relay, "allow_cleartext")));
	assert_int_equal(json_array_size(json_object_get(relay, "rate")), 2);
	assert_int_equal(json_array_size(json_object_get(settings, "dkim")), 2);
	assert_true(
		json_is_null(json_object_get(json_object_get(settings, "identity"), "reply_to")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(doc, "origins"), "relays.a.tls")),
		"facteur.yaml:5:49");
	json_decref(root);
	str_free(&out);
	unload(&l);
}

static void a_full_buffer_is_told(void **state)
{
	struct loaded l;
	struct str out;

	(void)state;
	str_init(&out, 100);
	load_full(&l);
	assert_int_equal(settings_write(l.s, false, &out), -1);
	str_clear(&out);
	assert_int_equal(settings_write_json(l.s, false, &out), -1);
	str_free(&out);
	unload(&l);
}

/* The manual's own example is right. */
static void manual_example(void **state)
{
	ptrdiff_t from, to;
	struct str manual;
	struct loaded l;
	struct fail f;

	(void)state;
	str_init(&manual, 1 << 20);
	assert_int_equal(file_read(TEST_ROOT "/docs/configuration.md", &manual, &f), 0);
	from = view_find(str_view(&manual), VIEW("```yaml\n"));
	assert_true(from >= 0);
	to = view_find(view_from(str_view(&manual), (size_t)from + 8), VIEW("```\n"));
	assert_true(to >= 0);
	str_cut(&manual, (size_t)(from + 8 + to));
	load_text(&l, manual.p + from + 8);
	assert_string_equal(l.words.p, "");
	assert_int_equal(l.s->relay_count, 3);
	str_free(&manual);
	unload(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(comes_back),
		cmocka_unit_test(shows_every_kind), cmocka_unit_test(no_password_is_shown),
		cmocka_unit_test(no_password_in_errors), cmocka_unit_test(json_holds_the_same),
		cmocka_unit_test(a_full_buffer_is_told), cmocka_unit_test(manual_example)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
