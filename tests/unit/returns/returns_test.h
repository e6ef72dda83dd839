#ifndef RETURNS_TEST_H
#define RETURNS_TEST_H
#include "../store/store_test.h"
#include "base/time.h"
#include "mail/token.h"
#include "store/delivery.h"
#include "returns/question.h"
#include "returns/take.h"
#include "settings/settings.h"
#include "store/later.h"
#include "store/returned.h"

/* A campaign that was sent to members m1@d1.example, m2@d2.example, m3@d0.example, ..., and
 * hand-made verdicts about it. */
struct scene {
	struct fixture *fx;
	struct settings *settings;
	struct token_keys keys;
	struct returns *r;
	int64_t now;
	int serial;		    /* of messages: each has a name and bytes of its own */
	enum returns_source source; /* of what comes back next */
};

static inline void scene_send(struct scene *sc, int members, int refuse)
{
	struct fixture *t = sc->fx;
	struct store_turn_watch watch;
	struct store_sender *sender;
	struct vec got;

	OK(store_campaign_set_state(t->s, t->campaign, CAMPAIGN_SENDING, sc->now, &t->f));
	OK(store_sender_open(t->s, sc->now, &sender, &t->f));
	returns_watch(sc->r, &watch);
	store_sender_watch(sender, &watch);
	vec_init(&got, sizeof(struct store_delivery));
	OK(store_turn_begin(sender, t->campaign, sc->now, &t->f));
	OK(store_turn_claim(sender, 0, (size_t)members, &t->a, &got, &t->f));
	for (size_t i = 0; i < got.len; i++) {
		const struct store_delivery *d = vec_at(&got, i);
		bool no = d->contact <= refuse;
		const struct store_result result = {
			.state = no ? DELIVERY_REFUSED : DELIVERY_ACCEPTED,
			.reply_code = no ? 550 : 250,
			.reason = no ? VIEW("user-unknown") : VIEW("")};

		assert_int_equal(store_turn_mark(sender, d->contact, d->contact, &t->f), 0);
		assert_int_equal(store_turn_result(sender, d->contact, &result, &t->f), 0);
	}
	OK(store_turn_end(sender, &t->f));
	OK(store_sender_close(&sender, sc->now, &t->f));
	vec_free(&got);
}

static inline struct scene *scene_new(int members, const char *yaml)
{
	struct scene *sc = test_calloc(1, sizeof *sc);
	const struct settings_sources none = {.system_path = ""};
	struct settings_report report;
	struct fixture *t;

	sc->fx = t = fixture_new();
	sc->now = TEST_NOW;
	settings_report_init(&report);
	if (settings_load_text(&none, "test", view_of(yaml), &sc->settings, &report, &t->f) < 0)
		fail_msg("%s", t->f.text);
	settings_report_free(&report);
	sc->keys.count = 1;
	memset(sc->keys.key[0], 7, sizeof sc->keys.key[0]);
	fixture_campaign(t, members);
	OK(returns_new(t->s, sc->settings, &sc->keys, &sc->r, &t->f));
	return sc;
}

static inline void scene_free(struct scene *sc)
{
	fixture_sound(sc->fx);
	returns_free(&sc->r);
	settings_free(&sc->settings);
	fixture_free(sc->fx);
	test_free(sc);
}

static inline struct view scene_token(
	struct scene *sc, enum token_purpose purpose, int64_t campaign, int64_t contact)
{
	const struct token token = {purpose, campaign, contact};
	struct view out;
	struct str text;

	str_init(&text, TOKEN_SIZE_MAX);
	assert_int_equal(token_write(&text, &sc->keys, &token), 0);
	out = arena_dup(&sc->fx->a, str_view(&text));
	str_free(&text);
	return out;
}

/* What is said of one recipient. */
struct said {
	enum bounce_kind kind;
	enum bounce_complaint complaint;
	enum bounce_reason reason;
	enum bounce_permanence permanence;
	const char *address, *from, *new_address, *text;
	struct view token;
};

static inline struct returns_outcome scene_take(struct scene *sc, const struct said *said)
{
	struct fixture *t = sc->fx;
	const struct bounce_recipient rcpt = {.address = view_of(said->address),
		.reason = said->reason,
		.permanence = said->permanence,
		.diagnostic = view_of(said->text)};
	struct bounce_verdict v = {.kind = said->kind,
		.complaint = said->complaint,
		.recipients = &rcpt,
		.recipient_count = said->address != NULL,
		.from = view_of(said->from),
		.new_address = view_of(said->new_address)};
	struct returns_origin origin = {.source = sc->source,
		.place = VIEW("returns"),
		.space = VIEW("imap:1"),
		.now = sc->now};
	struct returns_outcome out;
	char name[32];

	(void)snprintf(name, sizeof name, "%d", ++sc->serial);
	origin.name = origin.raw = view_of(name);
	if (said->token.len > 0)
		v.tokens[v.token_count++] = said->token;
	OK(returns_take(sc->r, &v, &origin, &out, &t->f));
	return out;
}

static inline bool scene_suppressed(struct scene *sc, const char *key)
{
	struct fixture *t = sc->fx;
	int is = store_suppressed(t->s, view_of(key), &t->f);

	OK(is);
	return is == 1;
}

static inline struct store_campaign scene_campaign(struct scene *sc)
{
	struct fixture *t = sc->fx;
	struct store_campaign c;

	OK(store_campaign_get(t->s, t->campaign, &t->a, &c, &t->f));
	return c;
}
#endif
