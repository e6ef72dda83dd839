#include "bounce/reason.h"
#include "send/reason.h"
#include "store/delivery.h"

enum { SEND_STATUS_SIZE = 20 };

struct view send_reason(int code, struct smtp_status status, struct view command, struct view text)
{
	char number[SEND_STATUS_SIZE];
	struct bounce_clue clue = {.reply_code = code, .command = command, .text = text};
	struct bounce_finding found;

	if (status.klass != 0) {
		(void)snprintf(number, sizeof number, "%u.%u.%u", status.klass, status.subject,
			status.detail);
		clue.status = view_of(number);
	}
	bounce_reason_find(&clue, &found);
	if (found.reason == REASON_UNKNOWN)
		found.reason = REASON_UNCLEAR;
	return view_of(bounce_reason_name(found.reason));
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
