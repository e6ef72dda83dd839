#include "smtp/command.h"
#include <string.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

static bool byte_is_plain(char c, bool utf8)
{
	unsigned char b = (unsigned char)c;

	return !ascii_is_control(c) && (b < 0x80 || utf8);
}

#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Some byte of the word is b. Exact where no byte is above 127. */
static bool word_has(uint64_t word, unsigned char b)
{
	uint64_t x = word ^ EVERY_BYTE(b);

	return ((x - EVERY_BYTE(1)) & ~x & EVERY_BYTE(0x80)) != 0;
}

/* Nearly every address: printable ASCII and nothing that means something to SMTP.
 * False says only that a closer look is needed. */
static bool path_is_simple(struct view path)
{
	static const char special[] = " <>\\\"";
	uint64_t word;

	if (utf8_printable(path) < path.len)
		return false;
	for (size_t i = 0; i < path.len; i += sizeof word) {
		size_t n = path.len - i < sizeof word ? path.len - i : sizeof word;

		word = 0;
		memcpy(&word, path.p + i, n);
		for (size_t k = 0; k < sizeof special - 1; k++) {
			if (word_has(word, (unsigned char)special[k]))
				return false;
		}
	}
	return true;
}

/* Walks over the path outside quotes, where a space or a bracket would end it
 * and begin a parameter; inside quotes RFC 5321 allows both. */
static bool path_is_closed(struct view path)
{
	bool quoted = false;

	for (size_t i = 0; i < path.len; i++) {
		char c = path.p[i];

		if (quoted && c == '\\') {
			i++;
			if (i == path.len)
				return false;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == ' ' || c == '<' || c == '>' || c == '\\')) {
			return false;
		}
	}
	return !quoted;
}

int smtp_command_check_path(struct view path, bool utf8, struct fail *f)
{
	enum { BRACKETS = 2 };

	if (path.len + BRACKETS > SMTP_PATH_MAX)
		return fail_set(f, FAIL_DATA,
			_("an address of %zu octets is longer than SMTP allows (%d)"), path.len,
			SMTP_PATH_MAX - BRACKETS);
	if (path_is_simple(path))
		return 0;
	for (size_t i = 0; i < path.len; i++) {
		if (!byte_is_plain(path.p[i], utf8))
			return fail_set(f, FAIL_DATA,
				_("an address holds byte 0x%02x, which may not go into an SMTP "
				  "command"),
				(unsigned char)path.p[i]);
	}
	if (!path_is_closed(path))
		return fail_set(f, FAIL_DATA,
			_("an address holds a space, bracket or quote that would change the "
			  "SMTP command"));
	if (utf8 && !utf8_valid(path, NULL))
		return fail_set(f, FAIL_DATA, _("an address is not valid UTF-8"));
	return 0;
}

/* Ends the line that began at `from`, or takes it back. */
static int command_end(struct str *out, size_t from, struct fail *f)
{
	(void)str_addz(out, "\r\n");
	if (str_ok(out) && out->len - from <= SMTP_COMMAND_MAX)
		return 0;
	str_cut(out, from);
	return fail_set(f, FAIL_DATA, _("an SMTP command would be longer than %d octets"),
		SMTP_COMMAND_MAX);
}

static bool host_is_plain(struct view host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.p[i];

		if (!ascii_is_alnum(c) && c != '-' && c != '.' && c != ':' && c != '[' &&
			c != ']' && c != '_')
			return false;
	}
	return host.len > 0 && host.len <= SMTP_HOST_MAX;
}

int smtp_command_hello(struct str *out, struct view verb, struct view host, struct fail *f)
{
	size_t from = out->len;

	if (!host_is_plain(host))
		return fail_set(f, FAIL_CONF,
			_("the name for EHLO must be a host name or an address in square "
			  "brackets"));
	(void)str_addv(out, verb);
	(void)str_addc(out, ' ');
	(void)str_addv(out, host);
	return command_end(out, from, f);
}

static bool byte_is_xchar(char c)
{
	return c > ' ' && c < 0x7f && c != '+' && c != '=';
}

int smtp_command_check_envid(struct view envid, struct fail *f)
{
	enum { ESCAPED = 3 };
	size_t octets = 0;

	for (size_t i = 0; i < envid.len; i++)
		octets += byte_is_xchar(envid.p[i]) ? 1 : ESCAPED;
	if (octets <= SMTP_ENVID_MAX)
		return 0;
	return fail_set(f, FAIL_DATA, _("an envelope id is longer than %d octets"), SMTP_ENVID_MAX);
}

/* The longest MAIL there can be: " SIZE=" with 20 digits, all other parameters. */
_Static_assert(SMTP_PATH_MAX + SMTP_ENVID_MAX +
			       sizeof "MAIL FROM: SIZE=18446744073709551615 BODY=8BITMIME SMTPUTF8"
				      " RET=HDRS ENVID=\r\n" <=
		       SMTP_COMMAND_MAX,
	"a MAIL of checked parts fits");
_Static_assert(
	SMTP_PATH_MAX + sizeof "RCPT TO: NOTIFY=SUCCESS,FAILURE,DELAY\r\n" <= SMTP_COMMAND_MAX,
	"a RCPT of checked parts fits");

