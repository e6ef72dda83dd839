/* A relay that is a submission server: N clients of src/smtp on one loop. */
#include <unistd.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"
#include "send/reason.h"
#include "send/transport.h"
#include "settings/settings.h"
#include "smtp/client.h"

enum {
	SMTP_RECONNECTS_MAX = 5,      /* in a row, without a message getting through */
	SMTP_RECONNECT_MS = 1000,     /* doubled each time */
	SMTP_LOGIN_LATER_MS = 5000,   /* the same, where the server could not check the login */
	SMTP_TOKEN_FRESH_MS = 120000, /* an older token is fetched anew for a new connection */
	SMTP_LOGIN_CUTS_MAX = 3,
	SMTP_CONNECTIONS_MAX = 100,
	SMTP_STATUS_SIZE = 24,
	SMTP_HELO_SIZE = 256,
};

struct lane { /* one connection, or the wait for the next try */
	struct smtp_client *client;
	int64_t again_at;    /* monotonic ms; 0: now */
	int64_t opened;	     /* monotonic ms */
	uint64_t sent;	     /* messages on this connection */
	size_t flying, slow; /* messages in it now, and those of slow providers among them */
	int64_t answered;    /* monotonic ms: of the last message that was */
	bool cut;	     /* it ended with one of them in it */
	unsigned tries;	     /* connections in a row without a message getting through */
	bool quitting;
	bool in; /* the login is over, or none was wanted */
};
struct owner { /* which lane has a message in flight */
	uint64_t id;
	size_t lane;
	bool slow;
	int64_t completed; /* monotonic ms */
};
struct smtp {
	struct send_transport base;
	const struct settings_relay *relay;
	struct net_loop *loop;
	struct str secret; /* password or token; clients borrow it while they log in */
	int64_t secret_at;
	/* Once it has worked. Until then one connection at a time logs in: a wrong password
	 * is to be tried once, not once per connection. */
	bool logged_in;
	unsigned login_cuts; /* connections in a row that ended while logging in */
	struct lane *lanes;
	size_t lane_count;
	struct vec owners; /* struct owner */
	unsigned failures; /* connections in a row that ended without a message through */
	struct smtp_caps caps;
	char helo[SMTP_HELO_SIZE];
	struct fail broken;
	struct net_peer *peer; /* of a probe, else NULL */
	bool wanted;	       /* there is something to send: worth a connection */
	/* An answer never came. It may be that the server, or what stands before it, cannot
	 * bear commands that come early: from now on each waits for its turn. */
	bool bitten;
	bool finishing;
	char status[SMTP_STATUS_SIZE]; /* of the event given out last */
};

static struct smtp *of(struct send_transport *t)
{
	return (struct smtp *)t;
}

/* The ways in which it may be logged in; 0: no login. */
static unsigned kinds_of(const struct settings_relay *r)
{
	static const enum smtp_sasl_kind map[] = {
		[SETTINGS_AUTH_PLAIN] = SMTP_SASL_PLAIN,
		[SETTINGS_AUTH_LOGIN] = SMTP_SASL_LOGIN,
		[SETTINGS_AUTH_CRAM_MD5] = SMTP_SASL_CRAM_MD5,
		[SETTINGS_AUTH_SCRAM_SHA_1] = SMTP_SASL_SCRAM_SHA_1,
		[SETTINGS_AUTH_SCRAM_SHA_256] = SMTP_SASL_SCRAM_SHA_256,
		[SETTINGS_AUTH_XOAUTH2] = SMTP_SASL_XOAUTH2,
		[SETTINGS_AUTH_OAUTHBEARER] = SMTP_SASL_OAUTHBEARER,
	};

	if (r->username == NULL || r->auth == SETTINGS_AUTH_NONE)
		return 0;
	if (r->auth == SETTINGS_AUTH_AUTO)
		return r->token_command != NULL ? SMTP_SASL_TOKEN : SMTP_SASL_PASSWORD;
	return SMTP_SASL_BIT(map[r->auth]);
}

