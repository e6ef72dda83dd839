#include "store/migrations.h"
#include <inttypes.h>
#include "base/i18n.h"
#include "store/store_private.h"

/* Appended, never edited: a database somewhere has each of them behind it.
 * {int}, {bytes}, {table} and {ordered} are the words of the database in use
 * (struct db_dialect).
 *
 * Deliveries and events name contacts by number without REFERENCES: they stay
 * when a contact is forgotten, and say no more than its number then. */
static const char create[] =
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value {bytes} NOT NULL) {ordered};"
	"CREATE TABLE sequence (name TEXT PRIMARY KEY, last {int} NOT NULL) {ordered};"

	"CREATE TABLE contact (id {int} PRIMARY KEY, key TEXT NOT NULL UNIQUE,"
	" address TEXT NOT NULL, domain TEXT NOT NULL, name TEXT NOT NULL, fields TEXT NOT NULL,"
	" suppression {bytes}, created {int} NOT NULL, updated {int} NOT NULL) {table};"
	"CREATE INDEX contact_suppression ON contact (suppression)"
	" WHERE suppression IS NOT NULL;"

	"CREATE TABLE suppression (hash {bytes} PRIMARY KEY, reason TEXT NOT NULL,"
	" at {int} NOT NULL) {ordered};"

	"CREATE TABLE list (id {int} PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL,"
	" address TEXT NOT NULL, created {int} NOT NULL) {table};"
	"CREATE TABLE subscription (list_id {int} NOT NULL REFERENCES list (id),"
	" contact_id {int} NOT NULL, state {int} NOT NULL CHECK (state BETWEEN 0 AND 2),"
	" since {int} NOT NULL, source TEXT NOT NULL, PRIMARY KEY (list_id, contact_id)) {ordered};"

	"CREATE TABLE template (id {int} PRIMARY KEY, name TEXT NOT NULL, version {int} NOT NULL,"
	" source TEXT NOT NULL, created {int} NOT NULL, hidden {int} NOT NULL,"
	" UNIQUE (name, version)) {table};"

	/* The list by number alone: it may be deleted once the campaign is over. */
	"CREATE TABLE campaign (id {int} PRIMARY KEY, name TEXT NOT NULL,"
	" state {int} NOT NULL CHECK (state BETWEEN 0 AND 4), list_id {int} NOT NULL,"
	" list_name TEXT NOT NULL, template_id {int} NOT NULL REFERENCES template (id),"
	" relay TEXT NOT NULL, mode TEXT NOT NULL, frozen TEXT NOT NULL,"
	" created {int} NOT NULL, started {int} NOT NULL, finished {int} NOT NULL,"
	" total {int} NOT NULL, pending {int} NOT NULL CHECK (pending >= 0),"
	" claimed {int} NOT NULL CHECK (claimed >= 0),"
	" committed {int} NOT NULL CHECK (committed >= 0),"
	" accepted {int} NOT NULL CHECK (accepted >= 0),"
	" deferred {int} NOT NULL CHECK (deferred >= 0),"
	" refused {int} NOT NULL CHECK (refused >= 0),"
	" uncertain {int} NOT NULL CHECK (uncertain >= 0),"
	" skipped {int} NOT NULL CHECK (skipped >= 0),"
	" cancelled {int} NOT NULL CHECK (cancelled >= 0)) {table};"
	"CREATE INDEX campaign_list ON campaign (list_id);"

	"CREATE TABLE sender (id {int} PRIMARY KEY, machine TEXT NOT NULL, boot TEXT NOT NULL,"
	" space TEXT NOT NULL, pid {int} NOT NULL, born {int} NOT NULL, campaign_id {int},"
	" beat {int} NOT NULL, gone {int} NOT NULL) {table};"

	/* sender_id is set exactly while the state is 1 or 2. The partial indexes
	 * begin with the columns and in the order of the statements that they serve. */
	"CREATE TABLE delivery (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" contact_id {int} NOT NULL, address TEXT NOT NULL, domain TEXT NOT NULL,"
	" state {int} NOT NULL CHECK (state BETWEEN 0 AND 8),"
	" sender_id {int} REFERENCES sender (id), batch {int} NOT NULL, attempts {int} NOT NULL,"
	" due {int} NOT NULL, reply_code {int} NOT NULL, status TEXT NOT NULL,"
	" reason TEXT NOT NULL, text TEXT NOT NULL, updated {int} NOT NULL,"
	" PRIMARY KEY (campaign_id, contact_id),"
	" CHECK ((sender_id IS NOT NULL) = (state IN (1, 2)))) {ordered};"
	"CREATE INDEX delivery_pending ON delivery (campaign_id, state, contact_id)"
	" WHERE state = 0;"
	"CREATE INDEX delivery_due ON delivery (campaign_id, state, due) WHERE state = 4;"
	"CREATE INDEX delivery_held ON delivery (sender_id, campaign_id, contact_id)"
	" WHERE sender_id IS NOT NULL;"

	"CREATE TABLE event (id {int} PRIMARY KEY, at {int} NOT NULL, kind TEXT NOT NULL,"
	" campaign_id {int}, contact_id {int}, data TEXT NOT NULL,"
	" hash {bytes} NOT NULL) {table};"
	"CREATE INDEX event_campaign ON event (campaign_id, id) WHERE campaign_id IS NOT NULL;";

