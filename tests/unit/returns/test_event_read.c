#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/fail.h"
#include "base/time.h"
#include "returns/event_fields.h"

#define TOKEN "rabcabcdefghijklmnop"

/* Whole events in the shapes that the providers describe. `want`: of each event "provider kind
 * address status code reason permanence"; "-" for what is not said. */
static const struct sample {
	const char *name, *json, *want;
	const char *token, *message_id, *date; /* of the first event; NULL: none */
} samples[] = {
	{"Mailjet bounce",
		"{\"event\":\"bounce\",\"time\":1430812195,\"MessageID\":13792286917004336,"
		"\"Message_GUID\":\"1ab23cd4\",\"email\":\"ana@example.org\",\"mj_campaign_id\":0,"
		"\"mj_contact_id\":0,\"customcampaign\":\"\",\"CustomID\":\"" TOKEN
		"\",\"Payload\":\"\",\"blocked\":false,\"hard_bounce\":true,"
		"\"error_related_to\":\"recipient\",\"error\":\"user unknown\","
		"\"comment\":\"\"}",
		"mailjet failed ana@example.org - - user-unknown permanent", TOKEN, NULL,
		"2015-05-05T07:49:55.000Z"},
	{"Mailjet soft bounce with a reply",
		"{\"event\":\"bounce\",\"time\":1430812195,\"MessageID\":1,\"email\":"
		"\"ana@example.org\",\"hard_bounce\":false,\"error\":\"quota exceeded\","
		"\"comment\":\"452 4.2.2 The email account that you tried to reach is over "
		"quota\"}",
		"mailjet failed ana@example.org 4.2.2 452 mailbox-full transient", NULL, NULL,
		"2015-05-05T07:49:55.000Z"},
	{"Mailjet, a text that is less clear than its word",
		"{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"ana@example.org\","
		"\"hard_bounce\":true,\"error\":\"user unknown\",\"comment\":\"user unknown\"}",
		"mailjet failed ana@example.org - - user-unknown permanent", NULL, NULL, NULL},
	{"Mailjet, a text that is clearer than its word",
		"{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"ana@example.org\","
		"\"hard_bounce\":true,\"error\":\"policy issue\",\"comment\":"
		"\"550 5.1.1 <ana@example.org>: user unknown\"}",
		"mailjet failed ana@example.org 5.1.1 550 user-unknown permanent", NULL, NULL,
		NULL},
	{"Mailjet bounce for good of what is usually not",
		"{\"event\":\"bounce\",\"time\":1,\"MessageID\":1,\"email\":\"ana@example.org\","
		"\"hard_bounce\":true,\"error\":\"quota exceeded\"}",
		"mailjet failed ana@example.org - - mailbox-full permanent", NULL, NULL,
		"1970-01-01T00:00:01.000Z"},
	{"Mailjet by its API",
		"{\"ArrivedAt\":\"2018-01-01T00:00:00Z\",\"ContactAlt\":\"ana@example.org\","
		"\"CustomID\":"
		"\"" TOKEN "\",\"ID\":576460755523432550,\"StateID\":3,\"StatePermanent\":true,"
		"\"Status\":\"bounce\",\"error\":\"user unknown\"}",
		"mailjet failed ana@example.org - - user-unknown permanent", TOKEN, NULL,
		"2018-01-01T00:00:00.000Z"},
	{"Mailjet typo",
		"{\"event\":\"blocked\",\"time\":\"1430812195\",\"MessageID\":1,\"email\":"
		"\"ana@example.org\",\"error_related_to\":\"domain\",\"error\":\"typofix\"}",
		"mailjet failed ana@example.org - - domain-unknown permanent", NULL, NULL,
		"2015-05-05T07:49:55.000Z"},
	{"Brevo hard bounce",
		"{\"event\":\"hard_bounce\",\"email\":\"ana@example.org\",\"id\":26224,\"date\":"
		"\"2020-10-09 00:00:00\",\"ts\":1604933619,\"message-id\":\"<" TOKEN
		".abc@example.org>\",\"ts_event\":1604933654,\"subject\":\"News\","
		"\"X-Mailin-custom\":\"some_custom_header\",\"sending_ip\":\"192.0.2.1\","
		"\"reason\":\"550 5.1.1 <ana@example.org>: user unknown\"}",
		"brevo failed ana@example.org 5.1.1 550 user-unknown permanent", TOKEN,
		TOKEN ".abc@example.org", "2020-11-09T14:54:14.000Z"},
	{"Brevo by its API",
		"{\"events\":[{\"email\":\"ana@example.org\",\"date\":\"2017-03-12T12:30:00Z\","
		"\"messageId\":\"<201798300811.5787683@relay.example.org>\",\"event\":"
		"\"softBounces\",\"reason\":\"Temporary server error\"},{\"email\":"
		"\"bob@example.org\",\"date\":\"2017-03-12T12:30:00Z\",\"messageId\":"
		"\"<201798300811.5787684@relay.example.org>\",\"event\":\"opened\"}]}",
		"brevo failed ana@example.org - - system-error transient", NULL,
		"201798300811.5787683@relay.example.org", "2017-03-12T12:30:00.000Z"},
	{"SendGrid bounce",
		"{\"email\":\"ana@example.org\",\"timestamp\":1513299569,\"smtp-id\":\"<" TOKEN
		".abc@example.org>\",\"event\":\"bounce\",\"category\":\"cat facts\","
		"\"sg_event_id\":\"6g4ZI7SA-xmRDv57GoPIPw==\",\"sg_message_id\":"
		"\"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0\",\"reason\":"
		"\"550 5.1.1 The email account does not exist\",\"status\":\"5.1.1\","
		"\"type\":\"bounce\",\"facteur\":\"" TOKEN "\"}",
		"sendgrid failed ana@example.org 5.1.1 550 user-unknown permanent", TOKEN,
		TOKEN ".abc@example.org", "2017-12-15T00:59:29.000Z"},
	{"SendGrid dropped",
		"{\"email\":\"ana@example.org\",\"timestamp\":1513299569,\"event\":\"dropped\","
		"\"sg_event_id\":\"zmzJhfJgAfUSOW80yEbPyw==\",\"reason\":\"Bounced Address\","
		"\"status\":\"5.0.0\"}",
		"sendgrid failed ana@example.org 5.0.0 - provider-suppressed permanent", NULL, NULL,
		"2017-12-15T00:59:29.000Z"},
	{"SendGrid delivered",
		"{\"email\":\"ana@example.org\",\"timestamp\":1513299569,\"event\":\"delivered\","
		"\"sg_event_id\":\"x\",\"response\":\"250 OK\"}",
		"sendgrid delivered ana@example.org - 250 delivered none", NULL, NULL,
		"2017-12-15T00:59:29.000Z"},
	{"SendGrid by its API",
		"{\"created\":1443651125,\"email\":\"ana@example.org\",\"reason\":\"550 5.1.1 The "
		"email account that you tried to reach does not exist.\",\"status\":\"5.1.1\"}",
		"sendgrid failed ana@example.org 5.1.1 550 user-unknown permanent", NULL, NULL,
		"2015-09-30T22:12:05.000Z"},
	{"Postmark bounce",
		"{\"RecordType\":\"Bounce\",\"MessageStream\":\"broadcast\",\"ID\":"
		"4323372036854775807,\"Type\":\"HardBounce\",\"TypeCode\":1,\"Name\":\"Hard "
		"bounce\",\"Tag\":\"Test\",\"MessageID\":\"883953f4-6105-42a2-a16a-77a8eac79483\","
		"\"Metadata\":{\"facteur\":\"" TOKEN "\"},\"ServerID\":23,\"Description\":\"The "
		"server was unable to deliver your message (ex: unknown user, mailbox not found)."
		"\",\"Details\":\"smtp;550 5.1.1 unknown user\",\"Email\":\"ana@example.org\","
		"\"From\":\"news@example.com\",\"BouncedAt\":\"2019-11-05T16:33:54.9070259Z\","
		"\"Inactive\":true,\"Subject\":\"News\"}",
		"postmark failed ana@example.org 5.1.1 550 user-unknown permanent", TOKEN, NULL,
		"2019-11-05T16:33:54.907Z"},
	{"Postmark list",
		"{\"TotalCount\":1,\"Bounces\":[{\"ID\":1,\"Type\":\"DMARCPolicy\","
		"\"TypeCode\":100009,\"Email\":\"ana@example.org\",\"BouncedAt\":"
		"\"2019-11-05T16:33:54Z\"}]}",
		"postmark failed ana@example.org - - auth-failure permanent", NULL, NULL,
		"2019-11-05T16:33:54.000Z"},
	{"Postmark left",
		"{\"RecordType\":\"SubscriptionChange\",\"MessageID\":\"883953f4\",\"Recipient\":"
		"\"ana@example.org\",\"Origin\":\"Recipient\",\"SuppressSending\":true,"
		"\"SuppressionReason\":\"ManualSuppression\",\"ChangedAt\":"
		"\"2020-02-01T10:53:34.416071Z\"}",
		"postmark unsubscribe ana@example.org - - unknown none", NULL, NULL,
		"2020-02-01T10:53:34.416Z"},
	{"Postmark back",
		"{\"RecordType\":\"SubscriptionChange\",\"MessageID\":\"883953f4\",\"Recipient\":"
		"\"ana@example.org\",\"SuppressSending\":false,\"SuppressionReason\":null}",
		"", NULL, NULL, NULL},
	{"SES by SNS, of two",
		"{\"Type\":\"Notification\",\"MessageId\":\"22b80b92\",\"Message\":\""
		"{\\\"notificationType\\\":\\\"Bounce\\\",\\\"bounce\\\":{\\\"bounceType\\\":"
		"\\\"Permanent\\\",\\\"bounceSubType\\\":\\\"General\\\",\\\"bouncedRecipients\\\":"
		"["
		"{\\\"emailAddress\\\":\\\"ana@example.org\\\",\\\"action\\\":\\\"failed\\\","
		"\\\"status\\\":\\\"5.1.1\\\",\\\"diagnosticCode\\\":\\\"smtp; 550 5.1.1 user "
		"unknown\\\"},{\\\"emailAddress\\\":\\\"Bob <bob@example.org>\\\",\\\"status\\\":"
		"\\\"5.2.2\\\",\\\"diagnosticCode\\\":\\\"smtp; 552 5.2.2 mailbox full\\\"}],"
		"\\\"timestamp\\\":\\\"2016-01-27T14:59:38.237Z\\\",\\\"feedbackId\\\":\\\"f1\\\","
		"\\\"reportingMTA\\\":\\\"dns; mta.example.net\\\"},\\\"mail\\\":{\\\"source\\\":"
		"\\\"returns@example.com\\\",\\\"messageId\\\":\\\"m1\\\",\\\"headers\\\":["
		"{\\\"name\\\":\\\"x-facteur-token\\\",\\\"value\\\":\\\"" TOKEN "\\\"},"
		"{\\\"name\\\":\\\"Message-ID\\\",\\\"value\\\":\\\"<a@example.com>\\\"}]}}\"}",
		"ses failed ana@example.org 5.1.1 550 user-unknown permanent;"
		"ses failed bob@example.org 5.2.2 552 mailbox-full transient",
		TOKEN, "a@example.com", "2016-01-27T14:59:38.237Z"},
	{"SES complaint by Lambda",
		"{\"Records\":[{\"EventSource\":\"aws:sns\",\"Sns\":{\"Message\":\"{"
		"\\\"eventType\\\":"
		"\\\"Complaint\\\",\\\"complaint\\\":{\\\"complainedRecipients\\\":["
		"{\\\"emailAddress\\\":\\\"ana@example.org\\\"}],\\\"timestamp\\\":"
		"\\\"2016-01-27T14:59:38Z\\\",\\\"feedbackId\\\":\\\"f\\\","
		"\\\"complaintFeedbackType\\\":\\\"not-spam\\\"},\\\"mail\\\":{\\\"messageId\\\":"
		"\\\"m\\\",\\\"source\\\":\\\"returns+" TOKEN "@example.com\\\"}}\"}}]}",
		"ses complaint(4) ana@example.org - - complaint none", TOKEN, NULL,
		"2016-01-27T14:59:38.000Z"},
	{"SES delivery, by SQS",
		"{\"Messages\":[{\"Body\":\"{\\\"eventType\\\":\\\"Delivery\\\",\\\"mail\\\":{"
		"\\\"messageId\\\":\\\"m\\\",\\\"tags\\\":{\\\"facteur\\\":[\\\"" TOKEN
		"\\\"]}},\\\"delivery\\\":{\\\"timestamp\\\":\\\"2016-10-19T23:21:04.133Z\\\","
		"\\\"recipients\\\":[\\\"ana@example.org\\\",\\\"bob@example.org\\\"],"
		"\\\"smtpResponse\\\":\\\"250 2.6.0 Message received\\\"}}\"}]}",
		"ses delivered ana@example.org 2.6.0 250 delivered none;"
		"ses delivered bob@example.org 2.6.0 250 delivered none",
		TOKEN, NULL, "2016-10-19T23:21:04.133Z"},
	{"SES delay",
		"{\"eventType\":\"DeliveryDelay\",\"mail\":{\"messageId\":\"m\",\"destination\":["
		"\"ana@example.org\"]},\"deliveryDelay\":{\"timestamp\":"
		"\"2020-06-16T00:25:40.095Z\",\"delayType\":\"TransientCommunicationFailure\","
		"\"delayedRecipients\":[{\"emailAddress\":\"ana@example.org\",\"status\":\"4.4.1\","
		"\"diagnosticCode\":\"smtp; 421 4.4.1 Unable to connect to remote host\"}]}}",
		"ses delayed ana@example.org 4.4.1 421 network transient", NULL, NULL,
		"2020-06-16T00:25:40.095Z"},
	{"SNS, a subscription begins",
		"{\"Type\":\"SubscriptionConfirmation\",\"MessageId\":\"165545c9\",\"Message\":"
		"\"You "
		"have chosen to subscribe to the topic.\"}",
		"", NULL, NULL, NULL},
	{"Mailgun failed",
		"{\"signature\":{\"timestamp\":\"1529006854\",\"token\":\"a8ce0e\",\"signature\":"
		"\"d2271d\"},\"event-data\":{\"event\":\"failed\",\"severity\":\"permanent\","
		"\"reason\":\"bounce\",\"recipient\":\"ana@example.org\",\"timestamp\":"
		"1521233195.375624,\"id\":\"G9Bn5sl1TC6nu79C8C0bwg\",\"log-level\":\"error\","
		"\"delivery-status\":{\"code\":550,\"message\":\"5.1.1 The email account that you "
		"tried to reach does not exist\",\"enhanced-code\":\"5.1.1\",\"mx-host\":"
		"\"mx.example.org\",\"attempt-no\":1},\"message\":{\"headers\":{\"message-id\":"
		"\"" TOKEN ".abc@example.org\",\"subject\":\"News\"}},\"user-variables\":{}}}",
		"mailgun failed ana@example.org 5.1.1 550 user-unknown permanent", TOKEN,
		TOKEN ".abc@example.org", "2018-03-16T20:46:35.000Z"},
	{"Mailgun suppressed, by its API",
		"{\"items\":[{\"event\":\"failed\",\"severity\":\"permanent\",\"reason\":"
		"\"suppress-bounce\",\"recipient\":\"ana@example.org\",\"timestamp\":"
		"1521233195.375624,\"id\":\"a\",\"log-level\":\"error\",\"delivery-status\":{"
		"\"code\":605,\"message\":\"\",\"description\":\"Not delivering to previously "
		"bounced address\"},\"user-variables\":{\"facteur\":\"" TOKEN "\"}},{\"event\":"
		"\"clicked\",\"recipient\":\"bob@example.org\",\"timestamp\":1521233195.4,\"id\":"
		"\"b\",\"log-level\":\"info\"}],\"paging\":{\"next\":\"https://example.org\"}}",
		"mailgun failed ana@example.org - - provider-suppressed permanent", TOKEN, NULL,
		"2018-03-16T20:46:35.000Z"},
	/* what is mended */
	{"an id beyond 64 bits, a comma too many, a tab, Latin-1",
		"{\"event\":\"spam\",\"MessageID\":99999999999999999999999,\"email\":"
		"\"ana@example.org\",\"source\":\"a\tb \xE9\",}",
		"mailjet complaint(0) ana@example.org - - complaint none", NULL, NULL, NULL},
};

