#include "send/engine.h"
#include "base/digest.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "mail/token.h"
#include "send/engine_private.h"
#include "send/tokens.h"
#include "settings/settings.h"
#include "store/later.h"
#include "store/sender.h"
#include "store/store.h"
#include "store/template.h"
#include "store/way.h"

enum {
	ENGINE_WAIT_MS = 250,	 /* longest sleep: a stop or a pause is seen within it */
	ENGINE_FINISH_MS = 4000, /* for what is in flight: with all the rest, five seconds */
	/* Patience with other senders that are at their last ones, or that have stopped. */
	ENGINE_OTHERS_MS = SENDER_LEASE_MS + 30000,
	ENGINE_PENDING_MS = 1000, /* how often to look whether any of them can be claimed */
	ENGINE_STATE_MS = 500,	  /* how often to look for a pause from elsewhere */
};

/* --- the campaign -------------------------------------------------------- */

static int open_letter(struct engine *e, const struct store_campaign *c, struct fail *f)
{
	struct store_template t;
	struct send_frozen frozen;
	struct send_letter_source source = {.frozen = &frozen,
		.campaign = c->id,
		.instance = store_instance(e->store),
		.now = e->started};

	if (store_template_by_id(e->store, c->template_id, &e->arena, &t, f) < 0 ||
		send_frozen_read(c->frozen, &e->arena, &frozen, f) < 0)
		return -1;
	e->mode = frozen.mode;
	e->real = frozen.real;
	e->notify_success = frozen.notify_success;
	e->forced = frozen.forced || e->options->force_relay;
	e->campaign_at = frozen.at;
	e->campaign_deadline = frozen.deadline;
	if (send_tokens_open(e->settings, frozen.token_key, &e->tokens, f) < 0)
		return -1;
	source.tokens = e->tokens;
	source.text = t.source;
	source.name = arena_dupz(&e->arena, t.name);
	return send_letter_new(&source, &e->letter, f);
}

static int recover(struct engine *e, struct send_outcome *out, struct fail *f)
{
	struct store_recovered *sum = &out->recovered, now;
	/* A relay alone may tell what became of a message; of a group, none of its relays does. */
	struct send_transport *t = engine_route(e, 0)->transport;
	store_settle_fn settle = e->routes.len == 1 && t != NULL ? t->ops->settle : NULL;

	if (store_recover(e->sender, e->campaign, settle, t, time_now(), &now, f) < 0)
		return -1;
	sum->claimed += now.claimed;
	sum->committed += now.committed;
	sum->uncertain += now.uncertain;
	sum->living = now.living;
	return 0;
}

/* --- the loop ------------------------------------------------------------ */

static int look_outside(struct engine *e, struct fail *f)
{
	enum campaign_state state;
	int64_t now = time_monotonic();

	if (e->options->stop != NULL && *e->options->stop > 0 && e->stop_at == 0) {
		e->draining = e->stopped = true;
		e->stop_at = now + ENGINE_FINISH_MS;
	}
	if (now < e->look_at || engine_in_turn(e))
		return 0;
	e->look_at = now + ENGINE_STATE_MS;
	if (store_campaign_state(e->store, e->campaign, &state, f) < 0)
		return -1;
	if (state != CAMPAIGN_SENDING)
		e->draining = e->stopped = true;
	return 0;
}

/* A second signal, or the first and a relay that does not answer. */
static bool stop_at_once(const struct engine *e)
{
	return (e->options->stop != NULL && *e->options->stop > 1) ||
	       (e->stop_at != 0 && time_monotonic() > e->stop_at);
}

static bool over(const struct engine *e)
{
	return e->flying.len == 0 && e->results.len == 0 && e->ready.len == 0 &&
	       !engine_in_turn(e) &&
	       (e->draining || (engine_queue_left(e) == 0 && engine_exhausted(e)));
}

/* How long to sleep: not past the moment a quota, or a provider, lets the next one go. */
static int wait_ms(const struct engine *e)
{
	int64_t now = time_monotonic(), at = engine_turn_at(e), chance = engine_next_chance(e);
	int64_t patience = engine_next_patience(e, now);

	if (chance > now && chance < at)
		at = chance;
	at = patience < at ? patience : at;
	if (at <= now)
		return 0;
	return at - now > ENGINE_WAIT_MS ? ENGINE_WAIT_MS : (int)(at - now);
}