/* What the first tables hold from the start. */
static int fill(struct store *s, struct fail *f)
{
	static const char *const sequences[] = {
		"contact", "list", "template", "campaign", "sender"};
	unsigned char instance[STORE_INSTANCE_SIZE / 2], key[STORE_TOKEN_KEY_SIZE];
	struct str hex;
	int ret;

	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
		if (store_do(s, Q_SEQUENCE_ADD, STORE_ARGS(store_text(view_of(sequences[i]))), f) <
			0)
			return -1;
	}
	digest_random(instance, sizeof instance);
	digest_random(key, sizeof key);
	str_init(&hex, STORE_INSTANCE_SIZE);
	(void)digest_hex(&hex, instance, sizeof instance);
	ret = store_do(s, Q_META_ADD,
		STORE_ARGS(store_text(VIEW("instance")), store_blob(hex.p, hex.len)), f);
	str_free(&hex);
	if (ret < 0)
		return -1;
	return store_do(s, Q_META_ADD,
		STORE_ARGS(store_text(VIEW("token_key")), store_blob(key, sizeof key)), f);
}

/* Quotas: windows that are kept; what was used of them, in buckets (quota_window.h); what
 * each sender has in hand (its row here may outlive the one in sender); the clock. */
static const char quotas[] =
	"CREATE TABLE quota (scope TEXT NOT NULL, length {int} NOT NULL,"
	" PRIMARY KEY (scope, length)) {ordered};"
	"CREATE TABLE quota_use (scope TEXT NOT NULL, length {int} NOT NULL,"
	" bucket {int} NOT NULL, n {int} NOT NULL CHECK (n >= 0),"
	" PRIMARY KEY (scope, length, bucket)) {ordered};"
	"CREATE TABLE quota_hold (scope TEXT NOT NULL, sender_id {int} NOT NULL,"
	" held {int} NOT NULL, sent {int} NOT NULL, claimed {int} NOT NULL, wants {int} NOT NULL,"
	" doubt {int} NOT NULL, CHECK (sent BETWEEN 0 AND held),"
	" PRIMARY KEY (scope, sender_id)) {ordered};"
	"CREATE TABLE quota_clock (id {int} PRIMARY KEY, boot TEXT NOT NULL,"
	" since_boot {int} NOT NULL, wall {int} NOT NULL, ms {int} NOT NULL,"
	" lost {int} NOT NULL) {table};"
	"INSERT INTO quota_clock (id, boot, since_boot, wall, ms, lost)"
	" VALUES (1, '', 0, 0, 0, 0);";

/* Which provider each recipient of a campaign is with (store/campaign.h): claims are made
 * provider by provider. 0 is everybody else. */
