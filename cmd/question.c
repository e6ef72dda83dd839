#include "cmd/question.h"
#include "base/digest.h"
#include "base/time.h"
#include "base/vec.h"
#include "mail/header.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "mail/token.h"
#include "returns/question.h"
#include "send/frozen.h"
#include "send/single.h"
#include "send/tokens.h"
#include "settings/settings.h"
#include "store/campaign.h"
#include "store/store.h"

enum { QUESTION_MAX = 16384, QUESTION_ID_BYTES = 10 };

/* A member reads one or the other: nothing tells which. */
static const char body[] =
	"Bonjour,\n\n"
	"Un message envoyé de votre adresse demande à quitter la liste « %.*s ».\n"
	"Si c’est bien vous, répondez à ce message sans rien changer : c’est tout.\n"
	"Sinon, ne faites rien ; vous restez sur la liste.\n\n"
	"-----\n\n"
	"Hello,\n\n"
	"A message sent from your address asks to leave the list \"%.*s\".\n"
	"If it was you, answer this message as it is: that is all.\n"
	"If not, do nothing; you stay on the list.\n";

struct asking {
	struct app *app;
	const struct returns_question *q;
	struct store_campaign campaign;
	struct send_frozen frozen;
	struct view reply_to; /* with the token that confirms */
	struct str token;
};

/* To whom, about which list, and where the answer goes. */
static int prepare(struct asking *k, const struct token_keys *keys, struct fail *f)
{
	const struct token token = {TOKEN_CONFIRM, k->q->campaign, k->q->contact};
	struct arena *a = &k->app->arena;

	if (store_campaign_get(k->app->store, k->q->campaign, a, &k->campaign, f) < 0 ||
		send_frozen_read(k->campaign.frozen, a, &k->frozen, f) < 0)
		return -1;
	if (k->frozen.bounce_address.len == 0)
		return fail_set(f, FAIL_CONF, "%s",
			_("identity.bounce_address is needed, where the answer comes back to"));
	if (token_write(&k->token, keys, &token) < 0)
		return fail_set(f, FAIL_BUG, "%s", _("a token is longer than it may be"));
	/* Where the mailbox knows no extensions the subject has it too. */
	k->reply_to = k->frozen.bounce_address;
	if (k->frozen.separator.len > 0 &&
		send_return_address(k->frozen.bounce_address, k->frozen.separator,
			str_view(&k->token), a, &k->reply_to, f) < 0)
		return -1;
	return 0;
}

static int write_id(struct str *out, struct view from, struct fail *f)
{
	unsigned char bytes[QUESTION_ID_BYTES];
	ptrdiff_t at = view_chr(from, '@');
	struct str id;
	int ret;

	digest_random(bytes, sizeof bytes);
	str_init(&id, HEADER_MSGID_MAX);
	(void)digest_base32(&id, bytes, sizeof bytes);
	(void)str_addv(&id, view_from(from, at < 0 ? from.len : (size_t)at));
	ret = header_msgid(out, "Message-ID", str_view(&id), f);
	str_free(&id);
	return ret;
}

static int write_text(const struct asking *k, struct str *out, struct fail *f)
{
	struct view list =
		k->frozen.list_title.len > 0 ? k->frozen.list_title : k->campaign.list_name;
	struct str text;
	int ret;

	str_init(&text, QUESTION_MAX);
	(void)str_addf(&text, body, VIEW_ARG(list), VIEW_ARG(list));
	ret = mime_text(out, "plain", str_view(&text), NULL, f);
	str_free(&text);
	return ret;
}

static int write_subject(const struct asking *k, struct str *out, struct fail *f)
{
	struct str text;
	int ret;

	str_init(&text, QUESTION_MAX);
	(void)str_addf(&text, "Quitter la liste ? Leave the list? %s", k->token.p);
	ret = header_text(out, "Subject", str_view(&text), f);
	str_free(&text);
	return ret;
}

