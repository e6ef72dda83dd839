/* The relays of a running engine: one, or those of a group. What fails is left alone for a
 * while that doubles each time, and others take its messages over: those that nothing has
 * been completed of. A message whose answer never came is not one of them: it is uncertain, and
 * goes to nobody again by itself. */
#include "base/digest.h"
#include "base/i18n.h"
#include "base/time.h"
#include "net/loop.h"
#include "send/engine_private.h"
#include "send/guard.h"
#include "send/quota.h"
#include "settings/settings.h"
#include "store/store.h"

enum {
	ROUTE_TRIES = 2,       /* connections in vain until others take over */
	ROUTE_STUCK_MS = 5000, /* without room for any message, until others do its work */
	ROUTE_SLOW_MAX = 10    /* "not now" in a row, of whatever provider: it is the relay */
};

struct route *engine_route(const struct engine *e, size_t i)
{
	return vec_at(&e->routes, i);
}

struct route *engine_route_of(const struct engine *e, const struct send_message *m)
{
	return engine_route(e, engine_stream(e, m->stream)->route);
}

static size_t number_of(const struct engine *e, const struct route *r)
{
	return (size_t)(r - (const struct route *)(const void *)e->routes.p);
}

/* --- beginning and end --------------------------------------------------- */

static int check_relay(const struct engine *e, const struct store_campaign *c,
	const struct settings_relay *r, struct fail *f)
{
	if (r->type == SETTINGS_RELAY_SMTP && !e->settings->safety.live)
		return fail_set(f, FAIL_GUARD,
			_("relay %s is real and safety.live is false, so nothing is sent; set "
			  "safety: "
			  "{live: true} in %s when you mean it"),
			r->name,
			e->settings->file != NULL ? e->settings->file : SETTINGS_FILE_NAME);
	/* What was tried with a folder must not reach people because a name changed hands. */
	if (r->type == SETTINGS_RELAY_SMTP && !e->real)
		return fail_set(f, FAIL_GUARD,
			_("this campaign was prepared for a folder that mails nobody, and relay %s "
			  "mails real people now, so nothing was sent; make a new campaign when "
			  "you mean it"),
			r->name);
	return send_guard_bulk(e->settings, r, c->total, e->forced, f);
}

static int add_route(struct engine *e, const struct store_campaign *c,
	const struct settings_relay *relay, unsigned weight, struct fail *f)
{
	struct route *r = vec_push(&e->routes);

	r->relay = relay;
	r->weight = weight;
	r->batch_max = e->mode == SEND_BCC ? relay->recipients_per_message : 1;
	r->had_at = time_monotonic();
	if (check_relay(e, c, relay, f) < 0 || send_quota_open(e->store, relay, &r->quota, f) < 0 ||
		send_gate_open(&r->gate, relay, e->campaign_at, f) < 0)
		return -1;
	r->quota_most = send_quota_most(r->quota);
	return 0;
}

static int add_routes(struct engine *e, const struct store_campaign *c, struct fail *f)
{
	for (size_t i = 0; i < settings_relay_ways(e->relay); i++) {
		unsigned weight;
		const struct settings_relay *way =
			settings_relay_way(e->settings, e->relay, i, &weight);

		if (add_route(e, c, way, weight, f) < 0)
			return -1;
	}
	if (e->routes.len == 1)
		engine_route(e, 0)->accepted_any = c->count[DELIVERY_ACCEPTED] > 0;
	return 0;
}

/* One that has failed before is given one try. */
static int open_transport(struct engine *e, struct route *r, struct fail *f)
{
	unsigned tries = e->routes.len > 1 ? ROUTE_TRIES : SEND_TRIES;
	const struct send_smtp_options o = {
		.tries = r->failing ? 1 : tries,
		/* Nobody waits before there is a sender. */
		.secret_ms = e->sender == NULL ? SEND_SECRET_MS : SEND_SECRET_AGAIN_MS,
		.careful = e->lost_answers || e->decided[DELIVERY_UNCERTAIN] > 0,
	};

	if (r->relay->type == SETTINGS_RELAY_MAILDIR)
		return send_maildir_open(
			r->relay, e->campaign, store_instance(e->store), &r->transport, f);
	return send_smtp_open(r->relay, e->loop, &o, &r->transport, f);
}

