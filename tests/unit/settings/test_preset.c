#include "support.h"
#include "settings/presets_private.h"

/* A row for each provider of presets.yaml: what a relay and a mailbox of that preset
 * become. "!word": the load is refused, in words with this one; "?word": a warning. */
static const struct preset_case {
	const char *name, *relay, *imap, *pop3, *rate;
} cases[] = {
	{"mailjet", "in-v3.mailjet.com 587 starttls", "!no server", "!no server", ""},
	{"brevo", "smtp-relay.brevo.com 587 starttls", "!no server", "!no server", ""},
	{"postmark", "smtp.postmarkapp.com 2525 starttls", "!no server", "!no server", ""},
	{"sendgrid", "smtp.sendgrid.net 587 starttls", "!no server", "!no server", ""},
	{"ses-paris", "email-smtp.eu-west-3.amazonaws.com 465 implicit", "!no server", "!no server",
		""},
	{"ovh", "ssl0.ovh.net 465 implicit", "ssl0.ovh.net 993 implicit",
		"ssl0.ovh.net 995 implicit", "200/h"},
	{"gandi", "mail.gandi.net 465 implicit", "mail.gandi.net 993 implicit",
		"mail.gandi.net 995 implicit", ""},
	{"infomaniak", "mail.infomaniak.com 587 starttls", "!no server", "!no server", ""},
	{"microsoft365", "smtp.office365.com 587 starttls", "outlook.office365.com 993 implicit",
		"outlook.office365.com 995 implicit", "30/min 10000/d"},
	{"google-workspace", "smtp-relay.gmail.com 587 starttls", "!no server", "!no server", ""},
	{"gmail", "smtp.gmail.com 465 implicit", "imap.gmail.com 993 implicit",
		"pop.gmail.com 995 implicit", "500/d"},
	{"outlook", "smtp-mail.outlook.com 587 starttls", "outlook.office365.com 993 implicit",
		"outlook.office365.com 995 implicit", "300/d"},
	{"yahoo", "smtp.mail.yahoo.com 465 implicit", "imap.mail.yahoo.com 993 implicit",
		"pop.mail.yahoo.com 995 implicit", "500/d"},
	{"icloud", "smtp.mail.me.com 587 starttls", "imap.mail.me.com 993 implicit", "!no server",
		"1000/d"},
	{"aol", "smtp.aol.com 465 implicit", "imap.aol.com 993 implicit",
		"pop.aol.com 995 implicit", ""},
	{"gmx", "mail.gmx.com 465 implicit", "imap.gmx.com 993 implicit",
		"pop.gmx.com 995 implicit", ""},
	{"orange", "smtp.orange.fr 465 implicit", "imap.orange.fr 993 implicit",
		"pop.orange.fr 995 implicit", ""},
	{"wanadoo", "smtp.orange.fr 465 implicit", "imap.orange.fr 993 implicit",
		"pop.orange.fr 995 implicit", ""},
	{"sfr", "smtp.sfr.fr 465 implicit", "imap.sfr.fr 993 implicit", "pop.sfr.fr 995 implicit",
		""},
	{"neuf", "smtp.sfr.fr 465 implicit", "imap.sfr.fr 993 implicit", "pop.sfr.fr 995 implicit",
		""},
	{"club-internet", "smtp.sfr.fr 465 implicit", "imap.sfr.fr 993 implicit",
		"pop.sfr.fr 995 implicit", ""},
	{"cegetel", "smtp.sfr.fr 465 implicit", "imap.sfr.fr 993 implicit",
		"pop.sfr.fr 995 implicit", ""},
	{"9online", "smtp.sfr.fr 465 implicit", "imap.sfr.fr 993 implicit",
		"pop.sfr.fr 995 implicit", ""},
	{"noos", "?mail.noos.fr 587 starttls", "?imap.noos.fr 993 implicit",
		"?pop.noos.fr 995 implicit", ""},
	{"numericable", "?smtps.numericable.fr 587 starttls", "!without encryption",
		"!without encryption", ""},
	{"free", "smtp.free.fr 465 implicit", "imap.free.fr 993 implicit",
		"pop.free.fr 995 implicit", ""},
	{"alice-france", "!without encryption", "!without encryption", "!without encryption", ""},
	{"alice-italy", "out.alice.it 587 starttls", "in.alice.it 143 starttls",
		"in.alice.it 110 starttls", ""},
	{"libertysurf", "!no server", "!no server", "!no server", ""},
	{"tiscali-france", "!has closed", "!has closed", "!has closed", ""},
	{"tiscali-italy", "smtp.tiscali.it 465 implicit", "imap.tiscali.it 993 implicit",
		"pop.tiscali.it 995 implicit", ""},
	{"tele2-france", "?smtp.tele2.fr 587 starttls", "!no server", "?pop.tele2.fr 995 implicit",
		""},
	{"tele2-netherlands", "smtp.tele2.nl 465 implicit", "imap.tele2.nl 993 implicit",
		"pop.tele2.nl 995 implicit", ""},
	{"laposte", "smtp.laposte.net 465 implicit", "imap.laposte.net 993 implicit",
		"pop.laposte.net 995 implicit", ""},
	{"mailo", "smtp.mailo.com 465 implicit", "imap.mailo.com 993 implicit", "!no server", ""},
	{"caramail", "?mail.gmx.com 465 implicit", "?imap.gmx.com 993 implicit",
		"?pop.gmx.com 995 implicit", ""},
	{"bouygues", "smtp.bbox.fr 465 implicit", "imap.bbox.fr 993 implicit",
		"pop.bbox.fr 995 implicit", ""},
	{"univ-lille", "!no server", "!no server", "!no server", ""},
};

