#include "store/sql.h"

/* Numbers in the texts are enum delivery_state (0 pending, 1 claimed,
 * 2 committed, 4 deferred, 6 uncertain, 7 skipped, 8 cancelled), enum
 * store_subscription (0 subscribed, 1 unsubscribed) and enum campaign_state (3 done,
 * 4 cancelled). They stand there as literals, for a partial index serves a
 * statement only when its condition is written in it. */

#define LIST_SELECT                                                                                \
	"SELECT l.id, l.name, l.title, l.address, l.created,"                                      \
	" (SELECT count(*) FROM subscription s WHERE s.list_id = l.id AND s.state = 0),"           \
	" (SELECT count(*) FROM subscription s WHERE s.list_id = l.id AND s.state = 1)"            \
	" FROM list l"

#define CONTACT_COLUMNS "c.id, c.key, c.address, c.name, c.fields, c.suppression"

#define CAMPAIGN_COUNTS                                                                            \
	"pending, claimed, committed, accepted, deferred, refused, uncertain, skipped, cancelled"
#define CAMPAIGN_SELECT                                                                            \
	"SELECT c.id, c.name, c.state, c.list_id, c.template_id, c.list_name, t.name, t.version,"  \
	" c.relay, c.mode, c.frozen, c.created, c.started, c.finished, c.total,"                   \
	" " CAMPAIGN_COUNTS ", delivered, bounced, complained"                                     \
	" FROM campaign c JOIN template t ON t.id = c.template_id"

#define RESULT_UPDATE                                                                              \
	"UPDATE delivery SET state = $3, sender_id = NULL, attempts = $4, due = $5,"               \
	" reply_code = $6, status = $7, reason = $8, text = $9, updated = $10,"                    \
	" way = CASE $11 WHEN 0 THEN way ELSE $11 END"                                             \
	" WHERE campaign_id = $1 AND contact_id = $2"

#define EVENT_SELECT "SELECT id, at, kind, campaign_id, contact_id, data, hash FROM event"

/* Inside, who is next, from the index alone: written as one, SQLite prefers the primary key
 * and walks past everybody who is done. */
#define CLAIM_NEXT(condition)                                                                      \
	"SELECT d.contact_id, d.address, d.attempts, c.name, c.fields, c.suppression,"             \
	" s.state FROM (SELECT contact_id FROM delivery WHERE campaign_id = $1"                    \
	" AND state = 0 AND destination = $4" condition " ORDER BY contact_id LIMIT $2) p"         \
	" JOIN delivery d ON d.campaign_id = $1 AND d.contact_id = p.contact_id"                   \
	" LEFT JOIN contact c ON c.id = p.contact_id"                                              \
	" LEFT JOIN subscription s ON s.list_id = $3 AND s.contact_id = p.contact_id"
#define CLAIM_TAKE                                                                                 \
	"UPDATE delivery SET state = 1, sender_id = $3, attempts = attempts + 1,"                  \
	" updated = $4 WHERE campaign_id = $1 AND state = 0 AND destination = $2"                  \
	" AND contact_id BETWEEN $5 AND $6"
/* All of it is ASCII. */
#define CLAIM_PLAIN " AND length(address) = length(CAST(address AS BLOB))"

#define RETURNED_SELECT                                                                            \
	"SELECT id, place, at, written, kind, type, writer, author, subject, message_id,"          \
	" envelope_id, moved_to, why, campaign_id, contact_id, valid, raw FROM returned"
#define RETURNED_RCPT_SELECT                                                                       \
	"SELECT r.returned_id, r.n, r.address, r.action, r.status, r.reply_code, r.reason,"        \
	" r.permanence, r.remote_mta, r.diagnostic, r.moved_to, r.address_why, r.reason_why,"      \
	" r.campaign_id, r.contact_id, r.did, r.review, c.address, m.kind, m.valid"                \
	" FROM returned_recipient r LEFT JOIN contact c ON c.id = r.contact_id"                    \
	" LEFT JOIN returned m ON m.id = r.returned_id"
