#include "send/reason.h"
#include "store/delivery.h"

/* The class (4 or 5) is left out: it tells permanence, not the reason. */
static const struct {
	unsigned short subject, detail;
	const char *reason;
} by_status[] = {
	{1, 0, "user-unknown"},
	{1, 1, "user-unknown"},
	{1, 2, "domain-unknown"},
	{1, 3, "recipient-refused"},
	{1, 6, "mailbox-moved"},
	{1, 7, "sender-rejected"},
	{1, 8, "sender-rejected"},
	{1, 10, "no-mail-here"},
	{2, 0, "recipient-refused"},
	{2, 1, "mailbox-disabled"},
	{2, 2, "mailbox-full"},
	{2, 3, "message-too-big"},
	{3, 1, "system-full"},
	{3, 2, "system-error"},
	{3, 4, "message-too-big"},
	{4, 1, "network"},
	{4, 2, "network"},
	{4, 4, "network"},
	{4, 7, "expired"},
	{5, 1, "protocol-error"},
	{5, 2, "protocol-error"},
	{5, 3, "rate-limited"},
	{6, 0, "content"},
	{7, 0, "policy"},
	{7, 1, "policy"},
	{7, 8, "security"},
	{7, 20, "auth-failure"},
	{7, 23, "auth-failure"},
	{7, 25, "missing-ptr"},
	{7, 26, "auth-failure"},
	{7, 27, "no-mail-here"},
};

static const struct {
	int code;
	const char *reason;
} by_code[] = {
	{421, "system-error"},
	{450, "recipient-refused"},
	{451, "system-error"},
	{452, "system-full"},
	{454, "tls-failed"},
	{521, "no-mail-here"},
	{550, "recipient-refused"},
	{551, "mailbox-moved"},
	{552, "mailbox-full"},
	{553, "recipient-refused"},
	{554, "policy"},
	{556, "no-mail-here"},
};

static bool says_relay_denied(struct view text)
{
	return view_find_nocase(text, VIEW("relay access denied")) >= 0 ||
	       view_find_nocase(text, VIEW("relaying denied")) >= 0 ||
	       view_find_nocase(text, VIEW("relay not permitted")) >= 0;
}

struct view send_reason(int code, struct smtp_status status, struct view text)
{
	if (says_relay_denied(text))
		return VIEW("relay-denied");
	for (size_t i = 0; status.klass != 0 && i < sizeof by_status / sizeof *by_status; i++)
		if (status.subject == by_status[i].subject && status.detail == by_status[i].detail)
			return view_of(by_status[i].reason);
	for (size_t i = 0; i < sizeof by_code / sizeof *by_code; i++)
		if (by_code[i].code == code)
			return view_of(by_code[i].reason);
	return VIEW("unclear");
}

bool send_reason_is_address(struct view reason)
{
	static const char *const address[] = {"user-unknown", "mailbox-moved", "domain-unknown",
		"no-mail-here", "mailbox-disabled", "recipient-refused", "mailbox-full",
		"unsendable"};

	for (size_t i = 0; i < sizeof address / sizeof *address; i++)
		if (view_is(reason, address[i]))
			return true;
	return false;
}

bool send_reason_is_slow(const struct store_result *r)
{
	static const char *const words[] = {"rate limit", "too many", "too much mail", "slow down",
		"throttl", "try again more slowly", "traffic", "busy"};
	static const char *const statuses[] = {"4.3.2", "4.4.5", "4.5.3", "4.7.28"};

	if (r->reply_code == 421 || view_is(r->reason, "rate-limited"))
		return true;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (view_is(r->status, statuses[i]))
			return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (view_find_nocase(r->text, view_of(words[i])) >= 0)
			return true;
	return false;
}
