#include "bounce/tables_private.h"

const struct bounce_table *const bounce_tables[TABLES] = {
	[TABLE_RECEIVERS] = &bounce_receivers,
	[TABLE_SENDER] = &bounce_phrases_sender,
	[TABLE_MAILBOX] = &bounce_phrases_mailbox,
	[TABLE_MESSAGE] = &bounce_phrases_message,
	[TABLE_ADDRESS] = &bounce_phrases_address,
	[TABLE_SYSTEM] = &bounce_phrases_system,
	[TABLE_COMMANDS] = &bounce_commands,
	[TABLE_WRITERS] = &bounce_writers,
	[TABLE_ENDS] = &bounce_ends,
	[TABLE_DELAYS] = &bounce_delays,
	[TABLE_KINDS] = &bounce_kinds,
	[TABLE_SUBJECTS] = &bounce_subjects,
	[TABLE_LEADS] = &bounce_leads,
};

/* RFC 3463, RFC 5248, RFC 7372, RFC 7504, RFC 7505 and what large systems add. The class is
 * left out: it tells permanence, not the reason. */
static const struct {
	unsigned short subject, detail;
	enum bounce_reason reason;
	const char *rule;
} by_status[] = {
	{1, 0, REASON_USER_UNKNOWN, "status.1.0"},
	{1, 1, REASON_USER_UNKNOWN, "status.1.1"},
	{1, 2, REASON_DOMAIN_UNKNOWN, "status.1.2"},
	{1, 3, REASON_USER_UNKNOWN, "status.1.3"},
	{1, 4, REASON_RECIPIENT_REFUSED, "status.1.4"},
	{1, 6, REASON_MAILBOX_MOVED, "status.1.6"},
	{1, 7, REASON_SENDER_REJECTED, "status.1.7"},
	{1, 8, REASON_SENDER_REJECTED, "status.1.8"},
	{1, 9, REASON_SYSTEM_ERROR, "status.1.9"},
	{1, 10, REASON_NO_MAIL_HERE, "status.1.10"},
	{1, 351, REASON_RECIPIENT_REFUSED, "status.1.351"},
	{2, 0, REASON_RECIPIENT_REFUSED, "status.2.0"},
	{2, 1, REASON_MAILBOX_DISABLED, "status.2.1"},
	{2, 2, REASON_MAILBOX_FULL, "status.2.2"},
	{2, 3, REASON_MESSAGE_TOO_BIG, "status.2.3"},
	{2, 4, REASON_RECIPIENT_REFUSED, "status.2.4"},
	{3, 0, REASON_SYSTEM_ERROR, "status.3.0"},
	{3, 1, REASON_SYSTEM_FULL, "status.3.1"},
	{3, 2, REASON_SYSTEM_ERROR, "status.3.2"},
	{3, 3, REASON_SYSTEM_ERROR, "status.3.3"},
	{3, 4, REASON_MESSAGE_TOO_BIG, "status.3.4"},
	{3, 5, REASON_SYSTEM_ERROR, "status.3.5"},
	{4, 1, REASON_NETWORK, "status.4.1"},
	{4, 2, REASON_NETWORK, "status.4.2"},
	{4, 3, REASON_SYSTEM_ERROR, "status.4.3"},
	{4, 4, REASON_NETWORK, "status.4.4"},
	{4, 5, REASON_RATE_LIMITED, "status.4.5"},
	{4, 6, REASON_NETWORK, "status.4.6"},
	{4, 7, REASON_EXPIRED, "status.4.7"},
	{4, 14, REASON_NETWORK, "status.4.14"},
	{4, 300, REASON_EXPIRED, "status.4.300"},
	{4, 312, REASON_NETWORK, "status.4.312"},
	{4, 316, REASON_EXPIRED, "status.4.316"},
	{5, 1, REASON_PROTOCOL_ERROR, "status.5.1"},
	{5, 2, REASON_PROTOCOL_ERROR, "status.5.2"},
	{5, 3, REASON_RATE_LIMITED, "status.5.3"},
	{5, 4, REASON_PROTOCOL_ERROR, "status.5.4"},
	{6, 0, REASON_CONTENT, "status.6.0"},
	{6, 1, REASON_CONTENT, "status.6.1"},
	{6, 2, REASON_CONTENT, "status.6.2"},
	{6, 3, REASON_CONTENT, "status.6.3"},
	{6, 5, REASON_CONTENT, "status.6.5"},
	{6, 6, REASON_CONTENT, "status.6.6"},
	{6, 7, REASON_NOT_RFC, "status.6.7"},
	{6, 9, REASON_CONTENT, "status.6.9"},
	{7, 0, REASON_POLICY, "status.7.0"},
	{7, 1, REASON_POLICY, "status.7.1"},
	{7, 2, REASON_SENDER_REJECTED, "status.7.2"},
	{7, 3, REASON_SECURITY, "status.7.3"},
	{7, 4, REASON_SECURITY, "status.7.4"},
	{7, 5, REASON_SECURITY, "status.7.5"},
	{7, 6, REASON_SECURITY, "status.7.6"},
	{7, 7, REASON_SECURITY, "status.7.7"},
	{7, 8, REASON_SECURITY, "status.7.8"},
	{7, 9, REASON_POLICY, "status.7.9"},
	{7, 10, REASON_TLS_FAILED, "status.7.10"},
	{7, 11, REASON_SECURITY, "status.7.11"},
	{7, 13, REASON_MAILBOX_DISABLED, "status.7.13"},
	{7, 17, REASON_RECIPIENT_REFUSED, "status.7.17"},
	{7, 18, REASON_RECIPIENT_REFUSED, "status.7.18"},
	{7, 20, REASON_AUTH_FAILURE, "status.7.20"},
	{7, 21, REASON_AUTH_FAILURE, "status.7.21"},
	{7, 22, REASON_AUTH_FAILURE, "status.7.22"},
	{7, 23, REASON_AUTH_FAILURE, "status.7.23"},
	{7, 24, REASON_AUTH_FAILURE, "status.7.24"},
	{7, 25, REASON_MISSING_PTR, "status.7.25"},
	{7, 26, REASON_AUTH_FAILURE, "status.7.26"},
	{7, 27, REASON_NO_MAIL_HERE, "status.7.27"},
	{7, 28, REASON_RATE_LIMITED, "status.7.28"},
	{7, 29, REASON_AUTH_FAILURE, "status.7.29"},
	{7, 30, REASON_TLS_FAILED, "status.7.30"},
	{7, 509, REASON_AUTH_FAILURE, "status.7.509"},
	{7, 515, REASON_AUTH_FAILURE, "status.7.515"},
};

