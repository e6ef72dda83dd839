#include <arpa/inet.h>
#include "base/fail.h"
#include "base/hours.h"
#include "base/i18n.h"
#include "settings/settings_private.h"

/* What the checks of relays and mailboxes share: the paths of their settings. */
struct login {
	const char *section, *preset, *host, *tls, *allow_cleartext, *username, *auth, *token;
	const char *passwords[5]; /* NULL after the last */
};
static const struct login relay_login = {"relays", "relays.*.preset", "relays.*.host",
	"relays.*.tls", "relays.*.allow_cleartext", "relays.*.username", "relays.*.auth",
	"relays.*.token_command",
	{"relays.*.password", "relays.*.password_file", "relays.*.password_command",
		"relays.*.password_env", "relays.*.token_command"}};
static const struct login mailbox_login = {"mailboxes", "mailboxes.*.preset", "mailboxes.*.host",
	"mailboxes.*.tls", "mailboxes.*.allow_cleartext", "mailboxes.*.username",
	"mailboxes.*.auth", "mailboxes.*.token_command",
	{"mailboxes.*.password", "mailboxes.*.password_file", "mailboxes.*.password_command",
		"mailboxes.*.password_env", "mailboxes.*.token_command"}};
enum { PASSWORDS = 5 };

static const char *name_of(const struct settings_loader *l, size_t entry)
{
	return settings_entry_at(l->state, entry)->name;
}

static struct settings_place place_of(const struct settings_loader *l, size_t entry)
{
	return settings_entry_at(l->state, entry)->place;
}

bool settings_is_loopback(struct view bare)
{
	unsigned char addr[16];
	static const unsigned char one[16] = {[15] = 1};
	char text[INET6_ADDRSTRLEN];

	if (view_eq_nocase(bare, VIEW("localhost")))
		return true;
	if (view_starts(bare, VIEW("[")) && view_ends(bare, VIEW("]")))
		bare = view_sub(bare, 1, bare.len - 2);
	if (bare.len >= sizeof text)
		return false;
	(void)snprintf(text, sizeof text, "%.*s", VIEW_ARG(bare));
	if (inet_pton(AF_INET, text, addr) == 1)
		return addr[0] == 127;
	return inet_pton(AF_INET6, text, addr) == 1 && memcmp(addr, one, sizeof one) == 0;
}

/* A password on the wire in clear is for this machine alone. */
static void check_tls(struct settings_loader *l, const struct login *login, size_t entry)
{
	const struct settings_value *tls = settings_value_of(l->state, login->tls, entry);
	const struct settings_value *host = settings_value_of(l->state, login->host, entry);
	struct settings_place place;

	if (tls == NULL || tls->count == 0 || tls->items[0].number != SETTINGS_TLS_NONE ||
		host == NULL || host->count == 0 ||
		settings_is_loopback(view_of(host->items[0].text)))
		return;
	place = tls->place;
	if (place.source->rank == SETTINGS_BY_PRESET) /* it was named in the user's file */
		place = settings_value_of(l->state, login->preset, entry)->place;
	if (settings_number_of(l->state, login->allow_cleartext, entry, false))
		settings_problem(l, SETTINGS_WARNING, place,
			_("%s.%s: everything that goes to %s, passwords too, can be read on the "
			  "way, as allow_cleartext permits"),
			login->section, name_of(l, entry), host->items[0].text);
	else
		settings_problem(l, SETTINGS_ERROR, place,
			_("%s.%s: without encryption every machine on the way to %s could read "
			  "the messages and the password; use tls: starttls or tls: implicit, or "
			  "say allow_cleartext: true if that network is yours alone"),
			login->section, name_of(l, entry), host->items[0].text);
}

/* Of the ways to give a password, or a token, the latest source's counts; two in one
 * source are a mistake. */
static struct settings_value *pick_password(
	struct settings_loader *l, const struct login *login, size_t entry)
{
	struct settings_value *best = NULL;

	for (size_t i = 0; i < PASSWORDS && login->passwords[i] != NULL; i++) {
		struct settings_value *v = settings_value_of(l->state, login->passwords[i], entry);

		if (v == NULL)
			continue;
		if (best == NULL) {
			best = v;
		} else if (v->place.source->rank > best->place.source->rank) {
			best->null = true;
			best = v;
		} else if (v->place.source->rank < best->place.source->rank) {
			v->null = true;
		} else {
			settings_problem(l, SETTINGS_ERROR, v->place,
				_("%s.%s has its password twice: keep one of password, "
				  "password_file, password_command, password_env and "
				  "token_command"),
				login->section, name_of(l, entry));
		}
	}
	return best;
}