/* The password, once, or the token: anew when the one we have may be about to expire. */
static int read_secret(struct smtp *s, struct fail *f)
{
	const struct settings_secret token = {.command = s->relay->token_command};
	bool by_token = token.command != NULL;
	const struct settings_secret *from = by_token ? &token : &s->relay->password;

	settings_secret_wipe(&s->secret);
	s->secret_at = time_monotonic();
	if (kinds_of(s->relay) == 0 || !settings_secret_is_set(from) ||
		settings_secret_read(from, &s->secret, f) == 0)
		return 0;
	return by_token ? fail_wrap(f, "token_command") : -1;
}

/* RFC 5321 section 4.1.4: the client's name, or an address in brackets for one
 * whose name is none. */
static void choose_helo(struct smtp *s)
{
	const char *name = s->helo;

	if (s->relay->ehlo_name != NULL)
		(void)snprintf(s->helo, sizeof s->helo, "%s", s->relay->ehlo_name);
	else if (gethostname(s->helo, sizeof s->helo - 1) < 0)
		s->helo[0] = '\0';
	for (; *name != '\0'; name++)
		if (s->relay->ehlo_name == NULL && !ascii_is_alnum(*name) && *name != '-' &&
			*name != '.')
			break;
	if (*name != '\0' || name == s->helo)
		(void)snprintf(s->helo, sizeof s->helo, "[127.0.0.1]");
}

static struct smtp_client *open_client(struct smtp *s, struct fail *f)
{
	static const enum net_tls tls[] = {
		[SETTINGS_TLS_STARTTLS] = NET_TLS_STARTTLS,
		[SETTINGS_TLS_IMPLICIT] = NET_TLS_IMPLICIT,
		[SETTINGS_TLS_NONE] = NET_TLS_NONE,
	};
	const struct settings_relay *r = s->relay;
	const struct settings_timeouts *t = &r->timeouts;
	const struct net_params net = {
		.host = r->host,
		.port = (uint16_t)r->port,
		.tls = tls[r->tls],
		.ca_file = r->ca_file,
		.client_cert = r->client_cert,
		.client_key = r->client_key,
		.proxy = r->proxy,
		.source_address = r->source_address,
		.helo = s->helo,
		.connect_timeout = t->connect,
		.peer = s->peer,
	};
	const struct smtp_session_params session = {
		.helo = view_of(s->helo),
		.pipeline = r->pipeline == SETTINGS_PIPELINE_CAREFUL || s->bitten
				    ? SMTP_PIPELINE_CAREFUL
				    : SMTP_PIPELINE_NORMAL,
		.window = r->pipeline,
		/* Where quotas set the pace there is no hurry, and less doubt is better. */
		.marks_ahead = r->rate.count == 0,
		.size_max = r->max_message_size,
		.timeouts = {.greeting = t->greeting,
			.ehlo = t->greeting,
			.mail = t->mail,
			.rcpt = t->rcpt,
			.data_start = t->data,
			.data_block = t->data_block,
			.data_end = t->end_of_data},
		.login = {.kinds = kinds_of(r),
			.username = view_of(r->username),
			.secret = str_view(&s->secret),
			.secure = r->tls == SETTINGS_TLS_NONE}, /* settings allowed it there */
	};

	return smtp_client_new(s->loop, &net, &session, f);
}

static bool any_left(const struct smtp *s)
{
	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].client != NULL)
			return true;
	return false;
}

static bool any_logs_in(const struct smtp *s)
{
	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].client != NULL && !smtp_client_open(s->lanes[i].client))
			return true;
	return false;
}

/* Doubled for every connection in a row that came to nothing. */
static int64_t patience(int64_t first, unsigned failures)
{
	unsigned doublings = failures < SMTP_RECONNECTS_MAX ? failures : SMTP_RECONNECTS_MAX;

	return first << doublings;
}

/* No login has worked yet: the lanes that would be next wait with the one that tried. */
static void others_wait(struct smtp *s, int64_t again_at)
{
	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].again_at < again_at)
			s->lanes[i].again_at = again_at;
}

