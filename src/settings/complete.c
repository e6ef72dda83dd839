#include "base/i18n.h"
#include "settings/settings_private.h"

struct settings_value *settings_value_of(
	const struct settings_state *state, const char *path, size_t entry)
{
	const struct settings_row *row = settings_schema_find(view_of(path));
	struct settings_value *v = settings_value_find(state, row, entry);

	return v != NULL && !v->null ? v : NULL;
}

uint64_t settings_number_of(
	const struct settings_state *state, const char *path, size_t entry, uint64_t other)
{
	const struct settings_value *v = settings_value_of(state, path, entry);

	return v != NULL && v->count > 0 ? v->items[0].number : other;
}

static void put(struct settings_loader *l, const char *path, size_t entry, const char *text)
{
	struct settings_text said = {
		.text = view_of(text), .place = {.source = &l->state->fallback}};

	if (settings_value_of(l->state, path, entry) == NULL)
		settings_accept(l, settings_schema_find(view_of(path)), entry, &said);
}

static uint64_t relay_type(const struct settings_state *state, size_t entry)
{
	return settings_number_of(state, "relays.*.type", entry, SETTINGS_RELAY_SMTP);
}

/* What of a relay's settings a relay of that type has a use for. */
static bool fits(const struct settings_row *row, uint64_t type)
{
	static const char *const paths[] = {"relays.*.recipients_per_message",
		"relays.*.max_message_size", "relays.*.durability"};

	if (type != SETTINGS_RELAY_MAILDIR)
		return type != SETTINGS_RELAY_GROUP;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (strcmp(row->path, paths[i]) == 0)
			return true;
	return false;
}

/* RFC 8314: 465 speaks TLS from the first byte, 587 from STARTTLS on. */
static void complete_relay(struct settings_loader *l, size_t entry)
{
	const struct settings_state *state = l->state;

	if (settings_value_of(state, "relays.*.through", entry) != NULL)
		put(l, "relays.*.type", entry, "group");
	else if (settings_value_of(state, "relays.*.preset", entry) != NULL)
		put(l, "relays.*.type", entry, "smtp");
	if (relay_type(state, entry) != SETTINGS_RELAY_SMTP)
		return;
	settings_preset_relay(l, entry);
	if (settings_number_of(state, "relays.*.port", entry, 0) == 465)
		put(l, "relays.*.tls", entry, "implicit");
	put(l, "relays.*.tls", entry, "starttls");
	put(l, "relays.*.port", entry,
		settings_number_of(state, "relays.*.tls", entry, 0) == SETTINGS_TLS_IMPLICIT
			? "465"
			: "587");
}

static void complete_mailbox(struct settings_loader *l, size_t entry)
{
	const struct settings_state *state = l->state;
	uint64_t protocol, port;
	bool implicit, pop3;

	put(l, "mailboxes.*.protocol", entry, "imap");
	protocol = settings_number_of(state, "mailboxes.*.protocol", entry, SETTINGS_PROTOCOL_IMAP);
	if (protocol == SETTINGS_PROTOCOL_MAILDIR || protocol == SETTINGS_PROTOCOL_MBOX)
		return;
	pop3 = protocol == SETTINGS_PROTOCOL_POP3;
	settings_preset_mailbox(l, entry, pop3);
	port = settings_number_of(state, "mailboxes.*.port", entry, 0);
	put(l, "mailboxes.*.tls", entry, port == (pop3 ? 110 : 143) ? "starttls" : "implicit");
	implicit = settings_number_of(state, "mailboxes.*.tls", entry, SETTINGS_TLS_IMPLICIT) ==
		   SETTINGS_TLS_IMPLICIT;
	put(l, "mailboxes.*.port", entry,
		pop3 ? (implicit ? "995" : "110") : (implicit ? "993" : "143"));
	if (!pop3)
		put(l, "mailboxes.*.folder", entry, "INBOX");
}

/* A first try must mail nobody (promise P5). */
static void complete_relays(struct settings_loader *l)
{
	struct settings_state *state = l->state;
	struct settings_place place = {.source = &state->fallback};
	size_t at = 0, outbox;

	if (settings_entry_count(state, SETTINGS_IN_RELAY) == 0) {
		outbox = settings_entry_add(state, SETTINGS_IN_RELAY, VIEW("outbox"), place);
		put(l, "relays.*.type", outbox, "maildir");
		put(l, "relays.*.path", outbox, "outbox");
	}
	if (settings_entry_find(state, SETTINGS_IN_RELAY, VIEW("outbox")) != SETTINGS_NO_ENTRY)
		put(l, "default_relay", SETTINGS_NO_ENTRY, "outbox");
	else if (settings_entry_count(state, SETTINGS_IN_RELAY) == 1 &&
		 settings_entry_next(state, SETTINGS_IN_RELAY, &at))
		put(l, "default_relay", SETTINGS_NO_ENTRY, settings_entry_at(state, at)->name);
	for (at = 0; settings_entry_next(state, SETTINGS_IN_RELAY, &at); at++)
		complete_relay(l, at);
}

static void complete_row(struct settings_loader *l, const struct settings_row *row)
{
	if (row->scope == SETTINGS_IN_ROOT) {
		put(l, row->path, SETTINGS_NO_ENTRY, row->fallback);
		return;
	}
	for (size_t at = 0; settings_entry_next(l->state, row->scope, &at); at++)
		if (row->scope != SETTINGS_IN_RELAY || fits(row, relay_type(l->state, at)))
			put(l, row->path, at, row->fallback);
}

/* Beside the database, wherever that is. */
static void complete_keys(struct settings_loader *l)
{
	const struct settings_value *database =
		settings_value_of(l->state, "database", SETTINGS_NO_ENTRY);
	struct settings_source *source = arena_alloc(&l->state->arena, sizeof *source);
	struct settings_text said = {.text = VIEW("facteur.keys"), .place = {.source = source}};

	if (settings_value_of(l->state, "token_keys", SETTINGS_NO_ENTRY) != NULL)
		return;
	*source = l->state->fallback;
	if (database != NULL && database->count > 0)
		source->folder = settings_folder_of(l->state, database->items[0].text);
	settings_accept(l, settings_schema_find(VIEW("token_keys")), SETTINGS_NO_ENTRY, &said);
}

void settings_complete(struct settings_loader *l, const char *folder)
{
	size_t count;
	const struct settings_row *rows = settings_schema(&count);

	l->state->fallback.folder = folder;
	complete_relays(l);
	for (size_t at = 0; settings_entry_next(l->state, SETTINGS_IN_MAILBOX, &at); at++)
		complete_mailbox(l, at);
	for (size_t i = 0; i < count; i++)
		if (rows[i].fallback != NULL)
			complete_row(l, &rows[i]);
	complete_keys(l);
}
