#include "returns/alarm.h"
#include "returns/returns_private.h"

enum { ALARM_LEAST = 3, ALARM_TEXT_MAX = 2000, ALARM_CAUSE_MAX = 64 };
#define ALARM_UNSURE "?" /* behind the reason: somebody else may have said so */

/* What each reason counts as. */
enum group { GROUP_NONE, GROUP_HARD, GROUP_BLOCKED, GROUP_OURS };
static const unsigned char groups[REASON_COUNT] = {
	[REASON_USER_UNKNOWN] = GROUP_HARD,
	[REASON_MAILBOX_MOVED] = GROUP_HARD,
	[REASON_DOMAIN_UNKNOWN] = GROUP_HARD,
	[REASON_NO_MAIL_HERE] = GROUP_HARD,
	[REASON_PROVIDER_SUPPRESSED] = GROUP_HARD,
	[REASON_SPAM] = GROUP_BLOCKED,
	[REASON_VIRUS] = GROUP_BLOCKED,
	[REASON_CONTENT] = GROUP_BLOCKED,
	[REASON_POLICY] = GROUP_BLOCKED,
	[REASON_NOT_RFC] = GROUP_BLOCKED,
	[REASON_IP_BLOCKED] = GROUP_BLOCKED,
	[REASON_BAD_REPUTATION] = GROUP_BLOCKED,
	[REASON_MISSING_PTR] = GROUP_BLOCKED,
	[REASON_SENDER_REJECTED] = GROUP_BLOCKED,
	[REASON_AUTH_FAILURE] = GROUP_BLOCKED,
	[REASON_RELAY_DENIED] = GROUP_OURS,
	[REASON_SECURITY] = GROUP_OURS,
	[REASON_TLS_FAILED] = GROUP_OURS,
};

/* What a refusal speaks of, the more exact first; what is shown stands second. */
static const struct {
	const char *word, *name;
} details[] = {
	{"dmarc", "DMARC"},
	{"dkim", "DKIM"},
	{"spf", "SPF"},
	{"reverse dns", "PTR"},
	{"rdns", "PTR"},
	{"ptr record", "PTR"},
	{"reverse lookup", "PTR"},
	{"zen.spamhaus", "Spamhaus ZEN"},
	{"pbl.spamhaus", "Spamhaus PBL"},
	{"sbl.spamhaus", "Spamhaus SBL"},
	{"xbl.spamhaus", "Spamhaus XBL"},
	{"dbl.spamhaus", "Spamhaus DBL"},
	{"spamhaus", "Spamhaus"},
	{"spamcop", "SpamCop"},
	{"barracuda", "Barracuda"},
	{"sorbs", "SORBS"},
	{"uceprotect", "UCEPROTECT"},
	{"abusix", "Abusix"},
	{"invaluement", "Invaluement"},
	{"mailspike", "Mailspike"},
	{"psbl", "PSBL"},
	{"cloudmark", "Cloudmark"},
	{"vade", "Vade"},
	{"proofpoint", "Proofpoint"},
	{"s3140", "Outlook"},
	{"s3150", "Outlook"},
};

struct view returns_detail(struct view text)
{
	for (size_t i = 0; i < sizeof details / sizeof *details; i++)
		if (view_find_nocase(text, view_of(details[i].word)) >= 0)
			return view_of(details[i].name);
	return VIEW("");
}

struct look {
	struct returns *r;
	int64_t campaign, now, total, complained;
	int64_t sure[GROUP_OURS + 1], n[GROUP_OURS + 1], by_reason[REASON_COUNT];
	struct view detail;
	bool paused;
};

int returns_cause(struct returns *r, const struct returns_case *c, struct fail *f)
{
	char name[ALARM_CAUSE_MAX];

	(void)snprintf(name, sizeof name, "%s%s", bounce_reason_name(c->reason),
		c->unsure ? ALARM_UNSURE : "");
	return store_cause_add(r->store, c->sent->campaign, view_of(name), 1, f);
}

static int add(void *ctx, struct view name, int64_t n)
{
	struct look *l = ctx;
	bool sure = !view_ends(name, VIEW(ALARM_UNSURE));
	enum bounce_reason reason;

	if (!sure)
		name = view_sub(name, 0, name.len - 1);
	if (!bounce_reason_of_name(name, &reason))
		return 0;
	l->n[groups[reason]] += n;
	l->sure[groups[reason]] += sure ? n : 0;
	l->by_reason[reason] += n;
	return 0;
}

