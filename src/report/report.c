#include "report/report.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "store/store.h"
#include "store/way.h"

struct load {
	struct report *r;
	struct arena *arena;
};

static int keep_reason(void *ctx, const struct store_tally *t)
{
	struct load *load = ctx;
	struct store_tally *kept = vec_push(&load->r->reasons);

	*kept = *t;
	kept->what = arena_dup(load->arena, t->what);
	kept->status = arena_dup(load->arena, t->status);
	kept->text = arena_dup(load->arena, t->text);
	return 0;
}

/* The store gives a row per domain or relay and state, the rows of one together. */
static int keep_part(const struct load *load, struct vec *parts, const struct store_tally *t)
{
	struct report_part *p = parts->len > 0 ? vec_at(parts, parts->len - 1) : NULL;

	if (p == NULL || !view_eq(p->name, t->what)) {
		p = vec_push(parts);
		p->name = arena_dup(load->arena, t->what);
	}
	/* Who is in a state that does not exist counts in the total alone: the sums
	 * do not add up then, and the report is refused. */
	if ((unsigned)t->state < DELIVERY_STATES)
		p->count[t->state] += t->count;
	p->total += t->count;
	return 0;
}

static int keep_domain(void *ctx, const struct store_tally *t)
{
	const struct load *load = ctx;

	return keep_part(load, &load->r->domains, t);
}

static int keep_relay(void *ctx, const struct store_tally *t)
{
	const struct load *load = ctx;

	return keep_part(load, &load->r->relays, t);
}

static int keep_later(void *ctx, const struct store_later_tally *t)
{
	const struct load *load = ctx;
	struct store_later_tally *kept = vec_push(&load->r->later);

	*kept = *t;
	kept->reason = arena_dup(load->arena, t->reason);
	kept->status = arena_dup(load->arena, t->status);
	kept->text = arena_dup(load->arena, t->text);
	return 0;
}

static int keep_alarm(void *ctx, const struct store_alarm *alarm)
{
	const struct load *load = ctx;
	struct store_alarm *kept = vec_push(&load->r->alarms);

	*kept = *alarm;
	kept->cause = arena_dup(load->arena, alarm->cause);
	kept->detail = arena_dup(load->arena, alarm->detail);
	return 0;
}

static int larger_first(const void *a, const void *b)
{
	const struct report_part *x = a, *y = b;

	if (x->total != y->total)
		return x->total < y->total ? 1 : -1;
	return view_cmp(x->name, y->name);
}

/* All of one moment: a campaign may be running. */
static int read_all(struct store *s, int64_t campaign, struct load *load, struct fail *f)
{
	int ret = -1;

	if (store_read_begin(s, f) < 0)
		return -1;
	if (store_campaign_get(s, campaign, load->arena, &load->r->campaign, f) == 0 &&
		store_campaign_audit(s, campaign, f) == 0 &&
		store_tally_reasons(s, campaign, keep_reason, load, f) == 0 &&
		store_tally_domains(s, campaign, keep_domain, load, f) == 0 &&
		store_tally_ways(s, campaign, keep_relay, load, f) == 0 &&
		store_later_each(s, campaign, keep_later, load, f) == 0 &&
		store_alarm_each(s, campaign, keep_alarm, load, f) == 0)
		ret = 0;
	store_read_end(s);
	return ret;
}

int report_load(
	struct store *s, int64_t campaign, struct arena *a, struct report *out, struct fail *f)
{
	struct load load = {out, a};
	int64_t sum = 0;

	vec_init(&out->reasons, sizeof(struct store_tally));
	vec_init(&out->domains, sizeof(struct report_part));
	vec_init(&out->relays, sizeof(struct report_part));
	vec_init(&out->later, sizeof(struct store_later_tally));
	vec_init(&out->alarms, sizeof(struct store_alarm));
	if (read_all(s, campaign, &load, f) < 0) {
		report_free(out);
		return -1;
	}
	for (size_t i = 0; i < out->domains.len; i++)
		sum += ((struct report_part *)vec_at(&out->domains, i))->total;
	if (sum != out->campaign.total) {
		report_free(out);
		return fail_set(f, FAIL_BUG,
			_("campaign %lld has %lld recipients but %lld were counted; please report "
			  "this"),
			(long long)campaign, (long long)out->campaign.total, (long long)sum);
	}
	if (out->domains.len > 0)
		qsort(out->domains.p, out->domains.len, out->domains.item, larger_first);
	return 0;
}

void report_free(struct report *r)
{
	vec_free(&r->reasons);
	vec_free(&r->domains);
	vec_free(&r->relays);
	vec_free(&r->later);
	vec_free(&r->alarms);
}

int64_t report_pending(const int64_t count[DELIVERY_STATES])
{
	return count[DELIVERY_PENDING] + count[DELIVERY_CLAIMED] + count[DELIVERY_COMMITTED];
}
