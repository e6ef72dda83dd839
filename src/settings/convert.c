#include <arpa/inet.h>
#include "base/hours.h"
#include "base/i18n.h"
#include "base/time.h"
#include "settings/settings_private.h"

struct unit {
	const char *name;
	uint64_t worth;
};
static const struct unit size_units[] = {{"", 1}, {"b", 1}, {"k", 1 << 10}, {"kb", 1 << 10},
	{"kib", 1 << 10}, {"m", 1 << 20}, {"mb", 1 << 20}, {"mib", 1 << 20}, {"g", 1 << 30},
	{"gb", 1 << 30}, {"gib", 1 << 30}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1}, {"s", TIME_SECOND}, {"m", TIME_MINUTE},
	{"min", TIME_MINUTE}, {"h", TIME_HOUR}, {NULL, 0}};
static const struct unit period_units[] = {{"s", TIME_SECOND}, {"m", TIME_MINUTE},
	{"min", TIME_MINUTE}, {"h", TIME_HOUR}, {"d", TIME_DAY}, {"day", TIME_DAY}, {NULL, 0}};
static const struct unit rate_units[] = {{"s", TIME_SECOND}, {"sec", TIME_SECOND},
	{"second", TIME_SECOND}, {"m", TIME_MINUTE}, {"min", TIME_MINUTE}, {"minute", TIME_MINUTE},
	{"h", TIME_HOUR}, {"hour", TIME_HOUR}, {"d", TIME_DAY}, {"day", TIME_DAY}, {NULL, 0}};

#define FIELD_MAX	200 /* of "X-Name: value" */
#define FIELD_NAME_MAX	60
#define PERCENT_DIGITS	3 /* of a percentage, behind the point */
#define RATE_COUNT_MAX	1000000000
#define RATE_WINDOW_MAX (31 * (uint64_t)TIME_DAY)

static bool unit_find(const struct unit *units, struct view name, uint64_t *worth)
{
	for (; units->name != NULL; units++) {
		if (view_eq_nocase(name, view_of(units->name))) {
			*worth = units->worth;
			return true;
		}
	}
	return false;
}

static bool amount(struct view text, const struct unit *units, uint64_t max, uint64_t *out)
{
	uint64_t worth, n;
	size_t digits = 0;

	while (digits < text.len && ascii_is_digit(text.p[digits]))
		digits++;
	if (!unit_find(units, view_trim(view_from(text, digits)), &worth) ||
		!view_u64(view_sub(text, 0, digits), max / worth, &n))
		return false;
	*out = n * worth;
	return true;
}

/* "s", "30s", "5 min". */
static bool window(struct view text, uint64_t *out)
{
	if (text.len > 0 && ascii_is_digit(text.p[0]))
		return amount(text, rate_units, RATE_WINDOW_MAX, out) && *out > 0;
	return unit_find(rate_units, text, out);
}

static bool rate(struct view text, struct settings_item *item)
{
	ptrdiff_t slash = view_chr(text, '/');

	return slash > 0 && window(view_trim(view_from(text, (size_t)slash + 1)), &item->per) &&
	       view_u64(view_trim(view_sub(text, 0, (size_t)slash)), RATE_COUNT_MAX,
		       &item->number) &&
	       item->number > 0;
}

static bool boolean(struct view text, uint64_t *out)
{
	static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};
	enum { WORDS = sizeof words / sizeof *words };

	for (size_t i = 0; i < WORDS; i++) {
		if (view_eq_nocase(text, view_of(words[i]))) {
			*out = i >= WORDS / 2;
			return true;
		}
	}
	return false;
}

