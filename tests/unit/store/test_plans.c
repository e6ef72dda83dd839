#include "store_test.h"

/* Statements that run once per message, per turn or per row: each finds its
 * rows by an index in the order it wants them, or PERFORMANCE is gone. */
static const struct plan_case {
	enum store_query query;
	const char *name, *must; /* NULL: nothing special */
} plans[] = {
#define PLAN(query, must)                                                                          \
	{                                                                                          \
		query, #query, must                                                                \
	}
	PLAN(Q_CLAIM_NEXT, "INDEX delivery_pending (campaign_id=? AND state=? AND destination=?)"),
	PLAN(Q_CLAIM_DUE, "INDEX delivery_due (campaign_id=? AND state=? AND due<?)"),
	PLAN(Q_CLAIM_TAKE, "INDEX delivery_pending (campaign_id=? AND state=? AND destination=? "
			   "AND contact_id>? AND contact_id<?)"),
	PLAN(Q_CLAIM_SKIP, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_MARK, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_HELD, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_RESULT, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_RESULT_MARKED, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_HELD_BY_SENDER, "INDEX delivery_held (sender_id=? AND campaign_id=?)"),
	PLAN(Q_SENDER_HOLDS, "INDEX delivery_held (sender_id=? AND campaign_id>?)"),
	PLAN(Q_SENDER_BEAT, NULL),
	PLAN(Q_SENDER_HERE, "(rowid=?)"),
	PLAN(Q_NEXT_DUE, "INDEX delivery_due (campaign_id=? AND state=?)"),
	PLAN(Q_IS_RECIPIENT, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_RECIPIENT_EACH, "PRIMARY KEY (campaign_id=?)"),
	PLAN(Q_CAMPAIGN_STATE, NULL),
	PLAN(Q_CAMPAIGN_GET, NULL),
	PLAN(Q_CAMPAIGN_COUNT, NULL),
	PLAN(Q_CAMPAIGN_RECIPIENTS, "PRIMARY KEY (campaign_id=?)"),
	PLAN(Q_CAMPAIGN_CANCEL_PENDING, "INDEX delivery_pending"),
	PLAN(Q_CAMPAIGN_CANCEL_DEFERRED, "INDEX delivery_due"),
	PLAN(Q_CAMPAIGN_FILL, "PRIMARY KEY (list_id=?)"),
	PLAN(Q_EVENT_BY_CAMPAIGN, "INDEX event_campaign (campaign_id=?)"),
	PLAN(Q_EVENT_NEWEST, "INDEX event_campaign (campaign_id=?)"),
	PLAN(Q_CONTACT_BY_KEY, "(key=?)"),
	PLAN(Q_CONTACT_FROM_KEY, "(key>?)"),
	PLAN(Q_CONTACT_UPDATE, NULL),
	PLAN(Q_SUB_STATE, "PRIMARY KEY (list_id=? AND contact_id=?)"),
	PLAN(Q_SUB_SET, "PRIMARY KEY (list_id=? AND contact_id=?)"),
	PLAN(Q_SUB_EACH, "PRIMARY KEY (list_id=?)"),
	PLAN(Q_SUB_GET, "(key=?)"),
	PLAN(Q_SUPPRESSION_GET, "PRIMARY KEY (hash=?)"),
	PLAN(Q_TEMPLATE_NEWEST, "(name=?)"),
	PLAN(Q_LIST_GET, "PRIMARY KEY (list_id=?)"),
	PLAN(Q_CLAIM_ANY, "INDEX delivery_pending (campaign_id=? AND state=? AND destination=?)"),
	PLAN(Q_QUOTA_CLOCK, "(rowid=?)"),
	PLAN(Q_QUOTA_CLOCK_SET, "(rowid=?)"),
	PLAN(Q_QUOTA_LENGTHS, "PRIMARY KEY (scope=?)"),
	PLAN(Q_QUOTA_USE, "PRIMARY KEY (scope=?)"),
	PLAN(Q_QUOTA_ADD, NULL),
	PLAN(Q_QUOTA_DROP, "PRIMARY KEY (scope=? AND length=? AND bucket<?)"),
	PLAN(Q_QUOTA_HOLDS, "PRIMARY KEY (scope=?)"),
	PLAN(Q_QUOTA_HOLD, NULL),
	PLAN(Q_QUOTA_HOLD_DELETE, "PRIMARY KEY (scope=? AND sender_id=?)"),
	PLAN(Q_LIST_IN_USE, "INDEX campaign_list (list_id=?)"),
	PLAN(Q_MAILBOX_GET, "PRIMARY KEY (name=?)"),
	PLAN(Q_RETURNED_KNOWN, "PRIMARY KEY (place=? AND space=? AND name=?)"),
	PLAN(Q_RETURNED_SAME, "INDEX returned_hash (hash=? AND place=?)"),
	PLAN(Q_RETURNED_GET, "(rowid=?)"),
	PLAN(Q_RETURNED_RCPTS, "PRIMARY KEY (returned_id=?)"),
	PLAN(Q_RETURNED_OPEN, "INDEX returned_open (review=?)"),
	PLAN(Q_RETURNED_JUDGE, "PRIMARY KEY (returned_id=? AND n=?)"),
	PLAN(Q_SENT_GET, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_SENT_BY_KEY, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_SENT_LAST, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_LATER_SET, NULL),
	PLAN(Q_LATER_COUNT, NULL),
	PLAN(Q_LATER_ACCEPT, "PRIMARY KEY (campaign_id=? AND contact_id=?)"),
	PLAN(Q_STRIKE_ADD, NULL),
	PLAN(Q_STRIKE_EACH, "PRIMARY KEY (contact_id=?)"),
	PLAN(Q_STRIKE_RESET, "PRIMARY KEY (contact_id=?)"),
	PLAN(Q_STRIKE_DOMAIN, "INDEX strike_domain (reason=? AND domain=? AND at>?)"),
	PLAN(Q_CONTACT_BY_ID, "(rowid=?)"),
	PLAN(Q_CAUSE_ADD, NULL),
	PLAN(Q_ALARM_GET, "PRIMARY KEY (campaign_id=? AND cause=?)"),
	PLAN(Q_ALARM_SET, NULL),
	PLAN(Q_ANSWER_OF, "PRIMARY KEY (hash=? AND at>?)"),
	PLAN(Q_ANSWER_ALL, "INDEX answer_at (at>?)"),
	PLAN(Q_SUPPRESSION_REASON, "PRIMARY KEY (hash=?)"),
#undef PLAN
};