static int loop(struct engine *e, struct fail *f)
{
	size_t left;

	while (!over(e)) {
		if (stop_at_once(e))
			return 0;
		engine_mind_stuck(e);
		/* Once more after the submits: what they make ready goes into this turn. */
		if (engine_take_turn(e, f) < 0 || engine_take_events(e, f) < 0 ||
			engine_submit(e, f) < 0 || engine_take_events(e, f) < 0 ||
			look_outside(e, f) < 0 || engine_report(e, f) < 0)
			return -1;
		left = engine_queue_left(e);
		if (engine_turn_if_needed(e, f) < 0)
			return -1;
		if (over(e))
			break;
		/* Nothing would wake us for those that a turn in place has just claimed. */
		if (left == 0 && engine_queue_left(e) > 0)
			continue;
		if (engine_tend(e, wait_ms(e), f) < 0)
			return -1;
	}
	return e->fatal.kind != FAIL_NONE ? (*f = e->fatal, -1) : 0;
}

/* A moment in which nothing is sent. */
static int idle(struct engine *e, struct fail *f)
{
	if (engine_take_turn(e, f) < 0 || look_outside(e, f) < 0 || engine_report(e, f) < 0 ||
		engine_take_events(e, f) < 0 || engine_turn_if_needed(e, f) < 0)
		return -1;
	return engine_tend(e, ENGINE_WAIT_MS, f);
}

/* The way down when something went wrong, or when nobody wants to wait: what is
 * ready is not completed, what is complete gets a moment for its answer, and what
 * was heard is written down as far as that still works. */
static void land(struct engine *e)
{
	int64_t until = time_monotonic() + ENGINE_FINISH_MS;
	struct fail ignored;

	(void)engine_end_turn(e, &ignored);
	while (e->flying.len > 0 && time_monotonic() < until && !stop_at_once(e)) {
		engine_abandon_ready(e);
		if (engine_take_events(e, &ignored) < 0 ||
			engine_tend(e, ENGINE_WAIT_MS, &ignored) < 0)
			break;
	}
	engine_abandon_ready(e);
	for (size_t i = 0; i < e->routes.len; i++) {
		struct send_transport *t = engine_route(e, i)->transport;

		if (t != NULL)
			t->ops->drop(t);
	}
	(void)engine_take_events(e, &ignored);
	(void)engine_record(e, &ignored);
}

/* First what came, for the end of the last connection is an event too. */
static bool finished(struct engine *e)
{
	bool over = true;
	struct send_event ev;

	for (size_t i = 0; i < e->routes.len; i++) {
		struct send_transport *t = engine_route(e, i)->transport;

		while (t != NULL && t->ops->event(t, &ev))
			;
		over = (t == NULL || t->ops->finish(t)) && over;
	}
	return over;
}

static void part_in_peace(struct engine *e)
{
	int64_t until = time_monotonic() + ENGINE_FINISH_MS;
	struct fail ignored;

	e->draining = true;
	while (time_monotonic() < until && !stop_at_once(e))
		if (finished(e) || engine_tend(e, ENGINE_WAIT_MS, &ignored) < 0)
			return;
}

/* --- beginning and end --------------------------------------------------- */

static void engine_init(struct engine *e, struct store *s, const struct settings *settings,
	int64_t campaign, const struct send_engine_options *o)
{
	*e = (struct engine){.store = s, .settings = settings, .campaign = campaign, .options = o};
	arena_init(&e->arena);
	arena_init(&e->results_arena);
	arena_init(&e->look_arena);
	turn_init(&e->turn);
	vec_init(&e->routes, sizeof(struct route));
	vec_init(&e->streams, sizeof(struct stream));
	vec_init(&e->flying, sizeof(struct send_message *));
	vec_init(&e->ready, sizeof(struct send_message *));
	vec_init(&e->results, sizeof(struct decided));
	e->started = time_now();
	e->redirect = view_of(settings->safety.redirect_all_to);
}

static void engine_free(struct engine *e)
{
	for (size_t i = 0; i < e->flying.len; i++)
		send_message_free(vec_at(&e->flying, i));
	engine_free_routes(e);
	send_letter_free(&e->letter);
	token_maker_free(&e->tokens);
	turn_free(&e->turn);
	engine_free_streams(e);
	vec_free(&e->flying);
	vec_free(&e->ready);
	vec_free(&e->results);
	arena_free(&e->arena);
	arena_free(&e->results_arena);
	arena_free(&e->look_arena);
}

/* done when nothing is left; else paused, unless others are still at it (whoever
 * came first, the last one turns out the light) or somebody has set another
 * state meanwhile. Our own sender is closed by then. */