static const char destinations[] =
	"CREATE TABLE destination (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" domain TEXT NOT NULL, number {int} NOT NULL CHECK (number > 0), name TEXT NOT NULL,"
	" PRIMARY KEY (campaign_id, domain)) {ordered};"
	"ALTER TABLE delivery ADD COLUMN destination {int} NOT NULL DEFAULT 0;"
	"DROP INDEX delivery_pending;"
	"CREATE INDEX delivery_pending ON delivery (campaign_id, state, destination, contact_id)"
	" WHERE state = 0;";

/* Which of several relays a recipient's message went through (store/way.h). */
static const char ways[] =
	"CREATE TABLE way (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" number {int} NOT NULL CHECK (number > 0), relay TEXT NOT NULL, since {int} NOT NULL,"
	" PRIMARY KEY (campaign_id, number), UNIQUE (campaign_id, relay)) {ordered};"
	"ALTER TABLE delivery ADD COLUMN way {int} NOT NULL DEFAULT 0;";

/* What came back (store/returned.h), and what it did: to deliveries (store/later.h), to
 * members and to campaigns (store/effect.h). returned_name: who a message was in its mailbox;
 * several rows where the numbers of the mailbox changed. */
static const char returns[] =
	"CREATE TABLE mailbox (name TEXT PRIMARY KEY, reached TEXT NOT NULL,"
	" at {int} NOT NULL) {ordered};"
	"CREATE TABLE returned (id {int} PRIMARY KEY, place TEXT NOT NULL, hash {bytes} NOT NULL,"
	" at {int} NOT NULL, written {int} NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL,"
	" writer TEXT NOT NULL, author TEXT NOT NULL, subject TEXT NOT NULL,"
	" message_id TEXT NOT NULL, envelope_id TEXT NOT NULL, moved_to TEXT NOT NULL,"
	" why TEXT NOT NULL, campaign_id {int}, contact_id {int}, valid {int} NOT NULL,"
	" raw {bytes}) {table};"
	"CREATE INDEX returned_hash ON returned (hash, place);"
	"CREATE TABLE returned_name (place TEXT NOT NULL, space TEXT NOT NULL,"
	" name TEXT NOT NULL, returned_id {int} NOT NULL,"
	" PRIMARY KEY (place, space, name)) {ordered};"
	"CREATE TABLE returned_recipient (returned_id {int} NOT NULL, n {int} NOT NULL,"
	" address TEXT NOT NULL, action TEXT NOT NULL, status TEXT NOT NULL,"
	" reply_code {int} NOT NULL, reason TEXT NOT NULL, permanence TEXT NOT NULL,"
	" remote_mta TEXT NOT NULL, diagnostic TEXT NOT NULL, moved_to TEXT NOT NULL,"
	" address_why TEXT NOT NULL, reason_why TEXT NOT NULL, campaign_id {int},"
	" contact_id {int}, did TEXT NOT NULL, review {int} NOT NULL,"
	" PRIMARY KEY (returned_id, n)) {ordered};"
	"CREATE INDEX returned_open ON returned_recipient (review, returned_id, n)"
	" WHERE review = 1;"

	"CREATE TABLE later (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" contact_id {int} NOT NULL, state {int} NOT NULL CHECK (state BETWEEN 1 AND 3),"
	" reason TEXT NOT NULL, status TEXT NOT NULL, text TEXT NOT NULL,"
	" returned_id {int}, at {int} NOT NULL, PRIMARY KEY (campaign_id, contact_id)) {ordered};"
	"ALTER TABLE campaign ADD COLUMN delivered {int} NOT NULL DEFAULT 0"
	" CHECK (delivered >= 0);"
	"ALTER TABLE campaign ADD COLUMN bounced {int} NOT NULL DEFAULT 0 CHECK (bounced >= 0);"
	"ALTER TABLE campaign ADD COLUMN complained {int} NOT NULL DEFAULT 0"
	" CHECK (complained >= 0);"

	"CREATE TABLE strike (contact_id {int} NOT NULL, reason TEXT NOT NULL,"
	" campaign_id {int} NOT NULL, at {int} NOT NULL, weight {int} NOT NULL CHECK (weight >= 0),"
	" domain TEXT NOT NULL, PRIMARY KEY (contact_id, reason, campaign_id)) {ordered};"
	"CREATE INDEX strike_domain ON strike (reason, domain, at);"
	"ALTER TABLE suppression ADD COLUMN campaign_id {int};"
	"ALTER TABLE suppression ADD COLUMN returned_id {int};"

	"CREATE TABLE cause (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" reason TEXT NOT NULL, n {int} NOT NULL CHECK (n >= 0),"
	" PRIMARY KEY (campaign_id, reason)) {ordered};"
	"CREATE TABLE alarm (campaign_id {int} NOT NULL REFERENCES campaign (id),"
	" cause TEXT NOT NULL, at {int} NOT NULL, n {int} NOT NULL, total {int} NOT NULL,"
	" detail TEXT NOT NULL, paused {int} NOT NULL, PRIMARY KEY (campaign_id, cause)) {ordered};"

	"CREATE TABLE answer (hash {bytes} NOT NULL, at {int} NOT NULL,"
	" returned_id {int} NOT NULL, PRIMARY KEY (hash, at, returned_id)) {ordered};"
	"CREATE INDEX answer_at ON answer (at);"
	"INSERT INTO sequence (name, last) VALUES ('returned', 0);";