static const char *tls_name(enum settings_tls tls)
{
	static const char *const names[] = {"starttls", "implicit", "none"};

	return names[tls];
}

static void rate_text(const struct settings_rate *rate, struct str *out)
{
	for (size_t i = 0; i < rate->count; i++) {
		const struct settings_window *w = &rate->items[i];

		(void)str_addf(out, "%s%llu/%s", i > 0 ? " " : "", (unsigned long long)w->count,
			w->window_ms == 3600000	   ? "h"
			: w->window_ms == 60000	   ? "min"
			: w->window_ms == 86400000 ? "d"
						   : "?");
	}
}

/* One load of `text` against what a row wants of it. */
static void check(const char *name, const char *text, const char *want, const char *rate)
{
	struct loaded l;
	struct str got, quota;

	str_init(&got, 256);
	str_init(&quota, 256);
	load_text(&l, text);
	if (want[0] == '!') {
		if (l.ret == 0 || strstr(l.words.p, want + 1) == NULL ||
			strncmp(l.words.p, "facteur.yaml:2:15: ", 19) != 0)
			fail_msg("%s: wanted an error with \"%s\", got %s", name, want + 1,
				l.words.p);
		goto out;
	}
	if (l.ret < 0)
		fail_msg("%s: %s", name, l.words.p);
	assert_int_equal(l.report.warnings, want[0] == '?');
	if (l.s->mailbox_count > 0)
		(void)str_addf(&got, "%s %u %s", l.s->mailboxes[0].host, l.s->mailboxes[0].port,
			tls_name(l.s->mailboxes[0].tls));
	else
		(void)str_addf(&got, "%s %u %s", l.s->relays[0].host, l.s->relays[0].port,
			tls_name(l.s->relays[0].tls));
	if (strcmp(got.p, want + (want[0] == '?')) != 0)
		fail_msg("%s: wanted %s, got %s", name, want, got.p);
	if (l.s->mailbox_count == 0)
		rate_text(&l.s->relays[0].rate, &quota);
	if (strcmp(quota.p, rate) != 0)
		fail_msg("%s: wanted the rate \"%s\", got \"%s\"", name, rate, quota.p);
out:
	unload(&l);
	str_free(&quota);
	str_free(&got);
}