/* A connection of the lane came to nothing; `why`, in the end, is why we stop. */
static void lane_failed(struct smtp *s, struct lane *lane, int64_t first, const struct fail *why)
{
	lane->again_at = time_monotonic() + patience(first, lane->tries++);
	if (kinds_of(s->relay) != 0 && !s->logged_in)
		others_wait(s, lane->again_at);
	/* While others work, or may yet, this one was one too many; a refused login stops
	 * all, before the account is locked. */
	if (!any_left(s))
		s->failures++;
	if (why->kind == FAIL_TEMP && s->failures < SMTP_RECONNECTS_MAX)
		return;
	if (s->broken.kind == FAIL_NONE)
		s->broken = *why;
	if (s->broken.kind != FAIL_CONF)
		s->broken.kind = FAIL_PERM;
}

/* Whether another connection may log in now; it has what it needs for it then. */
static bool may_log_in(struct smtp *s, struct lane *lane)
{
	bool stale = s->relay->token_command != NULL &&
		     time_monotonic() - s->secret_at > SMTP_TOKEN_FRESH_MS;
	struct fail f;

	if (kinds_of(s->relay) == 0)
		return true;
	/* One with a secret that may be wrong, or with a token that is about to go. */
	if ((!s->logged_in || stale) && any_logs_in(s))
		return false;
	if (!stale)
		return true;
	if (read_secret(s, &f) == 0)
		return true;
	(void)fail_wrap(&f, _("relay %s"), s->relay->name);
	f.kind = FAIL_TEMP; /* it has worked before */
	lane_failed(s, lane, SMTP_RECONNECT_MS, &f);
	return false;
}

/* A lane without a connection gets one when its time has come. */
static void open_lanes(struct smtp *s)
{
	int64_t now = time_monotonic();

	for (size_t i = 0; i < s->lane_count && s->broken.kind == FAIL_NONE; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client != NULL || !s->wanted || s->finishing || now < lane->again_at ||
			!may_log_in(s, lane))
			continue;
		lane->client = open_client(s, &s->broken);
		lane->opened = now;
		lane->sent = 0;
		lane->cut = lane->quitting = lane->in = false;
	}
	s->wanted = false;
}

/* How many more messages the connection may carry, by number and age. */
static uint64_t left_of(const struct smtp *s, const struct lane *lane)
{
	uint64_t most = s->relay->messages_per_connection;
	uint64_t offered = s->caps.mail_max;
	int64_t age = s->relay->connection_lifetime;

	if (age > 0 && time_monotonic() - lane->opened >= age)
		return 0;
	if (most == 0 || (offered > 0 && offered < most))
		most = offered;
	if (most == 0)
		return UINT64_MAX;
	return lane->sent < most ? most - lane->sent : 0;
}

/* How many more it takes now. A connection that may carry no more is closed in peace. */
static size_t lane_room(const struct smtp *s, struct lane *lane)
{
	uint64_t left;
	size_t free;

	if (lane->client == NULL || lane->quitting)
		return 0;
	free = smtp_client_room(lane->client);
	left = free > 0 ? left_of(s, lane) : 0;
	if (free == 0 || left > 0)
		return left < free ? (size_t)left : free;
	smtp_client_quit(lane->client);
	lane->quitting = true;
	return 0;
}

/* Replies come in the order of the messages: behind a slow one all others of a connection
 * wait. So slow and fast ones keep to connections of their own, the slow to half of them. */
static bool suits(const struct smtp *s, const struct lane *lane, bool slow)
{
	size_t slow_lanes = 0;

	if (s->lane_count == 1)
		return true;
	if (lane->flying > 0)
		return (lane->slow > 0) == slow;
	for (size_t i = 0; slow && i < s->lane_count; i++)
		slow_lanes += s->lanes[i].slow > 0;
	return slow_lanes < s->lane_count / 2;
}

static size_t room(struct send_transport *t, bool slow)
{
	struct smtp *s = of(t);
	size_t n = 0;

	s->wanted = true;
	for (size_t i = 0; i < s->lane_count; i++)
		if (suits(s, &s->lanes[i], slow))
			n += lane_room(s, &s->lanes[i]);
	return n;
}

static size_t rcpt_max(const struct send_transport *t)
{
	const struct smtp *s = (const struct smtp *)t;

	return (size_t)s->caps.rcpt_max;
}