struct given {
	struct arena a;
	struct event_list list;
	struct fail f;
	int ret;
};

static void read_events(struct given *g, const char *json, enum event_format format)
{
	const struct event_spot start = {7, 3};

	arena_init(&g->a);
	event_list_init(&g->list);
	g->ret = event_read(view_of(json), start, format, &g->a, &g->list, &g->f);
}

static void done(struct given *g)
{
	event_list_free(&g->list);
	arena_free(&g->a);
}

static const struct event *event_at(const struct given *g, size_t i)
{
	return *(struct event *const *)vec_at(&g->list.events, i);
}

static void describe(const struct event *e, struct str *out)
{
	const struct bounce_recipient *to = &e->recipient;

	assert_ptr_equal(e->verdict.recipients, to);
	assert_int_equal(e->verdict.recipient_count, 1);
	(void)str_addf(out, "%s%s %s", out->len > 0 ? ";" : "", event_format_name(e->format),
		bounce_kind_name(e->verdict.kind));
	if (e->verdict.kind == BOUNCE_COMPLAINT)
		(void)str_addf(out, "(%d)", (int)e->verdict.complaint);
	(void)str_addf(out, " %.*s %.*s ", VIEW_ARG(to->address),
		VIEW_ARG(to->status.len > 0 ? to->status : VIEW("-")));
	if (to->reply_code > 0)
		(void)str_addf(out, "%d", to->reply_code);
	else
		(void)str_addc(out, '-');
	(void)str_addf(out, " %s %s", bounce_reason_name(to->reason),
		bounce_permanence_name(to->permanence));
}

