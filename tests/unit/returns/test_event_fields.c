#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "base/fail.h"
#include "returns/event_fields.h"
#include "returns/event_json.h"

/* What an event of each provider looks like, but for its type, detail and what tells more closely:
 * shapes after their public descriptions. */
static const char *const shapes[EVENT_FORMATS] = {
	[EVENT_MAILJET] = "{\"event\":\"%s\",\"time\":1430812195,\"MessageID\":13792286917004336,"
			  "\"email\":\"ana@example.org\",\"mj_campaign_id\":0,\"error\":\"%s\","
			  "\"error_related_to\":\"%s\"}",
	[EVENT_BREVO] = "{\"event\":\"%s\",\"email\":\"ana@example.org\",\"id\":26224,"
			"\"message-id\":\"<201798300811.5787683@relay.example.org>\","
			"\"ts_event\":1604933654,\"x\":\"%s\",\"y\":\"%s\"}",
	[EVENT_SENDGRID] = "{\"event\":\"%s\",\"email\":\"ana@example.org\",\"timestamp\":"
			   "1513299569,\"sg_event_id\":\"c2dfZXZlbnRfaWQ\",\"type\":\"%s\","
			   "\"bounce_classification\":\"%s\"}",
	[EVENT_POSTMARK] =
		"{\"RecordType\":\"%s\",\"ID\":42,\"MessageID\":\"883953f4\","
		"\"Email\":\"ana@example.org\",\"BouncedAt\":\"2019-11-05T16:33:54.9070259Z\","
		"\"Type\":\"%s\",\"SuppressionReason\":\"%s\"}",
	[EVENT_SES] = "{\"eventType\":\"%s\",\"bounce\":{\"bounceType\":\"%s\",\"bounceSubType\":"
		      "\"%s\",\"bouncedRecipients\":[{\"emailAddress\":\"ana@example.org\"}],"
		      "\"timestamp\":\"2016-01-27T14:59:38.237Z\",\"feedbackId\":\"f1\"},"
		      "\"mail\":{\"messageId\":\"m1\"}}",
	[EVENT_MAILGUN] = "{\"event-data\":{\"event\":\"%s\",\"severity\":\"%s\",\"reason\":\"%s\","
			  "\"recipient\":\"ana@example.org\",\"timestamp\":1521233195.375624,"
			  "\"id\":\"G9Bn5sl1TC6nu79C8C0bwg\"}}",
};

