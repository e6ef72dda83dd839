#include "cmd/alarm.h"
#include "base/i18n.h"
#include "base/utf8.h"

/* `detail` "" stands for all that have no row of their own. */
static const struct {
	const char *cause, *detail, *what, *advice;
} words[] = {
	{"hard-bounces", "", N_("addresses do not exist"),
		N_("The list is old, or was not made from people who signed up. Providers refuse "
		   "all mail of a sender who writes to many such addresses: clean the list before "
		   "the next campaign.")},
	{"complaints", "", N_("members reported the message as spam"),
		N_("Did they ask for it? Say at the top of the message why they get it, and how to "
		   "leave. Above 3 in 1,000 large providers refuse everything.")},
	{"blocked", "", N_("messages were refused as spam, by policy or for the sender"),
		N_("The members are not at fault, and none was suppressed for it. The report tells "
		   "what the servers said; correct that before going on.")},
	{"ip-blocked", "", N_("messages were refused because of a block list"),
		N_("It is the address of the relay that is listed. Ask its operator to have it "
		   "taken off, or use another relay meanwhile.")},
	{"bad-reputation", "", N_("messages were refused for the sender's reputation"),
		N_("Send less at a time for some days, to those who read it, and use a relay whose "
		   "address is in good standing.")},
	{"missing-ptr", "", N_("messages were refused for the relay's address has no name"),
		N_("The operator of the relay has to give its IP address a name in the DNS (PTR), "
		   "and that name the same address.")},
	{"sender-rejected", "", N_("messages were refused for their sender"),
		N_("Does identity.from exist, and does its domain take mail? Some servers ask.")},
	{"auth-failure", "SPF", N_("messages failed a check of their sender"),
		N_("The SPF record of the domain in identity.bounce_address has to name the "
		   "relay.")},
	{"auth-failure", "DKIM", N_("messages failed a check of their sender"),
		N_("The DKIM signature is missing or does not hold: is the key published, and does "
		   "nothing change the message on its way?")},
	{"auth-failure", "DMARC", N_("messages failed a check of their sender"),
		N_("The domain of identity.from has a DMARC policy: SPF or DKIM must pass for that "
		   "very domain. With a free mailbox as the sender it never can.")},
	{"auth-failure", "", N_("messages failed a check of their sender"),
		N_("Set up SPF, DKIM and DMARC for the domain of identity.from; the provider of "
		   "the relay tells what to put into the DNS.")},
	{"relay-denied", "", N_("messages were not relayed"),
		N_("The relay wants a login, or does not send for this address.")},
	{"security", "", N_("messages were refused for reasons of security"),
		N_("The report tells what the servers said.")},
	{"tls-failed", "", N_("messages failed for want of encryption"),
		N_("The relay could not set up TLS with those servers; ask its operator.")},
};

enum { ALARM_INDENT = 4, ALARM_WIDTH = 80, ALARM_LINE_MAX = 2000 };

/* The words of a text, in as many lines as they need. */
static void say_wrapped(void (*say)(const char *fmt, ...), const char *text)
{
	struct view rest = view_of(text), word;
	size_t column = ALARM_INDENT;
	struct str line;

	str_init(&line, ALARM_LINE_MAX);
	while (view_split(&rest, ' ', &word)) {
		size_t width = utf8_width(word);

		if (line.len > 0 && column + width > ALARM_WIDTH) {
			say("%*s%s", ALARM_INDENT, "", line.p);
			str_clear(&line);
			column = ALARM_INDENT;
		}
		if (line.len > 0)
			(void)str_addc(&line, ' ');
		(void)str_addv(&line, word);
		column += width + 1;
	}
	say("%*s%s", ALARM_INDENT, "", line.p);
	str_free(&line);
}

void alarm_print(const struct store_alarm *alarm, void (*say)(const char *fmt, ...))
{
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (view_is(alarm->cause, words[i].cause) &&
			(words[i].detail[0] == '\0' || view_is(alarm->detail, words[i].detail)))
			break;
	if (i == sizeof words / sizeof *words)
		return;
	if (alarm->detail.len > 0)
		say(_("Attention: %s (%.*s): %lld of %lld."), _(words[i].what),
			VIEW_ARG(alarm->detail), (long long)alarm->n, (long long)alarm->total);
	else
		say(_("Attention: %s: %lld of %lld."), _(words[i].what), (long long)alarm->n,
			(long long)alarm->total);
	say_wrapped(say, _(words[i].advice));
	if (alarm->paused)
		say_wrapped(say,
			_("The campaign was paused for it; \"facteur campaign resume\" goes on."));
}