static void each_sample(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *s = &samples[i];
		struct given g;
		struct str got;
		char date[TIME_ISO_SIZE];

		str_init(&got, 4096);
		read_events(&g, s->json, EVENT_AUTO);
		if (g.ret < 0)
			fail_msg("%s: %s", s->name, g.f.text);
		for (size_t k = 0; k < g.list.events.len; k++)
			describe(event_at(&g, k), &got);
		if (strcmp(got.p, s->want) != 0)
			fail_msg("%s: wanted %s, got %s", s->name, s->want, got.p);
		if (g.list.events.len > 0) {
			const struct bounce_verdict *v = &event_at(&g, 0)->verdict;

			if ((s->token != NULL) != (v->token_count > 0) ||
				(s->token != NULL && !view_is(v->tokens[0], s->token)))
				fail_msg("%s: its token", s->name);
			if (!view_eq(v->original.message_id, view_of(s->message_id)))
				fail_msg("%s: its Message-ID is %.*s", s->name,
					VIEW_ARG(v->original.message_id));
			time_iso(v->date, date);
			if (strcmp(v->date == 0 ? "" : date, s->date == NULL ? "" : s->date) != 0)
				fail_msg("%s: its date is %s", s->name, date);
		}
		done(&g);
		str_free(&got);
	}
}