static bool choice(const char *const *names, struct view text, uint64_t *out)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		if (view_eq_nocase(text, view_of(names[i]))) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* careful, normal or window N. */
static bool pipeline(const struct settings_row *row, struct view text, uint64_t *out)
{
	static const uint64_t worth[] = {SETTINGS_PIPELINE_NORMAL, SETTINGS_PIPELINE_CAREFUL};
	enum { WORDS = sizeof worth / sizeof *worth };
	struct view rest = text, word;
	uint64_t n;

	(void)view_split(&rest, ' ', &word);
	if (!choice(row->names, word, &n))
		return false;
	if (n < WORDS) {
		*out = worth[n];
		return word.len == text.len;
	}
	return view_u64(view_trim(rest), row->max, out) && *out >= row->min;
}

/* "mailjet", "mailjet 3", "mailjet reserve". */
static bool share(const struct settings_row *row, struct view text, struct settings_item *item)
{
	struct view rest = text, name;

	(void)view_split(&rest, ' ', &name);
	item->per = name.len;
	rest = view_trim(rest);
	if (!settings_name_ok(name))
		return false;
	item->number = rest.len == 0;
	return rest.len == 0 || view_eq_nocase(rest, VIEW("reserve")) ||
	       (view_u64(rest, row->max, &item->number) && item->number >= row->min);
}

/* Letters, digits, - _ and whatever is beyond ASCII (the domain's owner may
 * write it in his own letters), in parts between single dots. */
static bool domain(struct view text)
{
	char before = '.';

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '.' ? before == '.'
			     : !ascii_is_alnum(c) && c != '-' && c != '_' && (c & 0x80) == 0)
			return false;
		before = c;
	}
	return text.len > 0 && text.len <= 255;
}

static bool host(struct view text)
{
	size_t colons = 0;

	if (domain(text))
		return true;
	if (view_starts(text, VIEW("[")) && view_ends(text, VIEW("]")))
		text = view_sub(text, 1, text.len - 2);
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == ':')
			colons++;
		else if (ascii_hex(text.p[i]) < 0 && text.p[i] != '.')
			return false;
	}
	return colons >= 2; /* one colon is a host with its port */
}

static bool ip(struct view text)
{
	unsigned char addr[sizeof(struct in6_addr)];
	char name[INET6_ADDRSTRLEN];

	if (text.len >= sizeof name)
		return false;
	(void)snprintf(name, sizeof name, "%.*s", VIEW_ARG(text));
	return inet_pton(AF_INET, name, addr) == 1 || inet_pton(AF_INET6, name, addr) == 1;
}

/* Where user name and password end: the "@" before the host, or -1. */
static ptrdiff_t proxy_login_end(struct view text)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.p[i - 1] == '@')
			return (ptrdiff_t)i - 1;
	return -1;
}

/* "host:port", an IPv6 address in brackets. */
static bool host_and_port(struct view text)
{
	size_t colon = text.len;
	uint64_t port;

	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || !view_u64(view_from(text, colon), 65535, &port) || port == 0)
		return false;
	text = view_sub(text, 0, colon - 1);
	return domain(text) || (view_starts(text, VIEW("[")) && host(text));
}

/* No path and nothing that libcurl would take for the end of the host. */
static bool proxy(struct view text)
{
	static const char *const schemes[] = {"socks5h://", "socks5://", "http://"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		struct view rest = view_from(text, strlen(schemes[i])), login;
		ptrdiff_t at = proxy_login_end(rest);

		if (!view_starts(text, view_of(schemes[i])))
			continue;
		login = view_sub(rest, 0, at < 0 ? 0 : (size_t)at);
		return view_chr(login, '/') < 0 && view_chr(login, '@') < 0 &&
		       view_chr(login, '?') < 0 && view_chr(login, '#') < 0 &&
		       view_chr(login, ' ') < 0 && host_and_port(view_from(rest, (size_t)(at + 1)));
	}
	return false;
}

