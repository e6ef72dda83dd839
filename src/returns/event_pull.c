#include "returns/event_pull.h"
#include <stdio.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "returns/event_fields.h"
#include "returns/event_http.h"
#include "returns/event_json.h"
#include "settings/preset.h"
#include "store/returned.h"

enum { URL_MAX = 2048, STATES_MAX = 1000, CURSOR_MAX = 32, WHERE_MAX = 64 };

/* One pull on its way. */
struct job {
	struct event_pull *p;
	struct event_http *http;
	struct str url, body;
	struct arena arena; /* of one page */
	json_t *states;	    /* {"12": "user unknown"} */
	int64_t from, to;   /* ms */
	uint64_t offset;
	struct str first; /* the id that the page before began with */
};

/* --- one request ----------------------------------------------------------- */

/* What the status means for whoever waits at the terminal. */
static int refused_us(const struct job *j, int status, struct fail *f)
{
	const char *name = j->p->relay->name;

	if (status == 401 || status == 403)
		return fail_set(f, FAIL_PERM,
			_("%s does not accept the login of relay %s for its API (%d): its username "
			  "must be the API key, its password the secret key"),
			j->p->relay->events_url, name, status);
	if (status / 100 == 3)
		return fail_set(f, FAIL_PERM,
			_("%s answers with a redirect (%d), which is not followed: the login would "
			  "go elsewhere. Correct relays.%s.events_url"),
			j->p->relay->events_url, status, name);
	return fail_set(f, FAIL_PERM, _("%s answers %d to what relay %s asks"),
		j->p->relay->events_url, status, name);
}

static bool is_for_later(int status)
{
	return status == 429 || status == 408 || status / 100 == 5;
}

/* How long before the next try; -1: it is left for later. */
static int64_t patience(int tries, const struct event_http_answer *a)
{
	int64_t backoff = (int64_t)EVENT_PULL_BACKOFF_MS << (tries - 1);

	if (tries >= EVENT_PULL_TRIES || a->retry_after > EVENT_PULL_WAIT_MAX_MS)
		return -1;
	return a->retry_after > backoff ? a->retry_after : backoff;
}

static int give_up(const struct job *j, const struct event_http_answer *a, struct fail *f)
{
	if (a->retry_after > 0)
		return fail_set(f, FAIL_TEMP, _("%s asks to come back in %lld seconds (%d)"),
			j->p->relay->events_url, (long long)(a->retry_after / TIME_SECOND),
			a->status);
	return fail_set(f, FAIL_TEMP, _("%s has no answer now (%d); try again later"),
		j->p->relay->events_url, a->status);
}

/* The object that the url in j->url gives; NULL with f. Without an answer it tries again, too. */
static json_t *ask(struct job *j, struct fail *f)
{
	struct event_http_answer a;
	struct fail lost;
	const struct event_spot start = {1, 1};
	json_t *got;

	if (j->p->requests > 0 && j->p->wait(j->p->ctx, EVENT_PULL_PAUSE_MS, f) < 0)
		return NULL;
	for (int tries = 1;; tries++) {
		int64_t ms;

		a = (struct event_http_answer){.status = 0, .retry_after = -1};
		j->p->requests++;
		if (event_http_get(j->http, j->url.p, &j->body, &a, &lost) < 0) {
			*f = lost;
			if (lost.kind != FAIL_TEMP)
				return NULL;
		} else if (!is_for_later(a.status)) {
			break;
		} else {
			(void)give_up(j, &a, f);
		}
		ms = patience(tries, &a);
		if (ms < 0 || j->p->wait(j->p->ctx, ms, f) < 0)
			return NULL;
	}
	if (a.status != 200) {
		(void)refused_us(j, a.status, f);
		return NULL;
	}
	got = event_json_load(str_view(&j->body), start, f);
	if (got == NULL) {
		f->kind = FAIL_PERM;
		(void)fail_wrap(f, _("the answer of %s"), j->p->relay->events_url);
	}
	return got;
}

/* Its list, from an answer that must have one. */
static const json_t *list_of(const struct job *j, const json_t *answer, struct fail *f)
{
	const json_t *list = json_object_get(answer, "Data");

	if (!json_is_array(list) || json_array_size(list) > EVENT_PULL_PAGE) {
		(void)fail_set(f, FAIL_PERM,
			_("the answer of %s is not what its API promises: no list, or too long a "
			  "one"),
			j->p->relay->events_url);
		return NULL;
	}
	return list;
}

/* --- Mailjet --------------------------------------------------------------- */

