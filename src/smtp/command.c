#include "smtp/command.h"
#include <inttypes.h>
#include "base/fail.h"
#include "base/i18n.h"
#include "base/utf8.h"

static bool byte_is_plain(char c, bool utf8)
{
	unsigned char b = (unsigned char)c;

	return !ascii_is_control(c) && (b < 0x80 || utf8);
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

int smtp_command_xtext(struct str *out, struct view text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char b = (unsigned char)text.p[i];

		if (b > ' ' && b < 0x7f && b != '+' && b != '=')
			(void)str_addc(out, (char)b);
		else
			(void)str_addf(out, "+%02X", b);
	}
	return str_ok(out) ? 0 : -1;
}

static int mail_envid(struct str *out, struct view envid, struct fail *f)
{
	size_t from;

	(void)str_addz(out, " ENVID=");
	from = out->len;
	(void)smtp_command_xtext(out, envid);
	if (out->len - from > SMTP_ENVID_MAX)
		return fail_set(
			f, FAIL_DATA, _("an envelope id is longer than %d octets"), SMTP_ENVID_MAX);
	return 0;
}

int smtp_command_mail(
	struct str *out, struct view from, const struct smtp_mail_params *params, struct fail *f)
{
	size_t start = out->len;

	if (smtp_command_check_path(from, params->utf8, f) != 0)
		return -1;
	(void)str_addz(out, "MAIL FROM:<");
	(void)str_addv(out, from);
	(void)str_addc(out, '>');
	if (params->size_given)
		(void)str_addf(out, " SIZE=%" PRIu64, params->size);
	if (params->body_8bit)
		(void)str_addz(out, " BODY=8BITMIME");
	if (params->utf8)
		(void)str_addz(out, " SMTPUTF8");
	if (params->ret_headers)
		(void)str_addz(out, " RET=HDRS");
	if (params->envid.len > 0 && mail_envid(out, params->envid, f) != 0) {
		str_cut(out, start);
		return -1;
	}
	return command_end(out, start, f);
}

static void rcpt_notify(struct str *out, unsigned notify)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {
		{SMTP_NOTIFY_SUCCESS, "SUCCESS"},
		{SMTP_NOTIFY_FAILURE, "FAILURE"},
		{SMTP_NOTIFY_DELAY, "DELAY"},
	};
	const char *before = " NOTIFY=";

	if ((notify & SMTP_NOTIFY_NEVER) != 0) {
		(void)str_addz(out, " NOTIFY=NEVER");
		return;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((notify & words[i].flag) == 0)
			continue;
		(void)str_addz(out, before);
		(void)str_addz(out, words[i].word);
		before = ",";
	}
}

int smtp_command_rcpt(struct str *out, struct view to, unsigned notify, bool utf8, struct fail *f)
{
	size_t from = out->len;

	if (to.len == 0)
		return fail_set(f, FAIL_DATA, _("a recipient without an address"));
	if (smtp_command_check_path(to, utf8, f) != 0)
		return -1;
	(void)str_addz(out, "RCPT TO:<");
	(void)str_addv(out, to);
	(void)str_addc(out, '>');
	rcpt_notify(out, notify);
	return command_end(out, from, f);
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