static int settle_state(struct engine *e, struct arena *a, struct send_outcome *out, struct fail *f)
{
	struct store_campaign *c = &out->campaign;
	int64_t left;
	int living;

	if (store_senders_living(e->store, e->campaign, time_now(), &living, f) < 0 ||
		store_campaign_get(e->store, e->campaign, a, c, f) < 0)
		return -1;
	left = c->count[DELIVERY_PENDING] + c->count[DELIVERY_CLAIMED] +
	       c->count[DELIVERY_COMMITTED] + c->count[DELIVERY_DEFERRED];
	if (c->state == CAMPAIGN_SENDING && (left == 0 || living == 0) &&
		store_campaign_set_state(e->store, e->campaign,
			left == 0 ? CAMPAIGN_DONE : CAMPAIGN_PAUSED, time_now(), f) < 0)
		return -1;
	out->next_due = e->next_try;
	if (out->next_due == 0 && store_next_due(e->store, e->campaign, &out->next_due, f) < 0)
		return -1;
	return store_campaign_get(e->store, e->campaign, a, c, f);
}

static int add_turn_route(struct engine *e, const struct route *r, struct fail *f)
{
	struct turn_route *t = vec_push(&e->turn.routes);

	t->relay = view_of(r->relay->name);
	t->quota = r->quota;
	if (r->transport->ops->limit != NULL)
		t->connections_most = r->relay->max_connections;
	return e->relay->type == SETTINGS_RELAY_GROUP
		       ? store_way_number(e->store, e->campaign, t->relay, &t->way, f)
		       : 0;
}

/* Turns run in a thread of their own, and another one waits for the disk, so that neither
 * is waited for; a transport that never waits for anything gains nothing by that. */
static int open_turns(struct engine *e, struct fail *f)
{
	const struct clerk_task task = {turn_run, engine_wake, &e->turn, e->loop};
	bool full = false, in_place = engine_route(e, 0)->transport->ops->in_place;

	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *r = engine_route(e, i);

		if (add_turn_route(e, r, f) < 0)
			return -1;
		full = full || r->relay->durability == SETTINGS_DURABILITY_FULL;
	}
	if (engine_open_streams(e, f) < 0)
		return -1;
	e->turn.sender = e->sender;
	e->turn.campaign = e->campaign;
	if (in_place && full)
		return 0;
	if (store_sender_hurry(e->sender, true, f) < 0)
		return -1;
	if (e->real)
		store_sender_keep_witness(e->sender, e->started);
	if (in_place)
		return 0;
	if (full && disk_open(e, f) < 0)
		return -1;
	return clerk_new(&task, &e->clerk, f);
}

static int open_sender(struct engine *e, struct fail *f)
{
	if (store_sender_open(e->store, e->started, &e->sender, f) < 0)
		return -1;
	/* In a rehearsal it is not the member who is refused. */
	if (e->options->watch != NULL && e->redirect.len == 0)
		store_sender_watch(e->sender, e->options->watch);
	return 0;
}

static int start(struct engine *e, struct send_outcome *out, struct fail *f)
{
	struct store_campaign c;

	if (store_campaign_get(e->store, e->campaign, &e->arena, &c, f) < 0 ||
		send_bare_address(&e->redirect, "safety.redirect_all_to", &e->arena, f) < 0 ||
		open_letter(e, &c, f) < 0 || engine_open_routes(e, &c, f) < 0)
		return -1;
	e->deadline = c.started != 0 ? c.started : e->started;
	if (e->campaign_at > e->deadline)
		e->deadline = e->campaign_at;
	e->deadline += e->campaign_deadline;
	if (store_campaign_set_state(e->store, e->campaign, CAMPAIGN_SENDING, e->started, f) < 0 ||
		/* So that nothing that comes back is held against its recipients. */
		(e->redirect.len > 0 && store_rehearsed_set(e->store, e->campaign, f) < 0) ||
		open_sender(e, f) < 0 || recover(e, out, f) < 0)
		return -1;
	return open_turns(e, f);
}

/* Who is left, by the counts; -1 when the counts are not those of the deliveries:
 * waiting for somebody who is not there would never end. */
static int count_left(struct engine *e, int64_t *pending, int64_t *held, struct fail *f)
{
	struct store_campaign c;

	arena_reset(&e->look_arena);
	if (store_campaign_audit(e->store, e->campaign, f) < 0 ||
		store_campaign_get(e->store, e->campaign, &e->look_arena, &c, f) < 0)
		return -1;
	*pending = c.count[DELIVERY_PENDING];
	*held = c.count[DELIVERY_CLAIMED] + c.count[DELIVERY_COMMITTED];
	return 0;
}

/* Those who are pending may all be with a provider, or for a relay, that is left alone for a
 * while; or others have just given them back. Who finds nobody need not look again soon. */
static bool worth_a_look(struct engine *e)
{
	int64_t now = time_monotonic();

	if (engine_next_opening(e) != 0 && now < e->pending_at)
		return false;
	e->pending_at = now + ENGINE_PENDING_MS;
	return true;
}

/* Nobody is left for us, but other senders may still have some in hand: what they
 * give back, or leave behind when they die, is ours. 1: there is something; 0: all
 * is decided, or they live and take their time. */