/* Whether n of all is that share. */
static bool reaches(int64_t n, int64_t total, unsigned share)
{
	return share > 0 && n > 0 && n * SETTINGS_SHARE_ONE >= (int64_t)share * total;
}

static int raise_alarm(struct look *l, const char *cause, int64_t n, struct view detail, bool pause,
	struct fail *f)
{
	const struct store_alarm alarm = {
		.cause = view_of(cause), .at = l->now, .n = n, .total = l->total, .detail = detail};
	bool paused;

	if (store_alarm_raise(l->r->store, l->campaign, &alarm, pause, &paused, f) < 0)
		return -1;
	l->paused = l->paused || paused;
	return 0;
}

static int judge(struct look *l, struct fail *f)
{
	const struct settings_bounces *b = &l->r->settings->bounces;
	const struct {
		const char *cause;
		int64_t n, sure, few;
		unsigned alarm, pause, least;
		struct view detail;
	} kinds[] = {
		{"hard-bounces", l->n[GROUP_HARD], l->sure[GROUP_HARD], ALARM_LEAST, b->alarm.hard,
			b->pause.hard, b->least.hard, VIEW("")},
		{"blocked", l->n[GROUP_BLOCKED], l->sure[GROUP_BLOCKED], ALARM_LEAST,
			b->alarm.blocked, b->pause.blocked, b->least.blocked, l->detail},
		{"complaints", l->complained, l->complained, 1, b->alarm.complaints,
			b->pause.complaints, b->least.complaints, VIEW("")},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		bool pause = kinds[i].sure >= kinds[i].least &&
			     reaches(kinds[i].sure, l->total, kinds[i].pause);
		bool alarm =
			kinds[i].n >= kinds[i].few && reaches(kinds[i].n, l->total, kinds[i].alarm);

		if ((alarm || pause) &&
			raise_alarm(l, kinds[i].cause, kinds[i].n, kinds[i].detail, pause, f) < 0)
			return -1;
	}
	return 0;
}

/* The reasons that say what to do: those of the sender and of our own set-up. */
static int name_causes(struct look *l, struct fail *f)
{
	static const enum bounce_reason told[] = {REASON_IP_BLOCKED, REASON_BAD_REPUTATION,
		REASON_MISSING_PTR, REASON_SENDER_REJECTED, REASON_AUTH_FAILURE,
		REASON_RELAY_DENIED, REASON_SECURITY, REASON_TLS_FAILED};

	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		int64_t n = l->by_reason[told[i]];

		if (n >= ALARM_LEAST &&
			reaches(n, l->total, l->r->settings->bounces.alarm.blocked) &&
			raise_alarm(l, bounce_reason_name(told[i]), n, l->detail, false, f) < 0)
			return -1;
	}
	return 0;
}

void returns_hear(struct returns *r, int64_t campaign, struct view text)
{
	struct returns_heard *h = NULL;

	for (size_t i = 0; i < r->heard.len && h == NULL; i++) {
		h = vec_at(&r->heard, i);
		if (h->campaign != campaign)
			h = NULL;
	}
	if (h == NULL) {
		h = vec_push(&r->heard);
		*h = (struct returns_heard){campaign, VIEW("")};
	}
	if (h->detail.len == 0)
		h->detail = returns_detail(view_sub(text, 0, ALARM_TEXT_MAX));
}

static int look_at(struct returns *r, const struct returns_heard *heard, int64_t now,
	int64_t *paused, struct fail *f)
{
	struct look l = {.r = r, .campaign = heard->campaign, .now = now, .detail = heard->detail};
	struct store_campaign c;

	if (store_campaign_get(r->store, heard->campaign, &r->a, &c, f) < 0 ||
		store_cause_each(r->store, heard->campaign, add, &l, f) < 0)
		return -1;
	l.total = c.count[DELIVERY_ACCEPTED] + c.count[DELIVERY_REFUSED];
	l.complained = c.later[LATER_COMPLAINED];
	if (judge(&l, f) < 0 || name_causes(&l, f) < 0)
		return -1;
	if (l.paused)
		*paused = heard->campaign;
	return 0;
}

int returns_alarm(struct returns *r, int64_t now, int64_t *paused, struct fail *f)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < r->heard.len; i++)
		ret = look_at(r, vec_at(&r->heard, i), now, paused, f);
	vec_clear(&r->heard);
	return ret;
}