static char *put(char *at, const char *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}
#define PUT(at, literal) put(at, "" literal, sizeof(literal) - 1)

static char *put_number(char *at, uint64_t n)
{
	enum { DIGITS = 20 };
	char digits[DIGITS];
	size_t from = DIGITS;

	do {
		digits[--from] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	return put(at, digits + from, DIGITS - from);
}

static char *put_path(char *at, struct view path)
{
	at = PUT(at, "<");
	if (path.len > 0)
		at = put(at, path.p, path.len);
	return PUT(at, ">");
}

static char *put_hex(char *at, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char b = (unsigned char)c;

	*at++ = hex[b / 16];
	*at++ = hex[b % 16];
	return at;
}

/* RFC 3461 section 4: printable ASCII but "+" and "=", the rest as "+XX". */
static char *put_xtext(char *at, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (byte_is_xchar(text.p[i]))
			*at++ = text.p[i];
		else
			at = put_hex(PUT(at, "+"), text.p[i]);
	}
	return at;
}

size_t smtp_command_put_mail(char *out, struct view from, const struct smtp_mail_params *params)
{
	char *at = put_path(PUT(out, "MAIL FROM:"), from);

	if (params->size_given)
		at = put_number(PUT(at, " SIZE="), params->size);
	if (params->body_8bit)
		at = PUT(at, " BODY=8BITMIME");
	if (params->utf8)
		at = PUT(at, " SMTPUTF8");
	if (params->ret_given)
		at = params->ret == SMTP_RET_FULL ? PUT(at, " RET=FULL") : PUT(at, " RET=HDRS");
	if (params->envid.len > 0)
		at = put_xtext(PUT(at, " ENVID="), params->envid);
	return (size_t)(PUT(at, "\r\n") - out);
}

static char *put_notify(char *at, unsigned notify)
{
	static const struct {
		unsigned flag;
		struct view word;
	} words[] = {
		{SMTP_NOTIFY_SUCCESS, {"SUCCESS", 7}},
		{SMTP_NOTIFY_FAILURE, {"FAILURE", 7}},
		{SMTP_NOTIFY_DELAY, {"DELAY", 5}},
	};
	bool first = true;

	if ((notify & SMTP_NOTIFY_NEVER) != 0)
		return PUT(at, " NOTIFY=NEVER");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((notify & words[i].flag) == 0)
			continue;
		at = first ? PUT(at, " NOTIFY=") : PUT(at, ",");
		at = put(at, words[i].word.p, words[i].word.len);
		first = false;
	}
	return at;
}

/* RFC 6533 section 3, utf-8-addr-unitext: what is beyond ASCII stands for itself. */
static bool byte_is_quchar(char c)
{
	return (byte_is_xchar(c) && c != '\\') || (unsigned char)c >= 0x80;
}

/* How many octets the original recipient takes, its type included. */
static size_t orcpt_octets(struct view to, bool ascii)
{
	enum { XTEXT = 3, UNITEXT = 6 }; /* "+2B", "\x{2B}" */
	size_t octets = ascii ? sizeof " ORCPT=rfc822;" - 1 : sizeof " ORCPT=utf-8;" - 1;

	for (size_t i = 0; i < to.len; i++) {
		if (ascii)
			octets += byte_is_xchar(to.p[i]) ? 1 : XTEXT;
		else
			octets += byte_is_quchar(to.p[i]) ? 1 : UNITEXT;
	}
	return octets;
}

static char *put_unitext(char *at, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (byte_is_quchar(text.p[i]))
			*at++ = text.p[i];
		else
			at = PUT(put_hex(PUT(at, "\\x{"), text.p[i]), "}");
	}
	return at;
}

static char *put_orcpt(char *at, struct view to, size_t left)
{
	bool ascii = utf8_ascii(to) == to.len;

	if (orcpt_octets(to, ascii) > left)
		return at;
	return ascii ? put_xtext(PUT(at, " ORCPT=rfc822;"), to)
		     : put_unitext(PUT(at, " ORCPT=utf-8;"), to);
}

size_t smtp_command_put_rcpt(char *out, struct view to, const struct smtp_rcpt_params *params)
{
	enum { END = 2 };
	char *at = put_path(PUT(out, "RCPT TO:"), to);

	if (params->notify != 0)
		at = put_notify(at, params->notify);
	if (params->orcpt)
		at = put_orcpt(at, to, SMTP_COMMAND_MAX - END - (size_t)(at - out));
	return (size_t)(PUT(at, "\r\n") - out);
}

size_t smtp_command_put_bdat(char *out, uint64_t octets)
{
	char *at = put_number(PUT(out, "BDAT "), octets);

	return (size_t)(PUT(at, " LAST\r\n") - out);
}

int smtp_command_word(struct str *out, struct view verb, struct fail *f)
{
	size_t from = out->len;

	for (size_t i = 0; i < verb.len; i++) {
		if (!ascii_is_alpha(verb.p[i]))
			return fail_set(
				f, FAIL_BUG, _("an SMTP command word holds more than letters"));
	}
	(void)str_addv(out, verb);
	return command_end(out, from, f);
}