static int compose(const struct asking *k, struct str *out, struct fail *f)
{
	struct arena *a = &k->app->arena;
	struct mailbox from, to, reply;

	if (mailbox_parse(k->frozen.from, ADDR_MEMBER, a, &from, f) < 0 ||
		mailbox_parse(k->q->to, ADDR_MEMBER, a, &to, f) < 0 ||
		mailbox_parse(k->reply_to, ADDR_MEMBER, a, &reply, f) < 0 ||
		header_mailbox(out, "From", &from, false, f) < 0 ||
		header_mailbox(out, "To", &to, false, f) < 0 ||
		header_mailbox(out, "Reply-To", &reply, false, f) < 0 ||
		write_subject(k, out, f) < 0 ||
		header_date(out, "Date", k->app->now, time_zone_offset(k->app->now), f) < 0 ||
		write_id(out, k->frozen.bounce_address, f) < 0 ||
		(k->q->message_id.len > 0 &&
			(header_msgid(out, "In-Reply-To", k->q->message_id, f) < 0 ||
				header_msgid(out, "References", k->q->message_id, f) < 0)) ||
		header_token(out, "Auto-Submitted", VIEW("auto-replied"), f) < 0 ||
		header_token(out, "Precedence", VIEW("bulk"), f) < 0 ||
		header_token(out, "X-Auto-Response-Suppress", VIEW("All"), f) < 0 ||
		header_token(out, "MIME-Version", VIEW("1.0"), f) < 0)
		return -1;
	return write_text(k, out, f);
}

/* Whether this address may be mailed: a rehearsal, or domains that are let through only. */
static bool allowed(const struct app *app, struct view address)
{
	const struct settings_safety *safety = &app->settings->safety;
	ptrdiff_t at = view_chr(address, '@');
	struct view domain = view_from(address, at < 0 ? address.len : (size_t)at + 1);
	bool listed = safety->only_domains.count == 0;

	for (size_t i = 0; !listed && i < safety->only_domains.count; i++)
		listed = view_eq_nocase(domain, view_of(safety->only_domains.items[i]));
	return listed && safety->redirect_all_to == NULL;
}

static const struct settings_relay *relay_of(const struct app *app)
{
	const char *name = app->settings->default_relay;

	return name != NULL ? settings_relay_find(app->settings, name) : NULL;
}

static int send_one(struct asking *k, const struct settings_relay *relay,
	const struct token_keys *keys, struct fail *f)
{
	struct send_single single = {.to = k->q->to, .space = store_instance(k->app->store)};
	struct str message;
	int ret;

	digest_random(&single.id, sizeof single.id);
	single.id &= INT64_MAX;
	str_init(&message, QUESTION_MAX);
	str_init(&k->token, TOKEN_SIZE_MAX);
	ret = prepare(k, keys, f) < 0 || compose(k, &message, f) < 0 ? -1 : 0;
	single.data = str_view(&message);
	if (ret == 0)
		ret = send_single(k->app->settings, relay, &single, f);
	str_free(&k->token);
	str_free(&message);
	return ret;
}

void question_send_all(struct app *app, const struct returns *r, const struct token_keys *keys)
{
	const struct vec *all = returns_questions(r);
	const struct settings_relay *relay = relay_of(app);
	bool folder = relay != NULL && relay->type == SETTINGS_RELAY_MAILDIR;
	bool live = relay != NULL && (folder || app->settings->safety.live);

	for (size_t i = 0; i < all->len; i++) {
		struct asking k = {.app = app, .q = vec_at(all, i)};
		struct fail f = {.kind = FAIL_NONE};

		if (!live || !allowed(app, k.q->to))
			out_say(_("%.*s wants to leave; nobody is asked whether that is so, for "
				  "nobody may be mailed: facteur bounce review"),
				VIEW_ARG(k.q->to));
		else if (send_one(&k, relay, keys, &f) < 0)
			out_warn(_("%.*s wants to leave, and could not be asked whether that is "
				   "so: %s"),
				VIEW_ARG(k.q->to), f.text);
		else
			out_say(_("%.*s wants to leave, and is asked whether that is so."),
				VIEW_ARG(k.q->to));
	}
}