/* One for each row of the table, in its order. */
static const struct row_case {
	enum event_format format;
	const char *type, *detail, *sub;
	enum bounce_kind kind; /* OTHER: ignored */
	enum bounce_permanence permanence;
	enum bounce_reason reason;
	enum bounce_complaint complaint;
} row_cases[] = {
	/* clang-format off */
	{EVENT_MAILJET, "sent", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "opened", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "clicked", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "open", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "click", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "queued", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "unknown", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "spam", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "unsub", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "duplicate in campaign", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "deferred", "", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "user unknown", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "mailbox inactive", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_MAILBOX_DISABLED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "quota exceeded", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_MAILBOX_FULL, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "blacklisted", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "spam reporter", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "preblocked", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "invalid domain", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_DOMAIN_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "typofix", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_DOMAIN_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "no mail host", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_NO_MAIL_HERE, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "relay/access denied", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_RELAY_DENIED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "greylisted", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_RATE_LIMITED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "sender blocked", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_SENDER_REJECTED, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "content blocked", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "policy issue", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_POLICY, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "bad or empty template", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "error in template language", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "system issue", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_SYSTEM_ERROR, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "protocol issue", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_PROTOCOL_ERROR, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "connection issue", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_NETWORK, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "", "spam", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_SPAM, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "", "domain", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "hardbounced", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "softbounced", "", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "bounce", "", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILJET, "blocked", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_BREVO, "delivered", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_BREVO, "hard_bounce", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "hardBounces", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "soft_bounce", "", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "softBounces", "", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "bounces", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "blocked", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_BREVO, "invalid_email", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "invalid", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "deferred", "", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "error", "", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_SYSTEM_ERROR, COMPLAINT_ABUSE},
	{EVENT_BREVO, "spam", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_BREVO, "complaint", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_BREVO, "unsubscribe", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "unsubscribed", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "request", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "sent", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "opened", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "unique_opened", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "proxy_open", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "loadedByProxy", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "click", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_BREVO, "list_addition", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "delivered", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "processed", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "open", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "click", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "group_resubscribe", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "deferred", "", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Invalid Address", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Mailbox Unavailable", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_MAILBOX_DISABLED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Technical Failure", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_SYSTEM_ERROR, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Content", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Reputation", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_BAD_REPUTATION, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "Frequency or Volume Too High", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_RATE_LIMITED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "blocked", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "expired", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_EXPIRED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "bounce", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "blocked", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Bounced Address", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Spam Reporting Address", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Unsubscribed Address", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Invalid SMTPAPI header", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_NOT_RFC, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Invalid", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Spam Content (if spam checker app is enabled)", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_SPAM, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "Recipient List over Package Quota", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_RATE_LIMITED, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "dropped", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "spamreport", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "unsubscribe", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "group_unsubscribe", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SENDGRID, "", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Delivery", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Open", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Click", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Inbound", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "SpamComplaint", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "SubscriptionChange", "false", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "SubscriptionChange", "true", "SpamComplaint", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "SubscriptionChange", "true", "HardBounce", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "SubscriptionChange", "true", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "HardBounce", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "SoftBounce", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Transient", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "DnsError", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_NETWORK, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "SpamNotification", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_SPAM, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "VirusNotification", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_VIRUS, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Blocked", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_POLICY, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "DMARCPolicy", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_AUTH_FAILURE, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "BadEmailAddress", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "ManuallyDeactivated", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "SMTPApiError", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_MAILER_ERROR, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "TemplateRenderingFailed", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Undeliverable", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Unknown", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "SpamComplaint", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "AutoResponder", "", BOUNCE_AUTO_REPLY, BOUNCE_NONE, REASON_AUTO_REPLY, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "AddressChange", "", BOUNCE_AUTO_REPLY, BOUNCE_NONE, REASON_AUTO_REPLY, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "ChallengeVerification", "", BOUNCE_CHALLENGE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Unsubscribe", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Subscribe", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "Unconfirmed", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "OpenRelayTest", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_POSTMARK, "Bounce", "InboundError", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Delivery", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_SES, "Send", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Open", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Click", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Permanent", "Suppressed", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Permanent", "OnAccountSuppressionList", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Permanent", "UnsubscribedRecipient", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Permanent", "NoEmail", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_USER_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Permanent", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "MailboxFull", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_MAILBOX_FULL, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "MessageTooLarge", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_MESSAGE_TOO_BIG, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "CustomTimeoutExceeded", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_EXPIRED, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "ContentRejected", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "AttachmentRejected", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "Transient", "", BOUNCE_FAILED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Bounce", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "MailboxFull", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_MAILBOX_FULL, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "SpamDetected", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_SPAM, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "IPFailure", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_IP_BLOCKED, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "RecipientServerError", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_SYSTEM_ERROR, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "TransientCommunicationFailure", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_NETWORK, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "InternalFailure", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_MAILER_ERROR, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "BYOIPHostNameLookupUnavailable", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_MISSING_PTR, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "SendingDeferral", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_BAD_REPUTATION, COMPLAINT_ABUSE},
	{EVENT_SES, "DeliveryDelay", "", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Reject", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_VIRUS, COMPLAINT_ABUSE},
	{EVENT_SES, "Rendering Failure", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_CONTENT, COMPLAINT_ABUSE},
	{EVENT_SES, "Complaint", "auth-failure", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_AUTH_FAILURE},
	{EVENT_SES, "Complaint", "fraud", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_FRAUD},
	{EVENT_SES, "Complaint", "not-spam", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_NOT_SPAM},
	{EVENT_SES, "Complaint", "virus", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_VIRUS},
	{EVENT_SES, "Complaint", "other", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_OTHER},
	{EVENT_SES, "Complaint", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_SES, "Subscription", "true", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_SES, "Subscription", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "delivered", "", "", BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "accepted", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "stored", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "opened", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "clicked", "", "", BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "permanent", "suppress-bounce", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_PROVIDER_SUPPRESSED, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "permanent", "espblock", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_IP_BLOCKED, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "permanent", "old", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_EXPIRED, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "permanent", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "temporary", "", BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "failed", "", "", BOUNCE_FAILED, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "rejected", "", "", BOUNCE_FAILED, BOUNCE_PERMANENT, REASON_UNCLEAR, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "complained", "", "", BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_ABUSE},
	{EVENT_MAILGUN, "unsubscribed", "", "", BOUNCE_UNSUBSCRIBE, BOUNCE_NONE, REASON_UNKNOWN, COMPLAINT_ABUSE},
	/* clang-format on */
};

/* One event, read from what may be an object around it. */
struct given {
	struct arena a;
	struct event_list list;
	struct fail f;
	int ret;
};

static void read_events(struct given *g, const char *json, enum event_format format)
{
	const struct event_spot start = {1, 1};

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

/* Each %s of the shape is the next of the three. */
static void write_event(struct str *json, const struct row_case *c)
{
	const char *const words[] = {c->type, c->detail, c->sub};
	struct view rest = view_of(shapes[c->format]), part;

	for (size_t i = 0; view_split(&rest, '%', &part); i++) {
		(void)str_addv(json, view_from(part, i > 0 ? 1 : 0));
		if (i < sizeof words / sizeof *words)
			(void)str_addz(json, words[i]);
	}
}

static void each_row(void **state)
{
	size_t count;
	const struct event_row *rows = event_rows(&count);

	(void)state;
	assert_int_equal(count, sizeof row_cases / sizeof *row_cases);
	for (size_t i = 0; i < count; i++) {
		const struct row_case *c = &row_cases[i];
		const struct event *e;
		struct given g;
		struct str json;

		str_init(&json, 4096);
		write_event(&json, c);
		if (event_row_find(c->format, view_of(c->type), view_of(c->detail),
			    view_of(c->sub)) != &rows[i])
			fail_msg("row %zu (%s, %s, %s): another one comes first", i, c->type,
				c->detail, c->sub);
		read_events(&g, json.p, EVENT_AUTO);
		if (g.ret < 0)
			fail_msg("row %zu: %s: %s", i, g.f.text, json.p);
		if (c->kind == BOUNCE_OTHER) {
			assert_int_equal(g.list.ignored, 1);
			assert_int_equal(g.list.events.len, 0);
		} else {
			assert_int_equal(g.list.events.len, 1);
			e = event_at(&g, 0);
			if (e->format != c->format || e->verdict.kind != c->kind ||
				e->recipient.reason != c->reason ||
				e->recipient.permanence != c->permanence ||
				(c->kind == BOUNCE_COMPLAINT &&
					e->verdict.complaint != c->complaint))
				fail_msg("row %zu: kind %d, permanence %d, reason %d: %s", i,
					(int)e->verdict.kind, (int)e->recipient.permanence,
					(int)e->recipient.reason, json.p);
			assert_true(view_is(e->recipient.address, "ana@example.org"));
			assert_true(e->name.len > 0);
			assert_true(e->verdict.date > 0);
		}
		done(&g);
		str_free(&json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
