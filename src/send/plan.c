#include "send/plan.h"
#include <limits.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "mail/token.h"
#include "send/destination.h"
#include "send/forecast.h"
#include "send/guard.h"
#include "send/letter.h"
#include "send/tokens.h"
#include "send/transport.h"
#include "settings/settings.h"
#include "store/store.h"
#include "store/subscriber.h"
#include "tmpl/tmpl.h"

enum {
	PLAN_EXAMPLES = 3, /* members named when a value is missing */
	PLAN_PROGRESS_EVERY = 1000,
	PLAN_CAMPAIGN_MOST = (1 << 20) - 1, /* the number that it will have is not known yet */
};
/* Past this much mail in all, one copy each is no longer reasonable. */
#define PLAN_INDIVIDUAL_BYTES INT64_C(2147483648)

struct check {
	struct store *store;
	int64_t list;
	struct send_letter *letter;
	const struct send_request *request;
	int64_t checked, mailed, suppressed, bad;
	int64_t contact_most;
	struct fail first;	     /* what the first bad one lacks */
	struct str who;		     /* a few of them */
	struct send_message *sample; /* the first that is mailed, composed */
	struct arena *arena;
	struct vec destinations; /* struct store_destination */
	struct send_crowd crowd;
	int64_t relay_takes; /* ms: as if no destination had a quota */
};

/* --- mode --------------------------------------------------- */

static int personal_in_bcc(const struct tmpl *t, const char *name, struct fail *f)
{
	const struct tmpl_use *uses;
	size_t count = tmpl_variables(t, &uses);

	for (size_t i = 0; i < count; i++)
		if (uses[i].personal)
			return fail_set(f, FAIL_GUARD,
				_("template %s speaks to each member by {{%.*s}} (line %u), so one "
				  "message for all would show one member's data to the others; use "
				  "--mode individual, or take the tag out"),
				name, VIEW_ARG(uses[i].written), uses[i].line);
	return 0;
}

/* When the first may go, and how long quotas, warm-up and sending hours then make all
 * of them take. */
static int64_t takes(const struct send_forecast *fc, int64_t recipients)
{
	int64_t finish = send_forecast_finish(fc, recipients);

	return finish == INT64_MAX ? finish : finish - fc->opens;
}

static int work_out_time(struct store *s, struct send_plan *p, struct check *c,
	const struct send_request *r, struct fail *f)
{
	struct send_forecast fc;

	if (send_forecast_open(&fc, s, p->settings, p->relay, r->at, r->now, f) < 0)
		return -1;
	p->begins = fc.opens;
	c->relay_takes = takes(&fc, p->recipients);
	for (size_t i = 0; i < fc.crowd.count; i++)
		fc.crowd.groups[i].left = c->crowd.groups[i].left;
	p->duration = takes(&fc, p->recipients);
	send_forecast_close(&fc);
	return 0;
}

static enum send_mode choose(struct send_plan *p, const struct check *c, const struct tmpl *t)
{
	if (tmpl_is_personal(t)) {
		p->why = view_of(_("the template speaks to each member"));
		return SEND_INDIVIDUAL;
	}
	if (p->bytes * p->recipients > PLAN_INDIVIDUAL_BYTES) {
		p->why = view_of(_("one copy each would be more than 2 GB"));
		return SEND_BCC;
	}
	if (c->relay_takes > p->frozen.deadline) {
		p->why = view_of(
			_("the relay's quotas do not allow one message each before the deadline"));
		return SEND_BCC;
	}
	p->why = view_of(_("the relay's quotas allow one message each"));
	return SEND_INDIVIDUAL;
}

/* --- every member -------------------------------------------------------- */

static struct send_message *message_to(const struct store_subscriber *who)
{
	struct send_message *m = send_message_new();
	struct send_rcpt *r = vec_push(&m->rcpts);

	m->plain = true; /* check_return() looks at that once the mode is known */
	r->contact = who->contact;
	r->address = arena_dup(&m->arena, who->address);
	r->name = arena_dup(&m->arena, who->name);
	r->fields = arena_dup(&m->arena, who->fields);
	return m;
}

static int is_member(void *ctx, struct view key, struct fail *f)
{
	struct check *c = ctx;
	struct store_subscriber who;
	struct arena a;
	int found;

	arena_init(&a);
	found = store_subscriber_get(c->store, c->list, key, &a, &who, f);
	if (found > 0)
		found = who.state == STORE_SUBSCRIBED;
	arena_free(&a);
	return found;
}

/* Worth the look of the engine: an @, or what begins another way to write it
 * (%40, &#64;, the fullwidth forms). */
static bool may_hold_address(struct view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.p[i] == '@' || v.p[i] == '%' || v.p[i] == '&' || v.p[i] == '\xEF')
			return true;
	return false;
}

/* The first one's message is kept, to show what it will be like. Who has something
 * like an address among the values is looked at as the engine will (promise P1). */