static const struct {
	int code;
	enum bounce_reason reason;
	const char *rule;
} by_code[] = {
	{421, REASON_SYSTEM_ERROR, "code.421"},
	{450, REASON_RECIPIENT_REFUSED, "code.450"},
	{451, REASON_SYSTEM_ERROR, "code.451"},
	{452, REASON_SYSTEM_FULL, "code.452"},
	{454, REASON_TLS_FAILED, "code.454"},
	{455, REASON_PROTOCOL_ERROR, "code.455"},
	{500, REASON_PROTOCOL_ERROR, "code.500"},
	{501, REASON_PROTOCOL_ERROR, "code.501"},
	{502, REASON_PROTOCOL_ERROR, "code.502"},
	{503, REASON_PROTOCOL_ERROR, "code.503"},
	{504, REASON_PROTOCOL_ERROR, "code.504"},
	{521, REASON_NO_MAIL_HERE, "code.521"},
	{523, REASON_MESSAGE_TOO_BIG, "code.523"},
	{525, REASON_MAILBOX_DISABLED, "code.525"},
	{530, REASON_SECURITY, "code.530"},
	{534, REASON_SECURITY, "code.534"},
	{535, REASON_SECURITY, "code.535"},
	{550, REASON_RECIPIENT_REFUSED, "code.550"},
	{551, REASON_MAILBOX_MOVED, "code.551"},
	{552, REASON_MAILBOX_FULL, "code.552"},
	{553, REASON_RECIPIENT_REFUSED, "code.553"},
	{554, REASON_POLICY, "code.554"},
	{556, REASON_NO_MAIL_HERE, "code.556"},
};

enum bounce_reason bounce_reason_of_status(struct bounce_status s, const char **rule)
{
	for (size_t i = 0; s.klass != 0 && i < sizeof by_status / sizeof *by_status; i++)
		if (s.subject == by_status[i].subject && s.detail == by_status[i].detail) {
			*rule = by_status[i].rule;
			return by_status[i].reason;
		}
	return REASON_UNKNOWN;
}

enum bounce_reason bounce_reason_of_code(int code, const char **rule)
{
	for (size_t i = 0; i < sizeof by_code / sizeof *by_code; i++)
		if (by_code[i].code == code) {
			*rule = by_code[i].rule;
			return by_code[i].reason;
		}
	return REASON_UNKNOWN;
}
