#include "returns/event_fields.h"

/* From the providers' public descriptions of their webhooks and of what their API answers. */

const char *const event_wraps[] = {
	/* lists: REST of Mailjet, Postmark, Brevo and Mailgun; Lambda, SQS */
	"Data",
	"Bounces",
	"events",
	"items",
	"Records",
	"Messages",
	/* one: SNS, and SNS by SQS and Lambda */
	"Message",
	"Sns",
	"Body",
	"body",
	"detail",
	NULL,
};

static const struct event_fields fields[EVENT_FORMATS] = {
	/* The webhook, and a message of GET /REST/message (Status, StateID, ContactAlt), to which
	 * event_pull adds the name of its state as "error". */
	[EVENT_MAILJET] =
		{
			.known_by = "event&MessageID|event&mj_campaign_id|Status&ArrivedAt&ID",
			.type = "event|Status",
			.detail = "error",
			.detail_sub = "error_related_to",
			.address = "email|ContactAlt",
			.at = "time|ArrivedAt",
			.message = "MessageID|ID",
			.tokens = {"CustomID", "Payload", "EventPayload"},
			.text = "comment",
			.permanent = "hard_bounce|StatePermanent",
			.subject = "Subject",
		},
	/* The webhook, and an event of GET /v3/smtp/statistics/events. */
	[EVENT_BREVO] =
		{
			.known_by = "event&message-id|event&messageId|event&email&ts_event",
			.type = "event",
			.address = "email",
			.at = "ts_epoch|ts_event|ts|date",
			.message = "message-id|messageId",
			.message_id = "message-id|messageId",
			.tokens = {"X-Mailin-custom", "tag", "tags"},
			.text = "reason",
			.subject = "subject",
			.from = "from",
		},
	/* The event webhook; without "event", a row of GET /v3/suppression/bounces and blocks. */
	[EVENT_SENDGRID] =
		{
			.known_by = "sg_event_id&event|sg_message_id&event|created&email&reason",
			.type = "event",
			.detail = "type|reason",
			.detail_sub = "bounce_classification",
			.address = "email",
			.at = "timestamp|created",
			.id = "sg_event_id",
			.message = "sg_message_id",
			.message_id = "smtp-id",
			.tokens = {"facteur", "unique_args.facteur", "custom_args.facteur",
				"category"},
			.status = "status",
			.text = "reason|response",
		},
	/* The webhooks, and an entry of GET /bounces. */
	[EVENT_POSTMARK] =
		{
			.known_by = "RecordType|Type&TypeCode&Email",
			.type = "RecordType",
			.detail = "Type|SuppressSending",
			.detail_sub = "SuppressionReason",
			.address = "Email|Recipient",
			.at = "BouncedAt|DeliveredAt|ChangedAt",
			.id = "ID",
			.message = "MessageID",
			.tokens = {"Metadata.facteur", "Tag"},
			.text = "Details|Description",
			.subject = "Subject",
			.from = "From",
		},
	/* Notifications (notificationType) and event publishing (eventType). */
	[EVENT_SES] =
		{
			.known_by = "mail&notificationType|mail&eventType",
			.type = "eventType|notificationType",
			.detail = "bounce.bounceType|complaint.complaintFeedbackType|deliveryDelay."
				  "delayType|reject.reason|subscription.newTopicPreferences."
				  "unsubscribeAll",
			.detail_sub = "bounce.bounceSubType",
			.recipients = "bounce.bouncedRecipients|complaint.complainedRecipients|"
				      "deliveryDelay.delayedRecipients|delivery.recipients|"
				      "mail.destination",
			.address = "emailAddress",
			.at = "bounce.timestamp|complaint.timestamp|deliveryDelay.timestamp|"
			      "delivery.timestamp|subscription.timestamp|mail.timestamp",
			.id = "bounce.feedbackId|complaint.feedbackId",
			.message = "mail.messageId",
			.message_id = "mail.headers#Message-ID|mail.commonHeaders.messageId",
			.tokens = {"mail.headers#X-Facteur-Token", "mail.tags.facteur",
				"mail.source"},
			.status = "status",
			.text = "diagnosticCode|delivery.smtpResponse",
			.remote = "bounce.reportingMTA|delivery.reportingMTA",
			.subject = "mail.commonHeaders.subject",
			.from = "mail.source",
		},
	/* The webhook, and an item of GET /v3/DOMAIN/events, which lacks the "event-data" around it. */
	[EVENT_MAILGUN] =
		{
			.known_by =
				"event-data.event|event&log-level&id|event&recipient&timestamp&id",
			.type = "event-data.event|event",
			.detail = "event-data.severity|severity",
			.detail_sub = "event-data.reason|reason",
			.address = "event-data.recipient|recipient",
			.at = "event-data.timestamp|timestamp",
			.id = "event-data.id|id",
			.message =
				"event-data.message.headers.message-id|message.headers.message-id",
			.message_id =
				"event-data.message.headers.message-id|message.headers.message-id",
			.tokens = {"event-data.user-variables.facteur", "user-variables.facteur",
				"event-data.envelope.sender", "envelope.sender", "event-data.tags",
				"tags"},
			.status = "event-data.delivery-status.enhanced-code|"
				  "delivery-status.enhanced-code",
			.code = "event-data.delivery-status.code|delivery-status.code",
			.text = "event-data.delivery-status.message|event-data.delivery-status."
				"description|delivery-status.message|delivery-status.description",
			.remote = "event-data.delivery-status.mx-host|delivery-status.mx-host",
			.subject = "event-data.message.headers.subject|message.headers.subject",
			.from = "event-data.message.headers.from|message.headers.from",
		},
};