static void each_provider(void **state)
{
	struct settings_presets *p = settings_presets_new();
	const struct settings_preset *all;
	size_t count;
	char text[256];

	(void)state;
	all = settings_presets_all(p, &count);
	assert_int_equal(count, sizeof cases / sizeof *cases);
	for (size_t i = 0; i < count; i++) {
		const struct preset_case *c = &cases[i];

		assert_string_equal(all[i].name, c->name);
		(void)snprintf(text, sizeof text, "relays:\n  a: {preset: %s}\n", c->name);
		check(c->name, text, c->relay, c->rate);
		(void)snprintf(text, sizeof text, "mailboxes:\n  a: {preset: %s}\n", c->name);
		check(c->name, text, c->imap, "");
		(void)snprintf(text, sizeof text, "mailboxes:\n  a: {preset: %s, protocol: pop3}\n",
			c->name);
		check(c->name, text, c->pop3, "");
	}
	settings_presets_free(&p);
	settings_presets_free(&p);
}

static bool a_date(const char *text)
{
	return strlen(text) == 10 && text[4] == '-' && text[7] == '-' && text[0] == '2';
}

/* Every fact has its source and date; limits stand only beside a quota that is
 * fixed for all accounts; names are unique and lower case. */
static void facts_are_sound(void **state)
{
	struct settings_presets *p = settings_presets_new();
	const struct settings_preset *all;
	size_t count;

	(void)state;
	all = settings_presets_all(p, &count);
	for (size_t i = 0; i < count; i++) {
		const struct settings_preset *one = &all[i];
		bool limits = settings_preset_fact(&one->relay, "rate") != NULL ||
			      settings_preset_fact(&one->relay, "recipients_per_message") != NULL;

		if (!settings_name_ok(view_of(one->name)) || one->title == NULL)
			fail_msg("%s: name and title", one->name);
		if (settings_preset_fact(&one->sources, "servers") == NULL)
			fail_msg("%s: no source of the servers", one->name);
		if (limits && settings_preset_fact(&one->sources, "limits") == NULL)
			fail_msg("%s: limits without a source", one->name);
		if ((settings_preset_fact(&one->relay, "rate") != NULL) !=
			(one->quota == SETTINGS_PRESET_FIXED))
			fail_msg("%s: a rate is given exactly where the quota is fixed", one->name);
		for (size_t j = 0; j < one->sources.count; j++) {
			const struct settings_list *v = &one->sources.items[j].values;

			if (v->count < 2 || v->count % 2 != 0 || !a_date(v->items[v->count - 1]) ||
				!a_date(v->items[1]))
				fail_msg("%s: a source is a text and its date", one->name);
		}
		if (settings_presets_find(p, view_of(one->name)) != one)
			fail_msg("%s: its name is taken", one->name);
		for (size_t j = 0; j < one->aliases.count; j++)
			if (settings_presets_find(p, view_of(one->aliases.items[j])) != one)
				fail_msg("%s: %s is taken", one->name, one->aliases.items[j]);
		for (size_t j = 0; j < one->domains.count; j++)
			if (settings_presets_of_host(p, one->domains.items[j]) != one)
				fail_msg("%s: %s is another's", one->name, one->domains.items[j]);
	}
	settings_presets_free(&p);
}

static const struct host_case {
	const char *host, *name; /* NULL: nobody's */
} hosts[] = {
	{"smtp.orange.fr", "orange"},
	{"SMTP.Orange.FR.", "orange"},
	{"smtp.wanadoo.fr", "wanadoo"},
	{"smtp.gmail.com", "gmail"},
	{"smtp.googlemail.com", "gmail"},
	{"smtp-relay.gmail.com", "google-workspace"},
	{"smtp.office365.com", "microsoft365"},
	{"smtp.live.com", "outlook"},
	{"in-v3.mailjet.com", "mailjet"},
	{"ssl0.ovh.net", "ovh"},
	{"mail.protection.outlook.com", NULL},
	{"notgmail.com", NULL},
	{"smtp.gmail.com.example.org", NULL},
	{"gmail.com.example", NULL},
	{"smtp.example.org", NULL},
	{"127.0.0.1", NULL},
	{"[::1]", NULL},
	{".", NULL},
	{"", NULL},
};