/* The same is the same, and something else is not. */
static const struct name_case {
	const char *name, *one, *other;
	bool same;
} name_cases[] = {
	{"Mailjet by webhook and by API",
		"{\"event\":\"bounce\",\"time\":1430812195,\"MessageID\":576460755523432550,"
		"\"email\":"
		"\"ana@example.org\",\"hard_bounce\":true,\"error\":\"user unknown\"}",
		"{\"ArrivedAt\":\"2015-05-05T00:00:00Z\",\"ContactAlt\":\"ana@example.org\",\"ID\":"
		"576460755523432550,\"StatePermanent\":true,\"Status\":\"hardbounced\"}",
		true},
	{"Mailjet, two messages whose numbers a double cannot tell apart",
		"{\"event\":\"bounce\",\"MessageID\":576460755523432550,\"email\":\"a@example."
		"org\"}",
		"{\"event\":\"bounce\",\"MessageID\":576460755523432551,\"email\":\"a@example."
		"org\"}",
		false},
	{"the same beyond 64 bits",
		"{\"event\":\"bounce\",\"MessageID\":18446744073709551617,\"email\":\"a@example."
		"org\"}",
		"{\"event\":\"bounce\",\"MessageID\":18446744073709551618,\"email\":\"a@example."
		"org\"}",
		false},
	{"first for a while, then for good",
		"{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"a@example.org\",\"hard_bounce\":"
		"false}",
		"{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"a@example.org\",\"hard_bounce\":"
		"true}",
		false},
	{"two recipients", "{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"a@example.org\"}",
		"{\"event\":\"bounce\",\"MessageID\":1,\"email\":\"b@example.org\"}", false},
	{"an id of its own",
		"{\"event\":\"bounce\",\"sg_event_id\":\"x\",\"email\":\"a@example.org\","
		"\"timestamp\":1}",
		"{\"event\":\"bounce\",\"sg_event_id\":\"y\",\"email\":\"a@example.org\","
		"\"timestamp\":1}",
		false},
	{"delayed twice",
		"{\"event\":\"deferred\",\"message-id\":\"<a@b>\",\"email\":\"a@example.org\",\"ts_"
		"event\":1}",
		"{\"event\":\"deferred\",\"message-id\":\"<a@b>\",\"email\":\"a@example.org\",\"ts_"
		"event\":2}",
		false},
};

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof name_cases / sizeof *name_cases; i++) {
		const struct name_case *c = &name_cases[i];
		struct given one, other;

		read_events(&one, c->one, EVENT_AUTO);
		read_events(&other, c->other, EVENT_AUTO);
		assert_int_equal(one.list.events.len, 1);
		assert_int_equal(other.list.events.len, 1);
		if (view_eq(event_at(&one, 0)->name, event_at(&other, 0)->name) != c->same)
			fail_msg("%s", c->name);
		done(&other);
		done(&one);
	}
}

