/* The connections to a relay: when they are made, with what login, and what each may carry. */
#include <unistd.h>
#include "base/i18n.h"
#include "base/time.h"
#include "send/smtp_private.h"

enum {
	SMTP_TOKEN_FRESH_MS = 120000, /* an older token is fetched anew for a new connection */
};

unsigned smtp_login_kinds(const struct settings_relay *r)
{
	static const enum net_sasl_kind map[] = {
		[SETTINGS_AUTH_PLAIN] = NET_SASL_PLAIN,
		[SETTINGS_AUTH_LOGIN] = NET_SASL_LOGIN,
		[SETTINGS_AUTH_CRAM_MD5] = NET_SASL_CRAM_MD5,
		[SETTINGS_AUTH_SCRAM_SHA_1] = NET_SASL_SCRAM_SHA_1,
		[SETTINGS_AUTH_SCRAM_SHA_256] = NET_SASL_SCRAM_SHA_256,
		[SETTINGS_AUTH_XOAUTH2] = NET_SASL_XOAUTH2,
		[SETTINGS_AUTH_OAUTHBEARER] = NET_SASL_OAUTHBEARER,
	};

	if (r->username == NULL || r->auth == SETTINGS_AUTH_NONE)
		return 0;
	if (r->auth == SETTINGS_AUTH_AUTO)
		return r->token_command != NULL ? NET_SASL_TOKEN : NET_SASL_PASSWORD;
	return NET_SASL_BIT(map[r->auth]);
}

int smtp_read_secret(struct smtp *s, int timeout_ms, struct fail *f)
{
	const struct settings_secret token = {.command = s->relay->token_command};
	bool by_token = token.command != NULL;
	const struct settings_secret *from = by_token ? &token : &s->relay->password;

	settings_secret_wipe(&s->secret);
	s->secret_at = time_monotonic();
	if (smtp_login_kinds(s->relay) == 0 || !settings_secret_is_set(from) ||
		settings_secret_read_within(from, timeout_ms, &s->secret, f) == 0)
		return 0;
	return by_token ? fail_wrap(f, "token_command") : -1;
}

/* RFC 5321 section 4.1.4: the client's name, or an address in brackets for one
 * whose name is none. */
void smtp_choose_helo(struct smtp *s)
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

struct smtp_client *smtp_open_client(struct smtp *s, struct fail *f)
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
		.pipeline = r->pipeline == SETTINGS_PIPELINE_CAREFUL || s->caution == CAUTION_MOST
				    ? SMTP_PIPELINE_CAREFUL
				    : SMTP_PIPELINE_NORMAL,
		.window = s->caution == CAUTION_NONE ? r->pipeline : 1,
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
		.login = {.kinds = smtp_login_kinds(r),
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
	unsigned doublings = failures < SEND_TRIES ? failures : SEND_TRIES;

	return first << doublings;
}

/* No login has worked yet: the lanes that would be next wait with the one that tried. */
static void others_wait(struct smtp *s, int64_t again_at)
{
	for (size_t i = 0; i < s->lane_count; i++)
		if (s->lanes[i].again_at < again_at)
			s->lanes[i].again_at = again_at;
}

void smtp_lane_failed(
	struct smtp *s, struct lane *lane, enum smtp_wait first, const struct fail *why)
{
	lane->again_at = time_monotonic() + patience(first, lane->tries++);
	if (smtp_login_kinds(s->relay) != 0 && !s->logged_in)
		others_wait(s, lane->again_at);
	/* While others work, or may yet, this one was one too many; a refused login stops
	 * all, before the account is locked. */
	if (!any_left(s))
		s->failures++;
	if (why->kind == FAIL_TEMP && s->failures < s->tries)
		return;
	s->later = why->kind == FAIL_TEMP && (s->broken.kind == FAIL_NONE || s->later);
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