static int write_one(struct check *c, const struct store_subscriber *who, struct fail *f)
{
	struct send_message *m;
	int ret;

	if (c->sample != NULL && !may_hold_address(who->fields) && !may_hold_address(who->name))
		return 0;
	m = message_to(who);
	ret = send_letter_write(c->letter, m, c->request->now, is_member, c, f);
	if (ret == 0 && c->sample == NULL) {
		c->sample = m;
		return 0;
	}
	send_message_free(&m);
	return ret;
}

static void note_bad(struct check *c, const struct store_subscriber *who, const struct fail *why)
{
	if (c->bad == 0)
		c->first = *why;
	if (c->bad < PLAN_EXAMPLES)
		(void)str_addf(&c->who, "%s%.*s", c->bad > 0 ? ", " : "", VIEW_ARG(who->address));
	c->bad++;
}

static struct view domain_of(struct view key)
{
	ptrdiff_t at = (ptrdiff_t)key.len - 1;

	while (at >= 0 && key.p[at] != '@')
		at--;
	return view_from(key, (size_t)(at + 1));
}

/* Stops the walk at the limit: 1. */
static int check_one(void *ctx, const struct store_subscriber *who, struct fail *f)
{
	struct check *c = ctx;
	struct fail why;

	if (c->request->limit > 0 && c->checked >= c->request->limit)
		return 1;
	c->checked++;
	if (c->request->progress != NULL && c->checked % PLAN_PROGRESS_EVERY == 0)
		c->request->progress(c->request->ctx, c->checked);
	if (who->suppressed) {
		c->suppressed++;
		return 0;
	}
	c->mailed++;
	if (who->contact > c->contact_most)
		c->contact_most = who->contact;
	send_crowd_add(&c->crowd, &c->destinations, domain_of(who->key));
	if (send_letter_check(c->letter, who, &why) == 0 && write_one(c, who, &why) == 0)
		return 0;
	if (why.kind != FAIL_DATA && why.kind != FAIL_GUARD) {
		*f = why;
		return -1;
	}
	note_bad(c, who, &why);
	return 0;
}

static int tell_bad(const struct check *c, struct fail *f)
{
	return fail_set(f, c->first.kind,
		_("nothing was sent: %s. %lld of %lld members are concerned: %s%s"), c->first.text,
		(long long)c->bad, (long long)c->mailed, c->who.p,
		c->bad > PLAN_EXAMPLES ? "..." : "");
}

static int check_members(struct store *s, struct check *c, struct send_plan *p, struct fail *f)
{
	struct str subject;
	int ret = 0;

	if (store_subscriber_each(s, p->list.id, check_one, c, f) < 0)
		return -1;
	if (c->bad > 0)
		return tell_bad(c, f);
	if (c->mailed == 0)
		return fail_set(f, FAIL_DATA,
			_("the list %.*s has nobody to write to; facteur list import %.*s FILE "
			  "adds "
			  "members"),
			VIEW_ARG(p->list.name), VIEW_ARG(p->list.name));
	p->recipients = c->mailed;
	p->suppressed = c->suppressed;
	p->bytes = (int64_t)c->sample->data.len;
	str_init(&subject, TMPL_SUBJECT_MAX);
	ret = send_letter_subject(c->letter, vec_at(&c->sample->rcpts, 0), &subject, f);
	p->subject = arena_dup(c->arena, str_view(&subject));
	str_free(&subject);
	return ret;
}

/* --- the plan ------------------------------------------------------------ */

static int find_relay(const struct settings *settings, const char *name,
	const struct settings_relay **out, struct fail *f)
{
	if (name == NULL)
		name = settings->default_relay;
	if (name == NULL)
		return fail_set(f, FAIL_CONF, "%s",
			_("several relays are configured and none is the default; give --relay, or "
			  "set "
			  "default_relay in facteur.yaml"));
	*out = settings_relay_find(settings, name);
	if (*out == NULL)
		return fail_set(f, FAIL_CONF,
			_("there is no relay %s in the configuration; facteur relay list shows "
			  "them"),
			name);
	return 0;
}

unsigned send_plan_batch(const struct send_plan *p)
{
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < settings_relay_ways(p->relay); i++) {
		unsigned n =
			settings_relay_way(p->settings, p->relay, i, NULL)->recipients_per_message;

		least = n < least ? n : least;
	}
	return least;
}

/* A return address that cannot carry its token comes to light here. */
static int check_return(const struct send_plan *p, const struct check *c, struct fail *f)
{
	int64_t contact = p->frozen.mode == SEND_BCC ? 0 : c->contact_most;
	bool some = false;

	for (size_t i = 0; i < settings_relay_ways(p->relay); i++)
		some = some || settings_relay_way(p->settings, p->relay, i, NULL)->verp;
	if (!some || p->frozen.separator.len == 0)
		return 0;
	return send_return_check(p->frozen.bounce_address, p->frozen.separator,
		token_size(PLAN_CAMPAIGN_MOST, contact), f);
}

static void finish_plan(struct send_plan *p, const struct send_request *r)
{
	int64_t batch = p->frozen.mode == SEND_BCC ? send_plan_batch(p) : 1;

	p->messages = (p->recipients + batch - 1) / batch;
	p->real = p->relay->type != SETTINGS_RELAY_MAILDIR;
	p->frozen.real = p->real;
	p->frozen.forced = r->force_relay;
}