static int learn_states(struct job *j, struct fail *f)
{
	const json_t *list = NULL;
	json_t *answer;

	(void)str_addf(&j->url, "%s/messagestate?Limit=%d", j->p->relay->events_url, STATES_MAX);
	answer = ask(j, f);
	if (answer != NULL)
		list = list_of(j, answer, f);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *state = json_array_get(list, i);
		struct view id = event_json_text(state, "ID", &j->arena);
		json_t *name = json_object_get(state, "Name");

		if (id.len > 0 && json_is_string(name))
			(void)json_object_set(j->states, arena_dupz(&j->arena, id), name);
	}
	json_decref(answer);
	return list != NULL ? 0 : -1;
}

/* The name of the state joins the message, as the webhook has it. */
static void name_state(struct job *j, json_t *message)
{
	struct view id = event_json_text(message, "StateID", &j->arena);
	json_t *name = json_object_get(j->states, arena_dupz(&j->arena, id));

	if (name != NULL && json_object_get(message, "error") == NULL)
		(void)json_object_set(message, "error", name);
}

static int take_message(struct job *j, json_t *message, struct event_list *list, struct fail *f)
{
	struct fail why;
	const struct event_spot place = {j->p->messages + 1, 1};
	int ret = 0;

	if (json_is_object(message))
		name_state(j, message);
	vec_clear(&list->events);
	if (event_read_object(message, place, EVENT_MAILJET, &j->arena, list, &why) < 0) {
		j->p->rejected++;
		if (j->p->refused != NULL)
			j->p->refused(j->p->ctx, j->p->relay->name, why.text);
	}
	for (size_t i = 0; ret == 0 && i < list->events.len; i++)
		ret = j->p->take(
			j->p->take_ctx, *(struct event *const *)vec_at(&list->events, i), f);
	j->p->messages++;
	return ret;
}

/* A server that gives the same page for ever would never end. */
static int advances(struct job *j, const json_t *list, struct fail *f)
{
	struct view first = event_json_text(json_array_get(list, 0), "ID", &j->arena);

	if (j->offset > 0 && first.len > 0 && view_eq(first, str_view(&j->first)))
		return fail_set(
			f, FAIL_PERM, _("%s gives the same page twice"), j->p->relay->events_url);
	str_clear(&j->first);
	(void)str_addv(&j->first, first);
	return 0;
}

/* 1: there may be another page; 0: that was the last. */
static int take_page(struct job *j, struct fail *f)
{
	struct event_list events;
	const json_t *list = NULL;
	json_t *answer;
	size_t count = 0;
	int ret = -1;

	arena_reset(&j->arena);
	event_list_init(&events);
	str_clear(&j->url);
	(void)str_addf(&j->url,
		"%s/message?FromTS=%lld&ToTS=%lld&ShowContactAlt=true&ShowCustomID=true&Sort=ID&"
		"Limit=%d&Offset=%llu",
		j->p->relay->events_url, (long long)(j->from / TIME_SECOND),
		(long long)(j->to / TIME_SECOND), EVENT_PULL_PAGE, (unsigned long long)j->offset);
	answer = ask(j, f);
	if (answer != NULL)
		list = list_of(j, answer, f);
	if (list != NULL) {
		count = json_array_size(list);
		ret = advances(j, list, f);
	}
	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = take_message(j, json_array_get(list, i), &events, f);
	if (list != NULL)
		ret = j->p->settle(j->p->take_ctx, ret, f);
	j->offset += count;
	j->p->ignored += events.ignored;
	event_list_free(&events);
	json_decref(answer);
	return ret < 0 ? -1 : count == EVENT_PULL_PAGE;
}

static int take_pages(struct job *j, struct fail *f)
{
	int more = 1;

	for (int pages = 0; more > 0; pages++) {
		if (pages == EVENT_PULL_PAGES_MAX)
			return fail_set(f, FAIL_PERM,
				_("%s never comes to an end; ask for less with --since"),
				j->p->relay->events_url);
		more = take_page(j, f);
		if (more >= 0 && j->p->progress != NULL)
			j->p->progress(j->p->ctx, j->p->messages);
	}
	return more;
}

/* --- from where, and as whom ------------------------------------------------ */

static struct view cursor_name(struct job *j)
{
	struct str name;
	struct view got;

	str_init(&name, URL_MAX);
	(void)str_addf(&name, "events:%s", j->p->relay->name);
	got = arena_dup(&j->arena, str_view(&name));
	str_free(&name);
	return got;
}

