#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H
#include <jansson.h>
#include "base/vec.h"
#include "store/delivery.h"
#include "store/later.h"

/* report - what became of a campaign, one model for the table, the JSON and
 * whatever comes later. Every number is counted from the deliveries, and the
 * totals add up to the number of recipients or the report is refused. */
struct report {
	struct store_campaign campaign;
	struct vec reasons; /* struct store_tally, biggest first */
	struct vec domains; /* struct report_part, biggest first */
	struct vec relays;  /* struct report_part: empty where there is but one */
	struct vec later;   /* struct store_later_tally: what came back about the accepted ones */
	struct vec alarms;  /* struct store_alarm */
};
/* Those of one domain, or that went through one relay. */
struct report_part {
	struct view name;
	int64_t count[DELIVERY_STATES];
	int64_t total;
};

/* Texts live in the arena. FAIL_NOINPUT: no such campaign; FAIL_BUG: the sums
 * do not add up. report_free() frees the vectors. */
int report_load(
	struct store *s, int64_t campaign, struct arena *a, struct report *out, struct fail *f);
void report_free(struct report *r);

/* Not yet decided: pending, in hand, or at the relay without a reply so far. */
int64_t report_pending(const int64_t count[DELIVERY_STATES]);

/* {"total":…,"accepted":…,"deferred":…,"refused":…,"uncertain":…,"skipped":…,
 * "cancelled":…,"pending":…}, and beside them, of the accepted ones, "delivered", "bounced" and
 * "complained". */
json_t *report_totals_json(const struct store_campaign *c);
json_t *report_campaign_json(const struct store_campaign *c);
/* The whole document, "schema": 1. */
json_t *report_json(const struct report *r);
/* One recipient as a line of NDJSON. */
json_t *report_recipient_json(const struct store_recipient *r);
/* A JSON text of bytes of unknown origin: what is no valid UTF-8 shows as U+FFFD;
 * null for p == NULL. */
json_t *report_text_json(struct view v);
#endif