void route_limit(struct route *r)
{
	size_t most = r->failing && r->connections > 1 ? 1 : r->connections;

	if (r->transport != NULL && r->transport->ops->limit != NULL)
		r->transport->ops->limit(r->transport, most);
}

static int open_again(struct engine *e, struct route *r, struct fail *f)
{
	if (open_transport(e, r, f) < 0)
		return -1;
	route_limit(r);
	return 0;
}

int engine_open_routes(struct engine *e, const struct store_campaign *c, struct fail *f)
{
	const char *name = arena_dupz(&e->arena, c->relay);

	e->relay = settings_relay_find(e->settings, name);
	if (e->relay == NULL)
		return fail_set(f, FAIL_CONF,
			_("the relay %s of this campaign is no longer in the configuration"), name);
	e->lost_answers = c->count[DELIVERY_UNCERTAIN] + c->count[DELIVERY_COMMITTED] > 0;
	e->loop = net_loop_new(f);
	if (e->loop == NULL || add_routes(e, c, f) < 0)
		return -1;
	for (size_t i = 0; i < e->routes.len; i++)
		if (open_transport(e, engine_route(e, i), f) < 0)
			return -1;
	return 0;
}

void engine_free_routes(struct engine *e)
{
	for (size_t i = 0; i < e->routes.len; i++) {
		struct route *r = engine_route(e, i);

		if (r->transport != NULL)
			r->transport->ops->free(r->transport);
		send_quota_free(&r->quota);
		send_gate_close(&r->gate);
	}
	vec_free(&e->routes);
	net_loop_free(&e->loop);
}

/* --- may it be used? ------------------------------------------------------ */

bool route_is_closed(const struct route *r)
{
	return r->dead || r->until > time_monotonic();
}

bool route_rests(const struct engine *e, const struct route *r)
{
	if (r->weight > 0)
		return false;
	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *other = engine_route(e, i);

		if (other->weight > 0 && !other->failing && !other->dead)
			return true;
	}
	return false;
}

bool route_is_open(const struct route *r, int64_t *opens)
{
	int64_t now = time_now();

	*opens = send_gate_opens(&r->gate, now);
	return *opens <= now;
}

static bool may_be_used(const struct engine *e, const struct route *r)
{
	return r->transport != NULL && !r->shut && !route_is_closed(r) && !route_rests(e, r);
}

static bool is_usable(const struct engine *e, const struct route *r)
{
	return !r->stuck && may_be_used(e, r);
}

bool engine_has_other(const struct engine *e, const struct route *r)
{
	for (size_t i = 0; i < e->routes.len; i++)
		if (engine_route(e, i) != r && is_usable(e, engine_route(e, i)))
			return true;
	return false;
}

bool engine_has_utf8(const struct engine *e, const struct route *r, bool now)
{
	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *other = engine_route(e, i);

		if (other != r && !other->plain && (now ? is_usable(e, other) : !other->dead))
			return true;
	}
	return false;
}

void engine_note_plain(const struct engine *e, struct route *r, struct store_result *result)
{
	r->plain = true;
	if (engine_has_utf8(e, r, true))
		*result = (struct store_result){.state = DELIVERY_PENDING};
	else if (engine_has_utf8(e, r, false))
		result->state = DELIVERY_DEFERRED;
}

bool engine_has_route(const struct engine *e, bool later, struct fail *f)
{
	const struct route *last = engine_route(e, 0);

	for (size_t i = 0; i < e->routes.len; i++) {
		const struct route *r = engine_route(e, i);

		if (!r->dead && (!r->failing || later))
			return true;
		if (r->since >= last->since)
			last = r;
	}
	*f = last->why;
	return false;
}

/* --- what fails ----------------------------------------------------------- */

static void give_back_all(struct engine *e, const struct route *r)
{
	for (size_t i = 0; i < e->streams.len; i++) {
		struct stream *s = engine_stream(e, i);

		if (s->route == number_of(e, r))
			engine_give_back(e, s);
	}
}

static void leave_alone(struct engine *e, struct route *r, const struct fail *why)
{
	unsigned char random;

	if (!r->failing)
		r->since = time_now();
	r->failing = true;
	r->slow = 0;
	r->why = *why;
	digest_random(&random, sizeof random);
	r->until = time_monotonic() + manners_closure(++r->closures, random);
	give_back_all(e, r);
}