static int find_beginning(struct job *j, struct fail *f)
{
	struct view reached;
	uint64_t at;

	j->to = j->p->now;
	j->from = j->p->since;
	if (j->from > 0)
		return 0;
	j->from = j->p->now - EVENT_PULL_FIRST_MS;
	if (store_mailbox_reached(j->p->store, cursor_name(j), &j->arena, &reached, f) < 0)
		return -1;
	if (view_u64(reached, (uint64_t)j->p->now, &at))
		j->from = (int64_t)at - EVENT_PULL_OVERLAP_MS;
	return 0;
}

static int keep_end(struct job *j, struct fail *f)
{
	char reached[CURSOR_MAX];
	int ret;

	(void)snprintf(reached, sizeof reached, "%lld", (long long)j->to);
	if (store_batch_begin(j->p->store, f) < 0)
		return -1;
	ret = store_mailbox_set(j->p->store, cursor_name(j), view_of(reached), j->p->now, f);
	return store_batch_end(j->p->store, ret, f);
}

static int log_in(struct job *j, struct fail *f)
{
	const struct settings_relay *relay = j->p->relay;
	struct event_http_options o = {
		.username = relay->username,
		.ca_file = relay->ca_file,
		.client_cert = relay->client_cert,
		.client_key = relay->client_key,
		.proxy = relay->proxy,
		.source_address = relay->source_address,
	};
	struct str password;

	if (relay->username == NULL || !settings_secret_is_set(&relay->password))
		return fail_set(f, FAIL_CONF,
			_("relay %s has no username or no password: its API wants the API key and "
			  "the secret key"),
			relay->name);
	str_init_secret(&password, SETTINGS_SECRET_MAX);
	if (settings_secret_read(&relay->password, &password, f) == 0) {
		o.password = password.p;
		j->http = event_http_new(&o, f);
	}
	settings_secret_wipe(&password);
	return j->http != NULL ? 0 : -1;
}

/* How to get the events of a provider that cannot be asked. */
static void say_instead(const struct settings_preset *provider, struct str *out)
{
	static const struct {
		enum event_format of;
		const char *words;
	} ways[] = {
		{EVENT_BREVO, N_("save what its webhook sends, or the answer of "
				 "/v3/smtp/statistics/events")},
		{EVENT_SENDGRID, N_("save what its Event Webhook sends, or the answer of "
				    "/v3/suppression/bounces")},
		{EVENT_POSTMARK, N_("save what its webhooks send, or the answer of /bounces")},
		{EVENT_SES, N_("save what its notifications by SNS hold")},
		{EVENT_MAILGUN,
			N_("save what its webhooks send, or the answer of /v3/DOMAIN/events")},
	};
	const char *words = N_("it says by mail what failed (bounce fetch), or save what it sends "
			       "as JSON");

	for (size_t i = 0; provider != NULL && i < sizeof ways / sizeof *ways; i++) {
		struct view name = view_of(event_format_name(ways[i].of));

		if (view_starts(view_of(provider->name), name))
			words = ways[i].words;
	}
	(void)str_addf(out, _("%s, and give the file to event import (docs/events.md)"), _(words));
}

static int check_provider(const struct event_pull *p, struct fail *f)
{
	const struct settings_preset *provider = settings_relay_provider(p->settings, p->relay);
	struct str words;

	if (p->relay->events_url != NULL &&
		(provider == NULL || strcmp(provider->name, event_format_name(EVENT_MAILJET)) == 0))
		return 0;
	str_init(&words, FAIL_TEXT_MAX);
	say_instead(provider, &words);
	(void)fail_set(f, FAIL_CONF, _("relay %s cannot be asked for its events: %s"),
		p->relay->name, words.p);
	str_free(&words);
	return -1;
}

int event_pull_run(struct event_pull *p, struct fail *f)
{
	struct job j = {.p = p, .states = json_object()};
	int ret = -1;

	str_init(&j.url, URL_MAX);
	str_init(&j.body, EVENT_HTTP_BODY_MAX);
	str_init(&j.first, WHERE_MAX);
	arena_init(&j.arena);
	if (check_provider(p, f) == 0 && find_beginning(&j, f) == 0 && log_in(&j, f) == 0 &&
		learn_states(&j, f) == 0 && take_pages(&j, f) == 0)
		ret = keep_end(&j, f);
	event_http_free(&j.http);
	arena_free(&j.arena);
	str_free(&j.first);
	str_free(&j.body);
	str_free(&j.url);
	json_decref(j.states);
	return ret;
}