/* The letter is first tried in the mode that was asked for, or individually. */
static int check_letter(struct store *s, const struct settings *settings,
	const struct send_request *r, struct arena *a, struct send_plan *p, struct fail *f)
{
	/* No message of the plan leaves: as large as the real ones is all that it has to be. */
	static const unsigned char no_key[TOKEN_KEY_SIZE] = {0};
	const char *name = arena_dupz(a, p->template.name);
	struct check c = {.store = s, .list = p->list.id, .request = r, .arena = a};
	struct send_letter_source source = {.text = p->template.source,
		.name = name,
		.frozen = &p->frozen,
		.instance = store_instance(s),
		.tokens = token_maker_new(no_key),
		.now = r->now};
	struct view redirect = view_of(settings->safety.redirect_all_to);
	struct tmpl *t = NULL;
	int ret = -1;

	str_init(&c.who, FAIL_TEXT_MAX / 2);
	vec_init(&c.destinations, sizeof(struct store_destination));
	send_destinations(settings, a, &c.destinations);
	send_crowd_init(&c.crowd, settings, NULL);
	if (tmpl_compile(p->template.source, name, &t, f) < 0 ||
		send_frozen_make(settings, &p->list, t, a, &p->frozen, f) < 0 ||
		send_bare_address(&redirect, "safety.redirect_all_to", a, f) < 0)
		goto out;
	p->frozen.mode = strcmp(r->mode, "bcc") == 0 ? SEND_BCC : SEND_INDIVIDUAL;
	p->frozen.at = r->at;
	p->frozen.notify_success = r->notify_success;
	if (r->deadline > 0)
		p->frozen.deadline = r->deadline;
	if (p->frozen.mode == SEND_BCC && personal_in_bcc(t, name, f) < 0)
		goto out;
	if (send_letter_new(&source, &c.letter, f) < 0 || check_members(s, &c, p, f) < 0 ||
		work_out_time(s, p, &c, r, f) < 0)
		goto out;
	if (strcmp(r->mode, "auto") == 0)
		p->frozen.mode = choose(p, &c, t);
	ret = check_return(p, &c, f);
out:
	send_message_free(&c.sample);
	send_letter_free(&c.letter);
	token_maker_free(&source.tokens);
	tmpl_free(&t);
	vec_free(&c.destinations);
	str_free(&c.who);
	return ret;
}

int send_plan_make(struct store *s, const struct settings *settings, const struct send_request *r,
	struct arena *a, struct send_plan *out, struct fail *f)
{
	struct str name;

	*out = (struct send_plan){.settings = settings};
	if (store_list_get(s, view_of(r->list), a, &out->list, f) < 0 ||
		store_template_get(s, view_of(r->template), 0, a, &out->template, f) < 0 ||
		find_relay(settings, r->relay, &out->relay, f) < 0 ||
		check_letter(s, settings, r, a, out, f) < 0)
		return -1;
	finish_plan(out, r);
	str_init(&name, 2 * STORE_LIST_NAME_MAX + 2);
	(void)str_addf(&name, "%s %s", r->list, r->template);
	out->name = r->name != NULL ? view_of(r->name) : arena_dup(a, str_view(&name));
	str_free(&name);
	return 0;
}

int send_plan_allowed(const struct send_plan *p, const struct settings *settings, struct fail *f)
{
	if (!p->real || settings->safety.live)
		return send_guard_bulk(settings, p->relay, p->recipients, p->frozen.forced, f);
	return fail_set(f, FAIL_GUARD,
		_("relay %s mails real people and safety.live is false, so nothing was sent; set "
		  "safety: {live: true} in %s when you mean it, or try --relay outbox first"),
		p->relay->name, settings->file != NULL ? settings->file : SETTINGS_FILE_NAME);
}

int send_plan_create(struct store *s, const struct send_plan *p, const struct send_request *r,
	int64_t *id, struct fail *f)
{
	struct store_campaign_new n = {
		.name = p->name,
		.list = p->list.id,
		.template_id = p->template.id,
		.relay = view_of(p->relay->name),
		.mode = view_of(send_mode_name(p->frozen.mode)),
		.limit = r->limit,
		.expect = p->recipients,
		.now = r->now,
	};
	struct send_frozen z = p->frozen;
	struct vec destinations;
	struct arena a;
	struct str frozen;
	int ret;

	arena_init(&a);
	vec_init(&destinations, sizeof(struct store_destination));
	send_destinations(p->settings, &a, &destinations);
	n.destinations = (const struct store_destination *)(const void *)destinations.p;
	n.destination_count = destinations.len;
	str_init(&frozen, FROZEN_MAX);
	ret = send_tokens_begin(s, p->settings, r->now, &a, &z.token_key, f);
	if (ret == 0)
		ret = send_frozen_write(&z, &frozen, f);
	n.frozen = str_view(&frozen);
	if (ret == 0)
		ret = store_campaign_create(s, &n, id, f);
	str_free(&frozen);
	vec_free(&destinations);
	arena_free(&a);
	return ret;
}
