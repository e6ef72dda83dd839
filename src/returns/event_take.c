#include "returns/event_import.h"
#include "returns/take.h"

static void count(struct event_counts *n, const struct returns_outcome *o)
{
	uint64_t *const of_kind[BOUNCE_KINDS] = {
		[BOUNCE_FAILED] = &n->failed,
		[BOUNCE_DELAYED] = &n->delayed,
		[BOUNCE_DELIVERED] = &n->delivered,
		[BOUNCE_COMPLAINT] = &n->complaints,
		[BOUNCE_UNSUBSCRIBE] = &n->unsubscribes,
		[BOUNCE_AUTO_REPLY] = &n->replies,
		[BOUNCE_CHALLENGE] = &n->replies,
	};

	n->taken++;
	if (of_kind[o->kind] != NULL)
		(*of_kind[o->kind])++;
	n->ours += o->campaign > 0;
	n->suppressed += o->suppressed;
	n->unsubscribed += o->unsubscribed;
	n->proposed += o->proposed;
}

int event_take(void *taker, const struct event *e, struct fail *f)
{
	struct event_taker *t = taker;
	const char *provider = event_format_name(e->format);
	const struct returns_origin origin = {
		.source = RETURNS_EVENT,
		.place = view_of(t->relay != NULL ? t->relay : provider),
		.space = view_of(provider),
		.name = e->name,
		.raw = e->raw,
		.now = t->now,
	};
	struct returns_outcome outcome = {.known = false};

	if (!t->open && returns_begin(t->returns, t->now, f) < 0)
		return -1;
	t->open = true;
	if (returns_take(t->returns, &e->verdict, &origin, &outcome, f) < 0)
		return -1;
	if (outcome.known)
		t->counts.known++;
	else
		count(&t->counts, &outcome);
	return 0;
}

int event_settle(void *taker, int ret, struct fail *f)
{
	struct event_taker *t = taker;
	int64_t paused = 0;

	if (!t->open)
		return ret;
	t->open = false;
	ret = returns_end(t->returns, ret, &paused, f);
	if (paused != 0)
		t->counts.paused = paused;
	return ret;
}
