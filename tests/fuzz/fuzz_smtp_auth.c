/* A server that says anything to a client that logs in. Whatever it says: the secret
 * leaves only where the client may show it, is never told, each kind of login is tried
 * once at most, nothing follows a no, and there is one end. */
#include <assert.h>
#include "base/fail.h"
#include "base/str.h"
#include "net/blot.h"
#include "smtp/session.h"

#define SECRET "S3cret-canary"
enum { OUT_MAX = 1 << 20 };

struct run {
	struct smtp_session *s;
	struct net_blot blot;
	struct str out;
	unsigned opened, closed;
};

static void take_events(struct run *r)
{
	struct smtp_event ev;

	while (smtp_session_event(r->s, &ev)) {
		assert(r->closed == 0);
		r->opened += ev.kind == SMTP_EVENT_OPEN;
		r->closed += ev.kind == SMTP_EVENT_CLOSED;
		assert(!net_blot_finds(&r->blot, ev.reply.text));
		assert(ev.fail == NULL || !net_blot_finds(&r->blot, view_of(ev.fail->text)));
		assert(ev.closed != SMTP_CLOSED_LOGIN || ev.fail != NULL);
	}
}

static void take_output(struct run *r)
{
	struct view v;

	while ((v = smtp_session_output(r->s)).len > 0) {
		assert(r->closed == 0);
		(void)str_addv(&r->out, v);
		smtp_session_written(r->s, v.len);
	}
	assert(str_ok(&r->out));
}

static unsigned count(struct view in, struct view needle)
{
	unsigned n = 0;
	ptrdiff_t at;

	for (; (at = view_find(in, needle)) >= 0; n++)
		in = view_from(in, (size_t)at + needle.len);
	return n;
}

static void check(const struct run *r, bool secure)
{
	struct view out = str_view(&r->out);

	assert(r->closed == 1 && r->opened <= 1);
	assert(secure || !net_blot_finds(&r->blot, out));
	for (unsigned i = 0; i < NET_SASL_KINDS; i++) {
		struct str command;

		str_init(&command, 64);
		(void)str_addf(&command, "AUTH %s", net_sasl_name((enum net_sasl_kind)i));
		assert(count(out, str_view(&command)) <= 1);
		str_free(&command);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_make((const char *)data, size), piece;
	struct smtp_session_params params = {.helo = VIEW("c.example.org")};
	struct run r = {0};
	struct fail f;
	int64_t now = 0;

	if (size < 2)
		return 0;
	params.login = (struct net_login){.kinds = data[0],
		.secure = (data[1] & 1) != 0,
		.username = VIEW("ana"),
		.secret = VIEW(SECRET),
		.host = "mx.example",
		.port = 587,
		.nonce = VIEW("fyko+d2lbbFgONRv9qkxdawL")};
	in = view_from(in, 2);
	str_init(&r.out, OUT_MAX);
	net_blot_init(&r.blot, VIEW(SECRET));
	r.s = smtp_session_new(&params, now, &f);
	take_output(&r);
	/* 0xff ends a piece: what stands before comes in one read. */
	while (view_split(&in, '\xff', &piece)) {
		smtp_session_at(r.s, ++now);
		smtp_session_feed(r.s, piece);
		take_events(&r);
		take_output(&r);
	}
	smtp_session_lost(r.s, VIEW("end"));
	take_events(&r);
	check(&r, params.login.secure);
	smtp_session_free(&r.s);
	net_blot_free(&r.blot);
	str_free(&r.out);
	return 0;
}
