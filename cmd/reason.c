#include "cmd/reason.h"
#include "base/i18n.h"

static const struct {
	const char *code, *words;
} reasons[] = {
	{"auth-failure", N_("its check of the sender failed")},
	{"bad-reputation", N_("the sender has a bad reputation")},
	{"complaint", N_("the member reported it as spam")},
	{"content", N_("the contents were refused")},
	{"domain-unknown", N_("the domain does not exist")},
	{"expired", N_("the time for trying is over")},
	{"ip-blocked", N_("the relay's address is on a block list")},
	{"interrupted", N_("cut off before the answer came")},
	{"mailbox-disabled", N_("the mailbox is closed")},
	{"mailbox-full", N_("the mailbox is full")},
	{"mailbox-moved", N_("the mailbox has moved")},
	{"mail", N_("the member asked to leave")},
	{"mailer-error", N_("a program at the other end failed")},
	{"message-too-big", N_("the message is too large")},
	{"missing-ptr", N_("the relay's address has no name")},
	{"network", N_("the network failed")},
	{"no-mail-here", N_("the domain takes no mail")},
	{"not-rfc", N_("its form was refused")},
	{"only-domains", N_("outside of safety.only_domains")},
	{"policy", N_("against the rules of the server")},
	{"protocol-error", N_("the servers did not understand each other")},
	{"provider-suppressed", N_("the relay keeps the address off by itself")},
	{"rate-limited", N_("too many messages at once")},
	{"recipient-refused", N_("this recipient is refused")},
	{"relay-denied", N_("the relay does not send for us")},
	{"security", N_("refused for reasons of security")},
	{"sender-rejected", N_("our address is refused")},
	{"spam", N_("it was taken for spam")},
	{"suppressed", N_("never mailed (facteur suppress list)")},
	{"system-error", N_("the server has a problem")},
	{"system-full", N_("the server is full")},
	{"template", N_("the template could not be filled in")},
	{"tls-failed", N_("the encryption failed")},
	{"uncertain", N_("the answer never came")},
	{"unclear", N_("no reason that is known")},
	{"unknown", N_("it gives no reason")},
	{"unsendable", N_("this relay cannot take the address")},
	{"user-unknown", N_("the address does not exist")},
	{"virus", N_("it was taken for a virus")},
};

struct view reason_words(struct view code)
{
	if (code.len == 0)
		return VIEW("-");
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (view_is(code, reasons[i].code))
			return view_of(_(reasons[i].words));
	return code;
}