static void hosts_are_recognised(void **state)
{
	struct settings_presets *p = settings_presets_new();

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		const struct settings_preset *one = settings_presets_of_host(p, hosts[i].host);
		const char *got = one != NULL ? one->name : "nobody";

		if (strcmp(got, hosts[i].name != NULL ? hosts[i].name : "nobody") != 0)
			fail_msg("%s is taken for %s", hosts[i].host, got);
	}
	settings_presets_free(&p);
}

static const struct line_case {
	const char *name, *text;
	const char *lines[4]; /* of config show --origin */
} line_cases[] = {
	{"a preset fills what is missing", "relays:\n  a: {preset: ovh}\n",
		{"    host: ssl0.ovh.net  # preset ovh", "    port: 465  # preset ovh",
			"    tls: implicit  # preset ovh", "    rate: [200/h]  # preset ovh"}},
	{"an alias, in any case", "relays:\n  a: {preset: HotMail}\n",
		{"    host: smtp-mail.outlook.com  # preset outlook",
			"    preset: HotMail  # facteur.yaml:2:15"}},
	{"the user wins", "relays:\n  a: {preset: ovh, rate: [50/h], host: mx.example.org}\n",
		{"    host: mx.example.org  # facteur.yaml:2:40",
			"    rate: [50/h]  # facteur.yaml:2:26", "    port: 465  # preset ovh",
			"    max_connections: 2  # default"}},
	{"a list may be emptied", "relays:\n  a: {preset: ovh, rate: []}\n",
		{"    rate: []  # facteur.yaml:2:26"}},
	{"null leaves it to the preset", "relays:\n  a: {preset: ovh, host: null}\n",
		{"    host: ssl0.ovh.net  # preset ovh"}},
	{"another port brings its own encryption", "relays:\n  a: {preset: gmail, port: 587}\n",
		{"    port: 587  # facteur.yaml:2:28", "    tls: starttls  # default",
			"    host: smtp.gmail.com  # preset gmail"}},
	{"another encryption brings its own port",
		"relays:\n  a: {preset: mailjet, tls: Implicit}\n",
		{"    port: 465  # default", "    tls: implicit  # facteur.yaml:2:29"}},
	{"the same port keeps the preset's encryption",
		"relays:\n  a: {preset: postmark, port: 2525}\n",
		{"    tls: starttls  # preset postmark"}},
	{"the same encryption keeps its port", "relays:\n  a: {preset: postmark, tls: STARTTLS}\n",
		{"    port: 2525  # preset postmark"}},
	{"a folder to rehearse in", "relays:\n  a: {preset: gmail, type: maildir, path: out}\n",
		{"    type: maildir  # facteur.yaml:2:28",
			"    recipients_per_message: 50  # default"}},
	{"a mailbox of the same provider", "mailboxes:\n  a: {preset: free, protocol: pop3}\n",
		{"    host: pop.free.fr  # preset free", "    port: 995  # preset free"}},
	{"a closed provider with a host of one's own",
		"relays:\n  a: {preset: tiscali-france, host: mx.example.org}\n",
		{"    host: mx.example.org  # facteur.yaml:2:37", "    port: 587  # default"}},
};

static void completed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof line_cases / sizeof *line_cases; i++) {
		const struct line_case *c = &line_cases[i];
		struct loaded l;

		load_text(&l, c->text);
		if (l.ret < 0)
			fail_msg("%s: %s", c->name, l.words.p);
		for (size_t j = 0; j < 4 && c->lines[j] != NULL; j++)
			if (!shows(l.s, true, c->lines[j]))
				fail_msg("%s: not shown: %s", c->name, c->lines[j]);
		unload(&l);
	}
}

