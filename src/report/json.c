#include "base/time.h"
#include "base/utf8.h"
#include "report/report.h"

json_t *report_text_json(struct view v)
{
	struct str s;
	json_t *text;

	if (v.p == NULL)
		return json_null();
	if (utf8_valid(v, NULL))
		return json_stringn(v.p, v.len);
	str_init(&s, SIZE_MAX / 8);
	(void)utf8_clean(&s, v);
	text = json_stringn(s.p, s.len);
	str_free(&s);
	return text;
}

/* An empty text is an absent fact. */
static json_t *fact(struct view v)
{
	return v.len > 0 ? report_text_json(v) : json_null();
}

static json_t *moment(int64_t at)
{
	char iso[TIME_ISO_SIZE];

	if (at == 0)
		return json_null();
	time_iso(at, iso);
	return json_string(iso);
}

static json_t *counts(int64_t total, const int64_t count[DELIVERY_STATES])
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "total", (json_int_t)total,
		"accepted", (json_int_t)count[DELIVERY_ACCEPTED], "deferred",
		(json_int_t)count[DELIVERY_DEFERRED], "refused",
		(json_int_t)count[DELIVERY_REFUSED], "uncertain",
		(json_int_t)count[DELIVERY_UNCERTAIN], "skipped",
		(json_int_t)count[DELIVERY_SKIPPED], "cancelled",
		(json_int_t)count[DELIVERY_CANCELLED], "pending",
		(json_int_t)report_pending(count));
}

json_t *report_totals_json(const struct store_campaign *c)
{
	json_t *totals = counts(c->total, c->count);

	for (int i = LATER_DELIVERED; i < LATER_STATES; i++)
		(void)json_object_set_new(
			totals, store_later_name((enum store_later)i), json_integer(c->later[i]));
	return totals;
}

json_t *report_campaign_json(const struct store_campaign *c)
{
	return json_pack("{s:I, s:o, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "id",
		(json_int_t)c->id, "name", report_text_json(c->name), "state",
		campaign_state_name(c->state), "list", report_text_json(c->list_name), "template",
		report_text_json(c->template_name), "template_version",
		(json_int_t)c->template_version, "relay", report_text_json(c->relay), "mode",
		report_text_json(c->mode), "created", moment(c->created), "started",
		moment(c->started), "finished", moment(c->finished));
}

static json_t *parts_json(const struct vec *parts, const char *key)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < parts->len; i++) {
		const struct report_part *p = vec_at(parts, i);
		json_t *row = counts(p->total, p->count);

		(void)json_object_set_new(row, key, report_text_json(p->name));
		(void)json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *later_json(const struct vec *later)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < later->len; i++) {
		const struct store_later_tally *t = vec_at(later, i);

		(void)json_array_append_new(rows,
			json_pack("{s:s, s:o, s:I, s:o, s:o}", "state", store_later_name(t->later),
				"reason", fact(t->reason), "count", (json_int_t)t->count, "status",
				fact(t->status), "example", fact(t->text)));
	}
	return rows;
}

static json_t *alarms_json(const struct vec *alarms)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < alarms->len; i++) {
		const struct store_alarm *a = vec_at(alarms, i);

		(void)json_array_append_new(
			rows, json_pack("{s:o, s:I, s:I, s:o, s:o, s:b}", "cause",
				      report_text_json(a->cause), "count", (json_int_t)a->n, "of",
				      (json_int_t)a->total, "detail", fact(a->detail), "at",
				      moment(a->at), "paused", a->paused));
	}
	return rows;
}

json_t *report_json(const struct report *r)
{
	json_t *reasons = json_array();

	for (size_t i = 0; i < r->reasons.len; i++) {
		const struct store_tally *t = vec_at(&r->reasons, i);

		(void)json_array_append_new(reasons,
			json_pack("{s:o, s:s, s:I, s:o, s:o}", "reason", report_text_json(t->what),
				"state", delivery_state_name(t->state), "count",
				(json_int_t)t->count, "status", fact(t->status), "example",
				fact(t->text)));
	}
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "campaign",
		report_campaign_json(&r->campaign), "totals", report_totals_json(&r->campaign),
		"reasons", reasons, "destinations", parts_json(&r->domains, "domain"), "relays",
		parts_json(&r->relays, "relay"), "returned", later_json(&r->later), "alarms",
		alarms_json(&r->alarms));
}

json_t *report_recipient_json(const struct store_recipient *r)
{
	return json_pack("{s:i, s:I, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
			 " s:o, s:o, s:o, s:o}",
		"schema", 1, "contact", (json_int_t)r->contact, "address",
		report_text_json(r->address), "name", fact(r->name), "state",
		delivery_state_name(r->state), "attempts", (json_int_t)r->attempts, "updated",
		moment(r->updated), "due", moment(r->due), "reply_code",
		r->reply_code != 0 ? json_integer(r->reply_code) : json_null(), "status",
		fact(r->status), "reason", fact(r->reason), "text", fact(r->text), "relay",
		fact(r->relay), "returned", fact(view_of(store_later_name(r->later))),
		"returned_reason", fact(r->later_reason), "returned_status", fact(r->later_status),
		"returned_text", fact(r->later_text), "returned_at", moment(r->later_at));
}