void engine_give_up(struct engine *e, struct route *r, const struct fail *why)
{
	struct fail none;

	if (r->dead)
		return;
	r->dead = true;
	r->since = time_now();
	r->why = *why;
	give_back_all(e, r);
	if (engine_has_route(e, true, &none))
		return;
	if (e->fatal.kind == FAIL_NONE)
		e->fatal = *why;
	e->draining = true;
}

static bool is_full(const struct engine *e, size_t i)
{
	const struct route *r = engine_route(e, i);
	struct send_transport *t = r->transport;

	return may_be_used(e, r) && engine_has_other(e, r) &&
	       engine_has_work(e, i, time_monotonic()) &&
	       t->ops->room(t, false) + t->ops->room(t, true) == 0;
}

static void begin_stuck(struct engine *e, struct route *r)
{
	r->stuck = true;
	give_back_all(e, r);
	if (r->failing)
		return;
	r->since = time_now();
	(void)fail_set(&r->why, FAIL_TEMP, _("relay %s takes nothing, and does not say why"),
		r->relay->name);
}

void engine_mind_stuck(struct engine *e)
{
	int64_t now = time_monotonic();

	for (size_t i = 0; e->routes.len > 1 && i < e->routes.len; i++) {
		struct route *r = engine_route(e, i);

		if (!is_full(e, i)) {
			r->full_since = 0;
			r->stuck = false;
			continue;
		}
		if (r->full_since == 0)
			r->full_since = now;
		if (r->stuck || now - r->full_since < ROUTE_STUCK_MS)
			continue;
		begin_stuck(e, r);
	}
}

/* Those in reserve have done what they are for. */
static void relieve(struct engine *e)
{
	for (size_t i = 0; i < e->routes.len; i++)
		if (route_rests(e, engine_route(e, i)))
			give_back_all(e, engine_route(e, i));
}

void engine_note_good(struct engine *e, struct route *r)
{
	bool back = r->failing;

	r->failing = false;
	r->slow = r->closures = 0;
	if (!back)
		return;
	route_limit(r);
	relieve(e);
}

void engine_note_busy(struct engine *e, struct route *r, const struct store_result *result)
{
	struct fail why;

	if (e->routes.len < 2 || ++r->slow < ROUTE_SLOW_MAX)
		return;
	(void)fail_set(&why, FAIL_TEMP,
		_("relay %s takes nothing now, whoever the messages are for: %d %.*s"),
		r->relay->name, result->reply_code, VIEW_ARG(result->text));
	leave_alone(e, r, &why);
}

/* 0 while there is one that can be used, now or when patience allows. */
static int on_broken(
	struct engine *e, struct route *r, bool later, const struct fail *why, struct fail *f)
{
	r->transport->ops->free(r->transport);
	r->transport = NULL;
	if (later)
		leave_alone(e, r, why);
	else
		engine_give_up(e, r, why);
	if (engine_has_route(e, e->options->wait, f))
		return 0;
	*f = *why;
	return -1;
}

/* --- the loop ------------------------------------------------------------- */

static int tend_route(struct engine *e, struct route *r, int64_t *until, struct fail *f)
{
	struct fail why;
	int ret;

	if (r->transport == NULL && !r->dead && !e->draining && r->until <= time_monotonic() &&
		open_again(e, r, &why) < 0)
		leave_alone(e, r, &why);
	if (r->transport == NULL)
		return 0;
	ret = r->transport->ops->tend(r->transport, until, &why);
	if (ret == 0)
		return 0;
	if (e->routes.len > 1)
		(void)fail_wrap(&why, _("relay %s"), r->relay->name);
	return on_broken(e, r, ret == SEND_LATER, &why, f);
}

int engine_tend(struct engine *e, int timeout_ms, struct fail *f)
{
	int64_t until = time_monotonic() + timeout_ms, now;

	for (size_t i = 0; i < e->routes.len; i++)
		if (tend_route(e, engine_route(e, i), &until, f) < 0)
			return -1;
	now = time_monotonic();
	return net_loop_run(e->loop, until > now ? (int)(until - now) : 0, f);
}

void engine_wake(void *ctx)
{
	net_loop_wake(ctx);
}