#define SENT_SELECT                                                                                \
	"SELECT d.campaign_id, d.contact_id, c.list_id, d.address, d.domain, d.state, d.batch,"    \
	" d.updated, COALESCE(l.state, 0) FROM delivery d JOIN campaign c ON c.id = d.campaign_id" \
	" LEFT JOIN later l ON l.campaign_id = d.campaign_id AND l.contact_id = d.contact_id"

const char *const store_sql[Q_COUNT] = {
	[Q_META_ADD] = "INSERT INTO meta (name, value) VALUES ($1, $2)",
	[Q_META_GET] = "SELECT value FROM meta WHERE name = $1",
	[Q_SEQUENCE_ADD] = "INSERT INTO sequence (name, last) VALUES ($1, 0)",
	[Q_SEQUENCE_NEXT] = "UPDATE sequence SET last = last + 1 WHERE name = $1 RETURNING last",
	[Q_SEQUENCE_GET] = "SELECT last FROM sequence WHERE name = $1",
	[Q_SEQUENCE_SET] = "UPDATE sequence SET last = $2 WHERE name = $1",

	[Q_EVENT_LAST] = "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1",
	[Q_EVENT_HASH] = "SELECT hash FROM event WHERE id = $1",
	[Q_EVENT_ADD] = "INSERT INTO event (id, at, kind, campaign_id, contact_id, data, hash)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7)",
	[Q_EVENT_ALL] = EVENT_SELECT " ORDER BY id",
	[Q_EVENT_BY_CAMPAIGN] = EVENT_SELECT " WHERE campaign_id = $1 ORDER BY id",
	[Q_EVENT_CHAIN] = EVENT_SELECT " ORDER BY id",
	[Q_EVENT_NEWEST] =
		"SELECT at, kind, data FROM event WHERE campaign_id = $1 ORDER BY id DESC",

	[Q_LIST_ADD] = "INSERT INTO list (id, name, title, address, created)"
		       " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
	[Q_LIST_GET] = LIST_SELECT " WHERE l.name = $1",
	[Q_LIST_BY_ID] = "SELECT name FROM list WHERE id = $1",
	[Q_LIST_EACH] = LIST_SELECT " ORDER BY l.name",
	[Q_LIST_NAMES] = "SELECT name FROM list ORDER BY name",
	[Q_LIST_EDIT] = "UPDATE list SET title = $2, address = $3 WHERE id = $1",
	[Q_LIST_IN_USE] = "SELECT id, name FROM campaign WHERE list_id = $1 AND state NOT IN (3, 4)"
			  " ORDER BY id LIMIT 1",
	[Q_LIST_DELETE] = "DELETE FROM list WHERE id = $1",
	[Q_LIST_EMPTY] = "DELETE FROM subscription WHERE list_id = $1",

	[Q_TEMPLATE_ADD] = "INSERT INTO template (id, name, version, source, created, hidden)"
			   " VALUES ($1, $2, $3, $4, $5, 0)",
	[Q_TEMPLATE_NEWEST] = "SELECT id, name, version, source, created, hidden FROM template"
			      " WHERE name = $1 ORDER BY version DESC LIMIT 1",
	[Q_TEMPLATE_GET] = "SELECT id, name, version, source, created, hidden FROM template"
			   " WHERE name = $1 AND version = $2",
	[Q_TEMPLATE_BY_ID] = "SELECT id, name, version, source, created, hidden FROM template"
			     " WHERE id = $1",
	[Q_TEMPLATE_EACH] = "SELECT t.id, t.name, t.version, t.created FROM template t"
			    " WHERE t.hidden = 0 AND t.version ="
			    " (SELECT max(n.version) FROM template n WHERE n.name = t.name)"
			    " ORDER BY t.name",
	[Q_TEMPLATE_NAMES] = "SELECT DISTINCT name FROM template WHERE hidden = 0 ORDER BY name",
	[Q_TEMPLATE_SHOW] = "UPDATE template SET hidden = 0 WHERE name = $1 AND hidden = 1",
	[Q_TEMPLATE_HIDE] = "UPDATE template SET hidden = 1 WHERE name = $1 AND hidden = 0",

	[Q_CONTACT_BY_KEY] = "SELECT " CONTACT_COLUMNS " FROM contact c WHERE c.key = $1",
	/* For an import, which asks in the order of keys and knows it bytewise. */
	[Q_CONTACT_FROM_KEY] = "SELECT " CONTACT_COLUMNS " FROM contact c WHERE c.key >= $1"
			       " ORDER BY c.key LIMIT 1",
	[Q_CONTACT_ADD] = "INSERT INTO contact"
			  " (id, key, address, domain, name, fields, suppression, created, updated)"
			  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
	[Q_CONTACT_UPDATE] = "UPDATE contact SET name = $2, fields = $3, updated = $4"
			     " WHERE id = $1",
	[Q_CONTACT_SUPPRESS] = "UPDATE contact SET suppression = $2, updated = $3"
			       " WHERE key = $1 RETURNING id",
	[Q_CONTACT_UNSUPPRESS] = "UPDATE contact SET suppression = NULL, updated = $2"
				 " WHERE key = $1 RETURNING id",

	[Q_SUB_STATE] = "SELECT state FROM subscription WHERE list_id = $1 AND contact_id = $2",
	[Q_SUB_ADD] = "INSERT INTO subscription (list_id, contact_id, state, since, source)"
		      " VALUES ($1, $2, 0, $3, $4)",
	[Q_SUB_SET] = "UPDATE subscription SET state = $3, since = $4, source = $5"
		      " WHERE list_id = $1 AND contact_id = $2",
	[Q_SUB_EACH] = "SELECT " CONTACT_COLUMNS ", s.state, s.since, s.source"
		       " FROM subscription s JOIN contact c ON c.id = s.contact_id"
		       " WHERE s.list_id = $1 AND s.state = 0 ORDER BY s.contact_id",
	[Q_SUB_GET] = "SELECT " CONTACT_COLUMNS ", s.state, s.since, s.source"
		      " FROM contact c JOIN subscription s ON s.contact_id = c.id"
		      " WHERE s.list_id = $1 AND c.key = $2",

	[Q_SUPPRESSION_ADD] = "INSERT INTO suppression (hash, reason, at, campaign_id, returned_id)"
			      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hash) DO NOTHING",
	[Q_SUPPRESSION_REMOVE] = "DELETE FROM suppression WHERE hash = $1",
	[Q_SUPPRESSION_GET] = "SELECT 1 FROM suppression WHERE hash = $1",
	[Q_SUPPRESSION_ANY] = "SELECT 1 FROM suppression LIMIT 1",
	[Q_SUPPRESSION_REASON] = "SELECT reason FROM suppression WHERE hash = $1",
	[Q_SUPPRESSION_EACH] = "SELECT c.address, s.reason, s.at, s.campaign_id, s.returned_id"
			       " FROM suppression s"
			       " LEFT JOIN contact c ON c.suppression = s.hash"
			       " ORDER BY s.at, s.hash",

	[Q_CAMPAIGN_ADD] = "INSERT INTO campaign (id, name, state, list_id, list_name, "
			   "template_id, relay, mode,"
			   " frozen, created, started, finished, total, " CAMPAIGN_COUNTS ")"
			   " VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0,"
			   " 0, 0, 0, 0, 0, 0, 0, 0, 0)",
	[Q_CAMPAIGN_FILL] =
		"INSERT INTO delivery (campaign_id, contact_id, address, domain, state, sender_id,"
		" batch, attempts, due, reply_code, status, reason, text, updated, destination)"
		" SELECT $1, c.id, c.address, c.domain,"
		" CASE WHEN c.suppression IS NULL THEN 0 ELSE 7 END, NULL, 0, 0, 0, 0, '',"
		" CASE WHEN c.suppression IS NULL THEN '' ELSE 'suppressed' END, '', $4,"
		" CASE WHEN p.number IS NULL THEN 0 ELSE p.number END"
		" FROM subscription s JOIN contact c ON c.id = s.contact_id"
		" LEFT JOIN destination p ON p.campaign_id = $1 AND p.domain = c.domain"
		" WHERE s.list_id = $2 AND s.state = 0 ORDER BY s.contact_id LIMIT $3",
	[Q_CAMPAIGN_FILLED] = "UPDATE campaign SET total = $2, pending = $2 - $3, skipped = $3"
			      " WHERE id = $1",
	[Q_CAMPAIGN_RECIPIENTS] = "SELECT contact_id, address, state FROM delivery"
				  " WHERE campaign_id = $1 ORDER BY contact_id",
	[Q_CAMPAIGN_GET] = CAMPAIGN_SELECT " WHERE c.id = $1",
	[Q_CAMPAIGN_EACH] = CAMPAIGN_SELECT " ORDER BY c.id",
	[Q_CAMPAIGN_STATE] = "SELECT state, list_id FROM campaign WHERE id = $1",
	[Q_CAMPAIGN_SET_STATE] =
		"UPDATE campaign SET state = $2,"
		" started = CASE WHEN $2 = 1 AND (started = 0 OR committed + accepted + deferred"
		" + refused + uncertain = 0) THEN $3 ELSE started END,"
		" finished = CASE WHEN $2 IN (3, 4) THEN $3 ELSE 0 END WHERE id = $1",
	[Q_CAMPAIGN_COUNT] =
		"UPDATE campaign SET pending = pending + $2, claimed = claimed + $3,"
		" committed = committed + $4, accepted = accepted + $5, deferred = deferred + $6,"
		" refused = refused + $7, uncertain = uncertain + $8, skipped = skipped + $9,"
		" cancelled = cancelled + $10 WHERE id = $1"
		" RETURNING total, " CAMPAIGN_COUNTS,
	[Q_CAMPAIGN_AUDIT] = "SELECT state, count(*) FROM delivery WHERE campaign_id = $1"
			     " GROUP BY state",
	[Q_CAMPAIGN_CANCEL_PENDING] = "UPDATE delivery SET state = 8, updated = $2"
				      " WHERE campaign_id = $1 AND state = 0",
	[Q_CAMPAIGN_CANCEL_CLAIMED] =
		"UPDATE delivery SET state = 8, sender_id = NULL, attempts = attempts - 1,"
		" updated = $2 WHERE campaign_id = $1 AND sender_id IS NOT NULL AND state = 1",
	[Q_CAMPAIGN_CANCEL_DEFERRED] = "UPDATE delivery SET state = 8, due = 0, updated = $2"
				       " WHERE campaign_id = $1 AND state = 4",

	[Q_SENDER_ADD] =
		"INSERT INTO sender (id, machine, boot, space, pid, born, campaign_id, beat, gone)"
		" VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, 0)",
	[Q_SENDER_BEAT] = "UPDATE sender SET beat = $2, campaign_id = $3"
			  " WHERE id = $1 AND gone = 0",
	[Q_SENDER_EACH] = "SELECT id, machine, boot, space, pid, born, campaign_id, beat, gone"
			  " FROM sender ORDER BY id",
	[Q_SENDER_HERE] = "SELECT 1 FROM sender WHERE id = $1 AND gone = 0",
	[Q_SENDER_GONE] = "UPDATE sender SET gone = 1 WHERE id = $1",
	[Q_SENDER_DELETE] = "DELETE FROM sender WHERE id = $1",
	[Q_SENDER_HOLDS] = "SELECT campaign_id FROM delivery WHERE sender_id = $1"
			   " AND campaign_id > $2 ORDER BY campaign_id LIMIT 1",

	[Q_CLAIM_DUE] =
		"UPDATE delivery SET state = 0, due = 0, updated = $2 WHERE campaign_id = $1"
		" AND contact_id IN (SELECT d.contact_id FROM delivery d WHERE d.campaign_id = $1"
		" AND d.state = 4 AND d.due <= $2 ORDER BY d.due LIMIT $3)",
	[Q_CLAIM_NEXT] = CLAIM_NEXT(""),
	/* From the first to the last that Q_CLAIM_NEXT has found. */
	[Q_CLAIM_TAKE] = CLAIM_TAKE,
	[Q_CLAIM_NEXT_PLAIN] = CLAIM_NEXT(CLAIM_PLAIN),
	[Q_CLAIM_TAKE_PLAIN] = CLAIM_TAKE CLAIM_PLAIN,
	[Q_CLAIM_SKIP] = "UPDATE delivery SET state = 7, reason = $3, updated = $4"
			 " WHERE campaign_id = $1 AND contact_id = $2",
	[Q_CLAIM_ANY] = "SELECT 1 FROM delivery WHERE campaign_id = $1 AND state = 0"
			" AND destination = $2 LIMIT 1",
	[Q_DESTINATION_ADD] =
		"INSERT INTO destination (campaign_id, domain, number, name)"
		" VALUES ($1, $2, $3, $4) ON CONFLICT (campaign_id, domain) DO NOTHING",
	[Q_DESTINATION_EACH] = "SELECT number, min(name) FROM destination WHERE campaign_id = $1"
			       " GROUP BY number ORDER BY number",
	[Q_DESTINATION_PENDING] =
		"SELECT n, name FROM (SELECT destination, count(*) AS n FROM delivery"
		" WHERE campaign_id = $1 AND state = 0 GROUP BY destination) p"
		" JOIN (SELECT number, min(name) AS name FROM destination WHERE campaign_id = $1"
		" GROUP BY number) d ON d.number = p.destination",
	[Q_WAY_FIND] = "SELECT number FROM way WHERE campaign_id = $1 AND relay = $2",
	[Q_WAY_ADD] = "INSERT INTO way (campaign_id, number, relay, since)"
		      " SELECT $1, COALESCE(max(number), 0) + 1, $2, 0 FROM way"
		      " WHERE campaign_id = $1",
	[Q_WAY_USED] = "UPDATE way SET since = $3 WHERE campaign_id = $1 AND number = $2"
		       " AND since = 0",
	[Q_TALLY_WAYS] =
		"SELECT COALESCE(w.relay, c.relay), p.state, p.n FROM (SELECT way, state,"
		" count(*) AS n FROM delivery WHERE campaign_id = $1 AND state BETWEEN 2 AND 6"
		" AND EXISTS (SELECT 1 FROM way WHERE campaign_id = $1) GROUP BY way, state) p"
		" JOIN campaign c ON c.id = $1"
		" LEFT JOIN way w ON w.campaign_id = $1 AND w.number = p.way"
		" ORDER BY p.way, p.state",
	[Q_MARK] = "UPDATE delivery SET state = 2, batch = $4, updated = $5, way = $6"
		   " WHERE campaign_id = $1 AND contact_id = $2 AND state = 1 AND sender_id = $3",
	[Q_HELD] = "SELECT state, sender_id, attempts, batch FROM delivery"
		   " WHERE campaign_id = $1 AND contact_id = $2",
	[Q_RESULT] = RESULT_UPDATE,
	/* For a mark that is as its sender knows it; else nothing is changed. */
	[Q_RESULT_MARKED] = RESULT_UPDATE
	" AND state = 2 AND sender_id = $12 AND attempts = $4 AND batch = $13",
	[Q_HELD_BY_SENDER] =
		"SELECT d.contact_id, d.state, d.attempts, d.batch, d.address, c.name, c.fields"
		" FROM (SELECT contact_id FROM delivery WHERE sender_id = $1 AND campaign_id = $2"
		" ORDER BY contact_id) p"
		" JOIN delivery d ON d.campaign_id = $2 AND d.contact_id = p.contact_id"
		" LEFT JOIN contact c ON c.id = p.contact_id",

	[Q_UNCERTAIN_RETRY] = "UPDATE delivery SET state = 0, updated = $2, reason = ''"
			      " WHERE campaign_id = $1 AND state = 6"
			      " RETURNING contact_id",
	[Q_NEXT_DUE] = "SELECT due FROM delivery WHERE campaign_id = $1 AND state = 4"
		       " ORDER BY due LIMIT 1",
	[Q_RECIPIENT_EACH] =
		"SELECT d.contact_id, d.address, c.name, d.state, d.attempts, d.updated, d.due,"
		" d.reply_code, d.status, d.reason, d.text, CASE WHEN d.state BETWEEN 2 AND 6"
		" AND EXISTS (SELECT 1 FROM way WHERE campaign_id = $1) THEN COALESCE(w.relay,"
		" (SELECT relay FROM campaign WHERE id = $1)) END,"
		" l.state, l.reason, l.status, l.text, l.at"
		" FROM delivery d LEFT JOIN contact c ON c.id = d.contact_id"
		" LEFT JOIN later l ON l.campaign_id = d.campaign_id"
		" AND l.contact_id = d.contact_id"
		" LEFT JOIN way w ON w.campaign_id = d.campaign_id AND w.number = d.way"
		" WHERE d.campaign_id = $1 ORDER BY d.contact_id",
	/* The example is one recipient: status and text belong together. */
	[Q_TALLY_REASONS] =
		"SELECT t.reason, t.state, d.status, d.text, t.n FROM (SELECT reason, state,"
		" min(contact_id) AS example, count(*) AS n FROM delivery"
		" WHERE campaign_id = $1 AND state BETWEEN 4 AND 8 GROUP BY reason, state) t"
		" JOIN delivery d ON d.campaign_id = $1 AND d.contact_id = t.example"
		" ORDER BY t.n DESC, t.reason, t.state",
	[Q_TALLY_DOMAINS] = "SELECT domain, state, count(*) AS n FROM delivery"
			    " WHERE campaign_id = $1 GROUP BY domain, state"
			    " ORDER BY domain, state",
	/* By name, or as one of several: then there is a number. */
	[Q_RELAY_CAMPAIGNS] = "SELECT c.id, w.number FROM campaign c"
			      " LEFT JOIN way w ON w.campaign_id = c.id AND w.relay = $1"
			      " WHERE (c.relay = $1 OR w.number IS NOT NULL) AND c.started > 0"
			      " AND (c.finished = 0 OR c.finished > $2) ORDER BY c.id",
	[Q_RELAY_FIRST_USE] = "SELECT started FROM campaign WHERE relay = $1 AND started > 0"
			      " AND accepted + deferred + refused + uncertain > 0"
			      " UNION SELECT since FROM way WHERE relay = $1 AND since > 0"
			      " ORDER BY 1 LIMIT 1",
	[Q_IS_RECIPIENT] = "SELECT 1 FROM contact c JOIN delivery d ON d.contact_id = c.id"
			   " WHERE d.campaign_id = $1 AND c.key = $2",

	[Q_QUOTA_CLOCK] = "SELECT boot, since_boot, wall, ms, lost FROM quota_clock WHERE id = 1",
	[Q_QUOTA_CLOCK_SET] = "UPDATE quota_clock SET boot = $1, since_boot = $2, wall = $3,"
			      " ms = $4, lost = $5 WHERE id = 1",
	[Q_QUOTA_KEEP] = "INSERT INTO quota (scope, length) VALUES ($1, $2)"
			 " ON CONFLICT (scope, length) DO NOTHING",
	[Q_QUOTA_LENGTHS] = "SELECT length FROM quota WHERE scope = $1 ORDER BY length",
	[Q_QUOTA_USE] = "SELECT length, bucket, n FROM quota_use WHERE scope = $1"
			" ORDER BY length, bucket",
	[Q_QUOTA_ADD] = "INSERT INTO quota_use (scope, length, bucket, n) VALUES ($1, $2, $3, $4)"
			" ON CONFLICT (scope, length, bucket) DO UPDATE SET n = quota_use.n + $4",
	[Q_QUOTA_DROP] = "DELETE FROM quota_use WHERE scope = $1 AND length = $2 AND bucket <= $3",
	[Q_QUOTA_HOLDS] = "SELECT h.sender_id, h.held, h.sent, h.claimed, h.wants, h.doubt,"
			  " s.machine, s.boot, s.space, s.pid, s.born, s.campaign_id, s.beat,"
			  " s.gone FROM quota_hold h LEFT JOIN sender s ON s.id = h.sender_id"
			  " WHERE h.scope = $1 ORDER BY h.sender_id",
	[Q_QUOTA_HOLD] = "INSERT INTO quota_hold"
			 " (scope, sender_id, held, sent, claimed, wants, doubt)"
			 " VALUES ($1, $2, $3, $4, $5, $6, $7)"
			 " ON CONFLICT (scope, sender_id) DO UPDATE SET held = $3, sent = $4,"
			 " claimed = $5, wants = $6, doubt = $7",
	[Q_QUOTA_HOLD_DELETE] = "DELETE FROM quota_hold WHERE scope = $1 AND sender_id = $2",
	[Q_RELAY_USE] = "SELECT d.updated FROM campaign c"
			" LEFT JOIN way w ON w.campaign_id = c.id AND w.relay = $1"
			" JOIN delivery d ON d.campaign_id = c.id"
			" AND d.way = COALESCE(w.number, 0)"
			" WHERE (c.relay = $1 OR w.number IS NOT NULL) AND (c.finished = 0 OR "
			"c.finished > $2)"
			" AND d.state BETWEEN 2 AND 6 AND d.updated > $2",

	[Q_MAILBOX_GET] = "SELECT reached FROM mailbox WHERE name = $1",
	[Q_MAILBOX_SET] = "INSERT INTO mailbox (name, reached, at) VALUES ($1, $2, $3)"
			  " ON CONFLICT (name) DO UPDATE SET reached = $2, at = $3",
	[Q_RETURNED_KNOWN] = "SELECT r.kind FROM returned_name n JOIN returned r"
			     " ON r.id = n.returned_id"
			     " WHERE n.place = $1 AND n.space = $2 AND n.name = $3",
	[Q_RETURNED_SAME] = "SELECT id FROM returned WHERE hash = $1 AND place = $2",
	[Q_RETURNED_NAME] = "INSERT INTO returned_name (place, space, name, returned_id)"
			    " VALUES ($1, $2, $3, $4) ON CONFLICT (place, space, name) DO NOTHING",
	[Q_RETURNED_ADD] =
		"INSERT INTO returned (id, place, hash, at, written, kind, type, writer,"
		" author, subject, message_id, envelope_id, moved_to, why, campaign_id,"
		" contact_id, valid, raw) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		" $12, $13, $14, $15, $16, $17, $18)",
	[Q_RETURNED_RCPT_ADD] =
		"INSERT INTO returned_recipient (returned_id, n, address, action, status,"
		" reply_code, reason, permanence, remote_mta, diagnostic, moved_to, address_why,"
		" reason_why, campaign_id, contact_id, did, review) VALUES ($1, $2, $3, $4, $5,"
		" $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
	[Q_RETURNED_GET] = RETURNED_SELECT " WHERE id = $1",
	[Q_RETURNED_EACH] = RETURNED_SELECT " ORDER BY id DESC LIMIT $1",
	[Q_RETURNED_RCPTS] = RETURNED_RCPT_SELECT " WHERE r.returned_id = $1 ORDER BY r.n",
	[Q_RETURNED_OPEN] = RETURNED_RCPT_SELECT " WHERE r.review = 1 ORDER BY r.returned_id, r.n",
	[Q_RETURNED_JUDGE] = "UPDATE returned_recipient SET review = $3, did = $4"
			     " WHERE returned_id = $1 AND n = $2",

	[Q_SENT_GET] = SENT_SELECT " WHERE d.campaign_id = $1 AND d.contact_id = $2",
	[Q_SENT_BY_KEY] = SENT_SELECT " WHERE d.campaign_id = $1"
				      " AND d.contact_id = (SELECT id FROM contact WHERE key = $2)",
	/* Campaigns from the newest back: there are not many, and the first will do. By CROSS
	 * JOIN SQLite keeps to that order. */
	[Q_SENT_LAST] = "SELECT p.id, d.contact_id FROM campaign p CROSS JOIN delivery d"
			" WHERE d.campaign_id = p.id"
			" AND d.contact_id = (SELECT id FROM contact WHERE key = $1)"
			" AND d.batch <> 0 AND d.updated BETWEEN $2 AND $3"
			" ORDER BY p.id DESC LIMIT 1",
	[Q_LATER_SET] = "INSERT INTO later (campaign_id, contact_id, state, reason, status, text,"
			" returned_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
			" ON CONFLICT (campaign_id, contact_id) DO UPDATE SET state = $3,"
			" reason = $4, status = $5, text = $6, returned_id = $7, at = $8",
	[Q_LATER_COUNT] = "UPDATE campaign SET delivered = delivered + $2, bounced = bounced + $3,"
			  " complained = complained + $4 WHERE id = $1"
			  " RETURNING total, delivered, bounced, complained",
	[Q_LATER_AUDIT] = "SELECT state, count(*) FROM later WHERE campaign_id = $1 GROUP BY state",
	[Q_LATER_ACCEPT] = "UPDATE delivery SET state = 3, updated = $3"
			   " WHERE campaign_id = $1 AND contact_id = $2 AND state = 6",
	[Q_TALLY_LATER] =
		"SELECT t.reason, t.state, l.status, l.text, t.n FROM (SELECT reason, state,"
		" min(contact_id) AS example, count(*) AS n FROM later WHERE campaign_id = $1"
		" GROUP BY reason, state) t"
		" JOIN later l ON l.campaign_id = $1 AND l.contact_id = t.example"
		" ORDER BY t.state, t.n DESC, t.reason",

	[Q_STRIKE_ADD] = "INSERT INTO strike (contact_id, reason, campaign_id, at, weight, domain)"
			 " VALUES ($1, $2, $3, $4, $5, $6)"
			 " ON CONFLICT (contact_id, reason, campaign_id) DO NOTHING",
	[Q_STRIKE_EACH] = "SELECT reason, at, weight FROM strike WHERE contact_id = $1",
	[Q_STRIKE_RESET] = "UPDATE strike SET weight = 0 WHERE contact_id = $1",
	[Q_STRIKE_DOMAIN] = "SELECT contact_id FROM strike"
			    " WHERE reason = $1 AND domain = $2 AND at > $3",
	[Q_CONTACT_BY_ID] = "SELECT key, address, suppression FROM contact WHERE id = $1",
	[Q_CONTACT_MOVE] = "UPDATE contact SET key = $2, address = $3, domain = $4,"
			   " suppression = $5, updated = $6 WHERE id = $1",
	[Q_CAUSE_ADD] = "INSERT INTO cause (campaign_id, reason, n) VALUES ($1, $2, $3)"
			" ON CONFLICT (campaign_id, reason) DO UPDATE SET n = cause.n + $3",
	[Q_CAUSE_GET] = "SELECT n FROM cause WHERE campaign_id = $1 AND reason = $2",
	[Q_CAUSE_EACH] =
		"SELECT reason, n FROM cause WHERE campaign_id = $1 ORDER BY n DESC, reason",
	[Q_ALARM_GET] = "SELECT paused FROM alarm WHERE campaign_id = $1 AND cause = $2",
	[Q_ALARM_SET] = "INSERT INTO alarm (campaign_id, cause, at, n, total, detail, paused)"
			" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (campaign_id, cause)"
			" DO UPDATE SET n = $4, total = $5, paused = $7,"
			" at = CASE alarm.paused WHEN $7 THEN alarm.at ELSE $3 END,"
			" detail = CASE $6 WHEN '' THEN alarm.detail ELSE $6 END",
	[Q_ALARM_EACH] = "SELECT cause, at, n, total, detail, paused FROM alarm"
			 " WHERE campaign_id = $1 ORDER BY at, cause",
	[Q_ANSWER_ADD] = "INSERT INTO answer (hash, at, returned_id) VALUES ($1, $2, $3)"
			 " ON CONFLICT (hash, at, returned_id) DO NOTHING",
	[Q_ANSWER_OF] = "SELECT count(*) FROM answer WHERE hash = $1 AND at > $2",
	[Q_ANSWER_ALL] = "SELECT count(*) FROM answer WHERE at > $1",
};
