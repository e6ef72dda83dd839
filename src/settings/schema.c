#include "settings/schema.h"
#include "base/i18n.h"
#include "base/time.h"
#include "settings/settings.h"

#define PORT_MAX	65535
#define CONNECTIONS_MAX 1000
#define PER_MESSAGE_MAX 10000
#define COUNT_MAX	1000000000
#define WEIGHT_MAX	1000
#define SIZE_MAX_BYTES	((uint64_t)10 << 30)
#define TIMEOUT_MAX	TIME_HOUR
#define PERIOD_MAX	(30 * (uint64_t)TIME_DAY)

#define ROOT(key, member)                                                                          \
	.path = "" key, .scope = SETTINGS_IN_ROOT, .offset = offsetof(struct settings, member)
#define RELAY(key, member)                                                                         \
	.path = "relays.*." key, .scope = SETTINGS_IN_RELAY,                                       \
	.offset = offsetof(struct settings_relay, member)
#define MAILBOX(key, member)                                                                       \
	.path = "mailboxes.*." key, .scope = SETTINGS_IN_MAILBOX,                                  \
	.offset = offsetof(struct settings_mailbox, member)
#define DESTINATION(key, member)                                                                   \
	.path = "destinations.*." key, .scope = SETTINGS_IN_DESTINATION,                           \
	.offset = offsetof(struct settings_destination, member)
#define DKIM(key, member)                                                                          \
	.path = "dkim[]." key, .scope = SETTINGS_IN_DKIM,                                          \
	.offset = offsetof(struct settings_dkim, member)
#define REASON(index, name, usual)                                                                 \
	ROOT("bounces.policy." name, bounces.policy[index]), .type = SETTINGS_ACTION,              \
							     .fallback = (usual),                  \
							     .example = "suppress at 2 within 30d"
#define PERCENT(usual)                                                                             \
	.type = SETTINGS_PERCENT, .max = SETTINGS_SHARE_ONE, .fallback = (usual), .example = "2.5%"
#define COUNT(lowest, most) .type = SETTINGS_COUNT, .min = (lowest), .max = (most)
#define CHOICE(list)	    .type = SETTINGS_CHOICE, .names = (list)
#define TIMEOUT(usual)                                                                             \
	.type = SETTINGS_DURATION, .min = 1, .max = TIMEOUT_MAX, .fallback = (usual),              \
	.example = "30s"
#define SAY(words) .about = N_(words)

/* Each in the order of its enum in settings.h. */
static const char *const relay_types[] = {"maildir", "smtp", "group", NULL};
static const char *const tls_names[] = {"starttls", "implicit", "none", NULL};
static const char *const auth_names[] = {"auto", "none", "plain", "login", "cram-md5",
	"scram-sha-1", "scram-sha-256", "xoauth2", "oauthbearer", NULL};
static const char *const pipeline_names[] = {"normal", "careful", "window", NULL};
static const char *const durability_names[] = {"full", "normal", NULL};
static const char *const separator_names[] = {"+", "-", "_", "=", ".", NULL};
static const char *const protocol_names[] = {"imap", "pop3", "maildir", "mbox", NULL};