static const struct migration {
	const char *sql;
	int (*fill)(struct store *s, struct fail *f); /* may be NULL */
} migrations[] = {
	{create, fill},
	{quotas, NULL},
	{destinations, NULL},
	{ways, NULL},
	{returns, NULL},
};
const int64_t store_schema_version = sizeof migrations / sizeof *migrations;

enum { MIGRATION_MAX = 65536 };

/* The text with the words of this database for what is in braces. */
static void expand(struct str *out, const char *sql, const struct db_dialect *d)
{
	const struct {
		struct view name;
		const char *word;
	} words[] = {
		{VIEW("int"), d->integer},
		{VIEW("bytes"), d->bytes},
		{VIEW("table"), d->table},
		{VIEW("ordered"), d->ordered_table},
	};
	struct view rest = view_of(sql), part;

	while (view_split(&rest, '{', &part)) {
		struct view name;

		(void)str_addv(out, part);
		if (rest.p == NULL || !view_split(&rest, '}', &name))
			break;
		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			if (view_eq(words[i].name, name))
				(void)str_addz(out, words[i].word);
		}
	}
}

/* The version is read again inside: another process may have been quicker. */
static int step(struct store *s, int64_t from, struct fail *f)
{
	const struct migration *m = &migrations[from];
	struct str sql;
	int64_t version;
	int ret = -1;

	str_init(&sql, MIGRATION_MAX);
	expand(&sql, m->sql, db_dialect(s->db));
	if (STORE_BEGIN(s, f) < 0)
		goto out;
	ret = db_version(s->db, &version, f);
	if (ret == 0 && version == from &&
		(db_exec(s->db, sql.p, f) < 0 || (m->fill != NULL && m->fill(s, f) < 0) ||
			db_set_version(s->db, from + 1, f) < 0))
		ret = -1;
	ret = store_end(s, ret, f);
out:
	str_free(&sql);
	return ret;
}

int store_migrate(struct store *s, bool may_write, struct fail *f)
{
	int64_t version;

	if (db_version(s->db, &version, f) < 0)
		return -1;
	if (version > store_schema_version || version < 0)
		return fail_set(f, FAIL_STORE,
			_("this database has format %" PRId64 ", made by a newer facteur; this one "
			  "knows formats up to %" PRId64 ": install the newer version"),
			version, store_schema_version);
	if (version < store_schema_version && !may_write)
		return fail_set(f, FAIL_STORE,
			_("this database has format %" PRId64 ", made by an older facteur; run any "
			  "command that writes, for example \"facteur list edit\", to bring it to "
			  "format %" PRId64),
			version, store_schema_version);
	for (; version < store_schema_version; version++) {
		if (step(s, version, f) < 0)
			return -1;
	}
	return 0;
}