static void explain(struct fixture *t, const char *sql, struct str *plan)
{
	struct str text;
	struct db_stmt *q;

	str_init(&text, 8192);
	(void)str_addf(&text, "EXPLAIN QUERY PLAN %s", sql);
	OK(db_prepare(t->s->db, text.p, &q, &t->f));
	str_clear(plan);
	while (db_step(q, &t->f) > 0)
		(void)str_addf(plan, "%.*s\n", VIEW_ARG(db_text(q, 3)));
	db_finalize(&q);
	str_free(&text);
}

/* A walk through a whole table; "p" is the handful that a claim has chosen. */
static bool walks(const char *plan)
{
	struct view rest = view_of(plan), line;

	while (view_line(&rest, &line)) {
		if (view_starts(line, VIEW("SCAN ")) && !view_is(line, "SCAN p"))
			return true;
	}
	return false;
}

static void hot_statements_use_their_index(void **state)
{
	struct fixture *t = fixture_new();
	struct str plan;

	(void)state;
	str_init(&plan, 8192);
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
		const struct plan_case *c = &plans[i];

		explain(t, store_sql[c->query], &plan);
		if (walks(plan.p) || strstr(plan.p, "TEMP B-TREE") != NULL ||
			(c->must != NULL && strstr(plan.p, c->must) == NULL))
			fail_msg("%s:\n%s", c->name, plan.p);
	}
	str_free(&plan);
	fixture_free(t);
}

/* A statement that nobody has prepared yet is one nobody has read. */
static void every_statement_prepares(void **state)
{
	struct fixture *t = fixture_new();

	(void)state;
	for (int q = 0; q < Q_COUNT; q++) {
		struct db_stmt *stmt;

		if (store_sql[q] == NULL)
			fail_msg("statement %d has no text", q);
		OK(db_prepare(t->s->db, store_sql[q], &stmt, &t->f));
		db_finalize(&stmt);
	}
	fixture_free(t);
}

/* Words that PostgreSQL does not know, or reads otherwise. */
static void stays_portable(void **state)
{
	static const char *const foreign[] = {"IFNULL", "ifnull", "datetime", "rowid", "GLOB",
		"OR IGNORE", "OR REPLACE", "AUTOINCREMENT", "lower(", "LIKE", "||", "INDEXED BY",
		"->", "json", "\"", "?"};

	(void)state;
	for (int q = 0; q < Q_COUNT; q++) {
		for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
			if (strstr(store_sql[q], foreign[i]) != NULL)
				fail_msg("%s in: %s", foreign[i], store_sql[q]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hot_statements_use_their_index),
		cmocka_unit_test(every_statement_prepares),
		cmocka_unit_test(stays_portable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