static int wait_for_others(struct engine *e, struct send_outcome *out, struct fail *f)
{
	int64_t until = time_monotonic() + ENGINE_OTHERS_MS, pending, held;

	while (!e->draining && time_monotonic() < until) {
		if (engine_end_turn(e, f) < 0)
			return -1;
		if (count_left(e, &pending, &held, f) < 0)
			return -1;
		/* Claimed while we waited: a provider's, or relay's, time had come. */
		if (engine_queue_left(e) > 0)
			return 1;
		if (pending > 0 || held == 0)
			return pending > 0 && worth_a_look(e);
		if (engine_end_turn(e, f) < 0 || recover(e, out, f) < 0 || idle(e, f) < 0)
			return -1;
	}
	return 0;
}

static void wake_streams(struct engine *e)
{
	for (size_t i = 0; i < e->streams.len; i++)
		engine_stream(e, i)->exhausted = false;
}

/* When the next deferred one is due, or a provider that was left alone may be tried again
 * (wall clock); 0: nothing waits. */
static int next_try(struct engine *e, int64_t *at, struct fail *f)
{
	int64_t opening = engine_next_opening(e), pending, held;

	if (engine_end_turn(e, f) < 0 || store_next_due(e->store, e->campaign, at, f) < 0 ||
		count_left(e, &pending, &held, f) < 0)
		return -1;
	if (opening == 0 || pending == 0)
		return 0;
	opening += time_now() - time_monotonic();
	if (*at == 0 || opening < *at)
		*at = opening;
	return 0;
}

/* With --wait: until then, or something stops us. 1: go on. */
static int wait_for_due(struct engine *e, struct fail *f)
{
	int64_t due;

	if (next_try(e, &due, f) < 0)
		return -1;
	e->next_try = due;
	if (!e->options->wait || e->draining || due == 0 || due > e->deadline)
		return e->draining || engine_has_route(e, e->options->wait, f) ? 0 : -1;
	e->due_at = due;
	while (time_now() < due && !e->draining && engine_queue_left(e) == 0) {
		if (idle(e, f) < 0)
			return -1;
	}
	e->due_at = 0;
	wake_streams(e);
	return !e->draining;
}

/* Nobody may be sent to at this hour. Somebody waits for that, or not: then *out says
 * until when. */
static int wait_for_gate(struct engine *e, struct send_outcome *out, struct fail *f)
{
	int64_t pending, held, due;

	if (engine_end_turn(e, f) < 0 || count_left(e, &pending, &held, f) < 0 ||
		store_next_due(e->store, e->campaign, &due, f) < 0)
		return -1;
	if (e->draining || (pending == 0 && due == 0))
		out->opens_at = 0;
	if (out->opens_at == 0 || !e->options->wait)
		return 0;
	while (!engine_is_open(e, &out->opens_at) && !e->draining && engine_queue_left(e) == 0) {
		if (idle(e, f) < 0)
			return -1;
	}
	out->opens_at = 0;
	wake_streams(e);
	return !e->draining;
}

static int more_to_do(struct engine *e, struct send_outcome *out, struct fail *f)
{
	int more;

	if (!engine_is_open(e, &out->opens_at))
		return wait_for_gate(e, out, f);
	out->opens_at = 0;
	more = wait_for_others(e, out, f);
	if (more > 0)
		wake_streams(e);
	return more != 0 ? more : wait_for_due(e, f);
}

int send_engine_run(struct store *s, const struct settings *settings, int64_t campaign,
	const struct send_engine_options *o, struct arena *a, struct send_outcome *out,
	struct fail *f)
{
	struct engine e;
	struct fail late;
	int ret, again;

	*out = (struct send_outcome){0};
	engine_init(&e, s, settings, campaign, o);
	ret = start(&e, out, f);
	if (e.sender == NULL)
		goto out;
	do {
		if (ret == 0)
			ret = loop(&e, f);
		again = ret == 0 ? more_to_do(&e, out, f) : 0;
		if (again < 0)
			ret = -1;
	} while (again > 0);
	if (e.flying.len > 0 || e.results.len > 0)
		land(&e);
	part_in_peace(&e);
	out->stopped = e.stopped;
	out->ways = engine_ways(&e, a);
	out->way_count = e.routes.len;
	clerk_free(&e.clerk);
	disk_close(&e);
	if (store_sender_hurry(e.sender, false, ret < 0 ? &late : f) < 0)
		ret = -1;
	if (store_sender_close(&e.sender, time_now(), ret < 0 ? &late : f) < 0)
		ret = -1;
	if (settle_state(&e, a, out, ret < 0 ? &late : f) < 0)
		ret = -1;
out:
	engine_free(&e);
	return ret;
}