static void check_login(struct settings_loader *l, const struct login *login, size_t entry)
{
	const struct settings_value *password = pick_password(l, login, entry);
	const struct settings_value *username = settings_value_of(l->state, login->username, entry);

	if (username != NULL && password == NULL)
		settings_problem(l, SETTINGS_ERROR, username->place,
			_("%s.%s has a username but no password; say where it is with "
			  "password_file, password_command or password_env"),
			login->section, name_of(l, entry));
	if (username == NULL && password != NULL)
		settings_problem(l, SETTINGS_ERROR, password->place,
			_("%s.%s has a password but no username"), login->section,
			name_of(l, entry));
	check_tls(l, login, entry);
}

static void need(struct settings_loader *l, const char *section, size_t entry, const char *key,
	const char *why)
{
	settings_problem(l, SETTINGS_ERROR, place_of(l, entry), _("%s.%s needs %s (%s)"), section,
		name_of(l, entry), key, why);
}

/* A password and a token are not logged in with in the same ways. */
static void check_auth_secret(struct settings_loader *l, const struct login *login,
	const struct settings_value *auth, enum settings_auth how, size_t entry)
{
	bool wants_token = how == SETTINGS_AUTH_XOAUTH2 || how == SETTINGS_AUTH_OAUTHBEARER;
	bool token = settings_value_of(l->state, login->token, entry) != NULL;

	if (how == SETTINGS_AUTH_AUTO || how == SETTINGS_AUTH_NONE || wants_token == token)
		return;
	if (wants_token)
		settings_problem(l, SETTINGS_ERROR, auth->place,
			_("%s.%s is to log in with a token: say with token_command where it "
			  "comes from, in the place of a password"),
			login->section, name_of(l, entry));
	else
		settings_problem(l, SETTINGS_ERROR, auth->place,
			_("%s.%s has a token_command, but auth: %s logs in with a password: "
			  "say auth: auto, or give a password"),
			login->section, name_of(l, entry), auth->items[0].text);
}

static void check_auth(struct settings_loader *l, const struct login *login, size_t entry)
{
	const struct settings_value *auth = settings_value_of(l->state, login->auth, entry);
	enum settings_auth how = (enum settings_auth)settings_number_of(
		l->state, login->auth, entry, SETTINGS_AUTH_AUTO);
	bool named = settings_value_of(l->state, login->username, entry) != NULL;

	if (how != SETTINGS_AUTH_AUTO && how != SETTINGS_AUTH_NONE && !named)
		settings_problem(l, SETTINGS_ERROR, auth->place,
			_("%s.%s is to log in but has no username; add one, or say auth: none"),
			login->section, name_of(l, entry));
	else if (how == SETTINGS_AUTH_NONE && named)
		settings_problem(l, SETTINGS_WARNING, auth->place,
			_("%s.%s has a username that is not used, because of auth: none"),
			login->section, name_of(l, entry));
	else if (auth != NULL && auth->count > 0)
		check_auth_secret(l, login, auth, how, entry);
}

static void check_certificate(struct settings_loader *l, size_t entry)
{
	const struct settings_value *key =
		settings_value_of(l->state, "relays.*.client_key", entry);

	if (key != NULL && settings_value_of(l->state, "relays.*.client_cert", entry) == NULL)
		settings_problem(l, SETTINGS_ERROR, key->place,
			_("relays.%s has a client_key but no client_cert that it belongs to"),
			name_of(l, entry));
}

static void check_smtp(struct settings_loader *l, size_t entry)
{
	const struct settings_value *port = settings_value_of(l->state, "relays.*.port", entry);

	if (settings_value_of(l->state, "relays.*.host", entry) == NULL &&
		settings_value_of(l->state, "relays.*.preset", entry) == NULL)
		need(l, "relays", entry, "host", _("the server that takes the messages"));
	if (settings_number_of(l->state, "relays.*.port", entry, 0) == 465 &&
		settings_number_of(l->state, "relays.*.tls", entry, SETTINGS_TLS_IMPLICIT) ==
			SETTINGS_TLS_STARTTLS)
		settings_problem(l, SETTINGS_WARNING, port->place,
			_("relays.%s: servers expect TLS from the first byte on port 465; use tls: "
			  "implicit, or port: 587 with starttls"),
			name_of(l, entry));
	settings_preset_check(l, "relays.*.preset", "relays.*.host", entry);
	check_login(l, &relay_login, entry);
	check_auth(l, &relay_login, entry);
	check_certificate(l, entry);
}

static void check_maildir(struct settings_loader *l, size_t entry)
{
	settings_preset_check(l, "relays.*.preset", NULL, entry);
	if (settings_value_of(l->state, "relays.*.path", entry) == NULL)
		need(l, "relays", entry, "path", _("the folder to write messages into"));
}

