#include "send/single.h"
#include "base/fail.h"
#include "base/i18n.h"
#include "base/time.h"
#include "net/loop.h"
#include "send/transport.h"
#include "settings/settings.h"
#include "store/delivery.h"

enum { SINGLE_PATIENCE_MS = 60000, SINGLE_PART_MS = 2000, SINGLE_TEXT_MAX = 300 };

struct single {
	const struct settings_relay *relay;
	struct net_loop *loop;
	struct send_transport *transport;
	struct send_message *message;
	bool submitted, done;
	enum delivery_state state;
	struct str text; /* what was answered */
};

static int open_transport(struct single *s, struct view space, struct fail *f)
{
	static const struct send_smtp_options o = {.tries = 1, .secret_ms = SEND_SECRET_AGAIN_MS};

	s->loop = net_loop_new(f);
	if (s->loop == NULL)
		return -1;
	return s->relay->type == SETTINGS_RELAY_MAILDIR
		       ? send_maildir_open(s->relay, 0, space, &s->transport, f)
		       : send_smtp_open(s->relay, s->loop, &o, &s->transport, f);
}

static void fill(struct single *s, const struct send_single *m)
{
	struct send_rcpt *rcpt;

	s->message = send_message_new();
	s->message->id = m->id;
	s->message->plain = true;
	s->message->from = m->from;
	(void)str_addv(&s->message->data, m->data);
	rcpt = vec_push(&s->message->rcpts);
	rcpt->address = rcpt->key = m->to;
	s->message->envelope = arena_alloc(&s->message->arena, sizeof *s->message->envelope);
	s->message->envelope[0] = m->to;
	s->message->envelope_len = 1;
}

static void hear(struct single *s)
{
	struct send_event ev;

	while (s->transport->ops->event(s->transport, &ev)) {
		if (ev.kind == SEND_READY) {
			s->transport->ops->commit(s->transport, ev.id);
			continue;
		}
		/* Its one recipient was refused, or all is over. */
		if (s->state == DELIVERY_PENDING) {
			s->state = ev.result.state;
			str_clear(&s->text);
			(void)str_addv(&s->text, view_sub(ev.result.text, 0, SINGLE_TEXT_MAX));
		}
		s->done = s->done || ev.kind == SEND_DONE;
	}
}

static int drive(struct single *s, struct fail *f)
{
	const struct send_transport_ops *ops = s->transport->ops;
	int64_t end = time_monotonic() + SINGLE_PATIENCE_MS;

	if (ops->limit != NULL)
		ops->limit(s->transport, 1);
	while (!s->done) {
		int64_t until = end, now;

		hear(s); /* a connection may be open now */
		/* To ask for room is what makes it connect. */
		if (!s->submitted && ops->room(s->transport, false) > 0) {
			ops->submit(s->transport, s->message);
			s->submitted = true;
		}
		hear(s);
		if (s->done)
			break;
		if (ops->tend(s->transport, &until, f) != 0)
			return -1;
		now = time_monotonic();
		if (now >= end) {
			ops->drop(s->transport);
			hear(s);
			break;
		}
		if (net_loop_run(s->loop, (int)(until > now ? until - now : 0), f) < 0)
			return -1;
	}
	return 0;
}

/* QUIT, if there is somebody to say it to. */
static void part(struct single *s)
{
	int64_t end = time_monotonic() + SINGLE_PART_MS, until;
	struct fail ignored;

	while (!s->transport->ops->finish(s->transport) && time_monotonic() < end) {
		until = end;
		if (s->transport->ops->tend(s->transport, &until, &ignored) != 0)
			return;
		until -= time_monotonic();
		if (net_loop_run(s->loop, (int)(until > 0 ? until : 0), &ignored) < 0)
			return;
	}
}

static int judge(const struct single *s, struct fail *f)
{
	switch (s->state) {
	case DELIVERY_ACCEPTED:
		return 0;
	case DELIVERY_REFUSED:
		return fail_set(f, FAIL_PERM, _("the relay refused it: %s"), s->text.p);
	case DELIVERY_UNCERTAIN:
		return fail_set(f, FAIL_PERM, "%s", _("the answer of the relay never came"));
	default:
		return fail_set(f, FAIL_TEMP, _("the relay did not take it now: %s"), s->text.p);
	}
}

int send_single(const struct settings *settings, const struct settings_relay *relay,
	const struct send_single *m, struct fail *f)
{
	struct single s = {
		.relay = settings_relay_way(settings, relay, 0, NULL), .state = DELIVERY_PENDING};
	int ret = -1;

	str_init(&s.text, SINGLE_TEXT_MAX);
	if (open_transport(&s, m->space, f) < 0)
		goto out;
	fill(&s, m);
	ret = drive(&s, f);
	if (ret == 0) {
		part(&s);
		ret = judge(&s, f);
	} else if (f->kind == FAIL_NONE) {
		(void)fail_set(f, FAIL_TEMP, "%s", _("the relay cannot be used now"));
	}
out:
	if (s.transport != NULL)
		s.transport->ops->free(s.transport);
	send_message_free(&s.message);
	net_loop_free(&s.loop);
	str_free(&s.text);
	return ret < 0 ? fail_wrap(f, _("relay %s"), s.relay->name) : 0;
}
