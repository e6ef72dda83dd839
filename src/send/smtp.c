/* A relay that is a submission server: N clients of src/smtp on one loop. */
#include "base/fail.h"
#include "base/i18n.h"
#include "base/mem.h"
#include "base/time.h"
#include "send/reason.h"
#include "send/smtp_private.h"

enum {
	SMTP_LOGIN_CUTS_MAX = 3,
	SMTP_TRUST = 100,     /* answers until less caution is tried, doubled for each loss */
	SMTP_LOSSES_MAX = 20, /* and after so many never again */
};

static struct smtp *of(struct send_transport *t)
{
	return (struct smtp *)t;
}

static size_t room(struct send_transport *t, bool slow)
{
	struct smtp *s = of(t);
	size_t n = 0;

	s->wanted = true;
	for (size_t i = 0; i < s->lane_count; i++)
		if (smtp_lane_suits(s, &s->lanes[i], slow))
			n += smtp_lane_room(s, &s->lanes[i]);
	return n;
}

static size_t used(const struct send_transport *t)
{
	const struct smtp *s = (const struct smtp *)t;
	size_t n = 0;

	for (size_t i = 0; i < s->lane_count; i++)
		n += s->lanes[i].client != NULL;
	return n;
}

static void limit(struct send_transport *t, size_t n)
{
	struct smtp *s = of(t);

	s->limit = n < s->lane_count ? n : s->lane_count;
	for (size_t i = s->limit; i < s->lane_count; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client == NULL || lane->quitting)
			continue;
		smtp_client_quit(lane->client);
		lane->quitting = true;
	}
}

static size_t rcpt_max(const struct send_transport *t)
{
	const struct smtp *s = (const struct smtp *)t;

	return (size_t)s->caps.rcpt_max;
}

static void submit(struct send_transport *t, const struct send_message *m)
{
	struct smtp *s = of(t);
	struct lane *lane = smtp_freest_lane(s, m->slow);
	struct owner *owner;
	const struct smtp_message out = {
		.id = m->id,
		.from = m->from,
		.rcpts = m->envelope,
		.rcpt_count = m->envelope_len,
		.data = str_view(&m->data),
		.utf8 = m->utf8,
		.envid = m->envid,
		/* RFC 3461: our id, and only the header of ours in what comes back. */
		.notify = SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY |
			  (m->notify_success ? SMTP_NOTIFY_SUCCESS : 0u),
		.ret = SMTP_RET_HEADERS,
	};

	if (lane == NULL)
		return;
	owner = vec_push(&s->owners);
	owner->id = m->id;
	owner->lane = (size_t)(lane - s->lanes);
	owner->slow = m->slow;
	lane->stirred = true;
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
	s->lanes[owner->lane].stirred = true;
	smtp_client_commit(s->lanes[owner->lane].client, id);
}

static void abandon(struct send_transport *t, uint64_t id)
{
	struct smtp *s = of(t);
	const struct owner *owner = owner_of(s, id);

	if (owner == NULL)
		return;
	s->lanes[owner->lane].stirred = true;
	smtp_client_abandon(s->lanes[owner->lane].client, id);
}

static struct view reason_of(
	enum delivery_state state, struct view command, const struct smtp_reply *reply)
{
	if (state == DELIVERY_UNCERTAIN)
		return VIEW("network"); /* the connection ended before the answer */
	if (state == DELIVERY_REFUSED || state == DELIVERY_DEFERRED)
		return send_reason(reply->code, reply->status, command, reply->text);
	return view_of("");
}

/* `command`: what was answered. */
static struct store_result result_of(struct smtp *s, enum delivery_state state, struct view command,
	const struct smtp_reply *reply)
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
		.reason = reason_of(state, command, reply),
		.text = reply->text,
	};
}

static void on_rcpt(
	struct smtp *s, struct lane *lane, const struct smtp_event *in, struct send_event *ev)
{
	enum delivery_state state = DELIVERY_PENDING;