/* clang-format off */
static const struct settings_row rows[] = {
	{ROOT("database", database), .type = SETTINGS_PATH, .fallback = "facteur.db",
	 .example = "facteur.db", SAY("the file that holds lists, campaigns and reports")},

	{ROOT("token_keys", token_keys), .type = SETTINGS_PATH, .example = "facteur.keys",
	 SAY("the secret keys by which what comes back is recognised; made when it is missing")},

	{ROOT("identity.from", identity.from), .type = SETTINGS_ADDRESS,
	 .example = "\"Association Exemple <contact@example.org>\"",
	 SAY("who the messages come from, unless the template says otherwise")},
	{ROOT("identity.reply_to", identity.reply_to), .type = SETTINGS_ADDRESS,
	 .example = "contact@example.org", SAY("where answers go, if not to identity.from")},
	{ROOT("identity.bounce_address", identity.bounce_address), .type = SETTINGS_ADDRESS,
	 .example = "returns@example.org", SAY("where delivery failures come back to")},
	{ROOT("identity.verp", identity.verp), .type = SETTINGS_BOOL, .fallback = "true",
	 .example = "false",
	 SAY("whether that address carries a token, so that each failure names whom it concerns")},
	{ROOT("identity.verp_separator", identity.separator), CHOICE(separator_names),
	 .fallback = "+", .example = "_",
	 SAY("what stands before that token; as the server of that mailbox has it")},
	{ROOT("identity.unsubscribe_address", identity.unsubscribe_address),
	 .type = SETTINGS_ADDRESS, .example = "leave@example.org",
	 SAY("where a member writes to leave a list")},
	{ROOT("identity.organisation", identity.organisation), .type = SETTINGS_TEXT,
	 .example = "Association Exemple", SAY("the name of the organisation, for the footer")},
	{ROOT("identity.postal_address", identity.postal_address), .type = SETTINGS_TEXT,
	 .example = "1 rue de la Paix, 98800 Nouméa",
	 SAY("its postal address on one line, for the footer")},

	{RELAY("type", type), CHOICE(relay_types), .example = "smtp",
	 SAY("maildir writes messages into a folder and mails nobody; smtp sends them; group "
	     "shares them among other relays")},
	{RELAY("through", through), .type = SETTINGS_SHARES, .min = 1, .max = WEIGHT_MAX,
	 .example = "[mailjet 3, brevo, ovh reserve]",
	 SAY("the relays of a group, each with its weight, 1 when not said; one in reserve is used "
	     "while all others fail")},
	{RELAY("preset", preset), .type = SETTINGS_NAME, .example = "mailjet",
	 SAY("a provider whose host, port and limits are known by name")},
	{RELAY("path", path), .type = SETTINGS_PATH, .example = "outbox",
	 SAY("the folder of a maildir relay")},
	{RELAY("host", host), .type = SETTINGS_HOST, .example = "smtp.example.org",
	 SAY("the server of an smtp relay")},
	{RELAY("port", port), COUNT(1, PORT_MAX), .example = "587",
	 SAY("its port; usually 587, or 465 with tls: implicit")},
	{RELAY("tls", tls), CHOICE(tls_names), .example = "starttls",
	 SAY("how the connection is encrypted; never silently left out")},
	{RELAY("allow_cleartext", allow_cleartext), .type = SETTINGS_BOOL, .fallback = "false",
	 .example = "true", SAY("permits tls: none with a server on another machine")},
	{RELAY("ca_file", ca_file), .type = SETTINGS_PATH, .example = "our-ca.pem",
	 SAY("certificates to trust instead of the system's")},
	{RELAY("client_cert", client_cert), .type = SETTINGS_PATH, .example = "our-cert.pem",
	 SAY("a certificate of ours, for a server that wants one; PEM")},
	{RELAY("client_key", client_key), .type = SETTINGS_PATH, .example = "our-key.pem",
	 SAY("its private key without a passphrase, if not in the same file")},
	{RELAY("proxy", proxy), .type = SETTINGS_PROXY, .example = "socks5h://proxy.example.org:1080",
	 SAY("the way out where there is no other: SOCKS or HTTP CONNECT")},
	{RELAY("source_address", source_address), .type = SETTINGS_IP, .example = "192.0.2.1",
	 SAY("which of this machine's IP addresses to connect from")},
	{RELAY("ehlo_name", ehlo_name), .type = SETTINGS_DOMAIN, .example = "mail.example.org",
	 SAY("the name we greet the server with, if not this machine's")},
	{RELAY("auth", auth), CHOICE(auth_names), .fallback = "auto", .example = "plain",
	 SAY("how to log in; auto takes the strongest the server offers")},
	{RELAY("username", username), .type = SETTINGS_TEXT, .example = "contact@example.org",
	 SAY("the name of the account")},
	{RELAY("password", password.value), .type = SETTINGS_TEXT, .secret = true,
	 .example = "\"...\"", SAY("the password itself; the file must then be yours alone to read")},
	{RELAY("password_file", password.file), .type = SETTINGS_PATH, .example = "relay.pass",
	 SAY("a file whose first line is the password, yours alone to read")},
	{RELAY("password_command", password.command), .type = SETTINGS_COMMAND,
	 .example = "[pass, show, relay]", SAY("a command that prints the password; no shell is used")},
	{RELAY("password_env", password.env), .type = SETTINGS_NAME, .example = "RELAY_PASSWORD",
	 SAY("the environment variable that holds the password")},
	{RELAY("token_command", token_command), .type = SETTINGS_COMMAND,
	 .example = "[oauth-token, contact@example.org]",
	 SAY("a command that prints an OAuth access token, instead of a password")},
	{RELAY("token_field", token_field), .type = SETTINGS_FIELD,
	 .example = "X-Custom-ID: {token}",
	 SAY("a header field in which the provider gives our token back with its events; in quotes")},
	{RELAY("events_url", events_url), .type = SETTINGS_URL,
	 .example = "https://api.example.org/v3/REST",
	 SAY("where event pull asks the provider what became of the messages")},
	{RELAY("rate", rate), .type = SETTINGS_RATE, .example = "[10/s, 200/h, 6000/d]",
	 SAY("most recipients in any second, minute, hour or day; all of them hold at once")},
	{RELAY("warmup.start", warmup.start), .type = SETTINGS_WINDOW, .example = "200/d",
	 SAY("the quota of a new account's first days, on top of rate")},
	{RELAY("warmup.double_every", warmup.double_every), .type = SETTINGS_PERIOD,
	 .min = TIME_HOUR, .max = PERIOD_MAX, .example = "2d",
	 SAY("how often that quota doubles; 2d when not said")},
	{RELAY("send_between", send_between), .type = SETTINGS_HOURS,
	 .example = "mon-fri 08:00-20:00 Europe/Paris",
	 SAY("the only hours in which it is used")},
	{RELAY("max_connections", max_connections), COUNT(1, CONNECTIONS_MAX), .fallback = "2",
	 .example = "4", SAY("connections open at the same time")},
	{RELAY("messages_per_connection", messages_per_connection), COUNT(0, COUNT_MAX),
	 .fallback = "100", .example = "100", SAY("then the connection is made anew; 0 is no limit")},
	{RELAY("connection_lifetime", connection_lifetime), .type = SETTINGS_DURATION,
	 .max = TIMEOUT_MAX, .fallback = "0s", .example = "5m",
	 SAY("how old a connection may get before it is made anew; 0s is no limit")},
	{RELAY("recipients_per_message", recipients_per_message), COUNT(1, PER_MESSAGE_MAX),
	 .fallback = "50", .example = "50", SAY("recipients of one message in bcc mode")},
	{RELAY("max_message_size", max_message_size), .type = SETTINGS_SIZE, .max = SIZE_MAX_BYTES,
	 .fallback = "0", .example = "25M", SAY("largest message; 0 is what the relay announces")},
	{RELAY("timeouts.connect", timeouts.connect), TIMEOUT("30s"),
	 SAY("how long to wait for a connection")},
	{RELAY("timeouts.greeting", timeouts.greeting), TIMEOUT("5m"),
	 SAY("for the server's first line, and for the reply to EHLO")},
	{RELAY("timeouts.mail", timeouts.mail), TIMEOUT("5m"), SAY("for the reply to MAIL")},
	{RELAY("timeouts.rcpt", timeouts.rcpt), TIMEOUT("5m"), SAY("for the reply to RCPT")},
	{RELAY("timeouts.data", timeouts.data), TIMEOUT("2m"), SAY("for the reply to DATA")},
	{RELAY("timeouts.data_block", timeouts.data_block), TIMEOUT("3m"),
	 SAY("for the server to take the next piece of a message")},
	{RELAY("timeouts.end_of_data", timeouts.end_of_data), TIMEOUT("10m"),
	 SAY("for the reply to a whole message; too short and mail arrives twice")},
	{RELAY("pipeline", pipeline), .type = SETTINGS_PIPELINE, .names = pipeline_names,
	 .min = 1, .max = SETTINGS_PIPELINE_MAX, .fallback = "normal", .example = "window 4",
	 SAY("messages on their way at once, on a connection to a server that offers CHUNKING "
	     "(window N; normal is 8); careful waits for each reply")},
	{RELAY("durability", durability), CHOICE(durability_names), .fallback = "full",
	 .example = "normal", SAY("full writes to disk before a message goes out")},
	{RELAY("verp", verp), .type = SETTINGS_BOOL, .fallback = "true", .example = "false",
	 SAY("false where this server refuses a sender with a token in it")},
	{RELAY("notify_success", notify_success), .type = SETTINGS_BOOL, .fallback = "false",
	 .example = "true",
	 SAY("asks for a report of each delivery too, where the server knows how (DSN)")},

	{ROOT("default_relay", default_relay), .type = SETTINGS_NAME, .example = "outbox",
	 SAY("the relay that is used when none is named")},

	{ROOT("deadline", deadline), .type = SETTINGS_PERIOD, .min = TIME_SECOND, .max = PERIOD_MAX,
	 .fallback = "5d", .example = "2d",
	 SAY("how long a campaign tries again those who asked for later")},

	{MAILBOX("preset", preset), .type = SETTINGS_NAME, .example = "ovh",
	 SAY("a provider whose host and port are known by name")},
	{MAILBOX("protocol", protocol), CHOICE(protocol_names), .example = "imap",
	 SAY("how the mailbox is read")},
	{MAILBOX("host", host), .type = SETTINGS_HOST, .example = "imap.example.org",
	 SAY("the server of an imap or pop3 mailbox")},
	{MAILBOX("port", port), COUNT(1, PORT_MAX), .example = "993",
	 SAY("its port; usually 993 for imap, 995 for pop3")},
	{MAILBOX("tls", tls), CHOICE(tls_names), .example = "implicit",
	 SAY("how the connection is encrypted; never silently left out")},
	{MAILBOX("allow_cleartext", allow_cleartext), .type = SETTINGS_BOOL, .fallback = "false",
	 .example = "true", SAY("permits tls: none with a server on another machine")},
	{MAILBOX("ca_file", ca_file), .type = SETTINGS_PATH, .example = "our-ca.pem",
	 SAY("certificates to trust instead of the system's")},
	{MAILBOX("auth", auth), CHOICE(auth_names), .fallback = "auto", .example = "plain",
	 SAY("how to log in; auto takes the strongest the server offers")},
	{MAILBOX("username", username), .type = SETTINGS_TEXT, .example = "returns@example.org",
	 SAY("the name of the account")},
	{MAILBOX("password", password.value), .type = SETTINGS_TEXT, .secret = true,
	 .example = "\"...\"", SAY("the password itself; the file must then be yours alone to read")},
	{MAILBOX("password_file", password.file), .type = SETTINGS_PATH, .example = "returns.pass",
	 SAY("a file whose first line is the password, yours alone to read")},
	{MAILBOX("password_command", password.command), .type = SETTINGS_COMMAND,
	 .example = "[pass, show, returns]",
	 SAY("a command that prints the password; no shell is used")},
	{MAILBOX("password_env", password.env), .type = SETTINGS_NAME,
	 .example = "RETURNS_PASSWORD", SAY("the environment variable that holds the password")},
	{MAILBOX("token_command", token_command), .type = SETTINGS_COMMAND,
	 .example = "[oauth-token, returns@example.org]",
	 SAY("a command that prints an OAuth access token, instead of a password")},
	{MAILBOX("folder", folder), .type = SETTINGS_TEXT, .example = "INBOX",
	 SAY("the folder of an imap mailbox that is read")},
	{MAILBOX("path", path), .type = SETTINGS_PATH, .example = "returns",
	 SAY("the folder of a maildir mailbox, the file of an mbox")},
	{MAILBOX("mark_seen", mark_seen), .type = SETTINGS_BOOL, .fallback = "false",
	 .example = "true", SAY("whether what was understood is marked as read, where it stays")},
	{MAILBOX("move.bounce", move.bounce), .type = SETTINGS_TEXT, .example = "Facteur/Bounces",
	 SAY("where delivery failures are moved once they are read")},
	{MAILBOX("move.auto-reply", move.auto_reply), .type = SETTINGS_TEXT,
	 .example = "Facteur/Absences", SAY("where automatic replies are moved")},
	{MAILBOX("move.complaint", move.complaint), .type = SETTINGS_TEXT,
	 .example = "Facteur/Complaints", SAY("where complaints are moved")},
	{MAILBOX("move.challenge", move.challenge), .type = SETTINGS_TEXT,
	 .example = "Facteur/Challenges", SAY("where requests to prove one is human are moved")},
	{MAILBOX("move.receipt", move.receipt), .type = SETTINGS_TEXT,
	 .example = "Facteur/Receipts", SAY("where read receipts are moved")},
	{MAILBOX("move.unsubscribe", move.unsubscribe), .type = SETTINGS_TEXT,
	 .example = "Facteur/Unsubscribed", SAY("where requests to leave a list are moved")},
	{MAILBOX("move.other", move.other), .type = SETTINGS_TEXT, .example = "Facteur/Other",
	 SAY("where all other mail is moved")},

	{DESTINATION("domains", domains), .type = SETTINGS_DOMAINS,
	 .example = "[example.net, example.com]",
	 SAY("the domains of one provider: what slows one of them slows them all")},
	{DESTINATION("rate", rate), .type = SETTINGS_RATE, .example = "[5/s, 1000/h]",
	 SAY("most recipients at that provider through one relay; all of them hold at once")},
	{DESTINATION("max_messages", max_messages), COUNT(0, CONNECTIONS_MAX), .fallback = "0",
	 .example = "2", SAY("most messages to it on the way at the same time; 0 is no limit")},

	{DKIM("domain", domain), .type = SETTINGS_DOMAIN, .example = "example.org",
	 SAY("the domain whose messages are signed")},
	{DKIM("selector", selector), .type = SETTINGS_DOMAIN, .example = "s1",
	 SAY("the name under _domainkey where the public key is published")},
	{DKIM("key_file", key_file), .type = SETTINGS_PATH, .example = "s1.pem",
	 SAY("the private key")},

	{ROOT("safety.live", safety.live), .type = SETTINGS_BOOL, .fallback = "false",
	 .example = "true", SAY("permits relays that reach real people")},
	{ROOT("safety.bulk_threshold", safety.bulk_threshold), COUNT(0, COUNT_MAX),
	 .fallback = "10", .example = "10",
	 SAY("most recipients through the mailbox of a person")},
	{ROOT("safety.only_domains", safety.only_domains), .type = SETTINGS_DOMAINS,
	 .example = "[example.org]",
	 SAY("when not empty, nobody outside these domains is mailed")},
	{ROOT("safety.redirect_all_to", safety.redirect_all_to), .type = SETTINGS_ADDRESS,
	 .example = "me@example.org", SAY("all mail goes to this address instead, for rehearsals")},

	{REASON(0, "user-unknown", "suppress"), SAY("the address does not exist")},
	{REASON(1, "mailbox-moved", "suppress"), SAY("the mailbox has moved")},
	{REASON(2, "mailbox-disabled", "suppress at 2 within 30d"), SAY("the mailbox is closed")},
	{REASON(3, "recipient-refused", "suppress at 3 within 60d"), SAY("this recipient is refused")},
	{REASON(4, "mailbox-full", "suppress after 30d"), SAY("the mailbox is full")},
	{REASON(5, "provider-suppressed", "suppress"), SAY("the relay keeps the address off by itself")},
	{REASON(6, "domain-unknown", "suppress"), SAY("the domain does not exist")},
	{REASON(7, "no-mail-here", "suppress"), SAY("the domain takes no mail")},
	{REASON(8, "expired", "count 0.5"), SAY("the time for trying is over")},
	{REASON(9, "network", "count 0.5"), SAY("the network failed")},
	{REASON(10, "message-too-big", "none"), SAY("the message is too large")},
	{REASON(11, "spam", "none"), SAY("it was taken for spam")},
	{REASON(12, "virus", "none"), SAY("it was taken for a virus")},
	{REASON(13, "content", "none"), SAY("the contents were refused")},
	{REASON(14, "policy", "none"), SAY("against the rules of the server")},
	{REASON(15, "not-rfc", "none"), SAY("its form was refused")},
	{REASON(16, "ip-blocked", "none"), SAY("the relay's address is on a block list")},
	{REASON(17, "bad-reputation", "none"), SAY("the sender has a bad reputation")},
	{REASON(18, "missing-ptr", "none"), SAY("the relay's address has no name")},
	{REASON(19, "sender-rejected", "none"), SAY("our address is refused")},
	{REASON(20, "auth-failure", "none"), SAY("its check of the sender failed")},
	{REASON(21, "rate-limited", "none"), SAY("too many messages at once")},
	{REASON(22, "relay-denied", "none"), SAY("the relay does not send for us")},
	{REASON(23, "security", "none"), SAY("refused for reasons of security")},
	{REASON(24, "tls-failed", "none"), SAY("the encryption failed")},
	{REASON(25, "system-error", "count 0.5"), SAY("the server has a problem")},
	{REASON(26, "system-full", "count 0.5"), SAY("the server is full")},
	{REASON(27, "mailer-error", "count 0.5"), SAY("a program at the other end failed")},
	{REASON(28, "protocol-error", "count 0.5"), SAY("the servers did not understand each other")},
	{REASON(29, "unclear", "none"), SAY("no reason that is known")},
	{REASON(30, "unknown", "none"), SAY("it gives no reason")},
	{REASON(31, "complaint", "suppress"), SAY("the member reported it as spam")},
	{ROOT("bounces.score", bounces.score), .type = SETTINGS_ACTION,
	 .fallback = "suppress at 5 within 90d", .example = "suppress at 3 within 60d",
	 SAY("when all that counted against an address is too much: each counts 1, or what count N says")},
	{ROOT("bounces.same_domain", bounces.same_domain), COUNT(0, COUNT_MAX), .fallback = "5",
	 .example = "20", SAY("members of one domain that is unknown all at once, from which on "
	     "none of them is suppressed but somebody has to look; 0 is never")},
	{ROOT("bounces.alarm.hard", bounces.alarm.hard), PERCENT("5%"),
	 SAY("the share of addresses that do not exist at which a campaign is reported")},
	{ROOT("bounces.alarm.blocked", bounces.alarm.blocked), PERCENT("1%"),
	 SAY("the same for messages refused as spam, by policy or for the sender's reputation")},
	{ROOT("bounces.alarm.complaints", bounces.alarm.complaints), PERCENT("0.1%"),
	 SAY("the same for members who reported the message as spam")},
	{ROOT("bounces.pause.hard", bounces.pause.hard), PERCENT("10%"),
	 SAY("the share of addresses that do not exist at which a campaign is paused")},
	{ROOT("bounces.pause.blocked", bounces.pause.blocked), PERCENT("5%"),
	 SAY("the same for messages refused as spam, by policy or for the sender's reputation, "
	     "to pause it")},
	{ROOT("bounces.pause.complaints", bounces.pause.complaints), PERCENT("0.3%"),
	 SAY("the same for members who reported the message as spam, to pause it")},
	{ROOT("bounces.least.hard", bounces.least.hard), COUNT(1, COUNT_MAX), .fallback = "20",
	 .example = "50", SAY("but not before so many addresses that do not exist")},
	{ROOT("bounces.least.blocked", bounces.least.blocked), COUNT(1, COUNT_MAX),
	 .fallback = "20", .example = "50", SAY("but not before so many refused messages")},
	{ROOT("bounces.least.complaints", bounces.least.complaints), COUNT(1, COUNT_MAX),
	 .fallback = "3", .example = "10", SAY("but not before so many complaints")},
	{ROOT("bounces.replies", bounces.replies), .type = SETTINGS_WINDOW, .fallback = "20/h",
	 .example = "20/h", SAY("most questions that are sent back to those who ask to leave a "
	     "list without its link")},
};
/* clang-format on */