static const struct refusal {
	const char *name, *json, *format, *words;
	size_t events;
} refusals[] = {
	{"no JSON", "{\"event\" \"bounce\"}", "auto", "7:19: this is no JSON: ", 0},
	{"where, on another line", "{\"event\":\n  nope}", "auto", "8:6: this is no JSON: ", 0},
	{"where, behind long numbers", "{\"a\":1.50,\"b\":-1.25,\"c\" 1}", "auto", "7:27: ", 0},
	{"a number that is none", "{\"a\":01}", "auto", ": this is no JSON", 0},
	{"a key twice", "{\"event\":\"bounce\",\"event\":\"spam\"}", "auto", "duplicate", 0},
	{"a lone surrogate", "{\"a\":\"\\ud800\"}", "auto", "this is no JSON", 0},
	{"nobody's", "{\"a\":1}", "auto", "7:3: this is no event of a relay", 0},
	{"nothing", "{}", "auto", "7:3: this is no event of a relay", 0},
	{"whose?", "{\"event\":\"bounce\"}", "auto", "7:3: whose event this is", 0},
	{"told whose, of nobody", "{\"event\":\"bounce\"}", "mailjet", "whose address it is about",
		0},
	{"told whose, with nothing of theirs", "{\"a\":1}", "mailjet", "not known here", 0},
	{"a number in a list", "{\"Data\":[7]}", "auto", "7:3: this is no event: one begins", 0},
	{"an event that is not known", "{\"event\":\"n\xC3\xA9w\x07\",\"MessageID\":1}", "auto",
		"7:3: an event that is not known here: n\xC3\xA9w", 0},
	{"one among good ones",
		"{\"Data\":[{\"event\":\"spam\",\"MessageID\":1,\"email\":\"a@example.org\"},"
		"{\"event\":\"what\",\"MessageID\":2},7,"
		"{\"event\":\"spam\",\"MessageID\":3,\"email\":\"b@example.org\"}]}",
		"auto", "7:3: ", 2},
	{"wrapped without end",
		"{\"Sns\":{\"Sns\":{\"Sns\":{\"Sns\":{\"Sns\":{\"Sns\":{\"Sns\":{\"Sns\":{}}}}}}}}"
		"}",
		"auto", "no event of a relay", 0},
	{"what is in a text is no JSON", "{\"Message\":\"{\\\"a\\\":}\"}", "auto",
		"this is no JSON", 0},
};