/* The connection with the most room: they share the work. NULL: none has any. */
static struct lane *freest(struct smtp *s, bool slow)
{
	struct lane *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < s->lane_count; i++) {
		size_t n = suits(s, &s->lanes[i], slow) ? lane_room(s, &s->lanes[i]) : 0;

		if (n > most) {
			most = n;
			best = &s->lanes[i];
		}
	}
	return best;
}

static void submit(struct send_transport *t, const struct send_message *m)
{
	struct smtp *s = of(t);
	struct lane *lane = freest(s, m->slow);
	struct owner *owner;
	const struct smtp_message out = {
		.id = m->id,
		.from = m->from,
		.rcpts = m->envelope,
		.rcpt_count = m->envelope_len,
		.data = str_view(&m->data),
		.utf8 = m->utf8,
		.envid = m->envid,
	};

	if (lane == NULL)
		return;
	owner = vec_push(&s->owners);
	owner->id = m->id;
	owner->lane = (size_t)(lane - s->lanes);
	owner->slow = m->slow;
	lane->sent++;
	lane->flying++;
	lane->slow += m->slow;
	smtp_client_submit(lane->client, &out);
}

static struct owner *owner_of(struct smtp *s, uint64_t id)
{
	for (size_t i = 0; i < s->owners.len; i++) {
		struct owner *owner = vec_at(&s->owners, i);

		if (owner->id == id)
			return owner;
	}
	return NULL;
}

/* How long the relay needed for it: since its end was written, or since the answer to the
 * one before it, for they come in turn. */
static int64_t settle(struct smtp *s, uint64_t id)
{
	struct owner *owner = owner_of(s, id);
	int64_t now = time_monotonic(), from;
	struct lane *lane;

	if (owner == NULL)
		return 0;
	lane = &s->lanes[owner->lane];
	from = owner->completed > lane->answered ? owner->completed : lane->answered;
	lane->answered = now;
	lane->flying--;
	lane->slow -= owner->slow;
	from = owner->completed == 0 ? now : from;
	*owner = *(struct owner *)vec_at(&s->owners, s->owners.len - 1);
	vec_pop(&s->owners);
	return now - from;
}

static void commit(struct send_transport *t, uint64_t id)
{
	struct smtp *s = of(t);
	struct owner *owner = owner_of(s, id);

	if (owner == NULL)
		return;
	owner->completed = time_monotonic();
	smtp_client_commit(s->lanes[owner->lane].client, id);
}

static void abandon(struct send_transport *t, uint64_t id)
{
	struct smtp *s = of(t);
	const struct owner *owner = owner_of(s, id);

	if (owner != NULL)
		smtp_client_abandon(s->lanes[owner->lane].client, id);
}

static struct view reason_of(enum delivery_state state, const struct smtp_reply *reply)
{
	if (state == DELIVERY_UNCERTAIN)
		return VIEW("network"); /* the connection ended before the answer */
	if (state == DELIVERY_REFUSED || state == DELIVERY_DEFERRED)
		return send_reason(reply->code, reply->status, reply->text);
	return view_of("");
}

static struct store_result result_of(
	struct smtp *s, enum delivery_state state, const struct smtp_reply *reply)
{
	const struct smtp_status *status = &reply->status;

	s->status[0] = '\0';
	if (status->klass != 0)
		(void)snprintf(s->status, sizeof s->status, "%hu.%hu.%hu", status->klass,
			status->subject, status->detail);
	return (struct store_result){
		.state = state,
		.reply_code = reply->code,
		.status = view_of(s->status),
		.reason = reason_of(state, reply),
		.text = reply->text,
	};
}

static void on_rcpt(struct smtp *s, const struct smtp_event *in, struct send_event *ev)
{
	enum delivery_state state = DELIVERY_PENDING;

	if (in->verdict == SMTP_RCPT_REFUSED)
		state = DELIVERY_REFUSED;
	else if (in->verdict == SMTP_RCPT_DEFERRED)
		state = DELIVERY_DEFERRED;
	*ev = (struct send_event){.kind = SEND_RCPT,
		.id = in->id,
		.rcpt = in->rcpt,
		.result = result_of(s, state, &in->reply),
		.too_many = in->verdict == SMTP_RCPT_NEXT_BATCH};
}