/* clang-format off */
#define FAILED(of, type, detail, sub, permanence, reason) \
	{type, detail, sub, of, BOUNCE_FAILED, BOUNCE_##permanence, REASON_##reason, 0, false}
/* The provider did not try, or says why in words that no text can better. */
#define SURE(of, type, detail, sub, permanence, reason) \
	{type, detail, sub, of, BOUNCE_FAILED, BOUNCE_##permanence, REASON_##reason, 0, true}
#define DELAYED(of, type, detail, reason) \
	{type, detail, "*", of, BOUNCE_DELAYED, BOUNCE_TRANSIENT, REASON_##reason, 0, false}
#define DELIVERED(of, type) \
	{type, "*", "*", of, BOUNCE_DELIVERED, BOUNCE_NONE, REASON_DELIVERED, 0, true}
#define COMPLAINT(of, type, detail, what) \
	{type, detail, "*", of, BOUNCE_COMPLAINT, BOUNCE_NONE, REASON_COMPLAINT, COMPLAINT_##what, true}
#define KIND(of, type, detail, kind, reason) \
	{type, detail, "*", of, BOUNCE_##kind, BOUNCE_NONE, REASON_##reason, 0, true}
#define IGNORED(of, type, detail) \
	{type, detail, "*", of, BOUNCE_OTHER, BOUNCE_NONE, REASON_UNKNOWN, 0, true}

#define MJ EVENT_MAILJET
#define BR EVENT_BREVO
#define SG EVENT_SENDGRID
#define PM EVENT_POSTMARK
#define SE EVENT_SES
#define MG EVENT_MAILGUN

static const struct event_row rows[] = {
	DELIVERED(MJ, "sent"),
	DELIVERED(MJ, "opened"), /* REST tells the last thing that happened */
	DELIVERED(MJ, "clicked"),
	IGNORED(MJ, "open", "*"),
	IGNORED(MJ, "click", "*"),
	IGNORED(MJ, "queued", "*"),
	IGNORED(MJ, "unknown", "*"),
	COMPLAINT(MJ, "spam", "*", ABUSE),
	KIND(MJ, "unsub", "*", UNSUBSCRIBE, UNKNOWN),
	IGNORED(MJ, "*", "duplicate in campaign"),
	DELAYED(MJ, "deferred", "*", UNKNOWN),
	FAILED(MJ, "*", "user unknown", "*", PERMANENT, USER_UNKNOWN),
	FAILED(MJ, "*", "mailbox inactive", "*", PERMANENT, MAILBOX_DISABLED),
	FAILED(MJ, "*", "quota exceeded", "*", TRANSIENT, MAILBOX_FULL),
	SURE(MJ, "*", "blacklisted", "*", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(MJ, "*", "spam reporter", "*", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(MJ, "*", "preblocked", "*", PERMANENT, PROVIDER_SUPPRESSED),
	FAILED(MJ, "*", "invalid domain", "*", PERMANENT, DOMAIN_UNKNOWN),
	FAILED(MJ, "*", "typofix", "*", PERMANENT, DOMAIN_UNKNOWN),
	FAILED(MJ, "*", "no mail host", "*", PERMANENT, NO_MAIL_HERE),
	FAILED(MJ, "*", "relay/access denied", "*", PERMANENT, RELAY_DENIED),
	FAILED(MJ, "*", "greylisted", "*", TRANSIENT, RATE_LIMITED),
	FAILED(MJ, "*", "sender blocked", "*", PERMANENT, SENDER_REJECTED),
	FAILED(MJ, "*", "content blocked", "*", PERMANENT, CONTENT),
	FAILED(MJ, "*", "policy issue", "*", PERMANENT, POLICY),
	SURE(MJ, "*", "bad or empty template", "*", PERMANENT, CONTENT),
	SURE(MJ, "*", "error in template language", "*", PERMANENT, CONTENT),
	FAILED(MJ, "*", "system issue", "*", TRANSIENT, SYSTEM_ERROR),
	FAILED(MJ, "*", "protocol issue", "*", TRANSIENT, PROTOCOL_ERROR),
	FAILED(MJ, "*", "connection issue", "*", TRANSIENT, NETWORK),
	FAILED(MJ, "*", "*", "spam", PERMANENT, SPAM),
	FAILED(MJ, "*", "*", "domain", TRANSIENT, UNCLEAR),
	FAILED(MJ, "hardbounce*", "*", "*", PERMANENT, UNKNOWN),
	FAILED(MJ, "softbounce*", "*", "*", TRANSIENT, UNKNOWN),
	FAILED(MJ, "bounce*", "*", "*", TRANSIENT, UNKNOWN),
	FAILED(MJ, "blocked", "*", "*", NONE, UNCLEAR),

	DELIVERED(BR, "delivered"),
	FAILED(BR, "hard_bounce", "*", "*", PERMANENT, UNKNOWN),
	FAILED(BR, "hardBounces", "*", "*", PERMANENT, UNKNOWN),
	FAILED(BR, "soft_bounce", "*", "*", TRANSIENT, UNKNOWN),
	FAILED(BR, "softBounces", "*", "*", TRANSIENT, UNKNOWN),
	FAILED(BR, "bounces", "*", "*", NONE, UNKNOWN),
	SURE(BR, "blocked", "*", "*", PERMANENT, PROVIDER_SUPPRESSED),
	FAILED(BR, "invalid_email", "*", "*", PERMANENT, USER_UNKNOWN),
	FAILED(BR, "invalid", "*", "*", PERMANENT, USER_UNKNOWN),
	DELAYED(BR, "deferred", "*", UNKNOWN),
	FAILED(BR, "error", "*", "*", TRANSIENT, SYSTEM_ERROR),
	COMPLAINT(BR, "spam", "*", ABUSE),
	COMPLAINT(BR, "complaint", "*", ABUSE),
	KIND(BR, "unsubscribe", "*", UNSUBSCRIBE, UNKNOWN),
	KIND(BR, "unsubscribed", "*", UNSUBSCRIBE, UNKNOWN),
	IGNORED(BR, "request*", "*"),
	IGNORED(BR, "sent", "*"),
	IGNORED(BR, "open*", "*"),
	IGNORED(BR, "unique_*", "*"),
	IGNORED(BR, "proxy_open", "*"),
	IGNORED(BR, "loadedByProxy", "*"),
	IGNORED(BR, "click*", "*"),
	IGNORED(BR, "list_addition", "*"),

	DELIVERED(SG, "delivered"),
	IGNORED(SG, "processed", "*"),
	IGNORED(SG, "open", "*"),
	IGNORED(SG, "click", "*"),
	IGNORED(SG, "group_resubscribe", "*"),
	DELAYED(SG, "deferred", "*", UNKNOWN),
	FAILED(SG, "bounce", "*", "Invalid Address", PERMANENT, USER_UNKNOWN),
	FAILED(SG, "bounce", "*", "Mailbox Unavailable", PERMANENT, MAILBOX_DISABLED),
	FAILED(SG, "bounce", "*", "Technical*", TRANSIENT, SYSTEM_ERROR),
	FAILED(SG, "bounce", "*", "Content", PERMANENT, CONTENT),
	FAILED(SG, "bounce", "*", "Reputation", PERMANENT, BAD_REPUTATION),
	FAILED(SG, "bounce", "*", "Frequency*", TRANSIENT, RATE_LIMITED),
	FAILED(SG, "bounce", "blocked", "*", NONE, UNCLEAR),
	FAILED(SG, "bounce", "expired", "*", TRANSIENT, EXPIRED),
	FAILED(SG, "bounce", "*", "*", PERMANENT, UNKNOWN),
	FAILED(SG, "blocked", "*", "*", NONE, UNCLEAR),
	SURE(SG, "dropped", "Bounced Address*", "*", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(SG, "dropped", "Spam Report*", "*", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(SG, "dropped", "Unsubscribed Address*", "*", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(SG, "dropped", "Invalid SMTPAPI*", "*", PERMANENT, NOT_RFC),
	SURE(SG, "dropped", "Invalid*", "*", PERMANENT, USER_UNKNOWN),
	SURE(SG, "dropped", "Spam Content*", "*", PERMANENT, SPAM),
	SURE(SG, "dropped", "Recipient List over*", "*", TRANSIENT, RATE_LIMITED),
	FAILED(SG, "dropped", "*", "*", NONE, UNCLEAR),
	COMPLAINT(SG, "spamreport", "*", ABUSE),
	KIND(SG, "unsubscribe", "*", UNSUBSCRIBE, UNKNOWN),
	KIND(SG, "group_unsubscribe", "*", UNSUBSCRIBE, UNKNOWN),
	FAILED(SG, "", "*", "*", NONE, UNKNOWN),

	DELIVERED(PM, "Delivery"),
	IGNORED(PM, "Open", "*"),
	IGNORED(PM, "Click", "*"),
	IGNORED(PM, "Inbound", "*"),
	COMPLAINT(PM, "SpamComplaint", "*", ABUSE),
	IGNORED(PM, "SubscriptionChange", "false"),
	{"SubscriptionChange", "true", "SpamComplaint", PM, BOUNCE_COMPLAINT, BOUNCE_NONE,
		REASON_COMPLAINT, COMPLAINT_ABUSE, true},
	SURE(PM, "SubscriptionChange", "true", "HardBounce", PERMANENT, PROVIDER_SUPPRESSED),
	KIND(PM, "SubscriptionChange", "true", UNSUBSCRIBE, UNKNOWN),
	FAILED(PM, "*", "HardBounce", "*", PERMANENT, UNKNOWN),
	FAILED(PM, "*", "SoftBounce", "*", TRANSIENT, UNKNOWN),
	DELAYED(PM, "*", "Transient", UNKNOWN),
	FAILED(PM, "*", "DnsError", "*", TRANSIENT, NETWORK),
	FAILED(PM, "*", "SpamNotification", "*", PERMANENT, SPAM),
	FAILED(PM, "*", "VirusNotification", "*", PERMANENT, VIRUS),
	FAILED(PM, "*", "Blocked", "*", PERMANENT, POLICY),
	FAILED(PM, "*", "DMARCPolicy", "*", PERMANENT, AUTH_FAILURE),
	FAILED(PM, "*", "BadEmailAddress", "*", PERMANENT, USER_UNKNOWN),
	SURE(PM, "*", "ManuallyDeactivated", "*", PERMANENT, PROVIDER_SUPPRESSED),
	FAILED(PM, "*", "SMTPApiError", "*", PERMANENT, MAILER_ERROR),
	FAILED(PM, "*", "TemplateRenderingFailed", "*", PERMANENT, CONTENT),
	FAILED(PM, "*", "Undeliverable", "*", PERMANENT, UNKNOWN),
	FAILED(PM, "*", "Unknown", "*", NONE, UNKNOWN),
	COMPLAINT(PM, "*", "SpamComplaint", ABUSE),
	KIND(PM, "*", "AutoResponder", AUTO_REPLY, AUTO_REPLY),
	KIND(PM, "*", "AddressChange", AUTO_REPLY, AUTO_REPLY),
	KIND(PM, "*", "ChallengeVerification", CHALLENGE, UNKNOWN),
	KIND(PM, "*", "Unsubscribe", UNSUBSCRIBE, UNKNOWN),
	IGNORED(PM, "*", "Subscribe"),
	IGNORED(PM, "*", "Unconfirmed"),
	IGNORED(PM, "*", "OpenRelayTest"),
	IGNORED(PM, "*", "InboundError"),

	DELIVERED(SE, "Delivery"),
	IGNORED(SE, "Send", "*"),
	IGNORED(SE, "Open", "*"),
	IGNORED(SE, "Click", "*"),
	SURE(SE, "Bounce", "Permanent", "Suppressed", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(SE, "Bounce", "Permanent", "OnAccountSuppressionList", PERMANENT, PROVIDER_SUPPRESSED),
	SURE(SE, "Bounce", "Permanent", "UnsubscribedRecipient", PERMANENT, PROVIDER_SUPPRESSED),
	FAILED(SE, "Bounce", "Permanent", "NoEmail", PERMANENT, USER_UNKNOWN),
	FAILED(SE, "Bounce", "Permanent", "*", PERMANENT, UNKNOWN),
	FAILED(SE, "Bounce", "Transient", "MailboxFull", TRANSIENT, MAILBOX_FULL),
	FAILED(SE, "Bounce", "Transient", "MessageTooLarge", TRANSIENT, MESSAGE_TOO_BIG),
	FAILED(SE, "Bounce", "Transient", "CustomTimeoutExceeded", TRANSIENT, EXPIRED),
	FAILED(SE, "Bounce", "Transient", "ContentRejected", TRANSIENT, CONTENT),
	FAILED(SE, "Bounce", "Transient", "AttachmentRejected", TRANSIENT, CONTENT),
	FAILED(SE, "Bounce", "Transient", "*", TRANSIENT, UNKNOWN),
	FAILED(SE, "Bounce", "*", "*", NONE, UNCLEAR),
	DELAYED(SE, "DeliveryDelay", "MailboxFull", MAILBOX_FULL),
	DELAYED(SE, "DeliveryDelay", "SpamDetected", SPAM),
	DELAYED(SE, "DeliveryDelay", "IPFailure", IP_BLOCKED),
	DELAYED(SE, "DeliveryDelay", "RecipientServerError", SYSTEM_ERROR),
	DELAYED(SE, "DeliveryDelay", "TransientCommunicationFailure", NETWORK),
	DELAYED(SE, "DeliveryDelay", "InternalFailure", MAILER_ERROR),
	DELAYED(SE, "DeliveryDelay", "BYOIPHostNameLookupUnavailable", MISSING_PTR),
	DELAYED(SE, "DeliveryDelay", "SendingDeferral", BAD_REPUTATION),
	DELAYED(SE, "DeliveryDelay", "*", UNKNOWN),
	SURE(SE, "Reject", "*", "*", PERMANENT, VIRUS),
	SURE(SE, "Rendering Failure", "*", "*", PERMANENT, CONTENT),
	COMPLAINT(SE, "Complaint", "auth-failure", AUTH_FAILURE),
	COMPLAINT(SE, "Complaint", "fraud", FRAUD),
	COMPLAINT(SE, "Complaint", "not-spam", NOT_SPAM),
	COMPLAINT(SE, "Complaint", "virus", VIRUS),
	COMPLAINT(SE, "Complaint", "other", OTHER),
	COMPLAINT(SE, "Complaint", "*", ABUSE),
	KIND(SE, "Subscription", "true", UNSUBSCRIBE, UNKNOWN),
	IGNORED(SE, "Subscription", "*"),

	DELIVERED(MG, "delivered"),
	IGNORED(MG, "accepted", "*"),
	IGNORED(MG, "stored", "*"),
	IGNORED(MG, "opened", "*"),
	IGNORED(MG, "clicked", "*"),
	SURE(MG, "failed", "permanent", "suppress-*", PERMANENT, PROVIDER_SUPPRESSED),
	FAILED(MG, "failed", "permanent", "espblock", PERMANENT, IP_BLOCKED),
	FAILED(MG, "failed", "permanent", "old", PERMANENT, EXPIRED),
	FAILED(MG, "failed", "permanent", "*", PERMANENT, UNKNOWN),
	DELAYED(MG, "failed", "temporary", UNKNOWN),
	FAILED(MG, "failed", "*", "*", NONE, UNKNOWN),
	FAILED(MG, "rejected", "*", "*", PERMANENT, UNCLEAR),
	COMPLAINT(MG, "complained", "*", ABUSE),
	KIND(MG, "unsubscribed", "*", UNSUBSCRIBE, UNKNOWN),
};
/* clang-format on */

const struct event_fields *event_fields(enum event_format format)
{
	return &fields[format];
}

const struct event_row *event_rows(size_t *count)
{
	*count = sizeof rows / sizeof *rows;
	return rows;
}

static bool fits(const char *word, struct view text)
{
	struct view want = view_of(word);

	if (want.len > 0 && want.p[want.len - 1] == '*')
		return view_starts_nocase(text, view_sub(want, 0, want.len - 1));
	return view_eq_nocase(text, want);
}

const struct event_row *event_row_find(
	enum event_format of, struct view type, struct view detail, struct view sub)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].of == of && fits(rows[i].type, type) && fits(rows[i].detail, detail) &&
			fits(rows[i].sub, sub))
			return &rows[i];
	return NULL;
}