static void each_refusal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *r = &refusals[i];
		enum event_format format = EVENT_AUTO;
		struct given g;

		assert_true(event_format_of_name(view_of(r->format), &format));
		read_events(&g, r->json, format);
		if (g.ret == 0)
			fail_msg("%s: it was taken", r->name);
		assert_int_equal(g.f.kind, FAIL_DATA);
		if (strstr(g.f.text, r->words) == NULL)
			fail_msg("%s: wanted %s, got %s", r->name, r->words, g.f.text);
		if (g.list.events.len != r->events)
			fail_msg("%s: %zu events", r->name, g.list.events.len);
		done(&g);
	}
}

/* One value too many is refused before it costs memory. */
static void many_values(void **state)
{
	(void)state;
	for (size_t n = EVENT_VALUES_MAX - 3; n <= EVENT_VALUES_MAX; n += 3) {
		struct given g;
		struct str json;

		str_init(&json, EVENT_SIZE_MAX);
		(void)str_addz(&json, "{\"a\":[1");
		for (size_t i = 1; i < n; i++)
			(void)str_addz(&json, ",1");
		(void)str_addz(&json, "]}");
		read_events(&g, json.p, EVENT_AUTO);
		assert_int_equal(g.ret, -1);
		assert_int_equal(
			strstr(g.f.text, "more than 200000 values") != NULL, n == EVENT_VALUES_MAX);
		done(&g);
		str_free(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sample),
		cmocka_unit_test(names),
		cmocka_unit_test(each_refusal),
		cmocka_unit_test(many_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