/* Nothing but letters, digits and what separates them: no login, no query, no fragment. */
static bool url(struct view text)
{
	bool clear = view_starts(text, VIEW("http://"));
	struct view rest = view_from(text, strlen(clear ? "http://" : "https://")), name;
	ptrdiff_t slash = view_chr(rest, '/');
	size_t colon;

	if ((!clear && !view_starts(text, VIEW("https://"))) || view_ends(text, VIEW("/")))
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if (!ascii_is_alnum(rest.p[i]) && view_chr(VIEW("-._~/:[]"), rest.p[i]) < 0)
			return false;
	name = view_sub(rest, 0, slash < 0 ? rest.len : (size_t)slash);
	for (colon = name.len; colon > 0 && ascii_is_digit(name.p[colon - 1]);)
		colon--;
	if (colon < name.len && colon > 0 && name.p[colon - 1] == ':') {
		if (!host_and_port(name))
			return false;
		name.len = colon - 1;
	} else if (!domain(name) && !(view_starts(name, VIEW("[")) && host(name))) {
		return false;
	}
	return !clear || settings_is_loopback(name);
}

/* Nothing that a message has of its own, and nothing that could begin another field. */
static bool field(struct view text)
{
	ptrdiff_t colon = view_find(text, VIEW(": "));
	struct view value = view_from(text, (size_t)(colon + 2)), name, rest;
	ptrdiff_t at = view_find(value, VIEW(SETTINGS_TOKEN_HERE));

	if (colon < 0 || at < 0 || text.len > FIELD_MAX || !view_starts_nocase(text, VIEW("X-")))
		return false;
	name = view_sub(text, 0, (size_t)colon);
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.p[i]) && name.p[i] != '-')
			return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < ' ' || value.p[i] > '~')
			return false;
	rest = view_from(value, (size_t)at + strlen(SETTINGS_TOKEN_HERE));
	return name.len > strlen("X-") && name.len <= FIELD_NAME_MAX && value.p[0] != ' ' &&
	       !view_ends(value, VIEW(" ")) && view_find(value, VIEW("  ")) < 0 &&
	       view_find(rest, VIEW(SETTINGS_TOKEN_HERE)) < 0;
}

bool settings_is_secret(const struct settings_row *row, struct view text)
{
	return row->secret || (row->type == SETTINGS_PROXY && view_chr(text, '@') >= 0);
}

void settings_mask(const struct settings_row *row, struct view text, struct str *out)
{
	ptrdiff_t scheme = view_find(text, VIEW("://")), at = proxy_login_end(text);
	bool rest = row->type == SETTINGS_PROXY && scheme >= 0 && at > scheme;

	if (rest)
		(void)str_addv(out, view_sub(text, 0, (size_t)scheme + 3));
	(void)str_addz(out, SETTINGS_MASK);
	if (rest)
		(void)str_addv(out, view_from(text, (size_t)at));
}

static bool address(struct view text)
{
	ptrdiff_t at = view_chr(text, '@');

	return at > 0 && (size_t)at + 1 < text.len;
}

bool settings_convert(const struct settings_row *row, struct view text, struct settings_item *item)
{
	struct settings_action action;
	struct hours_rule hours;

	switch (row->type) {
	case SETTINGS_NAME:
		return settings_name_ok(text);
	case SETTINGS_ADDRESS:
		return address(text);
	case SETTINGS_DOMAIN:
	case SETTINGS_DOMAINS:
		return domain(text);
	case SETTINGS_HOST:
		return host(text);
	case SETTINGS_IP:
		return ip(text);
	case SETTINGS_PROXY:
		return proxy(text);
	case SETTINGS_URL:
		return url(text);
	case SETTINGS_FIELD:
		return field(text);
	case SETTINGS_BOOL:
		return boolean(text, &item->number);
	case SETTINGS_COUNT:
		return view_u64(text, row->max, &item->number) && item->number >= row->min;
	case SETTINGS_SIZE:
		return amount(text, size_units, row->max, &item->number) &&
		       item->number >= row->min;
	case SETTINGS_DURATION:
		return amount(text, duration_units, row->max, &item->number) &&
		       item->number >= row->min;
	case SETTINGS_PERIOD:
		return amount(text, period_units, row->max, &item->number) &&
		       item->number >= row->min;
	case SETTINGS_HOURS:
		return hours_rule_parse(text, &hours);
	case SETTINGS_CHOICE:
		return choice(row->names, text, &item->number);
	case SETTINGS_PIPELINE:
		return pipeline(row, text, &item->number);
	case SETTINGS_RATE:
	case SETTINGS_WINDOW:
		return rate(text, item);
	case SETTINGS_SHARES:
		return share(row, text, item);
	case SETTINGS_PERCENT:
		return view_ends(text, VIEW("%")) &&
		       settings_decimal(view_trim(view_sub(text, 0, text.len - 1)), PERCENT_DIGITS,
			       row->max, &item->number);
	case SETTINGS_ACTION:
		return settings_action_parse(text, &action);
	case SETTINGS_TEXT:
	case SETTINGS_PATH:
	case SETTINGS_COMMAND:
		return true;
	}
	return false;
}