/* A no to MAIL: it is the sender that is refused, not the recipients. */
static bool refused_sender(const struct smtp_event *in)
{
	for (size_t i = 0; i < in->verdict_count; i++)
		if (in->verdicts[i] != SMTP_RCPT_NONE)
			return false;
	return true;
}

static void on_done(
	struct smtp *s, struct lane *lane, const struct smtp_event *in, struct send_event *ev)
{
	static const enum delivery_state states[] = {
		[SMTP_ACCEPTED] = DELIVERY_ACCEPTED,
		[SMTP_DEFERRED] = DELIVERY_DEFERRED,
		[SMTP_REFUSED] = DELIVERY_REFUSED,
		[SMTP_NO_RECIPIENT] = DELIVERY_PENDING, /* each was decided on its own */
		[SMTP_UNSENDABLE] = DELIVERY_REFUSED,
		[SMTP_TOO_BIG] = DELIVERY_PENDING,
		[SMTP_UNSENT] = DELIVERY_PENDING,
		[SMTP_UNCERTAIN] = DELIVERY_UNCERTAIN,
	};

	*ev = (struct send_event){.kind = SEND_DONE,
		.id = in->id,
		.result = result_of(s, states[in->outcome], &in->reply)};
	if (in->outcome == SMTP_UNSENDABLE)
		ev->result.reason = VIEW("unsendable");
	if (in->outcome == SMTP_TOO_BIG || (in->outcome == SMTP_REFUSED && refused_sender(in))) {
		ev->fatal = true;
		ev->result.state = DELIVERY_PENDING;
	}
	s->bitten = s->bitten || in->outcome == SMTP_UNCERTAIN;
	if (in->outcome == SMTP_UNSENT || in->outcome == SMTP_UNCERTAIN)
		lane->cut = true;
	else
		s->failures = lane->tries = 0;
	ev->took = settle(s, in->id);
}

/* The login of this connection came to nothing. Some servers say no by ending it: three
 * times is enough, for who knows when the account is locked. */
static bool login_failed(
	struct smtp *s, const struct lane *lane, const struct smtp_event *in, struct fail *why)
{
	if (in->closed == SMTP_CLOSED_LOGIN)
		return true;
	if (kinds_of(s->relay) == 0 || lane->in || in->closed == SMTP_CLOSED_CONNECT)
		return false;
	if (++s->login_cuts >= SMTP_LOGIN_CUTS_MAX)
		why->kind = FAIL_PERM;
	return true;
}

static void on_closed(struct smtp *s, struct lane *lane, const struct smtp_event *in)
{
	bool login;
	struct fail why;

	if (in->fail != NULL)
		why = *in->fail;
	else
		(void)fail_set(&why, FAIL_TEMP, _("the relay ended the connection: %.*s"),
			VIEW_ARG(in->reply.text));
	login = login_failed(s, lane, in, &why);
	s->logged_in = s->logged_in && !login;
	smtp_client_free(&lane->client);
	/* A server may end what has worked and is idle now. */
	if (in->closed == SMTP_CLOSED_QUIT || (lane->sent > 0 && !lane->cut))
		return;
	lane_failed(s, lane, login ? SMTP_LOGIN_LATER_MS : SMTP_RECONNECT_MS, &why);
}

static bool event_of(struct smtp *s, struct lane *lane, struct send_event *ev)
{
	struct smtp_event in;

	while (lane->client != NULL && smtp_client_event(lane->client, &in)) {
		switch (in.kind) {
		case SMTP_EVENT_OPEN:
			s->caps = *in.caps;
			s->logged_in = lane->in = true;
			s->login_cuts = 0;
			break;
		case SMTP_EVENT_RCPT:
			/* Accepted is no result: DONE says what became of the message. */
			if (in.verdict == SMTP_RCPT_ACCEPTED)
				break;
			on_rcpt(s, &in, ev);
			return true;
		case SMTP_EVENT_READY:
			*ev = (struct send_event){.kind = SEND_READY, .id = in.id};
			return true;
		case SMTP_EVENT_DONE:
			on_done(s, lane, &in, ev);
			return true;
		case SMTP_EVENT_CLOSED:
			on_closed(s, lane, &in);
			break;
		}
	}
	return false;
}