static const char *const scope_paths[SETTINGS_SCOPES] = {
	[SETTINGS_IN_ROOT] = "",
	[SETTINGS_IN_RELAY] = "relays.*",
	[SETTINGS_IN_MAILBOX] = "mailboxes.*",
	[SETTINGS_IN_DESTINATION] = "destinations.*",
	[SETTINGS_IN_DKIM] = "dkim[]",
};

const struct settings_row *settings_schema(size_t *count)
{
	*count = sizeof rows / sizeof *rows;
	return rows;
}

const struct settings_row *settings_schema_find(struct view path)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (view_is(path, rows[i].path))
			return &rows[i];
	return NULL;
}

bool settings_schema_is_section(struct view path)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct view row = view_of(rows[i].path);

		if (row.len > path.len && view_starts(row, path) &&
			(row.p[path.len] == '.' || row.p[path.len] == '['))
			return true;
	}
	return false;
}

bool settings_type_is_list(enum settings_type type)
{
	return type == SETTINGS_DOMAINS || type == SETTINGS_RATE || type == SETTINGS_COMMAND ||
	       type == SETTINGS_SHARES;
}

char settings_separator_char(enum settings_separator separator)
{
	return separator_names[separator][0];
}

const char *settings_scope_path(enum settings_scope scope)
{
	return scope_paths[scope];
}