static void wants_choice(const struct settings_row *row, struct str *out)
{
	(void)str_addz(out, _("one of"));
	for (size_t i = 0; row->names[i] != NULL; i++)
		(void)str_addf(out, "%s %s", i > 0 ? "," : "", row->names[i]);
}

void settings_convert_wants(const struct settings_row *row, struct str *out)
{
	static const char *const words[] = {
		[SETTINGS_TEXT] = N_("a text"),
		[SETTINGS_NAME] = N_("a name of letters, digits, - and _"),
		[SETTINGS_ADDRESS] = N_("a mail address"),
		[SETTINGS_DOMAIN] = N_("a domain name"),
		[SETTINGS_HOST] = N_("the name or IP address of a server, the port apart"),
		[SETTINGS_IP] = N_("an IP address"),
		[SETTINGS_PROXY] =
			N_("socks5h://, socks5:// or http:// with host:port, and no more"),
		[SETTINGS_URL] = N_("https:// with a host and a path (http:// for this machine)"),
		[SETTINGS_FIELD] = N_("X-, a name, a colon, a blank and a value with one {token}"),
		[SETTINGS_PATH] = N_("a path"),
		[SETTINGS_BOOL] = N_("true or false"),
		[SETTINGS_SIZE] = N_("a size of at most 10G, in bytes or with K, M or G"),
		[SETTINGS_DURATION] = N_("a time of at most 1h with its unit: ms, s, m or h"),
		[SETTINGS_PERIOD] = N_("a time of at most 30d with its unit: s, m, h or d"),
		[SETTINGS_HOURS] = N_("hours with their time zone, with or without days"),
		[SETTINGS_DOMAINS] = N_("a list of domain names"),
		[SETTINGS_RATE] = N_("a list of numbers per s, min, h or d, or per 30s, 5min"),
		[SETTINGS_WINDOW] = N_("a number per s, min, h or d"),
		[SETTINGS_PERCENT] = N_("a percentage, as in 0.3%; 0% is never"),
		[SETTINGS_ACTION] =
			N_("none, hold, count N, suppress, suppress at N within TIME, or suppress "
			   "after TIME"),
		[SETTINGS_COMMAND] = N_("a list: the program and each of its arguments"),
		[SETTINGS_SHARES] =
			N_("a list of relays, each alone, with a number 1 to 1000, or reserve"),
	};

	if (row->type == SETTINGS_CHOICE)
		wants_choice(row, out);
	else if (row->type == SETTINGS_PIPELINE)
		(void)str_addf(out, _("normal, careful, or window and a number from %llu to %llu"),
			(unsigned long long)row->min, (unsigned long long)row->max);
	else if (row->type == SETTINGS_COUNT)
		(void)str_addf(out, _("a whole number from %llu to %llu"),
			(unsigned long long)row->min, (unsigned long long)row->max);
	else
		(void)str_addz(out, _(words[row->type]));
}