	if (smtp_login_kinds(s->relay) == 0)
		return true;
	/* One with a secret that may be wrong, or with a token that is about to go. */
	if ((!s->logged_in || stale) && any_logs_in(s))
		return false;
	if (!stale)
		return true;
	if (smtp_read_secret(s, SEND_SECRET_AGAIN_MS, &f) == 0)
		return true;
	(void)fail_wrap(&f, _("relay %s"), s->relay->name);
	f.kind = FAIL_TEMP; /* it has worked before */
	smtp_lane_failed(s, lane, SMTP_RECONNECT_MS, &f);
	return false;
}

/* A lane without a connection gets one when its time has come. */
void smtp_open_lanes(struct smtp *s)
{
	int64_t now = time_monotonic();

	for (size_t i = 0; i < s->limit && s->broken.kind == FAIL_NONE; i++) {
		struct lane *lane = &s->lanes[i];

		if (lane->client != NULL || !s->wanted || s->finishing || now < lane->again_at ||
			!may_log_in(s, lane))
			continue;
		lane->client = smtp_open_client(s, &s->broken);
		lane->opened = now;
		lane->sent = lane->refused = 0;
		lane->cut = lane->quitting = lane->in = false;
		lane->caution = s->caution;
	}
	s->wanted = false;
}

/* Servers count what they refuse, and in the end cut the connection: the answers to all that
 * is in it are lost, and those messages uncertain. Postfix slows down at 10 errors and ends it
 * at 20, and a message without a recipient is two. So the connection ends before that, and as
 * it draws near no more is in flight than may be refused. */
enum { LANE_REFUSED_MOST = 5, LANE_REFUSED_NEVER = 9 };

static size_t room_by_refusals(const struct lane *lane, size_t room)
{
	uint64_t used = lane->refused + lane->flying;
	uint64_t most = used < LANE_REFUSED_NEVER ? LANE_REFUSED_NEVER - used : 0;

	return lane->refused > 0 && most < room ? (size_t)most : room;
}

/* How many more messages the connection may carry: by number, age and refusals. */
static uint64_t left_of(const struct smtp *s, const struct lane *lane)
{
	uint64_t most = s->relay->messages_per_connection;
	uint64_t offered = s->caps.mail_max;
	int64_t age = s->relay->connection_lifetime;

	if (lane->refused >= LANE_REFUSED_MOST)
		return 0;
	if (age > 0 && time_monotonic() - lane->opened >= age)
		return 0;
	if (most == 0 || (offered > 0 && offered < most))
		most = offered;
	if (most == 0)
		return UINT64_MAX;
	return lane->sent < most ? most - lane->sent : 0;
}

/* How many more it takes now. A connection that may carry no more is closed in peace. */
size_t smtp_lane_room(const struct smtp *s, struct lane *lane)
{
	uint64_t left;
	size_t free;

	if (lane->client == NULL || lane->quitting)
		return 0;
	free = smtp_client_room(lane->client);
	left = free > 0 ? left_of(s, lane) : 0;
	if (free == 0 || left > 0)
		return room_by_refusals(lane, left < free ? (size_t)left : free);
	smtp_client_quit(lane->client);
	lane->quitting = true;
	return 0;
}

/* Replies come in the order of the messages: behind a slow one all others of a connection
 * wait. So slow and fast ones keep to connections of their own, the slow to half of them. */
bool smtp_lane_suits(const struct smtp *s, const struct lane *lane, bool slow)
{
	size_t slow_lanes = 0;

	if (s->limit <= 1)
		return true;
	if (lane->flying > 0)
		return (lane->slow > 0) == slow;
	for (size_t i = 0; slow && i < s->lane_count; i++)
		slow_lanes += s->lanes[i].slow > 0;
	return slow_lanes < s->limit / 2;
}

struct lane *smtp_freest_lane(struct smtp *s, bool slow)
{
	struct lane *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < s->lane_count; i++) {
		size_t n = smtp_lane_suits(s, &s->lanes[i], slow) ? smtp_lane_room(s, &s->lanes[i])
								  : 0;

		if (n > most) {
			most = n;
			best = &s->lanes[i];
		}
	}
	return best;
}