static bool event(struct send_transport *t, struct send_event *ev)
{
	struct smtp *s = of(t);

	for (size_t i = 0; i < s->lane_count; i++)
		if (event_of(s, &s->lanes[i], ev))
			return true;
	return false;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int wait_for(struct send_transport *t, int timeout_ms, struct fail *f)
{
	struct smtp *s = of(t);
	int64_t now = time_monotonic(), until = now + timeout_ms;

	open_lanes(s);
	if (s->broken.kind != FAIL_NONE && s->owners.len == 0) {
		*f = s->broken;
		return -1;
	}
	for (size_t i = 0; i < s->lane_count; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client == NULL) {
			/* One whose time has come waits for the login of another. */
			if (!s->finishing && s->broken.kind == FAIL_NONE && lane->again_at > now)
				until = least(until, lane->again_at);
			continue;
		}
		smtp_client_flush(lane->client);
		until = least(until, smtp_client_deadline(lane->client));
	}
	return net_loop_run(s->loop, until > now ? (int)(until - now) : 0, f);
}

static void wake(struct send_transport *t)
{
	net_loop_wake(of(t)->loop);
}

static bool finish(struct send_transport *t)
{
	struct smtp *s = of(t);
	bool over = true;

	s->finishing = true;
	for (size_t i = 0; i < s->lane_count; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client == NULL)
			continue;
		if (!lane->quitting)
			smtp_client_quit(lane->client);
		lane->quitting = true;
		over = false;
	}
	return over;
}

static void drop(struct send_transport *t)
{
	struct smtp *s = of(t);

	s->finishing = true;
	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].client != NULL)
			smtp_client_drop(s->lanes[i].client, VIEW("stopped by us"));
}

static void smtp_free(struct send_transport *t)
{
	struct smtp *s = of(t);

	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].client != NULL)
			smtp_client_free(&s->lanes[i].client);
	free(s->lanes);
	vec_free(&s->owners);
	net_loop_free(&s->loop);
	settings_secret_wipe(&s->secret);
	free(s);
}

static const struct send_transport_ops smtp_ops = {
	.room = room,
	.rcpt_max = rcpt_max,
	.submit = submit,
	.commit = commit,
	.abandon = abandon,
	.event = event,
	.wait = wait_for,
	.wake = wake,
	.finish = finish,
	.drop = drop,
	.settle = NULL, /* a relay does not tell afterwards what it has taken */
	.free = smtp_free,
};

static int check_key(const struct settings_relay *relay, struct fail *f)
{
	const char *key = relay->client_key != NULL ? relay->client_key : relay->client_cert;

	return key == NULL ? 0 : settings_secret_check_key(key, f);
}

int send_smtp_open(const struct settings_relay *relay, struct send_transport **out, struct fail *f)
{
	struct smtp *s = mem_alloc(sizeof *s);

	s->base.ops = &smtp_ops;
	s->relay = relay;
	s->lane_count = relay->max_connections < 1 ? 1 : relay->max_connections;
	if (s->lane_count > SMTP_CONNECTIONS_MAX)
		s->lane_count = SMTP_CONNECTIONS_MAX;
	s->lanes = mem_alloc(s->lane_count * sizeof *s->lanes);
	vec_init(&s->owners, sizeof(struct owner));
	str_init_secret(&s->secret, SETTINGS_SECRET_MAX);
	choose_helo(s);
	s->loop = net_loop_new(f);
	if (s->loop != NULL && check_key(relay, f) == 0 && read_secret(s, f) == 0) {
		*out = &s->base;
		return 0;
	}
	smtp_free(&s->base);
	return fail_wrap(f, _("relay %s"), relay->name);
}

struct smtp_client *send_smtp_dial(
	struct send_transport *t, struct net_peer *peer, struct net_loop **loop, struct fail *f)
{
	struct smtp *s = of(t);

	*loop = s->loop;
	s->peer = peer;
	return open_client(s, f);
}