	if (in->verdict == SMTP_RCPT_REFUSED)
		state = DELIVERY_REFUSED;
	else if (in->verdict == SMTP_RCPT_DEFERRED)
		state = DELIVERY_DEFERRED;
	lane->refused += state != DELIVERY_PENDING;
	*ev = (struct send_event){.kind = SEND_RCPT,
		.id = in->id,
		.rcpt = in->rcpt,
		.result = result_of(s, state, VIEW("RCPT"), &in->reply),
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

/* More caution after each loss that the caution so far did not prevent; less after a number
 * of answers that doubles with the losses. */
static void mind_answers(struct smtp *s, const struct lane *lane, bool lost)
{
	if (lost && lane->caution == s->caution && s->caution < CAUTION_MOST) {
		s->caution++;
		s->good = 0;
	}
	s->losses += lost;
	s->good += !lost;
	if (s->caution == CAUTION_NONE || s->losses > SMTP_LOSSES_MAX ||
		s->good < (uint64_t)SMTP_TRUST << s->losses)
		return;
	s->caution--;
	s->good = 0;
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
		.result = result_of(s, states[in->outcome],
			refused_sender(in) ? VIEW("MAIL") : VIEW("DATA"), &in->reply)};
	if (in->outcome == SMTP_UNSENDABLE)
		ev->result.reason = VIEW("unsendable");
	if (in->outcome == SMTP_TOO_BIG || (in->outcome == SMTP_REFUSED && refused_sender(in))) {
		ev->fatal = true;
		ev->result.state = DELIVERY_PENDING;
	}
	ev->no_utf8 = in->outcome == SMTP_UNSENDABLE && !s->caps.smtputf8;
	ev->put_off = in->outcome == SMTP_DEFERRED && refused_sender(in);
	mind_answers(s, lane, in->outcome == SMTP_UNCERTAIN);
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
	if (smtp_login_kinds(s->relay) == 0 || lane->in || in->closed == SMTP_CLOSED_CONNECT)
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
	smtp_lane_failed(s, lane, login ? SMTP_LOGIN_LATER_MS : SMTP_RECONNECT_MS, &why);
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
			on_rcpt(s, lane, &in, ev);
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

	/* On from the one that spoke last: each is asked once more only when all had their turn.
	 * What the answers let go leaves at once, so that the server works while we do. */
	for (size_t i = 0; i < s->lane_count; i++) {
		struct lane *lane = &s->lanes[s->speaker];

		if (lane->stirred && event_of(s, lane, ev))
			return true;
		if (lane->stirred && lane->client != NULL)
			smtp_client_flush(lane->client);
		lane->stirred = false;
		s->speaker = (s->speaker + 1) % s->lane_count;
	}
	return false;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int tend(struct send_transport *t, int64_t *until, struct fail *f)
{
	struct smtp *s = of(t);
	int64_t now = time_monotonic();

	/* What they hear while we wait, and that their time is up, they know afterwards. */
	for (size_t i = 0; i < s->lane_count; i++)
		s->lanes[i].stirred = true;
	smtp_open_lanes(s);
	if (s->broken.kind != FAIL_NONE && s->owners.len == 0) {
		*f = s->broken;
		return s->later ? SEND_LATER : -1;
	}
	for (size_t i = 0; i < s->lane_count; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client == NULL) {
			/* One whose time has come waits for the login of another. */
			if (!s->finishing && s->broken.kind == FAIL_NONE && lane->again_at > now)
				*until = least(*until, lane->again_at);
			continue;
		}
		smtp_client_flush(lane->client);
		*until = least(*until, smtp_client_deadline(lane->client));
	}
	return 0;
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
		if (s->lanes[i].client != NULL) {
			smtp_client_drop(s->lanes[i].client, VIEW("stopped by us"));
			s->lanes[i].stirred = true;
		}
}

static void smtp_free(struct send_transport *t)
{
	struct smtp *s = of(t);

	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].client != NULL)
			smtp_client_free(&s->lanes[i].client);
	free(s->lanes);
	vec_free(&s->owners);
	settings_secret_wipe(&s->secret);
	free(s);
}

static const struct send_transport_ops smtp_ops = {
	.room = room,
	.used = used,
	.limit = limit,
	.rcpt_max = rcpt_max,
	.submit = submit,
	.commit = commit,
	.abandon = abandon,
	.event = event,
	.tend = tend,
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

int send_smtp_open(const struct settings_relay *relay, struct net_loop *loop,
	const struct send_smtp_options *o, struct send_transport **out, struct fail *f)
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
	smtp_choose_helo(s);
	s->loop = loop;
	s->tries = o->tries;
	s->caution = o->careful ? CAUTION_MESSAGES : CAUTION_NONE;
	if (check_key(relay, f) == 0 && smtp_read_secret(s, o->secret_ms, f) == 0) {
		*out = &s->base;
		return 0;
	}
	smtp_free(&s->base);
	return fail_wrap(f, _("relay %s"), relay->name);
}

struct smtp_client *send_smtp_dial(struct send_transport *t, struct net_peer *peer, struct fail *f)
{
	struct smtp *s = of(t);

	s->peer = peer;
	return smtp_open_client(s, f);
}