static const struct error_case {
	const char *name, *text, *want;
} errors[] = {
	{"a mistyped preset", "relays:\n  a: {preset: mailjt}\n",
		"facteur.yaml:2:15: there is no preset \"mailjt\"; did you mean mailjet? (facteur "
		"relay presets lists them; for any other provider write host: and port:)\n"},
	{"a mistyped alias", "relays:\n  a: {preset: hotmal}\n", "did you mean hotmail?"},
	{"nothing near", "relays:\n  a: {preset: xyzzyx}\n",
		"facteur.yaml:2:15: there is no preset \"xyzzyx\" (facteur"},
	{"unknown, although the host is given", "relays:\n  a: {preset: mailjt, host: mx.test}\n",
		"there is no preset \"mailjt\""},
	{"of a mailbox", "mailboxes:\n  a: {preset: orang, protocol: imap}\n",
		"facteur.yaml:2:15: there is no preset \"orang\"; did you mean orange?"},
	{"a folder's preset is read as well",
		"relays:\n  a: {type: maildir, path: o, preset: gmial}\n",
		"facteur.yaml:2:39: there is no preset \"gmial\"; did you mean gmail?"},
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct loaded l;

		load_text(&l, errors[i].text);
		if (l.ret == 0 || strstr(l.words.p, errors[i].want) == NULL || l.report.errors != 1)
			fail_msg("%s: %s", errors[i].name, l.words.p);
		unload(&l);
	}
}

static const struct provider_case {
	const char *name, *relay, *provider;
} providers[] = {
	{"by its preset", "{preset: gmail, host: localhost}", "gmail"},
	{"by its host", "{type: smtp, host: smtp.orange.fr}", "orange"},
	{"the mailbox of a person wins, as host", "{preset: mailjet, host: smtp.gmail.com}",
		"gmail"},
	{"and as preset", "{preset: gmail, host: in-v3.mailjet.com}", "gmail"},
	{"else the preset", "{preset: mailjet, host: ssl0.ovh.net}", "mailjet"},
	{"nobody's", "{type: smtp, host: smtp.example.org}", NULL},
	{"a folder is nobody's", "{type: maildir, path: o, preset: gmail}", NULL},
};

static void relays_have_providers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
		const struct provider_case *c = &providers[i];
		const struct settings_preset *one;
		struct loaded l;
		char text[256];

		(void)snprintf(text, sizeof text, "relays:\n  a: %s\n", c->relay);
		load_text(&l, text);
		assert_int_equal(l.ret, 0);
		one = settings_relay_provider(l.s, &l.s->relays[0]);
		if (one == NULL ? c->provider != NULL
				: c->provider == NULL || strcmp(one->name, c->provider) != 0)
			fail_msg("%s: %s", c->name, one != NULL ? one->name : "nobody");
		unload(&l);
	}
}

static const struct bad_case {
	const char *text, *want;
} bad[] = {
	{"- a\n", "presets.yaml:1:1: providers"},
	{"a: b\n", "presets.yaml:1:4: a provider is wanted"},
	{"a: {titel: A}\n", "presets.yaml:1:5: no key"},
	{"a: {title: A, kind: big}\n", "presets.yaml:1:21: this word"},
	{"a: {title: A, domains: {b: c}}\n", "a text or a list"},
	{"a: {title: A, domains: [{b: c}]}\n", "texts only"},
	{"a: {title: A, relay: b}\n", "facts are wanted"},
	{"a: {title: A, relay: {[a]: b}}\n", "the name of a fact"},
	{"a: {title: A}\n", "its sources"},
	{"a: {title: A", "presets.yaml"},
};

static void its_reader_is_strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct settings_presets p;
		struct settings_report report;
		struct str words;

		str_init(&words, 4096);
		arena_init(&p.arena);
		vec_init(&p.presets, sizeof(struct settings_preset));
		settings_report_init(&report);
		settings_presets_read(&p, view_of(bad[i].text), &report);
		(void)settings_report_write(&report, &words);
		if (report.errors == 0 || strstr(words.p, bad[i].want) == NULL || p.presets.len > 0)
			fail_msg("%s: %s", bad[i].text, words.p);
		settings_report_free(&report);
		vec_free(&p.presets);
		arena_free(&p.arena);
		str_free(&words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_provider),
		cmocka_unit_test(facts_are_sound), cmocka_unit_test(hosts_are_recognised),
		cmocka_unit_test(completed), cmocka_unit_test(refused),
		cmocka_unit_test(relays_have_providers), cmocka_unit_test(its_reader_is_strict)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
