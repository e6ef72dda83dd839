#include "store/delivery_private.h"

int store_next_due(struct store *s, int64_t campaign, int64_t *due, struct fail *f)
{
	*due = 0;
	return store_number(s, Q_NEXT_DUE, STORE_ARGS(store_int(campaign)), due, f) < 0 ? -1 : 0;
}

int store_recipient_each(
	struct store *s, int64_t campaign, store_recipient_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_RECIPIENT_EACH, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_recipient r = {
			.contact = db_int(stmt, 0),
			.address = db_text(stmt, 1),
			.name = db_text(stmt, 2),
			.state = (enum delivery_state)db_int(stmt, 3),
			.attempts = db_int(stmt, 4),
			.updated = db_int(stmt, 5),
			.due = db_int(stmt, 6),
			.reply_code = (int)db_int(stmt, 7),
			.status = db_text(stmt, 8),
			.reason = db_text(stmt, 9),
			.text = db_text(stmt, 10),
			.relay = db_text(stmt, 11),
			.later = (enum store_later)db_int(stmt, 12),
			.later_reason = db_text(stmt, 13),
			.later_status = db_text(stmt, 14),
			.later_text = db_text(stmt, 15),
			.later_at = db_int(stmt, 16),
		};
		int stop = fn(ctx, &r, f);

		if (stop != 0) {
			step = stop < 0 ? stop : 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_tally_reasons(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, Q_TALLY_REASONS, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_tally t = {
			.what = db_text(stmt, 0),
			.state = (enum delivery_state)db_int(stmt, 1),
			.status = db_text(stmt, 2),
			.text = db_text(stmt, 3),
			.count = db_int(stmt, 4),
		};

		if (fn(ctx, &t) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_tally(struct store *s, enum store_query q, int64_t campaign, store_tally_fn fn, void *ctx,
	struct fail *f)
{
	struct db_stmt *stmt = store_walk(s, q, STORE_ARGS(store_int(campaign)), f);
	int step = -1;

	while (stmt != NULL && (step = db_step(stmt, f)) > 0) {
		const struct store_tally t = {
			.what = db_text(stmt, 0),
			.state = (enum delivery_state)db_int(stmt, 1),
			.count = db_int(stmt, 2),
		};

		if (fn(ctx, &t) != 0) {
			step = 0;
			break;
		}
	}
	db_finalize(&stmt);
	return step;
}

int store_tally_domains(
	struct store *s, int64_t campaign, store_tally_fn fn, void *ctx, struct fail *f)
{
	return store_tally(s, Q_TALLY_DOMAINS, campaign, fn, ctx, f);
}

int store_is_recipient(struct store *s, int64_t campaign, struct view key, struct fail *f)
{
	int64_t one;

	return store_number(
		s, Q_IS_RECIPIENT, STORE_ARGS(store_int(campaign), store_text(key)), &one, f);
}