static void check_zone(struct settings_loader *l, size_t entry)
{
	const struct settings_value *v =
		settings_value_of(l->state, "relays.*.send_between", entry);
	struct hours *hours = NULL;
	struct fail f;

	if (v == NULL || v->count == 0)
		return;
	if (hours_new(view_of(v->items[0].text), &hours, &f) < 0)
		settings_problem(l, SETTINGS_ERROR, v->place, "relays.%s.send_between: %s",
			name_of(l, entry), f.text);
	hours_free(&hours);
}

static void check_warmup(struct settings_loader *l, size_t entry)
{
	const struct settings_value *start =
		settings_value_of(l->state, "relays.*.warmup.start", entry);
	const struct settings_value *doubles =
		settings_value_of(l->state, "relays.*.warmup.double_every", entry);

	if (start == NULL && doubles != NULL)
		settings_problem(l, SETTINGS_ERROR, doubles->place,
			_("relays.%s.warmup doubles, but what? Say start as well, such as 200/d"),
			name_of(l, entry));
}

static void check_relay(struct settings_loader *l, size_t entry)
{
	const struct settings_value *type = settings_value_of(l->state, "relays.*.type", entry);

	check_zone(l, entry);
	check_warmup(l, entry);
	if (type == NULL)
		need(l, "relays", entry, "type",
			_("maildir writes into a folder and mails nobody, smtp sends"));
	else if (type->count == 0)
		return; /* refused already */
	else if (type->items[0].number == SETTINGS_RELAY_SMTP)
		check_smtp(l, entry);
	else if (type->items[0].number == SETTINGS_RELAY_MAILDIR)
		check_maildir(l, entry);
	settings_check_group(l, entry);
}

static void check_mailbox(struct settings_loader *l, size_t entry)
{
	const struct settings_value *protocol =
		settings_value_of(l->state, "mailboxes.*.protocol", entry);

	if (protocol == NULL || protocol->count == 0)
		return; /* refused already */
	if (protocol->items[0].number == SETTINGS_PROTOCOL_MAILDIR ||
		protocol->items[0].number == SETTINGS_PROTOCOL_MBOX) {
		settings_preset_check(l, "mailboxes.*.preset", NULL, entry);
		if (settings_value_of(l->state, "mailboxes.*.path", entry) == NULL)
			need(l, "mailboxes", entry, "path", _("where the mail lies"));
		return;
	}
	if (settings_value_of(l->state, "mailboxes.*.host", entry) == NULL &&
		settings_value_of(l->state, "mailboxes.*.preset", entry) == NULL)
		need(l, "mailboxes", entry, "host", _("the server that keeps the mail"));
	settings_preset_check(l, "mailboxes.*.preset", "mailboxes.*.host", entry);
	check_login(l, &mailbox_login, entry);
	if (settings_number_of(l->state, "mailboxes.*.auth", entry, SETTINGS_AUTH_AUTO) ==
		SETTINGS_AUTH_NONE)
		settings_problem(l, SETTINGS_ERROR,
			settings_value_of(l->state, "mailboxes.*.auth", entry)->place,
			_("mailboxes.%s cannot be read without logging in: leave auth out"),
			name_of(l, entry));
	else
		check_auth(l, &mailbox_login, entry);
}

static void check_dkim(struct settings_loader *l, size_t entry)
{
	if (settings_value_of(l->state, "dkim[].domain", entry) == NULL)
		need(l, "dkim", entry, "domain", _("the domain whose messages are signed"));
	if (settings_value_of(l->state, "dkim[].selector", entry) == NULL)
		need(l, "dkim", entry, "selector", _("the name of the key in the DNS"));
	if (settings_value_of(l->state, "dkim[].key_file", entry) == NULL)
		need(l, "dkim", entry, "key_file", _("the private key"));
}

static void check_default_relay(struct settings_loader *l)
{
	const struct settings_value *v =
		settings_value_of(l->state, "default_relay", SETTINGS_NO_ENTRY);
	struct str known;

	if (v == NULL || v->count == 0 ||
		settings_entry_find(l->state, SETTINGS_IN_RELAY, view_of(v->items[0].text)) !=
			SETTINGS_NO_ENTRY)
		return;
	str_init(&known, SETTINGS_TEXT_MAX);
	settings_known_relays(l, view_of(v->items[0].text), &known);
	settings_problem(l, SETTINGS_ERROR, v->place,
		_("default_relay names \"%s\", which is not among the relays: %s"),
		v->items[0].text, known.p);
	str_free(&known);
}

void settings_check(struct settings_loader *l)
{
	for (size_t at = 0; settings_entry_next(l->state, SETTINGS_IN_RELAY, &at); at++)
		check_relay(l, at);
	check_default_relay(l);
	for (size_t at = 0; settings_entry_next(l->state, SETTINGS_IN_MAILBOX, &at); at++)
		check_mailbox(l, at);
	for (size_t at = 0; settings_entry_next(l->state, SETTINGS_IN_DKIM, &at); at++)
		check_dkim(l, at);
}
